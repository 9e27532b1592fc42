//===- main.cpp - example-opt: a pass of one's own beside Linnet's stages -------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CountScans.h"

#include "compiler/Passes.h"
#include "compiler/Pipelines.h"

#include "mlir/Tools/mlir-opt/MlirOptMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  linnet::registerCompilerDialects(registry);
  linnet::registerLinnetCompilerPasses();
  linnet::registerStages();
  example::registerCountScans();
  return mlir::asMainReturnCode(mlir::MlirOptMain(argc, argv, "Optimizer driver of an example\n", registry));
}
