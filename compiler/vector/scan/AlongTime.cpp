//===- AlongTime.cpp - scans inside a vector, along time ------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Combine.h"
#include "compiler/vector/TimeLoop.h"
#include "compiler/vector/Vectorize.h"
#include "compiler/vector/scan/AlongTimeScan.h"
#include "dialects/linnet/Linnet.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

#include <limits>

using namespace mlir;
using namespace linnet;

namespace {

AlongTimeScan describe(AffineScanOp op) {
  AlongTimeScan scan;
  scan.inputs = op->getOperands().take_front(2);
  scan.outputs = op->getOperands().slice(2, 1);
  scan.states = {op.getStateInit()};
  // (a1, b1) then (a2, b2): h -> a2 (a1 h + b1) + b2 (spec-linear 1.2). The product of many factors may overflow where
  // what it meets is 0: a sum that stayed 0 must not become infinity times 0.
  auto mulAdd = [](VectorBuilder &b, Value a, Value x, Value y) -> Value {
    Value zero = b.splat(0, x.getType());
    Value overflows = arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, x, zero);
    Value infinite = arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, math::AbsFOp::create(b, a),
                                           b.splat(std::numeric_limits<double>::infinity(), a.getType()));
    Value skips = arith::AndIOp::create(b, overflows, infinite);
    return arith::SelectOp::create(b, skips, y, b.mulAdd(a, x, y));
  };
  scan.combine = [mulAdd](VectorBuilder &b, const Components &earlier, const Components &later) -> Components {
    return {b.mul(later[0], earlier[0]), mulAdd(b, later[0], earlier[1], later[1])};
  };
  scan.apply = [mulAdd](VectorBuilder &b, const Components &carry, const Components &prefix) -> Components {
    return {mulAdd(b, prefix[0], carry[0], prefix[1])};
  };
  return scan;
}

AlongTimeScan describe(ScanOp op) {
  AlongTimeScan scan;
  scan.inputs = op.getInputs();
  scan.outputs = op.getYInits();
  scan.states = SmallVector<Value>(op.getStateInits());
  scan.segments = op.getSegmentStart();
  scan.exclusive = op.getExclusive();
  scan.unseeded = op.getUnseeded();
  scan.combine = [op](VectorBuilder &b, const Components &earlier, const Components &later) mutable -> Components {
    if (op.getKind() != ScanKind::Custom)
      return {buildCombine(b, op.getKind(), earlier[0], later[0])};
    SmallVector<Components> arguments;
    for (const Components *elements : {&earlier, &later})
      for (Value component : *elements)
        arguments.push_back({component});
    Components combined;
    for (const Components &component : vectorizeRegion(b, op.getCombiner(), arguments))
      combined.push_back(component[0]);
    return combined;
  };
  scan.apply = scan.combine;
  scan.identity = [op](VectorBuilder &b, Type type) mutable { return buildIdentity(b, op.getKind(), type); };
  return scan;
}

} // namespace

AlongTimeScan linnet::describeAlongTime(Operation *op) {
  if (auto affine = dyn_cast<AffineScanOp>(op))
    return describe(affine);
  return describe(cast<ScanOp>(op));
}

namespace {

Components select(VectorBuilder &b, Value condition, const Components &yes, const Components &no) {
  Components chosen;
  for (auto [x, y] : llvm::zip_equal(yes, no))
    chosen.push_back(arith::SelectOp::create(b, condition, x, y));
  return chosen;
}

/// Each lane i >= distance gets lane i - distance; the lanes below keep their own.
Components shiftUp(VectorBuilder &b, const Components &elements, int64_t distance) {
  SmallVector<int64_t> mask;
  for (int64_t i = 0; i < b.getLanes(); ++i)
    mask.push_back(i < distance ? i : i - distance);
  Components shifted;
  for (Value element : elements)
    shifted.push_back(vector::ShuffleOp::create(b, element, element, mask));
  return shifted;
}

class AlongTimeBuilder {
public:
  AlongTimeBuilder(AlongTimeScan &scan, Value times) : scan(scan), times(times) {}

  SmallVector<Value> run(VectorBuilder &b) {
    Value zero = b.index(0), width = b.index(b.getLanes());
    SmallVector<Value> carried(scan.outputs);
    for (Value state : scan.states)
      carried.push_back(tensor::ExtractOp::create(b, state, zero).getResult());
    // Whole vectors, then the rest.
    Value rest = arith::RemUIOp::create(b, times, width), whole = arith::SubIOp::create(b, times, rest);
    auto loop = scf::ForOp::create(b, zero, whole, width, carried,
                                   [&](OpBuilder &builder, Location loc, Value start, ValueRange values) {
                                     VectorBuilder inner = b.at(builder);
                                     scf::YieldOp::create(inner, block(inner, start, values, Value()));
                                   });
    Value hasRest = arith::CmpIOp::create(b, arith::CmpIPredicate::ne, rest, zero);
    auto tail = scf::IfOp::create(
        b, hasRest,
        [&](OpBuilder &builder, Location loc) {
          VectorBuilder inner = b.at(builder);
          scf::YieldOp::create(inner, block(inner, whole, loop.getResults(), rest));
        },
        [&](OpBuilder &builder, Location loc) { scf::YieldOp::create(builder, loc, loop.getResults()); });
    SmallVector<Value> results(tail.getResults().take_front(scan.outputs.size()));
    for (auto [carry, state] : llvm::zip_equal(tail.getResults().drop_front(scan.outputs.size()), scan.states))
      results.push_back(tensor::InsertOp::create(b, carry, state, zero));
    return results;
  }

private:
  /// One vector of time from `start`; `valid` lanes of it are there, all of them without a value.
  SmallVector<Value> block(VectorBuilder &b, Value start, ValueRange values, Value valid) {
    SmallVector<Value> outputs(values.take_front(scan.outputs.size()));
    Components carry; // scalars, broadcast
    for (Value scalar : values.drop_front(scan.outputs.size()))
      carry.push_back(vector::BroadcastOp::create(b, b.vectorOf(scalar.getType()), scalar));
    Components prefix;
    for (Value input : scan.inputs)
      prefix.push_back(read(b, input, start, !valid));
    // A segment that starts at a lane hides what comes before it.
    Value starts;
    if (scan.segments) {
      Value flags = read(b, scan.segments, start, !valid);
      starts = arith::CmpIOp::create(b, arith::CmpIPredicate::ne, flags, b.splat(0, flags.getType()));
    }
    for (int64_t distance = 1; distance < b.getLanes(); distance *= 2) {
      Components combined = scan.combine(b, shiftUp(b, prefix, distance), prefix);
      Value takes = lanesFrom(b, distance);
      if (starts) {
        takes = arith::AndIOp::create(b, takes, arith::XOrIOp::create(b, starts, allTrue(b)));
        Value earlier = arith::AndIOp::create(b, shiftUp(b, {starts}, distance)[0], lanesFrom(b, distance));
        prefix = select(b, takes, combined, prefix);
        starts = arith::OrIOp::create(b, starts, earlier);
        continue;
      }
      prefix = select(b, takes, combined, prefix);
    }
    Components after = scan.apply(b, carry, prefix);
    if (starts)
      after = select(b, starts, prefix, after);
    if (scan.unseeded) {
      Value isFirst = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, start, b.index(0));
      after = select(b, isFirst, prefix, after);
    }
    if (!outputs.empty()) {
      Components shown = scan.exclusive ? exclusive(b, after, carry, start, valid) : after;
      for (auto [output, component] : llvm::zip_equal(outputs, shown))
        output = write(b, component, output, start, !valid);
    }
    for (Value component : after)
      outputs.push_back(valid ? extractLast(b, component, valid)
                              : vector::ExtractOp::create(b, component, b.getLanes() - 1).getResult());
    return outputs;
  }

  /// What was there before each element: the carry, then all but the last; the identity where a segment starts.
  Components exclusive(VectorBuilder &b, const Components &after, const Components &carry, Value start, Value valid) {
    Components shifted = select(b, lanesFrom(b, 1), shiftUp(b, after, 1), carry);
    if (!scan.segments)
      return shifted;
    Value flags = read(b, scan.segments, start, !valid);
    Value starts = arith::CmpIOp::create(b, arith::CmpIPredicate::ne, flags, b.splat(0, flags.getType()));
    return select(b, starts, {scan.identity(b, after[0].getType())}, shifted);
  }

  static Value extractLast(VectorBuilder &b, Value vector, Value valid) {
    Value position = arith::SubIOp::create(b, valid, b.index(1));
    return vector::ExtractOp::create(b, vector, position);
  }

  static Value read(VectorBuilder &b, Value tensor, Value start, bool inBounds) {
    Value padding = ub::PoisonOp::create(b, getElementTypeOrSelf(tensor.getType()));
    return vector::TransferReadOp::create(b, b.vectorOf(tensor.getType()), tensor, ValueRange{b.index(0), start},
                                          padding, ArrayRef{inBounds});
  }
  static Value write(VectorBuilder &b, Value vector, Value tensor, Value start, bool inBounds) {
    return vector::TransferWriteOp::create(b, vector, tensor, ValueRange{b.index(0), start}, ArrayRef{inBounds})
        .getResult();
  }

  static Value lanesFrom(VectorBuilder &b, int64_t first) {
    SmallVector<bool> mask;
    for (int64_t i = 0; i < b.getLanes(); ++i)
      mask.push_back(i >= first);
    auto type = VectorType::get(b.getLanes(), b.getI1Type());
    return arith::ConstantOp::create(b, DenseElementsAttr::get(type, mask));
  }
  static Value allTrue(VectorBuilder &b) { return lanesFrom(b, 0); }

  AlongTimeScan &scan;
  Value times;
};

} // namespace

LogicalResult linnet::vectorizeAlongTime(RewriterBase &rewriter, Operation *op, int64_t lanes) {
  if (!isa<AffineScanOp, ScanOp>(op))
    return failure();
  // One lane, time last and forward: what linnet-arrange-scans and linnet-tile-ops leave.
  auto type = cast<RankedTensorType>(op->getOperand(0).getType());
  if (type.getRank() != 2 || type.getDimSize(0) != 1 || op->hasAttr("reverse") ||
      cast<TimeOpInterface>(op).getResultTimeDim(0) != 1)
    return failure();
  AlongTimeScan description = describeAlongTime(op);
  rewriter.setInsertionPoint(op);
  VectorBuilder b(op->getLoc(), rewriter, lanes);
  // A reduction: nobody needs the running values.
  SmallVector<Value> unwritten;
  if (llvm::all_of(op->getResults().take_front(description.outputs.size()), [](Value y) { return y.use_empty(); })) {
    unwritten = SmallVector<Value>(description.outputs);
    description.outputs = {};
  }
  SmallVector<Value> results = AlongTimeBuilder(description, b.dim(op->getOperand(0), 1)).run(b);
  results.insert(results.begin(), unwritten.begin(), unwritten.end());
  rewriter.replaceOp(op, results);
  return success();
}
