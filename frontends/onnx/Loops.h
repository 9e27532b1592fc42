//===- Loops.h - loops over tensors ---------------------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_FRONTENDS_ONNX_LOOPS_H
#define LINNET_FRONTENDS_ONNX_LOOPS_H

#include "frontends/onnx/Node.h"

namespace linnet::onnx_frontend {

/// What one iteration gives: values for the next one, and values that are kept.
struct Step {
  llvm::SmallVector<Tensor> carried, collected;
};
/// Builds one iteration; nothing after an error.
using StepBody = llvm::function_ref<std::optional<Step>(mlir::Value index, llvm::ArrayRef<Tensor> carried)>;

/// Runs `body` for 0 <= i < count with carried tensors, and stacks what it collects along a new first dimension, from
/// behind where `reversed` says so.
std::optional<Step> buildLoop(Node &node, mlir::OpFoldResult count, llvm::ArrayRef<Tensor> inits, StepBody body,
                              llvm::ArrayRef<bool> reversed = {});

/// x at one place of a dimension, which is left out.
Tensor takeAt(Node &node, const Tensor &x, int64_t axis, mlir::Value place);

/// The tensor without what is known of its elements: they change in a loop.
Tensor materialize(Node &node, const Tensor &tensor);

// For loops of another form.

/// A value of `tensor` as the type that is carried; nothing after an error.
std::optional<mlir::Value> fitType(Node &node, const Tensor &tensor, int32_t type, mlir::RankedTensorType wanted,
                                   const llvm::Twine &what);
/// A tensor that may be written.
mlir::Value copyOf(Node &node, mlir::Value value);
/// `values` in the buffers of what a loop carries, where the next iteration looks for them. By way of copies: a value
/// may be made of what another one overwrites.
llvm::SmallVector<mlir::Value> keepInPlace(Node &node, llvm::ArrayRef<mlir::Value> values, mlir::ValueRange carried);

} // namespace linnet::onnx_frontend

#endif // LINNET_FRONTENDS_ONNX_LOOPS_H
