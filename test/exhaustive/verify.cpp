//===- verify.cpp - a function on every float32 against double precision --------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/ExecutionEngine/CRunnerUtils.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

extern "C" void _mlir_ciface_apply(StridedMemRefType<float, 1> *in, StridedMemRefType<float, 1> *out);

namespace {

struct Result {
  double worst = 0;
  float worstInput = 0;
  uint64_t special = 0; // inputs whose NaN, infinity or zero is wrong
};

/// The distance of neighbouring float32 around the exact value, 2^-149 among the subnormal ones.
double spacing(double exact) {
  int exponent;
  std::frexp(exact, &exponent);
  return std::ldexp(1.0, std::max(exponent - 24, -149));
}

void check(float x, float got, Result &result) {
  double exact = std::FUNCTION(static_cast<double>(x)); // far more exact than the bound
  float rounded = static_cast<float>(exact);
  if (std::isnan(x) || std::isinf(rounded) || rounded == 0) {
    // Where the exact value rounds to infinity or zero a neighbour is within 1 ULP too.
    bool right =
        std::isnan(x) ? std::isnan(got)
        : std::isinf(rounded)
            ? got == rounded || (std::isfinite(exact) && got == std::nextafter(rounded, 0.0f) && exact < 0x1.ffffffp127)
            : got == 0 || got == 0x1p-149f;
    result.special += !right;
    if (std::isnan(x) || std::isinf(rounded))
      return;
  }
  if (!std::isfinite(got)) {
    ++result.special;
    return;
  }
  double error = std::fabs(got - exact) / spacing(exact);
  if (error > result.worst) {
    result.worst = error;
    result.worstInput = x;
  }
}

void scan(uint64_t begin, uint64_t end, Result *result) {
  constexpr uint64_t block = 1 << 14;
  std::vector<float> in(block), out(block);
  for (uint64_t start = begin; start < end; start += block) {
    for (uint64_t i = 0; i < block; ++i) {
      uint32_t bits = static_cast<uint32_t>(start + i);
      std::memcpy(&in[i], &bits, sizeof(float));
    }
    StridedMemRefType<float, 1> inRef{in.data(), in.data(), 0, {static_cast<int64_t>(block)}, {1}};
    StridedMemRefType<float, 1> outRef{out.data(), out.data(), 0, {static_cast<int64_t>(block)}, {1}};
    _mlir_ciface_apply(&inRef, &outRef);
    for (uint64_t i = 0; i < block; ++i)
      check(in[i], out[i], *result);
  }
}

} // namespace

int main(int argc, char **argv) {
  double bound = argc > 1 ? std::atof(argv[1]) : 1.0;
  unsigned count = std::max(1u, std::thread::hardware_concurrency());
  std::vector<Result> results(count);
  std::vector<std::thread> threads;
  constexpr uint64_t all = uint64_t(1) << 32, granule = 1 << 14;
  for (unsigned i = 0; i < count; ++i)
    threads.emplace_back(scan, all / granule * i / count * granule, all / granule * (i + 1) / count * granule,
                         &results[i]);
  for (std::thread &thread : threads)
    thread.join();
  Result total;
  for (const Result &result : results) {
    total.special += result.special;
    if (result.worst > total.worst) {
      total.worst = result.worst;
      total.worstInput = result.worstInput;
    }
  }
  std::printf("largest error %.4f ULP at %a, %llu special values wrong, bound %.2f\n", total.worst, total.worstInput,
              static_cast<unsigned long long>(total.special), bound);
  return total.worst <= bound && total.special == 0 ? 0 : 1;
}
