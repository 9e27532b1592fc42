//===- TimeAnalysis.h - which dimension of a value is time ----------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_COMPILER_GRAPH_TIMEANALYSIS_H
#define LINNET_COMPILER_GRAPH_TIMEANALYSIS_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"

#include <optional>
#include <string>

namespace linnet {

/// Follows the symbol T from the inputs of a model function to its results, op by op, and says whether the function may
/// run block by block: every op elementwise in time, or causal with a carried state.
class TimeAnalysis {
public:
  static constexpr llvm::StringLiteral kTimeSymbol = "T";

  /// On failure `reason` and `culprit` say what stands in the way.
  mlir::LogicalResult run(mlir::func::FuncOp function);
  std::string reason;
  mlir::Operation *culprit = nullptr;

  std::optional<int64_t> getTimeDim(mlir::Value value) const {
    auto it = timeDims.find(value);
    return it == timeDims.end() ? std::nullopt : std::optional(it->second);
  }
  /// Whether a value changes from block to block: it depends on an input along time or on a state.
  bool varies(mlir::Value value) const { return varying.contains(value); }
  bool varies(mlir::Operation *op) const;

private:
  mlir::LogicalResult visit(mlir::Operation *op);
  mlir::LogicalResult fail(mlir::Operation *op, const llvm::Twine &why);
  bool isTimeSize(mlir::OpFoldResult size) const;
  bool isLastToken(mlir::OpFoldResult offset) const;
  bool capturesVarying(mlir::Operation *op) const;
  void setTimeDim(mlir::Value value, std::optional<int64_t> dim);

  mlir::LogicalResult checkStates(mlir::func::FuncOp function);
  mlir::LogicalResult checkStateOfScan(mlir::func::FuncOp function, mlir::OpOperand &init);
  mlir::LogicalResult checkUsesOfState(mlir::func::FuncOp function, mlir::BlockArgument state);
  /// What the function returns for a state, or null.
  static mlir::Value getReturnedState(mlir::func::FuncOp function, mlir::BlockArgument state);

  llvm::DenseMap<mlir::Value, int64_t> timeDims;
  llvm::DenseSet<mlir::Value> varying;
};

} // namespace linnet

#endif // LINNET_COMPILER_GRAPH_TIMEANALYSIS_H
