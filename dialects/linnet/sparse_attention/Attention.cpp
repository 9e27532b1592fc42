//===- Attention.cpp - verifier, shapes, interfaces -------------------------------===//
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

static SmallVector<SmallVector<int64_t>> inferShapes(AttentionOp op) {
  ArrayRef<int64_t> q = shapedType(op.getQ()).getShape(), v = shapedType(op.getV()).getShape();
  int64_t queries = op.getQueryRows() ? shapedType(op.getQueryRows()).getDimSize(2) : q[2];
  return {{q[0], q[1], queries, v[3]}, {q[0], q[1], queries}};
}

static LogicalResult verifyI32(AttentionOp op, StringRef name, Value value, StringRef constraint) {
  return verifyElementType(op, name, value, IntegerType::get(op.getContext(), 32), constraint);
}

/// [B or 1, H or 1, length] of i32.
static LogicalResult verifyPerHead(AttentionOp op, StringRef name, Value value, CommonSize &batch, CommonSize &heads,
                                   CommonSize &length, StringRef constraint) {
  if (shapedType(value).getRank() != 3)
    return op.emitOpError() << "expected " << name << " to have rank 3, got " << value.getType() << " [" << constraint
                            << "]";
  CommonSize one{1, value};
  ArrayRef<int64_t> shape = shapedType(value).getShape();
  if (failed(verifyShape(op, name, value, {shape[0] == 1 ? &one : &batch, shape[1] == 1 ? &one : &heads, &length},
                         constraint)))
    return failure();
  return verifyI32(op, name, value, constraint);
}

static LogicalResult verifyBlocks(AttentionOp op, CommonSize &batch, CommonSize &heads) {
  auto fail = [&] { return op.emitOpError() << "expected "; };
  if (!op.getBlockStarts()) {
    if (op.getPartial() || op.getBlockSize())
      return fail() << "blocks beside partial and block_size [attention C8]";
    return success();
  }
  if (!op.getBlockSize() || op.getBlockSize()->size() != 2 || op.getBlockQueries() < 1 || op.getBlockKeys() < 1)
    return fail() << "a block_size of queries and keys, both at least 1, beside blocks [attention C8]";
  int64_t queries = shapedType(op.getOInit()).getDimSize(2);
  int64_t starts = ShapedType::kDynamic;
  if (!ShapedType::isDynamic(queries))
    starts = llvm::divideCeil(queries, op.getBlockQueries()) + 1;
  CommonSize rows{starts, op.getOInit()};
  if (failed(verifyPerHead(op, "the starts of blocks", op.getBlockStarts(), batch, heads, rows, "attention C8")))
    return failure();
  Value columns = op.getBlockColumns();
  CommonSize count{shapedType(columns).getRank() == 1 ? shapedType(columns).getDimSize(0) : ShapedType::kDynamic,
                   columns};
  if (failed(verifyShape(op, "the columns of blocks", columns, {&count}, "attention C8")) ||
      failed(verifyI32(op, "the columns of blocks", columns, "attention C8")))
    return failure();
  if (!op.getPartial())
    return success();
  CommonSize blockKeys{op.getBlockKeys(), columns}, blockQueries{op.getBlockQueries(), columns};
  CommonSize matrices{shapedType(op.getPartialBits()).getRank() == 3 ? shapedType(op.getPartialBits()).getDimSize(0)
                                                                     : ShapedType::kDynamic,
                      op.getPartialBits()};
  if (failed(verifyShape(op, "partial", op.getPartial(), {&count}, "attention C9")) ||
      failed(verifyI32(op, "partial", op.getPartial(), "attention C9")) ||
      failed(verifyShape(op, "the bits of partial", op.getPartialBits(), {&matrices, &blockKeys, &blockQueries},
                         "attention C9")))
    return failure();
  return verifyElementType(op, "the bits of partial", op.getPartialBits(), IntegerType::get(op.getContext(), 8),
                           "attention C9");
}

LogicalResult AttentionOp::verify() {
  auto fail = [&] { return emitOpError() << "expected "; };
  for (auto [name, value] :
       {std::pair("q", Value(getQ())), std::pair("k", Value(getK())), std::pair("v", Value(getV()))})
    if (shapedType(value).getRank() != 4)
      return fail() << name << " to have rank 4, got " << value.getType() << " [attention C1]";
  SmallVector<CommonSize> q = getSizes(getQ()), k = getSizes(getK());
  if (failed(verifyShape(*this, "k", getK(), {&q[0], &k[1], &k[2], &q[3]}, "attention C2")))
    return failure();
  CommonSize columns{shapedType(getV()).getDimSize(3), getV()}, valueHeads{shapedType(getV()).getDimSize(1), getV()};
  if (failed(verifyShape(*this, "v", getV(), {&q[0], &valueHeads, &k[2], &columns}, "attention C2")))
    return failure();
  int64_t heads = q[1].size;
  for (auto [name, groups] : {std::pair("k", k[1].size), std::pair("v", valueHeads.size)})
    if (!ShapedType::isDynamic(heads) && !ShapedType::isDynamic(groups) && (groups == 0 ? heads != 0 : heads % groups))
      return fail() << "the heads of " << name << " to divide the " << heads << " heads of q, got " << groups
                    << " [attention C3]";
  CommonSize queries = q[2], keys = k[2];
  if (Value rows = getQueryRows()) {
    queries = {shapedType(rows).getRank() == 3 ? shapedType(rows).getDimSize(2) : ShapedType::kDynamic, rows};
    if (failed(verifyPerHead(*this, "query_rows", rows, q[0], q[1], queries, "attention C6")))
      return failure();
  }
  if (Value rows = getKeyRows()) {
    keys = {shapedType(rows).getRank() == 3 ? shapedType(rows).getDimSize(2) : ShapedType::kDynamic, rows};
    if (failed(verifyPerHead(*this, "key_rows", rows, q[0], q[1], keys, "attention C6")))
      return failure();
  }
  if (failed(verifyShape(*this, "o", getOInit(), {&q[0], &q[1], &queries, &columns}, "attention C4")) ||
      failed(verifyShape(*this, "lse", getLseInit(), {&q[0], &q[1], &queries}, "attention C4")))
    return failure();
  if (!std::isfinite(getScale().convertToDouble()))
    return fail() << "a finite scale [attention C5]";
  if (std::optional<APFloat> cap = getSoftCap();
      cap && !(std::isfinite(cap->convertToDouble()) && cap->convertToDouble() > 0))
    return fail() << "a finite soft_cap above 0 [attention C5]";
  if (static_cast<bool>(getQueryIds()) != static_cast<bool>(getKeyIds()) || (getDifferentIds() && !getQueryIds()))
    return fail() << "ids of queries and of keys [attention C7]";
  if (getQueryIds() &&
      (failed(verifyPerHead(*this, "the ids of queries", getQueryIds(), q[0], q[1], queries, "attention C7")) ||
       failed(verifyPerHead(*this, "the ids of keys", getKeyIds(), q[0], q[1], keys, "attention C7"))))
    return failure();
  if (failed(verifyBlocks(*this, q[0], q[1])))
    return failure();
  if (Value slopes = getAlibi(); slopes && failed(verifyShape(*this, "alibi", slopes, {&q[1]}, "attention C10")))
    return failure();
  if (getQueryOffsets()) {
    CommonSize one{1, getQueryOffsets()};
    if (failed(verifyShape(*this, "q", getQ(), {&one, &q[1], &q[2], &q[3]}, "attention C11")))
      return failure();
    if (getPosition() || getQueryRows() || getKeyRows() || getQueryIds() || getBlockStarts())
      return fail() << "offsets without position, rows, ids and blocks [attention C11]";
    CommonSize ends{ShapedType::kDynamic, getQueryOffsets()};
    for (auto [name, value] :
         {std::pair("the offsets of queries", getQueryOffsets()), std::pair("the offsets of keys", getKeyOffsets())})
      if (failed(verifyShape(*this, name, value, {&ends}, "attention C11")) ||
          failed(verifyI32(*this, name, value, "attention C11")))
        return failure();
  }
  Type element = shapedType(getQ()).getElementType();
  if (!element.isF32() && !element.isF64() && !element.isBF16() && !element.isF16())
    return fail() << "q to have elements of type f32, f64, bf16 or f16, got " << element << " [attention C12]";
  for (auto [name, value] :
       {std::pair("k", Value(getK())), std::pair("v", Value(getV())), std::pair("o", Value(getOInit()))})
    if (failed(verifyElementType(*this, name, value, element, "attention C13")))
      return failure();
  Type sum = element.isF64() ? element : Float32Type::get(getContext());
  if (getAlibi() && failed(verifyElementType(*this, "alibi", getAlibi(), sum, "attention C13")))
    return failure();
  return verifyElementType(*this, "lse", getLseInit(), sum, "attention C13");
}

LogicalResult AttentionOp::reifyResultShapes(OpBuilder &builder, ReifiedRankedShapedTypeDims &shapes) {
  return reifyInits(*this, builder, shapes);
}

LogicalResult AttentionOp::canonicalize(AttentionOp op, PatternRewriter &rewriter) {
  return refineInits(op, inferShapes(op), rewriter);
}

/// Time is that of queries: keys may be others, and more of them.
std::optional<int64_t> AttentionOp::getOperandTimeDim(OpOperand &operand) {
  // A value may be of keys, too.
  auto is = [&](OpOperand &other) { return other.getOperandNumber() == operand.getOperandNumber(); };
  bool isTime = is(getQMutable()) || is(getOInitMutable()) || is(getLseInitMutable());
  return isTime ? std::optional<int64_t>(2) : std::nullopt;
}

std::optional<int64_t> AttentionOp::getResultTimeDim(unsigned) { return 2; }

/// The keys of earlier tokens are no state of this op.
bool AttentionOp::isCausal() { return false; }

int64_t AttentionOp::getFlops(int64_t dynamicSize) {
  auto known = [&](int64_t size) { return ShapedType::isDynamic(size) ? dynamicSize : size; };
  ArrayRef<int64_t> o = shapedType(getOInit()).getShape();
  auto [keyValue, keyDim] = getKeyCount();
  int64_t queries = known(o[2]), keys = known(shapedType(keyValue).getDimSize(keyDim)), pairs = 0;
  if (getBlockStarts()) {
    // For each head, or for all.
    int64_t blocks = known(shapedType(getBlockColumns()).getDimSize(0));
    int64_t lists =
        known(shapedType(getBlockStarts()).getDimSize(0)) * known(shapedType(getBlockStarts()).getDimSize(1));
    pairs = blocks * getBlockQueries() * getBlockKeys() / std::max<int64_t>(lists, 1);
  } else {
    for (int64_t i = 0; i < queries; ++i) {
      auto [first, end] = boundKeys(getMaskAttr(), keys - queries + i, keys);
      pairs += end - first;
    }
  }
  int64_t perPair = 2 * known(shapedType(getQ()).getDimSize(3)) + 2 * known(o[3]) + 4;
  return countElements(o.take_front(2), dynamicSize) * pairs * perPair;
}
