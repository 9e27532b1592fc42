//===- ControlFlow.cpp - branches and loops over subgraphs -===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/onnx/Loops.h"
#include "frontends/onnx/Node.h"
#include "frontends/onnx/Registry.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace linnet::onnx_frontend;

//===----------------------------------------------------------------------===//
// If
//===----------------------------------------------------------------------===//

static void lowerIf(Node &node) {
  const onnx::GraphProto *branches[] = {node.graph("then_branch"), node.graph("else_branch")};
  if (node.failed || !node.expect(node.in(0).type == kBool, "expected a condition of bool"))
    return;
  // A known condition leaves one branch.
  if (std::optional<SmallVector<int64_t>> known = node.numbers(node.in(0)); known && known->size() == 1) {
    std::optional<SmallVector<Tensor>> results = node.inlineGraph(*branches[known->front() ? 0 : 1], {});
    if (results)
      for (auto [i, result] : llvm::enumerate(*results))
        node.out(static_cast<int64_t>(i), result);
    return;
  }
  Value condition = node.scalar(node.in(0));
  auto probe = scf::IfOp::create(node.ops, TypeRange(), condition, /*withElseRegion=*/true);
  SmallVector<Tensor> results[2];
  for (int64_t side : {0, 1}) {
    Block &block = side ? probe.getElseRegion().front() : probe.getThenRegion().front();
    node.ops.setInsertionPoint(block.getTerminator());
    std::optional<SmallVector<Tensor>> built = node.inlineGraph(*branches[side], {});
    if (!built)
      return;
    for (const Tensor &tensor : *built)
      results[side].push_back(tensor ? materialize(node, tensor) : tensor);
  }
  if (!node.expect(results[0].size() == results[1].size(), "expected as many outputs of both branches"))
    return;
  SmallVector<Type> types;
  SmallVector<SmallVector<Value>> yields(2);
  for (auto [i, first, second] : llvm::enumerate(results[0], results[1])) {
    auto x = cast<RankedTensorType>(first.value.getType()), y = cast<RankedTensorType>(second.value.getType());
    if (!node.expect(first.type == second.type && x.getRank() == y.getRank() && x == y,
                     "expected output " + Twine(i) + " of both branches to have one type and shape, got " +
                         showTensor(first) + " and " + showTensor(second)))
      return;
    types.push_back(x);
    yields[0].push_back(first.value);
    yields[1].push_back(second.value);
  }
  node.ops.setInsertionPoint(probe);
  auto op = scf::IfOp::create(node.ops, types, condition, /*withElseRegion=*/true);
  for (int64_t side : {0, 1}) {
    Region &from = side ? probe.getElseRegion() : probe.getThenRegion();
    Region &to = side ? op.getElseRegion() : op.getThenRegion();
    to.takeBody(from);
    to.front().getTerminator()->setOperands(yields[side]);
  }
  probe.erase();
  node.ops.setInsertionPointAfter(op);
  for (auto [i, result] : llvm::enumerate(op.getResults()))
    node.out(static_cast<int64_t>(i), node.wrap(result, results[0][i].type));
}

//===----------------------------------------------------------------------===//
// Scan
//===----------------------------------------------------------------------===//

static SmallVector<bool> readDirections(Node &node, StringRef name, int64_t count) {
  return llvm::map_to_vector(node.integersOr(name, count, 0), [](int64_t value) { return value != 0; });
}

/// One scan over the given states and inputs, with time anywhere.
static std::optional<Step> scan(Node &node, const onnx::GraphProto &body, ArrayRef<Tensor> states,
                                ArrayRef<Tensor> inputs, ArrayRef<int64_t> axes, ArrayRef<bool> reversed,
                                ArrayRef<bool> outputsReversed) {
  OpFoldResult count = inputs.front().sizes[axes.front()];
  for (auto [input, axis] : llvm::zip(inputs, axes)) {
    std::optional<int64_t> have = getConstantIntValue(input.sizes[axis]), want = getConstantIntValue(count);
    if (!node.expect(!have || !want || *have == *want, "expected scan inputs of one length"))
      return std::nullopt;
  }
  Value last = node.asValue(node.subSizes(count, node.size(1)));
  SmallVector<Tensor> initial, sources;
  for (const Tensor &state : states)
    initial.push_back(materialize(node, state));
  for (const Tensor &input : inputs)
    sources.push_back(materialize(node, input));
  return buildLoop(
      node, count, initial,
      [&](Value i, ArrayRef<Tensor> carried) -> std::optional<Step> {
        SmallVector<Tensor> arguments(carried);
        for (auto [k, source] : llvm::enumerate(sources)) {
          Value place = reversed[k] ? arith::SubIOp::create(node.ops, last, i).getResult() : i;
          arguments.push_back(takeAt(node, source, axes[k], place));
        }
        std::optional<SmallVector<Tensor>> results = node.inlineGraph(body, arguments);
        if (!results || !node.expect(results->size() >= carried.size(),
                                     "expected a body that gives " + Twine(carried.size()) + " states or more"))
          return std::nullopt;
        Step step;
        step.carried.assign(results->begin(), results->begin() + carried.size());
        step.collected.assign(results->begin() + carried.size(), results->end());
        return step;
      },
      outputsReversed);
}

/// Before version 9 there is a batch, and the length of each sequence.
static void lowerBatchedScan(Node &node, const onnx::GraphProto &body, int64_t inputCount) {
  int64_t stateCount = node.inputs() - 1 - inputCount;
  if (!node.expect(!node.has(0), "expected no sequence_lens: every sequence has the whole length; pad them before") ||
      !node.expect(inputCount > 0 && stateCount >= 0 && body.output_size() >= stateCount, "expected scan inputs"))
    return;
  for (int64_t i = 1; i < node.inputs(); ++i)
    if (!node.expectRank(i, i > stateCount ? 2 : 1, 64))
      return;
  SmallVector<bool> reversed = readDirections(node, "directions", inputCount);
  SmallVector<Tensor> all;
  for (const Tensor &tensor : node.all().drop_front())
    all.push_back(materialize(node, tensor));
  std::optional<Step> result =
      buildLoop(node, node.in(1).sizes[0], {}, [&](Value b, ArrayRef<Tensor>) -> std::optional<Step> {
        SmallVector<Tensor> rows;
        for (const Tensor &tensor : all)
          rows.push_back(takeAt(node, tensor, 0, b));
        std::optional<Step> one =
            scan(node, body, ArrayRef(rows).take_front(stateCount), ArrayRef(rows).drop_front(stateCount),
                 SmallVector<int64_t>(inputCount, 0), reversed, {});
        if (!one)
          return std::nullopt;
        Step step;
        step.collected = one->carried;
        llvm::append_range(step.collected, one->collected);
        return step;
      });
  if (result)
    for (auto [i, tensor] : llvm::enumerate(result->collected))
      node.out(static_cast<int64_t>(i), tensor);
}

static void lowerScan(Node &node) {
  const onnx::GraphProto *body = node.graph("body");
  int64_t inputCount = node.integer("num_scan_inputs", 0);
  if (!body)
    return;
  if (node.opset < 9)
    return lowerBatchedScan(node, *body, inputCount);
  int64_t stateCount = node.inputs() - inputCount, outputCount = node.outputs() - stateCount;
  if (!node.expect(inputCount > 0 && stateCount >= 0 && outputCount >= 0 &&
                       body->output_size() == static_cast<int>(node.outputs()),
                   "expected at least one scan input, and as many outputs as the body has"))
    return;
  for (int64_t i = 0; i < node.inputs(); ++i)
    if (!node.expect(node.has(i), "expected every input to be there"))
      return;
  SmallVector<int64_t> axes = node.integersOr("scan_input_axes", inputCount, 0),
                       outputAxes = node.integersOr("scan_output_axes", outputCount, 0);
  SmallVector<bool> reversed = readDirections(node, "scan_input_directions", inputCount),
                    outputsReversed = readDirections(node, "scan_output_directions", outputCount);
  ArrayRef<Tensor> states = node.all().take_front(stateCount), inputs = node.all().drop_front(stateCount);
  for (auto [i, axis] : llvm::enumerate(axes)) {
    std::optional<int64_t> checked = node.axis(axis, inputs[i].rank());
    if (!checked)
      return;
    axis = *checked;
  }
  if (node.failed)
    return;
  std::optional<Step> result = scan(node, *body, states, inputs, axes, reversed, outputsReversed);
  if (!result)
    return;
  for (auto [i, tensor] : llvm::enumerate(result->carried))
    node.out(static_cast<int64_t>(i), tensor);
  for (auto [i, tensor] : llvm::enumerate(result->collected)) {
    // Collected along the first dimension; the model may want it elsewhere.
    std::optional<int64_t> axis = node.axis(outputAxes[i], tensor.rank());
    if (!axis)
      return;
    SmallVector<int64_t> order;
    for (int64_t dim = 1; dim < tensor.rank(); ++dim)
      order.push_back(dim);
    order.insert(order.begin() + *axis, 0);
    node.out(stateCount + static_cast<int64_t>(i), node.transpose(tensor, order));
  }
}

//===----------------------------------------------------------------------===//
// Loop
//===----------------------------------------------------------------------===//

/// The count of a loop without a condition of its own; what it collects needs one that is known, or stated.
static std::optional<OpFoldResult> getCount(Node &node, int64_t stateCount) {
  if (!node.has(0)) {
    (void)node.error("expected a trip count (input 0): a loop that ends by a condition alone is not supported");
    return std::nullopt;
  }
  if (node.in(0).known && node.in(0).known->size() == 1)
    return node.in(0).known->front();
  if (!node.expectInteger(0))
    return std::nullopt;
  OpFoldResult given = node.element(node.in(0), 0);
  if (node.outputs() <= stateCount)
    return given;
  std::optional<Sizes> stated = node.declared(stateCount);
  if (!node.expect(stated && !stated->empty(),
                   "expected the trip count (input 0) to be known at compile time, or the model to state the shape of "
                   "what the loop collects"))
    return std::nullopt;
  if (!node.in(0).argument.empty()) {
    Scalars s(node.ops.getLoc(), node.ops, kInt64);
    node.require(s.compareIndex(Scalars::Order::Equal, node.asValue(given), node.asValue(stated->front())),
                 node.in(0).argument);
  }
  return stated->front();
}

/// With a condition that the body computes: carried until it is false, or the count is reached.
static void lowerWhile(Node &node, const onnx::GraphProto &body, ArrayRef<Tensor> states) {
  if (!node.expect(node.outputs() == static_cast<int64_t>(states.size()),
                   "expected a loop that ends by a condition to collect nothing: how much is known only when it runs"))
    return;
  ImplicitLocOpBuilder &ops = node.ops;
  SmallVector<Value> initial = {node.asValue(node.size(0)), node.has(1)
                                                                ? node.scalar(node.in(1))
                                                                : Scalars(ops.getLoc(), ops, kBool).boolean(true)};
  std::optional<Value> bound;
  if (node.has(0))
    bound = node.asValue(node.element(node.in(0), 0));
  for (const Tensor &state : states)
    initial.push_back(copyOf(node, state.value)); // arguments are not written
  SmallVector<Type> types = llvm::to_vector(ValueRange(initial).getTypes());
  SmallVector<Location> locations(types.size(), ops.getLoc());
  auto loop = scf::WhileOp::create(ops, types, initial);
  Block *before = ops.createBlock(&loop.getBefore(), {}, types, locations);
  Scalars s(ops.getLoc(), ops, kBool);
  s.setInsertionPointToEnd(before);
  Value goes = before->getArgument(1);
  if (bound)
    goes = s.logicalAnd(goes, s.compareIndex(Scalars::Order::Less, before->getArgument(0), *bound));
  scf::ConditionOp::create(s, goes, before->getArguments());
  Block *after = ops.createBlock(&loop.getAfter(), {}, types, locations);
  ops.setInsertionPointToEnd(after);
  Scalars in(ops.getLoc(), ops, kInt64);
  Value index = tensor::FromElementsOp::create(ops, RankedTensorType::get({}, ops.getI64Type()),
                                               in.fromIndex(after->getArgument(0), kInt64));
  Value condition =
      tensor::FromElementsOp::create(ops, RankedTensorType::get({}, ops.getI1Type()), after->getArgument(1));
  SmallVector<Tensor> arguments = {node.wrap(index, kInt64), node.wrap(condition, kBool)};
  for (auto [state, argument] : llvm::zip(states, after->getArguments().drop_front(2)))
    arguments.push_back(node.wrap(argument, state.type, state.sizes));
  std::optional<SmallVector<Tensor>> results = node.inlineGraph(body, arguments);
  if (!results || !node.expect(results->size() == states.size() + 1 && results->front().type == kBool,
                               "expected a body that gives a condition and every carried value"))
    return;
  Scalars end(ops.getLoc(), ops, kInt64);
  SmallVector<Value> next = {end.addIndex(after->getArgument(0), end.index(1)), node.scalar(results->front())}, kept;
  for (auto [i, state] : llvm::enumerate(states)) {
    std::optional<Value> value =
        fitType(node, (*results)[i + 1], state.type, cast<RankedTensorType>(types[i + 2]), "carried value " + Twine(i));
    if (!value)
      return;
    kept.push_back(*value);
  }
  llvm::append_range(next, keepInPlace(node, kept, after->getArguments().drop_front(2)));
  scf::YieldOp::create(ops, next);
  ops.setInsertionPointAfter(loop);
  for (auto [i, state] : llvm::enumerate(states))
    node.out(static_cast<int64_t>(i), node.wrap(loop.getResult(static_cast<unsigned>(i + 2)), state.type, state.sizes));
}

/// Whether a body gives the condition that it gets, or a constant true.
static bool keepsCondition(const onnx::GraphProto &body) {
  if (body.input_size() < 2 || body.output_size() < 1)
    return false;
  std::string name = body.output(0).name();
  for (int i = body.node_size() - 1; i >= 0; --i) {
    const onnx::NodeProto &node = body.node(i);
    if (node.output_size() && node.output(0) == name && node.op_type() == "Identity" && node.input_size() == 1)
      name = node.input(0);
    else if (node.output_size() && node.output(0) == name && node.op_type() == "Constant")
      return node.attribute_size() == 1 && node.attribute(0).t().int32_data_size() == 1 &&
             node.attribute(0).t().int32_data(0);
  }
  return name == body.input(1).name();
}

static void lowerLoop(Node &node) {
  const onnx::GraphProto *body = node.graph("body");
  if (!body)
    return;
  SmallVector<Tensor> states;
  for (int64_t i = 2; i < node.inputs(); ++i) {
    if (!node.expect(node.has(i), "expected every carried value to be there"))
      return;
    states.push_back(materialize(node, node.in(i)));
  }
  if (!node.expect(!node.has(1) || node.in(1).type == kBool, "expected a condition of bool") ||
      !node.expect(node.outputs() >= static_cast<int64_t>(states.size()), "expected an output for each carried value"))
    return;
  if (!keepsCondition(*body) || !node.has(0))
    return lowerWhile(node, *body, states);
  std::optional<OpFoldResult> count = getCount(node, static_cast<int64_t>(states.size()));
  if (!count)
    return;
  std::optional<SmallVector<int64_t>> known = node.has(1) ? node.numbers(node.in(1)) : SmallVector<int64_t>{1};
  if (!known) {
    // A condition that is false from the beginning.
    Scalars s(node.ops.getLoc(), node.ops, kBool);
    Value goes = node.scalar(node.in(1));
    if (node.outputs() > static_cast<int64_t>(states.size()) && !node.in(1).argument.empty())
      node.require(goes, node.in(1).argument);
    else
      count = OpFoldResult(s.select(goes, node.asValue(*count), s.index(0)));
  } else if (!known->front()) {
    count = node.size(0);
  }
  std::optional<Step> result =
      buildLoop(node, *count, states, [&](Value i, ArrayRef<Tensor> carried) -> std::optional<Step> {
        Scalars s(node.ops.getLoc(), node.ops, kInt64);
        Value index = tensor::FromElementsOp::create(node.ops, RankedTensorType::get({}, node.ops.getI64Type()),
                                                     s.fromIndex(i, kInt64));
        SmallVector<Tensor> arguments = {node.wrap(index, kInt64), node.known(Sizes{node.size(1)}, {}, kBool)};
        llvm::append_range(arguments, carried);
        std::optional<SmallVector<Tensor>> results = node.inlineGraph(*body, arguments);
        if (!results || !node.expect(results->size() == static_cast<size_t>(node.outputs()) + 1,
                                     "expected a body that gives a condition, every carried value, and what is "
                                     "collected"))
          return std::nullopt;
        Step step;
        step.carried.assign(results->begin() + 1, results->begin() + 1 + states.size());
        step.collected.assign(results->begin() + 1 + states.size(), results->end());
        return step;
      });
  if (!result)
    return;
  for (auto [i, tensor] : llvm::enumerate(result->carried))
    node.out(static_cast<int64_t>(i), tensor);
  for (auto [i, tensor] : llvm::enumerate(result->collected))
    node.out(static_cast<int64_t>(states.size() + i), tensor);
}

ArrayRef<Operator> linnet::onnx_frontend::getControlFlowOperators() {
  static const Operator operators[] = {
      {"If", 1, 1, lowerIf},
      {"Loop", 0, kAnyNumber, lowerLoop},
      {"Scan", 0, kAnyNumber, lowerScan, 8},
  };
  return operators;
}
