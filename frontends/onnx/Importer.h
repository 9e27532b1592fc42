//===- Importer.h - graphs of ONNX into IR --------------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_FRONTENDS_ONNX_IMPORTER_H
#define LINNET_FRONTENDS_ONNX_IMPORTER_H

#include "frontends/graph/GraphBuilder.h"
#include "frontends/onnx/Initializers.h"
#include "frontends/onnx/Node.h"
#include "frontends/onnx/Onnx.h"

#include "llvm/ADT/StringMap.h"

namespace linnet::onnx_frontend {

/// Names of one graph or function body.
struct Scope {
  Scope *parent = nullptr; // the graph around a subgraph; none for the body of a function
  llvm::StringMap<Tensor> values;
  llvm::StringMap<const onnx::TypeProto *> types;
  llvm::StringMap<const onnx::TensorProto *> initializers;
  llvm::StringMap<int64_t> opsets;
  /// The call of a function whose body this is.
  const onnx::NodeProto *call = nullptr;
  Scope *caller = nullptr;
  const onnx::FunctionProto *function = nullptr;

  const onnx::TypeProto *findType(llvm::StringRef name) const;
  /// An attribute of a function's body may stand for one of the call.
  const onnx::AttributeProto *resolve(const onnx::AttributeProto &attribute) const;
  int64_t getOpset(llvm::StringRef domain) const;
};

class Importer {
public:
  Importer(mlir::MLIRContext &context, const onnx::ModelProto &model, const OnnxSource &source);

  mlir::FailureOr<OnnxModel> run();

  mlir::ImplicitLocOpBuilder &ops() { return graph.ops(); }
  const std::string &folder() const { return source.folder; }
  std::optional<llvm::SmallVector<Tensor>> importSubgraph(Node &node, const onnx::GraphProto &body,
                                                          llvm::ArrayRef<Tensor> inputs);
  std::optional<Sizes> staticSizes(const onnx::TypeProto &type);

private:
  /// Names what is built from here on.
  void at(llvm::StringRef name) { ops().setLoc(mlir::NameLoc::get(ops().getStringAttr(name), location)); }
  mlir::InFlightDiagnostic fault(const llvm::Twine &message);
  /// Reports all operators without a lowering.
  mlir::LogicalResult checkOperators();
  void enterGraph(const onnx::GraphProto &proto, Scope &scope);
  mlir::LogicalResult addInputs(Scope &scope);
  mlir::LogicalResult addOutputs(Scope &scope);
  template <typename Nodes> mlir::LogicalResult importNodes(const Nodes &nodes, Scope &scope);
  mlir::LogicalResult importNode(const onnx::NodeProto &proto, Scope &scope);
  mlir::LogicalResult importCall(const onnx::FunctionProto &function, const onnx::NodeProto &proto, Scope &scope);
  /// The value of a name, or nothing after an error.
  std::optional<Tensor> lookUp(llvm::StringRef name, Scope &scope);
  std::optional<Tensor> makeInitializer(const onnx::TensorProto &proto, bool isOfModel);
  const onnx::FunctionProto *findFunction(const onnx::NodeProto &proto) const;
  std::string symbolOf(mlir::OpFoldResult size) const;

  const onnx::ModelProto &model;
  const OnnxSource &source;
  GraphBuilder graph;
  mlir::Location location;
  llvm::SmallVector<OnnxWeight> weights;
  llvm::SmallVector<std::string> symbols;
  llvm::SmallVector<std::pair<mlir::Value, std::string>> symbolValues;
  int32_t depth = 0;
};

/// A stored tensor as a constant, of known elements where it is a small one of integers.
Tensor makeConstant(TensorBuilder &b, const StoredTensor &stored);

/// Computes small integer tensors whose inputs are known, as graphs compute shapes with them. Returns whether it did.
bool foldKnownValues(Node &node);

} // namespace linnet::onnx_frontend

#endif // LINNET_FRONTENDS_ONNX_IMPORTER_H
