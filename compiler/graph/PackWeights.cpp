//===- PackWeights.cpp - weights into register panels ---------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Passes.h"
#include "compiler/graph/WeightAnalysis.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;

namespace linnet {
#define GEN_PASS_DEF_LINNETPACKWEIGHTS
#include "compiler/Passes.h.inc"

namespace {

/// The loop over the rows of the weight of out[..., n] += x[..., k] * W[n, k], or nothing where `op` is no such product.
std::optional<unsigned> findRowLoop(linalg::LinalgOp op, WeightAnalysis &weights) {
  if (!linalg::isaContractionOpInterface(op))
    return std::nullopt;
  Value weight = op.getDpsInputs()[1];
  auto type = dyn_cast<RankedTensorType>(weight.getType());
  if (!type || type.getRank() != 2 || weights.classify(weight) != WeightAnalysis::Kind::Weight)
    return std::nullopt;
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  auto row = dyn_cast<AffineDimExpr>(maps[1].getResult(0)), k = dyn_cast<AffineDimExpr>(maps[1].getResult(1));
  // The weight's rows are the innermost dimension of the result, its columns the innermost of x.
  if (!row || !k || maps[2].getNumResults() < 2 || maps[2].getResults().back() != row ||
      maps[0].getResults().back() != k)
    return std::nullopt;
  return row.getPosition();
}

struct LinnetPackWeights : impl::LinnetPackWeightsBase<LinnetPackWeights> {
  using LinnetPackWeightsBase::LinnetPackWeightsBase;

  void runOnOperation() override {
    WeightAnalysis weights(getOperation());
    SmallVector<std::pair<linalg::LinalgOp, unsigned>> products;
    getOperation().walk([&](linalg::LinalgOp op) {
      if (std::optional<unsigned> row = findRowLoop(op, weights))
        products.emplace_back(op, *row);
    });
    IRRewriter rewriter(&getContext());
    for (auto [op, row] : products) {
      SmallVector<OpFoldResult> sizes(op.getNumLoops(), rewriter.getIndexAttr(0));
      sizes[row] = rewriter.getIndexAttr(panel);
      rewriter.setInsertionPoint(op);
      FailureOr<linalg::PackResult> packed = linalg::pack(rewriter, op, sizes);
      if (failed(packed)) {
        op.emitError("the weight of this product cannot be packed");
        return signalPassFailure();
      }
    }
    lowerActivationPacks();
  }

  /// The rows of a panel lie side by side in the result as before: packs and unpacks of activations are reshapes.
  void lowerActivationPacks() {
    RewritePatternSet patterns(&getContext());
    linalg::populateSimplifyPackAndUnpackPatterns(patterns);
    linalg::FillOp::getCanonicalizationPatterns(patterns, &getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      return signalPassFailure();
    IRRewriter rewriter(&getContext());
    SmallVector<linalg::UnPackOp> unpacks;
    getOperation().walk([&](linalg::UnPackOp op) { unpacks.push_back(op); });
    for (linalg::UnPackOp op : unpacks) {
      rewriter.setInsertionPoint(op);
      if (failed(linalg::lowerUnPack(rewriter, op))) {
        op.emitError("the result of a packed product cannot be unpacked");
        return signalPassFailure();
      }
    }
  }
};
} // namespace
} // namespace linnet
