//===- Tiling.h - how families are tiled ----------------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_COMPILER_TILING_TILING_H
#define LINNET_COMPILER_TILING_TILING_H

#include "dialects/linnet/Linnet.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Interfaces/TilingInterface.h"

namespace linnet {

/// Attaches TilingInterface to the ops of a family.
void registerScanTilingModels(mlir::DialectRegistry &registry);
void registerAttentionTilingModels(mlir::DialectRegistry &registry);
void registerBlockLocalAttentionTilingModels(mlir::DialectRegistry &registry);
void registerKroneckerAttentionTilingModels(mlir::DialectRegistry &registry);
void registerLinearAttentionTilingModels(mlir::DialectRegistry &registry);
void registerLMulTilingModels(mlir::DialectRegistry &registry);
void registerLowPrecisionTilingModels(mlir::DialectRegistry &registry);

/// Tiles a scan into an scf.forall over batch (and other outer dimensions) and blocks of `lanes` channels.
/// For a GPU, where the lanes are threads, a scan along the innermost dimension gets a tile for each row.
mlir::LogicalResult tileScan(mlir::RewriterBase &rewriter, mlir::TilingInterface op, int64_t lanes, bool gpu = false);

/// Tiles a tile of a scan into an scf.forall over single channels; gives the tiled ops.
mlir::FailureOr<llvm::SmallVector<mlir::Operation *>> tileScanToThreads(mlir::RewriterBase &rewriter,
                                                                        mlir::TilingInterface op);

/// Tiles linear attention into an scf.forall over sequences and heads, and columns of v where those are few.
mlir::LogicalResult tileLinearAttention(mlir::RewriterBase &rewriter, LinearAttentionOp op, int64_t lanes);

/// Tiles block_local_attention into an scf.forall over batch and heads.
mlir::LogicalResult tileBlockLocalAttention(mlir::RewriterBase &rewriter, BlockLocalAttentionOp op);

/// Queries of a tile of kronecker_attention.
inline constexpr int64_t kKroneckerQueries = 64;
/// Tiles kronecker_attention into an scf.forall over batch, heads and blocks of queries; a causal one gets the positions
/// of its queries.
mlir::LogicalResult tileKroneckerAttention(mlir::RewriterBase &rewriter, KroneckerAttentionOp op);

/// Tiles attention into an scf.forall over batch, heads and blocks of queries.
mlir::LogicalResult tileAttention(mlir::RewriterBase &rewriter, AttentionOp op);

/// Tiles L-Mul into an scf.forall over rows, or over stretches of a single one.
mlir::LogicalResult tileLMul(mlir::RewriterBase &rewriter, LMulOp op);

/// Tiles a product into an scf.forall over batch, blocks of rows, and columns of two vectors.
mlir::LogicalResult tileLMulContract(mlir::RewriterBase &rewriter, LMulContractOp op, int64_t lanes);

/// Tiles an op that works on the rows of `numbers` one by one into an scf.forall over them.
mlir::LogicalResult tileRows(mlir::RewriterBase &rewriter, mlir::TilingInterface op, mlir::Value numbers);

/// Bytes of the packed state of a tile of linear attention: what a thread has on its stack.
inline constexpr int64_t kMaxTileStateBytes = 64 * 1024;
/// Columns of v that a tile of linear attention has; 0 where there is no tile whose state is small enough.
int64_t getAttentionTileColumns(LinearAttentionOp op, int64_t lanes);
/// Tiles of an op whose time is whole, where it has tiles at all. A dynamic batch counts as one.
int64_t countAttentionTiles(LinearAttentionOp op, int64_t lanes);

/// Replaces `op` by tiles of the given sizes (0: whole) in an scf.forall; gives the tiled ops.
mlir::FailureOr<llvm::SmallVector<mlir::Operation *>>
tileToForall(mlir::RewriterBase &rewriter, mlir::TilingInterface op, llvm::ArrayRef<mlir::OpFoldResult> sizes);

/// Whether `op` is a product with a packed weight: out[..., m, no, ni] += x[..., m, k] * W[no, k, ni].
bool isPackedContraction(mlir::Operation *op);

/// Tiles a packed contraction into an scf.forall over batch and panels around a loop over `rows` rows; for a GPU the
/// tiles of rows are parallel too.
mlir::LogicalResult tilePackedContraction(mlir::RewriterBase &rewriter, mlir::linalg::GenericOp op, int64_t rows,
                                          bool gpu = false);

/// Tiles a transpose that exchanges the innermost dimension into an scf.forall over blocks that are wide in both.
mlir::LogicalResult tileTranspose(mlir::RewriterBase &rewriter, mlir::linalg::TransposeOp op);

/// Tiles any other linalg op along its outer parallel dimensions, with the linalg ops that feed it fused.
mlir::LogicalResult tileAndFuseElementwise(mlir::RewriterBase &rewriter, mlir::TilingInterface op);

} // namespace linnet

#endif // LINNET_COMPILER_TILING_TILING_H
