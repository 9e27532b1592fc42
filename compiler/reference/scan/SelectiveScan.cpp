//===- SelectiveScan.cpp - selective_scan as sequential loops -------------------===//
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

/// (spec-linear 3)
struct LowerSelectiveScan : OpRewritePattern<SelectiveScanOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(SelectiveScanOp op, PatternRewriter &rewriter) const override {
    ScalarBuilder b(op.getLoc(), rewriter);
    bool channelLast = op.getLayout() == Layout::BTD;
    Value batches = b.dim(op.getU(), 0), times = b.dim(op.getU(), op.getTimeDim());
    Value channels = b.dim(op.getU(), op.getChannelDim()), states = b.dim(op.getA(), 1);
    Type element = getElementTypeOrSelf(op.getU().getType());

    // B or C of one state at one time and channel.
    auto coefficient = [&](ScalarBuilder &b, Value tensor, Value batch, Value time, Value channel, Value n) {
      if (op.isConstantInTime(tensor))
        return b.load(tensor, {channel, n}, op.getComplex());
      SmallVector<Value> indices = {batch};
      if (std::optional<int64_t> groupDim = op.getGroupDim(tensor)) {
        Value groupSize = arith::DivUIOp::create(b, channels, b.dim(tensor, *groupDim));
        indices.push_back(arith::DivUIOp::create(b, channel, groupSize));
      }
      indices.push_back(n);
      indices.insert(channelLast ? indices.begin() + 1 : indices.end(), time);
      return b.load(tensor, indices, op.getComplex());
    };

    SmallVector<Value> results =
        b.loops({batches, times, channels}, {op.getYInit(), op.getStateInit()},
                [&](ScalarBuilder &b, ValueRange ivs, ValueRange args) -> SmallVector<Value> {
                  Value batch = ivs[0], time = ivs[1], channel = ivs[2];
                  SmallVector<Value> at =
                      channelLast ? SmallVector<Value>{batch, time, channel} : SmallVector<Value>{batch, channel, time};
                  Value u = b.load(op.getU(), at).re, delta = b.load(op.getDelta(), at).re;
                  if (op.getDeltaBias())
                    delta = b.add(delta, b.load(op.getDeltaBias(), channel).re);
                  if (op.getDeltaSoftplus())
                    delta = b.softplus(delta);
                  Value deltaU = b.mul(delta, u);
                  SmallVector<Value> inner =
                      b.loops({states}, {b.constant(element, 0.0), args[1]},
                              [&](ScalarBuilder &b, ValueRange n, ValueRange carried) -> SmallVector<Value> {
                                SmallVector<Value> stateAt = {batch, channel, n[0]};
                                Number decay =
                                    b.exp(b.scale(delta, b.load(op.getA(), {channel, n[0]}, op.getComplex())));
                                Number input = b.scale(deltaU, coefficient(b, op.getB(), batch, time, channel, n[0]));
                                Number h = b.add(b.mul(decay, b.load(carried[1], stateAt, op.getComplex())), input);
                                Number read = b.mul(coefficient(b, op.getC(), batch, time, channel, n[0]), h);
                                return {b.add(carried[0], read.re), b.store(h, carried[1], stateAt)};
                              });
                  Value y = inner[0];
                  if (op.getComplex())
                    y = b.mul(b.constant(element, 2.0), y);
                  if (op.getD())
                    y = b.add(y, b.mul(b.load(op.getD(), channel).re, u));
                  if (op.getZ())
                    y = b.mul(y, b.silu(b.load(op.getZ(), at).re));
                  return {b.store({y, {}}, args[0], at), inner[1]};
                });
    rewriter.replaceOp(op, results);
    return success();
  }
};

} // namespace

void linnet::populateSelectiveScanReferencePatterns(RewritePatternSet &patterns) {
  patterns.add<LowerSelectiveScan>(patterns.getContext());
}
