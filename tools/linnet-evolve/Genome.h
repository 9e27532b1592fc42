//===- Genome.h - how programs change -------------------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_TOOLS_LINNETEVOLVE_GENOME_H
#define LINNET_TOOLS_LINNETEVOLVE_GENOME_H

#include "compiler/approximation/Program.h"

#include <random>

namespace linnet::approximation {

/// What programs of a search are made of.
struct Alphabet {
  std::vector<Opcode> opcodes, lookUps;
  unsigned mostInstructions = 24;
};

/// All instructions of a target on f32 and i32; f64 would cost twice.
Alphabet getAlphabet(Target target, unsigned mostInstructions);

/// The variation of programs: every result is well typed, ends in a float32 and has no dead instruction.
class Variation {
public:
  Variation(Alphabet alphabet, uint64_t seed) : random(seed), alphabet(std::move(alphabet)) {}

  /// A few random instructions, with no structure given.
  Program makeRandom();
  /// One to four of: another constant, operand or opcode, an instruction more or less.
  Program mutate(const Program &program);
  /// The first instructions of one and the last ones of another.
  Program cross(const Program &first, const Program &second);

  std::mt19937_64 random;

private:
  Operand makeOperand(Program &program, char type, uint32_t before);
  Instruction makeInstruction(Program &program, uint32_t before);
  void moveConstant(Program &program);
  void changeOperand(Program &program);
  void changeOpcode(Program &program);
  void insert(Program &program);
  void remove(Program &program);
  /// Lets a constant depend on a value, at first by little.
  void grow(Program &program);
  /// Makes of a constant a table of it, in which the low bits of a value look up.
  void tabulate(Program &program);
  /// Where instructions take a constant of float32: the instruction and the operand.
  static std::vector<std::pair<uint32_t, uint32_t>> findConstants(const Program &program);
  /// Puts instructions before that of `place`.
  static void insertBefore(Program &program, uint32_t place, llvm::ArrayRef<Instruction> added);
  /// Ends the program in a float32 and drops what is dead.
  Program finish(Program program);
  size_t pick(size_t count) { return std::uniform_int_distribution<size_t>(0, count - 1)(random); }
  bool flip(double probability) { return std::bernoulli_distribution(probability)(random); }
  double makeNumber(char type);

  Alphabet alphabet;
};

} // namespace linnet::approximation

#endif // LINNET_TOOLS_LINNETEVOLVE_GENOME_H
