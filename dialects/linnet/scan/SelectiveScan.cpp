//===- SelectiveScan.cpp - selective_scan: verifier, shapes, interfaces ---------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/linnet/Linnet.h"
#include "dialects/linnet/Shapes.h"

using namespace mlir;
using namespace linnet;

bool SelectiveScanOp::isConstantInTime(Value coefficients) {
  return shapedType(coefficients).getRank() == 2 + getComplex();
}

std::optional<int64_t> SelectiveScanOp::getGroupDim(Value coefficients) {
  if (shapedType(coefficients).getRank() != 4 + getComplex())
    return std::nullopt;
  return getLayout() == Layout::BTD ? 2 : 1;
}

/// A shape of numbers, which pairs have with a 2 more.
static SmallVector<int64_t> asNumbers(SelectiveScanOp op, SmallVector<int64_t> shape) {
  if (op.getComplex())
    shape.push_back(2);
  return shape;
}

static SmallVector<SmallVector<int64_t>> inferShapes(SelectiveScanOp op) {
  SmallVector<int64_t> u = joinShapes(shapedType(op.getU()).getShape(), shapedType(op.getDelta()).getShape());
  ArrayRef<int64_t> a = shapedType(op.getA()).getShape();
  if (ShapedType::isDynamic(u[op.getChannelDim()]))
    u[op.getChannelDim()] = a[0];
  auto [batch, time, channel] = splitShape(u, op.getLayout());
  return {u, asNumbers(op, {batch, channel, a[1]})};
}

/// B or C: [D, N], or [batch, time, (groups,) N] in the order of the layout.
static LogicalResult verifyCoefficients(SelectiveScanOp op, StringRef name, Value value, int64_t batch, int64_t time,
                                        int64_t channel, int64_t states) {
  auto type = shapedType(value);
  if (op.getComplex() && failed(verifyPairs(op, name, value, "selective-scan C11")))
    return failure();
  SmallVector<int64_t> expected;
  switch (type.getRank() - op.getComplex()) {
  case 2:
    expected = {channel, states};
    break;
  case 3:
    expected = {batch, time, states};
    break;
  case 4:
    expected = {batch, time, type.getDimSize(*op.getGroupDim(value)), states};
    break;
  default:
    return op.emitOpError() << "expected " << name << " to have rank 2, 3 or 4"
                            << (op.getComplex() ? ", and one more" : "") << ", got " << type << " [selective-scan C4]";
  }
  if (expected.size() >= 3 && op.getLayout() == Layout::BDT) // time last: [B, N, T], [B, G, N, T]
    std::rotate(expected.begin() + 1, expected.begin() + 2, expected.end());
  if (failed(verifyShape(op, name, value, asNumbers(op, expected), op.getU(), "selective-scan C5")))
    return failure();
  if (std::optional<int64_t> groupDim = op.getGroupDim(value)) {
    int64_t groups = type.getDimSize(*groupDim);
    if (!ShapedType::isDynamic(groups) && !ShapedType::isDynamic(channel) && (groups == 0 || channel % groups != 0))
      return op.emitOpError() << "expected the number of groups of " << name << " to divide the " << channel
                              << " channels, got " << groups << " [selective-scan C6]";
  }
  return success();
}

LogicalResult SelectiveScanOp::verify() {
  auto u = shapedType(getU());
  if (u.getRank() != 3)
    return emitOpError() << "expected u to have rank 3, got " << u << " [selective-scan C1]";
  for (auto [name, value] :
       {std::pair("delta", Value(getDelta())), std::pair("z", Value(getZ())), std::pair("y", Value(getYInit()))})
    if (value && failed(verifyShape(*this, name, value, u.getShape(), getU(), "selective-scan C2")))
      return failure();
  auto a = shapedType(getA());
  auto [batch, time, channel] = splitShape(u.getShape(), getLayout());
  if (a.getRank() != 2 + getComplex())
    return emitOpError() << "expected A to have rank " << 2 + getComplex() << ", got " << a << " [selective-scan C3]";
  int64_t states = a.getDimSize(1);
  if (failed(verifyShape(*this, "A", getA(), asNumbers(*this, {channel, states}), getU(), "selective-scan C3")) ||
      failed(verifyCoefficients(*this, "B", getB(), batch, time, channel, states)) ||
      failed(verifyCoefficients(*this, "C", getC(), batch, time, channel, states)))
    return failure();
  for (auto [name, value] : {std::pair("D", Value(getD())), std::pair("delta_bias", Value(getDeltaBias()))})
    if (value && failed(verifyShape(*this, name, value, {channel}, getU(), "selective-scan C7")))
      return failure();
  if (failed(verifyShape(*this, "state", getStateInit(), asNumbers(*this, {batch, channel, states}), getU(),
                         "selective-scan C8")))
    return failure();
  Type element = u.getElementType();
  if (!element.isF32() && !element.isF64())
    return emitOpError() << "expected u to have elements of type f32 or f64, got " << element << " [selective-scan C9]";
  for (auto [name, value] :
       {std::pair("delta", Value(getDelta())), std::pair("A", Value(getA())), std::pair("B", Value(getB())),
        std::pair("C", Value(getC())), std::pair("D", Value(getD())), std::pair("z", Value(getZ())),
        std::pair("delta_bias", Value(getDeltaBias())), std::pair("y", Value(getYInit())),
        std::pair("state", Value(getStateInit()))})
    if (value && failed(verifyElementType(*this, name, value, element, "selective-scan C10")))
      return failure();
  return success();
}

LogicalResult SelectiveScanOp::reifyResultShapes(OpBuilder &builder, ReifiedRankedShapedTypeDims &shapes) {
  return reifyInits(*this, builder, shapes);
}

LogicalResult SelectiveScanOp::canonicalize(SelectiveScanOp op, PatternRewriter &rewriter) {
  return refineInits(op, inferShapes(op), rewriter);
}

std::optional<int64_t> SelectiveScanOp::getOperandTimeDim(OpOperand &operand) {
  unsigned index = operand.getOperandNumber();
  auto is = [&](OpOperand &other) { return other.getOperandNumber() == index; };
  if (is(getUMutable()) || is(getDeltaMutable()) || is(getYInitMutable()) || (getZ() && is(*getZMutable().begin())))
    return getTimeDim();
  if ((is(getBMutable()) || is(getCMutable())) && !isConstantInTime(operand.get()))
    return getLayout() == Layout::BTD ? 1 : shapedType(operand.get()).getRank() - 1 - getComplex();
  return std::nullopt;
}

std::optional<int64_t> SelectiveScanOp::getResultTimeDim(unsigned index) {
  return index == 0 ? std::optional<int64_t>(getTimeDim()) : std::nullopt;
}

bool SelectiveScanOp::isCausal() { return true; }

int64_t SelectiveScanOp::getFlops(int64_t dynamicSize) {
  int64_t tokens = countElements(shapedType(getU()).getShape(), dynamicSize);
  int64_t states = shapedType(getA()).getDimSize(1);
  states = ShapedType::isDynamic(states) ? dynamicSize : states;
  // A state step: d * A, exp, h * a + x, x = B * du, y += C * h; twice the products and four times the fused ones when
  // complex.
  int64_t perState = getComplex() ? 20 : 7;
  int64_t perToken = 1 + (getDeltaBias() ? 1 : 0) + (getDeltaSoftplus() ? 4 : 0) + (getD() ? 2 : 0) + (getZ() ? 5 : 0);
  return tokens * (states * perState + perToken);
}
