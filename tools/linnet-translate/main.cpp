//===- main.cpp - linnet-translate: models to IR --------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/checkpoint/Checkpoint.h"

#include "mlir/Tools/mlir-translate/MlirTranslateMain.h"
#include "mlir/Tools/mlir-translate/Translation.h"

#include "llvm/Support/Path.h"
#include "llvm/Support/SourceMgr.h"

using namespace mlir;

/// A translation reads one file. A checkpoint is a folder: it is named by the config.json in it.
static OwningOpRef<Operation *> translateCheckpoint(llvm::SourceMgr &sources, MLIRContext *context) {
  StringRef file = sources.getMemoryBuffer(sources.getMainFileID())->getBufferIdentifier();
  if (llvm::sys::path::filename(file) != "config.json") {
    emitError(UnknownLoc::get(context)) << "expected the config.json of a checkpoint, got " << file;
    return nullptr;
  }
  StringRef directory = llvm::sys::path::parent_path(file);
  FailureOr<OwningOpRef<ModuleOp>> module = linnet::importCheckpoint(*context, directory.empty() ? "." : directory);
  if (failed(module))
    return nullptr;
  return OwningOpRef<Operation *>(module->release());
}

int main(int argc, char **argv) {
  TranslateToMLIRRegistration checkpoint(
      "import-checkpoint", "config.json and the safetensors beside it to the stage `input`", translateCheckpoint);
  return failed(mlirTranslateMain(argc, argv, "Linnet translation tool"));
}
