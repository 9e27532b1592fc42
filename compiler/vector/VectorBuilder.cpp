//===- VectorBuilder.cpp - vector code on tensors -------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/vector/VectorBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace linnet;

VectorBuilder::VectorBuilder(Location loc, OpBuilder &builder, Type element, int64_t lanes)
    : ImplicitLocOpBuilder(loc, builder), vectorType(VectorType::get(lanes, element)) {}

Value VectorBuilder::index(int64_t value) { return arith::ConstantIndexOp::create(*this, value); }

Value VectorBuilder::dim(Value tensor, int64_t i) { return createOrFold<tensor::DimOp>(tensor, i); }

Value VectorBuilder::splat(double value) {
  Attribute element = getFloatAttr(vectorType.getElementType(), value);
  return arith::ConstantOp::create(*this, DenseElementsAttr::get(vectorType, element));
}

/// Lanes beyond the tensor are never used, so their value is open.
Value VectorBuilder::padding() { return ub::PoisonOp::create(*this, vectorType.getElementType()); }

bool VectorBuilder::isWide(Value tensor, int64_t dim) const {
  return cast<RankedTensorType>(tensor.getType()).getDimSize(dim) >= vectorType.getDimSize(0);
}

Value VectorBuilder::read(Value tensor, ValueRange indices) {
  int64_t last = cast<RankedTensorType>(tensor.getType()).getRank() - 1;
  return vector::TransferReadOp::create(*this, vectorType, tensor, indices, padding(), ArrayRef{isWide(tensor, last)});
}

Value VectorBuilder::write(Value vector, Value tensor, ValueRange indices) {
  int64_t last = cast<RankedTensorType>(tensor.getType()).getRank() - 1;
  return vector::TransferWriteOp::create(*this, vector, tensor, indices, ArrayRef{isWide(tensor, last)}).getResult();
}

Value VectorBuilder::broadcast(Value tensor, ValueRange indices) {
  return vector::BroadcastOp::create(*this, vectorType, tensor::ExtractOp::create(*this, tensor, indices));
}

/// Columns that one register transpose handles.
static constexpr int64_t kColumnBlock = 16;

SmallVector<Value> VectorBuilder::readColumns(Value tensor, ValueRange prefix) {
  auto type = cast<RankedTensorType>(tensor.getType());
  int64_t rank = type.getRank(), columns = type.getDimSize(rank - 1), lanes = vectorType.getDimSize(0);
  SmallVector<Value> result;
  for (int64_t start = 0; start < columns; start += kColumnBlock) {
    int64_t width = std::min(kColumnBlock, columns - start);
    auto blockType = VectorType::get({lanes, width}, vectorType.getElementType());
    SmallVector<Value> indices(prefix);
    indices.append({index(0), index(start)});
    Value block = vector::TransferReadOp::create(*this, blockType, tensor, indices, padding(),
                                                 ArrayRef{isWide(tensor, rank - 2), true});
    Value transposed = vector::TransposeOp::create(*this, block, ArrayRef<int64_t>{1, 0});
    for (int64_t i = 0; i < width; ++i)
      result.push_back(vector::ExtractOp::create(*this, transposed, i));
  }
  return result;
}

Value VectorBuilder::writeColumns(ValueRange columns, Value tensor, ValueRange prefix) {
  int64_t rank = cast<RankedTensorType>(tensor.getType()).getRank(), lanes = vectorType.getDimSize(0);
  int64_t count = columns.size();
  for (int64_t start = 0; start < count; start += kColumnBlock) {
    int64_t width = std::min(kColumnBlock, count - start);
    auto blockType = VectorType::get({width, lanes}, vectorType.getElementType());
    Value block = ub::PoisonOp::create(*this, blockType);
    for (int64_t i = 0; i < width; ++i)
      block = vector::InsertOp::create(*this, columns[start + i], block, i);
    Value transposed = vector::TransposeOp::create(*this, block, ArrayRef<int64_t>{1, 0});
    SmallVector<Value> indices(prefix);
    indices.append({index(0), index(start)});
    tensor = vector::TransferWriteOp::create(*this, transposed, tensor, indices, ArrayRef{isWide(tensor, rank - 2), true})
                 .getResult();
  }
  return tensor;
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
  return arith::DivFOp::create(*this, x, add(splat(1.0), exp(negated)));
}

/// x for x > 20, else log1p(exp(x)) (spec-linear 3)
Value VectorBuilder::softplus(Value x) {
  Value small = math::Log1pOp::create(*this, exp(x));
  Value isLarge = arith::CmpFOp::create(*this, arith::CmpFPredicate::OGT, x, splat(20.0));
  return arith::SelectOp::create(*this, isLarge, x, small);
}
