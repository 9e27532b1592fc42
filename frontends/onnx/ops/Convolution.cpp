//===- Convolution.cpp - convolutions -===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/onnx/Node.h"
#include "frontends/onnx/Registry.h"

#include "frontends/onnx/ops/Window.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace linnet::onnx_frontend;

/// No window is larger; keeps products of these numbers in range.
static constexpr int64_t kMostExtent = int64_t(1) << 24;

std::optional<Window> linnet::onnx_frontend::readWindow(Node &node, const Tensor &x, ArrayRef<int64_t> kernel) {
  Window w;
  int64_t dims = static_cast<int64_t>(kernel.size());
  w.kernel.assign(kernel.begin(), kernel.end());
  w.strides = node.integersOr("strides", dims, 1);
  w.dilations = node.integersOr("dilations", dims, 1);
  SmallVector<int64_t> pads = node.integersOr("pads", 2 * dims, 0);
  std::string automatic = node.text("auto_pad", "NOTSET");
  bool roundsUp = node.integer("ceil_mode", 0) != 0;
  if (node.failed || !node.expect(x.rank() == dims + 2 && dims > 0,
                                  "expected an input [N, C, " + Twine(dims) + " dimensions], got " + showTensor(x)))
    return std::nullopt;
  for (int64_t d = 0; d < dims; ++d) {
    auto inRange = [](int64_t value, int64_t least) { return least <= value && value < kMostExtent; };
    if (!node.expect(inRange(w.kernel[d], 1) && inRange(w.strides[d], 1) && inRange(w.dilations[d], 1) &&
                         inRange(pads[d], 0) && inRange(pads[dims + d], 0),
                     "expected a kernel, strides and dilations of 1 or more and pads of 0 or more"))
      return std::nullopt;
    int64_t reach = (w.kernel[d] - 1) * w.dilations[d] + 1, stride = w.strides[d];
    OpFoldResult size = x.sizes[d + 2];
    std::optional<int64_t> known = getConstantIntValue(size);
    if (automatic == "SAME_UPPER" || automatic == "SAME_LOWER") {
      if (!node.expect(known.has_value(), "expected sizes known at compile time with auto_pad, got " + showTensor(x)))
        return std::nullopt;
      int64_t count = llvm::divideCeil(*known, stride);
      int64_t total = std::max<int64_t>(0, (count - 1) * stride + reach - *known);
      pads[d] = automatic == "SAME_UPPER" ? total / 2 : total - total / 2;
      pads[dims + d] = total - pads[d];
      w.output.push_back(node.size(count));
    } else if (known) {
      int64_t span = *known + pads[d] + pads[dims + d] - reach;
      if (!node.expect(span >= 0, "expected a kernel that fits into the input, got " + showTensor(x)))
        return std::nullopt;
      int64_t count = (roundsUp ? llvm::divideCeil(span, stride) : span / stride) + 1;
      // A window that begins behind the input and its first pads is none.
      if (roundsUp && (count - 1) * stride >= *known + pads[d])
        --count;
      w.output.push_back(node.size(count));
    } else {
      if (!node.expect(!roundsUp, "expected sizes known at compile time with ceil_mode, got " + showTensor(x)))
        return std::nullopt;
      OpFoldResult span = node.addSizes(size, node.size(pads[d] + pads[dims + d] - reach));
      w.output.push_back(node.addSizes(node.divSizes(span, node.size(stride)), node.size(1)));
    }
    // What the output makes of the last pads when it is rounded.
    w.before.push_back(pads[d]);
    w.behind.push_back(pads[dims + d]);
  }
  return w;
}

/// x padded, in groups [N, G, C / G, space...], times weights [G, M / G, C / G, kernel...].
static Tensor convolve(Node &node, const Tensor &x, const Tensor &weight, const Window &w, int64_t groups) {
  int64_t dims = w.dims();
  Sizes before = {node.size(0), node.size(0)}, behind = before;
  before.append(node.staticSizes(w.before));
  behind.append(node.staticSizes(w.behind));
  Scalars s(node.ops.getLoc(), node.ops, x.type);
  bool isPadded = llvm::any_of(w.before, [](int64_t pad) { return pad != 0; }) ||
                  llvm::any_of(w.behind, [](int64_t pad) { return pad != 0; });
  Tensor padded = isPadded ? node.pad(x, before, behind, s.number(0)) : x;
  OpFoldResult inner = weight.sizes[1], outer = node.divSizes(weight.sizes[0], node.size(groups));
  Sizes inSizes = {padded.sizes[0], node.size(groups), inner}, weightSizes = {node.size(groups), outer, inner};
  inSizes.append(padded.sizes.begin() + 2, padded.sizes.end());
  weightSizes.append(weight.sizes.begin() + 2, weight.sizes.end());
  Tensor in = node.reshape(padded, inSizes), taps = node.reshape(weight, weightSizes);
  // Loops: n, g, m, output..., c, kernel...
  int64_t loops = 4 + 2 * dims;
  auto dim = [&](int64_t i) { return node.ops.getAffineDimExpr(static_cast<unsigned>(i)); };
  SmallVector<AffineExpr> inMap = {dim(0), dim(1), dim(3 + dims)}, weightMap = {dim(1), dim(2), dim(3 + dims)},
                          outMap = {dim(0), dim(1), dim(2)};
  Sizes outSizes = {padded.sizes[0], node.size(groups), outer};
  for (int64_t d = 0; d < dims; ++d) {
    inMap.push_back(dim(3 + d) * w.strides[d] + dim(4 + dims + d) * w.dilations[d]);
    weightMap.push_back(dim(4 + dims + d));
    outMap.push_back(dim(3 + d));
    outSizes.push_back(w.output[d]);
  }
  SmallVector<utils::IteratorType> iterators(loops, utils::IteratorType::reduction);
  std::fill_n(iterators.begin(), 3 + dims, utils::IteratorType::parallel);
  SmallVector<AffineMap> maps;
  for (ArrayRef<AffineExpr> map : {ArrayRef(inMap), ArrayRef(weightMap), ArrayRef(outMap)})
    maps.push_back(AffineMap::get(static_cast<unsigned>(loops), 0, map, node.ops.getContext()));
  Value start = linalg::FillOp::create(node.ops, s.number(0), node.empty(x.type, outSizes).value).getResult(0);
  auto op = linalg::GenericOp::create(node.ops, start.getType(), ValueRange{node.value(in), node.value(taps)}, start,
                                      maps, iterators, [&](OpBuilder &nested, Location loc, ValueRange v) {
                                        Scalars b(loc, nested, x.type);
                                        linalg::YieldOp::create(b, b.add(v[2], b.mul(v[0], v[1])));
                                      });
  Sizes result = {padded.sizes[0], weight.sizes[0]};
  llvm::append_range(result, w.output);
  return node.reshape(node.wrap(op.getResult(0), x.type, outSizes), result);
}

/// One number per channel, spread over space.
static Tensor addBias(Node &node, const Tensor &x, const Tensor &bias) {
  SmallVector<int64_t> axes = llvm::to_vector(llvm::seq<int64_t>(1, x.rank() - 1));
  return node.mapTo(x.sizes, {x, node.unsqueeze(node.cast(bias, x.type), axes)}, x.type,
                    [](Scalars &s, ValueRange v) { return s.add(v[0], v[1]); });
}

/// The sizes of the kernel: those of the weight, or of an attribute that must agree.
static std::optional<SmallVector<int64_t>> readKernel(Node &node, const Tensor &weight) {
  std::optional<SmallVector<int64_t>> sizes =
      weight.rank() > 2 ? getConstantIntValues(ArrayRef(weight.sizes).drop_front(2)) : std::nullopt;
  std::optional<SmallVector<int64_t>> stated = node.integers("kernel_shape");
  if (!node.expect(sizes && (!stated || *stated == *sizes),
                   "expected a weight [M, C, kernel] of sizes known at compile time, as kernel_shape has them, got " +
                       showTensor(weight)))
    return std::nullopt;
  return sizes;
}

static bool expectGroups(Node &node, const Tensor &x, OpFoldResult channels, OpFoldResult perGroup, int64_t groups) {
  std::optional<int64_t> have = getConstantIntValue(x.sizes[1]), each = getConstantIntValue(perGroup),
                         whole = getConstantIntValue(channels);
  return node.expect(groups > 0 && have && each && whole && *have == *each * groups && *whole % groups == 0,
                     "expected channels in " + Twine(groups) + " groups, got " + showTensor(x) + " and " +
                         showTensor(node.in(1)));
}

/// The window of a convolution whose weight fits its input.
static std::optional<Window> readConvolutionWindow(Node &node, int64_t groups) {
  const Tensor &x = node.in(0), &weight = node.in(1);
  std::optional<SmallVector<int64_t>> kernel = readKernel(node, weight);
  if (!kernel || !expectGroups(node, x, weight.sizes[0], weight.sizes[1], groups))
    return std::nullopt;
  return readWindow(node, x, *kernel);
}

static void lowerConv(Node &node) {
  const Tensor &x = node.in(0), &weight = node.in(1);
  if (!node.expectFloat(0) || !node.expectSameType(1) || !node.expectRank(0, 3, 8) ||
      !node.expectRank(1, x.rank(), x.rank()) || (node.has(2) && !node.expectRank(2, 1, 1)))
    return;
  int64_t groups = node.integer("group", 1);
  std::optional<Window> window = readConvolutionWindow(node, groups);
  if (!window)
    return;
  int32_t computed = getComputeType(x.type);
  Tensor result = convolve(node, node.cast(x, computed), node.cast(weight, computed), *window, groups);
  if (node.has(2))
    result = addBias(node, result, node.in(2));
  node.out(0, node.cast(result, x.type));
}

/// In i32, without the zero points.
static void lowerConvInteger(Node &node) {
  const Tensor &x = node.in(0), &weight = node.in(1);
  if (!node.expectInteger(0) || !node.expectInteger(1) || !node.expectRank(0, 3, 8) ||
      !node.expectRank(1, x.rank(), x.rank()))
    return;
  int64_t groups = node.integer("group", 1);
  std::optional<Window> window = readConvolutionWindow(node, groups);
  if (!window)
    return;
  Tensor left = node.cast(x, kInt32), right = node.cast(weight, kInt32);
  if (node.has(2))
    left = node.sub(left, node.cast(node.in(2), kInt32));
  if (node.has(3))
    right = node.sub(right, node.cast(node.in(3), kInt32));
  node.out(0, convolve(node, left, right, *window, groups));
}

/// Every element of the output gathers the taps that reach it.
static void lowerConvTranspose(Node &node) {
  const Tensor &x = node.in(0), &weight = node.in(1);
  if (!node.expectFloat(0) || !node.expectSameType(1) || !node.expectRank(0, 3, 8) ||
      !node.expectRank(1, x.rank(), x.rank()) || (node.has(2) && !node.expectRank(2, 1, 1)))
    return;
  int64_t groups = node.integer("group", 1), dims = x.rank() - 2;
  std::optional<SmallVector<int64_t>> kernel = readKernel(node, weight);
  if (!kernel || !node.expectStatic(0))
    return;
  std::optional<int64_t> channels = getConstantIntValue(x.sizes[1]), perGroup = getConstantIntValue(weight.sizes[1]);
  if (!node.expect(groups > 0 && channels && perGroup && TensorBuilder::same(x.sizes[1], weight.sizes[0]) &&
                       *channels % groups == 0,
                   "expected a weight [C, M / group, kernel], got " + showTensor(weight) + " for " + showTensor(x)))
    return;
  SmallVector<int64_t> strides = node.integersOr("strides", dims, 1), dilations = node.integersOr("dilations", dims, 1),
                       pads = node.integersOr("pads", 2 * dims, 0), extra = node.integersOr("output_padding", dims, 0);
  std::optional<SmallVector<int64_t>> stated = node.integers("output_shape");
  std::string automatic = node.text("auto_pad", "NOTSET");
  if (node.failed)
    return;
  Sizes sizes = {x.sizes[0], node.size(*perGroup * groups)};
  SmallVector<int64_t> extents = *getConstantIntValues(ArrayRef(x.sizes).drop_front(2));
  for (int64_t d = 0; d < dims; ++d) {
    if (!node.expect(strides[d] > 0 && dilations[d] > 0 && strides[d] < kMostExtent && dilations[d] < kMostExtent &&
                         (*kernel)[d] < kMostExtent && extents[d] < kMostExtent && pads[d] < kMostExtent &&
                         pads[dims + d] < kMostExtent,
                     "expected strides and dilations of 1 or more"))
      return;
    int64_t whole = strides[d] * (extents[d] - 1) + extra[d] + (*kernel)[d] * dilations[d] - dilations[d] + 1;
    int64_t wanted = whole - pads[d] - pads[dims + d];
    bool isSame = automatic == "SAME_UPPER" || automatic == "SAME_LOWER";
    if (stated || isSame) {
      wanted = stated ? (*stated)[std::max<int64_t>(0, static_cast<int64_t>(stated->size()) - dims) + d]
                      : extents[d] * strides[d];
      int64_t total = std::max<int64_t>(whole - wanted, 0);
      pads[d] = automatic == "SAME_UPPER" ? total / 2 : total - total / 2;
      if (automatic == "NOTSET" || automatic == "SAME_LOWER")
        pads[d] = automatic == "SAME_LOWER" ? total - total / 2 : total / 2;
    }
    if (!node.expect(wanted >= 0, "expected an output of sizes of 0 or more"))
      return;
    sizes.push_back(node.size(wanted));
  }
  Value source = node.value(x), taps = node.value(weight), bias = node.has(2) ? node.value(node.in(2)) : Value();
  node.out(0, node.generate(x.type, sizes, [&](Scalars &outer, ValueRange i) {
    Scalars s(outer.getLoc(), outer, getComputeType(x.type));
    auto widen = [&](Scalars &at, Value value) { return at.convert(value, x.type, at.type); };
    int64_t inner = *channels / groups;
    Value group = s.divIndex(i[1], s.index(*perGroup)), filter = s.remIndex(i[1], s.index(*perGroup));
    Value first = s.mulIndex(group, s.index(inner));
    std::function<Value(Scalars &, int64_t, SmallVector<Value>, SmallVector<Value>, Value)> gather =
        [&](Scalars &at, int64_t d, SmallVector<Value> places, SmallVector<Value> tap, Value sum) -> Value {
      if (d == dims)
        return at.loop(at.index(0), at.index(inner), sum, [&](Scalars &in, Value c, ValueRange carried) {
          Value channel = in.addIndex(first, c);
          SmallVector<Value> from = {i[0], channel}, by = {channel, filter};
          llvm::append_range(from, places);
          llvm::append_range(by, tap);
          Value product = in.mul(widen(in, in.load(source, from)), widen(in, in.load(taps, by)));
          return SmallVector<Value>{in.add(carried[0], product)};
        })[0];
      return at.loop(at.index(0), at.index((*kernel)[d]), sum, [&](Scalars &in, Value k, ValueRange carried) {
        using Order = Scalars::Order;
        Value place = in.subIndex(in.addIndex(i[d + 2], in.index(pads[d])), in.mulIndex(k, in.index(dilations[d])));
        Value stride = in.index(strides[d]), from = in.divIndex(place, stride);
        Value hits = in.logicalAnd(in.compareIndex(Order::LessEqual, in.index(0), place),
                                   in.compareIndex(Order::Equal, in.mulIndex(from, stride), place));
        hits = in.logicalAnd(hits, in.compareIndex(Order::Less, from, in.index(extents[d])));
        return in.branch(
            hits, carried.getTypes(),
            [&](Scalars &hit) {
              SmallVector<Value> nextPlaces(places), nextTap(tap);
              nextPlaces.push_back(from);
              nextTap.push_back(k);
              return SmallVector<Value>{gather(hit, d + 1, nextPlaces, nextTap, carried[0])};
            },
            [&](Scalars &) { return SmallVector<Value>(carried); });
      })[0];
    };
    Value start = bias ? widen(s, s.load(bias, i[1])) : s.number(0);
    return s.convert(gather(s, 0, {}, {}, start), s.type, x.type);
  }));
}

ArrayRef<Operator> linnet::onnx_frontend::getConvolutionOperators() {
  static const Operator operators[] = {
      {"Conv", 2, 3, lowerConv},
      {"ConvInteger", 2, 4, lowerConvInteger},
      {"ConvTranspose", 2, 3, lowerConvTranspose},
  };
  return operators;
}
