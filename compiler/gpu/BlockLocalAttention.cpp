//===- BlockLocalAttention.cpp - attention within blocks by threads -------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/gpu/ThreadCode.h"

#include "compiler/reference/Reference.h"
#include "compiler/tiling/Tiling.h"

#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;
using namespace linnet;

LogicalResult linnet::emitThreadCode(RewriterBase &rewriter, BlockLocalAttentionOp op) {
  // A thread for each column of the values, in the order of the definition.
  OpFoldResult whole = rewriter.getIndexAttr(0), one = rewriter.getIndexAttr(1);
  FailureOr<SmallVector<Operation *>> threads =
      tileToForall(rewriter, cast<TilingInterface>(op.getOperation()), {one, whole, one, one});
  if (failed(threads))
    return failure();
  Operation *tile = threads->front();
  mapToThreads(tile->getParentOfType<scf::ForallOp>());
  RewritePatternSet patterns(op->getContext());
  populateBlockLocalAttentionReferencePatterns(patterns);
  return applyOpPatternsGreedily({tile}, std::move(patterns),
                                 GreedyRewriteConfig().setStrictness(GreedyRewriteStrictness::ExistingOps));
}
