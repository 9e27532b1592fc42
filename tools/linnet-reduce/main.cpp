//===- main.cpp - linnet-reduce: shrinks a module that fails --------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Passes.h"
#include "compiler/Pipelines.h"
#include "dialects/check/Check.h"

#include "mlir/InitAllPasses.h"
#include "mlir/Tools/mlir-reduce/MlirReduceMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  linnet::registerCompilerDialects(registry);
  mlir::registerAllPasses();
  linnet::registerLinnetCompilerPasses();
  linnet::check::registerCheckPasses();
  linnet::registerStages();
  mlir::MLIRContext context(registry);
  return mlir::failed(mlir::mlirReduceMain(argc, argv, context));
}
