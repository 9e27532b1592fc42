//===- Lightning.cpp - language models with Lightning attention -----------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A layer adds to the residual h:
//   q, k, v, u = qkvu_proj(rms_norm(h))
//   o          = linear_attention(silu(q), silu(k), v), with decay exp(-slope) of a head
//   h          = h + out_proj(rms_norm(o) * sigmoid(u))
//   n          = rms_norm(h)
//   h          = h + l3(l1(n) * l2(n))
// The norm of o runs over all heads at once.
//
//===----------------------------------------------------------------------===//

#include "frontends/checkpoint/Json.h"
#include "frontends/checkpoint/LanguageModel.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace linnet;
using namespace linnet::checkpoint;

namespace {
class Lightning : public LanguageModel {
public:
  explicit Lightning(MLIRContext &context) : LanguageModel(context, "lightning", mambaNames(), /*epsilon=*/1e-5) {}

private:
  struct Layer {
    Weight norm, qkvuProj, slope, mixerNorm, outProj;
    Mlp mlp;
  };

  void readOptions(Config &config) override;
  void findLayer(Tensors &tensors, const std::string &prefix) override;
  SmallVector<State> getStates() const override { return {{"attention", {heads, headSize, headSize}}}; }
  Value buildLayer(int64_t index, Value residual, MutableArrayRef<Value> states) override;
  Value buildAttention(int64_t index, Value x, Value residual, Value &state);

  int64_t heads, headSize, innerSize, mlpSize;
  std::vector<Layer> layerWeights;
};
} // namespace

/// The tensors have the slopes; those in the configuration are the same numbers again, and must be as many.
static void checkSlopes(Config &config, int64_t layers, int64_t heads) {
  const llvm::json::Value *slopes = config.find("slopes");
  if (!slopes)
    return;
  auto isListOf = [](const llvm::json::Value &value, int64_t count) {
    const llvm::json::Array *array = value.getAsArray();
    return array && static_cast<int64_t>(array->size()) == count;
  };
  if (!isListOf(*slopes, layers) ||
      !llvm::all_of(*slopes->getAsArray(), [&](const llvm::json::Value &layer) { return isListOf(layer, heads); }))
    config.error({"slopes"}) << "expected slopes to be " << layers << " lists of " << heads << " numbers, got "
                             << printJson(*slopes);
}

void Lightning::readOptions(Config &config) {
  heads = config.requiredSize({"num_heads"});
  headSize = config.requiredSize({"head_dim"});
  innerSize = config.product("num_heads * head_dim", heads, headSize);
  mlpSize = config.requiredSize({"mlp_hidden"});
  config.expect("qkv_activation", StringRef("silu"));
  config.expect("gate_activation", StringRef("sigmoid"));
  checkSlopes(config, layers, heads);
}

void Lightning::findLayer(Tensors &tensors, const std::string &prefix) {
  std::string mixer = prefix + "mixer.", mlp = prefix + "mlp.";
  NamedSize model = {"d_model", modelSize}, inner = {"num_heads * head_dim", innerSize};
  NamedSize fourfold = {"4 * num_heads * head_dim", 4 * innerSize}, hidden = {"mlp_hidden", mlpSize};

  Layer &layer = layerWeights.emplace_back();
  layer.norm = tensors.require(prefix + "norm.weight", {model});
  layer.qkvuProj = tensors.require(mixer + "qkvu_proj.weight", {fourfold, model});
  layer.slope = tensors.require(mixer + "slope", {{"num_heads", heads}});
  layer.mixerNorm = tensors.require(mixer + "norm.weight", {inner});
  layer.outProj = tensors.require(mixer + "out_proj.weight", {model, inner});
  layer.mlp.norm = tensors.require(prefix + "norm2.weight", {model});
  layer.mlp.gate = tensors.require(mlp + "l1.weight", {hidden, model});
  layer.mlp.up = tensors.require(mlp + "l2.weight", {hidden, model});
  layer.mlp.down = tensors.require(mlp + "l3.weight", {model, hidden});
}

Value Lightning::buildAttention(int64_t index, Value x, Value residual, Value &state) {
  const Layer &layer = layerWeights[index];
  at(index, "mixer.qkvu_proj");
  Value qkvu = linear(x, layer.qkvuProj);
  auto part = [&](int64_t i) { return graph.sliceLast(qkvu, i * innerSize, innerSize); };

  at(index, "mixer.attention");
  GraphBuilder::LinearAttentionOperands attention;
  attention.q = graph.splitLast(graph.silu(part(0)), heads);
  attention.k = graph.splitLast(graph.silu(part(1)), heads);
  attention.v = graph.splitLast(part(2), heads);
  attention.logDecay =
      graph.elementwise(weight(layer.slope), graph.ops().getF32Type(),
                        [](ImplicitLocOpBuilder &b, ValueRange v) -> Value { return arith::NegFOp::create(b, v[0]); });
  attention.state = state;
  Value o;
  std::tie(o, state) = graph.linearAttention(attention);

  at(index, "mixer.norm");
  Value normal = rmsNorm(graph.collapse(o, 2), layer.mixerNorm);
  Value gated = graph.gated(normal, part(3), GraphBuilder::Gate::Sigmoid);
  at(index, "mixer.out_proj");
  return linear(gated, layer.outProj, {}, residual);
}

Value Lightning::buildLayer(int64_t index, Value residual, MutableArrayRef<Value> states) {
  at(index, "norm");
  Value normal = rmsNorm(residual, layerWeights[index].norm);
  residual = buildAttention(index, normal, residual, states[0]);
  return gatedMlp(index, residual, layerWeights[index].mlp, GraphBuilder::Gate::Plain);
}

FailureOr<OwningOpRef<ModuleOp>> linnet::checkpoint::buildLightning(MLIRContext &context, Folder &folder) {
  return Lightning(context).build(folder);
}
