//===- SelectMultiply.cpp - products of matrices with L-Mul -----------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Passes.h"
#include "dialects/linnet/Linnet.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;

namespace linnet {
#define GEN_PASS_DEF_LINNETSELECTMULTIPLY
#include "compiler/Passes.h.inc"

namespace {

/// Whether `op` is out[.., i, n] += x[.., i, k] W[n, k] of numbers that lmul_contract takes.
bool isProduct(linalg::LinalgOp op) {
  if (!linalg::isaContractionOpInterface(op) || op.getNumDpsInputs() != 2)
    return false;
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  AffineMap x = maps[0], weight = maps[1], out = maps[2];
  if (weight.getNumResults() != 2 || out.getNumResults() < 2 || x.getNumResults() != out.getNumResults())
    return false;
  AffineExpr row = weight.getResult(0), depth = weight.getResult(1);
  if (x.getResults().back() != depth || out.getResults().back() != row ||
      x.getResults().drop_back() != out.getResults().drop_back())
    return false;
  Type element = getElementTypeOrSelf(op->getOperand(0).getType());
  return (element.isF32() || element.isBF16() || element.isF16()) &&
         getElementTypeOrSelf(op->getOperand(1).getType()) == element &&
         getElementTypeOrSelf(op->getOperand(2).getType()).isF32();
}

struct LinnetSelectMultiply : impl::LinnetSelectMultiplyBase<LinnetSelectMultiply> {
  void runOnOperation() override {
    auto multiply = getOperation()->getAttrOfType<LMulAttr>(kMultiplyAttrName);
    if (!multiply)
      return;
    getOperation()->removeAttr(kMultiplyAttrName);
    SmallVector<linalg::LinalgOp> products;
    getOperation().walk([&](linalg::LinalgOp op) {
      if (isProduct(op))
        products.push_back(op);
    });
    if (products.empty()) {
      getOperation().emitError("there is no product of matrices that L-Mul could make; leave --multiply away");
      return signalPassFailure();
    }
    IRRewriter rewriter(&getContext());
    for (linalg::LinalgOp op : products) {
      rewriter.setInsertionPoint(op);
      Value x = op->getOperand(0), weight = op->getOperand(1), init = op->getOperand(2);
      auto product = LMulContractOp::create(rewriter, op.getLoc(), init.getType(), x, weight, init, multiply,
                                            /*transpose_b=*/true);
      rewriter.replaceOp(op, product.getC());
    }
  }
};
} // namespace
} // namespace linnet
