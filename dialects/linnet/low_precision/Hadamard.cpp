//===- Hadamard.cpp - hadamard: verifier, shapes, interfaces ----------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/linnet/Linnet.h"
#include "dialects/linnet/Shapes.h"

#include <cmath>

using namespace mlir;
using namespace linnet;

LogicalResult HadamardOp::verify() {
  auto fail = [&] { return emitOpError() << "expected "; };
  if (shapedType(getX()).getRank() < 2)
    return fail() << "x to have rank 2 or more, got " << getX().getType() << " [hadamard C1]";
  int64_t block = getBlock();
  if (block < 1 || !llvm::isPowerOf2_64(block))
    return fail() << "block to be a power of two, got " << block << " [hadamard C2]";
  SmallVector<CommonSize> sizes = getSizes(getX());
  if (failed(verifyShape(*this, "y", getYInit(), refer(sizes), "hadamard C3")))
    return failure();
  if (getSigns() && failed(verifyShape(*this, "signs", getSigns(), {&sizes.back()}, "hadamard C4")))
    return failure();
  Type element = shapedType(getX()).getElementType();
  if (!element.isF32())
    return fail() << "x to have elements of type f32, got " << element << " [hadamard C5]";
  if (failed(verifyElementType(*this, "y", getYInit(), element, "hadamard C5")))
    return failure();
  if (getSigns() && failed(verifyElementType(*this, "signs", getSigns(), element, "hadamard C5")))
    return failure();
  if (!std::isfinite(getScale().convertToDouble()))
    return fail() << "a finite scale [hadamard C6]";
  return success();
}

LogicalResult HadamardOp::reifyResultShapes(OpBuilder &builder, ReifiedRankedShapedTypeDims &shapes) {
  return reifyInits(*this, builder, shapes);
}

LogicalResult HadamardOp::canonicalize(HadamardOp op, PatternRewriter &rewriter) {
  return refineInits(op, {joinShapes(shapedType(op.getYInit()).getShape(), shapedType(op.getX()).getShape())},
                     rewriter);
}

/// Rows do not depend on one another.
std::optional<int64_t> HadamardOp::getOperandTimeDim(OpOperand &operand) {
  if (operand.get() == getSigns())
    return std::nullopt;
  return shapedType(getX()).getRank() - 2;
}
std::optional<int64_t> HadamardOp::getResultTimeDim(unsigned) { return shapedType(getX()).getRank() - 2; }
bool HadamardOp::isCausal() { return true; }

int64_t HadamardOp::getFlops(int64_t dynamicSize) {
  // A stage for every factor of two, the scale and the signs.
  int64_t perElement = llvm::Log2_64(getBlock()) + 1 + static_cast<bool>(getSigns());
  return perElement * countElements(shapedType(getX()).getShape(), dynamicSize);
}
