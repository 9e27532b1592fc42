//===- Model.h - attributes of a model's functions ------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_COMPILER_MODEL_H
#define LINNET_COMPILER_MODEL_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/StringRef.h"

namespace linnet {

// What a frontend says about the arguments and results of a function; docs/spec/model-functions.md.
inline constexpr llvm::StringLiteral kRoleAttrName = "linnet.role";
inline constexpr llvm::StringLiteral kNameAttrName = "linnet.name";
/// The names of the dynamic dimensions, in order.
inline constexpr llvm::StringLiteral kSymbolsAttrName = "linnet.symbols";
/// That the integers of an argument or result have no sign, which their type does not say.
inline constexpr llvm::StringLiteral kUnsignedAttrName = "linnet.unsigned";
/// On the module: JSON for the users of the compiled model.
inline constexpr llvm::StringLiteral kMetadataAttrName = "linnet.metadata";
/// On an scf.forall: the name of the op that it computes.
inline constexpr llvm::StringLiteral kKindAttrName = "linnet.kind";
/// On the module, from linnet-outline-parallel: [name, kind] of every parallel loop.
inline constexpr llvm::StringLiteral kOpsAttrName = "linnet.ops";
/// On the module, from linnet-emit-entry-points: what the manifest of the library says.
inline constexpr llvm::StringLiteral kFunctionsAttrName = "linnet.functions";

inline constexpr llvm::StringLiteral kRoleInput = "input";
inline constexpr llvm::StringLiteral kRoleWeight = "weight";
inline constexpr llvm::StringLiteral kRoleState = "state"; // of a tensor function
inline constexpr llvm::StringLiteral kRoleStateIn = "state_in";
inline constexpr llvm::StringLiteral kRoleStateOut = "state_out";
inline constexpr llvm::StringLiteral kRolePrepared = "prepared";
inline constexpr llvm::StringLiteral kRoleOutput = "output";
inline constexpr llvm::StringLiteral kRoleWorkspace = "workspace";

/// The function that makes the prepared tensors.
inline constexpr llvm::StringLiteral kPrepareName = "prepare";

/// The role or name of argument `index`, or an empty string.
llvm::StringRef getArgRole(mlir::func::FuncOp function, unsigned index);
llvm::StringRef getArgName(mlir::func::FuncOp function, unsigned index);
llvm::StringRef getResultRole(mlir::func::FuncOp function, unsigned index);
llvm::StringRef getResultName(mlir::func::FuncOp function, unsigned index);

/// Whether a frontend described the arguments: functions of a model are compiled for the runtime, others as they are.
bool isModelFunction(mlir::func::FuncOp function);

/// The symbol that is the size of dimension `dim` of a value of `type` described by `symbols`, or an empty string.
llvm::StringRef getSymbol(mlir::ShapedType type, mlir::ArrayAttr symbols, int64_t dim);

} // namespace linnet

#endif // LINNET_COMPILER_MODEL_H
