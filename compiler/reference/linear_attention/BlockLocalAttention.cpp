//===- BlockLocalAttention.cpp - block_local_attention as sequential loops ------===//
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

/// (spec-linear 8.1)
struct LowerBlockLocalAttention : OpRewritePattern<BlockLocalAttentionOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(BlockLocalAttentionOp op, PatternRewriter &rewriter) const override {
    ScalarBuilder b(op.getLoc(), rewriter);
    auto v = cast<RankedTensorType>(op.getV().getType());
    Type element = v.getElementType(), sum = element.isF64() ? element : b.getF32Type();
    bool isSoftmax = op.getWeights() == ScoreWeights::Softmax;
    auto toSum = [&](ScalarBuilder &b, Value x) {
      return element == sum ? x : Value(arith::ExtFOp::create(b, sum, x));
    };
    auto loadRow = [&](ScalarBuilder &b, Value tensor, Value batch, Value time, Value head, Value column) {
      Value group = arith::DivUIOp::create(b, b.dim(op.getV(), 2), b.dim(tensor, 2));
      return toSum(b, b.load(tensor, {batch, time, arith::DivUIOp::create(b, head, group), column}).re);
    };
    SmallVector<Value> bounds = {b.dim(op.getV(), 0), b.dim(op.getV(), 1), b.dim(op.getV(), 2)};
    SmallVector<Value> results =
        b.loops(bounds, {op.getOInit()}, [&](ScalarBuilder &b, ValueRange iv, ValueRange outer) -> SmallVector<Value> {
          Value batch = iv[0], time = iv[1], head = iv[2], size = b.index(op.getBlockSize());
          Value first = arith::SubIOp::create(b, time, arith::RemUIOp::create(b, time, size));
          Value end =
              op.getCausal()
                  ? arith::AddIOp::create(b, time, b.index(1)).getResult()
                  : arith::MinUIOp::create(b, arith::AddIOp::create(b, first, size), b.dim(op.getV(), 1)).getResult();
          Value count = arith::SubIOp::create(b, end, first);
          auto score = [&](ScalarBuilder &b, Value j) {
            Value other = arith::AddIOp::create(b, first, j);
            Value dot = b.loops({b.dim(op.getQ(), 3)}, {b.constant(sum, 0.0)},
                                [&](ScalarBuilder &b, ValueRange key, ValueRange carried) -> SmallVector<Value> {
                                  Value product = b.mul(loadRow(b, op.getQ(), batch, time, head, key[0]),
                                                        loadRow(b, op.getK(), batch, other, head, key[0]));
                                  return {b.add(carried[0], product)};
                                })[0];
            return b.mul(b.constant(sum, op.getScale().convertToDouble()), dot);
          };
          Value greatest, total;
          auto weight = [&](ScalarBuilder &b, Value j) -> Value {
            Value s = score(b, j);
            if (!isSoftmax)
              return arith::MaximumFOp::create(b, s, b.constant(sum, 0.0));
            return math::ExpOp::create(b, b.sub(s, greatest));
          };
          if (isSoftmax) {
            greatest = b.loops({count}, {b.constant(sum, -std::numeric_limits<double>::infinity())},
                               [&](ScalarBuilder &b, ValueRange j, ValueRange carried) -> SmallVector<Value> {
                                 return {arith::MaximumFOp::create(b, carried[0], score(b, j[0]))};
                               })[0];
            total = b.loops({count}, {b.constant(sum, 0.0)},
                            [&](ScalarBuilder &b, ValueRange j, ValueRange carried) -> SmallVector<Value> {
                              return {b.add(carried[0], weight(b, j[0]))};
                            })[0];
          }
          return b.loops({b.dim(op.getV(), 3)}, outer,
                         [&](ScalarBuilder &b, ValueRange column, ValueRange outer) -> SmallVector<Value> {
                           Value y =
                               b.loops({count}, {b.constant(sum, 0.0)},
                                       [&](ScalarBuilder &b, ValueRange j, ValueRange carried) -> SmallVector<Value> {
                                         Value other = arith::AddIOp::create(b, first, j[0]);
                                         Value value = loadRow(b, op.getV(), batch, other, head, column[0]);
                                         return {b.add(carried[0], b.mul(weight(b, j[0]), value))};
                                       })[0];
                           if (isSoftmax)
                             y = arith::DivFOp::create(b, y, total);
                           if (element != sum)
                             y = arith::TruncFOp::create(b, element, y);
                           return {b.store({y, {}}, outer[0], {batch, time, head, column[0]})};
                         });
        });
    rewriter.replaceOp(op, results);
    return success();
  }
};

} // namespace

void linnet::populateBlockLocalAttentionReferencePatterns(RewritePatternSet &patterns) {
  patterns.add<LowerBlockLocalAttention>(patterns.getContext());
}
