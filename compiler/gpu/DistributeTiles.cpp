//===- DistributeTiles.cpp - tiles of scans to threads --------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/approximation/Accuracy.h"
#include "compiler/gpu/BlockCode.h"
#include "compiler/gpu/Passes.h"
#include "compiler/gpu/ThreadCode.h"
#include "compiler/reference/Reference.h"
#include "compiler/tiling/Tiling.h"
#include "compiler/vector/Vectorize.h"
#include "dialects/linnet/Linnet.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace linnet {
#define GEN_PASS_DEF_LINNETDISTRIBUTETILES
#include "compiler/gpu/Passes.h.inc"

namespace {
struct LinnetDistributeTiles : impl::LinnetDistributeTilesBase<LinnetDistributeTiles> {
  void runOnOperation() override {
    SmallVector<TilingInterface> tiles;
    getOperation().walk([&](TilingInterface op) {
      if (isa<TimeOpInterface, LMulOp, LMulContractOp, MxQuantizeOp, MxDequantizeOp, HadamardOp>(op.getOperation()) &&
          !op->hasAttr(kPathAttrName))
        tiles.push_back(op);
    });
    InheritAccuracy inherit;
    IRRewriter rewriter(&getContext(), &inherit);
    for (TilingInterface tile : tiles) {
      inherit.setSource(tile);
      if (hasBlockCode(tile))
        continue; // it becomes code when it gets buffers
      if (failed(distribute(rewriter, tile))) {
        tile->emitError("has no code for a GPU; --path=reference runs it on a single thread there");
        return signalPassFailure();
      }
    }
    // A thread reads neighbours of what other threads read: nothing to ask for ahead.
    getOperation().walk([](memref::PrefetchOp op) { op.erase(); });
  }

  /// A thread for each channel, which runs along time with the state in its registers.
  LogicalResult distribute(IRRewriter &rewriter, TilingInterface op) {
    if (auto attention = dyn_cast<LinearAttentionOp>(op.getOperation()))
      return emitLinearAttentionThreads(rewriter, attention);
    if (isa<BlockLocalAttentionOp>(op)) // a thread for each column of the values
      return runReference(rewriter, op, {1, 0, 1, 1}, populateBlockLocalAttentionReferencePatterns);
    if (isa<LMulOp, LMulContractOp>(op)) // a thread for each number
      return runReference(rewriter, op, SmallVector<int64_t>(op.getLoopIteratorTypes().size(), 1),
                          populateLMulReferencePatterns);
    SmallVector<int64_t> single(op.getLoopIteratorTypes().size(), 1);
    if (auto attention = dyn_cast<AttentionOp>(op.getOperation())) { // a thread for each query
      if (attention.getBlockStarts())
        single.back() = 0; // rows of blocks stay together
      return runReference(rewriter, op, single, populateAttentionReferencePatterns);
    }
    if (isa<MxQuantizeOp, MxDequantizeOp>(op)) // a thread for each row
      return runReference(rewriter, op, single, populateMxReferencePatterns);
    if (isa<HadamardOp>(op))
      return runReference(rewriter, op, single, populateHadamardReferencePatterns);
    Operation *tile = op;
    if (!isa<RecurrenceOp>(tile)) {
      FailureOr<SmallVector<Operation *>> threads = tileScanToThreads(rewriter, op);
      if (failed(threads))
        return failure();
      tile = threads->front();
      mapToThreads(tile->getParentOfType<scf::ForallOp>());
    }
    return vectorizeScanTile(rewriter, tile, /*lanes=*/1);
  }

  /// The definition of the op, for a part of its tile in each thread.
  static LogicalResult runReference(IRRewriter &rewriter, Operation *tile, ArrayRef<int64_t> sizes,
                                    void (*populate)(RewritePatternSet &)) {
    FailureOr<Operation *> thread = tileToThreads(rewriter, tile, sizes);
    return failed(thread) ? failure() : lowerByReference(*thread, populate);
  }
};
} // namespace
} // namespace linnet
