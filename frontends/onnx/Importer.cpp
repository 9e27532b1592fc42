//===- Importer.cpp - graphs of ONNX into IR ------------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/onnx/Importer.h"

#include "frontends/onnx/Registry.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/Path.h"

#include <map>

using namespace mlir;
using namespace linnet;
using namespace linnet::onnx_frontend;

/// Larger tensors of floats stay outside of the code.
static constexpr int64_t kMostInlineBytes = 4096;
/// Function bodies and subgraphs within each other.
static constexpr int32_t kMostDepth = 32;

//===----------------------------------------------------------------------===//
// Scope
//===----------------------------------------------------------------------===//

const onnx::TypeProto *Scope::findType(StringRef name) const {
  for (const Scope *scope = this; scope; scope = scope->parent)
    if (const onnx::TypeProto *type = scope->types.lookup(name))
      return type;
  return nullptr;
}

const onnx::AttributeProto *Scope::resolve(const onnx::AttributeProto &attribute) const {
  if (attribute.ref_attr_name().empty())
    return &attribute;
  const Scope *body = this;
  while (body && !body->call)
    body = body->parent;
  if (!body)
    return nullptr;
  for (const onnx::AttributeProto &given : body->call->attribute())
    if (given.name() == attribute.ref_attr_name())
      return body->caller->resolve(given);
  for (const onnx::AttributeProto &given : body->function->attribute_proto())
    if (given.name() == attribute.ref_attr_name())
      return &given;
  return nullptr;
}

int64_t Scope::getOpset(StringRef domain) const {
  for (const Scope *scope = this; scope; scope = scope->parent)
    if (!scope->opsets.empty())
      return scope->opsets.lookup(domain == "ai.onnx" ? "" : domain);
  return 0;
}

//===----------------------------------------------------------------------===//
// The model
//===----------------------------------------------------------------------===//

Importer::Importer(MLIRContext &context, const onnx::ModelProto &model, const OnnxSource &source)
    : model(model), source(source), graph(context), location(FileLineColLoc::get(&context, source.name, 0, 0)) {
  context.loadDialect<bufferization::BufferizationDialect, scf::SCFDialect>();
}

InFlightDiagnostic Importer::fault(const Twine &message) { return emitError(location) << message.str(); }

template <typename Imports> static void readOpsets(const Imports &imports, Scope &scope) {
  for (const onnx::OperatorSetIdProto &import : imports)
    scope.opsets[import.domain() == "ai.onnx" ? "" : import.domain()] = import.version();
}

FailureOr<OnnxModel> Importer::run() {
  Scope scope;
  readOpsets(model.opset_import(), scope);
  if (scope.opsets.empty())
    scope.opsets[""] = 1;
  if (failed(checkOperators()))
    return failure();
  enterGraph(model.graph(), scope);
  // The symbols are known only when all inputs have been seen.
  StringRef name = llvm::sys::path::stem(source.name);
  llvm::json::Object metadata{{"format", "onnx"}, {"producer", llvm::json::fixUTF8(model.producer_name())}};
  graph.beginModel(name.empty() ? "model" : name, llvm::formatv("{0}", llvm::json::Value(std::move(metadata))).str(),
                   {});
  graph.beginFunction("main");
  if (failed(addInputs(scope)) || failed(importNodes(model.graph().node(), scope)) || failed(addOutputs(scope)))
    return failure();
  OwningOpRef<ModuleOp> module = graph.finishModel();
  (*module)->setAttr("linnet.symbols",
                     Builder(module->getContext())
                         .getStrArrayAttr(llvm::map_to_vector(
                             symbols, [](const std::string &symbol) -> StringRef { return symbol; })));
  OnnxModel result;
  result.module = std::move(module);
  result.weights.assign(std::make_move_iterator(weights.begin()), std::make_move_iterator(weights.end()));
  return result;
}

const onnx::FunctionProto *Importer::findFunction(const onnx::NodeProto &proto) const {
  for (const onnx::FunctionProto &function : model.functions())
    if (function.name() == proto.op_type() && function.domain() == proto.domain() &&
        function.overload() == proto.overload())
      return &function;
  return nullptr;
}

LogicalResult Importer::checkOperators() {
  struct Fault {
    std::string first, reason;
    int64_t count = 0;
  };
  std::map<std::string, Fault> faults;
  std::function<void(const onnx::NodeProto &, int64_t)> checkNode;
  auto checkNodes = [&](const auto &nodes, const auto &imports) {
    Scope scope;
    readOpsets(imports, scope);
    for (const onnx::NodeProto &node : nodes)
      checkNode(node, scope.getOpset(node.domain()));
  };
  int32_t nesting = 0;
  checkNode = [&](const onnx::NodeProto &node, int64_t opset) {
    std::string reason;
    const Operator *op = findOperator(node.domain(), node.op_type());
    if (findFunction(node))
      op = nullptr;
    else if (!op)
      reason =
          "it has no lowering; write it with others, or let python -m linnet.onnx put its body in its place where ONNX "
          "defines it as a function";
    else if (opset && opset < op->since)
      reason = "its meaning changed in version " + std::to_string(op->since) +
               " of the operator set, and the model has " + std::to_string(opset) +
               "; python -m linnet.onnx converts it";
    if (!reason.empty()) {
      std::string domain = node.domain().empty() ? "" : node.domain() + ".";
      Fault &fault = faults[domain + node.op_type()];
      if (!fault.count++)
        fault = {node.name().empty() ? node.output_size() ? "that gives '" + node.output(0) + "'" : "without a name"
                                     : "'" + node.name() + "'",
                 reason, 1};
    }
    if (++nesting <= kMostDepth)
      for (const onnx::AttributeProto &attribute : node.attribute())
        for (const onnx::NodeProto &inner : attribute.g().node())
          checkNode(inner, inner.domain() == node.domain() ? opset : 0);
    --nesting;
  };
  checkNodes(model.graph().node(), model.opset_import());
  for (const onnx::FunctionProto &function : model.functions())
    checkNodes(function.node(), function.opset_import());
  for (auto &[name, fault] : faults)
    this->fault("unsupported operator " + name + " (" + Twine(fault.count) + (fault.count == 1 ? " node" : " nodes") +
                ", the first is node " + fault.first + "): " + fault.reason);
  return success(faults.empty());
}

void Importer::enterGraph(const onnx::GraphProto &proto, Scope &scope) {
  for (const auto *list : {&proto.input(), &proto.output(), &proto.value_info()})
    for (const onnx::ValueInfoProto &info : *list)
      scope.types[info.name()] = &info.type();
  for (const onnx::TensorProto &initializer : proto.initializer())
    scope.initializers[initializer.name()] = &initializer;
}

//===----------------------------------------------------------------------===//
// Inputs and outputs
//===----------------------------------------------------------------------===//

std::optional<Sizes> Importer::staticSizes(const onnx::TypeProto &type) {
  if (!type.has_tensor_type() || !type.tensor_type().has_shape())
    return std::nullopt;
  Sizes sizes;
  for (const onnx::TensorShapeProto::Dimension &dim : type.tensor_type().shape().dim()) {
    if (!dim.has_dim_value() || dim.dim_value() < 0)
      return std::nullopt;
    sizes.push_back(ops().getIndexAttr(dim.dim_value()));
  }
  return sizes;
}

LogicalResult Importer::addInputs(Scope &scope) {
  for (const onnx::ValueInfoProto &input : model.graph().input()) {
    if (scope.initializers.contains(input.name()))
      continue; // a default value, which is taken
    const onnx::TypeProto &type = input.type();
    int32_t elementType = type.tensor_type().elem_type();
    Type element = getIrType(graph.ops().getContext(), elementType);
    if (input.name().empty())
      return fault("expected every input to have a name, got none");
    if (!type.has_tensor_type() || !element)
      return fault("input '" + input.name() + "': expected a tensor of floats, integers or bool, got " +
                   (type.has_tensor_type()     ? getTypeName(elementType)
                    : type.has_sequence_type() ? "a sequence"
                    : type.has_optional_type() ? "an optional"
                                               : "something else") +
                   "; cast or unpack it before");
    if (!type.tensor_type().has_shape())
      return fault("input '" + input.name() +
                   "': expected a shape, if with unknown sizes, got none; the number of dimensions must be stated");
    SmallVector<int64_t> shape;
    SmallVector<StringRef> names;
    for (const onnx::TensorShapeProto::Dimension &dim : type.tensor_type().shape().dim()) {
      if (dim.has_dim_value()) {
        if (dim.dim_value() < 0)
          return fault("input '" + input.name() + "': expected sizes of 0 or more, got " + Twine(dim.dim_value()));
        shape.push_back(dim.dim_value());
        continue;
      }
      std::string symbol =
          dim.dim_param().empty() ? input.name() + "_dim" + std::to_string(shape.size()) : dim.dim_param();
      auto known = llvm::find(symbols, symbol);
      if (known == symbols.end()) {
        symbols.push_back(symbol);
        known = std::prev(symbols.end());
      }
      names.push_back(StringAttr::get(ops().getContext(), *known).getValue());
      shape.push_back(ShapedType::kDynamic);
    }
    Tensor tensor;
    tensor.type = elementType;
    tensor.argument = input.name();
    tensor.value = graph.addInput(input.name(), RankedTensorType::get(shape, element), names,
                                  isInteger(elementType) && isUnsigned(elementType));
    tensor.sizes = graph.sizesOf(tensor.value);
    for (auto [dim, size] : llvm::enumerate(shape))
      if (ShapedType::isDynamic(size)) {
        symbolValues.emplace_back(cast<Value>(tensor.sizes[dim]), names.front().str());
        names.erase(names.begin());
      }
    if (!scope.values.try_emplace(input.name(), tensor).second)
      return fault("expected each input once, got '" + input.name() + "' twice");
  }
  return success();
}

std::string Importer::symbolOf(OpFoldResult size) const {
  for (auto &[value, symbol] : symbolValues)
    if (size == OpFoldResult(value))
      return symbol;
  return "";
}

LogicalResult Importer::addOutputs(Scope &scope) {
  SmallVector<GraphBuilder::Output> outputs;
  llvm::StringSet<> names;
  for (const onnx::ValueInfoProto &output : model.graph().output()) {
    if (output.name().empty() || !names.insert(output.name()).second)
      return fault("expected every output to have a name of its own, got '" + output.name() + "'");
    std::optional<Tensor> found = lookUp(output.name(), scope);
    if (!found)
      return failure();
    TensorBuilder b(ops(), "output '" + output.name() + "': ");
    int32_t stated = output.type().tensor_type().elem_type();
    if (stated && stated != found->type)
      return b.error("expected elements of type " + getTypeName(stated) + ", as the model states, got " +
                     showTensor(*found));
    std::optional<Sizes> sizes = staticSizes(output.type());
    bool fits = !sizes || sizes->size() == found->sizes.size();
    for (size_t dim = 0; sizes && fits && dim < sizes->size(); ++dim) {
      std::optional<int64_t> size = getConstantIntValue(found->sizes[dim]);
      fits = !size || size == getConstantIntValue((*sizes)[dim]);
    }
    if (!fits)
      return b.error("expected shape " + showSizes(*sizes) + ", as the model states, got " + showTensor(*found));
    GraphBuilder::Output result{b.value(*found), output.name(), {}};
    result.isUnsigned = isInteger(found->type) && isUnsigned(found->type);
    for (auto [dim, size] : llvm::enumerate(found->sizes)) {
      if (getConstantIntValue(size))
        continue;
      std::string symbol = symbolOf(size);
      if (symbol.empty())
        return b.error("expected its size along axis " + Twine(dim) +
                       " to be a number or one of the sizes of an input, got another; state it in the model");
      result.symbols.push_back(StringAttr::get(ops().getContext(), symbol).getValue());
    }
    outputs.push_back(std::move(result));
  }
  graph.finishFunction(outputs);
  return success();
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

std::optional<Tensor> Importer::lookUp(StringRef name, Scope &scope) {
  for (Scope *at = &scope; at; at = at->parent) {
    if (auto found = at->values.find(name); found != at->values.end())
      return found->second;
    if (const onnx::TensorProto *initializer = at->initializers.lookup(name)) {
      // One place for all uses: the beginning of the function.
      OpBuilder::InsertionGuard guard(ops());
      Operation *around = ops().getInsertionBlock()->getParentOp();
      auto function = dyn_cast<func::FuncOp>(around);
      if (!function)
        function = around->getParentOfType<func::FuncOp>();
      ops().setInsertionPointToStart(&function.front());
      std::optional<Tensor> tensor = makeInitializer(*initializer, /*isOfModel=*/!at->parent && !at->call);
      if (tensor)
        at->values[name] = *tensor;
      return tensor;
    }
  }
  fault("expected '" + name + "' to be an input, an initializer or the output of an earlier node, got an unknown name");
  return std::nullopt;
}

std::optional<Tensor> Importer::makeInitializer(const onnx::TensorProto &proto, bool isOfModel) {
  llvm::Expected<StoredTensor> stored = readTensor(proto, source.folder);
  if (!stored) {
    fault(llvm::toString(stored.takeError()));
    return std::nullopt;
  }
  at(proto.name());
  TensorBuilder b(ops(), "initializer '" + proto.name() + "': ");
  int32_t type = stored->type;
  bool isNamed = !proto.name().empty() && proto.name().find('|') == std::string::npos;
  if (isOfModel && isNamed && isFloat(type) && static_cast<int64_t>(stored->data.size()) > kMostInlineBytes) {
    Value weight = graph.addWeight(proto.name(), stored->shape, getIrType(ops().getContext(), type));
    weights.push_back({proto.name(), type, {stored->shape.begin(), stored->shape.end()}, std::move(stored->data)});
    return b.wrap(weight, type, b.staticSizes(stored->shape));
  }
  return makeConstant(b, *stored);
}

Tensor linnet::onnx_frontend::makeConstant(TensorBuilder &b, const StoredTensor &stored) {
  RankedTensorType ir = RankedTensorType::get(stored.shape, getIrType(b.ops.getContext(), stored.type));
  int64_t count = ir.getNumElements(), bytes = count ? static_cast<int64_t>(stored.data.size()) / count : 0;
  bool isSmall = stored.shape.size() <= 2 && count <= 64;
  if (isSmall && !isFloat(stored.type)) {
    Sizes elements;
    for (int64_t i = 0; i < count; ++i) {
      uint64_t value = 0;
      std::memcpy(&value, stored.data.data() + i * bytes, static_cast<size_t>(bytes));
      int64_t number = isUnsigned(stored.type) || bytes == 8
                           ? static_cast<int64_t>(value)
                           : llvm::SignExtend64(value, static_cast<unsigned>(8 * bytes));
      elements.push_back(b.size(number));
    }
    return b.known(elements, stored.shape, stored.type);
  }
  if (stored.type == kBool) {
    SmallVector<bool> values;
    for (char value : stored.data)
      values.push_back(value != 0);
    return b.constant(stored.type, DenseElementsAttr::get(ir, values));
  }
  return b.constant(stored.type,
                    DenseElementsAttr::getFromRawBuffer(ir, ArrayRef(stored.data.data(), stored.data.size())));
}

//===----------------------------------------------------------------------===//
// Nodes
//===----------------------------------------------------------------------===//

template <typename Nodes> LogicalResult Importer::importNodes(const Nodes &nodes, Scope &scope) {
  for (const onnx::NodeProto &node : nodes)
    if (failed(importNode(node, scope)))
      return failure();
  return success();
}

LogicalResult Importer::importNode(const onnx::NodeProto &proto, Scope &scope) {
  SmallVector<Tensor> inputs;
  for (const std::string &name : proto.input()) {
    if (name.empty()) {
      inputs.emplace_back();
      continue;
    }
    std::optional<Tensor> input = lookUp(name, scope);
    if (!input)
      return failure();
    inputs.push_back(std::move(*input));
  }
  at(!proto.name().empty() ? proto.name() : proto.output_size() ? proto.output(0) : proto.op_type());
  if (const onnx::FunctionProto *function = findFunction(proto))
    return importCall(*function, proto, scope);

  Node node(*this, scope, proto, scope.getOpset(proto.domain()), std::move(inputs));
  const Operator *op = findOperator(proto.domain(), proto.op_type());
  if (!op) // within subgraphs deeper than were looked at
    return node.error("the operator has no lowering");
  if (node.inputs() < op->leastInputs || node.inputs() > op->mostInputs)
    return node.error("expected " + Twine(op->leastInputs) + (op->mostInputs == op->leastInputs ? "" : " or more") +
                      " inputs, got " + Twine(node.inputs()));
  for (int64_t i = 0; i < op->leastInputs; ++i)
    if (!node.expect(node.has(i), "expected input " + Twine(i) + " to be there, got none"))
      return failure();
  if (!foldKnownValues(node))
    op->lower(node);
  if (node.failed)
    return failure();
  for (auto [i, name] : llvm::enumerate(proto.output())) {
    if (name.empty())
      continue;
    const Tensor &result = node.results()[i];
    if (!node.expect(static_cast<bool>(result), "output " + Twine(i) + " has no lowering"))
      return failure();
    if (!scope.values.try_emplace(name, result).second)
      return node.error("expected each name to be given once, got '" + name + "' again");
  }
  return success();
}

LogicalResult Importer::importCall(const onnx::FunctionProto &function, const onnx::NodeProto &proto, Scope &scope) {
  if (depth >= kMostDepth)
    return fault("function '" + function.name() + "': expected at most " + Twine(kMostDepth) +
                 " functions within each other, got more");
  ++depth;
  auto leave = llvm::make_scope_exit([&] { --depth; });
  Scope body;
  body.call = &proto;
  body.caller = &scope;
  body.function = &function;
  readOpsets(function.opset_import(), body);
  for (const onnx::ValueInfoProto &info : function.value_info())
    body.types[info.name()] = &info.type();
  if (proto.input_size() > function.input_size() || proto.output_size() > function.output_size())
    return fault("function '" + function.name() + "': expected at most " + Twine(function.input_size()) +
                 " inputs and " + Twine(function.output_size()) + " outputs, got " + Twine(proto.input_size()) +
                 " and " + Twine(proto.output_size()));
  for (int i = 0; i < function.input_size(); ++i) {
    Tensor value;
    if (i < proto.input_size() && !proto.input(i).empty()) {
      std::optional<Tensor> found = lookUp(proto.input(i), scope);
      if (!found)
        return failure();
      value = *found;
    }
    body.values[function.input(i)] = value;
  }
  if (failed(importNodes(function.node(), body)))
    return failure();
  for (int i = 0; i < proto.output_size(); ++i) {
    if (proto.output(i).empty())
      continue;
    std::optional<Tensor> result = lookUp(function.output(i), body);
    if (!result)
      return failure();
    scope.values[proto.output(i)] = *result;
  }
  return success();
}

std::optional<SmallVector<Tensor>> Importer::importSubgraph(Node &node, const onnx::GraphProto &body,
                                                            ArrayRef<Tensor> inputs) {
  if (depth >= kMostDepth) {
    (void)node.error("expected at most " + Twine(kMostDepth) + " graphs within each other, got more");
    return std::nullopt;
  }
  if (!node.expect(body.input_size() == static_cast<int>(inputs.size()),
                   "expected a graph of " + Twine(inputs.size()) + " inputs, got one of " + Twine(body.input_size())))
    return std::nullopt;
  ++depth;
  auto leave = llvm::make_scope_exit([&] { --depth; });
  Scope scope;
  scope.parent = &node.scope;
  enterGraph(body, scope);
  for (int i = 0; i < body.input_size(); ++i)
    scope.values[body.input(i).name()] = inputs[i];
  Location around = ops().getLoc();
  if (failed(importNodes(body.node(), scope))) {
    node.failed = true;
    return std::nullopt;
  }
  SmallVector<Tensor> outputs;
  for (const onnx::ValueInfoProto &output : body.output()) {
    std::optional<Tensor> value = lookUp(output.name(), scope);
    if (!value) {
      node.failed = true;
      return std::nullopt;
    }
    outputs.push_back(*value);
  }
  ops().setLoc(around);
  return outputs;
}
