//===- Vectorize.h - vector code for tiles --------------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_COMPILER_VECTOR_VECTORIZE_H
#define LINNET_COMPILER_VECTOR_VECTORIZE_H

#include "compiler/vector/VectorBuilder.h"
#include "dialects/linnet/Linnet.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/PatternMatch.h"

#include <string>

namespace linnet {

/// Why the fast path does not cover a scan, or an empty string where it does. Valid before and after tiling.
std::string explainUncoveredScan(mlir::Operation *op);

/// Replaces a tile of a scan (one batch, at most `lanes` channels, all of time) by a loop over time with its state in
/// vectors. Fails on anything else.
mlir::LogicalResult vectorizeScanTile(mlir::RewriterBase &rewriter, mlir::Operation *op, int64_t lanes);

/// The vector code of a tile, of layout btd where it has one: one vector of channels that may not be full, of
/// selective_scan also several whole ones. Empty where there is none.
llvm::SmallVector<mlir::Value> vectorizeAffineScan(VectorBuilder &b, AffineScanOp op);
llvm::SmallVector<mlir::Value> vectorizeCausalConv1d(VectorBuilder &b, CausalConv1dOp op);
llvm::SmallVector<mlir::Value> vectorizeSelectiveScan(VectorBuilder &b, SelectiveScanOp op);

/// Whether vectorizeSelectiveScan takes an op of layout bdt as it is, or a tile of it.
bool turnsSelectiveScan(SelectiveScanOp op, int64_t lanes);

/// The same two for linnet.scan and linnet.recurrence.
std::string explainUncoveredElementScan(mlir::Operation *op);
mlir::LogicalResult vectorizeElementScanTile(mlir::RewriterBase &rewriter, mlir::Operation *op, int64_t lanes);

/// Replaces a tile of affine_scan or scan that is one lane with time last by a loop over vectors along time, each
/// scanned in registers by log-steps. Fails on anything else.
mlir::LogicalResult vectorizeAlongTime(mlir::RewriterBase &rewriter, mlir::Operation *op, int64_t lanes);

/// Replaces a tile of affine_scan or scan with scalar elements, one vector of lanes by all of time and time last, by a
/// loop over square blocks that are turned in registers. Fails on anything else.
mlir::LogicalResult vectorizeTimeLast(mlir::RewriterBase &rewriter, mlir::Operation *op, int64_t lanes);

/// Why no attention has vector code for heads of queries, keys and values [batch, time, heads, size] of these types, or
/// an empty string where it may.
std::string explainUncoveredHeads(mlir::Value q, mlir::Value k, mlir::Value v);

/// The same two for linnet.linear_attention; a tile is one head of one sequence.
std::string explainUncoveredLinearAttention(LinearAttentionOp op);
mlir::LogicalResult vectorizeLinearAttentionTile(mlir::RewriterBase &rewriter, LinearAttentionOp op, int64_t lanes,
                                                 bool avx512Bf16);

/// The same two for linnet.block_local_attention; a tile is one head of one sequence.
std::string explainUncoveredBlockLocalAttention(BlockLocalAttentionOp op);
mlir::LogicalResult vectorizeBlockLocalAttentionTile(mlir::RewriterBase &rewriter, BlockLocalAttentionOp op,
                                                     int64_t lanes);

/// The same two for linnet.kronecker_attention; a tile is some queries of one head of one sequence, with positions where
/// it is causal.
std::string explainUncoveredKroneckerAttention(KroneckerAttentionOp op);
mlir::LogicalResult vectorizeKroneckerAttentionTile(mlir::RewriterBase &rewriter, KroneckerAttentionOp op,
                                                    int64_t lanes);

/// The same two for linnet.attention; a tile is some queries of one head, and its position is given.
std::string explainUncoveredAttention(AttentionOp op);
mlir::LogicalResult vectorizeAttentionTile(mlir::RewriterBase &rewriter, AttentionOp op, int64_t lanes);

/// The same two for linnet.lmul; a tile has any shape.
std::string explainUncoveredLMul(LMulOp op);
mlir::LogicalResult vectorizeLMulTile(mlir::RewriterBase &rewriter, LMulOp op, int64_t lanes);

/// Replaces a tile of linnet.lmul_contract (one batch, at most two vectors of columns) by loops over blocks of k, rows,
/// and k. Fails on anything else.
mlir::LogicalResult vectorizeLMulContractTile(mlir::RewriterBase &rewriter, LMulContractOp op, int64_t lanes);

/// The same two for linnet.mx_quantize and linnet.mx_dequantize; a tile has any number of rows.
std::string explainUncoveredMx(mlir::Operation *op);
mlir::LogicalResult vectorizeMxQuantizeTile(mlir::RewriterBase &rewriter, MxQuantizeOp op, int64_t lanes);
mlir::LogicalResult vectorizeMxDequantizeTile(mlir::RewriterBase &rewriter, MxDequantizeOp op, int64_t lanes);

/// The same two for linnet.hadamard.
std::string explainUncoveredHadamard(HadamardOp op);
mlir::LogicalResult vectorizeHadamardTile(mlir::RewriterBase &rewriter, HadamardOp op, int64_t lanes);

/// Replaces a tile of a packed contraction (static rows and panels) by a loop over k with its accumulators in vectors.
mlir::LogicalResult vectorizeContractionTile(mlir::RewriterBase &rewriter, mlir::linalg::GenericOp op, int64_t lanes);

/// Whether a transpose exchanges the innermost dimension, so that vectorizeTranspose turns blocks of it.
bool turnsTranspose(mlir::linalg::TransposeOp op);

/// Replaces a transpose by loops over square blocks that are turned in registers. Fails on anything else.
mlir::LogicalResult vectorizeTranspose(mlir::RewriterBase &rewriter, mlir::linalg::TransposeOp op, int64_t lanes);

} // namespace linnet

#endif // LINNET_COMPILER_VECTOR_VECTORIZE_H
