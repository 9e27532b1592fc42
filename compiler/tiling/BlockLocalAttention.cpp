//===- BlockLocalAttention.cpp - tiling of block_local_attention ----------------===//
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
enum : int64_t { kBatch, kTime, kHead, kColumn };

namespace linnet {
// Found by argument-dependent lookup: in the namespace of the op.
static TimeSpace getSpace(BlockLocalAttentionOp op) {
  TimeSpace space;
  space.timeDim = kTime;
  space.channelDim = kHead;
  space.domain = leadingDims(op.getV(), 4);
  DimMap shared = {kBatch, kTime, kGroup, kWhole}, values = {kBatch, kTime, kHead, kColumn};
  space.operandDims = {shared, shared, values, values};
  return space;
}
} // namespace linnet

void linnet::registerBlockLocalAttentionTilingModels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, LinnetDialect *dialect) {
    BlockLocalAttentionOp::attachInterface<TimeTilingModel<BlockLocalAttentionOp>>(*context);
  });
}

LogicalResult linnet::tileBlockLocalAttention(RewriterBase &rewriter, BlockLocalAttentionOp op) {
  SmallVector<OpFoldResult> sizes = {rewriter.getIndexAttr(1), rewriter.getIndexAttr(0), rewriter.getIndexAttr(1),
                                     rewriter.getIndexAttr(0)};
  return tileToForall(rewriter, cast<TilingInterface>(op.getOperation()), sizes);
}
