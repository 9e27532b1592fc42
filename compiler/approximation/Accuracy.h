//===- Accuracy.h - the accuracy that an op asks for ----------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_COMPILER_APPROXIMATION_ACCURACY_H
#define LINNET_COMPILER_APPROXIMATION_ACCURACY_H

#include "compiler/approximation/Library.h"
#include "dialects/linnet/Linnet.h"

namespace linnet {

/// Whether the accuracy of the program counts for `op`: a function of the math dialect, a division, or a linnet op.
bool hasAccuracy(mlir::Operation *op);

/// What the elementary function `op` must meet: its linnet.accuracy, else that of the
/// innermost op around it, else 4 ULP under fastmath<afn>, else 1 ULP.
approximation::Requirement getRequirement(mlir::Operation *op);

/// Names and uses of the entries in a module, left on it by linnet-approximate-math.
inline constexpr llvm::StringLiteral kApproximationsAttrName = "linnet.approximations";

/// Gives every op that is built from now on the accuracy of the op that is being lowered.
class InheritAccuracy : public mlir::RewriterBase::Listener {
public:
  /// The ops of a lowering of `op`.
  void setSource(mlir::Operation *op) { accuracy = op->getAttr(kAccuracyAttrName); }
  void notifyOperationInserted(mlir::Operation *op, mlir::OpBuilder::InsertPoint) override {
    if (accuracy && hasAccuracy(op) && !op->hasAttr(kAccuracyAttrName))
      op->setAttr(kAccuracyAttrName, accuracy);
  }

private:
  mlir::Attribute accuracy;
};

} // namespace linnet

#endif // LINNET_COMPILER_APPROXIMATION_ACCURACY_H
