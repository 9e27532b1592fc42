//===- VectorizeTiles.cpp - tiles to vector code --------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Passes.h"
#include "compiler/approximation/Accuracy.h"
#include "compiler/tiling/Tiling.h"
#include "compiler/vector/Vectorize.h"
#include "dialects/linnet/Linnet.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Dialect/X86Vector/X86VectorDialect.h"

using namespace mlir;

namespace linnet {
#define GEN_PASS_DEF_LINNETVECTORIZETILES
#include "compiler/Passes.h.inc"

namespace {
struct LinnetVectorizeTiles : impl::LinnetVectorizeTilesBase<LinnetVectorizeTiles> {
  using LinnetVectorizeTilesBase::LinnetVectorizeTilesBase;

  void runOnOperation() override {
    SmallVector<Operation *> ops;
    getOperation().walk([&](Operation *op) {
      if (isa<TimeOpInterface, linalg::TransposeOp>(op) || isPackedContraction(op))
        ops.push_back(op);
    });
    InheritAccuracy inherit;
    IRRewriter rewriter(&getContext(), &inherit);
    for (Operation *op : ops) {
      inherit.setSource(op);
      // A contraction that is no tile of static shape becomes loops later on; a scan has no other lowering.
      if (auto generic = dyn_cast<linalg::GenericOp>(op)) {
        (void)vectorizeContractionTile(rewriter, generic, lanes);
      } else if (auto transpose = dyn_cast<linalg::TransposeOp>(op)) {
        (void)vectorizeTranspose(rewriter, transpose, lanes); // or loops as well
      } else if (failed(vectorizeTile(rewriter, op))) {
        op->emitError() << "expected a tile of one batch and at most " << lanes.getValue()
                        << " channels that the fast path covers; run linnet-select-path and linnet-tile-ops first";
        return signalPassFailure();
      }
    }
  }

  LogicalResult vectorizeTile(IRRewriter &rewriter, Operation *op) {
    if (auto attention = dyn_cast<LinearAttentionOp>(op))
      return vectorizeLinearAttentionTile(rewriter, attention, lanes, avx512Bf16);
    if (auto attention = dyn_cast<BlockLocalAttentionOp>(op))
      return vectorizeBlockLocalAttentionTile(rewriter, attention, lanes);
    if (auto attention = dyn_cast<KroneckerAttentionOp>(op))
      return vectorizeKroneckerAttentionTile(rewriter, attention, lanes);
    if (auto attention = dyn_cast<AttentionOp>(op))
      return vectorizeAttentionTile(rewriter, attention, lanes);
    if (auto product = dyn_cast<LMulOp>(op))
      return vectorizeLMulTile(rewriter, product, lanes);
    if (auto product = dyn_cast<LMulContractOp>(op))
      return vectorizeLMulContractTile(rewriter, product, lanes);
    if (auto quantize = dyn_cast<MxQuantizeOp>(op))
      return vectorizeMxQuantizeTile(rewriter, quantize, lanes);
    if (auto dequantize = dyn_cast<MxDequantizeOp>(op))
      return vectorizeMxDequantizeTile(rewriter, dequantize, lanes);
    if (auto transform = dyn_cast<HadamardOp>(op))
      return vectorizeHadamardTile(rewriter, transform, lanes);
    return success(succeeded(vectorizeScanTile(rewriter, op, lanes)) ||
                   succeeded(vectorizeAlongTime(rewriter, op, lanes)) ||
                   succeeded(vectorizeTimeLast(rewriter, op, lanes)));
  }
};
} // namespace
} // namespace linnet
