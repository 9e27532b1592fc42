//===- ArrangeScans.cpp - elementwise scans across lanes or along time ----------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Passes.h"
#include "compiler/reference/Reference.h"
#include "dialects/linnet/Linnet.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/Remarks.h"

using namespace mlir;

namespace linnet {
#define GEN_PASS_DEF_LINNETARRANGESCANS
#include "compiler/Passes.h.inc"

namespace {

/// A scan of scalars whose dimensions may be put in any order.
bool isElementwiseScan(Operation *op) {
  if (auto scan = dyn_cast<ScanOp>(op))
    return llvm::all_of(scan.getElementRanks(), [](int64_t rank) { return rank == 0; });
  return isa<AffineScanOp>(op);
}

/// The target shape of a scan of rank R along `time`: the other dimensions collapsed to one, before time or after it.
class Arranger {
public:
  Arranger(ImplicitLocOpBuilder &b, Value input, int64_t time, bool timeLast) : b(b), time(time), timeLast(timeLast) {
    sizes = tensor::getMixedSizes(b, b.getLoc(), input);
    for (int64_t i = 0; i < rank(); ++i)
      if (i != time)
        order.push_back(i);
    order.insert(timeLast ? order.end() : order.begin(), time);
  }

  int64_t getTime() const { return timeLast ? 1 : 0; }

  /// [.., T, ..] to [T, lanes] or [lanes, T].
  Value arrange(Value tensor) {
    if (rank() == 1)
      return expand(tensor, {{0, 1}}, {b.getIndexAttr(1), sizes[0]});
    Value ordered = transpose(tensor, order);
    return rank() == 2 ? ordered : collapse(ordered, groups());
  }
  Value restore(Value tensor) {
    if (rank() == 1)
      return collapse(tensor, {{0, 1}});
    if (rank() > 2) {
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
      return expand(state, {}, {b.getIndexAttr(1)});
    return rank() == 2 ? state : collapse(state, {llvm::to_vector(llvm::seq<int64_t>(rank() - 1))});
  }
  Value restoreState(Value state) {
    if (rank() == 1)
      return collapse(state, {});
    if (rank() == 2)
      return state;
    SmallVector<OpFoldResult> expanded(sizes);
    expanded.erase(expanded.begin() + time);
    return expand(state, {llvm::to_vector(llvm::seq<int64_t>(rank() - 1))}, expanded);
  }

  Value emptyLike(Value tensor) {
    return tensor::EmptyOp::create(b, tensor::getMixedSizes(b, b.getLoc(), tensor),
                                   getElementTypeOrSelf(tensor.getType()));
  }

  /// A tensor of shape [lanes, T] with time turned round.
  Value flip(Value tensor) {
    Value empty = emptyLike(tensor), times = tensor::DimOp::create(b, tensor, 1);
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
  Value collapse(Value tensor, ArrayRef<ReassociationIndices> reassociation) {
    return tensor::CollapseShapeOp::create(b, tensor, reassociation);
  }
  Value expand(Value tensor, ArrayRef<ReassociationIndices> reassociation, ArrayRef<OpFoldResult> shape) {
    auto [staticShape, dynamicShape] = decomposeMixedValues(SmallVector<OpFoldResult>(shape));
    auto type = RankedTensorType::get(staticShape, getElementTypeOrSelf(tensor.getType()));
    return tensor::ExpandShapeOp::create(b, type, tensor, reassociation, shape);
  }
  Value transpose(Value tensor, ArrayRef<int64_t> permutation) {
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
  bool timeLast;
  SmallVector<OpFoldResult> sizes;
  SmallVector<int64_t> order;
};

struct LinnetArrangeScans : impl::LinnetArrangeScansBase<LinnetArrangeScans> {
  using LinnetArrangeScansBase::LinnetArrangeScansBase;

  void runOnOperation() override {
    SmallVector<TimeOpInterface> scans;
    getOperation()->walk([&](TimeOpInterface op) {
      if (isElementwiseScan(op) && !op->hasAttr(kPathAttrName))
        scans.push_back(op);
    });
    for (TimeOpInterface scan : scans)
      arrange(scan);
  }

  void arrange(TimeOpInterface scan) {
    auto type = cast<RankedTensorType>(scan->getOperand(0).getType());
    int64_t rank = type.getRank(), time = *scan.getResultTimeDim(0), lanes = 1;
    for (int64_t i = 0; i < rank; ++i)
      if (i != time)
        lanes = type.isDynamicDim(i) || lanes >= minLanes ? minLanes : lanes * type.getDimSize(i);
    bool alongTime = lanes < minLanes;
    int64_t last = type.getShape().back();
    bool fills = time != rank - 1 && (ShapedType::isDynamic(last) || last >= minLanes);
    remark::analysis(scan->getLoc(), remark::RemarkOpts::name("scan-form").category("linnet"))
        << (alongTime ? "scan along time inside a vector: fewer than " + std::to_string(minLanes) + " lanes"
                      : std::string("scan across lanes: enough of them to fill a vector"));
    if (alongTime ? rank == 2 && time == 1 && !isReverse(scan) : fills)
      return;
    rewrite(scan, time, alongTime);
  }

  static bool isReverse(Operation *op) { return op->getAttrOfType<UnitAttr>("reverse") != nullptr; }

  void rewrite(TimeOpInterface scan, int64_t time, bool alongTime) {
    ImplicitLocOpBuilder b(scan.getLoc(), scan);
    Arranger arranger(b, scan->getOperand(0), time, alongTime);
    // Along time vectors go forward only.
    bool flips = alongTime && isReverse(scan);
    auto dps = cast<DestinationStyleOpInterface>(scan.getOperation());
    SmallVector<Value> operands;
    Value first;
    for (OpOperand &operand : scan->getOpOperands()) {
      bool isInit = dps.isDpsInit(&operand);
      if (!scan.getOperandTimeDim(operand)) {
        operands.push_back(arranger.arrangeState(operand.get()));
      } else if (isInit) { // only written
        Value shape = tensor::EmptyOp::create(b, tensor::getMixedSizes(b, b.getLoc(), first),
                                              getElementTypeOrSelf(operand.get().getType()));
        operands.push_back(shape);
      } else {
        Value arranged = arranger.arrange(operand.get());
        operands.push_back(flips ? arranger.flip(arranged) : arranged);
        if (!first)
          first = operands.back();
      }
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
