//===- Initializers.h - tensors stored in a model -------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_FRONTENDS_ONNX_INITIALIZERS_H
#define LINNET_FRONTENDS_ONNX_INITIALIZERS_H

#include "frontends/onnx/Types.h"

#include "mlir/Support/LLVM.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Error.h"

#include <string>

namespace onnx {
class TensorProto;
}

namespace linnet::onnx_frontend {

/// A tensor as it is stored: dense, row by row, little-endian; a bool is a byte.
struct StoredTensor {
  int32_t type;
  llvm::SmallVector<int64_t> shape;
  std::string data;
};

/// Reads a tensor from wherever the model keeps it. Files of external data must lie in `folder`.
llvm::Expected<StoredTensor> readTensor(const onnx::TensorProto &proto, llvm::StringRef folder);

} // namespace linnet::onnx_frontend

#endif // LINNET_FRONTENDS_ONNX_INITIALIZERS_H
