//===- Scan.cpp - vector code of scan and recurrence ----------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Combine.h"
#include "compiler/reference/Reference.h"
#include "compiler/vector/TimeLoop.h"
#include "compiler/vector/Vectorize.h"
#include "compiler/vector/scan/ScanStep.h"
#include "dialects/linnet/Linnet.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;
using namespace linnet;

/// Components of an element beyond which registers, and the code, would overflow.
static constexpr int64_t kMaxComponents = 64;

static RankedTensorType tensorType(Value value) { return cast<RankedTensorType>(value.getType()); }

std::string linnet::explainUncoveredElementScan(Operation *op) {
  // The step of a recurrence stays as it is: its tiles run in parallel, its own loops are vectorised by LLVM.
  auto scan = dyn_cast<ScanOp>(op);
  if (!scan)
    return "";
  for (auto [i, input] : llvm::enumerate(scan.getInputs())) {
    int64_t count = ShapedType::getNumElements(tensorType(input).getShape().take_back(scan.getElementRank(i)));
    if (count > kMaxComponents)
      return "elements of " + std::to_string(count) + " numbers are larger than " + std::to_string(kMaxComponents);
    if (!tensorType(input).getElementType().isIntOrFloat())
      return "the elements are neither integers nor real numbers";
  }
  return scan.getKind() == ScanKind::Custom ? explainUncoveredRegion(scan.getCombiner()) : "";
}

/// combine(earlier, later) on all lanes.
static SmallVector<Components> combine(VectorBuilder &b, ScanOp op, ArrayRef<Components> earlier,
                                       ArrayRef<Components> later) {
  if (op.getKind() != ScanKind::Custom)
    return {{buildCombine(b, op.getKind(), earlier[0][0], later[0][0])}};
  SmallVector<Components> arguments(earlier);
  llvm::append_range(arguments, later);
  return vectorizeRegion(b, op.getCombiner(), arguments);
}

static Components select(VectorBuilder &b, Value condition, ArrayRef<Value> yes, ArrayRef<Value> no) {
  Components chosen;
  for (auto [x, y] : llvm::zip_equal(yes, no))
    chosen.push_back(arith::SelectOp::create(b, condition, x, y));
  return chosen;
}

ScanStep linnet::buildScanStep(VectorBuilder &b, ScanOp op, SmallVector<Components> before, ArrayRef<Components> later,
                               Value isStart, Value isFirst) {
  bool isCustom = op.getKind() == ScanKind::Custom;
  if (isStart && !isCustom)
    before[0] = select(b, isStart, {buildIdentity(b, op.getKind(), before[0][0].getType())}, before[0]);
  SmallVector<Components> after = combine(b, op, before, later);
  for (unsigned i = 0; i < later.size(); ++i) {
    if (isStart && isCustom)
      after[i] = select(b, isStart, later[i], after[i]);
    if (isFirst)
      after[i] = select(b, isFirst, later[i], after[i]);
  }
  return {op.getExclusive() ? before : after, after};
}

namespace {

class ScanTileBuilder {
public:
  ScanTileBuilder(ScanOp op, VectorBuilder &b)
      : op(op), rank(op.getScanRank()), times(b.dim(op.getInputs()[0], op.getDimension())), zero(b.index(0)) {}

  SmallVector<Value> run(VectorBuilder &b) {
    int64_t vectors = b.countVectors(tensorType(op.getInputs()[0]).getDimSize(rank - 1));
    SmallVector<Value> initial;
    for (int64_t vector = 0; vector < vectors; ++vector)
      for (auto [i, state] : llvm::enumerate(op.getStateInits())) {
        Components components = b.readElements(state, stateAt(b, vector), op.getElementRank(i));
        if (vector == 0)
          sizes.push_back(components.size());
        initial.append(components);
      }
    int64_t width = initial.size() / vectors;
    TimeLoopResults loop = buildTimeLoop(
        b, times, op.getYInits(), initial,
        [&](VectorBuilder &b, Value t, SmallVectorImpl<Value> &outputs, SmallVectorImpl<Value> &carried) {
          SmallVector<Value> next;
          for (int64_t vector = 0; vector < vectors; ++vector)
            next.append(step(b, t, vector, group(ArrayRef<Value>(carried).slice(vector * width, width)), outputs));
          carried = next;
        });
    SmallVector<Value> results = loop.outputs;
    llvm::append_range(results, op.getStateInits());
    for (int64_t vector = 0; vector < vectors; ++vector) {
      SmallVector<Components> states = group(ArrayRef<Value>(loop.carried).slice(vector * width, width));
      for (auto [i, components] : llvm::enumerate(states)) {
        Value &state = results[loop.outputs.size() + i];
        state = b.writeElements(components, state, stateAt(b, vector), op.getElementRank(i));
      }
    }
    return results;
  }

private:
  SmallVector<Value> stateAt(VectorBuilder &b, int64_t vector) {
    SmallVector<Value> at(rank - 1, zero);
    at.back() = b.index(vector * b.getLanes());
    return at;
  }

  SmallVector<Components> group(ArrayRef<Value> flat) {
    SmallVector<Components> elements;
    for (int64_t size : sizes) {
      elements.emplace_back(flat.take_front(size));
      flat = flat.drop_front(size);
    }
    return elements;
  }

  /// One step of one vector of lanes; returns what it carries on.
  Components step(VectorBuilder &b, Value t, int64_t vector, SmallVector<Components> before,
                  SmallVectorImpl<Value> &outputs) {
    Value position = t;
    if (op.getReverse())
      t = arith::SubIOp::create(b, arith::SubIOp::create(b, times, t), b.index(1));
    SmallVector<Value> at = stateAt(b, vector);
    at.insert(at.begin() + op.getDimension(), t);
    SmallVector<Components> later;
    for (auto [i, input] : llvm::enumerate(op.getInputs())) {
      if (op.getElementRank(i) == 0)
        prefetchAhead(b, input, at, op.getDimension(), op.getReverse() ? -kStepsAhead : kStepsAhead);
      later.push_back(b.readElements(input, at, op.getElementRank(i)));
    }
    Value isStart;
    if (Value segments = op.getSegmentStart()) {
      Value start = b.read(segments, at);
      isStart = arith::CmpIOp::create(b, arith::CmpIPredicate::ne, start, b.splat(0, segments.getType()));
    }
    Value isFirst;
    if (op.getUnseeded())
      isFirst = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, position, zero);
    ScanStep next = buildScanStep(b, op, std::move(before), later, isStart, isFirst);
    Components carried;
    for (unsigned i = 0; i < later.size(); ++i) {
      outputs[i] = b.writeElements(next.shown[i], outputs[i], at, op.getElementRank(i));
      carried.append(next.carried[i]);
    }
    return carried;
  }

  ScanOp op;
  int64_t rank;
  Value times, zero;
  SmallVector<int64_t> sizes; // components of each input's element
};

} // namespace

/// One of everything but time and the last scan dimension, which is not time and has at most `lanes`, or whole vectors.
static bool isTile(ScanOp op, int64_t lanes) {
  ArrayRef<int64_t> shape = tensorType(op.getInputs()[0]).getShape().take_front(op.getScanRank());
  int64_t last = shape.size() - 1;
  if (last < 1 || static_cast<int64_t>(op.getDimension()) == last)
    return false;
  for (auto [dim, size] : llvm::enumerate(shape.drop_back()))
    if (dim != op.getDimension() && size != 1)
      return false;
  return ShapedType::isDynamic(shape.back()) || shape.back() <= lanes || shape.back() % lanes == 0;
}

LogicalResult linnet::vectorizeElementScanTile(RewriterBase &rewriter, Operation *op, int64_t lanes) {
  rewriter.setInsertionPoint(op);
  if (isa<RecurrenceOp>(op)) {
    RewritePatternSet patterns(op->getContext());
    populateScanReferencePatterns(patterns);
    return applyOpPatternsGreedily({op}, std::move(patterns),
                                   GreedyRewriteConfig().setStrictness(GreedyRewriteStrictness::ExistingOps));
  }
  auto scan = cast<ScanOp>(op);
  if (!explainUncoveredElementScan(op).empty() || !isTile(scan, lanes))
    return failure();
  VectorBuilder builder(op->getLoc(), rewriter, lanes);
  rewriter.replaceOp(op, ScanTileBuilder(scan, builder).run(builder));
  return success();
}
