//===- AffineScan.cpp - affine_scan as sequential loops -------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/reference/Reference.h"
#include "compiler/reference/ScalarBuilder.h"
#include "dialects/linnet/Linnet.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace linnet;

namespace {

/// h_t = a_t h_{t-1} + b_t (spec-linear 1.2)
struct LowerAffineScan : OpRewritePattern<AffineScanOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(AffineScanOp op, PatternRewriter &rewriter) const override {
    ScalarBuilder b(op.getLoc(), rewriter);
    int64_t rank = cast<RankedTensorType>(op.getA().getType()).getRank() - op.getComplex();
    int64_t time = op.getDimension();
    // Time outermost, the other dimensions in order.
    SmallVector<Value> bounds = {b.dim(op.getA(), time)};
    for (int64_t i = 0; i < rank; ++i)
      if (i != time)
        bounds.push_back(b.dim(op.getA(), i));
    SmallVector<Value> results =
        b.loops(bounds, {op.getHInit(), op.getStateInit()},
                [&](ScalarBuilder &b, ValueRange ivs, ValueRange args) -> SmallVector<Value> {
                  Value t = ivs[0];
                  if (op.getReverse())
                    t = arith::SubIOp::create(b, arith::SubIOp::create(b, bounds[0], t), b.index(1));
                  SmallVector<Value> stateIndices(ivs.drop_front());
                  SmallVector<Value> indices = stateIndices;
                  indices.insert(indices.begin() + time, t);
                  bool isComplex = op.getComplex();
                  Number h =
                      b.add(b.mul(b.load(op.getA(), indices, isComplex), b.load(args[1], stateIndices, isComplex)),
                            b.load(op.getB(), indices, isComplex));
                  return {b.store(h, args[0], indices), b.store(h, args[1], stateIndices)};
                });
    rewriter.replaceOp(op, results);
    return success();
  }
};

} // namespace

void linnet::populateAffineScanReferencePatterns(RewritePatternSet &patterns) {
  patterns.add<LowerAffineScan>(patterns.getContext());
}
