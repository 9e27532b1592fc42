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
//   y          = ssd(x, clamp(softplus(dt + dt_bias)), -exp(A_log), B, C, D, z)
//   h          = h + out_proj(rms_norm(y))
// The heads of a group share B and C, and the last norm runs over the channels of a
// group.
//
//===----------------------------------------------------------------------===//

#include "frontends/checkpoint/LanguageModel.h"

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
    return {{"conv", {convSize - 1, convChannels}}, {"ssm", {heads, headSize, stateSize}}};
  }
  Value buildLayer(int64_t index, Value residual, MutableArrayRef<Value> states) override;

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

  at(index, "mixer.ssm");
  GraphBuilder::SsdOperands ssd;
  ssd.x = graph.splitLast(graph.sliceLast(xBC, 0, innerSize), heads);
  ssd.dt = dt;
  ssd.A = graph.negExp(weight(layer.aLog));
  ssd.B = graph.splitLast(graph.sliceLast(xBC, innerSize, groups * stateSize), groups);
  ssd.C = graph.splitLast(graph.sliceLast(xBC, innerSize + groups * stateSize, groups * stateSize), groups);
  ssd.D = weight(layer.d);
  ssd.z = graph.splitLast(z, heads);
  ssd.dtBias = weight(layer.dtBias);
  if (leastStep > 0) // softplus is never below
    ssd.dtMin = leastStep;
  if (std::isfinite(mostStep))
    ssd.dtMax = mostStep;
  ssd.state = states[1];
  Value y;
  std::tie(y, states[1]) = graph.ssd(ssd);

  at(index, "mixer.norm");
  Value parts = graph.splitLast(graph.collapse(y, 2), groups);
  Value scales = graph.splitLast(weight(layer.gatedNorm), groups);
  Value normed = graph.collapse(graph.rmsNorm(parts, scales, epsilon), 2);
  at(index, "mixer.out_proj");
  return linear(normed, layer.outProj, layer.outProjBias, residual);
}

FailureOr<OwningOpRef<ModuleOp>> linnet::checkpoint::buildMamba2(MLIRContext &context, Folder &folder) {
  return Mamba2(context).build(folder);
}
