//===- Kernels.cpp - what the passes that make kernels share --------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/gpu/Kernels.h"

#include "compiler/ScanForm.h"
#include "compiler/gpu/BlockCode.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace linnet;

bool linnet::isThreadLoop(Operation *op) {
  auto loop = dyn_cast<scf::ForallOp>(op);
  if (!loop || !loop.getMapping() || loop.getMapping()->empty())
    return false;
  return llvm::all_of(*loop.getMapping(),
                      [](Attribute attribute) { return isa<gpu::GPUThreadMappingAttr>(attribute); });
}

void linnet::mapToThreads(scf::ForallOp loop) {
  SmallVector<Attribute> mapping;
  for (int64_t i = 0; i < loop.getRank(); ++i)
    mapping.push_back(gpu::GPUThreadMappingAttr::get(
        loop.getContext(), static_cast<gpu::MappingId>(static_cast<int64_t>(gpu::MappingId::LinearDim0) + i)));
  loop.setMappingAttr(ArrayAttr::get(loop.getContext(), mapping));
}

static SmallVector<Value> getTrips(ImplicitLocOpBuilder &b, scf::ForallOp loop) {
  SmallVector<Value> trips;
  for (auto [lower, upper, step] : llvm::zip_equal(loop.getLowerBound(b), loop.getUpperBound(b), loop.getStep(b)))
    trips.push_back(b.createOrFold<arith::CeilDivSIOp>(b.createOrFold<arith::SubIOp>(upper, lower), step));
  return trips;
}

Value linnet::countIterations(ImplicitLocOpBuilder &b, scf::ForallOp loop) {
  Value count = arith::ConstantIndexOp::create(b, 1);
  for (Value trips : getTrips(b, loop))
    count = b.createOrFold<arith::MulIOp>(count, trips);
  return count;
}

SmallVector<Value> linnet::delinearize(ImplicitLocOpBuilder &b, scf::ForallOp loop, Value linear) {
  SmallVector<Value> lowers = loop.getLowerBound(b), steps = loop.getStep(b), trips = getTrips(b, loop);
  SmallVector<Value> indices(trips.size());
  for (int64_t i = trips.size() - 1; i >= 0; --i) {
    Value place = i ? b.createOrFold<arith::RemUIOp>(linear, trips[i]) : linear;
    indices[i] = b.createOrFold<arith::AddIOp>(lowers[i], b.createOrFold<arith::MulIOp>(place, steps[i]));
    if (i)
      linear = b.createOrFold<arith::DivUIOp>(linear, trips[i]);
  }
  return indices;
}

bool linnet::isSharedWork(Operation *op) {
  return isThreadLoop(op) || isa<linalg::LinalgOp, memref::CopyOp>(op) || op->hasAttr(kBlockCodeAttrName);
}

static bool anyInside(Operation *op, llvm::function_ref<bool(Operation *)> is) {
  return op->walk([&](Operation *inner) { return is(inner) ? WalkResult::interrupt() : WalkResult::advance(); })
      .wasInterrupted();
}

bool linnet::containsSharedWork(Operation *op) {
  return anyInside(op, [](Operation *inner) { return isSharedWork(inner) || isa<scf::ForallOp>(inner); });
}

bool linnet::touchesMemory(Operation *op) {
  return anyInside(op, [](Operation *inner) {
    auto effects = dyn_cast<MemoryEffectOpInterface>(inner);
    return effects && (effects.hasEffect<MemoryEffects::Read>() || effects.hasEffect<MemoryEffects::Write>());
  });
}

bool linnet::writesMemory(Operation *op) {
  return anyInside(op, [](Operation *inner) {
    auto effects = dyn_cast<MemoryEffectOpInterface>(inner);
    return effects && effects.hasEffect<MemoryEffects::Write>();
  });
}

bool linnet::hasBlockCode(Operation *op) { return scansInnermost(op); }

void linnet::buildBlockCode(RewriterBase &rewriter, Operation *op, int64_t threads,
                            llvm::function_ref<void(BlockBuilder &)> build) {
  auto region = scf::ExecuteRegionOp::create(rewriter, op->getLoc(), TypeRange());
  region.setNoInline(true);
  region->setAttr(kBlockCodeAttrName, rewriter.getI64IntegerAttr(threads));
  OpBuilder::InsertionGuard guard(rewriter);
  rewriter.setInsertionPointToStart(&region.getRegion().emplaceBlock());
  BlockBuilder b(op->getLoc(), rewriter);
  build(b);
  scf::YieldOp::create(b);
}
