//===- TimeLast.cpp - scans across lanes with time innermost --------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/vector/Vectorize.h"
#include "compiler/vector/scan/ScanStep.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace linnet;

/// How far in front of the computation memory is asked for.
static constexpr int64_t kBlocksAhead = 3;

namespace {

/// A tile of one vector of lanes by all of time. Blocks as long as a vector is wide are turned in registers on the way
/// in and out; between, the lanes take one step after the other, in the order of the definition.
class TimeLastBuilder {
public:
  TimeLastBuilder(Operation *op, VectorBuilder &b)
      : op(op), rank(cast<RankedTensorType>(op->getOperand(0).getType()).getRank()), laneDim(rank - 2),
        reverse(op->hasAttr("reverse")), allLanes(b.isWide(op->getOperand(0), laneDim)),
        times(b.dim(op->getOperand(0), rank - 1)) {
    if (auto scan = dyn_cast<ScanOp>(op)) {
      inputs = scan.getInputs(), outputs = scan.getYInits(), states = scan.getStateInits();
      segments = scan.getSegmentStart();
    } else {
      inputs = op->getOperands().take_front(2), outputs = op->getOperands().slice(2, 1);
      states = op->getOperands().slice(3, 1);
    }
    // A reduction: nobody needs the running values.
    writes = !llvm::all_of(op->getResults().take_front(outputs.size()), [](Value y) { return y.use_empty(); });
  }

  SmallVector<Value> run(VectorBuilder &b) {
    SmallVector<Value> stateAt(rank - 1, b.index(0)), carried(outputs);
    for (Value state : states)
      carried.push_back(b.read(state, stateAt));
    Value zero = b.index(0), width = b.index(b.getLanes());
    Value rest = arith::RemUIOp::create(b, times, width), whole = arith::SubIOp::create(b, times, rest);
    if (reverse)
      carried = runRest(b, whole, rest, carried);
    auto loop = scf::ForOp::create(
        b, zero, whole, width, carried, [&](OpBuilder &builder, Location, Value start, ValueRange values) {
          VectorBuilder inner = b.at(builder);
          if (reverse)
            start = arith::SubIOp::create(inner, arith::SubIOp::create(inner, whole, start), width);
          scf::YieldOp::create(inner, runBlock(inner, start, Value(), values));
        });
    carried = SmallVector<Value>(loop.getResults());
    if (!reverse)
      carried = runRest(b, whole, rest, carried);
    for (auto [value, state] : llvm::zip_equal(MutableArrayRef(carried).drop_front(outputs.size()), states))
      value = b.write(value, state, stateAt);
    return carried;
  }

private:
  /// The last block, of `rest` steps, where there is one. A loop of at most one iteration and no branch: the results of
  /// a loop have the sizes of what goes in, which the plan of the workspace relies on.
  SmallVector<Value> runRest(VectorBuilder &b, Value start, Value rest, ValueRange values) {
    auto loop = scf::ForOp::create(b, start, times, b.index(b.getLanes()), values,
                                   [&](OpBuilder &builder, Location, Value start, ValueRange args) {
                                     VectorBuilder inner = b.at(builder);
                                     scf::YieldOp::create(inner, runBlock(inner, start, rest, args));
                                   });
    return SmallVector<Value>(loop.getResults());
  }

  /// One block from `start` on, of `valid` steps, or of as many as there are lanes where that is no value.
  SmallVector<Value> runBlock(VectorBuilder &b, Value start, Value valid, ValueRange values) {
    SmallVector<Value> at(rank, b.index(0));
    at.back() = start;
    if (!valid && !reverse)
      prefetch(b, start);
    SmallVector<SmallVector<Value>> columns, shown(outputs.size(), SmallVector<Value>(b.getLanes()));
    for (Value input : inputs)
      columns.push_back(b.readTurned(input, at, laneDim, allLanes, !valid));
    SmallVector<Value> flags, carried(values.drop_front(outputs.size()));
    if (segments)
      flags = b.readTurned(segments, at, laneDim, allLanes, !valid);
    for (int64_t i = 0; i < b.getLanes(); ++i) {
      int64_t column = reverse ? b.getLanes() - 1 - i : i;
      SmallVector<Value> elements;
      for (ArrayRef<Value> input : columns)
        elements.push_back(input[column]);
      Value time = arith::AddIOp::create(b, start, b.index(column)), exists;
      if (valid)
        exists = arith::CmpIOp::create(b, arith::CmpIPredicate::slt, b.index(column), valid);
      auto [outs, next] = step(b, time, elements, flags.empty() ? Value() : flags[column], carried);
      for (auto [output, value] : llvm::zip_equal(shown, outs))
        output[column] = value;
      for (auto [state, value] : llvm::zip_equal(carried, next))
        state = exists ? arith::SelectOp::create(b, exists, value, state).getResult() : value;
    }
    SmallVector<Value> results(values.take_front(outputs.size()));
    for (auto [result, block] : llvm::zip_equal(results, shown))
      if (writes)
        result = b.writeTurned(block, result, at, laneDim, allLanes, !valid);
    results.append(carried);
    return results;
  }

  /// The lines some blocks ahead: of the same rows, or behind their end those of the next tile. The machine would see
  /// too many streams at once.
  void prefetch(VectorBuilder &b, Value start) {
    Value ahead = arith::AddIOp::create(b, start, b.index(kBlocksAhead * b.getLanes()));
    Value isNext = arith::CmpIOp::create(b, arith::CmpIPredicate::sge, ahead, times);
    Value behind = arith::SubIOp::create(b, ahead, times);
    SmallVector<Value> at(rank, b.index(0));
    at.back() = arith::SelectOp::create(b, isNext, behind, ahead);
    Value row = arith::SelectOp::create(b, isNext, b.index(b.getLanes()), b.index(0));
    for (int64_t lane = 0; lane < b.getLanes(); ++lane) {
      at[laneDim] = arith::AddIOp::create(b, row, b.index(lane));
      for (Value input : inputs)
        b.prefetch(input, at);
    }
  }

  /// Outputs and next states of all lanes at `time`.
  std::pair<SmallVector<Value>, SmallVector<Value>> step(VectorBuilder &b, Value time, ArrayRef<Value> elements,
                                                         Value flags, ArrayRef<Value> states) {
    auto scan = dyn_cast<ScanOp>(op);
    if (!scan) {
      Value h = b.mulAdd(elements[0], states[0], elements[1]);
      return {{h}, {h}};
    }
    Value isStart, isFirst;
    if (flags)
      isStart = arith::CmpIOp::create(b, arith::CmpIPredicate::ne, flags, b.splat(0, flags.getType()));
    if (scan.getUnseeded()) {
      Value first = reverse ? arith::SubIOp::create(b, times, b.index(1)).getResult() : b.index(0);
      isFirst = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, time, first);
    }
    auto toElements = [](ArrayRef<Value> values) {
      return llvm::map_to_vector(values, [](Value value) { return Components{value}; });
    };
    auto toValues = [](ArrayRef<Components> elements) {
      return llvm::map_to_vector<6>(elements, [](const Components &element) { return element[0]; });
    };
    ScanStep next =
        buildScanStep(b, scan, SmallVector<Components>(toElements(states)), toElements(elements), isStart, isFirst);
    return {toValues(next.shown), toValues(next.carried)};
  }

  Operation *op;
  int64_t rank, laneDim;
  bool reverse, allLanes, writes;
  Value times, segments;
  ValueRange inputs, outputs, states;
};

} // namespace

/// One of everything but time, which is last, and the dimension before it, which is at most a vector.
static bool isTile(Operation *op, int64_t lanes) {
  bool isScalar = !op->hasAttr("complex");
  if (auto scan = dyn_cast<ScanOp>(op))
    for (unsigned i = 0; i < scan.getInputs().size(); ++i)
      isScalar &= scan.getElementRank(i) == 0;
  ArrayRef<int64_t> shape = cast<RankedTensorType>(op->getOperand(0).getType()).getShape();
  int64_t rank = shape.size();
  if (!isScalar || rank < 2 || cast<TimeOpInterface>(op).getResultTimeDim(0) != rank - 1)
    return false;
  return llvm::all_of(shape.drop_back(2), [](int64_t size) { return size == 1; }) &&
         (ShapedType::isDynamic(shape[rank - 2]) || shape[rank - 2] <= lanes);
}

LogicalResult linnet::vectorizeTimeLast(RewriterBase &rewriter, Operation *op, int64_t lanes) {
  if (!isa<AffineScanOp, ScanOp>(op) || !isTile(op, lanes) || !explainUncoveredScan(op).empty())
    return failure();
  rewriter.setInsertionPoint(op);
  VectorBuilder b(op->getLoc(), rewriter, lanes);
  rewriter.replaceOp(op, TimeLastBuilder(op, b).run(b));
  return success();
}
