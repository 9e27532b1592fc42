//===- SplitAttention.cpp - linear attention cut along time ---------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Model.h"
#include "compiler/Passes.h"
#include "compiler/reference/Reference.h"
#include "compiler/tiling/Tiling.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Interfaces/ValueBoundsOpInterface.h"

using namespace mlir;

namespace linnet {
#define GEN_PASS_DEF_LINNETSPLITATTENTION
#include "compiler/Passes.h.inc"

namespace {

/// One op in chunks of `chunk` tokens, c = 0, 1, ... of each sequence; the last may be shorter.
class Splitter {
public:
  Splitter(LinearAttentionOp op, int64_t chunk, int64_t lanes)
      : op(op), b(op.getLoc(), op), chunk(chunk), stateType(typeOf(op.getStateInit())),
        tileColumns(getAttentionTileColumns(op, lanes)), columns(typeOf(op.getV()).getDimSize(3)) {}

  void run();

private:
  static RankedTensorType typeOf(Value value) { return cast<RankedTensorType>(value.getType()); }
  OpFoldResult attr(int64_t value) { return b.getIndexAttr(value); }
  SmallVector<OpFoldResult> ones(size_t rank) { return SmallVector<OpFoldResult>(rank, attr(1)); }

  /// Where a tile lies: its chunk of a sequence and head, and its columns of the state.
  struct Place {
    Value sequence, chunk, head, column;
  };
  /// The part of the states of all chunks [sequence, chunk, head, key, column] that belongs to a tile.
  SmallVector<OpFoldResult> stateOffsets(const Place &at) {
    return {at.sequence, at.chunk, at.head, attr(0), at.column};
  }
  SmallVector<OpFoldResult> stateSizes() {
    return {attr(1), attr(1), attr(1), attr(stateType.getDimSize(2)), attr(stateColumns())};
  }
  int64_t stateColumns() const { return tileColumns == columns ? stateType.getDimSize(3) : tileColumns; }
  Value sliceState(ImplicitLocOpBuilder &b, Value states, const Place &at);
  void insertState(ImplicitLocOpBuilder &b, Value state, Value states, const Place &at);

  /// A parallel loop over the tiles of `count` chunks of every sequence.
  using Body = llvm::function_ref<void(ImplicitLocOpBuilder &, const Place &, ValueRange outputs)>;
  SmallVector<Value> forAllTiles(OpFoldResult count, ValueRange outputs, Body body);
  /// The op on a tile of `tokens` tokens, from the given state.
  LinearAttentionOp cloneTile(ImplicitLocOpBuilder &b, const Place &at, OpFoldResult tokens, Value o, Value state);

  Value createStates(OpFoldResult count);
  Value decaysOfChunks();

  LinearAttentionOp op;
  ImplicitLocOpBuilder b;
  int64_t chunk;
  RankedTensorType stateType;
  int64_t tileColumns, columns;
  OpFoldResult sequences, time, passed; ///< passed: the chunks of a sequence with another one behind them
};

Value Splitter::sliceState(ImplicitLocOpBuilder &b, Value states, const Place &at) {
  auto type = RankedTensorType::get({1, 1, stateType.getDimSize(2), stateColumns()}, stateType.getElementType());
  return tensor::ExtractSliceOp::create(b, type, states, stateOffsets(at), stateSizes(), ones(5));
}

void Splitter::insertState(ImplicitLocOpBuilder &b, Value state, Value states, const Place &at) {
  tensor::ParallelInsertSliceOp::create(b, state, states, stateOffsets(at), stateSizes(), ones(5));
}

SmallVector<Value> Splitter::forAllTiles(OpFoldResult count, ValueRange outputs, Body body) {
  SmallVector<OpFoldResult> zeros(4, attr(0)), steps = ones(4);
  SmallVector<OpFoldResult> ends = {sequences, count, attr(stateType.getDimSize(1)), attr(columns)};
  steps[3] = attr(tileColumns);
  auto loop = scf::ForallOp::create(b, zeros, ends, steps, outputs, std::nullopt,
                                    [&](OpBuilder &builder, Location loc, ValueRange args) {
                                      ImplicitLocOpBuilder inner(loc, builder);
                                      body(inner, {args[0], args[1], args[2], args[3]}, args.drop_front(4));
                                    });
  loop->setAttr(kKindAttrName, b.getStringAttr(op->getName().getStringRef()));
  return SmallVector<Value>(loop.getResults());
}

LinearAttentionOp Splitter::cloneTile(ImplicitLocOpBuilder &b, const Place &at, OpFoldResult tokens, Value o,
                                      Value state) {
  OpFoldResult first = affine::makeComposedFoldedAffineApply(b, b.getLoc(), b.getAffineDimExpr(0) * chunk, {at.chunk});
  SmallVector<OpFoldResult> offsets = {at.sequence, first, at.head, at.column};
  SmallVector<OpFoldResult> sizes = {attr(1), tokens, attr(1), attr(tileColumns)};
  FailureOr<TilingResult> tiled = cast<TilingInterface>(op.getOperation()).getTiledImplementation(b, offsets, sizes);
  assert(succeeded(tiled) && "causal, with static heads");
  auto tile = cast<LinearAttentionOp>(tiled->tiledOps[0]);
  b.setInsertionPointAfter(tile);
  // The slices of the destinations are of the op itself; here they are those of the loop.
  auto slice = tile.getOInit().getDefiningOp<tensor::ExtractSliceOp>();
  if (o)
    slice.getSourceMutable().assign(o);
  tile.getStateInitMutable().assign(state);
  return tile;
}

Value Splitter::createStates(OpFoldResult count) {
  SmallVector<OpFoldResult> sizes = {sequences, count};
  for (int64_t size : stateType.getShape().drop_front())
    sizes.push_back(attr(size));
  return tensor::EmptyOp::create(b, sizes, stateType.getElementType());
}

/// The product of the decays of every chunk but the last, as a tensor like the states. Logarithms are summed in f64:
/// there are as many of them as tokens, and a constant decay rounds the same way each time.
Value Splitter::decaysOfChunks() {
  MLIRContext *context = b.getContext();
  Value states = createStates(passed);
  Type f32 = stateType.getElementType(), f64 = b.getF64Type();
  auto parallel = utils::IteratorType::parallel;
  AffineExpr d[5];
  bindDimsList(context, MutableArrayRef<AffineExpr>(d));
  auto map = [&](ArrayRef<AffineExpr> results, int64_t dims) { return AffineMap::get(dims, 0, results, context); };
  auto broadcast = [&](Value decays, ArrayRef<AffineExpr> dims) {
    return linalg::GenericOp::create(b, states.getType(), decays, states, ArrayRef{map(dims, 5), map(d, 5)},
                                     SmallVector(5, parallel),
                                     [](OpBuilder &builder, Location loc, ValueRange args) {
                                       linalg::YieldOp::create(builder, loc, args[0]);
                                     })
        .getResult(0);
  };
  Value log = op.getLogDecay();
  if (!log)
    return linalg::FillOp::create(b, arith::ConstantOp::create(b, b.getFloatAttr(f32, 1.0)).getResult(), states)
        .getResult(0);
  auto expOf = [&](Value logs, Type element, llvm::function_ref<Value(OpBuilder &, Location, Value)> toF32) {
    SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(b, b.getLoc(), logs);
    Value empty = tensor::EmptyOp::create(b, sizes, element);
    AffineMap same = b.getMultiDimIdentityMap(sizes.size());
    return linalg::GenericOp::create(b, empty.getType(), logs, empty, ArrayRef{same, same},
                                     SmallVector(sizes.size(), parallel),
                                     [&](OpBuilder &builder, Location loc, ValueRange args) {
                                       Value exp = math::ExpOp::create(builder, loc, toF32(builder, loc, args[0]));
                                       linalg::YieldOp::create(builder, loc, exp);
                                     })
        .getResult(0);
  };
  if (op.hasConstantDecay()) {
    auto times = [&](OpBuilder &builder, Location loc, Value log) -> Value {
      Value count = arith::ConstantOp::create(builder, loc, builder.getFloatAttr(f32, chunk));
      return arith::MulFOp::create(builder, loc, log, count);
    };
    return broadcast(expOf(log, f32, times), {d[2]});
  }
  // [sequence, time, head(, key)] as [sequence, chunk, token, head(, key)].
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(b, b.getLoc(), log);
  sizes[1] = affine::makeComposedFoldedAffineApply(b, b.getLoc(), b.getAffineSymbolExpr(0) * chunk, {passed});
  int64_t rank = sizes.size();
  Value slice = tensor::ExtractSliceOp::create(b, log, SmallVector<OpFoldResult>(rank, attr(0)), sizes, ones(rank));
  SmallVector<ReassociationIndices> groups = {{0}, {1, 2}};
  for (int64_t dim = 2; dim < rank; ++dim)
    groups.push_back({dim + 1});
  SmallVector<OpFoldResult> expanded = sizes;
  expanded[1] = passed;
  expanded.insert(expanded.begin() + 2, attr(chunk));
  auto [shape, dynamic] = decomposeMixedValues(expanded);
  Value chunks = tensor::ExpandShapeOp::create(b, RankedTensorType::get(shape, f32), slice, groups, expanded);
  expanded.erase(expanded.begin() + 2);
  Value zero = arith::ConstantOp::create(b, b.getFloatAttr(f64, 0.0));
  Value sums = linalg::FillOp::create(b, zero, tensor::EmptyOp::create(b, expanded, f64).getResult()).getResult(0);
  // Tokens before heads and keys: those stand side by side in memory.
  SmallVector<AffineExpr> from = {d[0], d[1], d[2], d[3]}, to = {d[0], d[1], d[3]};
  SmallVector<utils::IteratorType> iterators = {parallel, parallel, utils::IteratorType::reduction, parallel};
  if (rank == 4) {
    from.push_back(d[4]);
    to.push_back(d[4]);
    iterators.push_back(parallel);
  }
  sums = linalg::GenericOp::create(
             b, sums.getType(), chunks, sums, ArrayRef{map(from, rank + 1), map(to, rank + 1)}, iterators,
             [&](OpBuilder &builder, Location loc, ValueRange args) {
               Value wide = arith::ExtFOp::create(builder, loc, f64, args[0]);
               linalg::YieldOp::create(builder, loc, arith::AddFOp::create(builder, loc, args[1], wide).getResult());
             })
             .getResult(0);
  auto round = [&](OpBuilder &builder, Location loc, Value sum) -> Value {
    return arith::TruncFOp::create(builder, loc, f32, sum);
  };
  SmallVector<AffineExpr> dims = {d[0], d[1], d[2]};
  if (rank == 4)
    dims.push_back(d[3]);
  return broadcast(expOf(sums, f32, round), dims);
}

void Splitter::run() {
  sequences = tensor::getMixedSize(b, b.getLoc(), op.getStateInit(), 0);
  time = tensor::getMixedSize(b, b.getLoc(), op.getV(), 1);
  AffineExpr t = b.getAffineSymbolExpr(0), zero = b.getAffineConstantExpr(0);
  passed = affine::makeComposedFoldedAffineMax(
      b, b.getLoc(), AffineMap::get(0, 1, {(t - 1).floorDiv(chunk), zero}, b.getContext()), {time});
  OpFoldResult chunks = affine::makeComposedFoldedAffineApply(b, b.getLoc(), t + 1, {passed});

  // 1. What each chunk but the last adds to a state: the state behind it, from 0.
  Value added =
      forAllTiles(passed, createStates(passed), [&](ImplicitLocOpBuilder &b, const Place &at, ValueRange out) {
        Value none = arith::ConstantOp::create(b, b.getFloatAttr(stateType.getElementType(), 0.0));
        Value state = linalg::FillOp::create(b, none, sliceState(b, out[0], at)).getResult(0);
        LinearAttentionOp tile = cloneTile(b, at, attr(chunk), {}, state);
        auto terminator = scf::InParallelOp::create(b);
        b.setInsertionPointToStart(terminator.getBody());
        insertState(b, tile.getState(), out[0], at);
      })[0];

  // 2. The state before each chunk.
  Value between = createStates(passed);
  Value behind = AffineScanOp::create(b, TypeRange{between.getType(), stateType}, decaysOfChunks(), added, between,
                                      op.getStateInit(), /*dimension=*/1)
                     .getH();
  SmallVector<OpFoldResult> offsets(5, attr(0)), sizes = tensor::getMixedSizes(b, b.getLoc(), behind);
  SmallVector<OpFoldResult> first = sizes;
  first[1] = attr(1);
  Value states = createStates(chunks);
  states = tensor::InsertSliceOp::create(b, op.getStateInit(), states, offsets, first, ones(5));
  offsets[1] = attr(1);
  states = tensor::InsertSliceOp::create(b, behind, states, offsets, sizes, ones(5));

  // 3. Every chunk from the state before it.
  SmallVector<Value> results =
      forAllTiles(chunks, {op.getOInit(), states}, [&](ImplicitLocOpBuilder &b, const Place &at, ValueRange out) {
        AffineExpr index = b.getAffineDimExpr(0), all = b.getAffineDimExpr(1);
        AffineMap left = AffineMap::get(2, 0, {b.getAffineConstantExpr(chunk), all - index * chunk}, b.getContext());
        OpFoldResult tokens = affine::makeComposedFoldedAffineMin(b, b.getLoc(), left, {at.chunk, time});
        LinearAttentionOp tile = cloneTile(b, at, tokens, out[0], sliceState(b, out[1], at));
        auto slice = tile.getOInit().getDefiningOp<tensor::ExtractSliceOp>();
        auto terminator = scf::InParallelOp::create(b);
        b.setInsertionPointToStart(terminator.getBody());
        tensor::ParallelInsertSliceOp::create(b, tile.getO(), out[0], slice.getMixedOffsets(), slice.getMixedSizes(),
                                              slice.getMixedStrides());
        insertState(b, tile.getState(), out[1], at);
      });
  offsets[1] = passed;
  Value last = tensor::ExtractSliceOp::create(b, stateType, results[1], offsets, first, ones(5));
  op->replaceAllUsesWith(ValueRange{results[0], last});
  op->erase();
}

struct LinnetSplitAttention : impl::LinnetSplitAttentionBase<LinnetSplitAttention> {
  using LinnetSplitAttentionBase::LinnetSplitAttentionBase;

  void runOnOperation() override {
    SmallVector<LinearAttentionOp> ops;
    getOperation().walk([&](LinearAttentionOp op) {
      if (!op->hasAttr(kPathAttrName) && !op->getParentOfType<scf::ForallOp>() && isSplit(op))
        ops.push_back(op);
    });
    for (LinearAttentionOp op : ops) {
      int64_t count = countAttentionTiles(op, lanes);
      remark::passed(op.getLoc(), remark::RemarkOpts::name("attention-split").category("linnet"))
          << "cut along time into chunks of " + std::to_string(chunk) + " tokens: heads and columns make " +
                 std::to_string(count) + (count == 1 ? " tile" : " tiles") + ", fewer than " + std::to_string(tiles);
      Splitter(op, chunk, lanes).run();
    }
  }

  bool isSplit(LinearAttentionOp op) {
    // What a chunk does to a state is K x K numbers with the delta rule or a low-rank transition, and costs as much as
    // the chunk itself.
    if (!op.isCausal() || op.getBeta() || op.getErase() || getAttentionTileColumns(op, lanes) == 0 ||
        countAttentionTiles(op, lanes) >= tiles)
      return false;
    FailureOr<int64_t> most = ValueBoundsConstraintSet::computeConstantBound(
        presburger::BoundType::UB, ValueBoundsConstraintSet::Variable(op.getV(), 1), {}, /*closedUB=*/true);
    return failed(most) || *most > chunk;
  }
};
} // namespace
} // namespace linnet
