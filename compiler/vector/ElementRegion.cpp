//===- ElementRegion.cpp - regions on elements as vector code -------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/vector/ElementRegion.h"

#include "dialects/linnet/Linnet.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace linnet;

static bool isElementType(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return type.isIntOrFloat() || (tensor && tensor.hasStaticShape() && tensor.getElementType().isIntOrFloat());
}

/// The place of tensor.extract in row-major order, if it is constant.
static std::optional<int64_t> getPosition(tensor::ExtractOp op) {
  int64_t position = 0;
  for (auto [index, size] : llvm::zip_equal(op.getIndices(), op.getTensor().getType().getShape())) {
    std::optional<int64_t> constant = getConstantIntValue(index);
    if (!constant || *constant < 0 || *constant >= size)
      return std::nullopt;
    position = position * size + *constant;
  }
  return position;
}

std::string linnet::explainUncoveredRegion(Region &region) {
  Block &block = region.front();
  for (Operation &op : block) {
    if (isa<YieldOp, arith::ConstantOp>(op))
      continue;
    auto extract = dyn_cast<tensor::ExtractOp>(op);
    bool known = extract ? getPosition(extract).has_value()
                         : isa<tensor::FromElementsOp>(op) || OpTrait::hasElementwiseMappableTraits(&op);
    if (!known || !llvm::all_of(op.getResultTypes(), isElementType))
      return ("the region holds " + op.getName().getStringRef() + ", which has no vector form").str();
    for (Value operand : op.getOperands())
      // Constants are welcome: canonicalization moves them out.
      if (!region.isAncestor(operand.getParentRegion()) && !operand.getDefiningOp<arith::ConstantOp>())
        return "the region uses a value from outside";
  }
  return "";
}

static int64_t countComponents(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor ? tensor.getNumElements() : 1;
}

static Components vectorizeConstant(VectorBuilder &b, arith::ConstantOp op) {
  Type type = op.getType();
  if (type.isIndex())
    return {}; // an index of tensor.extract, read where it is used
  SmallVector<Attribute> elements = {op.getValue()};
  if (auto dense = dyn_cast<DenseElementsAttr>(op.getValue()))
    elements = llvm::to_vector(dense.getValues<Attribute>());
  Components components;
  for (Attribute element : elements)
    components.push_back(arith::ConstantOp::create(b, DenseElementsAttr::get(b.vectorOf(type), element)));
  return components;
}

/// One copy of an elementwise op per component of its result; scalar operands go to every component.
static Components vectorizeElementwise(VectorBuilder &b, Operation *op, DenseMap<Value, Components> &mapping) {
  Components components;
  for (int64_t i = 0; i < countComponents(op->getResult(0).getType()); ++i) {
    SmallVector<Value> operands;
    for (Value operand : op->getOperands()) {
      const Components &source = mapping[operand];
      operands.push_back(source[source.size() == 1 ? 0 : i]);
    }
    Type type = b.vectorOf(op->getResult(0).getType());
    components.push_back(mlir::clone(b, op, type, operands)->getResult(0));
  }
  return components;
}

SmallVector<Components> linnet::vectorizeRegion(VectorBuilder &b, Region &region, ArrayRef<Components> arguments) {
  Block &block = region.front();
  DenseMap<Value, Components> mapping;
  for (auto [argument, components] : llvm::zip_equal(block.getArguments(), arguments))
    mapping[argument] = components;
  auto mapConstant = [&](Value value) {
    auto constant = value.getDefiningOp<arith::ConstantOp>();
    if (constant && !mapping.contains(value))
      mapping[value] = vectorizeConstant(b, constant);
  };
  for (Operation &op : block) {
    for (Value operand : op.getOperands())
      mapConstant(operand);
    if (isa<YieldOp>(op))
      break;
    Components components;
    if (auto constant = dyn_cast<arith::ConstantOp>(op)) {
      components = vectorizeConstant(b, constant);
    } else if (auto extract = dyn_cast<tensor::ExtractOp>(op)) {
      components = {mapping[extract.getTensor()][*getPosition(extract)]};
    } else if (auto pack = dyn_cast<tensor::FromElementsOp>(op)) {
      for (Value element : pack.getElements())
        components.push_back(mapping[element][0]);
    } else {
      components = vectorizeElementwise(b, &op, mapping);
    }
    mapping[op.getResult(0)] = std::move(components);
  }
  SmallVector<Components> yielded;
  for (Value value : block.getTerminator()->getOperands())
    yielded.push_back(mapping[value]);
  return yielded;
}
