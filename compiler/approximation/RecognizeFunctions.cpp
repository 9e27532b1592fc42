//===- RecognizeFunctions.cpp - elementary functions in arithmetic --------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/approximation/RecognizeFunctions.h"

#include "dialects/linnet/Linnet.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/TypeSwitch.h"

#include <cmath>

using namespace mlir;
using namespace linnet::approximation;
using linnet::kAccuracyAttrName;

static std::optional<double> getConstant(Value value) {
  FloatAttr scalar;
  if (matchPattern(value, m_Constant(&scalar)))
    return scalar.getValueAsDouble();
  DenseFPElementsAttr dense;
  if (matchPattern(value, m_Constant(&dense)) && dense.isSplat())
    return dense.getSplatValue<APFloat>().convertToDouble();
  return std::nullopt;
}

/// Constants as people write them, with as many digits as they care for.
static bool isConstant(Value value, double expected) {
  std::optional<double> constant = getConstant(value);
  return constant && std::fabs(*constant - expected) <= 1e-6 * std::fabs(expected);
}

/// The other operand of a commutative op that has a constant near `expected` as one.
template <typename Op> static Value getOther(Value value, double expected) {
  auto op = value.getDefiningOp<Op>();
  if (!op)
    return nullptr;
  if (isConstant(op.getLhs(), expected))
    return op.getRhs();
  return isConstant(op.getRhs(), expected) ? op.getLhs() : Value();
}

/// y of 1 + exp(-y), and the exponential.
static Value getLogistic(Value value, Operation *&source) {
  Value power = getOther<arith::AddFOp>(value, 1.0);
  auto exp = power ? power.getDefiningOp<math::ExpOp>() : math::ExpOp();
  if (!exp)
    return nullptr;
  source = exp;
  if (auto negated = exp.getOperand().getDefiningOp<arith::NegFOp>())
    return negated.getOperand();
  return getOther<arith::MulFOp>(exp.getOperand(), -1.0);
}

/// 1 / x, 1 / (1 + exp(-y)) and x / (1 + exp(-y)).
static std::optional<Application> recognizeDivision(arith::DivFOp op) {
  Operation *source = nullptr;
  Value argument = getLogistic(op.getRhs(), source);
  if (argument && isConstant(op.getLhs(), 1.0))
    return Application{Function::Sigmoid, argument, nullptr, source};
  if (argument && op.getLhs() == argument)
    return Application{Function::Silu, argument, nullptr, source};
  if (argument)
    return Application{Function::Sigmoid, argument, op.getLhs(), source};
  // A division is one rounding. Less than that has to be asked for.
  bool mayApproximate = bitEnumContainsAny(op.getFastmath(), arith::FastMathFlags::arcp | arith::FastMathFlags::afn);
  if (isConstant(op.getLhs(), 1.0) && (mayApproximate || op->hasAttr(kAccuracyAttrName)))
    return Application{Function::Reciprocal, op.getRhs(), nullptr, op};
  return std::nullopt;
}

/// x of x / 2.
static Value getHalved(Value value) { return getOther<arith::MulFOp>(value, 0.5); }

/// y sigmoid(y) and y (1 + erf(y / sqrt(2))) / 2, the half at any factor.
static std::optional<Application> recognizeProduct(arith::MulFOp op) {
  for (auto [first, second] : {std::pair(op.getLhs(), op.getRhs()), std::pair(op.getRhs(), op.getLhs())}) {
    if (auto division = second.getDefiningOp<arith::DivFOp>()) {
      std::optional<Application> sigmoid = recognizeDivision(division);
      if (sigmoid && sigmoid->function == Function::Sigmoid && !sigmoid->factor && sigmoid->argument == first)
        return Application{Function::Silu, first, nullptr, sigmoid->source};
    }
    // (first / 2) * (1 + erf) or first * ((1 + erf) / 2) or the half last
    Value x = getHalved(first), sum = second;
    if (!x) {
      x = first;
      sum = getHalved(second);
    }
    if (!sum && isConstant(first, 0.5))
      if (auto product = second.getDefiningOp<arith::MulFOp>())
        for (auto [a, b] :
             {std::pair(product.getLhs(), product.getRhs()), std::pair(product.getRhs(), product.getLhs())})
          if (getOther<arith::AddFOp>(b, 1.0)) {
            x = a;
            sum = b;
          }
    Value error = sum ? getOther<arith::AddFOp>(sum, 1.0) : Value();
    auto erf = error ? error.getDefiningOp<math::ErfOp>() : math::ErfOp();
    if (!erf)
      continue;
    Value scaled = getOther<arith::MulFOp>(erf.getOperand(), std::sqrt(0.5));
    if (auto division = erf.getOperand().getDefiningOp<arith::DivFOp>();
        division && isConstant(division.getRhs(), std::sqrt(2.0)))
      scaled = division.getLhs();
    if (scaled == x)
      return Application{Function::Gelu, x, nullptr, erf};
  }
  return std::nullopt;
}

/// log1p(x), and log1p(exp(x)).
static Application recognizeLog1p(math::Log1pOp op) {
  if (auto exp = op.getOperand().getDefiningOp<math::ExpOp>())
    return {Function::Softplus, exp.getOperand(), nullptr, op};
  return {Function::Log1p, op.getOperand(), nullptr, op};
}

/// x where x > 20, else log1p(exp(x)).
static std::optional<Application> recognizeSelection(arith::SelectOp op) {
  auto compare = op.getCondition().getDefiningOp<arith::CmpFOp>();
  auto logarithm = op.getFalseValue().getDefiningOp<math::Log1pOp>();
  if (!compare || !logarithm)
    return std::nullopt;
  Application softplus = recognizeLog1p(logarithm);
  std::optional<double> threshold = getConstant(compare.getRhs());
  bool isGreater =
      compare.getPredicate() == arith::CmpFPredicate::OGT || compare.getPredicate() == arith::CmpFPredicate::UGT;
  // From 18 on the two are the same float32.
  if (softplus.function != Function::Softplus || !isGreater || !threshold || *threshold < 18 ||
      compare.getLhs() != softplus.argument || op.getTrueValue() != softplus.argument)
    return std::nullopt;
  return softplus;
}

std::optional<Application> linnet::approximation::recognizeFunction(Operation *op) {
  if (op->getNumResults() != 1 || !getElementTypeOrSelf(op->getResult(0).getType()).isF32())
    return std::nullopt;
  auto plain = [&](Function function) { return std::optional(Application{function, op->getOperand(0), nullptr, op}); };
  return llvm::TypeSwitch<Operation *, std::optional<Application>>(op)
      .Case<arith::DivFOp>(recognizeDivision)
      .Case<arith::MulFOp>(recognizeProduct)
      .Case<arith::SelectOp>(recognizeSelection)
      .Case([](math::Log1pOp op) { return recognizeLog1p(op); })
      .Case([&](math::ExpOp) { return plain(Function::Exp); })
      .Case([&](math::Exp2Op) { return plain(Function::Exp2); })
      .Case([&](math::LogOp) { return plain(Function::Log); })
      .Case([&](math::Log2Op) { return plain(Function::Log2); })
      .Case([&](math::ExpM1Op) { return plain(Function::Expm1); })
      .Case([&](math::TanhOp) { return plain(Function::Tanh); })
      .Case([&](math::ErfOp) { return plain(Function::Erf); })
      .Case([&](math::SinOp) { return plain(Function::Sin); })
      .Case([&](math::CosOp) { return plain(Function::Cos); })
      .Case([&](math::RsqrtOp) { return plain(Function::Rsqrt); })
      .Default([](Operation *) { return std::nullopt; });
}
