//===- LanguageModel.h - what all language models have in common ----------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An architecture derives from LanguageModel and says what its options are, which
// tensors a layer has, which states, and what a layer computes.
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_FRONTENDS_CHECKPOINT_LANGUAGEMODEL_H
#define LINNET_FRONTENDS_CHECKPOINT_LANGUAGEMODEL_H

#include "frontends/checkpoint/Architecture.h"
#include "frontends/graph/GraphBuilder.h"

namespace linnet::checkpoint {

/// An embedding, layers, a norm and a head, which may be the embedding; the functions `forward`, `forward_last` and
/// `step`.
class LanguageModel {
public:
  virtual ~LanguageModel() = default;

  mlir::FailureOr<mlir::OwningOpRef<mlir::ModuleOp>> build(Folder &folder);

protected:
  /// Where the tensors lie that all models have. A layer's names begin with "<layers>i.".
  struct Names {
    llvm::SmallVector<std::string> embedding; // any of them
    std::string layers, finalNorm;
  };
  /// Those that the makers of Mamba gave.
  static Names mambaNames() {
    return {{"backbone.embedding.weight", "backbone.embeddings.weight"}, "backbone.layers.", "backbone.norm_f.weight"};
  }
  /// `architecture` is its name in the metadata; `epsilon` that of the norms where the configuration has none.
  LanguageModel(mlir::MLIRContext &context, llvm::StringRef architecture, Names names, double epsilon)
      : graph(context), epsilon(epsilon), architecture(architecture), names(std::move(names)) {}

  //===--- what an architecture defines -------------------------------------===//

  /// The options beyond those that all have, which are read before.
  virtual void readOptions(Config &config) = 0;
  /// Asks for the tensors of the next layer, whose names begin with `prefix`.
  virtual void findLayer(Tensors &tensors, const std::string &prefix) = 0;
  struct State {
    llvm::StringRef name;
    llvm::SmallVector<int64_t> shape; // of one sequence
    bool isInteger = false;           // i32 instead of f32
  };
  /// What a layer carries from call to call.
  virtual llvm::SmallVector<State> getStates() const = 0;
  /// What the model carries besides, for all layers.
  virtual llvm::SmallVector<State> getSharedStates() const { return {}; }
  /// Builds what all layers of a function use. `h` is what goes into the first; `states` as below.
  virtual void buildShared(mlir::Value h, llvm::MutableArrayRef<mlir::Value> states) {}
  /// Layer `index` after `residual`. `states` are those before it and become those after it.
  virtual mlir::Value buildLayer(int64_t index, mlir::Value residual, llvm::MutableArrayRef<mlir::Value> states) = 0;

  //===--- what it builds with ----------------------------------------------===//

  /// For arithmetic: f32. Null where there is none.
  mlir::Value weight(const Weight &weight) {
    return weight ? graph.weight(weight.name, weight.shape, weight.elementType) : mlir::Value();
  }
  mlir::Value rmsNorm(mlir::Value x, const Weight &scale) { return graph.rmsNorm(x, weight(scale), epsilon); }
  mlir::Value linear(mlir::Value x, const Weight &matrix, const Weight &bias = {}, mlir::Value addTo = {}) {
    return graph.linear(x, weight(matrix), weight(bias), addTo);
  }
  struct Mlp {
    Weight norm, gate, up, down;
  };
  /// residual + down(up(n) * f(gate(n))) with n = rms_norm(residual).
  mlir::Value gatedMlp(int64_t index, mlir::Value residual, const Mlp &mlp, GraphBuilder::Gate function);
  /// silu of the causal convolution; `taps` is [channels, 1, taps]. The state becomes the one after it.
  mlir::Value convolve(mlir::Value x, const Weight &taps, const Weight &bias, mlir::Value &state);
  /// The option that says how many taps a convolution has: 4 where there is none.
  static int64_t readTaps(Config &config, Config::Names names);
  /// Names what is built from here on: "layers.<index>.<part>".
  void at(int64_t index, llvm::StringRef part) { graph.at(layerName(index, part)); }

  GraphBuilder graph;
  int64_t vocabSize, modelSize, layers;
  double epsilon;

private:
  enum class Kind { Forward, ForwardLast, Step };

  static std::string layerName(int64_t index, llvm::StringRef part) {
    return ("layers." + llvm::Twine(index) + "." + part).str();
  }
  void readCommonOptions(Config &config);
  mlir::LogicalResult findWeights(Tensors &tensors);
  std::string metadata(const Folder &folder) const;
  void buildFunction(llvm::StringRef name, Kind kind);

  llvm::StringRef architecture;
  Names names;
  /// What the vocabulary is padded to a multiple of.
  int64_t vocabMultiple;
  /// Absent where the checkpoint does not say.
  std::optional<bool> tied;
  Weight embedding, finalNorm, head; // head is the embedding where they are tied
};

} // namespace linnet::checkpoint

#endif // LINNET_FRONTENDS_CHECKPOINT_LANGUAGEMODEL_H
