//===- Routing.cpp - tokens to experts and back: verifiers, shapes, interfaces --===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/linnet/Linnet.h"
#include "dialects/linnet/Shapes.h"

using namespace mlir;
using namespace linnet;

/// Numbers of tokens and places are i32 everywhere, as the offsets of packed sequences are.
static LogicalResult verifyIntegers(Operation *op, StringRef name, Value value, StringRef constraint) {
  return verifyElementType(op, name, value, IntegerType::get(op->getContext(), 32), constraint);
}

static LogicalResult verifyFloats(Operation *op, StringRef name, Value value, StringRef constraint) {
  Type element = shapedType(value).getElementType();
  if (element.isF32() || element.isF64())
    return success();
  return op->emitOpError() << "expected " << name << " to have elements of type f32 or f64, got " << element << " ["
                           << constraint << "]";
}

static LogicalResult verifyRank3(Operation *op, StringRef name, Value value, StringRef constraint) {
  if (shapedType(value).getRank() == 3)
    return success();
  return op->emitOpError() << "expected " << name << " to have rank 3, got " << value.getType() << " [" << constraint
                           << "]";
}

/// The product, unknown where a factor is, but 0 where one is 0.
static int64_t multiply(ArrayRef<int64_t> sizes) {
  if (llvm::is_contained(sizes, 0))
    return 0;
  int64_t product = 1;
  for (int64_t size : sizes) {
    if (ShapedType::isDynamic(size) || llvm::MulOverflow(product, size, product))
      return ShapedType::kDynamic;
  }
  return product;
}

//===----------------------------------------------------------------------===//
// route_topk
//===----------------------------------------------------------------------===//

LogicalResult RouteTopkOp::verify() {
  if (failed(verifyRank3(*this, "scores", getScores(), "route-topk C1")))
    return failure();
  int64_t experts = shapedType(getScores()).getDimSize(2);
  if (ShapedType::isDynamic(experts) || experts == 0)
    return emitOpError() << "expected a static number of experts, at least 1, got " << getScores().getType()
                         << " [route-topk C2]";
  if (failed(verifyRank3(*this, "weights", getWeightsInit(), "route-topk C3")))
    return failure();
  SmallVector<CommonSize> sizes = getSizes(getScores());
  sizes[2] = {shapedType(getWeightsInit()).getDimSize(2), getWeightsInit()};
  for (auto [name, value] : {std::pair("weights", getWeightsInit()), std::pair("indices", getIndicesInit())})
    if (failed(verifyShape(*this, name, value, refer(sizes), "route-topk C3")))
      return failure();
  int64_t chosen = shapedType(getWeightsInit()).getDimSize(2);
  if (ShapedType::isDynamic(chosen) || chosen < 1 || chosen > experts)
    return emitOpError() << "expected weights of 1 to " << experts << " experts, got " << getWeightsInit().getType()
                         << " [route-topk C4]";
  if (failed(verifyFloats(*this, "scores", getScores(), "route-topk C5")) ||
      failed(verifyElementType(*this, "weights", getWeightsInit(), shapedType(getScores()).getElementType(),
                               "route-topk C6")))
    return failure();
  return verifyIntegers(*this, "indices", getIndicesInit(), "route-topk C6");
}

LogicalResult RouteTopkOp::reifyResultShapes(OpBuilder &builder, ReifiedRankedShapedTypeDims &shapes) {
  return reifyInits(*this, builder, shapes);
}

LogicalResult RouteTopkOp::canonicalize(RouteTopkOp op, PatternRewriter &rewriter) {
  ArrayRef<int64_t> scores = shapedType(op.getScores()).getShape();
  SmallVector<int64_t> chosen = {scores[0], scores[1], shapedType(op.getWeightsInit()).getDimSize(2)};
  return refineInits(op, {chosen, chosen}, rewriter);
}

int64_t RouteTopkOp::getFlops(int64_t dynamicSize) {
  ArrayRef<int64_t> shape = shapedType(getScores()).getShape();
  int64_t chosen = shapedType(getWeightsInit()).getDimSize(2);
  // The difference, exp and sum of a score; two divisions and a sum of a weight. Comparisons do not count.
  return countElements(shape.take_front(2), dynamicSize) * (3 * shape[2] + 3 * chosen);
}

//===----------------------------------------------------------------------===//
// token_permute
//===----------------------------------------------------------------------===//

/// Shapes of source, place and cu_seqlens.
static SmallVector<SmallVector<int64_t>> inferShapes(TokenPermuteOp op) {
  SmallVector<int64_t> indices =
      joinShapes(shapedType(op.getIndices()).getShape(), shapedType(op.getPlaceInit()).getShape());
  int64_t groups = multiply({indices[0], static_cast<int64_t>(op.getExperts())});
  return {{multiply(indices)}, indices, {ShapedType::isDynamic(groups) ? groups : groups + 1}};
}

LogicalResult TokenPermuteOp::verify() {
  if (failed(verifyRank3(*this, "indices", getIndices(), "token-permute C1")))
    return failure();
  int64_t experts = getExperts();
  if (experts < 1 || experts > INT32_MAX)
    return emitOpError() << "expected 1 to " << INT32_MAX << " experts, got " << experts << " [token-permute C2]";
  SmallVector<CommonSize> sizes = getSizes(getIndices());
  if (failed(verifyShape(*this, "place", getPlaceInit(), refer(sizes), "token-permute C3")))
    return failure();
  SmallVector<SmallVector<int64_t>> shapes = inferShapes(*this);
  CommonSize rows{shapes[0][0], getIndices()}, offsets{shapes[2][0], getIndices()};
  if (failed(verifyShape(*this, "source", getSourceInit(), {&rows}, "token-permute C4")) ||
      failed(verifyShape(*this, "cu_seqlens", getCuSeqlensInit(), {&offsets}, "token-permute C5")))
    return failure();
  for (auto [name, value] : {std::pair("indices", getIndices()), std::pair("source", getSourceInit()),
                             std::pair("place", getPlaceInit()), std::pair("cu_seqlens", getCuSeqlensInit())})
    if (failed(verifyIntegers(*this, name, value, "token-permute C6")))
      return failure();
  return success();
}

LogicalResult TokenPermuteOp::reifyResultShapes(OpBuilder &builder, ReifiedRankedShapedTypeDims &shapes) {
  return reifyInits(*this, builder, shapes);
}

LogicalResult TokenPermuteOp::canonicalize(TokenPermuteOp op, PatternRewriter &rewriter) {
  return refineInits(op, inferShapes(op), rewriter);
}

int64_t TokenPermuteOp::getFlops(int64_t) { return 0; }

//===----------------------------------------------------------------------===//
// token_unpermute
//===----------------------------------------------------------------------===//

LogicalResult TokenUnpermuteOp::verify() {
  if (failed(verifyRank3(*this, "place", getPlace(), "token-unpermute C1")))
    return failure();
  if (shapedType(getX()).getRank() < 1)
    return emitOpError() << "expected x to have rank 1 or more, got " << getX().getType() << " [token-unpermute C2]";
  SmallVector<CommonSize> sizes = getSizes(getPlace());
  if (failed(verifyShape(*this, "weights", getWeights(), refer(sizes), "token-unpermute C3")))
    return failure();
  SmallVector<CommonSize> row = getSizes(getX());
  SmallVector<CommonSize *> result = {&sizes[0], &sizes[1]};
  for (CommonSize &size : llvm::drop_begin(row))
    result.push_back(&size);
  if (failed(verifyShape(*this, "y", getYInit(), result, "token-unpermute C4")) ||
      failed(verifyFloats(*this, "x", getX(), "token-unpermute C5")))
    return failure();
  Type element = shapedType(getX()).getElementType();
  for (auto [name, value] : {std::pair("weights", getWeights()), std::pair("y", getYInit())})
    if (failed(verifyElementType(*this, name, value, element, "token-unpermute C6")))
      return failure();
  return verifyIntegers(*this, "place", getPlace(), "token-unpermute C6");
}

LogicalResult TokenUnpermuteOp::reifyResultShapes(OpBuilder &builder, ReifiedRankedShapedTypeDims &shapes) {
  return reifyInits(*this, builder, shapes);
}

LogicalResult TokenUnpermuteOp::canonicalize(TokenUnpermuteOp op, PatternRewriter &rewriter) {
  SmallVector<int64_t> y = joinShapes(shapedType(op.getPlace()).getShape(), shapedType(op.getWeights()).getShape());
  y.pop_back();
  llvm::append_range(y, shapedType(op.getX()).getShape().drop_front());
  return refineInits(op, {y}, rewriter);
}

int64_t TokenUnpermuteOp::getFlops(int64_t dynamicSize) {
  // A product and a sum for every number of every row that is read.
  return 2 * countElements(shapedType(getPlace()).getShape(), dynamicSize) *
         countElements(shapedType(getX()).getShape().drop_front(), dynamicSize);
}
