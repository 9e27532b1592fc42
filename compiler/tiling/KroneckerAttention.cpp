//===- KroneckerAttention.cpp - tiling of kronecker_attention ---------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/tiling/Tiling.h"
#include "compiler/tiling/TimeTiling.h"
#include "dialects/linnet/Linnet.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace linnet;

/// The dimensions of the iteration space.
enum : int64_t { kBatch, kHead, kQuery };

namespace linnet {
// Found by argument-dependent lookup: in the namespace of the op.
static TimeSpace getSpace(KroneckerAttentionOp op) {
  TimeSpace space;
  space.channelDim = kHead;
  space.domain = leadingDims(op.getLseInit(), 3);
  DimMap queries = {kBatch, kHead, kQuery, kWhole}, keys = {kBatch, kGroup, kWhole, kWhole};
  space.operandDims = {queries, keys, keys, keys, keys, queries, {kBatch, kHead, kQuery}};
  if (op.getPositions())
    space.operandDims.push_back({kQuery});
  return space;
}
} // namespace linnet

void linnet::registerKroneckerAttentionTilingModels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, LinnetDialect *dialect) {
    KroneckerAttentionOp::attachInterface<TimeTilingModel<KroneckerAttentionOp>>(*context);
  });
}

/// 0, 1, ...: a tile of queries must know which ones they are.
static Value createPositions(RewriterBase &rewriter, KroneckerAttentionOp op) {
  Location loc = op.getLoc();
  OpFoldResult size = tensor::getMixedSize(rewriter, loc, op.getQ(), 2);
  Value init = tensor::EmptyOp::create(rewriter, loc, ArrayRef<OpFoldResult>{size}, rewriter.getI32Type());
  AffineMap identity = rewriter.getMultiDimIdentityMap(1);
  return linalg::GenericOp::create(rewriter, loc, init.getType(), ValueRange(), init, ArrayRef{identity},
                                   ArrayRef{utils::IteratorType::parallel},
                                   [](OpBuilder &b, Location loc, ValueRange) {
                                     Value index = linalg::IndexOp::create(b, loc, 0);
                                     Value place = arith::IndexCastOp::create(b, loc, b.getI32Type(), index);
                                     linalg::YieldOp::create(b, loc, place);
                                   })
      .getResult(0);
}

LogicalResult linnet::tileKroneckerAttention(RewriterBase &rewriter, KroneckerAttentionOp op) {
  rewriter.setInsertionPoint(op);
  if (op.getCausal() && !op.getPositions()) {
    Value positions = createPositions(rewriter, op);
    rewriter.modifyOpInPlace(op, [&] { op.getPositionsMutable().assign(positions); });
  }
  SmallVector<OpFoldResult> sizes = {rewriter.getIndexAttr(1), rewriter.getIndexAttr(1),
                                     rewriter.getIndexAttr(kKroneckerQueries)};
  return tileToForall(rewriter, cast<TilingInterface>(op.getOperation()), sizes);
}
