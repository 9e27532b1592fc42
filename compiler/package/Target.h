//===- Target.h - what code is made for -----------------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_COMPILER_PACKAGE_TARGET_H
#define LINNET_COMPILER_PACKAGE_TARGET_H

#include "mlir/Support/LLVM.h"
#include "llvm/Target/TargetMachine.h"

#include <memory>
#include <string>

namespace linnet {

/// A target as a user names it. Empty triple and CPU "native": this machine.
struct TargetOptions {
  std::string triple;
  std::string cpu = "native";
  std::string features; // "+x,-y"
};

/// The machine that `options` name, or an empty pointer with `error` set.
std::unique_ptr<llvm::TargetMachine> createTargetMachine(const TargetOptions &options, std::string &error);

/// Whether code for the machine may use 512-bit vectors, those of bf16 too, and fused multiply-add.
bool hasAVX2(const llvm::TargetMachine &machine);
bool hasAVX512(const llvm::TargetMachine &machine);
bool hasAVX512Bf16(const llvm::TargetMachine &machine);
bool hasFMA(const llvm::TargetMachine &machine);

} // namespace linnet

#endif // LINNET_COMPILER_PACKAGE_TARGET_H
