//===- LMul.h - L-Mul by its definition -------------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_COMPILER_REFERENCE_LMUL_LMUL_H
#define LINNET_COMPILER_REFERENCE_LMUL_LMUL_H

#include "compiler/reference/ScalarBuilder.h"
#include "dialects/linnet/Linnet.h"

namespace linnet {

/// The product of two scalars, step by step as docs/spec/l-mul.md has it.
mlir::Value multiplyByDefinition(ScalarBuilder &b, mlir::Value x, mlir::Value y, LMulAttr multiply);

} // namespace linnet

#endif // LINNET_COMPILER_REFERENCE_LMUL_LMUL_H
