//===- VectorBuilder.cpp - vector code on tensors -------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/vector/VectorBuilder.h"

#include "compiler/Combine.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace linnet;

Value VectorBuilder::index(int64_t value) { return arith::ConstantIndexOp::create(*this, value); }

Value VectorBuilder::dim(Value tensor, int64_t i) { return createOrFold<tensor::DimOp>(tensor, i); }

Value VectorBuilder::splat(double value, Type type) { return buildConstant(*this, vectorOf(type), value); }

/// Lanes beyond the tensor are never used, so their value is open.
Value VectorBuilder::padding(Value tensor) {
  return ub::PoisonOp::create(*this, getElementTypeOrSelf(tensor.getType()));
}

bool VectorBuilder::isWide(Value tensor, int64_t dim) const {
  return cast<RankedTensorType>(tensor.getType()).getDimSize(dim) >= lanes;
}

static int64_t rankOf(Value tensor) { return cast<RankedTensorType>(tensor.getType()).getRank(); }

Value VectorBuilder::read(Value tensor, ValueRange indices) {
  return vector::TransferReadOp::create(*this, vectorOf(tensor.getType()), tensor, indices, padding(tensor),
                                        ArrayRef{isWide(tensor, rankOf(tensor) - 1)});
}

Value VectorBuilder::write(Value vector, Value tensor, ValueRange indices) {
  return vector::TransferWriteOp::create(*this, vector, tensor, indices, ArrayRef{isWide(tensor, rankOf(tensor) - 1)})
      .getResult();
}

Value VectorBuilder::broadcast(Value tensor, ValueRange indices) {
  return vector::BroadcastOp::create(*this, vectorOf(tensor.getType()), tensor::ExtractOp::create(*this, tensor, indices));
}

SmallVector<Value> VectorBuilder::splitColumns(Value block) {
  Value transposed = vector::TransposeOp::create(*this, block, ArrayRef<int64_t>{1, 0});
  SmallVector<Value> columns;
  for (int64_t i = 0; i < cast<VectorType>(block.getType()).getDimSize(1); ++i)
    columns.push_back(vector::ExtractOp::create(*this, transposed, i));
  return columns;
}

Value VectorBuilder::joinColumns(ValueRange columns) {
  auto columnType = cast<VectorType>(columns[0].getType());
  auto blockType = VectorType::get({static_cast<int64_t>(columns.size()), lanes}, columnType.getElementType());
  Value block = ub::PoisonOp::create(*this, blockType);
  for (auto [i, column] : llvm::enumerate(columns))
    block = vector::InsertOp::create(*this, column, block, static_cast<int64_t>(i));
  return vector::TransposeOp::create(*this, block, ArrayRef<int64_t>{1, 0});
}

/// Columns that one register transpose handles.
static constexpr int64_t kColumnBlock = 16;

SmallVector<Value> VectorBuilder::readColumns(Value tensor, ValueRange prefix) {
  auto type = cast<RankedTensorType>(tensor.getType());
  int64_t rank = type.getRank(), columns = type.getDimSize(rank - 1);
  SmallVector<Value> result;
  for (int64_t start = 0; start < columns; start += kColumnBlock) {
    auto blockType = VectorType::get({lanes, std::min(kColumnBlock, columns - start)}, type.getElementType());
    SmallVector<Value> indices(prefix);
    indices.append({index(0), index(start)});
    Value block = vector::TransferReadOp::create(*this, blockType, tensor, indices, padding(tensor),
                                                 ArrayRef{isWide(tensor, rank - 2), true});
    result.append(splitColumns(block));
  }
  return result;
}

Value VectorBuilder::writeColumns(ValueRange columns, Value tensor, ValueRange prefix) {
  int64_t count = columns.size();
  for (int64_t start = 0; start < count; start += kColumnBlock) {
    Value block = joinColumns(columns.slice(start, std::min(kColumnBlock, count - start)));
    SmallVector<Value> indices(prefix);
    indices.append({index(0), index(start)});
    tensor = vector::TransferWriteOp::create(*this, block, tensor, indices,
                                             ArrayRef{isWide(tensor, rankOf(tensor) - 2), true})
                 .getResult();
  }
  return tensor;
}

SmallVector<Value> VectorBuilder::readElements(Value tensor, ValueRange indices, int64_t rank) {
  if (rank == 0)
    return {read(tensor, indices)};
  auto type = cast<RankedTensorType>(tensor.getType());
  ArrayRef<int64_t> element = type.getShape().take_back(rank);
  SmallVector<int64_t> shape = {lanes};
  shape.append(element.begin(), element.end());
  SmallVector<bool> inBounds(rank + 1, true);
  inBounds[0] = isWide(tensor, type.getRank() - rank - 1);
  SmallVector<Value> at(indices);
  at.append(rank, index(0));
  Value block = vector::TransferReadOp::create(*this, VectorType::get(shape, type.getElementType()), tensor, at,
                                               padding(tensor), inBounds);
  auto flat = VectorType::get({lanes, ShapedType::getNumElements(element)}, type.getElementType());
  return splitColumns(vector::ShapeCastOp::create(*this, flat, block));
}

Value VectorBuilder::writeElements(ValueRange components, Value tensor, ValueRange indices, int64_t rank) {
  if (rank == 0)
    return write(components[0], tensor, indices);
  auto type = cast<RankedTensorType>(tensor.getType());
  SmallVector<int64_t> shape = {lanes};
  llvm::append_range(shape, type.getShape().take_back(rank));
  SmallVector<bool> inBounds(rank + 1, true);
  inBounds[0] = isWide(tensor, type.getRank() - rank - 1);
  SmallVector<Value> at(indices);
  at.append(rank, index(0));
  Value block = vector::ShapeCastOp::create(*this, VectorType::get(shape, type.getElementType()), joinColumns(components));
  return vector::TransferWriteOp::create(*this, block, tensor, at, inBounds).getResult();
}

Value VectorBuilder::add(Value x, Value y) {
  return arith::AddFOp::create(*this, x, y, arith::FastMathFlags::contract);
}

Value VectorBuilder::mul(Value x, Value y) {
  return arith::MulFOp::create(*this, x, y, arith::FastMathFlags::contract);
}

Value VectorBuilder::exp(Value x) { return math::ExpOp::create(*this, x); }

/// x / (1 + exp(-x)) (spec-linear 3)
Value VectorBuilder::silu(Value x) {
  Value negated = arith::NegFOp::create(*this, x);
  return arith::DivFOp::create(*this, x, add(splat(1.0, x.getType()), exp(negated)));
}

/// x for x > 20, else log1p(exp(x)) (spec-linear 3)
Value VectorBuilder::softplus(Value x) {
  Value small = math::Log1pOp::create(*this, exp(x));
  Value isLarge = arith::CmpFOp::create(*this, arith::CmpFPredicate::OGT, x, splat(20.0, x.getType()));
  return arith::SelectOp::create(*this, isLarge, x, small);
}
