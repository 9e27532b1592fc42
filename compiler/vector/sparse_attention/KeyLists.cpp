//===- KeyLists.cpp - vector code of attention to lists of keys -------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Where blocks have few keys, neighbouring queries have little in common: a query at a time, lanes are keys of its list
// for scores and weights, and columns of v for the result. The products of a query with as many keys as there are lanes
// are summed along their elements in one vector each, and those across lanes at once.
//
//===----------------------------------------------------------------------===//

#include "compiler/AttentionMask.h"
#include "compiler/vector/sparse_attention/AttentionCode.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace linnet;

/// Keys of a block from which on the form with queries in lanes is taken.
static constexpr int64_t kFewKeys = 8;

namespace {

class KeyListBuilder : public AttentionCode {
public:
  using AttentionCode::AttentionCode;
  Vectors run(VectorBuilder &b);

private:
  /// Some keys of the list of a query.
  struct Keys {
    Vectors rows; // of k and v
    Value places; // their positions, in lanes
    Value isKept; // in lanes
  };
  /// As many as there are lanes from `entry` on, of `count`; the list begins with block `first`.
  Keys listKeys(VectorBuilder &b, Value first, Value entry, Value count, Value position);
  Value score(VectorBuilder &b, Value queryRow, const Keys &keys, Value position);
  Vectors addValues(VectorBuilder &b, const Keys &keys, Value weights, Value factor, ArrayRef<Value> sums);
  /// A part of a row; 0 behind its end.
  Value readPart(VectorBuilder &b, Value tensor, Value row, Value element, bool isWhole) {
    Value padding = arith::ConstantOp::create(b, b.getF32FloatAttr(0.0));
    return vector::TransferReadOp::create(b, b.vectorOf(b.getF32Type()), tensor,
                                          ValueRange{b.index(0), b.index(0), row, element}, padding, ArrayRef{isWhole});
  }
  /// The greatest lane, in all lanes.
  Value greatestLane(VectorBuilder &b, Value x) {
    for (int64_t distance = 1; distance < lanes; distance *= 2) {
      SmallVector<int64_t> other;
      for (int64_t lane = 0; lane < lanes; ++lane)
        other.push_back(lane ^ distance);
      x = greater(b, x, vector::ShuffleOp::create(b, x, x, other));
    }
    return x;
  }
};

KeyListBuilder::Keys KeyListBuilder::listKeys(VectorBuilder &b, Value first, Value entry, Value count, Value position) {
  Keys result;
  auto [keyValue, keyDim] = op.getKeyCount();
  Value lastKey = arith::SubIOp::create(b, b.dim(keyValue, keyDim), b.index(1));
  Value lastEntry = arith::SubIOp::create(b, count, b.index(1));
  int64_t size = op.getBlockKeys();
  Vectors places;
  for (int64_t lane = 0; lane < lanes; ++lane) {
    Value place = arith::MinSIOp::create(b, add(b, entry, b.index(lane)), lastEntry), key = place;
    if (size > 1)
      key = arith::DivUIOp::create(b, place, b.index(size));
    key = toIndex(b, tensor::ExtractOp::create(b, op.getBlockColumns(), add(b, first, key)));
    if (size > 1)
      key = add(b, arith::MulIOp::create(b, key, b.index(size)), arith::RemUIOp::create(b, place, b.index(size)));
    places.push_back(toI32(b, key));
    // A last block may go beyond the keys.
    result.rows.push_back(rowOf(b, op.getKeyRows(), size > 1 ? arith::MinSIOp::create(b, key, lastKey) : key));
  }
  result.places = vector::FromElementsOp::create(b, b.vectorOf(b.getI32Type()), places);
  result.isKept =
      vector::CreateMaskOp::create(b, b.vectorOf(b.getI1Type()), arith::SubIOp::create(b, count, entry).getResult());
  auto restrict = [&](Value condition) { result.isKept = arith::AndIOp::create(b, result.isKept, condition); };
  if (size > 1)
    restrict(arith::CmpIOp::create(b, arith::CmpIPredicate::sle, result.places, b.spread(toI32(b, lastKey))));
  if (Attribute mask = op.getMaskAttr())
    restrict(buildKeeps(b, mask, position, result.places));
  return result;
}

Value KeyListBuilder::score(VectorBuilder &b, Value queryRow, const Keys &list, Value position) {
  auto addPart = [&](VectorBuilder &b, Value element, bool isWhole, ValueRange sums) {
    Value query = readPart(b, op.getQ(), queryRow, element, isWhole);
    Vectors next;
    for (auto [row, sum] : llvm::zip_equal(list.rows, sums))
      next.push_back(b.mulAdd(query, readPart(b, op.getK(), row, element, isWhole), sum));
    return next;
  };
  Vectors sums(lanes, zero(b));
  int64_t whole = keys / lanes * lanes;
  if (whole > 0)
    sums = b.loop(b.index(0), b.index(whole), lanes, sums, [&](VectorBuilder &b, Value element, ValueRange carried) {
      return addPart(b, element, /*isWhole=*/true, carried);
    });
  if (whole < keys)
    sums = addPart(b, b.index(whole), /*isWhole=*/false, sums);
  Value product = b.mul(b.sumLanes(sums)[0], b.splat(getFactor(), b.getF32Type()));
  return arith::SelectOp::create(b, list.isKept, finishScore(b, product, position, list.places), lowest(b));
}

Vectors KeyListBuilder::addValues(VectorBuilder &b, const Keys &list, Value weights, Value factor,
                                  ArrayRef<Value> sums) {
  Vectors next;
  for (Value sum : sums)
    next.push_back(b.mul(sum, factor));
  for (int64_t lane = 0; lane < lanes; ++lane) {
    Value weight = vector::ShuffleOp::create(b, weights, weights, SmallVector<int64_t>(lanes, lane));
    // What weighs nothing is left out, not multiplied by 0: the value may not be finite.
    Value isKept = arith::CmpFOp::create(b, arith::CmpFPredicate::UNE, weight, zero(b));
    for (auto [i, sum] : llvm::enumerate(next)) {
      int64_t column = i * lanes;
      Value value = readPart(b, op.getV(), list.rows[lane], b.index(column), column + lanes <= columns);
      sum = arith::SelectOp::create(b, isKept, b.mulAdd(weight, value, sum), sum);
    }
  }
  return next;
}

Vectors KeyListBuilder::run(VectorBuilder &b) {
  Value zeroIndex = b.index(0);
  return b.loop(
      zeroIndex, b.dim(op.getOInit(), 2), 1, {op.getOInit(), op.getLseInit()},
      [&](VectorBuilder &b, Value query, ValueRange carried) {
        Value blockRow = arith::DivUIOp::create(b, query, b.index(op.getBlockQueries()));
        auto start = [&](Value row) {
          return toIndex(b, tensor::ExtractOp::create(b, op.getBlockStarts(), ValueRange{zeroIndex, zeroIndex, row}));
        };
        Value first = start(blockRow), blocks = arith::SubIOp::create(b, start(add(b, blockRow, b.index(1))), first);
        Value count = arith::MulIOp::create(b, blocks, b.index(op.getBlockKeys()));
        Value queryRow = rowOf(b, op.getQueryRows(), query);
        Value position = b.spread(toI32(b, add(b, op.getPosition(), query)));
        // The greatest score in all lanes, sums of the weights of each lane, and of weights and values.
        Vectors state(2 + llvm::divideCeil(columns, lanes), zero(b));
        state[0] = lowest(b);
        state = b.loop(zeroIndex, count, lanes, state, [&](VectorBuilder &b, Value entry, ValueRange carried) {
          Keys list = listKeys(b, first, entry, count, position);
          Value scores = score(b, queryRow, list, position);
          Value greatest = greater(b, carried[0], greatestLane(b, scores)), origin = originOf(b, greatest);
          Value factor = b.exp(arith::SubFOp::create(b, carried[0], origin));
          Value weights = b.exp(arith::SubFOp::create(b, scores, origin));
          Vectors next = {greatest, b.mulAdd(carried[1], factor, weights)};
          next.append(addValues(b, list, weights, factor, Vectors(carried.drop_front(2))));
          return next;
        });
        Value total = b.sumLanes({state[1]})[0];
        Value isNothing = arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, total, zero(b));
        Value inverse = arith::DivFOp::create(b, b.splat(1.0, b.getF32Type()), total);
        inverse = arith::SelectOp::create(b, isNothing, zero(b), inverse);
        Value o = carried[0];
        for (auto [i, sum] : llvm::enumerate(ArrayRef<Value>(state).drop_front(2))) {
          int64_t column = i * lanes;
          o = vector::TransferWriteOp::create(b, b.mul(sum, inverse), o,
                                              ValueRange{zeroIndex, zeroIndex, query, b.index(column)},
                                              ArrayRef{column + lanes <= columns})
                  .getResult();
        }
        Value lse = arith::SelectOp::create(b, isNothing, lowest(b), b.add(state[0], math::LogOp::create(b, total)));
        Value lane = vector::ExtractOp::create(b, lse, 0);
        return Vectors{o, tensor::InsertOp::create(b, lane, carried[1], ValueRange{zeroIndex, zeroIndex, query})};
      });
}

} // namespace

bool linnet::hasKeyLists(AttentionOp op) { return op.getBlockStarts() && op.getBlockKeys() < kFewKeys; }

std::string linnet::explainUncoveredKeyLists(AttentionOp op) {
  if (op.getPartial())
    return "blocks of " + std::to_string(op.getBlockKeys()) + " keys are partial, and smaller than " +
           std::to_string(kFewKeys);
  if (op.getQueryIds())
    return "there are ids beside blocks of " + std::to_string(op.getBlockKeys()) + " keys, which are smaller than " +
           std::to_string(kFewKeys);
  return "";
}

Vectors linnet::attendKeyLists(VectorBuilder &b, AttentionOp op) { return KeyListBuilder(op, b.getLanes()).run(b); }
