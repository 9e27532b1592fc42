//===- Scan.cpp - the Scan family as sequential loops ---------------------------===//
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
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace linnet;

namespace {

//===----------------------------------------------------------------------===//
// affine_scan: h_t = a_t h_{t-1} + b_t (spec-linear 1.2)
//===----------------------------------------------------------------------===//

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
    SmallVector<Value> results = b.loops(
        bounds, {op.getHInit(), op.getStateInit()},
        [&](ScalarBuilder &b, ValueRange ivs, ValueRange args) -> SmallVector<Value> {
          Value t = ivs[0];
          if (op.getReverse())
            t = arith::SubIOp::create(b, arith::SubIOp::create(b, bounds[0], t), b.index(1));
          SmallVector<Value> stateIndices(ivs.drop_front());
          SmallVector<Value> indices = stateIndices;
          indices.insert(indices.begin() + time, t);
          bool isComplex = op.getComplex();
          Number h = b.add(b.mul(b.load(op.getA(), indices, isComplex), b.load(args[1], stateIndices, isComplex)),
                           b.load(op.getB(), indices, isComplex));
          return {b.store(h, args[0], indices), b.store(h, args[1], stateIndices)};
        });
    rewriter.replaceOp(op, results);
    return success();
  }
};

//===----------------------------------------------------------------------===//
// causal_conv1d (spec-linear 5)
//===----------------------------------------------------------------------===//

struct LowerCausalConv1d : OpRewritePattern<CausalConv1dOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(CausalConv1dOp op, PatternRewriter &rewriter) const override {
    ScalarBuilder b(op.getLoc(), rewriter);
    bool channelLast = op.getLayout() == Layout::BTD;
    Value batches = b.dim(op.getX(), 0), times = b.dim(op.getX(), channelLast ? 1 : 2);
    Value channels = b.dim(op.getX(), channelLast ? 2 : 1), width = b.dim(op.getWeight(), 1);
    auto at = [&](Value batch, Value time, Value channel) -> SmallVector<Value> {
      return channelLast ? SmallVector<Value>{batch, time, channel} : SmallVector<Value>{batch, channel, time};
    };
    // The input at time t - (W - 1) + w: before the first token the state holds it.
    Value context = arith::SubIOp::create(b, width, b.index(1));
    auto loadInput = [&](ScalarBuilder &b, Value state, Value batch, Value shifted, Value channel) -> Value {
      Value inState = arith::CmpIOp::create(b, arith::CmpIPredicate::ult, shifted, context);
      auto branch = scf::IfOp::create(
          b, inState,
          [&](OpBuilder &builder, Location loc) {
            ScalarBuilder b(loc, builder);
            scf::YieldOp::create(b, b.load(state, at(batch, shifted, channel)).re);
          },
          [&](OpBuilder &builder, Location loc) {
            ScalarBuilder b(loc, builder);
            Value time = arith::SubIOp::create(b, shifted, context);
            scf::YieldOp::create(b, b.load(op.getX(), at(batch, time, channel)).re);
          });
      return branch.getResult(0);
    };
    Type element = getElementTypeOrSelf(op.getX().getType());
    SmallVector<Value> y = b.loops(
        {batches, times, channels}, {op.getYInit()},
        [&](ScalarBuilder &b, ValueRange ivs, ValueRange args) -> SmallVector<Value> {
          Value start = op.getBias() ? b.load(op.getBias(), ivs[2]).re : b.constant(element, 0.0);
          Value sum = b.loops({width}, {start}, [&](ScalarBuilder &b, ValueRange w, ValueRange sums) {
            Value shifted = arith::AddIOp::create(b, ivs[1], w[0]);
            Value input = loadInput(b, op.getStateInit(), ivs[0], shifted, ivs[2]);
            Value tap = b.load(op.getWeight(), {ivs[2], w[0]}).re;
            return SmallVector<Value>{b.add(sums[0], b.mul(tap, input))};
          })[0];
          if (op.getActivation() == Activation::Silu)
            sum = b.silu(sum);
          return {b.store({sum, {}}, args[0], at(ivs[0], ivs[1], ivs[2]))};
        });
    // The final state: its entry i is the input at T - (W - 1) + i. Ascending i reads entries not yet overwritten.
    SmallVector<Value> state = b.loops(
        {batches, context, channels}, {op.getStateInit()},
        [&](ScalarBuilder &b, ValueRange ivs, ValueRange args) -> SmallVector<Value> {
          Value shifted = arith::AddIOp::create(b, times, ivs[1]);
          Value input = loadInput(b, args[0], ivs[0], shifted, ivs[2]);
          return {b.store({input, {}}, args[0], at(ivs[0], ivs[1], ivs[2]))};
        });
    rewriter.replaceOp(op, {y[0], state[0]});
    return success();
  }
};

//===----------------------------------------------------------------------===//
// selective_scan (spec-linear 3)
//===----------------------------------------------------------------------===//

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

    SmallVector<Value> results = b.loops(
        {batches, times, channels}, {op.getYInit(), op.getStateInit()},
        [&](ScalarBuilder &b, ValueRange ivs, ValueRange args) -> SmallVector<Value> {
          Value batch = ivs[0], time = ivs[1], channel = ivs[2];
          SmallVector<Value> at = channelLast ? SmallVector<Value>{batch, time, channel}
                                              : SmallVector<Value>{batch, channel, time};
          Value u = b.load(op.getU(), at).re, delta = b.load(op.getDelta(), at).re;
          if (op.getDeltaBias())
            delta = b.add(delta, b.load(op.getDeltaBias(), channel).re);
          if (op.getDeltaSoftplus())
            delta = b.softplus(delta);
          Value deltaU = b.mul(delta, u);
          SmallVector<Value> inner = b.loops(
              {states}, {b.constant(element, 0.0), args[1]},
              [&](ScalarBuilder &b, ValueRange n, ValueRange carried) -> SmallVector<Value> {
                SmallVector<Value> stateAt = {batch, channel, n[0]};
                Number decay = b.exp(b.scale(delta, b.load(op.getA(), {channel, n[0]}, op.getComplex())));
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

void linnet::populateScanReferencePatterns(RewritePatternSet &patterns) {
  patterns.add<LowerAffineScan, LowerCausalConv1d, LowerSelectiveScan>(patterns.getContext());
}
