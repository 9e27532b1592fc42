//===- PropagateAccuracy.cpp - the accuracy of each op --------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Passes.h"
#include "compiler/approximation/Accuracy.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;

namespace linnet {
#define GEN_PASS_DEF_LINNETPROPAGATEACCURACY
#include "compiler/Passes.h.inc"

bool hasAccuracy(Operation *op) {
  return isa<arith::DivFOp>(op) || isa_and_present<math::MathDialect, LinnetDialect>(op->getDialect());
}

/// That of the innermost op around `op`, itself included.
static AccuracyAttr findAccuracy(Operation *op) {
  for (Operation *around = op; around; around = around->getParentOp())
    if (auto accuracy = around->getAttrOfType<AccuracyAttr>(kAccuracyAttrName))
      return accuracy;
  return nullptr;
}

approximation::Requirement getRequirement(Operation *op) {
  approximation::Requirement requirement;
  if (AccuracyAttr accuracy = findAccuracy(op)) {
    auto number = [](FloatAttr attribute) {
      return attribute ? std::optional(attribute.getValueAsDouble()) : std::nullopt;
    };
    requirement.ulps = number(accuracy.getUlps());
    requirement.relative = number(accuracy.getRel());
    requirement.absolute = number(accuracy.getAbs());
    if (accuracy.getLow())
      requirement.range.low = static_cast<float>(accuracy.getLow().getValueAsDouble());
    if (accuracy.getHigh())
      requirement.range.high = static_cast<float>(accuracy.getHigh().getValueAsDouble());
    requirement.mayFlush = accuracy.getFlushSubnormals() || !requirement.ulps;
    return requirement;
  }
  auto fast = dyn_cast<arith::ArithFastMathInterface>(op);
  bool approximates = fast && bitEnumContainsAny(fast.getFastMathFlagsAttr().getValue(), arith::FastMathFlags::afn);
  requirement.ulps = approximates ? 4.0 : 1.0;
  return requirement;
}

namespace {
struct LinnetPropagateAccuracy : impl::LinnetPropagateAccuracyBase<LinnetPropagateAccuracy> {
  void runOnOperation() override {
    getOperation()->walk([](Operation *op) {
      if (!hasAccuracy(op))
        return;
      if (AccuracyAttr accuracy = findAccuracy(op))
        op->setAttr(kAccuracyAttrName, accuracy);
    });
  }
};
} // namespace
} // namespace linnet
