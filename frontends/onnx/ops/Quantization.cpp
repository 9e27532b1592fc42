//===- Quantization.cpp - floats as integers with a scale -----------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/onnx/Node.h"
#include "frontends/onnx/Registry.h"

#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace linnet::onnx_frontend;

/// Scales or zero points as they broadcast to `x`: one for all, one per place of `axis`, or one per block along it.
static Tensor spread(Node &node, const Tensor &values, const Tensor &x, int64_t axis, int64_t block) {
  if (values.rank() == 0 || (values.rank() == 1 && getConstantIntValue(values.sizes[0]) == 1))
    return node.reshape(values, {});
  if (values.rank() == 1 && axis < x.rank()) {
    SmallVector<int64_t> axes = llvm::to_vector(llvm::seq<int64_t>(x.rank()));
    axes.erase(axes.begin() + axis);
    return node.unsqueeze(values, axes);
  }
  if (!node.expect(values.rank() == x.rank() && axis < x.rank() && block > 0,
                   "expected one scale, one per place of the axis, or one per block, got " + showTensor(values) +
                       " for " + showTensor(x)))
    return node.broken(values.type, {});
  Value source = node.value(values), count = node.asValue(values.sizes[axis]);
  return node.generate(values.type, x.sizes, [&](Scalars &s, ValueRange i) {
    SmallVector<Value> place(i);
    place[axis] = s.minIndex(s.divIndex(i[axis], s.index(block)), s.subIndex(count, s.index(1)));
    return s.load(source, place);
  });
}

/// In f32: the elements, and the scales and, where there are any, zero points as they broadcast to them.
static SmallVector<Tensor> spreadInputs(Node &node, int64_t axis) {
  const Tensor &x = node.in(0);
  int64_t block = node.integer("block_size", 0);
  SmallVector<Tensor> inputs = {node.cast(x, kFloat), node.cast(spread(node, node.in(1), x, axis, block), kFloat)};
  if (node.has(2))
    inputs.push_back(node.cast(spread(node, node.in(2), x, axis, block), kFloat));
  return inputs;
}

/// round(value) + zero, kept in the range of the type.
static Value saturate(Scalars &s, Value value, Value zero, int32_t type) {
  unsigned width = getIrType(s.getContext(), type).getIntOrFloatBitWidth();
  double least = isUnsigned(type) ? 0 : -static_cast<double>(int64_t(1) << (width - 1));
  double most = least + static_cast<double>((int64_t(1) << width) - 1);
  Value sum = s.add(s.roundEven(value), zero);
  return s.convert(s.max(s.min(sum, s.number(most)), s.number(least)), s.type, type);
}

static bool expectQuantized(Node &node, int32_t type) {
  return node.expect(type == kInt8 || type == kUint8 || type == kInt16 || type == kUint16,
                     "expected integers of 8 or 16 bits, got " + getTypeName(type));
}

static void lowerQuantize(Node &node) {
  const Tensor &x = node.in(0);
  if (!node.expectNumbers(0) || !node.expectFloat(1))
    return;
  auto type = static_cast<int32_t>(node.integer("output_dtype", 0));
  type = node.has(2) ? node.in(2).type : type ? type : static_cast<int32_t>(kUint8);
  std::optional<int64_t> axis = x.rank() > 1 ? node.axis(node.integer("axis", 1), x.rank()) : 0;
  if (!axis || !expectQuantized(node, type))
    return;
  SmallVector<Tensor> inputs = spreadInputs(node, *axis);
  if (node.failed)
    return;
  node.out(0, node.map(inputs, type, [&](Scalars &s, ValueRange v) {
    return saturate(s, s.div(v[0], v[1]), v.size() > 2 ? v[2] : s.number(0), type);
  }));
}

static void lowerDequantize(Node &node) {
  const Tensor &x = node.in(0);
  if (!node.expectInteger(0) || !node.expectFloat(1) || (node.has(2) && !node.expectSameType(2)))
    return;
  auto type = static_cast<int32_t>(node.integer("output_dtype", 0));
  type = type ? type : node.in(1).type;
  std::optional<int64_t> axis = x.rank() > 1 ? node.axis(node.integer("axis", 1), x.rank()) : 0;
  if (!axis || !node.expect(isFloat(type), "expected output_dtype to be a type of floats"))
    return;
  SmallVector<Tensor> inputs = spreadInputs(node, *axis);
  if (node.failed)
    return;
  Tensor result = node.map(
      inputs, kFloat, [](Scalars &s, ValueRange v) { return s.mul(v.size() > 2 ? s.sub(v[0], v[2]) : v[0], v[1]); });
  node.out(0, node.cast(result, type));
}

/// To uint8, with the scale and zero point that the range of the elements and 0 asks for.
static void lowerDynamicQuantize(Node &node) {
  const Tensor &x = node.in(0);
  if (!node.expectFloat(0))
    return;
  SmallVector<int64_t> axes = llvm::to_vector(llvm::seq<int64_t>(x.rank()));
  Tensor wide = node.cast(x, kFloat), most = node.maximum(wide, axes, false);
  Tensor least = node.reduce(
      wide, axes, false, [](Scalars &s) { return s.highest(); },
      [](Scalars &s, Value all, Value element) { return s.min(all, element); });
  Tensor scale = node.map({least, most}, kFloat, [](Scalars &s, ValueRange v) {
    Value zero = s.number(0);
    return s.div(s.sub(s.max(v[1], zero), s.min(v[0], zero)), s.number(255));
  });
  Tensor zero = node.map({least, scale}, kUint8, [](Scalars &s, ValueRange v) {
    return saturate(s, s.div(s.neg(s.min(v[0], s.number(0))), v[1]), s.number(0), kUint8);
  });
  node.out(0, node.map({wide, scale, node.cast(zero, kFloat)}, kUint8,
                       [](Scalars &s, ValueRange v) { return saturate(s, s.div(v[0], v[1]), v[2], kUint8); }));
  node.out(1, scale);
  node.out(2, zero);
}

/// The product of two quantized matrices, quantized: in i32, then scaled once.
static void lowerQuantizedMatMul(Node &node) {
  for (int64_t i : {0, 2, 3, 5})
    if (!node.expectInteger(i))
      return;
  for (int64_t i : {1, 4, 6})
    if (!node.expectFloat(i))
      return;
  int32_t type = node.in(7).type;
  if (!expectQuantized(node, type))
    return;
  // Per row of the first, per column of the second.
  auto perRow = [&](const Tensor &values) { return values.rank() == 1 ? node.unsqueeze(values, 1) : values; };
  auto centered = [&](int64_t i, const Tensor &zero) {
    return node.sub(node.cast(node.in(i), kInt32), node.cast(zero, kInt32));
  };
  Tensor a = centered(0, perRow(node.in(2))), b = centered(3, node.in(5));
  Tensor product = node.cast(node.matmul(a, b), kFloat);
  auto wide = [&](const Tensor &values) { return node.cast(values, kFloat); };
  if (node.failed)
    return;
  Tensor result = node.map(
      {product, wide(perRow(node.in(1))), wide(node.in(4)), wide(node.in(6)), wide(node.in(7))}, type,
      [&](Scalars &s, ValueRange v) { return saturate(s, s.div(s.mul(s.mul(v[0], v[1]), v[2]), v[3]), v[4], type); });
  node.out(0, result);
}

ArrayRef<Operator> linnet::onnx_frontend::getQuantizationOperators() {
  static const Operator operators[] = {
      {"DequantizeLinear", 2, 3, lowerDequantize},
      {"DynamicQuantizeLinear", 1, 1, lowerDynamicQuantize},
      {"QLinearMatMul", 8, 8, lowerQuantizedMatMul},
      {"QuantizeLinear", 2, 3, lowerQuantize},
  };
  return operators;
}
