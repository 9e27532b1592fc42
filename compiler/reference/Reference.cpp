//===- Reference.cpp - linnet ops to sequential loops ---------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/reference/Reference.h"

#include "compiler/Passes.h"
#include "compiler/approximation/Accuracy.h"
#include "compiler/graph/ExpandSsd.h"
#include "dialects/linnet/Linnet.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;

bool linnet::hasReferenceLoweringOnly(Operation *op) {
  return isa<AttentionMergeOp, LshOrderOp, MaskInterpolateOp, RouteTopkOp, TokenPermuteOp, TokenUnpermuteOp,
             TopkMaskOp>(op);
}

namespace linnet {
#define GEN_PASS_DEF_LINNETREFERENCE
#include "compiler/Passes.h.inc"

namespace {
struct LinnetReference : impl::LinnetReferenceBase<LinnetReference> {
  using LinnetReferenceBase::LinnetReferenceBase;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    populateAffineScanReferencePatterns(patterns);
    populateAttentionReferencePatterns(patterns);
    populateAttentionMergeReferencePatterns(patterns);
    populateBlockLocalAttentionReferencePatterns(patterns);
    populateCausalConv1dReferencePatterns(patterns);
    populateHadamardReferencePatterns(patterns);
    populateKroneckerAttentionReferencePatterns(patterns);
    populateLMulReferencePatterns(patterns);
    populateMxReferencePatterns(patterns);
    populateLinearAttentionReferencePatterns(patterns);
    populateLshOrderReferencePatterns(patterns);
    populateRoutingReferencePatterns(patterns);
    populateScanReferencePatterns(patterns);
    populateSelectiveScanReferencePatterns(patterns);
    populateTopkMaskReferencePatterns(patterns);
    InheritAccuracy inherit;
    IRRewriter rewriter(&getContext(), &inherit);
    getOperation()->walk([&](SsdOp op) {
      inherit.setSource(op);
      if (!markedOnly)
        expandSsd(rewriter, op);
    });
    FrozenRewritePatternSet frozen(std::move(patterns));
    // One op at a time, so that `marked-only` leaves the others alone.
    SmallVector<Operation *> ops;
    getOperation()->walk([&](Operation *op) {
      if (hasReferenceLoweringOnly(op) || (isa<TimeOpInterface>(op) && (!markedOnly || op->hasAttr(kPathAttrName))))
        ops.push_back(op);
    });
    auto config = GreedyRewriteConfig().setStrictness(GreedyRewriteStrictness::ExistingOps).setListener(&inherit);
    for (Operation *op : ops) {
      inherit.setSource(op);
      if (failed(applyOpPatternsGreedily(op, frozen, config)))
        return signalPassFailure();
    }
  }
};
} // namespace
} // namespace linnet
