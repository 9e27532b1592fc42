//===- Statistics.h - work and memory of a model --------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_COMPILER_PACKAGE_STATISTICS_H
#define LINNET_COMPILER_PACKAGE_STATISTICS_H

#include "mlir/IR/BuiltinOps.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/Support/raw_ostream.h"
#include <string>
#include <vector>

namespace linnet {

/// What one op does. The name is that of its location, as profiles have it.
struct OpStatistics {
  std::string name, kind;
  int64_t flops, bytes;
};

/// What a function of a model does for one sequence and one token.
struct FunctionStatistics {
  std::string name;
  int64_t ops = 0, flops = 0;
  int64_t weightBytes = 0, stateBytes = 0;
  int64_t trafficBytes = 0; ///< of what ops read and write
  std::vector<OpStatistics> opCounts;
};

/// Makes the symbols of the functions of a module of stage input numbers, as far as its types can say them.
mlir::LogicalResult setSymbols(mlir::ModuleOp module, const llvm::StringMap<int64_t> &values);

/// Counts the functions of a module of stage input. Every dynamic size counts as `dynamicSize`.
std::vector<FunctionStatistics> countStatistics(mlir::ModuleOp module, int64_t dynamicSize = 1);

/// Prints them as a table, for a batch of 1 and one token.
void printStatistics(mlir::ModuleOp module, llvm::raw_ostream &os);

/// Prints which programs linnet-approximate-math took for the elementary functions of a compiled module, how often, and
/// their verified errors.
void printApproximations(mlir::ModuleOp module, llvm::raw_ostream &os);

} // namespace linnet

#endif // LINNET_COMPILER_PACKAGE_STATISTICS_H
