//===- BlockLocalAttention.cpp - vector code of block_local_attention -----------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A block of W tokens: its keys are turned once, so that lanes are tokens. Then a few rows at a time: their scores, in
// vectors of W tokens; the weights of each row, from its greatest score; and the sums of weights and values, in vectors
// of columns. What a row does not attend to is left out of every sum, not multiplied by 0: a value that is not finite
// reaches nothing before its time.
//
//===----------------------------------------------------------------------===//

#include "compiler/vector/Vectorize.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

#include <limits>

using namespace mlir;
using namespace linnet;

/// Rows that pass the keys and the values together, and vectors that they pass at a time: 16 sums in registers.
static constexpr int64_t kRows = 4;
static constexpr int64_t kVectorsAtOnce = 4;
/// Bytes of the turned keys of a block, which a thread has on its stack.
static constexpr int64_t kMaxKeyBytes = 64 * 1024;
/// Of the widest target: whether the fast path covers an op does not depend on the target.
static constexpr int64_t kMostLanes = 16;

static RankedTensorType typeOf(Value value) { return cast<RankedTensorType>(value.getType()); }

namespace {

class BlockLocalBuilder {
public:
  BlockLocalBuilder(BlockLocalAttentionOp op, int64_t lanes)
      : op(op), keys(typeOf(op.getQ()).getDimSize(3)), columns(typeOf(op.getV()).getDimSize(3)),
        vectors(llvm::divideCeil(op.getBlockSize(), lanes)), lanes(lanes) {}

  Value run(VectorBuilder &b);

private:
  using Vectors = SmallVector<Value>;
  Value add(VectorBuilder &b, Value x, Value y) { return arith::AddIOp::create(b, x, y); }
  Value widen(VectorBuilder &b, Value x) {
    bool isF32 = getElementTypeOrSelf(x.getType()).isF32();
    return isF32 ? x : Value(arith::ExtFOp::create(b, b.vectorOf(b.getF32Type()), x));
  }
  SmallVector<Value> placeOf(VectorBuilder &b, Value token, Value column) {
    return {b.index(0), token, b.index(0), column};
  }
  Value zero(VectorBuilder &b) { return b.splat(0.0, b.getF32Type()); }

  /// The lanes of vector `vector` of a block that are before `end` (index).
  Value lanesBefore(VectorBuilder &b, int64_t vector, Value end);
  /// Keys from `first` on as [key, token].
  Value turnKeys(VectorBuilder &b, Value first, Value room);
  /// The rows `rows` of scores [row, token], each with the tokens before its end.
  Value score(VectorBuilder &b, ArrayRef<Value> rows, Value turned, Value scores);
  /// Weights in place of scores; returns them and, for a softmax, the sum of each row in all lanes.
  std::pair<Value, Vectors> weigh(VectorBuilder &b, ArrayRef<Value> ends, Value scores);
  /// Rows of o: weights times the values of the tokens from `first` on.
  Value sumValues(VectorBuilder &b, ArrayRef<Value> rows, ArrayRef<Value> ends, Value first, Value shared,
                  Value weights, ArrayRef<Value> totals, Value o);

  BlockLocalAttentionOp op;
  int64_t keys, columns, vectors, lanes;
};

Value BlockLocalBuilder::lanesBefore(VectorBuilder &b, int64_t vector, Value end) {
  Value left = arith::SubIOp::create(b, end, b.index(vector * lanes));
  return vector::CreateMaskOp::create(b, b.vectorOf(b.getI1Type()), left);
}

Value BlockLocalBuilder::turnKeys(VectorBuilder &b, Value first, Value room) {
  return b.loop(b.index(0), b.index(keys), lanes, room, [&](VectorBuilder &b, Value key, ValueRange carried) {
    Value turned = carried[0];
    for (int64_t vector = 0; vector < vectors; ++vector) {
      Value token = add(b, first, b.index(vector * lanes));
      Vectors columns = b.readTurned(op.getK(), placeOf(b, token, key), /*laneDim=*/1, /*allRows=*/false,
                                     /*allColumns=*/keys % lanes == 0);
      for (auto [i, column] : llvm::enumerate(columns))
        turned = b.write(widen(b, column), turned, {add(b, key, b.index(i)), b.index(vector * lanes)});
    }
    return Vectors{turned};
  })[0];
}

Value BlockLocalBuilder::score(VectorBuilder &b, ArrayRef<Value> rows, Value turned, Value scores) {
  Value scale = b.splat(op.getScale().convertToDouble(), b.getF32Type());
  for (int64_t from = 0; from < vectors; from += kVectorsAtOnce) {
    int64_t count = std::min(vectors - from, kVectorsAtOnce);
    Vectors sums(kRows * count, zero(b));
    sums = b.loop(b.index(0), b.index(keys), 1, sums, [&](VectorBuilder &b, Value key, ValueRange sums) {
      Vectors others, next;
      for (int64_t vector = from; vector < from + count; ++vector)
        others.push_back(b.read(turned, {key, b.index(vector * lanes)}));
      for (Value row : rows) {
        Value query = widen(b, b.broadcast(op.getQ(), placeOf(b, row, key)));
        for (Value other : others)
          next.push_back(b.mulAdd(query, other, sums[next.size()]));
      }
      return next;
    });
    for (int64_t row = 0; row < kRows; ++row)
      for (int64_t i = 0; i < count; ++i)
        scores = b.write(b.mul(scale, sums[row * count + i]), scores, {b.index(row), b.index((from + i) * lanes)});
  }
  return scores;
}

std::pair<Value, BlockLocalBuilder::Vectors> BlockLocalBuilder::weigh(VectorBuilder &b, ArrayRef<Value> ends,
                                                                      Value scores) {
  Vectors totals;
  bool isSoftmax = op.getWeights() == ScoreWeights::Softmax;
  for (auto [row, end] : llvm::enumerate(ends)) {
    auto at = [&](VectorBuilder &b, int64_t vector) {
      return SmallVector<Value>{b.index(row), b.index(vector * lanes)};
    };
    if (!isSoftmax) {
      for (int64_t vector = 0; vector < vectors; ++vector)
        scores = b.write(arith::MaximumFOp::create(b, b.read(scores, at(b, vector)), zero(b)), scores, at(b, vector));
      continue;
    }
    Value lowest = b.splat(-std::numeric_limits<double>::infinity(), b.getF32Type()), greatest = lowest;
    Vectors kept;
    for (int64_t vector = 0; vector < vectors; ++vector) {
      Value score = b.read(scores, at(b, vector));
      kept.push_back(arith::SelectOp::create(b, lanesBefore(b, vector, end), score, lowest));
      greatest = arith::MaximumFOp::create(b, greatest, kept.back());
    }
    Value most = vector::ReductionOp::create(b, vector::CombiningKind::MAXIMUMF, greatest);
    Value spread = vector::BroadcastOp::create(b, b.vectorOf(b.getF32Type()), most), total = zero(b);
    for (int64_t vector = 0; vector < vectors; ++vector) {
      Value weight = b.exp(arith::SubFOp::create(b, kept[vector], spread));
      // With a greatest score of -inf the lanes beyond would be NaN.
      weight = arith::SelectOp::create(b, lanesBefore(b, vector, end), weight, zero(b));
      total = b.add(total, weight);
      scores = b.write(weight, scores, at(b, vector));
    }
    Value sum = vector::ReductionOp::create(b, vector::CombiningKind::ADD, total);
    totals.push_back(vector::BroadcastOp::create(b, b.vectorOf(b.getF32Type()), sum));
  }
  return {scores, totals};
}

Value BlockLocalBuilder::sumValues(VectorBuilder &b, ArrayRef<Value> rows, ArrayRef<Value> ends, Value first,
                                   Value shared, Value weights, ArrayRef<Value> totals, Value o) {
  Type element = getElementTypeOrSelf(o.getType());
  int64_t all = llvm::divideCeil(columns, lanes);
  for (int64_t from = 0; from < all; from += kVectorsAtOnce) {
    int64_t count = std::min(all - from, kVectorsAtOnce);
    auto isWhole = [&](int64_t i) { return (from + i + 1) * lanes <= columns; };
    auto columnOf = [&](VectorBuilder &b, int64_t i) { return b.index((from + i) * lanes); };
    Value padding = arith::ConstantOp::create(b, b.getFloatAttr(element, 0.0));
    auto addToken = [&](VectorBuilder &b, Value j, ValueRange sums, bool isShared) {
      Vectors values, next;
      for (int64_t i = 0; i < count; ++i)
        values.push_back(widen(b, vector::TransferReadOp::create(b, b.vectorOf(element), op.getV(),
                                                                 placeOf(b, add(b, first, j), columnOf(b, i)), padding,
                                                                 ArrayRef{isWhole(i)})));
      for (int64_t row = 0; row < kRows; ++row) {
        Value weight = b.broadcast(weights, {b.index(row), j});
        Value attends = isShared ? Value() : arith::CmpIOp::create(b, arith::CmpIPredicate::ult, j, ends[row]);
        for (Value value : values) {
          Value before = sums[next.size()], sum = b.mulAdd(weight, value, before);
          next.push_back(isShared ? sum : arith::SelectOp::create(b, attends, sum, before).getResult());
        }
      }
      return next;
    };
    // The tokens that all rows attend to; then those that only later ones do.
    Vectors sums(kRows * count, zero(b));
    sums = b.loop(b.index(0), shared, 1, sums,
                  [&](VectorBuilder &b, Value j, ValueRange sums) { return addToken(b, j, sums, /*isShared=*/true); });
    Value rest = arith::SubIOp::create(b, ends.back(), shared);
    sums = b.loop(b.index(0), rest, 1, sums, [&](VectorBuilder &b, Value j, ValueRange sums) {
      return addToken(b, add(b, shared, j), sums, /*isShared=*/false);
    });
    for (int64_t row = 0; row < kRows; ++row)
      for (int64_t i = 0; i < count; ++i) {
        Value y = sums[row * count + i];
        if (!totals.empty())
          y = arith::DivFOp::create(b, y, totals[row]);
        if (!element.isF32())
          y = arith::TruncFOp::create(b, b.vectorOf(element), y);
        o = vector::TransferWriteOp::create(b, y, o, placeOf(b, rows[row], columnOf(b, i)), ArrayRef{isWhole(i)})
                .getResult();
      }
  }
  return o;
}

Value BlockLocalBuilder::run(VectorBuilder &b) {
  Value time = b.dim(op.getV(), 1);
  auto empty = [&](ArrayRef<int64_t> shape) -> Value { return tensor::EmptyOp::create(b, shape, b.getF32Type()); };
  Vectors inits = {op.getOInit(), empty({static_cast<int64_t>(llvm::alignTo(keys, lanes)), vectors * lanes}),
                   empty({kRows, vectors * lanes})};
  return b.loop(b.index(0), time, op.getBlockSize(), inits, [&](VectorBuilder &b, Value first, ValueRange values) {
    Value count = arith::MinSIOp::create(b, arith::SubIOp::create(b, time, first), b.index(op.getBlockSize()));
    Value turned = turnKeys(b, first, values[1]);
    Vectors done =
        b.loop(b.index(0), count, kRows, {values[0], values[2]}, [&](VectorBuilder &b, Value row, ValueRange values) {
          // Rows behind the last one repeat it.
          Value last = arith::SubIOp::create(b, count, b.index(1));
          Vectors rows, ends;
          for (int64_t i = 0; i < kRows; ++i) {
            Value place = arith::MinSIOp::create(b, add(b, row, b.index(i)), last);
            rows.push_back(add(b, first, place));
            ends.push_back(op.getCausal() ? add(b, place, b.index(1)) : count);
          }
          Value scores = score(b, rows, turned, values[1]);
          auto [weights, totals] = weigh(b, ends, scores);
          Value o = sumValues(b, rows, ends, first, ends.front(), weights, totals, values[0]);
          return Vectors{o, weights};
        });
    return Vectors{done[0], turned, done[1]};
  })[0];
}

} // namespace

std::string linnet::explainUncoveredBlockLocalAttention(BlockLocalAttentionOp op) {
  if (std::string reason = explainUncoveredHeads(op.getQ(), op.getK(), op.getV()); !reason.empty())
    return reason;
  int64_t keys = llvm::alignTo(typeOf(op.getQ()).getDimSize(3), kMostLanes), most = kMaxKeyBytes / 4 / keys;
  if (static_cast<int64_t>(op.getBlockSize()) > most / kMostLanes * kMostLanes)
    return "the keys of a block do not fit " + std::to_string(kMaxKeyBytes / 1024) + " KiB";
  return "";
}

LogicalResult linnet::vectorizeBlockLocalAttentionTile(RewriterBase &rewriter, BlockLocalAttentionOp op,
                                                       int64_t lanes) {
  ArrayRef<int64_t> v = typeOf(op.getV()).getShape();
  if (v[0] != 1 || v[2] != 1 || !explainUncoveredBlockLocalAttention(op).empty())
    return failure();
  rewriter.setInsertionPoint(op);
  VectorBuilder b(op.getLoc(), rewriter, lanes);
  rewriter.replaceOp(op, BlockLocalBuilder(op, lanes).run(b));
  return success();
}
