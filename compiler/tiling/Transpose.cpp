//===- Transpose.cpp - tiling of transposes -------------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/tiling/Tiling.h"

#include "mlir/Dialect/SCF/Transforms/TileUsingInterface.h"

using namespace mlir;
using namespace linnet;

/// Elements of a tile along the dimensions that are innermost in the source and in the result: some pages on both
/// sides, each used for several cache lines.
static constexpr int64_t kSourceColumns = 64, kResultColumns = 256;

LogicalResult linnet::tileTranspose(RewriterBase &rewriter, linalg::TransposeOp op) {
  ArrayRef<int64_t> permutation = op.getPermutation();
  int64_t rank = permutation.size(), sourceInner = llvm::find(permutation, rank - 1) - permutation.begin();
  SmallVector<OpFoldResult> sizes(rank, rewriter.getIndexAttr(1));
  sizes[sourceInner] = rewriter.getIndexAttr(kSourceColumns);
  sizes[rank - 1] = rewriter.getIndexAttr(kResultColumns);
  scf::SCFTilingOptions options;
  options.setTileSizes(sizes);
  options.setLoopType(scf::SCFTilingOptions::LoopType::ForallOp);
  rewriter.setInsertionPoint(op);
  FailureOr<scf::SCFTilingResult> tiled =
      scf::tileUsingSCF(rewriter, cast<TilingInterface>(op.getOperation()), options);
  if (failed(tiled))
    return failure();
  rewriter.replaceOp(op, tiled->replacements);
  return success();
}
