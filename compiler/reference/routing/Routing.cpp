//===- Routing.cpp - tokens to experts and back as sequential loops -------------===//
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

using Values = SmallVector<Value>;

Value compare(ScalarBuilder &b, arith::CmpIPredicate predicate, Value x, Value y) {
  return arith::CmpIOp::create(b, predicate, x, y);
}

Value constantI32(ScalarBuilder &b, int64_t value) {
  return arith::ConstantOp::create(b, b.getI32IntegerAttr(value)).getResult();
}

/// docs/spec/routing.md, route_topk
struct LowerRouteTopk : OpRewritePattern<RouteTopkOp> {
  using OpRewritePattern::OpRewritePattern;

  /// The first of the greatest scores that no earlier slot took.
  static Value choose(ScalarBuilder &b, RouteTopkOp op, Value indices, Value batch, Value time, Value slot) {
    Type element = getElementTypeOrSelf(op.getScores().getType());
    Value none = constantI32(b, -1);
    return b.loops(b.dim(op.getScores(), 2), {none, b.constant(element, 0.0)},
                   [&](ScalarBuilder &b, ValueRange expert, ValueRange best) -> Values {
                     Value here = b.toI32(expert[0]), score = b.load(op.getScores(), {batch, time, expert[0]}).re;
                     Value no = arith::ConstantOp::create(b, b.getBoolAttr(false));
                     Value taken = b.loops(slot, no, [&](ScalarBuilder &b, ValueRange earlier, ValueRange args) {
                       Value other = b.load(indices, {batch, time, earlier[0]}).re;
                       Value same = compare(b, arith::CmpIPredicate::eq, other, here);
                       return Values{arith::OrIOp::create(b, args[0], same)};
                     })[0];
                     Value first = compare(b, arith::CmpIPredicate::eq, best[0], none);
                     Value greater = arith::CmpFOp::create(b, arith::CmpFPredicate::OGT, score, best[1]);
                     Value yes = arith::ConstantOp::create(b, b.getBoolAttr(true));
                     Value free = arith::XOrIOp::create(b, taken, yes);
                     Value better = arith::AndIOp::create(b, free, arith::OrIOp::create(b, first, greater));
                     return {arith::SelectOp::create(b, better, here, best[0]),
                             arith::SelectOp::create(b, better, score, best[1])};
                   })[0];
  }

  LogicalResult matchAndRewrite(RouteTopkOp op, PatternRewriter &rewriter) const override {
    ScalarBuilder b(op.getLoc(), rewriter);
    Value scores = op.getScores();
    Type element = getElementTypeOrSelf(scores.getType());
    Value experts = b.dim(scores, 2), slots = b.dim(op.getWeightsInit(), 2), zero = b.constant(element, 0.0);
    Values results = b.loops(
        {b.dim(scores, 0), b.dim(scores, 1)}, {op.getWeightsInit(), op.getIndicesInit()},
        [&](ScalarBuilder &b, ValueRange token, ValueRange args) -> Values {
          Value indices = b.loops(slots, args[1], [&](ScalarBuilder &b, ValueRange slot, ValueRange args) -> Values {
            Value chosen = choose(b, op, args[0], token[0], token[1], slot[0]);
            return {b.store({chosen, {}}, args[0], {token[0], token[1], slot[0]})};
          })[0];
          auto load = [&](ScalarBuilder &b, Value expert) { return b.load(scores, {token[0], token[1], expert}).re; };
          Value least = b.constant(element, -std::numeric_limits<double>::infinity());
          Value greatest = b.loops(experts, least, [&](ScalarBuilder &b, ValueRange expert, ValueRange args) {
            return Values{arith::MaximumFOp::create(b, args[0], load(b, expert[0]))};
          })[0];
          auto power = [&](ScalarBuilder &b, Value expert) { return b.exp({b.sub(load(b, expert), greatest), {}}).re; };
          Value all = b.loops(experts, zero, [&](ScalarBuilder &b, ValueRange expert, ValueRange args) {
            return Values{b.add(args[0], power(b, expert[0]))};
          })[0];
          Values weights =
              b.loops(slots, {args[0], zero}, [&](ScalarBuilder &b, ValueRange slot, ValueRange args) -> Values {
                Value chosen = b.toIndex(b.load(indices, {token[0], token[1], slot[0]}).re);
                Value p = arith::DivFOp::create(b, power(b, chosen), all);
                return {b.store({p, {}}, args[0], {token[0], token[1], slot[0]}), b.add(args[1], p)};
              });
          Value shares = b.loops(slots, weights[0], [&](ScalarBuilder &b, ValueRange slot, ValueRange args) -> Values {
            Value p = b.load(args[0], {token[0], token[1], slot[0]}).re;
            Value share = arith::DivFOp::create(b, p, weights[1]);
            return {b.store({share, {}}, args[0], {token[0], token[1], slot[0]})};
          })[0];
          return {shares, indices};
        });
    rewriter.replaceOp(op, results);
    return success();
  }
};

/// docs/spec/routing.md, token_permute. One pass over a batch for every expert: the order is then that of the page, and
/// there are few experts.
struct LowerTokenPermute : OpRewritePattern<TokenPermuteOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(TokenPermuteOp op, PatternRewriter &rewriter) const override {
    ScalarBuilder b(op.getLoc(), rewriter);
    Value indices = op.getIndices();
    Value batches = b.dim(indices, 0), times = b.dim(indices, 1), slots = b.dim(indices, 2);
    Value experts = b.index(op.getExperts());
    Value source = b.fill(op.getSourceInit(), constantI32(b, 0));
    Value place = b.fill(op.getPlaceInit(), constantI32(b, -1));
    Values results =
        b.loops({batches, experts}, {source, place, op.getCuSeqlensInit(), b.index(0)},
                [&](ScalarBuilder &b, ValueRange group, ValueRange args) -> Values {
                  Value number = arith::AddIOp::create(b, arith::MulIOp::create(b, group[0], experts), group[1]);
                  Value offsets = b.store({b.toI32(args[3]), {}}, args[2], number);
                  Value expert = b.toI32(group[1]);
                  Values packed = b.loops(
                      {times, slots}, {args[0], args[1], args[3]},
                      [&](ScalarBuilder &b, ValueRange at, ValueRange args) -> Values {
                        Value index = b.load(indices, {group[0], at[0], at[1]}).re;
                        return b.when(compare(b, arith::CmpIPredicate::eq, index, expert), args, [&](ScalarBuilder &b) {
                          Value token = arith::AddIOp::create(b, arith::MulIOp::create(b, group[0], times), at[0]);
                          return Values{b.store({b.toI32(token), {}}, args[0], args[2]),
                                        b.store({b.toI32(args[2]), {}}, args[1], {group[0], at[0], at[1]}),
                                        arith::AddIOp::create(b, args[2], b.index(1))};
                        });
                      });
                  return {packed[0], packed[1], offsets, packed[2]};
                });
    Value groups = arith::MulIOp::create(b, batches, experts);
    Value offsets = b.store({b.toI32(results[3]), {}}, results[2], groups);
    rewriter.replaceOp(op, {results[0], results[1], offsets});
    return success();
  }
};

/// docs/spec/routing.md, token_unpermute
struct LowerTokenUnpermute : OpRewritePattern<TokenUnpermuteOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(TokenUnpermuteOp op, PatternRewriter &rewriter) const override {
    ScalarBuilder b(op.getLoc(), rewriter);
    Value x = op.getX(), place = op.getPlace();
    Value rows = b.dim(x, 0), slots = b.dim(place, 2);
    Type element = getElementTypeOrSelf(x.getType());
    Values bounds = {b.dim(place, 0), b.dim(place, 1)};
    for (int64_t i = 1, rank = cast<RankedTensorType>(x.getType()).getRank(); i < rank; ++i)
      bounds.push_back(b.dim(x, i));
    Values y = b.loops(bounds, op.getYInit(), [&](ScalarBuilder &b, ValueRange at, ValueRange args) -> Values {
      Values sum =
          b.loops(slots, b.constant(element, 0.0), [&](ScalarBuilder &b, ValueRange slot, ValueRange sums) -> Values {
            Value row = b.toIndex(b.load(place, {at[0], at[1], slot[0]}).re);
            // -1 is above every number of rows when it counts as unsigned.
            return b.when(compare(b, arith::CmpIPredicate::ult, row, rows), sums, [&](ScalarBuilder &b) {
              Values from = {row};
              llvm::append_range(from, at.drop_front(2));
              Value weight = b.load(op.getWeights(), {at[0], at[1], slot[0]}).re;
              return Values{b.add(sums[0], b.mul(weight, b.load(x, from).re))};
            });
          });
      return {b.store({sum[0], {}}, args[0], at)};
    });
    rewriter.replaceOp(op, y);
    return success();
  }
};

} // namespace

void linnet::populateRoutingReferencePatterns(RewritePatternSet &patterns) {
  patterns.add<LowerRouteTopk, LowerTokenPermute, LowerTokenUnpermute>(patterns.getContext());
}
