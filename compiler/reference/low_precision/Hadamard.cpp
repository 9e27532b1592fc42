//===- Hadamard.cpp - hadamard as sequential loops --------------------------===//
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

using Values = SmallVector<Value>;

/// (docs/spec/low-precision.md, linnet.hadamard)
struct LowerHadamard : OpRewritePattern<HadamardOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(HadamardOp op, PatternRewriter &rewriter) const override {
    ScalarBuilder b(op.getLoc(), rewriter);
    int64_t block = op.getBlock(), rank = cast<RankedTensorType>(op.getX().getType()).getRank();
    Value size = b.dim(op.getX(), rank - 1);
    Values bounds;
    for (int64_t i = 0; i + 1 < rank; ++i)
      bounds.push_back(b.dim(op.getX(), i));
    bounds.push_back(arith::CeilDivUIOp::create(b, size, b.index(block)));
    Value room = tensor::EmptyOp::create(b, ArrayRef<int64_t>{block}, b.getF32Type());
    auto body = [&](ScalarBuilder &b, ValueRange at, ValueRange carried) -> Values {
      Value first = arith::MulIOp::create(b, at.back(), b.index(block));
      auto placeOf = [&](ScalarBuilder &b, Value i) {
        Values place(at.drop_back());
        place.push_back(arith::AddIOp::create(b, first, i));
        return place;
      };
      Value left = arith::SubIOp::create(b, size, first);
      Value count = arith::MinUIOp::create(b, left, b.index(block));
      Value zero = b.constant(b.getF32Type(), 0.0);
      Value numbers = b.loops({b.index(block)}, {carried[1]}, [&](ScalarBuilder &b, ValueRange i, ValueRange filled) {
        return Values{b.store({zero, {}}, filled[0], i)};
      })[0];
      numbers = b.loops({count}, {numbers}, [&](ScalarBuilder &b, ValueRange i, ValueRange filled) {
        Value x = b.load(op.getX(), placeOf(b, i[0])).re;
        if (op.getSigns())
          x = b.mul(x, b.load(op.getSigns(), {arith::AddIOp::create(b, first, i[0])}).re);
        return Values{b.store({x, {}}, filled[0], i)};
      })[0];
      // Pairs h apart, for h = 1, 2, 4, ...
      for (int64_t h = 1; h < block; h *= 2)
        numbers = b.loops({b.index(block / (2 * h)), b.index(h)}, {numbers},
                          [&](ScalarBuilder &b, ValueRange i, ValueRange before) {
                            Value group = arith::MulIOp::create(b, i[0], b.index(2 * h));
                            Value low = arith::AddIOp::create(b, group, i[1]);
                            Value high = arith::AddIOp::create(b, low, b.index(h));
                            Value x = b.load(before[0], {low}).re, y = b.load(before[0], {high}).re;
                            Value after = b.store({b.add(x, y), {}}, before[0], {low});
                            return Values{b.store({b.sub(x, y), {}}, after, {high})};
                          })[0];
      Value scale = b.constant(b.getF32Type(), op.getScale().convertToDouble());
      Value y = b.loops({count}, {carried[0]}, [&](ScalarBuilder &b, ValueRange i, ValueRange y) {
        return Values{b.store({b.mul(scale, b.load(numbers, i).re), {}}, y[0], placeOf(b, i[0]))};
      })[0];
      return {y, numbers};
    };
    rewriter.replaceOp(op, b.loops(bounds, {op.getYInit(), room}, body)[0]);
    return success();
  }
};

} // namespace

void linnet::populateHadamardReferencePatterns(RewritePatternSet &patterns) {
  patterns.add<LowerHadamard>(patterns.getContext());
}
