//===- Mamba.cpp - Mamba-1 language models --------------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A layer adds to the residual h:
//   x, z     = in_proj(rms_norm(h))
//   x        = silu(causal_conv1d(x))
//   dt, B, C = x_proj(x)
//   y        = selective_scan(x, dt_proj(dt), -exp(A_log), B, C, D, z)
//   h        = h + out_proj(y)
//
//===----------------------------------------------------------------------===//

#include "frontends/checkpoint/LanguageModel.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace linnet;
using namespace linnet::checkpoint;

namespace {
class Mamba : public LanguageModel {
public:
  explicit Mamba(MLIRContext &context) : LanguageModel(context, "mamba", mambaNames(), /*epsilon=*/1e-5) {}

private:
  struct Layer {
    Weight norm, inProj, inProjBias, conv, convBias, xProj, dtProj, dtProjBias, aLog, d, outProj, outProjBias;
  };

  void readOptions(Config &config) override;
  void findLayer(Tensors &tensors, const std::string &prefix) override;
  SmallVector<State> getStates() const override {
    return {{"conv", {convSize - 1, innerSize}}, {"ssm", {innerSize, stateSize}}};
  }
  Value buildLayer(int64_t index, Value residual, MutableArrayRef<Value> states) override;

  int64_t innerSize, stateSize, convSize, dtRank;
  /// Absent where the checkpoint does not say.
  std::optional<bool> bias, convBias;
  std::vector<Layer> layerWeights;
};
} // namespace

void Mamba::readOptions(Config &config) {
  stateSize = config.size({"ssm_cfg.d_state", "state_size"}).value_or(16);
  convSize = readTaps(config, {"ssm_cfg.d_conv", "conv_kernel"});
  int64_t expand = config.size({"ssm_cfg.expand", "expand"}).value_or(2);
  innerSize = config.size({"d_inner", "intermediate_size"}).value_or(expand * modelSize);

  // "auto" stands for a default of the layer.
  SmallVector<StringRef> rankNames;
  for (StringRef name : {"ssm_cfg.dt_rank", "time_step_rank", "dt_rank"}) {
    const llvm::json::Value *value = config.find(name);
    if (value && value->getAsString() != StringRef("auto"))
      rankNames.push_back(name);
  }
  dtRank = config.size(rankNames).value_or(llvm::divideCeil(modelSize, 16));

  bias = config.flag({"use_bias", "ssm_cfg.bias"});
  convBias = config.flag({"use_conv_bias", "ssm_cfg.conv_bias"});
  config.expect("rms_norm", true, ": layer normalisation is not supported");
  config.expect("hidden_act", {"silu", "swish"});
  config.expect("ssm_cfg.layer", StringRef("Mamba1"));
  for (StringRef name : {"attn_layer_idx", "d_intermediate"})
    config.expectUnused(name, ": layers other than Mamba are not supported");
}

void Mamba::findLayer(Tensors &tensors, const std::string &prefix) {
  std::string mixer = prefix + "mixer.";
  NamedSize model = {"d_model", modelSize}, inner = {"d_inner", innerSize};
  NamedSize state = {"d_state", stateSize}, rank = {"dt_rank", dtRank};
  NamedSize twice = {"2 * d_inner", 2 * innerSize};
  NamedSize projected = {"dt_rank + 2 * d_state", dtRank + 2 * stateSize};

  Layer &layer = layerWeights.emplace_back();
  layer.norm = tensors.require(prefix + "norm.weight", {model});
  layer.inProj = tensors.require(mixer + "in_proj.weight", {twice, model});
  layer.inProjBias = tensors.optional(mixer + "in_proj.bias", {twice}, "use_bias", bias);
  layer.conv = tensors.require(mixer + "conv1d.weight", {inner, {"1", 1}, {"d_conv", convSize}});
  layer.convBias = tensors.optional(mixer + "conv1d.bias", {inner}, "use_conv_bias", convBias);
  layer.xProj = tensors.require(mixer + "x_proj.weight", {projected, inner});
  layer.dtProj = tensors.require(mixer + "dt_proj.weight", {inner, rank});
  layer.dtProjBias = tensors.require(mixer + "dt_proj.bias", {inner});
  layer.aLog = tensors.require(mixer + "A_log", {inner, state});
  layer.d = tensors.require(mixer + "D", {inner});
  layer.outProj = tensors.require(mixer + "out_proj.weight", {model, inner});
  layer.outProjBias = tensors.optional(mixer + "out_proj.bias", {model}, "use_bias", bias);
}

Value Mamba::buildLayer(int64_t index, Value residual, MutableArrayRef<Value> states) {
  const Layer &layer = layerWeights[index];
  at(index, "norm");
  Value normal = rmsNorm(residual, layer.norm);

  at(index, "mixer.in_proj");
  Value xz = linear(normal, layer.inProj, layer.inProjBias);
  Value x = graph.sliceLast(xz, 0, innerSize);
  Value z = graph.sliceLast(xz, innerSize, innerSize);

  at(index, "mixer.conv");
  x = convolve(x, layer.conv, layer.convBias, states[0]);

  at(index, "mixer.x_proj");
  Value projected = linear(x, layer.xProj);
  GraphBuilder::SelectiveScanOperands scan;
  Value dt = graph.sliceLast(projected, 0, dtRank);
  scan.B = graph.sliceLast(projected, dtRank, stateSize);
  scan.C = graph.sliceLast(projected, dtRank + stateSize, stateSize);

  // The bias and the softplus are the scan's: it keeps the step sizes in registers.
  at(index, "mixer.dt_proj");
  scan.delta = linear(dt, layer.dtProj);

  at(index, "mixer.scan");
  scan.u = x;
  scan.A = graph.negExp(weight(layer.aLog));
  scan.D = weight(layer.d);
  scan.z = z;
  scan.deltaBias = weight(layer.dtProjBias);
  scan.deltaSoftplus = true;
  scan.state = states[1];
  Value y;
  std::tie(y, states[1]) = graph.selectiveScan(scan);

  at(index, "mixer.out_proj");
  return linear(y, layer.outProj, layer.outProjBias, residual);
}

FailureOr<OwningOpRef<ModuleOp>> linnet::checkpoint::buildMamba(MLIRContext &context, Folder &folder) {
  return Mamba(context).build(folder);
}
