//===- EmitProgram.h - the code of a program ------------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_COMPILER_APPROXIMATION_EMITPROGRAM_H
#define LINNET_COMPILER_APPROXIMATION_EMITPROGRAM_H

#include "compiler/approximation/Program.h"

#include "mlir/IR/Builders.h"

namespace linnet::approximation {

/// Whether programs of AVX-512 instructions can work on values of the type: vector<16xf32>.
bool isSixteenLanes(mlir::Type type);

/// Emits `program` for x, f32 or a vector of it; where `fused`, muladd64 is one rounding. A program of AVX-512 needs
/// isSixteenLanes. The code computes what Evaluator does, bit for bit.
mlir::Value emitProgram(mlir::OpBuilder &builder, mlir::Location loc, const Program &program, mlir::Value x,
                        bool fused);

} // namespace linnet::approximation

#endif // LINNET_COMPILER_APPROXIMATION_EMITPROGRAM_H
