//===- AttentionMerge.cpp - attention_merge as sequential loops --------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/reference/Reference.h"
#include "compiler/reference/ScalarBuilder.h"
#include "dialects/linnet/Linnet.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

#include <limits>

using namespace mlir;
using namespace linnet;

namespace {

/// docs/spec/sparse-attention.md, "Merging"
struct LowerAttentionMerge : OpRewritePattern<AttentionMergeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(AttentionMergeOp op, PatternRewriter &rewriter) const override {
    ScalarBuilder b(op.getLoc(), rewriter);
    Type element = getElementTypeOrSelf(op.getO1().getType());
    SmallVector<Value> bounds = {b.dim(op.getOInit(), 0), b.dim(op.getOInit(), 1), b.dim(op.getOInit(), 2)};
    SmallVector<Value> results =
        b.loops(bounds, {op.getOInit(), op.getLseInit()},
                [&](ScalarBuilder &b, ValueRange iv, ValueRange outer) -> SmallVector<Value> {
                  SmallVector<Value> at(iv);
                  if (op.getRows())
                    at[2] = b.toIndex(b.load(op.getRows(), iv).re);
                  Value zero = b.constant(element, 0.0);
                  Value lowest = b.constant(element, -std::numeric_limits<double>::infinity());
                  Value first = b.load(op.getLse1(), at).re, second = b.load(op.getLse2(), at).re;
                  Value greatest = arith::MaximumFOp::create(b, first, second);
                  // -inf - -inf is no number: the weights are then exp(-inf - 0).
                  Value isNothing = arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, greatest, lowest);
                  Value origin = arith::SelectOp::create(b, isNothing, zero, greatest);
                  Value firstWeight = math::ExpOp::create(b, b.sub(first, origin));
                  Value secondWeight = math::ExpOp::create(b, b.sub(second, origin));
                  Value total = b.add(firstWeight, secondWeight);
                  Value divisor = arith::SelectOp::create(b, isNothing, b.constant(element, 1.0), total);
                  Value o = b.loops({b.dim(op.getOInit(), 3)}, {outer[0]},
                                    [&](ScalarBuilder &b, ValueRange column, ValueRange outer) -> SmallVector<Value> {
                                      SmallVector<Value> from(at), to(iv);
                                      from.push_back(column[0]);
                                      to.push_back(column[0]);
                                      Value sum = b.add(b.mul(firstWeight, b.load(op.getO1(), from).re),
                                                        b.mul(secondWeight, b.load(op.getO2(), from).re));
                                      return {b.store({arith::DivFOp::create(b, sum, divisor), {}}, outer[0], to)};
                                    })[0];
                  // The logarithm of 0 is -inf.
                  Value lse = b.add(origin, math::LogOp::create(b, total));
                  return {o, b.store({lse, {}}, outer[1], iv)};
                });
    rewriter.replaceOp(op, results);
    return success();
  }
};

} // namespace

void linnet::populateAttentionMergeReferencePatterns(RewritePatternSet &patterns) {
  patterns.add<LowerAttentionMerge>(patterns.getContext());
}
