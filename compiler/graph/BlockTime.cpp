//===- BlockTime.cpp - a model in blocks of time --------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Model.h"
#include "compiler/Passes.h"
#include "compiler/graph/TimeAnalysis.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;

namespace linnet {
#define GEN_PASS_DEF_LINNETBLOCKTIME
#include "compiler/Passes.h.inc"

namespace {
struct LinnetBlockTime : impl::LinnetBlockTimeBase<LinnetBlockTime> {
  using LinnetBlockTimeBase::LinnetBlockTimeBase;

  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (!isModelFunction(function) || !hasTime(function))
      return;
    if (block <= 0) {
      function.emitError() << "expected a time block of at least 1, got " << block.getValue();
      return signalPassFailure();
    }
    TimeAnalysis time;
    if (failed(time.run(function))) {
      InFlightDiagnostic remark = time.culprit->emitRemark();
      remark << "not run in blocks of time: " << time.reason;
      if (time.culprit != function)
        remark << " (" << time.culprit->getName() << ")";
      return;
    }
    // Without values along time between inputs and results there is no memory to save.
    if (hasIntermediates(function, time))
      rewrite(function, time);
  }

  static bool hasIntermediates(func::FuncOp function, const TimeAnalysis &time) {
    Block &body = function.getBody().front();
    for (Operation &op : body.without_terminator())
      for (Value result : op.getResults())
        if (time.getTimeDim(result) && !isa<tensor::EmptyOp>(op) &&
            llvm::any_of(result.getUsers(), [&](Operation *user) { return user != body.getTerminator(); }))
          return true;
    return false;
  }

  /// Whether `value` is written over `carried`, through the destinations of the ops that make it.
  static bool isWrittenOver(Value value, Value carried) {
    while (value != carried) {
      auto dps = value.getDefiningOp<DestinationStyleOpInterface>();
      if (!dps)
        return false;
      value = dps.getTiedOpOperand(cast<OpResult>(value))->get();
    }
    return true;
  }

  static bool hasTime(func::FuncOp function) {
    for (unsigned i = 0; i < function.getNumArguments(); ++i)
      if (auto symbols = function.getArgAttrOfType<ArrayAttr>(i, kSymbolsAttrName))
        for (Attribute symbol : symbols)
          if (cast<StringAttr>(symbol).getValue() == TimeAnalysis::kTimeSymbol)
            return true;
    return false;
  }

  /// The size that a symbol stands for, from the first argument that has it.
  Value getSymbolSize(OpBuilder &builder, func::FuncOp function, StringRef symbol) {
    for (BlockArgument argument : function.getArguments()) {
      auto type = dyn_cast<RankedTensorType>(argument.getType());
      auto symbols = function.getArgAttrOfType<ArrayAttr>(argument.getArgNumber(), kSymbolsAttrName);
      for (int64_t dim = 0; type && dim < type.getRank(); ++dim)
        if (getSymbol(type, symbols, dim) == symbol)
          return tensor::DimOp::create(builder, argument.getLoc(), argument, dim);
    }
    return {};
  }

  /// An uninitialised tensor for result `index`.
  Value createResultInit(OpBuilder &builder, func::FuncOp function, unsigned index) {
    auto type = cast<RankedTensorType>(function.getResultTypes()[index]);
    auto symbols = function.getResultAttrOfType<ArrayAttr>(index, kSymbolsAttrName);
    SmallVector<Value> sizes;
    for (int64_t dim = 0; dim < type.getRank(); ++dim)
      if (type.isDynamicDim(dim))
        sizes.push_back(getSymbolSize(builder, function, getSymbol(type, symbols, dim)));
    return tensor::EmptyOp::create(builder, function.getLoc(), type, sizes);
  }

  void rewrite(func::FuncOp function, TimeAnalysis &time) {
    Block &body = function.getBody().front();
    Operation *returnOp = body.getTerminator();
    Location loc = function.getLoc();
    SmallVector<Operation *> varying;
    for (Operation &op : body.without_terminator())
      if (time.varies(&op))
        varying.push_back(&op);
    OpBuilder builder(returnOp);

    // What the loop carries: for each result along time its whole tensor, for a state the state, else the last value.
    SmallVector<Value> inits;
    DenseMap<Value, unsigned> carriedStates; // state argument -> its place among the carried values
    for (auto [index, operand] : llvm::enumerate(returnOp->getOperands())) {
      BlockArgument state;
      if (getResultRole(function, index) == kRoleState)
        for (BlockArgument argument : function.getArguments())
          if (getArgRole(function, argument.getArgNumber()) == kRoleState &&
              getArgName(function, argument.getArgNumber()) == getResultName(function, index))
            state = argument;
      if (state)
        carriedStates[state] = inits.size();
      inits.push_back(state ? Value(state) : createResultInit(builder, function, index));
    }

    Value zero = arith::ConstantIndexOp::create(builder, loc, 0),
          step = arith::ConstantIndexOp::create(builder, loc, block);
    Value total = getSymbolSize(builder, function, TimeAnalysis::kTimeSymbol);
    auto loop = scf::ForOp::create(
        builder, loc, zero, total, step, inits, [&](OpBuilder &b, Location loc, Value start, ValueRange carried) {
          AffineExpr d0, s0;
          bindDims(b.getContext(), d0);
          bindSymbols(b.getContext(), s0);
          Value size = affine::AffineMinOp::create(
              b, loc, AffineMap::get(1, 1, {b.getAffineConstantExpr(block), s0 - d0}, b.getContext()),
              ValueRange{start, total});
          IRMapping mapping;
          for (BlockArgument argument : function.getArguments()) {
            if (auto dim = time.getTimeDim(argument))
              mapping.map(argument, cutTime(b, loc, argument, *dim, start, size));
            else if (auto it = carriedStates.find(argument); it != carriedStates.end())
              mapping.map(argument, carried[it->second]);
          }
          for (Operation *op : varying)
            b.clone(*op, mapping);
          SmallVector<Value> yielded;
          for (auto [operand, whole] : llvm::zip_equal(returnOp->getOperands(), carried)) {
            Value result = mapping.lookupOrDefault(operand);
            if (auto dim = time.getTimeDim(operand))
              result = pasteTime(b, loc, result, whole, *dim, start, size);
            else if (!isWrittenOver(result, whole))
              // The value of the last block goes into the buffer that is carried.
              result = linalg::CopyOp::create(b, loc, result, whole).getResult(0);
            yielded.push_back(result);
          }
          scf::YieldOp::create(b, loc, yielded);
        });
    returnOp->setOperands(loop.getResults());
    for (Operation *op : llvm::reverse(varying))
      op->erase();
  }

  struct Slice {
    SmallVector<OpFoldResult> offsets, sizes, strides;
  };
  static Slice sliceOf(OpBuilder &b, Location loc, Value tensor, int64_t dim, Value start, Value size) {
    Slice slice;
    slice.sizes = tensor::getMixedSizes(b, loc, tensor);
    slice.offsets.assign(slice.sizes.size(), b.getIndexAttr(0));
    slice.strides.assign(slice.sizes.size(), b.getIndexAttr(1));
    slice.offsets[dim] = start;
    slice.sizes[dim] = size;
    return slice;
  }
  static Value cutTime(OpBuilder &b, Location loc, Value tensor, int64_t dim, Value start, Value size) {
    Slice slice = sliceOf(b, loc, tensor, dim, start, size);
    return tensor::ExtractSliceOp::create(b, loc, tensor, slice.offsets, slice.sizes, slice.strides);
  }
  static Value pasteTime(OpBuilder &b, Location loc, Value part, Value whole, int64_t dim, Value start, Value size) {
    // The sizes of the part, not of the whole: they fold to those of the inputs, and the part is then known to lie
    // there.
    Slice slice = sliceOf(b, loc, part, dim, start, size);
    return tensor::InsertSliceOp::create(b, loc, part, whole, slice.offsets, slice.sizes, slice.strides);
  }
};
} // namespace
} // namespace linnet
