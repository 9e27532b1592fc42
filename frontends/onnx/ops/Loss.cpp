//===- Loss.cpp - losses -===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/onnx/Node.h"
#include "frontends/onnx/Registry.h"

#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace linnet::onnx_frontend;

/// The negative log likelihoods of the targets, by the logarithms of probabilities [N, C, ...]: of each, or their
/// (weighted) sum or mean.
static void likelihood(Node &node, const Tensor &logs, const Tensor &targets, const Tensor &weights) {
  std::string reduction = node.text("reduction", "mean");
  if (!node.expect(isInteger(targets.type) && targets.rank() == logs.rank() - 1,
                   "expected a target of integers for every row, got " + showTensor(targets)) ||
      !node.expect(!weights || (weights.type == logs.type && weights.rank() == 1), "expected one weight per class") ||
      !node.expect(reduction == "mean" || reduction == "sum" || reduction == "none",
                   "expected reduction to be mean, sum or none, got '" + reduction + "'"))
    return;
  int32_t type = logs.type, computed = getComputeType(type);
  bool ignores = node.attribute("ignore_index") != nullptr;
  int64_t ignored = node.integer("ignore_index", 0);
  Value chosen = node.value(targets), source = node.value(logs), classes = node.asValue(logs.sizes[1]);
  Value factors = weights ? node.value(weights) : Value();
  auto forEach = [&](llvm::function_ref<Value(Scalars &, ValueRange place, Value weight)> body) {
    return node.generate(computed, targets.sizes, [&](Scalars &s, ValueRange i) {
      Value target = s.toIndex(s.load(chosen, i), targets.type);
      Value place = s.maxIndex(s.index(0), s.minIndex(target, s.subIndex(classes, s.index(1))));
      Value weight = factors ? s.convert(s.load(factors, place), type, computed) : s.number(1);
      if (ignores)
        weight = s.select(s.compareIndex(Scalars::Order::Equal, target, s.index(ignored)), s.number(0), weight);
      SmallVector<Value> at(i);
      at.insert(at.begin() + 1, place);
      return body(s, at, weight);
    });
  };
  Tensor losses = forEach([&](Scalars &s, ValueRange at, Value weight) {
    Value zero = s.number(0), log = s.convert(s.load(source, at), type, computed);
    return s.select(s.equal(weight, zero), zero, s.neg(s.mul(log, weight)));
  });
  SmallVector<int64_t> axes = llvm::to_vector(llvm::seq<int64_t>(targets.rank()));
  if (reduction != "none") {
    Tensor total = node.sum(losses, axes, false);
    if (reduction == "mean") {
      Tensor counts = forEach([](Scalars &, ValueRange, Value weight) { return weight; });
      total = node.div(total, node.sum(counts, axes, false));
    }
    losses = total;
  }
  node.out(0, node.cast(losses, type));
}

static void lowerNegativeLogLikelihood(Node &node) {
  if (node.expectFloat(0) && node.expectRank(0, 2, 64))
    likelihood(node, node.in(0), node.in(1), node.has(2) ? node.in(2) : Tensor());
}

static void lowerCrossEntropy(Node &node) {
  if (!node.expectFloat(0) || !node.expectRank(0, 2, 64))
    return;
  int32_t type = node.in(0).type, computed = getComputeType(type);
  Tensor x = node.cast(node.in(0), computed), shifted = node.sub(x, node.maximum(x, 1, true));
  Tensor powers = node.map(shifted, computed, [](Scalars &s, ValueRange v) { return s.exp(v[0]); });
  Tensor logs = node.map({shifted, node.sum(powers, 1, true)}, computed,
                         [](Scalars &s, ValueRange v) { return s.sub(v[0], s.log(v[1])); });
  logs = node.cast(logs, type);
  node.out(1, logs);
  likelihood(node, logs, node.in(1), node.has(2) ? node.in(2) : Tensor());
}

ArrayRef<Operator> linnet::onnx_frontend::getLossOperators() {
  static const Operator operators[] = {
      {"NegativeLogLikelihoodLoss", 2, 3, lowerNegativeLogLikelihood},
      {"SoftmaxCrossEntropyLoss", 2, 3, lowerCrossEntropy},
  };
  return operators;
}
