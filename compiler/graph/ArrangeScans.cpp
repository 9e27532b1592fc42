//===- ArrangeScans.cpp - elementwise scans across lanes or along time ----------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Passes.h"
#include "compiler/ScanForm.h"
#include "compiler/reference/Reference.h"
#include "dialects/linnet/Linnet.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/Remarks.h"

using namespace mlir;

namespace linnet {
#define GEN_PASS_DEF_LINNETARRANGESCANS
#include "compiler/Passes.h.inc"

namespace {

/// The element dimensions of operand `index`, which stay last.
int64_t getElementRank(Operation *op, unsigned index) {
  if (auto affine = dyn_cast<AffineScanOp>(op))
    return affine.getComplex();
  auto scan = cast<ScanOp>(op);
  unsigned count = scan.getInputs().size();
  return index < 3 * count ? scan.getElementRank(index % count) : 0; // segments are scalars
}

/// The target shape of a scan of rank R along `time`: the other dimensions collapsed to one, before time or after it.
class Arranger {
public:
  Arranger(ImplicitLocOpBuilder &b, Value input, int64_t scanRank, int64_t time, bool timeLast)
      : b(b), time(time), timeLast(timeLast) {
    sizes = tensor::getMixedSizes(b, b.getLoc(), input);
    sizes.truncate(scanRank);
    for (int64_t i = 0; i < rank(); ++i)
      if (i != time)
        order.push_back(i);
    // MLIR cannot take apart a dimension that holds two dynamic ones: then all stay, with time before the last.
    flat = llvm::count_if(order, [&](int64_t dim) { return !getConstantIntValue(sizes[dim]); }) <= 1;
    order.insert(timeLast ? order.end() : flat ? order.begin() : std::prev(order.end()), time);
  }

  int64_t getTime() const { return timeLast ? (flat ? 1 : rank() - 1) : flat ? 0 : rank() - 2; }

  /// [.., T, ..] to [T, lanes] or [lanes, T].
  Value arrange(Value tensor) {
    if (rank() == 1)
      return expand(tensor, {{0, 1}},
                    timeLast ? ArrayRef<OpFoldResult>{b.getIndexAttr(1), sizes[0]}
                             : ArrayRef<OpFoldResult>{sizes[0], b.getIndexAttr(1)});
    Value ordered = transpose(tensor, order);
    return rank() == 2 || !flat ? ordered : collapse(ordered, groups());
  }
  Value restore(Value tensor) {
    if (rank() == 1)
      return collapse(tensor, {{0, 1}});
    if (rank() > 2 && flat) {
      SmallVector<OpFoldResult> expanded;
      for (int64_t dim : order)
        expanded.push_back(sizes[dim]);
      tensor = expand(tensor, groups(), expanded);
    }
    SmallVector<int64_t> inverse(rank());
    for (auto [i, dim] : llvm::enumerate(order))
      inverse[dim] = i;
    return transpose(tensor, inverse);
  }

  /// A state: without time, to [lanes].
  Value arrangeState(Value state) {
    if (rank() == 1)
      return expandScalar(state);
    return rank() == 2 || !flat ? state : collapse(state, {llvm::to_vector(llvm::seq<int64_t>(rank() - 1))});
  }
  Value restoreState(Value state) {
    if (rank() == 1)
      return collapseScalar(state);
    if (rank() == 2 || !flat)
      return state;
    SmallVector<OpFoldResult> expanded(sizes);
    expanded.erase(expanded.begin() + time);
    return expand(state, {llvm::to_vector(llvm::seq<int64_t>(rank() - 1))}, expanded);
  }

  /// The scan dimensions of an arranged tensor. Written out rather than asked of the reshaped tensor: sizes that are
  /// sizes of inputs are known to later passes.
  SmallVector<OpFoldResult> arrangedSizes() {
    if (!flat) {
      SmallVector<OpFoldResult> ordered;
      for (int64_t dim : order)
        ordered.push_back(sizes[dim]);
      return ordered;
    }
    OpFoldResult lanes = b.getIndexAttr(1);
    for (int64_t i = 0; i < rank(); ++i)
      if (i != time)
        lanes = multiply(lanes, sizes[i]);
    return timeLast ? SmallVector<OpFoldResult>{lanes, sizes[time]} : SmallVector<OpFoldResult>{sizes[time], lanes};
  }

  /// A tensor without values for what `original` is arranged to.
  Value emptyLike(Value original) {
    SmallVector<OpFoldResult> shape = arrangedSizes();
    shape.append(elementSizes(b, original, rank()));
    return tensor::EmptyOp::create(b, shape, getElementTypeOrSelf(original.getType()));
  }

  /// A tensor of shape [lanes, T] with time turned round.
  Value flip(Value tensor) {
    Value empty = tensor::EmptyOp::create(b, arrangedSizes(), getElementTypeOrSelf(tensor.getType()));
    Value times = getValueOrCreateConstantIndexOp(b, b.getLoc(), sizes[time]);
    AffineMap identity = b.getMultiDimIdentityMap(2);
    SmallVector<utils::IteratorType> parallel(2, utils::IteratorType::parallel);
    auto generic = linalg::GenericOp::create(
        b, empty.getType(), ValueRange(), empty, identity, parallel, [&](OpBuilder &builder, Location loc, ValueRange) {
          Value lane = linalg::IndexOp::create(builder, loc, 0), t = linalg::IndexOp::create(builder, loc, 1);
          Value last = arith::SubIOp::create(builder, loc, times, arith::ConstantIndexOp::create(builder, loc, 1));
          Value mirrored = arith::SubIOp::create(builder, loc, last, t);
          Value element = tensor::ExtractOp::create(builder, loc, tensor, ValueRange{lane, mirrored});
          linalg::YieldOp::create(builder, loc, element);
        });
    return generic.getResult(0);
  }

private:
  int64_t rank() const { return sizes.size(); }
  SmallVector<ReassociationIndices> groups() const {
    ReassociationIndices lanes = llvm::to_vector(llvm::seq<int64_t>(timeLast ? 0 : 1, timeLast ? rank() - 1 : rank()));
    if (timeLast)
      return {lanes, {rank() - 1}};
    return {{0}, lanes};
  }
  /// The element dimensions of a tensor whose scan dimensions are `count`.
  static SmallVector<OpFoldResult> elementSizes(ImplicitLocOpBuilder &b, Value tensor, int64_t count) {
    SmallVector<OpFoldResult> all = tensor::getMixedSizes(b, b.getLoc(), tensor);
    return SmallVector<OpFoldResult>(all.begin() + count, all.end());
  }
  static SmallVector<ReassociationIndices> withElements(ArrayRef<ReassociationIndices> groups, int64_t first,
                                                        int64_t count) {
    SmallVector<ReassociationIndices> all(groups);
    for (int64_t i = 0; i < count; ++i)
      all.push_back({first + i});
    return all;
  }
  static int64_t countDims(ArrayRef<ReassociationIndices> groups) {
    int64_t count = 0;
    for (const ReassociationIndices &group : groups)
      count += group.size();
    return count;
  }
  OpFoldResult multiply(OpFoldResult x, OpFoldResult y) {
    std::optional<int64_t> left = getConstantIntValue(x), right = getConstantIntValue(y);
    if (left && right)
      return b.getIndexAttr(*left * *right);
    if (left == 1 || right == 1)
      return left == 1 ? y : x;
    return arith::MulIOp::create(b, getValueOrCreateConstantIndexOp(b, b.getLoc(), x),
                                 getValueOrCreateConstantIndexOp(b, b.getLoc(), y))
        .getResult();
  }
  static int64_t rankOf(Value tensor) { return cast<RankedTensorType>(tensor.getType()).getRank(); }

  Value collapse(Value tensor, ArrayRef<ReassociationIndices> groups) {
    int64_t count = countDims(groups);
    return tensor::CollapseShapeOp::create(b, tensor, withElements(groups, count, rankOf(tensor) - count));
  }
  Value expand(Value tensor, ArrayRef<ReassociationIndices> groups, ArrayRef<OpFoldResult> shape) {
    SmallVector<OpFoldResult> full(shape), element = elementSizes(b, tensor, groups.size());
    full.append(element);
    auto [staticShape, dynamicShape] = decomposeMixedValues(full);
    auto type = RankedTensorType::get(staticShape, getElementTypeOrSelf(tensor.getType()));
    return tensor::ExpandShapeOp::create(b, type, tensor, withElements(groups, shape.size(), element.size()), full);
  }
  /// A state of a scan that has nothing but time: one lane.
  Value expandScalar(Value state) {
    auto type = cast<RankedTensorType>(state.getType());
    SmallVector<int64_t> shape = {1};
    llvm::append_range(shape, type.getShape());
    return tensor::ExpandShapeOp::create(b, type.clone(shape), state, scalarGroups(type.getRank()));
  }
  Value collapseScalar(Value state) {
    return tensor::CollapseShapeOp::create(b, state, scalarGroups(rankOf(state) - 1));
  }
  static SmallVector<ReassociationIndices> scalarGroups(int64_t elementRank) {
    SmallVector<ReassociationIndices> groups;
    for (int64_t i = 0; i < elementRank; ++i)
      groups.push_back(i == 0 ? ReassociationIndices{0, 1} : ReassociationIndices{i + 1});
    return groups;
  }
  Value transpose(Value tensor, ArrayRef<int64_t> dims) {
    SmallVector<int64_t> permutation(dims);
    for (int64_t i = dims.size(); i < rankOf(tensor); ++i)
      permutation.push_back(i);
    if (llvm::equal(permutation, llvm::seq<int64_t>(permutation.size())))
      return tensor;
    SmallVector<OpFoldResult> shape = tensor::getMixedSizes(b, b.getLoc(), tensor), permuted;
    for (int64_t dim : permutation)
      permuted.push_back(shape[dim]);
    Value empty = tensor::EmptyOp::create(b, permuted, getElementTypeOrSelf(tensor.getType()));
    return linalg::TransposeOp::create(b, tensor, empty, permutation)->getResult(0);
  }

  ImplicitLocOpBuilder &b;
  int64_t time;
  bool timeLast, flat = true;
  SmallVector<OpFoldResult> sizes;
  SmallVector<int64_t> order;
};

struct LinnetArrangeScans : impl::LinnetArrangeScansBase<LinnetArrangeScans> {
  using LinnetArrangeScansBase::LinnetArrangeScansBase;

  void runOnOperation() override {
    SmallVector<TimeOpInterface> scans;
    getOperation()->walk([&](TimeOpInterface op) {
      if (isa<AffineScanOp, ScanOp>(op) && !op->hasAttr(kPathAttrName))
        scans.push_back(op);
    });
    for (TimeOpInterface scan : scans)
      arrange(scan);
  }

  void arrange(TimeOpInterface scan) {
    auto type = cast<RankedTensorType>(scan->getOperand(0).getType());
    bool hasElements = false;
    for (unsigned i = 0; i < scan->getNumOperands(); ++i)
      hasElements |= getElementRank(scan, i) > 0;
    int64_t rank = type.getRank() - getElementRank(scan, 0), time = *scan.getResultTimeDim(0), lanes = 1;
    for (int64_t i = 0; i < rank; ++i)
      if (i != time)
        lanes = fillsLanes(lanes) || type.isDynamicDim(i) ? kMinLanes : lanes * type.getDimSize(i);
    // Elements of several numbers stay whole: they run across lanes, however few.
    bool alongTime = !fillsLanes(lanes) && !hasElements;
    remark::analysis(scan->getLoc(), remark::RemarkOpts::name("scan-form").category("linnet"))
        << (alongTime ? "scan along time inside a vector: fewer than " + std::to_string(kMinLanes) + " lanes"
                      : std::string("scan across lanes: enough of them to fill a vector"));
    // Scalars may have time last: their vector code turns blocks of it in registers.
    bool timeLast = alongTime || (time == rank - 1 && !hasElements);
    if (alongTime ? rank == 2 && time == 1 && !isReverse(scan)
                  : fillsLanes(type.getDimSize(timeLast ? rank - 2 : rank - 1)) && (timeLast || time != rank - 1))
      return;
    rewrite(scan, rank, time, timeLast, /*flips=*/alongTime && isReverse(scan));
  }

  static bool isReverse(Operation *op) { return op->getAttrOfType<UnitAttr>("reverse") != nullptr; }

  /// `flips`: vectors along time go forward only.
  void rewrite(TimeOpInterface scan, int64_t rank, int64_t time, bool timeLast, bool flips) {
    ImplicitLocOpBuilder b(scan.getLoc(), scan);
    Arranger arranger(b, scan->getOperand(0), rank, time, timeLast);
    auto dps = cast<DestinationStyleOpInterface>(scan.getOperation());
    SmallVector<Value> operands;
    for (OpOperand &operand : scan->getOpOperands()) {
      if (!scan.getOperandTimeDim(operand)) {
        operands.push_back(arranger.arrangeState(operand.get()));
        continue;
      }
      if (dps.isDpsInit(&operand)) { // only written
        operands.push_back(arranger.emptyLike(operand.get()));
        continue;
      }
      Value arranged = arranger.arrange(operand.get());
      operands.push_back(flips ? arranger.flip(arranged) : arranged);
    }
    SmallVector<Type> types;
    for (OpOperand &init : dps.getDpsInitsMutable())
      types.push_back(operands[init.getOperandNumber()].getType());
    Operation *arranged = mlir::clone(b, scan, types, operands);
    arranged->setAttr("dimension", b.getI64IntegerAttr(arranger.getTime()));
    if (flips)
      arranged->removeAttr("reverse");
    SmallVector<Value> results;
    for (OpResult result : arranged->getResults()) {
      if (!scan.getResultTimeDim(result.getResultNumber()))
        results.push_back(arranger.restoreState(result));
      else
        results.push_back(arranger.restore(flips ? arranger.flip(result) : Value(result)));
    }
    scan->replaceAllUsesWith(results);
    scan->erase();
  }
};
} // namespace
} // namespace linnet
