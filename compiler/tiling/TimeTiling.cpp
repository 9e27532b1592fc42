//===- TimeTiling.cpp - tiling of ops along time --------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/tiling/TimeTiling.h"
#include "compiler/tiling/Tiling.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/SCF/Transforms/TileUsingInterface.h"
#include "mlir/Interfaces/ValueBoundsOpInterface.h"

using namespace mlir;
using namespace linnet;

SmallVector<OpFoldResult> TimeSpace::getSizes(OpBuilder &builder, Location loc) const {
  SmallVector<OpFoldResult> sizes;
  for (auto [value, dim] : domain)
    sizes.push_back(tensor::getMixedSize(builder, loc, value, dim));
  return sizes;
}

SmallVector<std::pair<Value, int64_t>> linnet::leadingDims(Value value, int64_t rank) {
  SmallVector<std::pair<Value, int64_t>> domain;
  for (int64_t dim = 0; dim < rank; ++dim)
    domain.push_back({value, dim});
  return domain;
}

FailureOr<TileSlice> linnet::sliceOperand(OpBuilder &builder, Operation *op, Value operand, const DimMap &dims,
                                          const TimeSpace &space, ArrayRef<OpFoldResult> offsets,
                                          ArrayRef<OpFoldResult> sizes) {
  TileSlice slice;
  Location loc = op->getLoc();
  AffineExpr d0 = builder.getAffineDimExpr(0);
  for (auto [dim, mapped] : llvm::enumerate(dims)) {
    if (mapped >= 0) {
      slice.offsets.push_back(offsets[mapped]);
      slice.sizes.push_back(sizes[mapped]);
      continue;
    }
    if (mapped == kOffsets) {
      slice.offsets.push_back(offsets[0]);
      slice.sizes.push_back(affine::makeComposedFoldedAffineApply(builder, loc, d0 + 1, {sizes[0]}));
      continue;
    }
    OpFoldResult whole = tensor::getMixedSize(builder, loc, operand, dim);
    std::optional<int64_t> groups = getConstantIntValue(whole);
    if (mapped == kWhole || groups == 1) {
      slice.offsets.push_back(builder.getIndexAttr(0));
      slice.sizes.push_back(whole);
      continue;
    }
    // A tile of channels must lie within one group: static sizes, and the tile divides the group.
    std::optional<int64_t> tile = getConstantIntValue(sizes[space.channelDim]);
    auto [channels, channelDim] = space.domain[space.channelDim];
    int64_t all = cast<RankedTensorType>(channels.getType()).getDimSize(channelDim);
    if (!groups || !tile || ShapedType::isDynamic(all))
      return op->emitOpError("expected static channels and groups where a scan with groups is tiled");
    if (*tile == all) {
      slice.offsets.push_back(builder.getIndexAttr(0));
      slice.sizes.push_back(whole);
      continue;
    }
    // At least 1 where there are no channels at all.
    int64_t groupSize = std::max<int64_t>(all / std::max<int64_t>(*groups, 1), 1);
    if (groupSize % *tile != 0)
      return op->emitOpError() << "expected the tile of " << *tile << " channels to divide the group of " << groupSize;
    slice.offsets.push_back(
        affine::makeComposedFoldedAffineApply(builder, loc, d0.floorDiv(groupSize), {offsets[space.channelDim]}));
    slice.sizes.push_back(builder.getIndexAttr(1));
  }
  return slice;
}

bool linnet::cutsTime(const TimeSpace &space, ArrayRef<OpFoldResult> offsets, ArrayRef<OpFoldResult> sizes) {
  if (!space.timeDim)
    return false;
  if (!isConstantIntValue(offsets[*space.timeDim], 0))
    return true;
  auto [value, dim] = space.domain[*space.timeDim];
  OpFoldResult tile = sizes[*space.timeDim];
  if (std::optional<int64_t> size = getConstantIntValue(tile))
    return *size != cast<RankedTensorType>(value.getType()).getDimSize(dim);
  FailureOr<bool> isWhole = ValueBoundsConstraintSet::areEqual({tile}, {value, dim});
  return failed(isWhole) || !*isWhole;
}

FailureOr<TilingResult> linnet::tileTimeOp(OpBuilder &builder, Operation *op, const TimeSpace &space,
                                           ArrayRef<OpFoldResult> offsets, ArrayRef<OpFoldResult> sizes) {
  // Tiles run from the first to the last, and a tile of an unseeded scan does not know whether it is the first.
  if (cutsTime(space, offsets, sizes) && !cast<TimeOpInterface>(op).isCausal())
    return op->emitOpError("expected time to be whole in a tile: only a causal scan with a carried state can be cut");
  SmallVector<Value> operands;
  SmallVector<Operation *> slices;
  for (auto [operand, dims] : llvm::zip_equal(op->getOperands(), space.operandDims)) {
    FailureOr<TileSlice> slice = sliceOperand(builder, op, operand, dims, space, offsets, sizes);
    if (failed(slice))
      return failure();
    SmallVector<OpFoldResult> strides(dims.size(), builder.getIndexAttr(1));
    auto tile = tensor::ExtractSliceOp::create(builder, op->getLoc(), operand, slice->offsets, slice->sizes, strides);
    slices.push_back(tile);
    operands.push_back(tile);
  }
  SmallVector<Type> types;
  for (OpOperand &init : cast<DestinationStyleOpInterface>(op).getDpsInitsMutable())
    types.push_back(operands[init.getOperandNumber()].getType());
  Operation *tiled = mlir::clone(builder, op, types, operands);
  return TilingResult{{tiled}, SmallVector<Value>(tiled->getResults()), slices};
}

FailureOr<SmallVector<Operation *>> linnet::tileToForall(RewriterBase &rewriter, TilingInterface op,
                                                         ArrayRef<OpFoldResult> sizes) {
  scf::SCFTilingOptions options;
  options.setTileSizes(sizes);
  options.setLoopType(scf::SCFTilingOptions::LoopType::ForallOp);
  rewriter.setInsertionPoint(op);
  FailureOr<scf::SCFTilingResult> tiled = scf::tileUsingSCF(rewriter, op, options);
  if (failed(tiled))
    return failure();
  rewriter.replaceOp(op, tiled->replacements);
  return tiled->tiledOps;
}
