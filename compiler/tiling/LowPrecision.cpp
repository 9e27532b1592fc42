//===- LowPrecision.cpp - tiling of blocks of small floats ------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/tiling/Tiling.h"
#include "compiler/tiling/TimeTiling.h"
#include "dialects/linnet/Linnet.h"

using namespace mlir;
using namespace linnet;

/// Numbers of a tile: enough work for a task.
static constexpr int64_t kTileElements = 16 * 1024;

// Found by argument-dependent lookup: in the namespace of the ops.
namespace linnet {
/// The iteration space of the rows of `value`; its last dimension stays whole.
static TimeSpace spaceOfRows(Value value) {
  int64_t rank = cast<RankedTensorType>(value.getType()).getRank();
  TimeSpace space;
  space.domain = leadingDims(value, rank - 1);
  return space;
}

/// The rows of an operand of that rank.
static DimMap rowsOf(const TimeSpace &space) {
  DimMap dims = identity(space.getRank());
  dims.push_back(kWhole);
  return dims;
}

static TimeSpace getSpace(MxQuantizeOp op) {
  TimeSpace space = spaceOfRows(op.getX());
  space.operandDims.assign(3, rowsOf(space));
  if (op.getTensorScale())
    space.operandDims.push_back({kWhole});
  if (op.getSeeds())
    space.operandDims.push_back(rowsOf(space));
  return space;
}

static TimeSpace getSpace(MxDequantizeOp op) {
  TimeSpace space = spaceOfRows(op.getXInit());
  space.operandDims.assign(3, rowsOf(space));
  if (op.getTensorScale())
    space.operandDims.push_back({kWhole});
  return space;
}

static TimeSpace getSpace(HadamardOp op) {
  TimeSpace space = spaceOfRows(op.getX());
  space.operandDims.assign(2, rowsOf(space));
  if (op.getSigns())
    space.operandDims.push_back({kWhole});
  return space;
}
} // namespace linnet

void linnet::registerLowPrecisionTilingModels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, LinnetDialect *dialect) {
    MxQuantizeOp::attachInterface<TimeTilingModel<MxQuantizeOp>>(*context);
    MxDequantizeOp::attachInterface<TimeTilingModel<MxDequantizeOp>>(*context);
    HadamardOp::attachInterface<TimeTilingModel<HadamardOp>>(*context);
  });
}

LogicalResult linnet::tileRows(RewriterBase &rewriter, TilingInterface op, Value numbers) {
  auto type = cast<RankedTensorType>(numbers.getType());
  int64_t size = type.getShape().back();
  int64_t rows = ShapedType::isDynamic(size) ? 1 : std::max<int64_t>(kTileElements / std::max<int64_t>(size, 1), 1);
  SmallVector<OpFoldResult> sizes(type.getRank() - 1, rewriter.getIndexAttr(1));
  sizes.back() = rewriter.getIndexAttr(rows);
  return tileToForall(rewriter, op, sizes);
}
