//===- TopkMask.cpp - verifiers, shapes, interfaces --------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/linnet/Linnet.h"
#include "dialects/linnet/Shapes.h"

using namespace mlir;
using namespace linnet;

static LogicalResult verifyIntegers(Operation *op, StringRef name, Value value, unsigned bits, StringRef constraint) {
  return verifyElementType(op, name, value, IntegerType::get(op->getContext(), bits), constraint);
}

//===----------------------------------------------------------------------===//
// topk_mask
//===----------------------------------------------------------------------===//

LogicalResult TopkMaskOp::verify() {
  if (shapedType(getScores()).getRank() != 2)
    return emitOpError() << "expected scores to have rank 2, got " << getScores().getType() << " [topk-mask C1]";
  SmallVector<CommonSize> sizes = getSizes(getScores());
  if (failed(verifyShape(*this, "counts", getCounts(), {&sizes[0]}, "topk-mask C2")) ||
      failed(verifyIntegers(*this, "counts", getCounts(), 32, "topk-mask C2")) ||
      failed(verifyShape(*this, "mask", getMaskInit(), refer(sizes), "topk-mask C3")) ||
      failed(verifyIntegers(*this, "mask", getMaskInit(), 8, "topk-mask C3")))
    return failure();
  return verifyElementType(*this, "scores", getScores(), Float32Type::get(getContext()), "topk-mask C4");
}

LogicalResult TopkMaskOp::reifyResultShapes(OpBuilder &builder, ReifiedRankedShapedTypeDims &shapes) {
  return reifyInits(*this, builder, shapes);
}

LogicalResult TopkMaskOp::canonicalize(TopkMaskOp op, PatternRewriter &rewriter) {
  return refineInits(op, {SmallVector<int64_t>(shapedType(op.getScores()).getShape())}, rewriter);
}

/// Comparisons do not count.
int64_t TopkMaskOp::getFlops(int64_t) { return 0; }

//===----------------------------------------------------------------------===//
// mask_interpolate
//===----------------------------------------------------------------------===//

LogicalResult MaskInterpolateOp::verify() {
  if (shapedType(getMask()).getRank() != 3)
    return emitOpError() << "expected mask to have rank 3, got " << getMask().getType() << " [mask-interpolate C1]";
  SmallVector<CommonSize> sizes = getSizes(getMask());
  int64_t rows = sizes[1].size;
  CommonSize starts{ShapedType::isDynamic(rows) ? rows : rows + 1, getMask()}, columns{ShapedType::kDynamic, getMask()};
  if (failed(verifyIntegers(*this, "mask", getMask(), 8, "mask-interpolate C1")) ||
      failed(verifyShape(*this, "lengths", getLengths(), {&sizes[1]}, "mask-interpolate C2")) ||
      failed(verifyIntegers(*this, "lengths", getLengths(), 32, "mask-interpolate C2")) ||
      failed(verifyShape(*this, "starts", getStartsInit(), {&sizes[0], &starts}, "mask-interpolate C3")) ||
      failed(verifyIntegers(*this, "starts", getStartsInit(), 32, "mask-interpolate C3")) ||
      failed(verifyShape(*this, "columns", getColumnsInit(), {&columns}, "mask-interpolate C3")) ||
      failed(verifyIntegers(*this, "columns", getColumnsInit(), 32, "mask-interpolate C3")))
    return failure();
  if (std::optional<int64_t> run = getMaxRun(); run && *run < 1)
    return emitOpError() << "expected a max_run of at least 1, got " << *run << " [mask-interpolate C4]";
  return success();
}

LogicalResult MaskInterpolateOp::reifyResultShapes(OpBuilder &builder, ReifiedRankedShapedTypeDims &shapes) {
  return reifyInits(*this, builder, shapes);
}

LogicalResult MaskInterpolateOp::canonicalize(MaskInterpolateOp op, PatternRewriter &rewriter) {
  ArrayRef<int64_t> mask = shapedType(op.getMask()).getShape();
  int64_t starts = ShapedType::isDynamic(mask[1]) ? mask[1] : mask[1] + 1;
  return refineInits(op, {{mask[0], starts}, {shapedType(op.getColumnsInit()).getDimSize(0)}}, rewriter);
}

/// Its numbers are integers.
int64_t MaskInterpolateOp::getFlops(int64_t) { return 0; }
