//===- Node.cpp - one node of a graph, as its lowering sees it ------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/onnx/Node.h"

#include "frontends/onnx/Importer.h"

#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace linnet::onnx_frontend;

static std::string describeNode(const onnx::NodeProto &proto) {
  std::string name = !proto.name().empty() ? "node '" + proto.name() + "'"
                     : proto.output_size() ? "node that gives '" + proto.output(0) + "'"
                                           : std::string("node");
  return name + " (" + proto.op_type() + "): ";
}

Node::Node(Importer &importer, Scope &scope, const onnx::NodeProto &proto, int64_t opset, SmallVector<Tensor> inputs)
    : TensorBuilder(importer.ops(), describeNode(proto)), opset(opset), importer(importer), scope(scope), proto(proto),
      operands(std::move(inputs)) {
  made.resize(proto.output_size());
}

void Node::out(int64_t i, Tensor tensor) {
  if (i < static_cast<int64_t>(made.size()))
    made[i] = std::move(tensor);
}

std::optional<Sizes> Node::declared(int64_t output) const {
  if (!wants(output))
    return std::nullopt;
  const onnx::TypeProto *type = scope.findType(proto.output(static_cast<int>(output)));
  return type ? importer.staticSizes(*type) : std::nullopt;
}

int32_t Node::declaredType(int64_t output) const {
  const onnx::TypeProto *type = wants(output) ? scope.findType(proto.output(static_cast<int>(output))) : nullptr;
  return type && type->has_tensor_type() ? type->tensor_type().elem_type() : kUndefined;
}

//===----------------------------------------------------------------------===//
// Attributes
//===----------------------------------------------------------------------===//

const onnx::AttributeProto *Node::attribute(StringRef name) const {
  for (const onnx::AttributeProto &attribute : proto.attribute())
    if (attribute.name() == name)
      return scope.resolve(attribute);
  return nullptr;
}

int64_t Node::integer(StringRef name, int64_t otherwise) const {
  const onnx::AttributeProto *found = attribute(name);
  return found ? found->i() : otherwise;
}

double Node::real(StringRef name, double otherwise) const {
  const onnx::AttributeProto *found = attribute(name);
  return found ? found->f() : otherwise;
}

std::string Node::text(StringRef name, StringRef otherwise) const {
  const onnx::AttributeProto *found = attribute(name);
  return found ? found->s() : otherwise.str();
}

std::optional<SmallVector<int64_t>> Node::integers(StringRef name) const {
  const onnx::AttributeProto *found = attribute(name);
  if (!found)
    return std::nullopt;
  return SmallVector<int64_t>(found->ints().begin(), found->ints().end());
}

std::optional<SmallVector<double>> Node::reals(StringRef name) const {
  const onnx::AttributeProto *found = attribute(name);
  if (!found)
    return std::nullopt;
  return SmallVector<double>(found->floats().begin(), found->floats().end());
}

SmallVector<int64_t> Node::integersOr(StringRef name, int64_t count, int64_t otherwise) {
  SmallVector<int64_t> values = integers(name).value_or(SmallVector<int64_t>(count, otherwise));
  if (!expect(static_cast<int64_t>(values.size()) == count,
              "expected " + name + " to have " + Twine(count) + " numbers, got " + Twine(values.size())))
    values.resize(count, otherwise);
  return values;
}

//===----------------------------------------------------------------------===//
// Checks
//===----------------------------------------------------------------------===//

bool Node::expectFloat(int64_t input) {
  return expect(isFloat(in(input).type),
                "expected input " + Twine(input) + " to be of floats, got " + showTensor(in(input)));
}

bool Node::expectNumbers(int64_t input) {
  return expect(isFloat(in(input).type) || isInteger(in(input).type),
                "expected input " + Twine(input) + " to be of numbers, got " + showTensor(in(input)));
}

bool Node::expectInteger(int64_t input) {
  return expect(isInteger(in(input).type),
                "expected input " + Twine(input) + " to be of integers, got " + showTensor(in(input)));
}

bool Node::expectRank(int64_t input, int64_t least, int64_t most) {
  int64_t rank = in(input).rank();
  std::string wanted = std::to_string(least) + (most == least ? "" : " to " + std::to_string(most));
  return expect(least <= rank && rank <= most,
                "expected input " + Twine(input) + " to have " + wanted + " dimensions, got " + showTensor(in(input)));
}

bool Node::expectSameType(int64_t input, int64_t other) {
  return expect(in(input).type == in(other).type, "expected inputs " + Twine(other) + " and " + Twine(input) +
                                                      " to have one type, got " + showTensor(in(other)) + " and " +
                                                      showTensor(in(input)));
}

bool Node::expectStatic(int64_t input) {
  return expect(llvm::all_of(in(input).sizes, [](OpFoldResult size) { return getConstantIntValue(size).has_value(); }),
                "expected the sizes of input " + Twine(input) + " to be known at compile time, got " +
                    showTensor(in(input)));
}

std::optional<SmallVector<int64_t>> Node::knownNumbers(int64_t input, StringRef what) {
  std::optional<SmallVector<int64_t>> values = numbers(in(input));
  if (!values)
    (void)error("expected " + what + " (input " + Twine(input) +
                ") to be known at compile time; make it an initializer or a constant");
  return values;
}

std::optional<SmallVector<int64_t>> Node::axes(int64_t input, int64_t rank, StringRef name) {
  std::optional<SmallVector<int64_t>> values = has(input) ? knownNumbers(input, name) : integers(name);
  if (!values)
    return std::nullopt;
  SmallVector<int64_t> result;
  for (int64_t value : *values) {
    std::optional<int64_t> checked = axis(value, rank);
    if (!checked ||
        !expect(!llvm::is_contained(result, *checked), "expected each axis once, got " + Twine(value) + " again"))
      return std::nullopt;
    result.push_back(*checked);
  }
  return result;
}

//===----------------------------------------------------------------------===//
// Graphs
//===----------------------------------------------------------------------===//

const onnx::GraphProto *Node::graph(StringRef name) {
  const onnx::AttributeProto *found = attribute(name);
  if (!expect(found && found->has_g(), "expected the attribute " + name + " to be a graph, got none"))
    return nullptr;
  return &found->g();
}

std::optional<SmallVector<Tensor>> Node::inlineGraph(const onnx::GraphProto &graph, ArrayRef<Tensor> inputs) {
  return importer.importSubgraph(*this, graph, inputs);
}

std::optional<Sizes> Node::declaredBy(const onnx::GraphProto &graph, int64_t output, int32_t &type) const {
  if (output >= graph.output_size())
    return std::nullopt;
  const onnx::TypeProto &stated = graph.output(static_cast<int>(output)).type();
  type = stated.tensor_type().elem_type();
  return importer.staticSizes(stated);
}
