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

struct LinnetCheckOffsets : impl::LinnetCheckOffsetsBase<LinnetCheckOffsets> {
  void runOnOperation() override {
    if (!isModelFunction(getOperation()))
      return;
    WalkResult result = getOperation().walk([&](LinearAttentionOp op) {
      Value offsets = op.getCuSeqlens();
      return offsets && failed(check(op, offsets)) ? WalkResult::interrupt() : WalkResult::advance();
    });
    if (result.wasInterrupted())
      signalPassFailure();
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
};
} // namespace
} // namespace linnet
