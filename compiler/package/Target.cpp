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
  llvm::SubtargetFeatures features(options.features);
  if (cpu == "native") {
    if (triple.getArch() == llvm::Triple(host).getArch()) {
      cpu = llvm::sys::getHostCPUName().str();
      for (auto &feature : llvm::sys::getHostCPUFeatures())
        features.AddFeature(feature.first(), feature.second);
    } else {
      cpu = triple.isRISCV64() ? "generic-rv64" : "generic";
    }
  }
  std::unique_ptr<llvm::MCSubtargetInfo> info(target->createMCSubtargetInfo(triple, "", ""));
  if (!info->isCPUStringValid(cpu)) {
    error = "unknown CPU '" + cpu + "' for target " + triple.str() + "; see llc-22 -mtriple=" + triple.str() +
            " -mcpu=help";
    return nullptr;
  }
  return std::unique_ptr<llvm::TargetMachine>(
      target->createTargetMachine(triple, cpu, features.getString(), llvm::TargetOptions(), llvm::Reloc::PIC_,
                                  std::nullopt, llvm::CodeGenOptLevel::Aggressive));
}

bool linnet::hasAVX512(const llvm::TargetMachine &machine) {
  return machine.getTargetTriple().isX86() && machine.getMCSubtargetInfo()->checkFeatures("+avx512f");
}

bool linnet::hasFMA(const llvm::TargetMachine &machine) {
  // AArch64 has it always; RISC-V with the extension that any float code needs.
  return !machine.getTargetTriple().isX86() || machine.getMCSubtargetInfo()->checkFeatures("+fma");
}
