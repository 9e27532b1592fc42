//===- KroneckerAttention.cpp - kronecker_attention: verifier, shapes, interfaces ---===//
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

LogicalResult KroneckerAttentionOp::verify() {
  auto fail = [&] { return emitOpError() << "expected "; };
  const std::pair<StringRef, Value> inputs[] = {
      {"q", getQ()}, {"k1", getK1()}, {"k2", getK2()}, {"v1", getV1()}, {"v2", getV2()}};
  for (auto [name, value] : inputs)
    if (shapedType(value).getRank() != 4)
      return fail() << name << " to have rank 4, got " << value.getType() << " [kronecker-attention C1]";
  SmallVector<CommonSize> q = getSizes(getQ());
  CommonSize heads{shapedType(getK1()).getDimSize(1), getK1()}, first{shapedType(getK1()).getDimSize(2), getK1()};
  CommonSize second{shapedType(getK2()).getDimSize(2), getK2()}, values{shapedType(getV1()).getDimSize(3), getV1()};
  struct Expected {
    StringRef name;
    Value value;
    CommonSize *keys, *size;
  };
  const Expected others[] = {{"k1", getK1(), &first, &q[3]},
                             {"k2", getK2(), &second, &q[3]},
                             {"v1", getV1(), &first, &values},
                             {"v2", getV2(), &second, &values}};
  for (const Expected &other : others)
    if (failed(verifyShape(*this, other.name, other.value, {&q[0], &heads, other.keys, other.size},
                           "kronecker-attention C2")))
      return failure();
  int64_t all = q[1].size;
  if (!ShapedType::isDynamic(all) && !ShapedType::isDynamic(heads.size) && heads.size != all &&
      (heads.size == 0 || all % heads.size != 0))
    return fail() << "the heads of k1 to divide the " << all << " heads of q, got " << heads.size
                  << " [kronecker-attention C3]";
  if (failed(verifyShape(*this, "o", getOInit(), {&q[0], &q[1], &q[2], &values}, "kronecker-attention C4")) ||
      failed(verifyShape(*this, "lse", getLseInit(), {&q[0], &q[1], &q[2]}, "kronecker-attention C5")))
    return failure();
  if (!std::isfinite(getScale().convertToDouble()))
    return fail() << "a finite scale [kronecker-attention C6]";
  Type element = shapedType(getQ()).getElementType();
  if (!element.isF32() && !element.isF64())
    return fail() << "q to have elements of type f32 or f64, got " << element << " [kronecker-attention C7]";
  for (auto [name, value] : ArrayRef(inputs).drop_front())
    if (failed(verifyElementType(*this, name, value, element, "kronecker-attention C8")))
      return failure();
  for (auto [name, value] : {std::pair("o", Value(getOInit())), std::pair("lse", Value(getLseInit()))})
    if (failed(verifyElementType(*this, name, value, element, "kronecker-attention C8")))
      return failure();
  if (!getPositions())
    return success();
  if (failed(verifyShape(*this, "positions", getPositions(), {&q[2]}, "kronecker-attention C9")) ||
      failed(verifyElementType(*this, "positions", getPositions(), IntegerType::get(getContext(), 32),
                               "kronecker-attention C9")))
    return failure();
  if (!getCausal())
    return fail() << "positions with causal only [kronecker-attention C10]";
  return success();
}

LogicalResult KroneckerAttentionOp::reifyResultShapes(OpBuilder &builder, ReifiedRankedShapedTypeDims &shapes) {
  return reifyInits(*this, builder, shapes);
}

LogicalResult KroneckerAttentionOp::canonicalize(KroneckerAttentionOp op, PatternRewriter &rewriter) {
  SmallVector<int64_t> o(shapedType(op.getQ()).getShape()), lse(o);
  o.back() = shapedType(op.getV1()).getShape().back();
  lse.pop_back();
  return refineInits(
      op,
      {joinShapes(shapedType(op.getOInit()).getShape(), o), joinShapes(shapedType(op.getLseInit()).getShape(), lse)},
      rewriter);
}

/// Queries and keys are tokens, but there is no state that would carry what came before.
std::optional<int64_t> KroneckerAttentionOp::getOperandTimeDim(OpOperand &operand) {
  return operand.get() == getPositions() ? 0 : 2;
}

std::optional<int64_t> KroneckerAttentionOp::getResultTimeDim(unsigned) { return 2; }

bool KroneckerAttentionOp::isCausal() { return false; }

int64_t KroneckerAttentionOp::getFlops(int64_t dynamicSize) {
  auto known = [&](int64_t size) { return ShapedType::isDynamic(size) ? dynamicSize : size; };
  int64_t queries = countElements(shapedType(getQ()).getShape().drop_back(), dynamicSize);
  int64_t first = known(shapedType(getK1()).getDimSize(2)), second = known(shapedType(getK2()).getDimSize(2));
  int64_t sizes = known(shapedType(getQ()).getDimSize(3)) + known(shapedType(getV1()).getDimSize(3));
  // A pair: a multiply-add for every key and value, the exponential, its sum and the greatest score. With causal a
  // third of the pairs, as is the mean of the squares of what a query sees.
  return queries * first * second / (getCausal() ? 3 : 1) * (2 * sizes + 3);
}
