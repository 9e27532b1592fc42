//===- Combine.cpp - the kinds of a scan ----------------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Combine.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

#include <cmath>
#include <limits>

using namespace mlir;
using namespace linnet;

static Value buildSplat(ImplicitLocOpBuilder &b, Type type, TypedAttr element) {
  if (auto vector = dyn_cast<VectorType>(type))
    return arith::ConstantOp::create(b, DenseElementsAttr::get(vector, Attribute(element)));
  return arith::ConstantOp::create(b, element);
}

Value linnet::buildConstant(ImplicitLocOpBuilder &b, Type type, double value) {
  Type element = getElementTypeOrSelf(type);
  if (element.isInteger())
    return buildSplat(b, type, b.getIntegerAttr(element, static_cast<int64_t>(value)));
  return buildSplat(b, type, b.getFloatAttr(element, value));
}

Value linnet::buildIdentity(ImplicitLocOpBuilder &b, ScanKind kind, Type type) {
  Type element = getElementTypeOrSelf(type);
  bool isFloat = isa<FloatType>(element);
  unsigned width = element.getIntOrFloatBitWidth();
  double infinity = std::numeric_limits<double>::infinity();
  switch (kind) {
  case ScanKind::Mul:
    return buildConstant(b, type, 1.0);
  case ScanKind::Min:
    return isFloat ? buildConstant(b, type, infinity)
                   : buildSplat(b, type, b.getIntegerAttr(element, APInt::getSignedMaxValue(width)));
  case ScanKind::Max:
    return isFloat ? buildConstant(b, type, -infinity)
                   : buildSplat(b, type, b.getIntegerAttr(element, APInt::getSignedMinValue(width)));
  case ScanKind::LogAddExp:
    return buildConstant(b, type, -infinity);
  default:
    return buildConstant(b, type, 0.0);
  }
}

/// max + log1p(exp(-|x - y|)), and x + ln 2 where x = y, which covers equal infinities (spec-linear 1.2).
static Value buildLogAddExp(ImplicitLocOpBuilder &b, Value x, Value y) {
  Value distance = math::AbsFOp::create(b, arith::SubFOp::create(b, x, y));
  Value tail = math::Log1pOp::create(b, math::ExpOp::create(b, arith::NegFOp::create(b, distance)));
  Value sum = arith::AddFOp::create(b, arith::MaximumFOp::create(b, x, y), tail);
  Value equal = arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, x, y);
  Value twice = arith::AddFOp::create(b, x, buildConstant(b, x.getType(), M_LN2));
  return arith::SelectOp::create(b, equal, twice, sum);
}

Value linnet::buildCombine(ImplicitLocOpBuilder &b, ScanKind kind, Value earlier, Value later) {
  bool isFloat = isa<FloatType>(getElementTypeOrSelf(earlier.getType()));
  switch (kind) {
  case ScanKind::Add:
    return isFloat ? arith::AddFOp::create(b, earlier, later).getResult()
                   : arith::AddIOp::create(b, earlier, later).getResult();
  case ScanKind::Mul:
    return isFloat ? arith::MulFOp::create(b, earlier, later).getResult()
                   : arith::MulIOp::create(b, earlier, later).getResult();
  case ScanKind::Min:
    return isFloat ? arith::MinimumFOp::create(b, earlier, later).getResult()
                   : arith::MinSIOp::create(b, earlier, later).getResult();
  case ScanKind::Max:
    return isFloat ? arith::MaximumFOp::create(b, earlier, later).getResult()
                   : arith::MaxSIOp::create(b, earlier, later).getResult();
  default:
    return buildLogAddExp(b, earlier, later);
  }
}
