//===- RetNet.cpp - retentive networks ------------------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// As FlaModel.h says, with the decay 1 - 2^(-5 - h) of head h, and q and k rotated by
// the position of their token: pair i of a head of size n by position / 10000^(2i / n).
//
// Only the distance between two tokens enters a product of q and k. So the model
// carries angles instead of a position: in units of 2^-32 of a turn they are integers
// that wrap around where a turn is full, and stay exact however long the text is. What
// is rounded is the step from token to token, once, by 2^-33 of a turn.
//
//===----------------------------------------------------------------------===//

#include "frontends/checkpoint/FlaModel.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

#include <cmath>

using namespace mlir;
using namespace linnet;
using namespace linnet::checkpoint;

namespace {
constexpr double pi = 3.14159265358979323846;
/// What makes a whole turn of an angle.
constexpr double turn = 4294967296.0;

class RetNet : public FlaModel {
public:
  explicit RetNet(MLIRContext &context)
      : FlaModel(context, "retnet", {/*expandK=*/1, /*expandV=*/2, /*hiddenRatio=*/2, /*heads=*/8}) {}

private:
  void readOptions(Config &config) override;
  SmallVector<State> getSharedStates() const override { return {{"angles", {keySize / 2}, /*isInteger=*/true}}; }
  void buildShared(Value h, MutableArrayRef<Value> states) override;
  void complete(int64_t index, Value normal, GraphBuilder::LinearAttentionOperands &attention) override;

  Value cosines, sines; // of the current function
};
} // namespace

void RetNet::readOptions(Config &config) {
  FlaModel::readOptions(config);
  if (keySize % 2 != 0)
    config.error({"expand_k"}) << "expected the keys of a head to be pairs, got " << keySize;
}

void RetNet::buildShared(Value h, MutableArrayRef<Value> states) {
  graph.at("rotary");
  SmallVector<int32_t> steps;
  for (int64_t i = 0; i < keySize / 2; ++i) {
    double radians = std::pow(10000.0, -2.0 * static_cast<double>(i) / static_cast<double>(keySize));
    // At most 1 / (2 pi) of a turn: below 2^31.
    steps.push_back(static_cast<int32_t>(std::llround(radians / (2 * pi) * turn)));
  }
  Value angles;
  std::tie(angles, states[0]) = graph.countTokens(h, steps, states[0]);
  Type f32 = graph.ops().getF32Type();
  auto inRadians = [&](ImplicitLocOpBuilder &b, Value angle) -> Value {
    Value scale = arith::ConstantOp::create(b, b.getF32FloatAttr(2 * pi / turn));
    return arith::MulFOp::create(b, arith::SIToFPOp::create(b, f32, angle).getResult(), scale);
  };
  cosines = graph.elementwise(angles, f32, [&](ImplicitLocOpBuilder &b, ValueRange v) -> Value {
    return math::CosOp::create(b, inRadians(b, v[0]));
  });
  sines = graph.elementwise(angles, f32, [&](ImplicitLocOpBuilder &b, ValueRange v) -> Value {
    return math::SinOp::create(b, inRadians(b, v[0]));
  });
}

void RetNet::complete(int64_t index, Value normal, GraphBuilder::LinearAttentionOperands &attention) {
  at(index, "attn.rotary");
  attention.q = graph.rotate(attention.q, cosines, sines);
  attention.k = graph.rotate(attention.k, cosines, sines);
  SmallVector<float> decays;
  for (int64_t head = 0; head < heads; ++head)
    decays.push_back(static_cast<float>(std::log1p(-std::exp2(-5.0 - static_cast<double>(head)))));
  attention.logDecay = graph.constant(decays);
}

FailureOr<OwningOpRef<ModuleOp>> linnet::checkpoint::buildRetNet(MLIRContext &context, Folder &folder) {
  return RetNet(context).build(folder);
}
