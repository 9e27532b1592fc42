//===- StreamStores.cpp - large results past the caches -------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Model.h"
#include "compiler/Passes.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

using namespace mlir;

namespace linnet {
#define GEN_PASS_DEF_LINNETSTREAMSTORES
#include "compiler/Passes.h.inc"

namespace {

constexpr int64_t kLineBytes = 64;

int64_t getElementBytes(MemRefType type) { return type.getElementTypeBitWidth() / 8; }

/// Whether `value` is known to be a multiple of `divisor`.
bool isMultiple(OpFoldResult value, int64_t divisor);

bool isMultiple(AffineExpr expression, ValueRange operands, unsigned dims, int64_t divisor) {
  if (expression.isMultipleOf(divisor))
    return true;
  auto binary = dyn_cast<AffineBinaryOpExpr>(expression);
  if (binary && expression.getKind() == AffineExprKind::Add)
    return isMultiple(binary.getLHS(), operands, dims, divisor) && isMultiple(binary.getRHS(), operands, dims, divisor);
  if (binary && expression.getKind() == AffineExprKind::Mul)
    return isMultiple(binary.getLHS(), operands, dims, divisor) || isMultiple(binary.getRHS(), operands, dims, divisor);
  if (auto dim = dyn_cast<AffineDimExpr>(expression))
    return isMultiple(OpFoldResult(operands[dim.getPosition()]), divisor);
  if (auto symbol = dyn_cast<AffineSymbolExpr>(expression))
    return isMultiple(OpFoldResult(operands[dims + symbol.getPosition()]), divisor);
  return false;
}

bool isMultiple(OpFoldResult value, int64_t divisor) {
  if (std::optional<int64_t> constant = getConstantIntValue(value))
    return *constant % divisor == 0;
  auto dynamic = cast<Value>(value);
  if (auto argument = dyn_cast<BlockArgument>(dynamic)) {
    Operation *parent = argument.getOwner()->getParentOp();
    auto loop = dyn_cast_if_present<LoopLikeOpInterface>(parent);
    std::optional<SmallVector<Value>> inductions = loop ? loop.getLoopInductionVars() : std::nullopt;
    if (!inductions)
      return false;
    auto found = llvm::find(*inductions, dynamic);
    if (found == inductions->end())
      return false;
    int64_t i = std::distance(inductions->begin(), found);
    return isMultiple((*loop.getLoopLowerBounds())[i], divisor) && isMultiple((*loop.getLoopSteps())[i], divisor);
  }
  Operation *op = dynamic.getDefiningOp();
  if (isa<arith::AddIOp, arith::SubIOp>(op))
    return isMultiple(OpFoldResult(op->getOperand(0)), divisor) && isMultiple(OpFoldResult(op->getOperand(1)), divisor);
  if (isa<arith::MulIOp>(op))
    return isMultiple(OpFoldResult(op->getOperand(0)), divisor) || isMultiple(OpFoldResult(op->getOperand(1)), divisor);
  if (auto apply = dyn_cast<affine::AffineApplyOp>(op))
    return isMultiple(apply.getAffineMap().getResult(0), apply.getMapOperands(), apply.getAffineMap().getNumDims(),
                      divisor);
  return false;
}

struct LinnetStreamStores : impl::LinnetStreamStoresBase<LinnetStreamStores> {
  using LinnetStreamStoresBase::LinnetStreamStoresBase;

  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (!isModelFunction(function))
      return;
    for (BlockArgument argument : function.getArguments())
      if (auto type = dyn_cast<MemRefType>(argument.getType()))
        stream(function, argument, type);
  }

  void stream(func::FuncOp function, BlockArgument buffer, MemRefType type) {
    if (!type.getLayout().isIdentity() || type.getRank() == 0 || !type.getElementType().isIntOrFloat() ||
        getElementBytes(type) == 0 || (type.hasStaticShape() && type.getNumElements() * getElementBytes(type) < bytes))
      return;
    int64_t lineElements = kLineBytes / getElementBytes(type);
    if (type.getRank() > 1 && !type.isDynamicDim(type.getRank() - 1) &&
        type.getDimSize(type.getRank() - 1) % lineElements != 0)
      return;
    // Loops that write whole lines of it, each the outermost one of a function or of a parallel iteration.
    llvm::SetVector<Operation *> loops;
    for (Operation *user : buffer.getUsers()) {
      auto write = dyn_cast<vector::TransferWriteOp>(user);
      if (!write && !isa<memref::DimOp, memref::StoreOp>(user))
        return; // read, or seen through a view
      if (!write || !isWholeLines(write, lineElements))
        continue;
      Operation *outermost = nullptr;
      for (Operation *op = user->getParentOp(); !isa<func::FuncOp, scf::ForallOp>(op); op = op->getParentOp())
        if (isa<scf::ForOp>(op))
          outermost = op;
      if (outermost)
        loops.insert(outermost);
    }
    if (loops.empty())
      return;
    Value isLarge = emitCondition(function, buffer, type, lineElements);
    for (Operation *loop : loops)
      addVersion(loop, buffer, isLarge, lineElements);
  }

  static bool isWholeLines(vector::TransferWriteOp write, int64_t lineElements) {
    VectorType vector = write.getVectorType();
    return vector.getRank() == 1 && vector.getDimSize(0) % lineElements == 0 && !write.getMask() &&
           write.getPermutationMap().isMinorIdentity() && write.isDimInBounds(0) &&
           isMultiple(OpFoldResult(write.getIndices().back()), lineElements);
  }

  /// Whether the buffer is at least `bytes` large and its rows begin on cache lines.
  Value emitCondition(func::FuncOp function, Value buffer, MemRefType type, int64_t lineElements) {
    OpBuilder atStart(&function.getBody().front(), function.getBody().front().begin());
    ImplicitLocOpBuilder b(function.getLoc(), atStart);
    auto isZero = [&](Value value) -> Value {
      return arith::CmpIOp::create(b, arith::CmpIPredicate::eq, value, arith::ConstantIndexOp::create(b, 0));
    };
    auto rest = [&](Value value, int64_t divisor) -> Value {
      return arith::RemUIOp::create(b, value, arith::ConstantIndexOp::create(b, divisor));
    };
    Value condition = isZero(rest(memref::ExtractAlignedPointerAsIndexOp::create(b, buffer), kLineBytes));
    Value size = arith::ConstantIndexOp::create(b, getElementBytes(type));
    for (int64_t i = 0; i < type.getRank(); ++i) {
      Value extent = b.createOrFold<memref::DimOp>(buffer, i);
      size = b.createOrFold<arith::MulIOp>(size, extent);
      if (i > 0 && i == type.getRank() - 1 && type.isDynamicDim(i))
        condition = arith::AndIOp::create(b, condition, isZero(rest(extent, lineElements)));
    }
    if (!type.hasStaticShape()) {
      Value limit = arith::ConstantIndexOp::create(b, bytes);
      condition = arith::AndIOp::create(b, condition, arith::CmpIOp::create(b, arith::CmpIPredicate::uge, size, limit));
    }
    return condition;
  }

  /// The loop as it is, or where `isLarge` the same with stores past the caches.
  void addVersion(Operation *loop, Value buffer, Value isLarge, int64_t lineElements) {
    OpBuilder builder(loop);
    auto branch = scf::IfOp::create(builder, loop->getLoc(), loop->getResultTypes(), isLarge, /*withElseRegion=*/true);
    OpBuilder streaming = OpBuilder::atBlockBegin(branch.thenBlock());
    Operation *version = streaming.clone(*loop);
    SmallVector<vector::TransferWriteOp> writes;
    version->walk([&](vector::TransferWriteOp write) {
      if (write.getBase() == buffer && isWholeLines(write, lineElements))
        writes.push_back(write);
    });
    for (vector::TransferWriteOp write : writes) {
      OpBuilder atWrite(write);
      vector::StoreOp::create(atWrite, write.getLoc(), write.getVector(), write.getBase(), write.getIndices(),
                              /*nontemporal=*/true, llvm::MaybeAlign(kLineBytes));
      write.erase();
    }
    // Such stores are not ordered with others: who is told that the loop has ended must see them.
    LLVM::FenceOp::create(streaming, loop->getLoc(), LLVM::AtomicOrdering::seq_cst, StringRef());
    if (branch.getNumResults() > 0)
      scf::YieldOp::create(streaming, loop->getLoc(), version->getResults());
    loop->replaceAllUsesWith(branch.getResults());
    loop->moveBefore(branch.elseBlock(), branch.elseBlock()->begin());
    builder.setInsertionPointToEnd(branch.elseBlock());
    if (branch.getNumResults() > 0)
      scf::YieldOp::create(builder, loop->getLoc(), loop->getResults());
  }
};
} // namespace
} // namespace linnet
