//===- TimeLoop.h - loops over time that carry vectors --------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_COMPILER_VECTOR_TIMELOOP_H
#define LINNET_COMPILER_VECTOR_TIMELOOP_H

#include "compiler/vector/VectorBuilder.h"

namespace linnet {

struct TimeLoopResults {
  llvm::SmallVector<mlir::Value> outputs, carried;
};
using TimeLoopBody =
    llvm::function_ref<void(VectorBuilder &, mlir::Value t, llvm::SmallVectorImpl<mlir::Value> &outputs,
                            llvm::SmallVectorImpl<mlir::Value> &carried)>;

/// A loop over 0 <= t < times that carries output tensors and vectors. `body` writes to the outputs at t and replaces
/// the vectors.
TimeLoopResults buildTimeLoop(VectorBuilder &b, mlir::Value times, mlir::ValueRange outputs, mlir::ValueRange carried,
                              TimeLoopBody body);

/// Prefetches what a loop over time, dimension `time`, will read `steps` after `at`; below 0 where it runs backwards. A
/// tile is part of a row, and the parts of rows that it reads one after the other are no stream that machines follow.
void prefetchAhead(VectorBuilder &b, mlir::Value tensor, mlir::ArrayRef<mlir::Value> at, int64_t time, int64_t steps);
/// Steps for scans that do nothing with an element but combine it.
inline constexpr int64_t kStepsAhead = 64;

} // namespace linnet

#endif // LINNET_COMPILER_VECTOR_TIMELOOP_H
