//===- LowerRequirements.cpp - early returns with a code ------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Passes.h"
#include "dialects/linnet/Linnet.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

using namespace mlir;

namespace linnet {
#define GEN_PASS_DEF_LINNETLOWERREQUIREMENTS
#include "compiler/Passes.h.inc"

namespace {
struct LinnetLowerRequirements : impl::LinnetLowerRequirementsBase<LinnetLowerRequirements> {
  void runOnOperation() override {
    SmallVector<RequireOp> ops;
    getOperation().walk([&](RequireOp op) { ops.push_back(op); });
    for (RequireOp op : ops) {
      Block *block = op->getBlock();
      Block *rest = block->splitBlock(op);
      ImplicitLocOpBuilder b(op.getLoc(), &getContext());
      Block *refuse = b.createBlock(&getOperation().getBody());
      Value code = arith::ConstantIntOp::create(b, b.getI32Type(), op.getCode().value_or(0));
      func::ReturnOp::create(b, code);
      b.setInsertionPointToEnd(block);
      cf::CondBranchOp::create(b, op.getCondition(), rest, ValueRange(), refuse, ValueRange());
      op.erase();
    }
  }
};
} // namespace
} // namespace linnet
