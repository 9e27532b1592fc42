//===- Architecture.h - the architectures that can be imported ------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A new one: a file that defines its `build`, and a row in Checkpoint.cpp.
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_FRONTENDS_CHECKPOINT_ARCHITECTURE_H
#define LINNET_FRONTENDS_CHECKPOINT_ARCHITECTURE_H

#include "frontends/checkpoint/Config.h"
#include "frontends/checkpoint/Tensors.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace linnet::checkpoint {

struct Folder {
  std::string name; // of the model
  Config config;
  Tensors tensors;
  bool hasTokenizer; // tokenizer.json
};

struct Architecture {
  /// As in the metadata of the module.
  llvm::StringRef name;
  /// How a checkpoint says that it is one: model_type, an entry of architectures, ssm_cfg.layer. Empty where it has
  /// no such name.
  llvm::StringRef modelType, className, ssmLayer;
  mlir::FailureOr<mlir::OwningOpRef<mlir::ModuleOp>> (*build)(mlir::MLIRContext &context, Folder &folder);
};

/// The architecture that the configuration names, or null after an error.
const Architecture *findArchitecture(Config &config);

mlir::FailureOr<mlir::OwningOpRef<mlir::ModuleOp>> buildMamba(mlir::MLIRContext &context, Folder &folder);
mlir::FailureOr<mlir::OwningOpRef<mlir::ModuleOp>> buildMamba2(mlir::MLIRContext &context, Folder &folder);
mlir::FailureOr<mlir::OwningOpRef<mlir::ModuleOp>> buildLightning(mlir::MLIRContext &context, Folder &folder);
mlir::FailureOr<mlir::OwningOpRef<mlir::ModuleOp>> buildGla(mlir::MLIRContext &context, Folder &folder);
mlir::FailureOr<mlir::OwningOpRef<mlir::ModuleOp>> buildRetNet(mlir::MLIRContext &context, Folder &folder);

} // namespace linnet::checkpoint

#endif // LINNET_FRONTENDS_CHECKPOINT_ARCHITECTURE_H
