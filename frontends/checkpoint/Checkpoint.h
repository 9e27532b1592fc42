//===- Checkpoint.h - imports the folder of a model -----------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_FRONTENDS_CHECKPOINT_CHECKPOINT_H
#define LINNET_FRONTENDS_CHECKPOINT_CHECKPOINT_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace linnet {

/// Builds the model of a folder in the form of Hugging Face or state-spaces: config.json and model.safetensors (or
/// model.safetensors.index.json and the files it lists). The result is of the stage `input`, verified, and has the
/// functions `forward`, `forward_last` and `step` (runtime/include/linnet/model.h). Only the header of the weights is
/// read. Every problem found is reported to the context before this returns failure.
mlir::FailureOr<mlir::OwningOpRef<mlir::ModuleOp>> importCheckpoint(mlir::MLIRContext &context,
                                                                    llvm::StringRef directory);

} // namespace linnet

#endif // LINNET_FRONTENDS_CHECKPOINT_CHECKPOINT_H
