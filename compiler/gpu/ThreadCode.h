//===- ThreadCode.h - ops whose tile is the code of threads ---------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_COMPILER_GPU_THREADCODE_H
#define LINNET_COMPILER_GPU_THREADCODE_H

#include "compiler/gpu/Kernels.h"
#include "dialects/linnet/Linnet.h"

namespace linnet {

/// Replaces a tile of linear attention, one head of one sequence, by a loop over threads around the code of one.
mlir::LogicalResult emitThreadCode(mlir::RewriterBase &rewriter, LinearAttentionOp op);
/// The same for block_local_attention, a thread for each query.
mlir::LogicalResult emitThreadCode(mlir::RewriterBase &rewriter, BlockLocalAttentionOp op);

} // namespace linnet

#endif // LINNET_COMPILER_GPU_THREADCODE_H
