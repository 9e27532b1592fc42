//===- Elementwise.cpp - operators on single elements ---------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/onnx/Node.h"
#include "frontends/onnx/Registry.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace linnet::onnx_frontend;

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

using Unary = Value (Scalars::*)(Value);
using Binary = Value (Scalars::*)(Value, Value);

template <Unary function> static void lowerNumber(Node &node) {
  if (node.expectNumbers(0))
    node.out(0, node.map(node.in(0), node.in(0).type, [](Scalars &s, ValueRange v) { return (s.*function)(v[0]); }));
}

template <Unary function> static void lowerFloat(Node &node) {
  if (node.expectFloat(0))
    node.out(0, node.map(node.in(0), node.in(0).type, [](Scalars &s, ValueRange v) { return (s.*function)(v[0]); }));
}

template <Binary function> static void lowerBinary(Node &node) {
  if (node.expectNumbers(0) && node.expectSameType(1))
    node.out(0,
             node.map(node.all(), node.in(0).type, [](Scalars &s, ValueRange v) { return (s.*function)(v[0], v[1]); }));
}

/// Of any number of inputs.
template <Binary function> static void lowerVariadic(Node &node) {
  for (int64_t i = 0; i < node.inputs(); ++i)
    if (!node.expect(node.has(i), "expected every input to be there") || !node.expectNumbers(i) ||
        !node.expectSameType(i))
      return;
  node.out(0, node.map(node.all(), node.in(0).type, [](Scalars &s, ValueRange v) {
    Value result = v[0];
    for (Value next : v.drop_front())
      result = (s.*function)(result, next);
    return result;
  }));
}

static void lowerMean(Node &node) {
  lowerVariadic<&Scalars::add>(node);
  if (node.failed || !node.expectFloat(0))
    return;
  Tensor count = node.number(node.in(0).type, static_cast<double>(node.inputs()));
  node.out(0, node.div(node.results()[0], count));
}

static void lowerMod(Node &node) {
  if (!node.expectNumbers(0) || !node.expectSameType(1))
    return;
  bool truncates = node.integer("fmod", 0) != 0;
  node.out(
      0, node.map(node.all(), node.in(0).type, [&](Scalars &s, ValueRange v) { return s.mod(v[0], v[1], truncates); }));
}

static void lowerPow(Node &node) {
  if (!node.expectNumbers(0) || !node.expectNumbers(1))
    return;
  const Tensor &x = node.in(0), &y = node.in(1);
  int32_t computed = getComputeType(x.type);
  std::optional<double> exponent = node.splat(y);
  node.out(0, node.map({x, y}, x.type, [&](Scalars &s, ValueRange v) -> Value {
    if (isFloat(x.type) && exponent == 2.0)
      return s.mul(v[0], v[0]);
    if (isFloat(x.type) && exponent == 3.0)
      return s.mul(s.mul(v[0], v[0]), v[0]);
    if (isFloat(x.type) && exponent == 0.5)
      return s.sqrt(v[0]);
    Scalars wide(s.getLoc(), s, kDouble);
    Value power = wide.pow(s.convert(v[0], computed, kDouble), s.convert(v[1], getComputeType(y.type), kDouble));
    return s.convert(power, kDouble, computed);
  }));
}

static void lowerReciprocal(Node &node) {
  if (node.expectFloat(0))
    node.out(0,
             node.map(node.in(0), node.in(0).type, [](Scalars &s, ValueRange v) { return s.div(s.number(1), v[0]); }));
}

static void lowerSign(Node &node) {
  if (!node.expectNumbers(0))
    return;
  node.out(0, node.map(node.in(0), node.in(0).type, [](Scalars &s, ValueRange v) {
    Value zero = s.number(0), one = s.number(1);
    Value negative = isUnsigned(s.type) ? zero : s.number(-1);
    return s.select(s.less(v[0], zero), negative, s.select(s.less(zero, v[0]), one, zero));
  }));
}

static void lowerClip(Node &node) {
  if (!node.expectNumbers(0))
    return;
  SmallVector<Tensor> inputs = {node.in(0)};
  for (int64_t i : {1, 2})
    if (node.has(i)) {
      if (!node.expectSameType(i))
        return;
      inputs.push_back(node.in(i));
    }
  bool hasLower = node.has(1), hasUpper = node.has(2);
  node.out(0, node.mapTo(node.in(0).sizes, inputs, node.in(0).type, [&](Scalars &s, ValueRange v) {
    Value x = v[0];
    if (hasLower)
      x = s.max(x, v[1]);
    if (hasUpper)
      x = s.min(x, v.back());
    return x;
  }));
}

//===----------------------------------------------------------------------===//
// Trigonometry
//===----------------------------------------------------------------------===//

/// A float function of one element.
static void lowerFunction(Node &node, llvm::function_ref<Value(Scalars &, Value)> body) {
  if (node.expectFloat(0))
    node.out(0, node.map(node.in(0), node.in(0).type, [&](Scalars &s, ValueRange v) { return body(s, v[0]); }));
}

static Value emitSinh(Scalars &s, Value x) {
  // (e + e / (e + 1)) / 2 with e = exp(x) - 1 keeps small results; large negative x have e + 1 = 0.
  Value magnitude = s.abs(x), e = s.expm1(magnitude);
  Value half = s.mul(s.number(0.5), s.add(e, s.div(e, s.add(e, s.number(1)))));
  Value large = s.mul(s.number(0.5), s.exp(magnitude));
  Value result = s.select(s.less(s.number(20), magnitude), large, half);
  return math::CopySignOp::create(s, result, x);
}

static Value emitCosh(Scalars &s, Value x) { return s.mul(s.number(0.5), s.add(s.exp(x), s.exp(s.neg(x)))); }

static Value emitAsinh(Scalars &s, Value x) {
  Value magnitude = s.abs(x), square = s.mul(x, x), one = s.number(1);
  Value rest = s.div(square, s.add(one, s.sqrt(s.add(square, one))));
  return math::CopySignOp::create(s, s.log1p(s.add(magnitude, rest)), x);
}

static Value emitAcosh(Scalars &s, Value x) {
  // With t = x - 1: log1p(t + sqrt(2 t + t^2)), exact where x is near 1.
  Value t = s.sub(x, s.number(1));
  return s.log1p(s.add(t, s.sqrt(s.add(s.add(t, t), s.mul(t, t)))));
}

static Value emitAtanh(Scalars &s, Value x) {
  Value magnitude = s.abs(x);
  Value ratio = s.div(s.add(magnitude, magnitude), s.sub(s.number(1), magnitude));
  return math::CopySignOp::create(s, s.mul(s.number(0.5), s.log1p(ratio)), x);
}

static void lowerTan(Node &node) {
  lowerFunction(node, [](Scalars &s, Value x) { return s.div(s.sin(x), s.cos(x)); });
}
static void lowerSinh(Node &node) { lowerFunction(node, emitSinh); }
static void lowerCosh(Node &node) { lowerFunction(node, emitCosh); }
static void lowerAsinh(Node &node) { lowerFunction(node, emitAsinh); }
static void lowerAcosh(Node &node) { lowerFunction(node, emitAcosh); }
static void lowerAtanh(Node &node) { lowerFunction(node, emitAtanh); }
static void lowerAtan(Node &node) {
  lowerFunction(node, [](Scalars &s, Value x) -> Value { return math::AtanOp::create(s, x); });
}
static void lowerAsin(Node &node) {
  lowerFunction(node, [](Scalars &s, Value x) -> Value { return math::AsinOp::create(s, x); });
}
static void lowerAcos(Node &node) {
  lowerFunction(node, [](Scalars &s, Value x) -> Value { return math::AcosOp::create(s, x); });
}

//===----------------------------------------------------------------------===//
// Comparisons, logic, bits
//===----------------------------------------------------------------------===//

template <Binary function> static void lowerComparison(Node &node) {
  if (node.expectSameType(1))
    node.out(0, node.map(node.all(), kBool, [](Scalars &s, ValueRange v) { return (s.*function)(v[0], v[1]); }));
}

template <typename Op> static void lowerBits(Node &node) {
  bool isLogical = node.op() == "And" || node.op() == "Or" || node.op() == "Xor";
  bool fits = isLogical ? node.in(0).type == kBool : isInteger(node.in(0).type);
  if (node.expect(fits,
                  "expected inputs of " + Twine(isLogical ? "bool" : "integers") + ", got " + showTensor(node.in(0))) &&
      node.expectSameType(1))
    node.out(0, node.map(node.all(), node.in(0).type,
                         [](Scalars &s, ValueRange v) -> Value { return Op::create(s, v[0], v[1]); }));
}

static void lowerNot(Node &node) {
  if (node.expect(node.in(0).type == kBool, "expected input 0 to be bool, got " + showTensor(node.in(0))))
    node.out(0, node.map(node.in(0), kBool, [](Scalars &s, ValueRange v) { return s.logicalNot(v[0]); }));
}

static void lowerBitwiseNot(Node &node) {
  if (node.expectInteger(0))
    node.out(0, node.map(node.in(0), node.in(0).type, [](Scalars &s, ValueRange v) -> Value {
      Value ones = arith::ConstantOp::create(s, s.getIntegerAttr(s.irType(), -1));
      return arith::XOrIOp::create(s, v[0], ones);
    }));
}

static void lowerBitShift(Node &node) {
  if (!node.expectInteger(0) || !node.expectSameType(1))
    return;
  bool left = node.text("direction", "") == "LEFT";
  node.out(0, node.map(node.all(), node.in(0).type, [&](Scalars &s, ValueRange v) -> Value {
    // By as many bits as there are, or more, nothing but the sign is left.
    unsigned width = s.irType().getIntOrFloatBitWidth();
    Value isLarge = arith::CmpIOp::create(s, arith::CmpIPredicate::uge, v[1], s.number(width));
    Value by = s.select(isLarge, s.number(width - 1), v[1]);
    if (!left && !isUnsigned(s.type))
      return arith::ShRSIOp::create(s, v[0], by);
    Value shifted = left ? arith::ShLIOp::create(s, v[0], by).getResult() : arith::ShRUIOp::create(s, v[0], by);
    return s.select(isLarge, s.number(0), shifted);
  }));
}

static void lowerIsNan(Node &node) {
  if (node.expectFloat(0))
    node.out(0, node.map(node.in(0), kBool, [](Scalars &s, ValueRange v) { return s.isNan(v[0]); }));
}

static void lowerIsInf(Node &node) {
  if (!node.expectFloat(0))
    return;
  bool negative = node.integer("detect_negative", 1) != 0, positive = node.integer("detect_positive", 1) != 0;
  node.out(0, node.map(node.in(0), kBool, [&](Scalars &s, ValueRange v) {
    Value result = s.boolean(false);
    if (positive)
      result = s.logicalOr(result, s.equal(v[0], s.highest()));
    if (negative)
      result = s.logicalOr(result, s.equal(v[0], s.lowest()));
    return result;
  }));
}

static void lowerWhere(Node &node) {
  if (!node.expect(node.in(0).type == kBool, "expected the condition to be bool, got " + showTensor(node.in(0))) ||
      !node.expectSameType(2, 1))
    return;
  node.out(0,
           node.map(node.all(), node.in(1).type, [](Scalars &s, ValueRange v) { return s.select(v[0], v[1], v[2]); }));
}

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

static void lowerCastTo(Node &node, int64_t type) {
  if (node.expect(getIrType(node.ops.getContext(), static_cast<int32_t>(type)) != Type(),
                  "expected a type of floats, integers or bool to cast to, got " +
                      getTypeName(static_cast<int32_t>(type))))
    node.out(0, node.cast(node.in(0), static_cast<int32_t>(type)));
}

static void lowerCast(Node &node) { lowerCastTo(node, node.integer("to", 0)); }
static void lowerCastLike(Node &node) { lowerCastTo(node, node.in(1).type); }

static void lowerBitCast(Node &node) {
  auto to = static_cast<int32_t>(node.integer("to", 0));
  Type target = getIrType(node.ops.getContext(), to), source = getIrType(node.ops.getContext(), node.in(0).type);
  if (!node.expect(target && target.getIntOrFloatBitWidth() == source.getIntOrFloatBitWidth(),
                   "expected a type of as many bits as " + getTypeName(node.in(0).type) + ", got " + getTypeName(to)))
    return;
  Value x = node.value(node.in(0));
  node.out(0, node.generate(to, node.in(0).sizes, [&](Scalars &s, ValueRange indices) {
    Value element = s.load(x, indices);
    return target == source ? element : arith::BitcastOp::create(s, target, element).getResult();
  }));
}

static void lowerIdentity(Node &node) { node.out(0, node.in(0)); }

//===----------------------------------------------------------------------===//
// The list
//===----------------------------------------------------------------------===//

ArrayRef<Operator> linnet::onnx_frontend::getElementwiseOperators() {
  static const Operator operators[] = {
      {"Abs", 1, 1, lowerNumber<&Scalars::abs>},
      {"Acos", 1, 1, lowerAcos},
      {"Acosh", 1, 1, lowerAcosh},
      {"Add", 2, 2, lowerBinary<&Scalars::add>, 7},
      {"And", 2, 2, lowerBits<arith::AndIOp>, 7},
      {"Asin", 1, 1, lowerAsin},
      {"Asinh", 1, 1, lowerAsinh},
      {"Atan", 1, 1, lowerAtan},
      {"Atanh", 1, 1, lowerAtanh},
      {"BitCast", 1, 1, lowerBitCast},
      {"BitShift", 2, 2, lowerBitShift},
      {"BitwiseAnd", 2, 2, lowerBits<arith::AndIOp>},
      {"BitwiseNot", 1, 1, lowerBitwiseNot},
      {"BitwiseOr", 2, 2, lowerBits<arith::OrIOp>},
      {"BitwiseXor", 2, 2, lowerBits<arith::XOrIOp>},
      {"Cast", 1, 1, lowerCast, 6},
      {"CastLike", 2, 2, lowerCastLike},
      {"Ceil", 1, 1, lowerFloat<&Scalars::ceil>},
      {"Clip", 1, 3, lowerClip, 11},
      {"Cos", 1, 1, lowerFloat<&Scalars::cos>},
      {"Cosh", 1, 1, lowerCosh},
      {"Div", 2, 2, lowerBinary<&Scalars::div>, 7},
      {"Equal", 2, 2, lowerComparison<&Scalars::equal>, 7},
      {"Erf", 1, 1, lowerFloat<&Scalars::erf>},
      {"Exp", 1, 1, lowerFloat<&Scalars::exp>},
      {"Floor", 1, 1, lowerFloat<&Scalars::floor>},
      {"Greater", 2, 2, lowerComparison<&Scalars::greater>, 7},
      {"GreaterOrEqual", 2, 2, lowerComparison<&Scalars::greaterEqual>},
      {"Identity", 1, 1, lowerIdentity},
      {"IsInf", 1, 1, lowerIsInf},
      {"IsNaN", 1, 1, lowerIsNan},
      {"Less", 2, 2, lowerComparison<&Scalars::less>, 7},
      {"LessOrEqual", 2, 2, lowerComparison<&Scalars::lessEqual>},
      {"Log", 1, 1, lowerFloat<&Scalars::log>},
      {"Max", 1, kAnyNumber, lowerVariadic<&Scalars::max>, 8},
      {"Mean", 1, kAnyNumber, lowerMean, 8},
      {"Min", 1, kAnyNumber, lowerVariadic<&Scalars::min>, 8},
      {"Mod", 2, 2, lowerMod},
      {"Mul", 2, 2, lowerBinary<&Scalars::mul>, 7},
      {"Neg", 1, 1, lowerNumber<&Scalars::neg>},
      {"Not", 1, 1, lowerNot},
      {"Or", 2, 2, lowerBits<arith::OrIOp>, 7},
      {"Pow", 2, 2, lowerPow, 7},
      {"Reciprocal", 1, 1, lowerReciprocal},
      {"Round", 1, 1, lowerFloat<&Scalars::roundEven>},
      {"Sign", 1, 1, lowerSign},
      {"Sin", 1, 1, lowerFloat<&Scalars::sin>},
      {"Sinh", 1, 1, lowerSinh},
      {"Sqrt", 1, 1, lowerFloat<&Scalars::sqrt>},
      {"Sub", 2, 2, lowerBinary<&Scalars::sub>, 7},
      {"Sum", 1, kAnyNumber, lowerVariadic<&Scalars::add>, 8},
      {"Tan", 1, 1, lowerTan},
      {"Where", 3, 3, lowerWhere},
      {"Xor", 2, 2, lowerBits<arith::XOrIOp>, 7},
  };
  return operators;
}
