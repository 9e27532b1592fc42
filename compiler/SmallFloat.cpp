//===- SmallFloat.cpp - floats of 4 to 8 bits and their scales --------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/SmallFloat.h"

#include "compiler/Combine.h"
#include "compiler/Integers.h"

#include "mlir/Dialect/Math/IR/Math.h"

#include <cmath>

using namespace mlir;
using namespace linnet;

/// Patterns of f32.
static constexpr int64_t kFraction = 23, kBias = 127, kMagnitude = 0x7fffffff, kInfinity = 0x7f800000;

SmallFloatFormat::SmallFloatFormat(SmallFloat format) {
  switch (format) {
  case SmallFloat::E2M1:
    bits = 1, bias = 1, last = 7, signBit = 8;
    break;
  case SmallFloat::E2M3:
    bits = 3, bias = 1, last = 31, signBit = 32;
    break;
  case SmallFloat::E3M2:
    bits = 2, bias = 3, last = 31, signBit = 32;
    break;
  case SmallFloat::E4M3:
    bits = 3, bias = 7, last = 126, signBit = 128;
    break;
  case SmallFloat::E5M2:
    bits = 2, bias = 15, last = 123, signBit = 128;
    break;
  }
}

double SmallFloatFormat::valueOf(int64_t magnitude) const {
  int64_t exponent = magnitude >> bits, fraction = magnitude & ((int64_t(1) << bits) - 1);
  if (exponent > 0)
    fraction += int64_t(1) << bits;
  return std::ldexp(static_cast<double>(fraction), static_cast<int>(std::max<int64_t>(exponent, 1) - bias - bits));
}

static Value constantOf(ImplicitLocOpBuilder &b, Type type, double value) { return buildConstant(b, type, value); }

Value linnet::buildEncode(ImplicitLocOpBuilder &b, Value x, const SmallFloatFormat &format, Value noise) {
  Type type = x.getType(), f32 = b.getF32Type();
  Integers i = Integers::like(b, type);
  int64_t smallest = kBias + 1 - format.bias; // the exponent field of the smallest normal number
  Value pattern = i.pattern(x);
  int64_t largest = static_cast<int64_t>(llvm::bit_cast<uint32_t>(static_cast<float>(format.largest())));
  Value magnitude = i.least(i.mask(pattern, kMagnitude), i.constant(largest));
  Value exponent = i.most(i.shiftRight(magnitude, kFraction), i.constant(smallest));
  Value number = i.asFloat(magnitude, f32), rounded;
  auto power = [&](Value field) { return i.asFloat(i.shiftLeft(field, kFraction), f32); };
  if (!noise) {
    // A number in whose binade the last bit is a step of the format: the addition rounds.
    Value large = power(i.add(exponent, kFraction - format.bits));
    rounded = arith::SubFOp::create(b, arith::AddFOp::create(b, number, large), large);
  } else {
    Value step = power(i.add(exponent, -format.bits));
    Value steps = arith::MulFOp::create(b, number, power(i.subtract(i.constant(2 * kBias + format.bits), exponent)));
    Value whole = math::FloorOp::create(b, steps), left = arith::SubFOp::create(b, steps, whole);
    Value goesUp = arith::CmpFOp::create(b, arith::CmpFPredicate::OLT, noise, left);
    Value next = arith::AddFOp::create(b, whole, constantOf(b, type, 1.0));
    rounded = arith::MulFOp::create(b, arith::SelectOp::create(b, goesUp, next, whole), step);
  }
  // Below the normal numbers the code counts steps: so does the fraction of what the smallest is added to.
  Value isSmall = i.isBelow(i.pattern(rounded), smallest << kFraction);
  Value shifted = arith::AddFOp::create(b, rounded, constantOf(b, type, std::ldexp(1.0, int(1 - format.bias))));
  Value code = i.shiftRight(i.pattern(arith::SelectOp::create(b, isSmall, shifted, rounded)), kFraction - format.bits);
  Value base = i.constant((kBias - format.bias) << format.bits);
  base = i.select(isSmall, i.constant((kBias - format.bias + 1) << format.bits), base);
  int64_t signPlace = llvm::Log2_64(format.signBit);
  Value sign = i.mask(i.shiftRight(pattern, 31 - signPlace), format.signBit);
  return i.unite(i.subtract(code, base), sign);
}

Value linnet::buildDecode(ImplicitLocOpBuilder &b, Value code, const SmallFloatFormat &format) {
  Type f32 = b.getF32Type();
  Integers i{b, code.getType()};
  Value magnitude = i.mask(code, format.signBit - 1);
  int64_t one = int64_t(1) << format.bits;
  // Below the normal numbers: the smallest is added to the pattern and taken off the number.
  Value isSmall = i.isBelow(magnitude, one);
  Value pattern = i.add(magnitude, i.select(isSmall, i.constant(one), i.constant(0)));
  pattern = i.add(i.shiftLeft(pattern, kFraction - format.bits), (kBias - format.bias) << kFraction);
  Value number = i.asFloat(pattern, f32);
  Type type = number.getType();
  Value smallest = constantOf(b, type, std::ldexp(1.0, int(1 - format.bias)));
  number = arith::SubFOp::create(b, number, arith::SelectOp::create(b, isSmall, smallest, constantOf(b, type, 0.0)));
  int64_t signPlace = llvm::Log2_64(format.signBit);
  Value sign = i.shiftLeft(i.mask(code, format.signBit), 31 - signPlace);
  return i.asFloat(i.unite(i.pattern(number), sign), f32);
}

/// `scale` between 0 and 254, or 255 where the greatest magnitude of the block is not finite.
static Value boundScale(Integers &i, Value scale, Value greatest) {
  scale = arith::MaxSIOp::create(i.b, scale, i.constant(0));
  scale = arith::MinSIOp::create(i.b, scale, i.constant(254));
  return i.select(i.isBelow(greatest, kInfinity), scale, i.constant(255));
}

Value linnet::buildScale(ImplicitLocOpBuilder &b, Value greatest, const SmallFloatFormat &format, ScaleRule rule) {
  Integers i{b, greatest.getType()};
  Value scale = i.add(i.shiftRight(greatest, kFraction), -format.largestExponent());
  if (rule == ScaleRule::RCeil) {
    Value fraction = i.mask(greatest, (int64_t(1) << kFraction) - 1);
    Value above = i.compare(arith::CmpIPredicate::ugt, fraction, format.largestFraction());
    scale = i.select(above, i.add(scale, 1), scale);
  }
  return boundScale(i, scale, greatest);
}

Value linnet::buildUnitScale(ImplicitLocOpBuilder &b, Value greatest) {
  Integers i{b, greatest.getType()};
  return i.least(i.shiftRight(greatest, kFraction), i.constant(254));
}

Value linnet::buildQuestScale(ImplicitLocOpBuilder &b, Value greatest, Value sum, Value squares, Value count,
                              Value unit) {
  Integers i{b, greatest.getType()};
  Type type = sum.getType();
  Value mean = arith::DivFOp::create(b, sum, count), square = arith::DivFOp::create(b, squares, count);
  Value variance = arith::SubFOp::create(b, square, arith::MulFOp::create(b, mean, mean));
  variance = arith::MaximumFOp::create(b, variance, constantOf(b, type, 0.0));
  Value deviation = arith::MulFOp::create(b, math::SqrtOp::create(b, variance), buildScaleValue(b, unit));
  Value target = arith::MulFOp::create(b, deviation, constantOf(b, type, 2.92247856 / 6));
  target = arith::AddFOp::create(b, target, constantOf(b, type, 1e-8));
  // The nearest power of two by its logarithm: up from the square root of 2 on.
  Value pattern = i.pattern(target), fraction = i.mask(pattern, (int64_t(1) << kFraction) - 1);
  Value scale = i.shiftRight(pattern, kFraction);
  Value isAbove = i.compare(arith::CmpIPredicate::ugt, fraction, 0x3504f3);
  return boundScale(i, i.select(isAbove, i.add(scale, 1), scale), greatest);
}

Value linnet::buildScaleValue(ImplicitLocOpBuilder &b, Value scale) {
  Integers i{b, scale.getType()};
  Value pattern = i.select(i.isBelow(scale, 1), i.constant(0x00400000), i.shiftLeft(scale, kFraction));
  pattern = i.select(i.isBelow(scale, 255), pattern, i.constant(0x7fc00000));
  return i.asFloat(pattern, b.getF32Type());
}

Value linnet::buildInverseScale(ImplicitLocOpBuilder &b, Value scale) {
  Integers i{b, scale.getType()};
  Value field = i.subtract(i.constant(254), scale);
  Value pattern = i.select(i.isBelow(scale, 254), i.shiftLeft(field, kFraction), i.constant(0x00400000));
  return i.asFloat(pattern, b.getF32Type());
}

std::pair<Value, Value> linnet::buildTensorScale(ImplicitLocOpBuilder &b, Value greatest, Value tensorScale) {
  Type type = greatest.getType();
  SmallFloatFormat e4m3(SmallFloat::E4M3);
  auto divide = [&](Value x, Value y) -> Value { return arith::DivFOp::create(b, x, y); };
  Value scale = divide(divide(greatest, constantOf(b, type, 6.0)), tensorScale);
  scale = arith::MaximumFOp::create(b, scale, constantOf(b, type, std::ldexp(1.0, -6)));
  scale = arith::MinimumFOp::create(b, scale, constantOf(b, type, e4m3.largest()));
  Value code = buildEncode(b, scale, e4m3);
  Value factor = divide(divide(constantOf(b, type, 1.0), tensorScale), buildDecode(b, code, e4m3));
  Integers i = Integers::like(b, type);
  Value isFinite = i.isBelow(i.mask(i.pattern(greatest), kMagnitude), kInfinity);
  return {i.select(isFinite, code, i.constant(0x7f)), factor};
}

Value linnet::buildNoise(ImplicitLocOpBuilder &b, Value seed, Value place) {
  Integers i{b, place.getType()};
  auto multiply = [&](Value x, int64_t y) -> Value { return arith::MulIOp::create(b, x, i.constant(y)); };
  auto mix = [&](Value x, int64_t by) -> Value { return arith::XOrIOp::create(b, x, i.shiftRight(x, by)); };
  Value hash = arith::XOrIOp::create(b, seed, multiply(place, 0x9e3779b9));
  hash = multiply(mix(hash, 16), 0x7feb352d);
  hash = multiply(mix(hash, 15), 0x846ca68b);
  hash = i.shiftRight(mix(hash, 16), 8);
  Type type = i.withElement(b.getF32Type());
  Value number = arith::UIToFPOp::create(b, type, hash);
  return arith::MulFOp::create(b, number, constantOf(b, type, std::ldexp(1.0, -24)));
}
