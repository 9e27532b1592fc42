//===- Onnx.cpp - the frontend for ONNX models ----------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/onnx/Onnx.h"

#include "frontends/onnx/Importer.h"
#include "frontends/onnx/Registry.h"

#include "llvm/Support/Endian.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

using namespace mlir;
using namespace linnet;
using namespace linnet::onnx_frontend;

FailureOr<OnnxModel> linnet::importOnnx(MLIRContext &context, const OnnxSource &source) {
  onnx::ModelProto model;
  google::protobuf::io::ArrayInputStream stream(source.bytes.data(), static_cast<int>(source.bytes.size()));
  google::protobuf::io::CodedInputStream coded(&stream);
  // Expressions within expressions are the depth of a graph; the limit keeps hostile ones off the stack.
  coded.SetRecursionLimit(100);
  Location location = FileLineColLoc::get(&context, source.name, 0, 0);
  if (source.bytes.size() > std::numeric_limits<int32_t>::max())
    return emitError(location) << "expected a file of less than 2 GiB, as ONNX has them; keep its weights as external "
                                  "data";
  if (!model.ParseFromCodedStream(&coded) || !coded.ConsumedEntireMessage())
    return emitError(location) << "expected an ONNX model, got bytes that are none (damaged at or before byte "
                               << coded.CurrentPosition() << " of " << source.bytes.size() << ")";
  if (!model.has_graph())
    return emitError(location) << "expected an ONNX model with a graph, got one without";
  return Importer(context, model, source).run();
}

/// As safetensors names element types; none has one that this frontend keeps outside of the code and that lacks one.
static StringRef getSafetensorsType(int32_t type) {
  switch (type) {
  case kFloat:
    return "F32";
  case kDouble:
    return "F64";
  case kFloat16:
    return "F16";
  default:
    return "BF16";
  }
}

void linnet::writeWeights(const OnnxModel &model, llvm::raw_ostream &os) {
  llvm::json::Object header;
  int64_t offset = 0;
  for (const OnnxWeight &weight : model.weights) {
    int64_t end = offset + static_cast<int64_t>(weight.data.size());
    header[weight.name] = llvm::json::Object{{"dtype", getSafetensorsType(weight.type)},
                                             {"shape", llvm::json::Array(weight.shape)},
                                             {"data_offsets", llvm::json::Array{offset, end}}};
    offset = end;
  }
  std::string text = llvm::formatv("{0}", llvm::json::Value(std::move(header)));
  text.append((8 - text.size() % 8) % 8, ' '); // the data begins aligned
  char size[8];
  llvm::support::endian::write64le(size, text.size());
  os.write(size, sizeof(size));
  os << text;
  for (const OnnxWeight &weight : model.weights)
    os << weight.data;
}

std::string linnet::listOnnxOperators() {
  SmallVector<std::string> names;
  forEachOperator([&](const Operator &op) { names.push_back((op.domain + ":" + op.name).str()); });
  llvm::sort(names);
  return llvm::join(names, "\n") + "\n";
}
