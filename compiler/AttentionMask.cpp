//===- AttentionMask.cpp - code of attention masks ------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/AttentionMask.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace linnet;

namespace {

/// Arithmetic on positions and on truth values, scalars or vectors.
class MaskBuilder {
public:
  explicit MaskBuilder(ImplicitLocOpBuilder &b) : b(b) {}

  Value constant(Type type, int64_t value) {
    if (auto vector = dyn_cast<VectorType>(type))
      return arith::ConstantOp::create(
          b, DenseElementsAttr::get(vector, IntegerAttr::get(vector.getElementType(), value).getValue()));
    return arith::ConstantOp::create(b, b.getIntegerAttr(type, value));
  }
  Value truth(Value like, bool value) {
    Type type = b.getI1Type();
    if (auto vector = dyn_cast<VectorType>(like.getType()))
      type = vector.clone(type);
    return constant(type, value);
  }
  Value add(Value x, int64_t y) { return b.createOrFold<arith::AddIOp>(x, constant(x.getType(), y)); }
  Value sub(Value x, Value y) { return b.createOrFold<arith::SubIOp>(x, y); }
  Value le(Value x, Value y) { return b.createOrFold<arith::CmpIOp>(arith::CmpIPredicate::sle, x, y); }
  Value lt(Value x, Value y) { return b.createOrFold<arith::CmpIOp>(arith::CmpIPredicate::slt, x, y); }
  Value eq(Value x, Value y) { return b.createOrFold<arith::CmpIOp>(arith::CmpIPredicate::eq, x, y); }
  Value both(Value x, Value y) { return b.createOrFold<arith::AndIOp>(x, y); }
  Value either(Value x, Value y) { return b.createOrFold<arith::OrIOp>(x, y); }
  Value min(Value x, Value y) { return b.createOrFold<arith::MinSIOp>(x, y); }
  Value max(Value x, Value y) { return b.createOrFold<arith::MaxSIOp>(x, y); }
  Value select(Value condition, Value x, Value y) { return b.createOrFold<arith::SelectOp>(condition, x, y); }
  /// Positions may be negative: the floor, not what the division of integers gives.
  Value floorDiv(Value x, int64_t size) {
    if (size == 1)
      return x;
    Value divisor = constant(x.getType(), size), zero = constant(x.getType(), 0);
    Value quotient = b.createOrFold<arith::DivSIOp>(x, divisor);
    Value isBelow = lt(b.createOrFold<arith::RemSIOp>(x, divisor), zero);
    return select(isBelow, add(quotient, -1), quotient);
  }
  Value mul(Value x, int64_t y) { return b.createOrFold<arith::MulIOp>(x, constant(x.getType(), y)); }
  Value isMultiple(Value x, int64_t step) {
    return eq(b.createOrFold<arith::RemSIOp>(x, constant(x.getType(), step)), constant(x.getType(), 0));
  }
  /// Whether there is a multiple of `step` from `first` to `last`.
  Value holdsMultiple(Value first, Value last, int64_t step) { return le(first, mul(floorDiv(last, step), step)); }

private:
  ImplicitLocOpBuilder &b;
};

} // namespace

Value linnet::buildKeeps(ImplicitLocOpBuilder &builder, Attribute mask, Value query, Value key) {
  MaskBuilder b(builder);
  return llvm::TypeSwitch<Attribute, Value>(mask)
      .Case([&](CausalMaskAttr) { return b.le(key, query); })
      .Case([&](WindowMaskAttr window) {
        Value keeps = b.truth(query, true);
        if (window.getLeft() >= 0)
          keeps = b.both(keeps, b.le(b.add(query, -window.getLeft()), key));
        if (window.getRight() >= 0)
          keeps = b.both(keeps, b.le(key, b.add(query, window.getRight())));
        return keeps;
      })
      .Case([&](BlockDiagonalMaskAttr blocks) {
        return b.eq(b.floorDiv(query, blocks.getQueries()), b.floorDiv(key, blocks.getKeys()));
      })
      .Case([&](PrefixMaskAttr prefix) { return b.lt(key, b.constant(key.getType(), prefix.getSize())); })
      .Case([&](QueryPrefixMaskAttr prefix) { return b.lt(query, b.constant(key.getType(), prefix.getSize())); })
      .Case([&](DilatedMaskAttr dilated) {
        int64_t reach = dilated.getWindow() * dilated.getStep();
        Value near = b.both(b.le(b.add(query, -reach), key), b.le(key, b.add(query, reach)));
        return b.both(near, b.isMultiple(b.sub(query, key), dilated.getStep()));
      })
      .Case([&](StridedMaskAttr strided) { return b.isMultiple(b.sub(query, key), strided.getStep()); })
      .Case([&](AllOfMaskAttr list) {
        Value keeps = b.truth(query, true);
        for (Attribute part : list.getParts())
          keeps = b.both(keeps, buildKeeps(builder, part, query, key));
        return keeps;
      })
      .Case([&](AnyOfMaskAttr list) {
        Value keeps = b.truth(query, false);
        for (Attribute part : list.getParts())
          keeps = b.either(keeps, buildKeeps(builder, part, query, key));
        return keeps;
      });
}

TileKeeps linnet::buildTileKeeps(ImplicitLocOpBuilder &builder, Attribute mask, PositionRange queries,
                                 PositionRange keys) {
  MaskBuilder b(builder);
  Type type = queries.first.getType();
  Value yes = b.truth(queries.first, true), no = b.truth(queries.first, false);
  return llvm::TypeSwitch<Attribute, TileKeeps>(mask)
      .Case([&](CausalMaskAttr) { return TileKeeps{b.le(keys.first, queries.last), b.le(keys.last, queries.first)}; })
      .Case([&](WindowMaskAttr window) {
        TileKeeps keeps{yes, yes};
        if (window.getLeft() >= 0)
          keeps = {b.both(keeps.any, b.le(b.add(queries.first, -window.getLeft()), keys.last)),
                   b.both(keeps.all, b.le(b.add(queries.last, -window.getLeft()), keys.first))};
        if (window.getRight() >= 0)
          keeps = {b.both(keeps.any, b.le(keys.first, b.add(queries.last, window.getRight()))),
                   b.both(keeps.all, b.le(keys.last, b.add(queries.first, window.getRight())))};
        return keeps;
      })
      .Case([&](BlockDiagonalMaskAttr blocks) {
        Value firstQuery = b.floorDiv(queries.first, blocks.getQueries());
        Value lastQuery = b.floorDiv(queries.last, blocks.getQueries());
        Value firstKey = b.floorDiv(keys.first, blocks.getKeys()), lastKey = b.floorDiv(keys.last, blocks.getKeys());
        return TileKeeps{
            b.both(b.le(firstQuery, lastKey), b.le(firstKey, lastQuery)),
            b.both(b.both(b.eq(firstQuery, lastQuery), b.eq(firstKey, lastKey)), b.eq(firstQuery, firstKey))};
      })
      .Case([&](PrefixMaskAttr prefix) {
        Value size = b.constant(type, prefix.getSize());
        return TileKeeps{b.lt(keys.first, size), b.lt(keys.last, size)};
      })
      .Case([&](QueryPrefixMaskAttr prefix) {
        Value size = b.constant(type, prefix.getSize());
        return TileKeeps{b.lt(queries.first, size), b.lt(queries.last, size)};
      })
      .Case([&](DilatedMaskAttr dilated) {
        int64_t reach = dilated.getWindow() * dilated.getStep();
        Value least = b.sub(queries.first, keys.last), most = b.sub(queries.last, keys.first);
        Value all = b.both(b.le(b.constant(type, -reach), least), b.le(most, b.constant(type, reach)));
        least = b.max(least, b.constant(type, -reach));
        most = b.min(most, b.constant(type, reach));
        Value any = b.both(b.le(least, most), b.holdsMultiple(least, most, dilated.getStep()));
        return TileKeeps{any, dilated.getStep() == 1 ? all : no};
      })
      .Case([&](StridedMaskAttr strided) {
        Value least = b.sub(queries.first, keys.last), most = b.sub(queries.last, keys.first);
        return TileKeeps{b.holdsMultiple(least, most, strided.getStep()), strided.getStep() == 1 ? yes : no};
      })
      .Case([&](AllOfMaskAttr list) {
        TileKeeps keeps{yes, yes};
        for (Attribute part : list.getParts()) {
          TileKeeps of = buildTileKeeps(builder, part, queries, keys);
          keeps = {b.both(keeps.any, of.any), b.both(keeps.all, of.all)};
        }
        return keeps;
      })
      .Case([&](AnyOfMaskAttr list) {
        TileKeeps keeps{no, no};
        for (Attribute part : list.getParts()) {
          TileKeeps of = buildTileKeeps(builder, part, queries, keys);
          keeps = {b.either(keeps.any, of.any), b.either(keeps.all, of.all)};
        }
        return keeps;
      });
}

std::pair<Value, Value> linnet::buildKeyBounds(ImplicitLocOpBuilder &builder, Attribute mask, PositionRange queries,
                                               Value keys) {
  using Bounds = std::pair<Value, Value>;
  MaskBuilder b(builder);
  Value zero = b.constant(keys.getType(), 0);
  auto clamp = [&](Value first, Value end) {
    return Bounds(b.min(b.max(first, zero), keys), b.min(b.max(end, zero), keys));
  };
  return llvm::TypeSwitch<Attribute, Bounds>(mask)
      .Case([&](CausalMaskAttr) { return clamp(zero, b.add(queries.last, 1)); })
      .Case([&](WindowMaskAttr window) {
        return clamp(window.getLeft() < 0 ? zero : b.add(queries.first, -window.getLeft()),
                     window.getRight() < 0 ? keys : b.add(queries.last, window.getRight() + 1));
      })
      .Case([&](BlockDiagonalMaskAttr blocks) {
        Value first = b.floorDiv(queries.first, blocks.getQueries());
        Value last = b.floorDiv(queries.last, blocks.getQueries());
        return clamp(b.mul(first, blocks.getKeys()), b.mul(b.add(last, 1), blocks.getKeys()));
      })
      .Case([&](PrefixMaskAttr prefix) { return clamp(zero, b.constant(keys.getType(), prefix.getSize())); })
      .Case([&](QueryPrefixMaskAttr prefix) {
        Value size = b.constant(keys.getType(), prefix.getSize());
        return Bounds(zero, b.select(b.lt(queries.first, size), keys, zero));
      })
      .Case([&](DilatedMaskAttr dilated) {
        int64_t reach = dilated.getWindow() * dilated.getStep();
        return clamp(b.add(queries.first, -reach), b.add(queries.last, reach + 1));
      })
      .Case([&](StridedMaskAttr) { return Bounds(zero, keys); })
      .Case([&](AllOfMaskAttr list) {
        Bounds bounds(zero, keys);
        for (Attribute part : list.getParts()) {
          auto [first, end] = buildKeyBounds(builder, part, queries, keys);
          bounds = {b.max(bounds.first, first), b.min(bounds.second, end)};
        }
        return bounds;
      })
      .Case([&](AnyOfMaskAttr list) {
        Bounds bounds(keys, zero);
        for (Attribute part : list.getParts()) {
          auto [first, end] = buildKeyBounds(builder, part, queries, keys);
          Value isEmpty = b.le(end, first);
          bounds = {b.min(bounds.first, b.select(isEmpty, keys, first)),
                    b.max(bounds.second, b.select(isEmpty, zero, end))};
        }
        return bounds;
      });
}

bool linnet::mayHaveGaps(Attribute mask) {
  return llvm::TypeSwitch<Attribute, bool>(mask)
      .Case([](DilatedMaskAttr dilated) { return dilated.getStep() > 1; })
      .Case([](StridedMaskAttr strided) { return strided.getStep() > 1; })
      .Case([](AllOfMaskAttr list) { return llvm::any_of(list.getParts(), mayHaveGaps); })
      .Case([](AnyOfMaskAttr list) { return true; })
      .Default(false);
}
