//===- BlockLocalAttention.cpp - verifier, shapes, interfaces -------------------===//
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

static SmallVector<SmallVector<int64_t>> inferShapes(BlockLocalAttentionOp op) {
  SmallVector<int64_t> v(shapedType(op.getV()).getShape());
  ArrayRef<int64_t> q = shapedType(op.getQ()).getShape(), k = shapedType(op.getK()).getShape();
  for (int64_t dim : {0, 1})
    v[dim] = !ShapedType::isDynamic(v[dim]) ? v[dim] : !ShapedType::isDynamic(q[dim]) ? q[dim] : k[dim];
  return {v};
}

LogicalResult BlockLocalAttentionOp::verify() {
  auto fail = [&] { return emitOpError() << "expected "; };
  for (auto [name, value] :
       {std::pair("q", Value(getQ())), std::pair("k", Value(getK())), std::pair("v", Value(getV()))})
    if (shapedType(value).getRank() != 4)
      return fail() << name << " to have rank 4, got " << value.getType() << " [block-local-attention C1]";
  SmallVector<CommonSize> sizes = getSizes(getV());
  CommonSize keys{shapedType(getQ()).getDimSize(3), getQ()};
  for (auto [name, value] : {std::pair("q", Value(getQ())), std::pair("k", Value(getK()))}) {
    CommonSize heads{shapedType(value).getDimSize(2), value};
    if (failed(verifyShape(*this, name, value, {&sizes[0], &sizes[1], &heads, &keys}, "block-local-attention C2")))
      return failure();
  }
  int64_t all = sizes[2].size;
  for (auto [name, value] : {std::pair("q", Value(getQ())), std::pair("k", Value(getK()))}) {
    int64_t heads = shapedType(value).getDimSize(2);
    if (!ShapedType::isDynamic(heads) && !ShapedType::isDynamic(all) && heads != all &&
        (heads == 0 || all % heads != 0))
      return fail() << "the heads of " << name << " to divide the " << all << " heads of v, got " << heads
                    << " [block-local-attention C3]";
  }
  if (failed(verifyShape(*this, "o", getOInit(), refer(sizes), "block-local-attention C4")))
    return failure();
  if (static_cast<int64_t>(getBlockSize()) < 1)
    return fail() << "a block_size of at least 1, got " << static_cast<int64_t>(getBlockSize())
                  << " [block-local-attention C5]";
  if (!std::isfinite(getScale().convertToDouble()))
    return fail() << "a finite scale [block-local-attention C6]";
  Type element = shapedType(getQ()).getElementType();
  if (!element.isF32() && !element.isF64() && !element.isBF16() && !element.isF16())
    return fail() << "q to have elements of type f32, f64, bf16 or f16, got " << element
                  << " [block-local-attention C7]";
  for (auto [name, value] :
       {std::pair("k", Value(getK())), std::pair("v", Value(getV())), std::pair("o", Value(getOInit()))})
    if (failed(verifyElementType(*this, name, value, element, "block-local-attention C8")))
      return failure();
  return success();
}

LogicalResult BlockLocalAttentionOp::reifyResultShapes(OpBuilder &builder, ReifiedRankedShapedTypeDims &shapes) {
  return reifyInits(*this, builder, shapes);
}

LogicalResult BlockLocalAttentionOp::canonicalize(BlockLocalAttentionOp op, PatternRewriter &rewriter) {
  return refineInits(op, inferShapes(op), rewriter);
}

std::optional<int64_t> BlockLocalAttentionOp::getOperandTimeDim(OpOperand &) { return 1; }

std::optional<int64_t> BlockLocalAttentionOp::getResultTimeDim(unsigned) { return 1; }

/// A first part of time may end inside a block, and there is no state to carry the rest of it.
bool BlockLocalAttentionOp::isCausal() { return false; }

int64_t BlockLocalAttentionOp::getFlops(int64_t dynamicSize) {
  ArrayRef<int64_t> v = shapedType(getV()).getShape();
  auto known = [&](int64_t size) { return ShapedType::isDynamic(size) ? dynamicSize : size; };
  int64_t tokens = countElements(v.take_front(3), dynamicSize), block = getBlockSize();
  // Pairs of a token and one that it attends to, up to a block that is not full.
  int64_t others = getCausal() ? (block + 1) / 2 : block;
  if (!v.empty() && known(v[1]) < block)
    others = std::min(others, known(v[1]));
  int64_t perPair = 2 * known(shapedType(getQ()).getDimSize(3)) + 2 * known(v[3]) + 4;
  return tokens * others * perPair;
}
