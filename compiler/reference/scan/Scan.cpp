//===- Scan.cpp - scan and recurrence as sequential loops -----------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Combine.h"
#include "compiler/reference/Reference.h"
#include "compiler/reference/ScalarBuilder.h"
#include "dialects/linnet/Linnet.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace linnet;

namespace {

/// Loops over time, outermost, and the other dimensions of a scan. `body` gets the indices with time in its place,
/// those without it, and the position in the order of the scan.
SmallVector<Value>
buildScanLoops(ScalarBuilder &b, Value input, int64_t scanRank, int64_t dimension, bool reverse, ValueRange carried,
               llvm::function_ref<SmallVector<Value>(ScalarBuilder &, ValueRange at, ValueRange stateAt, Value position,
                                                     ValueRange carried)>
                   body) {
  SmallVector<Value> bounds = {b.dim(input, dimension)};
  for (int64_t i = 0; i < scanRank; ++i)
    if (i != dimension)
      bounds.push_back(b.dim(input, i));
  return b.loops(bounds, carried, [&](ScalarBuilder &b, ValueRange ivs, ValueRange args) {
    Value t = ivs[0];
    if (reverse)
      t = arith::SubIOp::create(b, arith::SubIOp::create(b, bounds[0], t), b.index(1));
    SmallVector<Value> stateAt(ivs.drop_front()), at = stateAt;
    at.insert(at.begin() + dimension, t);
    return body(b, at, stateAt, ivs[0], args);
  });
}

/// An elementwise op on element tensors, which has no buffer form, as a linalg op. The upstream patterns
/// (convert-elementwise-to-linalg) would rewrite the regions of scans that stay as well, and those have vector code.
Value buildElementwise(ScalarBuilder &b, Operation &op, ValueRange operands) {
  auto type = cast<RankedTensorType>(op.getResult(0).getType());
  SmallVector<Value> inputs;
  for (Value operand : operands)
    if (isa<RankedTensorType>(operand.getType()))
      inputs.push_back(operand);
  Value empty = tensor::EmptyOp::create(b, type.getShape(), type.getElementType());
  SmallVector<AffineMap> maps(inputs.size() + 1, b.getMultiDimIdentityMap(type.getRank()));
  SmallVector<utils::IteratorType> parallel(type.getRank(), utils::IteratorType::parallel);
  auto generic = linalg::GenericOp::create(
      b, type, inputs, empty, maps, parallel, [&](OpBuilder &builder, Location loc, ValueRange elements) {
        SmallVector<Value> scalars;
        for (Value operand : operands) {
          bool isTensor = isa<RankedTensorType>(operand.getType());
          scalars.push_back(isTensor ? elements.front() : operand);
          elements = elements.drop_front(isTensor);
        }
        Operation *scalar = mlir::clone(builder, &op, type.getElementType(), scalars);
        linalg::YieldOp::create(builder, loc, scalar->getResults());
      });
  return generic.getResult(0);
}

/// The body of a region on elements; returns what it yields.
SmallVector<Value> inlineElementRegion(ScalarBuilder &b, Region &region, ValueRange arguments) {
  Block &block = region.front();
  IRMapping mapping;
  mapping.map(block.getArguments(), arguments);
  for (Operation &op : block.without_terminator()) {
    bool onTensors = op.getNumResults() == 1 && isa<RankedTensorType>(op.getResult(0).getType());
    if (!onTensors || !OpTrait::hasElementwiseMappableTraits(&op)) {
      b.clone(op, mapping);
      continue;
    }
    SmallVector<Value> operands;
    for (Value operand : op.getOperands())
      operands.push_back(mapping.lookupOrDefault(operand));
    mapping.map(op.getResult(0), buildElementwise(b, op, operands));
  }
  SmallVector<Value> yielded;
  for (Value value : block.getTerminator()->getOperands())
    yielded.push_back(mapping.lookupOrDefault(value));
  return yielded;
}

/// (spec-linear 1.1)
struct LowerScan : OpRewritePattern<ScanOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ScanOp op, PatternRewriter &rewriter) const override {
    ScalarBuilder b(op.getLoc(), rewriter);
    unsigned count = op.getInputs().size();
    SmallVector<Value> inits(op.getYInits());
    llvm::append_range(inits, op.getStateInits());
    SmallVector<Value> results =
        buildScanLoops(b, op.getInputs()[0], op.getScanRank(), op.getDimension(), op.getReverse(), inits,
                       [&](ScalarBuilder &b, ValueRange at, ValueRange stateAt, Value position, ValueRange carried) {
                         SmallVector<Value> before, later;
                         for (unsigned i = 0; i < count; ++i) {
                           before.push_back(b.loadElement(carried[count + i], stateAt, op.getElementRank(i)));
                           later.push_back(b.loadElement(op.getInputs()[i], at, op.getElementRank(i)));
                         }
                         Value isStart = op.getSegmentStart() ? loadStart(b, op.getSegmentStart(), at) : Value();
                         Value isFirst;
                         if (op.getUnseeded())
                           isFirst = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, position, b.index(0));
                         SmallVector<Value> after = combineElements(b, op, before, later, isStart, isFirst);
                         SmallVector<Value> next;
                         for (unsigned i = 0; i < count; ++i)
                           next.push_back(b.storeElement(op.getExclusive() ? before[i] : after[i], carried[i], at,
                                                         op.getElementRank(i)));
                         for (unsigned i = 0; i < count; ++i)
                           next.push_back(b.storeElement(after[i], carried[count + i], stateAt, op.getElementRank(i)));
                         return next;
                       });
    rewriter.replaceOp(op, results);
    return success();
  }

  static Value loadStart(ScalarBuilder &b, Value segments, ValueRange at) {
    Value start = b.loadElement(segments, at, 0);
    return arith::CmpIOp::create(b, arith::CmpIPredicate::ne, start, buildConstant(b, start.getType(), 0.0));
  }

  /// The new carry. `before` becomes what an exclusive scan gives: the identity at the start of a segment.
  static SmallVector<Value> combineElements(ScalarBuilder &b, ScanOp op, SmallVectorImpl<Value> &before,
                                            ArrayRef<Value> later, Value isStart, Value isFirst) {
    if (op.getKind() != ScanKind::Custom) {
      if (isStart)
        before[0] = arith::SelectOp::create(b, isStart, buildIdentity(b, op.getKind(), later[0].getType()), before[0]);
      Value after = buildCombine(b, op.getKind(), before[0], later[0]);
      return {isFirst ? arith::SelectOp::create(b, isFirst, later[0], after).getResult() : after};
    }
    SmallVector<Value> arguments(before.begin(), before.end());
    llvm::append_range(arguments, later);
    Value takesLater =
        isStart && isFirst ? arith::OrIOp::create(b, isStart, isFirst).getResult() : (isStart ? isStart : isFirst);
    if (!takesLater)
      return inlineElementRegion(b, op.getCombiner(), arguments);
    auto branch = scf::IfOp::create(
        b, takesLater, [&](OpBuilder &builder, Location loc) { scf::YieldOp::create(builder, loc, later); },
        [&](OpBuilder &builder, Location loc) {
          ScalarBuilder inner(loc, builder);
          scf::YieldOp::create(builder, loc, inlineElementRegion(inner, op.getCombiner(), arguments));
        });
    return SmallVector<Value>(branch.getResults());
  }
};

struct LowerRecurrence : OpRewritePattern<RecurrenceOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(RecurrenceOp op, PatternRewriter &rewriter) const override {
    ScalarBuilder b(op.getLoc(), rewriter);
    unsigned outputs = op.getYInits().size(), states = op.getStateInits().size();
    SmallVector<Value> inits(op.getYInits());
    llvm::append_range(inits, op.getStateInits());
    SmallVector<Value> results = buildScanLoops(
        b, op.getInputs()[0], op.getScanRank(), op.getDimension(), op.getReverse(), inits,
        [&](ScalarBuilder &b, ValueRange at, ValueRange stateAt, Value, ValueRange carried) {
          SmallVector<Value> arguments;
          for (unsigned i = 0; i < states; ++i)
            arguments.push_back(b.loadElement(carried[outputs + i], stateAt, op.getStateRank(i)));
          for (auto [i, input] : llvm::enumerate(op.getInputs()))
            arguments.push_back(b.loadElement(input, at, op.getInputRank(i)));
          SmallVector<Value> yielded = inlineElementRegion(b, op.getStep(), arguments), next;
          for (unsigned i = 0; i < outputs; ++i)
            next.push_back(b.storeElement(yielded[states + i], carried[i], at, op.getYRank(i)));
          for (unsigned i = 0; i < states; ++i)
            next.push_back(b.storeElement(yielded[i], carried[outputs + i], stateAt, op.getStateRank(i)));
          return next;
        });
    rewriter.replaceOp(op, results);
    return success();
  }
};

} // namespace

void linnet::populateScanReferencePatterns(RewritePatternSet &patterns) {
  patterns.add<LowerScan, LowerRecurrence>(patterns.getContext());
}
