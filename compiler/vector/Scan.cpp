//===- Scan.cpp - vector code of the Scan family --------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/vector/TimeLoop.h"
#include "compiler/vector/Vectorize.h"
#include "dialects/linnet/Linnet.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace linnet;

/// States per channel that a scan keeps in vectors. Beyond the registers they spill to the stack, which still beats the
/// reference path; the bound keeps the code size sane.
static constexpr int64_t kMaxStates = 256;

static RankedTensorType tensorType(Value value) { return cast<RankedTensorType>(value.getType()); }

//===----------------------------------------------------------------------===//
// What the fast path covers
//===----------------------------------------------------------------------===//

static std::string explain(AffineScanOp) { return ""; }

static std::string explain(CausalConv1dOp op) {
  auto weight = tensorType(op.getWeight());
  if (weight.isDynamicDim(1))
    return "the width is dynamic";
  if (weight.getDimSize(1) > 16)
    return "the width " + std::to_string(weight.getDimSize(1)) + " is above 16";
  return "";
}

static std::string explain(SelectiveScanOp op) {
  auto a = tensorType(op.getA());
  if (a.isDynamicDim(1))
    return "the number of states is dynamic";
  if (a.getDimSize(1) > kMaxStates)
    return std::to_string(a.getDimSize(1)) + " states are more than " + std::to_string(kMaxStates);
  for (Value coefficients : {op.getB(), op.getC()}) {
    std::optional<int64_t> groupDim = op.getGroupDim(coefficients);
    if (!groupDim)
      continue;
    int64_t groups = tensorType(coefficients).getDimSize(*groupDim);
    int64_t channels = tensorType(op.getU()).getDimSize(op.getChannelDim());
    if (groups != 1 && (ShapedType::isDynamic(groups) || ShapedType::isDynamic(channels)))
      return "groups or channels are dynamic";
  }
  return "";
}

std::string linnet::explainUncoveredScan(Operation *op) {
  for (Value operand : op->getOperands())
    if (llvm::is_contained(tensorType(operand).getShape(), 0))
      return "a dimension has size 0";
  if (isa<ScanOp, RecurrenceOp>(op))
    return explainUncoveredElementScan(op);
  if (!getElementTypeOrSelf(op->getOperand(0).getType()).isF32())
    return "the elements are not f32";
  return TypeSwitch<Operation *, std::string>(op)
      .Case<AffineScanOp, CausalConv1dOp, SelectiveScanOp>([&](auto scan) { return explain(scan); })
      .Default([](Operation *op) { return ("no vector code for " + op->getName().getStringRef()).str(); });
}

//===----------------------------------------------------------------------===//
// The loop over time
//===----------------------------------------------------------------------===//

TimeLoopResults linnet::buildTimeLoop(VectorBuilder &b, Value times, ValueRange outputs, ValueRange carried,
                                      TimeLoopBody body) {
  SmallVector<Value> inits(outputs);
  llvm::append_range(inits, carried);
  auto loop = scf::ForOp::create(b, b.index(0), times, b.index(1), inits,
                                 [&](OpBuilder &builder, Location, Value t, ValueRange args) {
                                   VectorBuilder inner = b.at(builder);
                                   SmallVector<Value> tensors(args.take_front(outputs.size()));
                                   SmallVector<Value> vectors(args.drop_front(outputs.size()));
                                   body(inner, t, tensors, vectors);
                                   llvm::append_range(tensors, vectors);
                                   scf::YieldOp::create(inner, tensors);
                                 });
  return {SmallVector<Value>(loop.getResults().take_front(outputs.size())),
          SmallVector<Value>(loop.getResults().drop_front(outputs.size()))};
}

//===----------------------------------------------------------------------===//
// One function per op
//===----------------------------------------------------------------------===//

static SmallVector<Value> vectorize(AffineScanOp op, VectorBuilder &b) {
  int64_t element = op.getComplex(), rank = tensorType(op.getA()).getRank() - element, time = op.getDimension();
  if (time == rank - 1)
    return {};
  Value zero = b.index(0), times = b.dim(op.getA(), time);
  SmallVector<Value> stateAt(rank - 1, zero);
  auto [outputs, carried] = buildTimeLoop(
      b, times, op.getHInit(), b.readElements(op.getStateInit(), stateAt, element),
      [&](VectorBuilder &b, Value t, SmallVectorImpl<Value> &outputs, SmallVectorImpl<Value> &carried) {
        if (op.getReverse())
          t = arith::SubIOp::create(b, arith::SubIOp::create(b, times, t), b.index(1));
        SmallVector<Value> at(rank, zero);
        at[time] = t;
        SmallVector<Value> a = b.readElements(op.getA(), at, element), x = b.readElements(op.getB(), at, element);
        SmallVector<Value> h = b.mulNumbers(a, carried);
        for (auto [part, added] : llvm::zip_equal(h, x))
          part = b.add(part, added);
        outputs[0] = b.writeElements(h, outputs[0], at, element);
        carried = h;
      });
  return {outputs[0], b.writeElements(carried, op.getStateInit(), stateAt, element)};
}

static SmallVector<Value> vectorize(CausalConv1dOp op, VectorBuilder &b) {
  if (op.getLayout() != Layout::BTD)
    return {};
  Value zero = b.index(0);
  SmallVector<Value> taps = b.readColumns(op.getWeight(), {});
  int64_t context = taps.size() - 1;
  Value bias = op.getBias() ? b.read(op.getBias(), zero) : b.splat(0.0, op.getX().getType());
  SmallVector<Value> previous;
  for (int64_t i = 0; i < context; ++i)
    previous.push_back(b.read(op.getStateInit(), {zero, b.index(i), zero}));
  auto [outputs, carried] = buildTimeLoop(
      b, b.dim(op.getX(), 1), op.getYInit(), previous,
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

/// One of everything but time and the last dimension, which has at most `lanes`.
static bool isTile(Operation *op, int64_t timeDim, int64_t lanes) {
  ArrayRef<int64_t> shape = tensorType(op->getOperand(0)).getShape();
  if (auto affine = dyn_cast<AffineScanOp>(op); affine && affine.getComplex())
    shape = shape.drop_back(); // the parts of a number
  if (shape.empty())
    return false;
  for (auto [dim, size] : llvm::enumerate(shape.drop_back()))
    if (static_cast<int64_t>(dim) != timeDim && size != 1)
      return false;
  // A dynamic size is that of a last, narrower tile; a selective scan takes several whole vectors.
  return ShapedType::isDynamic(shape.back()) || shape.back() <= lanes ||
         (isa<SelectiveScanOp>(op) && shape.back() % lanes == 0);
}

LogicalResult linnet::vectorizeScanTile(RewriterBase &rewriter, Operation *op, int64_t lanes) {
  if (isa<ScanOp, RecurrenceOp>(op))
    return vectorizeElementScanTile(rewriter, op, lanes);
  auto scan = cast<TimeOpInterface>(op);
  if (!explainUncoveredScan(op).empty() || !isTile(op, *scan.getResultTimeDim(0), lanes))
    return failure();
  rewriter.setInsertionPoint(op);
  VectorBuilder builder(op->getLoc(), rewriter, lanes);
  SmallVector<Value> results =
      TypeSwitch<Operation *, SmallVector<Value>>(op)
          .Case<AffineScanOp, CausalConv1dOp>([&](auto op) { return vectorize(op, builder); })
          .Case([&](SelectiveScanOp op) { return vectorizeSelectiveScan(builder, op); })
          .Default(SmallVector<Value>());
  if (results.empty())
    return failure();
  rewriter.replaceOp(op, results);
  return success();
}
