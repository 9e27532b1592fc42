//===- InitialState.cpp - initial states that are only read ---------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/vector/InitialState.h"

#include "compiler/EmptyTensor.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace linnet;

/// Nothing but the tile reads the shared tensor, and the tile writes its slice back.
static bool isOnlyOf(BlockArgument shared, tensor::ExtractSliceOp slice) {
  return llvm::all_of(shared.getUsers(),
                      [&](Operation *user) { return user == slice || isa<tensor::ParallelInsertSliceOp>(user); });
}

/// A loop over blocks of time carries the state in one tensor: its end has to be where its beginning was.
static bool isCarried(Value state) {
  while (auto slice = state.getDefiningOp<tensor::ExtractSliceOp>())
    state = slice.getSource();
  auto argument = dyn_cast<BlockArgument>(state);
  return argument && isa<scf::ForOp>(argument.getOwner()->getParentOp());
}

TileState linnet::separateState(RewriterBase &rewriter, Value state) {
  auto slice = state.getDefiningOp<tensor::ExtractSliceOp>();
  auto shared = slice ? dyn_cast<BlockArgument>(slice.getSource()) : BlockArgument();
  auto forall = shared ? dyn_cast<scf::ForallOp>(shared.getOwner()->getParentOp()) : scf::ForallOp();
  if (forall && isOnlyOf(shared, slice)) {
    OpOperand *outer = forall.getTiedOpOperand(shared);
    Value initial = outer->get();
    if (isCarried(initial))
      return {state, state};
    OpBuilder::InsertionGuard guard(rewriter);
    rewriter.setInsertionPoint(forall);
    Value empty = emptyLike(rewriter, state.getLoc(), initial);
    rewriter.modifyOpInPlace(forall, [&] { outer->set(empty); });
    rewriter.setInsertionPoint(slice);
    Value read =
        tensor::ExtractSliceOp::create(rewriter, slice.getLoc(), slice.getResultType(), initial,
                                       slice.getMixedOffsets(), slice.getMixedSizes(), slice.getMixedStrides());
    return {read, state};
  }
  // No loop around it: a tile of one iteration.
  if (!forall && !isCarried(state) && !state.getParentRegion()->getParentOfType<scf::ForallOp>())
    return {state, emptyLike(rewriter, state.getLoc(), state)};
  return {state, state};
}
