//===- EmptyTensor.h - tensors without values -----------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_COMPILER_EMPTYTENSOR_H
#define LINNET_COMPILER_EMPTYTENSOR_H

#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace linnet {

/// A tensor of the sizes and elements of `tensor`, to be written.
inline mlir::Value emptyLike(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value tensor) {
  return mlir::tensor::EmptyOp::create(builder, loc, mlir::tensor::getMixedSizes(builder, loc, tensor),
                                       mlir::getElementTypeOrSelf(tensor.getType()));
}

} // namespace linnet

#endif // LINNET_COMPILER_EMPTYTENSOR_H
