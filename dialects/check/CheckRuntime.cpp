//===- CheckRuntime.cpp - what a lowered numeric assert calls -------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/ExecutionEngine/CRunnerUtils.h"

#include <cinttypes>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

int64_t failures = 0;

// A failed check must show in the exit status, also of a runner that ignores what its program returns.
struct ExitStatus {
  ~ExitStatus() {
    if (failures)
      _Exit(1);
  }
} exitStatus;

/// Maps the values of a float type to integers in the same order, so that a difference counts representable values.
template <typename Float, typename Int> Int orderedBits(Float value) {
  Int bits;
  std::memcpy(&bits, &value, sizeof(bits));
  constexpr Int sign = Int(1) << (8 * sizeof(Int) - 1);
  return bits & sign ? Int(sign - bits) : bits;
}

template <typename Float, typename Int>
bool isClose(Float actual, Float expected, int64_t maxUlp, double rtol, double atol) {
  if (actual == expected || (std::isnan(actual) && std::isnan(expected)))
    return true;
  if (!std::isfinite(actual) || !std::isfinite(expected))
    return false;
  double distance = std::fabs(double(orderedBits<Float, Int>(actual)) - double(orderedBits<Float, Int>(expected)));
  return distance <= double(maxUlp) ||
         std::fabs(double(actual) - double(expected)) <= atol + rtol * std::fabs(double(expected));
}

template <typename Float, typename Int>
void expectClose(UnrankedMemRefType<Float> *actualArgument, UnrankedMemRefType<Float> *expectedArgument, int64_t maxUlp,
                 double rtol, double atol, int64_t line) {
  DynamicMemRefType<Float> actual(*actualArgument), expected(*expectedArgument);
  int64_t count = 1;
  for (int64_t i = 0; i < actual.rank; ++i) {
    if (actual.sizes[i] != expected.sizes[i]) {
      std::printf("check at line %" PRId64 ": size of dimension %" PRId64 " is %" PRId64 ", expected %" PRId64 "\n",
                  line, i, actual.sizes[i], expected.sizes[i]);
      ++failures;
      return;
    }
    count *= actual.sizes[i];
  }
  int64_t wrong = 0;
  for (int64_t linear = 0; linear < count; ++linear) {
    int64_t rest = linear, actualOffset = actual.offset, expectedOffset = expected.offset;
    for (int64_t i = actual.rank - 1; i >= 0; --i) {
      int64_t position = rest % actual.sizes[i];
      rest /= actual.sizes[i];
      actualOffset += position * actual.strides[i];
      expectedOffset += position * expected.strides[i];
    }
    Float got = actual.data[actualOffset], want = expected.data[expectedOffset];
    if (isClose<Float, Int>(got, want, maxUlp, rtol, atol))
      continue;
    if (++wrong <= 8)
      std::printf("check at line %" PRId64 ": element %" PRId64 " is %.9g, expected %.9g\n", line, linear, double(got),
                  double(want));
  }
  if (wrong) {
    std::printf("check at line %" PRId64 ": %" PRId64 " of %" PRId64 " elements differ\n", line, wrong, count);
    ++failures;
  } else {
    std::printf("check at line %" PRId64 ": %" PRId64 " elements agree\n", line, count);
  }
  std::fflush(stdout);
}

} // namespace

extern "C" void _mlir_ciface_linnet_check_expect_close_f32(UnrankedMemRefType<float> *actual,
                                                           UnrankedMemRefType<float> *expected, int64_t maxUlp,
                                                           double rtol, double atol, int64_t line) {
  expectClose<float, int32_t>(actual, expected, maxUlp, rtol, atol, line);
}

extern "C" void _mlir_ciface_linnet_check_expect_close_f64(UnrankedMemRefType<double> *actual,
                                                           UnrankedMemRefType<double> *expected, int64_t maxUlp,
                                                           double rtol, double atol, int64_t line) {
  expectClose<double, int64_t>(actual, expected, maxUlp, rtol, atol, line);
}
