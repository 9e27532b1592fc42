//===- Gla.cpp - language models with gated linear attention --------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// As FlaModel.h says, with a decay of its own for every key of a token:
//   log decay = max(log(sigmoid(gk_proj(n))) / 16, clamp_min)
// gk_proj is of low rank: two matrices.
//
//===----------------------------------------------------------------------===//

#include "frontends/checkpoint/FlaModel.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace linnet;
using namespace linnet::checkpoint;

namespace {
class Gla : public FlaModel {
public:
  explicit Gla(MLIRContext &context)
      : FlaModel(context, "gla", {/*expandK=*/0.5, /*expandV=*/1, /*hiddenRatio=*/4, /*heads=*/4}) {}

private:
  struct Gate {
    Weight down, up, bias;
  };

  void readOptions(Config &config) override;
  void findAttention(Tensors &tensors, const std::string &prefix) override;
  void complete(int64_t index, Value normal, GraphBuilder::LinearAttentionOperands &attention) override;

  // Not options: the maker's code has these numbers.
  static constexpr int64_t rank = 16;
  static constexpr double normalizer = 16;

  std::optional<double> least;
  std::vector<Gate> gates;
};
} // namespace

void Gla::readOptions(Config &config) {
  FlaModel::readOptions(config);
  least = config.number({"clamp_min"});
  config.expect("use_gk", true);
  config.expect("use_gv", false);
}

void Gla::findAttention(Tensors &tensors, const std::string &prefix) {
  NamedSize model = {"hidden_size", modelSize}, keys = {"hidden_size * expand_k", heads * keySize};
  NamedSize low = {"rank", rank};
  Gate &gate = gates.emplace_back();
  gate.down = tensors.require(prefix + "gk_proj.0.weight", {low, model});
  gate.up = tensors.require(prefix + "gk_proj.1.weight", {keys, low});
  gate.bias = tensors.require(prefix + "gk_proj.1.bias", {keys});
}

void Gla::complete(int64_t index, Value normal, GraphBuilder::LinearAttentionOperands &attention) {
  const Gate &gate = gates[index];
  at(index, "attn.gk_proj.0");
  Value low = linear(normal, gate.down);
  at(index, "attn.gk_proj.1");
  Value logits = graph.splitLast(linear(low, gate.up, gate.bias), heads);
  attention.logDecay =
      graph.elementwise(logits, graph.ops().getF32Type(), [&](ImplicitLocOpBuilder &b, ValueRange v) -> Value {
        auto constant = [&](double value) { return arith::ConstantOp::create(b, b.getF32FloatAttr(value)); };
        // log(sigmoid(x)) = min(x, 0) - log(1 + exp(-|x|)), which overflows nowhere.
        Value size = math::AbsFOp::create(b, v[0]);
        Value exp = math::ExpOp::create(b, arith::NegFOp::create(b, size).getResult());
        Value below = arith::MinimumFOp::create(b, v[0], constant(0));
        Value log = arith::SubFOp::create(b, below, math::Log1pOp::create(b, exp).getResult());
        Value decay = arith::MulFOp::create(b, log, constant(1 / normalizer));
        return least ? arith::MaximumFOp::create(b, decay, constant(*least)).getResult() : decay;
      });
}

FailureOr<OwningOpRef<ModuleOp>> linnet::checkpoint::buildGla(MLIRContext &context, Folder &folder) {
  return Gla(context).build(folder);
}
