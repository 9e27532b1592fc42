//===- CheckCode.cpp - compiled programs against their definition ---------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CheckCode.h"

#include "Code.h"

#include "compiler/approximation/EmitProgram.h"
#include "compiler/approximation/Evaluate.h"

#include <cmath>
#include <cstring>

using namespace llvm;
using namespace linnet::approximation;

static const TargetMachine &getHost() {
  static const std::unique_ptr<TargetMachine> machine = [] {
    std::string problem;
    std::unique_ptr<TargetMachine> host = linnet::createTargetMachine(linnet::TargetOptions(), problem);
    if (!host)
      reportFatalInternalError(StringRef(problem));
    return host;
  }();
  return *machine;
}

bool linnet::approximation::canCheckCode(const Program &program) {
  for (const Instruction &instruction : program.instructions)
    if (instruction.opcode == Opcode::Rcp14 || instruction.opcode == Opcode::Rsqrt14)
      return false;
  Target target = program.getTarget();
  switch (target) {
  case Target::Generic:
    return true;
  case Target::FMA:
    return linnet::hasFMA(getHost());
  case Target::AVX2:
    return linnet::hasAVX2(getHost());
  case Target::AVX512:
    return linnet::hasAVX512(getHost());
  }
  llvm_unreachable("all targets are above");
}

Expected<std::optional<float>> linnet::approximation::findCodeMismatch(const Program &program, uint32_t stride) {
  const bool fused = linnet::hasFMA(getHost());
  Expected<CompiledLoop> code =
      CompiledLoop::compile([&](mlir::OpBuilder &builder, mlir::Location loc,
                                mlir::Value x) { return emitProgram(builder, loc, program, x, fused); },
                            getLanes(program.getTarget()));
  if (!code)
    return code.takeError();
  Freedom freedom;
  freedom.fused = fused;
  Evaluator evaluator(program, freedom);
  constexpr size_t block = Evaluator::kBlock;
  alignas(64) float x[block], defined[block], computed[block];
  for (uint64_t next = 0; next < uint64_t(1) << 32;) {
    for (float &value : x) {
      auto bits = static_cast<uint32_t>(next);
      std::memcpy(&value, &bits, sizeof value);
      next += stride;
    }
    evaluator.run(x, defined);
    (*code)(x, computed, block);
    for (size_t i = 0; i < block; ++i)
      if (std::memcmp(&defined[i], &computed[i], sizeof(float)) && !(std::isnan(defined[i]) && std::isnan(computed[i])))
        return x[i];
  }
  return std::nullopt;
}
