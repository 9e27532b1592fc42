//===- Reduction.cpp - operators that fold elements along axes -===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/onnx/Node.h"
#include "frontends/onnx/Registry.h"

#include "dialects/linnet/Linnet.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace linnet;
using namespace linnet::onnx_frontend;

namespace {
using Binary = Value (Scalars::*)(Value, Value);

/// The axes of a Reduce operator; nothing after an error.
std::optional<SmallVector<int64_t>> getAxes(Node &node) {
  std::optional<SmallVector<int64_t>> axes = node.axes(1, node.in(0).rank());
  if (node.failed)
    return std::nullopt;
  if (axes && !axes->empty())
    return axes;
  if (node.integer("noop_with_empty_axes", 0))
    return SmallVector<int64_t>();
  return llvm::to_vector(llvm::seq<int64_t>(node.in(0).rank()));
}

/// What is done to each element before, and to the result behind a reduction.
struct Reduction {
  Value (*before)(Scalars &, Value) = nullptr;
  Value (*init)(Scalars &) = [](Scalars &s) { return s.number(0); };
  Binary combine = &Scalars::add;
  Value (*behind)(Scalars &, Value) = nullptr;
};
} // namespace

/// Axes of the running model: the model states the shape of the output, and for every dimension is asked whether it is
/// among them.
static std::optional<Tensor> foldGivenAxes(Node &node, const Tensor &x, const Reduction &how) {
  const Tensor &axes = node.in(1);
  std::optional<Sizes> stated = node.declared(0);
  std::optional<int64_t> count = axes.rank() == 1 ? getConstantIntValue(axes.sizes[0]) : std::nullopt;
  bool keepDims = node.integer("keepdims", 1) != 0;
  int64_t rank = x.rank();
  if (!node.expectInteger(1) ||
      !node.expect(stated && count && static_cast<int64_t>(stated->size()) == (keepDims ? rank : rank - *count),
                   "expected the axes (input 1) to be known at compile time, or the model to state the shape of the "
                   "output")) {
    return std::nullopt;
  }
  Scalars outer(node.ops.getLoc(), node.ops, x.type);
  using Order = Scalars::Order;
  SmallVector<Value> isReduced, bounds, place; // place: the dimension of the output that is this one
  Value zero = outer.index(0), one = outer.index(1), next = zero, holds = outer.boolean(true);
  SmallVector<Value> statedSizes;
  for (OpFoldResult size : *stated)
    statedSizes.push_back(node.asValue(size));
  auto choose = [&](Scalars &s, ValueRange values, Value which) {
    Value chosen = values.empty() ? zero : values.front();
    for (auto [i, value] : llvm::enumerate(values))
      chosen = s.select(s.compareIndex(Order::Equal, which, s.index(static_cast<int64_t>(i))), value, chosen);
    return chosen;
  };
  for (int64_t dim = 0; dim < rank; ++dim) {
    Value found = outer.boolean(false);
    for (int64_t i = 0; i < *count; ++i) {
      Value axis = outer.wrapIndex(node.asValue(node.element(axes, i)), outer.index(rank));
      found = outer.logicalOr(found, outer.compareIndex(Order::Equal, axis, outer.index(dim)));
    }
    isReduced.push_back(found);
    bounds.push_back(node.asValue(x.sizes[dim]));
    place.push_back(keepDims ? outer.index(dim) : next);
    next = outer.select(found, next, outer.addIndex(next, one));
    Value wanted = outer.select(found, one, bounds.back()), have = choose(outer, statedSizes, place.back());
    Value fits = outer.compareIndex(Order::Equal, wanted, have);
    holds = outer.logicalAnd(holds, keepDims ? fits : outer.logicalOr(found, fits));
  }
  if (!keepDims)
    holds = outer.logicalAnd(holds, outer.compareIndex(Order::Equal, next, outer.index(rank - *count)));
  if (!axes.argument.empty())
    node.require(holds, axes.argument);
  Value source = node.value(x);
  return node.generate(x.type, *stated, [&](Scalars &s, ValueRange i) {
    std::function<Value(Scalars &, int64_t, SmallVector<Value>, Value)> fold =
        [&](Scalars &at, int64_t dim, SmallVector<Value> indices, Value all) -> Value {
      if (dim == rank)
        return (at.*how.combine)(all, at.load(source, indices));
      Value own = choose(at, i, place[dim]);
      Value from = at.select(isReduced[dim], zero, own);
      Value to = at.select(isReduced[dim], bounds[dim], at.minIndex(at.addIndex(own, one), bounds[dim]));
      return at.loop(from, to, all, [&](Scalars &in, Value index, ValueRange carried) {
        SmallVector<Value> deeper(indices);
        deeper.push_back(index);
        return SmallVector<Value>{fold(in, dim + 1, deeper, carried[0])};
      })[0];
    };
    return fold(s, 0, {}, how.init(s));
  });
}

static bool givesAxes(Node &node) { return node.has(1) && !node.numbers(node.in(1)); }

static void lower(Node &node, const Reduction &how) {
  if (!node.expectNumbers(0))
    return;
  bool keepDims = node.integer("keepdims", 1) != 0;
  int32_t type = node.in(0).type, computed = getComputeType(type);
  Tensor x = node.cast(node.in(0), computed);
  if (how.before)
    x = node.map(x, computed, [&](Scalars &s, ValueRange v) { return how.before(s, v[0]); });
  Tensor result = x;
  if (givesAxes(node)) {
    std::optional<Tensor> folded = foldGivenAxes(node, x, how);
    if (!folded)
      return;
    result = *folded;
  } else {
    std::optional<SmallVector<int64_t>> axes = getAxes(node);
    if (!axes)
      return;
    if (!axes->empty() || !node.integer("noop_with_empty_axes", 0))
      result = node.reduce(x, *axes, keepDims, how.init,
                           [&](Scalars &s, Value all, Value element) { return (s.*how.combine)(all, element); });
  }
  if (how.behind)
    result = node.map(result, computed, [&](Scalars &s, ValueRange v) { return how.behind(s, v[0]); });
  node.out(0, node.cast(result, type));
}

static Value square(Scalars &s, Value x) { return s.mul(x, x); }
static Value magnitude(Scalars &s, Value x) { return s.abs(x); }
static Value root(Scalars &s, Value x) {
  if (isFloat(s.type))
    return s.sqrt(x);
  Scalars wide(s.getLoc(), s, kDouble);
  return s.convert(wide.sqrt(s.convert(x, s.type, kDouble)), kDouble, s.type);
}
static Value logarithm(Scalars &s, Value x) {
  if (isFloat(s.type))
    return s.log(x);
  Scalars wide(s.getLoc(), s, kDouble);
  return s.convert(wide.log(s.convert(x, s.type, kDouble)), kDouble, s.type);
}

static void lowerReduceSum(Node &node) { lower(node, {}); }
static void lowerReduceSumSquare(Node &node) { lower(node, {square}); }
static void lowerReduceL1(Node &node) { lower(node, {magnitude}); }
static void lowerReduceL2(Node &node) {
  Reduction how;
  how.before = square;
  how.behind = root;
  lower(node, how);
}
static void lowerReduceLogSum(Node &node) {
  Reduction how;
  how.behind = logarithm;
  lower(node, how);
}
static void lowerReduceProd(Node &node) {
  Reduction how;
  how.init = [](Scalars &s) { return s.number(1); };
  how.combine = &Scalars::mul;
  lower(node, how);
}

/// The largest or smallest, of bool as well.
static void lowerExtreme(Node &node, bool isMax) {
  Reduction how;
  if (isMax) {
    how.init = [](Scalars &s) { return s.lowest(); };
    how.combine = &Scalars::max;
  } else {
    how.init = [](Scalars &s) { return s.highest(); };
    how.combine = &Scalars::min;
  }
  if (node.in(0).type != kBool)
    return lower(node, how);
  if (!node.expect(!givesAxes(node), "expected the axes (input 1) to be known at compile time"))
    return;
  std::optional<SmallVector<int64_t>> axes = getAxes(node);
  if (!axes)
    return;
  node.out(0, node.reduce(
                  node.in(0), *axes, node.integer("keepdims", 1) != 0, [&](Scalars &s) { return s.boolean(!isMax); },
                  [&](Scalars &s, Value all, Value element) {
                    return isMax ? s.logicalOr(all, element) : s.logicalAnd(all, element);
                  }));
}
static void lowerReduceMax(Node &node) { lowerExtreme(node, true); }
static void lowerReduceMin(Node &node) { lowerExtreme(node, false); }

static void lowerReduceMean(Node &node) {
  if (!node.expectFloat(0))
    return;
  if (givesAxes(node)) {
    // The sum, by how many elements of the input there are for one of the output.
    int32_t computed = getComputeType(node.in(0).type);
    std::optional<Tensor> total = foldGivenAxes(node, node.cast(node.in(0), computed), {});
    if (!total)
      return;
    OpFoldResult count = node.divSizes(node.product(node.in(0).sizes), node.product(total->sizes));
    Tensor divisor = node.cast(node.known(Sizes{count}, {}), computed);
    return node.out(0, node.cast(node.div(*total, divisor), node.in(0).type));
  }
  std::optional<SmallVector<int64_t>> axes = getAxes(node);
  if (axes)
    node.out(0, axes->empty() ? node.in(0) : node.mean(node.in(0), *axes, node.integer("keepdims", 1) != 0));
}

/// log(sum(exp(x - m))) + m with m the largest; an empty or infinite row is left to the plain formula.
static void lowerReduceLogSumExp(Node &node) {
  if (!node.expectFloat(0))
    return;
  int32_t type = node.in(0).type, computed = getComputeType(type);
  Tensor x = node.cast(node.in(0), computed);
  if (givesAxes(node)) {
    // Shifted by the largest of all elements: exp(x) overflows nowhere.
    Tensor shift = node.maximum(x, llvm::to_vector(llvm::seq<int64_t>(x.rank())), false);
    shift = node.map(shift, computed, [](Scalars &s, ValueRange v) {
      return s.select(s.less(s.abs(v[0]), s.highest()), v[0], s.number(0));
    });
    Tensor terms = node.map({x, shift}, computed, [](Scalars &s, ValueRange v) { return s.exp(s.sub(v[0], v[1])); });
    std::optional<Tensor> total = foldGivenAxes(node, terms, {});
    if (total)
      node.out(0, node.cast(node.map({*total, shift}, computed,
                                     [](Scalars &s, ValueRange v) { return s.add(s.log(v[0]), v[1]); }),
                            type));
    return;
  }
  std::optional<SmallVector<int64_t>> axes = getAxes(node);
  if (!axes)
    return;
  if (axes->empty())
    return node.out(0, node.in(0));
  Tensor most = node.maximum(x, *axes, true);
  most = node.map(most, computed, [](Scalars &s, ValueRange v) {
    Value isFinite = s.less(s.abs(v[0]), s.highest());
    return s.select(isFinite, v[0], s.number(0));
  });
  Tensor powers = node.map({x, most}, computed, [](Scalars &s, ValueRange v) { return s.exp(s.sub(v[0], v[1])); });
  Tensor total = node.sum(powers, *axes, true);
  Tensor result = node.map({total, most}, computed, [](Scalars &s, ValueRange v) { return s.add(s.log(v[0]), v[1]); });
  if (!node.integer("keepdims", 1))
    result = node.squeeze(result, *axes);
  node.out(0, node.cast(result, type));
}

static void lowerArgExtreme(Node &node) {
  const Tensor &x = node.in(0);
  if (!node.expectNumbers(0) || !node.expectRank(0, 1, 64))
    return;
  std::optional<int64_t> axis = node.axis(node.integer("axis", 0), x.rank());
  if (!axis)
    return;
  bool isMax = node.op() == "ArgMax", takesLast = node.integer("select_last_index", 0) != 0;
  Sizes sizes(x.sizes);
  sizes.erase(sizes.begin() + *axis);
  Value source = node.value(x), length = node.asValue(x.sizes[*axis]);
  Tensor result = node.generate(kInt64, sizes, [&](Scalars &outer, ValueRange indices) {
    Scalars s(outer.getLoc(), outer, getComputeType(x.type));
    auto load = [&](Scalars &at, Value i) {
      SmallVector<Value> place(indices);
      place.insert(place.begin() + *axis, i);
      return at.convert(at.load(source, place), x.type, at.type);
    };
    Value first = load(s, s.index(0));
    SmallVector<Value> best = s.loop(s.index(1), length, {first, s.index(0)}, [&](Scalars &in, Value i, ValueRange b) {
      Value candidate = load(in, i);
      Value wins = isMax ? in.less(b[0], candidate) : in.less(candidate, b[0]);
      if (takesLast)
        wins = in.logicalOr(wins, in.equal(candidate, b[0]));
      return SmallVector<Value>{in.select(wins, candidate, b[0]), in.select(wins, i, b[1])};
    });
    return outer.fromIndex(best[1], kInt64);
  });
  node.out(0, node.integer("keepdims", 1) ? node.unsqueeze(result, *axis) : result);
}

//===----------------------------------------------------------------------===//
// Along time
//===----------------------------------------------------------------------===//

/// linnet.scan along one axis.
static Tensor scanAlong(Node &node, int64_t axis, bool multiplies) {
  const Tensor &x = node.in(0);
  int32_t computed = getComputeType(x.type);
  Tensor wide = node.cast(x, computed);
  Sizes states(x.sizes);
  states.erase(states.begin() + axis);
  Tensor init = node.empty(computed, x.sizes), first = node.full(computed, states, multiplies ? 1 : 0);
  auto op = ScanOp::create(node.ops, node.value(wide), init.value, node.value(first), /*segment_start=*/Value(),
                           multiplies ? ScanKind::Mul : ScanKind::Add, /*dimension=*/axis,
                           /*exclusive=*/node.integer("exclusive", 0) != 0, /*reverse=*/node.integer("reverse", 0) != 0,
                           /*unseeded=*/false, /*element_ranks=*/ArrayRef<int64_t>(), /*combinersCount=*/0);
  return node.cast(node.wrap(op.getYs()[0], computed, x.sizes), x.type);
}

/// The scan along the axis that the running model gives: there is one for every axis.
static Tensor scanAlongGiven(Node &node, Value axis, int64_t from, bool multiplies) {
  const Tensor &x = node.in(0);
  if (from + 1 == x.rank())
    return scanAlong(node, from, multiplies);
  Scalars s(node.ops.getLoc(), node.ops, kInt64);
  Value isIt = s.compareIndex(Scalars::Order::Equal, axis, s.index(from));
  auto op = scf::IfOp::create(node.ops, TypeRange(node.irType(x.type, x.sizes)), isIt, /*withElseRegion=*/true);
  for (bool isThen : {true, false}) {
    node.ops.setInsertionPointToEnd(isThen ? op.thenBlock() : op.elseBlock());
    Tensor result = isThen ? scanAlong(node, from, multiplies) : scanAlongGiven(node, axis, from + 1, multiplies);
    scf::YieldOp::create(node.ops, node.value(result));
  }
  node.ops.setInsertionPointAfter(op);
  return node.wrap(op.getResult(0), x.type, x.sizes);
}

static void lowerCumulative(Node &node, bool multiplies) {
  const Tensor &x = node.in(0);
  if (!node.expectNumbers(0) || !node.expectRank(0, 1, 8) || !node.expectInteger(1))
    return;
  std::optional<SmallVector<int64_t>> stated = node.numbers(node.in(1));
  if (!stated) {
    Scalars s(node.ops.getLoc(), node.ops, kInt64);
    Value axis = s.wrapIndex(node.asValue(node.element(node.in(1), 0)), s.index(x.rank()));
    Value isInside = s.logicalAnd(s.compareIndex(Scalars::Order::LessEqual, s.index(0), axis),
                                  s.compareIndex(Scalars::Order::Less, axis, s.index(x.rank())));
    if (!node.in(1).argument.empty())
      node.require(isInside, node.in(1).argument);
    return node.out(0, scanAlongGiven(node, axis, 0, multiplies));
  }
  if (!node.expect(stated->size() == 1, "expected one axis, got " + Twine(stated->size())))
    return;
  if (std::optional<int64_t> axis = node.axis(stated->front(), x.rank()))
    node.out(0, scanAlong(node, *axis, multiplies));
}
static void lowerCumSum(Node &node) { lowerCumulative(node, false); }
static void lowerCumProd(Node &node) { lowerCumulative(node, true); }

ArrayRef<Operator> linnet::onnx_frontend::getReductionOperators() {
  static const Operator operators[] = {
      {"ArgMax", 1, 1, lowerArgExtreme},         {"ArgMin", 1, 1, lowerArgExtreme},
      {"CumProd", 2, 2, lowerCumProd},           {"CumSum", 2, 2, lowerCumSum},
      {"ReduceL1", 1, 2, lowerReduceL1},         {"ReduceL2", 1, 2, lowerReduceL2},
      {"ReduceLogSum", 1, 2, lowerReduceLogSum}, {"ReduceLogSumExp", 1, 2, lowerReduceLogSumExp},
      {"ReduceMax", 1, 2, lowerReduceMax},       {"ReduceMean", 1, 2, lowerReduceMean},
      {"ReduceMin", 1, 2, lowerReduceMin},       {"ReduceProd", 1, 2, lowerReduceProd},
      {"ReduceSum", 1, 2, lowerReduceSum},       {"ReduceSumSquare", 1, 2, lowerReduceSumSquare},
  };
  return operators;
}
