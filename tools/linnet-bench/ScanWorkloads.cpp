//===- ScanWorkloads.cpp - selective scans, recurrences, running sums --------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "KernelCase.h"

#include "test/benchmark/Loops.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

using namespace linnet;

/// Time is dynamic, as in a library that serves every length. Its name is not T, which would ask for blocks of time.
static std::string selectiveScanText(int64_t channels, int64_t states, bool timeLast) {
  std::string sequence = llvm::formatv(timeLast ? "tensor<1x{0}x?xf32>" : "tensor<1x?x{0}xf32>", channels);
  std::string coefficients = llvm::formatv(timeLast ? "tensor<1x{0}x?xf32>" : "tensor<1x?x{0}xf32>", states);
  std::string matrix = llvm::formatv("tensor<{0}x{1}xf32>", channels, states);
  std::string vector = llvm::formatv("tensor<{0}xf32>", channels);
  std::string state = llvm::formatv("tensor<1x{0}x{1}xf32>", channels, states);
  return llvm::formatv(R"(module @selective_scan attributes {{linnet.symbols = ["L"]} {{
  func.func @run(%u: {0} {{linnet.role = "input", linnet.name = "u", linnet.symbols = ["L"]},
                 %delta: {0} {{linnet.role = "input", linnet.name = "delta", linnet.symbols = ["L"]},
                 %a: {2} {{linnet.role = "input", linnet.name = "A"},
                 %b: {1} {{linnet.role = "input", linnet.name = "B", linnet.symbols = ["L"]},
                 %c: {1} {{linnet.role = "input", linnet.name = "C", linnet.symbols = ["L"]},
                 %d: {3} {{linnet.role = "input", linnet.name = "D"},
                 %z: {0} {{linnet.role = "input", linnet.name = "z", linnet.symbols = ["L"]})
      -> ({0} {{linnet.role = "output", linnet.name = "y", linnet.symbols = ["L"]}) {{
    %zero = arith.constant 0.0 : f32
    %dimension = arith.constant {5} : index
    %L = tensor.dim %u, %dimension : {0}
    %init = tensor.empty(%L) : {0}
    %none = tensor.empty() : {4}
    %s = linalg.fill ins(%zero : f32) outs(%none : {4}) -> {4}
    %y, %last = linnet.selective_scan ins(%u, %delta, %a, %b, %c : {0}, {0}, {2}, {1}, {1})
        skip(%d : {3}) gate(%z : {0}) outs(%init, %s : {0}, {4}) {{layout = #linnet.layout<{6}>}
    return %y : {0}
  }
}
)",
                       sequence, coefficients, matrix, vector, state, timeLast ? 2 : 1, timeLast ? "bdt" : "btd");
}

llvm::Expected<Case> linnet::makeSelectiveScan(int64_t length, int64_t channels, bool timeLast) {
  constexpr int64_t kStates = benchmark::SelectiveScan::kStates;
  auto parts = std::make_shared<KernelParts>();
  Memory &memory = parts->memory;
  int64_t count = length * channels;
  benchmark::SelectiveScan scan;
  scan.length = length;
  scan.channels = channels;
  // The numbers are the same in both layouts.
  float *u = memory.numbers(count, -1, 1), *delta = memory.numbers(count, 0.001f, 0.1f);
  float *z = memory.numbers(count, -2, 2), *a = memory.numbers(channels * kStates, -16, -1);
  float *b = memory.numbers(length * kStates, -1, 1), *c = memory.numbers(length * kStates, -1, 1);
  float *d = memory.numbers(channels, 0, 1);
  if (timeLast) {
    u = memory.transposed(u, length, channels);
    delta = memory.transposed(delta, length, channels);
    z = memory.transposed(z, length, channels);
    b = memory.transposed(b, length, kStates);
    c = memory.transposed(c, length, kStates);
  }
  scan.u = u, scan.delta = delta, scan.z = z, scan.b = b, scan.c = c, scan.d = d;
  scan.a = memory.transposed(a, channels, kStates); // the hand-written loops have it the way they like it
  scan.y = memory.zeros(count);
  float *y = memory.zeros(count);

  Case result;
  parts->buffers = {u, delta, a, b, c, d, z, y};
  parts->symbols = {length};
  auto body = timeLast ? benchmark::selectiveScanTimeLast : benchmark::selectiveScanTimeFirst;
  result.loops.push_back({"state in registers", channels / benchmark::SelectiveScan::kBlock,
                          [=](int64_t begin, int64_t end) { body(scan, begin, end); }, scan.y});
  result.result = y;
  result.resultCount = count;
  result.tolerance = 1e-5;
  // The FMA and multiplications of a tile of 16 channels and 16 states for one token, with the exp2 program of the
  // compiler; docs/benchmarks.md.
  result.bound.vectorOps = 136.0 * static_cast<double>(count) / 16;
  result.goal = timeLast ? Goal{1.1, 0} : Goal{0.75, 1.3};
  result.items = static_cast<double>(count * kStates);
  result.unit = "state steps";
  if (llvm::Error error = addLinnet(result, parts, selectiveScanText(channels, kStates, timeLast)))
    return std::move(error);
  return std::move(result);
}

static std::string recurrenceText(int64_t rows, int64_t columns, bool timeLast, bool sums) {
  bool oneLane = rows == 1;
  std::string type = oneLane ? llvm::formatv("tensor<{0}xf32>", columns).str()
                             : llvm::formatv("tensor<{0}x{1}xf32>", rows, columns).str();
  std::string state = oneLane ? "tensor<f32>" : llvm::formatv("tensor<{0}xf32>", timeLast ? rows : columns).str();
  std::string argument, op;
  if (sums) {
    op = llvm::formatv("linnet.scan add ins(%b : {0}) outs(%init : {0}) states(%s : {1})", type, state);
  } else {
    argument = llvm::formatv("%a: {0} {{linnet.role = \"input\", linnet.name = \"a\"}, ", type);
    op = llvm::formatv("linnet.affine_scan ins(%a, %b : {0}, {0}) outs(%init, %s : {0}, {1})", type, state);
  }
  return llvm::formatv(R"(module @recurrence {{
  func.func @run({0}%b: {1} {{linnet.role = "input", linnet.name = "b"})
      -> ({1} {{linnet.role = "output", linnet.name = "y"}) {{
    %zero = arith.constant 0.0 : f32
    %init = tensor.empty() : {1}
    %none = tensor.empty() : {2}
    %s = linalg.fill ins(%zero : f32) outs(%none : {2}) -> {2}
    %y, %last = {3} {{dimension = {4} : i64}
    return %y : {1}
  }
}
)",
                       argument, type, state, op, timeLast && !oneLane ? 1 : 0);
}

llvm::Expected<Case> linnet::makeRecurrence(int64_t rows, int64_t columns, bool timeLast, bool sums) {
  auto parts = std::make_shared<KernelParts>();
  Memory &memory = parts->memory;
  int64_t count = rows * columns;
  benchmark::Recurrence recurrence = {rows, columns, nullptr, nullptr, nullptr};
  if (!sums) {
    float *a = memory.numbers(count, 0.5f, 1);
    recurrence.a = a;
    parts->buffers.push_back(a);
  }
  float *b = memory.numbers(count, -1, 1), *y = memory.zeros(count);
  recurrence.b = b;
  recurrence.y = memory.zeros(count);
  parts->buffers.insert(parts->buffers.end(), {b, y});

  Case result;
  auto addLoop = [&](const char *name, int64_t blocks, auto body) {
    result.loops.push_back(
        {name, blocks, [=](int64_t begin, int64_t end) { body(recurrence, begin, end); }, recurrence.y});
  };
  if (rows == 1) {
    addLoop("serial", 1, benchmark::recurrenceSerial);
  } else if (timeLast) {
    addLoop("row by row", rows / benchmark::Recurrence::kRows, benchmark::recurrenceLastPlain);
    if (benchmark::hasVectorLoops())
      addLoop("16 rows turned", rows / benchmark::Recurrence::kRows, benchmark::recurrenceLastTurned);
  } else {
    addLoop("rows of columns", columns / benchmark::Recurrence::kColumns, benchmark::recurrenceFirstPlain);
    if (benchmark::hasVectorLoops())
      addLoop("past the caches", columns / benchmark::Recurrence::kColumns, benchmark::recurrenceFirstStreaming);
  }
  result.result = y;
  result.resultCount = count;
  // Sums in another order: the rounding of a sum of a million numbers.
  result.tolerance = sums ? 1e-3 : 1e-5;
  result.bound.bytes = (sums ? 8.0 : 12.0) * static_cast<double>(count);
  result.bound.pattern = sums ? Bound::Pattern::Copy : Bound::Pattern::Add;
  result.bound.inCache = rows == 1;
  result.goal = rows == 1 ? Goal{0.5, 0} : Goal{0, 1.4};
  result.items = result.bound.bytes;
  result.unit = "bytes";
  if (llvm::Error error = addLinnet(result, parts, recurrenceText(rows, columns, timeLast, sums)))
    return std::move(error);
  return std::move(result);
}
