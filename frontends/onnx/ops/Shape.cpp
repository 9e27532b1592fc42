//===- Shape.cpp - operators that move elements -===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/onnx/Node.h"
#include "frontends/onnx/Registry.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace linnet::onnx_frontend;

//===----------------------------------------------------------------------===//
// The same elements, another shape
//===----------------------------------------------------------------------===//

/// The sizes in an input of the running model, which must be those that the model states for its output.
static std::optional<Sizes> statedSizes(Node &node, int64_t input) {
  if (std::optional<Sizes> sizes = node.declared(0))
    return sizes;
  (void)node.error("expected the shape (input " + Twine(input) +
                   ") to be known at compile time, or the model to state the shape of the output, got neither");
  return std::nullopt;
}

/// Lets the running model refuse other sizes than those that it was compiled for. `wildcards`: numbers that mean any.
static void requireSizes(Node &node, int64_t input, ArrayRef<OpFoldResult> sizes, ArrayRef<int64_t> wildcards) {
  const Tensor &shape = node.in(input);
  if (shape.argument.empty())
    return;
  Scalars s(node.ops.getLoc(), node.ops, kInt64);
  Value holds = s.boolean(true);
  for (auto [i, size] : llvm::enumerate(sizes)) {
    Value given = node.asValue(node.element(shape, static_cast<int64_t>(i)));
    Value fits = s.compareIndex(Scalars::Order::Equal, given, node.asValue(size));
    for (int64_t wildcard : wildcards)
      fits = s.logicalOr(fits, s.compareIndex(Scalars::Order::Equal, given, s.index(wildcard)));
    holds = s.logicalAnd(holds, fits);
  }
  node.require(holds, shape.argument);
}

/// Input 1, which was an attribute before it was an input.
static std::optional<Tensor> readIntegers(Node &node, StringRef attribute, StringRef what) {
  if (node.has(1))
    return node.in(1);
  std::optional<SmallVector<int64_t>> values = node.integers(attribute);
  if (!node.expect(values.has_value(), "expected " + what + ", got none"))
    return std::nullopt;
  return node.known(node.staticSizes(*values), static_cast<int64_t>(values->size()));
}

static void lowerReshape(Node &node) {
  const Tensor &x = node.in(0);
  std::optional<Tensor> stated = readIntegers(node, "shape", "a shape");
  if (!stated)
    return;
  Tensor shape = *stated;
  if (!shape.known) {
    std::optional<Sizes> sizes = statedSizes(node, 1);
    if (!sizes || !node.expectInteger(1) || !node.expectRank(1, 1, 1) ||
        !node.expect(getConstantIntValue(shape.sizes[0]) == static_cast<int64_t>(sizes->size()),
                     "expected a shape of " + Twine(sizes->size()) + " numbers"))
      return;
    requireSizes(node, 1, *sizes, {-1, 0});
    return node.out(0, node.reshape(x, *sizes));
  }
  bool keepsZero = node.integer("allowzero", 0) != 0;
  Sizes sizes;
  int64_t open = -1;
  for (auto [i, size] : llvm::enumerate(*shape.known)) {
    std::optional<int64_t> number = getConstantIntValue(size);
    if (number == 0 && !keepsZero) {
      if (!node.expect(static_cast<int64_t>(i) < x.rank(), "expected a size for dimension " + Twine(i) + ", got 0"))
        return;
      sizes.push_back(x.sizes[i]);
      continue;
    }
    if (!node.expect(!number || *number >= -1, "expected sizes of -1 or more, got " + Twine(number.value_or(0))))
      return;
    if (number == -1) {
      if (!node.expect(open < 0, "expected one size of -1, got several"))
        return;
      open = static_cast<int64_t>(i);
      sizes.push_back(node.size(1));
      continue;
    }
    sizes.push_back(size);
  }
  if (open >= 0) {
    // What both sides have in common cancels out.
    Sizes have(x.sizes), want(sizes);
    for (auto *it = want.begin(); it != want.end();) {
      auto *match = llvm::find_if(have, [&](OpFoldResult size) { return TensorBuilder::same(size, *it); });
      if (match == have.end() || getConstantIntValue(*it) == 0) {
        ++it;
        continue;
      }
      have.erase(match);
      it = want.erase(it);
    }
    OpFoldResult rest = node.product(have), divisor = node.product(want);
    std::optional<int64_t> whole = getConstantIntValue(rest), part = getConstantIntValue(divisor);
    if (!node.expect(part != 0 && (!whole || !part || *whole % *part == 0),
                     "expected a shape that " + showSizes(x.sizes) + " can take, got " + showSizes(sizes)))
      return;
    sizes[open] = node.divSizes(rest, divisor);
  }
  node.out(0, node.reshape(x, sizes));
}

static void lowerFlatten(Node &node) {
  const Tensor &x = node.in(0);
  int64_t axis = node.integer("axis", 1);
  if (!node.expect(-x.rank() <= axis && axis <= x.rank(), "expected an axis of the input, got " + Twine(axis)))
    return;
  axis = axis < 0 ? axis + x.rank() : axis;
  node.out(0, node.reshape(x, {node.product(ArrayRef(x.sizes).take_front(axis)),
                               node.product(ArrayRef(x.sizes).drop_front(axis))}));
}

static void lowerSqueeze(Node &node) {
  const Tensor &x = node.in(0);
  std::optional<SmallVector<int64_t>> axes = node.axes(1, x.rank());
  if (node.failed)
    return;
  if (!axes) {
    axes.emplace();
    for (auto [dim, size] : llvm::enumerate(x.sizes))
      if (getConstantIntValue(size) == 1)
        axes->push_back(static_cast<int64_t>(dim));
  }
  node.out(0, node.squeeze(x, *axes));
}

static void lowerUnsqueeze(Node &node) {
  std::optional<SmallVector<int64_t>> values = node.has(1) ? node.numbers(node.in(1)) : node.integers("axes");
  int64_t count = values ? static_cast<int64_t>(values->size()) : 1;
  if (!values && node.has(1)) {
    // Given to the running model: the shape of the output says where the new dimensions are, but for those of size 1.
    std::optional<Sizes> sizes = statedSizes(node, 1);
    if (!sizes)
      return;
    return node.out(0, node.reshape(node.in(0), *sizes));
  }
  std::optional<SmallVector<int64_t>> axes = node.axes(1, node.in(0).rank() + count);
  if (!node.failed && node.expect(axes.has_value(), "expected axes, got none"))
    node.out(0, node.unsqueeze(node.in(0), *axes));
}

static void lowerTranspose(Node &node) {
  const Tensor &x = node.in(0);
  SmallVector<int64_t> order = llvm::to_vector(llvm::reverse(llvm::seq<int64_t>(x.rank())));
  node.out(0, node.transpose(x, node.integers("perm").value_or(order)));
}

//===----------------------------------------------------------------------===//
// Repeating, joining, cutting
//===----------------------------------------------------------------------===//

static void lowerExpand(Node &node) {
  const Tensor &x = node.in(0), &shape = node.in(1);
  std::optional<Sizes> sizes;
  if (shape.known) {
    sizes = node.broadcast(x.sizes, *shape.known);
  } else if ((sizes = statedSizes(node, 1))) {
    std::optional<int64_t> count = shape.rank() == 1 ? getConstantIntValue(shape.sizes[0]) : std::nullopt;
    if (!node.expectInteger(1) || !node.expect(count && *count <= static_cast<int64_t>(sizes->size()),
                                               "expected a shape of at most " + Twine(sizes->size()) + " numbers"))
      return;
    requireSizes(node, 1, ArrayRef(*sizes).take_back(*count), {1});
  }
  if (sizes)
    node.out(0, node.broadcastTo(x, *sizes));
}

static void lowerTile(Node &node) {
  const Tensor &x = node.in(0), &repeats = node.in(1);
  if (!node.expectRank(1, 1, 1))
    return;
  Sizes sizes;
  if (repeats.known && static_cast<int64_t>(repeats.known->size()) == x.rank()) {
    for (auto [size, times] : llvm::zip(x.sizes, *repeats.known))
      sizes.push_back(node.mulSizes(size, times));
  } else if (std::optional<Sizes> stated = statedSizes(node, 1);
             stated && node.expectInteger(1) &&
             node.expect(static_cast<int64_t>(stated->size()) == x.rank() &&
                             getConstantIntValue(repeats.sizes[0]) == x.rank(),
                         "expected " + Twine(x.rank()) + " repeats")) {
    sizes = *stated;
    Sizes times;
    for (auto [whole, size] : llvm::zip(sizes, x.sizes))
      times.push_back(node.divSizes(whole, size));
    requireSizes(node, 1, times, {});
  }
  if (node.failed)
    return;
  Value source = node.value(x);
  SmallVector<Value> lengths;
  for (OpFoldResult size : x.sizes)
    lengths.push_back(node.asValue(size));
  node.out(0, node.generate(x.type, sizes, [&](Scalars &s, ValueRange indices) {
    SmallVector<Value> place;
    for (auto [index, length] : llvm::zip(indices, lengths))
      place.push_back(s.remIndex(index, length));
    return s.load(source, place);
  }));
}

static void lowerConcat(Node &node) {
  for (int64_t i = 0; i < node.inputs(); ++i)
    if (!node.expect(node.has(i), "expected every input to be there"))
      return;
  if (std::optional<int64_t> axis = node.axis(node.integer("axis", 0), node.in(0).rank()))
    node.out(0, node.concat(node.all(), *axis));
}

static void lowerSplit(Node &node) {
  const Tensor &x = node.in(0);
  std::optional<int64_t> axis = node.axis(node.integer("axis", 0), x.rank());
  if (!axis)
    return;
  std::optional<SmallVector<int64_t>> parts = node.has(1) ? node.numbers(node.in(1)) : node.integers("split");
  if (!parts && node.has(1)) {
    parts.emplace();
    for (int64_t i = 0; i < node.outputs(); ++i) {
      std::optional<Sizes> sizes = node.declared(i);
      if (!node.expect(sizes && static_cast<int64_t>(sizes->size()) == x.rank(),
                       "expected the parts (input 1) to be known at compile time, or the model to state the shapes of "
                       "all outputs"))
        return;
      parts->push_back(*getConstantIntValue((*sizes)[*axis]));
    }
    requireSizes(node, 1, node.staticSizes(*parts), {});
  }
  if (!parts) {
    std::optional<int64_t> whole = getConstantIntValue(x.sizes[*axis]);
    int64_t count = node.integer("num_outputs", node.outputs());
    if (!node.expect(whole && count > 0, "expected a size known at compile time to split, got " + showTensor(x)))
      return;
    int64_t each = llvm::divideCeil(*whole, count);
    parts.emplace();
    for (int64_t i = 0; i < count; ++i)
      parts->push_back(std::max<int64_t>(0, std::min(each, *whole - i * each)));
  }
  if (!node.expect(static_cast<int64_t>(parts->size()) == node.outputs(),
                   "expected " + Twine(node.outputs()) + " parts, got " + Twine(parts->size())))
    return;
  int64_t offset = 0;
  for (auto [i, part] : llvm::enumerate(*parts)) {
    node.out(static_cast<int64_t>(i), node.slice(x, *axis, node.size(offset), node.size(part)));
    offset += part;
  }
}

/// Which elements a slice takes along one dimension: `start`, and then in steps.
static void lowerSlice(Node &node) {
  const Tensor &x = node.in(0);
  for (int64_t i : {1, 2})
    if (!node.expectInteger(i) || !node.expectRank(i, 1, 1))
      return;
  for (int64_t i : {3, 4})
    if (node.has(i) && (!node.expectInteger(i) || !node.expectRank(i, 1, 1)))
      return;
  std::optional<int64_t> count = getConstantIntValue(node.in(1).sizes[0]);
  if (!node.expect(count && *count <= x.rank() && getConstantIntValue(node.in(2).sizes[0]) == count,
                   "expected as many starts as ends, at most one a dimension"))
    return;
  std::optional<SmallVector<int64_t>> axes, steps;
  axes = node.has(3) ? node.numbers(node.in(3)) : llvm::to_vector(llvm::seq<int64_t>(*count));
  steps = node.has(4) ? node.numbers(node.in(4)) : SmallVector<int64_t>(*count, 1);
  std::optional<Sizes> stated = node.declared(0);
  if (stated && static_cast<int64_t>(stated->size()) != x.rank())
    stated.reset();
  // Axes of the running model can be told only where all dimensions are cut.
  if (!axes && *count == x.rank())
    axes = llvm::to_vector(llvm::seq<int64_t>(*count)); // checked below
  if (!node.expect(axes && static_cast<int64_t>(axes->size()) == *count,
                   "expected the axes (input 3) to be known at compile time, one for each start"))
    return;
  bool axesAreGiven = node.has(3) && !node.in(3).known;
  Tensor result = x;
  for (int64_t i = 0; i < *count; ++i) {
    std::optional<int64_t> axis = node.axis((*axes)[i], x.rank());
    if (!axis)
      return;
    if (axesAreGiven) {
      Scalars s(node.ops.getLoc(), node.ops, kInt64);
      Value given = node.asValue(node.element(node.in(3), i));
      if (!node.in(3).argument.empty())
        node.require(s.compareIndex(Scalars::Order::Equal, s.wrapIndex(given, s.index(x.rank())), s.index(*axis)),
                     node.in(3).argument);
    }
    OpFoldResult size = result.sizes[*axis], start = node.element(node.in(1), i), end = node.element(node.in(2), i);
    std::optional<int64_t> from = getConstantIntValue(start), to = getConstantIntValue(end),
                           length = getConstantIntValue(size);
    std::optional<int64_t> by =
        steps && static_cast<int64_t>(steps->size()) > i ? std::optional((*steps)[i]) : std::nullopt;
    if (!node.expect(by != 0, "expected steps other than 0"))
      return;
    OpFoldResult first, extent;
    if (from && to && by && length) {
      auto clamp = [&](int64_t place, int64_t least, int64_t most) {
        return std::min(std::max(place < 0 ? place + *length : place, least), most);
      };
      int64_t begin = *by > 0 ? clamp(*from, 0, *length) : clamp(*from, 0, *length - 1);
      int64_t behind = *by > 0 ? clamp(*to, 0, *length) : (*to < -*length ? -1 : clamp(*to, -1, *length - 1));
      int64_t distance = *by > 0 ? behind - begin : begin - behind;
      uint64_t stride = *by > 0 ? static_cast<uint64_t>(*by) : -static_cast<uint64_t>(*by);
      first = node.size(begin);
      extent = node.size(distance <= 0 ? 0 : static_cast<int64_t>((static_cast<uint64_t>(distance) - 1) / stride + 1));
    } else if (by && *by == 1) {
      // Bounds of the running model, kept inside.
      Scalars s(node.ops.getLoc(), node.ops, kInt64);
      Value whole = node.asValue(size), zero = s.index(0);
      auto clamp = [&](OpFoldResult place) {
        return s.minIndex(s.maxIndex(s.wrapIndex(node.asValue(place), whole), zero), whole);
      };
      Value begin = clamp(start), behind = s.maxIndex(begin, clamp(end));
      first = getAsOpFoldResult(begin);
      // x[:T] is as long as T is, where T says how long x is.
      extent = from == 0 && TensorBuilder::same(end, size) ? size : getAsOpFoldResult(s.subIndex(behind, begin));
      if (stated && getConstantIntValue(extent) == std::nullopt) {
        OpFoldResult wanted = (*stated)[*axis];
        if (!node.in(1).argument.empty())
          node.require(s.compareIndex(Scalars::Order::Equal, node.asValue(extent), node.asValue(wanted)),
                       node.in(1).argument);
        extent = wanted;
        // Whatever was asked for, nothing outside is read.
        first = getAsOpFoldResult(s.minIndex(begin, s.maxIndex(zero, s.subIndex(whole, node.asValue(wanted)))));
      }
    } else if (stated && length) {
      Scalars s(node.ops.getLoc(), node.ops, kInt64);
      Value whole = node.asValue(size), last = s.subIndex(whole, s.index(1)), zero = s.index(0);
      first = getAsOpFoldResult(s.minIndex(s.maxIndex(s.wrapIndex(node.asValue(start), whole), zero), last));
      extent = (*stated)[*axis];
    } else {
      return (void)node.error("expected starts, ends and steps known at compile time, or steps of 1");
    }
    if (by == 1) {
      result = node.slice(result, *axis, first, extent);
      continue;
    }
    Value source = node.value(result), begin = node.asValue(first), whole = node.asValue(size);
    Value step = by ? node.asValue(node.size(*by)) : node.asValue(node.element(node.in(4), i));
    Sizes sizes(result.sizes);
    sizes[*axis] = extent;
    result = node.generate(x.type, sizes, [&](Scalars &s, ValueRange indices) {
      SmallVector<Value> place(indices);
      Value at = s.addIndex(begin, s.mulIndex(indices[*axis], step));
      place[*axis] = by ? at : s.maxIndex(s.index(0), s.minIndex(at, s.subIndex(whole, s.index(1))));
      return s.load(source, place);
    });
  }
  node.out(0, result);
}

//===----------------------------------------------------------------------===//
// Padding
//===----------------------------------------------------------------------===//

static void lowerPad(Node &node) {
  const Tensor &x = node.in(0);
  std::string mode = node.text("mode", "constant");
  int64_t rank = x.rank();
  SmallVector<int64_t> axes = llvm::to_vector(llvm::seq<int64_t>(rank));
  if (node.has(3)) {
    std::optional<SmallVector<int64_t>> given = node.axes(3, rank);
    if (!given)
      return;
    axes = *given;
  }
  Sizes before(rank, node.size(0)), behind(rank, node.size(0));
  std::optional<Tensor> stated = readIntegers(node, "pads", "pads");
  if (!stated)
    return;
  const Tensor &pads = *stated;
  if (!node.expect(isInteger(pads.type) && pads.rank() == 1 &&
                       getConstantIntValue(pads.sizes[0]) == 2 * static_cast<int64_t>(axes.size()),
                   "expected " + Twine(2 * axes.size()) + " pads, got " + showTensor(pads)))
    return;
  for (auto [i, axis] : llvm::enumerate(axes)) {
    before[axis] = node.element(pads, static_cast<int64_t>(i));
    behind[axis] = node.element(pads, static_cast<int64_t>(i + axes.size()));
  }
  Sizes sizes;
  for (int64_t dim = 0; dim < rank; ++dim)
    sizes.push_back(node.addSizes(node.addSizes(x.sizes[dim], before[dim]), behind[dim]));
  if (!pads.known) {
    std::optional<Sizes> stated = statedSizes(node, 1);
    if (!stated || !node.expect(static_cast<int64_t>(stated->size()) == rank, "expected an output of one rank"))
      return;
    Scalars s(node.ops.getLoc(), node.ops, kInt64);
    Value holds = s.boolean(true);
    for (int64_t dim = 0; dim < rank; ++dim)
      holds = s.logicalAnd(
          holds, s.compareIndex(Scalars::Order::Equal, node.asValue(sizes[dim]), node.asValue((*stated)[dim])));
    if (!pads.argument.empty())
      node.require(holds, pads.argument);
    sizes = *stated;
  }
  for (OpFoldResult size : sizes)
    if (!node.expect(getConstantIntValue(size).value_or(0) >= 0,
                     "expected sizes of 0 or more, got " + showSizes(sizes)))
      return;
  if (!node.expect(mode == "constant" || mode == "reflect" || mode == "edge" || mode == "wrap",
                   "expected mode to be constant, reflect, edge or wrap, got '" + mode + "'"))
    return;
  Scalars outer(node.ops.getLoc(), node.ops, x.type);
  bool hasFiller = node.has(2) && mode == "constant";
  if (hasFiller && !node.expectSameType(2))
    return;
  Value filler = hasFiller ? node.scalar(node.in(2)) : outer.number(node.real("value", 0));
  Value source = node.value(x);
  SmallVector<Value> starts, lengths;
  for (int64_t dim = 0; dim < rank; ++dim) {
    starts.push_back(node.asValue(before[dim]));
    lengths.push_back(node.asValue(x.sizes[dim]));
  }
  node.out(0, node.generate(x.type, sizes, [&](Scalars &s, ValueRange indices) {
    using Order = Scalars::Order;
    Value inside = s.boolean(true), one = s.index(1), zero = s.index(0);
    SmallVector<Value> places;
    for (auto [index, start, length] : llvm::zip(indices, starts, lengths)) {
      Value place = s.subIndex(index, start), last = s.subIndex(length, one);
      auto clamp = [&](Value at) { return s.maxIndex(zero, s.minIndex(at, last)); };
      if (mode == "constant") {
        inside = s.logicalAnd(inside, s.compareIndex(Order::LessEqual, zero, place));
        inside = s.logicalAnd(inside, s.compareIndex(Order::Less, place, length));
      } else if (mode == "edge") {
        place = clamp(place);
      } else if (mode == "wrap") {
        place = s.wrapIndex(s.remIndex(place, s.maxIndex(length, one)), length);
      } else {
        // Mirrored with a period of 2 (length - 1).
        Value period = s.maxIndex(s.addIndex(last, last), one);
        Value wrapped = s.wrapIndex(s.remIndex(place, period), period);
        place = clamp(s.minIndex(wrapped, s.subIndex(period, wrapped)));
      }
      places.push_back(place);
    }
    if (mode != "constant")
      return s.load(source, places);
    return s.branch(
        inside, filler.getType(), [&](Scalars &in) { return SmallVector<Value>{in.load(source, places)}; },
        [&](Scalars &) { return SmallVector<Value>{filler}; })[0];
  }));
}

/// Cuts or pads dimensions around the middle.
static void lowerCenterCropPad(Node &node) {
  const Tensor &x = node.in(0);
  std::optional<SmallVector<int64_t>> axes = node.integers("axes");
  if (!axes)
    axes = llvm::to_vector(llvm::seq<int64_t>(x.rank()));
  std::optional<SmallVector<int64_t>> wanted = node.numbers(node.in(1));
  std::optional<Sizes> stated = node.declared(0);
  if (stated && static_cast<int64_t>(stated->size()) != x.rank())
    stated.reset();
  Tensor result = x;
  for (auto [i, stated_axis] : llvm::enumerate(*axes)) {
    std::optional<int64_t> axis = node.axis(stated_axis, x.rank());
    if (!axis)
      return;
    std::optional<int64_t> size = wanted && i < wanted->size() ? std::optional((*wanted)[i])
                                  : stated                     ? getConstantIntValue((*stated)[*axis])
                                                               : std::nullopt;
    std::optional<int64_t> have = getConstantIntValue(result.sizes[*axis]);
    if (!node.expect(size && *size >= 0 && have, "expected the shape (input 1) to be known at compile time"))
      return;
    if (*size <= *have) {
      result = node.slice(result, *axis, node.size((*have - *size) / 2), node.size(*size));
      continue;
    }
    Sizes before(x.rank(), node.size(0)), behind(before);
    before[*axis] = node.size((*size - *have) / 2);
    behind[*axis] = node.size(*size - *have - (*size - *have) / 2);
    Scalars s(node.ops.getLoc(), node.ops, x.type);
    result = node.pad(result, before, behind, s.number(0));
  }
  node.out(0, result);
}

//===----------------------------------------------------------------------===//
// Orders of elements
//===----------------------------------------------------------------------===//

static void lowerDepthToSpace(Node &node) {
  const Tensor &x = node.in(0);
  int64_t block = node.integer("blocksize", 1);
  if (!node.expectRank(0, 4, 4) || !node.expect(block > 0 && block < (1 << 15), "expected a block of at least 1"))
    return;
  OpFoldResult b = node.size(block), depth = node.divSizes(x.sizes[1], node.size(block * block));
  bool isDcr = node.text("mode", "DCR") == "DCR";
  Sizes split = isDcr ? Sizes{x.sizes[0], b, b, depth, x.sizes[2], x.sizes[3]}
                      : Sizes{x.sizes[0], depth, b, b, x.sizes[2], x.sizes[3]};
  SmallVector<int64_t> order = isDcr ? SmallVector<int64_t>{0, 3, 4, 1, 5, 2} : SmallVector<int64_t>{0, 1, 4, 2, 5, 3};
  Tensor turned = node.transpose(node.reshape(x, split), order);
  node.out(0, node.reshape(turned, {x.sizes[0], depth, node.mulSizes(x.sizes[2], b), node.mulSizes(x.sizes[3], b)}));
}

static void lowerSpaceToDepth(Node &node) {
  const Tensor &x = node.in(0);
  int64_t block = node.integer("blocksize", 1);
  if (!node.expectRank(0, 4, 4) || !node.expect(block > 0 && block < (1 << 15), "expected a block of at least 1"))
    return;
  OpFoldResult b = node.size(block), height = node.divSizes(x.sizes[2], b), width = node.divSizes(x.sizes[3], b);
  Tensor split = node.reshape(x, {x.sizes[0], x.sizes[1], height, b, width, b});
  bool isDcr = node.text("mode", "DCR") == "DCR";
  Tensor turned =
      node.transpose(split, isDcr ? SmallVector<int64_t>{0, 3, 5, 1, 2, 4} : SmallVector<int64_t>{0, 1, 3, 5, 2, 4});
  node.out(0, node.reshape(turned, {x.sizes[0], node.mulSizes(x.sizes[1], node.size(block * block)), height, width}));
}

/// The upper or lower triangle of matrices.
static void lowerTrilu(Node &node) {
  const Tensor &x = node.in(0);
  if (!node.expectRank(0, 2, 64) || (node.has(1) && !node.expectInteger(1)))
    return;
  Value k = node.has(1) ? node.asValue(node.element(node.in(1), 0)) : node.asValue(node.size(0));
  bool upper = node.integer("upper", 1) != 0;
  Value source = node.value(x);
  int64_t rank = x.rank();
  node.out(0, node.generate(x.type, x.sizes, [&](Scalars &s, ValueRange i) {
    Value diagonal = s.addIndex(i[rank - 2], k);
    Value keeps = upper ? s.compareIndex(Scalars::Order::LessEqual, diagonal, i[rank - 1])
                        : s.compareIndex(Scalars::Order::LessEqual, i[rank - 1], diagonal);
    Value zero = s.number(0);
    return s.select(keeps, s.load(source, i), zero);
  }));
}

static void lowerReverseSequence(Node &node) {
  const Tensor &x = node.in(0);
  if (!node.expectRank(0, 2, 64) || !node.expectInteger(1) || !node.expectRank(1, 1, 1))
    return;
  std::optional<int64_t> batch = node.axis(node.integer("batch_axis", 1), x.rank()),
                         time = node.axis(node.integer("time_axis", 0), x.rank());
  if (!batch || !time)
    return;
  Value source = node.value(x), lengths = node.value(node.in(1)), most = node.asValue(x.sizes[*time]);
  node.out(0, node.generate(x.type, x.sizes, [&](Scalars &s, ValueRange i) {
    Value length = s.toIndex(s.load(lengths, i[*batch]), node.in(1).type);
    length = s.minIndex(length, most);
    Value turned = s.subIndex(s.subIndex(length, s.index(1)), i[*time]);
    SmallVector<Value> place(i);
    place[*time] = s.select(s.compareIndex(Scalars::Order::Less, i[*time], length), turned, i[*time]);
    return s.load(source, place);
  }));
}

ArrayRef<Operator> linnet::onnx_frontend::getShapeOperators() {
  static const Operator operators[] = {
      {"CenterCropPad", 2, 2, lowerCenterCropPad},
      {"Concat", 1, kAnyNumber, lowerConcat, 4},
      {"DepthToSpace", 1, 1, lowerDepthToSpace},
      {"Expand", 2, 2, lowerExpand},
      {"Flatten", 1, 1, lowerFlatten},
      {"Pad", 1, 4, lowerPad},
      {"Reshape", 1, 2, lowerReshape},
      {"ReverseSequence", 2, 2, lowerReverseSequence},
      {"Slice", 3, 5, lowerSlice, 10},
      {"SpaceToDepth", 1, 1, lowerSpaceToDepth},
      {"Split", 1, 2, lowerSplit},
      {"Squeeze", 1, 2, lowerSqueeze},
      {"Tile", 2, 2, lowerTile, 6},
      {"Transpose", 1, 1, lowerTranspose},
      {"Trilu", 1, 2, lowerTrilu},
      {"Unsqueeze", 1, 2, lowerUnsqueeze},
  };
  return operators;
}
