//===- RowLoop.h - loops over the rows of a tile ----------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_COMPILER_VECTOR_ROWLOOP_H
#define LINNET_COMPILER_VECTOR_ROWLOOP_H

#include "compiler/vector/VectorBuilder.h"

namespace linnet {

/// `body` at every place of the dimensions of `tensor` before the last: maps carried values to new ones.
llvm::SmallVector<mlir::Value> forEachRow(
    VectorBuilder &b, mlir::Value tensor, mlir::ValueRange carried,
    llvm::function_ref<llvm::SmallVector<mlir::Value>(VectorBuilder &, mlir::ValueRange, mlir::ValueRange)> body);

/// `body` for from, from + step, ... below `end`.
llvm::SmallVector<mlir::Value>
forEachStep(VectorBuilder &b, mlir::Value from, mlir::Value end, int64_t step, mlir::ValueRange carried,
            llvm::function_ref<llvm::SmallVector<mlir::Value>(VectorBuilder &, mlir::Value, mlir::ValueRange)> body);

} // namespace linnet

#endif // LINNET_COMPILER_VECTOR_ROWLOOP_H
