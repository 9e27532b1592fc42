//===- SparseAttentionWorkloads.cpp - softmax attention with masks -----------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "KernelCase.h"

#include "test/benchmark/Loops.h"

#include "llvm/Support/FormatVariadic.h"

#include <cmath>

using namespace linnet;

/// Heads have this many elements.
static constexpr int64_t kSize = 64;
/// 512-bit operations on the pipes of the FMA unit for an exponential of 16 numbers, as in the selective scan.
static constexpr double kExponentialOps = 10;

static std::string attentionText(int64_t heads, llvm::StringRef mask) {
  return llvm::formatv(R"(module @attention attributes {{linnet.symbols = ["L"]} {{
  func.func @run(%q: {0} {{linnet.role = "input", linnet.name = "q", linnet.symbols = ["L"]},
                 %k: {0} {{linnet.role = "input", linnet.name = "k", linnet.symbols = ["L"]},
                 %v: {0} {{linnet.role = "input", linnet.name = "v", linnet.symbols = ["L"]})
      -> ({0} {{linnet.role = "output", linnet.name = "o", linnet.symbols = ["L"]}) {{
    %dimension = arith.constant 2 : index
    %L = tensor.dim %q, %dimension : {0}
    %init = tensor.empty(%L) : {0}
    %sums = tensor.empty(%L) : {1}
    %o, %lse = linnet.attention ins(%q, %k, %v : {0}, {0}, {0}) outs(%init, %sums : {0}, {1})
        {{scale = 0.125 : f64{2}}
    return %o : {0}
  }
}
)",
                       llvm::formatv("tensor<1x{0}x?x{1}xf32>", heads, kSize).str(),
                       llvm::formatv("tensor<1x{0}x?xf32>", heads).str(),
                       mask.empty() ? "" : (", mask = " + mask).str())
      .str();
}

llvm::Expected<Case> linnet::makeAttention(int64_t length, int64_t heads, AttentionMask mask, int64_t width) {
  auto parts = std::make_shared<KernelParts>();
  Memory &memory = parts->memory;
  int64_t count = length * heads * kSize;
  float *q = memory.numbers(count, -1, 1), *k = memory.numbers(count, -1, 1), *v = memory.numbers(count, -1, 1);
  float *o = memory.zeros(count);
  parts->buffers = {q, k, v, o};
  parts->symbols = {length};
  benchmark::Attention attention = {length, heads, q, k, v, 0.125f, {}, width, memory.zeros(count)};
  std::string text;
  switch (mask) {
  case AttentionMask::Causal:
    attention.kind = benchmark::Attention::Kind::Causal;
    text = "#linnet.causal";
    break;
  case AttentionMask::Window:
    attention.kind = benchmark::Attention::Kind::Window;
    text = llvm::formatv("#linnet.window<left = {0}, right = 0>", width - 1);
    break;
  case AttentionMask::Blocks:
    attention.kind = benchmark::Attention::Kind::Blocks;
    text = llvm::formatv("#linnet.block_diagonal<queries = {0}, keys = {0}>", width);
    break;
  }
  Case result;
  result.loops.push_back({"query by query", heads,
                          [=](int64_t begin, int64_t end) { benchmark::attention(attention, begin, end); },
                          attention.o});
  result.result = o;
  result.resultCount = count;
  result.tolerance = 1e-4; // the loop's exponential is good to 1e-6, its sums are in another order
  double pairs = 0;
  for (int64_t i = 0; i < length; ++i)
    pairs += static_cast<double>(attention.end(i) - attention.first(i));
  result.bound.vectorOps = static_cast<double>(heads) * pairs * (2.0 * kSize + kExponentialOps) / 16;
  result.goal = {1.0, 1.6};
  result.items = static_cast<double>(length);
  result.unit = "tokens";
  if (llvm::Error error = addLinnet(result, parts, attentionText(heads, text)))
    return std::move(error);
  return std::move(result);
}
