//===- CausalConv1d.cpp - causal_conv1d: verifier, shapes, interfaces -----------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/linnet/Linnet.h"
#include "dialects/linnet/Shapes.h"

using namespace mlir;
using namespace linnet;

static SmallVector<SmallVector<int64_t>> inferShapes(CausalConv1dOp op) {
  ArrayRef<int64_t> x = shapedType(op.getX()).getShape();
  ArrayRef<int64_t> weight = shapedType(op.getWeight()).getShape();
  auto [batch, time, channel] = splitShape(x, op.getLayout());
  int64_t context = ShapedType::isDynamic(weight[1]) ? weight[1] : weight[1] - 1;
  if (ShapedType::isDynamic(channel))
    channel = weight[0];
  if (op.getLayout() == Layout::BTD)
    return {{batch, time, channel}, {batch, context, channel}};
  return {{batch, channel, time}, {batch, channel, context}};
}

LogicalResult CausalConv1dOp::verify() {
  auto x = shapedType(getX());
  if (x.getRank() != 3)
    return emitOpError() << "expected x to have rank 3, got " << x << " [causal-conv1d C1]";
  if (!isa<FloatType>(x.getElementType()))
    return emitOpError() << "expected x to have floating-point elements, got " << x.getElementType()
                         << " [causal-conv1d C2]";
  auto weight = shapedType(getWeight());
  if (weight.getRank() != 2)
    return emitOpError() << "expected weight to have rank 2, got " << weight << " [causal-conv1d C3]";
  SmallVector<CommonSize> sizes = getSizes(getX());
  auto [batch, time, channel] = getPlaces(getLayout());
  CommonSize width{weight.getDimSize(1), getWeight()};
  if (width.size == 0)
    return emitOpError("expected a width of at least 1, got 0 [causal-conv1d C4]");
  if (failed(verifyShape(*this, "weight", getWeight(), {&sizes[channel], &width}, "causal-conv1d C5")))
    return failure();
  for (auto [name, value] : {std::pair("weight", Value(getWeight())), std::pair("bias", Value(getBias())),
                             std::pair("y", Value(getYInit())), std::pair("state", Value(getStateInit()))})
    if (value && failed(verifyElementType(*this, name, value, x.getElementType(), "causal-conv1d C6")))
      return failure();
  if (getBias() && failed(verifyShape(*this, "bias", getBias(), {&sizes[channel]}, "causal-conv1d C7")))
    return failure();
  if (failed(verifyShape(*this, "y", getYInit(), refer(sizes), "causal-conv1d C8")))
    return failure();
  CommonSize context{ShapedType::isDynamic(width.size) ? width.size : width.size - 1, getWeight()};
  SmallVector<CommonSize *> state = refer(sizes);
  state[time] = &context;
  return verifyShape(*this, "state", getStateInit(), state, "causal-conv1d C9");
}

LogicalResult CausalConv1dOp::reifyResultShapes(OpBuilder &builder, ReifiedRankedShapedTypeDims &shapes) {
  return reifyInits(*this, builder, shapes);
}

LogicalResult CausalConv1dOp::canonicalize(CausalConv1dOp op, PatternRewriter &rewriter) {
  return refineInits(op, inferShapes(op), rewriter);
}

std::optional<int64_t> CausalConv1dOp::getOperandTimeDim(OpOperand &operand) {
  unsigned index = operand.getOperandNumber();
  if (index != 0 && index != getYInitMutable().getOperandNumber())
    return std::nullopt;
  return getLayout() == Layout::BTD ? 1 : 2;
}

std::optional<int64_t> CausalConv1dOp::getResultTimeDim(unsigned index) {
  return index == 0 ? std::optional<int64_t>(getLayout() == Layout::BTD ? 1 : 2) : std::nullopt;
}

bool CausalConv1dOp::isCausal() { return true; }

int64_t CausalConv1dOp::getFlops(int64_t dynamicSize) {
  int64_t width = shapedType(getWeight()).getDimSize(1);
  int64_t perElement = 2 * (ShapedType::isDynamic(width) ? dynamicSize : width) + (getBias() ? 1 : 0) +
                       (getActivation() == Activation::Silu ? 4 : 0);
  return perElement * countElements(shapedType(getX()).getShape(), dynamicSize);
}
