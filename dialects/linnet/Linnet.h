//===- Linnet.h - the linnet dialect --------------------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_DIALECTS_LINNET_LINNET_H
#define LINNET_DIALECTS_LINNET_LINNET_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include <optional>

namespace linnet {
/// Bytes of the tensors that an op reads and writes, each value once; a dynamic
/// dimension counts as `dynamicSize`.
int64_t countBytes(mlir::Operation *op, int64_t dynamicSize);
/// Bytes of one tensor; 0 for any other type.
int64_t countBytes(mlir::Type type, int64_t dynamicSize);
/// How exact elementary functions must be: #linnet.accuracy on an op, a function or a module.
inline constexpr llvm::StringLiteral kAccuracyAttrName = "linnet.accuracy";
/// How the products of matrices of a module are made: #linnet.lmul.
inline constexpr llvm::StringLiteral kMultiplyAttrName = "linnet.multiply";
/// The interval of an argument of a function: [low, high].
inline constexpr llvm::StringLiteral kRangeAttrName = "linnet.range";
} // namespace linnet

#include "dialects/linnet/sparse_attention/Mask.h"

#include "dialects/linnet/LinnetDialect.h.inc"
#include "dialects/linnet/LinnetEnums.h.inc"
#include "dialects/linnet/LinnetInterfaces.h.inc"
#define GET_ATTRDEF_CLASSES
#include "dialects/linnet/LinnetAttributes.h.inc"
#define GET_OP_CLASSES
#include "dialects/linnet/LinnetOps.h.inc"

namespace linnet {
/// Fails unless numbers of type `element` have the bits of fraction that `multiply` wants.
mlir::LogicalResult verifyLMulMantissa(mlir::Operation *op, LMulAttr multiply, mlir::Type element,
                                       llvm::StringRef constraint);
} // namespace linnet

#endif // LINNET_DIALECTS_LINNET_LINNET_H
