//===- Contraction.cpp - matrix products by tensor cores ------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A product with a packed weight, C[M, N] += A[M, K] B[K, N], in tiles of 16 x 8 for a warp (mma.sync m16n8k8). Numbers
// of f32 are taken apart into two of tf32, x = high + low, and three products of those give the f32 product but for the
// term low * low: 2^-20 of the result at most (tf32 keeps 11 bits of the significand).
//
//===----------------------------------------------------------------------===//

#include "compiler/gpu/BlockBuilder.h"
#include "compiler/gpu/Kernels.h"
#include "compiler/tiling/Tiling.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/NVGPU/IR/NVGPUDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace linnet;

static constexpr int64_t kRows = 16, kColumns = 8, kDepth = 8;

namespace {

class ContractionBuilder {
public:
  ContractionBuilder(linalg::GenericOp op) : a(op.getInputs()[0]), b(op.getInputs()[1]), c(op.getOutputs()[0]) {}

  /// One batch, one panel of whole tiles.
  bool covers() const {
    auto type = cast<MemRefType>(c.getType());
    for (Value operand : {a, b, c})
      if (!cast<MemRefType>(operand.getType()).getElementType().isF32())
        return false;
    ArrayRef<int64_t> shape = type.getShape();
    int64_t rank = shape.size();
    return shape[rank - 1] % kColumns == 0 && !ShapedType::isDynamic(shape[rank - 1]) && shape[rank - 2] == 1 &&
           llvm::all_of(shape.drop_back(3), [](int64_t size) { return size == 1; });
  }

  void run(BlockBuilder &builder, Value thread, int64_t threads) {
    BlockBuilder &s = builder;
    auto type = cast<MemRefType>(c.getType());
    rankA = cast<MemRefType>(a.getType()).getRank(), rankC = type.getRank();
    rows = memref::DimOp::create(s, a, rankA - 2), depth = memref::DimOp::create(s, a, rankA - 1);
    int64_t staticDepth = cast<MemRefType>(a.getType()).getDimSize(rankA - 1);
    isWhole = !ShapedType::isDynamic(staticDepth) && staticDepth % kDepth == 0;
    Value lane = s.rem(thread, linnet::kWarpSize), warp = s.div(thread, linnet::kWarpSize);
    group = s.div(lane, 4), place = s.rem(lane, 4);
    int64_t across = type.getDimSize(rankC - 1) / kColumns;
    Value down = s.div(s.add(rows, s.index(kRows - 1)), kRows);
    s.loop(warp, s.mul(down, s.index(across)), s.index(threads / linnet::kWarpSize), {},
           [&](BlockBuilder &s, Value tile, ValueRange) {
             runTile(s, s.mul(s.div(tile, across), s.index(kRows)), s.mul(s.rem(tile, across), s.index(kColumns)));
             return SmallVector<Value>();
           });
  }

private:
  Value zero(BlockBuilder &s) { return arith::ConstantOp::create(s, s.getF32FloatAttr(0.0f)); }

  SmallVector<Value> at(BlockBuilder &s, int64_t rank, std::initializer_list<Value> last) {
    SmallVector<Value> indices(rank - last.size(), s.index(0));
    indices.append(last);
    return indices;
  }

  /// An element at depth k, zero beyond the end.
  Value load(BlockBuilder &s, Value k, llvm::function_ref<Value(Value k)> read) {
    if (isWhole)
      return read(k);
    Value loaded = read(s.min(k, s.sub(depth, s.index(1))));
    return arith::SelectOp::create(s, s.less(k, depth), loaded, zero(s));
  }

  /// The high part of a number, as tf32 has it, and what is left.
  std::pair<Value, Value> split(BlockBuilder &s, Value x) {
    Value bits = arith::BitcastOp::create(s, s.getI32Type(), x);
    Value mask = arith::ConstantOp::create(s, s.getI32IntegerAttr(0xffffe000));
    Value high = arith::BitcastOp::create(s, s.getF32Type(), arith::AndIOp::create(s, bits, mask));
    return {high, arith::SubFOp::create(s, x, high)};
  }

  Value pack(BlockBuilder &s, ArrayRef<Value> values) {
    auto type = VectorType::get({static_cast<int64_t>(values.size()), 1}, s.getF32Type());
    return vector::FromElementsOp::create(s, type, values);
  }

  void runTile(BlockBuilder &s, Value row, Value column) {
    Value last = s.sub(rows, s.index(1));
    SmallVector<Value> own = {s.add(row, group), s.add(row, s.add(group, s.index(kRows / 2)))};
    SmallVector<Value> readable = {s.min(own[0], last), s.min(own[1], last)};
    Value left = s.add(column, s.mul(place, s.index(2))), right = s.add(left, s.index(1));
    SmallVector<Value> start;
    for (Value row : own) {
      // Not of another row beyond the end: its thread writes there.
      auto loaded = scf::IfOp::create(
          s, s.less(row, rows),
          [&](OpBuilder &builder, Location) {
            BlockBuilder inner = s.at(builder);
            SmallVector<Value> values;
            for (Value n : {left, right})
              values.push_back(memref::LoadOp::create(inner, c, at(inner, rankC, {row, inner.index(0), n})));
            scf::YieldOp::create(inner, values);
          },
          [&](OpBuilder &builder, Location) {
            BlockBuilder inner = s.at(builder);
            scf::YieldOp::create(inner, SmallVector<Value>(2, zero(inner)));
          });
      llvm::append_range(start, loaded.getResults());
    }
    auto accumulators = VectorType::get({2, 2}, s.getF32Type());
    Value sums = vector::FromElementsOp::create(s, accumulators, start);
    sums = s.loop(s.index(0), depth, s.index(kDepth), sums, [&](BlockBuilder &s, Value k, ValueRange carried) {
      return SmallVector<Value>{step(s, readable, s.add(column, group), k, carried[0])};
    })[0];
    for (int64_t half = 0; half < 2; ++half)
      s.when(s.less(own[half], rows), [&](BlockBuilder &s) {
        for (int64_t i = 0; i < 2; ++i)
          memref::StoreOp::create(s, vector::ExtractOp::create(s, sums, ArrayRef<int64_t>{half, i}), c,
                                  at(s, rankC, {own[half], s.index(0), i ? right : left}));
      });
  }

  Value step(BlockBuilder &s, ArrayRef<Value> own, Value column, Value k, Value sums) {
    SmallVector<Value> highA, lowA, highB, lowB;
    for (int64_t part = 0; part < 2; ++part) {
      Value depthAt = s.add(k, s.add(place, s.index(part * kDepth / 2)));
      for (Value row : own) {
        auto [high, low] = split(s, load(s, depthAt, [&](Value k) -> Value {
                                   return memref::LoadOp::create(s, a, at(s, rankA, {row, k}));
                                 }));
        highA.push_back(high), lowA.push_back(low);
      }
      auto [high, low] = split(s, load(s, depthAt, [&](Value k) -> Value {
                                 return memref::LoadOp::create(s, b, ValueRange{s.index(0), k, column});
                               }));
      highB.push_back(high), lowB.push_back(low);
    }
    // The small terms first.
    for (auto [x, y] : {std::pair(lowA, highB), std::pair(highA, lowB), std::pair(highA, highB)})
      sums = nvgpu::MmaSyncOp::create(s, pack(s, x), pack(s, y), sums, ArrayRef<int64_t>{kRows, kColumns, kDepth},
                                      /*tf32Enabled=*/true);
    return sums;
  }

  Value a, b, c, rows, depth, group, place;
  int64_t rankA = 0, rankC = 0;
  bool isWhole = false;
};

} // namespace

LogicalResult linnet::emitTensorContraction(RewriterBase &rewriter, linalg::LinalgOp op, Value thread,
                                            int64_t threads) {
  if (!isPackedContraction(op))
    return failure();
  ContractionBuilder contraction(cast<linalg::GenericOp>(op.getOperation()));
  if (!contraction.covers())
    return failure();
  rewriter.setInsertionPoint(op);
  BlockBuilder b(op.getLoc(), rewriter);
  contraction.run(b, thread, threads);
  rewriter.eraseOp(op);
  return success();
}
