//===- LanguageModel.cpp - what all language models have in common --------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/checkpoint/LanguageModel.h"

#include "frontends/checkpoint/Json.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace linnet;
using namespace linnet::checkpoint;

void LanguageModel::readCommonOptions(Config &config) {
  vocabSize = config.requiredSize({"vocab_size"});
  modelSize = config.requiredSize({"d_model", "hidden_size"});
  layers = config.requiredSize({"n_layer", "num_hidden_layers"});

  StringRef epsilonNames[] = {"layer_norm_epsilon", "norm_epsilon", "norm_eps"};
  epsilon = config.number(epsilonNames).value_or(epsilon);
  if (epsilon < 0 || epsilon > 1)
    config.error(epsilonNames) << "expected the epsilon of the norm to be from 0 to 1, got " << printJson(epsilon);
  // The default of state-spaces; others write the size that the table has.
  bool isStateSpaces = config.find("ssm_cfg") != nullptr;
  vocabMultiple = config.size({"pad_vocab_size_multiple"}).value_or(isStateSpaces ? 8 : 1);
  tied = config.flag({"tie_embeddings", "tie_word_embeddings"});
}

int64_t LanguageModel::readTaps(Config &config, Config::Names names) {
  int64_t taps = config.size(names).value_or(4);
  if (taps < 2)
    config.error(names) << "expected the convolution to have 2 taps or more, got 1";
  return taps;
}

LogicalResult LanguageModel::findWeights(Tensors &tensors) {
  NamedSize width = {"d_model", modelSize};

  // The table may have rows that no token selects.
  NamedSize vocab = {"vocab_size", vocabSize};
  int64_t roundedUp = llvm::divideCeil(vocabSize, vocabMultiple) * vocabMultiple;
  NamedSize padded = {"vocab_size rounded up", roundedUp};
  const StoredTensor *table = tensors.find(tensors.findName(names.embedding));
  NamedSize rows = table && !table->shape.empty() && table->shape[0] == vocab.size ? vocab : padded;
  if (padded.size == vocab.size)
    rows = vocab;
  embedding = tensors.require(names.embedding, {rows, width});

  // Tied models are sometimes stored with a copy of the table.
  bool isTied = tied.value_or(!tensors.has("lm_head.weight"));
  tensors.ignore("lm_head.weight");
  head = isTied ? embedding : tensors.require("lm_head.weight", {rows, width});
  finalNorm = tensors.require(names.finalNorm, {width});

  int64_t stored = tensors.countLayers(names.layers);
  if (stored != layers)
    tensors.report([&](InFlightDiagnostic &diagnostic) {
      diagnostic << "expected " << layers << " layers as the configuration says, got " << stored;
    });
  for (int64_t i = 0, count = std::min(stored, layers); i < count && tensors.isReporting(); ++i)
    findLayer(tensors, names.layers + std::to_string(i) + ".");
  return tensors.finish();
}

std::string LanguageModel::metadata(const Folder &folder) const {
  bool isBytes = vocabSize == 256 && !folder.hasTokenizer;
  llvm::json::Object object{{"architecture", architecture},
                            {"vocab_size", vocabSize},
                            {"d_model", modelSize},
                            {"layers", layers},
                            {"tokenizer", isBytes ? "bytes" : "external"}};
  std::string text;
  llvm::raw_string_ostream(text) << llvm::json::Value(std::move(object));
  return text;
}

Value LanguageModel::gatedMlp(int64_t index, Value residual, const Mlp &mlp, GraphBuilder::Gate function) {
  at(index, "mlp.norm");
  Value normal = rmsNorm(residual, mlp.norm);
  at(index, "mlp.gate");
  Value gate = linear(normal, mlp.gate);
  at(index, "mlp.up");
  Value up = linear(normal, mlp.up);
  at(index, "mlp.down");
  return linear(graph.gated(up, gate, function), mlp.down, {}, residual);
}

Value LanguageModel::convolve(Value x, const Weight &taps, const Weight &bias, Value &state) {
  Value y;
  std::tie(y, state) = graph.causalConv1d(x, graph.collapse(weight(taps), 0), weight(bias), state, /*silu=*/true);
  return y;
}

FailureOr<OwningOpRef<ModuleOp>> LanguageModel::build(Folder &folder) {
  readCommonOptions(folder.config);
  readOptions(folder.config);
  if (folder.config.hasErrors() || failed(findWeights(folder.tensors)))
    return failure();
  graph.beginModel(folder.name, metadata(folder), {"B", "T"});
  buildFunction("forward", Kind::Forward);
  buildFunction("forward_last", Kind::ForwardLast);
  buildFunction("step", Kind::Step);
  return graph.finishModel();
}

void LanguageModel::buildFunction(StringRef name, Kind kind) {
  Type f32 = graph.ops().getF32Type(), i32 = graph.ops().getI32Type();
  constexpr int64_t dynamic = ShapedType::kDynamic;
  bool isStep = kind == Kind::Step;

  graph.beginFunction(name);
  Value tokens = isStep ? graph.addInput("tokens", RankedTensorType::get({dynamic}, i32), {"B"})
                        : graph.addInput("tokens", RankedTensorType::get({dynamic, dynamic}, i32), {"B", "T"});
  // The shared ones, then those of all layers.
  SmallVector<std::pair<std::string, State>> kinds;
  for (const State &state : getSharedStates())
    kinds.push_back({state.name.str(), state});
  int64_t shared = kinds.size(), perLayer = getStates().size();
  for (int64_t i = 0; i < layers; ++i)
    for (const State &state : getStates())
      kinds.push_back({layerName(i, state.name), state});
  SmallVector<Value> states; // as they come in, then as they go out
  for (const auto &[stateName, state] : kinds) {
    SmallVector<int64_t> shape = {dynamic};
    llvm::append_range(shape, state.shape);
    states.push_back(graph.addState(stateName, RankedTensorType::get(shape, state.isInteger ? i32 : f32), {"B"}));
  }

  graph.at("embedding");
  Value table = graph.addWeight(embedding.name, embedding.shape, embedding.elementType);
  Value h = graph.embedding(isStep ? graph.addTime(tokens) : tokens, table);
  buildShared(h, MutableArrayRef(states).take_front(shared));
  for (int64_t i = 0; i < layers; ++i)
    h = buildLayer(i, h, MutableArrayRef(states).slice(shared + i * perLayer, perLayer));
  graph.at("norm_f");
  if (kind != Kind::Forward)
    h = graph.lastToken(h);
  h = rmsNorm(h, finalNorm);
  graph.at("lm_head");
  Value logits = linear(h, head);

  SmallVector<GraphBuilder::Output> outputs;
  outputs.push_back({logits, "logits", {"B"}});
  if (kind == Kind::Forward)
    outputs.back().symbols.push_back("T");
  for (auto [value, kind] : llvm::zip_equal(states, kinds))
    outputs.push_back({value, kind.first, {"B"}, /*isState=*/true});
  graph.finishFunction(outputs);
}
