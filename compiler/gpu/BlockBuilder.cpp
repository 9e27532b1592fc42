//===- BlockBuilder.cpp - code of the threads of a block ------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/gpu/BlockBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace linnet;

Value BlockBuilder::index(int64_t value) { return arith::ConstantIndexOp::create(*this, value); }
Value BlockBuilder::thread() { return gpu::ThreadIdOp::create(*this, gpu::Dimension::x); }
Value BlockBuilder::add(Value x, Value y) { return createOrFold<arith::AddIOp>(x, y); }
Value BlockBuilder::sub(Value x, Value y) { return createOrFold<arith::SubIOp>(x, y); }
Value BlockBuilder::mul(Value x, Value y) { return createOrFold<arith::MulIOp>(x, y); }
Value BlockBuilder::div(Value x, int64_t y) { return createOrFold<arith::DivUIOp>(x, index(y)); }
Value BlockBuilder::rem(Value x, int64_t y) { return createOrFold<arith::RemUIOp>(x, index(y)); }
Value BlockBuilder::min(Value x, Value y) { return createOrFold<arith::MinSIOp>(x, y); }
Value BlockBuilder::less(Value x, Value y) { return createOrFold<arith::CmpIOp>(arith::CmpIPredicate::slt, x, y); }
Value BlockBuilder::equal(Value x, Value y) { return createOrFold<arith::CmpIOp>(arith::CmpIPredicate::eq, x, y); }

Value BlockBuilder::shared(ArrayRef<int64_t> shape, Type element) {
  auto space = gpu::AddressSpaceAttr::get(getContext(), gpu::AddressSpace::Workgroup);
  auto type = MemRefType::get(shape, element, MemRefLayoutAttrInterface(), space);
  return memref::AllocOp::create(*this, type);
}

Value BlockBuilder::shuffle(Value value, int64_t distance, gpu::ShuffleMode mode) {
  Type type = value.getType();
  unsigned bits = type.getIntOrFloatBitWidth();
  auto move = [&](Value word) -> Value {
    return gpu::ShuffleOp::create(*this, word, distance, kWarpSize, mode).getShuffleResult();
  };
  if (type.isF32() || type.isInteger(32))
    return move(value);
  Type integer = getIntegerType(bits), word = getI32Type();
  Value plain = isa<FloatType>(type) ? arith::BitcastOp::create(*this, integer, value).getResult() : value;
  if (bits < 32) {
    plain = arith::TruncIOp::create(*this, integer, move(arith::ExtUIOp::create(*this, word, plain)));
  } else {
    Value pair = vector::BitCastOp::create(*this, VectorType::get(2, word),
                                           vector::BroadcastOp::create(*this, VectorType::get(1, integer), plain));
    Value low = move(vector::ExtractOp::create(*this, pair, 0)), high = move(vector::ExtractOp::create(*this, pair, 1));
    Value moved = vector::FromElementsOp::create(*this, VectorType::get(2, word), ValueRange{low, high});
    plain = vector::ExtractOp::create(*this, vector::BitCastOp::create(*this, VectorType::get(1, integer), moved), 0);
  }
  return isa<FloatType>(type) ? arith::BitcastOp::create(*this, type, plain).getResult() : plain;
}

void BlockBuilder::when(Value condition, llvm::function_ref<void(BlockBuilder &)> then) {
  scf::IfOp::create(*this, condition, [&](OpBuilder &builder, Location loc) {
    BlockBuilder inner = at(builder);
    then(inner);
    scf::YieldOp::create(inner);
  });
}

SmallVector<Value> BlockBuilder::loop(Value begin, Value end, Value step, ValueRange carried,
                                      llvm::function_ref<SmallVector<Value>(BlockBuilder &, Value, ValueRange)> body) {
  auto loop = scf::ForOp::create(*this, begin, end, step, carried,
                                 [&](OpBuilder &builder, Location, Value i, ValueRange values) {
                                   BlockBuilder inner = at(builder);
                                   scf::YieldOp::create(inner, body(inner, i, values));
                                 });
  return SmallVector<Value>(loop.getResults());
}
