//===- DistributeBlocks.cpp - the work of a block to its threads ----------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/gpu/BlockBuilder.h"
#include "compiler/gpu/Kernels.h"
#include "compiler/gpu/Passes.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/NVGPU/IR/NVGPUDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Interfaces/ValueBoundsOpInterface.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

using namespace mlir;

namespace linnet {
#define GEN_PASS_DEF_LINNETDISTRIBUTEBLOCKS
#include "compiler/gpu/Passes.h.inc"

namespace {

/// Memory that a piece of work reads or writes. Where two pieces give the same `owned` part of one buffer to a thread,
/// no thread sees what another writes.
struct Access {
  Value root; // none: anything
  bool isWrite;
  Value buffer;
  AffineMap owned; // from outputs to places; none: any thread may touch any place
};

bool mayConflict(const Access &x, const Access &y) {
  if (!x.isWrite && !y.isWrite)
    return false;
  if (x.root && y.root && x.root != y.root)
    return false;
  return !(x.owned && y.owned && x.buffer == y.buffer && x.owned == y.owned);
}

/// The allocation or argument that a buffer is a part of.
Value getRoot(Value buffer) {
  while (Operation *op = buffer.getDefiningOp()) {
    auto view = dyn_cast<ViewLikeOpInterface>(op);
    if (!view)
      break;
    buffer = view.getViewSource();
  }
  return buffer;
}

struct LinnetDistributeBlocks : impl::LinnetDistributeBlocksBase<LinnetDistributeBlocks> {
  void getDependentDialects(DialectRegistry &registry) const override {
    LinnetDistributeBlocksBase::getDependentDialects(registry);
    registry.insert<nvgpu::NVGPUDialect, vector::VectorDialect>();
  }

  void runOnOperation() override {
    SmallVector<gpu::LaunchOp> launches;
    getOperation().walk([&](gpu::LaunchOp op) { launches.push_back(op); });
    for (gpu::LaunchOp launch : launches)
      if (failed(distribute(launch)))
        return signalPassFailure();
  }

  LogicalResult distribute(gpu::LaunchOp launch) {
    IRRewriter rewriter(&getContext());
    threads = *getConstantIntValue(launch.getBlockSizeX());
    rewriter.setInsertionPointToStart(&launch.getBody().front());
    thread = gpu::ThreadIdOp::create(rewriter, launch.getLoc(), gpu::Dimension::x);
    pending.clear();
    // What a thread allocates is its own.
    SmallVector<memref::AllocOp> ofThreads;
    launch.walk([&](memref::AllocOp op) {
      for (Operation *outer = op->getParentOp(); outer != launch; outer = outer->getParentOp())
        if (threads == 1 || isThreadLoop(outer))
          return (void)ofThreads.push_back(op);
    });
    for (memref::AllocOp op : ofThreads)
      if (failed(placeBuffer(rewriter, op, /*isShared=*/false)))
        return failure();
    Block &body = launch.getBody().front();
    if (threads > 1 && !launch->hasAttr(kDistributedAttrName) && failed(distributeBlock(rewriter, body)))
      return failure();
    if (thread.use_empty())
      rewriter.eraseOp(thread.getDefiningOp());
    return shareBuffers(rewriter, launch);
  }

  LogicalResult distributeBlock(IRRewriter &rewriter, Block &block) {
    for (Operation &op : llvm::make_early_inc_range(block.without_terminator())) {
      if (auto code = dyn_cast<scf::ExecuteRegionOp>(op); code && code->hasAttr(kBlockCodeAttrName)) {
        synchronize(rewriter, &op, accessesOf(&op));
        Block &inner = code.getRegion().front();
        rewriter.eraseOp(inner.getTerminator());
        rewriter.inlineBlockBefore(&inner, code);
        rewriter.eraseOp(code);
      } else if (isThreadLoop(&op)) {
        synchronize(rewriter, &op, accessesOf(&op));
        distributeLoop(rewriter, cast<scf::ForallOp>(op));
      } else if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op)) {
        distributeLinalg(rewriter, linalgOp);
      } else if (op.getNumRegions() && containsSharedWork(&op)) {
        if (failed(distributeRegions(rewriter, &op)))
          return failure();
      } else if (writesMemory(&op)) {
        if (!isa<memref::AllocOp, memref::DeallocOp>(op) && failed(guard(rewriter, &op)))
          return failure();
      } else if (touchesMemory(&op)) {
        synchronize(rewriter, &op, accessesOf(&op)); // read by all
      }
    }
    return success();
  }

  /// A loop or branch that all threads take alike.
  LogicalResult distributeRegions(IRRewriter &rewriter, Operation *op) {
    SmallVector<Access> all = accessesOf(op);
    for (Region &region : op->getRegions())
      for (Block &block : region) {
        if (failed(distributeBlock(rewriter, block)))
          return failure();
        // What one iteration writes, the next may read elsewhere.
        if (isa<scf::ForOp>(op))
          synchronize(rewriter, block.getTerminator(), all);
      }
    llvm::append_range(pending, all);
    return success();
  }

  /// One thread does it, and the others wait where they need it.
  LogicalResult guard(IRRewriter &rewriter, Operation *op) {
    if (!op->use_empty())
      return op->emitError(
          "gives a value to all threads of a block and writes memory, which is not supported on a GPU");
    synchronize(rewriter, op, accessesOf(op));
    BlockBuilder b(op->getLoc(), rewriter);
    b.when(b.equal(thread, b.index(0)),
           [&](BlockBuilder &inner) { rewriter.moveOpBefore(op, inner.getBlock(), inner.getBlock()->end()); });
    return success();
  }

  void distributeLoop(IRRewriter &rewriter, scf::ForallOp loop) {
    rewriter.setInsertionPoint(loop);
    BlockBuilder b(loop.getLoc(), rewriter);
    Value count = countIterations(b, loop);
    rewriter.eraseOp(loop.getBody()->getTerminator());
    auto inlineAt = [&](BlockBuilder &b, Value linear) {
      SmallVector<Value> indices = delinearize(b, loop, linear);
      rewriter.inlineBlockBefore(loop.getBody(), b.getBlock(), b.getBlock()->end(), indices);
    };
    std::optional<int64_t> constant = getConstantIntValue(count);
    if (constant && *constant == threads)
      rewriter.inlineBlockBefore(loop.getBody(), loop, delinearize(b, loop, thread));
    else if (constant && *constant < threads)
      b.when(b.less(thread, count), [&](BlockBuilder &b) { inlineAt(b, thread); });
    else
      b.loop(thread, count, b.index(threads), {}, [&](BlockBuilder &b, Value i, ValueRange) {
        inlineAt(b, i);
        b.setInsertionPointToEnd(b.getBlock());
        return SmallVector<Value>();
      });
    rewriter.eraseOp(loop);
  }

  void distributeLinalg(IRRewriter &rewriter, linalg::LinalgOp op) {
    rewriter.setInsertionPoint(op);
    SmallVector<unsigned> parallel;
    op.getParallelDims(parallel);
    SmallVector<Access> accesses = accessesOf(op);
    SmallVector<Access> byWarps = accesses;
    for (Access &access : byWarps)
      access.owned = AffineMap();
    // Whether warps take it is known only when it has become code, and barriers stand before that code.
    auto anchor = arith::ConstantIndexOp::create(rewriter, op.getLoc(), 0);
    if (succeeded(emitTensorContraction(rewriter, op, thread, threads)) ||
        succeeded(emitWarpReduction(rewriter, op, thread, threads))) {
      synchronize(rewriter, anchor, byWarps);
    } else {
      synchronize(rewriter, op, accesses);
      rewriter.setInsertionPoint(op);
      Value stride = arith::ConstantIndexOp::create(rewriter, op.getLoc(), threads);
      emitOutputLoop(rewriter, op, thread, stride);
    }
    if (anchor.use_empty())
      rewriter.eraseOp(anchor);
  }

  SmallVector<Access> accessesOf(Operation *op) {
    SmallVector<Access> accesses;
    if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op)) {
      SmallVector<unsigned> parallel;
      linalgOp.getParallelDims(parallel);
      for (OpOperand &operand : op->getOpOperands()) {
        if (!isa<MemRefType>(operand.get().getType()))
          continue;
        bool isInit = linalgOp.isDpsInit(&operand);
        accesses.push_back({getRoot(operand.get()), isInit, operand.get(), getOwned(linalgOp, operand, parallel)});
        if (isInit)
          accesses.push_back({accesses.back().root, false, operand.get(), accesses.back().owned});
      }
    }
    op->walk([&](MemoryEffectOpInterface inner) {
      if (isa<linalg::LinalgOp>(inner.getOperation()))
        return;
      SmallVector<MemoryEffects::EffectInstance> effects;
      inner.getEffects(effects);
      for (MemoryEffects::EffectInstance &effect : effects)
        if (isa<MemoryEffects::Read, MemoryEffects::Write>(effect.getEffect()))
          accesses.push_back({effect.getValue() ? getRoot(effect.getValue()) : Value(),
                              isa<MemoryEffects::Write>(effect.getEffect()), effect.getValue(), AffineMap()});
    });
    return accesses;
  }

  /// The part of an operand that the thread of an output touches: only where each output has one place of its own, and
  /// the buffer tells how many outputs there are.
  static AffineMap getOwned(linalg::LinalgOp op, OpOperand &operand, ArrayRef<unsigned> parallel) {
    AffineMap map = op.getMatchingIndexingMap(&operand);
    if (map.getNumResults() != parallel.size() || !map.isProjectedPermutation())
      return AffineMap();
    SmallVector<AffineExpr> outputs(map.getNumDims(), getAffineConstantExpr(0, map.getContext()));
    for (auto [i, dim] : llvm::enumerate(parallel))
      outputs[dim] = getAffineDimExpr(i, map.getContext());
    AffineMap owned = map.replaceDimsAndSymbols(outputs, {}, parallel.size(), 0);
    return owned.isPermutation() ? owned : AffineMap();
  }

  /// Puts a barrier before `op` where it may touch what other threads have touched since the last one.
  void synchronize(IRRewriter &rewriter, Operation *op, ArrayRef<Access> accesses) {
    bool conflicts = llvm::any_of(accesses, [&](const Access &next) {
      return llvm::any_of(pending, [&](const Access &before) { return mayConflict(before, next); });
    });
    rewriter.setInsertionPoint(op);
    if (conflicts) {
      gpu::BarrierOp::create(rewriter, op->getLoc());
      pending.clear();
    }
    llvm::append_range(pending, accesses);
  }

  /// Buffers of a block lie in shared memory, those of a single thread on its stack.
  LogicalResult shareBuffers(IRRewriter &rewriter, gpu::LaunchOp launch) {
    SmallVector<memref::AllocOp> allocations;
    launch.walk([&](memref::AllocOp op) {
      if (!op.getType().getMemorySpace())
        allocations.push_back(op);
    });
    for (memref::AllocOp op : allocations) {
      if (threads > 1 && op->getParentOp() != launch)
        return op.emitError("a buffer that a block needs in a loop is not supported on a GPU");
      if (failed(placeBuffer(rewriter, op, /*isShared=*/threads > 1)))
        return failure();
    }
    return success();
  }

  LogicalResult placeBuffer(IRRewriter &rewriter, memref::AllocOp op, bool isShared) {
    MemRefType type = op.getType();
    int64_t bytes = llvm::divideCeil(type.getElementTypeBitWidth(), 8);
    for (int64_t dim = 0; dim < type.getRank(); ++dim) {
      FailureOr<int64_t> bound = ValueBoundsConstraintSet::computeConstantBound(
          presburger::BoundType::UB, {op.getResult(), dim}, /*stopCondition=*/nullptr, /*closedUB=*/true);
      if (failed(bound))
        return op.emitError("expected a buffer of bounded size in a kernel: there is no other memory for it on a GPU");
      bytes *= *bound;
    }
    rewriter.setInsertionPoint(op);
    Location loc = op.getLoc();
    auto plain = MemRefType::get({bytes}, rewriter.getI8Type());
    Value buffer;
    if (isShared) {
      auto space = gpu::AddressSpaceAttr::get(&getContext(), gpu::AddressSpace::Workgroup);
      auto shared = MemRefType::get({bytes}, rewriter.getI8Type(), MemRefLayoutAttrInterface(), space);
      buffer = memref::AllocOp::create(rewriter, loc, shared);
      buffer = memref::MemorySpaceCastOp::create(rewriter, loc, plain, buffer);
    } else {
      buffer = memref::AllocaOp::create(rewriter, loc, plain, rewriter.getI64IntegerAttr(16));
    }
    Value zero = arith::ConstantIndexOp::create(rewriter, loc, 0);
    rewriter.replaceOpWithNewOp<memref::ViewOp>(op, type, buffer, zero, op.getDynamicSizes());
    return success();
  }

  int64_t threads = 0;
  Value thread;
  SmallVector<Access> pending;
};
} // namespace
} // namespace linnet
