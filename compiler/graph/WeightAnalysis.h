//===- WeightAnalysis.h - which values depend on weights only -------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_COMPILER_GRAPH_WEIGHTANALYSIS_H
#define LINNET_COMPILER_GRAPH_WEIGHTANALYSIS_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/DenseMap.h"

namespace linnet {

/// Classifies the values of one function.
class WeightAnalysis {
public:
  enum class Kind {
    Constant, // the same in every run of every model
    Weight,   // depends on weights, and on nothing else that changes
    Variable
  };

  explicit WeightAnalysis(mlir::func::FuncOp function) : function(function) {}

  Kind classify(mlir::Value value);
  Kind classify(mlir::Operation *op);

private:
  mlir::func::FuncOp function;
  llvm::DenseMap<mlir::Operation *, Kind> known;
};

} // namespace linnet

#endif // LINNET_COMPILER_GRAPH_WEIGHTANALYSIS_H
