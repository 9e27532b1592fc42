//===- Normalization.cpp - operators that normalize -===//
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

/// rsqrt as the operators define it: one over the root.
static Tensor inverseRoot(Node &node, const Tensor &variance, double epsilon) {
  return node.map(variance, variance.type,
                  [&](Scalars &s, ValueRange v) { return s.div(s.number(1), s.sqrt(s.add(v[0], s.number(epsilon)))); });
}

static Tensor square(Node &node, const Tensor &x) {
  return node.map(x, x.type, [](Scalars &s, ValueRange v) { return s.mul(v[0], v[0]); });
}

static SmallVector<int64_t> range(int64_t from, int64_t to) { return llvm::to_vector(llvm::seq<int64_t>(from, to)); }

/// The type that a model computes in: stash_type, where it is a float type, and at least f32.
static int32_t getStashType(Node &node) {
  auto stash = static_cast<int32_t>(node.integer("stash_type", kFloat));
  return node.in(0).type == kDouble || stash == kDouble ? kDouble : kFloat;
}

/// The dimensions from `axis` on, of a tensor of floats with a scale of floats.
static std::optional<SmallVector<int64_t>> readNormalizedAxes(Node &node) {
  if (!node.expectFloat(0) || !node.expectFloat(1) || !node.expectRank(0, 1, 64))
    return std::nullopt;
  int64_t rank = node.in(0).rank();
  std::optional<int64_t> axis = node.axis(node.integer("axis", -1), rank);
  if (!axis)
    return std::nullopt;
  return range(*axis, rank);
}

static void lowerLayerNormalization(Node &node) {
  const Tensor &x = node.in(0);
  std::optional<SmallVector<int64_t>> axes = readNormalizedAxes(node);
  if (!axes)
    return;
  int32_t type = getStashType(node);
  Tensor wide = node.cast(x, type), mean = node.mean(wide, *axes, true), centered = node.sub(wide, mean);
  Tensor inverse = inverseRoot(node, node.mean(square(node, centered), *axes, true), node.real("epsilon", 1e-5f));
  Tensor result = node.mul(node.cast(node.mul(centered, inverse), x.type), node.cast(node.in(1), x.type));
  if (node.has(2))
    result = node.add(result, node.cast(node.in(2), x.type));
  node.out(0, result);
  node.out(1, node.cast(mean, static_cast<int32_t>(node.integer("stash_type", kFloat))));
  node.out(2, node.cast(inverse, static_cast<int32_t>(node.integer("stash_type", kFloat))));
}

static void lowerRmsNormalization(Node &node) {
  const Tensor &x = node.in(0);
  std::optional<SmallVector<int64_t>> axes = readNormalizedAxes(node);
  if (!axes)
    return;
  Tensor wide = node.cast(x, getStashType(node));
  Tensor inverse = inverseRoot(node, node.mean(square(node, wide), *axes, true), node.real("epsilon", 1e-5f));
  Tensor normal = node.cast(node.mul(wide, inverse), node.in(1).type);
  node.out(0, node.mul(normal, node.in(1)));
}

/// Of one number per channel, which is dimension 1, as it spreads over `rank` dimensions.
static Tensor perChannel(Node &node, const Tensor &values, int64_t rank, int32_t type) {
  return node.unsqueeze(node.cast(values, type), range(1, rank - 1));
}

static void lowerBatchNormalization(Node &node) {
  const Tensor &x = node.in(0);
  if (!node.expectFloat(0) || !node.expectRank(0, 2, 64))
    return;
  for (int64_t i = 1; i < 5; ++i)
    if (!node.expectFloat(i) || !node.expectRank(i, 1, 1))
      return;
  int32_t type = getComputeType(x.type);
  Tensor wide = node.cast(x, type), mean = node.cast(node.in(3), type), variance = node.cast(node.in(4), type);
  if (node.integer("training_mode", 0)) {
    SmallVector<int64_t> axes = range(0, x.rank());
    axes.erase(axes.begin() + 1);
    Tensor current = node.mean(wide, axes, false);
    Tensor spread = node.mean(square(node, node.sub(wide, perChannel(node, current, x.rank(), type))), axes, false);
    double momentum = node.real("momentum", 0.9f);
    auto blend = [&](const Tensor &old, const Tensor &fresh) {
      return node.map({old, fresh}, type, [&](Scalars &s, ValueRange v) {
        return s.add(s.mul(v[0], s.number(momentum)), s.mul(v[1], s.number(1 - momentum)));
      });
    };
    node.out(1, node.cast(blend(mean, current), node.in(3).type));
    node.out(2, node.cast(blend(variance, spread), node.in(4).type));
    mean = current, variance = spread;
  }
  Tensor inverse = inverseRoot(node, variance, node.real("epsilon", 1e-5f));
  auto spread = [&](const Tensor &values) { return perChannel(node, values, x.rank(), type); };
  Tensor normal = node.mul(node.sub(wide, spread(mean)), spread(inverse));
  node.out(0, node.cast(node.add(node.mul(normal, spread(node.in(1))), spread(node.in(2))), x.type));
}

/// (x - mean) / sqrt(variance + epsilon), over all dimensions from `axis`.
static Tensor normalize(Node &node, const Tensor &x, ArrayRef<int64_t> axes, double epsilon) {
  Tensor centered = node.sub(x, node.mean(x, axes, true));
  return node.mul(centered, inverseRoot(node, node.mean(square(node, centered), axes, true), epsilon));
}

static void lowerInstanceNormalization(Node &node) {
  const Tensor &x = node.in(0);
  if (!node.expectFloat(0) || !node.expectRank(0, 3, 64) || !node.expectRank(1, 1, 1) || !node.expectRank(2, 1, 1))
    return;
  int32_t type = getComputeType(x.type);
  Tensor normal = normalize(node, node.cast(x, type), range(2, x.rank()), node.real("epsilon", 1e-5f));
  Tensor scaled = node.mul(normal, perChannel(node, node.in(1), x.rank(), type));
  node.out(0, node.cast(node.add(scaled, perChannel(node, node.in(2), x.rank(), type)), x.type));
}

static void lowerGroupNormalization(Node &node) {
  const Tensor &x = node.in(0);
  if (!node.expectFloat(0) || !node.expectRank(0, 2, 64) || !node.expectRank(1, 1, 1) || !node.expectRank(2, 1, 1))
    return;
  int64_t groups = node.integer("num_groups", 1);
  std::optional<int64_t> channels = getConstantIntValue(x.sizes[1]);
  if (!node.expect(channels && groups > 0 && *channels % groups == 0,
                   "expected channels in " + Twine(groups) + " groups of one size, got " + showTensor(x)))
    return;
  int32_t type = node.in(0).type == kDouble ? kDouble : kFloat;
  Sizes grouped = {x.sizes[0], node.size(groups), node.size(*channels / groups)};
  grouped.append(x.sizes.begin() + 2, x.sizes.end());
  Tensor wide = node.reshape(node.cast(x, type), grouped);
  Tensor normal = normalize(node, wide, range(2, wide.rank()), node.real("epsilon", 1e-5f));
  normal = node.reshape(normal, x.sizes);
  // Before version 21 there is one factor per group.
  auto perGroup = [&](const Tensor &values) {
    if (node.opset >= 21)
      return values;
    Tensor spread = node.broadcastTo(node.unsqueeze(values, 1), {node.size(groups), node.size(*channels / groups)});
    return node.flatten(spread);
  };
  Tensor scaled = node.mul(normal, perChannel(node, perGroup(node.in(1)), x.rank(), type));
  node.out(0, node.cast(node.add(scaled, perChannel(node, perGroup(node.in(2)), x.rank(), type)), x.type));
}

static void lowerMeanVarianceNormalization(Node &node) {
  const Tensor &x = node.in(0);
  if (!node.expectFloat(0))
    return;
  SmallVector<int64_t> axes = node.integers("axes").value_or(SmallVector<int64_t>{0, 2, 3});
  for (int64_t &axis : axes) {
    std::optional<int64_t> checked = node.axis(axis, x.rank());
    if (!checked)
      return;
    axis = *checked;
  }
  Tensor wide = node.cast(x, getComputeType(x.type)), centered = node.sub(wide, node.mean(wide, axes, true));
  Tensor variance = node.mean(square(node, centered), axes, true);
  Tensor result = node.map({centered, variance}, wide.type,
                           [](Scalars &s, ValueRange v) { return s.div(v[0], s.add(s.sqrt(v[1]), s.number(1e-9))); });
  node.out(0, node.cast(result, x.type));
}

static void lowerLpNormalization(Node &node) {
  const Tensor &x = node.in(0);
  if (!node.expectFloat(0) || !node.expectRank(0, 1, 64))
    return;
  std::optional<int64_t> axis = node.axis(node.integer("axis", -1), x.rank());
  int64_t p = node.integer("p", 2);
  if (!axis || !node.expect(p == 1 || p == 2, "expected p to be 1 or 2, got " + Twine(p)))
    return;
  Tensor wide = node.cast(x, getComputeType(x.type));
  Tensor terms =
      p == 2 ? square(node, wide) : node.map(wide, wide.type, [](Scalars &s, ValueRange v) { return s.abs(v[0]); });
  Tensor norm = node.sum(terms, *axis, true);
  Tensor result = node.map({wide, norm}, wide.type, [&](Scalars &s, ValueRange v) {
    Value length = p == 2 ? s.sqrt(v[1]) : v[1], zero = s.number(0);
    return s.select(s.equal(length, zero), zero, s.div(v[0], length));
  });
  node.out(0, node.cast(result, x.type));
}

/// x / (bias + alpha / size * sum of squares of the channels around) ^ beta
static void lowerLrn(Node &node) {
  const Tensor &x = node.in(0);
  if (!node.expectFloat(0) || !node.expectRank(0, 2, 64))
    return;
  int64_t size = node.integer("size", 1);
  if (!node.expect(size > 0, "expected a size of at least 1, got " + Twine(size)))
    return;
  double alpha = node.real("alpha", 1e-4f), beta = node.real("beta", 0.75), bias = node.real("bias", 1);
  Value source = node.value(x), channels = node.asValue(x.sizes[1]);
  node.out(0, node.generate(x.type, x.sizes, [&](Scalars &outer, ValueRange indices) {
    Scalars s(outer.getLoc(), outer, getComputeType(x.type));
    Value from = s.maxIndex(s.index(0), s.subIndex(indices[1], s.index((size - 1) / 2)));
    Value to = s.minIndex(channels, s.addIndex(indices[1], s.index(size - 1 - (size - 1) / 2 + 1)));
    auto load = [&](Scalars &at, Value channel) {
      SmallVector<Value> place(indices);
      place[1] = channel;
      return at.convert(at.load(source, place), x.type, at.type);
    };
    Value sum = s.loop(from, to, s.number(0), [&](Scalars &in, Value channel, ValueRange carried) {
      Value element = load(in, channel);
      return SmallVector<Value>{in.add(carried[0], in.mul(element, element))};
    })[0];
    Value base = s.add(s.number(bias), s.mul(s.number(alpha / static_cast<double>(size)), sum));
    Value result = s.div(load(s, indices[1]), s.pow(base, s.number(beta)));
    return s.convert(result, s.type, x.type);
  }));
}

ArrayRef<Operator> linnet::onnx_frontend::getNormalizationOperators() {
  static const Operator operators[] = {
      {"BatchNormalization", 5, 5, lowerBatchNormalization, 9},
      {"GroupNormalization", 3, 3, lowerGroupNormalization},
      {"InstanceNormalization", 3, 3, lowerInstanceNormalization},
      {"LRN", 1, 1, lowerLrn},
      {"LayerNormalization", 2, 3, lowerLayerNormalization},
      {"LpNormalization", 1, 1, lowerLpNormalization},
      {"MeanVarianceNormalization", 1, 1, lowerMeanVarianceNormalization},
      {"RMSNormalization", 2, 2, lowerRmsNormalization},
  };
  return operators;
}
