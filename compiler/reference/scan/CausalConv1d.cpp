//===- CausalConv1d.cpp - causal_conv1d as sequential loops ---------------------===//
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

/// (spec-linear 5)
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
    SmallVector<Value> y =
        b.loops({batches, times, channels}, {op.getYInit()},
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
    SmallVector<Value> state = b.loops({batches, context, channels}, {op.getStateInit()},
                                       [&](ScalarBuilder &b, ValueRange ivs, ValueRange args) -> SmallVector<Value> {
                                         Value shifted = arith::AddIOp::create(b, times, ivs[1]);
                                         Value input = loadInput(b, args[0], ivs[0], shifted, ivs[2]);
                                         return {b.store({input, {}}, args[0], at(ivs[0], ivs[1], ivs[2]))};
                                       });
    rewriter.replaceOp(op, {y[0], state[0]});
    return success();
  }
};

} // namespace

void linnet::populateCausalConv1dReferencePatterns(RewritePatternSet &patterns) {
  patterns.add<LowerCausalConv1d>(patterns.getContext());
}
