//===- LMul.cpp - tiling of L-Mul -------------------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/tiling/Tiling.h"
#include "compiler/tiling/TimeTiling.h"
#include "dialects/linnet/Linnet.h"

using namespace mlir;
using namespace linnet;

/// Elements of a tile along a single dimension, and rows of one along several.
static constexpr int64_t kTileElements = 16 * 1024, kTileRows = 32;
/// Rows of a tile of a product: enough for the work on its columns to count little.
static constexpr int64_t kContractRows = 256;

// Found by argument-dependent lookup: in the namespace of the ops.
namespace linnet {
static TimeSpace getSpace(LMulOp op) {
  int64_t rank = cast<RankedTensorType>(op.getX().getType()).getRank();
  TimeSpace space;
  space.domain = leadingDims(op.getX(), rank);
  space.operandDims.assign(3, identity(rank));
  return space;
}

static TimeSpace getSpace(LMulContractOp op) {
  int64_t rank = cast<RankedTensorType>(op.getCInit().getType()).getRank();
  int64_t otherRank = cast<RankedTensorType>(op.getB().getType()).getRank();
  TimeSpace space;
  space.channelDim = rank - 1;
  space.domain = leadingDims(op.getCInit(), rank);
  DimMap a = identity(rank), b = identity(otherRank);
  a.back() = kWhole;
  b[otherRank - op.getDepthFromEnd()] = kWhole;
  b[otherRank - op.getColumnFromEnd()] = rank - 1;
  space.operandDims = {a, b, identity(rank)};
  return space;
}
} // namespace linnet

void linnet::registerLMulTilingModels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, LinnetDialect *dialect) {
    LMulOp::attachInterface<TimeTilingModel<LMulOp>>(*context);
    LMulContractOp::attachInterface<TimeTilingModel<LMulContractOp>>(*context);
  });
}

LogicalResult linnet::tileLMul(RewriterBase &rewriter, LMulOp op) {
  int64_t rank = cast<RankedTensorType>(op.getX().getType()).getRank();
  SmallVector<OpFoldResult> sizes(rank, rewriter.getIndexAttr(1));
  sizes.back() = rewriter.getIndexAttr(rank == 1 ? kTileElements : 0);
  if (rank > 1)
    sizes[rank - 2] = rewriter.getIndexAttr(kTileRows);
  return tileToForall(rewriter, cast<TilingInterface>(op.getOperation()), sizes);
}

LogicalResult linnet::tileLMulContract(RewriterBase &rewriter, LMulContractOp op, int64_t lanes) {
  int64_t rank = cast<RankedTensorType>(op.getCInit().getType()).getRank();
  SmallVector<OpFoldResult> sizes(rank, rewriter.getIndexAttr(1));
  sizes[rank - 2] = rewriter.getIndexAttr(kContractRows);
  sizes[rank - 1] = rewriter.getIndexAttr(2 * lanes);
  return tileToForall(rewriter, cast<TilingInterface>(op.getOperation()), sizes);
}
