//===- Pooling.cpp - poolings -===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/onnx/Node.h"
#include "frontends/onnx/Registry.h"

#include "frontends/onnx/ops/Window.h"

#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace linnet::onnx_frontend;

namespace {
/// One output of a pooling: `visit` sees every element of the window that lies inside of the input.
struct WindowLoop {
  const Tensor &x;
  const Window &window;
  Value source;
  ArrayRef<Value> sizes; // of the input in space

  using Visit = llvm::function_ref<SmallVector<Value>(Scalars &, Value element, ValueRange place, ValueRange carried)>;

  SmallVector<Value> run(Scalars &s, ValueRange output, ValueRange inits, Visit visit) const {
    return overDim(s, 0, output, {output[0], output[1]}, inits, visit);
  }

private:
  SmallVector<Value> overDim(Scalars &s, int64_t d, ValueRange output, SmallVector<Value> place, ValueRange carried,
                             Visit visit) const {
    if (d == window.dims())
      return visit(s, s.convert(s.load(source, place), x.type, s.type), place, carried);
    return s.loop(s.index(0), s.index(window.kernel[d]), carried, [&](Scalars &in, Value k, ValueRange state) {
      using Order = Scalars::Order;
      Value at = in.subIndex(in.mulIndex(output[d + 2], in.index(window.strides[d])), in.index(window.before[d]));
      at = in.addIndex(at, in.mulIndex(k, in.index(window.dilations[d])));
      Value inside =
          in.logicalAnd(in.compareIndex(Order::LessEqual, in.index(0), at), in.compareIndex(Order::Less, at, sizes[d]));
      return in.branch(
          inside, state.getTypes(),
          [&](Scalars &deeper) {
            SmallVector<Value> next(place);
            next.push_back(at);
            return overDim(deeper, d + 1, output, next, state, visit);
          },
          [&](Scalars &) { return SmallVector<Value>(state); });
    });
  }
};
} // namespace

/// Builds an output element by element; `body` gets the loop over its window.
static void lowerPool(Node &node, int32_t resultType, int64_t output,
                      llvm::function_ref<Value(Scalars &, const WindowLoop &, ValueRange)> body) {
  const Tensor &x = node.in(0);
  std::optional<SmallVector<int64_t>> kernel = node.integers("kernel_shape");
  if (!node.expectRank(0, 3, 8) || !node.expect(kernel.has_value(), "expected kernel_shape, got none"))
    return;
  std::optional<Window> window = readWindow(node, x, *kernel);
  if (!window)
    return;
  Sizes sizes = {x.sizes[0], x.sizes[1]};
  llvm::append_range(sizes, window->output);
  SmallVector<Value> bounds;
  for (OpFoldResult size : ArrayRef(x.sizes).drop_front(2))
    bounds.push_back(node.asValue(size));
  WindowLoop loop{x, *window, node.value(x), bounds};
  node.out(output, node.generate(resultType, sizes, [&](Scalars &outer, ValueRange i) {
    Scalars s(outer.getLoc(), outer, getComputeType(x.type));
    return body(s, loop, i);
  }));
}

static void lowerMaxPool(Node &node) {
  const Tensor &x = node.in(0);
  if (!node.expectNumbers(0))
    return;
  auto find = [&](Scalars &s, const WindowLoop &loop, ValueRange i) {
    return loop.run(s, i, {s.lowest(), s.index(0)},
                    [&](Scalars &in, Value element, ValueRange place, ValueRange carried) {
                      // The place in memory of the first largest.
                      Value flat = in.index(0);
                      bool columnMajor = node.integer("storage_order", 0) != 0;
                      flat = in.addIndex(in.mulIndex(place[0], node.asValue(x.sizes[1])), place[1]);
                      int64_t dims = x.rank() - 2;
                      for (int64_t d = 0; d < dims; ++d) {
                        int64_t dim = columnMajor ? dims - 1 - d : d;
                        flat = in.addIndex(in.mulIndex(flat, node.asValue(x.sizes[dim + 2])), place[dim + 2]);
                      }
                      Value wins = in.less(carried[0], element);
                      return SmallVector<Value>{in.max(carried[0], element), in.select(wins, flat, carried[1])};
                    });
  };
  for (OpFoldResult size : x.sizes) // made before the loops that use them
    (void)node.asValue(size);
  lowerPool(node, x.type, 0, [&](Scalars &s, const WindowLoop &loop, ValueRange i) {
    Value most = loop.run(s, i, s.lowest(), [&](Scalars &in, Value element, ValueRange, ValueRange carried) {
      return SmallVector<Value>{in.max(carried[0], element)};
    })[0];
    return s.convert(most, s.type, x.type);
  });
  if (!node.failed && node.wants(1) && node.expectStatic(0))
    lowerPool(node, kInt64, 1, [&](Scalars &s, const WindowLoop &loop, ValueRange i) {
      return s.fromIndex(find(s, loop, i)[1], kInt64);
    });
}

static void lowerAveragePool(Node &node) {
  const Tensor &x = node.in(0);
  if (!node.expectFloat(0))
    return;
  bool countsPads = node.integer("count_include_pad", 0) != 0;
  lowerPool(node, x.type, 0, [&](Scalars &s, const WindowLoop &loop, ValueRange i) {
    SmallVector<Value> sum =
        loop.run(s, i, {s.number(0), s.index(0)}, [](Scalars &in, Value element, ValueRange, ValueRange carried) {
          return SmallVector<Value>{in.add(carried[0], element), in.addIndex(carried[1], in.index(1))};
        });
    Value count = sum[1];
    if (countsPads) {
      // Taps in the input and its pads: rounding up may leave some beyond.
      count = s.index(1);
      const Window &w = loop.window;
      for (int64_t d = 0; d < w.dims(); ++d) {
        Value start = s.mulIndex(i[d + 2], s.index(w.strides[d]));
        Value end = s.addIndex(loop.sizes[d], s.index(w.before[d] + w.behind[d]));
        Value fits =
            s.divIndex(s.addIndex(s.subIndex(end, start), s.index(w.dilations[d] - 1)), s.index(w.dilations[d]));
        count = s.mulIndex(count, s.minIndex(fits, s.index(w.kernel[d])));
      }
    }
    return s.convert(s.div(sum[0], s.fromIndex(s.maxIndex(count, s.index(1)), s.type)), s.type, x.type);
  });
}

static void lowerLpPool(Node &node) {
  const Tensor &x = node.in(0);
  if (!node.expectFloat(0))
    return;
  int64_t p = node.integer("p", 2);
  lowerPool(node, x.type, 0, [&](Scalars &s, const WindowLoop &loop, ValueRange i) {
    Value sum = loop.run(s, i, s.number(0), [&](Scalars &in, Value element, ValueRange, ValueRange carried) {
      Value size = in.abs(element);
      Value term = p == 1 ? size : p == 2 ? in.mul(size, size) : in.pow(size, in.number(static_cast<double>(p)));
      return SmallVector<Value>{in.add(carried[0], term)};
    })[0];
    Value root = p == 1 ? sum : p == 2 ? s.sqrt(sum) : s.pow(sum, s.number(1.0 / static_cast<double>(p)));
    return s.convert(root, s.type, x.type);
  });
}

/// The axes of space.
static SmallVector<int64_t> space(const Tensor &x) { return llvm::to_vector(llvm::seq<int64_t>(2, x.rank())); }

static void lowerGlobalAverage(Node &node) {
  if (node.expectFloat(0) && node.expectRank(0, 3, 64))
    node.out(0, node.mean(node.in(0), space(node.in(0)), true));
}

static void lowerGlobalMax(Node &node) {
  if (node.expectFloat(0) && node.expectRank(0, 3, 64))
    node.out(0, node.maximum(node.in(0), space(node.in(0)), true));
}

ArrayRef<Operator> linnet::onnx_frontend::getPoolingOperators() {
  static const Operator operators[] = {
      {"AveragePool", 1, 1, lowerAveragePool}, {"GlobalAveragePool", 1, 1, lowerGlobalAverage},
      {"GlobalMaxPool", 1, 1, lowerGlobalMax}, {"LpPool", 1, 1, lowerLpPool},
      {"MaxPool", 1, 1, lowerMaxPool},
  };
  return operators;
}
