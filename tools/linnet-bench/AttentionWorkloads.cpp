//===- AttentionWorkloads.cpp - linear attention -----------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "KernelCase.h"

#include "test/benchmark/Loops.h"

#include "llvm/ADT/bit.h"
#include "llvm/Support/FormatVariadic.h"

#include <algorithm>
#include <cmath>

using namespace linnet;

/// Time is dynamic, as in a library that serves every length. Its name is not T, which would ask for blocks of time.
static std::string linearAttentionText(int64_t heads, int64_t size, bool isBf16) {
  std::string sequence = llvm::formatv("tensor<1x?x{0}x{1}x{2}>", heads, size, isBf16 ? "bf16" : "f32");
  std::string decay = llvm::formatv("tensor<1x?x{0}xf32>", heads);
  std::string state = llvm::formatv("tensor<1x{0}x{1}x{1}xf32>", heads, size);
  return llvm::formatv(R"(module @linear_attention attributes {{linnet.symbols = ["L"]} {{
  func.func @run(%q: {0} {{linnet.role = "input", linnet.name = "q", linnet.symbols = ["L"]},
                 %k: {0} {{linnet.role = "input", linnet.name = "k", linnet.symbols = ["L"]},
                 %v: {0} {{linnet.role = "input", linnet.name = "v", linnet.symbols = ["L"]},
                 %g: {1} {{linnet.role = "input", linnet.name = "g", linnet.symbols = ["L"]})
      -> ({0} {{linnet.role = "output", linnet.name = "o", linnet.symbols = ["L"]}) {{
    %zero = arith.constant 0.0 : f32
    %dimension = arith.constant 1 : index
    %L = tensor.dim %q, %dimension : {0}
    %init = tensor.empty(%L) : {0}
    %none = tensor.empty() : {2}
    %s = linalg.fill ins(%zero : f32) outs(%none : {2}) -> {2}
    %o, %last = linnet.linear_attention ins(%q, %k, %v : {0}, {0}, {0}) log_decay(%g : {1})
        outs(%init, %s : {0}, {2}) {{scale = {3} : f64}
    return %o : {0}
  }
}
)",
                       sequence, decay, state, llvm::formatv("{0:E10}", 1 / std::sqrt(double(size))).str());
}

/// The upper half of an f32, rounded to the nearest, ties to even.
static uint16_t roundToBf16(float x) {
  uint32_t bits = llvm::bit_cast<uint32_t>(x);
  return static_cast<uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

static float widenBf16(uint16_t x) { return llvm::bit_cast<float>(static_cast<uint32_t>(x) << 16); }

/// The numbers as bf16; they themselves become what those are.
static uint16_t *rounded(Memory &memory, float *numbers, int64_t count) {
  auto *narrow = reinterpret_cast<uint16_t *>(memory.zeros(count / 2));
  for (int64_t i = 0; i < count; ++i) {
    narrow[i] = roundToBf16(numbers[i]);
    numbers[i] = widenBf16(narrow[i]);
  }
  return narrow;
}

llvm::Expected<Case> linnet::makeLinearAttention(int64_t length, int64_t heads, int64_t size, bool isBf16) {
  auto parts = std::make_shared<KernelParts>();
  Memory &memory = parts->memory;
  int64_t rows = length * heads, count = rows * size;
  float *q = memory.numbers(count, -1, 1), *k = memory.numbers(count, -1, 1), *v = memory.numbers(count, -1, 1);
  float *decay = memory.numbers(rows, -0.1f, 0), *o = memory.zeros(count);
  parts->buffers = {q, k, v, decay, o};
  Case result;
  if (isBf16) {
    uint16_t *narrow = rounded(memory, o, count);
    parts->buffers = {rounded(memory, q, count), rounded(memory, k, count), rounded(memory, v, count), decay, narrow};
    result.widenResult = [=] { std::transform(narrow, narrow + count, o, widenBf16); };
  }
  benchmark::LinearAttention attention = {length, heads, size, q, k, v, decay, 0, memory.zeros(count)};
  attention.scale = static_cast<float>(1 / std::sqrt(double(size)));
  parts->symbols = {length};

  result.loops.push_back({"token by token", heads,
                          [=](int64_t begin, int64_t end) { benchmark::linearAttention(attention, begin, end); },
                          attention.o});
  result.result = o;
  result.resultCount = count;
  result.tolerance = isBf16 ? 1e-2 : 1e-5;
  // Two multiply-adds for every number of the state and token; of bf16, two of them in an operation.
  result.bound.vectorOps = (isBf16 ? 1.0 : 2.0) * static_cast<double>(count) * static_cast<double>(size) / 16;
  // bf16 is meant to be 1.4 times as fast as f32.
  result.goal = isBf16 ? Goal{0.8 / 1.4, 0} : Goal{0.8, 1.25};
  result.items = static_cast<double>(length);
  result.unit = "tokens";
  if (llvm::Error error = addLinnet(result, parts, linearAttentionText(heads, size, isBf16)))
    return std::move(error);
  return std::move(result);
}
