//===- BlockScan.cpp - scans of a row by a block --------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A block scans one row, time innermost, in chunks of as many elements as it has threads: by shuffles in a warp,
// through shared memory across the warps, with what is carried from chunk to chunk in registers. An associative
// combination is regrouped the same way whatever the length, so the results repeat bit for bit.
//
//===----------------------------------------------------------------------===//

#include "compiler/ScanForm.h"
#include "compiler/gpu/BlockBuilder.h"
#include "compiler/gpu/BlockCode.h"
#include "compiler/vector/scan/AlongTimeScan.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace linnet;

namespace {

constexpr int64_t kWarps = kBlockThreads / kWarpSize;

class BlockScanBuilder {
public:
  BlockScanBuilder(Operation *op, ArrayRef<Value> buffers)
      : scan(describeAlongTime(op)), reverse(op->hasAttr("reverse")) {
    auto bufferOf = [&](Value operand) -> Value {
      for (OpOperand &use : op->getOpOperands())
        if (use.get() == operand)
          return buffers[use.getOperandNumber()];
      return {};
    };
    for (Value input : scan.inputs)
      inputs.push_back(bufferOf(input));
    if (scan.segments)
      segments = bufferOf(scan.segments);
    // Outputs and states are inits: where one tensor is both it has a buffer for each.
    auto inits = cast<DestinationStyleOpInterface>(op).getDpsInitsMutable();
    for (auto [i, init] : llvm::enumerate(inits))
      (i < scan.outputs.size() ? outputs : states).push_back(buffers[init.getOperandNumber()]);
    writes = !llvm::all_of(op->getResults().take_front(outputs.size()), [](Value y) { return y.use_empty(); });
  }

  void run(BlockBuilder &b) {
    rank = cast<MemRefType>(inputs[0].getType()).getRank();
    times = memref::DimOp::create(b, inputs[0], rank - 1);
    thread = b.thread(), lane = b.rem(thread, kWarpSize), warp = b.div(thread, kWarpSize);
    Components carried;
    for (Value state : states) {
      carried.push_back(memref::LoadOp::create(b, state, SmallVector<Value>(rank - 1, b.index(0))));
      lasts.push_back(b.shared({1}, carried.back().getType()));
    }
    for (Value input : inputs)
      totals.push_back(b.shared({kWarps}, cast<MemRefType>(input.getType()).getElementType()));
    if (segments)
      totalStarts = b.shared({kWarps}, b.getI8Type());
    SmallVector<Value> final =
        b.loop(b.index(0), times, b.index(kBlockThreads), carried,
               [&](BlockBuilder &b, Value chunk, ValueRange carry) { return runChunk(b, chunk, Components(carry)); });
    b.when(b.equal(thread, b.index(0)), [&](BlockBuilder &b) {
      for (auto [value, state] : llvm::zip_equal(final, states))
        memref::StoreOp::create(b, value, state, SmallVector<Value>(rank - 1, b.index(0)));
    });
  }

private:
  /// On scalars, in terms of vectors of one lane.
  using Operation2 = std::function<Components(VectorBuilder &, const Components &, const Components &)>;
  static Components call(BlockBuilder &b, const Operation2 &operation, const Components &x, const Components &y) {
    VectorBuilder vectors(b.getLoc(), b, /*lanes=*/1);
    auto widen = [&](const Components &scalars) {
      Components wide;
      for (Value scalar : scalars)
        wide.push_back(vector::BroadcastOp::create(b, vectors.vectorOf(scalar.getType()), scalar));
      return wide;
    };
    Components result;
    for (Value element : operation(vectors, widen(x), widen(y)))
      result.push_back(vector::ExtractOp::create(b, element, 0));
    return result;
  }

  static Components select(BlockBuilder &b, Value condition, const Components &yes, const Components &no) {
    Components chosen;
    for (auto [x, y] : llvm::zip_equal(yes, no))
      chosen.push_back(arith::SelectOp::create(b, condition, x, y));
    return chosen;
  }

  static Components shiftUp(BlockBuilder &b, const Components &elements, int64_t distance) {
    Components shifted;
    for (Value element : elements)
      shifted.push_back(b.shuffle(element, distance, gpu::ShuffleMode::UP));
    return shifted;
  }

  static Value isSet(BlockBuilder &b, Value flag) {
    Value zero = arith::ConstantOp::create(b, b.getZeroAttr(flag.getType()));
    return arith::CmpIOp::create(b, arith::CmpIPredicate::ne, flag, zero);
  }

  Components load(BlockBuilder &b, ArrayRef<Value> buffers, Value at) {
    Components loaded;
    for (Value buffer : buffers)
      loaded.push_back(memref::LoadOp::create(b, buffer, at));
    return loaded;
  }

  SmallVector<Value> runChunk(BlockBuilder &b, Value chunk, const Components &carry) {
    Value t = b.add(chunk, thread), last = b.sub(times, b.index(1));
    Value isValid = b.less(t, times), clamped = b.min(t, last);
    SmallVector<Value> at(rank - 1, b.index(0));
    at.push_back(reverse ? b.sub(last, clamped) : clamped);

    // Threads beyond the end repeat the last element: nothing valid comes after them.
    Components prefix;
    for (Value input : inputs)
      prefix.push_back(memref::LoadOp::create(b, input, at));
    Value ownStart, starts; // a segment starts here, here or before in what was combined
    if (segments)
      ownStart = starts = isSet(b, memref::LoadOp::create(b, segments, at));
    auto combine = [&](const Components &earlier, const Components &later, Value laterStarts) {
      Components combined = call(b, scan.combine, earlier, later);
      return laterStarts ? select(b, laterStarts, later, combined) : combined;
    };

    for (int64_t distance = 1; distance < kWarpSize; distance *= 2) {
      Components earlier = shiftUp(b, prefix, distance);
      Value takes = arith::CmpIOp::create(b, arith::CmpIPredicate::sge, lane, b.index(distance));
      Components combined = combine(earlier, prefix, starts);
      if (starts) {
        Value before = arith::AndIOp::create(b, b.shuffle(starts, distance, gpu::ShuffleMode::UP), takes);
        starts = arith::OrIOp::create(b, starts, before);
      }
      prefix = select(b, takes, combined, prefix);
    }
    b.when(b.equal(lane, b.index(kWarpSize - 1)), [&](BlockBuilder &b) {
      for (auto [value, total] : llvm::zip_equal(prefix, totals))
        memref::StoreOp::create(b, value, total, warp);
      if (starts)
        memref::StoreOp::create(b, arith::ExtUIOp::create(b, b.getI8Type(), starts), totalStarts, warp);
    });
    b.barrier();

    // What the carry becomes before this warp.
    SmallVector<Value> before = b.loop(
        b.index(0), warp, b.index(1), carry, [&](BlockBuilder &b, Value w, ValueRange value) -> SmallVector<Value> {
          Components total = load(b, totals, w);
          Value start = segments ? isSet(b, memref::LoadOp::create(b, totalStarts, w)) : Value();
          Value first = scan.unseeded ? isFirst(b, chunk, w) : Value();
          return applyTo(b, Components(value), total, start, first);
        });
    Value first = scan.unseeded ? isFirst(b, chunk, warp) : Value();
    Components after = applyTo(b, Components(before), prefix, starts, first);
    if (writes) {
      Components shown = after;
      if (scan.exclusive) {
        shown = select(b, b.equal(lane, b.index(0)), Components(before), shiftUp(b, after, 1));
        if (segments) {
          VectorBuilder vectors(b.getLoc(), b, 1);
          Value identity = scan.identity(vectors, vectors.vectorOf(after[0].getType()));
          shown = select(b, ownStart, {vector::ExtractOp::create(b, identity, 0)}, shown);
        }
      }
      b.when(isValid, [&](BlockBuilder &b) {
        for (auto [value, output] : llvm::zip_equal(shown, outputs))
          memref::StoreOp::create(b, value, output, at);
      });
    }
    Value end = b.min(b.add(chunk, b.index(kBlockThreads - 1)), last);
    b.when(b.equal(t, end), [&](BlockBuilder &b) {
      for (auto [value, slot] : llvm::zip_equal(after, lasts))
        memref::StoreOp::create(b, value, slot, b.index(0));
    });
    b.barrier();
    return load(b, lasts, b.index(0));
  }

  static Value isFirst(BlockBuilder &b, Value chunk, Value warp) {
    return b.equal(b.createOrFold<arith::OrIOp>(chunk, warp), b.index(0));
  }

  Components applyTo(BlockBuilder &b, const Components &carry, const Components &prefix, Value starts, Value first) {
    Components after = call(b, scan.apply, carry, prefix);
    // affine_scan carries b of (a, b) alone.
    Components alone(ArrayRef<Value>(prefix).take_back(after.size()));
    for (Value condition : {starts, first})
      if (condition)
        after = select(b, condition, alone, after);
    return after;
  }

  AlongTimeScan scan;
  bool reverse, writes;
  SmallVector<Value> inputs, outputs, states, totals, lasts;
  Value segments, totalStarts, times, thread, lane, warp;
  int64_t rank = 0;
};

template <typename Op> struct BlockScanModel : BlockCodeModel<BlockScanModel<Op>, Op> {
  static int64_t getThreads(Op) { return kBlockThreads; }
  static void build(Op op, BlockBuilder &b, ArrayRef<Value> buffers) { BlockScanBuilder(op, buffers).run(b); }
};

} // namespace

void linnet::registerBlockScanModels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, LinnetDialect *) {
    AffineScanOp::attachInterface<BlockScanModel<AffineScanOp>>(*context);
    ScanOp::attachInterface<BlockScanModel<ScanOp>>(*context);
  });
}
