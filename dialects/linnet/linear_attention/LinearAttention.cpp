//===- LinearAttention.cpp - linear_attention: verifier, shapes, interfaces -----===//
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

bool LinearAttentionOp::hasKeyDecay() { return getLogDecay() && shapedType(getLogDecay()).getRank() == 4; }

bool LinearAttentionOp::hasConstantDecay() { return getLogDecay() && shapedType(getLogDecay()).getRank() == 1; }

/// `value` + `more`, or dynamic.
static int64_t plus(int64_t value, int64_t more) { return ShapedType::isDynamic(value) ? value : value + more; }

/// The state of `sequences` sequences; the sum of keys is one more value column.
static SmallVector<int64_t> stateShape(LinearAttentionOp op, int64_t sequences, int64_t heads, int64_t keys,
                                       int64_t values) {
  values = plus(values, op.getNormalize());
  if (op.getStateLayout() == StateLayout::KV)
    return {sequences, heads, keys, values};
  return {sequences, heads, values, keys};
}

/// The number of sequences, each with a state of its own.
static int64_t countSequences(LinearAttentionOp op, int64_t batch) {
  return op.isPacked() ? plus(shapedType(op.getCuSeqlens()).getDimSize(0), -1) : batch;
}

static SmallVector<SmallVector<int64_t>> inferShapes(LinearAttentionOp op) {
  SmallVector<int64_t> v(shapedType(op.getV()).getShape());
  ArrayRef<int64_t> q = shapedType(op.getQ()).getShape(), k = shapedType(op.getK()).getShape();
  for (int64_t dim : {0, 1})
    v[dim] = !ShapedType::isDynamic(v[dim]) ? v[dim] : !ShapedType::isDynamic(q[dim]) ? q[dim] : k[dim];
  int64_t keys = ShapedType::isDynamic(q[3]) ? k[3] : q[3];
  return {v, stateShape(op, countSequences(op, v[0]), v[2], keys, v[3])};
}

namespace {
/// What the operands agree on.
struct Sizes {
  CommonSize batch, time, heads, values, keys;
};
} // namespace

/// q or k: the sizes of v but for its own number of heads.
static LogicalResult verifyKeySide(LinearAttentionOp op, StringRef name, Value value, Sizes &sizes) {
  auto type = shapedType(value);
  if (type.getRank() != 4)
    return op.emitOpError() << "expected " << name << " to have rank 4, got " << type << " [linear-attention C1]";
  CommonSize heads{type.getDimSize(2), value};
  return verifyShape(op, name, value, {&sizes.batch, &sizes.time, &heads, &sizes.keys}, "linear-attention C2");
}

/// The heads of q or k divide those of v.
static LogicalResult verifyHeads(LinearAttentionOp op, StringRef name, Value value, int64_t all) {
  int64_t heads = shapedType(value).getDimSize(2);
  if (ShapedType::isDynamic(heads) || ShapedType::isDynamic(all) || (heads != 0 && all % heads == 0) || heads == all)
    return success();
  InFlightDiagnostic diagnostic = op.emitOpError() << "expected the heads of " << name << " to divide the " << all
                                                   << " heads of v, got " << heads << " [linear-attention C3]";
  diagnostic.attachNote(op.getV().getLoc()) << "v has type " << op.getV().getType();
  return diagnostic;
}

static LogicalResult verifyCombinations(LinearAttentionOp op) {
  auto fail = [&](StringRef message, StringRef label) {
    return op.emitOpError() << message << " [linear-attention " << label << "]";
  };
  if (static_cast<bool>(op.getErase()) != static_cast<bool>(op.getWrite()))
    return fail("expected erase and write together, got one of them", "C6");
  if (op.getBeta() && op.getErase())
    return fail("expected beta or erase and write, got all of them", "C7");
  if (op.getBonus() && !op.getPreUpdate())
    return fail("expected pre_update where there is a bonus", "C8");
  if (op.getNormalize() && (op.getBeta() || op.getErase() || op.getPreUpdate()))
    return fail("expected no beta, erase, write or pre_update with normalize", "C13");
  if (op.getBidirectional() &&
      (op.getLogDecay() || op.getBeta() || op.getErase() || op.getPreUpdate() || op.getReverse()))
    return fail("expected no log_decay, beta, erase, write, pre_update or reverse with bidirectional", "C14");
  for (auto [name, size] :
       {std::pair("chunk_size", op.getChunkSize()), std::pair("sub_chunk_size", op.getSubChunkSize())})
    if (size && static_cast<int64_t>(*size) < 1)
      return op.emitOpError() << "expected a " << name << " of at least 1, got " << static_cast<int64_t>(*size)
                              << " [linear-attention C15]";
  if (!std::isfinite(op.getScale().convertToDouble()))
    return fail("expected a finite scale", "C16");
  if (double eps = op.getL2normEps().convertToDouble(); !std::isfinite(eps) || eps < 0)
    return op.emitOpError() << "expected an l2norm_eps that is finite and not negative, got " << eps
                            << " [linear-attention C17]";
  if (op.getGateLowerBound()) {
    double bound = op.getGateLowerBound()->convertToDouble();
    if (!op.getLogDecay())
      return fail("expected a log_decay where there is a gate_lower_bound", "C18");
    if (!std::isfinite(bound) || bound >= 0)
      return op.emitOpError() << "expected a gate_lower_bound that is finite and below 0, got " << bound
                              << " [linear-attention C18]";
  }
  return success();
}

static LogicalResult verifyElementTypes(LinearAttentionOp op) {
  Type element = shapedType(op.getQ()).getElementType();
  if (!element.isF32() && !element.isF64() && !element.isBF16() && !element.isF16())
    return op.emitOpError() << "expected q to have elements of type f32, f64, bf16 or f16, got " << element
                            << " [linear-attention C11]";
  for (auto [name, value] :
       {std::pair("k", Value(op.getK())), std::pair("v", Value(op.getV())), std::pair("o", Value(op.getOInit())),
        std::pair("beta", Value(op.getBeta())), std::pair("erase", Value(op.getErase())),
        std::pair("write", Value(op.getWrite())), std::pair("bonus", Value(op.getBonus()))})
    if (value && failed(verifyElementType(op, name, value, element, "linear-attention C12")))
      return failure();
  // Decays and states have the type of the sums.
  Type sum = element.isF64() ? element : Float32Type::get(op.getContext());
  for (auto [name, value] :
       {std::pair("log_decay", Value(op.getLogDecay())), std::pair("state", Value(op.getStateInit()))})
    if (value && failed(verifyElementType(op, name, value, sum, "linear-attention C12")))
      return failure();
  return success();
}

LogicalResult LinearAttentionOp::verify() {
  auto q = shapedType(getQ()), v = shapedType(getV());
  if (v.getRank() != 4)
    return emitOpError() << "expected v to have rank 4, got " << v << " [linear-attention C1]";
  if (q.getRank() != 4)
    return emitOpError() << "expected q to have rank 4, got " << q << " [linear-attention C1]";
  SmallVector<CommonSize> known = getSizes(getV());
  Sizes sizes{known[0], known[1], known[2], known[3], {q.getDimSize(3), getQ()}};
  if (failed(verifyKeySide(*this, "q", getQ(), sizes)) || failed(verifyKeySide(*this, "k", getK(), sizes)))
    return failure();
  SmallVector<CommonSize *> perHead = {&sizes.batch, &sizes.time, &sizes.heads}, perKey = perHead;
  perKey.push_back(&sizes.keys);
  if (Value decay = getLogDecay()) {
    int64_t rank = shapedType(decay).getRank();
    if (rank != 1 && rank != 3 && rank != 4)
      return emitOpError() << "expected log_decay to have rank 1, 3 or 4, got " << decay.getType()
                           << " [linear-attention C4]";
    SmallVector<CommonSize *> expected = rank == 4 ? perKey : perHead;
    if (rank == 1)
      expected = {&sizes.heads};
    if (failed(verifyShape(*this, "log_decay", decay, expected, "linear-attention C4")))
      return failure();
  }
  if (getBeta() && failed(verifyShape(*this, "beta", getBeta(), perHead, "linear-attention C5")))
    return failure();
  for (auto [name, value] : {std::pair("erase", Value(getErase())), std::pair("write", Value(getWrite()))})
    if (value && failed(verifyShape(*this, name, value, perKey, "linear-attention C6")))
      return failure();
  if (getBonus() && failed(verifyShape(*this, "bonus", getBonus(), {&sizes.heads, &sizes.keys}, "linear-attention C8")))
    return failure();
  if (failed(verifyCombinations(*this)))
    return failure();
  if (Value offsets = getCuSeqlens()) {
    auto type = shapedType(offsets);
    if (type.getRank() != 1 || type.getDimSize(0) == 0 ||
        !(type.getElementType().isInteger(32) || type.getElementType().isInteger(64)))
      return emitOpError() << "expected cu_seqlens to have rank 1, at least one element and type i32 or i64, got "
                           << type << " [linear-attention C9]";
    int64_t batch = sizes.batch.size;
    if (!ShapedType::isDynamic(batch) && batch != 1)
      return emitOpError() << "expected a batch of 1 with cu_seqlens, got " << batch << " [linear-attention C9]";
  }
  SmallVector<CommonSize *> output = {&sizes.batch, &sizes.time, &sizes.heads, &sizes.values};
  if (failed(verifyShape(*this, "o", getOInit(), output, "linear-attention C10")))
    return failure();
  // The sizes of the state that are no sizes of others: of packed sequences, and with the sums of keys.
  CommonSize sequences = sizes.batch, columns{plus(sizes.values.size, getNormalize()), sizes.values.from};
  if (isPacked())
    sequences = {countSequences(*this, sizes.batch.size), getCuSeqlens()};
  SmallVector<CommonSize *> state = {&sequences, &sizes.heads, &sizes.keys, &columns};
  if (getStateLayout() == StateLayout::VK)
    std::swap(state[2], state[3]);
  if (failed(verifyShape(*this, "state", getStateInit(), state, "linear-attention C10")) ||
      failed(verifyHeads(*this, "q", getQ(), sizes.heads.size)) ||
      failed(verifyHeads(*this, "k", getK(), sizes.heads.size)))
    return failure();
  return verifyElementTypes(*this);
}

LogicalResult LinearAttentionOp::reifyResultShapes(OpBuilder &builder, ReifiedRankedShapedTypeDims &shapes) {
  return reifyInits(*this, builder, shapes);
}

LogicalResult LinearAttentionOp::canonicalize(LinearAttentionOp op, PatternRewriter &rewriter) {
  return refineInits(op, inferShapes(op), rewriter);
}

std::optional<int64_t> LinearAttentionOp::getOperandTimeDim(OpOperand &operand) {
  Value value = operand.get();
  bool isTimeless = operand.getOperandNumber() == getStateInitMutable().getOperandNumber() || value == getBonus() ||
                    value == getCuSeqlens() || (value == getLogDecay() && hasConstantDecay());
  return isTimeless ? std::nullopt : std::optional<int64_t>(1);
}

std::optional<int64_t> LinearAttentionOp::getResultTimeDim(unsigned index) {
  return index == 0 ? std::optional<int64_t>(1) : std::nullopt;
}

bool LinearAttentionOp::isCausal() { return !getReverse() && !getBidirectional() && !isPacked(); }

int64_t LinearAttentionOp::getFlops(int64_t dynamicSize) {
  auto known = [&](int64_t size) { return ShapedType::isDynamic(size) ? dynamicSize : size; };
  int64_t rows = countElements(shapedType(getV()).getShape().drop_back(), dynamicSize);
  int64_t keys = known(shapedType(getQ()).getDimSize(3)), values = known(shapedType(getV()).getDimSize(3));
  // Of one state entry and token: the update and the read, 2 each; the decay; what the delta rule reads; erase and
  // write.
  int64_t perEntry = 4 + (getLogDecay() ? 1 : 0) + (getBeta() ? 2 : 0) + (getErase() ? 4 : 0);
  int64_t perKey = (hasKeyDecay() ? 1 : 0) + (getQkL2norm() ? 6 : 0) + (getBonus() ? 3 : 0);
  return rows * (keys * (values + getNormalize()) * perEntry + keys * perKey + 2 * values);
}
