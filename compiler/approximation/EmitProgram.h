//===- EmitProgram.h - the code of a program ------------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_COMPILER_APPROXIMATION_EMITPROGRAM_H
#define LINNET_COMPILER_APPROXIMATION_EMITPROGRAM_H

#include "compiler/approximation/Library.h"

#include "mlir/IR/Builders.h"

namespace linnet::approximation {

/// The lanes of a vector of f32 of rank 1, which programs for one instruction set can work on; 0 of another type.
int64_t getLanes(mlir::Type type);

/// Emits `program` for x, f32 or a vector of it; where `fused`, muladd64 is one rounding. A program of AVX-512 needs
/// 16 lanes, one of AVX2 8 or 16. The code computes what Evaluator does, bit for bit.
mlir::Value emitProgram(mlir::OpBuilder &builder, mlir::Location loc, const Program &program, mlir::Value x,
                        bool fused);

/// Emits the usual program of a choice, and the other one for the lanes outside of the range of the usual one, if there
/// are any. The other lanes keep their value, so that no result depends on its neighbours.
mlir::Value emitChoice(mlir::OpBuilder &builder, mlir::Location loc, const Choice &choice, mlir::Value x, bool fused);

} // namespace linnet::approximation

#endif // LINNET_COMPILER_APPROXIMATION_EMITPROGRAM_H
