//===- FlaModel.h - what the models of flash-linear-attention share -------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A layer adds to the residual h:
//   n = rms_norm(h)
//   o = attention(q_proj(n), k_proj(n), v_proj(n))
//   h = h + o_proj(rms_norm(o) * silu(g_proj(n)))
//   m = rms_norm(h)
//   h = h + down_proj(silu(gate_proj(m)) * up_proj(m))
// The norm of o runs over a head. Where there are short convolutions, q, k and v pass
// through one each.
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_FRONTENDS_CHECKPOINT_FLAMODEL_H
#define LINNET_FRONTENDS_CHECKPOINT_FLAMODEL_H

#include "frontends/checkpoint/LanguageModel.h"

namespace linnet::checkpoint {

class FlaModel : public LanguageModel {
protected:
  /// What the configuration need not say.
  struct Defaults {
    double expandK, expandV, hiddenRatio;
    int64_t heads;
  };
  FlaModel(mlir::MLIRContext &context, llvm::StringRef architecture, const Defaults &defaults)
      : LanguageModel(context, architecture, {{"model.embeddings.weight"}, "model.layers.", "model.norm.weight"},
                      /*epsilon=*/1e-6),
        defaults(defaults) {}

  //===--- what an architecture defines -------------------------------------===//

  /// Asks for the tensors of the attention that are its own; `prefix` is that of the attention.
  virtual void findAttention(Tensors &tensors, const std::string &prefix) {}
  /// Completes the operands, which have q, k, v, scale and state. `normal` is what they were projected from.
  virtual void complete(int64_t index, mlir::Value normal, GraphBuilder::LinearAttentionOperands &attention) = 0;

  void readOptions(Config &config) override;

  int64_t heads, keySize, valueSize; // of a head

private:
  struct Layer {
    Weight norm, qProj, kProj, vProj, qConv, kConv, vConv, gProj, gNorm, oProj;
    Mlp mlp;
  };

  /// hidden_size * `name`, in heads: the size of one.
  int64_t readHeadSize(Config &config, llvm::StringRef name, double expand);
  void readMlpSize(Config &config);
  void findLayer(Tensors &tensors, const std::string &prefix) override;
  llvm::SmallVector<State> getStates() const override;
  mlir::Value buildLayer(int64_t index, mlir::Value residual, llvm::MutableArrayRef<mlir::Value> states) override;
  mlir::Value buildAttention(int64_t index, mlir::Value residual, llvm::MutableArrayRef<mlir::Value> states);

  Defaults defaults;
  int64_t mlpSize, taps = 0; // 0: no convolutions
  bool hasGate;
  std::vector<Layer> layerWeights;
};

} // namespace linnet::checkpoint

#endif // LINNET_FRONTENDS_CHECKPOINT_FLAMODEL_H
