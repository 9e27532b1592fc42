//===- Attention.cpp - tiling of attention ----------------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A tile is some queries of one head with all keys: nothing goes from tile to tile, so that all of them are parallel
// and no result depends on who computes it.
//
//===----------------------------------------------------------------------===//

#include "compiler/tiling/Tiling.h"
#include "compiler/vector/sparse_attention/AttentionCode.h"
#include "dialects/linnet/Linnet.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace linnet;

/// The dimensions of the iteration space.
enum : int64_t { kBatch, kHead, kQuery, kRank };

/// Queries of a tile: enough that a tile is worth handing out, few enough that a window of keys is not much less than
/// what the tile touches.
static constexpr int64_t kTileQueries = 64;

namespace {

using Sizes = ArrayRef<OpFoldResult>;

/// The slices of the operands of a tile.
class TileSlicer {
public:
  TileSlicer(OpBuilder &builder, AttentionOp op, Sizes offsets, Sizes sizes)
      : builder(builder), op(op), offsets(offsets), sizes(sizes) {}

  /// `operand` as the tile sees it; `slices` collects the ops that cut it.
  Value slice(OpOperand &operand, SmallVectorImpl<Operation *> &slices);

private:
  struct Slice {
    SmallVector<OpFoldResult> offsets, sizes;
    void push(OpFoldResult offset, OpFoldResult size) {
      offsets.push_back(offset);
      sizes.push_back(size);
    }
  };
  void pushWhole(Slice &slice, Value tensor, int64_t dim) {
    slice.push(builder.getIndexAttr(0), tensor::getMixedSize(builder, op.getLoc(), tensor, dim));
  }
  void pushTile(Slice &slice, int64_t dim) { slice.push(offsets[dim], sizes[dim]); }
  OpFoldResult apply(AffineExpr expression, OpFoldResult x) {
    return affine::makeComposedFoldedAffineApply(builder, op.getLoc(), expression, {x});
  }
  /// Batch and head of [B or 1, H or 1, ...].
  void pushLeading(Slice &slice, Value tensor) {
    for (int64_t dim : {kBatch, kHead})
      cast<RankedTensorType>(tensor.getType()).getDimSize(dim) == 1 ? pushWhole(slice, tensor, dim)
                                                                    : pushTile(slice, dim);
  }
  /// The head of k or v that the tile reads.
  void pushGroup(Slice &slice, Value tensor) {
    int64_t heads = cast<RankedTensorType>(op.getQ().getType()).getDimSize(1);
    int64_t groups = cast<RankedTensorType>(tensor.getType()).getDimSize(1);
    // At least 1 where there are no heads at all.
    int64_t size = std::max<int64_t>(heads / std::max<int64_t>(groups, 1), 1);
    slice.push(apply(builder.getAffineDimExpr(0).floorDiv(size), offsets[kHead]), builder.getIndexAttr(1));
  }

  OpBuilder &builder;
  AttentionOp op;
  Sizes offsets, sizes;
};

Value TileSlicer::slice(OpOperand &operand, SmallVectorImpl<Operation *> &slices) {
  Value tensor = operand.get();
  auto type = dyn_cast<RankedTensorType>(tensor.getType());
  if (!type) { // the position of the first query
    AffineExpr d0 = builder.getAffineDimExpr(0), d1 = builder.getAffineDimExpr(1);
    OpFoldResult position =
        affine::makeComposedFoldedAffineApply(builder, op.getLoc(), d0 + d1, {OpFoldResult(tensor), offsets[kQuery]});
    return getValueOrCreateConstantIndexOp(builder, op.getLoc(), position);
  }
  // One value may be several operands, each cut in its own way.
  auto isOneOf = [&](ArrayRef<MutableOperandRange> ranges) {
    return llvm::any_of(ranges,
                        [&](const MutableOperandRange &range) { return !range.empty() && &range[0] == &operand; });
  };
  Slice slice;
  AffineExpr d0 = builder.getAffineDimExpr(0);
  bool isKeys = isOneOf({op.getKMutable(), op.getVMutable()});
  if (isKeys || isOneOf({op.getQMutable()})) {
    pushTile(slice, kBatch);
    isKeys ? pushGroup(slice, tensor) : pushTile(slice, kHead);
    isKeys || op.getQueryRows() ? pushWhole(slice, tensor, 2) : pushTile(slice, kQuery);
    pushWhole(slice, tensor, 3);
  } else if (isOneOf({op.getOInitMutable(), op.getLseInitMutable()})) {
    for (int64_t dim : {kBatch, kHead, kQuery})
      pushTile(slice, dim);
    if (type.getRank() == 4)
      pushWhole(slice, tensor, 3);
  } else if (isOneOf({op.getAlibiMutable()})) {
    pushTile(slice, kHead);
  } else if (isOneOf({op.getQueryRowsMutable(), op.getQueryIdsMutable()})) {
    pushLeading(slice, tensor);
    pushTile(slice, kQuery);
  } else if (isOneOf({op.getKeyRowsMutable(), op.getKeyIdsMutable()})) {
    pushLeading(slice, tensor);
    pushWhole(slice, tensor, 2);
  } else if (isOneOf({op.getBlockStartsMutable()})) {
    pushLeading(slice, tensor);
    slice.push(apply(d0.floorDiv(op.getBlockQueries()), offsets[kQuery]),
               apply(d0.ceilDiv(op.getBlockQueries()) + 1, sizes[kQuery]));
  } else {
    return tensor; // columns, and the bits of blocks, which the starts count
  }
  SmallVector<OpFoldResult> strides(type.getRank(), builder.getIndexAttr(1));
  auto tile = tensor::ExtractSliceOp::create(builder, op.getLoc(), tensor, slice.offsets, slice.sizes, strides);
  slices.push_back(tile);
  return tile;
}

struct AttentionTilingModel : TilingInterface::ExternalModel<AttentionTilingModel, AttentionOp> {
  SmallVector<utils::IteratorType> getLoopIteratorTypes(Operation *) const {
    return SmallVector<utils::IteratorType>(kRank, utils::IteratorType::parallel);
  }

  SmallVector<Range> getIterationDomain(Operation *op, OpBuilder &builder) const {
    SmallVector<Range> domain;
    for (int64_t dim : {kBatch, kHead, kQuery})
      domain.push_back({builder.getIndexAttr(0),
                        tensor::getMixedSize(builder, op->getLoc(), cast<AttentionOp>(op).getOInit(), dim),
                        builder.getIndexAttr(1)});
    return domain;
  }

  FailureOr<TilingResult> getTiledImplementation(Operation *op, OpBuilder &builder, Sizes offsets, Sizes sizes) const {
    TileSlicer slicer(builder, cast<AttentionOp>(op), offsets, sizes);
    SmallVector<Value> operands;
    SmallVector<Operation *> slices;
    for (OpOperand &operand : op->getOpOperands())
      operands.push_back(slicer.slice(operand, slices));
    SmallVector<Type> types;
    for (OpOperand &init : cast<DestinationStyleOpInterface>(op).getDpsInitsMutable())
      types.push_back(operands[init.getOperandNumber()].getType());
    Operation *tiled = mlir::clone(builder, op, types, operands);
    return TilingResult{{tiled}, SmallVector<Value>(tiled->getResults()), slices};
  }

  LogicalResult getResultTilePosition(Operation *op, OpBuilder &builder, unsigned index, Sizes offsets, Sizes sizes,
                                      SmallVector<OpFoldResult> &resultOffsets,
                                      SmallVector<OpFoldResult> &resultSizes) const {
    resultOffsets.assign(offsets.begin(), offsets.end());
    resultSizes.assign(sizes.begin(), sizes.end());
    if (index == 0) {
      resultOffsets.push_back(builder.getIndexAttr(0));
      resultSizes.push_back(tensor::getMixedSize(builder, op->getLoc(), cast<AttentionOp>(op).getOInit(), 3));
    }
    return success();
  }
};

} // namespace

void linnet::registerAttentionTilingModels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, LinnetDialect *dialect) {
    AttentionOp::attachInterface<AttentionTilingModel>(*context);
  });
}

/// A loop over the sequences around an attention of each; returns that one.
static AttentionOp separateSequences(RewriterBase &rewriter, AttentionOp op) {
  rewriter.setInsertionPoint(op);
  ImplicitLocOpBuilder b(op.getLoc(), rewriter);
  auto index = [](ImplicitLocOpBuilder &b, int64_t value) -> Value { return arith::ConstantIndexOp::create(b, value); };
  Value count = arith::SubIOp::create(b, tensor::DimOp::create(b, op.getQueryOffsets(), index(b, 0)), index(b, 1));
  AttentionOp inner;
  auto loop = scf::ForOp::create(
      b, index(b, 0), count, index(b, 1), op.getDpsInits(),
      [&](OpBuilder &builder, Location loc, Value sequence, ValueRange carried) {
        ImplicitLocOpBuilder b(loc, builder);
        Value next = arith::AddIOp::create(b, sequence, index(b, 1));
        auto bound = [&](Value offsets) {
          auto load = [&](Value place) -> Value {
            return arith::IndexCastOp::create(b, b.getIndexType(), tensor::ExtractOp::create(b, offsets, place));
          };
          Value first = load(sequence);
          return std::pair(first, arith::SubIOp::create(b, load(next), first).getResult());
        };
        auto queries = bound(op.getQueryOffsets()), keys = bound(op.getKeyOffsets());
        auto place = [&](Value tensor, std::pair<Value, Value> bounds) {
          int64_t rank = cast<RankedTensorType>(tensor.getType()).getRank();
          SmallVector<OpFoldResult> offsets(rank, b.getIndexAttr(0)), sizes = tensor::getMixedSizes(b, loc, tensor);
          offsets[2] = bounds.first;
          sizes[2] = bounds.second;
          return std::pair(offsets, sizes);
        };
        auto slice = [&](Value tensor, std::pair<Value, Value> bounds) -> Value {
          auto [offsets, sizes] = place(tensor, bounds);
          SmallVector<OpFoldResult> strides(offsets.size(), b.getIndexAttr(1));
          return tensor::ExtractSliceOp::create(b, tensor, offsets, sizes, strides);
        };
        Value o = slice(carried[0], queries), lse = slice(carried[1], queries);
        AttentionOp::Properties properties = op.getProperties();
        llvm::fill(properties.operandSegmentSizes, 0);
        std::fill_n(properties.operandSegmentSizes.begin(), 5, 1);
        SmallVector<NamedAttribute> attributes(op->getDiscardableAttrs());
        SmallVector<Value> operands = {slice(op.getQ(), queries), slice(op.getK(), keys), slice(op.getV(), keys), o,
                                       lse};
        inner = AttentionOp::create(b, TypeRange{o.getType(), lse.getType()}, operands, properties, attributes);
        if (op.getAlibi())
          inner.getAlibiMutable().assign(op.getAlibi());
        SmallVector<Value> results;
        for (auto [result, whole] : llvm::zip_equal(inner.getResults(), carried)) {
          auto [offsets, sizes] = place(whole, queries);
          SmallVector<OpFoldResult> strides(offsets.size(), b.getIndexAttr(1));
          results.push_back(tensor::InsertSliceOp::create(b, result, whole, offsets, sizes, strides));
        }
        scf::YieldOp::create(b, results);
      });
  rewriter.replaceOp(op, loop.getResults());
  return inner;
}

/// Queries of a tile: those of one row of blocks, or of some where they are lists of keys.
static int64_t countTileQueries(AttentionOp op) {
  if (!op.getBlockStarts())
    return kTileQueries;
  int64_t queries = op.getBlockQueries();
  return hasKeyLists(op) ? llvm::alignTo(kTileQueries, queries) : queries;
}

LogicalResult linnet::tileAttention(RewriterBase &rewriter, AttentionOp op) {
  if (op.getQueryOffsets())
    op = separateSequences(rewriter, op);
  // A tile does not see how many queries there are, so its position is said.
  if (!op.getPosition()) {
    rewriter.setInsertionPoint(op);
    auto [keys, dim] = op.getKeyCount();
    Value count = tensor::DimOp::create(rewriter, op.getLoc(), keys, dim);
    Value queries = tensor::DimOp::create(rewriter, op.getLoc(), op.getOInit(), 2);
    Value position = arith::SubIOp::create(rewriter, op.getLoc(), count, queries);
    rewriter.modifyOpInPlace(op, [&] { op.getPositionMutable().assign(position); });
  }
  return tileToForall(
      rewriter, cast<TilingInterface>(op.getOperation()),
      {rewriter.getIndexAttr(1), rewriter.getIndexAttr(1), rewriter.getIndexAttr(countTileQueries(op))});
}
