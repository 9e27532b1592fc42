//===- Matrix.cpp - products of matrices ----------------------------------------===//
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

static void lowerMatMul(Node &node) {
  if (node.expectNumbers(0) && node.expectSameType(1))
    node.out(0, node.matmul(node.in(0), node.in(1)));
}

static void lowerGemm(Node &node) {
  if (!node.expectNumbers(0) || !node.expectSameType(1) || !node.expectRank(0, 2, 2) || !node.expectRank(1, 2, 2))
    return;
  Tensor a = node.in(0), b = node.in(1);
  if (node.integer("transA", 0))
    a = node.transpose(a, {1, 0});
  if (node.integer("transB", 0))
    b = node.transpose(b, {1, 0});
  Tensor result = node.matmul(a, b);
  double alpha = node.real("alpha", 1), beta = node.real("beta", 1);
  if (alpha != 1)
    result = node.mul(result, node.number(result.type, alpha));
  if (node.has(2)) {
    if (!node.expectSameType(2))
      return;
    Tensor c = node.in(2);
    if (beta != 1)
      c = node.mul(c, node.number(c.type, beta));
    result =
        node.mapTo(result.sizes, {result, c}, result.type, [](Scalars &s, ValueRange v) { return s.add(v[0], v[1]); });
  }
  node.out(0, result);
}

/// Reads an equation of letters and at most one ellipsis a term into loops per operand.
static void lowerEinsum(Node &node) {
  std::string equation = node.text("equation", "");
  equation.erase(std::remove(equation.begin(), equation.end(), ' '), equation.end());
  auto [left, right] = StringRef(equation).split("->");
  bool isExplicit = equation.find("->") != std::string::npos;
  SmallVector<StringRef> terms;
  left.split(terms, ',');
  if (!node.expect(static_cast<int64_t>(terms.size()) == node.inputs(),
                   "expected an equation of " + Twine(node.inputs()) + " terms, got '" + equation + "'"))
    return;
  // Loops by name; those of the ellipsis are counted from behind, as they broadcast.
  llvm::StringMap<int64_t> loops;
  Sizes sizes;
  SmallVector<Tensor> operands;
  SmallVector<SmallVector<int64_t>> maps;
  int64_t mostSpread = 0;
  llvm::StringMap<int64_t> uses;
  auto split = [](StringRef term) {
    SmallVector<std::string> labels; // "..." stands for itself
    for (size_t i = 0; i < term.size(); ++i) {
      if (term.substr(i).starts_with("...")) {
        labels.push_back("...");
        i += 2;
      } else {
        labels.push_back(term.substr(i, 1).str());
      }
    }
    return labels;
  };
  for (auto [i, term] : llvm::enumerate(terms)) {
    Tensor x = node.in(i);
    if (!node.expectNumbers(i) || !node.expectSameType(i))
      return;
    SmallVector<std::string> labels = split(term), full;
    int64_t spread = x.rank() - static_cast<int64_t>(labels.size()) + 1;
    for (const std::string &label : labels) {
      if (label != "...") {
        full.push_back(label);
        ++uses[label];
        continue;
      }
      mostSpread = std::max(mostSpread, spread);
      for (int64_t k = spread; k > 0; --k)
        full.push_back("." + std::to_string(k));
    }
    if (!node.expect(static_cast<int64_t>(full.size()) == x.rank(),
                     "expected term '" + term + "' to have one letter a dimension, got " + showTensor(x)))
      return;
    SmallVector<int64_t> map, dropped;
    for (auto [dim, label] : llvm::enumerate(full)) {
      auto [entry, isNew] = loops.try_emplace(label, sizes.size());
      if (isNew)
        sizes.push_back(x.sizes[dim]);
      OpFoldResult &size = sizes[entry->second];
      std::optional<int64_t> have = getConstantIntValue(x.sizes[dim]), want = getConstantIntValue(size);
      if (want == 1 && have != 1)
        size = x.sizes[dim];
      else if (have && want && *have != *want && *have != 1)
        return (void)node.error("expected one size for '" + Twine(label) + "', got " + Twine(*want) + " and " +
                                Twine(*have));
      map.push_back(entry->second);
    }
    operands.push_back(x);
    maps.push_back(map);
  }
  // A size of 1 that broadcasts is left out of its operand.
  for (auto [x, map] : llvm::zip(operands, maps)) {
    SmallVector<int64_t> dropped, kept;
    for (auto [dim, loop] : llvm::enumerate(map))
      if (getConstantIntValue(x.sizes[dim]) == 1 && getConstantIntValue(sizes[loop]) != 1)
        dropped.push_back(static_cast<int64_t>(dim));
      else
        kept.push_back(loop);
    if (!dropped.empty())
      x = node.squeeze(x, dropped);
    map = kept;
  }
  SmallVector<int64_t> result;
  auto spreadLoops = [&] {
    for (int64_t k = mostSpread; k > 0; --k)
      result.push_back(loops.lookup("." + std::to_string(k)));
  };
  if (isExplicit) {
    for (const std::string &label : split(right)) {
      if (label == "...") {
        spreadLoops();
        continue;
      }
      if (!node.expect(loops.count(label) && !llvm::is_contained(result, loops.lookup(label)),
                       "expected the result to have letters of the terms, each once, got '" + right + "'"))
        return;
      result.push_back(loops.lookup(label));
    }
  } else {
    spreadLoops();
    SmallVector<StringRef> once;
    for (auto &entry : uses)
      if (entry.second == 1)
        once.push_back(entry.first());
    llvm::sort(once);
    for (StringRef label : once)
      result.push_back(loops.lookup(label));
  }
  maps.push_back(result);
  node.out(0, node.contract(operands, maps, sizes));
}

static void lowerMatMulInteger(Node &node) {
  if (!node.expectInteger(0) || !node.expectInteger(1))
    return;
  SmallVector<Tensor> wide;
  for (int64_t i : {0, 1}) {
    Tensor x = node.cast(node.in(i), kInt32);
    if (node.has(2 + i)) {
      Tensor zero = node.cast(node.in(2 + i), kInt32);
      if (i == 0 && zero.rank() == 1 && x.rank() > 1)
        zero = node.unsqueeze(zero, 1);
      x = node.sub(x, zero);
    }
    wide.push_back(x);
  }
  node.out(0, node.matmul(wide[0], wide[1]));
}

/// By elimination with the largest pivot, one matrix after the other.
static void lowerDet(Node &node) {
  if (!node.expectFloat(0) || !node.expectRank(0, 2, 64))
    return;
  const Tensor &x = node.in(0);
  std::optional<int64_t> size = getConstantIntValue(x.sizes.back());
  if (!node.expect(size && getConstantIntValue(x.sizes[x.rank() - 2]) == size && *size <= 8,
                   "expected square matrices of at most 8 rows, got " + showTensor(x)))
    return;
  Value source = node.value(x);
  node.out(0, node.generate(x.type, ArrayRef(x.sizes).drop_back(2), [&](Scalars &s, ValueRange batch) {
    int64_t n = *size;
    int32_t computed = getComputeType(x.type);
    Scalars c(s.getLoc(), s, computed);
    SmallVector<Value> m;
    for (int64_t row = 0; row < n; ++row)
      for (int64_t column = 0; column < n; ++column) {
        SmallVector<Value> indices(batch);
        indices.append({c.index(row), c.index(column)});
        m.push_back(c.convert(c.load(source, indices), x.type, computed));
      }
    Value result = c.number(1);
    for (int64_t k = 0; k < n; ++k) {
      for (int64_t row = k + 1; row < n; ++row) {
        Value swaps = c.less(c.abs(m[k * n + k]), c.abs(m[row * n + k]));
        for (int64_t column = k; column < n; ++column) {
          Value upper = m[k * n + column], lower = m[row * n + column];
          m[k * n + column] = c.select(swaps, lower, upper);
          m[row * n + column] = c.select(swaps, upper, lower);
        }
        result = c.select(swaps, c.neg(result), result);
      }
      Value pivot = m[k * n + k], isZero = c.equal(pivot, c.number(0));
      Value divisor = c.select(isZero, c.number(1), pivot);
      result = c.mul(result, pivot);
      for (int64_t row = k + 1; row < n; ++row) {
        Value factor = c.div(m[row * n + k], divisor);
        for (int64_t column = k + 1; column < n; ++column)
          m[row * n + column] = c.sub(m[row * n + column], c.mul(factor, m[k * n + column]));
      }
    }
    return c.convert(result, computed, x.type);
  }));
}

ArrayRef<Operator> linnet::onnx_frontend::getMatrixOperators() {
  static const Operator operators[] = {
      {"Det", 1, 1, lowerDet},       {"Einsum", 1, kAnyNumber, lowerEinsum},      {"Gemm", 2, 3, lowerGemm, 7},
      {"MatMul", 2, 2, lowerMatMul}, {"MatMulInteger", 2, 4, lowerMatMulInteger},
  };
  return operators;
}
