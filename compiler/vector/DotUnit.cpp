//===- DotUnit.cpp - products of narrow numbers with sums in f32 ----------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/vector/DotUnit.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Dialect/X86Vector/X86VectorDialect.h"

using namespace mlir;
using namespace linnet;

static Value readInBounds(VectorBuilder &b, VectorType type, Value tensor, ValueRange indices) {
  Value padding = ub::PoisonOp::create(b, type.getElementType());
  return vector::TransferReadOp::create(b, type, tensor, indices, padding, ArrayRef{true});
}

Value DotUnit::read(VectorBuilder &b, Value tensor, ValueRange indices) const {
  return readInBounds(b, groupsOf(b), tensor, indices);
}

Value DotUnit::write(VectorBuilder &b, Value groups, Value tensor, ValueRange indices) const {
  return vector::TransferWriteOp::create(b, groups, tensor, indices, ArrayRef{true}).getResult();
}

Value DotUnit::broadcast(VectorBuilder &b, Value tensor, ValueRange indices) const {
  if (group == 1)
    return b.broadcast(tensor, indices);
  Value pair = readInBounds(b, VectorType::get(group, element), tensor, indices);
  Value word = vector::BitCastOp::create(b, VectorType::get(1, b.getI32Type()), pair);
  Value words = vector::BroadcastOp::create(b, b.vectorOf(b.getI32Type()), vector::ExtractOp::create(b, word, 0));
  return vector::BitCastOp::create(b, groupsOf(b), words);
}

/// Elements first, first + 1, ... of two rows of `width` elements in turn.
static SmallVector<int64_t> maskInTurn(int64_t first, int64_t lanes, int64_t width) {
  SmallVector<int64_t> mask;
  for (int64_t lane = 0; lane < lanes; ++lane)
    mask.append({first + lane, width + first + lane});
  return mask;
}

Value DotUnit::concatenate(VectorBuilder &b, ArrayRef<Value> vectors) const {
  if (group == 1)
    return vectors[0];
  SmallVector<int64_t> oneAfterTheOther;
  for (int64_t i = 0; i < group * b.getLanes(); ++i)
    oneAfterTheOther.push_back(i);
  // Rounded in one piece, for which LLVM needs no moves between halves of registers.
  Value both = vector::ShuffleOp::create(b, vectors[0], vectors[1], oneAfterTheOther);
  return arith::TruncFOp::create(b, groupsOf(b), both);
}

Value DotUnit::join(VectorBuilder &b, ArrayRef<Value> vectors) const {
  if (group == 1)
    return vectors[0];
  Value rounded = concatenate(b, vectors);
  return vector::ShuffleOp::create(b, rounded, rounded, maskInTurn(0, b.getLanes(), b.getLanes()));
}

SmallVector<Value> DotUnit::joinRows(VectorBuilder &b, ArrayRef<Value> rows) const {
  if (group == 1)
    return {rows[0]};
  SmallVector<Value> joined;
  for (int64_t part = 0; part < group; ++part)
    joined.push_back(vector::ShuffleOp::create(b, rows[0], rows[1],
                                               maskInTurn(part * b.getLanes(), b.getLanes(), group * b.getLanes())));
  return joined;
}

SmallVector<Value> DotUnit::transpose(VectorBuilder &b, ArrayRef<Value> rows) const {
  SmallVector<Value> words(rows);
  VectorType wordType = b.vectorOf(b.getI32Type());
  for (Value &row : words)
    row = vector::BitCastOp::create(b, wordType, row);
  SmallVector<Value> columns = b.transpose(words);
  for (Value &column : columns)
    column = vector::BitCastOp::create(b, groupsOf(b), column);
  return columns;
}

Value DotUnit::dot(VectorBuilder &b, Value x, Value y, Value sum) const {
  return group == 1 ? b.mulAdd(x, y, sum) : Value(x86vector::DotBF16Op::create(b, sum.getType(), sum, x, y));
}

Value DotUnit::widen(VectorBuilder &b, Value x) const {
  return element.isF32() ? x : Value(arith::ExtFOp::create(b, b.vectorOf(b.getF32Type()), x));
}

Value DotUnit::narrow(VectorBuilder &b, Value x) const {
  return element.isF32() ? x : Value(arith::TruncFOp::create(b, b.vectorOf(element), x));
}
