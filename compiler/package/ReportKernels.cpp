//===- ReportKernels.cpp - what ptxas makes of kernels --------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/package/ReportKernels.h"

#include "compiler/Pipelines.h"
#include "compiler/gpu/Chip.h"
#include "compiler/package/Kernels.h"

#include "mlir/Pass/Pass.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Regex.h"

using namespace mlir;
using namespace linnet;

namespace {

/// What is known of one kernel on one chip.
struct Row {
  std::string kernel;
  int64_t threads = 0, registers = 0, spills = 0, shared = 0;
  /// In the PTX: of the tensor cores, and in the innermost loops that have any of them.
  int64_t tensor = 0, loopTensor = 0, loopInstructions = 0;
};

/// Blocks of a kernel that fit one multiprocessor: registers are given in units of 256 to warps, shared memory in units
/// of 128 bytes with 1 KiB for the system (CUDA C++ Programming Guide, "Compute Capabilities").
int64_t countBlocks(const Chip &chip, const Row &row) {
  int64_t warps = llvm::divideCeil(row.threads, kWarpSize);
  int64_t perWarp = llvm::alignTo(std::max<int64_t>(row.registers, 1) * kWarpSize, 256);
  int64_t byRegisters = chip.registers / perWarp / warps;
  int64_t byShared = chip.sharedBytes / (llvm::alignTo(row.shared, 128) + 1024);
  return std::min({byRegisters, byShared, chip.threads / (warps * kWarpSize), chip.blocks});
}

/// Reads "Used 31 registers" and the like, which stand behind the name of their kernel.
void readAssembler(StringRef text, llvm::StringMap<Row> &rows) {
  Row *row = nullptr;
  llvm::Regex name("Compiling entry function '([^']+)'"), registers("Used ([0-9]+) registers"),
      shared("([0-9]+) bytes smem"), spills("([0-9]+) bytes spill stores");
  for (StringRef line : llvm::split(text, '\n')) {
    SmallVector<StringRef> match;
    if (name.match(line, &match))
      row = &rows[match[1]];
    if (!row)
      continue;
    if (registers.match(line, &match))
      match[1].getAsInteger(10, row->registers);
    if (shared.match(line, &match))
      match[1].getAsInteger(10, row->shared);
    if (spills.match(line, &match))
      match[1].getAsInteger(10, row->spills);
  }
}

/// Counts instructions of the tensor cores, and what the loops around them have beside. A loop reaches from a label to
/// a branch back to it.
void readPtx(StringRef ptx, llvm::StringMap<Row> &rows) {
  Row *row = nullptr;
  bool uses = false;                            // the instruction that is being read
  SmallVector<bool> isTensor;                   // of the instructions of the kernel
  llvm::StringMap<size_t> labels;               // where in them
  SmallVector<std::pair<size_t, size_t>> loops; // from, to
  auto finish = [&] {
    for (auto [begin, end] : loops) {
      bool isInnermost = llvm::none_of(loops, [&, begin = begin, end = end](auto other) {
        return other != std::pair(begin, end) && other.first >= begin && other.second <= end;
      });
      int64_t tensor = llvm::count(ArrayRef(isTensor).slice(begin, end - begin), true);
      if (!isInnermost || !tensor)
        continue;
      row->loopTensor += tensor;
      row->loopInstructions += end - begin;
    }
    isTensor.clear(), labels.clear(), loops.clear();
  };
  llvm::Regex entry("\\.entry ([A-Za-z0-9_$]+)"), threads("^\\.maxntid ([0-9]+)"),
      branch("bra(\\.uni)?[ \t]+(\\$[^;]+);");
  for (StringRef line : llvm::split(ptx, '\n')) {
    SmallVector<StringRef> match;
    if (entry.match(line, &match)) {
      if (row)
        finish();
      row = &rows[match[1]];
      row->kernel = match[1].str();
      continue;
    }
    if (!row)
      continue;
    if (threads.match(line, &match)) {
      match[1].getAsInteger(10, row->threads);
      continue;
    }
    StringRef text = line.trim();
    if (text.starts_with("$") && text.ends_with(":")) {
      labels[text.drop_back()] = isTensor.size();
      continue;
    }
    uses |= text.contains("mma.sync") || text.contains("wgmma.mma");
    if (!text.ends_with(";") || text.starts_with("."))
      continue; // of several lines
    row->tensor += uses;
    isTensor.push_back(uses);
    uses = false;
    if (branch.match(text, &match))
      if (auto label = labels.find(match[2]); label != labels.end())
        loops.push_back({label->second, isTensor.size()});
  }
  if (row)
    finish();
}

struct GpuReport : PassWrapper<GpuReport, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(GpuReport)

  GpuReport() = default;
  GpuReport(const GpuReport &other) : PassWrapper(other) { chips = other.chips; }

  StringRef getArgument() const override { return "linnet-gpu-report"; }
  StringRef getDescription() const override {
    return "Print what ptxas says of every kernel of a module of stage gpu, for every chip";
  }
  ListOption<std::string> chips{*this, "chips", llvm::cl::desc("Chips (default: sm_80, sm_90, sm_100, sm_120)")};

  void runOnOperation() override {
    SmallVector<std::string> names(chips.begin(), chips.end());
    if (names.empty())
      names = {"sm_80", "sm_90", "sm_100", "sm_120"};
    llvm::outs() << "chip    threads registers  spills  shared blocks/SM  tensor loop/tensor  kernel\n";
    for (StringRef name : names)
      if (failed(report(name)))
        return signalPassFailure();
  }

  LogicalResult report(StringRef name) {
    const Chip *chip = findChip(name);
    if (!chip)
      return getOperation().emitError() << "unknown chip '" << name << "', expected one of " << listChips();
    OwningOpRef<ModuleOp> copy = getOperation().clone();
    StageOptions options;
    options.chip = name.str();
    PassManager pm(&getContext());
    buildStageLLVM(pm, options);
    if (failed(pm.run(*copy)))
      return failure();
    llvm::LLVMContext context;
    std::unique_ptr<llvm::Module> kernels = translateKernels(*copy, name, context);
    if (!kernels)
      return failure();
    llvm::Expected<std::string> ptx = emitPtx(*kernels, name);
    if (!ptx)
      return getOperation().emitError() << llvm::toString(ptx.takeError());
    std::string said;
    llvm::Expected<std::string> cubin = assemblePtx(*ptx, name, /*asFatbin=*/false, &said);
    if (!cubin)
      return getOperation().emitError() << llvm::toString(cubin.takeError());
    llvm::StringMap<Row> rows;
    readPtx(*ptx, rows);
    readAssembler(said, rows);
    SmallVector<const Row *> sorted;
    for (auto &entry : rows)
      sorted.push_back(&entry.second);
    llvm::sort(sorted, [](const Row *x, const Row *y) { return x->kernel < y->kernel; });
    for (const Row *row : sorted) {
      std::string ratio = "-";
      if (row->loopTensor)
        ratio = llvm::formatv("{0:F1}", double(row->loopInstructions) / row->loopTensor).str();
      llvm::outs() << llvm::format("%-7s %7lld %9lld %7lld %7lld %9lld %7lld %11s  %s\n", name.str().c_str(),
                                   (long long)row->threads, (long long)row->registers, (long long)row->spills,
                                   (long long)row->shared, (long long)countBlocks(*chip, *row), (long long)row->tensor,
                                   ratio.c_str(), row->kernel.c_str());
    }
    return success();
  }
};

} // namespace

void linnet::registerGpuReport() { PassRegistration<GpuReport>(); }
