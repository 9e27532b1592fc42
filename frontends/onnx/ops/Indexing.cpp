//===- Indexing.cpp - operators that read and write by indices -===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/onnx/Node.h"
#include "frontends/onnx/Registry.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace linnet::onnx_frontend;

/// An index of the running model, counted from either end and kept inside: what is outside has no meaning, but must not
/// be read.
static Value keepInside(Scalars &s, Value index, Value size) {
  Value last = s.subIndex(size, s.index(1));
  return s.maxIndex(s.index(0), s.minIndex(s.wrapIndex(index, size), last));
}

static Value loadIndex(Scalars &s, Value indices, ValueRange place, int32_t type, Value size) {
  return keepInside(s, s.toIndex(s.load(indices, place), type), size);
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

static void lowerGather(Node &node) {
  const Tensor &x = node.in(0), &indices = node.in(1);
  if (!node.expectInteger(1) || !node.expectRank(0, 1, 64))
    return;
  std::optional<int64_t> axis = node.axis(node.integer("axis", 0), x.rank());
  if (!axis)
    return;
  // One known place is a slice.
  if (std::optional<SmallVector<int64_t>> known = node.numbers(indices);
      known && known->size() == 1 && getConstantIntValue(x.sizes[*axis])) {
    int64_t size = *getConstantIntValue(x.sizes[*axis]), place = known->front();
    if (!node.expect(-size <= place && place < size,
                     "expected an index of " + showSizes(x.sizes[*axis]) + ", got " + Twine(place)))
      return;
    Tensor taken = node.slice(x, *axis, node.size(place < 0 ? place + size : place), node.size(1));
    Sizes sizes(ArrayRef(x.sizes).take_front(*axis));
    sizes.append(indices.sizes);
    sizes.append(x.sizes.begin() + *axis + 1, x.sizes.end());
    return node.out(0, node.reshape(taken, sizes));
  }
  Sizes sizes(ArrayRef(x.sizes).take_front(*axis));
  sizes.append(indices.sizes);
  sizes.append(x.sizes.begin() + *axis + 1, x.sizes.end());
  Value source = node.value(x), chosen = node.value(indices), size = node.asValue(x.sizes[*axis]);
  int64_t count = indices.rank();
  node.out(0, node.generate(x.type, sizes, [&](Scalars &s, ValueRange i) {
    SmallVector<Value> place(i.take_front(*axis));
    place.push_back(loadIndex(s, chosen, i.slice(*axis, count), indices.type, size));
    llvm::append_range(place, i.drop_front(*axis + count));
    return s.load(source, place);
  }));
}

static void lowerGatherElements(Node &node) {
  const Tensor &x = node.in(0), &indices = node.in(1);
  if (!node.expectInteger(1) || !node.expectRank(0, 1, 64) || !node.expectRank(1, x.rank(), x.rank()))
    return;
  std::optional<int64_t> axis = node.axis(node.integer("axis", 0), x.rank());
  if (!axis)
    return;
  Value source = node.value(x), chosen = node.value(indices), size = node.asValue(x.sizes[*axis]);
  node.out(0, node.generate(x.type, indices.sizes, [&](Scalars &s, ValueRange i) {
    SmallVector<Value> place(i);
    place[*axis] = loadIndex(s, chosen, i, indices.type, size);
    return s.load(source, place);
  }));
}

static void lowerGatherNd(Node &node) {
  const Tensor &x = node.in(0), &indices = node.in(1);
  int64_t batch = node.integer("batch_dims", 0);
  std::optional<int64_t> depth = indices.rank() ? getConstantIntValue(indices.sizes.back()) : std::nullopt;
  if (!node.expectInteger(1) ||
      !node.expect(depth && batch >= 0 && batch < indices.rank() && *depth > 0 && batch + *depth <= x.rank(),
                   "expected indices of at most as many numbers as the input has dimensions, got " +
                       showTensor(indices) + " for " + showTensor(x)))
    return;
  Sizes sizes(ArrayRef(indices.sizes).drop_back());
  int64_t outer = sizes.size();
  sizes.append(x.sizes.begin() + batch + *depth, x.sizes.end());
  Value source = node.value(x), chosen = node.value(indices);
  SmallVector<Value> bounds;
  for (OpFoldResult size : x.sizes)
    bounds.push_back(node.asValue(size));
  node.out(0, node.generate(x.type, sizes, [&](Scalars &s, ValueRange i) {
    SmallVector<Value> place(i.take_front(batch));
    for (int64_t k = 0; k < *depth; ++k) {
      SmallVector<Value> at(i.take_front(outer));
      at.push_back(s.index(k));
      place.push_back(loadIndex(s, chosen, at, indices.type, bounds[batch + k]));
    }
    llvm::append_range(place, i.drop_front(outer));
    return s.load(source, place);
  }));
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

using WriteBody = llvm::function_ref<SmallVector<Value>(Scalars &, ValueRange indices, ValueRange tensors)>;

/// Loops over all places of `sizes`, in order, carrying tensors.
static SmallVector<Value> overAll(Scalars &s, ArrayRef<Value> sizes, ValueRange tensors, SmallVector<Value> indices,
                                  WriteBody body) {
  if (sizes.empty())
    return body(s, indices, tensors);
  return s.loop(s.index(0), sizes.front(), tensors, [&](Scalars &in, Value i, ValueRange carried) {
    SmallVector<Value> deeper(indices);
    deeper.push_back(i);
    return overAll(in, sizes.drop_front(), carried, deeper, body);
  });
}

static SmallVector<Value> writeAll(Node &node, ArrayRef<OpFoldResult> sizes, ValueRange tensors, int32_t type,
                                   WriteBody body) {
  SmallVector<Value> bounds;
  for (OpFoldResult size : sizes)
    bounds.push_back(node.asValue(size));
  Scalars s(node.ops.getLoc(), node.ops, type);
  return overAll(s, bounds, tensors, {}, body);
}

/// The element that a place gets: the update, or what `reduction` makes of it and the element that is there.
static std::optional<Value> combine(Scalars &outer, StringRef reduction, Value tensor, ValueRange place, Value update) {
  if (reduction == "none")
    return update;
  int32_t type = outer.type;
  Scalars s(outer.getLoc(), outer, getComputeType(type));
  Value old = s.convert(s.load(tensor, place), type, s.type), fresh = s.convert(update, type, s.type);
  Value result = reduction == "add"   ? s.add(old, fresh)
                 : reduction == "mul" ? s.mul(old, fresh)
                 : reduction == "max" ? s.max(old, fresh)
                                      : s.min(old, fresh);
  return s.convert(result, s.type, type);
}

static bool expectReduction(Node &node, StringRef reduction) {
  return node.expect(llvm::is_contained<StringRef>({"none", "add", "mul", "max", "min"}, reduction),
                     "expected reduction to be none, add, mul, max or min, got '" + reduction + "'");
}

static void lowerScatterElements(Node &node) {
  const Tensor &x = node.in(0), &indices = node.in(1), &updates = node.in(2);
  std::string reduction = node.text("reduction", "none");
  if (!node.expectInteger(1) || !node.expectRank(0, 1, 64) || !node.expectRank(1, x.rank(), x.rank()) ||
      !node.expectRank(2, x.rank(), x.rank()) || !node.expectSameType(2) || !expectReduction(node, reduction))
    return;
  std::optional<int64_t> axis = node.axis(node.integer("axis", 0), x.rank());
  if (!axis)
    return;
  Value chosen = node.value(indices), source = node.value(updates), size = node.asValue(x.sizes[*axis]);
  Value result = writeAll(node, indices.sizes, node.value(x), x.type, [&](Scalars &s, ValueRange i, ValueRange t) {
    SmallVector<Value> place(i);
    place[*axis] = loadIndex(s, chosen, i, indices.type, size);
    Value element = *combine(s, reduction, t[0], place, s.load(source, i));
    return SmallVector<Value>{tensor::InsertOp::create(s, element, t[0], place)};
  })[0];
  node.out(0, node.wrap(result, x.type, x.sizes));
}

static void lowerScatterNd(Node &node) {
  const Tensor &x = node.in(0), &indices = node.in(1), &updates = node.in(2);
  std::string reduction = node.text("reduction", "none");
  std::optional<int64_t> depth = indices.rank() ? getConstantIntValue(indices.sizes.back()) : std::nullopt;
  int64_t outer = indices.rank() - 1;
  if (!node.expectInteger(1) || !node.expectSameType(2) || !expectReduction(node, reduction) ||
      !node.expect(depth && *depth > 0 && *depth <= x.rank() && updates.rank() == outer + x.rank() - *depth,
                   "expected indices of at most as many numbers as the input has dimensions, and updates of what they "
                   "name, got " +
                       showTensor(indices) + " and " + showTensor(updates) + " for " + showTensor(x)))
    return;
  Value chosen = node.value(indices), source = node.value(updates);
  SmallVector<Value> bounds;
  for (OpFoldResult size : x.sizes)
    bounds.push_back(node.asValue(size));
  Value result = writeAll(node, updates.sizes, node.value(x), x.type, [&](Scalars &s, ValueRange i, ValueRange t) {
    SmallVector<Value> place;
    for (int64_t k = 0; k < *depth; ++k) {
      SmallVector<Value> at(i.take_front(outer));
      at.push_back(s.index(k));
      place.push_back(loadIndex(s, chosen, at, indices.type, bounds[k]));
    }
    llvm::append_range(place, i.drop_front(outer));
    Value element = *combine(s, reduction, t[0], place, s.load(source, i));
    return SmallVector<Value>{tensor::InsertOp::create(s, element, t[0], place)};
  })[0];
  node.out(0, node.wrap(result, x.type, x.sizes));
}

/// Writes the update into a cache from a place per sequence.
static void lowerTensorScatter(Node &node) {
  const Tensor &cache = node.in(0), &update = node.in(1);
  if (!node.expectSameType(1) || !node.expectRank(0, 2, 64) || !node.expectRank(1, cache.rank(), cache.rank()) ||
      (node.has(2) && (!node.expectInteger(2) || !node.expectRank(2, 1, 1))))
    return;
  std::optional<int64_t> axis = node.axis(node.integer("axis", -2), cache.rank());
  if (!axis)
    return;
  bool isCircular = node.text("mode", "linear") == "circular";
  Value source = node.value(update), starts = node.has(2) ? node.value(node.in(2)) : Value();
  Value size = node.asValue(cache.sizes[*axis]);
  Value result =
      writeAll(node, update.sizes, node.value(cache), cache.type, [&](Scalars &s, ValueRange i, ValueRange t) {
        SmallVector<Value> place(i);
        if (starts)
          place[*axis] = s.addIndex(i[*axis], s.toIndex(s.load(starts, i[0]), node.in(2).type));
        if (isCircular)
          place[*axis] = s.remIndex(place[*axis], size);
        place[*axis] = keepInside(s, place[*axis], size);
        return SmallVector<Value>{tensor::InsertOp::create(s, s.load(source, i), t[0], place)};
      })[0];
  node.out(0, node.wrap(result, cache.type, cache.sizes));
}

//===----------------------------------------------------------------------===//
// Choosing
//===----------------------------------------------------------------------===//

/// Every element finds its rank in its row, and goes there if that is among the first k.
static void lowerTopK(Node &node) {
  const Tensor &x = node.in(0);
  if (!node.expectNumbers(0) || !node.expectRank(0, 1, 64) || !node.expectInteger(1))
    return;
  std::optional<int64_t> axis = node.axis(node.integer("axis", -1), x.rank());
  if (!axis)
    return;
  std::optional<Sizes> stated = node.declared(0);
  OpFoldResult k;
  if (node.in(1).known && node.in(1).known->size() == 1)
    k = node.in(1).known->front();
  else if (stated && static_cast<int64_t>(stated->size()) == x.rank())
    k = (*stated)[*axis];
  else
    return (void)node.error("expected k (input 1) to be known at compile time, or the model to state the shape of the "
                            "output");
  bool largest = node.integer("largest", 1) != 0;
  Sizes sizes(x.sizes);
  sizes[*axis] = k;
  Tensor values = node.empty(x.type, sizes), places = node.empty(kInt64, sizes);
  Value source = node.value(x), length = node.asValue(x.sizes[*axis]), count = node.asValue(k);
  SmallVector<Value> results =
      writeAll(node, x.sizes, {values.value, places.value}, x.type, [&](Scalars &outer, ValueRange i, ValueRange t) {
        Scalars s(outer.getLoc(), outer, getComputeType(x.type));
        Value raw = s.load(source, i), self = s.convert(raw, x.type, s.type);
        Value rank = s.loop(s.index(0), length, s.index(0), [&](Scalars &in, Value j, ValueRange before) {
          SmallVector<Value> at(i);
          at[*axis] = j;
          Value other = in.convert(in.load(source, at), x.type, in.type);
          Value precedes = largest ? in.less(self, other) : in.less(other, self);
          Value isEarlier = in.compareIndex(Scalars::Order::Less, j, i[*axis]);
          precedes = in.logicalOr(precedes, in.logicalAnd(isEarlier, in.equal(self, other)));
          return SmallVector<Value>{in.select(precedes, in.addIndex(before[0], in.index(1)), before[0])};
        })[0];
        SmallVector<Value> place(i);
        place[*axis] = rank;
        return outer.branch(
            s.compareIndex(Scalars::Order::Less, rank, count), t.getTypes(),
            [&](Scalars &in) {
              Value first = tensor::InsertOp::create(in, raw, t[0], place);
              Value second = tensor::InsertOp::create(in, in.fromIndex(i[*axis], kInt64), t[1], place);
              return SmallVector<Value>{first, second};
            },
            [&](Scalars &) { return SmallVector<Value>(t); });
      });
  node.out(0, node.wrap(results[0], x.type, sizes));
  node.out(1, node.wrap(results[1], kInt64, sizes));
}

/// The chosen elements, one after the other; how many must be known.
static void lowerCompress(Node &node) {
  const Tensor &condition = node.in(1);
  std::optional<Sizes> stated = node.declared(0);
  bool isFlat = !node.attribute("axis");
  Tensor x = isFlat ? node.flatten(node.in(0)) : node.in(0);
  std::optional<int64_t> axis = isFlat ? 0 : node.axis(node.integer("axis", 0), x.rank());
  if (!axis || !node.expect(condition.type == kBool && condition.rank() == 1, "expected a condition of bool [n]") ||
      !node.expect(stated && static_cast<int64_t>(stated->size()) == x.rank(),
                   "expected the model to state how many elements are chosen, got no shape of the output"))
    return;
  Value source = node.value(x), chosen = node.value(condition);
  Value bound = node.asValue(condition.sizes[0]), length = node.asValue(x.sizes[*axis]);
  node.out(0, node.generate(x.type, *stated, [&](Scalars &s, ValueRange i) {
    // The place of the i-th true.
    SmallVector<Value> found = s.loop(
        s.index(0), s.minIndex(bound, length), {s.index(0), s.index(0)}, [&](Scalars &in, Value j, ValueRange state) {
          Value isTrue = in.load(chosen, j);
          Value isIt = in.logicalAnd(isTrue, in.compareIndex(Scalars::Order::Equal, state[0], i[*axis]));
          return SmallVector<Value>{in.select(isTrue, in.addIndex(state[0], in.index(1)), state[0]),
                                    in.select(isIt, j, state[1])};
        });
    SmallVector<Value> place(i);
    place[*axis] = found[1];
    return s.load(source, place);
  }));
}

ArrayRef<Operator> linnet::onnx_frontend::getIndexingOperators() {
  static const Operator operators[] = {
      {"Compress", 2, 2, lowerCompress},
      {"Gather", 2, 2, lowerGather},
      {"GatherElements", 2, 2, lowerGatherElements},
      {"GatherND", 2, 2, lowerGatherNd},
      {"Scatter", 3, 3, lowerScatterElements},
      {"ScatterElements", 3, 3, lowerScatterElements},
      {"ScatterND", 3, 3, lowerScatterNd},
      {"TensorScatter", 2, 3, lowerTensorScatter},
      {"TopK", 2, 2, lowerTopK, 10},
  };
  return operators;
}
