//===- Exhaustive.cpp - the error of a program over every float32 ---------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Exhaustive.h"

#include "Reference.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <mutex>
#include <thread>

using namespace linnet::approximation;

namespace {

constexpr size_t kBlock = Evaluator::kBlock;
constexpr double kLeastNormal = 0x1p-126, kOverflow = 0x1p128;
/// Inputs whose worst one is kept.
constexpr uint64_t kPart = uint64_t(1) << 18;

float fromBits(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

} // namespace

PointError linnet::approximation::measure(float x, float got, double exact, bool flushes) {
  PointError error;
  if (std::isnan(x) || std::isnan(exact)) {
    error.isException = !std::isnan(got);
    return error;
  }
  // Beyond the largest float32 every value counts as the next power of two, which infinity stands for.
  double target = std::clamp(exact, -kOverflow, kOverflow);
  double value = std::isinf(got) ? std::copysign(kOverflow, got) : static_cast<double>(got);
  bool isTiny = std::fabs(target) < kLeastNormal;
  if (isTiny && flushes) {
    error.absolute = std::fabs(value - target);
    error.isException = std::isnan(got);
    // Beyond what flushing explains the result is wrong by any measure but the absolute one.
    if (error.absolute > kLeastNormal) {
      error.relative = error.absolute / kLeastNormal;
      error.ulps = error.absolute * 0x1p149;
    }
    return error;
  }
  if (std::isnan(got) || (std::isinf(exact) && got != exact) || (exact == 0 && got != 0) ||
      (got == 0 && std::signbit(got) != std::signbit(exact))) {
    error.isException = true;
    return error;
  }
  error.absolute = std::fabs(value - target);
  if (!isTiny)
    error.relative = error.absolute / std::fabs(target);
  error.ulps = error.absolute / getSpacing(target);
  return error;
}

namespace {

/// What is worst of a part of the inputs.
struct Part {
  ScanResult result;
  std::vector<std::pair<double, float>> worst;
  double partWorst = -1;
  float partWorstAt = 0;

  void closePart() {
    if (partWorst >= 0)
      worst.push_back({partWorst, partWorstAt});
    partWorst = -1;
  }
  void add(float x, const PointError &error) {
    ErrorBound &bound = result.bound;
    if (error.isException && !result.exceptions++)
      result.firstException = x;
    auto raise = [&](double value, double &most, float &at) {
      if (value > most) {
        most = value;
        at = x;
      }
    };
    raise(error.ulps, bound.ulps, bound.ulpsAt);
    raise(error.relative, bound.relative, bound.relativeAt);
    raise(error.absolute, bound.absolute, bound.absoluteAt);
    double badness = error.isException ? HUGE_VAL : error.ulps;
    raise(badness, partWorst, partWorstAt);
  }
};

/// Whether a block has nothing that is worse than `known`, and no special value. The compiler makes vectors of it.
#if defined(__x86_64__)
__attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#endif
bool isNoWorse(const float *x, const float *got, const double *exact, double ulps, const ErrorBound &known,
               bool flushes) {
  const double relative = known.relative, absolute = known.absolute;
  const double tinyError = flushes ? std::min(absolute, kLeastNormal) : std::min(absolute, ulps * 0x1p-149);
  uint64_t worse = 0;
#pragma clang loop vectorize(enable)
  for (size_t i = 0; i < kBlock; ++i) {
    // As in measure().
    double target = exact[i] < -kOverflow ? -kOverflow : exact[i] > kOverflow ? kOverflow : exact[i];
    double value = static_cast<double>(got[i]);
    value = value < -kOverflow ? -kOverflow : value > kOverflow ? kOverflow : value;
    double magnitude = std::fabs(target), error = std::fabs(value - target);
    uint64_t targetBits, valueBits, magnitudeBits;
    std::memcpy(&targetBits, &target, sizeof target);
    std::memcpy(&valueBits, &value, sizeof value);
    std::memcpy(&magnitudeBits, &magnitude, sizeof magnitude);
    // 2^(exponent - 23) of the exact value.
    uint64_t spacingBits = (magnitudeBits & 0x7FF0000000000000u) - (uint64_t(23) << 52);
    double spacing;
    std::memcpy(&spacing, &spacingBits, sizeof spacing);
    bool isTiny = magnitude < kLeastNormal;
    bool fits =
        isTiny ? error <= tinyError : (error <= ulps * spacing) & (error <= relative * magnitude) & (error <= absolute);
    bool isWrongZero =
        !flushes & (((value == 0) & (((targetBits ^ valueBits) >> 63) != 0)) | ((exact[i] == 0) & (value != 0)));
    bool isInfinite = std::fabs(exact[i]) > 0x1p1023;
    worse |= !fits | isWrongZero | isInfinite | std::isnan(x[i]);
  }
  return !worse;
}

struct Scanner {
  Function function;
  const ScanOptions &options;
  std::vector<Evaluator> evaluators;

  void run(uint64_t first, uint64_t last, Part &part, const std::function<void(double)> &onProgress) {
    alignas(64) float x[kBlock], y[kBlock];
    alignas(64) double exact[kBlock];
    const bool isWhole = options.range.isWhole();
    const uint64_t partSize = kPart * options.stride;
    for (uint64_t next = first, partEnd = first; next < last;) {
      if (next >= partEnd) {
        part.closePart();
        partEnd = std::min(last, next + partSize);
        onProgress(static_cast<double>(next - first) / static_cast<double>(last - first));
      }
      size_t count = 0;
      for (; count < kBlock && next < partEnd; next += options.stride) {
        float value = fromBits(static_cast<uint32_t>(next));
        x[count] = value;
        count += isWhole || std::isnan(value) || (value >= options.range.low && value <= options.range.high);
      }
      if (count == 0)
        continue;
      std::fill(x + count, x + kBlock, x[count - 1]);
      computeReference(function, x, exact, kBlock);
      part.result.inputs += count;
      for (const Evaluator &evaluator : evaluators) {
        evaluator.run(x, y);
        const ErrorBound &known = part.result.bound;
        if (isNoWorse(x, y, exact, std::min(part.partWorst, known.ulps), known, options.flushes))
          continue;
        for (size_t i = 0; i < count; ++i)
          part.add(x[i], measure(x[i], y[i], exact[i], options.flushes));
      }
    }
    part.closePart();
  }
};

/// Each choice that the definition of the program leaves to the machine.
std::vector<Freedom> getFreedoms(const Program &program) {
  bool rounds = false, estimates = false;
  for (const Instruction &instruction : program.instructions) {
    rounds |= instruction.opcode == Opcode::MulAdd64 || instruction.opcode == Opcode::NMulAdd64;
    estimates |= instruction.opcode == Opcode::Rcp14 || instruction.opcode == Opcode::Rsqrt14;
  }
  std::vector<Freedom> freedoms;
  for (bool fused : {true, false})
    for (double estimateError : {-1.0, 0.0, 1.0})
      if ((fused || (rounds && program.getTarget() == Target::Generic)) && (estimateError == 0 || estimates))
        freedoms.push_back({fused, estimateError});
  return freedoms;
}

} // namespace

ScanResult linnet::approximation::scan(Function function, const Program &program, const ScanOptions &options) {
  constexpr uint64_t all = uint64_t(1) << 32;
  unsigned threads = std::max(1u, options.threads);
  std::vector<Part> parts(threads);
  std::vector<std::thread> team;
  for (unsigned t = 0; t < threads; ++t)
    team.emplace_back([&, t] {
      Scanner scanner{function, options, {}};
      for (const Freedom &freedom : getFreedoms(program))
        scanner.evaluators.emplace_back(program, freedom);
      auto onProgress = [&](double share) {
        if (t == 0 && options.onProgress)
          options.onProgress(share);
      };
      // Positive and negative numbers differ in cost: each thread has some of both.
      uint64_t half = all / 2;
      for (uint64_t sign : {uint64_t(0), half})
        scanner.run(sign + half * t / threads, sign + half * (t + 1) / threads, parts[t],
                    [&](double share) { onProgress((sign ? 0.5 : 0.0) + share / 2); });
    });
  for (std::thread &thread : team)
    thread.join();

  ScanResult total;
  std::vector<std::pair<double, float>> worst;
  for (Part &part : parts) {
    const ScanResult &result = part.result;
    total.inputs += result.inputs;
    if (!total.exceptions && result.exceptions)
      total.firstException = result.firstException;
    total.exceptions += result.exceptions;
    auto merge = [](double value, float at, double &most, float &mostAt) {
      if (value > most) {
        most = value;
        mostAt = at;
      }
    };
    ErrorBound &bound = total.bound;
    merge(result.bound.ulps, result.bound.ulpsAt, bound.ulps, bound.ulpsAt);
    merge(result.bound.relative, result.bound.relativeAt, bound.relative, bound.relativeAt);
    merge(result.bound.absolute, result.bound.absoluteAt, bound.absolute, bound.absoluteAt);
    worst.insert(worst.end(), part.worst.begin(), part.worst.end());
  }
  std::sort(worst.begin(), worst.end(), [](const auto &a, const auto &b) { return a.first > b.first; });
  for (const auto &[error, x] : worst)
    total.worst.push_back(x);
  // The reference is 1e-8 units off: the worst inputs again, against correctly rounded values.
  alignas(64) float x[kBlock], y[kBlock];
  std::fill(x, x + kBlock, 1.0f);
  size_t count = std::min(kBlock, total.worst.size());
  std::copy_n(total.worst.begin(), count, x);
  for (const Freedom &freedom : getFreedoms(program)) {
    Evaluator(program, freedom).run(x, y);
    for (size_t i = 0; i < count; ++i) {
      PointError error = measure(x[i], y[i], computeExactly(function, x[i]), options.flushes);
      if (error.isException)
        continue; // counted already
      if (error.ulps > total.bound.ulps) {
        total.bound.ulps = error.ulps;
        total.bound.ulpsAt = x[i];
      }
      total.bound.relative = std::max(total.bound.relative, error.relative);
      total.bound.absolute = std::max(total.bound.absolute, error.absolute);
    }
  }
  return total;
}
