//===- ScalarBuilder.cpp - scalar code of reference lowerings -------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/reference/ScalarBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace linnet;

Value ScalarBuilder::constant(Type type, double value) {
  return arith::ConstantOp::create(*this, getFloatAttr(type, value)).getResult();
}

Value ScalarBuilder::index(int64_t value) { return arith::ConstantIndexOp::create(*this, value); }

Value ScalarBuilder::dim(Value tensor, int64_t i) { return createOrFold<tensor::DimOp>(tensor, i); }

Value ScalarBuilder::add(Value x, Value y) { return arith::AddFOp::create(*this, x, y); }

Value ScalarBuilder::sub(Value x, Value y) { return arith::SubFOp::create(*this, x, y); }

Value ScalarBuilder::mul(Value x, Value y) { return arith::MulFOp::create(*this, x, y); }

Number ScalarBuilder::add(Number x, Number y) {
  return x.isComplex() ? Number{add(x.re, y.re), add(x.im, y.im)} : Number{add(x.re, y.re), {}};
}

Number ScalarBuilder::mul(Number x, Number y) {
  if (!x.isComplex())
    return {mul(x.re, y.re), {}};
  return {sub(mul(x.re, y.re), mul(x.im, y.im)), add(mul(x.re, y.im), mul(x.im, y.re))};
}

Number ScalarBuilder::scale(Value factor, Number x) {
  return {mul(factor, x.re), x.isComplex() ? mul(factor, x.im) : Value()};
}

Number ScalarBuilder::exp(Number x) {
  Value magnitude = math::ExpOp::create(*this, x.re);
  if (!x.isComplex())
    return {magnitude, {}};
  return {mul(magnitude, math::CosOp::create(*this, x.im)), mul(magnitude, math::SinOp::create(*this, x.im))};
}

Value ScalarBuilder::silu(Value x) {
  Value one = constant(x.getType(), 1.0);
  Value negated = arith::NegFOp::create(*this, x);
  return arith::DivFOp::create(*this, x, add(one, math::ExpOp::create(*this, negated)));
}

Value ScalarBuilder::softplus(Value x) {
  Value small = math::Log1pOp::create(*this, math::ExpOp::create(*this, x));
  Value isLarge = arith::CmpFOp::create(*this, arith::CmpFPredicate::OGT, x, constant(x.getType(), 20.0));
  return arith::SelectOp::create(*this, isLarge, x, small);
}

Number ScalarBuilder::load(Value tensor, ValueRange indices, bool isComplex) {
  SmallVector<Value> at(indices);
  if (!isComplex)
    return {tensor::ExtractOp::create(*this, tensor, at), {}};
  Number x;
  at.push_back(index(0));
  x.re = tensor::ExtractOp::create(*this, tensor, at);
  at.back() = index(1);
  x.im = tensor::ExtractOp::create(*this, tensor, at);
  return x;
}

Value ScalarBuilder::store(Number x, Value tensor, ValueRange indices) {
  SmallVector<Value> at(indices);
  if (!x.isComplex())
    return tensor::InsertOp::create(*this, x.re, tensor, at);
  at.push_back(index(0));
  tensor = tensor::InsertOp::create(*this, x.re, tensor, at);
  at.back() = index(1);
  return tensor::InsertOp::create(*this, x.im, tensor, at);
}

/// The slice of one element of `rank` trailing dimensions.
static std::pair<SmallVector<OpFoldResult>, SmallVector<OpFoldResult>> sliceOf(OpBuilder &builder, Value tensor,
                                                                               ValueRange indices, int64_t rank) {
  SmallVector<OpFoldResult> offsets(indices.begin(), indices.end());
  SmallVector<OpFoldResult> sizes(indices.size(), builder.getIndexAttr(1));
  for (int64_t size : cast<RankedTensorType>(tensor.getType()).getShape().take_back(rank)) {
    offsets.push_back(builder.getIndexAttr(0));
    sizes.push_back(builder.getIndexAttr(size));
  }
  return {offsets, sizes};
}

Value ScalarBuilder::loadElement(Value tensor, ValueRange indices, int64_t rank) {
  if (rank == 0)
    return tensor::ExtractOp::create(*this, tensor, indices);
  auto [offsets, sizes] = sliceOf(*this, tensor, indices, rank);
  auto type = cast<RankedTensorType>(tensor.getType());
  auto element = RankedTensorType::get(type.getShape().take_back(rank), type.getElementType());
  SmallVector<OpFoldResult> strides(offsets.size(), getIndexAttr(1));
  return tensor::ExtractSliceOp::create(*this, element, tensor, offsets, sizes, strides);
}

Value ScalarBuilder::storeElement(Value element, Value tensor, ValueRange indices, int64_t rank) {
  if (rank == 0)
    return tensor::InsertOp::create(*this, element, tensor, indices);
  auto [offsets, sizes] = sliceOf(*this, tensor, indices, rank);
  SmallVector<OpFoldResult> strides(offsets.size(), getIndexAttr(1));
  // Copied into the slice: the element stays in its own buffer, also where the slice is all of the tensor.
  Value slice =
      tensor::ExtractSliceOp::create(*this, cast<RankedTensorType>(element.getType()), tensor, offsets, sizes, strides);
  Value copied = linalg::CopyOp::create(*this, element, slice).getResult(0);
  return tensor::InsertSliceOp::create(*this, copied, tensor, offsets, sizes, strides);
}

SmallVector<Value>
ScalarBuilder::loops(ValueRange bounds, ValueRange carried,
                     llvm::function_ref<SmallVector<Value>(ScalarBuilder &, ValueRange, ValueRange)> body) {
  SmallVector<Value> zeros(bounds.size(), index(0)), ones(bounds.size(), index(1));
  scf::LoopNest nest =
      scf::buildLoopNest(*this, getLoc(), zeros, bounds, ones, carried,
                         [&](OpBuilder &builder, Location loc, ValueRange ivs, ValueRange args) -> scf::ValueVector {
                           ScalarBuilder inner(loc, builder);
                           SmallVector<Value> results = body(inner, ivs, args);
                           return scf::ValueVector(results.begin(), results.end());
                         });
  return llvm::to_vector(ValueRange(nest.results));
}

SmallVector<Value> ScalarBuilder::when(Value condition, ValueRange carried,
                                       llvm::function_ref<SmallVector<Value>(ScalarBuilder &)> body) {
  auto branch = scf::IfOp::create(
      *this, condition,
      [&](OpBuilder &builder, Location loc) {
        ScalarBuilder inner(loc, builder);
        SmallVector<Value> results = body(inner);
        scf::YieldOp::create(inner, results);
      },
      [&](OpBuilder &builder, Location loc) { scf::YieldOp::create(builder, loc, carried); });
  return llvm::to_vector(ValueRange(branch.getResults()));
}

Value ScalarBuilder::fill(Value tensor, Value value) {
  SmallVector<Value> sizes;
  for (int64_t i = 0, rank = cast<RankedTensorType>(tensor.getType()).getRank(); i < rank; ++i)
    sizes.push_back(dim(tensor, i));
  return loops(sizes, tensor, [&](ScalarBuilder &b, ValueRange at, ValueRange args) -> SmallVector<Value> {
    return {b.store({value, {}}, args[0], at)};
  })[0];
}

Value ScalarBuilder::toI32(Value index) { return arith::IndexCastOp::create(*this, getI32Type(), index); }

Value ScalarBuilder::toIndex(Value integer) { return arith::IndexCastOp::create(*this, getIndexType(), integer); }

SmallVector<Value> ScalarBuilder::inlineRegion(Region &region, ValueRange arguments) {
  Block &block = region.front();
  IRMapping mapping;
  mapping.map(block.getArguments(), arguments);
  for (Operation &op : block.without_terminator())
    clone(op, mapping);
  SmallVector<Value> yielded;
  for (Value value : block.getTerminator()->getOperands())
    yielded.push_back(mapping.lookupOrDefault(value));
  return yielded;
}
