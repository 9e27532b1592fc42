//===- AffineScan.cpp - affine_scan: verifier, shapes, interfaces ---------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/linnet/Linnet.h"
#include "dialects/linnet/Shapes.h"

using namespace mlir;
using namespace linnet;

static SmallVector<SmallVector<int64_t>> inferShapes(AffineScanOp op) {
  SmallVector<int64_t> shape = joinShapes(shapedType(op.getA()).getShape(), shapedType(op.getB()).getShape());
  SmallVector<int64_t> state = shape;
  state.erase(state.begin() + op.getDimension());
  return {shape, state};
}

LogicalResult AffineScanOp::verify() {
  auto type = shapedType(getA());
  if (!type.getElementType().isF32() && !type.getElementType().isF64())
    return emitOpError() << "expected a to have elements of type f32 or f64, got " << type.getElementType()
                         << " [affine-scan C1]";
  if (getComplex() && failed(verifyPairs(*this, "a", getA(), "affine-scan C6")))
    return failure();
  int64_t dimension = getDimension(), rank = type.getRank() - getComplex();
  if (dimension < 0 || dimension >= rank)
    return emitOpError() << "expected dimension to be in [0, " << rank << "), got " << dimension << " [affine-scan C2]";
  for (auto [name, value] : {std::pair("b", getB()), std::pair("h", getHInit()), std::pair("state", getStateInit())})
    if (failed(verifyElementType(*this, name, value, type.getElementType(), "affine-scan C3")))
      return failure();
  SmallVector<CommonSize> sizes = getSizes(getA());
  SmallVector<CommonSize *> shape = refer(sizes);
  if (failed(verifyShape(*this, "b", getB(), shape, "affine-scan C4")) ||
      failed(verifyShape(*this, "h", getHInit(), shape, "affine-scan C4")))
    return failure();
  shape.erase(shape.begin() + dimension);
  return verifyShape(*this, "state", getStateInit(), shape, "affine-scan C5");
}

LogicalResult AffineScanOp::reifyResultShapes(OpBuilder &builder, ReifiedRankedShapedTypeDims &shapes) {
  return reifyInits(*this, builder, shapes);
}

LogicalResult AffineScanOp::canonicalize(AffineScanOp op, PatternRewriter &rewriter) {
  return refineInits(op, inferShapes(op), rewriter);
}

std::optional<int64_t> AffineScanOp::getOperandTimeDim(OpOperand &operand) {
  if (operand.get() == getStateInit() && operand.getOperandNumber() == 3)
    return std::nullopt;
  return getDimension();
}

std::optional<int64_t> AffineScanOp::getResultTimeDim(unsigned index) {
  return index == 0 ? std::optional<int64_t>(getDimension()) : std::nullopt;
}

bool AffineScanOp::isCausal() { return !getReverse(); }

int64_t AffineScanOp::getFlops(int64_t dynamicSize) {
  // Pairs count twice as elements: 8 operations a complex number.
  return (getComplex() ? 4 : 2) * countElements(shapedType(getA()).getShape(), dynamicSize);
}
