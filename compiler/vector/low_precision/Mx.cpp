//===- Mx.cpp - vector code of mx_quantize and mx_dequantize ----------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Row by row and block by block, a block in whole vectors: the greatest of its magnitudes as patterns, its scale as one
// number, and then its codes without branches. Codes and scales are made by compiler/SmallFloat.cpp.
//
//===----------------------------------------------------------------------===//

#include "compiler/Combine.h"
#include "compiler/Integers.h"
#include "compiler/SmallFloat.h"
#include "compiler/vector/RowLoop.h"
#include "compiler/vector/Vectorize.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace linnet;

/// Of the widest target: whether the fast path covers an op does not depend on the target.
static constexpr int64_t kMostLanes = 16;

static RankedTensorType typeOf(Value value) { return cast<RankedTensorType>(value.getType()); }

/// `row` with one more index.
static SmallVector<Value> placeOf(ValueRange row, Value last) {
  SmallVector<Value> at(row);
  at.push_back(last);
  return at;
}

static std::string explainUncovered(int64_t block) {
  return block % kMostLanes ? "blocks of " + std::to_string(block) + " are no whole vectors" : "";
}

std::string linnet::explainUncoveredMx(Operation *op) {
  auto quantize = dyn_cast<MxQuantizeOp>(op);
  return explainUncovered(quantize ? quantize.getBlock() : cast<MxDequantizeOp>(op).getBlock());
}

namespace {

/// The vectors of one block, which lie in the tensor or are its end.
class BlockWalker {
public:
  BlockWalker(RankedTensorType numbers, int64_t block, int64_t lanes)
      : block(block), lanes(lanes),
        isWhole(!numbers.isDynamicDim(numbers.getRank() - 1) && numbers.getShape().back() % block == 0) {}

  int64_t countVectors() const { return block / lanes; }
  /// The place of vector `vector` of a block that begins at `first`.
  Value columnOf(VectorBuilder &b, Value first, int64_t vector) const {
    return arith::AddIOp::create(b, first, b.index(vector * lanes));
  }
  int64_t block, lanes;
  bool isWhole;
};

Value toI32(VectorBuilder &b, Value bytes) {
  Type i32 = b.getI32Type();
  auto vector = dyn_cast<VectorType>(bytes.getType());
  return arith::ExtUIOp::create(b, vector ? Type(vector.clone(i32)) : i32, bytes);
}

/// `code`s, one or two in a byte, at `column`.
Value writeCodes(VectorBuilder &b, Value code, Value codes, ValueRange row, Value column, bool packed, bool isWhole) {
  if (packed) {
    auto halves = vector::DeinterleaveOp::create(b, code);
    Integers i{b, halves.getRes1().getType()};
    code = i.unite(halves.getRes1(), i.shiftLeft(halves.getRes2(), 4));
    column = arith::DivUIOp::create(b, column, b.index(2));
  }
  Value bytes = arith::TruncIOp::create(b, cast<VectorType>(code.getType()).clone(b.getI8Type()), code);
  return vector::TransferWriteOp::create(b, bytes, codes, placeOf(row, column), ArrayRef{isWhole}).getResult();
}

Value readCodes(VectorBuilder &b, Value codes, ValueRange row, Value column, bool packed, bool isWhole) {
  int64_t lanes = b.getLanes();
  if (packed)
    column = arith::DivUIOp::create(b, column, b.index(2));
  auto type = VectorType::get(packed ? lanes / 2 : lanes, b.getI8Type());
  Value zero = arith::ConstantOp::create(b, b.getI8IntegerAttr(0));
  Value bytes = vector::TransferReadOp::create(b, type, codes, placeOf(row, column), zero, ArrayRef{isWhole});
  Value code = toI32(b, bytes);
  if (!packed)
    return code;
  Integers i{b, code.getType()};
  return vector::InterleaveOp::create(b, i.mask(code, 15), i.shiftRight(code, 4));
}

SmallVector<Value> quantizeBlock(VectorBuilder &b, MxQuantizeOp op, const BlockWalker &walker, ValueRange row,
                                 Value number, Value tensorScale, ValueRange carried) {
  SmallFloatFormat format(op.getFormat());
  Type i32 = b.getI32Type(), f32 = b.getF32Type();
  Value first = arith::MulIOp::create(b, number, b.index(walker.block));
  Integers i{b, b.vectorOf(i32)}, scalar{b, i32};
  SmallVector<Value> numbers;
  Value most = i.constant(0);
  for (int64_t vector = 0; vector < walker.countVectors(); ++vector) {
    numbers.push_back(b.readPart(op.getX(), placeOf(row, walker.columnOf(b, first, vector)), walker.isWhole));
    most = i.most(most, i.mask(i.pattern(numbers.back()), 0x7fffffff));
  }
  Value greatest = vector::ReductionOp::create(b, vector::CombiningKind::MAXUI, most), scale, factor;
  if (tensorScale) {
    std::tie(scale, factor) = buildTensorScale(b, scalar.asFloat(greatest, f32), tensorScale);
  } else {
    if (op.getRule() == ScaleRule::Quest) {
      // One after the other: the order of a sum is part of the definition.
      Value sum = buildConstant(b, f32, 0.0), squares = buildConstant(b, f32, 0.0);
      Value unit = buildUnitScale(b, greatest);
      Value inverse = vector::BroadcastOp::create(b, b.vectorOf(f32), buildInverseScale(b, unit));
      for (Value x : numbers) {
        x = arith::MulFOp::create(b, x, inverse);
        sum = vector::ReductionOp::create(b, vector::CombiningKind::ADD, x, sum);
        Value square = arith::MulFOp::create(b, x, x);
        squares = vector::ReductionOp::create(b, vector::CombiningKind::ADD, square, squares);
      }
      Value size = b.dim(op.getX(), typeOf(op.getX()).getRank() - 1);
      Value count = arith::MinUIOp::create(b, arith::SubIOp::create(b, size, first), b.index(walker.block));
      count = arith::UIToFPOp::create(b, f32, arith::IndexCastOp::create(b, i32, count));
      scale = buildQuestScale(b, greatest, sum, squares, count, unit);
    } else {
      scale = buildScale(b, greatest, format, op.getRule());
    }
    factor = buildInverseScale(b, scale);
  }
  // A block that is not finite has no codes.
  Value isFinite = scalar.isBelow(greatest, 0x7f800000);
  Value kept = scalar.select(isFinite, scalar.constant(0xff), scalar.constant(0));
  kept = vector::BroadcastOp::create(b, i.type, kept);
  factor = vector::BroadcastOp::create(b, b.vectorOf(f32), factor);
  Value seed, codes = carried[0];
  if (op.getSeeds())
    seed = vector::BroadcastOp::create(b, i.type, tensor::ExtractOp::create(b, op.getSeeds(), placeOf(row, number)));
  for (auto [vector, x] : llvm::enumerate(numbers)) {
    Value noise;
    if (seed) {
      SmallVector<int32_t> places =
          llvm::to_vector(llvm::seq<int32_t>(vector * walker.lanes, (vector + 1) * walker.lanes));
      auto attr = DenseElementsAttr::get(cast<VectorType>(i.type), ArrayRef<int32_t>(places));
      noise = buildNoise(b, seed, arith::ConstantOp::create(b, attr));
    }
    Value code = buildEncode(b, arith::MulFOp::create(b, x, factor), format, noise);
    code = arith::AndIOp::create(b, code, kept);
    codes = writeCodes(b, code, codes, row, walker.columnOf(b, first, vector), op.getPacked(), walker.isWhole);
  }
  Value byte = arith::TruncIOp::create(b, b.getI8Type(), scale);
  return {codes, tensor::InsertOp::create(b, byte, carried[1], placeOf(row, number))};
}

} // namespace

LogicalResult linnet::vectorizeMxQuantizeTile(RewriterBase &rewriter, MxQuantizeOp op, int64_t lanes) {
  if (!explainUncoveredMx(op).empty())
    return failure();
  rewriter.setInsertionPoint(op);
  VectorBuilder b(op.getLoc(), rewriter, lanes);
  int64_t last = typeOf(op.getX()).getRank() - 1;
  BlockWalker walker(typeOf(op.getX()), op.getBlock(), lanes);
  Value tensorScale;
  if (op.getTensorScale())
    tensorScale = tensor::ExtractOp::create(b, op.getTensorScale(), b.index(0));
  Value blocks = b.dim(op.getScalesInit(), last);
  SmallVector<Value> inits = {op.getCodesInit(), op.getScalesInit()};
  rewriter.replaceOp(op, forEachRow(b, op.getX(), inits, [&](VectorBuilder &b, ValueRange row, ValueRange carried) {
                       return forEachStep(b, b.index(0), blocks, 1, carried,
                                          [&](VectorBuilder &b, Value number, ValueRange carried) {
                                            return quantizeBlock(b, op, walker, row, number, tensorScale, carried);
                                          });
                     }));
  return success();
}

LogicalResult linnet::vectorizeMxDequantizeTile(RewriterBase &rewriter, MxDequantizeOp op, int64_t lanes) {
  if (!explainUncoveredMx(op).empty())
    return failure();
  rewriter.setInsertionPoint(op);
  VectorBuilder b(op.getLoc(), rewriter, lanes);
  int64_t last = typeOf(op.getXInit()).getRank() - 1;
  SmallFloatFormat format(op.getFormat());
  BlockWalker walker(typeOf(op.getXInit()), op.getBlock(), lanes);
  Value tensorScale;
  if (op.getTensorScale())
    tensorScale = b.broadcast(op.getTensorScale(), {b.index(0)});
  Value blocks = b.dim(op.getScales(), last);
  auto readBlock = [&](VectorBuilder &b, ValueRange row, Value number, Value x) {
    Value first = arith::MulIOp::create(b, number, b.index(walker.block));
    Value scale = toI32(b, tensor::ExtractOp::create(b, op.getScales(), placeOf(row, number)));
    Value value = buildScaleValue(b, scale);
    if (tensorScale) {
      Integers i{b, scale.getType()};
      Value e4m3 = buildDecode(b, scale, SmallFloatFormat(SmallFloat::E4M3));
      value = i.select(i.isBelow(scale, 0x7f), i.pattern(e4m3), i.constant(0x7fc00000));
      value = i.asFloat(value, b.getF32Type());
    }
    value = vector::BroadcastOp::create(b, b.vectorOf(b.getF32Type()), value);
    for (int64_t vector = 0; vector < walker.countVectors(); ++vector) {
      Value column = walker.columnOf(b, first, vector);
      Value code = readCodes(b, op.getCodes(), row, column, op.getPacked(), walker.isWhole);
      Value result = arith::MulFOp::create(b, buildDecode(b, code, format), value);
      if (tensorScale)
        result = arith::MulFOp::create(b, result, tensorScale);
      x = b.writePart(result, x, placeOf(row, column), walker.isWhole);
    }
    return SmallVector<Value>{x};
  };
  rewriter.replaceOp(
      op, forEachRow(b, op.getXInit(), op.getXInit(), [&](VectorBuilder &b, ValueRange row, ValueRange x) {
        return forEachStep(b, b.index(0), blocks, 1, x, [&](VectorBuilder &b, Value number, ValueRange x) {
          return readBlock(b, row, number, x[0]);
        });
      }));
  return success();
}
