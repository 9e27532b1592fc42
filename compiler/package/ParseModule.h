//===- ParseModule.h - modules from text or bytecode ----------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_COMPILER_PACKAGE_PARSEMODULE_H
#define LINNET_COMPILER_PACKAGE_PARSEMODULE_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace llvm {
class SourceMgr;
} // namespace llvm

namespace linnet {

/// Parses the one buffer of `sources` and verifies the module. Where the result has no module an error was reported.
/// The parsers of some operations of MLIR 22 (linalg.transpose, linalg.broadcast) crash after they have reported an
/// error: `crashed` says so. Then the context may hold halves of operations, and is of no more use than to be left
/// alone.
struct ParsedModule {
  mlir::OwningOpRef<mlir::ModuleOp> module;
  bool crashed = false;
};
ParsedModule parseModule(const llvm::SourceMgr &sources, mlir::MLIRContext &context);

} // namespace linnet

#endif // LINNET_COMPILER_PACKAGE_PARSEMODULE_H
