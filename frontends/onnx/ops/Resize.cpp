//===- Resize.cpp - tensors sampled anew ----------------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/onnx/Node.h"
#include "frontends/onnx/Registry.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/Matchers.h"

#include <cmath>

using namespace mlir;
using namespace linnet::onnx_frontend;

namespace {
/// How one axis is sampled; numbers of the running model are f32.
struct Axis {
  int64_t dim;
  OpFoldResult in, out;
  Value scale, start, end; // start and end: of tf_crop_and_resize
};

class Resizer {
public:
  explicit Resizer(Node &node)
      : node(node), mode(node.text("mode", "nearest")),
        coordinates(node.text("coordinate_transformation_mode", "half_pixel")),
        rounding(node.text("nearest_mode", "round_prefer_floor")), antialias(node.integer("antialias", 0) != 0),
        excludes(node.integer("exclude_outside", 0) != 0), a(node.real("cubic_coeff_a", -0.75)) {}

  bool check() {
    return node.expect(mode == "nearest" || mode == "linear" || mode == "cubic",
                       "expected mode to be nearest, linear or cubic, got '" + mode + "'") &&
           node.expect(llvm::is_contained<StringRef>({"half_pixel", "half_pixel_symmetric", "pytorch_half_pixel",
                                                      "align_corners", "asymmetric", "tf_crop_and_resize"},
                                                     coordinates),
                       "expected a known coordinate_transformation_mode, got '" + coordinates + "'");
  }
  Tensor along(const Tensor &x, const Axis &axis);

private:
  Value place(Scalars &s, Value i, const Axis &axis);
  Value nearest(Scalars &s, Value x);
  /// The weight of an element `distance` away.
  Value weight(Scalars &s, Value distance);

  Node &node;
  std::string mode, coordinates, rounding;
  bool antialias, excludes;
  double a;
};
} // namespace

/// Where output element `i` lies in the input.
Value Resizer::place(Scalars &s, Value i, const Axis &axis) {
  Value index = s.fromIndex(i, kFloat), in = s.fromIndex(node.asValue(axis.in), kFloat);
  Value out = s.fromIndex(node.asValue(axis.out), kFloat), half = s.number(0.5), one = s.number(1), zero = s.number(0);
  Value centered = s.sub(s.div(s.add(index, half), axis.scale), half);
  if (coordinates == "asymmetric")
    return s.div(index, axis.scale);
  if (coordinates == "align_corners") {
    Value last = s.sub(s.mul(axis.scale, in), one), isOne = s.lessEqual(last, zero);
    return s.select(isOne, zero, s.div(s.mul(index, s.sub(in, one)), s.select(isOne, one, last)));
  }
  if (coordinates == "pytorch_half_pixel")
    return s.select(s.less(one, out), centered, zero);
  if (coordinates == "half_pixel_symmetric") {
    Value adjustment = s.div(out, s.mul(axis.scale, in));
    Value offset = s.mul(s.mul(in, half), s.sub(one, adjustment));
    return s.add(offset, centered);
  }
  if (coordinates == "tf_crop_and_resize") {
    Value last = s.sub(in, one), span = s.mul(s.sub(axis.end, axis.start), last), isMany = s.less(one, out);
    Value steps = s.select(isMany, s.sub(out, one), one);
    return s.select(isMany, s.add(s.mul(axis.start, last), s.div(s.mul(index, span), steps)),
                    s.mul(half, s.mul(s.add(axis.start, axis.end), last)));
  }
  return centered;
}

Value Resizer::nearest(Scalars &s, Value x) {
  if (rounding == "floor")
    return s.floor(x);
  if (rounding == "ceil")
    return s.ceil(x);
  if (rounding == "round_prefer_ceil")
    return s.floor(s.add(x, s.number(0.5)));
  return s.ceil(s.sub(x, s.number(0.5)));
}

Value Resizer::weight(Scalars &s, Value distance) {
  Value d = s.abs(distance), one = s.number(1), zero = s.number(0);
  if (mode == "linear")
    return s.max(zero, s.sub(one, d));
  // Two cubics, for distances up to 1 and up to 2.
  auto polynomial = [&](double c3, double c2, double c1, double c0) {
    return s.add(s.mul(s.add(s.mul(s.add(s.mul(s.number(c3), d), s.number(c2)), d), s.number(c1)), d), s.number(c0));
  };
  Value inner = polynomial(a + 2, -(a + 3), 0, 1), outer = polynomial(a, -5 * a, 8 * a, -4 * a);
  return s.select(s.lessEqual(d, one), inner, s.select(s.less(d, s.number(2)), outer, zero));
}

Tensor Resizer::along(const Tensor &x, const Axis &axis) {
  Sizes sizes(x.sizes);
  sizes[axis.dim] = axis.out;
  Value source = node.value(x), length = node.asValue(axis.in);
  double extrapolation = node.real("extrapolation_value", 0);
  return node.generate(x.type, sizes, [&](Scalars &outer, ValueRange i) {
    using Order = Scalars::Order;
    Scalars s(outer.getLoc(), outer, kFloat), data(outer.getLoc(), outer, getComputeType(x.type));
    Value at = place(s, i[axis.dim], axis), last = s.subIndex(length, s.index(1)), result;
    auto load = [&](Scalars &in, Value index) {
      SmallVector<Value> indices(i);
      indices[axis.dim] = in.maxIndex(in.index(0), in.minIndex(index, last));
      return in.convert(in.load(source, indices), x.type, data.type);
    };
    if (mode == "nearest") {
      result = load(data, s.toIndex(nearest(s, at), kFloat));
    } else {
      // Taps around the place: 2 or 4, or more where elements are spread over several by a scale below 1.
      Value floor = s.floor(at), first = s.toIndex(floor, kFloat), one = s.number(1);
      Value stretch = antialias ? s.min(axis.scale, one) : one;
      Value reach = s.toIndex(s.ceil(s.div(s.number(mode == "linear" ? 1 : 2), stretch)), kFloat);
      Value from = s.subIndex(first, reach), to = s.addIndex(s.addIndex(first, reach), s.index(1));
      SmallVector<Value> sums =
          s.loop(from, to, {data.number(0), s.number(0)}, [&](Scalars &in, Value j, ValueRange carried) {
            Value w = weight(in, in.mul(in.sub(at, in.fromIndex(j, kFloat)), stretch));
            if (excludes) {
              Value isInside = in.logicalAnd(in.compareIndex(Order::LessEqual, in.index(0), j),
                                             in.compareIndex(Order::Less, j, length));
              w = in.select(isInside, w, in.number(0));
            }
            Scalars d(in.getLoc(), in, data.type);
            Value term = d.mul(load(d, j), d.convert(w, kFloat, d.type));
            return SmallVector<Value>{d.add(carried[0], term), in.add(carried[1], w)};
          });
      result = data.div(sums[0], data.convert(sums[1], kFloat, data.type));
    }
    if (coordinates == "tf_crop_and_resize") {
      Value isOutside = s.logicalOr(s.less(at, s.number(0)), s.less(s.fromIndex(last, kFloat), at));
      result = data.select(isOutside, data.number(extrapolation), result);
    }
    return data.convert(result, data.type, x.type);
  });
}

/// The elements of a constant of floats, or nothing.
static std::optional<SmallVector<double>> constantFloats(const Tensor &tensor) {
  DenseFPElementsAttr elements;
  if (!tensor.value || !matchPattern(tensor.value, m_Constant(&elements)))
    return std::nullopt;
  SmallVector<double> values;
  for (APFloat value : elements.getValues<APFloat>()) {
    bool losesInfo;
    value.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven, &losesInfo);
    values.push_back(value.convertToDouble());
  }
  return values;
}

static void lowerResize(Node &node) {
  const Tensor &x = node.in(0);
  bool hasSizes = node.has(3), hasScales = node.has(2);
  Resizer resizer(node);
  if (!node.expectNumbers(0) || !resizer.check())
    return;
  SmallVector<int64_t> axes = node.integers("axes").value_or(llvm::to_vector(llvm::seq<int64_t>(x.rank())));
  const Tensor *numbers = hasSizes ? &node.in(3) : hasScales ? &node.in(2) : nullptr;
  if (!node.expect(numbers != nullptr && numbers->rank() == 1 &&
                       getConstantIntValue(numbers->sizes[0]) == static_cast<int64_t>(axes.size()) &&
                       (hasSizes ? isInteger(numbers->type) : isFloat(numbers->type)),
                   "expected scales or sizes, one for each axis"))
    return;
  std::optional<Sizes> stated = node.declared(0);
  if (stated && static_cast<int64_t>(stated->size()) != x.rank())
    stated.reset();
  std::optional<SmallVector<double>> scales = hasSizes ? std::nullopt : constantFloats(*numbers);
  std::string policy = node.text("keep_aspect_ratio_policy", "stretch");
  bool crops = node.text("coordinate_transformation_mode", "") == "tf_crop_and_resize";
  if (!node.expect(!crops || (node.has(1) && node.in(1).type == kFloat && node.in(1).rank() == 1 &&
                              getConstantIntValue(node.in(1).sizes[0]) == 2 * static_cast<int64_t>(axes.size())),
                   "expected roi of 2 floats for each axis"))
    return;
  Scalars s(node.ops.getLoc(), node.ops, kFloat);
  auto toFloat = [&](OpFoldResult size) { return s.fromIndex(node.asValue(size), kFloat); };
  // One scale for all axes where the ratio of the sides is kept.
  Value common;
  for (auto [k, stated_axis] : llvm::enumerate(axes)) {
    std::optional<int64_t> axis = node.axis(stated_axis, x.rank());
    if (!axis)
      return;
    axes[k] = *axis;
    if (!hasSizes || policy == "stretch")
      continue;
    Value ratio = s.div(toFloat(node.element(*numbers, static_cast<int64_t>(k))), toFloat(x.sizes[*axis]));
    common = !common ? ratio : policy == "not_larger" ? s.min(common, ratio) : s.max(common, ratio);
  }
  Tensor result = x;
  for (auto [k, dim] : llvm::enumerate(axes)) {
    auto place = static_cast<int64_t>(k);
    Axis axis{dim, x.sizes[dim], OpFoldResult(), Value(), Value(), Value()};
    std::optional<int64_t> size = getConstantIntValue(x.sizes[dim]);
    if (scales && size)
      axis.out = node.size(static_cast<int64_t>(std::floor(static_cast<double>(*size) * (*scales)[k])));
    else if (hasSizes && numbers->known && policy == "stretch")
      axis.out = (*numbers->known)[k];
    else if (stated)
      axis.out = (*stated)[dim];
    else
      return (void)node.error(
          "expected scales or sizes to be known at compile time, or the model to state the shape of "
          "the output");
    if (!node.expect(getConstantIntValue(axis.out).value_or(0) >= 0, "expected sizes of 0 or more"))
      return;
    axis.scale = common     ? common
                 : hasSizes ? s.div(toFloat(axis.out), toFloat(axis.in))
                            : s.convert(node.scalar(*numbers, place), numbers->type, kFloat);
    if (crops) {
      axis.start = node.scalar(node.in(1), place);
      axis.end = node.scalar(node.in(1), place + static_cast<int64_t>(axes.size()));
    }
    bool isWhole = !crops && TensorBuilder::same(axis.in, axis.out) && (hasSizes || (scales && (*scales)[k] == 1));
    if (!isWhole)
      result = resizer.along(result, axis);
  }
  node.out(0, result);
}

ArrayRef<Operator> linnet::onnx_frontend::getResizeOperators() {
  static const Operator operators[] = {
      {"Resize", 1, 4, lowerResize, 11},
  };
  return operators;
}
