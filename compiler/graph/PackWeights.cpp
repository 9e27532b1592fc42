//===- PackWeights.cpp - weights into register panels ---------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Passes.h"
#include "compiler/graph/WeightAnalysis.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
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

/// The loop over the rows of the weight of out[..., n] += x[..., k] * W[n, k], or nothing where `op` is no such
/// product.
std::optional<unsigned> findRowLoop(linalg::LinalgOp op, WeightAnalysis &weights) {
  if (!linalg::isaContractionOpInterface(op))
    return std::nullopt;
  Value weight = op.getDpsInputs()[1];
  auto type = dyn_cast<RankedTensorType>(weight.getType());
  if (!type || type.getRank() != 2 || !type.hasStaticShape() ||
      weights.classify(weight) != WeightAnalysis::Kind::Weight)
    return std::nullopt;
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  auto row = dyn_cast<AffineDimExpr>(maps[1].getResult(0)), k = dyn_cast<AffineDimExpr>(maps[1].getResult(1));
  // The weight's rows are the innermost dimension of the result, its columns the innermost of x. Where x has the rows
  // as well, they are no product of matrices but one dot product each.
  if (!row || !k || maps[2].getNumResults() < 2 || maps[2].getResults().back() != row ||
      maps[0].getResults().back() != k || maps[0].isFunctionOfDim(row.getPosition()))
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
    foldPackedFills();
    // Classified before anything is rewritten: the analysis remembers ops by address.
    SmallVector<linalg::PackOp> weightPacks, activationPacks;
    SmallVector<linalg::UnPackOp> unpacks;
    WeightAnalysis packed(getOperation());
    getOperation().walk([&](linalg::PackOp op) {
      bool isWeight = packed.classify(op.getSource()) == WeightAnalysis::Kind::Weight;
      (isWeight ? weightPacks : activationPacks).push_back(op);
    });
    getOperation().walk([&](linalg::UnPackOp op) { unpacks.push_back(op); });
    for (linalg::PackOp pack : weightPacks) {
      rewriter.setInsertionPoint(pack);
      if (failed(linalg::lowerPack(rewriter, pack))) {
        pack.emitError("the pack of this weight cannot be lowered");
        return signalPassFailure();
      }
    }
    for (linalg::PackOp pack : activationPacks) {
      rewriter.setInsertionPoint(pack);
      lowerActivationPack(rewriter, pack);
    }
    for (linalg::UnPackOp unpack : unpacks) {
      rewriter.setInsertionPoint(unpack);
      lowerActivationUnPack(rewriter, unpack);
    }
  }

  /// A packed fill is a fill of the packed shape.
  void foldPackedFills() {
    RewritePatternSet patterns(&getContext());
    linalg::FillOp::getCanonicalizationPatterns(patterns, &getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }

  /// [..., n] and [..., no, ni] have the same order in memory: [[0], [1], ..., [n - 1, n]].
  static SmallVector<ReassociationIndices> splitLast(int64_t rank) {
    SmallVector<ReassociationIndices> groups;
    for (int64_t i = 0; i < rank; ++i)
      groups.push_back({i});
    groups.back().push_back(rank);
    return groups;
  }

  static void lowerActivationPack(IRRewriter &rewriter, linalg::PackOp pack) {
    Location loc = pack.getLoc();
    Value source = pack.getSource();
    auto sourceType = cast<RankedTensorType>(source.getType());
    auto packedType = cast<RankedTensorType>(pack.getResult().getType());
    int64_t rank = sourceType.getRank(), panels = packedType.getDimSize(rank - 1), width = packedType.getDimSize(rank);
    SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(rewriter, loc, source);
    if (int64_t missing = panels * width - sourceType.getDimSize(rank - 1)) {
      SmallVector<OpFoldResult> low(rank, rewriter.getIndexAttr(0)), high = low;
      high.back() = rewriter.getIndexAttr(missing);
      SmallVector<int64_t> shape(sourceType.getShape());
      shape.back() += missing;
      Value zero = arith::ConstantOp::create(rewriter, loc, rewriter.getZeroAttr(sourceType.getElementType()));
      source = tensor::PadOp::create(rewriter, loc, sourceType.clone(shape), source, low, high, zero);
    }
    sizes.back() = rewriter.getIndexAttr(panels);
    sizes.push_back(rewriter.getIndexAttr(width));
    rewriter.replaceOpWithNewOp<tensor::ExpandShapeOp>(pack, packedType, source, splitLast(rank), sizes);
  }

  static void lowerActivationUnPack(IRRewriter &rewriter, linalg::UnPackOp unpack) {
    auto resultType = cast<RankedTensorType>(unpack.getResult().getType());
    int64_t rank = resultType.getRank();
    Value flat =
        tensor::CollapseShapeOp::create(rewriter, unpack.getLoc(), unpack.getSource(), splitLast(rank)).getResult();
    SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(rewriter, unpack.getLoc(), flat);
    sizes.back() = rewriter.getIndexAttr(resultType.getDimSize(rank - 1));
    SmallVector<OpFoldResult> offsets(rank, rewriter.getIndexAttr(0)), strides(rank, rewriter.getIndexAttr(1));
    if (flat.getType() != resultType)
      flat = tensor::ExtractSliceOp::create(rewriter, unpack.getLoc(), resultType, flat, offsets, sizes, strides);
    rewriter.replaceOp(unpack, flat);
  }
};
} // namespace
} // namespace linnet
