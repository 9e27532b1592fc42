//===- LinearAttention.cpp - linear attention by threads ------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A thread owns a column of the state, which no other column depends on: it runs along time with the column in its
// registers, for every decay and for the delta rule (docs/spec/linear-attention.md).
//
//===----------------------------------------------------------------------===//

#include "compiler/gpu/ThreadCode.h"

#include "compiler/reference/Reference.h"
#include "compiler/vector/TimeLoop.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace linnet;

/// Keys of a head whose states fit the registers of a thread, with what else it needs.
static constexpr int64_t kMaxKeys = 128;

namespace {

class ColumnBuilder {
public:
  ColumnBuilder(LinearAttentionOp op) : op(op), keys(cast<RankedTensorType>(op.getQ().getType()).getDimSize(3)) {}

  bool covers() {
    return !ShapedType::isDynamic(keys) && keys <= kMaxKeys && !op.isPacked() && !op.getNormalize() &&
           getElementTypeOrSelf(op.getStateInit().getType()).isF32();
  }

  SmallVector<Value> run(RewriterBase &rewriter) {
    VectorBuilder b(op.getLoc(), rewriter, keys);
    Value zero = b.index(0);
    Value times = b.dim(op.getV(), 1);
    bool isColumn = op.getStateLayout() == StateLayout::KV;
    SmallVector<Value> entries;
    auto stateAt = [&](int64_t key) {
      Value row = b.index(key);
      return isColumn ? SmallVector<Value>{zero, zero, row, zero} : SmallVector<Value>{zero, zero, zero, row};
    };
    for (int64_t key = 0; key < keys; ++key)
      entries.push_back(tensor::ExtractOp::create(b, op.getStateInit(), stateAt(key)));
    Value state = vector::FromElementsOp::create(b, VectorType::get(keys, b.getF32Type()), entries);
    auto overTokens = [&](Value state, Value o, bool updates, bool reads) {
      SmallVector<Value> written;
      if (reads)
        written.push_back(o);
      return buildTimeLoop(
          b, times, written, state,
          [&](VectorBuilder &b, Value t, SmallVectorImpl<Value> &outputs, SmallVectorImpl<Value> &carried) {
            if (op.getReverse())
              t = arith::SubIOp::create(b, arith::SubIOp::create(b, times, t), b.index(1));
            Value before = carried[0];
            if (updates)
              carried[0] = update(b, t, before);
            if (reads)
              outputs[0] = tensor::InsertOp::create(b, read(b, t, op.getPreUpdate() ? before : carried[0]), outputs[0],
                                                    ValueRange{zero, t, zero, zero});
          });
    };
    TimeLoopResults loop = overTokens(state, op.getOInit(), /*updates=*/true, /*reads=*/!op.getBidirectional());
    if (op.getBidirectional())
      loop = overTokens(loop.carried[0], op.getOInit(), /*updates=*/false, /*reads=*/true);
    Value result = op.getStateInit();
    for (int64_t key = 0; key < keys; ++key)
      result = tensor::InsertOp::create(b, vector::ExtractOp::create(b, loop.carried[0], key), result, stateAt(key));
    return {loop.outputs[0], result};
  }

private:
  Value widen(VectorBuilder &b, Value x) {
    Type type = x.getType();
    if (getElementTypeOrSelf(type).isF32())
      return x;
    Type wide = b.getF32Type();
    if (auto vector = dyn_cast<VectorType>(type))
      wide = vector.clone(wide);
    return arith::ExtFOp::create(b, wide, x);
  }
  Value row(VectorBuilder &b, Value tensor, Value t) {
    return widen(b, b.read(tensor, {b.index(0), t, b.index(0), b.index(0)}));
  }
  Value scalar(VectorBuilder &b, Value tensor, ArrayRef<Value> at) {
    return widen(b, tensor::ExtractOp::create(b, tensor, at));
  }
  Value spread(VectorBuilder &b, Value x) {
    return vector::BroadcastOp::create(b, VectorType::get(keys, b.getF32Type()), x);
  }
  /// In the order of the keys, fused where it can be.
  Value dot(VectorBuilder &b, Value x, Value y) {
    Value sum;
    for (int64_t key = 0; key < keys; ++key) {
      Value left = vector::ExtractOp::create(b, x, key), right = vector::ExtractOp::create(b, y, key);
      sum = sum ? b.mulAdd(left, right, sum) : b.mul(left, right);
    }
    return sum;
  }
  Value normalized(VectorBuilder &b, Value x) {
    if (!op.getQkL2norm())
      return x;
    auto constant = [&](double value) -> Value {
      return arith::ConstantOp::create(b, b.getF32FloatAttr(static_cast<float>(value)));
    };
    Value square = b.add(dot(b, x, x), constant(op.getL2normEps().convertToDouble()));
    return b.mul(x, spread(b, arith::DivFOp::create(b, constant(1.0), math::SqrtOp::create(b, square))));
  }

  Value loadValue(VectorBuilder &b, Value t) { return scalar(b, op.getV(), {b.index(0), t, b.index(0), b.index(0)}); }

  Value update(VectorBuilder &b, Value t, Value before) {
    Value zero = b.index(0), k = normalized(b, row(b, op.getK(), t)), state = before;
    if (Value log = op.getLogDecay()) {
      if (op.hasKeyDecay())
        state = b.mul(b.exp(row(b, log, t)), state);
      else
        state = b.mul(
            spread(b, b.exp(op.hasConstantDecay() ? scalar(b, log, {zero}) : scalar(b, log, {zero, t, zero}))), state);
    }
    Value added = loadValue(b, t);
    if (op.getBeta())
      added = b.mul(scalar(b, op.getBeta(), {zero, t, zero}),
                    arith::SubFOp::create(b, added, dot(b, k, state), arith::FastMathFlags::contract));
    state = b.mulAdd(k, spread(b, added), state);
    if (op.getErase())
      state = b.mulAdd(row(b, op.getWrite(), t), spread(b, dot(b, row(b, op.getErase(), t), before)), state);
    return state;
  }

  Value read(VectorBuilder &b, Value t, Value state) {
    if (op.getBonus()) {
      Value bonus = widen(b, b.read(op.getBonus(), {b.index(0), b.index(0)}));
      Value k = normalized(b, row(b, op.getK(), t));
      state = b.mulAdd(b.mul(bonus, k), spread(b, loadValue(b, t)), state);
    }
    Value scale = arith::ConstantOp::create(b, b.getF32FloatAttr(static_cast<float>(op.getScale().convertToDouble())));
    Value o = b.mul(scale, dot(b, normalized(b, row(b, op.getQ(), t)), state));
    if (Type element = getElementTypeOrSelf(op.getOInit().getType()); !element.isF32())
      o = arith::TruncFOp::create(b, element, o);
    return o;
  }

  LinearAttentionOp op;
  int64_t keys;
};

} // namespace

LogicalResult linnet::emitLinearAttentionThreads(RewriterBase &rewriter, LinearAttentionOp op) {
  // A thread for each column, or one where the columns hang together.
  FailureOr<Operation *> thread = tileToThreads(rewriter, op, {1, 0, 1, op.getNormalize() ? 0 : 1});
  if (failed(thread))
    return failure();
  auto tile = cast<LinearAttentionOp>(*thread);
  ColumnBuilder column(tile);
  if (!column.covers())
    return lowerByReference(tile, populateLinearAttentionReferencePatterns);
  rewriter.setInsertionPoint(tile);
  rewriter.replaceOp(tile, column.run(rewriter));
  return success();
}
