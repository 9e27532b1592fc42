//===- ThreadCode.cpp - ops whose tile is the code of threads -------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/gpu/ThreadCode.h"

#include "compiler/tiling/Tiling.h"

#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;
using namespace linnet;

FailureOr<Operation *> linnet::tileToThreads(RewriterBase &rewriter, Operation *tile, ArrayRef<int64_t> sizes) {
  SmallVector<OpFoldResult> attributes;
  for (int64_t size : sizes)
    attributes.push_back(rewriter.getIndexAttr(size));
  FailureOr<SmallVector<Operation *>> tiled = tileToForall(rewriter, cast<TilingInterface>(tile), attributes);
  if (failed(tiled))
    return failure();
  mapToThreads(tiled->front()->getParentOfType<scf::ForallOp>());
  return tiled->front();
}

LogicalResult linnet::lowerByReference(Operation *tile, llvm::function_ref<void(RewritePatternSet &)> populate) {
  RewritePatternSet patterns(tile->getContext());
  populate(patterns);
  return applyOpPatternsGreedily({tile}, std::move(patterns),
                                 GreedyRewriteConfig().setStrictness(GreedyRewriteStrictness::ExistingOps));
}
