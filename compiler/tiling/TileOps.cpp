//===- TileOps.cpp - parallel tiles for every op --------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Model.h"
#include "compiler/Passes.h"
#include "compiler/gpu/Chip.h"
#include "compiler/reference/Reference.h"
#include "compiler/tiling/Tiling.h"
#include "compiler/vector/Vectorize.h"
#include "dialects/linnet/Linnet.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

namespace linnet {
#define GEN_PASS_DEF_LINNETTILEOPS
#include "compiler/Passes.h.inc"

namespace {
struct LinnetTileOps : impl::LinnetTileOpsBase<LinnetTileOps> {
  using LinnetTileOpsBase::LinnetTileOpsBase;

  void runOnOperation() override {
    auto module = getOperation()->getParentOfType<ModuleOp>();
    gpu = module && module->hasAttr(kChipAttrName);
    // Consumers first: what they fuse is dead, or tiled already, when its turn comes. Ops inside an scf.forall are
    // tiles.
    SmallVector<Operation *> ops;
    getOperation().walk([&](TilingInterface op) {
      if (!op->getParentOfType<scf::ForallOp>())
        ops.push_back(op);
    });
    IRRewriter rewriter(&getContext());
    for (Operation *op : llvm::reverse(ops)) {
      StringAttr kind = getKind(op);
      if (failed(tile(rewriter, op))) {
        op->emitError("cannot be tiled; this is a defect of the compiler, LINNET_PATH=reference goes around it");
        return signalPassFailure();
      }
      // Profiles name the op that a loop computes.
      getOperation().walk([&](scf::ForallOp loop) {
        if (!loop->hasAttr(kKindAttrName))
          loop->setAttr(kKindAttrName, kind);
      });
    }
  }

  static StringAttr getKind(Operation *op) {
    StringRef name = isPackedContraction(op) ? "linalg.contract" : op->getName().getStringRef();
    return StringAttr::get(op->getContext(), name);
  }

  LogicalResult tile(IRRewriter &rewriter, Operation *op) {
    if (isOpTriviallyDead(op)) {
      rewriter.eraseOp(op);
      return success();
    }
    if (isa<TimeOpInterface>(op) && op->hasAttr(kPathAttrName))
      return success();
    if (auto attention = dyn_cast<LinearAttentionOp>(op))
      return tileLinearAttention(rewriter, attention, lanes);
    if (auto attention = dyn_cast<BlockLocalAttentionOp>(op))
      return tileBlockLocalAttention(rewriter, attention);
    if (auto attention = dyn_cast<KroneckerAttentionOp>(op))
      return tileKroneckerAttention(rewriter, attention);
    if (auto attention = dyn_cast<AttentionOp>(op))
      return tileAttention(rewriter, attention);
    if (auto product = dyn_cast<LMulOp>(op))
      return tileLMul(rewriter, product);
    if (auto product = dyn_cast<LMulContractOp>(op))
      return tileLMulContract(rewriter, product, lanes);
    if (isa<MxQuantizeOp, MxDequantizeOp, HadamardOp>(op))
      return tileRows(rewriter, cast<TilingInterface>(op),
                      isa<MxDequantizeOp>(op) ? op->getResult(0) : op->getOperand(0));
    if (isa<TimeOpInterface>(op))
      return tileScan(rewriter, cast<TilingInterface>(op), lanes, gpu);
    if (isPackedContraction(op))
      return tilePackedContraction(rewriter, cast<linalg::GenericOp>(op), rows, gpu);
    // What feeds a transpose is better fused with it than read from memory.
    if (auto transpose = dyn_cast<linalg::TransposeOp>(op);
        transpose && turnsTranspose(transpose) && !transpose.getInput().getDefiningOp<linalg::LinalgOp>())
      return tileTranspose(rewriter, transpose);
    // Elementwise work of fewer than two dimensions, and data movement of tensor ops, stay loops.
    if (isa<linalg::GenericOp, linalg::MapOp, linalg::TransposeOp, linalg::BroadcastOp>(op) &&
        cast<linalg::LinalgOp>(op).getNumLoops() >= 2)
      return tileAndFuseElementwise(rewriter, cast<TilingInterface>(op));
    return success();
  }

  /// Whether tiles are for the blocks of a GPU.
  bool gpu = false;
};
} // namespace
} // namespace linnet
