//===- Onnx.h - the frontend for ONNX models ------------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_FRONTENDS_ONNX_ONNX_H
#define LINNET_FRONTENDS_ONNX_ONNX_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/Support/raw_ostream.h"

#include <string>
#include <vector>

namespace linnet {

/// A model in memory.
struct OnnxSource {
  std::string name;      // for messages, and the name of the model
  llvm::StringRef bytes; // what the file holds
  std::string folder;    // where files of external data are
};

/// A tensor of the model that stays outside of the code.
struct OnnxWeight {
  std::string name;
  int32_t type; // as in TensorProto
  std::vector<int64_t> shape;
  std::string data; // dense, row by row, little-endian
};

struct OnnxModel {
  mlir::OwningOpRef<mlir::ModuleOp> module;
  std::vector<OnnxWeight> weights;
};

/// Builds a module of stage `input` with one function, `main`, whose inputs and outputs are those of the graph. All
/// operators that are not supported are reported at once.
mlir::FailureOr<OnnxModel> importOnnx(mlir::MLIRContext &context, const OnnxSource &source);

/// Writes the weights as a .safetensors file.
void writeWeights(const OnnxModel &model, llvm::raw_ostream &os);

/// "domain:operator" of all that have a lowering, one a line, sorted.
std::string listOnnxOperators();

} // namespace linnet

#endif // LINNET_FRONTENDS_ONNX_ONNX_H
