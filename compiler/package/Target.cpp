//===- Target.cpp - what code is made for ---------------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/package/Target.h"

#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/SubtargetFeature.h"

using namespace linnet;

static void initializeTargets() {
  static const bool once = [] {
    llvm::InitializeAllTargets();
    llvm::InitializeAllTargetMCs();
    llvm::InitializeAllAsmPrinters();
    llvm::InitializeAllAsmParsers();
    return true;
  }();
  (void)once;
}

std::unique_ptr<llvm::TargetMachine> linnet::createTargetMachine(const TargetOptions &options, std::string &error) {
  initializeTargets();
  std::string host = llvm::sys::getDefaultTargetTriple();
  llvm::Triple triple(llvm::Triple::normalize(options.triple.empty() ? host : options.triple));
  const llvm::Target *target = llvm::TargetRegistry::lookupTarget(triple, error);
  if (!target) {
    error = "unknown target " + triple.str() + "; " + error;
    return nullptr;
  }
  std::string cpu = options.cpu;
  llvm::SubtargetFeatures features;
  if (cpu == "native") {
    if (triple.getArch() == llvm::Triple(host).getArch()) {
      cpu = llvm::sys::getHostCPUName().str();
      for (auto &feature : llvm::sys::getHostCPUFeatures())
        features.AddFeature(feature.first(), feature.second);
    } else {
      cpu = triple.isRISCV64() ? "generic-rv64" : "generic";
    }
  }
  if (cpu == "generic-rv64") // what Linux needs, RV64GC; without it every float operation would be a library call
    for (const char *feature : {"m", "a", "f", "d", "c"})
      features.AddFeature(feature);
  std::unique_ptr<llvm::MCSubtargetInfo> info(target->createMCSubtargetInfo(triple, "", ""));
  if (!info->isCPUStringValid(cpu)) {
    error = "unknown CPU '" + cpu + "' for target " + triple.str() + "; see llc-22 -mtriple=" + triple.str() +
            " -mcpu=help";
    return nullptr;
  }
  const llvm::SubtargetFeatures asked(options.features);
  for (const std::string &feature : asked.getFeatures()) {
    llvm::StringRef name = llvm::SubtargetFeatures::StripFlag(feature);
    if (llvm::none_of(info->getAllProcessorFeatures(), [&](const auto &known) { return name == known.Key; })) {
      error = "unknown feature '" + name.str() + "' for target " + triple.str() +
              "; see llc-22 -mtriple=" + triple.str() + " -mattr=help";
      return nullptr;
    }
    features.AddFeature(feature); // the last one wins: over those of the CPU
  }
  llvm::TargetOptions machineOptions;
  if (triple.isRISCV64())
    machineOptions.MCOptions.ABIName = "lp64d";
  return std::unique_ptr<llvm::TargetMachine>(
      target->createTargetMachine(triple, cpu, features.getString(), machineOptions, llvm::Reloc::PIC_, std::nullopt,
                                  llvm::CodeGenOptLevel::Aggressive));
}

bool linnet::hasAVX2(const llvm::TargetMachine &machine) {
  return machine.getTargetTriple().isX86() && machine.getMCSubtargetInfo()->checkFeatures("+avx2");
}

bool linnet::hasAVX512(const llvm::TargetMachine &machine) {
  return machine.getTargetTriple().isX86() && machine.getMCSubtargetInfo()->checkFeatures("+avx512f,+avx512dq");
}

bool linnet::hasAVX512Bf16(const llvm::TargetMachine &machine) {
  return hasAVX512(machine) && machine.getMCSubtargetInfo()->checkFeatures("+avx512bf16");
}

bool linnet::hasFMA(const llvm::TargetMachine &machine) {
  // AArch64 has it always; RISC-V with the extension that any float code needs.
  return !machine.getTargetTriple().isX86() || machine.getMCSubtargetInfo()->checkFeatures("+fma");
}
