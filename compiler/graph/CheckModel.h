//===- CheckModel.h - descriptions of model functions ---------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_COMPILER_GRAPH_CHECKMODEL_H
#define LINNET_COMPILER_GRAPH_CHECKMODEL_H

#include "mlir/IR/BuiltinOps.h"

namespace linnet {

/// Fails, with an error for each fault, unless what a frontend says about model functions is complete and consistent:
/// roles, names, symbols, and a state argument for every state result. Later stages rely on it.
mlir::LogicalResult checkModel(mlir::ModuleOp module);

} // namespace linnet

#endif // LINNET_COMPILER_GRAPH_CHECKMODEL_H
