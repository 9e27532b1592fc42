//===- SizeBounds.cpp - upper bounds of buffer sizes ----------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/vector/SizeBounds.h"

#include "compiler/Model.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Interfaces/ValueBoundsOpInterface.h"

using namespace mlir;
using namespace linnet;

bool SizeBounds::multiply(SizeBound &size, Value extent) {
  if (auto product = extent.getDefiningOp<arith::MulIOp>())
    return multiply(size, product.getLhs()) && multiply(size, product.getRhs());
  FailureOr<int64_t> bound = ValueBoundsConstraintSet::computeConstantBound(
      presburger::BoundType::UB, {extent, std::nullopt}, /*stopCondition=*/nullptr, /*closedUB=*/true);
  if (succeeded(bound)) {
    size.bytes *= std::max<int64_t>(*bound, 0);
    return true;
  }
  if (auto dim = extent.getDefiningOp<memref::DimOp>())
    return dim.getConstantIndex() && multiplyDim(size, dim.getSource(), *dim.getConstantIndex());
  if (auto apply = extent.getDefiningOp<affine::AffineApplyOp>())
    return multiplyExpression(size, apply.getAffineMap().getResult(0), apply.getAffineMap(), apply->getOperands());
  // Bounds are not negative, so one of x is one of max(x, 0).
  if (auto max = extent.getDefiningOp<affine::AffineMaxOp>()) {
    AffineMap map = max.getMap();
    auto least = map.getNumResults() == 2 ? dyn_cast<AffineConstantExpr>(map.getResult(1)) : AffineConstantExpr();
    return least && least.getValue() <= 0 && multiplyExpression(size, map.getResult(0), map, max.getOperands());
  }
  // min(..., x, ...) is at most x.
  if (auto min = extent.getDefiningOp<affine::AffineMinOp>())
    for (AffineExpr result : min.getMap().getResults()) {
      SizeBound bounded = size;
      if (multiplyExpression(bounded, result, min.getMap(), min.getOperands())) {
        size = bounded;
        return true;
      }
    }
  return false;
}

bool SizeBounds::multiplyDim(SizeBound &size, Value buffer, int64_t dim) {
  auto type = cast<MemRefType>(buffer.getType());
  if (!type.isDynamicDim(dim)) {
    size.bytes *= type.getDimSize(dim);
    return true;
  }
  if (auto argument = dyn_cast<BlockArgument>(buffer)) {
    if (argument.getOwner() == &function.getBody().front()) {
      auto symbols = function.getArgAttrOfType<ArrayAttr>(argument.getArgNumber(), kSymbolsAttrName);
      StringRef symbol = getSymbol(type, symbols, dim);
      if (!symbol.empty())
        size.factors.push_back({{symbol.str()}});
      return !symbol.empty();
    }
    auto loop = dyn_cast<scf::ForOp>(argument.getOwner()->getParentOp());
    OpOperand *init = loop ? loop.getTiedLoopInit(argument) : nullptr;
    return init && multiplyDim(size, init->get(), dim);
  }
  Operation *op = buffer.getDefiningOp();
  if (auto loop = dyn_cast<scf::ForOp>(op))
    return multiplyDim(size, loop.getInits()[cast<OpResult>(buffer).getResultNumber()], dim);
  if (auto alloc = dyn_cast<memref::AllocOp>(op))
    return multiply(size, alloc.getDynamicSizes()[type.getDynamicDimIndex(dim)]);
  if (auto collapse = dyn_cast<memref::CollapseShapeOp>(op))
    return llvm::all_of(collapse.getReassociationIndices()[dim],
                        [&](int64_t source) { return multiplyDim(size, collapse.getSrc(), source); });
  OpFoldResult extent;
  if (auto expand = dyn_cast<memref::ExpandShapeOp>(op))
    extent = expand.getMixedOutputShape()[dim];
  else if (auto subview = dyn_cast<memref::SubViewOp>(op); subview && subview.getDroppedDims().none())
    extent = subview.getMixedSizes()[dim];
  else if (auto cast = dyn_cast<memref::CastOp>(op))
    return isa<MemRefType>(cast.getSource().getType()) && multiplyDim(size, cast.getSource(), dim);
  auto value = dyn_cast_or_null<Value>(extent);
  return value && multiply(size, value);
}

bool SizeBounds::multiplyExpression(SizeBound &size, AffineExpr expression, AffineMap map, ValueRange operands) {
  if (auto dim = dyn_cast<AffineDimExpr>(expression))
    return multiply(size, operands[dim.getPosition()]);
  if (auto symbol = dyn_cast<AffineSymbolExpr>(expression))
    return multiply(size, operands[map.getNumDims() + symbol.getPosition()]);
  auto binary = dyn_cast<AffineBinaryOpExpr>(expression);
  if (!binary)
    return false;
  auto constant = dyn_cast<AffineConstantExpr>(binary.getRHS());
  if (binary.getKind() == AffineExprKind::Mul && !constant)
    return multiplyExpression(size, binary.getLHS(), map, operands) &&
           multiplyExpression(size, binary.getRHS(), map, operands);
  if (binary.getKind() == AffineExprKind::Add && !constant)
    return addExpressions(size, binary, map, operands);
  if (!constant)
    return false;
  int64_t value = constant.getValue();
  if (binary.getKind() == AffineExprKind::Add && value < 0)
    return multiplyExpression(size, binary.getLHS(), map, operands);
  if (binary.getKind() == AffineExprKind::Mul && value >= 0) {
    size.bytes *= value;
    return multiplyExpression(size, binary.getLHS(), map, operands);
  }
  // The left side must be one factor, perhaps times a constant, to add to or divide.
  SizeBound left;
  if (!multiplyExpression(left, binary.getLHS(), map, operands) || left.factors.size() != 1 || left.bytes < 1)
    return false;
  Factor factor = left.factors.front();
  if (binary.getKind() == AffineExprKind::Add && value >= 0)
    factor.addend += llvm::divideCeil(value, left.bytes); // c x + v is at most c (x + v / c)
  else if (binary.getKind() == AffineExprKind::FloorDiv && left.bytes == 1 && factor.addend == 0 && value > 0)
    factor.divisor *= value;
  else
    return false;
  size.bytes *= left.bytes;
  size.factors.push_back(factor);
  return true;
}

bool SizeBounds::addExpressions(SizeBound &size, AffineBinaryOpExpr sum, AffineMap map, ValueRange operands) {
  // c x + d y is at most max(c, d) (x + y), where x and y are sums of symbols and a number.
  SizeBound left, right;
  if (!multiplyExpression(left, sum.getLHS(), map, operands) || !multiplyExpression(right, sum.getRHS(), map, operands))
    return false;
  if (left.factors.size() > 1 || right.factors.size() > 1 || left.bytes < 1 || right.bytes < 1)
    return false;
  Factor total;
  for (const SizeBound &part : {left, right}) {
    if (part.factors.empty()) {
      total.addend += part.bytes;
      continue;
    }
    const Factor &factor = part.factors.front();
    if (factor.divisor != 1)
      return false;
    total.symbols.insert(total.symbols.end(), factor.symbols.begin(), factor.symbols.end());
    total.addend += factor.addend;
  }
  llvm::sort(total.symbols);
  size.bytes *= std::max(left.factors.empty() ? 1 : left.bytes, right.factors.empty() ? 1 : right.bytes);
  size.factors.push_back(total);
  return true;
}
