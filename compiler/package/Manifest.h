//===- Manifest.h - what a compiled library says of itself ----------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_COMPILER_PACKAGE_MANIFEST_H
#define LINNET_COMPILER_PACKAGE_MANIFEST_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/IR/Module.h"

namespace linnet {

struct KernelImage;

/// Adds the constants of runtime/include/linnet/model.h and `linnet_model_entry` to a translated module, and hides
/// every other symbol. `module` is of stage llvm and describes its functions; `kernels`, where there are, are in
/// `llvmModule` already.
mlir::LogicalResult emitManifest(mlir::ModuleOp module, llvm::Module &llvmModule, const KernelImage *kernels = nullptr);

/// The C header that describes the library: one enum of arguments per function.
std::string printHeader(mlir::ModuleOp module);

} // namespace linnet

#endif // LINNET_COMPILER_PACKAGE_MANIFEST_H
