//===- Creation.cpp - tensors out of numbers -===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/onnx/Node.h"
#include "frontends/onnx/Registry.h"

#include "frontends/onnx/Importer.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

#include <cmath>

using namespace mlir;
using namespace linnet::onnx_frontend;

static void lowerConstant(Node &node) {
  if (const onnx::AttributeProto *value = node.attribute("value")) {
    llvm::Expected<StoredTensor> stored = readTensor(value->t(), node.importer.folder());
    if (!stored)
      return (void)node.error(llvm::toString(stored.takeError()));
    return node.out(0, makeConstant(node, *stored));
  }
  StoredTensor stored;
  auto append = [&](auto number) { stored.data.append(reinterpret_cast<const char *>(&number), sizeof(number)); };
  if (const onnx::AttributeProto *value = node.attribute("value_float")) {
    stored.type = kFloat;
    append(value->f());
  } else if (const onnx::AttributeProto *value = node.attribute("value_int")) {
    stored.type = kInt64;
    append(value->i());
  } else if (const onnx::AttributeProto *value = node.attribute("value_floats")) {
    stored.type = kFloat;
    stored.shape = {value->floats_size()};
    for (float number : value->floats())
      append(number);
  } else if (const onnx::AttributeProto *value = node.attribute("value_ints")) {
    stored.type = kInt64;
    stored.shape = {value->ints_size()};
    for (int64_t number : value->ints())
      append(number);
  } else {
    return (void)node.error("expected a value of floats, integers or bool; strings and sparse tensors are not "
                            "supported");
  }
  node.out(0, makeConstant(node, stored));
}

/// The sizes that an input of the running model has, by what the model states for the output.
static std::optional<Sizes> sizesFrom(Node &node, int64_t input) {
  const Tensor &shape = node.in(input);
  if (!shape.known) {
    std::optional<Sizes> stated = node.declared(0);
    node.expect(stated.has_value(), "expected the shape (input " + Twine(input) +
                                        ") to be known at compile time, or the model to state the shape of the output");
    return stated;
  }
  for (OpFoldResult size : *shape.known)
    if (std::optional<int64_t> number = getConstantIntValue(size); number && *number < 0) {
      (void)node.error("expected sizes of 0 or more, got " + Twine(*number));
      return std::nullopt;
    }
  return *shape.known;
}

static void lowerConstantOfShape(Node &node) {
  std::optional<Sizes> sizes = sizesFrom(node, 0);
  if (!sizes)
    return;
  StoredTensor stored;
  stored.type = kFloat;
  stored.shape = {1};
  stored.data.assign(4, 0);
  if (const onnx::AttributeProto *value = node.attribute("value")) {
    llvm::Expected<StoredTensor> read = readTensor(value->t(), node.importer.folder());
    if (!read)
      return (void)node.error(llvm::toString(read.takeError()));
    stored = std::move(*read);
    int64_t count = 1;
    for (int64_t size : stored.shape)
      count *= size;
    if (!node.expect(count == 1, "expected a value of one element, got " + Twine(count)))
      return;
    stored.shape = {1};
  }
  Tensor value = makeConstant(node, stored);
  std::optional<int64_t> count = getConstantIntValue(node.product(*sizes));
  if (value.known && count && *count <= 64 && sizes->size() <= 2) {
    SmallVector<int64_t> shape = *getConstantIntValues(*sizes);
    return node.out(0, node.known(Sizes(*count, value.known->front()), shape, value.type));
  }
  node.out(0, node.broadcastTo(node.reshape(value, {}), *sizes));
}

static void lowerRange(Node &node) {
  if (!node.expectNumbers(0) || !node.expectSameType(1) || !node.expectSameType(2))
    return;
  std::optional<Sizes> stated = node.declared(0);
  int32_t type = node.in(0).type;
  OpFoldResult count;
  if (isInteger(type) && node.numbers(node.in(0)) == SmallVector<int64_t>{0} &&
      node.numbers(node.in(2)) == SmallVector<int64_t>{1} && node.in(1).known) {
    count = node.in(1).known->front(); // 0, 1, ... up to a size
  } else {
    std::optional<double> start = node.splat(node.in(0)), limit = node.splat(node.in(1)), step = node.splat(node.in(2));
    if (start && limit && step && *step != 0)
      count = node.size(static_cast<int64_t>(std::max(0.0, std::ceil((*limit - *start) / *step))));
    else if (stated && stated->size() == 1)
      count = stated->front();
    else
      return (void)node.error("expected start, limit and delta to be known at compile time, or the model to state the "
                              "shape of the output");
  }
  Value start = node.scalar(node.in(0)), step = node.scalar(node.in(2));
  node.out(0, node.generate(type, count, [&](Scalars &outer, ValueRange i) {
    Scalars s(outer.getLoc(), outer, getComputeType(type));
    Value index = s.fromIndex(i[0], s.type);
    return s.convert(s.add(s.convert(start, type, s.type), s.mul(index, s.convert(step, type, s.type))), s.type, type);
  }));
}

static void lowerEyeLike(Node &node) {
  const Tensor &x = node.in(0);
  auto type = static_cast<int32_t>(node.integer("dtype", x.type));
  if (!node.expectRank(0, 2, 2) ||
      !node.expect(getIrType(node.ops.getContext(), type) != Type(), "expected a type of numbers or bool"))
    return;
  int64_t k = node.integer("k", 0);
  node.out(0, node.generate(type, x.sizes, [&](Scalars &s, ValueRange i) {
    Value isOn = s.compareIndex(Scalars::Order::Equal, s.addIndex(i[0], s.index(k)), i[1]);
    return s.convert(isOn, kBool, type);
  }));
}

static void lowerOneHot(Node &node) {
  const Tensor &indices = node.in(0), &values = node.in(2);
  if (!node.expectNumbers(0) || !node.expectNumbers(1) || !node.expectRank(2, 1, 1))
    return;
  std::optional<int64_t> axis = node.axis(node.integer("axis", -1), indices.rank() + 1);
  if (!axis)
    return;
  std::optional<Sizes> stated = node.declared(0);
  OpFoldResult depth;
  if (node.in(1).known && !node.in(1).known->empty())
    depth = node.in(1).known->front();
  else if (std::optional<double> number = node.splat(node.in(1)))
    depth = node.size(static_cast<int64_t>(*number));
  else if (stated && static_cast<int64_t>(stated->size()) == indices.rank() + 1)
    depth = (*stated)[*axis];
  else
    return (void)node.error("expected the depth (input 1) to be known at compile time, or the model to state the shape "
                            "of the output");
  Sizes sizes(indices.sizes);
  sizes.insert(sizes.begin() + *axis, depth);
  Value source = node.value(indices), off = node.scalar(values, 0), on = node.scalar(values, 1);
  node.out(0, node.generate(values.type, sizes, [&](Scalars &s, ValueRange i) {
    SmallVector<Value> place(i);
    place.erase(place.begin() + *axis);
    Value index = s.toIndex(s.convert(s.load(source, place), indices.type, kInt64), kInt64);
    Value chosen = s.wrapIndex(index, node.asValue(depth));
    return s.select(s.compareIndex(Scalars::Order::Equal, chosen, i[*axis]), on, off);
  }));
}

/// a0 - a1 cos(2 pi n / N) + a2 cos(4 pi n / N)
static void lowerWindow(Node &node, double a0, double a1, double a2) {
  auto type = static_cast<int32_t>(node.integer("output_datatype", kFloat));
  std::optional<Sizes> stated = node.declared(0);
  if (!node.expectInteger(0) || !node.expect(isFloat(type), "expected output_datatype to be a type of floats"))
    return;
  OpFoldResult size;
  if (node.in(0).known && node.in(0).known->size() == 1)
    size = node.in(0).known->front();
  else if (stated && stated->size() == 1)
    size = stated->front();
  else
    return (void)node.error("expected the size to be known at compile time, or the model to state the shape of the "
                            "output");
  bool isPeriodic = node.integer("periodic", 1) != 0;
  OpFoldResult period = isPeriodic ? size : node.subSizes(size, node.size(1));
  Value length = node.asValue(period);
  node.out(0, node.generate(type, size, [&](Scalars &outer, ValueRange i) {
    Scalars s(outer.getLoc(), outer, getComputeType(type));
    Value angle =
        s.div(s.mul(s.fromIndex(i[0], s.type), s.number(2 * 3.14159265358979323846)), s.fromIndex(length, s.type));
    Value result = s.sub(s.number(a0), s.mul(s.number(a1), s.cos(angle)));
    if (a2 != 0)
      result = s.add(result, s.mul(s.number(a2), s.cos(s.add(angle, angle))));
    return s.convert(result, s.type, type);
  }));
}
static void lowerHann(Node &node) { lowerWindow(node, 0.5, 0.5, 0); }
static void lowerHamming(Node &node) { lowerWindow(node, 25.0 / 46, 1 - 25.0 / 46, 0); }
static void lowerBlackman(Node &node) { lowerWindow(node, 0.42, 0.5, 0.08); }

/// Shape and Size are always known (foldKnownValues).
static void lowerKnown(Node &node) { (void)node.error("expected an input with a shape"); }

ArrayRef<Operator> linnet::onnx_frontend::getCreationOperators() {
  static const Operator operators[] = {
      {"BlackmanWindow", 1, 1, lowerBlackman},
      {"Constant", 0, 0, lowerConstant},
      {"ConstantOfShape", 1, 1, lowerConstantOfShape},
      {"EyeLike", 1, 1, lowerEyeLike},
      {"HammingWindow", 1, 1, lowerHamming},
      {"HannWindow", 1, 1, lowerHann},
      {"OneHot", 3, 3, lowerOneHot},
      {"Range", 3, 3, lowerRange},
      {"Shape", 1, 1, lowerKnown},
      {"Size", 1, 1, lowerKnown},
  };
  return operators;
}
