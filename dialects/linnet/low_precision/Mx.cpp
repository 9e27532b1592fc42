//===- Mx.cpp - mx_quantize and mx_dequantize: verifiers, shapes ------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/linnet/Linnet.h"
#include "dialects/linnet/Shapes.h"

using namespace mlir;
using namespace linnet;

/// ceil(size / by), unknown where the size is.
static int64_t divide(int64_t size, int64_t by) {
  return ShapedType::isDynamic(size) ? size : llvm::divideCeil(size, by);
}

/// What both ops ask of numbers [..,N], their codes and their scales.
static LogicalResult verifyBlocks(Operation *op, Value x, Value codes, Value scales, Value tensorScale,
                                  SmallFloat format, int64_t block, bool packed, StringRef family) {
  auto fail = [&] { return op->emitOpError() << "expected "; };
  auto label = [&](int number) { return (family + " C" + Twine(number)).str(); };
  if (shapedType(x).getRank() < 2)
    return fail() << "x to have rank 2 or more, got " << x.getType() << " [" << label(1) << "]";
  if (block < 1)
    return fail() << "a block of at least 1, got " << block << " [" << label(2) << "]";
  int64_t size = shapedType(x).getShape().back();
  if (packed && format != SmallFloat::E2M1)
    return fail() << "packed codes to be e2m1, got " << stringifySmallFloat(format) << " [" << label(3) << "]";
  if (packed && (ShapedType::isDynamic(size) || size % 2 || block % 2))
    return fail() << "packed codes of an even, static number of elements in even blocks, got " << x.getType()
                  << " and blocks of " << block << " [" << label(3) << "]";
  SmallVector<CommonSize> sizes = getSizes(x);
  sizes.back().size = packed ? size / 2 : size;
  if (failed(verifyShape(op, "codes", codes, refer(sizes), label(4))))
    return failure();
  sizes.back().size = divide(size, block);
  if (failed(verifyShape(op, "scales", scales, refer(sizes), label(5))))
    return failure();
  Type f32 = Float32Type::get(op->getContext()), i8 = IntegerType::get(op->getContext(), 8);
  if (failed(verifyElementType(op, "x", x, f32, label(6))) ||
      failed(verifyElementType(op, "codes", codes, i8, label(6))) ||
      failed(verifyElementType(op, "scales", scales, i8, label(6))))
    return failure();
  if (!tensorScale)
    return success();
  if (format != SmallFloat::E2M1)
    return fail() << "codes with a tensor_scale to be e2m1, got " << stringifySmallFloat(format) << " [" << label(7)
                  << "]";
  CommonSize one{1, x};
  if (failed(verifyShape(op, "tensor_scale", tensorScale, {&one}, label(7))))
    return failure();
  return verifyElementType(op, "tensor_scale", tensorScale, f32, label(7));
}

LogicalResult MxQuantizeOp::verify() {
  if (failed(verifyBlocks(*this, getX(), getCodesInit(), getScalesInit(), getTensorScale(), getFormat(), getBlock(),
                          getPacked(), "mx-quantize")))
    return failure();
  if (getRule() == ScaleRule::Quest && (getTensorScale() || getFormat() != SmallFloat::E2M1))
    return emitOpError() << "expected the rule quest for e2m1 without a tensor_scale [mx-quantize C8]";
  if (!getSeeds())
    return success();
  SmallVector<CommonSize> sizes = getSizes(getScalesInit());
  if (failed(verifyShape(*this, "seeds", getSeeds(), refer(sizes), "mx-quantize C9")))
    return failure();
  return verifyElementType(*this, "seeds", getSeeds(), IntegerType::get(getContext(), 32), "mx-quantize C9");
}

LogicalResult MxDequantizeOp::verify() {
  return verifyBlocks(*this, getXInit(), getCodes(), getScales(), getTensorScale(), getFormat(), getBlock(),
                      getPacked(), "mx-dequantize");
}

LogicalResult MxQuantizeOp::reifyResultShapes(OpBuilder &builder, ReifiedRankedShapedTypeDims &shapes) {
  return reifyInits(*this, builder, shapes);
}

LogicalResult MxDequantizeOp::reifyResultShapes(OpBuilder &builder, ReifiedRankedShapedTypeDims &shapes) {
  return reifyInits(*this, builder, shapes);
}

LogicalResult MxQuantizeOp::canonicalize(MxQuantizeOp op, PatternRewriter &rewriter) {
  SmallVector<int64_t> codes(shapedType(op.getX()).getShape()), scales = codes;
  if (op.getPacked())
    codes.back() = divide(codes.back(), 2);
  scales.back() = divide(scales.back(), op.getBlock());
  return refineInits(op, {codes, scales}, rewriter);
}

LogicalResult MxDequantizeOp::canonicalize(MxDequantizeOp op, PatternRewriter &rewriter) {
  SmallVector<int64_t> x = joinShapes(shapedType(op.getXInit()).getShape(), shapedType(op.getScales()).getShape());
  x.back() = shapedType(op.getCodes()).getShape().back();
  if (op.getPacked() && !ShapedType::isDynamic(x.back()))
    x.back() *= 2;
  return refineInits(op, {x}, rewriter);
}

/// Rows do not depend on one another.
static std::optional<int64_t> getRowDim(Value value) {
  int64_t rank = shapedType(value).getRank();
  return rank < 2 ? std::nullopt : std::optional(rank - 2);
}

std::optional<int64_t> MxQuantizeOp::getOperandTimeDim(OpOperand &operand) { return getRowDim(operand.get()); }
std::optional<int64_t> MxQuantizeOp::getResultTimeDim(unsigned index) { return getRowDim(getResult(index)); }
bool MxQuantizeOp::isCausal() { return true; }

std::optional<int64_t> MxDequantizeOp::getOperandTimeDim(OpOperand &operand) { return getRowDim(operand.get()); }
std::optional<int64_t> MxDequantizeOp::getResultTimeDim(unsigned) { return getRowDim(getX()); }
bool MxDequantizeOp::isCausal() { return true; }

/// The greatest magnitude, a product and the rounding.
int64_t MxQuantizeOp::getFlops(int64_t dynamicSize) {
  return 3 * countElements(shapedType(getX()).getShape(), dynamicSize);
}

int64_t MxDequantizeOp::getFlops(int64_t dynamicSize) {
  return (getTensorScale() ? 2 : 1) * countElements(shapedType(getX()).getShape(), dynamicSize);
}
