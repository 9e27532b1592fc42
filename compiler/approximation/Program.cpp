//===- Program.cpp - a straight-line program for an elementary function ---------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/approximation/Program.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/FormatVariadic.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>

using namespace llvm;
using namespace linnet::approximation;

static constexpr StringLiteral kTargetNames[] = {"generic", "fma", "avx2", "avx512"};

StringRef linnet::approximation::getName(Target target) { return kTargetNames[static_cast<unsigned>(target)]; }

std::optional<Target> linnet::approximation::parseTarget(StringRef name) {
  const auto *found = find(kTargetNames, name);
  if (found == std::end(kTargetNames))
    return std::nullopt;
  return static_cast<Target>(found - kTargetNames);
}

int64_t linnet::approximation::getLanes(Target target) { return target == Target::AVX2 ? 8 : 16; }

static constexpr OpcodeInfo kOpcodes[] = {
#define OPCODE(enumerator, name, operands, result, target) {name, operands, result, Target::target},
#include "compiler/approximation/Opcodes.def"
};

char linnet::approximation::getRegister(char type) { return type == 'i' ? 'f' : type == 'l' ? 'd' : type; }

size_t linnet::approximation::getTableSize(char type) {
  return type == 'e' ? 8 : type == 't' ? 16 : type == 'T' ? 32 : 0;
}

ArrayRef<OpcodeInfo> linnet::approximation::getOpcodes() { return kOpcodes; }
const OpcodeInfo &linnet::approximation::getInfo(Opcode opcode) { return kOpcodes[static_cast<unsigned>(opcode)]; }

Target Program::getTarget() const {
  Target target = Target::Generic;
  for (const Instruction &instruction : instructions)
    target = std::max(target, getInfo(instruction.opcode).target);
  return target;
}

SmallVector<bool> Program::findLive() const {
  SmallVector<bool> live(instructions.size() + 1, false);
  live.back() = true;
  for (size_t i = instructions.size(); i > 0; --i)
    if (live[i])
      for (const Operand &operand : instructions[i - 1].operands)
        if (operand.kind == Operand::Kind::Value)
          live[operand.index] = true;
  return live;
}

void Program::simplify() {
  SmallVector<bool> live = findLive();
  Program result;
  std::map<std::pair<uint64_t, char>, uint32_t> constantPlaces;
  std::map<uint32_t, uint32_t> tablePlaces;
  using Key = std::pair<Opcode, std::vector<std::pair<unsigned, uint32_t>>>;
  std::map<Key, uint32_t> known;
  std::vector<uint32_t> places(instructions.size() + 1, 0);
  for (auto [i, instruction] : enumerate(instructions)) {
    if (!live[i + 1])
      continue;
    Instruction copy = instruction;
    Key key{copy.opcode, {}};
    for (auto [operand, type] : zip_equal(copy.operands, getInfo(copy.opcode).operands)) {
      switch (operand.kind) {
      case Operand::Kind::Value:
        operand.index = places[operand.index];
        break;
      case Operand::Kind::Constant: {
        const Constant &constant = constants[operand.index];
        uint64_t bits;
        std::memcpy(&bits, &constant.value, sizeof bits);
        // Free constants move each for itself.
        auto next = static_cast<uint32_t>(result.constants.size());
        operand.index = constant.isFree ? next : constantPlaces.try_emplace({bits, type}, next).first->second;
        if (operand.index == next)
          result.constants.push_back(constant);
        break;
      }
      case Operand::Kind::Table: {
        auto [place, added] = tablePlaces.try_emplace(operand.index, static_cast<uint32_t>(result.tables.size()));
        if (added)
          result.tables.push_back(tables[operand.index]);
        operand.index = place->second;
        break;
      }
      case Operand::Kind::Immediate:
        break;
      }
      key.second.push_back({static_cast<unsigned>(operand.kind), operand.index});
    }
    auto [place, added] = known.try_emplace(key, static_cast<uint32_t>(result.instructions.size() + 1));
    if (added) {
      result.instructions.push_back(std::move(copy));
      result.names.push_back(names[i]);
    }
    places[i + 1] = place->second;
  }
  *this = std::move(result);
}

std::string linnet::approximation::printFloat(double value) {
  if (std::isnan(value))
    return "nan";
  char text[64];
  std::snprintf(text, sizeof text, "%a", value);
  return text;
}

std::vector<std::string> Program::print() const {
  std::vector<std::string> lines;
  for (auto [i, instruction] : enumerate(instructions)) {
    const OpcodeInfo &info = getInfo(instruction.opcode);
    std::string line = (names[i] + " = " + info.name).str();
    for (auto [operand, type] : zip_equal(instruction.operands, info.operands)) {
      line += ' ';
      switch (operand.kind) {
      case Operand::Kind::Value:
        line += operand.index ? names[operand.index - 1] : "x";
        break;
      case Operand::Kind::Constant: {
        const Constant &constant = constants[operand.index];
        bool isInteger = type == 'i' || type == 'l';
        if (constant.isFree)
          line += '~';
        line += isInteger ? formatv("{0}", static_cast<int64_t>(constant.value)).str() : printFloat(constant.value);
        break;
      }
      case Operand::Kind::Immediate:
        line += std::to_string(operand.index);
        break;
      case Operand::Kind::Table:
        line += "@" + tables[operand.index].name;
        break;
      }
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

Expected<Program> Program::parse(ArrayRef<std::string> lines, std::vector<Table> tables) {
  Program program;
  program.tables = std::move(tables);
  StringMap<uint32_t> values = {{"x", 0}};
  for (auto [number, line] : enumerate(lines)) {
    auto fail = [&, number = number](const Twine &message) {
      return createStringError("line " + Twine(number + 1) + ": " + message);
    };
    SmallVector<StringRef> words;
    StringRef(line).split(words, ' ', -1, /*KeepEmpty=*/false);
    if (words.size() < 3 || words[1] != "=")
      return fail("expected 'name = opcode operands', got '" + line + "'");
    const OpcodeInfo *info = find_if(kOpcodes, [&](const OpcodeInfo &known) { return known.name == words[2]; });
    if (info == std::end(kOpcodes))
      return fail("unknown opcode '" + words[2] + "'");
    if (words.size() - 3 != info->operands.size())
      return fail("expected " + Twine(info->operands.size()) + " operands of " + info->name + ", got " +
                  Twine(words.size() - 3));
    Instruction instruction{static_cast<Opcode>(info - kOpcodes), {}};
    for (auto [word, type] : zip_equal(ArrayRef(words).drop_front(3), info->operands)) {
      if (auto known = values.find(word); known != values.end()) {
        if (getRegister(program.getType(known->second)) != getRegister(type))
          return fail("expected an operand of type " + Twine(type) + " of " + info->name + ", got '" + word +
                      "' of type " + Twine(program.getType(known->second)));
        instruction.operands.push_back({Operand::Kind::Value, known->second});
        continue;
      }
      if (type == 'k') {
        uint32_t immediate;
        if (word.getAsInteger(10, immediate) || immediate > 63)
          return fail("expected a number from 0 to 63, got '" + word + "'");
        instruction.operands.push_back({Operand::Kind::Immediate, immediate});
        continue;
      }
      if (size_t size = getTableSize(type)) {
        auto isNamed = [name = word](const Table &t) { return "@" + t.name == name; };
        auto table = find_if(program.tables, isNamed);
        if (table == program.tables.end())
          return fail("unknown table '" + word + "'");
        if (table->entries.size() != size)
          return fail("expected a table of " + Twine(size) + " floats, got " + Twine(table->entries.size()) + " in '" +
                      word + "'");
        instruction.operands.push_back({Operand::Kind::Table, static_cast<uint32_t>(table - program.tables.begin())});
        continue;
      }
      Constant constant;
      StringRef digits = word;
      constant.isFree = digits.consume_front("~");
      std::string text = digits.str();
      char *end = nullptr;
      constant.value = std::strtod(text.c_str(), &end);
      if (type == 'm' || text.empty() || *end)
        return fail("unknown value '" + word + "'");
      if (type == 'f' && !std::isnan(constant.value) &&
          static_cast<double>(static_cast<float>(constant.value)) != constant.value)
        return fail("expected a float32, got '" + word + "'");
      bool isInteger = type == 'i' || type == 'l';
      if (isInteger && (std::floor(constant.value) != constant.value ||
                        std::fabs(constant.value) >= std::ldexp(1.0, type == 'i' ? 32 : 63)))
        return fail("expected an integer, got '" + word + "'");
      instruction.operands.push_back({Operand::Kind::Constant, static_cast<uint32_t>(program.constants.size())});
      program.constants.push_back(constant);
    }
    program.instructions.push_back(std::move(instruction));
    program.names.push_back(words[0].str());
    if (!values.try_emplace(words[0], static_cast<uint32_t>(program.instructions.size())).second)
      return fail("expected a name of its own, got '" + words[0] + "' again");
  }
  if (program.instructions.empty() || getRegister(getInfo(program.instructions.back().opcode).result) != 'f')
    return createStringError("expected a program whose last line is a float32");
  return program;
}
