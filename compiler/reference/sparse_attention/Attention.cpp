//===- Attention.cpp - attention as sequential loops ------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/AttentionMask.h"
#include "compiler/reference/Reference.h"
#include "compiler/reference/ScalarBuilder.h"
#include "dialects/linnet/Linnet.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

#include <limits>

using namespace mlir;
using namespace linnet;

namespace {

/// One query of one head: which keys it keeps, and their scores (docs/spec/sparse-attention.md).
class QueryLoops {
public:
  QueryLoops(AttentionOp op, Value batch, Value head, Value query) : op(op), batch(batch), head(head), query(query) {
    element = getElementTypeOrSelf(op.getQ().getType());
    sum = getElementTypeOrSelf(op.getLse().getType());
  }

  /// Calls `body` with every key that is kept, in ascending order.
  using Body = llvm::function_ref<SmallVector<Value>(ScalarBuilder &, Value key, ValueRange)>;
  SmallVector<Value> forKeptKeys(ScalarBuilder &b, ValueRange carried, Body body);
  Value score(ScalarBuilder &b, Value key);
  Value value(ScalarBuilder &b, Value key, Value column) {
    return widen(b, b.load(op.getV(), {batch, group(b, op.getV()), row(b, op.getKeyRows(), key), column}).re);
  }
  Value widen(ScalarBuilder &b, Value x) { return element == sum ? x : Value(arith::ExtFOp::create(b, sum, x)); }

  AttentionOp op;
  Value batch, head, query;
  Type element, sum;

private:
  /// The head of k or v that this head reads.
  Value group(ScalarBuilder &b, Value tensor) {
    Value size = arith::DivUIOp::create(b, b.dim(op.getQ(), 1), b.dim(tensor, 1));
    return arith::DivUIOp::create(b, head, size);
  }
  /// An element of [B or 1, H or 1, length].
  Value perHead(ScalarBuilder &b, Value tensor, Value place) {
    ArrayRef<int64_t> shape = cast<RankedTensorType>(tensor.getType()).getShape();
    Value zero = b.index(0);
    return b.load(tensor, {shape[0] == 1 ? zero : batch, shape[1] == 1 ? zero : head, place}).re;
  }
  Value row(ScalarBuilder &b, Value rows, Value place) { return rows ? b.toIndex(perHead(b, rows, place)) : place; }
  Value position(ScalarBuilder &b) {
    if (op.getQueryOffsets())
      return arith::AddIOp::create(b, query, shift);
    if (op.getPosition())
      return arith::AddIOp::create(b, query, op.getPosition());
    auto [keys, dim] = op.getKeyCount();
    return arith::AddIOp::create(b, query, arith::SubIOp::create(b, b.dim(keys, dim), b.dim(op.getOInit(), 2)));
  }
  /// The keys of the sequence of the query: their first one and the one behind the last; sets `shift` and `begin`.
  std::pair<Value, Value> boundSequence(ScalarBuilder &b);
  Value keeps(ScalarBuilder &b, Value key);

  Value shift; // from a query to its position in the whole tensor
  Value begin; // the first key of its sequence
};

std::pair<Value, Value> QueryLoops::boundSequence(ScalarBuilder &b) {
  // The last sequence that begins no later than the query: those of no queries begin where the next one does.
  Value count = arith::SubIOp::create(b, b.dim(op.getQueryOffsets(), 0), b.index(1));
  Value sequence =
      b.loops({count}, {b.index(0)}, [&](ScalarBuilder &b, ValueRange s, ValueRange carried) -> SmallVector<Value> {
        Value first = b.toIndex(b.load(op.getQueryOffsets(), s).re);
        Value isLater = arith::CmpIOp::create(b, arith::CmpIPredicate::sgt, first, query);
        return {arith::SelectOp::create(b, isLater, carried[0], s[0]).getResult()};
      })[0];
  Value next = arith::AddIOp::create(b, sequence, b.index(1));
  begin = b.toIndex(b.load(op.getKeyOffsets(), sequence).re);
  Value end = b.toIndex(b.load(op.getKeyOffsets(), next).re);
  shift = arith::SubIOp::create(b, end, b.toIndex(b.load(op.getQueryOffsets(), next).re));
  return {begin, end};
}

Value QueryLoops::keeps(ScalarBuilder &b, Value key) {
  Value result = arith::ConstantOp::create(b, b.getBoolAttr(true));
  if (Attribute mask = op.getMaskAttr()) {
    Value place = position(b), other = key;
    if (begin) {
      place = arith::SubIOp::create(b, place, begin);
      other = arith::SubIOp::create(b, other, begin);
    }
    result = buildKeeps(b, mask, place, other);
  }
  if (op.getQueryIds()) {
    auto predicate = op.getDifferentIds() ? arith::CmpIPredicate::ne : arith::CmpIPredicate::eq;
    Value agrees =
        arith::CmpIOp::create(b, predicate, perHead(b, op.getQueryIds(), query), perHead(b, op.getKeyIds(), key));
    result = arith::AndIOp::create(b, result, agrees);
  }
  return result;
}

SmallVector<Value> QueryLoops::forKeptKeys(ScalarBuilder &b, ValueRange carried, Body body) {
  auto visit = [&](ScalarBuilder &b, Value key, ValueRange carried) {
    return b.when(keeps(b, key), carried, [&](ScalarBuilder &b) { return body(b, key, carried); });
  };
  auto [keyValue, keyDim] = op.getKeyCount();
  Value keys = b.dim(keyValue, keyDim);
  if (!op.getBlockStarts()) {
    Value first = b.index(0);
    if (op.getQueryOffsets())
      std::tie(first, keys) = boundSequence(b);
    return b.loops({arith::SubIOp::create(b, keys, first)}, carried,
                   [&](ScalarBuilder &b, ValueRange j, ValueRange carried) {
                     return visit(b, arith::AddIOp::create(b, first, j[0]), carried);
                   });
  }
  Value size = b.index(op.getBlockKeys()), rows = b.index(op.getBlockQueries());
  Value row = arith::DivUIOp::create(b, query, rows), inRow = arith::RemUIOp::create(b, query, rows);
  Value first = b.toIndex(perHead(b, op.getBlockStarts(), row));
  Value end = b.toIndex(perHead(b, op.getBlockStarts(), arith::AddIOp::create(b, row, b.index(1))));
  return b.loops(
      {arith::SubIOp::create(b, end, first)}, carried, [&](ScalarBuilder &b, ValueRange t, ValueRange carried) {
        Value block = arith::AddIOp::create(b, first, t[0]);
        Value column = b.toIndex(b.load(op.getBlockColumns(), block).re);
        Value firstKey = arith::MulIOp::create(b, column, size);
        Value count = arith::MinSIOp::create(b, size, arith::SubIOp::create(b, keys, firstKey));
        return b.loops({count}, carried, [&](ScalarBuilder &b, ValueRange j, ValueRange carried) {
          Value key = arith::AddIOp::create(b, firstKey, j[0]);
          if (!op.getPartial())
            return visit(b, key, carried);
          Value matrix = b.load(op.getPartial(), block).re;
          Value zero = arith::ConstantOp::create(b, b.getI32IntegerAttr(0));
          Value isPartial = arith::CmpIOp::create(b, arith::CmpIPredicate::sge, matrix, zero);
          Value isKept = b.when(isPartial, {arith::ConstantOp::create(b, b.getBoolAttr(true)).getResult()},
                                [&](ScalarBuilder &b) -> SmallVector<Value> {
                                  Value bit = b.load(op.getPartialBits(), {b.toIndex(matrix), j[0], inRow}).re;
                                  Value none = arith::ConstantOp::create(b, b.getIntegerAttr(bit.getType(), 0));
                                  return {arith::CmpIOp::create(b, arith::CmpIPredicate::ne, bit, none).getResult()};
                                })[0];
          return b.when(isKept, carried, [&](ScalarBuilder &b) { return visit(b, key, carried); });
        });
      });
}

Value QueryLoops::score(ScalarBuilder &b, Value key) {
  Value queryRow = row(b, op.getQueryRows(), query), keyRow = row(b, op.getKeyRows(), key);
  Value dot = b.loops({b.dim(op.getQ(), 3)}, {b.constant(sum, 0.0)},
                      [&](ScalarBuilder &b, ValueRange d, ValueRange carried) -> SmallVector<Value> {
                        Value q = widen(b, b.load(op.getQ(), {batch, head, queryRow, d[0]}).re);
                        Value k = widen(b, b.load(op.getK(), {batch, group(b, op.getK()), keyRow, d[0]}).re);
                        return {b.add(carried[0], b.mul(q, k))};
                      })[0];
  Value s = b.mul(b.constant(sum, op.getScale().convertToDouble()), dot);
  if (std::optional<APFloat> cap = op.getSoftCap()) {
    Value c = b.constant(sum, cap->convertToDouble());
    s = b.mul(c, math::TanhOp::create(b, arith::DivFOp::create(b, s, c)));
  }
  if (op.getAlibi()) {
    Value difference = arith::SubIOp::create(b, position(b), key), zero = b.index(0);
    Value distance = arith::MaxSIOp::create(b, difference, arith::SubIOp::create(b, zero, difference));
    Value integer = arith::IndexCastOp::create(b, b.getI64Type(), distance);
    Value slope = b.load(op.getAlibi(), head).re;
    s = b.sub(s, b.mul(slope, arith::SIToFPOp::create(b, sum, integer)));
  }
  return s;
}

struct LowerAttention : OpRewritePattern<AttentionOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(AttentionOp op, PatternRewriter &rewriter) const override {
    ScalarBuilder b(op.getLoc(), rewriter);
    SmallVector<Value> bounds = {b.dim(op.getOInit(), 0), b.dim(op.getOInit(), 1), b.dim(op.getOInit(), 2)};
    SmallVector<Value> inits = {op.getOInit(), op.getLseInit()};
    SmallVector<Value> results =
        b.loops(bounds, inits, [&](ScalarBuilder &b, ValueRange iv, ValueRange outer) -> SmallVector<Value> {
          QueryLoops loops(op, iv[0], iv[1], iv[2]);
          Type sum = loops.sum;
          Value lowest = b.constant(sum, -std::numeric_limits<double>::infinity()), zero = b.constant(sum, 0.0);
          Value greatest = loops.forKeptKeys(
              b, {lowest}, [&](ScalarBuilder &b, Value key, ValueRange carried) -> SmallVector<Value> {
                return {arith::MaximumFOp::create(b, carried[0], loops.score(b, key)).getResult()};
              })[0];
          // With no key, or none above -inf, the differences are those to 0.
          Value isLowest = arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, greatest, lowest);
          Value origin = arith::SelectOp::create(b, isLowest, zero, greatest);
          auto weight = [&](ScalarBuilder &b, Value key) {
            return math::ExpOp::create(b, b.sub(loops.score(b, key), origin)).getResult();
          };
          Value total =
              loops.forKeptKeys(b, {zero}, [&](ScalarBuilder &b, Value key, ValueRange carried) -> SmallVector<Value> {
                return {b.add(carried[0], weight(b, key))};
              })[0];
          Value isEmpty = arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, total, zero);
          Value o =
              b.loops({b.dim(op.getV(), 3)}, {outer[0]},
                      [&](ScalarBuilder &b, ValueRange column, ValueRange outer) -> SmallVector<Value> {
                        Value y = loops.forKeptKeys(
                            b, {zero}, [&](ScalarBuilder &b, Value key, ValueRange carried) -> SmallVector<Value> {
                              return {b.add(carried[0], b.mul(weight(b, key), loops.value(b, key, column[0])))};
                            })[0];
                        y = arith::SelectOp::create(b, isEmpty, zero, arith::DivFOp::create(b, y, total));
                        if (loops.element != sum)
                          y = arith::TruncFOp::create(b, loops.element, y);
                        return {b.store({y, {}}, outer[0], {iv[0], iv[1], iv[2], column[0]})};
                      })[0];
          // The logarithm of 0 is -inf.
          Value lse = b.add(origin, math::LogOp::create(b, total));
          return {o, b.store({lse, {}}, outer[1], iv)};
        });
    rewriter.replaceOp(op, results);
    return success();
  }
};

} // namespace

void linnet::populateAttentionReferencePatterns(RewritePatternSet &patterns) {
  patterns.add<LowerAttention>(patterns.getContext());
}
