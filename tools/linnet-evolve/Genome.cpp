//===- Genome.cpp - how programs change -----------------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Genome.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <cmath>

using namespace linnet::approximation;

using Kind = Operand::Kind;

Alphabet linnet::approximation::getAlphabet(Target target, unsigned mostInstructions) {
  Alphabet alphabet;
  alphabet.mostInstructions = mostInstructions;
  for (size_t i = 0; i < getOpcodes().size(); ++i) {
    const OpcodeInfo &info = getOpcodes()[i];
    std::string types = info.operands.str() + info.result;
    if (info.target > target || types.find_first_of("dl") != std::string::npos)
      continue;
    bool isLookUp = getTableSize(info.operands.back()) > 0;
    (isLookUp ? alphabet.lookUps : alphabet.opcodes).push_back(static_cast<Opcode>(i));
  }
  return alphabet;
}

double Variation::makeNumber(char type) {
  if (type == 'i') {
    // Shifts and fields of the exponent.
    static constexpr double kUsual[] = {1, 127, 0x3F800000, 0x4B400000, 0x7F800000, 0x007FFFFF, -2147483648.0};
    return kUsual[pick(std::size(kUsual))];
  }
  switch (pick(4)) {
  case 0:
    return std::ldexp(1.0, static_cast<int>(pick(9)) - 4);
  case 1: { // adding it rounds
    double magic = std::ldexp(1.5, 23 - static_cast<int>(pick(6)));
    return magic;
  }
  default:
    return static_cast<double>(static_cast<float>(std::normal_distribution<double>(0, 1)(random)));
  }
}

Operand Variation::makeOperand(Program &program, char type, uint32_t before) {
  if (type == 'k')
    return {Kind::Immediate, static_cast<uint32_t>(pick(24))};
  std::vector<uint32_t> values;
  for (uint32_t value = 0; value < before; ++value)
    if (getRegister(program.getType(value)) == getRegister(type))
      values.push_back(value);
  if (!values.empty() && (type == 'm' || flip(0.7)))
    // The later ones are likelier to be what a program goes on with.
    return {Kind::Value, values[std::max(pick(values.size()), pick(values.size()))]};
  program.constants.push_back({makeNumber(type), true});
  return {Kind::Constant, static_cast<uint32_t>(program.constants.size() - 1)};
}

Instruction Variation::makeInstruction(Program &program, uint32_t before) {
  while (true) {
    Instruction instruction{alphabet.opcodes[pick(alphabet.opcodes.size())], {}};
    const OpcodeInfo &info = getInfo(instruction.opcode);
    bool hasMask = info.operands.find('m') == llvm::StringRef::npos;
    for (uint32_t value = 0; value < before; ++value)
      hasMask |= program.getType(value) == 'm';
    if (!hasMask)
      continue;
    for (char type : info.operands)
      instruction.operands.push_back(makeOperand(program, type, before));
    // reduce takes few bits of the fraction.
    if (instruction.opcode == Opcode::ReduceFloor || instruction.opcode == Opcode::ReduceNear)
      instruction.operands[1].index %= 5;
    if (instruction.opcode == Opcode::GetMant)
      instruction.operands[1].index = flip(0.5) ? 0 : 3;
    return instruction;
  }
}

Program Variation::finish(Program program) {
  while (!program.instructions.empty() && getRegister(getInfo(program.instructions.back().opcode).result) != 'f') {
    program.instructions.pop_back();
    program.names.pop_back();
  }
  if (program.instructions.empty()) {
    program.constants.push_back({1.0, true});
    program.instructions.push_back(
        {Opcode::Mul, {{Kind::Value, 0}, {Kind::Constant, static_cast<uint32_t>(program.constants.size() - 1)}}});
    program.names.push_back("");
  }
  program.simplify();
  // An integer that a mutation moved between two of them, or beyond its type.
  for (const Instruction &instruction : program.instructions)
    for (auto [operand, type] : llvm::zip_equal(instruction.operands, getInfo(instruction.opcode).operands))
      if (operand.kind == Kind::Constant && type == 'i') {
        double &value = program.constants[operand.index].value;
        value = std::clamp(std::trunc(value), -0x1p31, 0x1p31 - 1);
      }
  for (size_t i = 0; i < program.names.size(); ++i)
    program.names[i] = "v" + std::to_string(i + 1);
  for (size_t i = 0; i < program.tables.size(); ++i)
    program.tables[i].name = "t" + std::to_string(i + 1);
  return program;
}

Program Variation::makeRandom() {
  Program program;
  size_t count = 3 + pick(8);
  for (size_t i = 0; i < count; ++i) {
    Instruction instruction = makeInstruction(program, static_cast<uint32_t>(i + 1));
    program.instructions.push_back(std::move(instruction));
    program.names.push_back("");
  }
  return finish(std::move(program));
}

void Variation::moveConstant(Program &program) {
  std::vector<double *> numbers;
  for (Constant &constant : program.constants)
    if (constant.isFree)
      numbers.push_back(&constant.value);
  size_t entries = 0;
  for (Table &table : program.tables)
    entries += table.isFree ? table.entries.size() : 0;
  if (numbers.empty() && entries == 0)
    return;
  auto move = [&](double value) {
    double scale = std::ldexp(1.0, -static_cast<int>(pick(25)));
    return static_cast<double>(
        static_cast<float>(value * (1 + scale * std::normal_distribution<double>(0, 1)(random))));
  };
  if (pick(numbers.size() + entries) < numbers.size()) {
    double *number = numbers[pick(numbers.size())];
    *number = move(*number);
    return;
  }
  for (Table &table : program.tables)
    if (table.isFree) {
      float &entry = table.entries[pick(table.entries.size())];
      entry = static_cast<float>(move(static_cast<double>(entry)));
    }
}

void Variation::changeOperand(Program &program) {
  size_t place = pick(program.instructions.size());
  const OpcodeInfo &info = getInfo(program.instructions[place].opcode);
  size_t which = pick(info.operands.size());
  if (getTableSize(info.operands[which]))
    return;
  Operand operand = makeOperand(program, info.operands[which], static_cast<uint32_t>(place + 1));
  if (operand.kind == Kind::Immediate)
    operand.index %= info.operands == "fk" ? 5 : 32;
  program.instructions[place].operands[which] = operand;
}

void Variation::changeOpcode(Program &program) {
  Instruction &instruction = program.instructions[pick(program.instructions.size())];
  const OpcodeInfo &info = getInfo(instruction.opcode);
  std::vector<Opcode> same;
  for (Opcode opcode : alphabet.opcodes) {
    const OpcodeInfo &other = getInfo(opcode);
    if (other.operands == info.operands && getRegister(other.result) == getRegister(info.result))
      same.push_back(opcode);
  }
  if (!same.empty())
    instruction.opcode = same[pick(same.size())];
  if (instruction.opcode == Opcode::GetMant)
    instruction.operands[1].index = instruction.operands[1].index & 1 ? 3 : 0;
}

void Variation::insert(Program &program) {
  if (program.instructions.size() >= alphabet.mostInstructions)
    return;
  auto place = static_cast<uint32_t>(pick(program.instructions.size() + 1));
  Instruction added = makeInstruction(program, place + 1);
  char type = getInfo(added.opcode).result;
  insertBefore(program, place, added);
  // Somebody has to use it: one operand behind it that it fits. What that was goes into the new instruction, as often
  // as not, so that the program goes on from what it is.
  std::vector<Operand *> users;
  for (size_t i = place + 1; i < program.instructions.size(); ++i) {
    const OpcodeInfo &info = getInfo(program.instructions[i].opcode);
    for (size_t k = 0; k < info.operands.size(); ++k)
      if (getRegister(info.operands[k]) == getRegister(type))
        users.push_back(&program.instructions[i].operands[k]);
  }
  if (users.empty())
    return;
  Operand &user = *users[pick(users.size())];
  Instruction &instruction = program.instructions[place];
  llvm::StringRef types = getInfo(instruction.opcode).operands;
  size_t which = pick(types.size());
  bool reaches = user.kind == Kind::Constant || (user.kind == Kind::Value && user.index <= place);
  if (flip(0.6) && reaches && getRegister(types[which]) == getRegister(type))
    instruction.operands[which] = user;
  user = {Kind::Value, place + 1};
}

void Variation::remove(Program &program) {
  if (program.instructions.size() < 2)
    return;
  auto place = static_cast<uint32_t>(pick(program.instructions.size()));
  char type = getRegister(getInfo(program.instructions[place].opcode).result);
  // Its users take one of its operands.
  std::vector<uint32_t> replacements;
  for (const Operand &operand : program.instructions[place].operands)
    if (operand.kind == Kind::Value && getRegister(program.getType(operand.index)) == type)
      replacements.push_back(operand.index);
  if (replacements.empty())
    return;
  uint32_t replacement = replacements[pick(replacements.size())];
  for (size_t i = place + 1; i < program.instructions.size(); ++i)
    for (Operand &operand : program.instructions[i].operands)
      if (operand.kind == Kind::Value) {
        if (operand.index == place + 1)
          operand.index = replacement;
        else if (operand.index > place + 1)
          --operand.index;
      }
  program.instructions.erase(program.instructions.begin() + place);
  program.names.erase(program.names.begin() + place);
}

void Variation::grow(Program &program) {
  if (program.instructions.size() + 2 > alphabet.mostInstructions)
    return;
  std::vector<std::pair<uint32_t, uint32_t>> places = findConstants(program);
  if (places.empty())
    return;
  auto [place, which] = places[pick(places.size())];
  Operand constant = program.instructions[place].operands[which];
  std::vector<Instruction> added;
  // Of a value that is there, or of a function of one.
  Operand value = makeOperand(program, 'f', place + 1);
  while (value.kind != Kind::Value)
    value = makeOperand(program, 'f', place + 1);
  std::vector<Opcode> unary;
  for (Opcode opcode : alphabet.opcodes)
    if (getInfo(opcode).operands.rtrim('k') == "f" && getInfo(opcode).result == 'f')
      unary.push_back(opcode);
  if (flip(0.5) && !unary.empty()) {
    Instruction instruction{unary[pick(unary.size())], {value}};
    if (getInfo(instruction.opcode).operands.size() == 2)
      instruction.operands.push_back(
          {Kind::Immediate, static_cast<uint32_t>(instruction.opcode == Opcode::GetMant ? 3 * pick(2) : pick(5))});
    added.push_back(std::move(instruction));
    value = {Kind::Value, place + 1};
  }
  double size = std::max(std::fabs(program.constants[constant.index].value), 1e-3);
  auto small = static_cast<float>(std::normal_distribution<double>(0, 0.1)(random) * size);
  program.constants.push_back({static_cast<double>(small), true});
  Operand slope{Kind::Constant, static_cast<uint32_t>(program.constants.size() - 1)};
  bool hasFma = llvm::is_contained(alphabet.opcodes, Opcode::Fma);
  if (hasFma) {
    added.push_back({Opcode::Fma, {value, slope, constant}});
  } else {
    added.push_back({Opcode::Mul, {value, slope}});
    added.push_back({Opcode::Add, {{Kind::Value, place + static_cast<uint32_t>(added.size())}, constant}});
  }
  auto count = static_cast<uint32_t>(added.size());
  insertBefore(program, place, added);
  program.instructions[place + count].operands[which] = {Kind::Value, place + count};
}

void Variation::tabulate(Program &program) {
  std::vector<std::pair<uint32_t, uint32_t>> places = findConstants(program);
  if (places.empty() || alphabet.lookUps.empty() || program.instructions.size() >= alphabet.mostInstructions)
    return;
  auto [place, which] = places[pick(places.size())];
  Opcode opcode = alphabet.lookUps[pick(alphabet.lookUps.size())];
  const Constant &constant = program.constants[program.instructions[place].operands[which].index];
  auto entry = static_cast<float>(constant.value);
  Operand index = makeOperand(program, 'i', place + 1);
  while (index.kind != Kind::Value)
    index = makeOperand(program, 'i', place + 1);
  auto table = static_cast<uint32_t>(program.tables.size());
  std::vector<float> entries(getTableSize(getInfo(opcode).operands.back()), entry);
  program.tables.push_back({"t" + std::to_string(table), std::move(entries), true});
  insertBefore(program, place, Instruction{opcode, {index, {Kind::Table, table}}});
  program.instructions[place + 1].operands[which] = {Kind::Value, place + 1};
}

std::vector<std::pair<uint32_t, uint32_t>> Variation::findConstants(const Program &program) {
  std::vector<std::pair<uint32_t, uint32_t>> places;
  for (uint32_t i = 0; i < program.instructions.size(); ++i) {
    const OpcodeInfo &info = getInfo(program.instructions[i].opcode);
    for (uint32_t k = 0; k < info.operands.size(); ++k)
      if (info.operands[k] == 'f' && program.instructions[i].operands[k].kind == Kind::Constant)
        places.push_back({i, k});
  }
  return places;
}

void Variation::insertBefore(Program &program, uint32_t place, llvm::ArrayRef<Instruction> added) {
  for (size_t i = place; i < program.instructions.size(); ++i)
    for (Operand &operand : program.instructions[i].operands)
      if (operand.kind == Kind::Value && operand.index > place)
        operand.index += static_cast<uint32_t>(added.size());
  program.instructions.insert(program.instructions.begin() + place, added.begin(), added.end());
  program.names.insert(program.names.begin() + place, added.size(), "");
}

Program Variation::mutate(const Program &program) {
  Program child = program;
  for (size_t steps = 1 + pick(4); steps > 0; --steps)
    switch (pick(8)) {
    case 0:
    case 1:
      moveConstant(child);
      break;
    case 2:
      changeOperand(child);
      break;
    case 3:
      changeOpcode(child);
      break;
    case 4:
      insert(child);
      break;
    case 5:
      grow(child);
      break;
    case 6:
      tabulate(child);
      break;
    default:
      remove(child);
    }
  return finish(std::move(child));
}

Program Variation::cross(const Program &first, const Program &second) {
  auto head = static_cast<uint32_t>(pick(first.instructions.size() + 1));
  auto tail = static_cast<uint32_t>(pick(second.instructions.size()));
  Program child = first;
  child.instructions.resize(head);
  child.names.resize(head);
  for (uint32_t i = tail; i < second.instructions.size() && child.instructions.size() < alphabet.mostInstructions;
       ++i) {
    Instruction instruction = second.instructions[i];
    const OpcodeInfo &info = getInfo(instruction.opcode);
    for (size_t k = 0; k < instruction.operands.size(); ++k) {
      Operand &operand = instruction.operands[k];
      if (operand.kind == Kind::Constant) {
        child.constants.push_back(second.constants[operand.index]);
        operand.index = static_cast<uint32_t>(child.constants.size() - 1);
      } else if (operand.kind == Kind::Table) {
        child.tables.push_back(second.tables[operand.index]);
        operand.index = static_cast<uint32_t>(child.tables.size() - 1);
      } else if (operand.kind == Kind::Value && operand.index > tail) {
        operand.index += head - tail;
      } else if (operand.kind == Kind::Value && operand.index > 0) {
        operand = makeOperand(child, info.operands[k], static_cast<uint32_t>(child.instructions.size() + 1));
        // There may be no mask in the head.
        if (info.operands[k] == 'm' && operand.kind == Kind::Constant)
          return first;
      }
    }
    child.instructions.push_back(std::move(instruction));
    child.names.push_back("");
  }
  return finish(std::move(child));
}
