//===- Scalars.cpp - arithmetic on single elements ------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/onnx/Scalars.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

#include <cmath>

using namespace mlir;
using namespace linnet::onnx_frontend;

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

Value Scalars::number(double value) {
  Type ir = irType();
  if (isa<FloatType>(ir))
    return arith::ConstantOp::create(*this, getFloatAttr(ir, value));
  if (ir.isInteger(1))
    return boolean(value != 0);
  return arith::ConstantOp::create(*this, getIntegerAttr(ir, static_cast<int64_t>(value)));
}

Value Scalars::index(int64_t value) { return arith::ConstantIndexOp::create(*this, value); }
Value Scalars::boolean(bool value) { return arith::ConstantOp::create(*this, getBoolAttr(value)); }

Value Scalars::lowest() {
  if (isFloat(type))
    return number(-std::numeric_limits<double>::infinity());
  unsigned width = irType().getIntOrFloatBitWidth();
  APInt value = isUnsigned(type) ? APInt::getMinValue(width) : APInt::getSignedMinValue(width);
  return arith::ConstantOp::create(*this, IntegerAttr::get(irType(), value));
}

Value Scalars::highest() {
  if (isFloat(type))
    return number(std::numeric_limits<double>::infinity());
  unsigned width = irType().getIntOrFloatBitWidth();
  APInt value = isUnsigned(type) ? APInt::getMaxValue(width) : APInt::getSignedMaxValue(width);
  return arith::ConstantOp::create(*this, IntegerAttr::get(irType(), value));
}

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

Value Scalars::add(Value x, Value y) {
  if (isFloat(type))
    return arith::AddFOp::create(*this, x, y);
  return arith::AddIOp::create(*this, x, y);
}

Value Scalars::sub(Value x, Value y) {
  if (isFloat(type))
    return arith::SubFOp::create(*this, x, y);
  return arith::SubIOp::create(*this, x, y);
}

Value Scalars::mul(Value x, Value y) {
  if (isFloat(type))
    return arith::MulFOp::create(*this, x, y);
  return arith::MulIOp::create(*this, x, y);
}

Value Scalars::div(Value x, Value y) {
  if (isFloat(type))
    return arith::DivFOp::create(*this, x, y);
  // Both cases in which the instruction would trap are kept from it.
  Value zero = number(0), one = number(1), isZero = equal(y, zero);
  Value divisor = select(isZero, one, y);
  if (isUnsigned(type))
    return select(isZero, zero, arith::DivUIOp::create(*this, x, divisor));
  Value isMinusOne = equal(divisor, number(-1));
  Value quotient = arith::DivSIOp::create(*this, x, select(isMinusOne, one, divisor));
  return select(isZero, zero, select(isMinusOne, neg(x), quotient));
}

Value Scalars::neg(Value x) {
  if (isFloat(type))
    return arith::NegFOp::create(*this, x);
  return arith::SubIOp::create(*this, number(0), x);
}

Value Scalars::abs(Value x) {
  if (isFloat(type))
    return math::AbsFOp::create(*this, x);
  return isUnsigned(type) ? x : select(less(x, number(0)), neg(x), x);
}

Value Scalars::min(Value x, Value y) {
  if (isFloat(type))
    return arith::MinimumFOp::create(*this, x, y);
  return select(less(x, y), x, y);
}

Value Scalars::max(Value x, Value y) {
  if (isFloat(type))
    return arith::MaximumFOp::create(*this, x, y);
  return select(less(x, y), y, x);
}

Value Scalars::mod(Value x, Value y, bool truncates) {
  Value zero = number(0);
  Value rest;
  if (isFloat(type)) {
    rest = arith::RemFOp::create(*this, x, y);
  } else {
    Value one = number(1);
    Value divisor = select(equal(y, zero), one, y);
    if (isUnsigned(type))
      return arith::RemUIOp::create(*this, x, divisor);
    divisor = select(equal(divisor, number(-1)), one, divisor);
    rest = arith::RemSIOp::create(*this, x, divisor);
  }
  if (truncates)
    return rest;
  Value differs = arith::XOrIOp::create(*this, less(rest, zero), less(y, zero));
  Value isWhole = equal(rest, zero);
  return select(logicalAnd(differs, logicalNot(isWhole)), add(rest, y), rest);
}

//===----------------------------------------------------------------------===//
// Comparisons
//===----------------------------------------------------------------------===//

Value Scalars::less(Value x, Value y) {
  if (isFloat(type))
    return arith::CmpFOp::create(*this, arith::CmpFPredicate::OLT, x, y);
  return arith::CmpIOp::create(*this, isUnsigned(type) ? arith::CmpIPredicate::ult : arith::CmpIPredicate::slt, x, y);
}

Value Scalars::lessEqual(Value x, Value y) {
  if (isFloat(type))
    return arith::CmpFOp::create(*this, arith::CmpFPredicate::OLE, x, y);
  return arith::CmpIOp::create(*this, isUnsigned(type) ? arith::CmpIPredicate::ule : arith::CmpIPredicate::sle, x, y);
}

Value Scalars::equal(Value x, Value y) {
  if (isFloat(type))
    return arith::CmpFOp::create(*this, arith::CmpFPredicate::OEQ, x, y);
  return arith::CmpIOp::create(*this, arith::CmpIPredicate::eq, x, y);
}

Value Scalars::isNan(Value x) { return arith::CmpFOp::create(*this, arith::CmpFPredicate::UNO, x, x); }
Value Scalars::select(Value condition, Value x, Value y) { return arith::SelectOp::create(*this, condition, x, y); }
Value Scalars::logicalAnd(Value x, Value y) { return arith::AndIOp::create(*this, x, y); }
Value Scalars::logicalOr(Value x, Value y) { return arith::OrIOp::create(*this, x, y); }
Value Scalars::logicalNot(Value x) { return arith::XOrIOp::create(*this, x, boolean(true)); }

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

Value Scalars::exp(Value x) { return math::ExpOp::create(*this, x); }
Value Scalars::log(Value x) { return math::LogOp::create(*this, x); }
Value Scalars::log1p(Value x) { return math::Log1pOp::create(*this, x); }
Value Scalars::expm1(Value x) { return math::ExpM1Op::create(*this, x); }
Value Scalars::sqrt(Value x) { return math::SqrtOp::create(*this, x); }
Value Scalars::tanh(Value x) { return math::TanhOp::create(*this, x); }
Value Scalars::erf(Value x) { return math::ErfOp::create(*this, x); }
Value Scalars::sin(Value x) { return math::SinOp::create(*this, x); }
Value Scalars::cos(Value x) { return math::CosOp::create(*this, x); }
Value Scalars::floor(Value x) { return math::FloorOp::create(*this, x); }
Value Scalars::ceil(Value x) { return math::CeilOp::create(*this, x); }
Value Scalars::roundEven(Value x) { return math::RoundEvenOp::create(*this, x); }
Value Scalars::trunc(Value x) { return math::TruncOp::create(*this, x); }

Value Scalars::sigmoid(Value x) {
  Value one = number(1);
  return div(one, add(one, exp(neg(x))));
}

Value Scalars::softplus(Value x) { return add(max(x, number(0)), log1p(exp(neg(abs(x))))); }

Value Scalars::pow(Value x, Value y) {
  // In double precision by the C library: with exp and log in f32 the error would grow with the exponent.
  Value wide = math::PowFOp::create(*this, convert(x, type, kDouble), convert(y, type, kDouble));
  return convert(wide, kDouble, type);
}

//===----------------------------------------------------------------------===//
// Conversions
//===----------------------------------------------------------------------===//

Value Scalars::convert(Value x, int32_t from, int32_t to) {
  if (from == to)
    return x;
  Type target = getIrType(getContext(), to);
  if (to == kBool) {
    Scalars source(getLoc(), *this, from);
    Value zero = source.number(0);
    if (isFloat(from))
      return arith::CmpFOp::create(*this, arith::CmpFPredicate::UNE, x, zero);
    return arith::CmpIOp::create(*this, arith::CmpIPredicate::ne, x, zero);
  }
  unsigned width = target.getIntOrFloatBitWidth();
  if (isFloat(from) && isFloat(to)) {
    unsigned sourceWidth = x.getType().getIntOrFloatBitWidth();
    if (sourceWidth == width) // f16 and bf16
      return convert(convert(x, from, kFloat), kFloat, to);
    if (sourceWidth < width)
      return arith::ExtFOp::create(*this, target, x);
    return arith::TruncFOp::create(*this, target, x);
  }
  if (isFloat(from)) {
    if (isUnsigned(to) && width == 64)
      return arith::FPToUIOp::create(*this, target, x);
    // By way of a wider signed type: a value outside of a narrow one wraps around instead of being anything.
    Value wide = arith::FPToSIOp::create(*this, getI64Type(), x);
    return width == 64 ? wide : arith::TruncIOp::create(*this, target, wide).getResult();
  }
  if (isFloat(to)) {
    if (isUnsigned(from))
      return arith::UIToFPOp::create(*this, target, x);
    return arith::SIToFPOp::create(*this, target, x);
  }
  unsigned sourceWidth = x.getType().getIntOrFloatBitWidth();
  if (sourceWidth == width)
    return x;
  if (sourceWidth > width)
    return arith::TruncIOp::create(*this, target, x);
  if (isUnsigned(from))
    return arith::ExtUIOp::create(*this, target, x);
  return arith::ExtSIOp::create(*this, target, x);
}

Value Scalars::toIndex(Value x, int32_t from) {
  if (isUnsigned(from))
    return arith::IndexCastUIOp::create(*this, getIndexType(), x);
  return arith::IndexCastOp::create(*this, getIndexType(), isFloat(from) ? convert(x, from, kInt64) : x);
}

Value Scalars::fromIndex(Value x, int32_t to) {
  Value wide = arith::IndexCastOp::create(*this, getI64Type(), x);
  return convert(wide, kInt64, to);
}

//===----------------------------------------------------------------------===//
// Indices
//===----------------------------------------------------------------------===//

Value Scalars::addIndex(Value x, Value y) { return createOrFold<arith::AddIOp>(x, y); }
Value Scalars::subIndex(Value x, Value y) { return createOrFold<arith::SubIOp>(x, y); }
Value Scalars::mulIndex(Value x, Value y) { return createOrFold<arith::MulIOp>(x, y); }
Value Scalars::divIndex(Value x, Value y) { return createOrFold<arith::DivSIOp>(x, y); }
Value Scalars::remIndex(Value x, Value y) { return createOrFold<arith::RemSIOp>(x, y); }
Value Scalars::minIndex(Value x, Value y) { return createOrFold<arith::MinSIOp>(x, y); }
Value Scalars::maxIndex(Value x, Value y) { return createOrFold<arith::MaxSIOp>(x, y); }

Value Scalars::compareIndex(Order order, Value x, Value y) {
  arith::CmpIPredicate predicate = order == Order::Less        ? arith::CmpIPredicate::slt
                                   : order == Order::LessEqual ? arith::CmpIPredicate::sle
                                                               : arith::CmpIPredicate::eq;
  return createOrFold<arith::CmpIOp>(predicate, x, y);
}

Value Scalars::wrapIndex(Value x, Value size) {
  Value isNegative = compareIndex(Order::Less, x, index(0));
  return createOrFold<arith::SelectOp>(isNegative, addIndex(x, size), x);
}

//===----------------------------------------------------------------------===//
// Memory and control flow
//===----------------------------------------------------------------------===//

Value Scalars::load(Value tensor, ValueRange indices) { return tensor::ExtractOp::create(*this, tensor, indices); }

SmallVector<Value> Scalars::loop(Value lower, Value upper, ValueRange inits,
                                 llvm::function_ref<SmallVector<Value>(Scalars &, Value, ValueRange)> body) {
  Value one = index(1);
  auto op = scf::ForOp::create(*this, lower, upper, one, inits,
                               [&](OpBuilder &nested, Location loc, Value i, ValueRange carried) {
                                 Scalars inner(loc, nested, type);
                                 scf::YieldOp::create(nested, loc, body(inner, i, carried));
                               });
  return SmallVector<Value>(op.getResults());
}

SmallVector<Value> Scalars::branch(Value condition, TypeRange types,
                                   llvm::function_ref<SmallVector<Value>(Scalars &)> then,
                                   llvm::function_ref<SmallVector<Value>(Scalars &)> otherwise) {
  auto op = scf::IfOp::create(
      *this, condition,
      [&](OpBuilder &nested, Location loc) {
        Scalars inner(loc, nested, type);
        scf::YieldOp::create(nested, loc, then(inner));
      },
      [&](OpBuilder &nested, Location loc) {
        Scalars inner(loc, nested, type);
        scf::YieldOp::create(nested, loc, otherwise(inner));
      });
  return SmallVector<Value>(op.getResults());
}
