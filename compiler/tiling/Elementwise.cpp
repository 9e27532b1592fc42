//===- Elementwise.cpp - tiling of other linalg ops -----------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/tiling/Tiling.h"

#include "mlir/Dialect/SCF/Transforms/TileUsingInterface.h"

using namespace mlir;
using namespace linnet;

/// Rows of the second dimension in one tile: enough work for a task, few enough for balance and caches.
static constexpr int64_t kTileRows = 32;

LogicalResult linnet::tileAndFuseElementwise(RewriterBase &rewriter, TilingInterface op) {
  SmallVector<OpFoldResult> sizes;
  for (utils::IteratorType type : op.getLoopIteratorTypes()) {
    // The first parallel dimension by one, the second by rows; the rest is the inside of a tile.
    bool parallel = type == utils::IteratorType::parallel;
    sizes.push_back(rewriter.getIndexAttr(!parallel || sizes.size() >= 2 ? 0 : sizes.empty() ? 1 : kTileRows));
  }
  if (sizes.size() < 2)
    return failure();
  scf::SCFTileAndFuseOptions options;
  options.tilingOptions.setTileSizes(sizes);
  options.tilingOptions.setLoopType(scf::SCFTilingOptions::LoopType::ForallOp);
  options.setFusionControlFn([](tensor::ExtractSliceOp, OpResult producer,
                                bool) -> std::optional<scf::SCFTileAndFuseOptions::ControlFnResult> {
    Operation *owner = producer.getOwner();
    // A value that others need as well exists anyway: reading it is cheaper than computing it again.
    bool isShared = !producer.hasOneUse() && !isa<linalg::FillOp>(owner);
    if (isa<linalg::LinalgOp>(owner) && !isPackedContraction(owner) && !isShared)
      return scf::SCFTileAndFuseOptions::ControlFnResult{};
    return std::nullopt;
  });
  rewriter.setInsertionPoint(op);
  FailureOr<scf::SCFTileAndFuseResult> tiled = scf::tileConsumerAndFuseProducersUsingSCF(rewriter, op, options);
  if (failed(tiled))
    return failure();
  for (OpResult result : op->getResults())
    if (Value replacement = tiled->replacements.lookup(result))
      rewriter.replaceAllUsesWith(result, replacement);
  rewriter.eraseOp(op);
  return success();
}
