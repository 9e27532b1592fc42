//===- Loops.cpp - loops over tensors -------------------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/onnx/Loops.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace linnet::onnx_frontend;

std::optional<Value> linnet::onnx_frontend::fitType(Node &node, const Tensor &tensor, int32_t type,
                                                    RankedTensorType wanted, const Twine &what) {
  Value value = node.value(tensor);
  auto have = cast<RankedTensorType>(value.getType());
  if (have == wanted && tensor.type == type)
    return value;
  if (!node.expect(tensor.type == type && have.getRank() == wanted.getRank() &&
                       succeeded(verifyCompatibleShape(have, wanted)),
                   "expected " + what + " to keep its type and shape, got " + showTensor(tensor)))
    return std::nullopt;
  return tensor::CastOp::create(node.ops, wanted, value);
}

Value linnet::onnx_frontend::copyOf(Node &node, Value value) {
  return bufferization::AllocTensorOp::create(node.ops, cast<RankedTensorType>(value.getType()), ValueRange(), value);
}

SmallVector<Value> linnet::onnx_frontend::keepInPlace(Node &node, ArrayRef<Value> values, ValueRange carried) {
  SmallVector<Value> copies, results;
  for (Value value : values)
    copies.push_back(copyOf(node, value));
  for (auto [copy, destination] : llvm::zip(copies, carried))
    results.push_back(bufferization::MaterializeInDestinationOp::create(node.ops, copy, destination).getResult());
  return results;
}

Tensor linnet::onnx_frontend::materialize(Node &node, const Tensor &tensor) {
  return node.wrap(node.value(tensor), tensor.type, tensor.sizes);
}

std::optional<Step> linnet::onnx_frontend::buildLoop(Node &node, OpFoldResult count, ArrayRef<Tensor> inits,
                                                     StepBody body, ArrayRef<bool> reversed) {
  ImplicitLocOpBuilder &ops = node.ops;
  SmallVector<Value> initial;
  for (const Tensor &init : inits)
    initial.push_back(copyOf(node, node.value(init))); // arguments are not written
  Value zero = node.asValue(node.size(0)), one = node.asValue(node.size(1)), bound = node.asValue(count);
  auto loop = scf::ForOp::create(ops, zero, bound, one, initial);
  if (loop.getBody()->empty() || !loop.getBody()->back().hasTrait<OpTrait::IsTerminator>()) {
    ops.setInsertionPointToEnd(loop.getBody());
    scf::YieldOp::create(ops, loop.getRegionIterArgs());
  }
  ops.setInsertionPoint(loop.getBody()->getTerminator());
  SmallVector<Tensor> carried;
  for (auto [init, argument] : llvm::zip(inits, loop.getRegionIterArgs()))
    carried.push_back(node.wrap(argument, init.type, init.sizes));
  std::optional<Step> step = body(loop.getInductionVar(), carried);
  if (!step)
    return std::nullopt;
  SmallVector<Value> next;
  for (auto [i, tensor] : llvm::enumerate(step->carried)) {
    std::optional<Value> value =
        fitType(node, tensor, inits[i].type, cast<RankedTensorType>(initial[i].getType()), "carried value " + Twine(i));
    if (!value)
      return std::nullopt;
    next.push_back(*value);
  }
  SmallVector<Value> parts;
  for (const Tensor &tensor : step->collected)
    parts.push_back(node.value(tensor));
  next = keepInPlace(node, next, loop.getRegionIterArgs());
  cast<scf::YieldOp>(loop.getBody()->getTerminator()).getResultsMutable().assign(next);
  ops.setInsertionPoint(loop);
  SmallVector<Value> stacks;
  SmallVector<Sizes> stackSizes;
  for (const Tensor &tensor : step->collected) {
    Sizes sizes = {count};
    for (OpFoldResult size : tensor.sizes) {
      auto value = dyn_cast<Value>(size);
      bool isOutside = !value || !loop.getBody()->findAncestorOpInBlock(
                                     *(value.getDefiningOp() ? value.getDefiningOp() : loop.getOperation()));
      if (!node.expect(isOutside, "expected what a loop collects to have one shape, got " + showTensor(tensor)))
        return std::nullopt;
      sizes.push_back(size);
    }
    stackSizes.push_back(sizes);
    stacks.push_back(node.empty(tensor.type, sizes).value);
  }
  Step result;
  IRRewriter rewriter(ops);
  rewriter.setInsertionPoint(loop);
  auto finish = [&](OpBuilder &b, Location, ArrayRef<BlockArgument> arguments) {
    SmallVector<Value> yields;
    OpBuilder::InsertionGuard guard(ops);
    ops.setInsertionPoint(b.getInsertionBlock(), b.getInsertionPoint());
    auto inner = cast<scf::ForOp>(b.getInsertionBlock()->getParentOp());
    for (auto [i, part, stack] : llvm::enumerate(parts, arguments)) {
      Value place = inner.getInductionVar();
      if (i < reversed.size() && reversed[i])
        place = arith::SubIOp::create(ops, arith::SubIOp::create(ops, bound, one), place);
      Sizes sizes(stackSizes[i]), offsets(sizes.size(), node.size(0)), strides(sizes.size(), node.size(1));
      sizes[0] = node.size(1);
      offsets[0] = place;
      yields.push_back(tensor::InsertSliceOp::create(ops, part, stack, offsets, sizes, strides));
    }
    return yields;
  };
  FailureOr<LoopLikeOpInterface> extended =
      cast<LoopLikeOpInterface>(loop.getOperation())
          .replaceWithAdditionalYields(rewriter, stacks, /*replaceInitOperandUsesInLoop=*/false, finish);
  if (failed(extended)) {
    (void)node.error("the loop cannot collect its results");
    return std::nullopt;
  }
  ops.setInsertionPointAfter(*extended);
  ResultRange results = (*extended)->getResults();
  for (auto [i, init] : llvm::enumerate(inits))
    result.carried.push_back(node.wrap(results[i], init.type, init.sizes));
  for (auto [i, tensor] : llvm::enumerate(step->collected))
    result.collected.push_back(node.wrap(results[inits.size() + i], tensor.type, stackSizes[i]));
  return result;
}

Tensor linnet::onnx_frontend::takeAt(Node &node, const Tensor &x, int64_t axis, Value place) {
  Sizes sizes(x.sizes), offsets(x.rank(), node.size(0)), strides(x.rank(), node.size(1));
  sizes[axis] = node.size(1);
  offsets[axis] = place;
  Sizes rest(x.sizes);
  rest.erase(rest.begin() + axis);
  Value slice =
      tensor::ExtractSliceOp::create(node.ops, node.irType(x.type, rest), node.value(x), offsets, sizes, strides);
  return node.wrap(slice, x.type, rest);
}
