//===- Kernels.h - what the passes that make kernels agree on -------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_COMPILER_GPU_KERNELS_H
#define LINNET_COMPILER_GPU_KERNELS_H

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace linnet {

/// On an scf.execute_region: its code is that of one thread of a block already, with the barriers that it needs inside.
/// The value is the number of threads that it is written for.
inline constexpr llvm::StringLiteral kBlockCodeAttrName = "linnet.block_threads";
/// On a gpu.launch: its code is that of one thread already.
inline constexpr llvm::StringLiteral kDistributedAttrName = "linnet.distributed";
/// On a gpu.launch: the name of the kernel.
inline constexpr llvm::StringLiteral kKernelNameAttrName = "linnet.kernel";
/// The module of all kernels.
inline constexpr llvm::StringLiteral kKernelModuleName = "kernels";

/// Whether the iterations of `loop` are threads of a block.
bool isThreadLoop(mlir::Operation *op);

/// Names the iterations of `loop` after threads.
void mapToThreads(mlir::scf::ForallOp loop);

/// Product of the trips of a loop, and its induction variables from a linear index.
mlir::Value countIterations(mlir::ImplicitLocOpBuilder &b, mlir::scf::ForallOp loop);
llvm::SmallVector<mlir::Value> delinearize(mlir::ImplicitLocOpBuilder &b, mlir::scf::ForallOp loop, mlir::Value linear);

/// Whether `op` is work that the threads of a block, or of a grid, share.
bool isSharedWork(mlir::Operation *op);
/// Whether `op` or an op in its regions is.
bool containsSharedWork(mlir::Operation *op);
/// Whether `op` or an op in its regions reads or writes memory.
bool touchesMemory(mlir::Operation *op);
bool writesMemory(mlir::Operation *op);

/// Replaces a linalg op on buffers by a loop of this thread over its outputs, from `start` on in steps of `stride`; the
/// sums of an output are taken in the order of the loops.
void emitOutputLoop(mlir::RewriterBase &rewriter, mlir::linalg::LinalgOp op, mlir::Value start, mlir::Value stride);
/// The number of outputs of a linalg op.
mlir::Value countOutputs(mlir::ImplicitLocOpBuilder &b, mlir::linalg::LinalgOp op);
/// Replaces a linalg op with one reduction, along memory, whose order is free, by sums of whole warps. Fails on others.
mlir::LogicalResult emitWarpReduction(mlir::RewriterBase &rewriter, mlir::linalg::LinalgOp op, mlir::Value thread,
                                      int64_t threads);

/// Replaces a product of f32 with a packed weight by one of tensor cores. Fails on others.
mlir::LogicalResult emitTensorContraction(mlir::RewriterBase &rewriter, mlir::linalg::LinalgOp op, mlir::Value thread,
                                          int64_t threads);

} // namespace linnet

#endif // LINNET_COMPILER_GPU_KERNELS_H
