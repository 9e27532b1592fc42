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

#include "frontends/checkpoint/Architecture.h"
#include "frontends/checkpoint/Json.h"
#include "frontends/graph/GraphBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace linnet;
using namespace linnet::checkpoint;

namespace {
struct Options {
  int64_t vocabSize, modelSize, layers, innerSize, stateSize, convSize, rank;
  double epsilon;
  /// What the vocabulary is padded to a multiple of.
  int64_t vocabMultiple;
  /// Absent where the checkpoint does not say.
  std::optional<bool> tied, bias, convBias;
};

struct Layer {
  Weight norm, inProj, inProjBias, conv, convBias, xProj, dtProj, dtProjBias, aLog, d, outProj, outProjBias;
};

struct Model {
  Options options;
  Weight embedding, normF, head; // head is the embedding where they are tied
  std::vector<Layer> layers;
};
} // namespace

//===----------------------------------------------------------------------===//
// Configuration
//===----------------------------------------------------------------------===//

static void refuseWhatIsNotBuilt(Config &config) {
  if (std::optional<bool> rmsNorm = config.flag({"rms_norm"}); rmsNorm && !*rmsNorm)
    config.error({"rms_norm"}) << "expected rms_norm to be true, got false: layer normalisation is not supported";
  if (std::optional<std::string> act = config.string({"hidden_act"}); act && *act != "silu" && *act != "swish")
    config.error({"hidden_act"}) << "expected hidden_act to be silu, got " << printJson(*act);
  if (std::optional<std::string> layer = config.string({"ssm_cfg.layer"}); layer && *layer != "Mamba1")
    config.error({"ssm_cfg.layer"}) << "expected ssm_cfg.layer to be Mamba1, got " << printJson(*layer);
  for (StringRef name : {"attn_layer_idx", "d_intermediate"}) {
    const llvm::json::Value *value = config.find(name);
    if (!value)
      continue;
    bool isUnused = value->getAsArray() ? value->getAsArray()->empty() : value->getAsInteger() == 0;
    if (!isUnused)
      config.error(name) << "expected " << name << " to be " << (value->getAsArray() ? "empty" : "0") << ", got "
                         << printJson(*value) << ": layers other than Mamba are not supported";
  }
}

static Options readOptions(Config &config) {
  Options options;
  options.vocabSize = config.requiredSize({"vocab_size"});
  options.modelSize = config.requiredSize({"d_model", "hidden_size"});
  options.layers = config.requiredSize({"n_layer", "num_hidden_layers"});
  options.stateSize = config.size({"ssm_cfg.d_state", "state_size"}).value_or(16);
  options.convSize = config.size({"ssm_cfg.d_conv", "conv_kernel"}).value_or(4);
  if (options.convSize < 2)
    config.error({"ssm_cfg.d_conv", "conv_kernel"}) << "expected the convolution to have 2 taps or more, got 1";
  int64_t expand = config.size({"ssm_cfg.expand", "expand"}).value_or(2);
  options.innerSize = config.size({"d_inner", "intermediate_size"}).value_or(expand * options.modelSize);

  // "auto" stands for a default of the layer.
  SmallVector<StringRef> rankNames;
  for (StringRef name : {"ssm_cfg.dt_rank", "time_step_rank", "dt_rank"}) {
    const llvm::json::Value *value = config.find(name);
    if (value && value->getAsString() != StringRef("auto"))
      rankNames.push_back(name);
  }
  options.rank = config.size(rankNames).value_or(llvm::divideCeil(options.modelSize, 16));

  StringRef epsilonNames[] = {"layer_norm_epsilon", "norm_epsilon"};
  options.epsilon = config.number(epsilonNames).value_or(1e-5);
  if (options.epsilon < 0 || options.epsilon > 1)
    config.error(epsilonNames) << "expected the epsilon of the norm to be from 0 to 1, got "
                               << printJson(options.epsilon);
  // The default of state-spaces; others write the size that the table has.
  bool isStateSpaces = config.find("ssm_cfg") != nullptr;
  options.vocabMultiple = config.size({"pad_vocab_size_multiple"}).value_or(isStateSpaces ? 8 : 1);
  options.tied = config.flag({"tie_embeddings", "tie_word_embeddings"});
  options.bias = config.flag({"use_bias", "ssm_cfg.bias"});
  options.convBias = config.flag({"use_conv_bias", "ssm_cfg.conv_bias"});
  refuseWhatIsNotBuilt(config);
  return options;
}

//===----------------------------------------------------------------------===//
// Weights
//===----------------------------------------------------------------------===//

static Layer findLayer(Tensors &tensors, const Options &options, int64_t index) {
  std::string prefix = "backbone.layers." + std::to_string(index) + ".";
  std::string mixer = prefix + "mixer.";
  NamedSize model = {"d_model", options.modelSize}, inner = {"d_inner", options.innerSize};
  NamedSize state = {"d_state", options.stateSize}, rank = {"dt_rank", options.rank};
  NamedSize twice = {"2 * d_inner", 2 * options.innerSize};
  NamedSize projected = {"dt_rank + 2 * d_state", options.rank + 2 * options.stateSize};

  Layer layer;
  layer.norm = tensors.require(prefix + "norm.weight", {model});
  layer.inProj = tensors.require(mixer + "in_proj.weight", {twice, model});
  layer.inProjBias = tensors.optional(mixer + "in_proj.bias", {twice}, "use_bias", options.bias);
  layer.conv = tensors.require(mixer + "conv1d.weight", {inner, {"1", 1}, {"d_conv", options.convSize}});
  layer.convBias = tensors.optional(mixer + "conv1d.bias", {inner}, "use_conv_bias", options.convBias);
  layer.xProj = tensors.require(mixer + "x_proj.weight", {projected, inner});
  layer.dtProj = tensors.require(mixer + "dt_proj.weight", {inner, rank});
  layer.dtProjBias = tensors.require(mixer + "dt_proj.bias", {inner});
  layer.aLog = tensors.require(mixer + "A_log", {inner, state});
  layer.d = tensors.require(mixer + "D", {inner});
  layer.outProj = tensors.require(mixer + "out_proj.weight", {model, inner});
  layer.outProjBias = tensors.optional(mixer + "out_proj.bias", {model}, "use_bias", options.bias);
  return layer;
}

static FailureOr<Model> findWeights(Folder &folder) {
  Tensors &tensors = folder.tensors;
  Model model;
  model.options = readOptions(folder.config);
  Options &options = model.options;
  if (folder.config.hasErrors())
    return failure();
  NamedSize width = {"d_model", options.modelSize};

  // The table may have rows that no token selects.
  std::string names[] = {"backbone.embedding.weight", "backbone.embeddings.weight"};
  NamedSize vocab = {"vocab_size", options.vocabSize};
  int64_t roundedUp = llvm::divideCeil(options.vocabSize, options.vocabMultiple) * options.vocabMultiple;
  NamedSize padded = {"vocab_size rounded up", roundedUp};
  const StoredTensor *table = tensors.find(tensors.findName(names));
  NamedSize rows = table && !table->shape.empty() && table->shape[0] == vocab.size ? vocab : padded;
  if (padded.size == vocab.size)
    rows = vocab;
  model.embedding = tensors.require(names, {rows, width});

  // Tied models are sometimes stored with a copy of the table.
  bool isTied = options.tied.value_or(!tensors.has("lm_head.weight"));
  tensors.ignore("lm_head.weight");
  model.head = isTied ? model.embedding : tensors.require("lm_head.weight", {rows, width});
  model.normF = tensors.require("backbone.norm_f.weight", {width});

  int64_t stored = tensors.countLayers("backbone.layers.");
  if (stored != options.layers)
    tensors.report([&](InFlightDiagnostic &diagnostic) {
      diagnostic << "expected " << options.layers << " layers as the configuration says, got " << stored;
    });
  for (int64_t i = 0, count = std::min(stored, options.layers); i < count && tensors.isReporting(); ++i)
    model.layers.push_back(findLayer(tensors, options, i));
  if (failed(tensors.finish()))
    return failure();
  return model;
}

//===----------------------------------------------------------------------===//
// Building
//===----------------------------------------------------------------------===//

namespace {
/// Builds the functions of a model one after the other.
class MambaBuilder {
public:
  MambaBuilder(MLIRContext &context, const Model &model) : model(model), graph(context) {}

  OwningOpRef<ModuleOp> build(const Folder &folder);

private:
  enum class Kind { Forward, ForwardLast, Step };

  std::string metadata(const Folder &folder);
  void buildFunction(StringRef name, Kind kind);
  Value buildLayer(int64_t index, Value residual);
  Value weight(const Weight &weight) {
    return weight ? graph.weight(weight.name, weight.shape, weight.elementType) : Value();
  }
  Value rawWeight(const Weight &weight) { return graph.addWeight(weight.name, weight.shape, weight.elementType); }
  Value negExp(Value x);

  const Model &model;
  GraphBuilder graph;
  /// Of every layer, in the current function: before the layer is built as they come in, then as they go out.
  SmallVector<std::pair<Value, Value>> states;
};
} // namespace

static std::string layerName(int64_t index, StringRef part) { return ("layers." + Twine(index) + "." + part).str(); }

std::string MambaBuilder::metadata(const Folder &folder) {
  const Options &options = model.options;
  bool isBytes = options.vocabSize == 256 && !folder.hasTokenizer;
  llvm::json::Object object{{"architecture", "mamba"},
                            {"vocab_size", options.vocabSize},
                            {"d_model", options.modelSize},
                            {"layers", options.layers},
                            {"tokenizer", isBytes ? "bytes" : "external"}};
  std::string text;
  llvm::raw_string_ostream(text) << llvm::json::Value(std::move(object));
  return text;
}

OwningOpRef<ModuleOp> MambaBuilder::build(const Folder &folder) {
  graph.beginModel(folder.name, metadata(folder), {"B", "T"});
  buildFunction("forward", Kind::Forward);
  buildFunction("forward_last", Kind::ForwardLast);
  buildFunction("step", Kind::Step);
  return graph.finishModel();
}

void MambaBuilder::buildFunction(StringRef name, Kind kind) {
  const Options &options = model.options;
  Type f32 = graph.ops().getF32Type(), i32 = graph.ops().getI32Type();
  constexpr int64_t dynamic = ShapedType::kDynamic;
  bool isStep = kind == Kind::Step;

  graph.beginFunction(name);
  Value tokens = isStep ? graph.addInput("tokens", RankedTensorType::get({dynamic}, i32), {"B"})
                        : graph.addInput("tokens", RankedTensorType::get({dynamic, dynamic}, i32), {"B", "T"});
  auto convType = RankedTensorType::get({dynamic, options.convSize - 1, options.innerSize}, f32);
  auto ssmType = RankedTensorType::get({dynamic, options.innerSize, options.stateSize}, f32);
  states.clear();
  for (int64_t i = 0; i < options.layers; ++i) {
    Value conv = graph.addState(layerName(i, "conv"), convType, {"B"});
    Value ssm = graph.addState(layerName(i, "ssm"), ssmType, {"B"});
    states.push_back({conv, ssm});
  }

  graph.at("embedding");
  Value h = graph.embedding(isStep ? graph.addTime(tokens) : tokens, rawWeight(model.embedding));
  for (int64_t i = 0; i < options.layers; ++i)
    h = buildLayer(i, h);
  graph.at("norm_f");
  if (kind != Kind::Forward)
    h = graph.lastToken(h);
  h = graph.rmsNorm(h, weight(model.normF), options.epsilon);
  graph.at("lm_head");
  Value logits = graph.linear(h, weight(model.head));

  SmallVector<GraphBuilder::Output> outputs;
  outputs.push_back({logits, "logits", {"B"}});
  if (kind == Kind::Forward)
    outputs.back().symbols.push_back("T");
  for (int64_t i = 0; i < options.layers; ++i) {
    outputs.push_back({states[i].first, layerName(i, "conv"), {"B"}, /*isState=*/true});
    outputs.push_back({states[i].second, layerName(i, "ssm"), {"B"}, /*isState=*/true});
  }
  graph.finishFunction(outputs);
}

/// -exp(x)
Value MambaBuilder::negExp(Value x) {
  return graph.elementwise(x, graph.ops().getF32Type(), [](ImplicitLocOpBuilder &b, ValueRange v) -> Value {
    return arith::NegFOp::create(b, math::ExpOp::create(b, v[0]).getResult());
  });
}

Value MambaBuilder::buildLayer(int64_t index, Value residual) {
  const Options &options = model.options;
  const Layer &layer = model.layers[index];
  auto &[convState, ssmState] = states[index];
  auto at = [&](StringRef part) { graph.at(layerName(index, part)); };

  at("norm");
  Value normal = graph.rmsNorm(residual, weight(layer.norm), options.epsilon);

  at("mixer.in_proj");
  Value xz = graph.linear(normal, weight(layer.inProj), weight(layer.inProjBias));
  Value x = graph.sliceLast(xz, 0, options.innerSize);
  Value z = graph.sliceLast(xz, options.innerSize, options.innerSize);

  at("mixer.conv");
  Value convWeight = graph.collapse(weight(layer.conv), 0); // [d_inner, 1, d_conv]
  std::tie(x, convState) = graph.causalConv1d(x, convWeight, weight(layer.convBias), convState, /*silu=*/true);

  at("mixer.x_proj");
  Value projected = graph.linear(x, weight(layer.xProj));
  GraphBuilder::SelectiveScanOperands scan;
  Value dt = graph.sliceLast(projected, 0, options.rank);
  scan.B = graph.sliceLast(projected, options.rank, options.stateSize);
  scan.C = graph.sliceLast(projected, options.rank + options.stateSize, options.stateSize);

  // The bias and the softplus are the scan's: it keeps the step sizes in registers.
  at("mixer.dt_proj");
  scan.delta = graph.linear(dt, weight(layer.dtProj));

  at("mixer.scan");
  scan.u = x;
  scan.A = negExp(weight(layer.aLog));
  scan.D = weight(layer.d);
  scan.z = z;
  scan.deltaBias = weight(layer.dtProjBias);
  scan.deltaSoftplus = true;
  scan.state = ssmState;
  Value y;
  std::tie(y, ssmState) = graph.selectiveScan(scan);

  at("mixer.out_proj");
  return graph.linear(y, weight(layer.outProj), weight(layer.outProjBias), residual);
}

FailureOr<OwningOpRef<ModuleOp>> linnet::checkpoint::buildMamba(MLIRContext &context, Folder &folder) {
  FailureOr<Model> model = findWeights(folder);
  if (failed(model))
    return failure();
  return MambaBuilder(context, *model).build(folder);
}
