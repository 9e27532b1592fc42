//===- Cost.cpp - the cycles of a program by llvm-mca ---------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Cost.h"

#include "Code.h"

#include "compiler/approximation/EmitProgram.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Program.h"

#include <cmath>

using namespace llvm;
using namespace linnet::approximation;

/// What a program writes when it reads `input`.
static Expected<std::string> runTool(StringRef name, ArrayRef<StringRef> arguments, StringRef input) {
  ErrorOr<std::string> path = sys::findProgramByName(name, {LINNET_LLVM_TOOLS_DIR});
  if (!path)
    return createStringError("there is no " + name + " in " LINNET_LLVM_TOOLS_DIR "; run tools/setup");
  SmallString<128> inputPath, outputPath;
  if (sys::fs::createTemporaryFile("linnet-evolve", "s", inputPath) ||
      sys::fs::createTemporaryFile("linnet-evolve", "txt", outputPath))
    return createStringError("cannot make a temporary file");
  FileRemover removeInput(inputPath), removeOutput(outputPath);
  std::error_code error;
  raw_fd_ostream(inputPath, error) << input;
  if (error)
    return createStringError("cannot write " + inputPath + ": " + error.message());
  SmallVector<StringRef> command = {*path};
  command.append(arguments.begin(), arguments.end());
  command.push_back(inputPath);
  std::string problem;
  int status = sys::ExecuteAndWait(*path, command, std::nullopt, {StringRef(""), StringRef(outputPath), StringRef("")},
                                   60, 0, &problem);
  ErrorOr<std::unique_ptr<MemoryBuffer>> output = MemoryBuffer::getFile(outputPath);
  if (status || !output)
    return createStringError(name + " failed: " + problem);
  return (*output)->getBuffer().str();
}

/// The number behind `label` in a report.
static Expected<double> findNumber(StringRef report, StringRef label) {
  StringRef rest = report.split(label).second.ltrim();
  double number;
  if (!to_float(rest.take_until([](char c) { return c == '\n' || c == ' '; }), number))
    return createStringError("expected '" + label + "' in the report of llvm-mca");
  return number;
}

static Expected<double> countCycles(const Program &program, int64_t lanes) {
  linnet::TargetOptions target;
  target.triple = "x86_64-linux-gnu";
  target.cpu = kCostCpu.str();
  Expected<std::string> assembly =
      compileToAssembly([&](mlir::OpBuilder &builder, mlir::Location loc,
                            mlir::Value x) { return emitProgram(builder, loc, program, x, /*fused=*/true); },
                        lanes, target);
  if (!assembly)
    return assembly.takeError();
  constexpr int iterations = 200;
  std::string count = "-iterations=" + std::to_string(iterations), cpu = ("-mcpu=" + kCostCpu).str();
  Expected<std::string> report =
      runTool("llvm-mca", {"-mtriple=x86_64-linux-gnu", cpu, count, "-instruction-info=false"}, *assembly);
  if (!report)
    return report.takeError();
  Expected<double> cycles = findNumber(*report, "Total Cycles:");
  if (!cycles)
    return cycles.takeError();
  return *cycles / iterations * 16 / static_cast<double>(lanes);
}

Expected<double> linnet::approximation::countCycles(const Program &program) {
  return ::countCycles(program, getLanes(program.getTarget()));
}

Error linnet::approximation::setCost(Entry &entry) {
  Expected<double> cycles = countCycles(entry.program);
  if (!cycles)
    return createStringError(entry.name + ": " + toString(cycles.takeError()));
  entry.cost = std::round(*cycles * 100) / 100;
  entry.costCpu = kCostCpu.str();
  return Error::success();
}

/// How often an instruction is repeated, so that the load and the store of the loop do not hide it.
static constexpr unsigned kRepeats = 16;

/// `count` instructions of one opcode, each on a value of its own, and what joins their results.
static Program repeat(Opcode opcode, unsigned count) {
  const OpcodeInfo &info = getInfo(opcode);
  Program program;
  auto add = [&](Opcode code, SmallVector<Operand, 3> operands) {
    program.instructions.push_back({code, std::move(operands)});
    program.names.push_back("v" + std::to_string(program.instructions.size()));
    return Operand{Operand::Kind::Value, static_cast<uint32_t>(program.instructions.size())};
  };
  auto constant = [&](double value) {
    program.constants.push_back({value, false});
    return Operand{Operand::Kind::Constant, static_cast<uint32_t>(program.constants.size() - 1)};
  };
  const Operand x{Operand::Kind::Value, 0};
  Operand sum = x;
  for (unsigned i = 0; i < kRepeats; ++i) {
    // Inputs that differ, so that no two instructions are one.
    Operand single = add(Opcode::IXor, {x, constant(i + 1)});
    if (i >= count) {
      sum = add(Opcode::IXor, {sum, single});
      continue;
    }
    SmallVector<Operand, 3> operands;
    for (char type : info.operands)
      switch (type) {
      case 'd':
      case 'l':
        operands.push_back(add(Opcode::Extend, {single}));
        break;
      case 'm':
        operands.push_back(add(Opcode::Lt, {single, constant(0.5)}));
        break;
      case 'k':
        operands.push_back({Operand::Kind::Immediate, 3});
        break;
      case 'e':
      case 't':
      case 'T': {
        Table table;
        table.name = "t" + std::to_string(i);
        for (unsigned k = 0; k < getTableSize(type); ++k)
          table.entries.push_back(static_cast<float>(k + i));
        operands.push_back({Operand::Kind::Table, static_cast<uint32_t>(program.tables.size())});
        program.tables.push_back(std::move(table));
        break;
      }
      default:
        operands.push_back(operands.empty() ? single : constant(type == 'i' ? 77 : 1.5));
      }
    Operand result = add(opcode, operands);
    if (info.result == 'd' || info.result == 'l')
      result = add(Opcode::Truncate, {result});
    if (info.result == 'm')
      result = add(Opcode::Select, {result, single, x});
    sum = add(Opcode::IXor, {sum, result});
  }
  add(Opcode::IXor, {sum, x});
  // The result of a program is a float.
  add(Opcode::Abs, {Operand{Operand::Kind::Value, static_cast<uint32_t>(program.instructions.size())}});
  return program;
}

/// What surrounds the instruction in repeat() and is not part of it.
static std::vector<Opcode> getSurroundings(const OpcodeInfo &info) {
  std::vector<Opcode> around;
  for (char type : info.operands) {
    if (type == 'd' || type == 'l')
      around.push_back(Opcode::Extend);
    if (type == 'm')
      around.push_back(Opcode::Lt);
  }
  if (info.result == 'd' || info.result == 'l')
    around.push_back(Opcode::Truncate);
  if (info.result == 'm')
    around.push_back(Opcode::Select);
  return around;
}

Expected<QuickCost> QuickCost::create() {
  QuickCost cost;
  cost.cycles.assign(getOpcodes().size(), 0.0);
  auto measure = [&](Opcode opcode) -> Error {
    int64_t lanes = getLanes(getInfo(opcode).target);
    Expected<double> with = ::countCycles(repeat(opcode, kRepeats), lanes),
                     without = ::countCycles(repeat(opcode, 0), lanes);
    if (!with)
      return with.takeError();
    if (!without)
      return without.takeError();
    double cycles = (*with - *without) / kRepeats;
    for (Opcode around : getSurroundings(getInfo(opcode)))
      if (around != opcode)
        cycles -= cost.cycles[static_cast<size_t>(around)];
    cost.cycles[static_cast<size_t>(opcode)] = std::max(cycles, 0.1);
    return Error::success();
  };
  // What stands around others comes first. A comparison and the selection it serves are counted as one.
  std::vector<Opcode> order = {Opcode::Lt, Opcode::Select, Opcode::Extend, Opcode::Truncate};
  for (size_t i = 0; i < getOpcodes().size(); ++i)
    if (!is_contained(order, static_cast<Opcode>(i)))
      order.push_back(static_cast<Opcode>(i));
  for (Opcode opcode : order)
    if (Error error = measure(opcode))
      return std::move(error);
  return cost;
}

double QuickCost::operator()(const Program &program) const {
  double sum = 0;
  for (const Instruction &instruction : program.instructions)
    sum += cycles[static_cast<size_t>(instruction.opcode)];
  return sum;
}
