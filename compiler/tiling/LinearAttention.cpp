//===- LinearAttention.cpp - tiling of the LinearAttention family ---------------===//
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

/// The dimensions of the iteration space.
enum : int64_t { kSequence, kTime, kHead, kColumn };

namespace linnet {
// Found by argument-dependent lookup: in the namespace of the op.
static TimeSpace getSpace(LinearAttentionOp op) {
  TimeSpace space;
  space.timeDim = kTime;
  space.channelDim = kHead;
  space.domain = {{op.getStateInit(), 0}, {op.getV(), 1}, {op.getV(), 2}, {op.getV(), 3}};
  // Packed sequences share one batch, whole in each tile; where they begin and end is in cu_seqlens.
  int64_t batch = op.isPacked() ? kWhole : kSequence;
  // With the sums of keys behind them, the columns are not those of v.
  int64_t column = op.getNormalize() ? kWhole : kColumn;
  DimMap shared = {batch, kTime, kGroup, kWhole}, values = {batch, kTime, kHead, column};
  DimMap state = {kSequence, kHead, kWhole, kWhole};
  state[op.getStateValueDim()] = column;
  space.operandDims = {shared, shared, values, values, state};
  if (op.getLogDecay())
    space.operandDims.push_back(op.hasConstantDecay() ? DimMap{kHead}
                                : op.hasKeyDecay()    ? DimMap{batch, kTime, kHead, kWhole}
                                                      : DimMap{batch, kTime, kHead});
  if (op.getBeta())
    space.operandDims.push_back({batch, kTime, kHead});
  if (op.getErase())
    space.operandDims.append(2, {batch, kTime, kHead, kWhole});
  if (op.getBonus())
    space.operandDims.push_back({kHead, kWhole});
  if (op.isPacked())
    space.operandDims.push_back({kOffsets});
  return space;
}
} // namespace linnet

void linnet::registerLinearAttentionTilingModels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, LinnetDialect *dialect) {
    LinearAttentionOp::attachInterface<TimeTilingModel<LinearAttentionOp>>(*context);
  });
}

/// Tiles below which the columns of a head are shared out too: enough for a few threads.
static constexpr int64_t kFewTiles = 4;

LogicalResult linnet::tileLinearAttention(RewriterBase &rewriter, LinearAttentionOp op, int64_t lanes) {
  auto v = cast<RankedTensorType>(op.getV().getType());
  int64_t sequences = cast<RankedTensorType>(op.getStateInit().getType()).getDimSize(0);
  int64_t heads = v.getDimSize(kHead), columns = v.getDimSize(kColumn), tileColumns = 0;
  // A dynamic batch counts as one: that is what latency depends on.
  int64_t tiles = heads * (ShapedType::isDynamic(sequences) ? 1 : sequences);
  if (tiles < kFewTiles && !op.getNormalize())
    for (int64_t size = 2 * lanes; size < columns && tileColumns == 0; size *= 2)
      if (columns % size == 0 && (2 * size >= columns || tiles * (columns / (2 * size)) < kFewTiles))
        tileColumns = size;
  SmallVector<OpFoldResult> sizes = {rewriter.getIndexAttr(1), rewriter.getIndexAttr(0), rewriter.getIndexAttr(1),
                                     rewriter.getIndexAttr(tileColumns)};
  return tileToForall(rewriter, cast<TilingInterface>(op.getOperation()), sizes);
}
