//===- CheckOffsets.cpp - offsets of packed sequences ---------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Model.h"
#include "compiler/Passes.h"
#include "dialects/linnet/Linnet.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

using namespace mlir;

namespace linnet {
#define GEN_PASS_DEF_LINNETCHECKOFFSETS
#include "compiler/Passes.h.inc"

namespace {

/// Whether the offsets begin at 0, never fall, and end at `times`.
Value buildCheck(ImplicitLocOpBuilder &b, Value offsets, Value times) {
  auto index = [&](int64_t value) -> Value { return arith::ConstantIndexOp::create(b, value); };
  auto load = [](ImplicitLocOpBuilder &b, Value offsets, Value i) -> Value {
    return arith::IndexCastOp::create(b, b.getIndexType(), tensor::ExtractOp::create(b, offsets, i));
  };
  Value last = arith::SubIOp::create(b, tensor::DimOp::create(b, offsets, index(0)), index(1));
  Value begins = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, load(b, offsets, index(0)), index(0));
  Value ends = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, load(b, offsets, last), times);
  Value bounded = arith::AndIOp::create(b, begins, ends);
  auto loop = scf::ForOp::create(
      b, index(0), last, index(1), bounded, [&](OpBuilder &builder, Location loc, Value i, ValueRange carried) {
        ImplicitLocOpBuilder inner(loc, builder);
        Value next = arith::AddIOp::create(inner, i, arith::ConstantIndexOp::create(inner, 1));
        Value rises = arith::CmpIOp::create(inner, arith::CmpIPredicate::sle, load(inner, offsets, i),
                                            load(inner, offsets, next));
        scf::YieldOp::create(inner, arith::AndIOp::create(inner, carried[0], rises).getResult());
      });
  return loop.getResult(0);
}

/// Whether all numbers of a tensor are from 0 to below `limit`.
Value buildInside(ImplicitLocOpBuilder &b, Value tensor, Value limit) {
  int64_t rank = cast<RankedTensorType>(tensor.getType()).getRank();
  SmallVector<Value> firsts(rank, arith::ConstantIndexOp::create(b, 0)), ends,
      steps(rank, arith::ConstantIndexOp::create(b, 1));
  for (int64_t dim = 0; dim < rank; ++dim)
    ends.push_back(tensor::DimOp::create(b, tensor, dim));
  Value yes = arith::ConstantOp::create(b, b.getBoolAttr(true));
  scf::LoopNest nest =
      scf::buildLoopNest(b, b.getLoc(), firsts, ends, steps, yes,
                         [&](OpBuilder &builder, Location loc, ValueRange at, ValueRange carried) -> scf::ValueVector {
                           ImplicitLocOpBuilder inner(loc, builder);
                           Value number = arith::IndexCastOp::create(
                               inner, inner.getIndexType(), tensor::ExtractOp::create(inner, tensor, at).getResult());
                           // Unsigned, a negative number is beyond every limit.
                           Value isInside = arith::CmpIOp::create(inner, arith::CmpIPredicate::ult, number, limit);
                           return {arith::AndIOp::create(inner, carried[0], isInside)};
                         });
  return nest.results[0];
}

/// Whether no number of a tensor [B,H,n] is below the one before it in its row.
Value buildAscends(ImplicitLocOpBuilder &b, Value starts) {
  Value one = arith::ConstantIndexOp::create(b, 1), zero = arith::ConstantIndexOp::create(b, 0);
  SmallVector<Value> ends;
  for (int64_t dim = 0; dim < 3; ++dim)
    ends.push_back(tensor::DimOp::create(b, starts, dim));
  ends[2] = arith::SubIOp::create(b, ends[2], one);
  Value yes = arith::ConstantOp::create(b, b.getBoolAttr(true));
  scf::LoopNest nest =
      scf::buildLoopNest(b, b.getLoc(), SmallVector<Value>(3, zero), ends, SmallVector<Value>(3, one), yes,
                         [&](OpBuilder &builder, Location loc, ValueRange at, ValueRange carried) -> scf::ValueVector {
                           ImplicitLocOpBuilder inner(loc, builder);
                           SmallVector<Value> next(at);
                           next[2] = arith::AddIOp::create(inner, at[2], arith::ConstantIndexOp::create(inner, 1));
                           Value rises = arith::CmpIOp::create(inner, arith::CmpIPredicate::sle,
                                                               tensor::ExtractOp::create(inner, starts, at),
                                                               tensor::ExtractOp::create(inner, starts, next));
                           return {arith::AndIOp::create(inner, carried[0], rises)};
                         });
  return nest.results[0];
}

struct LinnetCheckOffsets : impl::LinnetCheckOffsetsBase<LinnetCheckOffsets> {
  void runOnOperation() override {
    if (!isModelFunction(getOperation()))
      return;
    WalkResult result = getOperation().walk([&](LinearAttentionOp op) {
      Value offsets = op.getCuSeqlens();
      return offsets && failed(check(op, offsets)) ? WalkResult::interrupt() : WalkResult::advance();
    });
    if (result.wasInterrupted())
      return signalPassFailure();
    getOperation().walk([&](AttentionOp op) { checkAttention(op); });
  }

  /// What arguments say about rows and blocks; what the function itself computes comes from ops that keep the rules.
  void checkAttention(AttentionOp op) {
    ImplicitLocOpBuilder b(op.getLoc(), getOperation().getBody().front().findAncestorOpInBlock(*op));
    auto require = [&](Value value, StringRef rule, llvm::function_ref<Value()> condition) {
      while (auto cast = value ? value.getDefiningOp<tensor::CastOp>() : tensor::CastOp())
        value = cast.getSource();
      auto argument = dyn_cast_if_present<BlockArgument>(value);
      if (!argument || argument.getOwner() != &getOperation().getBody().front() ||
          !ruled.insert({argument, rule}).second)
        return;
      RequireOp::create(b, condition(), getArgName(getOperation(), argument.getArgNumber()), {});
    };
    auto size = [&](Value tensor, int64_t dim) -> Value { return tensor::DimOp::create(b, tensor, dim); };
    for (auto [offsets, tensor] :
         {std::pair(op.getQueryOffsets(), op.getQ()), std::pair(op.getKeyOffsets(), op.getK())})
      if (Value value = offsets)
        require(value, "offsets", [&, tensor = Value(tensor)] { return buildCheck(b, value, size(tensor, 2)); });
    for (auto [rows, tensor] : {std::pair(op.getQueryRows(), op.getQ()), std::pair(op.getKeyRows(), op.getK())})
      if (Value value = rows)
        require(value, "rows", [&, tensor = Value(tensor)] { return buildInside(b, value, size(tensor, 2)); });
    if (!op.getBlockStarts())
      return;
    Value one = arith::ConstantIndexOp::create(b, 1);
    Value starts = op.getBlockStarts(), columns = op.getBlockColumns();
    require(starts, "starts", [&]() -> Value {
      Value end = arith::AddIOp::create(b, size(columns, 0), one);
      // As many as there are rows of blocks.
      Value rows = arith::CeilDivUIOp::create(b, size(op.getOInit(), 2),
                                              arith::ConstantIndexOp::create(b, op.getBlockQueries()));
      Value isLong =
          arith::CmpIOp::create(b, arith::CmpIPredicate::eq, size(starts, 2), arith::AddIOp::create(b, rows, one));
      Value inside = arith::AndIOp::create(b, buildInside(b, starts, end), buildAscends(b, starts));
      return arith::AndIOp::create(b, isLong, inside);
    });
    auto [keys, dim] = op.getKeyCount();
    require(columns, "columns", [&, keys = keys, dim = dim] {
      Value blocks =
          arith::CeilDivUIOp::create(b, size(keys, dim), arith::ConstantIndexOp::create(b, op.getBlockKeys()));
      return buildInside(b, columns, blocks);
    });
  }

  LogicalResult check(LinearAttentionOp op, Value offsets) {
    Value origin = offsets;
    while (auto cast = origin.getDefiningOp<tensor::CastOp>())
      origin = cast.getSource();
    // They ascend from 0 to no more than the number of rows, whatever the indices are.
    if (auto permute = origin.getDefiningOp<TokenPermuteOp>())
      return checkRows(op, permute);
    auto argument = dyn_cast<BlockArgument>(origin);
    if (!argument || argument.getOwner() != &getOperation().getBody().front())
      return op->emitOpError("expected cu_seqlens to be an argument of the function or a result of token_permute: "
                             "others cannot be checked when it "
                             "is called");
    if (!checked.insert(origin).second)
      return success();
    // At the top of the function, where a return can be: beside the op, as the length of time may be computed.
    ImplicitLocOpBuilder b(op.getLoc(), getOperation().getBody().front().findAncestorOpInBlock(*op));
    Value times = tensor::DimOp::create(b, op.getV(), arith::ConstantIndexOp::create(b, 1));
    RequireOp::create(b, buildCheck(b, offsets, times), getArgName(getOperation(), argument.getArgNumber()), {});
    return success();
  }

  static LogicalResult checkRows(LinearAttentionOp op, TokenPermuteOp permute) {
    int64_t rows = cast<ShapedType>(permute.getSource().getType()).getDimSize(0);
    int64_t times = cast<ShapedType>(op.getV().getType()).getDimSize(1);
    if (ShapedType::isDynamic(rows) || ShapedType::isDynamic(times) || rows <= times)
      return success();
    InFlightDiagnostic diagnostic = op->emitOpError()
                                    << "expected a v of at least the " << rows << " rows of cu_seqlens, got " << times;
    diagnostic.attachNote(permute.getLoc()) << "cu_seqlens comes from here";
    return diagnostic;
  }

  llvm::DenseSet<Value> checked;
  llvm::DenseSet<std::pair<Value, StringRef>> ruled;
};
} // namespace
} // namespace linnet
