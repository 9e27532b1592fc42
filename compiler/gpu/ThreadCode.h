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

/// Cuts a tile into the tiles of single threads, of the given sizes (0: whole); gives the op that a thread runs.
mlir::FailureOr<mlir::Operation *> tileToThreads(mlir::RewriterBase &rewriter, mlir::Operation *tile,
                                                 llvm::ArrayRef<int64_t> sizes);

/// Lowers the op of one thread to the loops of its definition.
mlir::LogicalResult lowerByReference(mlir::Operation *tile,
                                     llvm::function_ref<void(mlir::RewritePatternSet &)> populate);

/// Replaces a tile of linear attention, one head of one sequence, by a loop over threads around the code of one.
mlir::LogicalResult emitLinearAttentionThreads(mlir::RewriterBase &rewriter, LinearAttentionOp op);

} // namespace linnet

#endif // LINNET_COMPILER_GPU_THREADCODE_H
