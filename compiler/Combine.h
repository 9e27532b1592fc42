//===- Combine.h - the kinds of a scan ------------------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_COMPILER_COMBINE_H
#define LINNET_COMPILER_COMBINE_H

#include "dialects/linnet/Linnet.h"

#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace linnet {

/// A constant of a float or integer type, or of a vector of them.
mlir::Value buildConstant(mlir::ImplicitLocOpBuilder &b, mlir::Type type, double value);

/// The element that `kind` leaves as it is (spec-linear 1.2), of a scalar or vector type.
mlir::Value buildIdentity(mlir::ImplicitLocOpBuilder &b, ScanKind kind, mlir::Type type);

/// combine(earlier, later) of a kind other than custom, on scalars or vectors.
mlir::Value buildCombine(mlir::ImplicitLocOpBuilder &b, ScanKind kind, mlir::Value earlier, mlir::Value later);

} // namespace linnet

#endif // LINNET_COMPILER_COMBINE_H
