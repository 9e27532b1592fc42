//===- Node.h - one node of a graph, as its lowering sees it --------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_FRONTENDS_ONNX_NODE_H
#define LINNET_FRONTENDS_ONNX_NODE_H

#include "frontends/onnx/TensorBuilder.h"

#include "onnx.pb.h"

namespace linnet::onnx_frontend {

class Importer;
struct Scope;

/// Inputs, attributes and outputs of a node, and the builder for what it becomes.
class Node : public TensorBuilder {
public:
  Node(Importer &importer, Scope &scope, const onnx::NodeProto &proto, int64_t opset, llvm::SmallVector<Tensor> inputs);

  llvm::StringRef op() const { return proto.op_type(); }
  /// The version of the operator's domain that the graph is written in.
  const int64_t opset;

  int64_t inputs() const { return static_cast<int64_t>(operands.size()); }
  bool has(int64_t i) const { return i < inputs() && operands[i]; }
  /// An input that is there: the registry has checked the first ones, `has` says it of the others.
  const Tensor &in(int64_t i) const { return operands[i]; }
  llvm::ArrayRef<Tensor> all() const { return operands; }

  int64_t outputs() const { return proto.output_size(); }
  bool wants(int64_t i) const { return i < outputs() && !proto.output(static_cast<int>(i)).empty(); }
  void out(int64_t i, Tensor tensor);
  llvm::ArrayRef<Tensor> results() const { return made; }
  /// The sizes that the model states for an output, where all are numbers.
  std::optional<Sizes> declared(int64_t output) const;
  /// The element type that it states, or kUndefined.
  int32_t declaredType(int64_t output) const;

  //===--- attributes -------------------------------------------------------===//

  const onnx::AttributeProto *attribute(llvm::StringRef name) const;
  int64_t integer(llvm::StringRef name, int64_t otherwise) const;
  double real(llvm::StringRef name, double otherwise) const;
  std::string text(llvm::StringRef name, llvm::StringRef otherwise) const;
  std::optional<llvm::SmallVector<int64_t>> integers(llvm::StringRef name) const;
  std::optional<llvm::SmallVector<double>> reals(llvm::StringRef name) const;
  /// `count` numbers, all `otherwise` where the attribute is absent; an error where it has another length.
  llvm::SmallVector<int64_t> integersOr(llvm::StringRef name, int64_t count, int64_t otherwise);

  //===--- checks -----------------------------------------------------------===//

  bool expectFloat(int64_t input);
  bool expectNumbers(int64_t input); // floats or integers
  bool expectInteger(int64_t input);
  bool expectRank(int64_t input, int64_t least, int64_t most);
  bool expectSameType(int64_t input, int64_t other = 0);
  /// Whether all sizes are numbers.
  bool expectStatic(int64_t input);
  /// The elements of an input of integers, which must be known at compile time.
  std::optional<llvm::SmallVector<int64_t>> knownNumbers(int64_t input, llvm::StringRef what);
  /// The axes in an input, or else in an attribute of the same name; nothing where neither is there, or after an error.
  std::optional<llvm::SmallVector<int64_t>> axes(int64_t input, int64_t rank, llvm::StringRef name = "axes");

  //===--- graphs -----------------------------------------------------------===//

  /// The graph in an attribute, or null after an error.
  const onnx::GraphProto *graph(llvm::StringRef name);
  /// Builds a graph at the place of `ops` with the given inputs; its outputs, or nothing after an error.
  std::optional<llvm::SmallVector<Tensor>> inlineGraph(const onnx::GraphProto &graph, llvm::ArrayRef<Tensor> inputs);
  /// Sizes and type that a graph states for one of its outputs.
  std::optional<Sizes> declaredBy(const onnx::GraphProto &graph, int64_t output, int32_t &type) const;

  Importer &importer;
  Scope &scope;
  const onnx::NodeProto &proto;

private:
  llvm::SmallVector<Tensor> operands;
  llvm::SmallVector<Tensor> made;
};

} // namespace linnet::onnx_frontend

#endif // LINNET_FRONTENDS_ONNX_NODE_H
