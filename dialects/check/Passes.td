//===- Passes.td - passes of the check dialect ----------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CHECK_PASSES_TD
#define CHECK_PASSES_TD

include "mlir/Pass/PassBase.td"

def ConvertCheckToCalls : Pass<"convert-check-to-calls", "::mlir::ModuleOp"> {
  let summary = "Lower numeric asserts to calls of the check runtime";
  let description = [{
    `check.expect_close` becomes a call of `linnet_check_expect_close_f32` (or
    `_f64`) on unranked memrefs. To run: `mlir-runner` with the library
    `linnet_check_runtime`.
  }];
  let dependentDialects = ["::mlir::bufferization::BufferizationDialect", "::mlir::func::FuncDialect",
                           "::mlir::memref::MemRefDialect", "::mlir::arith::ArithDialect"];
}

#endif // CHECK_PASSES_TD
