//===- Recurrent.cpp - linear attention and causal convolutions with a state -===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/onnx/Node.h"
#include "frontends/onnx/Registry.h"

#include "dialects/linnet/Linnet.h"

#include "mlir/Dialect/Utils/StaticValueUtils.h"

#include <cmath>

using namespace mlir;
using namespace linnet;
using namespace linnet::onnx_frontend;

/// [B, T, H * D] as [B, T, H, D].
static Tensor splitHeads(Node &node, int64_t input, int64_t heads) {
  const Tensor &x = node.in(input);
  std::optional<int64_t> width = x.rank() == 3 ? getConstantIntValue(x.sizes[2]) : std::nullopt;
  if (!node.expect(width && heads > 0 && *width % heads == 0, "expected input " + Twine(input) + " [B, T, " +
                                                                  Twine(heads) + " heads of one size], got " +
                                                                  showTensor(x)))
    return node.broken(kFloat, Sizes(4, node.size(1)));
  Tensor wide = node.cast(x, kFloat);
  return node.reshape(wide, {x.sizes[0], x.sizes[1], node.size(heads), node.size(*width / heads)});
}

/// Each of the heads, which are dimension `dim`, as often as there are queries that read it.
static Tensor repeatHeads(Node &node, const Tensor &x, int64_t dim, int64_t times) {
  if (times == 1)
    return x;
  Sizes sizes(x.sizes);
  sizes.insert(sizes.begin() + dim + 1, node.size(times));
  Tensor spread = node.broadcastTo(node.unsqueeze(x, dim + 1), sizes);
  Sizes merged(x.sizes);
  merged[dim] = node.mulSizes(merged[dim], node.size(times));
  return node.reshape(spread, merged);
}

/// linnet.linear_attention (docs/spec/linear-attention.md), in f32.
static void lowerLinearAttention(Node &node) {
  for (int64_t i = 0; i < 3; ++i)
    if (!node.expectFloat(i) || !node.expectRank(i, 3, 3))
      return;
  int64_t queryHeads = node.integer("q_num_heads", 0), heads = node.integer("kv_num_heads", 0);
  std::string rule = node.text("update_rule", "gated_delta");
  bool isGated = rule == "gated" || rule == "gated_delta", isDelta = rule == "delta" || rule == "gated_delta";
  if (!node.expect(heads > 0 && queryHeads > 0 && queryHeads % heads == 0,
                   "expected q_num_heads to be a multiple of kv_num_heads, got " + Twine(queryHeads) + " and " +
                       Twine(heads)) ||
      !node.expect(isGated || isDelta || rule == "linear",
                   "expected update_rule to be linear, gated, delta or gated_delta, got '" + rule + "'") ||
      !node.expect(node.has(4) == isGated && node.has(5) == isDelta,
                   "expected decay where the rule is gated and beta where it is a delta rule, and none elsewhere; the "
                   "rule is '" +
                       rule + "'"))
    return;
  Tensor q = splitHeads(node, 0, queryHeads), k = splitHeads(node, 1, heads), v = splitHeads(node, 2, heads);
  if (node.failed)
    return;
  OpFoldResult batch = q.sizes[0], time = q.sizes[1];
  std::optional<int64_t> keys = getConstantIntValue(k.sizes[3]);
  if (!node.expect(keys && *keys > 0 && TensorBuilder::same(q.sizes[3], k.sizes[3]),
                   "expected heads of one size in query and key, got " + showTensor(q) + " and " + showTensor(k)))
    return;
  Tensor decay, beta;
  if (isGated) {
    decay = splitHeads(node, 4, heads);
    if (node.failed)
      return;
    std::optional<int64_t> width = getConstantIntValue(decay.sizes[3]);
    if (!node.expect(width == 1 || width == keys, "expected decay per head or per key, got " + showTensor(node.in(4))))
      return;
    if (width == 1)
      decay = node.squeeze(decay, 3);
  }
  if (isDelta) {
    if (!node.expectFloat(5) || !node.expectRank(5, 3, 3))
      return;
    beta = node.broadcastTo(node.cast(node.in(5), kFloat), {batch, time, node.size(heads)});
  }
  int32_t stateType = node.has(3) ? node.in(3).type : node.in(0).type;
  Sizes stateSizes = {batch, node.size(heads), k.sizes[3], v.sizes[3]};
  if (node.has(3) && (!node.expectFloat(3) || !node.expectRank(3, 4, 4)))
    return;
  Tensor state = node.has(3) ? node.cast(node.in(3), kFloat) : node.full(kFloat, stateSizes, 0);
  // Every head of queries gets a head of values of its own, where several share one.
  int64_t times = queryHeads / heads;
  v = repeatHeads(node, v, 2, times);
  state = repeatHeads(node, state, 1, times);
  if (decay)
    decay = repeatHeads(node, decay, 2, times);
  if (beta)
    beta = repeatHeads(node, beta, 2, times);
  double scale = node.real("scale", 0);
  if (scale == 0)
    scale = 1 / std::sqrt(static_cast<double>(*keys));
  Tensor init = node.empty(kFloat, v.sizes);
  auto optional = [&](const Tensor &x) { return x ? node.value(x) : Value(); };
  auto op = LinearAttentionOp::create(
      node.ops, init.value.getType(), node.value(state).getType(), node.value(q), node.value(k), node.value(v),
      init.value, node.value(state), optional(decay), optional(beta), /*erase=*/Value(), /*write=*/Value(),
      /*bonus=*/Value(), /*cu_seqlens=*/Value(), node.ops.getF64FloatAttr(scale),
      StateLayoutAttr::get(node.ops.getContext(), StateLayout::KV), /*pre_update=*/UnitAttr(),
      /*normalize=*/UnitAttr(), /*qk_l2norm=*/UnitAttr(), /*l2norm_eps=*/node.ops.getF64FloatAttr(1e-6),
      /*bidirectional=*/UnitAttr(), /*reverse=*/UnitAttr(), /*chunk_size=*/IntegerAttr(),
      /*sub_chunk_size=*/IntegerAttr(), /*gate_lower_bound=*/FloatAttr());
  Tensor result = node.wrap(op.getO(), kFloat, v.sizes), last = node.wrap(op.getState(), kFloat, state.sizes);
  result = node.reshape(result, {batch, time, node.mulSizes(v.sizes[2], v.sizes[3])});
  node.out(0, node.cast(result, node.in(0).type));
  if (times > 1) {
    Sizes grouped = stateSizes;
    grouped.insert(grouped.begin() + 2, node.size(times));
    last = node.squeeze(node.slice(node.reshape(last, grouped), 2, node.size(0), node.size(1)), 2);
  }
  node.out(1, node.cast(last, stateType));
}

/// linnet.causal_conv1d (docs/spec/scan.md), in f32.
static void lowerCausalConv(Node &node) {
  if (!node.expectFloat(0) || !node.expectRank(0, 3, 3) || !node.expectFloat(1) || !node.expectRank(1, 3, 3) ||
      (node.has(2) && (!node.expectFloat(2) || !node.expectRank(2, 1, 1))) ||
      (node.has(3) && (!node.expectFloat(3) || !node.expectRank(3, 3, 3))))
    return;
  std::string activation = node.text("activation", "none");
  bool silu = activation == "silu" || activation == "swish";
  const Tensor &x = node.in(0), &weight = node.in(1);
  std::optional<int64_t> taps = getConstantIntValue(weight.sizes[2]);
  if (!node.expect(silu || activation == "none",
                   "expected activation to be none, silu or swish, got '" + activation + "'") ||
      !node.expect(taps && *taps > 0 && getConstantIntValue(weight.sizes[1]) == 1,
                   "expected a weight [C, 1, k], got " + showTensor(weight)))
    return;
  Sizes stateSizes = {x.sizes[0], x.sizes[1], node.size(*taps - 1)};
  Tensor wide = node.cast(x, kFloat), init = node.empty(kFloat, x.sizes);
  Tensor w = node.squeeze(node.cast(weight, kFloat), 1);
  Tensor state = node.has(3) ? node.cast(node.in(3), kFloat) : node.full(kFloat, stateSizes, 0);
  Value bias = node.has(2) ? node.value(node.cast(node.in(2), kFloat)) : Value();
  auto op = CausalConv1dOp::create(node.ops, init.value.getType(), node.value(state).getType(), node.value(wide),
                                   node.value(w), init.value, node.value(state), bias, Layout::BDT,
                                   silu ? Activation::Silu : Activation::None);
  node.out(0, node.cast(node.wrap(op.getY(), kFloat, x.sizes), x.type));
  node.out(1, node.cast(node.wrap(op.getState(), kFloat, stateSizes), x.type));
}

ArrayRef<Operator> linnet::onnx_frontend::getRecurrentOperators() {
  static const Operator operators[] = {
      {"CausalConvWithState", 2, 4, lowerCausalConv},
      {"LinearAttention", 3, 6, lowerLinearAttention},
  };
  return operators;
}
