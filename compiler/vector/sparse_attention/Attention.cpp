//===- Attention.cpp - vector code of attention -----------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Lanes are queries. A group of queries is turned once, scaled, so that a key costs broadcasts of its elements and no
// transposition; the softmax over keys is then one of whole vectors, with its running maximum and sum in registers.
// Keys pass in tiles, each in three steps (docs/spec/sparse-attention.md, "The order of sums"): scores, kRows keys at a
// time, with their maximum; weights and their sum; and the sums of weights and values, kRows columns at a time, which
// start from what they were, rescaled.
//
//===----------------------------------------------------------------------===//

#include "compiler/AttentionMask.h"
#include "compiler/vector/Vectorize.h"
#include "compiler/vector/sparse_attention/AttentionCode.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace linnet;

/// Keys, or columns of v, that a group of queries passes at once: their sums are in registers.
static constexpr int64_t kRows = 8;
/// Keys of a tile: their weights stay in the first cache.
static constexpr int64_t kTileKeys = 64;
/// Elements of a query or a value, so that the turned queries of a group fit a stack.
static constexpr int64_t kMaxColumns = 512;

namespace {

/// What a group of queries carries from one tile of keys to the next.
struct SoftmaxState {
  Vectors greatest, total; // of each vector of queries
  Value sums;              // [column, query], not divided by the totals yet
  Value weights;           // [key, query] of a tile: room, and nothing that is carried

  static SoftmaxState of(ValueRange values) {
    size_t vectors = (values.size() - 2) / 2;
    return {Vectors(values.take_front(vectors)), Vectors(values.slice(vectors, vectors)), values[2 * vectors],
            values.back()};
  }
  Vectors flat() const {
    Vectors values(greatest);
    values.append(total);
    values.append({sums, weights});
    return values;
  }
};

/// A tile of keys.
struct KeyTile {
  Value first, count;
  Value matrix;      // i32, of `partial`: the number of its bits, or below 0; null where there are none
  Value firstInBits; // its first key in the block
  bool isFull;       // all keys are there, and every query keeps them
};

class AttentionBuilder : public AttentionCode {
public:
  AttentionBuilder(AttentionOp op, int64_t lanes) : AttentionCode(op, lanes) {
    bool isNarrow = op.getBlockStarts() && op.getBlockQueries() <= lanes;
    vectors = isNarrow ? 1 : 2;
    tileKeys = op.getBlockStarts() ? std::min<int64_t>(kTileKeys, op.getBlockKeys()) : kTileKeys;
  }

  /// o and lse.
  Vectors run(VectorBuilder &b);

private:
  Value keyRow(VectorBuilder &b, const KeyTile &tile, Value key) {
    // Keys behind the last one repeat it, and are masked.
    if (!tile.isFull)
      key = arith::MinSIOp::create(b, key, lastKey);
    return rowOf(b, op.getKeyRows(), key);
  }

  /// The queries from `first` on as [element, query], scaled.
  Value turnQueries(VectorBuilder &b, Value first, Value room);
  void prefetchRows(VectorBuilder &b, Value first, Value o);
  SoftmaxState attend(VectorBuilder &b, SoftmaxState state);
  /// Keys from `first` up to `end`, in tiles.
  SoftmaxState attendRange(VectorBuilder &b, Value first, Value end, Value matrix, Value blockFirst,
                           SoftmaxState state);
  SoftmaxState attendTile(VectorBuilder &b, const KeyTile &tile, SoftmaxState state);
  /// Scores of kRows keys from `key` on, one vector after the other of each key.
  Vectors score(VectorBuilder &b, const KeyTile &tile, Value key);
  /// The lanes of vector `vector` that keep `key`, which may lie behind the last one.
  Value keeps(VectorBuilder &b, const KeyTile &tile, Value key, int64_t vector);
  Value addValues(VectorBuilder &b, const KeyTile &tile, Value rows, ValueRange factors, Value weights, Value sums);
  Vectors write(VectorBuilder &b, const SoftmaxState &state, Value first, Value o, Value lse);

  int64_t vectors, tileKeys;
  Value keyCount, lastKey, queryCount;
  // Of the group of queries at hand.
  Value turned, groupFirst;
  PositionRange range;
  Vectors positions, ids;
};

Value AttentionBuilder::turnQueries(VectorBuilder &b, Value first, Value room) {
  Value scale = b.splat(getFactor(), b.getF32Type()), last = arith::SubIOp::create(b, queryCount, b.index(1));
  Vectors rows;
  for (int64_t lane = 0; lane < vectors * lanes; ++lane) {
    Value place = arith::MinSIOp::create(b, add(b, first, b.index(lane)), last);
    rows.push_back(rowOf(b, op.getQueryRows(), place));
  }
  bool isWhole = keys % lanes == 0;
  Value padding = arith::ConstantOp::create(b, b.getF32FloatAttr(0.0));
  return b.loop(b.index(0), b.index(keys), lanes, room, [&](VectorBuilder &b, Value element, ValueRange carried) {
    Value turned = carried[0];
    for (int64_t vector = 0; vector < vectors; ++vector) {
      Vectors block;
      for (int64_t lane = 0; lane < lanes; ++lane)
        block.push_back(vector::TransferReadOp::create(
            b, b.vectorOf(b.getF32Type()), op.getQ(),
            ValueRange{b.index(0), b.index(0), rows[vector * lanes + lane], element}, padding, ArrayRef{isWhole}));
      for (auto [i, column] : llvm::enumerate(b.transpose(block)))
        turned = b.write(b.mul(column, scale), turned, {add(b, element, b.index(i)), b.index(vector * lanes)});
    }
    return Vectors{turned};
  })[0];
}

/// What is read and written once comes from memory while the keys are attended to: the queries of the next group, and
/// the rows of o that this one writes.
void AttentionBuilder::prefetchRows(VectorBuilder &b, Value first, Value o) {
  constexpr int64_t kLineElements = 16;
  int64_t width = vectors * lanes;
  b.loop(b.index(0), b.index(width), 1, {}, [&](VectorBuilder &b, Value lane, ValueRange) {
    Value row = add(b, first, lane), next = add(b, row, b.index(width)), zeroIndex = b.index(0);
    for (int64_t column = 0; column < columns; column += kLineElements)
      b.prefetch(o, {zeroIndex, zeroIndex, row, b.index(column)}, /*isWrite=*/true);
    if (!op.getQueryRows()) // else they are anywhere
      for (int64_t element = 0; element < keys; element += kLineElements)
        b.prefetch(op.getQ(), {zeroIndex, zeroIndex, next, b.index(element)});
    return Vectors{};
  });
}

Value AttentionBuilder::keeps(VectorBuilder &b, const KeyTile &tile, Value key, int64_t vector) {
  Value isThere = arith::CmpIOp::create(b, arith::CmpIPredicate::slt, key, add(b, tile.first, tile.count));
  Value result = b.spread(isThere);
  auto restrict = [&](Value condition) { result = arith::AndIOp::create(b, result, condition); };
  if (Attribute mask = op.getMaskAttr())
    restrict(buildKeeps(b, mask, positions[vector], b.spread(toI32(b, key))));
  Value known = arith::MinSIOp::create(b, key, lastKey);
  if (op.getQueryIds()) {
    Value id = tensor::ExtractOp::create(b, op.getKeyIds(), ValueRange{b.index(0), b.index(0), known});
    auto predicate = op.getDifferentIds() ? arith::CmpIPredicate::ne : arith::CmpIPredicate::eq;
    restrict(arith::CmpIOp::create(b, predicate, ids[vector], b.spread(id)));
  }
  if (tile.matrix) {
    Value none = arith::ConstantOp::create(b, b.getI32IntegerAttr(0));
    Value isWhole = arith::CmpIOp::create(b, arith::CmpIPredicate::slt, tile.matrix, none);
    Value matrix = toIndex(b, arith::MaxSIOp::create(b, tile.matrix, none));
    Value inBlock = arith::SubIOp::create(b, known, tile.firstInBits);
    Value padding = arith::ConstantOp::create(b, b.getIntegerAttr(b.getI8Type(), 0));
    Value bits = vector::TransferReadOp::create(
        b, b.vectorOf(b.getI8Type()), op.getPartialBits(),
        ValueRange{matrix, inBlock, add(b, groupFirst, b.index(vector * lanes))}, padding, ArrayRef{false});
    Value zeros = arith::ConstantOp::create(b, DenseElementsAttr::get(b.vectorOf(b.getI8Type()), APInt(8, 0)));
    Value isKept = arith::CmpIOp::create(b, arith::CmpIPredicate::ne, bits, zeros);
    restrict(arith::OrIOp::create(b, isKept, b.spread(isWhole)));
  }
  return result;
}

Vectors AttentionBuilder::score(VectorBuilder &b, const KeyTile &tile, Value key) {
  SmallVector<Value> rows;
  for (int64_t r = 0; r < kRows; ++r)
    rows.push_back(keyRow(b, tile, add(b, key, b.index(r))));
  Vectors scores(kRows * vectors, zero(b));
  scores = b.loop(b.index(0), b.index(keys), 1, scores, [&](VectorBuilder &b, Value element, ValueRange sums) {
    Vectors queries, next;
    for (int64_t vector = 0; vector < vectors; ++vector)
      queries.push_back(b.read(turned, {element, b.index(vector * lanes)}));
    for (Value row : rows) {
      Value factor = b.broadcast(op.getK(), {b.index(0), b.index(0), row, element});
      for (Value query : queries)
        next.push_back(b.mulAdd(query, factor, sums[next.size()]));
    }
    return next;
  });
  for (int64_t r = 0; r < kRows; ++r)
    for (int64_t vector = 0; vector < vectors; ++vector) {
      Value place = b.spread(toI32(b, add(b, key, b.index(r))));
      Value &score = scores[r * vectors + vector];
      score = finishScore(b, score, positions[vector], place);
    }
  if (!tile.isFull)
    for (int64_t r = 0; r < kRows; ++r)
      for (int64_t vector = 0; vector < vectors; ++vector) {
        Value &score = scores[r * vectors + vector];
        score = arith::SelectOp::create(b, keeps(b, tile, add(b, key, b.index(r)), vector), score, lowest(b));
      }
  return scores;
}

Value AttentionBuilder::addValues(VectorBuilder &b, const KeyTile &tile, Value rows, ValueRange factors, Value weights,
                                  Value sums) {
  // `count` columns from `column` on.
  auto addColumns = [&](VectorBuilder &b, Value column, int64_t count, Value sums) {
    Vectors carried;
    for (int64_t c = 0; c < count; ++c)
      for (int64_t vector = 0; vector < vectors; ++vector)
        carried.push_back(b.mul(b.read(sums, {add(b, column, b.index(c)), b.index(vector * lanes)}), factors[vector]));
    carried = b.loop(b.index(0), rows, 1, carried, [&](VectorBuilder &b, Value j, ValueRange before) {
      Vectors own, isKept, next;
      for (int64_t vector = 0; vector < vectors; ++vector) {
        own.push_back(b.read(weights, {j, b.index(vector * lanes)}));
        // What weighs nothing is left out, not multiplied by 0: the value may not be finite.
        if (!tile.isFull)
          isKept.push_back(arith::CmpFOp::create(b, arith::CmpFPredicate::UNE, own[vector], zero(b)));
      }
      Value row = keyRow(b, tile, add(b, tile.first, j));
      for (int64_t c = 0; c < count; ++c) {
        Value value = b.broadcast(op.getV(), {b.index(0), b.index(0), row, add(b, column, b.index(c))});
        for (int64_t vector = 0; vector < vectors; ++vector) {
          Value old = before[next.size()], sum = b.mulAdd(own[vector], value, old);
          next.push_back(tile.isFull ? sum : arith::SelectOp::create(b, isKept[vector], sum, old).getResult());
        }
      }
      return next;
    });
    for (int64_t c = 0; c < count; ++c)
      for (int64_t vector = 0; vector < vectors; ++vector)
        sums = b.write(carried[c * vectors + vector], sums, {add(b, column, b.index(c)), b.index(vector * lanes)});
    return sums;
  };
  int64_t whole = columns / kRows * kRows;
  if (whole > 0)
    sums = b.loop(b.index(0), b.index(whole), kRows, sums, [&](VectorBuilder &b, Value column, ValueRange carried) {
      return Vectors{addColumns(b, column, kRows, carried[0])};
    })[0];
  return whole == columns ? sums : addColumns(b, b.index(whole), columns - whole, sums);
}

SoftmaxState AttentionBuilder::attendTile(VectorBuilder &b, const KeyTile &tile, SoftmaxState state) {
  // Whole groups of kRows: what is behind the last key is masked, and weighs nothing.
  Value rows =
      tile.isFull ? b.index(tileKeys)
                  : arith::MulIOp::create(b, arith::CeilDivSIOp::create(b, tile.count, b.index(kRows)), b.index(kRows));
  Vectors carried(state.greatest);
  carried.push_back(state.weights);
  carried = b.loop(b.index(0), rows, kRows, carried, [&](VectorBuilder &b, Value j, ValueRange carried) {
    Vectors next(carried), scores = score(b, tile, add(b, tile.first, j));
    for (int64_t r = 0; r < kRows; ++r)
      for (int64_t vector = 0; vector < vectors; ++vector) {
        Value score = scores[r * vectors + vector];
        next[vector] = greater(b, next[vector], score);
        next.back() = b.write(score, next.back(), {add(b, j, b.index(r)), b.index(vector * lanes)});
      }
    return next;
  });
  SoftmaxState next = state;
  next.weights = carried.pop_back_val();
  next.greatest = carried;
  Vectors origins, factors;
  for (int64_t vector = 0; vector < vectors; ++vector) {
    origins.push_back(originOf(b, next.greatest[vector]));
    factors.push_back(b.exp(arith::SubFOp::create(b, state.greatest[vector], origins[vector])));
  }
  constexpr int64_t kWeighed = 4; // keys at a time: their exponentials overlap
  Vectors totals(vectors, zero(b));
  totals.push_back(next.weights);
  totals = b.loop(b.index(0), rows, kWeighed, totals, [&](VectorBuilder &b, Value j, ValueRange carried) {
    Vectors sums(carried);
    for (int64_t r = 0; r < kWeighed; ++r)
      for (int64_t vector = 0; vector < vectors; ++vector) {
        SmallVector<Value> at = {add(b, j, b.index(r)), b.index(vector * lanes)};
        Value weight = b.exp(arith::SubFOp::create(b, b.read(sums.back(), at), origins[vector]));
        sums[vector] = b.add(sums[vector], weight);
        sums.back() = b.write(weight, sums.back(), at);
      }
    return sums;
  });
  next.weights = totals.pop_back_val();
  for (int64_t vector = 0; vector < vectors; ++vector)
    next.total[vector] = b.mulAdd(state.total[vector], factors[vector], totals[vector]);
  next.sums = addValues(b, tile, rows, factors, next.weights, state.sums);
  return next;
}

SoftmaxState AttentionBuilder::attendRange(VectorBuilder &b, Value first, Value end, Value matrix, Value blockFirst,
                                           SoftmaxState state) {
  Vectors results =
      b.loop(first, end, tileKeys, state.flat(), [&](VectorBuilder &b, Value key, ValueRange carried) -> Vectors {
        SoftmaxState before = SoftmaxState::of(carried);
        Value size = b.index(tileKeys);
        Value count = arith::MinSIOp::create(b, size, arith::SubIOp::create(b, end, key));
        KeyTile tile{key, count, matrix, blockFirst, /*isFull=*/false};
        auto attendPartial = [&](VectorBuilder &b) { return attendTile(b, tile, before).flat(); };
        if (op.getQueryIds() || tileKeys % kRows != 0)
          return attendPartial(b);
        Value isFull = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, count, size), isAny;
        if (Attribute mask = op.getMaskAttr()) {
          Value last = arith::SubIOp::create(b, add(b, key, count), b.index(1));
          TileKeeps tileKeeps = buildTileKeeps(b, mask, range, {key, last});
          isFull = arith::AndIOp::create(b, isFull, tileKeeps.all);
          isAny = mayHaveGaps(mask) || matrix ? tileKeeps.any : Value();
        }
        if (matrix) {
          Value none = arith::ConstantOp::create(b, b.getI32IntegerAttr(0));
          isFull = arith::AndIOp::create(b, isFull, arith::CmpIOp::create(b, arith::CmpIPredicate::slt, matrix, none));
        }
        KeyTile full{key, size, {}, {}, /*isFull=*/true};
        auto attendAny = [&](VectorBuilder &b) {
          return b.choose(isFull, [&](VectorBuilder &b) { return attendTile(b, full, before).flat(); }, attendPartial);
        };
        return isAny ? b.choose(isAny, attendAny, [&](VectorBuilder &) { return before.flat(); }) : attendAny(b);
      });
  return SoftmaxState::of(results);
}

SoftmaxState AttentionBuilder::attend(VectorBuilder &b, SoftmaxState state) {
  Value first = b.index(0), end = keyCount;
  if (Attribute mask = op.getMaskAttr())
    std::tie(first, end) = buildKeyBounds(b, mask, range, keyCount);
  if (!op.getBlockStarts())
    return attendRange(b, first, end, {}, {}, state);
  auto start = [&](int64_t row) {
    return toIndex(b,
                   tensor::ExtractOp::create(b, op.getBlockStarts(), ValueRange{b.index(0), b.index(0), b.index(row)}));
  };
  Vectors results = b.loop(start(0), start(1), 1, state.flat(), [&](VectorBuilder &b, Value block, ValueRange carried) {
    Value column = toIndex(b, tensor::ExtractOp::create(b, op.getBlockColumns(), block));
    Value blockFirst = arith::MulIOp::create(b, column, b.index(op.getBlockKeys()));
    Value firstKey = arith::MaxSIOp::create(b, first, blockFirst);
    Value endKey = arith::MinSIOp::create(b, end, add(b, blockFirst, b.index(op.getBlockKeys())));
    Value matrix = op.getPartial() ? Value(tensor::ExtractOp::create(b, op.getPartial(), block)) : Value();
    return attendRange(b, firstKey, endKey, matrix, blockFirst, SoftmaxState::of(carried)).flat();
  });
  return SoftmaxState::of(results);
}

Vectors AttentionBuilder::write(VectorBuilder &b, const SoftmaxState &state, Value first, Value o, Value lse) {
  Vectors inverses;
  for (int64_t vector = 0; vector < vectors; ++vector) {
    Value place = add(b, first, b.index(vector * lanes));
    Value isNothing = arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, state.total[vector], zero(b));
    Value inverse = arith::DivFOp::create(b, b.splat(1.0, b.getF32Type()), state.total[vector]);
    inverses.push_back(arith::SelectOp::create(b, isNothing, zero(b), inverse));
    // Where nothing weighs anything: -inf, whatever the greatest score is.
    Value sum = b.add(state.greatest[vector], math::LogOp::create(b, state.total[vector]));
    sum = arith::SelectOp::create(b, isNothing, lowest(b), sum);
    lse = vector::TransferWriteOp::create(b, sum, lse, ValueRange{b.index(0), b.index(0), place}, ArrayRef{false})
              .getResult();
  }
  o = b.loop(b.index(0), b.index(columns), lanes, o, [&](VectorBuilder &b, Value column, ValueRange carried) {
    Value o = carried[0];
    for (int64_t vector = 0; vector < vectors; ++vector) {
      Vectors block;
      for (int64_t c = 0; c < lanes; ++c)
        block.push_back(
            b.mul(b.read(state.sums, {add(b, column, b.index(c)), b.index(vector * lanes)}), inverses[vector]));
      o = b.writeTurned(block, o, {b.index(0), b.index(0), add(b, first, b.index(vector * lanes)), column},
                        /*laneDim=*/2, /*allRows=*/false, /*allColumns=*/columns % lanes == 0);
    }
    return Vectors{o};
  })[0];
  return {o, lse};
}

Vectors AttentionBuilder::run(VectorBuilder &b) {
  auto [keyValue, keyDim] = op.getKeyCount();
  keyCount = b.dim(keyValue, keyDim);
  lastKey = arith::SubIOp::create(b, keyCount, b.index(1));
  queryCount = b.dim(op.getOInit(), 2);
  int64_t width = vectors * lanes;
  auto empty = [&](int64_t rows) -> Value {
    return tensor::EmptyOp::create(b, {static_cast<int64_t>(llvm::alignTo(rows, lanes)), width}, b.getF32Type());
  };
  Vectors inits = {op.getOInit(), op.getLseInit(), empty(keys), empty(columns), empty(tileKeys)};
  Vectors results =
      b.loop(b.index(0), queryCount, width, inits, [&](VectorBuilder &b, Value first, ValueRange carried) -> Vectors {
        groupFirst = first;
        turned = turnQueries(b, first, carried[2]);
        prefetchRows(b, first, carried[0]);
        Value begin = add(b, op.getPosition(), first);
        Value count = arith::MinSIOp::create(b, b.index(width), arith::SubIOp::create(b, queryCount, first));
        range = {begin, arith::SubIOp::create(b, add(b, begin, count), b.index(1))};
        positions.clear();
        ids.clear();
        for (int64_t vector = 0; vector < vectors; ++vector) {
          auto type = b.vectorOf(b.getI32Type());
          positions.push_back(arith::AddIOp::create(b, b.spread(toI32(b, begin)), steps(b, vector * lanes)));
          if (op.getQueryIds()) {
            Value padding = arith::ConstantOp::create(b, b.getI32IntegerAttr(0));
            Value place = add(b, first, b.index(vector * lanes));
            ids.push_back(vector::TransferReadOp::create(
                b, type, op.getQueryIds(), ValueRange{b.index(0), b.index(0), place}, padding, ArrayRef{false}));
          }
        }
        Value sums = b.loop(b.index(0), b.index(llvm::alignTo(columns, lanes)), 1, carried[3],
                            [&](VectorBuilder &b, Value column, ValueRange carried) {
                              Value sums = carried[0];
                              for (int64_t vector = 0; vector < vectors; ++vector)
                                sums = b.write(zero(b), sums, {column, b.index(vector * lanes)});
                              return Vectors{sums};
                            })[0];
        SoftmaxState state{Vectors(vectors, lowest(b)), Vectors(vectors, zero(b)), sums, carried[4]};
        state = attend(b, state);
        Vectors written = write(b, state, first, carried[0], carried[1]);
        return {written[0], written[1], turned, state.sums, state.weights};
      });
  return {results[0], results[1]};
}

} // namespace

std::string linnet::explainUncoveredAttention(AttentionOp op) {
  Type element = AttentionCode::typeOf(op.getQ()).getElementType();
  if (element.isF64())
    return "the elements are f64";
  if (AttentionCode::typeOf(op.getQ()).isDynamicDim(3) || AttentionCode::typeOf(op.getV()).isDynamicDim(3))
    return "the sizes of keys and values are not static";
  for (Value tensor : {op.getQ(), op.getK(), op.getV()})
    if (AttentionCode::typeOf(tensor).isDynamicDim(1))
      return "the number of heads is not static";
  for (Value tensor : {op.getQ(), op.getV()})
    if (int64_t size = AttentionCode::typeOf(tensor).getDimSize(3); size < 1 || size > kMaxColumns)
      return "heads of " + std::to_string(size) + " elements are not from 1 to " + std::to_string(kMaxColumns);
  return hasKeyLists(op) ? explainUncoveredKeyLists(op) : "";
}

LogicalResult linnet::vectorizeAttentionTile(RewriterBase &rewriter, AttentionOp op, int64_t lanes) {
  ArrayRef<int64_t> o = AttentionCode::typeOf(op.getOInit()).getShape();
  if (o[0] != 1 || o[1] != 1 || !AttentionCode::typeOf(op.getQ()).getElementType().isF32() || !op.getPosition() ||
      op.getQueryOffsets() || !explainUncoveredAttention(op).empty())
    return failure();
  rewriter.setInsertionPoint(op);
  VectorBuilder b(op.getLoc(), rewriter, lanes);
  rewriter.replaceOp(op, hasKeyLists(op) ? attendKeyLists(b, op) : AttentionBuilder(op, lanes).run(b));
  return success();
}
