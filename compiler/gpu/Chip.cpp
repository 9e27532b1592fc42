//===- Chip.cpp - what is known of a GPU ----------------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/gpu/Chip.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace linnet;

llvm::ArrayRef<Chip> linnet::getChips() {
  // Limits: CUDA C++ Programming Guide, "Compute Capabilities".
  static const Chip chips[] = {
      {"sm_80", "ptx80", 48 << 10, 164 << 10, 65536, 2048, 32},
      {"sm_86", "ptx80", 48 << 10, 100 << 10, 65536, 1536, 16},
      {"sm_89", "ptx80", 48 << 10, 100 << 10, 65536, 1536, 24},
      {"sm_90", "ptx80", 48 << 10, 228 << 10, 65536, 2048, 32},
      {"sm_90a", "ptx80", 48 << 10, 228 << 10, 65536, 2048, 32},
      {"sm_100", "ptx87", 48 << 10, 228 << 10, 65536, 2048, 32},
      {"sm_120", "ptx88", 48 << 10, 100 << 10, 65536, 1536, 24},
  };
  return chips;
}

const Chip *linnet::findChip(llvm::StringRef name) {
  const Chip *chip = llvm::find_if(getChips(), [&](const Chip &chip) { return chip.name == name; });
  return chip == getChips().end() ? nullptr : chip;
}

std::string linnet::listChips() {
  return llvm::join(llvm::map_range(getChips(), [](const Chip &chip) { return chip.name.str(); }), ", ");
}
