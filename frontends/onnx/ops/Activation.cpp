//===- Activation.cpp - activation functions -===//
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

/// A float function of one element.
static void lowerFunction(Node &node, llvm::function_ref<Value(Scalars &, Value)> body) {
  if (node.expectFloat(0))
    node.out(0, node.map(node.in(0), node.in(0).type, [&](Scalars &s, ValueRange v) { return body(s, v[0]); }));
}

static void lowerRelu(Node &node) {
  if (node.expectNumbers(0))
    node.out(0,
             node.map(node.in(0), node.in(0).type, [](Scalars &s, ValueRange v) { return s.max(v[0], s.number(0)); }));
}

static void lowerLeakyRelu(Node &node) {
  double alpha = node.real("alpha", 0.01f);
  lowerFunction(node,
                [&](Scalars &s, Value x) { return s.select(s.less(x, s.number(0)), s.mul(x, s.number(alpha)), x); });
}

static void lowerPRelu(Node &node) {
  if (!node.expectNumbers(0) || !node.expectSameType(1))
    return;
  node.out(0, node.mapTo(node.in(0).sizes, node.all(), node.in(0).type, [](Scalars &s, ValueRange v) {
    return s.select(s.less(v[0], s.number(0)), s.mul(v[0], v[1]), v[0]);
  }));
}

static void lowerThresholdedRelu(Node &node) {
  double alpha = node.real("alpha", 1);
  lowerFunction(node, [&](Scalars &s, Value x) {
    Value zero = s.number(0);
    return s.select(s.less(s.number(alpha), x), x, zero);
  });
}

static void lowerElu(Node &node) {
  double alpha = node.real("alpha", 1);
  lowerFunction(node, [&](Scalars &s, Value x) {
    return s.select(s.less(x, s.number(0)), s.mul(s.number(alpha), s.expm1(x)), x);
  });
}

static void lowerSelu(Node &node) {
  double alpha = node.real("alpha", 1.67326319217681884765625), gamma = node.real("gamma", 1.05070102214813232421875);
  lowerFunction(node, [&](Scalars &s, Value x) {
    Value negative = s.mul(s.number(alpha), s.expm1(x));
    return s.mul(s.number(gamma), s.select(s.less(s.number(0), x), x, negative));
  });
}

static void lowerCelu(Node &node) {
  double alpha = node.real("alpha", 1);
  lowerFunction(node, [&](Scalars &s, Value x) {
    Value zero = s.number(0), a = s.number(alpha);
    return s.add(s.max(zero, x), s.min(zero, s.mul(a, s.expm1(s.div(x, a)))));
  });
}

static Value hardSigmoid(Scalars &s, Value x, double alpha, double beta) {
  Value line = s.add(s.mul(s.number(alpha), x), s.number(beta));
  return s.max(s.number(0), s.min(s.number(1), line));
}

static void lowerHardSigmoid(Node &node) {
  double alpha = node.real("alpha", 0.2f), beta = node.real("beta", 0.5);
  lowerFunction(node, [&](Scalars &s, Value x) { return hardSigmoid(s, x, alpha, beta); });
}

static void lowerHardSwish(Node &node) {
  lowerFunction(node, [](Scalars &s, Value x) { return s.mul(x, hardSigmoid(s, x, 1.0 / 6, 0.5)); });
}

static void lowerSigmoid(Node &node) {
  lowerFunction(node, [](Scalars &s, Value x) { return s.sigmoid(x); });
}
static void lowerTanh(Node &node) {
  lowerFunction(node, [](Scalars &s, Value x) { return s.tanh(x); });
}
static void lowerSoftplus(Node &node) {
  lowerFunction(node, [](Scalars &s, Value x) { return s.softplus(x); });
}
static void lowerSoftsign(Node &node) {
  lowerFunction(node, [](Scalars &s, Value x) { return s.div(x, s.add(s.number(1), s.abs(x))); });
}
static void lowerMish(Node &node) {
  lowerFunction(node, [](Scalars &s, Value x) { return s.mul(x, s.tanh(s.softplus(x))); });
}

static Value swish(Scalars &s, Value x, double alpha) { return s.mul(x, s.sigmoid(s.mul(s.number(alpha), x))); }

static void lowerSwish(Node &node) {
  double alpha = node.real("alpha", 1);
  lowerFunction(node, [&](Scalars &s, Value x) { return swish(s, x, alpha); });
}

static void lowerSwiGlu(Node &node) {
  if (!node.expectFloat(0) || !node.expectSameType(1))
    return;
  double alpha = node.real("alpha", 1);
  node.out(0, node.map(node.all(), node.in(0).type,
                       [&](Scalars &s, ValueRange v) { return s.mul(swish(s, v[0], alpha), v[1]); }));
}

static void lowerGelu(Node &node) {
  bool usesTanh = node.text("approximate", "none") == "tanh";
  lowerFunction(node, [&](Scalars &s, Value x) {
    Value one = s.number(1), half = s.number(0.5);
    Value inner = usesTanh ? s.tanh(s.mul(s.number(0.79788456080286535588),
                                          s.add(x, s.mul(s.number(0.044715), s.mul(x, s.mul(x, x))))))
                           : s.erf(s.mul(x, s.number(0.70710678118654752440)));
    return s.mul(s.mul(half, x), s.add(one, inner));
  });
}

static void lowerShrink(Node &node) {
  double lambda = node.real("lambd", 0.5), bias = node.real("bias", 0);
  if (!node.expectNumbers(0))
    return;
  int32_t type = node.in(0).type, computed = isFloat(type) ? getComputeType(type) : static_cast<int32_t>(kFloat);
  node.out(0, node.map(node.in(0), type, [&](Scalars &outer, ValueRange v) {
    Scalars s(outer.getLoc(), outer, computed);
    Value x = s.convert(v[0], outer.type, computed), zero = s.number(0);
    Value below = s.less(x, s.number(-lambda)), above = s.less(s.number(lambda), x);
    Value result = s.select(below, s.add(x, s.number(bias)), s.select(above, s.sub(x, s.number(bias)), zero));
    return s.convert(result, computed, outer.type);
  }));
}

//===----------------------------------------------------------------------===//
// Along an axis
//===----------------------------------------------------------------------===//

static std::optional<int64_t> floatAxis(Node &node) {
  if (!node.expectFloat(0) || !node.expectRank(0, 1, 64))
    return std::nullopt;
  return node.axis(node.integer("axis", -1), node.in(0).rank());
}

static void lowerSoftmax(Node &node) {
  if (std::optional<int64_t> axis = floatAxis(node))
    node.out(0, node.softmax(node.in(0), *axis));
}

static void lowerLogSoftmax(Node &node) {
  std::optional<int64_t> axis = floatAxis(node);
  if (!axis)
    return;
  Tensor x = node.cast(node.in(0), getComputeType(node.in(0).type));
  Tensor shifted = node.sub(x, node.maximum(x, *axis, true));
  Tensor powers = node.map(shifted, x.type, [](Scalars &s, ValueRange v) { return s.exp(v[0]); });
  Tensor total = node.sum(powers, *axis, true);
  Tensor result = node.map({shifted, total}, x.type, [](Scalars &s, ValueRange v) { return s.sub(v[0], s.log(v[1])); });
  node.out(0, node.cast(result, node.in(0).type));
}

/// 1 at the first largest element of a row, 0 elsewhere.
static void lowerHardmax(Node &node) {
  std::optional<int64_t> axis = floatAxis(node);
  if (!axis)
    return;
  const Tensor &x = node.in(0);
  Value source = node.value(x), length = node.asValue(x.sizes[*axis]);
  node.out(0, node.generate(x.type, x.sizes, [&](Scalars &s, ValueRange indices) {
    Scalars c(s.getLoc(), s, getComputeType(x.type));
    Value self = c.convert(c.load(source, indices), x.type, c.type);
    Value wins = c.loop(c.index(0), length, c.boolean(true), [&](Scalars &in, Value i, ValueRange carried) {
      SmallVector<Value> place(indices);
      place[*axis] = i;
      Value other = in.convert(in.load(source, place), x.type, in.type);
      Value isBefore = in.compareIndex(Scalars::Order::Less, i, indices[*axis]);
      Value loses = in.logicalOr(in.less(self, other), in.logicalAnd(isBefore, in.equal(self, other)));
      return SmallVector<Value>{in.logicalAnd(carried[0], in.logicalNot(loses))};
    })[0];
    return s.convert(wins, kBool, x.type);
  }));
}

/// Inference keeps every element.
static void lowerDropout(Node &node) {
  if (node.has(2)) {
    std::optional<SmallVector<int64_t>> training = node.knownNumbers(2, "training_mode");
    std::optional<double> ratio = node.has(1) ? node.splat(node.in(1)) : 0.5;
    if (!training ||
        !node.expect(training->size() == 1 && (!training->front() || ratio == 0),
                     "expected a model for inference (training_mode false), got one for training: random numbers are "
                     "not supported"))
      return;
  }
  node.out(0, node.in(0));
  if (node.wants(1))
    node.out(1, node.full(kBool, node.in(0).sizes, 1));
}

ArrayRef<Operator> linnet::onnx_frontend::getActivationOperators() {
  static const Operator operators[] = {
      {"Celu", 1, 1, lowerCelu},
      {"Dropout", 1, 3, lowerDropout},
      {"Elu", 1, 1, lowerElu},
      {"Gelu", 1, 1, lowerGelu},
      {"HardSigmoid", 1, 1, lowerHardSigmoid},
      {"HardSwish", 1, 1, lowerHardSwish},
      {"Hardmax", 1, 1, lowerHardmax, 13},
      {"LeakyRelu", 1, 1, lowerLeakyRelu},
      {"LogSoftmax", 1, 1, lowerLogSoftmax, 13},
      {"Mish", 1, 1, lowerMish},
      {"PRelu", 2, 2, lowerPRelu, 7},
      {"Relu", 1, 1, lowerRelu},
      {"Selu", 1, 1, lowerSelu},
      {"Shrink", 1, 1, lowerShrink},
      {"Sigmoid", 1, 1, lowerSigmoid},
      {"Softmax", 1, 1, lowerSoftmax, 13},
      {"Softplus", 1, 1, lowerSoftplus},
      {"Softsign", 1, 1, lowerSoftsign},
      {"SwiGLU", 2, 2, lowerSwiGlu},
      {"Swish", 1, 1, lowerSwish},
      {"Tanh", 1, 1, lowerTanh},
      {"ThresholdedRelu", 1, 1, lowerThresholdedRelu},
  };
  return operators;
}
