//===- Chip.h - what is known of a GPU ------------------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_COMPILER_GPU_CHIP_H
#define LINNET_COMPILER_GPU_CHIP_H

#include "mlir/Support/LLVM.h"

#include <string>

namespace linnet {

/// A chip that kernels are made for.
struct Chip {
  llvm::StringLiteral name;
  /// The version of PTX that is asked for: the lowest that knows the chip.
  llvm::StringLiteral ptx;
  /// Static shared memory that a block may have, in bytes: 48 KiB on every chip.
  int64_t blockSharedBytes;
  /// Per multiprocessor: shared memory, 32-bit registers, threads, blocks.
  int64_t sharedBytes, registers, threads, blocks;
};

/// All chips, in order.
llvm::ArrayRef<Chip> getChips();

/// The chip of a name, or null.
const Chip *findChip(llvm::StringRef name);

/// "sm_80, sm_90, ...", for messages.
std::string listChips();

/// On a module: the chip that it is for, where that is a GPU.
inline constexpr llvm::StringLiteral kChipAttrName = "linnet.chip";

/// Lanes of a warp.
inline constexpr int64_t kWarpSize = 32;
/// Threads of a block where the work does not say otherwise.
inline constexpr int64_t kBlockThreads = 256;

} // namespace linnet

#endif // LINNET_COMPILER_GPU_CHIP_H
