//===- ExpandSsd.cpp - ssd as linear attention ----------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/graph/ExpandSsd.h"

#include "compiler/EmptyTensor.h"
#include "compiler/Passes.h"
#include "compiler/approximation/Accuracy.h"
#include "compiler/reference/ScalarBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;

namespace linnet {
#define GEN_PASS_DEF_LINNETEXPANDSSD
#include "compiler/Passes.h.inc"

namespace {

using Body = llvm::function_ref<Value(ScalarBuilder &, ValueRange)>;

/// One linalg.generic of the sizes of `init` over inputs whose dimensions are dimensions of it.
Value elementwise(ImplicitLocOpBuilder &b, ArrayRef<std::pair<Value, ArrayRef<int64_t>>> inputs, Value init,
                  Body body) {
  int64_t rank = cast<RankedTensorType>(init.getType()).getRank();
  SmallVector<Value> values;
  SmallVector<AffineMap> maps;
  for (auto [value, dims] : inputs) {
    SmallVector<AffineExpr> results;
    for (int64_t dim : dims)
      results.push_back(b.getAffineDimExpr(dim));
    values.push_back(value);
    maps.push_back(AffineMap::get(rank, 0, results, b.getContext()));
  }
  maps.push_back(b.getMultiDimIdentityMap(rank));
  SmallVector<utils::IteratorType> parallel(rank, utils::IteratorType::parallel);
  return linalg::GenericOp::create(b, init.getType(), values, init, maps, parallel,
                                   [&](OpBuilder &builder, Location loc, ValueRange elements) {
                                     ScalarBuilder inner(loc, builder);
                                     linalg::YieldOp::create(inner, body(inner, elements.drop_back()));
                                   })
      .getResult(0);
}

} // namespace

/// (spec-linear 4)
void expandSsd(RewriterBase &rewriter, SsdOp op) {
  rewriter.setInsertionPoint(op);
  ImplicitLocOpBuilder b(op.getLoc(), rewriter);
  Type element = getElementTypeOrSelf(op.getX().getType());
  const int64_t perHead[] = {2}, perToken[] = {0, 1, 2}, all[] = {0, 1, 2, 3}, perValue[] = {2, 3};

  Value d = op.getDt();
  if (op.getDtBias() || op.getDtSoftplus() || op.getDtMin() || op.getDtMax()) {
    SmallVector<std::pair<Value, ArrayRef<int64_t>>> inputs = {{d, perToken}};
    if (op.getDtBias())
      inputs.push_back({op.getDtBias(), perHead});
    d = elementwise(b, inputs, emptyLike(b, b.getLoc(), d), [&](ScalarBuilder &b, ValueRange x) {
      Value d = op.getDtBias() ? b.add(x[0], x[1]) : x[0];
      if (op.getDtSoftplus())
        d = b.softplus(d);
      if (op.getDtMin())
        d = arith::MaximumFOp::create(b, d, b.constant(element, op.getDtMin()->convertToDouble()));
      if (op.getDtMax())
        d = arith::MinimumFOp::create(b, d, b.constant(element, op.getDtMax()->convertToDouble()));
      return d;
    });
  }
  auto product = [](ScalarBuilder &b, ValueRange x) -> Value { return b.mul(x[0], x[1]); };
  Value decay = elementwise(b, {{d, perToken}, {op.getA(), perHead}}, emptyLike(b, b.getLoc(), d), product);
  Value v = elementwise(b, {{d, perToken}, {op.getX(), all}}, emptyLike(b, b.getLoc(), op.getX()), product);

  bool isLast = !op.getD() && !op.getZ();
  Value init = isLast ? op.getYInit() : emptyLike(b, b.getLoc(), op.getX());
  auto attention = LinearAttentionOp::create(b, op.getC(), op.getB(), v, decay, init, op.getStateInit(), /*scale=*/1.0);
  attention.setStateLayout(StateLayout::VK);
  attention.setChunkSize(op.getChunkSize());
  Value y = attention.getO();
  if (!isLast) {
    SmallVector<std::pair<Value, ArrayRef<int64_t>>> inputs = {{y, all}};
    if (op.getD()) {
      inputs.push_back({op.getX(), all});
      bool isPerValue = cast<RankedTensorType>(op.getD().getType()).getRank() == 2;
      inputs.push_back({op.getD(), isPerValue ? ArrayRef<int64_t>(perValue) : ArrayRef<int64_t>(perHead)});
    }
    if (op.getZ())
      inputs.push_back({op.getZ(), all});
    y = elementwise(b, inputs, op.getYInit(), [&](ScalarBuilder &b, ValueRange x) {
      Value y = x[0];
      if (op.getD())
        y = b.add(y, b.mul(x[2], x[1]));
      if (op.getZ())
        y = b.mul(y, b.silu(x.back()));
      return y;
    });
  }
  rewriter.replaceOp(op, {y, attention.getState()});
}

namespace {
struct LinnetExpandSsd : impl::LinnetExpandSsdBase<LinnetExpandSsd> {
  void runOnOperation() override {
    InheritAccuracy inherit;
    IRRewriter rewriter(&getContext(), &inherit);
    getOperation()->walk([&](SsdOp op) {
      inherit.setSource(op);
      expandSsd(rewriter, op);
    });
  }
};
} // namespace
} // namespace linnet
