//===- CheckCode.h - compiled programs against their definition -----------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_TOOLS_LINNETEVOLVE_CHECKCODE_H
#define LINNET_TOOLS_LINNETEVOLVE_CHECKCODE_H

#include "compiler/approximation/Program.h"

#include <optional>

namespace linnet::approximation {

/// Whether this machine can run code of the program whose bits its definition fixes: not where the machine lacks the
/// instructions, nor where an estimate (rcp14, rsqrt14) may be anything within its bound.
bool canCheckCode(const Program &program);

/// Compiles the program for this machine, runs it on every `stride`-th float32, and returns the first input whose
/// result is not, bit for bit, what Evaluator says; NaN is NaN.
llvm::Expected<std::optional<float>> findCodeMismatch(const Program &program, uint32_t stride);

} // namespace linnet::approximation

#endif // LINNET_TOOLS_LINNETEVOLVE_CHECKCODE_H
