//===- main.cpp - linnet-opt: runs passes and stages ----------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Passes.h"
#include "compiler/Pipelines.h"
#include "compiler/gpu/Passes.h"
#include "compiler/package/ReportKernels.h"
#include "dialects/check/Check.h"

#include "mlir/InitAllPasses.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  linnet::registerCompilerDialects(registry);
  mlir::registerAllPasses();
  linnet::registerLinnetCompilerPasses();
  linnet::registerLinnetGpuPasses();
  linnet::check::registerCheckPasses();
  linnet::registerStages();
  linnet::registerGpuReport();
  return mlir::asMainReturnCode(mlir::MlirOptMain(argc, argv, "Linnet optimizer driver\n", registry));
}
