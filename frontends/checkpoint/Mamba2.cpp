//===- Mamba2.cpp - Mamba-2 language models -------------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A layer adds to the residual h (spec-linear 4):
//   z, xBC, dt = in_proj(rms_norm(h))
//   x, B, C    = silu(causal_conv1d(xBC))
//   dt         = clamp(softplus(dt + dt_bias))
//   y          = linear_attention(q = C, k = B, v = dt x), with log decay -exp(A_log) dt of a head
//   h          = h + out_proj(rms_norm((y + D x) * silu(z)))
// The heads of a group share B and C, and the last norm runs over the channels of a
// group.
//
//===----------------------------------------------------------------------===//

#include "frontends/checkpoint/LanguageModel.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

#include <cmath>

using namespace mlir;
using namespace linnet;
using namespace linnet::checkpoint;

namespace {
class Mamba2 : public LanguageModel {
public:
  explicit Mamba2(MLIRContext &context) : LanguageModel(context, "mamba2", mambaNames(), /*epsilon=*/1e-5) {}

private:
  struct Layer {
    Weight norm, inProj, inProjBias, conv, convBias, dtBias, aLog, d, gatedNorm, outProj, outProjBias;
  };

  void readOptions(Config &config) override;
  void findLayer(Tensors &tensors, const std::string &prefix) override;
  SmallVector<State> getStates() const override {
    return {{"conv", {convSize - 1, convChannels}}, {"ssm", {heads, stateSize, headSize}}};
  }
  Value buildLayer(int64_t index, Value residual, MutableArrayRef<Value> states) override;
  Value buildStepSizes(Value dt, Value bias);
  Value buildGatedNorm(Value y, Value z, const Weight &scale);

  int64_t innerSize, stateSize, convSize, convChannels, heads, headSize, groups;
  double leastStep = 0, mostStep = HUGE_VAL;
  /// Absent where the checkpoint does not say.
  std::optional<bool> bias, convBias;
  std::vector<Layer> layerWeights;
};
} // namespace

void Mamba2::readOptions(Config &config) {
  bool isStateSpaces = config.find("ssm_cfg") != nullptr;
  stateSize = config.size({"ssm_cfg.d_state", "state_size"}).value_or(128);
  convSize = readTaps(config, {"ssm_cfg.d_conv", "conv_kernel"});
  int64_t expand = config.size({"ssm_cfg.expand", "expand"}).value_or(2);
  innerSize = config.product("expand * d_model", expand, modelSize);
  headSize = config.size({"ssm_cfg.headdim", "head_dim"}).value_or(64);
  groups = config.size({"ssm_cfg.ngroups", "n_groups"}).value_or(isStateSpaces ? 1 : 8);

  heads = config.size({"num_heads"}).value_or(std::max<int64_t>(innerSize / headSize, 1));
  if (config.product("num_heads * head_dim", heads, headSize) != innerSize)
    config.error({"num_heads", "ssm_cfg.headdim", "head_dim"})
        << "expected num_heads * head_dim to be expand * d_model = " << innerSize << ", got " << heads << " * "
        << headSize;
  if (heads % groups != 0)
    config.error({"ssm_cfg.ngroups", "n_groups"})
        << "expected the groups to divide the " << heads << " heads, got " << groups;
  convChannels = innerSize + 2 * config.product("n_groups * state_size", groups, stateSize);

  if (auto limit = config.range({"ssm_cfg.dt_limit", "time_step_limit"}))
    std::tie(leastStep, mostStep) = *limit;
  bias = config.flag({"use_bias", "ssm_cfg.bias"});
  convBias = config.flag({"use_conv_bias", "ssm_cfg.conv_bias"});

  config.expect("rms_norm", true, ": layer normalisation is not supported");
  config.expect("hidden_act", {"silu", "swish"});
  config.expect("ssm_cfg.layer", StringRef("Mamba2"));
  config.expect("ssm_cfg.rmsnorm", true, ": layers without the gated norm are not supported");
  config.expect("ssm_cfg.norm_before_gate", false);
  config.expectUnused("ssm_cfg.d_ssm", ": an MLP inside the mixer is not supported");
  for (StringRef name : {"attn_layer_idx", "d_intermediate"})
    config.expectUnused(name, ": layers other than Mamba-2 are not supported");
}

void Mamba2::findLayer(Tensors &tensors, const std::string &prefix) {
  std::string mixer = prefix + "mixer.";
  NamedSize model = {"d_model", modelSize}, inner = {"d_inner", innerSize}, perHead = {"num_heads", heads};
  NamedSize channels = {"d_inner + 2 * n_groups * d_state", convChannels};
  NamedSize projected = {"2 * d_inner + 2 * n_groups * d_state + num_heads", innerSize + convChannels + heads};

  Layer &layer = layerWeights.emplace_back();
  layer.norm = tensors.require(prefix + "norm.weight", {model});
  layer.inProj = tensors.require(mixer + "in_proj.weight", {projected, model});
  layer.inProjBias = tensors.optional(mixer + "in_proj.bias", {projected}, "use_bias", bias);
  layer.conv = tensors.require(mixer + "conv1d.weight", {channels, {"1", 1}, {"d_conv", convSize}});
  layer.convBias = tensors.optional(mixer + "conv1d.bias", {channels}, "use_conv_bias", convBias);
  layer.dtBias = tensors.require(mixer + "dt_bias", {perHead});
  layer.aLog = tensors.require(mixer + "A_log", {perHead});
  layer.d = tensors.require(mixer + "D", {perHead});
  layer.gatedNorm = tensors.require(mixer + "norm.weight", {inner});
  layer.outProj = tensors.require(mixer + "out_proj.weight", {model, inner});
  layer.outProjBias = tensors.optional(mixer + "out_proj.bias", {model}, "use_bias", bias);
}

/// clamp(softplus(dt + bias)). Above 20 softplus(x) is x, as in the scan (docs/spec/scan.md).
Value Mamba2::buildStepSizes(Value dt, Value bias) {
  return graph.elementwise({dt, bias}, graph.ops().getF32Type(), [&](ImplicitLocOpBuilder &b, ValueRange v) -> Value {
    auto constant = [&](double value) { return arith::ConstantOp::create(b, b.getF32FloatAttr(value)); };
    Value x = arith::AddFOp::create(b, v[0], v[1]);
    Value soft = math::Log1pOp::create(b, math::ExpOp::create(b, x).getResult());
    Value isLarge = arith::CmpFOp::create(b, arith::CmpFPredicate::OGT, x, constant(20));
    Value step = arith::SelectOp::create(b, isLarge, x, soft);
    if (leastStep > 0) // softplus is never below
      step = arith::MaximumFOp::create(b, step, constant(leastStep));
    if (std::isfinite(mostStep))
      step = arith::MinimumFOp::create(b, step, constant(mostStep));
    return step;
  });
}

Value Mamba2::buildGatedNorm(Value y, Value z, const Weight &scale) {
  Value gated = graph.gated(y, z, GraphBuilder::Gate::Silu);
  Value parts = graph.rmsNorm(graph.splitLast(gated, groups), graph.splitLast(weight(scale), groups), epsilon);
  return graph.collapse(parts, 2);
}

Value Mamba2::buildLayer(int64_t index, Value residual, MutableArrayRef<Value> states) {
  const Layer &layer = layerWeights[index];
  at(index, "norm");
  Value normal = rmsNorm(residual, layer.norm);

  at(index, "mixer.in_proj");
  Value projected = linear(normal, layer.inProj, layer.inProjBias);
  Value z = graph.sliceLast(projected, 0, innerSize);
  Value xBC = graph.sliceLast(projected, innerSize, convChannels);
  Value dt = graph.sliceLast(projected, innerSize + convChannels, heads);

  at(index, "mixer.conv");
  xBC = convolve(xBC, layer.conv, layer.convBias, states[0]);
  Value x = graph.splitLast(graph.sliceLast(xBC, 0, innerSize), heads);
  Value B = graph.splitLast(graph.sliceLast(xBC, innerSize, groups * stateSize), groups);
  Value C = graph.splitLast(graph.sliceLast(xBC, innerSize + groups * stateSize, groups * stateSize), groups);

  at(index, "mixer.dt");
  dt = buildStepSizes(dt, weight(layer.dtBias));

  at(index, "mixer.ssm");
  GraphBuilder::LinearAttentionOperands attention;
  attention.q = C;
  attention.k = B;
  attention.v = graph.scaleHeads(x, dt);
  attention.logDecay = graph.gated(dt, graph.negExp(weight(layer.aLog)), GraphBuilder::Gate::Plain);
  attention.state = states[1];
  Value y;
  std::tie(y, states[1]) = graph.linearAttention(attention);
  y = graph.scaleHeads(x, weight(layer.d), y);

  at(index, "mixer.norm");
  Value gated = buildGatedNorm(graph.collapse(y, 2), z, layer.gatedNorm);
  at(index, "mixer.out_proj");
  return linear(gated, layer.outProj, layer.outProjBias, residual);
}

FailureOr<OwningOpRef<ModuleOp>> linnet::checkpoint::buildMamba2(MLIRContext &context, Folder &folder) {
  return Mamba2(context).build(folder);
}
