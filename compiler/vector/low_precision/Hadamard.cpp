//===- Hadamard.cpp - vector code of hadamard -------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Row by row. The first nine stages of a block need nothing but its neighbours: up to 512 numbers are held in registers
// and pass them all, within a vector by a shuffle, between vectors by a sum and a difference. Each further pass over
// the block does four stages more on vectors that lie 512, then 8192, ... numbers apart.
//
//===----------------------------------------------------------------------===//

#include "compiler/vector/RowLoop.h"
#include "compiler/vector/Vectorize.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace linnet;

/// Vectors in registers in the first pass, and in every further one.
static constexpr int64_t kFirstVectors = 32, kMoreVectors = 16;
/// Of the widest target: whether the fast path covers an op does not depend on the target.
static constexpr int64_t kMostLanes = 16;

static RankedTensorType typeOf(Value value) { return cast<RankedTensorType>(value.getType()); }

std::string linnet::explainUncoveredHadamard(HadamardOp op) {
  int64_t size = typeOf(op.getX()).getShape().back(), block = op.getBlock();
  // A block that lies in one vector, or whose passes are all in the tensor.
  if (block <= kMostLanes || (!ShapedType::isDynamic(size) && size % block == 0) || block <= kFirstVectors * kMostLanes)
    return "";
  return "a block of " + std::to_string(block) + " is not known to be whole in a row";
}

namespace {

class HadamardBuilder {
public:
  HadamardBuilder(HadamardOp op, int64_t lanes)
      : op(op), lanes(lanes), block(op.getBlock()), first(std::min(std::max(block, lanes), kFirstVectors * lanes)) {
    int64_t size = typeOf(op.getX()).getShape().back();
    isWhole = !ShapedType::isDynamic(size) && size % first == 0;
  }

  Value runRow(VectorBuilder &b, ValueRange row, Value y);

private:
  using Values = SmallVector<Value>;
  Values placeOf(ValueRange row, Value column) {
    Values at(row);
    at.push_back(column);
    return at;
  }
  static Value add(VectorBuilder &b, Value x, int64_t y) { return arith::AddIOp::create(b, x, b.index(y)); }
  /// Pairs of lanes h apart.
  Value pairLanes(VectorBuilder &b, Value x, int64_t h);
  /// Pairs of vectors h apart.
  static void pairVectors(VectorBuilder &b, Values &vectors, int64_t h);
  Value finish(VectorBuilder &b, Value x, bool isLast) {
    double scale = op.getScale().convertToDouble();
    return isLast && scale != 1.0 ? Value(arith::MulFOp::create(b, b.splat(scale, x.getType()), x)) : x;
  }

  HadamardOp op;
  int64_t lanes, block, first;
  bool isWhole;
};

Value HadamardBuilder::pairLanes(VectorBuilder &b, Value x, int64_t h) {
  SmallVector<int64_t> partner;
  SmallVector<float> signs;
  for (int64_t lane = 0; lane < lanes; ++lane) {
    partner.push_back(lane ^ h);
    signs.push_back(lane & h ? -1.0f : 1.0f);
  }
  Value other = vector::ShuffleOp::create(b, x, x, partner);
  auto type = cast<VectorType>(x.getType());
  Value sign = arith::ConstantOp::create(b, DenseElementsAttr::get(type, ArrayRef<float>(signs)));
  return b.mulAdd(x, sign, other); // exact: the sum, or the difference, is the only rounding
}

void HadamardBuilder::pairVectors(VectorBuilder &b, Values &vectors, int64_t h) {
  for (int64_t i = 0, size = vectors.size(); i < size; ++i) {
    if (i & h)
      continue;
    Value x = vectors[i], y = vectors[i + h];
    vectors[i] = arith::AddFOp::create(b, x, y);
    vectors[i + h] = arith::SubFOp::create(b, x, y);
  }
}

Value HadamardBuilder::runRow(VectorBuilder &b, ValueRange row, Value y) {
  Value size = b.dim(op.getX(), typeOf(op.getX()).getRank() - 1), zero = b.index(0);
  y = forEachStep(b, zero, size, first, y, [&](VectorBuilder &b, Value begin, ValueRange y) {
    Values vectors;
    for (int64_t i = 0; i < first / lanes; ++i) {
      Value column = add(b, begin, i * lanes), x = b.readPart(op.getX(), placeOf(row, column), isWhole);
      if (op.getSigns())
        x = arith::MulFOp::create(b, x, b.readPart(op.getSigns(), column, isWhole));
      for (int64_t h = 1; h < std::min(block, lanes); h *= 2)
        x = pairLanes(b, x, h);
      vectors.push_back(x);
    }
    for (int64_t h = 1; h * lanes < std::min(block, first); h *= 2)
      pairVectors(b, vectors, h);
    Value next = y[0];
    for (auto [i, x] : llvm::enumerate(vectors))
      next = b.writePart(finish(b, x, block <= first), next, placeOf(row, add(b, begin, i * lanes)), isWhole);
    return Values{next};
  })[0];
  for (int64_t h = first; h < block;) {
    int64_t count = std::min(kMoreVectors, block / h);
    y = forEachStep(b, zero, size, h * count, y, [&](VectorBuilder &b, Value begin, ValueRange y) {
      return forEachStep(b, zero, b.index(h), lanes, y, [&](VectorBuilder &b, Value offset, ValueRange y) {
        Value place = arith::AddIOp::create(b, begin, offset), next = y[0];
        Values vectors;
        for (int64_t i = 0; i < count; ++i)
          vectors.push_back(b.readPart(next, placeOf(row, add(b, place, i * h)), true));
        for (int64_t pair = 1; pair < count; pair *= 2)
          pairVectors(b, vectors, pair);
        for (auto [i, x] : llvm::enumerate(vectors))
          next = b.writePart(finish(b, x, h * count == block), next, placeOf(row, add(b, place, i * h)), true);
        return Values{next};
      });
    })[0];
    h *= count;
  }
  return y;
}

} // namespace

LogicalResult linnet::vectorizeHadamardTile(RewriterBase &rewriter, HadamardOp op, int64_t lanes) {
  if (!explainUncoveredHadamard(op).empty())
    return failure();
  rewriter.setInsertionPoint(op);
  VectorBuilder b(op.getLoc(), rewriter, lanes);
  HadamardBuilder builder(op, lanes);
  Value y = forEachRow(b, op.getX(), op.getYInit(), [&](VectorBuilder &b, ValueRange row, ValueRange y) {
    return SmallVector<Value>{builder.runRow(b, row, y[0])};
  })[0];
  rewriter.replaceOp(op, y);
  return success();
}
