//===- Compile.h - from a module to a library -----------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_COMPILER_PACKAGE_COMPILE_H
#define LINNET_COMPILER_PACKAGE_COMPILE_H

#include "compiler/package/Target.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <functional>
#include <string>
#include <vector>

namespace linnet {

/// What a compilation produces.
enum class Artifact { SharedLibrary, Object, Assembly, LLVMIR, Ptx, Cubin, Fatbin };

/// Whether an artifact is made of kernels alone.
inline bool isOfKernels(Artifact artifact) {
  return artifact == Artifact::Ptx || artifact == Artifact::Cubin || artifact == Artifact::Fatbin;
}

struct CompileOptions {
  /// The machine that runs the library, or the host of the kernels.
  TargetOptions target;
  /// The GPU that kernels are made for; empty: none.
  std::string chip;
  std::string path = "auto"; // auto, fast or reference; see linnet-select-path
  int64_t timeBlock = 256;
  /// The stage that the module is already of; empty: none.
  std::string from;
  int64_t parallelTiles = 2; // see linnet-split-attention
  /// Called with the name of a stage and its wall time in seconds when it is done.
  std::function<void(llvm::StringRef, double)> onStage;
  /// Asked between passes, from the thread that compiles: whether to give up, which is then an error.
  std::function<bool()> isCancelled;
};

/// Runs the stages on `module` up to and with `lastStage` (input, graph, tiled, vector, for a GPU gpu, or llvm).
/// Diagnostics go to the handlers of its context.
mlir::LogicalResult runStages(mlir::ModuleOp module, llvm::StringRef lastStage, const CompileOptions &options);

/// Runs all stages and writes the artifact to `outputPath`.
mlir::LogicalResult compileModule(mlir::ModuleOp module, Artifact artifact, llvm::StringRef outputPath,
                                  const CompileOptions &options);

/// Runs LLVM's passes at O3, until `isCancelled` where it is given.
void optimize(llvm::Module &module, llvm::TargetMachine &machine, const std::function<bool()> &isCancelled = {});

/// The code of a module: text or the bytes of an object file.
llvm::Expected<std::string> emitCode(llvm::Module &module, llvm::TargetMachine &machine, llvm::CodeGenFileType type);

} // namespace linnet

#endif // LINNET_COMPILER_PACKAGE_COMPILE_H
