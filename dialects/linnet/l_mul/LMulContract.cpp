//===- LMulContract.cpp - lmul_contract: verifier, shapes, interfaces -------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/linnet/Linnet.h"
#include "dialects/linnet/Shapes.h"

using namespace mlir;
using namespace linnet;

int64_t LMulContractOp::getMantissa() {
  int64_t all = cast<FloatType>(shapedType(getA()).getElementType()).getFPMantissaWidth() - 1;
  return getMultiply().getMantissa() ? getMultiply().getMantissa() : all;
}

static SmallVector<SmallVector<int64_t>> inferShapes(LMulContractOp op) {
  SmallVector<int64_t> c(shapedType(op.getA()).getShape());
  ArrayRef<int64_t> b = shapedType(op.getB()).getShape();
  c.back() = b[b.size() - op.getColumnFromEnd()];
  return {joinShapes(shapedType(op.getCInit()).getShape(), c)};
}

LogicalResult LMulContractOp::verify() {
  int64_t rank = shapedType(getA()).getRank();
  if (rank < 2)
    return emitOpError() << "expected a to have rank 2 or more, got " << getA().getType() << " [lmul-contract C1]";
  if (int64_t other = shapedType(getB()).getRank(); other != 2 && other != rank)
    return emitOpError() << "expected b to have rank 2 or the rank of a, got " << getB().getType()
                         << " [lmul-contract C2]";
  SmallVector<CommonSize> a = getSizes(getA()), b = getSizes(getB());
  SmallVector<CommonSize *> sizes = refer(b);
  for (int64_t i = 0, batch = b.size() - 2; i < batch; ++i)
    sizes[i] = &a[i];
  sizes[b.size() - getDepthFromEnd()] = &a.back();
  if (failed(verifyShape(*this, "b", getB(), sizes, "lmul-contract C3")))
    return failure();
  SmallVector<CommonSize *> result = refer(a);
  result.back() = &b[b.size() - getColumnFromEnd()];
  if (failed(verifyShape(*this, "c", getCInit(), result, "lmul-contract C4")))
    return failure();
  Type element = shapedType(getA()).getElementType();
  if (!element.isF32() && !element.isBF16() && !element.isF16())
    return emitOpError() << "expected a to have elements of type f32, bf16 or f16, got " << element
                         << " [lmul-contract C5]";
  if (failed(verifyElementType(*this, "b", getB(), element, "lmul-contract C6")) ||
      failed(verifyElementType(*this, "c", getCInit(), Float32Type::get(getContext()), "lmul-contract C6")))
    return failure();
  return verifyLMulMantissa(*this, getMultiply(), element, "lmul-contract C7");
}

LogicalResult LMulContractOp::reifyResultShapes(OpBuilder &builder, ReifiedRankedShapedTypeDims &shapes) {
  return reifyInits(*this, builder, shapes);
}

LogicalResult LMulContractOp::canonicalize(LMulContractOp op, PatternRewriter &rewriter) {
  return refineInits(op, inferShapes(op), rewriter);
}

/// The rows of a and of c are tokens, of a plain matrix sequences; b serves all of them.
std::optional<int64_t> LMulContractOp::getOperandTimeDim(OpOperand &operand) {
  int64_t rank = shapedType(getA()).getRank();
  return rank == 2 || operand.getOperandNumber() == 1 ? std::nullopt : std::optional(rank - 2);
}

std::optional<int64_t> LMulContractOp::getResultTimeDim(unsigned) {
  int64_t rank = shapedType(getA()).getRank();
  return rank == 2 ? std::nullopt : std::optional(rank - 2);
}

bool LMulContractOp::isCausal() { return true; }

int64_t LMulContractOp::getFlops(int64_t dynamicSize) {
  int64_t depth = shapedType(getA()).getShape().back();
  return 2 * countElements(shapedType(getCInit()).getShape(), dynamicSize) *
         (ShapedType::isDynamic(depth) ? dynamicSize : depth);
}
