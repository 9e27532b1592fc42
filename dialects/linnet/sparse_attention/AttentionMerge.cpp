//===- AttentionMerge.cpp - verifier, shapes, interfaces ---------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/linnet/Linnet.h"
#include "dialects/linnet/Shapes.h"

using namespace mlir;
using namespace linnet;

LogicalResult AttentionMergeOp::verify() {
  if (shapedType(getO1()).getRank() != 4)
    return emitOpError() << "expected o1 to have rank 4, got " << getO1().getType() << " [attention-merge C1]";
  SmallVector<CommonSize> sizes = getSizes(getO1());
  auto verifyBoth = [&](StringRef o, Value oValue, StringRef lse, Value lseValue, StringRef constraint) {
    return success(succeeded(verifyShape(*this, o, oValue, refer(sizes), constraint)) &&
                   succeeded(verifyShape(*this, lse, lseValue, {&sizes[0], &sizes[1], &sizes[2]}, constraint)));
  };
  if (failed(verifyBoth("o1", getO1(), "lse1", getLse1(), "attention-merge C1")) ||
      failed(verifyBoth("o2", getO2(), "lse2", getLse2(), "attention-merge C1")))
    return failure();
  if (Value rows = getRows()) {
    sizes[2] = {shapedType(rows).getRank() == 3 ? shapedType(rows).getDimSize(2) : ShapedType::kDynamic, rows};
    if (failed(verifyShape(*this, "rows", rows, {&sizes[0], &sizes[1], &sizes[2]}, "attention-merge C2")) ||
        failed(verifyElementType(*this, "rows", rows, IntegerType::get(getContext(), 32), "attention-merge C2")))
      return failure();
  }
  if (failed(verifyBoth("o", getOInit(), "lse", getLseInit(), "attention-merge C3")))
    return failure();
  Type element = shapedType(getO1()).getElementType();
  if (!element.isF32() && !element.isF64())
    return emitOpError() << "expected o1 to have elements of type f32 or f64, got " << element
                         << " [attention-merge C4]";
  for (auto [name, value] :
       {std::pair("lse1", Value(getLse1())), std::pair("o2", Value(getO2())), std::pair("lse2", Value(getLse2())),
        std::pair("o", Value(getOInit())), std::pair("lse", Value(getLseInit()))})
    if (failed(verifyElementType(*this, name, value, element, "attention-merge C4")))
      return failure();
  return success();
}

LogicalResult AttentionMergeOp::reifyResultShapes(OpBuilder &builder, ReifiedRankedShapedTypeDims &shapes) {
  return reifyInits(*this, builder, shapes);
}

LogicalResult AttentionMergeOp::canonicalize(AttentionMergeOp op, PatternRewriter &rewriter) {
  SmallVector<int64_t> o(shapedType(op.getO1()).getShape());
  if (op.getRows())
    o[2] = shapedType(op.getRows()).getDimSize(2);
  return refineInits(op, {o, {o[0], o[1], o[2]}}, rewriter);
}

int64_t AttentionMergeOp::getFlops(int64_t dynamicSize) {
  ArrayRef<int64_t> o = shapedType(getOInit()).getShape();
  // Two products and a sum of each element; two exponentials, a logarithm and five more of a row.
  return 3 * countElements(o, dynamicSize) + 8 * countElements(o.drop_back(), dynamicSize);
}
