//===- EmitLoops.cpp - linalg ops as loops of threads ---------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/gpu/BlockBuilder.h"
#include "compiler/gpu/Kernels.h"

#include "mlir/Analysis/SliceAnalysis.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/Utils/Utils.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace linnet;

namespace {

/// The loops of a linalg op on buffers, and its body on scalars.
class LoopBuilder {
public:
  LoopBuilder(BlockBuilder &b, linalg::LinalgOp op) : op(op) {
    SmallVector<OpFoldResult> shape = op.createFlatListOfOperandDims(b, b.getLoc());
    SmallVector<Range> ranges = op.createLoopRanges(b, b.getLoc());
    for (Range &range : ranges)
      extents.push_back(getValueOrCreateConstantIndexOp(b, b.getLoc(), range.size));
    op.getParallelDims(parallel);
    op.getReductionDims(reduction);
  }

  Value countOutputs(BlockBuilder &b) {
    Value count = b.index(1);
    for (unsigned dim : parallel)
      count = b.mul(count, extents[dim]);
    return count;
  }

  /// The indices of all loops, those of outputs from a linear index.
  SmallVector<Value> locate(BlockBuilder &b, Value linear) {
    SmallVector<Value> indices(extents.size());
    for (unsigned dim : llvm::reverse(parallel)) {
      bool isFirst = dim == parallel.front();
      indices[dim] = isFirst ? linear : b.createOrFold<arith::RemUIOp>(linear, extents[dim]);
      if (!isFirst)
        linear = b.createOrFold<arith::DivUIOp>(linear, extents[dim]);
    }
    return indices;
  }

  Value load(BlockBuilder &b, OpOperand *operand, ArrayRef<Value> indices) {
    if (!isa<MemRefType>(operand->get().getType()))
      return operand->get();
    return memref::LoadOp::create(b, operand->get(), place(b, operand, indices));
  }
  SmallVector<Value> loadOutputs(BlockBuilder &b, ArrayRef<Value> indices) {
    SmallVector<Value> values;
    for (OpOperand &init : op.getDpsInitsMutable())
      values.push_back(load(b, &init, indices));
    return values;
  }
  void storeOutputs(BlockBuilder &b, ArrayRef<Value> indices, ValueRange values) {
    for (auto [init, value] : llvm::zip_equal(op.getDpsInitsMutable(), values))
      memref::StoreOp::create(b, value, init.get(), place(b, &init, indices));
  }

  /// One run of the body; what the outputs become.
  SmallVector<Value> runBody(BlockBuilder &b, ArrayRef<Value> indices, ValueRange outputs) {
    IRMapping mapping;
    Block *body = op.getBlock();
    for (OpOperand *input : op.getDpsInputOperands())
      if (BlockArgument argument = op.getMatchingBlockArgument(input); !argument.use_empty())
        mapping.map(argument, load(b, input, indices));
    for (auto [init, value] : llvm::zip_equal(op.getDpsInitsMutable(), outputs))
      mapping.map(op.getMatchingBlockArgument(&init), value);
    for (Operation &inner : body->without_terminator()) {
      if (auto position = dyn_cast<linalg::IndexOp>(inner))
        mapping.map(position.getResult(), indices[position.getDim()]);
      else
        b.clone(inner, mapping);
    }
    SmallVector<Value> results;
    for (Value value : body->getTerminator()->getOperands())
      results.push_back(mapping.lookupOrDefault(value));
    return results;
  }

  /// Runs the body over all of the reduction, in order.
  SmallVector<Value> reduce(BlockBuilder &b, SmallVector<Value> indices, ValueRange outputs, unsigned next = 0) {
    if (next == reduction.size())
      return runBody(b, indices, outputs);
    return b.loop(b.index(0), extents[reduction[next]], b.index(1), outputs,
                  [&](BlockBuilder &b, Value i, ValueRange carried) {
                    indices[reduction[next]] = i;
                    return reduce(b, indices, carried, next + 1);
                  });
  }

  SmallVector<unsigned> parallel, reduction;
  SmallVector<Value> extents;

private:
  SmallVector<Value> place(BlockBuilder &b, OpOperand *operand, ArrayRef<Value> indices) {
    SmallVector<Value> at;
    for (AffineExpr expr : op.getMatchingIndexingMap(operand).getResults()) {
      if (auto constant = dyn_cast<AffineConstantExpr>(expr))
        at.push_back(b.index(constant.getValue()));
      else if (auto dim = dyn_cast<AffineDimExpr>(expr))
        at.push_back(indices[dim.getPosition()]);
      else
        at.push_back(affine::AffineApplyOp::create(b, AffineMap::get(indices.size(), 0, expr), indices));
    }
    return at;
  }

  linalg::LinalgOp op;
};

} // namespace

Value linnet::countOutputs(ImplicitLocOpBuilder &builder, linalg::LinalgOp op) {
  BlockBuilder b(op.getLoc(), builder);
  return LoopBuilder(b, op).countOutputs(b);
}

void linnet::emitOutputLoop(RewriterBase &rewriter, linalg::LinalgOp op, Value start, Value stride) {
  rewriter.setInsertionPoint(op);
  BlockBuilder b(op.getLoc(), rewriter);
  LoopBuilder loops(b, op);
  b.loop(start, loops.countOutputs(b), stride, {}, [&](BlockBuilder &b, Value linear, ValueRange) {
    SmallVector<Value> indices = loops.locate(b, linear);
    SmallVector<Value> before;
    for (OpOperand &init : op.getDpsInitsMutable()) {
      bool isRead = op.payloadUsesValueFromOperand(&init) || !loops.reduction.empty();
      before.push_back(isRead ? loops.load(b, &init, indices) : Value());
    }
    loops.storeOutputs(b, indices, loops.reduce(b, indices, before));
    return SmallVector<Value>();
  });
  rewriter.eraseOp(op);
}

/// Whether the terms of a sum may be taken in any order.
static bool isFreeOrder(Operation *combiner) {
  if (isa<arith::MaximumFOp, arith::MinimumFOp, arith::MaxNumFOp, arith::MinNumFOp, arith::AddIOp, arith::MulIOp,
          arith::MaxSIOp, arith::MinSIOp, arith::MaxUIOp, arith::MinUIOp, arith::AndIOp, arith::OrIOp>(combiner))
    return true;
  auto fastMath = dyn_cast<arith::ArithFastMathInterface>(combiner);
  return fastMath && isa<arith::AddFOp, arith::MulFOp>(combiner) &&
         bitEnumContainsAll(fastMath.getFastMathFlagsAttr().getValue(), arith::FastMathFlags::reassoc);
}

LogicalResult linnet::emitWarpReduction(RewriterBase &rewriter, linalg::LinalgOp op, Value thread, int64_t threads) {
  SmallVector<unsigned> reduction;
  op.getReductionDims(reduction);
  if (reduction.size() != 1 || op.getNumDpsInits() != 1 || !op.hasOnlyProjectedPermutations())
    return failure();
  // Neighbours of the reduction are neighbours in memory.
  bool isInnermost = llvm::any_of(op.getDpsInputOperands(), [&](OpOperand *input) {
    AffineMap map = op.getMatchingIndexingMap(input);
    return map.getNumResults() &&
           map.getResult(map.getNumResults() - 1) == getAffineDimExpr(reduction[0], op.getContext());
  });
  SmallVector<Operation *> combiners;
  if (!isInnermost || !matchReduction(op.getRegionOutputArgs(), 0, combiners) || combiners.size() != 1 ||
      !isFreeOrder(combiners[0]))
    return failure();
  std::optional<TypedAttr> neutral = arith::getNeutralElement(combiners[0]);
  if (!neutral)
    return failure();

  rewriter.setInsertionPoint(op);
  BlockBuilder b(op.getLoc(), rewriter);
  LoopBuilder loops(b, op);
  Value warp = b.div(thread, kWarpSize), lane = b.rem(thread, kWarpSize);
  auto combine = [&](BlockBuilder &b, Value x, Value y) -> Value {
    Operation *copy = b.clone(*combiners[0]);
    copy->setOperands({x, y});
    return copy->getResult(0);
  };
  b.loop(warp, loops.countOutputs(b), b.index(threads / kWarpSize), {}, [&](BlockBuilder &b, Value linear, ValueRange) {
    SmallVector<Value> indices = loops.locate(b, linear);
    Value start = arith::ConstantOp::create(b, *neutral);
    Value sum = b.loop(lane, loops.extents[reduction[0]], b.index(kWarpSize), start,
                       [&](BlockBuilder &b, Value i, ValueRange carried) {
                         indices[reduction[0]] = i;
                         return loops.runBody(b, indices, carried);
                       })[0];
    for (int64_t distance = kWarpSize / 2; distance > 0; distance /= 2)
      sum = combine(b, sum, b.shuffle(sum, distance, gpu::ShuffleMode::XOR));
    b.when(b.equal(lane, b.index(0)), [&](BlockBuilder &b) {
      Value before = loops.loadOutputs(b, indices)[0];
      loops.storeOutputs(b, indices, combine(b, before, sum));
    });
    return SmallVector<Value>();
  });
  rewriter.eraseOp(op);
  return success();
}
