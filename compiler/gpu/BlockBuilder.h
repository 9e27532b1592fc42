//===- BlockBuilder.h - code of the threads of a block --------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_COMPILER_GPU_BLOCKBUILDER_H
#define LINNET_COMPILER_GPU_BLOCKBUILDER_H

#include "compiler/gpu/Chip.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace linnet {

/// Builds code that each thread of a block runs, on scalars and buffers.
class BlockBuilder : public mlir::ImplicitLocOpBuilder {
public:
  using ImplicitLocOpBuilder::ImplicitLocOpBuilder;
  BlockBuilder at(mlir::OpBuilder &builder) const { return BlockBuilder(getLoc(), builder); }

  mlir::Value index(int64_t value);
  mlir::Value thread();
  mlir::Value add(mlir::Value x, mlir::Value y);
  mlir::Value sub(mlir::Value x, mlir::Value y);
  mlir::Value mul(mlir::Value x, mlir::Value y);
  mlir::Value div(mlir::Value x, int64_t y);
  mlir::Value rem(mlir::Value x, int64_t y);
  mlir::Value min(mlir::Value x, mlir::Value y);
  mlir::Value less(mlir::Value x, mlir::Value y);
  mlir::Value equal(mlir::Value x, mlir::Value y);

  /// A buffer that the threads of a block share, on a boundary of 16 bytes.
  mlir::Value shared(llvm::ArrayRef<int64_t> shape, mlir::Type element);
  void barrier() { mlir::gpu::BarrierOp::create(*this); }

  /// What the lane `distance` below, or at another place by `mode`, has; any integer or float of up to 64 bits.
  mlir::Value shuffle(mlir::Value value, int64_t distance, mlir::gpu::ShuffleMode mode);

  /// if (condition) { then() }
  void when(mlir::Value condition, llvm::function_ref<void(BlockBuilder &)> then);
  /// for (i = begin; i < end; i += step), with values carried along.
  llvm::SmallVector<mlir::Value>
  loop(mlir::Value begin, mlir::Value end, mlir::Value step, mlir::ValueRange carried,
       llvm::function_ref<llvm::SmallVector<mlir::Value>(BlockBuilder &, mlir::Value, mlir::ValueRange)> body);
};

} // namespace linnet

#endif // LINNET_COMPILER_GPU_BLOCKBUILDER_H
