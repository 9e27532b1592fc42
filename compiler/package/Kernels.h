//===- Kernels.h - the kernels of a module as files -----------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_COMPILER_PACKAGE_KERNELS_H
#define LINNET_COMPILER_PACKAGE_KERNELS_H

#include "compiler/gpu/Retarget.h"

#include "mlir/IR/BuiltinOps.h"

#include <memory>

namespace linnet {

/// What a library for a GPU carries beside the code of the host.
struct KernelImage {
  std::string chip, hash, ptx;
  RetargetedModule retargeted;
};

/// Moves the kernels out of a module of stage llvm and translates and optimizes them for `chip`. Null where it has
/// none, which is an error.
std::unique_ptr<llvm::Module> translateKernels(mlir::ModuleOp module, llvm::StringRef chip, llvm::LLVMContext &context);

/// The PTX of translated kernels.
llvm::Expected<std::string> emitPtx(llvm::Module &kernels, llvm::StringRef chip);

/// The code that ptxas makes of PTX, alone or in a container that also holds the PTX. `report` gets what ptxas says of
/// registers and memory. ptxas, and fatbinary, are looked for on PATH.
llvm::Expected<std::string> assemblePtx(llvm::StringRef ptx, llvm::StringRef chip, bool asFatbin,
                                        std::string *report = nullptr);

/// Adds the kernels to `host` as code of its machine for the simt device.
llvm::Expected<KernelImage> embedKernels(std::unique_ptr<llvm::Module> kernels, llvm::StringRef chip,
                                         llvm::Module &host, const llvm::TargetMachine &machine);

} // namespace linnet

#endif // LINNET_COMPILER_PACKAGE_KERNELS_H
