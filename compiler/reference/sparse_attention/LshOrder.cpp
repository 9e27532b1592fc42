//===- LshOrder.cpp - lsh_order as sequential loops --------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/reference/Reference.h"
#include "compiler/reference/ScalarBuilder.h"
#include "dialects/linnet/Linnet.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace linnet;

namespace {

using Values = SmallVector<Value>;

/// Counting: how many vectors each bucket has, where each bucket begins, and each vector to the next free place of its
/// own (docs/spec/sparse-attention.md, "Orders").
struct LowerLshOrder : OpRewritePattern<LshOrderOp> {
  using OpRewritePattern::OpRewritePattern;

  static Value integer(ScalarBuilder &b, int64_t value) {
    return arith::ConstantOp::create(b, b.getI32IntegerAttr(value));
  }

  /// The bucket of the vector at `at`, as i32.
  static Value hash(ScalarBuilder &b, LshOrderOp op, ValueRange at) {
    Type element = getElementTypeOrSelf(op.getX().getType());
    int64_t bits = cast<RankedTensorType>(op.getProjections().getType()).getDimSize(1);
    Values sums =
        b.loops({b.dim(op.getX(), 3)}, Values(bits, b.constant(element, 0.0)),
                [&](ScalarBuilder &b, ValueRange d, ValueRange carried) {
                  Values from(at), next;
                  from.push_back(d[0]);
                  Value x = b.load(op.getX(), from).re;
                  for (int64_t t = 0; t < bits; ++t)
                    next.push_back(b.add(carried[t], b.mul(x, b.load(op.getProjections(), {d[0], b.index(t)}).re)));
                  return next;
                });
    Value id = integer(b, 0);
    for (int64_t t = 0; t < bits; ++t) {
      Value isAbove = arith::CmpFOp::create(b, arith::CmpFPredicate::OGT, sums[t], b.constant(element, 0.0));
      id = arith::OrIOp::create(b, id, arith::SelectOp::create(b, isAbove, integer(b, 1 << t), integer(b, 0)));
    }
    auto fold = [&](int64_t distance) {
      id = arith::XOrIOp::create(b, id, arith::ShRUIOp::create(b, id, integer(b, distance)));
    };
    if (op.getGray() == GrayCode::Encode)
      fold(1);
    else
      for (int64_t distance = 1; distance < bits; distance *= 2)
        fold(distance);
    return id;
  }

  LogicalResult matchAndRewrite(LshOrderOp op, PatternRewriter &rewriter) const override {
    ScalarBuilder b(op.getLoc(), rewriter);
    int64_t buckets = 1 << cast<RankedTensorType>(op.getProjections().getType()).getDimSize(1);
    Value counts = tensor::EmptyOp::create(b, ArrayRef<int64_t>{buckets}, b.getI32Type());
    auto add = [](ScalarBuilder &b, Value x, Value y) -> Value { return arith::AddIOp::create(b, x, y); };
    Values results =
        b.loops({b.dim(op.getX(), 0), b.dim(op.getX(), 1)}, {op.getOrderInit(), op.getPlaceInit(), counts},
                [&](ScalarBuilder &b, ValueRange head, ValueRange carried) -> Values {
                  Value length = b.dim(op.getX(), 2), one = integer(b, 1);
                  auto at = [&](Value n) { return Values{head[0], head[1], n}; };
                  // Buckets stand in `place` until the places are known.
                  Values counted = b.loops({length}, {carried[1], b.fill(carried[2], integer(b, 0))},
                                           [&](ScalarBuilder &b, ValueRange n, ValueRange args) -> Values {
                                             Value bucket = hash(b, op, at(n[0])), where = b.toIndex(bucket);
                                             Value count = b.load(args[1], where).re;
                                             return {b.store({bucket, {}}, args[0], at(n[0])),
                                                     b.store({add(b, count, one), {}}, args[1], where)};
                                           });
                  Values begun = b.loops({b.index(buckets)}, {counted[1], integer(b, 0)},
                                         [&](ScalarBuilder &b, ValueRange bucket, ValueRange args) -> Values {
                                           Value count = b.load(args[0], bucket).re;
                                           return {b.store({args[1], {}}, args[0], bucket), add(b, args[1], count)};
                                         });
                  return b.loops({length}, {carried[0], counted[0], begun[0]},
                                 [&](ScalarBuilder &b, ValueRange n, ValueRange args) -> Values {
                                   Value where = b.toIndex(b.load(args[1], at(n[0])).re),
                                         place = b.load(args[2], where).re;
                                   return {b.store({b.toI32(n[0]), {}}, args[0], at(b.toIndex(place))),
                                           b.store({place, {}}, args[1], at(n[0])),
                                           b.store({add(b, place, one), {}}, args[2], where)};
                                 });
                });
    rewriter.replaceOp(op, ValueRange(results).take_front(2));
    return success();
  }
};

} // namespace

void linnet::populateLshOrderReferencePatterns(RewritePatternSet &patterns) {
  patterns.add<LowerLshOrder>(patterns.getContext());
}
