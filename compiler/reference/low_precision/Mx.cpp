//===- Mx.cpp - mx_quantize and mx_dequantize as sequential loops -----------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/SmallFloat.h"
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

/// The numbers of a format that are not negative, by their code.
Value tabulate(ScalarBuilder &b, const SmallFloatFormat &format) {
  SmallVector<float> values;
  for (int64_t code = 0; code <= format.last; ++code)
    values.push_back(static_cast<float>(format.valueOf(code)));
  auto type = RankedTensorType::get(values.size(), b.getF32Type());
  return arith::ConstantOp::create(b, DenseElementsAttr::get(type, ArrayRef<float>(values)));
}

/// What the code of one number is made of.
class Rounding {
public:
  Rounding(ScalarBuilder &b, const SmallFloatFormat &format) : format(format), table(tabulate(b, format)) {}

  /// Of a magnitude that is not above the largest number: how many numbers of the format it passes. With `noise` those
  /// that it reaches, and one more where that is less than the part of the step that is left over.
  Value encode(ScalarBuilder &b, Value x, Value noise) {
    Value magnitude = math::AbsFOp::create(b, x);
    magnitude = arith::MinimumFOp::create(b, magnitude, b.constant(b.getF32Type(), format.largest()));
    Value zero = arith::ConstantOp::create(b, b.getI32IntegerAttr(0));
    Value code = b.loops({b.index(format.last)}, {zero}, [&](ScalarBuilder &b, ValueRange at, ValueRange passed) {
      Value low = b.load(table, {at[0]}).re;
      Value high = b.load(table, {arith::AddIOp::create(b, at[0], b.index(1))}).re;
      Value step = noise ? passesByChance(b, magnitude, low, high, noise) : passes(b, magnitude, low, high, at[0]);
      Value one = arith::ExtUIOp::create(b, b.getI32Type(), step);
      return Values{arith::AddIOp::create(b, passed[0], one)};
    })[0];
    Value pattern = arith::BitcastOp::create(b, b.getI32Type(), x);
    Value isNegative = arith::CmpIOp::create(b, arith::CmpIPredicate::slt, pattern, zero);
    Value sign = arith::ConstantOp::create(b, b.getI32IntegerAttr(format.signBit));
    return arith::AddIOp::create(b, code, arith::SelectOp::create(b, isNegative, sign, zero));
  }

  Value decode(ScalarBuilder &b, Value code) {
    Value magnitude =
        arith::AndIOp::create(b, code, arith::ConstantOp::create(b, b.getI32IntegerAttr(format.signBit - 1)));
    Value number = b.load(table, {arith::IndexCastOp::create(b, b.getIndexType(), magnitude)}).re;
    Value sign = arith::ConstantOp::create(b, b.getI32IntegerAttr(format.signBit));
    Value isNegative = arith::CmpIOp::create(b, arith::CmpIPredicate::uge, code, sign);
    return arith::SelectOp::create(b, isNegative, arith::NegFOp::create(b, number), number);
  }

private:
  /// Beyond the middle of two numbers, or on it where the lower code is odd.
  static Value passes(ScalarBuilder &b, Value x, Value low, Value high, Value code) {
    Value middle = b.mul(b.add(low, high), b.constant(b.getF32Type(), 0.5));
    Value isBeyond = arith::CmpFOp::create(b, arith::CmpFPredicate::OGT, x, middle);
    Value isOn = arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, x, middle);
    Value bit = arith::AndIOp::create(b, code, b.index(1));
    Value isOdd = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, bit, b.index(1));
    return arith::OrIOp::create(b, isBeyond, arith::AndIOp::create(b, isOn, isOdd));
  }

  static Value passesByChance(ScalarBuilder &b, Value x, Value low, Value high, Value noise) {
    Value part = arith::DivFOp::create(b, b.sub(x, low), b.sub(high, low));
    Value reaches = arith::CmpFOp::create(b, arith::CmpFPredicate::OGE, x, high);
    return arith::OrIOp::create(b, reaches, arith::CmpFOp::create(b, arith::CmpFPredicate::OLT, noise, part));
  }

  SmallFloatFormat format;
  Value table;
};

Value toI32(ScalarBuilder &b, Value index) { return arith::IndexCastOp::create(b, b.getI32Type(), index); }
Value toI8(ScalarBuilder &b, Value value) { return arith::TruncIOp::create(b, b.getI8Type(), value); }
Value fromI8(ScalarBuilder &b, Value value) { return arith::ExtUIOp::create(b, b.getI32Type(), value); }

/// `at` with another last index.
Values withLast(ValueRange at, Value last) {
  Values place(at.drop_back());
  place.push_back(last);
  return place;
}

/// The byte of a packed code, and whether the code is its upper half.
std::pair<Values, Value> locatePacked(ScalarBuilder &b, ValueRange at, Value element) {
  Value half = arith::RemUIOp::create(b, element, b.index(2));
  Value isUpper = arith::CmpIOp::create(b, arith::CmpIPredicate::ne, half, b.index(0));
  return {withLast(at, arith::DivUIOp::create(b, element, b.index(2))), isUpper};
}

/// (docs/spec/low-precision.md, linnet.mx_quantize)
struct LowerMxQuantize : OpRewritePattern<MxQuantizeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(MxQuantizeOp op, PatternRewriter &rewriter) const override {
    ScalarBuilder b(op.getLoc(), rewriter);
    SmallFloatFormat format(op.getFormat());
    Rounding rounding(b, format);
    int64_t rank = cast<RankedTensorType>(op.getX().getType()).getRank();
    Values bounds;
    for (int64_t i = 0; i < rank; ++i)
      bounds.push_back(b.dim(op.getScalesInit(), i));
    Value tensorScale = op.getTensorScale() ? b.load(op.getTensorScale(), {b.index(0)}).re : Value();
    auto body = [&](ScalarBuilder &b, ValueRange at, ValueRange carried) -> Values {
      Value first = arith::MulIOp::create(b, at.back(), b.index(op.getBlock()));
      Value left = arith::SubIOp::create(b, b.dim(op.getX(), rank - 1), first);
      Value count = arith::MinUIOp::create(b, left, b.index(op.getBlock()));
      Type f32 = b.getF32Type();
      auto load = [&](ScalarBuilder &b, Value i) {
        return b.load(op.getX(), withLast(at, arith::AddIOp::create(b, first, i))).re;
      };
      Value zero = b.constant(f32, 0.0);
      Value most = b.loops({count}, {zero}, [&](ScalarBuilder &b, ValueRange i, ValueRange most) {
        return Values{arith::MaximumFOp::create(b, most[0], math::AbsFOp::create(b, load(b, i[0])))};
      })[0];
      Value greatest = arith::BitcastOp::create(b, b.getI32Type(), most), scale, factor;
      if (tensorScale) {
        std::tie(scale, factor) = buildTensorScale(b, most, tensorScale);
      } else {
        if (op.getRule() == ScaleRule::Quest) {
          Value unit = buildUnitScale(b, greatest), inverse = buildInverseScale(b, unit);
          Values sums = b.loops({count}, {zero, zero}, [&](ScalarBuilder &b, ValueRange i, ValueRange sums) {
            Value x = b.mul(load(b, i[0]), inverse);
            return Values{b.add(sums[0], x), b.add(sums[1], b.mul(x, x))};
          });
          Value number = arith::UIToFPOp::create(b, f32, toI32(b, count));
          scale = buildQuestScale(b, greatest, sums[0], sums[1], number, unit);
        } else {
          scale = buildScale(b, greatest, format, op.getRule());
        }
        // Of a block of zeros the scale is that of the smallest number.
        factor = buildInverseScale(b, scale);
      }
      Value infinity = arith::ConstantOp::create(b, b.getI32IntegerAttr(0x7f800000));
      Value isFinite = arith::CmpIOp::create(b, arith::CmpIPredicate::ult, greatest, infinity);
      Value seed = op.getSeeds() ? b.load(op.getSeeds(), at).re : Value();
      Value codes = b.loops({count}, {carried[0]}, [&](ScalarBuilder &b, ValueRange i, ValueRange codes) {
        Value noise = seed ? buildNoise(b, seed, toI32(b, i[0])) : Value();
        Value code = rounding.encode(b, b.mul(load(b, i[0]), factor), noise);
        code = arith::SelectOp::create(b, isFinite, code, arith::ConstantOp::create(b, b.getI32IntegerAttr(0)));
        Value element = arith::AddIOp::create(b, first, i[0]);
        if (!op.getPacked())
          return Values{b.store({toI8(b, code), {}}, codes[0], withLast(at, element))};
        auto [place, isUpper] = locatePacked(b, at, element);
        Value before = fromI8(b, b.load(codes[0], place).re);
        Value shifted = arith::ShLIOp::create(b, code, arith::ConstantOp::create(b, b.getI32IntegerAttr(4)));
        Value both = arith::OrIOp::create(b, before, shifted);
        return Values{b.store({toI8(b, arith::SelectOp::create(b, isUpper, both, code)), {}}, codes[0], place)};
      })[0];
      return {codes, b.store({toI8(b, scale), {}}, carried[1], at)};
    };
    rewriter.replaceOp(op, b.loops(bounds, {op.getCodesInit(), op.getScalesInit()}, body));
    return success();
  }
};

/// (docs/spec/low-precision.md, linnet.mx_dequantize)
struct LowerMxDequantize : OpRewritePattern<MxDequantizeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(MxDequantizeOp op, PatternRewriter &rewriter) const override {
    ScalarBuilder b(op.getLoc(), rewriter);
    SmallFloatFormat format(op.getFormat());
    Rounding rounding(b, format), scales(b, SmallFloatFormat(SmallFloat::E4M3));
    Values bounds;
    for (int64_t i = 0, rank = cast<RankedTensorType>(op.getXInit().getType()).getRank(); i < rank; ++i)
      bounds.push_back(b.dim(op.getXInit(), i));
    Value tensorScale = op.getTensorScale() ? b.load(op.getTensorScale(), {b.index(0)}).re : Value();
    auto body = [&](ScalarBuilder &b, ValueRange at, ValueRange carried) -> Values {
      Value block = arith::DivUIOp::create(b, at.back(), b.index(op.getBlock()));
      Value scale = fromI8(b, b.load(op.getScales(), withLast(at, block)).re), code;
      if (op.getPacked()) {
        auto [place, isUpper] = locatePacked(b, at, at.back());
        Value both = fromI8(b, b.load(op.getCodes(), place).re);
        Value upper = arith::ShRUIOp::create(b, both, arith::ConstantOp::create(b, b.getI32IntegerAttr(4)));
        Value lower = arith::AndIOp::create(b, both, arith::ConstantOp::create(b, b.getI32IntegerAttr(15)));
        code = arith::SelectOp::create(b, isUpper, upper, lower);
      } else {
        code = fromI8(b, b.load(op.getCodes(), at).re);
      }
      Value x = rounding.decode(b, code);
      if (!tensorScale)
        return {b.store({b.mul(x, buildScaleValue(b, scale)), {}}, carried[0], at)};
      Value notANumber = arith::ConstantOp::create(b, b.getI32IntegerAttr(0x7f));
      Value isNumber = arith::CmpIOp::create(b, arith::CmpIPredicate::ne, scale, notANumber);
      Value last = arith::ConstantOp::create(b, b.getI32IntegerAttr(0x7e));
      Value value = scales.decode(b, arith::SelectOp::create(b, isNumber, scale, last));
      value = arith::SelectOp::create(b, isNumber, value,
                                      b.constant(b.getF32Type(), std::numeric_limits<double>::quiet_NaN()));
      return {b.store({b.mul(b.mul(x, value), tensorScale), {}}, carried[0], at)};
    };
    rewriter.replaceOp(op, b.loops(bounds, {op.getXInit()}, body));
    return success();
  }
};

} // namespace

void linnet::populateMxReferencePatterns(RewritePatternSet &patterns) {
  patterns.add<LowerMxQuantize, LowerMxDequantize>(patterns.getContext());
}
