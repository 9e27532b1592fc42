//===- KroneckerAttention.cpp - kronecker_attention as sequential loops -----===//
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

using Values = SmallVector<Value>;

/// (docs/spec/kronecker-attention.md)
struct LowerKroneckerAttention : OpRewritePattern<KroneckerAttentionOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(KroneckerAttentionOp op, PatternRewriter &rewriter) const override {
    ScalarBuilder b(op.getLoc(), rewriter);
    Type element = cast<RankedTensorType>(op.getQ().getType()).getElementType();
    double infinity = std::numeric_limits<double>::infinity();
    Value group = arith::DivUIOp::create(b, b.dim(op.getQ(), 1), b.dim(op.getK1(), 1));
    Values bounds = {b.dim(op.getQ(), 0), b.dim(op.getQ(), 1), b.dim(op.getQ(), 2)};
    auto body = [&](ScalarBuilder &b, ValueRange at, ValueRange carried) -> Values {
      Value head = arith::DivUIOp::create(b, at[1], group);
      Value first = b.dim(op.getK1(), 2), second = b.dim(op.getK2(), 2);
      if (op.getCausal()) {
        Value last = at[2];
        if (op.getPositions())
          last = arith::IndexCastOp::create(b, b.getIndexType(), b.load(op.getPositions(), {at[2]}).re);
        Value end = arith::AddIOp::create(b, last, b.index(1));
        end = arith::MaxSIOp::create(b, end, b.index(0));
        first = arith::MinSIOp::create(b, first, end);
        second = arith::MinSIOp::create(b, second, end);
      }
      auto key = [&](ScalarBuilder &b, Value tensor, Value token, Value column) {
        return b.load(tensor, {at[0], head, token, column}).re;
      };
      auto score = [&](ScalarBuilder &b, ValueRange pair) -> Value {
        Value sum = b.loops({b.dim(op.getQ(), 3)}, {b.constant(element, 0.0)},
                            [&](ScalarBuilder &b, ValueRange d, ValueRange sum) -> Values {
                              Value query = b.load(op.getQ(), {at[0], at[1], at[2], d[0]}).re;
                              Value product = b.mul(query, key(b, op.getK1(), pair[0], d[0]));
                              return {b.add(sum[0], b.mul(product, key(b, op.getK2(), pair[1], d[0])))};
                            })[0];
        return b.mul(b.constant(element, op.getScale().convertToDouble()), sum);
      };
      Value lowest = b.constant(element, -infinity), zero = b.constant(element, 0.0);
      Value most = b.loops({first, second}, {lowest}, [&](ScalarBuilder &b, ValueRange pair, ValueRange most) {
        return Values{arith::MaximumFOp::create(b, most[0], score(b, pair))};
      })[0];
      auto weight = [&](ScalarBuilder &b, ValueRange pair) -> Value {
        return math::ExpOp::create(b, b.sub(score(b, pair), most));
      };
      Value total = b.loops({first, second}, {zero}, [&](ScalarBuilder &b, ValueRange pair, ValueRange sum) {
        return Values{b.add(sum[0], weight(b, pair))};
      })[0];
      Value isEmpty = arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, total, zero);
      Value o = b.loops({b.dim(op.getOInit(), 3)}, {carried[0]}, [&](ScalarBuilder &b, ValueRange e, ValueRange o) {
        Value sum = b.loops({first, second}, {zero}, [&](ScalarBuilder &b, ValueRange pair, ValueRange sum) {
          Value product = b.mul(key(b, op.getV1(), pair[0], e[0]), key(b, op.getV2(), pair[1], e[0]));
          return Values{b.add(sum[0], b.mul(weight(b, pair), product))};
        })[0];
        Value mean = arith::SelectOp::create(b, isEmpty, zero, arith::DivFOp::create(b, sum, total));
        return Values{b.store({mean, {}}, o[0], {at[0], at[1], at[2], e[0]})};
      })[0];
      Value lse = b.add(most, math::LogOp::create(b, total));
      lse = arith::SelectOp::create(b, isEmpty, lowest, lse);
      return {o, b.store({lse, {}}, carried[1], at)};
    };
    rewriter.replaceOp(op, b.loops(bounds, {op.getOInit(), op.getLseInit()}, body));
    return success();
  }
};

} // namespace

void linnet::populateKroneckerAttentionReferencePatterns(RewritePatternSet &patterns) {
  patterns.add<LowerKroneckerAttention>(patterns.getContext());
}
