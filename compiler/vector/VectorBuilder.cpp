//===- VectorBuilder.cpp - vector code on tensors -------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/vector/VectorBuilder.h"

#include "compiler/Combine.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace linnet;

Value VectorBuilder::index(int64_t value) { return arith::ConstantIndexOp::create(*this, value); }

Value VectorBuilder::dim(Value tensor, int64_t i) { return createOrFold<tensor::DimOp>(tensor, i); }

Value VectorBuilder::splat(double value, Type type) { return buildConstant(*this, vectorOf(type), value); }

Value VectorBuilder::maskLanes(llvm::function_ref<bool(int64_t)> takes) {
  SmallVector<bool> mask;
  for (int64_t lane = 0; lane < lanes; ++lane)
    mask.push_back(takes(lane));
  return arith::ConstantOp::create(*this, DenseElementsAttr::get(vectorOf(getI1Type()), ArrayRef<bool>(mask)));
}

/// Lanes beyond the tensor are never used, so their value is open.
Value VectorBuilder::padding(Value tensor) {
  return ub::PoisonOp::create(*this, getElementTypeOrSelf(tensor.getType()));
}

bool VectorBuilder::isWide(Value tensor, int64_t dim) const {
  return cast<RankedTensorType>(tensor.getType()).getDimSize(dim) >= lanes;
}

static int64_t rankOf(Value tensor) { return cast<RankedTensorType>(tensor.getType()).getRank(); }

Value VectorBuilder::read(Value tensor, ValueRange indices) {
  return vector::TransferReadOp::create(*this, vectorOf(tensor.getType()), tensor, indices, padding(tensor),
                                        ArrayRef{isWide(tensor, rankOf(tensor) - 1)});
}

Value VectorBuilder::write(Value vector, Value tensor, ValueRange indices) {
  return vector::TransferWriteOp::create(*this, vector, tensor, indices, ArrayRef{isWide(tensor, rankOf(tensor) - 1)})
      .getResult();
}

Value VectorBuilder::readPart(Value tensor, ValueRange indices, bool isWhole) {
  Value zero = buildConstant(*this, getElementTypeOrSelf(tensor.getType()), 0.0);
  return vector::TransferReadOp::create(*this, vectorOf(tensor.getType()), tensor, indices, zero, ArrayRef{isWhole});
}

Value VectorBuilder::writePart(Value vector, Value tensor, ValueRange indices, bool isWhole) {
  return vector::TransferWriteOp::create(*this, vector, tensor, indices, ArrayRef{isWhole}).getResult();
}

Value VectorBuilder::broadcast(Value tensor, ValueRange indices) {
  return vector::BroadcastOp::create(*this, vectorOf(tensor.getType()),
                                     tensor::ExtractOp::create(*this, tensor, indices));
}

void VectorBuilder::prefetch(Value tensor, ValueRange indices, bool isWrite) {
  // There is no such thing on tensors: the buffer that the tensor will have, of any layout.
  auto type = cast<RankedTensorType>(tensor.getType());
  SmallVector<int64_t> strides(type.getRank(), ShapedType::kDynamic);
  auto layout = StridedLayoutAttr::get(getContext(), ShapedType::kDynamic, strides);
  Value buffer = bufferization::ToBufferOp::create(
      *this, MemRefType::get(type.getShape(), type.getElementType(), layout), tensor, /*read_only=*/true);
  memref::PrefetchOp::create(*this, buffer, indices, isWrite, /*localityHint=*/3, /*isDataCache=*/true);
}

Value VectorBuilder::spread(Value scalar) {
  return vector::BroadcastOp::create(*this, vectorOf(scalar.getType()), scalar);
}

SmallVector<Value>
VectorBuilder::loop(Value first, Value end, int64_t step, ValueRange carried,
                    llvm::function_ref<SmallVector<Value>(VectorBuilder &, Value, ValueRange)> body) {
  auto loop = scf::ForOp::create(*this, first, end, index(step), carried,
                                 [&](OpBuilder &builder, Location, Value i, ValueRange values) {
                                   VectorBuilder inner = at(builder);
                                   scf::YieldOp::create(inner, body(inner, i, values));
                                 });
  return SmallVector<Value>(loop.getResults());
}

SmallVector<Value> VectorBuilder::choose(Value condition,
                                         llvm::function_ref<SmallVector<Value>(VectorBuilder &)> whenTrue,
                                         llvm::function_ref<SmallVector<Value>(VectorBuilder &)> whenFalse) {
  auto build = [&](llvm::function_ref<SmallVector<Value>(VectorBuilder &)> branch) {
    return [&, branch](OpBuilder &builder, Location) {
      VectorBuilder inner = at(builder);
      scf::YieldOp::create(inner, branch(inner));
    };
  };
  return SmallVector<Value>(scf::IfOp::create(*this, condition, build(whenTrue), build(whenFalse)).getResults());
}

/// Pairs of vectors are merged with their neighbours' sums until one is left: in round d, lane l takes the sum of lanes
/// l and l ^ d of the first vector of a pair where bit d of l is 0, else of the second.
SmallVector<Value> VectorBuilder::sumLanes(ArrayRef<Value> vectors) {
  SmallVector<Value> sums;
  for (size_t first = 0; first < vectors.size(); first += lanes) {
    SmallVector<Value> level(vectors.slice(first, std::min<size_t>(lanes, vectors.size() - first)));
    for (int64_t distance = 1; distance < lanes; distance *= 2) {
      SmallVector<int64_t> own, other;
      for (int64_t lane = 0; lane < lanes; ++lane) {
        int64_t source = lane & distance ? lanes : 0;
        own.push_back(source + lane);
        other.push_back(source + (lane ^ distance));
      }
      SmallVector<Value> merged;
      for (size_t i = 0; i < level.size(); i += 2) {
        Value x = level[i], y = i + 1 < level.size() ? level[i + 1] : x;
        merged.push_back(
            add(vector::ShuffleOp::create(*this, x, y, own), vector::ShuffleOp::create(*this, x, y, other)));
      }
      level = merged;
    }
    sums.push_back(level[0]);
  }
  return sums;
}

SmallVector<Value> VectorBuilder::transpose(ArrayRef<Value> rows) {
  if (lanes == 1)
    return SmallVector<Value>(rows);
  assert(llvm::isPowerOf2_64(lanes) && lanes >= 4 && "expected whole quarters");
  SmallVector<Value> block(rows);
  // One round exchanges one bit of the number of a row with one bit of the place in it. Each combines the rows whose
  // numbers differ in `bit`.
  auto exchange = [&](int64_t bit, llvm::function_ref<int64_t(int64_t place, bool second)> source) {
    SmallVector<int64_t> first, second;
    for (int64_t place = 0; place < lanes; ++place) {
      first.push_back(source(place, false));
      second.push_back(source(place, true));
    }
    for (int64_t i = 0; i < lanes; ++i) {
      if (i & bit)
        continue;
      Value a = block[i], b = block[i + bit];
      block[i] = vector::ShuffleOp::create(*this, a, b, first);
      block[i + bit] = vector::ShuffleOp::create(*this, a, b, second);
    }
  };
  // Within quarters of 4: single elements of both rows in turn, then pairs.
  exchange(1, [&](int64_t place, bool second) {
    return place / 4 * 4 + 2 * second + place % 4 / 2 + (place % 2 ? lanes : 0);
  });
  exchange(2, [&](int64_t place, bool second) {
    return place / 4 * 4 + 2 * second + place % 2 + (place % 4 >= 2 ? lanes : 0);
  });
  // Every other quarter of both rows.
  for (int64_t bit = 4; bit < lanes; bit *= 2)
    exchange(bit, [&](int64_t place, bool second) { return (place / 4 * 2 + second) * 4 + place % 4; });
  // The first two rounds leave their bits of the number of a column in each other's place.
  SmallVector<Value> columns;
  for (int64_t i = 0; i < lanes; ++i)
    columns.push_back(block[i / 4 * 4 + i % 2 * 2 + i % 4 / 2]);
  return columns;
}

/// Numbers first, first + 1, ..., and 0 from `count` on.
static SmallVector<int64_t> rangeMask(int64_t first, int64_t count, int64_t size) {
  SmallVector<int64_t> mask;
  for (int64_t k = 0; k < size; ++k)
    mask.push_back(k < count ? first + k : 0);
  return mask;
}

/// The type of the components of one lane in memory.
static VectorType elementType(Value tensor, int64_t rank) {
  auto type = cast<RankedTensorType>(tensor.getType());
  return VectorType::get(type.getShape().take_back(rank), type.getElementType());
}

SmallVector<Value> VectorBuilder::readElements(Value tensor, ValueRange indices, int64_t rank) {
  if (rank == 0)
    return {read(tensor, indices)};
  int64_t laneDim = rankOf(tensor) - rank - 1;
  bool wide = isWide(tensor, laneDim);
  VectorType element = elementType(tensor, rank);
  int64_t count = element.getNumElements();
  SmallVector<Value> rows;
  for (int64_t lane = 0; lane < lanes; ++lane) {
    SmallVector<Value> at(indices);
    // Lanes beyond the tensor read the last one.
    Value offset = index(lane);
    if (!wide)
      offset = arith::MinSIOp::create(*this, offset, arith::SubIOp::create(*this, dim(tensor, laneDim), index(1)));
    at.back() = arith::AddIOp::create(*this, at.back(), offset);
    at.append(rank, index(0));
    Value row =
        vector::TransferReadOp::create(*this, element, tensor, at, padding(tensor), SmallVector<bool>(rank, true));
    rows.push_back(vector::ShapeCastOp::create(*this, VectorType::get(count, element.getElementType()), row));
  }
  SmallVector<Value> components;
  for (int64_t first = 0; first < count; first += lanes) {
    int64_t width = std::min(lanes, count - first);
    SmallVector<Value> block;
    for (Value row : rows)
      block.push_back(vector::ShuffleOp::create(*this, row, row, rangeMask(first, width, lanes)));
    components.append(llvm::to_vector(ArrayRef<Value>(transpose(block)).take_front(width)));
  }
  return components;
}

Value VectorBuilder::writeElements(ValueRange components, Value tensor, ValueRange indices, int64_t rank) {
  if (rank == 0)
    return write(components[0], tensor, indices);
  int64_t laneDim = rankOf(tensor) - rank - 1;
  VectorType element = elementType(tensor, rank);
  int64_t count = element.getNumElements();
  bool wide = isWide(tensor, laneDim);
  // Per lane its components, in parts of as many as there are lanes.
  SmallVector<SmallVector<Value>> parts(lanes);
  for (int64_t first = 0; first < count; first += lanes) {
    SmallVector<Value> block(components.slice(first, std::min(lanes, count - first)));
    block.resize(lanes, block.front());
    for (auto [lane, row] : llvm::enumerate(transpose(block)))
      parts[lane].push_back(row);
  }
  for (int64_t lane = 0; lane < lanes; ++lane) {
    Value row = parts[lane][0];
    for (Value part : ArrayRef<Value>(parts[lane]).drop_front()) {
      int64_t width = cast<VectorType>(row.getType()).getDimSize(0);
      SmallVector<int64_t> both = llvm::to_vector(llvm::seq<int64_t>(width + lanes));
      // The operands of a shuffle may differ in length.
      row = vector::ShuffleOp::create(*this, row, part, both);
    }
    row = vector::ShuffleOp::create(*this, row, row, rangeMask(0, count, count));
    Value value = vector::ShapeCastOp::create(*this, element, row);
    SmallVector<Value> at(indices);
    at.back() = arith::AddIOp::create(*this, at.back(), index(lane));
    at.append(rank, index(0));
    auto writeRow = [&](ImplicitLocOpBuilder &b) -> Value {
      return vector::TransferWriteOp::create(b, value, tensor, at, SmallVector<bool>(rank, true)).getResult();
    };
    if (wide) {
      tensor = writeRow(*this);
      continue;
    }
    Value exists = arith::CmpIOp::create(*this, arith::CmpIPredicate::slt, index(lane), dim(tensor, laneDim));
    auto branch = scf::IfOp::create(
        *this, exists,
        [&](OpBuilder &builder, Location loc) {
          ImplicitLocOpBuilder inner(loc, builder);
          scf::YieldOp::create(inner, writeRow(inner));
        },
        [&](OpBuilder &builder, Location loc) { scf::YieldOp::create(builder, loc, tensor); });
    tensor = branch.getResult(0);
  }
  return tensor;
}

SmallVector<Value> VectorBuilder::readTurned(Value tensor, ValueRange indices, int64_t laneDim, bool allRows,
                                             bool allColumns) {
  SmallVector<Value> rows;
  for (int64_t lane = 0; lane < lanes; ++lane) {
    SmallVector<Value> at(indices);
    at[laneDim] = arith::AddIOp::create(*this, at[laneDim], index(lane));
    if (!allRows) {
      Value last = arith::SubIOp::create(*this, dim(tensor, laneDim), index(1));
      at[laneDim] = arith::MinSIOp::create(*this, at[laneDim], last);
    }
    rows.push_back(vector::TransferReadOp::create(*this, vectorOf(tensor.getType()), tensor, at, padding(tensor),
                                                  ArrayRef{allColumns}));
  }
  return transpose(rows);
}

Value VectorBuilder::writeTurned(ValueRange columns, Value tensor, ValueRange indices, int64_t laneDim, bool allRows,
                                 bool allColumns) {
  return writeRows(transpose(llvm::to_vector(columns)), tensor, indices, laneDim, allRows, allColumns);
}

Value VectorBuilder::writeRows(ValueRange rows, Value tensor, ValueRange indices, int64_t rowDim, bool allRows,
                               bool allColumns) {
  if (allRows) {
    for (auto [i, row] : llvm::enumerate(rows)) {
      SmallVector<Value> at(indices);
      at[rowDim] = arith::AddIOp::create(*this, at[rowDim], index(i));
      tensor = vector::TransferWriteOp::create(*this, row, tensor, at, ArrayRef{allColumns}).getResult();
    }
    return tensor;
  }
  // Masks, and none of the lanes for a row that is not there: bufferization takes exponential time for branches that
  // hand a tensor from one to the next.
  Value size = dim(tensor, rowDim), last = arith::SubIOp::create(*this, size, index(1)), columns = index(lanes);
  if (!allColumns) {
    Value left = arith::SubIOp::create(*this, dim(tensor, rankOf(tensor) - 1), indices.back());
    columns = arith::MinSIOp::create(*this, columns, left);
  }
  auto map = AffineMapAttr::get(AffineMap::getMinorIdentityMap(rankOf(tensor), 1, getContext()));
  for (auto [i, row] : llvm::enumerate(rows)) {
    SmallVector<Value> at(indices);
    Value position = arith::AddIOp::create(*this, at[rowDim], index(i));
    Value exists = arith::CmpIOp::create(*this, arith::CmpIPredicate::slt, position, size);
    Value count = arith::SelectOp::create(*this, exists, columns, index(0));
    Value mask = vector::CreateMaskOp::create(*this, VectorType::get(lanes, getI1Type()), count);
    at[rowDim] = arith::MinSIOp::create(*this, position, last);
    tensor =
        vector::TransferWriteOp::create(*this, tensor.getType(), row, tensor, at, map, mask, getBoolArrayAttr({true}))
            .getResult();
  }
  return tensor;
}

SmallVector<Value> VectorBuilder::readColumns(Value tensor, ValueRange prefix) {
  SmallVector<Value> indices(prefix);
  indices.push_back(index(0));
  return readElements(tensor, indices, 1);
}

Value VectorBuilder::writeColumns(ValueRange columns, Value tensor, ValueRange prefix) {
  SmallVector<Value> indices(prefix);
  indices.push_back(index(0));
  return writeElements(columns, tensor, indices, 1);
}

Value VectorBuilder::add(Value x, Value y) {
  return arith::AddFOp::create(*this, x, y, arith::FastMathFlags::contract);
}

Value VectorBuilder::mul(Value x, Value y) {
  return arith::MulFOp::create(*this, x, y, arith::FastMathFlags::contract);
}

SmallVector<Value> VectorBuilder::mulNumbers(ArrayRef<Value> x, ArrayRef<Value> y) {
  if (x.size() == 1)
    return {mul(x[0], y[0])};
  Value cross = mul(x[1], y[1]);
  Value re = arith::SubFOp::create(*this, mul(x[0], y[0]), cross, arith::FastMathFlags::contract);
  return {re, add(mul(x[0], y[1]), mul(x[1], y[0]))};
}

Value VectorBuilder::exp(Value x) { return math::ExpOp::create(*this, x); }

/// x / (1 + exp(-x)) (spec-linear 3)
Value VectorBuilder::silu(Value x) {
  Value negated = arith::NegFOp::create(*this, x);
  return arith::DivFOp::create(*this, x, add(splat(1.0, x.getType()), exp(negated)));
}

/// The factors first: the quotient is then x sigmoid(y) for two different numbers, which may stay as it is written
/// (docs/rationale/approximation.md).
Value VectorBuilder::timesSilu(Value y, Value x) {
  Value negated = arith::NegFOp::create(*this, x);
  return arith::DivFOp::create(*this, mul(y, x), add(splat(1.0, x.getType()), exp(negated)));
}

/// x for x > 20, else log1p(exp(x)) (spec-linear 3)
Value VectorBuilder::softplus(Value x) {
  Value small = math::Log1pOp::create(*this, exp(x));
  Value isLarge = arith::CmpFOp::create(*this, arith::CmpFPredicate::OGT, x, splat(20.0, x.getType()));
  return arith::SelectOp::create(*this, isLarge, x, small);
}
