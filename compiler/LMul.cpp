//===- LMul.cpp - L-Mul on numbers and vectors ------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/LMul.h"

#include "compiler/Integers.h"

#include "llvm/ADT/APFloat.h"

using namespace mlir;
using namespace linnet;

LMulFormat::LMulFormat(FloatType type, LMulAttr multiply) {
  const llvm::fltSemantics &semantics = type.getFloatSemantics();
  width = type.getWidth();
  bits = type.getFPMantissaWidth() - 1;
  bias = 1 - llvm::APFloat::semanticsMinExponent(semantics);
  sign = int64_t(1) << (width - 1);
  magnitude = sign - 1;
  one = int64_t(1) << bits;
  int64_t m = multiply.getMantissa() ? multiply.getMantissa() : bits;
  kept = magnitude & ~((int64_t(1) << (bits - m)) - 1);
  offset = one >> (m <= 3 ? m : m == 4 ? 3 : 4);
  correction = (bias << bits) - offset;
  largest = llvm::APFloat::getLargest(semantics).bitcastToAPInt().getSExtValue();
  saturated = largest & kept;
  hasInfinity = llvm::APFloat::semanticsHasInf(semantics);
  infinity = largest + 1;
  notANumber = hasInfinity ? infinity | one >> 1 : magnitude;
}

/// The magnitude of the product of two that are normal numbers, and whether it is one.
static std::pair<Value, Value> addPatterns(Integers &i, const LMulFormat &format, Value x, Value y) {
  // Two magnitudes leave the top bit free for their sum. What is below the smallest normal number becomes that, and is
  // then seen to have changed.
  Value sum = i.add(x, y), bounded = i.most(sum, i.constant(format.correction + format.one));
  Value magnitude = i.least(i.add(bounded, -format.correction), i.constant(format.saturated));
  return {magnitude, arith::CmpIOp::create(i.b, arith::CmpIPredicate::eq, bounded, sum)};
}

static std::pair<Value, Value> addFractions(Integers &i, const LMulFormat &format, Value x, Value y) {
  Value sum = i.add(i.add(i.mask(x, format.one - 1), i.mask(y, format.one - 1)), format.one + format.offset);
  // From 2 on the exponent grows and the fraction is halved: to nearest, ties to even.
  Value carry = i.shiftRight(sum, format.bits + 1), half = i.shiftRight(sum, 1);
  Value rounded = arith::ShRUIOp::create(i.b, i.add(sum, Value(arith::AndIOp::create(i.b, half, carry))), carry);
  Value exponent = i.add(i.add(i.add(i.shiftRight(x, format.bits), i.shiftRight(y, format.bits)), carry), -format.bias);
  Value isNormal = i.compare(arith::CmpIPredicate::sge, exponent, 1);
  int64_t top = (format.largest >> format.bits) + 1;
  exponent = arith::MinSIOp::create(i.b, exponent, i.constant(top));
  Value placed = arith::ShLIOp::create(i.b, exponent, i.constant(format.bits));
  Value magnitude = i.least(i.add(placed, i.add(rounded, -format.one)), i.constant(format.largest));
  return {magnitude, isNormal};
}

Value linnet::buildLMul(ImplicitLocOpBuilder &b, Value x, Value y, LMulAttr multiply) {
  Type type = x.getType();
  LMulFormat format(cast<FloatType>(getElementTypeOrSelf(type)), multiply);
  Integers i = Integers::like(b, type);
  Value patternX = i.pattern(x), patternY = i.pattern(y);
  Value sign = i.mask(arith::XOrIOp::create(b, patternX, patternY), format.sign);
  Value wholeX = i.mask(patternX, format.magnitude), wholeY = i.mask(patternY, format.magnitude);
  bool keepsAll = format.kept == format.magnitude;
  Value keptX = keepsAll ? wholeX : i.mask(patternX, format.kept);
  Value keptY = keepsAll ? wholeY : i.mask(patternY, format.kept);
  bool isBits = multiply.getVariant() == LMulVariant::Bits;
  auto [magnitude, isNormal] = isBits ? addPatterns(i, format, keptX, keptY) : addFractions(i, format, keptX, keptY);
  Value hasZero = i.isBelow(i.least(wholeX, wholeY), format.one);
  Value zero = i.constant(0);
  Value finite = i.select(hasZero, zero, i.select(isNormal, magnitude, zero));
  // An infinity or NaN gives what the exact product gives, a subnormal number being 0.
  Value greatest = i.most(wholeX, wholeY), other = i.constant(format.notANumber);
  if (format.hasInfinity) {
    Value isNaN = i.compare(arith::CmpIPredicate::ugt, greatest, format.infinity);
    isNaN = arith::OrIOp::create(b, isNaN, hasZero);
    other = i.select(isNaN, other, i.constant(format.infinity));
  }
  Value isFinite = i.compare(arith::CmpIPredicate::ule, greatest, format.largest);
  Value result = arith::OrIOp::create(b, sign, i.select(isFinite, finite, other));
  return arith::BitcastOp::create(b, type, result);
}
