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
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Remarks.h"

using namespace mlir;

namespace linnet {
#define GEN_PASS_DEF_LINNETSPLITSCANS
#include "compiler/Passes.h.inc"

namespace {

/// Slices of a tensor of shape [lanes, T].
Value sliceTile(ImplicitLocOpBuilder &b, Value tensor, OpFoldResult lane, OpFoldResult start, OpFoldResult size) {
  OpFoldResult one = b.getIndexAttr(1);
  return tensor::ExtractSliceOp::create(b, tensor, ArrayRef{lane, start}, ArrayRef{one, size}, ArrayRef{one, one});
}

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
    if (!type.isDynamicDim(1) && type.getDimSize(1) <= chunk)
      return false;
    auto scan = dyn_cast<ScanOp>(op);
    return !scan || (scan.getKind() != ScanKind::Custom && !scan.getExclusive() && !scan.getUnseeded() &&
                     !scan.getSegmentStart());
  }

  Value emptyTensor(ImplicitLocOpBuilder &b, ArrayRef<OpFoldResult> sizes, Type element) {
    return tensor::EmptyOp::create(b, sizes, element);
  }

  /// A parallel loop over lanes and chunks that writes one [1, 1] or [1, size] tile per output.
  SmallVector<Value> forAllChunks(ImplicitLocOpBuilder &b, Value lanes, Value chunks, Value times, ValueRange outputs,
                                  llvm::function_ref<SmallVector<Value>(ImplicitLocOpBuilder &, Value lane, Value index,
                                                                        Value start, Value size, ValueRange outputs)>
                                      body,
                                  llvm::function_ref<bool(unsigned)> isTotal) {
    SmallVector<OpFoldResult> bounds = {lanes, chunks};
    auto loop =
        scf::ForallOp::create(b, bounds, outputs, std::nullopt, [&](OpBuilder &builder, Location loc, ValueRange args) {
          ImplicitLocOpBuilder inner(loc, builder);
          Value lane = args[0], index = args[1];
          AffineExpr d0 = builder.getAffineDimExpr(0), s0 = builder.getAffineSymbolExpr(0);
          Value start = affine::AffineApplyOp::create(inner, AffineMap::get(1, 0, d0 * chunk), ValueRange{index});
          Value size = affine::AffineMinOp::create(
              inner, AffineMap::get(1, 1, {builder.getAffineConstantExpr(chunk), s0 - d0}, builder.getContext()),
              ValueRange{start, times});
          SmallVector<Value> tiles = body(inner, lane, index, start, size, args.drop_front(2));
          auto terminator = scf::InParallelOp::create(inner);
          inner.setInsertionPointToStart(terminator.getBody());
          OpFoldResult one = inner.getIndexAttr(1);
          for (auto [i, tile] : llvm::enumerate(tiles)) {
            OpFoldResult position = isTotal(i) ? index : start, extent = isTotal(i) ? one : OpFoldResult(size);
            tensor::ParallelInsertSliceOp::create(inner, tile, args[2 + i], ArrayRef<OpFoldResult>{lane, position},
                                                  ArrayRef<OpFoldResult>{one, extent},
                                                  ArrayRef<OpFoldResult>{one, one});
          }
        });
    return SmallVector<Value>(loop.getResults());
  }

  /// The op on other operands, as it is or as the plain scan `kind` of its first input.
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
    Value lanes = tensor::DimOp::create(b, x, 0), times = tensor::DimOp::create(b, x, 1);
    // The chunks before the last, which holds what is left and may be empty.
    AffineExpr t = b.getAffineSymbolExpr(0);
    Value before = affine::AffineApplyOp::create(b, AffineMap::get(0, 1, t.floorDiv(chunk)), ValueRange{times});
    Value chunks = affine::AffineApplyOp::create(b, AffineMap::get(0, 1, t.floorDiv(chunk) + 1), ValueRange{times});
    OpFoldResult laneSize = tensor::getMixedSize(b, b.getLoc(), x, 0);

    // 1. What each chunk does to a carry: its total from the identity (and the product of its factors).
    ScanKind kind = isAffine ? ScanKind::Add : cast<ScanOp>(op).getKind();
    SmallVector<Value> empties;
    for (unsigned i = 0; i < inputs; ++i)
      empties.push_back(emptyTensor(b, {laneSize, before}, element));
    auto scanFrom = [&](ImplicitLocOpBuilder &b, ArrayRef<Value> tiles, Value output, Value state) {
      SmallVector<Value> operands(tiles);
      operands.append({output, state});
      return cloneOn(b, op, operands);
    };
    auto filled = [&](ImplicitLocOpBuilder &b, ScanKind kind) -> Value {
      Value empty = tensor::EmptyOp::create(b, ArrayRef<int64_t>{1}, element);
      return linalg::FillOp::create(b, buildIdentity(b, kind, element), empty).getResult(0);
    };
    auto toTile = [&](ImplicitLocOpBuilder &b, Value state) -> Value { // [1] to [1, 1]
      return tensor::ExpandShapeOp::create(b, RankedTensorType::get({1, 1}, element), state,
                                           ArrayRef<ReassociationIndices>{{0, 1}});
    };
    SmallVector<Value> totals = forAllChunks(
        b, lanes, before, times, empties,
        [&](ImplicitLocOpBuilder &b, Value lane, Value, Value start, Value size, ValueRange) {
          SmallVector<Value> tiles;
          for (unsigned i = 0; i < inputs; ++i)
            tiles.push_back(sliceTile(b, op->getOperand(i), lane, start, size));
          Value scratch = emptyTensor(b, {b.getIndexAttr(1), size}, element);
          SmallVector<Value> results;
          if (isAffine)
            results.push_back(toTile(b, reduceProduct(b, op, tiles[0], scratch, filled(b, ScanKind::Mul))));
          results.push_back(toTile(b, scanFrom(b, tiles, scratch, filled(b, kind))->getResult(1)));
          return results;
        },
        [](unsigned) { return true; });

    // 2. The carry before each chunk: the initial state, then the scan of the totals.
    Value scratch = emptyTensor(b, {laneSize, before}, element);
    Value prefixes = scanFrom(b, totals, scratch, stateInit)->getResult(0);
    Value carriers = emptyTensor(b, {laneSize, chunks}, element);
    OpFoldResult zeroAttr = b.getIndexAttr(0), oneAttr = b.getIndexAttr(1);
    auto stateType = cast<RankedTensorType>(stateInit.getType());
    SmallVector<int64_t> columnShape = {stateType.getDimSize(0), 1};
    Value column = tensor::ExpandShapeOp::create(b, RankedTensorType::get(columnShape, element), stateInit,
                                                 ArrayRef<ReassociationIndices>{{0, 1}});
    carriers = tensor::InsertSliceOp::create(b, column, carriers, ArrayRef{zeroAttr, zeroAttr},
                                             ArrayRef{laneSize, oneAttr}, ArrayRef{oneAttr, oneAttr});
    carriers = tensor::InsertSliceOp::create(b, prefixes, carriers, ArrayRef{zeroAttr, oneAttr},
                                             ArrayRef{laneSize, OpFoldResult(before)}, ArrayRef{oneAttr, oneAttr});

    // 3. Every chunk from its carry. Its final state takes the place of the carry: the last column is the final state.
    SmallVector<Value> results = forAllChunks(
        b, lanes, chunks, times, {yInit, carriers},
        [&](ImplicitLocOpBuilder &b, Value lane, Value index, Value start, Value size, ValueRange outputs) {
          SmallVector<Value> tiles;
          for (unsigned i = 0; i < inputs; ++i)
            tiles.push_back(sliceTile(b, op->getOperand(i), lane, start, size));
          Value carry = tensor::CollapseShapeOp::create(b, sliceTile(b, outputs[1], lane, index, oneAttr),
                                                        ArrayRef<ReassociationIndices>{{0, 1}});
          Operation *scan = scanFrom(b, tiles, sliceTile(b, outputs[0], lane, start, size), carry);
          return SmallVector<Value>{scan->getResult(0), toTile(b, scan->getResult(1))};
        },
        [](unsigned index) { return index == 1; });
    Value last = tensor::ExtractSliceOp::create(b, stateType, results[1], ArrayRef{zeroAttr, OpFoldResult(before)},
                                                ArrayRef{laneSize, oneAttr}, ArrayRef{oneAttr, oneAttr});
    op->replaceAllUsesWith(ValueRange{results[0], last});
    op->erase();
  }

  /// The product of the factors of a chunk: the state of a scan whose running values nobody needs.
  static Value reduceProduct(ImplicitLocOpBuilder &b, Operation *op, Value factors, Value scratch, Value ones) {
    auto scan = ScanOp::create(b, TypeRange{scratch.getType(), ones.getType()}, factors, scratch, ones, Value(),
                               ScanKind::Mul, cast<AffineScanOp>(op).getDimension(), /*exclusive=*/false,
                               /*reverse=*/false, /*unseeded=*/false, ArrayRef<int64_t>(), /*combinersCount=*/0);
    return scan.getStates()[0];
  }
};
} // namespace
} // namespace linnet
