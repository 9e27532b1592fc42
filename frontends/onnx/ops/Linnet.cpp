//===- Linnet.cpp - the operators of the domain ai.linnet -----------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Linnet's operations under the names and with the operands of linnet.ops, computed in f32. docs/rationale/onnx.md has
// the list.
//
//===----------------------------------------------------------------------===//

#include "dialects/linnet/Linnet.h"
#include "frontends/onnx/Node.h"
#include "frontends/onnx/Registry.h"

#include "mlir/Dialect/Utils/StaticValueUtils.h"

#include <cmath>

using namespace mlir;
using namespace linnet;
using namespace linnet::onnx_frontend;

namespace {
/// Gives operations their operands in f32, and takes results back in the type of the model.
class Operands {
public:
  explicit Operands(Node &node) : node(node) {}

  /// An input, or a null value where it is absent.
  Value get(int64_t i) { return node.has(i) ? node.value(node.cast(node.in(i), kFloat)) : Value(); }
  /// A state, of zeros where it is absent.
  Value state(int64_t i, Sizes sizes) { return node.has(i) ? get(i) : node.value(node.full(kFloat, sizes, 0)); }
  Value init(const Sizes &sizes) { return node.empty(kFloat, sizes).value; }
  void give(int64_t i, Value value, const Sizes &sizes) {
    node.out(i, node.cast(node.wrap(value, kFloat, sizes), node.in(0).type));
  }
  UnitAttr flag(StringRef name) { return node.integer(name, 0) ? node.ops.getUnitAttr() : UnitAttr(); }

private:
  Node &node;
};
} // namespace

/// All inputs that are there are floats; input i has `ranks[i]` dimensions, or any number where that is 0.
static bool expectRanks(Node &node, ArrayRef<int64_t> ranks) {
  for (int64_t i = 0; i < node.inputs(); ++i)
    if (node.has(i) && (!node.expectFloat(i) || (ranks[i] && !node.expectRank(i, ranks[i], ranks[i]))))
      return false;
  return true;
}

/// The operation that was built says what does not fit, with the number of its constraint.
template <typename Op> static bool expectValid(Node &node, Op op) {
  if (succeeded(op.verifyInvariants()))
    return true;
  node.failed = true;
  return false;
}

/// x [B, D, T], weight [D, W], bias [D], initial_state [B, D, W - 1]
static void lowerCausalConv1d(Node &node) {
  std::string activation = node.text("activation", "none");
  bool silu = activation == "silu" || activation == "swish";
  if (!expectRanks(node, {3, 2, 1, 3}) ||
      !node.expect(silu || activation == "none",
                   "expected activation to be none, silu or swish, got '" + activation + "'"))
    return;
  Operands in(node);
  const Sizes &x = node.in(0).sizes;
  Sizes stateSizes = {x[0], x[1], node.subSizes(node.in(1).sizes[1], node.size(1))};
  if (!node.expect(getConstantIntValue(stateSizes[2]).value_or(-1) >= 0, "expected a weight of 1 tap or more"))
    return;
  Value init = in.init(x), state = in.state(3, stateSizes);
  auto op = CausalConv1dOp::create(node.ops, init.getType(), state.getType(), in.get(0), in.get(1), init, state,
                                   in.get(2), Layout::BDT, silu ? Activation::Silu : Activation::None);
  if (!expectValid(node, op))
    return;
  in.give(0, op.getY(), x);
  in.give(1, op.getState(), stateSizes);
}

/// u, delta, z [B, D, T], A [D, N], B, C [B, N, T] or [B, G, N, T], D, delta_bias [D], initial_state [B, D, N]
static void lowerSelectiveScan(Node &node) {
  if (!expectRanks(node, {3, 3, 2, 0, 0, 1, 3, 1, 3}))
    return;
  Operands in(node);
  const Sizes &u = node.in(0).sizes;
  Sizes stateSizes = {u[0], u[1], node.in(2).sizes[1]};
  Value init = in.init(u), state = in.state(8, stateSizes);
  auto op = SelectiveScanOp::create(node.ops, init.getType(), state.getType(), in.get(0), in.get(1), in.get(2),
                                    in.get(3), in.get(4), init, state, in.get(5), in.get(6), in.get(7), Layout::BDT,
                                    node.integer("delta_softplus", 0) != 0);
  if (!expectValid(node, op))
    return;
  in.give(0, op.getY(), u);
  in.give(1, op.getState(), stateSizes);
}

/// x, z [B, T, H, P], dt [B, T, H], A, dt_bias [H], B, C [B, T, G, N], D [H] or [H, P], initial_state [B, H, P, N]
static void lowerSsd(Node &node) {
  if (!expectRanks(node, {4, 3, 1, 4, 4, 0, 4, 1, 4}))
    return;
  Operands in(node);
  const Sizes &x = node.in(0).sizes;
  Sizes stateSizes = {x[0], x[2], x[3], node.in(3).sizes[3]};
  std::optional<SmallVector<double>> limit = node.reals("dt_limit");
  if (!node.expect(!limit || limit->size() == 2, "expected dt_limit to have 2 numbers"))
    return;
  auto bound = [&](size_t i) { return limit ? node.ops.getF64FloatAttr((*limit)[i]) : FloatAttr(); };
  Value init = in.init(x), state = in.state(8, stateSizes);
  auto op = SsdOp::create(node.ops, init.getType(), state.getType(), in.get(0), in.get(1), in.get(2), in.get(3),
                          in.get(4), init, state, in.get(5), in.get(6), in.get(7), in.flag("dt_softplus"), bound(0),
                          bound(1), /*chunk_size=*/IntegerAttr());
  if (!expectValid(node, op))
    return;
  in.give(0, op.getY(), x);
  in.give(1, op.getState(), stateSizes);
}

/// q, k [B, T, H, K], v [B, T, H, V], log_decay, beta, erase, write, bonus, initial_state [B, H, K, V]
static void lowerLinearAttention(Node &node) {
  if (!expectRanks(node, {4, 4, 4, 0, 3, 4, 4, 2, 4}))
    return;
  Operands in(node);
  const Sizes &v = node.in(2).sizes;
  std::optional<int64_t> keys = getConstantIntValue(node.in(1).sizes[3]);
  if (!node.expect(keys && *keys > 0, "expected keys of a size known at compile time, got " + showTensor(node.in(1))))
    return;
  double scale = node.attribute("scale") ? node.real("scale", 1) : 1 / std::sqrt(static_cast<double>(*keys));
  Sizes stateSizes = {v[0], v[2], node.in(1).sizes[3], v[3]};
  Value init = in.init(v), state = in.state(8, stateSizes);
  std::string read = node.text("read", "post_update");
  if (!node.expect(read == "post_update" || read == "pre_update",
                   "expected read to be post_update or pre_update, got '" + read + "'"))
    return;
  auto op = LinearAttentionOp::create(
      node.ops, init.getType(), state.getType(), in.get(0), in.get(1), in.get(2), init, state, in.get(3), in.get(4),
      in.get(5), in.get(6), in.get(7), /*cu_seqlens=*/Value(), node.ops.getF64FloatAttr(scale),
      StateLayoutAttr::get(node.ops.getContext(), StateLayout::KV),
      read == "pre_update" ? node.ops.getUnitAttr() : UnitAttr(), /*normalize=*/UnitAttr(), in.flag("qk_l2norm"),
      /*l2norm_eps=*/node.ops.getF64FloatAttr(1e-6), /*bidirectional=*/UnitAttr(), in.flag("reverse"),
      /*chunk_size=*/IntegerAttr(), /*sub_chunk_size=*/IntegerAttr(), /*gate_lower_bound=*/FloatAttr());
  if (!expectValid(node, op))
    return;
  in.give(0, op.getO(), v);
  in.give(1, op.getState(), stateSizes);
}

ArrayRef<Operator> linnet::onnx_frontend::getLinnetOperators() {
  static const Operator operators[] = {
      {"CausalConv1d", 2, 4, lowerCausalConv1d, 1, "ai.linnet"},
      {"LinearAttention", 3, 9, lowerLinearAttention, 1, "ai.linnet"},
      {"SSD", 5, 9, lowerSsd, 1, "ai.linnet"},
      {"SelectiveScan", 5, 9, lowerSelectiveScan, 1, "ai.linnet"},
  };
  return operators;
}
