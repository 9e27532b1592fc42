//===- Evaluate.cpp - what a program computes, exactly --------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/approximation/Evaluate.h"

#include "compiler/approximation/EvaluateBlock.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <new>

using namespace llvm;
using namespace linnet::approximation;

static constexpr std::align_val_t kAlignment{64};

void Evaluator::Aligned::operator()(void *memory) const { operator delete(memory, kAlignment); }

double linnet::approximation::getSpacing(double exact) {
  int exponent;
  std::frexp(exact, &exponent);
  return std::ldexp(1.0, std::max(exponent - 24, -149));
}

static EvaluateBlock *choose() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("x86-64-v4"))
    return evaluateBlockV4;
  if (__builtin_cpu_supports("x86-64-v3"))
    return evaluateBlockV3;
#endif
  return evaluateBlock;
}

template <typename Number> static void fill(char *lanes, Number value) {
  std::fill_n(reinterpret_cast<Number *>(lanes), Evaluator::kBlock, value);
}

static void fillConstant(char *lanes, char type, double value) {
  switch (type) {
  case 'f':
    return fill(lanes, static_cast<float>(value));
  case 'i':
    return fill(lanes, static_cast<uint32_t>(static_cast<int64_t>(value)));
  case 'd':
    return fill(lanes, value);
  default:
    return fill(lanes, static_cast<int64_t>(value));
  }
}

Evaluator::Evaluator(const Program &program, Freedom freedom)
    : freedom(freedom), valueCount(program.instructions.size() + 1), constantTypes(program.constants.size(), 'f') {
  size_t bytes = (valueCount + program.constants.size()) * kBlock * sizeof(double);
  memory.reset(static_cast<char *>(operator new(bytes, kAlignment)));
  for (const Table &table : program.tables)
    tables.push_back(table.entries);
  for (auto [i, instruction] : enumerate(program.instructions)) {
    Step step{instruction.opcode, 0, place(i + 1), {}};
    for (auto [k, operand] : enumerate(instruction.operands)) {
      switch (operand.kind) {
      case Operand::Kind::Value:
        step.operands[k] = place(operand.index);
        break;
      case Operand::Kind::Constant:
        step.operands[k] = place(valueCount + operand.index);
        constantTypes[operand.index] = getInfo(instruction.opcode).operands[k];
        break;
      case Operand::Kind::Immediate:
        step.immediate = operand.index;
        break;
      case Operand::Kind::Table:
        step.operands[k] = tables[operand.index].data();
        break;
      }
    }
    steps.push_back(step);
  }
  setConstants(program);
}

void Evaluator::setConstants(const Program &program) {
  for (auto [i, constant] : enumerate(program.constants))
    fillConstant(place(valueCount + i), constantTypes[i], constant.value);
  for (auto [mine, table] : zip_equal(tables, program.tables))
    std::copy(table.entries.begin(), table.entries.end(), mine.begin());
}

void Evaluator::run(const float *x, float *y) const {
  static EvaluateBlock *const evaluate = choose();
  std::memcpy(place(0), x, kBlock * sizeof(float));
  evaluate(steps, freedom);
  std::memcpy(y, place(valueCount - 1), kBlock * sizeof(float));
}
