//===- Statistics.h - work and memory of a model --------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_COMPILER_PACKAGE_STATISTICS_H
#define LINNET_COMPILER_PACKAGE_STATISTICS_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/raw_ostream.h"

namespace linnet {

/// Prints a table of the functions of a module of stage input: ops, floating-point operations, bytes of weights, of
/// carried state and of the values between ops, all for a batch of 1 and one token.
void printStatistics(mlir::ModuleOp module, llvm::raw_ostream &os);

/// Prints which programs linnet-approximate-math took for the elementary functions of a compiled module, how often, and
/// their verified errors.
void printApproximations(mlir::ModuleOp module, llvm::raw_ostream &os);

} // namespace linnet

#endif // LINNET_COMPILER_PACKAGE_STATISTICS_H
