//===- FlaModel.cpp - what the models of flash-linear-attention share -----------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/checkpoint/FlaModel.h"

#include "frontends/checkpoint/Json.h"

#include "llvm/Support/MathExtras.h"

#include <cmath>

using namespace mlir;
using namespace linnet;
using namespace linnet::checkpoint;

int64_t FlaModel::readHeadSize(Config &config, StringRef name, double expand) {
  expand = config.number(name).value_or(expand);
  double all = static_cast<double>(modelSize) * expand, size = std::round(all) / static_cast<double>(heads);
  // An expansion such as 1 / 3 is a rounded number.
  bool isWhole = std::abs(all - std::round(all)) <= 1e-9 * all && size == std::floor(size);
  if (isWhole && size >= 1 && all <= INT32_MAX)
    return static_cast<int64_t>(size);
  config.error(name) << "expected hidden_size * " << name << " to be a multiple of the " << heads << " heads, got "
                     << modelSize << " * " << printJson(expand);
  return 1;
}

void FlaModel::readMlpSize(Config &config) {
  std::optional<int64_t> size = config.size({"intermediate_size"});
  double ratio = config.number({"hidden_ratio"}).value_or(defaults.hiddenRatio);
  // What the maker computes: two thirds, rounded up to a multiple of 256.
  double computed = std::floor(static_cast<double>(modelSize) * ratio * 2 / 3);
  if (!size && !(computed >= 1 && computed <= INT32_MAX / 2)) {
    config.error({"hidden_ratio"}) << "expected hidden_ratio to give the MLP a size, got " << printJson(ratio);
    computed = 1;
  }
  mlpSize = size.value_or(llvm::alignTo(static_cast<int64_t>(computed), 256));
}

void FlaModel::readOptions(Config &config) {
  heads = config.size({"num_heads"}).value_or(defaults.heads);
  keySize = readHeadSize(config, "expand_k", defaults.expandK);
  valueSize = readHeadSize(config, "expand_v", defaults.expandV);
  readMlpSize(config);
  hasGate = config.flag({"use_output_gate"}).value_or(true);
  if (config.flag({"use_short_conv"}).value_or(false))
    taps = readTaps(config, {"conv_size"});

  if (std::optional<int64_t> shared = config.size({"num_kv_heads"}); shared && *shared != heads)
    config.error({"num_kv_heads"}) << "expected num_kv_heads to be the " << heads << " heads, got " << *shared
                                   << ": heads that share keys and values are not supported";
  if (const llvm::json::Value *map = config.find("feature_map"))
    config.error({"feature_map"}) << "expected no feature_map, got " << printJson(*map);
  if (const llvm::json::Value *attention = config.find("attn"))
    config.error({"attn"}) << "expected no attn, got " << printJson(*attention)
                           << ": layers with softmax attention are not supported";
  config.expect("hidden_act", {"swish", "silu"});
  config.expect("elementwise_affine", true, ": norms without a weight are not supported");
}

void FlaModel::findLayer(Tensors &tensors, const std::string &prefix) {
  std::string attention = prefix + "attn.", mlp = prefix + "mlp.";
  NamedSize model = {"hidden_size", modelSize}, hidden = {"intermediate_size", mlpSize};
  NamedSize keys = {"hidden_size * expand_k", heads * keySize}, values = {"hidden_size * expand_v", heads * valueSize};
  NamedSize one = {"1", 1}, width = {"conv_size", taps};

  Layer &layer = layerWeights.emplace_back();
  layer.norm = tensors.require(prefix + "attn_norm.weight", {model});
  layer.qProj = tensors.require(attention + "q_proj.weight", {keys, model});
  layer.kProj = tensors.require(attention + "k_proj.weight", {keys, model});
  layer.vProj = tensors.require(attention + "v_proj.weight", {values, model});
  if (taps) {
    layer.qConv = tensors.require(attention + "q_conv1d.weight", {keys, one, width});
    layer.kConv = tensors.require(attention + "k_conv1d.weight", {keys, one, width});
    layer.vConv = tensors.require(attention + "v_conv1d.weight", {values, one, width});
  }
  if (hasGate)
    layer.gProj = tensors.require(attention + "g_proj.weight", {values, model});
  // The name says whether the maker computes norm and gate in one kernel.
  std::string normNames[] = {attention + "g_norm_swish_gate.weight", attention + "g_norm.weight"};
  layer.gNorm = tensors.require(normNames, {{"head_v_dim", valueSize}});
  layer.oProj = tensors.require(attention + "o_proj.weight", {model, values});
  layer.mlp.norm = tensors.require(prefix + "mlp_norm.weight", {model});
  layer.mlp.gate = tensors.require(mlp + "gate_proj.weight", {hidden, model});
  layer.mlp.up = tensors.require(mlp + "up_proj.weight", {hidden, model});
  layer.mlp.down = tensors.require(mlp + "down_proj.weight", {model, hidden});
  findAttention(tensors, attention);
}

SmallVector<LanguageModel::State> FlaModel::getStates() const {
  SmallVector<State> states = {{"attention", {heads, keySize, valueSize}}};
  if (taps) {
    states.push_back({"q_conv", {taps - 1, heads * keySize}});
    states.push_back({"k_conv", {taps - 1, heads * keySize}});
    states.push_back({"v_conv", {taps - 1, heads * valueSize}});
  }
  return states;
}

Value FlaModel::buildAttention(int64_t index, Value residual, MutableArrayRef<Value> states) {
  const Layer &layer = layerWeights[index];
  at(index, "attn_norm");
  Value normal = rmsNorm(residual, layer.norm);

  auto project = [&](StringRef name, const Weight &matrix, const Weight &conv, int64_t convState) {
    at(index, ("attn." + name + "_proj").str());
    Value x = linear(normal, matrix);
    if (taps) {
      at(index, ("attn." + name + "_conv1d").str());
      x = convolve(x, conv, {}, states[convState]);
    }
    return graph.splitLast(x, heads);
  };
  GraphBuilder::LinearAttentionOperands attention;
  attention.q = project("q", layer.qProj, layer.qConv, 1);
  attention.k = project("k", layer.kProj, layer.kConv, 2);
  attention.v = project("v", layer.vProj, layer.vConv, 3);
  attention.scale = 1 / std::sqrt(static_cast<double>(keySize));
  attention.state = states[0];
  complete(index, normal, attention);
  at(index, "attn.attention");
  Value o;
  std::tie(o, states[0]) = graph.linearAttention(attention);

  at(index, "attn.g_norm");
  o = rmsNorm(o, layer.gNorm);
  if (hasGate) {
    at(index, "attn.g_proj");
    o = graph.gated(o, graph.splitLast(linear(normal, layer.gProj), heads), GraphBuilder::Gate::Silu);
  }
  at(index, "attn.o_proj");
  return linear(graph.collapse(o, 2), layer.oProj, {}, residual);
}

Value FlaModel::buildLayer(int64_t index, Value residual, MutableArrayRef<Value> states) {
  return gatedMlp(index, buildAttention(index, residual, states), layerWeights[index].mlp, GraphBuilder::Gate::Silu);
}
