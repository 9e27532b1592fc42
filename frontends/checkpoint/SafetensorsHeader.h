//===- SafetensorsHeader.h - what a .safetensors file says it holds -------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_FRONTENDS_CHECKPOINT_SAFETENSORSHEADER_H
#define LINNET_FRONTENDS_CHECKPOINT_SAFETENSORSHEADER_H

#include "mlir/IR/MLIRContext.h"
#include "mlir/Support/LLVM.h"

#include <map>
#include <string>

namespace linnet::checkpoint {

struct StoredTensor {
  std::string dtype; // as the file spells it, e.g. "BF16"
  llvm::SmallVector<int64_t> shape;
  std::string file; // path
};

/// In the order of their names, so that messages come in one order.
using TensorTable = std::map<std::string, StoredTensor>;

/// Adds the tensors that the header of `path` lists; the data is not read. The header is checked in full against the
/// size of the file: no entry of the table is larger than the file.
llvm::LogicalResult readSafetensorsHeader(mlir::MLIRContext &context, llvm::StringRef path, TensorTable &tensors);

/// The same for a checkpoint in several files, which `path` (model.safetensors.index.json) lists.
llvm::LogicalResult readShardedHeaders(mlir::MLIRContext &context, llvm::StringRef path, TensorTable &tensors);

} // namespace linnet::checkpoint

#endif // LINNET_FRONTENDS_CHECKPOINT_SAFETENSORSHEADER_H
