//===- Program.h - a straight-line program for an elementary function -----------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A program has one input x and one instruction a line, each of which has a name that later lines may use. The last one
// is the result (docs/spec/math.md):
//
//   s = fma x 0x1.715476p+0 0x1.8p+23
//   n = sub s 0x1.8p+23
//   p = lookup16 s @powers
//
// A constant with ~ before it is free: a search may move it. The others are part of the structure.
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_COMPILER_APPROXIMATION_PROGRAM_H
#define LINNET_COMPILER_APPROXIMATION_PROGRAM_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace linnet::approximation {

/// What a program may use; each has what the ones before it have.
enum class Target : uint8_t { Generic, FMA, AVX2, AVX512 };
llvm::StringRef getName(Target target);
std::optional<Target> parseTarget(llvm::StringRef name);
/// The lanes that the cost of a program of a target is counted on, and its code checked on.
int64_t getLanes(Target target);

enum class Opcode : uint8_t {
#define OPCODE(enumerator, name, operands, result, target) enumerator,
#include "compiler/approximation/Opcodes.def"
};

/// What Opcodes.def says of one.
struct OpcodeInfo {
  llvm::StringLiteral name, operands;
  char result;
  Target target;
};
/// The register of a type: f32 and i32 are the same bits, and so are f64 and i64.
char getRegister(char type);
/// How many floats a table of the type has; 0 where the type is none of a table.
size_t getTableSize(char type);
const OpcodeInfo &getInfo(Opcode opcode);
llvm::ArrayRef<OpcodeInfo> getOpcodes();

/// What an instruction takes: the value of an earlier instruction (0 is the input x, i + 1 the result of instruction
/// i), a constant, a number in the instruction, or a table, by its place in the program.
struct Operand {
  enum class Kind : uint8_t { Value, Constant, Immediate, Table };
  Kind kind = Kind::Value;
  uint32_t index = 0;

  bool operator==(const Operand &other) const { return kind == other.kind && index == other.index; }
};

/// An integer, or the bits of a float32, is exact in a double; i64 constants are those that a double holds.
struct Constant {
  double value = 0;
  bool isFree = false;
};

struct Instruction {
  Opcode opcode = Opcode::Add;
  llvm::SmallVector<Operand, 3> operands;
};

struct Table {
  std::string name;
  std::vector<float> entries;
  bool isFree = false;
};

struct Program {
  std::vector<Constant> constants;
  std::vector<Table> tables;
  std::vector<Instruction> instructions;
  std::vector<std::string> names; // of the instructions

  /// What the target must have.
  Target getTarget() const;
  /// The type of a value, as in Opcodes.def.
  char getType(uint32_t value) const { return value ? getInfo(instructions[value - 1].opcode).result : 'f'; }
  /// Whether each value is used for the result, the last of them.
  llvm::SmallVector<bool> findLive() const;
  /// Drops what the result does not use, and gives equal constants and equal instructions one place.
  void simplify();

  std::vector<std::string> print() const;
  /// `tables` are those that the lines may name.
  static llvm::Expected<Program> parse(llvm::ArrayRef<std::string> lines, std::vector<Table> tables);
};

/// As in C: 0x1.8p+1.
std::string printFloat(double value);

} // namespace linnet::approximation

#endif // LINNET_COMPILER_APPROXIMATION_PROGRAM_H
