//===- MapKernels.cpp - what a kernel computes ----------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Model.h"
#include "compiler/gpu/BlockBuilder.h"
#include "compiler/gpu/Kernels.h"
#include "compiler/gpu/Passes.h"
#include "dialects/linnet/Linnet.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/ValueBoundsOpInterface.h"

using namespace mlir;

namespace linnet {
#define GEN_PASS_DEF_LINNETMAPKERNELS
#include "compiler/gpu/Passes.h.inc"

namespace {
struct LinnetMapKernels : impl::LinnetMapKernelsBase<LinnetMapKernels> {
  using LinnetMapKernelsBase::LinnetMapKernelsBase;

  void runOnOperation() override {
    if (!isModelFunction(getOperation()))
      return;
    next = 0; // names do not depend on what this pass ran on before
    IRRewriter rewriter(&getContext());
    getOperation().walk([&](memref::CopyOp copy) {
      rewriter.setInsertionPoint(copy);
      rewriter.replaceOpWithNewOp<linalg::CopyOp>(copy, copy.getSource(), copy.getTarget());
    });
    if (failed(mapBlock(rewriter, getOperation().getBody().front())))
      signalPassFailure();
  }

  /// The host runs `block`: everything in it that touches memory becomes a kernel.
  LogicalResult mapBlock(IRRewriter &rewriter, Block &block) {
    SmallVector<Operation *> serial;
    llvm::SmallPtrSet<Operation *, 16> members;
    auto flush = [&]() -> LogicalResult {
      if (serial.empty())
        return success();
      LogicalResult result = launchSerial(rewriter, serial, members);
      serial.clear(), members.clear();
      return result;
    };
    for (Operation &op : llvm::make_early_inc_range(block.without_terminator())) {
      if (isa<RequireOp>(op))
        return op.emitError("a check of values is not supported on a GPU: the host would have to read device memory");
      bool needsSerial =
          llvm::any_of(op.getOperands(), [&](Value operand) { return members.contains(operand.getDefiningOp()); });
      if (isa<scf::ForallOp>(op) || isSharedWork(&op)) {
        if (failed(flush()))
          return failure();
        launchParallel(rewriter, &op);
      } else if (op.getNumRegions() && containsSharedWork(&op)) {
        if (needsSerial)
          return op.emitError("depends on a value in device memory, which is not supported on a GPU: the host cannot "
                              "choose what to launch by it");
        if (failed(flush()))
          return failure();
        for (Region &region : op.getRegions())
          for (Block &inner : region)
            if (failed(mapBlock(rewriter, inner)))
              return failure();
      } else if (isa<memref::AllocOp>(op)) {
        continue; // a part of the workspace
      } else if (touchesMemory(&op) || needsSerial) {
        serial.push_back(&op);
        members.insert(&op);
      }
    }
    return flush();
  }

  /// A kernel of one thread: what has no parallel form, in the order of the program.
  LogicalResult launchSerial(IRRewriter &rewriter, ArrayRef<Operation *> ops,
                             const llvm::SmallPtrSetImpl<Operation *> &members) {
    for (Operation *op : ops)
      for (Operation *user : op->getUsers()) {
        Operation *outer = op->getBlock()->findAncestorOpInBlock(*user);
        if (!members.contains(outer))
          return op->emitError("gives a value that the host needs, which is not supported on a GPU: it is in device "
                               "memory");
      }
    rewriter.setInsertionPointAfter(ops.back());
    Block *body = createLaunch(rewriter, ops.front()->getLoc(), "serial", Value(), /*threads=*/1);
    for (Operation *op : ops)
      rewriter.moveOpBefore(op, body->getTerminator());
    return success();
  }

  void launchParallel(IRRewriter &rewriter, Operation *op) {
    rewriter.setInsertionPoint(op);
    BlockBuilder b(op->getLoc(), rewriter);
    if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op)) {
      // One thread for each output, in as many blocks as it takes.
      Value outputs = countOutputs(b, linalgOp);
      Value blocks = b.createOrFold<arith::CeilDivSIOp>(outputs, b.index(kBlockThreads));
      Block *body = createLaunch(rewriter, op->getLoc(), getKind(op), blocks, kBlockThreads);
      rewriter.moveOpBefore(op, body->getTerminator());
      rewriter.setInsertionPoint(op);
      BlockBuilder inner(op->getLoc(), rewriter);
      Value blockId = gpu::BlockIdOp::create(inner, gpu::Dimension::x);
      Value size = inner.index(kBlockThreads);
      Value start = inner.add(inner.mul(blockId, size), inner.thread());
      emitOutputLoop(rewriter, linalgOp, start, inner.mul(size, blocks));
      body->getParentOp()->setAttr(kDistributedAttrName, rewriter.getUnitAttr());
      return;
    }
    auto loop = dyn_cast<scf::ForallOp>(op);
    if (!loop || isThreadLoop(op)) { // the work of one block
      Block *body = createLaunch(rewriter, op->getLoc(), getKind(op), Value(), getThreads(op));
      rewriter.moveOpBefore(op, body->getTerminator());
      return;
    }
    Value blocks = countIterations(b, loop);
    Block *body = createLaunch(rewriter, op->getLoc(), getKind(op), blocks, getThreads(op));
    rewriter.setInsertionPoint(body->getTerminator());
    BlockBuilder inner(op->getLoc(), rewriter);
    SmallVector<Value> indices = delinearize(inner, loop, gpu::BlockIdOp::create(inner, gpu::Dimension::x));
    rewriter.eraseOp(loop.getBody()->getTerminator());
    rewriter.inlineBlockBefore(loop.getBody(), body->getTerminator(), indices);
    rewriter.eraseOp(loop);
  }

  /// As many threads as a thread loop or the code of a block has use for.
  static int64_t getThreads(Operation *op) {
    int64_t threads = 0;
    op->walk([&](Operation *inner) {
      if (auto code = inner->getAttrOfType<IntegerAttr>(kBlockCodeAttrName))
        threads = std::max(threads, code.getInt());
      else if (isThreadLoop(inner)) {
        int64_t count = 1;
        for (OpFoldResult size : cast<scf::ForallOp>(inner).getMixedUpperBound()) {
          FailureOr<int64_t> bound = ValueBoundsConstraintSet::computeConstantBound(
              presburger::BoundType::UB, size, /*stopCondition=*/nullptr, /*closedUB=*/true);
          count *= succeeded(bound) ? *bound : kBlockThreads;
        }
        threads = std::max(threads, std::min<int64_t>(llvm::alignTo(count, kWarpSize), kBlockThreads));
      } else if (isSharedWork(inner)) {
        threads = kBlockThreads;
      }
    });
    return threads ? threads : kWarpSize;
  }

  static StringRef getKind(Operation *op) {
    if (auto kind = op->getAttrOfType<StringAttr>(kKindAttrName))
      return kind.getValue();
    return op->getName().getStringRef();
  }

  /// An empty launch; no `blocks`: one.
  Block *createLaunch(IRRewriter &rewriter, Location loc, StringRef kind, Value blocks, int64_t threads) {
    BlockBuilder b(loc, rewriter);
    Value one = b.index(1);
    auto launch = gpu::LaunchOp::create(b, loc, blocks ? blocks : one, one, one, b.index(threads), one, one);
    std::string name = (getOperation().getName() + "_" + std::to_string(next++) + "_" + kind).str();
    for (char &c : name)
      if (!llvm::isAlnum(c))
        c = '_';
    launch->setAttr(kKernelNameAttrName, rewriter.getStringAttr(name));
    Block *body = &launch.getBody().front();
    OpBuilder::InsertionGuard guard(rewriter);
    rewriter.setInsertionPointToEnd(body);
    gpu::TerminatorOp::create(rewriter, loc);
    return body;
  }

  int64_t next = 0;
};
} // namespace
} // namespace linnet
