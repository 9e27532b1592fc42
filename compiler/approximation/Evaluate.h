//===- Evaluate.h - what a program computes, exactly ----------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The definition of a program: bit for bit what its code computes on any machine, without compiling it and without the
// instructions it is made for.
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_COMPILER_APPROXIMATION_EVALUATE_H
#define LINNET_COMPILER_APPROXIMATION_EVALUATE_H

#include "compiler/approximation/Program.h"

#include <memory>

namespace linnet::approximation {

/// What the definition of an instruction leaves open.
struct Freedom {
  /// Whether the target rounds muladd64 once.
  bool fused = true;
  /// Where in its documented bound the error of an estimate (rcp14, rsqrt14) is: -1, 1 or anything between.
  double estimateError = 0;
};

/// Runs a program on blocks of inputs.
class Evaluator {
public:
  static constexpr size_t kBlock = 512;

  explicit Evaluator(const Program &program, Freedom freedom = {});
  /// x and y: kBlock floats, aligned to 64 bytes.
  void run(const float *x, float *y) const;
  /// What the last run left in the lanes of a value, of 4 or 8 bytes each.
  const void *getLanes(size_t value) const { return place(value); }
  /// Moves constants and tables to those of `program`, which is the same in all else.
  void setConstants(const Program &program);

  /// One instruction on a block; pointers to kBlock lanes of 4 or 8 bytes, or to a table.
  struct Step {
    Opcode opcode;
    uint32_t immediate;
    void *result;
    const void *operands[3];
  };

private:
  struct Aligned {
    void operator()(void *memory) const;
  };
  using Lanes = std::unique_ptr<char[], Aligned>;
  char *place(size_t index) const { return memory.get() + index * kBlock * sizeof(double); }

  Freedom freedom;
  size_t valueCount;
  Lanes memory; // the values, then the constants
  std::vector<std::vector<float>> tables;
  std::vector<Step> steps;
  std::vector<char> constantTypes;
};

/// The distance of the neighbours of float32 around an exact value, 2^-149 where that is subnormal.
double getSpacing(double exact);

} // namespace linnet::approximation

#endif // LINNET_COMPILER_APPROXIMATION_EVALUATE_H
