//===- TimeTiling.h - tiling of ops along time ----------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A family says for each of its ops which dimension of the iteration space indexes each dimension of each operand, in a
// function `TimeSpace getSpace(OpTy)` that the template finds by its argument; TilingInterface follows from that.
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_COMPILER_TILING_TIMETILING_H
#define LINNET_COMPILER_TILING_TIMETILING_H

#include "dialects/linnet/Linnet.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/TilingInterface.h"

namespace linnet {

/// For each dimension of an operand the iteration dimension that indexes it, or one of these.
using DimMap = llvm::SmallVector<int64_t>;
constexpr int64_t kWhole = -1;   ///< never cut
constexpr int64_t kGroup = -2;   ///< groups of the channel dimension
constexpr int64_t kOffsets = -3; ///< where each slice of dimension 0 begins, and where the last one ends

/// 0, ..., rank - 1
inline DimMap identity(int64_t rank) { return llvm::to_vector(llvm::seq<int64_t>(rank)); }

/// What an op along time says about its iteration space.
struct TimeSpace {
  llvm::SmallVector<mlir::OpFoldResult> getSizes(mlir::OpBuilder &builder, mlir::Location loc) const;
  int64_t getRank() const { return domain.size(); }

  /// Where time passes a state from tile to tile; nothing where rows do not depend on one another.
  std::optional<int64_t> timeDim;
  int64_t channelDim = 0;
  llvm::SmallVector<std::pair<mlir::Value, int64_t>>
      domain;                            // for each dimension a value and its dimension of that size
  llvm::SmallVector<DimMap> operandDims; // one per operand, in order
};

/// The domain of an op whose iteration space is that of the leading dimensions of `value`.
llvm::SmallVector<std::pair<mlir::Value, int64_t>> leadingDims(mlir::Value value, int64_t rank);

/// The slice of an operand that a tile touches.
struct TileSlice {
  llvm::SmallVector<mlir::OpFoldResult> offsets, sizes;
};
mlir::FailureOr<TileSlice> sliceOperand(mlir::OpBuilder &builder, mlir::Operation *op, mlir::Value operand,
                                        const DimMap &dims, const TimeSpace &space,
                                        llvm::ArrayRef<mlir::OpFoldResult> offsets,
                                        llvm::ArrayRef<mlir::OpFoldResult> sizes);

/// Whether a tile holds less than all of time.
bool cutsTime(const TimeSpace &space, llvm::ArrayRef<mlir::OpFoldResult> offsets,
              llvm::ArrayRef<mlir::OpFoldResult> sizes);

/// The op on the slices of its operands.
mlir::FailureOr<mlir::TilingResult> tileTimeOp(mlir::OpBuilder &builder, mlir::Operation *op, const TimeSpace &space,
                                               llvm::ArrayRef<mlir::OpFoldResult> offsets,
                                               llvm::ArrayRef<mlir::OpFoldResult> sizes);

template <typename OpTy> struct TimeTilingModel : mlir::TilingInterface::ExternalModel<TimeTilingModel<OpTy>, OpTy> {
  using Results = llvm::ArrayRef<mlir::OpFoldResult>;

  llvm::SmallVector<mlir::utils::IteratorType> getLoopIteratorTypes(mlir::Operation *op) const {
    TimeSpace space = getSpace(llvm::cast<OpTy>(op));
    llvm::SmallVector<mlir::utils::IteratorType> types(space.getRank(), mlir::utils::IteratorType::parallel);
    // Tiles along time depend on one another through the state, as the tiles of a reduction do.
    if (space.timeDim)
      types[*space.timeDim] = mlir::utils::IteratorType::reduction;
    return types;
  }

  llvm::SmallVector<mlir::Range> getIterationDomain(mlir::Operation *op, mlir::OpBuilder &builder) const {
    llvm::SmallVector<mlir::Range> domain;
    for (mlir::OpFoldResult size : getSpace(llvm::cast<OpTy>(op)).getSizes(builder, op->getLoc()))
      domain.push_back({builder.getIndexAttr(0), size, builder.getIndexAttr(1)});
    return domain;
  }

  mlir::FailureOr<mlir::TilingResult> getTiledImplementation(mlir::Operation *op, mlir::OpBuilder &builder,
                                                             Results offsets, Results sizes) const {
    return tileTimeOp(builder, op, getSpace(llvm::cast<OpTy>(op)), offsets, sizes);
  }

  mlir::LogicalResult getResultTilePosition(mlir::Operation *op, mlir::OpBuilder &builder, unsigned index,
                                            Results offsets, Results sizes,
                                            llvm::SmallVector<mlir::OpFoldResult> &resultOffsets,
                                            llvm::SmallVector<mlir::OpFoldResult> &resultSizes) const {
    TimeSpace space = getSpace(llvm::cast<OpTy>(op));
    mlir::OpOperand &init = llvm::cast<mlir::DestinationStyleOpInterface>(op).getDpsInitsMutable()[index];
    mlir::FailureOr<TileSlice> slice =
        sliceOperand(builder, op, init.get(), space.operandDims[init.getOperandNumber()], space, offsets, sizes);
    if (mlir::failed(slice))
      return mlir::failure();
    resultOffsets = slice->offsets;
    resultSizes = slice->sizes;
    return mlir::success();
  }

  mlir::FailureOr<mlir::TilingResult> generateResultTileValue(mlir::Operation *op, mlir::OpBuilder &builder,
                                                              unsigned index, Results offsets, Results sizes) const {
    // A primary result is indexed by the iteration space itself; a state says nothing about time.
    if (!llvm::cast<TimeOpInterface>(op).getResultTimeDim(index))
      return mlir::failure();
    // Fused into a tile of its consumer the op would start every block of time from the initial state.
    TimeSpace space = getSpace(llvm::cast<OpTy>(op));
    if (cutsTime(space, offsets, sizes))
      return mlir::failure();
    mlir::FailureOr<mlir::TilingResult> result = tileTimeOp(builder, op, space, offsets, sizes);
    if (mlir::failed(result))
      return mlir::failure();
    result->tiledValues = {result->tiledValues[index]};
    return result;
  }
};

} // namespace linnet

#endif // LINNET_COMPILER_TILING_TIMETILING_H
