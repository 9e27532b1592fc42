//===- RecurrentLayer.cpp - RNN, GRU and LSTM -----------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/onnx/Loops.h"
#include "frontends/onnx/Node.h"
#include "frontends/onnx/Registry.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace linnet::onnx_frontend;

namespace {
/// One layer in one direction; `gates` numbers a hidden unit.
class Layer {
public:
  Layer(Node &node, int64_t gates, int64_t hidden) : node(node), gates(gates), hidden(hidden) {}
  virtual ~Layer() = default;

  /// Takes the parameters of one direction, all in the type of the computation.
  void prepare(const Tensor &x, int64_t direction) {
    auto part = [&](int64_t input) {
      Tensor whole = node.cast(node.in(input), x.type);
      return node.squeeze(node.slice(whole, 0, node.size(direction), node.size(1)), 0);
    };
    recurrence = node.transpose(part(2), {1, 0});
    projected = node.matmul(x, node.transpose(part(1), {1, 0}));
    if (node.has(3)) {
      Tensor bias = part(3);
      projected = node.add(projected, node.slice(bias, 0, node.size(0), node.size(gates * hidden)));
      recurrentBias = node.slice(bias, 0, node.size(gates * hidden), node.size(gates * hidden));
    } else {
      recurrentBias = node.full(x.type, Sizes{node.size(gates * hidden)}, 0);
    }
    if (node.has(7))
      peepholes = part(7);
  }
  /// The next states by the input's part of the gates [B, gates * hidden].
  virtual SmallVector<Tensor> step(const Tensor &input, ArrayRef<Tensor> states) = 0;

  Tensor projected;

protected:
  /// Gate k of a row of gates.
  Tensor gate(const Tensor &all, int64_t k) {
    return node.slice(all, all.rank() - 1, node.size(k * hidden), node.size(hidden));
  }
  Tensor peephole(int64_t k, const Tensor &c) { return node.mul(c, gate(peepholes, k)); }
  Tensor map(ArrayRef<Tensor> inputs, llvm::function_ref<Value(Scalars &, ValueRange)> body) {
    return node.map(inputs, inputs.front().type, body);
  }
  Tensor sigmoid(const Tensor &x) {
    return map(x, [](Scalars &s, ValueRange v) { return s.sigmoid(v[0]); });
  }
  Tensor tanh(const Tensor &x) {
    return map(x, [](Scalars &s, ValueRange v) { return s.tanh(v[0]); });
  }

  Node &node;
  const int64_t gates, hidden;
  Tensor recurrence, recurrentBias, peepholes;
};

struct Rnn : Layer {
  Rnn(Node &node, int64_t hidden) : Layer(node, 1, hidden) {}
  SmallVector<Tensor> step(const Tensor &input, ArrayRef<Tensor> states) override {
    return {tanh(node.add(input, node.add(node.matmul(states[0], recurrence), recurrentBias)))};
  }
};

/// Gates: update, reset, hidden.
struct Gru : Layer {
  Gru(Node &node, int64_t hidden) : Layer(node, 3, hidden) {}
  SmallVector<Tensor> step(const Tensor &input, ArrayRef<Tensor> states) override {
    const Tensor &h = states[0];
    Tensor own = node.add(node.matmul(h, recurrence), recurrentBias);
    Tensor update = sigmoid(node.add(gate(input, 0), gate(own, 0)));
    Tensor reset = sigmoid(node.add(gate(input, 1), gate(own, 1)));
    Tensor candidate;
    if (node.integer("linear_before_reset", 0))
      candidate = node.mul(reset, gate(own, 2));
    else
      candidate = node.add(node.matmul(node.mul(reset, h), gate(recurrence, 2)), gate(recurrentBias, 2));
    candidate = tanh(node.add(gate(input, 2), candidate));
    return {map({update, candidate, h}, [](Scalars &s, ValueRange v) {
      return s.add(s.mul(s.sub(s.number(1), v[0]), v[1]), s.mul(v[0], v[2]));
    })};
  }
};

/// Gates: input, output, forget, cell.
struct Lstm : Layer {
  Lstm(Node &node, int64_t hidden) : Layer(node, 4, hidden) {}
  SmallVector<Tensor> step(const Tensor &input, ArrayRef<Tensor> states) override {
    const Tensor &c = states[1];
    Tensor all = node.add(input, node.add(node.matmul(states[0], recurrence), recurrentBias));
    auto open = [&](int64_t k, int64_t hole, const Tensor &cell) {
      Tensor x = gate(all, k);
      return sigmoid(peepholes ? node.add(x, peephole(hole, cell)) : x);
    };
    Tensor written = node.mul(open(0, 0, c), tanh(gate(all, 3)));
    Tensor cell = node.add(node.mul(open(2, 2, c), c), written);
    return {node.mul(open(1, 1, cell), tanh(cell)), cell};
  }
};
} // namespace

/// What is not the usual layer is refused.
static bool expectUsual(Node &node, ArrayRef<StringRef> activations) {
  if (const onnx::AttributeProto *given = node.attribute("activations"))
    for (int i = 0; i < given->strings_size(); ++i)
      if (!node.expect(StringRef(given->strings(i)).equals_insensitive(activations[i % activations.size()]),
                       "expected the usual activations, got " + given->strings(i)))
        return false;
  return node.expect(!node.attribute("clip"), "expected no clip") &&
         node.expect(!node.integer("input_forget", 0), "expected input_forget to be 0");
}

static void lowerLayer(Node &node, Layer &layer, int64_t gates, int64_t hidden) {
  bool isLstm = gates == 4;
  for (int64_t i : {0, 1, 2})
    if (!node.expectFloat(i) || !node.expectRank(i, 3, 3))
      return;
  std::string direction = node.text("direction", "forward");
  int64_t directions = direction == "bidirectional" ? 2 : 1;
  bool batchFirst = node.integer("layout", 0) != 0;
  auto fits = [&](int64_t i, std::initializer_list<int64_t> shape) {
    if (!node.has(i))
      return true;
    std::optional<SmallVector<int64_t>> sizes = getConstantIntValues(node.in(i).sizes);
    bool same = sizes && isFloat(node.in(i).type) && sizes->size() == shape.size();
    for (size_t d = 0; same && d < shape.size(); ++d)
      same = shape.begin()[d] < 0 || (*sizes)[d] == shape.begin()[d];
    return node.expect(same, "expected input " + Twine(i) + " to have the sizes of " + Twine(directions) +
                                 " directions and " + Twine(hidden) + " hidden units, got " + showTensor(node.in(i)));
  };
  if (!node.expect(direction == "forward" || direction == "reverse" || directions == 2,
                   "expected direction to be forward, reverse or bidirectional, got '" + direction + "'") ||
      !fits(1, {directions, gates * hidden, -1}) || !fits(2, {directions, gates * hidden, hidden}) ||
      !fits(3, {directions, 2 * gates * hidden}) || (isLstm && !fits(7, {directions, 3 * hidden})))
    return;
  int32_t type = node.in(0).type, computed = getComputeType(type);
  Tensor x = node.cast(node.in(0), computed);
  if (batchFirst)
    x = node.transpose(x, {1, 0, 2});
  OpFoldResult time = x.sizes[0], batch = x.sizes[1];
  Value lengths;
  if (node.has(4)) {
    if (!node.expect(isInteger(node.in(4).type) && node.in(4).rank() == 1, "expected sequence_lens of integers [B]") ||
        !node.expect(direction == "forward", "expected no sequence_lens with a reverse direction"))
      return;
    lengths = node.value(node.in(4));
  }
  Sizes stateSizes = {batch, node.size(hidden)};
  SmallVector<Tensor> outputs, lastStates[2];
  for (int64_t d = 0; d < directions; ++d) {
    layer.prepare(x, d);
    SmallVector<Tensor> states;
    for (int64_t k = 0; k < (isLstm ? 2 : 1); ++k) {
      Tensor state = node.full(computed, stateSizes, 0);
      if (node.has(5 + k)) {
        if (!node.expectFloat(5 + k) || !node.expectRank(5 + k, 3, 3))
          return;
        Tensor given = node.cast(node.in(5 + k), computed);
        given = batchFirst ? node.transpose(given, {1, 0, 2}) : given;
        state = node.reshape(node.slice(given, 0, node.size(d), node.size(1)), stateSizes);
      }
      states.push_back(materialize(node, state));
    }
    if (node.failed)
      return;
    bool isReverse = direction == "reverse" || d == 1;
    Value last = node.asValue(node.subSizes(time, node.size(1)));
    std::optional<Step> result =
        buildLoop(node, time, states,
                  [&](Value i, ArrayRef<Tensor> carried) -> std::optional<Step> {
                    Value place = isReverse ? arith::SubIOp::create(node.ops, last, i).getResult() : i;
                    SmallVector<Tensor> next = layer.step(takeAt(node, layer.projected, 0, place), carried);
                    Tensor output = next[0];
                    if (lengths) {
                      // Behind its end a sequence keeps its state, and gives zeros.
                      Tensor isInside = node.generate(kBool, {batch, node.size(1)}, [&](Scalars &s, ValueRange b) {
                        Value length = s.toIndex(s.load(lengths, b[0]), node.in(4).type);
                        return s.compareIndex(Scalars::Order::Less, i, length);
                      });
                      auto choose = [&](const Tensor &yes, const Tensor &no) {
                        return node.map({isInside, yes, no}, computed,
                                        [](Scalars &s, ValueRange v) { return s.select(v[0], v[1], v[2]); });
                      };
                      for (auto [fresh, old] : llvm::zip(next, carried))
                        fresh = choose(fresh, old);
                      output = choose(output, node.number(computed, 0));
                    }
                    if (node.failed)
                      return std::nullopt;
                    return Step{next, {output}};
                  },
                  {isReverse});
    if (!result)
      return;
    outputs.push_back(node.unsqueeze(result->collected[0], 1));
    for (auto [k, state] : llvm::enumerate(result->carried))
      lastStates[k].push_back(node.unsqueeze(state, 0));
  }
  Tensor y = node.concat(outputs, 1);
  node.out(0, node.cast(batchFirst ? node.transpose(y, {2, 0, 1, 3}) : y, type));
  for (int64_t k = 0; k < (isLstm ? 2 : 1); ++k) {
    Tensor state = node.concat(lastStates[k], 0);
    node.out(1 + k, node.cast(batchFirst ? node.transpose(state, {1, 0, 2}) : state, type));
  }
}

/// The number of hidden units, as the attribute or the weights have it; 0 after an error.
static int64_t readHidden(Node &node) {
  std::optional<int64_t> size = node.in(2).rank() == 3 ? getConstantIntValue(node.in(2).sizes[2]) : std::nullopt;
  int64_t hidden = node.integer("hidden_size", size.value_or(0));
  return node.expect(hidden > 0 && hidden < (int64_t(1) << 24) && size == hidden,
                     "expected hidden_size to be that of the weights")
             ? hidden
             : 0;
}

static void lowerRnn(Node &node) {
  int64_t hidden = readHidden(node);
  if (!hidden || !expectUsual(node, {"Tanh"}))
    return;
  Rnn layer(node, hidden);
  lowerLayer(node, layer, 1, hidden);
}

static void lowerGru(Node &node) {
  int64_t hidden = readHidden(node);
  if (!hidden || !expectUsual(node, {"Sigmoid", "Tanh"}))
    return;
  Gru layer(node, hidden);
  lowerLayer(node, layer, 3, hidden);
}

static void lowerLstm(Node &node) {
  int64_t hidden = readHidden(node);
  if (!hidden || !expectUsual(node, {"Sigmoid", "Tanh", "Tanh"}))
    return;
  Lstm layer(node, hidden);
  lowerLayer(node, layer, 4, hidden);
}

ArrayRef<Operator> linnet::onnx_frontend::getRecurrentLayerOperators() {
  static const Operator operators[] = {
      {"GRU", 3, 6, lowerGru, 7},
      {"LSTM", 3, 8, lowerLstm, 7},
      {"RNN", 3, 6, lowerRnn, 7},
  };
  return operators;
}
