//===- Scan.cpp - tiling of the Scan family -------------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/ScanForm.h"
#include "compiler/tiling/Tiling.h"
#include "dialects/linnet/Linnet.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/SCF/Transforms/TileUsingInterface.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/ValueBoundsOpInterface.h"
#include "llvm/ADT/TypeSwitch.h"

#include <numeric>

using namespace mlir;
using namespace linnet;

namespace {

/// For each dimension of an operand the iteration dimension that indexes it; kWhole: it is never cut; kGroup: it holds
/// groups of channels.
constexpr int64_t kWhole = -1;
constexpr int64_t kGroup = -2;
using DimMap = SmallVector<int64_t>;

/// What a scan says about its iteration space. Its dimensions are those of the first operand.
struct ScanSpace {
  int64_t rank = 0, timeDim = 0, channelDim = 0;
  SmallVector<DimMap> operandDims; // one per operand, in order
};

DimMap identity(int64_t rank) { return llvm::to_vector(llvm::seq<int64_t>(rank)); }

/// The dimensions of a state: all but time.
DimMap withoutTime(int64_t rank, int64_t time) {
  DimMap dims = identity(rank);
  dims.erase(dims.begin() + time);
  return dims;
}

/// The scan dimensions of a value, then its element dimensions.
DimMap withElement(DimMap dims, int64_t elementRank) {
  dims.append(elementRank, kWhole);
  return dims;
}

/// The last dimension that is not time.
int64_t lastOtherDim(int64_t rank, int64_t time) { return time == rank - 1 ? rank - 2 : rank - 1; }

ScanSpace getSpace(AffineScanOp op) {
  int64_t rank = cast<RankedTensorType>(op.getA().getType()).getRank() - op.getComplex();
  int64_t time = op.getDimension();
  DimMap whole = withElement(identity(rank), op.getComplex());
  DimMap state = withElement(withoutTime(rank, time), op.getComplex());
  return {rank, time, lastOtherDim(rank, time), {whole, whole, whole, state}};
}

ScanSpace getSpace(CausalConv1dOp op) {
  bool channelLast = op.getLayout() == Layout::BTD;
  int64_t time = channelLast ? 1 : 2, channel = channelLast ? 2 : 1;
  DimMap state = {0, kWhole, kWhole};
  state[channel] = channel;
  ScanSpace space = {3, time, channel, {identity(3), {channel, kWhole}, identity(3), state}};
  if (op.getBias())
    space.operandDims.push_back({channel});
  return space;
}

ScanSpace getSpace(SelectiveScanOp op) {
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
  ScanSpace space = {3, time, channel, {identity(3), identity(3), withElement({channel, kWhole}, op.getComplex())}};
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

ScanSpace getSpace(ScanOp op) {
  int64_t rank = op.getScanRank(), time = op.getDimension();
  DimMap whole = identity(rank), state = withoutTime(rank, time);
  ScanSpace space = {rank, time, lastOtherDim(rank, time), {}};
  unsigned count = op.getInputs().size();
  for (const DimMap &dims : {whole, whole, state})
    for (unsigned i = 0; i < count; ++i)
      space.operandDims.push_back(withElement(dims, op.getElementRank(i)));
  if (op.getSegmentStart())
    space.operandDims.push_back(whole);
  return space;
}

ScanSpace getSpace(RecurrenceOp op) {
  int64_t rank = op.getScanRank(), time = op.getDimension();
  DimMap whole = identity(rank), state = withoutTime(rank, time);
  ScanSpace space = {rank, time, lastOtherDim(rank, time), {}};
  for (unsigned i = 0; i < op.getInputs().size(); ++i)
    space.operandDims.push_back(withElement(whole, op.getInputRank(i)));
  for (unsigned i = 0; i < op.getYInits().size(); ++i)
    space.operandDims.push_back(withElement(whole, op.getYRank(i)));
  for (unsigned i = 0; i < op.getStateInits().size(); ++i)
    space.operandDims.push_back(withElement(state, op.getStateRank(i)));
  return space;
}

/// The slice of `operand` that a tile touches.
struct Slice {
  SmallVector<OpFoldResult> offsets, sizes;
};

FailureOr<Slice> sliceOperand(OpBuilder &builder, Operation *op, Value operand, const DimMap &dims, int64_t channelDim,
                              Value channels, ArrayRef<OpFoldResult> offsets, ArrayRef<OpFoldResult> sizes) {
  Slice slice;
  Location loc = op->getLoc();
  for (auto [dim, mapped] : llvm::enumerate(dims)) {
    if (mapped >= 0) {
      slice.offsets.push_back(offsets[mapped]);
      slice.sizes.push_back(sizes[mapped]);
      continue;
    }
    OpFoldResult whole = tensor::getMixedSize(builder, loc, operand, dim);
    if (mapped == kWhole) {
      slice.offsets.push_back(builder.getIndexAttr(0));
      slice.sizes.push_back(whole);
      continue;
    }
    // A tile of channels must lie within one group: static sizes, and the tile divides the group.
    std::optional<int64_t> groups = getConstantIntValue(whole), tile = getConstantIntValue(sizes[channelDim]);
    if (groups == 1) {
      slice.offsets.push_back(builder.getIndexAttr(0));
      slice.sizes.push_back(whole);
      continue;
    }
    int64_t all = cast<RankedTensorType>(channels.getType()).getDimSize(channelDim);
    if (!groups || !tile || ShapedType::isDynamic(all))
      return op->emitOpError("expected static channels and groups where a scan with groups is tiled");
    int64_t groupSize = all / *groups;
    if (*tile == all) {
      slice.offsets.push_back(builder.getIndexAttr(0));
      slice.sizes.push_back(whole);
      continue;
    }
    if (groupSize % *tile != 0)
      return op->emitOpError() << "expected the tile of " << *tile << " channels to divide the group of " << groupSize;
    AffineExpr d0 = builder.getAffineDimExpr(0);
    slice.offsets.push_back(
        affine::makeComposedFoldedAffineApply(builder, loc, d0.floorDiv(groupSize), {offsets[channelDim]}));
    slice.sizes.push_back(builder.getIndexAttr(1));
  }
  return slice;
}

/// Whether a tile holds less than all of time.
bool cutsTime(Operation *op, const ScanSpace &space, ArrayRef<OpFoldResult> offsets, ArrayRef<OpFoldResult> sizes) {
  if (!isConstantIntValue(offsets[space.timeDim], 0))
    return true;
  Value input = op->getOperand(0);
  OpFoldResult tile = sizes[space.timeDim];
  int64_t whole = cast<RankedTensorType>(input.getType()).getDimSize(space.timeDim);
  if (std::optional<int64_t> size = getConstantIntValue(tile))
    return *size != whole;
  FailureOr<bool> isWhole = ValueBoundsConstraintSet::areEqual({tile}, {input, space.timeDim});
  return failed(isWhole) || !*isWhole;
}

template <typename OpTy> struct ScanTilingModel : TilingInterface::ExternalModel<ScanTilingModel<OpTy>, OpTy> {
  SmallVector<utils::IteratorType> getLoopIteratorTypes(Operation *op) const {
    ScanSpace space = getSpace(cast<OpTy>(op));
    SmallVector<utils::IteratorType> types(space.rank, utils::IteratorType::parallel);
    // Tiles along time depend on one another through the state, as the tiles of a reduction do.
    types[space.timeDim] = utils::IteratorType::reduction;
    return types;
  }

  SmallVector<Range> getIterationDomain(Operation *op, OpBuilder &builder) const {
    SmallVector<Range> domain;
    for (int64_t dim = 0; dim < getSpace(cast<OpTy>(op)).rank; ++dim)
      domain.push_back({builder.getIndexAttr(0), tensor::getMixedSize(builder, op->getLoc(), op->getOperand(0), dim),
                        builder.getIndexAttr(1)});
    return domain;
  }

  FailureOr<TilingResult> getTiledImplementation(Operation *op, OpBuilder &builder, ArrayRef<OpFoldResult> offsets,
                                                 ArrayRef<OpFoldResult> sizes) const {
    ScanSpace space = getSpace(cast<OpTy>(op));
    // Tiles run from the first to the last, and a tile of an unseeded scan does not know whether it is the first.
    if (cutsTime(op, space, offsets, sizes) && !cast<TimeOpInterface>(op).isCausal())
      return op->emitOpError("expected time to be whole in a tile: only a causal scan with a carried state can be cut");
    SmallVector<Value> operands;
    SmallVector<Operation *> slices;
    for (auto [operand, dims] : llvm::zip_equal(op->getOperands(), space.operandDims)) {
      FailureOr<Slice> slice =
          sliceOperand(builder, op, operand, dims, space.channelDim, op->getOperand(0), offsets, sizes);
      if (failed(slice))
        return failure();
      SmallVector<OpFoldResult> strides(dims.size(), builder.getIndexAttr(1));
      auto tile = tensor::ExtractSliceOp::create(builder, op->getLoc(), operand, slice->offsets, slice->sizes, strides);
      slices.push_back(tile);
      operands.push_back(tile);
    }
    SmallVector<Type> types;
    for (OpOperand &init : cast<DestinationStyleOpInterface>(op).getDpsInitsMutable())
      types.push_back(operands[init.getOperandNumber()].getType());
    Operation *tiled = mlir::clone(builder, op, types, operands);
    return TilingResult{{tiled}, SmallVector<Value>(tiled->getResults()), slices};
  }

  LogicalResult getResultTilePosition(Operation *op, OpBuilder &builder, unsigned index, ArrayRef<OpFoldResult> offsets,
                                      ArrayRef<OpFoldResult> sizes, SmallVector<OpFoldResult> &resultOffsets,
                                      SmallVector<OpFoldResult> &resultSizes) const {
    ScanSpace space = getSpace(cast<OpTy>(op));
    OpOperand &init = cast<DestinationStyleOpInterface>(op).getDpsInitsMutable()[index];
    FailureOr<Slice> slice = sliceOperand(builder, op, init.get(), space.operandDims[init.getOperandNumber()],
                                          space.channelDim, op->getOperand(0), offsets, sizes);
    if (failed(slice))
      return failure();
    resultOffsets = slice->offsets;
    resultSizes = slice->sizes;
    return success();
  }

  FailureOr<TilingResult> generateResultTileValue(Operation *op, OpBuilder &builder, unsigned index,
                                                  ArrayRef<OpFoldResult> offsets, ArrayRef<OpFoldResult> sizes) const {
    // A primary result is indexed by the iteration space itself; a state says nothing about time.
    if (!cast<TimeOpInterface>(op).getResultTimeDim(index))
      return failure();
    // Fused into a tile of its consumer the op would start every block of time from the initial state.
    if (cutsTime(op, getSpace(cast<OpTy>(op)), offsets, sizes))
      return failure();
    FailureOr<TilingResult> result = getTiledImplementation(op, builder, offsets, sizes);
    if (failed(result))
      return failure();
    result->tiledValues = {result->tiledValues[index]};
    return result;
  }
};

template <typename... Ops> void attachModels(MLIRContext *context) {
  (Ops::template attachInterface<ScanTilingModel<Ops>>(*context), ...);
}

} // namespace

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

LogicalResult linnet::tileScan(RewriterBase &rewriter, TilingInterface op, int64_t lanes) {
  ScanSpace space;
  TypeSwitch<Operation *>(op.getOperation())
      .Case<AffineScanOp, CausalConv1dOp, RecurrenceOp, ScanOp, SelectiveScanOp>(
          [&](auto scan) { space = getSpace(scan); });
  SmallVector<OpFoldResult> tileSizes(space.rank, rewriter.getIndexAttr(1));
  tileSizes[space.timeDim] = rewriter.getIndexAttr(0);
  // A recurrence has no lanes: its step is one unit of work. Where time is last and there is little beside it, the
  // lanes of a vector are along time.
  if (space.channelDim >= 0 && !runsAlongTime(op) && !isa<RecurrenceOp>(op))
    tileSizes[space.channelDim] = rewriter.getIndexAttr(getTileChannels(op, lanes, space.channelDim));
  if (space.rank == 1)
    return success(); // nothing but time: the op is its own tile
  scf::SCFTilingOptions options;
  options.setTileSizes(tileSizes);
  options.setLoopType(scf::SCFTilingOptions::LoopType::ForallOp);
  rewriter.setInsertionPoint(op);
  FailureOr<scf::SCFTilingResult> tiled = scf::tileUsingSCF(rewriter, op, options);
  if (failed(tiled))
    return failure();
  rewriter.replaceOp(op, tiled->replacements);
  return success();
}
