//===- KroneckerAttention.cpp - vector code of kronecker_attention ----------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A tile is some queries of a head. Blocks of keys of k2, which are turned once; for each the keys of k1 one by one,
// and for each of those the queries, a few rows at a time:
//
//   x[r]     = scale q[r] k1[j]                        one row of the Khatri-Rao product
//   s[r]     = x[r] K2^T                               a small matrix product, in vectors of keys
//   m', a    = max(m, max s), exp(m - m')              the softmax goes on from what came before
//   y[r]     = sum over l of exp(s[r,l] - m') v2[l]    another one, in vectors of columns
//   o[r]     = a o[r] + y[r] v1[j]
//
// The state of a query is its greatest score, the sum of its weights, and o. What a query does not attend to is left
// out of every sum, not multiplied by 0: a value that is not finite reaches nothing before its time.
//
//===----------------------------------------------------------------------===//

#include "compiler/Combine.h"
#include "compiler/tiling/Tiling.h"
#include "compiler/vector/RowLoop.h"
#include "compiler/vector/Vectorize.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

#include <limits>

using namespace mlir;
using namespace linnet;

/// Rows that pass the keys together, keys of a block, and vectors that rows pass at a time: 16 sums in registers.
static constexpr int64_t kRows = 8, kKeys = 64, kVectorsAtOnce = 2;
/// Bytes of what a tile has on the stack of a thread.
static constexpr int64_t kMaxBytes = 64 * 1024;
/// Of the widest target: whether the fast path covers an op does not depend on the target.
static constexpr int64_t kMostLanes = 16;

static RankedTensorType typeOf(Value value) { return cast<RankedTensorType>(value.getType()); }

std::string linnet::explainUncoveredKroneckerAttention(KroneckerAttentionOp op) {
  if (!typeOf(op.getQ()).getElementType().isF32())
    return "the elements are not f32";
  int64_t size = typeOf(op.getQ()).getDimSize(3), values = typeOf(op.getV1()).getDimSize(3);
  if (ShapedType::isDynamic(size) || ShapedType::isDynamic(values))
    return "the sizes of keys and values are not static";
  int64_t heads = typeOf(op.getQ()).getDimSize(1), keyHeads = typeOf(op.getK1()).getDimSize(1);
  if (keyHeads != 1 && (ShapedType::isDynamic(heads) || ShapedType::isDynamic(keyHeads)))
    return "the number of heads is not static";
  int64_t columns = llvm::alignTo(size, kMostLanes) + llvm::alignTo(values, kMostLanes);
  int64_t numbers = kKroneckerQueries * (columns + kMostLanes) + kKeys * llvm::alignTo(size, kMostLanes);
  if (numbers * int64_t(sizeof(float)) > kMaxBytes)
    return "the state of a tile of queries does not fit " + std::to_string(kMaxBytes / 1024) + " KiB";
  return "";
}

namespace {

using Values = SmallVector<Value>;

class KroneckerBuilder {
public:
  KroneckerBuilder(KroneckerAttentionOp op, int64_t lanes)
      : op(op), lanes(lanes), size(typeOf(op.getQ()).getDimSize(3)), values(typeOf(op.getV1()).getDimSize(3)),
        sizeVectors(llvm::divideCeil(size, lanes)), valueVectors(llvm::divideCeil(values, lanes)) {}

  Values run(VectorBuilder &b);

private:
  /// The tensors of a tile: q with its scale, the state, and room for one block.
  enum : int64_t { kQueries, kMost, kTotal, kSums, kTurned, kX, kScores, kCount };

  static Value add(VectorBuilder &b, Value x, Value y) { return arith::AddIOp::create(b, x, y); }
  static Value add(VectorBuilder &b, Value x, int64_t y) { return add(b, x, b.index(y)); }
  Values placeOf(VectorBuilder &b, Value token, Value column) { return {b.index(0), b.index(0), token, column}; }
  Value column(VectorBuilder &b, int64_t vector) { return b.index(vector * lanes); }
  Value constant(VectorBuilder &b, double value) { return b.splat(value, b.getF32Type()); }
  Value spread(VectorBuilder &b, Value scalar) {
    return vector::BroadcastOp::create(b, b.vectorOf(b.getF32Type()), scalar);
  }

  Values begin(VectorBuilder &b, Value queries);
  Value turnKeys(VectorBuilder &b, Value key, Value turned);
  /// The last key that row `row` of the tile attends to, and one behind it.
  Value endOf(VectorBuilder &b, Value row, Value queries, Value keys);
  Values runRows(VectorBuilder &b, Value row, Value queries, Value j, Value key, Value count, ValueRange carried);
  Value score(VectorBuilder &b, Value x, Value turned, Value scores);
  /// Weights in place of the scores of one row; the vector of their sums, its scale, and whether there is a weight.
  Value sumValues(VectorBuilder &b, ArrayRef<Value> ends, Value shared, Value most, Value key, Value scores, Value row,
                  Value j, ArrayRef<Value> attends, ArrayRef<Value> scales, Value sums);
  Values finish(VectorBuilder &b, Value queries, ValueRange carried);

  KroneckerAttentionOp op;
  int64_t lanes, size, values, sizeVectors, valueVectors;
};

Values KroneckerBuilder::begin(VectorBuilder &b, Value queries) {
  auto empty = [&](ArrayRef<int64_t> shape) -> Value { return tensor::EmptyOp::create(b, shape, b.getF32Type()); };
  Values room(kCount);
  room[kQueries] = empty({kKroneckerQueries, sizeVectors * lanes});
  room[kMost] = empty({kKroneckerQueries});
  room[kTotal] = empty({kKroneckerQueries, lanes});
  room[kSums] = empty({kKroneckerQueries, valueVectors * lanes});
  room[kTurned] = empty({sizeVectors * lanes, kKeys});
  room[kX] = empty({kRows, sizeVectors * lanes});
  room[kScores] = empty({kRows, kKeys});
  Value last = arith::SubIOp::create(b, queries, b.index(1)), scale = constant(b, op.getScale().convertToDouble());
  Value zero = constant(b, 0.0);
  Values state = {room[kQueries], room[kMost], room[kTotal], room[kSums]};
  state = forEachStep(b, b.index(0), b.index(kKroneckerQueries), 1, state,
                      [&](VectorBuilder &b, Value row, ValueRange carried) {
                        Values next(carried);
                        // Rows behind the last query repeat it.
                        Value query = arith::MinSIOp::create(b, row, last);
                        for (int64_t i = 0; i < sizeVectors; ++i) {
                          Value q = b.readPart(op.getQ(), placeOf(b, query, column(b, i)), (i + 1) * lanes <= size);
                          next[0] = b.writePart(b.mul(scale, q), next[0], {row, column(b, i)}, true);
                        }
                        Value lowest = buildConstant(b, b.getF32Type(), -std::numeric_limits<double>::infinity());
                        next[1] = tensor::InsertOp::create(b, lowest, next[1], row);
                        next[2] = b.writePart(zero, next[2], {row, b.index(0)}, true);
                        for (int64_t i = 0; i < valueVectors; ++i)
                          next[3] = b.writePart(zero, next[3], {row, column(b, i)}, true);
                        return next;
                      });
  llvm::copy(state, room.begin());
  return room;
}

Value KroneckerBuilder::turnKeys(VectorBuilder &b, Value key, Value turned) {
  return forEachStep(b, b.index(0), b.index(sizeVectors * lanes), lanes, turned,
                     [&](VectorBuilder &b, Value d, ValueRange carried) {
                       Value next = carried[0];
                       for (int64_t vector = 0; vector < kKeys / lanes; ++vector) {
                         Values columns = b.readTurned(op.getK2(), placeOf(b, add(b, key, vector * lanes), d), 2,
                                                       /*allRows=*/false, /*allColumns=*/size % lanes == 0);
                         for (auto [i, x] : llvm::enumerate(columns))
                           next = b.writePart(x, next, {add(b, d, i), column(b, vector)}, true);
                       }
                       return Values{next};
                     })[0];
}

Value KroneckerBuilder::endOf(VectorBuilder &b, Value row, Value queries, Value keys) {
  if (!op.getCausal())
    return keys;
  Value query = arith::MinSIOp::create(b, row, arith::SubIOp::create(b, queries, b.index(1)));
  Value position = tensor::ExtractOp::create(b, op.getPositions(), query);
  position = arith::IndexCastOp::create(b, b.getIndexType(), position);
  Value end = arith::MaxSIOp::create(b, add(b, position, 1), b.index(0));
  return arith::MinSIOp::create(b, end, keys);
}

Value KroneckerBuilder::score(VectorBuilder &b, Value x, Value turned, Value scores) {
  for (int64_t from = 0; from < kKeys / lanes; from += kVectorsAtOnce) {
    Values sums(kRows * kVectorsAtOnce, constant(b, 0.0));
    sums = forEachStep(b, b.index(0), b.index(size), 1, sums, [&](VectorBuilder &b, Value d, ValueRange sums) {
      Values keys, next;
      for (int64_t i = 0; i < kVectorsAtOnce; ++i)
        keys.push_back(b.readPart(turned, {d, column(b, from + i)}, true));
      for (int64_t r = 0; r < kRows; ++r) {
        Value factor = b.broadcast(x, {b.index(r), d});
        for (Value key : keys)
          next.push_back(b.mulAdd(factor, key, sums[next.size()]));
      }
      return next;
    });
    for (int64_t r = 0, at = 0; r < kRows; ++r)
      for (int64_t i = 0; i < kVectorsAtOnce; ++i)
        scores = b.writePart(sums[at++], scores, {b.index(r), column(b, from + i)}, true);
  }
  return scores;
}

Value KroneckerBuilder::sumValues(VectorBuilder &b, ArrayRef<Value> ends, Value shared, Value most, Value key,
                                  Value scores, Value row, Value j, ArrayRef<Value> attends, ArrayRef<Value> scales,
                                  Value sums) {
  for (int64_t from = 0; from < valueVectors; from += kVectorsAtOnce) {
    int64_t count = std::min(kVectorsAtOnce, valueVectors - from);
    auto isWhole = [&](int64_t i) { return (from + i + 1) * lanes <= values; };
    auto addKey = [&](VectorBuilder &b, Value l, ValueRange before, bool isShared) {
      Values columns, next;
      for (int64_t i = 0; i < count; ++i)
        columns.push_back(b.readPart(op.getV2(), placeOf(b, add(b, key, l), column(b, from + i)), isWhole(i)));
      for (int64_t r = 0; r < kRows; ++r) {
        Value weight = b.broadcast(scores, {b.index(r), l});
        Value isSeen = isShared ? Value() : arith::CmpIOp::create(b, arith::CmpIPredicate::slt, l, ends[r]);
        for (Value value : columns) {
          Value sum = before[next.size()], more = b.mulAdd(weight, value, sum);
          next.push_back(isShared ? more : arith::SelectOp::create(b, isSeen, more, sum).getResult());
        }
      }
      return next;
    };
    // The keys that all rows attend to; then those that only some do.
    Values y(kRows * count, constant(b, 0.0));
    y = forEachStep(b, b.index(0), shared, 1, y,
                    [&](VectorBuilder &b, Value l, ValueRange y) { return addKey(b, l, y, true); });
    if (op.getCausal())
      y = forEachStep(b, shared, most, 1, y,
                      [&](VectorBuilder &b, Value l, ValueRange y) { return addKey(b, l, y, false); });
    for (int64_t i = 0; i < count; ++i) {
      Value first = b.readPart(op.getV1(), placeOf(b, j, column(b, from + i)), isWhole(i));
      for (int64_t r = 0; r < kRows; ++r) {
        Values at = {add(b, row, r), column(b, from + i)};
        Value before = b.readPart(sums, at, true);
        Value after = b.mulAdd(y[r * count + i], first, b.mul(scales[r], before));
        if (op.getCausal())
          after = arith::SelectOp::create(b, attends[r], after, before);
        sums = b.writePart(after, sums, at, true);
      }
    }
  }
  return sums;
}

Values KroneckerBuilder::runRows(VectorBuilder &b, Value row, Value queries, Value j, Value key, Value count,
                                 ValueRange carried) {
  Values next(carried);
  for (int64_t i = 0; i < sizeVectors; ++i) {
    Value k1 = b.readPart(op.getK1(), placeOf(b, j, column(b, i)), (i + 1) * lanes <= size);
    for (int64_t r = 0; r < kRows; ++r) {
      Value q = b.readPart(next[kQueries], {add(b, row, r), column(b, i)}, true);
      next[kX] = b.writePart(b.mul(q, k1), next[kX], {b.index(r), column(b, i)}, true);
    }
  }
  next[kScores] = score(b, next[kX], next[kTurned], next[kScores]);

  // What each row attends to of the block: nothing where j lies behind it.
  Values ends, attends;
  Value shared = count, most = b.index(0);
  for (int64_t r = 0; r < kRows; ++r) {
    Value end = count;
    if (op.getCausal()) {
      Value all = b.dim(op.getK2(), 2), last = endOf(b, add(b, row, r), queries, all);
      Value first = endOf(b, add(b, row, r), queries, b.dim(op.getK1(), 2));
      end = arith::SubIOp::create(b, last, key);
      end = arith::MaxSIOp::create(b, arith::MinSIOp::create(b, end, count), b.index(0));
      Value sees = arith::CmpIOp::create(b, arith::CmpIPredicate::slt, j, first);
      end = arith::SelectOp::create(b, sees, end, b.index(0));
      attends.push_back(arith::CmpIOp::create(b, arith::CmpIPredicate::sgt, end, b.index(0)));
    }
    ends.push_back(end);
    shared = arith::MinSIOp::create(b, shared, end);
    most = arith::MaxSIOp::create(b, most, end);
  }

  Value lowest = constant(b, -std::numeric_limits<double>::infinity());
  Values scales;
  for (int64_t r = 0; r < kRows; ++r) {
    Values scores;
    Value greatest = lowest;
    for (int64_t vector = 0; vector < kKeys / lanes; ++vector) {
      Value score = b.readPart(next[kScores], {b.index(r), column(b, vector)}, true);
      Value left = arith::SubIOp::create(b, ends[r], column(b, vector));
      Value mask = vector::CreateMaskOp::create(b, b.vectorOf(b.getI1Type()), left);
      scores.push_back(arith::SelectOp::create(b, mask, score, lowest));
      greatest = arith::MaximumFOp::create(b, greatest, scores.back());
    }
    Value place = add(b, row, r), before = tensor::ExtractOp::create(b, next[kMost], place);
    Value after = vector::ReductionOp::create(b, vector::CombiningKind::MAXIMUMF, greatest, before);
    next[kMost] = tensor::InsertOp::create(b, after, next[kMost], place);
    // Before the first key there is nothing to scale: no difference of infinities.
    Value isFirst = arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, before,
                                          buildConstant(b, b.getF32Type(), -std::numeric_limits<double>::infinity()));
    Value zero = buildConstant(b, b.getF32Type(), 0.0);
    Value change = arith::SelectOp::create(b, isFirst, zero, arith::SubFOp::create(b, before, after));
    Value base =
        arith::SelectOp::create(b, arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, after, before), before, after);
    Value shift = spread(b, base), total = b.readPart(next[kTotal], {place, b.index(0)}, true);
    scales.push_back(b.exp(spread(b, change)));
    total = b.mul(scales.back(), total);
    for (auto [vector, score] : llvm::enumerate(scores)) {
      Value weight = b.exp(arith::SubFOp::create(b, score, shift));
      Value left = arith::SubIOp::create(b, ends[r], column(b, vector));
      Value mask = vector::CreateMaskOp::create(b, b.vectorOf(b.getI1Type()), left);
      weight = arith::SelectOp::create(b, mask, weight, constant(b, 0.0));
      total = b.add(total, weight);
      next[kScores] = b.writePart(weight, next[kScores], {b.index(r), column(b, vector)}, true);
    }
    next[kTotal] = b.writePart(total, next[kTotal], {place, b.index(0)}, true);
  }
  next[kSums] = sumValues(b, ends, shared, most, key, next[kScores], row, j, attends, scales, next[kSums]);
  return next;
}

Values KroneckerBuilder::finish(VectorBuilder &b, Value queries, ValueRange carried) {
  Values inits = {op.getOInit(), op.getLseInit()};
  return forEachStep(b, b.index(0), queries, 1, inits, [&](VectorBuilder &b, Value row, ValueRange results) {
    Value o = results[0], vector = b.readPart(carried[kTotal], {row, b.index(0)}, true);
    Value total = vector::ReductionOp::create(b, vector::CombiningKind::ADD, vector);
    Value most = tensor::ExtractOp::create(b, carried[kMost], row);
    Value zero = buildConstant(b, b.getF32Type(), 0.0);
    Value isEmpty = arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, total, zero);
    Value divisor = spread(b, total);
    for (int64_t i = 0; i < valueVectors; ++i) {
      Value sum = b.readPart(carried[kSums], {row, column(b, i)}, true);
      Value mean = arith::DivFOp::create(b, sum, divisor);
      mean = arith::SelectOp::create(b, isEmpty, constant(b, 0.0), mean);
      o = b.writePart(mean, o, placeOf(b, row, column(b, i)), (i + 1) * lanes <= values);
    }
    Value lse = arith::AddFOp::create(b, most, math::LogOp::create(b, total));
    lse = arith::SelectOp::create(b, isEmpty, most, lse);
    return Values{o, tensor::InsertOp::create(b, lse, results[1], ValueRange{b.index(0), b.index(0), row})};
  });
}

Values KroneckerBuilder::run(VectorBuilder &b) {
  Value queries = b.dim(op.getQ(), 2), zero = b.index(0);
  Values room = begin(b, queries);
  // The keys that any query of the tile attends to.
  Value first = b.dim(op.getK1(), 2), second = b.dim(op.getK2(), 2);
  if (op.getCausal()) {
    Value most = forEachStep(b, zero, queries, 1, zero, [&](VectorBuilder &b, Value row, ValueRange most) {
      Value all = arith::MaxSIOp::create(b, b.dim(op.getK1(), 2), b.dim(op.getK2(), 2));
      return Values{arith::MaxSIOp::create(b, most[0], endOf(b, row, queries, all))};
    })[0];
    first = arith::MinSIOp::create(b, first, most);
    second = arith::MinSIOp::create(b, second, most);
  }
  room = forEachStep(b, zero, second, kKeys, room, [&](VectorBuilder &b, Value key, ValueRange carried) {
    Values next(carried);
    next[kTurned] = turnKeys(b, key, next[kTurned]);
    Value left = arith::SubIOp::create(b, second, key), count = arith::MinSIOp::create(b, left, b.index(kKeys));
    return forEachStep(b, zero, first, 1, next, [&](VectorBuilder &b, Value j, ValueRange carried) {
      return forEachStep(b, zero, queries, kRows, carried, [&](VectorBuilder &b, Value row, ValueRange carried) {
        if (!op.getCausal())
          return runRows(b, row, queries, j, key, count, carried);
        // Once, or not at all where no row attends to j and to a key of the block.
        Value most = zero;
        for (int64_t r = 0; r < kRows; ++r)
          most = arith::MaxSIOp::create(
              b, most, endOf(b, add(b, row, r), queries, add(b, arith::MaxSIOp::create(b, j, key), 1)));
        Value sees = arith::CmpIOp::create(b, arith::CmpIPredicate::sgt, most, arith::MaxSIOp::create(b, j, key));
        Value times = arith::SelectOp::create(b, sees, b.index(1), zero);
        return forEachStep(b, zero, times, 1, carried, [&](VectorBuilder &b, Value, ValueRange carried) {
          return runRows(b, row, queries, j, key, count, carried);
        });
      });
    });
  });
  return finish(b, queries, room);
}

} // namespace

LogicalResult linnet::vectorizeKroneckerAttentionTile(RewriterBase &rewriter, KroneckerAttentionOp op, int64_t lanes) {
  ArrayRef<int64_t> lse = typeOf(op.getLseInit()).getShape();
  bool isTile = lse[0] == 1 && lse[1] == 1 && (op.getPositions() || !op.getCausal());
  if (!isTile || !explainUncoveredKroneckerAttention(op).empty())
    return failure();
  rewriter.setInsertionPoint(op);
  VectorBuilder b(op.getLoc(), rewriter, lanes);
  rewriter.replaceOp(op, KroneckerBuilder(op, lanes).run(b));
  return success();
}
