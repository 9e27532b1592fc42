//===- ElementRegion.h - regions on elements as vector code ---------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_COMPILER_VECTOR_ELEMENTREGION_H
#define LINNET_COMPILER_VECTOR_ELEMENTREGION_H

#include "compiler/vector/VectorBuilder.h"

namespace linnet {

/// The components of one element across lanes: one vector for a scalar, one per entry for a static tensor.
using Components = llvm::SmallVector<mlir::Value>;

/// Why a region on elements has no vector form, or an empty string: it may hold elementwise ops on scalars and on
/// element tensors, constants, tensor.extract at constant places and tensor.from_elements.
std::string explainUncoveredRegion(mlir::Region &region);

/// Runs the region on all lanes at once.
llvm::SmallVector<Components> vectorizeRegion(VectorBuilder &b, mlir::Region &region,
                                              llvm::ArrayRef<Components> arguments);

} // namespace linnet

#endif // LINNET_COMPILER_VECTOR_ELEMENTREGION_H
