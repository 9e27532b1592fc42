//===- TopkMask.cpp - topk_mask and mask_interpolate as sequential loops -----------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/reference/Reference.h"
#include "compiler/reference/ScalarBuilder.h"
#include "dialects/linnet/Linnet.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace linnet;

namespace {

using Values = SmallVector<Value>;

Value integer(ScalarBuilder &b, int64_t value, unsigned bits = 32) {
  return arith::ConstantOp::create(b, b.getIntegerAttr(b.getIntegerType(bits), value));
}
Value add(ScalarBuilder &b, Value x, Value y) { return arith::AddIOp::create(b, x, y); }
Value compare(ScalarBuilder &b, arith::CmpIPredicate predicate, Value x, Value y) {
  return arith::CmpIOp::create(b, predicate, x, y);
}
Value select(ScalarBuilder &b, Value condition, Value x, Value y) {
  return arith::SelectOp::create(b, condition, x, y);
}

/// The least key of the entries that are chosen is found bit by bit: the greatest number that at least as many keys
/// reach as are wanted. Of the entries that have it the first are taken.
struct LowerTopkMask : OpRewritePattern<TopkMaskOp> {
  using OpRewritePattern::OpRewritePattern;

  /// Unsigned numbers in the order of scores: 0 for NaN, above it for numbers, equal for both zeros.
  static Value key(ScalarBuilder &b, TopkMaskOp op, Value row, Value column) {
    Value score = b.load(op.getScores(), {row, column}).re, zero = b.constant(b.getF32Type(), 0.0);
    Value isZero = arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, score, zero);
    Value bits = arith::BitcastOp::create(b, b.getI32Type(), select(b, isZero, zero, score));
    Value isBelow = compare(b, arith::CmpIPredicate::slt, bits, integer(b, 0));
    Value flipped = arith::XOrIOp::create(b, bits, select(b, isBelow, integer(b, -1), integer(b, int32_t(1u << 31))));
    Value isNan = arith::CmpFOp::create(b, arith::CmpFPredicate::UNO, score, score);
    return select(b, isNan, integer(b, 0), flipped);
  }

  LogicalResult matchAndRewrite(TopkMaskOp op, PatternRewriter &rewriter) const override {
    ScalarBuilder b(op.getLoc(), rewriter);
    Values results = b.loops(
        {b.dim(op.getScores(), 0)}, {op.getMaskInit()},
        [&](ScalarBuilder &b, ValueRange row, ValueRange carried) -> Values {
          Value columns = b.dim(op.getScores(), 1), wanted = b.load(op.getCounts(), row).re;
          auto countWhere = [&](ScalarBuilder &b, arith::CmpIPredicate predicate, Value threshold) {
            return b.loops({columns}, {integer(b, 0)}, [&](ScalarBuilder &b, ValueRange j, ValueRange count) -> Values {
              Value reaches = compare(b, predicate, key(b, op, row[0], j[0]), threshold);
              return {add(b, count[0], arith::ExtUIOp::create(b, b.getI32Type(), reaches))};
            })[0];
          };
          Value least =
              b.loops({b.index(32)}, {integer(b, 0)}, [&](ScalarBuilder &b, ValueRange i, ValueRange known) -> Values {
                Value bit = arith::ShRUIOp::create(b, integer(b, int32_t(1u << 31)), b.toI32(i[0]));
                Value tried = arith::OrIOp::create(b, known[0], bit);
                Value count = countWhere(b, arith::CmpIPredicate::uge, tried);
                return {select(b, compare(b, arith::CmpIPredicate::sge, count, wanted), tried, known[0])};
              })[0];
          Value above = countWhere(b, arith::CmpIPredicate::ugt, least);
          Value left = arith::SubIOp::create(b, wanted, above);
          return {
              b.loops({columns}, {carried[0], left}, [&](ScalarBuilder &b, ValueRange j, ValueRange args) -> Values {
                Value own = key(b, op, row[0], j[0]);
                Value isAbove = compare(b, arith::CmpIPredicate::ugt, own, least);
                Value isEqual = compare(b, arith::CmpIPredicate::eq, own, least);
                Value isFirst =
                    arith::AndIOp::create(b, isEqual, compare(b, arith::CmpIPredicate::sgt, args[1], integer(b, 0)));
                Value chosen =
                    arith::ExtUIOp::create(b, b.getI8Type(), arith::OrIOp::create(b, isAbove, isFirst).getResult());
                Value rest = arith::SubIOp::create(b, args[1], arith::ExtUIOp::create(b, b.getI32Type(), isFirst));
                return {b.store({chosen, {}}, args[0], {row[0], j[0]}), rest};
              })[0]};
        });
    rewriter.replaceOp(op, results);
    return success();
  }
};

/// In 64-bit whole numbers: no rounding depends on a format.
struct LowerMaskInterpolate : OpRewritePattern<MaskInterpolateOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(MaskInterpolateOp op, PatternRewriter &rewriter) const override {
    ScalarBuilder b(op.getLoc(), rewriter);
    Value lists = b.dim(op.getMask(), 0), rows = b.dim(op.getMask(), 1), bins = b.dim(op.getMask(), 2);
    Value room = b.dim(op.getColumnsInit(), 0), one = b.index(1), two = b.index(2);
    Values results = b.loops(
        {lists}, {op.getStartsInit(), op.getColumnsInit(), b.index(0)},
        [&](ScalarBuilder &b, ValueRange list, ValueRange carried) -> Values {
          Values inner = b.loops({rows}, carried, [&](ScalarBuilder &b, ValueRange row, ValueRange carried) -> Values {
            Value length = b.toIndex(b.load(op.getLengths(), row).re);
            Value starts = b.store({b.toI32(carried[2]), {}}, carried[0], {list[0], row[0]});
            // round(bin * length / bins), halves up
            auto edge = [&](ScalarBuilder &b, Value bin) -> Value {
              Value twice = arith::MulIOp::create(b, two, arith::MulIOp::create(b, bin, length));
              return arith::DivUIOp::create(b, add(b, twice, bins), arith::MulIOp::create(b, two, bins));
            };
            Values filled = b.loops(
                {bins}, {carried[1], carried[2]}, [&](ScalarBuilder &b, ValueRange bin, ValueRange args) -> Values {
                  Value kept = compare(b, arith::CmpIPredicate::ne, b.load(op.getMask(), {list[0], row[0], bin[0]}).re,
                                       integer(b, 0, 8));
                  return b.when(kept, args, [&](ScalarBuilder &b) -> Values {
                    Value first = edge(b, bin[0]);
                    Value count = arith::SubIOp::create(b, edge(b, add(b, bin[0], one)), first);
                    if (op.getMaxRun())
                      count = arith::MinUIOp::create(b, count, b.index(*op.getMaxRun()));
                    Value columns =
                        b.loops({count}, {args[0]}, [&](ScalarBuilder &b, ValueRange i, ValueRange inner) -> Values {
                          Value place = add(b, args[1], i[0]);
                          return b.when(compare(b, arith::CmpIPredicate::ult, place, room), inner,
                                        [&](ScalarBuilder &b) -> Values {
                                          return {b.store({b.toI32(add(b, first, i[0])), {}}, inner[0], place)};
                                        });
                        })[0];
                    return {columns, add(b, args[1], count)};
                  });
                });
            return {starts, filled[0], filled[1]};
          });
          inner[0] = b.store({b.toI32(inner[2]), {}}, inner[0], {list[0], rows});
          return inner;
        });
    rewriter.replaceOp(op, ValueRange(results).take_front(2));
    return success();
  }
};

} // namespace

void linnet::populateTopkMaskReferencePatterns(RewritePatternSet &patterns) {
  patterns.add<LowerTopkMask, LowerMaskInterpolate>(patterns.getContext());
}
