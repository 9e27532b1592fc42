//===- SelectiveScan.cpp - vector code of selective_scan ------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/vector/TimeLoop.h"
#include "compiler/vector/Vectorize.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

#include <cmath>

using namespace mlir;
using namespace linnet;

/// Tokens for which one vector of channels runs before the next one: short enough that what is asked for ahead, the
/// same channels in the next block, stays in the cache until then; long enough to pay for loading and storing the
/// state, and for the first token of each, which waits for its inputs.
static constexpr int64_t kTimeBlock = 64;

/// States whose decays stand side by side in the code: each is a chain of operations that wait for one another, and the
/// machine looks ahead only so far for others to run meanwhile.
static constexpr int64_t kStatesAtOnce = 4;

/// Whether the vector code takes layout bdt as it is: blocks of whole vectors of channels, real coefficients per token.
bool linnet::turnsSelectiveScan(SelectiveScanOp op, int64_t lanes) {
  int64_t channels = cast<RankedTensorType>(op.getU().getType()).getDimSize(op.getChannelDim());
  if (op.getComplex() || ShapedType::isDynamic(channels) || channels % lanes != 0)
    return false;
  for (Value coefficients : {op.getB(), op.getC()}) {
    if (op.isConstantInTime(coefficients))
      return false;
    if (std::optional<int64_t> groupDim = op.getGroupDim(coefficients))
      if (channels / cast<RankedTensorType>(coefficients.getType()).getDimSize(*groupDim) % lanes != 0)
        return false;
  }
  return true;
}

namespace {

class SelectiveScanBuilder {
public:
  SelectiveScanBuilder(SelectiveScanOp op) : op(op) {}

  SmallVector<Value> run(VectorBuilder &b);

private:
  /// What a loop over time needs of one vector of channels and does not change.
  struct Channels {
    Value offset; // within the tile
    SmallVector<Value> a, constantB, constantC;
    Value skip, deltaBias;
  };

  /// What a token reads, with time before the channels: operands of the op, or a block of them that was turned.
  struct Rows {
    Value u, delta, z, b, c;
  };

  Channels loadChannels(VectorBuilder &b, Value offset, bool withA);
  /// One token: the new states, and y written.
  void step(VectorBuilder &b, Value t, const Rows &rows, const Channels &channels, Value &y,
            SmallVectorImpl<Value> &states);
  Rows operands() { return {op.getU(), op.getDelta(), op.getZ(), op.getB(), op.getC()}; }
  SmallVector<Value> coefficient(VectorBuilder &b, Value tensor, ArrayRef<Value> constant, Value t, int64_t n);
  SmallVector<Value> decay(VectorBuilder &b, Value delta, ArrayRef<Value> a, int64_t n);
  SmallVector<Value> runOneVector(VectorBuilder &b);
  SmallVector<Value> runInBlocks(VectorBuilder &b, int64_t vectors);
  static void prefetchTokens(VectorBuilder &b, Value t, const Rows &rows, Value offset) {
    for (Value tensor : {rows.u, rows.delta, rows.z})
      if (tensor)
        prefetchAhead(b, tensor, {b.index(0), t, offset}, 1, kTimeBlock);
  }
  void prefetchTurned(VectorBuilder &b, Value t, Value offset, Value start);
  Value turn(VectorBuilder &b, Value tensor, Value first, Value start, Value count, int64_t width);
  Value turnBack(VectorBuilder &b, Value block, Value y, Value first, Value start, Value stop);

  /// exp(d A) is computed as exp2(d (A log2 e)): one product less for every state and token.
  SmallVector<Value> scaleToExp2(VectorBuilder &b, ArrayRef<Value> a) {
    SmallVector<Value> scaled;
    for (Value column : a)
      scaled.push_back(b.mul(column, b.splat(M_LOG2E, column.getType())));
    return scaled;
  }

  SelectiveScanOp op;
};

SelectiveScanBuilder::Channels SelectiveScanBuilder::loadChannels(VectorBuilder &b, Value offset, bool withA) {
  Channels channels;
  channels.offset = offset;
  auto columns = [&](Value matrix) { return b.readElements(matrix, b.index(0), 1 + op.getComplex()); };
  if (withA)
    channels.a = op.getComplex() ? columns(op.getA()) : scaleToExp2(b, columns(op.getA()));
  if (op.isConstantInTime(op.getB()))
    channels.constantB = columns(op.getB());
  if (op.isConstantInTime(op.getC()))
    channels.constantC = columns(op.getC());
  if (op.getD())
    channels.skip = b.read(op.getD(), offset);
  if (op.getDeltaBias())
    channels.deltaBias = b.read(op.getDeltaBias(), offset);
  return channels;
}

/// Scalars of the token, or vectors that do not change along time: one part, or the two of a complex number.
SmallVector<Value> SelectiveScanBuilder::coefficient(VectorBuilder &b, Value tensor, ArrayRef<Value> constant, Value t,
                                                     int64_t n) {
  int64_t parts = 1 + op.getComplex();
  if (!constant.empty())
    return SmallVector<Value>(constant.slice(n * parts, parts));
  SmallVector<Value> at = {b.index(0), t, b.index(n)};
  if (cast<RankedTensorType>(tensor.getType()).getRank() - op.getComplex() == 4)
    at.insert(at.begin() + 2, b.index(0)); // the group
  if (!op.getComplex())
    return {b.broadcast(tensor, at)};
  SmallVector<Value> number;
  at.push_back({});
  for (int64_t part = 0; part < parts; ++part) {
    at.back() = b.index(part);
    number.push_back(b.broadcast(tensor, at));
  }
  return number;
}

/// exp(d A) for state n.
SmallVector<Value> SelectiveScanBuilder::decay(VectorBuilder &b, Value delta, ArrayRef<Value> a, int64_t n) {
  if (!op.getComplex())
    return {math::Exp2Op::create(b, b.mul(delta, a[n])).getResult()};
  Value magnitude = b.exp(b.mul(delta, a[2 * n])), angle = b.mul(delta, a[2 * n + 1]);
  return {b.mul(magnitude, math::CosOp::create(b, angle)), b.mul(magnitude, math::SinOp::create(b, angle))};
}

void SelectiveScanBuilder::step(VectorBuilder &b, Value t, const Rows &rows, const Channels &channels, Value &y,
                                SmallVectorImpl<Value> &states) {
  SmallVector<Value> at = {b.index(0), t, channels.offset};
  Value u = b.read(rows.u, at), delta = b.read(rows.delta, at);
  if (channels.deltaBias)
    delta = b.add(delta, channels.deltaBias);
  if (op.getDeltaSoftplus())
    delta = b.softplus(delta);
  Value deltaU = b.mul(delta, u);
  // Two sums, over even and odd states: half the latency.
  std::array<Value, 2> sums = {channels.skip ? b.mul(channels.skip, u) : Value(), Value()};
  SmallVector<SmallVector<Value>> decays;
  int64_t parts = 1 + op.getComplex();
  for (int64_t n = 0, count = states.size() / parts; n < count; ++n) {
    if (n % kStatesAtOnce == 0) {
      decays.clear();
      for (int64_t m = n; m < std::min(n + kStatesAtOnce, count); ++m)
        decays.push_back(decay(b, delta, channels.a, m));
    }
    SmallVector<Value> h = b.mulNumbers(decays[n % kStatesAtOnce], ArrayRef<Value>(states).slice(n * parts, parts));
    SmallVector<Value> input = coefficient(b, rows.b, channels.constantB, t, n);
    for (int64_t part = 0; part < parts; ++part)
      states[n * parts + part] = h[part] = b.mulAdd(deltaU, input[part], h[part]);
    SmallVector<Value> read = coefficient(b, rows.c, channels.constantC, t, n);
    if (op.getComplex()) // twice the real part, with the skip left out of the doubling
      h = {b.mul(b.splat(2.0, u.getType()), b.mulNumbers(read, h)[0])}, read = {b.splat(1.0, u.getType())};
    Value &sum = sums[(n + 1) % 2];
    sum = sum ? b.mulAdd(read[0], h[0], sum) : b.mul(read[0], h[0]);
  }
  Value sum = sums[0] && sums[1] ? b.add(sums[0], sums[1]) : sums[0] ? sums[0] : sums[1];
  if (rows.z)
    sum = b.timesSilu(sum, b.read(rows.z, at));
  y = b.write(sum, y, at);
}

SmallVector<Value> SelectiveScanBuilder::runOneVector(VectorBuilder &b) {
  Channels channels = loadChannels(b, b.index(0), /*withA=*/true);
  int64_t rank = 1 + op.getComplex();
  SmallVector<Value> states = b.readElements(op.getStateInit(), {b.index(0), b.index(0)}, rank);
  TimeLoopResults loop =
      buildTimeLoop(b, b.dim(op.getU(), 1), op.getYInit(), states,
                    [&](VectorBuilder &b, Value t, SmallVectorImpl<Value> &outputs, SmallVectorImpl<Value> &carried) {
                      step(b, t, operands(), channels, outputs[0], carried);
                    });
  return {loop.outputs[0], b.writeElements(loop.carried, op.getStateInit(), {b.index(0), b.index(0)}, rank)};
}

/// Time blocks outside, vectors of channels inside. Between blocks the states lie in memory as [vector, n, lane], and A
/// does all the time: in registers they are only within a block.
SmallVector<Value> SelectiveScanBuilder::runInBlocks(VectorBuilder &b, int64_t vectors) {
  int64_t lanes = b.getLanes(), count = cast<RankedTensorType>(op.getA().getType()).getDimSize(1);
  Value zero = b.index(0), one = b.index(1), all = b.index(vectors), times = b.dim(op.getU(), op.getTimeDim());
  bool turns = op.getLayout() == Layout::BDT;
  Type element = getElementTypeOrSelf(op.getU().getType());
  SmallVector<int64_t> packedShape = {vectors, count, lanes};
  auto channelOffset = [&](VectorBuilder &b, Value vector) -> Value {
    return arith::MulIOp::create(b, vector, b.index(lanes));
  };
  // The rows of one vector of channels in a matrix [channels, n].
  auto slice = [&](VectorBuilder &b, Value tensor, Value vector, bool isState) -> Value {
    OpFoldResult first = b.getIndexAttr(0), unit = b.getIndexAttr(1);
    SmallVector<OpFoldResult> offsets = {channelOffset(b, vector), first};
    SmallVector<OpFoldResult> sizes = {b.getIndexAttr(lanes), b.getIndexAttr(count)};
    if (isState) {
      offsets.insert(offsets.begin(), first);
      sizes.insert(sizes.begin(), unit);
    }
    SmallVector<OpFoldResult> strides(offsets.size(), unit);
    return tensor::ExtractSliceOp::create(b, tensor, offsets, sizes, strides);
  };
  auto writePacked = [&](VectorBuilder &b, ValueRange columns, Value packed, Value vector) {
    for (auto [n, column] : llvm::enumerate(columns))
      packed = b.write(column, packed, {vector, b.index(n), zero});
    return packed;
  };
  auto readPacked = [&](VectorBuilder &b, Value packed, Value vector) {
    SmallVector<Value> columns;
    for (int64_t n = 0; n < count; ++n)
      columns.push_back(b.read(packed, {vector, b.index(n), zero}));
    return columns;
  };
  auto forVectors = [&](VectorBuilder &b, ValueRange inits,
                        llvm::function_ref<SmallVector<Value>(VectorBuilder &, Value, ValueRange)> body) {
    return scf::ForOp::create(b, zero, all, one, inits,
                              [&](OpBuilder &builder, Location, Value vector, ValueRange args) {
                                VectorBuilder inner = b.at(builder);
                                scf::YieldOp::create(inner, body(inner, vector, args));
                              });
  };

  Value empty = tensor::EmptyOp::create(b, packedShape, element);
  auto packed =
      forVectors(b, {empty, empty}, [&](VectorBuilder &b, Value vector, ValueRange args) -> SmallVector<Value> {
        SmallVector<Value> a = scaleToExp2(b, b.readColumns(slice(b, op.getA(), vector, false), {}));
        SmallVector<Value> states = b.readColumns(slice(b, op.getStateInit(), vector, true), zero);
        return {writePacked(b, a, args[0], vector), writePacked(b, states, args[1], vector)};
      });
  Value packedA = packed.getResult(0);
  auto blocks = scf::ForOp::create(
      b, zero, times, b.index(kTimeBlock), ValueRange{op.getYInit(), packed.getResult(1)},
      [&](OpBuilder &builder, Location loc, Value start, ValueRange args) {
        VectorBuilder b = VectorBuilder(loc, builder, lanes);
        Value stop = arith::MinSIOp::create(b, arith::AddIOp::create(b, start, b.index(kTimeBlock)), times);
        Value first = start, last = stop;
        Rows rows = operands();
        if (turns) {
          first = zero, last = arith::SubIOp::create(b, stop, start);
          rows.b = turn(b, op.getB(), zero, start, last, count);
          rows.c = turn(b, op.getC(), zero, start, last, count);
        }
        auto inner = forVectors(b, args, [&](VectorBuilder &b, Value vector, ValueRange args) -> SmallVector<Value> {
          Value offset = channelOffset(b, vector), y = args[0];
          Channels channels = loadChannels(b, offset, /*withA=*/false);
          Rows own = rows;
          if (turns) {
            own.u = turn(b, op.getU(), offset, start, last, lanes);
            own.delta = turn(b, op.getDelta(), offset, start, last, lanes);
            own.z = op.getZ() ? turn(b, op.getZ(), offset, start, last, lanes) : Value();
            channels.offset = zero;
            y = tensor::EmptyOp::create(b, ArrayRef<int64_t>{1, kTimeBlock, lanes}, element);
          }
          Value nextOffset, nextStart;
          if (turns) {
            Value next = arith::AddIOp::create(b, vector, one);
            Value isLast = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, next, all);
            nextOffset = channelOffset(b, arith::SelectOp::create(b, isLast, zero, next));
            nextStart = arith::SelectOp::create(b, isLast, stop, start);
          }
          SmallVector<Value> carried = {y};
          carried.append(readPacked(b, args[1], vector));
          auto loop = scf::ForOp::create(b, first, last, one, carried,
                                         [&](OpBuilder &builder, Location, Value t, ValueRange values) {
                                           VectorBuilder inner = b.at(builder);
                                           Channels withA = channels;
                                           withA.a = readPacked(inner, packedA, vector);
                                           if (turns)
                                             prefetchTurned(inner, t, nextOffset, nextStart);
                                           else
                                             prefetchTokens(inner, t, own, offset);
                                           Value y = values[0];
                                           SmallVector<Value> states(values.drop_front());
                                           step(inner, t, own, withA, y, states);
                                           states.insert(states.begin(), y);
                                           scf::YieldOp::create(inner, states);
                                         });
          y = loop.getResult(0);
          if (turns)
            y = turnBack(b, y, args[0], offset, start, stop);
          return {y, writePacked(b, loop.getResults().drop_front(), args[1], vector)};
        });
        scf::YieldOp::create(b, inner.getResults());
      });
  auto unpacked = forVectors(b, op.getStateInit(), [&](VectorBuilder &b, Value vector, ValueRange args) {
    SmallVector<Value> columns = readPacked(b, blocks.getResult(1), vector);
    Value part = b.writeColumns(columns, slice(b, args[0], vector, true), zero);
    OpFoldResult first = b.getIndexAttr(0), unit = b.getIndexAttr(1);
    Value whole =
        tensor::InsertSliceOp::create(b, part, args[0], ArrayRef<OpFoldResult>{first, channelOffset(b, vector), first},
                                      ArrayRef<OpFoldResult>{unit, b.getIndexAttr(lanes), b.getIndexAttr(count)},
                                      ArrayRef<OpFoldResult>{unit, unit, unit});
    return SmallVector<Value>{whole};
  });
  return {blocks.getResult(0), unpacked.getResult(0)};
}

/// With time last, one line of each input for each token: what the next vector of channels will turn.
void SelectiveScanBuilder::prefetchTurned(VectorBuilder &b, Value t, Value offset, Value start) {
  Value lanes = b.index(b.getLanes()), row = arith::RemUIOp::create(b, t, lanes);
  Value column = arith::SubIOp::create(b, t, row);
  SmallVector<Value> at = {b.index(0), arith::AddIOp::create(b, offset, row), arith::AddIOp::create(b, start, column)};
  for (Value tensor : {op.getU(), op.getDelta(), op.getZ()})
    if (tensor)
      b.prefetch(tensor, at);
}

/// `width` rows of `tensor` from `first` on at `count` times from `start` on, as [1, time, row].
Value SelectiveScanBuilder::turn(VectorBuilder &b, Value tensor, Value first, Value start, Value count, int64_t width) {
  auto type = cast<RankedTensorType>(tensor.getType());
  int64_t lanes = b.getLanes(), rowDim = type.getRank() - 2;
  SmallVector<int64_t> shape = {1, kTimeBlock, static_cast<int64_t>(llvm::alignTo(width, lanes))};
  Value zero = b.index(0), block = tensor::EmptyOp::create(b, shape, type.getElementType());
  auto loop = scf::ForOp::create(
      b, zero, count, b.index(lanes), block, [&](OpBuilder &builder, Location, Value t, ValueRange args) {
        VectorBuilder inner = b.at(builder);
        Value block = args[0];
        for (int64_t row = 0; row < width; row += lanes) {
          SmallVector<Value> at(rowDim + 2, zero);
          at[rowDim] = arith::AddIOp::create(inner, first, inner.index(row));
          at.back() = arith::AddIOp::create(inner, start, t);
          SmallVector<Value> columns = inner.readTurned(tensor, at, rowDim, /*allRows=*/row + lanes <= width, false);
          for (auto [i, column] : llvm::enumerate(columns)) {
            Value time = arith::AddIOp::create(inner, t, inner.index(i));
            block = inner.write(column, block, {zero, time, inner.index(row)});
          }
        }
        scf::YieldOp::create(inner, block);
      });
  return loop.getResult(0);
}

/// The inverse, for the channels from `first` on at the times from `start` to `stop`.
Value SelectiveScanBuilder::turnBack(VectorBuilder &b, Value block, Value y, Value first, Value start, Value stop) {
  Value zero = b.index(0), width = b.index(b.getLanes());
  auto loop = scf::ForOp::create(b, start, stop, width, y, [&](OpBuilder &builder, Location, Value t, ValueRange args) {
    VectorBuilder inner = b.at(builder);
    SmallVector<Value> rows;
    for (int64_t i = 0; i < b.getLanes(); ++i) {
      Value time = arith::AddIOp::create(inner, arith::SubIOp::create(inner, t, start), inner.index(i));
      rows.push_back(inner.read(block, {zero, time, zero}));
    }
    auto write = [&](bool isWhole) {
      return [&, isWhole](OpBuilder &builder, Location) {
        VectorBuilder branch = b.at(builder);
        scf::YieldOp::create(branch, branch.writeTurned(rows, args[0], {zero, first, t}, 1, /*allRows=*/true, isWhole));
      };
    };
    Value end = arith::AddIOp::create(inner, t, width);
    Value isWhole = arith::CmpIOp::create(inner, arith::CmpIPredicate::sle, end, stop);
    scf::YieldOp::create(inner, scf::IfOp::create(inner, isWhole, write(true), write(false)).getResults());
  });
  return loop.getResult(0);
}

SmallVector<Value> SelectiveScanBuilder::run(VectorBuilder &b) {
  int64_t channels = cast<RankedTensorType>(op.getU().getType()).getDimSize(op.getChannelDim());
  if (op.getLayout() == Layout::BDT || (!ShapedType::isDynamic(channels) && channels > b.getLanes()))
    return runInBlocks(b, channels / b.getLanes());
  return runOneVector(b);
}

} // namespace

SmallVector<Value> linnet::vectorizeSelectiveScan(VectorBuilder &b, SelectiveScanOp op) {
  if (op.getLayout() == Layout::BDT && !turnsSelectiveScan(op, b.getLanes()))
    return {};
  return SelectiveScanBuilder(op).run(b);
}
