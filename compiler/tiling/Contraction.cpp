//===- Contraction.cpp - tiling of products with packed weights -----------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/tiling/Tiling.h"

#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/SCF/Transforms/TileUsingInterface.h"
#include "mlir/Dialect/SCF/Transforms/Transforms.h"

using namespace mlir;
using namespace linnet;

/// out (..., m, no, ni), x (..., m, k), W (no, k, ni), with loops in the order (..., m, no, k, ni) or (..., m, no, ni,
/// k).
bool linnet::isPackedContraction(Operation *op) {
  auto generic = dyn_cast<linalg::GenericOp>(op);
  if (!generic || !linalg::isaContractionOpInterface(generic) || generic.getNumDpsInputs() != 2)
    return false;
  SmallVector<AffineMap> maps = generic.getIndexingMapsArray();
  AffineMap x = maps[0], weight = maps[1], out = maps[2];
  if (weight.getNumResults() != 3 || out.getNumResults() < 3 || x.getNumResults() + 1 != out.getNumResults())
    return false;
  unsigned rank = out.getNumResults();
  AffineExpr no = out.getResult(rank - 2), ni = out.getResult(rank - 1), k = x.getResult(x.getNumResults() - 1);
  if (weight.getResult(0) != no || weight.getResult(1) != k || weight.getResult(2) != ni)
    return false;
  return out.getResults().drop_back(2) == x.getResults().drop_back(1);
}

/// The loop that a result of the indexing map of `operand` stands for.
static unsigned loopOf(linalg::GenericOp op, int64_t mapIndex, int64_t result) {
  return cast<AffineDimExpr>(op.getIndexingMapsArray()[mapIndex].getResult(result)).getPosition();
}

/// Panels of one tile when a tile has a single row: more accumulators hide the latency of the multiply-adds.
static int64_t panelsOfVector(int64_t panels) {
  for (int64_t count : {4, 3, 2})
    if (panels % count == 0)
      return count;
  return 1;
}

LogicalResult linnet::tilePackedContraction(RewriterBase &rewriter, linalg::GenericOp op, int64_t rows, bool gpu) {
  unsigned outRank = op.getIndexingMapsArray()[2].getNumResults();
  SmallVector<int64_t> ranges = op.getStaticLoopRanges();
  unsigned rowLoop = loopOf(op, 2, outRank - 3), panelLoop = loopOf(op, 2, outRank - 2);
  bool singleRow = ranges[rowLoop] == 1;

  // Panels in parallel (and batches), rows inside: a panel stays in the cache while the rows pass.
  SmallVector<OpFoldResult> outer(ranges.size(), rewriter.getIndexAttr(0));
  for (unsigned i = 0; i + 3 < outRank; ++i)
    outer[loopOf(op, 2, i)] = rewriter.getIndexAttr(1);
  if (gpu && !singleRow)
    outer[rowLoop] = rewriter.getIndexAttr(rows);
  outer[panelLoop] = rewriter.getIndexAttr(singleRow ? panelsOfVector(ranges[panelLoop]) : 1);
  scf::SCFTileAndFuseOptions options;
  options.tilingOptions.setTileSizes(outer);
  options.tilingOptions.setLoopType(scf::SCFTilingOptions::LoopType::ForallOp);
  options.setFusionControlFn([](tensor::ExtractSliceOp, OpResult producer,
                                bool) -> std::optional<scf::SCFTileAndFuseOptions::ControlFnResult> {
    if (isa<linalg::FillOp>(producer.getOwner()))
      return scf::SCFTileAndFuseOptions::ControlFnResult{};
    return std::nullopt;
  });
  rewriter.setInsertionPoint(op);
  FailureOr<scf::SCFTileAndFuseResult> tiled =
      scf::tileConsumerAndFuseProducersUsingSCF(rewriter, cast<TilingInterface>(op.getOperation()), options);
  if (failed(tiled))
    return failure();
  for (OpResult result : op->getResults())
    rewriter.replaceAllUsesWith(result, tiled->replacements[result]);
  rewriter.eraseOp(op);
  if (singleRow || gpu)
    return success();

  auto tileRows = [&](linalg::GenericOp tile, int64_t size) -> FailureOr<scf::SCFTilingResult> {
    SmallVector<OpFoldResult> sizes(ranges.size(), rewriter.getIndexAttr(0));
    sizes[rowLoop] = rewriter.getIndexAttr(size);
    scf::SCFTilingOptions rowOptions;
    rowOptions.setTileSizes(sizes);
    rewriter.setInsertionPoint(tile);
    FailureOr<scf::SCFTilingResult> result =
        scf::tileUsingSCF(rewriter, cast<TilingInterface>(tile.getOperation()), rowOptions);
    if (succeeded(result))
      rewriter.replaceOp(tile, result->replacements);
    return result;
  };
  auto tile = cast<linalg::GenericOp>(tiled->tiledAndFusedOps[0]);
  FailureOr<scf::SCFTilingResult> rowTiles = tileRows(tile, rows);
  if (failed(rowTiles) || rowTiles->loops.empty())
    return success(succeeded(rowTiles));
  // Whole tiles of `rows` rows, then the rest row by row, so that every tile has a static shape.
  auto loop = cast<scf::ForOp>(rowTiles->loops.front().getOperation());
  scf::ForOp rest;
  if (failed(scf::peelForLoopAndSimplifyBounds(rewriter, loop, rest)))
    return success(); // the rows divide evenly
  linalg::GenericOp restTile;
  rest.walk([&](linalg::GenericOp op) { restTile = op; });
  return failed(tileRows(restTile, 1)) ? failure() : success();
}
