//===- BlockCode.h - ops whose tile is the code of a block ----------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Such an op stays as it is until it has buffers; instead of an op on buffers it then becomes the code of the threads
// of a block, in an scf.execute_region that linnet-map-kernels takes as it is.
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_COMPILER_GPU_BLOCKCODE_H
#define LINNET_COMPILER_GPU_BLOCKCODE_H

#include "compiler/gpu/BlockBuilder.h"
#include "compiler/gpu/Kernels.h"
#include "dialects/linnet/Linnet.h"

#include "mlir/Dialect/Bufferization/IR/DstBufferizableOpInterfaceImpl.h"

namespace linnet {

/// Whether a tile of `op` becomes the code of a block; other tiles are cut into tiles of single threads.
bool hasBlockCode(mlir::Operation *op);

void registerBlockScanModels(mlir::DialectRegistry &registry);

/// Wraps what `build` makes in a region for `threads` threads.
void buildBlockCode(mlir::RewriterBase &rewriter, mlir::Operation *op, int64_t threads,
                    llvm::function_ref<void(BlockBuilder &)> build);

/// Derived classes say how many threads the code of an op has, and build it from the buffers of its operands.
template <typename Derived, typename Op>
struct BlockCodeModel : mlir::bufferization::DstBufferizableOpInterfaceExternalModel<Derived, Op> {
  mlir::LogicalResult bufferize(mlir::Operation *op, mlir::RewriterBase &rewriter,
                                const mlir::bufferization::BufferizationOptions &options,
                                mlir::bufferization::BufferizationState &state) const {
    rewriter.setInsertionPoint(op);
    llvm::SmallVector<mlir::Value> buffers;
    for (mlir::Value operand : op->getOperands()) {
      mlir::FailureOr<mlir::Value> buffer = mlir::bufferization::getBuffer(rewriter, operand, options, state);
      if (mlir::failed(buffer))
        return mlir::failure();
      buffers.push_back(*buffer);
    }
    buildBlockCode(rewriter, op, Derived::getThreads(mlir::cast<Op>(op)),
                   [&](BlockBuilder &b) { Derived::build(mlir::cast<Op>(op), b, buffers); });
    llvm::SmallVector<mlir::Value> results;
    for (mlir::OpOperand &init : mlir::cast<mlir::DestinationStyleOpInterface>(op).getDpsInitsMutable())
      results.push_back(buffers[init.getOperandNumber()]);
    mlir::bufferization::replaceOpWithBufferizedValues(rewriter, op, results);
    return mlir::success();
  }
};

} // namespace linnet

#endif // LINNET_COMPILER_GPU_BLOCKCODE_H
