//===- SplitScans.cpp - scans cut along time ------------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Combine.h"
#include "compiler/Passes.h"
#include "compiler/ScanForm.h"
#include "compiler/reference/Reference.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Remarks.h"

using namespace mlir;

namespace linnet {
#define GEN_PASS_DEF_LINNETSPLITSCANS
#include "compiler/Passes.h.inc"

namespace {

/// Where a group of chunks lies in a tensor [lanes, places].
struct GroupPlace {
  OpFoldResult lane, start;
  int64_t size;
};

struct LinnetSplitScans : impl::LinnetSplitScansBase<LinnetSplitScans> {
  using LinnetSplitScansBase::LinnetSplitScansBase;

  void runOnOperation() override {
    SmallVector<Operation *> scans;
    getOperation().walk([&](Operation *op) {
      if (isa<AffineScanOp, ScanOp>(op) && !op->hasAttr(kPathAttrName) && !op->getParentOfType<scf::ForallOp>() &&
          isFew(op))
        scans.push_back(op);
    });
    for (Operation *op : scans) {
      remark::passed(op->getLoc(), remark::RemarkOpts::name("scan-split").category("linnet"))
          << "cut along time into chunks of " << std::to_string(chunk) << ": fewer than " << std::to_string(kMinLanes)
          << " lanes";
      split(op);
    }
  }

  /// [lanes, T] as linnet-arrange-scans leaves scans along time, with few lanes. Exclusive scans and segments need the
  /// carry of single elements: they stay whole, and so do unseeded ones, whose chunks have no neutral start.
  bool isFew(Operation *op) {
    auto type = cast<RankedTensorType>(op->getOperand(0).getType());
    if (!runsAlongTime(op) || op->hasAttr("reverse"))
      return false;
    if (!type.isDynamicDim(1) && type.getDimSize(1) < 2 * lanes * chunk)
      return false;
    auto scan = dyn_cast<ScanOp>(op);
    return !scan || (scan.getKind() != ScanKind::Custom && !scan.getExclusive() && !scan.getUnseeded() &&
                     !scan.getSegmentStart());
  }

  /// The chunks of a group, one below the other: [chunks, times].
  Value sliceGroup(ImplicitLocOpBuilder &b, Value tensor, const GroupPlace &place) {
    Type element = getElementTypeOrSelf(tensor.getType());
    OpFoldResult one = b.getIndexAttr(1);
    auto flat = RankedTensorType::get({place.size}, element);
    Value slice =
        tensor::ExtractSliceOp::create(b, flat, tensor, ArrayRef{place.lane, place.start},
                                       ArrayRef{one, OpFoldResult(b.getIndexAttr(place.size))}, ArrayRef{one, one});
    return tensor::ExpandShapeOp::create(b, RankedTensorType::get({lanes, place.size / lanes}, element), slice,
                                         ArrayRef<ReassociationIndices>{{0, 1}});
  }

  /// A parallel loop over lanes and groups that writes `sizes` places of each output per group.
  SmallVector<Value>
  forAllGroups(ImplicitLocOpBuilder &b, Value laneCount, Value groups, ValueRange outputs, ArrayRef<int64_t> sizes,
               llvm::function_ref<SmallVector<Value>(ImplicitLocOpBuilder &, function_ref<GroupPlace(int64_t size)>,
                                                     ValueRange outputs)>
                   body) {
    SmallVector<OpFoldResult> bounds = {laneCount, groups};
    auto loop =
        scf::ForallOp::create(b, bounds, outputs, std::nullopt, [&](OpBuilder &builder, Location loc, ValueRange args) {
          ImplicitLocOpBuilder inner(loc, builder);
          auto place = [&](int64_t size) -> GroupPlace {
            AffineExpr group = builder.getAffineDimExpr(0);
            Value start = affine::AffineApplyOp::create(inner, AffineMap::get(1, 0, group * size), ValueRange{args[1]});
            return {args[0], start, size};
          };
          SmallVector<Value> tiles = body(inner, place, args.drop_front(2));
          SmallVector<GroupPlace> places = llvm::map_to_vector(sizes, place);
          auto terminator = scf::InParallelOp::create(inner);
          inner.setInsertionPointToStart(terminator.getBody());
          OpFoldResult one = inner.getIndexAttr(1);
          for (auto [tile, output, place] : llvm::zip_equal(tiles, args.drop_front(2), places))
            tensor::ParallelInsertSliceOp::create(inner, tile, output, ArrayRef{place.lane, place.start},
                                                  ArrayRef{one, OpFoldResult(inner.getIndexAttr(place.size))},
                                                  ArrayRef{one, one});
        });
    return SmallVector<Value>(loop.getResults());
  }

  /// The op on other operands.
  static Operation *cloneOn(ImplicitLocOpBuilder &b, Operation *op, ArrayRef<Value> operands) {
    SmallVector<Type> types;
    for (OpOperand &init : cast<DestinationStyleOpInterface>(op).getDpsInitsMutable())
      types.push_back(operands[init.getOperandNumber()].getType());
    return mlir::clone(b, op, types, operands);
  }

  void split(Operation *op) {
    ImplicitLocOpBuilder b(op->getLoc(), op);
    bool isAffine = isa<AffineScanOp>(op);
    unsigned inputs = isAffine ? 2 : 1;
    Value x = op->getOperand(0), yInit = op->getOperand(inputs), stateInit = op->getOperand(inputs + 1);
    Type element = getElementTypeOrSelf(x.getType());
    int64_t group = lanes * chunk;
    OpFoldResult laneSize = tensor::getMixedSize(b, b.getLoc(), x, 0),
                 times = tensor::getMixedSize(b, b.getLoc(), x, 1);
    OpFoldResult zeroAttr = b.getIndexAttr(0), oneAttr = b.getIndexAttr(1);
    AffineExpr t = b.getAffineSymbolExpr(0);
    auto compute = [&](AffineExpr expression) {
      return affine::makeComposedFoldedAffineApply(b, b.getLoc(), expression, {times});
    };
    auto toValue = [&](OpFoldResult size) { return getValueOrCreateConstantIndexOp(b, b.getLoc(), size); };
    OpFoldResult chunks = compute(t.floorDiv(group) * lanes), carries = compute(t.floorDiv(group) * lanes + 1);
    OpFoldResult whole = compute(t.floorDiv(group) * group), rest = compute(t % group);
    Value groups = toValue(compute(t.floorDiv(group))), laneCount = toValue(laneSize);

    // 1. What each chunk does to a carry: its total from the identity (and the product of its factors).
    SmallVector<Value> totals(inputs, tensor::EmptyOp::create(b, ArrayRef{laneSize, chunks}, element));
    totals = forAllGroups(b, laneCount, groups, totals, SmallVector<int64_t>(inputs, lanes),
                          [&](ImplicitLocOpBuilder &b, function_ref<GroupPlace(int64_t)> place, ValueRange) {
                            SmallVector<Value> tiles;
                            for (unsigned i = 0; i < inputs; ++i)
                              tiles.push_back(sliceGroup(b, op->getOperand(i), place(group)));
                            return reduce(b, op, tiles);
                          });

    // 2. The carry before each chunk: the initial state, then the scan of the totals.
    SmallVector<Value> operands = totals;
    operands.append({tensor::EmptyOp::create(b, ArrayRef{laneSize, chunks}, element), stateInit});
    Value prefixes = cloneOn(b, op, operands)->getResult(0);
    Value carriers = tensor::EmptyOp::create(b, ArrayRef{laneSize, carries}, element);
    carriers = tensor::InsertSliceOp::create(b, toColumn(b, stateInit), carriers, ArrayRef{zeroAttr, zeroAttr},
                                             ArrayRef{laneSize, oneAttr}, ArrayRef{oneAttr, oneAttr});
    carriers = tensor::InsertSliceOp::create(b, prefixes, carriers, ArrayRef{zeroAttr, oneAttr},
                                             ArrayRef{laneSize, chunks}, ArrayRef{oneAttr, oneAttr});

    // 3. Every chunk from its carry.
    Value y = forAllGroups(b, laneCount, groups, yInit, group,
                           [&](ImplicitLocOpBuilder &b, function_ref<GroupPlace(int64_t)> place, ValueRange outputs) {
                             SmallVector<Value> operands;
                             for (unsigned i = 0; i < inputs; ++i)
                               operands.push_back(sliceGroup(b, op->getOperand(i), place(group)));
                             operands.push_back(sliceGroup(b, outputs[0], place(group)));
                             Value carry = sliceGroup(b, carriers, place(lanes));
                             ReassociationIndices both = {0, 1};
                             operands.push_back(tensor::CollapseShapeOp::create(b, carry, ArrayRef{both}));
                             Value tile = cloneOn(b, op, operands)->getResult(0);
                             return SmallVector<Value>{tensor::CollapseShapeOp::create(b, tile, ArrayRef{both})};
                           })[0];

    // 4. What is left, fewer elements than a group, from the last carry.
    auto sliceRest = [&](Value tensor) -> Value {
      return tensor::ExtractSliceOp::create(b, tensor, ArrayRef{zeroAttr, whole}, ArrayRef{laneSize, rest},
                                            ArrayRef{oneAttr, oneAttr});
    };
    auto stateType = cast<RankedTensorType>(stateInit.getType());
    Value last = tensor::ExtractSliceOp::create(b, stateType, carriers, ArrayRef{zeroAttr, chunks},
                                                ArrayRef{laneSize, oneAttr}, ArrayRef{oneAttr, oneAttr});
    if (!isConstantIntValue(rest, 0)) {
      operands.clear();
      for (unsigned i = 0; i < inputs; ++i)
        operands.push_back(sliceRest(op->getOperand(i)));
      operands.append({sliceRest(y), last});
      Operation *tail = cloneOn(b, op, operands);
      y = tensor::InsertSliceOp::create(b, tail->getResult(0), y, ArrayRef{zeroAttr, whole}, ArrayRef{laneSize, rest},
                                        ArrayRef{oneAttr, oneAttr});
      last = tail->getResult(1);
    }
    op->replaceAllUsesWith(ValueRange{y, last});
    op->erase();
  }

  /// The totals of chunks [chunks, times] from the identity: of affine_scan the product of the factors and the state,
  /// as one scan of pairs.
  SmallVector<Value> reduce(ImplicitLocOpBuilder &b, Operation *op, ArrayRef<Value> tiles) {
    Type element = getElementTypeOrSelf(tiles[0].getType());
    auto stateType = RankedTensorType::get({lanes}, element);
    auto filled = [&](ScanKind kind) -> Value {
      Value empty = tensor::EmptyOp::create(b, stateType.getShape(), element);
      return linalg::FillOp::create(b, buildIdentity(b, kind, element), empty).getResult(0);
    };
    Value scratch = tensor::EmptyOp::create(b, cast<RankedTensorType>(tiles[0].getType()).getShape(), element);
    bool isAffine = isa<AffineScanOp>(op);
    ScanKind kind = isAffine ? ScanKind::Custom : cast<ScanOp>(op).getKind();
    SmallVector<Value> states = {filled(isAffine ? ScanKind::Mul : kind)};
    if (isAffine)
      states.push_back(filled(ScanKind::Add));
    SmallVector<Value> outputs(tiles.size(), scratch);
    SmallVector<Type> types(tiles.size(), scratch.getType());
    types.append(tiles.size(), stateType);
    auto scan = ScanOp::create(b, types, tiles, outputs, states, Value(), kind, /*dimension=*/1, /*exclusive=*/false,
                               /*reverse=*/false, /*unseeded=*/false, ArrayRef<int64_t>(),
                               /*combinersCount=*/isAffine ? 1 : 0);
    if (isAffine)
      buildAffineCombiner(b, scan.getCombiner(), element);
    return SmallVector<Value>(scan.getStates());
  }

  /// h -> a1 h + b1, then h -> a2 h + b2.
  static void buildAffineCombiner(ImplicitLocOpBuilder &b, Region &region, Type element) {
    OpBuilder::InsertionGuard guard(b);
    Block *block =
        b.createBlock(&region, region.end(), SmallVector<Type>(4, element), SmallVector<Location>(4, b.getLoc()));
    Value a1 = block->getArgument(0), b1 = block->getArgument(1), a2 = block->getArgument(2),
          b2 = block->getArgument(3);
    auto flags = arith::FastMathFlags::contract;
    Value product = arith::MulFOp::create(b, a2, a1, flags);
    Value sum = arith::AddFOp::create(b, arith::MulFOp::create(b, a2, b1, flags), b2, flags);
    YieldOp::create(b, ValueRange{product, sum});
  }

  static Value toColumn(ImplicitLocOpBuilder &b, Value state) {
    auto type = cast<RankedTensorType>(state.getType());
    SmallVector<int64_t> shape = {type.getDimSize(0), 1};
    return tensor::ExpandShapeOp::create(b, type.clone(shape), state, ArrayRef<ReassociationIndices>{{0, 1}});
  }
};
} // namespace
} // namespace linnet
