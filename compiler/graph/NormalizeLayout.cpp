//===- NormalizeLayout.cpp - channels innermost ---------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/EmptyTensor.h"
#include "compiler/Passes.h"
#include "compiler/reference/Reference.h"
#include "compiler/vector/Vectorize.h"
#include "dialects/linnet/Linnet.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace linnet {
#define GEN_PASS_DEF_LINNETNORMALIZELAYOUT
#include "compiler/Passes.h.inc"

namespace {

/// `value` with dimension `from` moved to place `to`, written to `init` where it is given.
Value moveDim(OpBuilder &builder, Location loc, Value value, int64_t from, int64_t to, Value init = {}) {
  auto type = cast<RankedTensorType>(value.getType());
  SmallVector<int64_t> permutation = llvm::to_vector(llvm::seq<int64_t>(type.getRank()));
  permutation.erase(permutation.begin() + from);
  permutation.insert(permutation.begin() + to, from);
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(builder, loc, value), permuted;
  for (int64_t source : permutation)
    permuted.push_back(sizes[source]);
  if (!init)
    init = tensor::EmptyOp::create(builder, loc, permuted, type.getElementType());
  return linalg::TransposeOp::create(builder, loc, value, init, permutation)->getResult(0);
}

/// The op with other operands; the types of the results follow the inits.
template <typename OpTy> OpTy cloneWith(OpBuilder &builder, OpTy op, ArrayRef<Value> operands) {
  SmallVector<Type> types;
  for (OpOperand &init : op.getDpsInitsMutable())
    types.push_back(operands[init.getOperandNumber()].getType());
  return cast<OpTy>(mlir::clone(builder, op, types, operands));
}

void normalize(SelectiveScanOp op, int64_t lanes, IRRewriter &rewriter) {
  if (op.getLayout() == Layout::BTD || turnsSelectiveScan(op, lanes))
    return;
  Location loc = op.getLoc();
  rewriter.setInsertionPoint(op);
  SmallVector<Value> operands(op->getOperands());
  for (OpOperand &operand : op->getOpOperands())
    if (std::optional<int64_t> time = op.getOperandTimeDim(operand))
      operands[operand.getOperandNumber()] = moveDim(rewriter, loc, operand.get(), *time, 1);
  operands[op.getYInitMutable().getOperandNumber()] = emptyLike(rewriter, loc, operands[0]);
  SelectiveScanOp normalized = cloneWith(rewriter, op, operands);
  normalized.setLayout(Layout::BTD);
  rewriter.replaceOp(op, {moveDim(rewriter, loc, normalized.getY(), 2, 1), normalized.getState()});
}

void normalize(CausalConv1dOp op, IRRewriter &rewriter) {
  if (op.getLayout() == Layout::BTD)
    return;
  Location loc = op.getLoc();
  rewriter.setInsertionPoint(op);
  SmallVector<Value> operands(op->getOperands());
  unsigned state = op.getStateInitMutable().getOperandNumber();
  operands[0] = moveDim(rewriter, loc, op.getX(), 2, 1);
  operands[state] = moveDim(rewriter, loc, op.getStateInit(), 2, 1);
  operands[op.getYInitMutable().getOperandNumber()] = emptyLike(rewriter, loc, operands[0]);
  CausalConv1dOp normalized = cloneWith(rewriter, op, operands);
  normalized.setLayout(Layout::BTD);
  // The state goes back to where it came from: a loop over blocks of time carries it in one buffer.
  rewriter.replaceOp(op, {moveDim(rewriter, loc, normalized.getY(), 2, 1),
                          moveDim(rewriter, loc, normalized.getState(), 2, 1, op.getStateInit())});
}

void normalize(LinearAttentionOp op, IRRewriter &rewriter) {
  if (op.getStateLayout() == StateLayout::KV)
    return;
  Location loc = op.getLoc();
  rewriter.setInsertionPoint(op);
  SmallVector<Value> operands(op->getOperands());
  unsigned state = op.getStateInitMutable().getOperandNumber();
  operands[state] = moveDim(rewriter, loc, op.getStateInit(), 3, 2);
  LinearAttentionOp normalized = cloneWith(rewriter, op, operands);
  normalized.setStateLayout(StateLayout::KV);
  rewriter.replaceOp(op, {normalized.getO(), moveDim(rewriter, loc, normalized.getState(), 3, 2, op.getStateInit())});
}

/// `value` with elements of another floating-point type.
Value convertElements(OpBuilder &builder, Location loc, Value value, Type element) {
  auto type = cast<RankedTensorType>(value.getType());
  Value init = tensor::EmptyOp::create(builder, loc, tensor::getMixedSizes(builder, loc, value), element);
  SmallVector<AffineMap> maps(2, builder.getMultiDimIdentityMap(type.getRank()));
  SmallVector<utils::IteratorType> parallel(type.getRank(), utils::IteratorType::parallel);
  bool widens = type.getElementTypeBitWidth() < element.getIntOrFloatBitWidth();
  return linalg::GenericOp::create(builder, loc, init.getType(), value, init, maps, parallel,
                                   [&](OpBuilder &b, Location loc, ValueRange x) {
                                     Value y = widens ? arith::ExtFOp::create(b, loc, element, x[0]).getResult()
                                                      : arith::TruncFOp::create(b, loc, element, x[0]).getResult();
                                     linalg::YieldOp::create(b, loc, y);
                                   })
      .getResult(0);
}

/// Keys and values of 16 bits are read by many queries: they are widened once.
void normalize(AttentionOp op, IRRewriter &rewriter) {
  Type element = cast<RankedTensorType>(op.getQ().getType()).getElementType();
  if (!element.isBF16() && !element.isF16())
    return;
  Location loc = op.getLoc();
  rewriter.setInsertionPoint(op);
  SmallVector<Value> operands(op->getOperands());
  for (OpOperand *operand : {&op.getQMutable(), &op.getKMutable(), &op.getVMutable()})
    operands[operand->getOperandNumber()] = convertElements(rewriter, loc, operand->get(), rewriter.getF32Type());
  operands[op.getOInitMutable().getOperandNumber()] = tensor::EmptyOp::create(
      rewriter, loc, tensor::getMixedSizes(rewriter, loc, op.getOInit()), rewriter.getF32Type());
  AttentionOp normalized = cloneWith(rewriter, op, operands);
  rewriter.replaceOp(op, {convertElements(rewriter, loc, normalized.getO(), element), normalized.getLse()});
}

struct LinnetNormalizeLayout : impl::LinnetNormalizeLayoutBase<LinnetNormalizeLayout> {
  using LinnetNormalizeLayoutBase::LinnetNormalizeLayoutBase;

  void runOnOperation() override {
    IRRewriter rewriter(&getContext());
    getOperation()->walk([&](Operation *op) {
      if (op->hasAttr(kPathAttrName)) // the reference path takes any layout
        return;
      llvm::TypeSwitch<Operation *>(op)
          .Case([&](AttentionOp attention) { normalize(attention, rewriter); })
          .Case([&](CausalConv1dOp conv) { normalize(conv, rewriter); })
          .Case([&](LinearAttentionOp attention) { normalize(attention, rewriter); })
          .Case([&](SelectiveScanOp scan) { normalize(scan, lanes, rewriter); });
    });
  }
};
} // namespace
} // namespace linnet
