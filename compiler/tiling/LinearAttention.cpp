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

/// Heads of all sequences. A dynamic batch counts as one: that is what latency depends on.
static int64_t countHeads(LinearAttentionOp op) {
  int64_t sequences = cast<RankedTensorType>(op.getStateInit().getType()).getDimSize(0);
  int64_t heads = cast<RankedTensorType>(op.getV().getType()).getDimSize(kHead);
  return heads * (ShapedType::isDynamic(sequences) ? 1 : sequences);
}

int64_t linnet::getAttentionTileColumns(LinearAttentionOp op, int64_t lanes) {
  auto v = cast<RankedTensorType>(op.getV().getType());
  int64_t keys = cast<RankedTensorType>(op.getQ().getType()).getDimSize(3), columns = v.getDimSize(kColumn);
  auto fits = [&](int64_t size) {
    // Two vectors at a time, one where that is enough.
    int64_t all = size + op.getNormalize(), packed = all <= lanes ? lanes : llvm::alignTo(all, 2 * lanes);
    return packed * keys * int64_t(sizeof(float)) <= kMaxTileStateBytes;
  };
  // The columns stay together where the sums of keys, the last one, divide all of them.
  if (op.getNormalize())
    return fits(columns) ? columns : 0;
  int64_t tiles = countHeads(op), size = columns;
  while (size % (4 * lanes) == 0 && tiles * (columns / size) < kFewTiles)
    size /= 2;
  // The greatest divisor that fits: all tiles have the same, static size.
  while (size > 0 && (columns % size != 0 || !fits(size)))
    --size;
  return size;
}

int64_t linnet::countAttentionTiles(LinearAttentionOp op, int64_t lanes) {
  int64_t columns = cast<RankedTensorType>(op.getV().getType()).getDimSize(kColumn);
  return countHeads(op) * (columns / getAttentionTileColumns(op, lanes));
}

LogicalResult linnet::tileLinearAttention(RewriterBase &rewriter, LinearAttentionOp op, int64_t lanes) {
  int64_t columns = cast<RankedTensorType>(op.getV().getType()).getDimSize(kColumn);
  int64_t tileColumns = getAttentionTileColumns(op, lanes);
  SmallVector<OpFoldResult> sizes = {rewriter.getIndexAttr(1), rewriter.getIndexAttr(0), rewriter.getIndexAttr(1),
                                     rewriter.getIndexAttr(tileColumns == columns ? 0 : tileColumns)};
  return tileToForall(rewriter, cast<TilingInterface>(op.getOperation()), sizes);
}
