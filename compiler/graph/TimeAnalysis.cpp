//===- TimeAnalysis.cpp - which dimension of a value is time --------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/graph/TimeAnalysis.h"

#include "compiler/Model.h"
#include "dialects/linnet/Linnet.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/Transforms/RegionUtils.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace linnet;

LogicalResult TimeAnalysis::fail(Operation *op, const Twine &why) {
  reason = why.str();
  culprit = op;
  return failure();
}

void TimeAnalysis::setTimeDim(Value value, std::optional<int64_t> dim) {
  if (dim)
    timeDims[value] = *dim;
}

bool TimeAnalysis::varies(Operation *op) const {
  return llvm::any_of(op->getOperands(), [&](Value value) { return varies(value); }) || capturesVarying(op);
}

bool TimeAnalysis::capturesVarying(Operation *op) const {
  llvm::SetVector<Value> captured;
  for (Region &region : op->getRegions())
    getUsedValuesDefinedAbove(region, region, captured);
  return llvm::any_of(captured, [&](Value value) { return varies(value); });
}

//===----------------------------------------------------------------------===//
// States
//===----------------------------------------------------------------------===//

/// Whether `operand` is the state before the first token of a scan, which the state after the last one replaces.
static bool isStateInit(OpOperand &operand) {
  auto scan = dyn_cast<TimeOpInterface>(operand.getOwner());
  auto dps = dyn_cast<DestinationStyleOpInterface>(operand.getOwner());
  return scan && dps && dps.isDpsInit(&operand) &&
         !scan.getResultTimeDim(dps.getTiedOpResult(&operand).getResultNumber());
}

/// Whether `op` gives its first operand another shape and nothing else.
static bool isReshape(Operation *op) {
  return isa<tensor::CastOp, linalg::TransposeOp, tensor::ExpandShapeOp, tensor::CollapseShapeOp>(op);
}

/// Where `value` comes from, through `reshapes`, the nearest first. Casts are left out.
static Value skipReshapes(Value value, SmallVectorImpl<Operation *> &reshapes) {
  while (Operation *op = value.getDefiningOp()) {
    if (!isReshape(op))
      break;
    if (!isa<tensor::CastOp>(op))
      reshapes.push_back(op);
    value = op->getOperand(0);
  }
  return value;
}

/// Whether `after` brings back the shape that `before` changed.
static bool isUndoneBy(Operation *before, Operation *after) {
  if (auto first = dyn_cast<linalg::TransposeOp>(before)) {
    auto second = dyn_cast<linalg::TransposeOp>(after);
    return second && isIdentityPermutation(applyPermutation(first.getPermutation(), second.getPermutation()));
  }
  if (auto collapse = dyn_cast<tensor::CollapseShapeOp>(before)) {
    auto expand = dyn_cast<tensor::ExpandShapeOp>(after);
    return expand && expand.getReassociationIndices() == collapse.getReassociationIndices();
  }
  auto collapse = dyn_cast<tensor::CollapseShapeOp>(after);
  return collapse &&
         cast<tensor::ExpandShapeOp>(before).getReassociationIndices() == collapse.getReassociationIndices();
}

Value TimeAnalysis::getReturnedState(func::FuncOp function, BlockArgument state) {
  StringRef name = getArgName(function, state.getArgNumber());
  Operation *returnOp = function.getBody().front().getTerminator();
  for (OpOperand &operand : returnOp->getOpOperands())
    if (getResultRole(function, operand.getOperandNumber()) == kRoleState &&
        getResultName(function, operand.getOperandNumber()) == name)
      return operand.get();
  return {};
}

LogicalResult TimeAnalysis::checkStateOfScan(func::FuncOp function, OpOperand &init) {
  Operation *scan = init.getOwner();
  if (llvm::is_contained(cast<ShapedType>(init.get().getType()).getShape(), 0))
    return success();
  SmallVector<Operation *> before, after;
  auto state = dyn_cast<BlockArgument>(skipReshapes(init.get(), before));
  if (!state || getArgRole(function, state.getArgNumber()) != kRoleState)
    return fail(scan, "its initial state is no state of the function");
  Value returned = getReturnedState(function, state);
  Value final = cast<DestinationStyleOpInterface>(scan).getTiedOpResult(&init);
  if (!returned || skipReshapes(returned, after) != final || before.size() != after.size() ||
      !llvm::all_of(llvm::zip(before, llvm::reverse(after)),
                    [](auto pair) { return isUndoneBy(std::get<0>(pair), std::get<1>(pair)); }))
    return fail(scan, "its final state is not the one that the function returns");
  return success();
}

LogicalResult TimeAnalysis::checkUsesOfState(func::FuncOp function, BlockArgument state) {
  SmallVector<Value> values = {state};
  while (!values.empty())
    for (OpOperand &use : values.pop_back_val().getUses()) {
      Operation *user = use.getOwner();
      if (isReshape(user) && use.getOperandNumber() == 0)
        values.push_back(user->getResult(0));
      else if (!isa<tensor::DimOp>(user) && !isStateInit(use) &&
               !(isa<func::ReturnOp>(user) && getReturnedState(function, state) == state))
        return fail(user, "it reads a state of the function");
    }
  return success();
}

/// A block starts from the states that the block before it ended with: no scan may start from anything else, and
/// nothing else may read them.
LogicalResult TimeAnalysis::checkStates(func::FuncOp function) {
  for (BlockArgument argument : function.getArguments())
    if (getArgRole(function, argument.getArgNumber()) == kRoleState && failed(checkUsesOfState(function, argument)))
      return failure();
  for (Operation &op : function.getBody().front())
    if (varies(&op))
      for (OpOperand &operand : op.getOpOperands())
        if (isStateInit(operand) && failed(checkStateOfScan(function, operand)))
          return failure();
  return success();
}

//===----------------------------------------------------------------------===//
// Time
//===----------------------------------------------------------------------===//

bool TimeAnalysis::isTimeSize(OpFoldResult size) const {
  auto value = dyn_cast<Value>(size);
  auto dim = value ? value.getDefiningOp<tensor::DimOp>() : nullptr;
  if (!dim || !dim.getConstantIndex())
    return false;
  return getTimeDim(dim.getSource()) == dim.getConstantIndex();
}

/// T - 1, written with arith or as an affine map.
bool TimeAnalysis::isLastToken(OpFoldResult offset) const {
  auto value = dyn_cast<Value>(offset);
  if (!value)
    return false;
  if (auto sub = value.getDefiningOp<arith::SubIOp>())
    return isTimeSize(sub.getLhs()) && getConstantIntValue(sub.getRhs()) == 1;
  if (auto add = value.getDefiningOp<arith::AddIOp>())
    return isTimeSize(add.getLhs()) && getConstantIntValue(add.getRhs()) == -1;
  if (auto apply = value.getDefiningOp<affine::AffineApplyOp>()) {
    AffineMap map = apply.getAffineMap();
    if (map.getNumResults() != 1 || apply->getNumOperands() != 1)
      return false;
    AffineExpr input =
        map.getNumDims() == 1 ? getAffineDimExpr(0, map.getContext()) : getAffineSymbolExpr(0, map.getContext());
    return map.getResult(0) == input - 1 && isTimeSize(apply->getOperand(0));
  }
  return false;
}

LogicalResult TimeAnalysis::run(func::FuncOp function) {
  if (!llvm::hasSingleElement(function.getBody()))
    return fail(function, "it has control flow");
  for (BlockArgument argument : function.getArguments()) {
    auto type = dyn_cast<RankedTensorType>(argument.getType());
    StringRef role = getArgRole(function, argument.getArgNumber());
    if (!type)
      continue;
    auto symbols = function.getArgAttrOfType<ArrayAttr>(argument.getArgNumber(), kSymbolsAttrName);
    for (int64_t dim = 0; dim < type.getRank(); ++dim)
      if (getSymbol(type, symbols, dim) == kTimeSymbol)
        timeDims[argument] = dim;
    if (role == kRoleState || timeDims.contains(argument))
      varying.insert(argument);
  }
  if (timeDims.empty())
    return fail(function, "no input has a dimension T");
  for (Operation &op : function.getBody().front()) {
    if (!varies(&op))
      continue;
    varying.insert(op.result_begin(), op.result_end());
    if (failed(visit(&op)))
      return failure();
  }
  return checkStates(function);
}

LogicalResult TimeAnalysis::visit(Operation *op) {
  return TypeSwitch<Operation *, LogicalResult>(op)
      .Case<tensor::DimOp, func::ReturnOp>([](Operation *) { return success(); })
      .Case([&](tensor::EmptyOp empty) {
        for (auto [dim, size] : llvm::enumerate(empty.getMixedSizes()))
          if (isTimeSize(size))
            timeDims[empty.getResult()] = dim;
        return success();
      })
      .Case([&](tensor::CastOp cast) {
        setTimeDim(cast.getResult(), getTimeDim(cast.getSource()));
        return success();
      })
      .Case([&](tensor::ExtractSliceOp slice) -> LogicalResult {
        std::optional<int64_t> time = getTimeDim(slice.getSource());
        if (!time)
          return success();
        OpFoldResult offset = slice.getMixedOffsets()[*time], size = slice.getMixedSizes()[*time];
        if (getConstantIntValue(size) == 1 && isLastToken(offset))
          return success(); // the last token of the last block
        if (!isConstantIntValue(offset, 0) || !isTimeSize(size) ||
            !isConstantIntValue(slice.getMixedStrides()[*time], 1))
          return fail(op, "a slice cuts time");
        llvm::SmallBitVector dropped = slice.getDroppedDims();
        int64_t position = *time;
        for (int64_t i = 0; i < *time; ++i)
          position -= dropped.test(i);
        timeDims[slice.getResult()] = position;
        return success();
      })
      .Case([&](tensor::InsertSliceOp slice) -> LogicalResult {
        std::optional<int64_t> time = getTimeDim(slice.getDest());
        if (!time && !getTimeDim(slice.getSource()))
          return fail(op, "an operand depends on the tokens of a block as a whole");
        if (!time || getTimeDim(slice.getSource()) != time ||
            slice.getSourceType().getRank() != slice.getType().getRank())
          return fail(op, "operands run through time differently");
        if (!isConstantIntValue(slice.getMixedOffsets()[*time], 0) ||
            !isConstantIntValue(slice.getMixedStrides()[*time], 1))
          return fail(op, "a slice cuts time");
        timeDims[slice.getResult()] = *time;
        return success();
      })
      .Case([&](tensor::PadOp pad) -> LogicalResult {
        std::optional<int64_t> time = getTimeDim(pad.getSource());
        if (!time)
          return success();
        if (pad.getPaddedDims().test(*time))
          return fail(op, "it pads time");
        if (!pad.getConstantPaddingValue() || capturesVarying(op))
          return fail(op, "its region reads what changes from block to block");
        timeDims[pad.getResult()] = *time;
        return success();
      })
      .Case<tensor::ExpandShapeOp, tensor::CollapseShapeOp>([&](auto reshape) -> LogicalResult {
        std::optional<int64_t> time = getTimeDim(reshape.getSrc());
        if (!time)
          return success();
        bool expands = isa<tensor::ExpandShapeOp>(op);
        for (auto [outer, group] : llvm::enumerate(reshape.getReassociationIndices())) {
          bool holdsTime = expands ? static_cast<int64_t>(outer) == *time : llvm::is_contained(group, *time);
          if (!holdsTime)
            continue;
          if (group.size() != 1)
            return fail(op, "a reshape mixes time with another dimension");
          timeDims[reshape.getResult()] = expands ? group[0] : outer;
        }
        return success();
      })
      .Case([&](TimeOpInterface scan) -> LogicalResult {
        if (!scan.isCausal())
          return fail(op, "it is not causal");
        for (OpOperand &operand : op->getOpOperands()) {
          std::optional<int64_t> time = getTimeDim(operand.get()), expected = scan.getOperandTimeDim(operand);
          if (time == expected && (time || !varies(operand.get()) || isStateInit(operand)))
            continue;
          return fail(op, time       ? "T is not the dimension that it scans"
                          : expected ? "an operand along time does not come from an input along time"
                                     : "an operand depends on the tokens of a block as a whole");
        }
        if (capturesVarying(op))
          return fail(op, "its region reads what changes from block to block");
        for (OpResult result : op->getResults())
          setTimeDim(result, scan.getResultTimeDim(result.getResultNumber()));
        return success();
      })
      .Case([&](linalg::LinalgOp linalgOp) -> LogicalResult {
        std::optional<unsigned> loop;
        for (OpOperand &operand : op->getOpOperands()) {
          std::optional<int64_t> time = getTimeDim(operand.get());
          if (!time)
            continue;
          auto dim = dyn_cast<AffineDimExpr>(linalgOp.getMatchingIndexingMap(&operand).getResult(*time));
          if (!dim || (loop && *loop != dim.getPosition()))
            return fail(op, "operands run through time differently");
          loop = dim.getPosition();
        }
        if (!loop)
          return success();
        if (linalgOp.getIteratorTypesArray()[*loop] != utils::IteratorType::parallel)
          return fail(op, "it reduces along time");
        for (OpOperand &operand : op->getOpOperands()) {
          AffineMap map = linalgOp.getMatchingIndexingMap(&operand);
          if (getTimeDim(operand.get()))
            continue;
          if (map.isFunctionOfDim(*loop))
            return fail(op, "an operand along time does not come from an input along time");
          if (varies(operand.get()))
            return fail(op, "an operand depends on the tokens of a block as a whole");
        }
        if (capturesVarying(op))
          return fail(op, "its region reads what changes from block to block");
        // Position within a block is not position in time.
        if (linalgOp.hasIndexSemantics()) {
          WalkResult walked = op->walk([&](linalg::IndexOp index) {
            return index.getDim() == *loop ? WalkResult::interrupt() : WalkResult::advance();
          });
          if (walked.wasInterrupted())
            return fail(op, "it uses the position in time");
        }
        for (OpOperand &init : linalgOp.getDpsInitsMutable()) {
          AffineMap map = linalgOp.getMatchingIndexingMap(&init);
          for (auto [i, expression] : llvm::enumerate(map.getResults()))
            if (expression == getAffineDimExpr(*loop, map.getContext()) && isa<RankedTensorType>(init.get().getType()))
              timeDims[linalgOp.getTiedOpResult(&init)] = i;
        }
        return success();
      })
      .Default([&](Operation *op) -> LogicalResult {
        // Sizes and other scalars; they are computed anew in each block.
        if (llvm::none_of(op->getOperandTypes(), llvm::IsaPred<ShapedType>) && isMemoryEffectFree(op))
          return success();
        return fail(op, "it is not known to run block by block");
      });
}
