//===- Scan.cpp - tiling of the Scan family -------------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/ScanForm.h"
#include "compiler/tiling/Tiling.h"
#include "compiler/tiling/TimeTiling.h"
#include "dialects/linnet/Linnet.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/TypeSwitch.h"

#include <numeric>

using namespace mlir;
using namespace linnet;

/// The dimensions of a state: all but time.
static DimMap withoutTime(int64_t rank, int64_t time) {
  DimMap dims = identity(rank);
  dims.erase(dims.begin() + time);
  return dims;
}

/// The scan dimensions of a value, then its element dimensions.
static DimMap withElement(DimMap dims, int64_t elementRank) {
  dims.append(elementRank, kWhole);
  return dims;
}

/// The last dimension that is not time.
static int64_t lastOtherDim(int64_t rank, int64_t time) { return time == rank - 1 ? rank - 2 : rank - 1; }

// Found by argument-dependent lookup: in the namespace of the ops.
namespace linnet {
static TimeSpace getSpace(AffineScanOp op) {
  int64_t rank = cast<RankedTensorType>(op.getA().getType()).getRank() - op.getComplex();
  int64_t time = op.getDimension();
  DimMap whole = withElement(identity(rank), op.getComplex());
  DimMap state = withElement(withoutTime(rank, time), op.getComplex());
  return {time, lastOtherDim(rank, time), leadingDims(op.getA(), rank), {whole, whole, whole, state}};
}

static TimeSpace getSpace(CausalConv1dOp op) {
  bool channelLast = op.getLayout() == Layout::BTD;
  int64_t time = channelLast ? 1 : 2, channel = channelLast ? 2 : 1;
  DimMap state = {0, kWhole, kWhole};
  state[channel] = channel;
  TimeSpace space = {time, channel, leadingDims(op.getX(), 3), {identity(3), {channel, kWhole}, identity(3), state}};
  if (op.getBias())
    space.operandDims.push_back({channel});
  return space;
}

static TimeSpace getSpace(SelectiveScanOp op) {
  int64_t time = op.getTimeDim(), channel = op.getChannelDim();
  auto coefficients = [&](Value value) -> DimMap {
    if (op.isConstantInTime(value))
      return withElement({channel, kWhole}, op.getComplex());
    DimMap dims = {0};
    if (op.getGroupDim(value))
      dims.push_back(kGroup);
    dims.push_back(kWhole);
    dims.insert(op.getLayout() == Layout::BTD ? dims.begin() + 1 : dims.end(), time);
    return withElement(dims, op.getComplex());
  };
  TimeSpace space = {time,
                     channel,
                     leadingDims(op.getU(), 3),
                     {identity(3), identity(3), withElement({channel, kWhole}, op.getComplex())}};
  space.operandDims.push_back(coefficients(op.getB()));
  space.operandDims.push_back(coefficients(op.getC()));
  space.operandDims.push_back(identity(3));
  space.operandDims.push_back(withElement({0, channel, kWhole}, op.getComplex()));
  if (op.getD())
    space.operandDims.push_back({channel});
  if (op.getZ())
    space.operandDims.push_back(identity(3));
  if (op.getDeltaBias())
    space.operandDims.push_back({channel});
  return space;
}

static TimeSpace getSpace(ScanOp op) {
  int64_t rank = op.getScanRank(), time = op.getDimension();
  DimMap whole = identity(rank), state = withoutTime(rank, time);
  TimeSpace space = {time, lastOtherDim(rank, time), leadingDims(op.getInputs()[0], rank), {}};
  unsigned count = op.getInputs().size();
  for (const DimMap &dims : {whole, whole, state})
    for (unsigned i = 0; i < count; ++i)
      space.operandDims.push_back(withElement(dims, op.getElementRank(i)));
  if (op.getSegmentStart())
    space.operandDims.push_back(whole);
  return space;
}

static TimeSpace getSpace(RecurrenceOp op) {
  int64_t rank = op.getScanRank(), time = op.getDimension();
  DimMap whole = identity(rank), state = withoutTime(rank, time);
  TimeSpace space = {time, lastOtherDim(rank, time), leadingDims(op.getInputs()[0], rank), {}};
  for (unsigned i = 0; i < op.getInputs().size(); ++i)
    space.operandDims.push_back(withElement(whole, op.getInputRank(i)));
  for (unsigned i = 0; i < op.getYInits().size(); ++i)
    space.operandDims.push_back(withElement(whole, op.getYRank(i)));
  for (unsigned i = 0; i < op.getStateInits().size(); ++i)
    space.operandDims.push_back(withElement(state, op.getStateRank(i)));
  return space;
}

} // namespace linnet

template <typename... Ops> static void attachModels(MLIRContext *context) {
  (Ops::template attachInterface<TimeTilingModel<Ops>>(*context), ...);
}

void linnet::registerScanTilingModels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, LinnetDialect *dialect) {
    attachModels<AffineScanOp, CausalConv1dOp, RecurrenceOp, ScanOp, SelectiveScanOp>(context);
  });
}

/// Channels of a tile. A selective scan takes several vectors of them: in blocks of time it then uses whole cache lines
/// and pages of its inputs (docs/rationale/vector.md), and there are still enough tiles for the threads.
static int64_t getTileChannels(Operation *op, int64_t lanes, int64_t channelDim) {
  // Scans of scalars carry several vectors: a row of a tile is then several cache lines.
  if (auto elements = dyn_cast<ScanOp>(op); isa<AffineScanOp>(op) || elements) {
    int64_t channels = cast<RankedTensorType>(op->getOperand(0).getType()).getDimSize(channelDim);
    bool isScalar = elements ? elements.getKind() != ScanKind::Custom : !cast<AffineScanOp>(op).getComplex();
    bool isLast = channelDim == static_cast<int64_t>(cast<RankedTensorType>(op->getOperand(0).getType()).getRank()) - 1;
    if (!isScalar || !isLast || ShapedType::isDynamic(channels))
      return lanes;
    // Two tiles or more of a wide row: work for a second thread.
    for (int64_t vectors : {16, 8, 4, 2})
      if (channels % (vectors * lanes) == 0 && (vectors <= 4 || channels >= 2 * vectors * lanes))
        return vectors * lanes;
    return lanes;
  }
  auto scan = dyn_cast<SelectiveScanOp>(op);
  if (!scan)
    return lanes;
  int64_t channels = cast<RankedTensorType>(scan.getU().getType()).getDimSize(channelDim), group = channels;
  bool isConstant = false;
  for (Value coefficients : {scan.getB(), scan.getC()}) {
    isConstant |= scan.isConstantInTime(coefficients);
    if (std::optional<int64_t> groupDim = scan.getGroupDim(coefficients))
      group = std::gcd(group, channels / cast<RankedTensorType>(coefficients.getType()).getDimSize(*groupDim));
  }
  // A tile stays within one group: where a group is not whole vectors, part of a vector that divides it.
  while (group != channels && group % lanes != 0)
    --lanes;
  if (isConstant || scan.getComplex() || ShapedType::isDynamic(channels))
    return lanes;
  // The states of a tile, and A, lie on the stack of its thread.
  constexpr int64_t kMaxStates = 16 * 1024;
  int64_t states = cast<RankedTensorType>(scan.getA().getType()).getDimSize(1);
  for (int64_t vectors : {8, 4})
    if (group % (vectors * lanes) == 0 && channels >= 4 * vectors * lanes && vectors * lanes * states <= kMaxStates)
      return vectors * lanes;
  return lanes;
}

static TimeSpace getTimeSpace(Operation *op) {
  return TypeSwitch<Operation *, TimeSpace>(op)
      .Case<AffineScanOp, CausalConv1dOp, RecurrenceOp, ScanOp, SelectiveScanOp>(
          [&](auto scan) { return getSpace(scan); });
}

LogicalResult linnet::tileScan(RewriterBase &rewriter, TilingInterface op, int64_t lanes, bool gpu) {
  TimeSpace space = getTimeSpace(op);
  SmallVector<OpFoldResult> tileSizes(space.getRank(), rewriter.getIndexAttr(1));
  tileSizes[*space.timeDim] = rewriter.getIndexAttr(0);
  bool isRow = gpu ? scansInnermost(op) : runsAlongTime(op);
  // A recurrence has no lanes: its step is one unit of work. Where time is last and there is little beside it, the
  // lanes of a vector are along time.
  if (space.channelDim >= 0 && !isRow && !isa<RecurrenceOp>(op))
    tileSizes[space.channelDim] = rewriter.getIndexAttr(getTileChannels(op, lanes, space.channelDim));
  if (space.getRank() == 1)
    return success(); // nothing but time: the op is its own tile
  return tileToForall(rewriter, op, tileSizes);
}

FailureOr<SmallVector<Operation *>> linnet::tileScanToThreads(RewriterBase &rewriter, TilingInterface op) {
  TimeSpace space = getTimeSpace(op);
  if (space.channelDim < 0)
    return failure();
  SmallVector<OpFoldResult> sizes(space.getRank(), rewriter.getIndexAttr(0));
  sizes[space.channelDim] = rewriter.getIndexAttr(1);
  return tileToForall(rewriter, op, sizes);
}
