//===- LMul.cpp - L-Mul as sequential loops ---------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/reference/l_mul/LMul.h"

#include "compiler/LMul.h"
#include "compiler/reference/Reference.h"
#include "dialects/linnet/Linnet.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace linnet;

namespace {

/// Integers of 64 bits, in which nothing of the definition overflows.
struct Wide {
  ScalarBuilder &b;

  Value constant(int64_t value) {
    return arith::ConstantOp::create(b, b.getIntegerAttr(b.getI64Type(), value)).getResult();
  }
  Value add(Value x, Value y) { return arith::AddIOp::create(b, x, y); }
  Value mask(Value x, int64_t bits) { return arith::AndIOp::create(b, x, constant(bits)); }
  Value isLess(Value x, int64_t y) { return arith::CmpIOp::create(b, arith::CmpIPredicate::slt, x, constant(y)); }
  Value select(Value condition, Value x, Value y) { return arith::SelectOp::create(b, condition, x, y); }
};

/// (docs/spec/l-mul.md, linnet.lmul)
struct LowerLMul : OpRewritePattern<LMulOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(LMulOp op, PatternRewriter &rewriter) const override {
    ScalarBuilder b(op.getLoc(), rewriter);
    SmallVector<Value> bounds;
    for (int64_t i = 0, rank = cast<RankedTensorType>(op.getX().getType()).getRank(); i < rank; ++i)
      bounds.push_back(b.dim(op.getX(), i));
    SmallVector<Value> z = b.loops(
        bounds, {op.getZInit()}, [&](ScalarBuilder &b, ValueRange at, ValueRange carried) -> SmallVector<Value> {
          Value product = multiplyByDefinition(b, b.load(op.getX(), at).re, b.load(op.getY(), at).re, op.getMultiply());
          return {b.store({product, {}}, carried[0], at)};
        });
    rewriter.replaceOp(op, z);
    return success();
  }
};

/// (docs/spec/l-mul.md, linnet.lmul_contract)
struct LowerLMulContract : OpRewritePattern<LMulContractOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(LMulContractOp op, PatternRewriter &rewriter) const override {
    ScalarBuilder b(op.getLoc(), rewriter);
    int64_t rank = cast<RankedTensorType>(op.getCInit().getType()).getRank();
    bool isShared = cast<RankedTensorType>(op.getB().getType()).getRank() < rank || rank == 2;
    LMulAttr multiply = LMulAttr::get(op.getContext(), op.getMantissa(), op.getMultiply().getVariant());
    auto widen = [](ScalarBuilder &b, Value x) -> Value {
      return x.getType().isF32() ? x : arith::ExtFOp::create(b, b.getF32Type(), x);
    };
    SmallVector<Value> bounds;
    for (int64_t i = 0; i < rank; ++i)
      bounds.push_back(b.dim(op.getCInit(), i));
    Value depth = b.dim(op.getA(), rank - 1);
    SmallVector<Value> c = b.loops(
        bounds, {op.getCInit()}, [&](ScalarBuilder &b, ValueRange at, ValueRange carried) -> SmallVector<Value> {
          Value before = b.load(carried[0], at).re;
          Value sum = b.loops({depth}, {before}, [&](ScalarBuilder &b, ValueRange k, ValueRange sum) {
            SmallVector<Value> placeA(at), placeB(isShared ? ValueRange() : at.drop_back(2));
            placeA.back() = k[0];
            placeB.push_back(op.getTransposeB() ? at.back() : k[0]);
            placeB.push_back(op.getTransposeB() ? k[0] : at.back());
            Value x = widen(b, b.load(op.getA(), placeA).re), y = widen(b, b.load(op.getB(), placeB).re);
            return SmallVector<Value>{b.add(sum[0], multiplyByDefinition(b, x, y, multiply))};
          })[0];
          return {b.store({sum, {}}, carried[0], at)};
        });
    rewriter.replaceOp(op, c);
    return success();
  }
};

} // namespace

Value linnet::multiplyByDefinition(ScalarBuilder &b, Value x, Value y, LMulAttr multiply) {
  auto type = cast<FloatType>(x.getType());
  LMulFormat format(type, multiply);
  Wide w{b};
  auto pattern = [&](Value value) -> Value {
    Value bits = arith::BitcastOp::create(b, b.getIntegerType(format.width), value);
    return arith::ExtUIOp::create(b, b.getI64Type(), bits);
  };
  Value patternX = pattern(x), patternY = pattern(y);
  Value sign = w.mask(arith::XOrIOp::create(b, patternX, patternY), format.sign);
  struct Factor {
    Value magnitude, exponent, fraction, isZero;
  };
  auto take = [&](Value bits) {
    Factor factor;
    factor.magnitude = w.mask(bits, format.magnitude);
    factor.exponent = arith::ShRUIOp::create(b, factor.magnitude, w.constant(format.bits));
    factor.fraction = w.mask(w.mask(bits, format.kept), format.one - 1);
    factor.isZero = w.isLess(factor.magnitude, format.one);
    return factor;
  };
  Factor first = take(patternX), second = take(patternY);

  // s = fx + fy + 2^-l. From 1 on the exponent grows: the number is 2 s in the form of integers, 1 + s in the formula.
  Value s = w.add(w.add(first.fraction, second.fraction), w.constant(format.offset));
  Value isBelowOne = w.isLess(s, format.one), rest = w.add(s, w.constant(-format.one));
  if (multiply.getVariant() == LMulVariant::Formula) {
    Value half = arith::ShRUIOp::create(b, rest, w.constant(1));
    Value isOdd = w.mask(rest, 1), toEven = w.mask(half, 1);
    rest = w.add(half, arith::AndIOp::create(b, isOdd, toEven));
  }
  Value fraction = w.select(isBelowOne, s, rest);
  Value exponent = w.add(w.add(first.exponent, second.exponent), w.constant(-format.bias));
  exponent = w.select(isBelowOne, exponent, w.add(exponent, w.constant(1)));
  Value magnitude = w.add(arith::ShLIOp::create(b, exponent, w.constant(format.bits)), fraction);
  int64_t most = multiply.getVariant() == LMulVariant::Bits ? format.saturated : format.largest;
  magnitude = arith::MinSIOp::create(b, magnitude, w.constant(most));
  Value zero = w.constant(0), hasZero = arith::OrIOp::create(b, first.isZero, second.isZero);
  magnitude = w.select(w.isLess(magnitude, format.one), zero, magnitude);
  magnitude = w.select(hasZero, zero, magnitude);

  // What is not finite.
  Value greatest = arith::MaxSIOp::create(b, first.magnitude, second.magnitude);
  Value isInfinite = w.isLess(greatest, format.hasInfinity ? format.infinity + 1 : 0);
  Value isInfinity = w.select(hasZero, arith::ConstantOp::create(b, b.getBoolAttr(false)), isInfinite);
  Value other = w.select(isInfinity, w.constant(format.infinity), w.constant(format.notANumber));
  magnitude = w.select(w.isLess(greatest, format.largest + 1), magnitude, other);
  Value result = arith::TruncIOp::create(b, b.getIntegerType(format.width), arith::OrIOp::create(b, sign, magnitude));
  return arith::BitcastOp::create(b, type, result);
}

void linnet::populateLMulReferencePatterns(RewritePatternSet &patterns) {
  patterns.add<LowerLMul, LowerLMulContract>(patterns.getContext());
}
