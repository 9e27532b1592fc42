//===- LMul.cpp - lmul: verifier, shapes, interfaces ------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/linnet/Linnet.h"
#include "dialects/linnet/Shapes.h"

#include "llvm/Support/Error.h"

using namespace mlir;
using namespace linnet;

LogicalResult linnet::verifyLMulMantissa(Operation *op, LMulAttr multiply, Type element, StringRef constraint) {
  int64_t mantissa = multiply.getMantissa(), most = cast<FloatType>(element).getFPMantissaWidth() - 1;
  if (mantissa >= 0 && mantissa <= most)
    return success();
  return op->emitOpError() << "expected a mantissa of 1 to " << most << " bits for " << element << ", got " << mantissa
                           << " [" << constraint << "]";
}

llvm::Expected<LMulAttr> LMulAttr::parseText(MLIRContext *context, StringRef text) {
  SmallVector<StringRef> parts;
  text.split(parts, ':');
  int64_t mantissa = 0;
  std::optional<LMulVariant> variant = LMulVariant::Bits;
  if (parts.size() > 2)
    variant = symbolizeLMulVariant(parts[2]);
  bool isNumber = parts.size() < 2 || (!parts[1].getAsInteger(10, mantissa) && mantissa >= 1 && mantissa <= 23);
  if (parts[0] != "lmul" || parts.size() > 3 || !isNumber || !variant)
    return llvm::createStringError("expected lmul, lmul:M or lmul:M:formula with 1 to 23 bits M, got '" + text + "'");
  return LMulAttr::get(context, mantissa, *variant);
}

LogicalResult LMulOp::verify() {
  Type element = shapedType(getX()).getElementType();
  if (!isa<Float32Type, BFloat16Type, Float16Type, Float8E4M3FNType, Float8E5M2Type>(element))
    return emitOpError() << "expected x to have elements of type f32, bf16, f16, f8E4M3FN or f8E5M2, got " << element
                         << " [lmul C1]";
  return verifyLMulMantissa(*this, getMultiply(), element, "lmul C2");
}

LogicalResult LMulOp::reifyResultShapes(OpBuilder &builder, ReifiedRankedShapedTypeDims &shapes) {
  return reifyInits(*this, builder, shapes);
}

LogicalResult LMulOp::canonicalize(LMulOp, PatternRewriter &) { return failure(); } // all have one type

/// Any dimension may be time; where there are several it is the one before the last, as everywhere.
static int64_t getTimeDim(LMulOp op) { return std::max<int64_t>(shapedType(op.getX()).getRank() - 2, 0); }

std::optional<int64_t> LMulOp::getOperandTimeDim(OpOperand &) {
  return shapedType(getX()).getRank() == 0 ? std::nullopt : std::optional(getTimeDim(*this));
}

std::optional<int64_t> LMulOp::getResultTimeDim(unsigned) { return getOperandTimeDim(getOperation()->getOpOperand(0)); }

bool LMulOp::isCausal() { return true; }

int64_t LMulOp::getFlops(int64_t dynamicSize) { return countElements(shapedType(getX()).getShape(), dynamicSize); }
