//===- LshOrder.cpp - verifier, shapes, interfaces ---------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/linnet/Linnet.h"
#include "dialects/linnet/Shapes.h"

using namespace mlir;
using namespace linnet;

/// So that the counts of all buckets fit a stack.
static constexpr int64_t kMaxBits = 12;

LogicalResult LshOrderOp::verify() {
  if (shapedType(getX()).getRank() != 4)
    return emitOpError() << "expected x to have rank 4, got " << getX().getType() << " [lsh-order C1]";
  SmallVector<CommonSize> sizes = getSizes(getX());
  CommonSize bits{shapedType(getProjections()).getRank() == 2 ? shapedType(getProjections()).getDimSize(1)
                                                              : ShapedType::kDynamic,
                  getProjections()};
  if (failed(verifyShape(*this, "projections", getProjections(), {&sizes[3], &bits}, "lsh-order C2")))
    return failure();
  if (ShapedType::isDynamic(bits.size) || bits.size < 1 || bits.size > kMaxBits)
    return emitOpError() << "expected 1 to " << kMaxBits << " projections, got " << getProjections().getType()
                         << " [lsh-order C2]";
  for (auto [name, value] : {std::pair("order", Value(getOrderInit())), std::pair("place", Value(getPlaceInit()))})
    if (failed(verifyShape(*this, name, value, {&sizes[0], &sizes[1], &sizes[2]}, "lsh-order C3")) ||
        failed(verifyElementType(*this, name, value, IntegerType::get(getContext(), 32), "lsh-order C3")))
      return failure();
  Type element = shapedType(getX()).getElementType();
  if (!element.isF32() && !element.isF64())
    return emitOpError() << "expected x to have elements of type f32 or f64, got " << element << " [lsh-order C4]";
  return verifyElementType(*this, "projections", getProjections(), element, "lsh-order C4");
}

LogicalResult LshOrderOp::reifyResultShapes(OpBuilder &builder, ReifiedRankedShapedTypeDims &shapes) {
  return reifyInits(*this, builder, shapes);
}

LogicalResult LshOrderOp::canonicalize(LshOrderOp op, PatternRewriter &rewriter) {
  SmallVector<int64_t> order(shapedType(op.getX()).getShape().drop_back());
  return refineInits(op, {order, order}, rewriter);
}

int64_t LshOrderOp::getFlops(int64_t dynamicSize) {
  // Those of the products; counting and ordering are no floating-point operations.
  return 2 * countElements(shapedType(getX()).getShape(), dynamicSize) * shapedType(getProjections()).getDimSize(1);
}
