//===- CausalConv1d.cpp - vector code of causal_conv1d --------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/vector/TimeLoop.h"
#include "compiler/vector/Vectorize.h"

using namespace mlir;
using namespace linnet;

SmallVector<Value> linnet::vectorizeCausalConv1d(VectorBuilder &b, CausalConv1dOp op) {
  if (op.getLayout() != Layout::BTD)
    return {};
  Value zero = b.index(0);
  SmallVector<Value> taps = b.readColumns(op.getWeight(), {});
  int64_t context = taps.size() - 1;
  Value bias = op.getBias() ? b.read(op.getBias(), zero) : b.splat(0.0, op.getX().getType());
  SmallVector<Value> previous;
  for (int64_t i = 0; i < context; ++i)
    previous.push_back(b.read(op.getStateInit(), {zero, b.index(i), zero}));
  auto [outputs, carried] =
      buildTimeLoop(b, b.dim(op.getX(), 1), op.getYInit(), previous,
                    [&](VectorBuilder &b, Value t, SmallVectorImpl<Value> &outputs, SmallVectorImpl<Value> &carried) {
                      carried.push_back(b.read(op.getX(), {zero, t, zero}));
                      Value sum = bias;
                      for (auto [tap, input] : llvm::zip_equal(taps, carried))
                        sum = b.mulAdd(tap, input, sum);
                      if (op.getActivation() == Activation::Silu)
                        sum = b.silu(sum);
                      outputs[0] = b.write(sum, outputs[0], {zero, t, zero});
                      carried.erase(carried.begin());
                    });
  Value state = op.getStateInit();
  for (auto [i, input] : llvm::enumerate(carried))
    state = b.write(input, state, {zero, b.index(i), zero});
  return {outputs[0], state};
}
