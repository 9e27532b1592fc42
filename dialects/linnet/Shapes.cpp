//===- Shapes.cpp - shapes in verifiers and shape inference ---------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/linnet/Shapes.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace linnet;

static std::string printSizes(ArrayRef<CommonSize *> sizes) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << '[';
  llvm::interleaveComma(sizes, os, [&](const CommonSize *size) {
    if (ShapedType::isDynamic(size->size))
      os << '?';
    else
      os << size->size;
  });
  os << ']';
  return text;
}

SmallVector<CommonSize> linnet::getSizes(Value value) {
  return llvm::map_to_vector(shapedType(value).getShape(), [&](int64_t size) { return CommonSize{size, value}; });
}

SmallVector<CommonSize *> linnet::refer(MutableArrayRef<CommonSize> sizes) {
  return llvm::map_to_vector(sizes, [](CommonSize &size) { return &size; });
}

LogicalResult linnet::verifyShape(Operation *op, StringRef name, Value value, ArrayRef<CommonSize *> expected,
                                  StringRef constraint) {
  ArrayRef<int64_t> shape = shapedType(value).getShape();
  auto differs = [](auto pair) {
    auto [size, common] = pair;
    return failed(verifyCompatibleDims({size, common->size}));
  };
  auto sizes = llvm::zip(shape, expected);
  auto fault = llvm::find_if(sizes, differs);
  if (shape.size() == expected.size() && fault == sizes.end()) {
    for (auto [size, common] : sizes)
      if (ShapedType::isDynamic(common->size) && !ShapedType::isDynamic(size))
        *common = {size, value};
    return success();
  }
  InFlightDiagnostic diagnostic = op->emitOpError() << "expected " << name << " to have shape " << printSizes(expected)
                                                    << ", got " << value.getType() << " [" << constraint << "]";
  if (!expected.empty()) {
    Value from = fault == sizes.end() ? expected.front()->from : std::get<1>(*fault)->from;
    diagnostic.attachNote(from.getLoc()) << "the sizes come from a value of type " << from.getType();
  }
  return diagnostic;
}

LogicalResult linnet::verifyElementType(Operation *op, StringRef name, Value value, Type expected,
                                        StringRef constraint) {
  Type element = shapedType(value).getElementType();
  if (element == expected)
    return success();
  return op->emitOpError() << "expected " << name << " to have elements of type " << expected << ", got " << element
                           << " [" << constraint << "]";
}

LogicalResult linnet::verifyPairs(Operation *op, StringRef name, Value value, StringRef constraint) {
  auto type = shapedType(value);
  if (type.getRank() >= 1 && type.getShape().back() == 2)
    return success();
  return op->emitOpError() << "expected " << name << " to have a last dimension of 2, as it is complex, got " << type
                           << " [" << constraint << "]";
}

std::array<int64_t, 3> linnet::splitShape(ArrayRef<int64_t> shape, Layout layout) {
  return layout == Layout::BTD ? std::array{shape[0], shape[1], shape[2]} : std::array{shape[0], shape[2], shape[1]};
}

SmallVector<int64_t> linnet::joinShapes(ArrayRef<int64_t> shape, ArrayRef<int64_t> inferred) {
  SmallVector<int64_t> joined(shape);
  for (auto [size, other] : llvm::zip(joined, inferred))
    if (ShapedType::isDynamic(size))
      size = other;
  return joined;
}

LogicalResult linnet::refineInits(DestinationStyleOpInterface op, ArrayRef<SmallVector<int64_t>> inferred,
                                  PatternRewriter &rewriter) {
  Operation *before = op.getOperation();
  SmallVector<Value> operands(before->getOperands());
  SmallVector<Type> resultTypes;
  bool changed = false;
  MutableOperandRange inits = op.getDpsInitsMutable();
  for (auto [index, shape] : llvm::enumerate(inferred)) {
    OpOperand &init = inits[index];
    auto type = cast<RankedTensorType>(init.get().getType());
    RankedTensorType refined = type.clone(joinShapes(type.getShape(), shape));
    resultTypes.push_back(refined);
    if (refined == type)
      continue;
    changed = true;
    operands[init.getOperandNumber()] = tensor::CastOp::create(rewriter, op.getLoc(), refined, init.get());
  }
  if (!changed)
    return rewriter.notifyMatchFailure(op, "the inits are as static as the inputs");
  Operation *after = mlir::clone(rewriter, before, resultTypes, operands);
  SmallVector<Value> results;
  for (auto [old, refined] : llvm::zip(before->getResults(), after->getResults()))
    results.push_back(old.getType() == refined.getType()
                          ? Value(refined)
                          : Value(tensor::CastOp::create(rewriter, op.getLoc(), old.getType(), refined)));
  rewriter.replaceOp(before, results);
  return success();
}

LogicalResult linnet::reifyInits(DestinationStyleOpInterface op, OpBuilder &builder,
                                 ReifiedRankedShapedTypeDims &reifiedReturnShapes) {
  for (Value init : op.getDpsInits())
    reifiedReturnShapes.push_back(tensor::getMixedSizes(builder, op.getLoc(), init));
  return success();
}

int64_t linnet::countElements(ArrayRef<int64_t> shape, int64_t dynamicSize) {
  int64_t count = 1;
  for (int64_t size : shape)
    count *= ShapedType::isDynamic(size) ? dynamicSize : size;
  return count;
}
