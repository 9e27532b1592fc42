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

/// A shape of numbers, which pairs have with a `pair` of 2 more.
template <typename Size> static SmallVector<Size> asNumbers(SelectiveScanOp op, SmallVector<Size> shape, Size pair) {
  if (op.getComplex())
    shape.push_back(pair);
  return shape;
}

static SmallVector<SmallVector<int64_t>> inferShapes(SelectiveScanOp op) {
  SmallVector<int64_t> u = joinShapes(shapedType(op.getU()).getShape(), shapedType(op.getDelta()).getShape());
  ArrayRef<int64_t> a = shapedType(op.getA()).getShape();
  if (ShapedType::isDynamic(u[op.getChannelDim()]))
    u[op.getChannelDim()] = a[0];
  auto [batch, time, channel] = splitShape(u, op.getLayout());
  return {u, asNumbers<int64_t>(op, {batch, channel, a[1]}, 2)};
}

namespace {
/// What the operands agree on.
struct Sizes {
  CommonSize batch, time, channel, states, pair;
};
} // namespace

/// B or C: [D, N], or [batch, time, (groups,) N] in the order of the layout.
static LogicalResult verifyCoefficients(SelectiveScanOp op, StringRef name, Value value, Sizes &sizes) {
  auto type = shapedType(value);
  if (op.getComplex() && failed(verifyPairs(op, name, value, "selective-scan C11")))
    return failure();
  SmallVector<CommonSize *> expected;
  CommonSize groups{ShapedType::kDynamic, value};
  switch (type.getRank() - op.getComplex()) {
  case 2:
    expected = {&sizes.channel, &sizes.states};
    break;
  case 3:
    expected = {&sizes.batch, &sizes.time, &sizes.states};
    break;
  case 4:
    groups.size = type.getDimSize(*op.getGroupDim(value));
    expected = {&sizes.batch, &sizes.time, &groups, &sizes.states};
    break;
  default:
    return op.emitOpError() << "expected " << name << " to have rank 2, 3 or 4"
                            << (op.getComplex() ? ", and one more" : "") << ", got " << type << " [selective-scan C4]";
  }
  if (expected.size() >= 3 && op.getLayout() == Layout::BDT) // time last: [B, N, T], [B, G, N, T]
    std::rotate(expected.begin() + 1, expected.begin() + 2, expected.end());
  return verifyShape(op, name, value, asNumbers(op, expected, &sizes.pair), "selective-scan C5");
}

/// The groups of B or C divide the channels.
static LogicalResult verifyGroups(SelectiveScanOp op, StringRef name, Value value, int64_t channels) {
  std::optional<int64_t> groupDim = op.getGroupDim(value);
  int64_t groups = groupDim ? shapedType(value).getDimSize(*groupDim) : ShapedType::kDynamic;
  if (ShapedType::isDynamic(groups) || (groups != 0 && (ShapedType::isDynamic(channels) || channels % groups == 0)))
    return success();
  InFlightDiagnostic diagnostic = op.emitOpError() << "expected the number of groups of " << name << " to divide the ";
  if (!ShapedType::isDynamic(channels))
    diagnostic << channels << " ";
  return diagnostic << "channels, got " << groups << " [selective-scan C6]";
}

LogicalResult SelectiveScanOp::verify() {
  auto u = shapedType(getU());
  if (u.getRank() != 3)
    return emitOpError() << "expected u to have rank 3, got " << u << " [selective-scan C1]";
  SmallVector<CommonSize> input = getSizes(getU());
  for (auto [name, value] :
       {std::pair("delta", Value(getDelta())), std::pair("z", Value(getZ())), std::pair("y", Value(getYInit()))})
    if (value && failed(verifyShape(*this, name, value, refer(input), "selective-scan C2")))
      return failure();
  auto a = shapedType(getA());
  if (a.getRank() != 2 + getComplex())
    return emitOpError() << "expected A to have rank " << 2 + getComplex() << ", got " << a << " [selective-scan C3]";
  auto [batch, time, channel] = getPlaces(getLayout());
  Sizes sizes{input[batch], input[time], input[channel], {a.getDimSize(1), getA()}, {2, getU()}};
  auto asShape = [&](SmallVector<CommonSize *> shape) { return asNumbers(*this, shape, &sizes.pair); };
  if (failed(verifyShape(*this, "A", getA(), asShape({&sizes.channel, &sizes.states}), "selective-scan C3")) ||
      failed(verifyCoefficients(*this, "B", getB(), sizes)) || failed(verifyCoefficients(*this, "C", getC(), sizes)))
    return failure();
  for (auto [name, value] : {std::pair("D", Value(getD())), std::pair("delta_bias", Value(getDeltaBias()))})
    if (value && failed(verifyShape(*this, name, value, {&sizes.channel}, "selective-scan C7")))
      return failure();
  if (failed(verifyShape(*this, "state", getStateInit(), asShape({&sizes.batch, &sizes.channel, &sizes.states}),
                         "selective-scan C8")) ||
      failed(verifyGroups(*this, "B", getB(), sizes.channel.size)) ||
      failed(verifyGroups(*this, "C", getC(), sizes.channel.size)))
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
