//===- EvaluateBlock.cpp - the instructions of a program on a block of lanes ----===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Compiled once for each level of vector instructions (CMakeLists.txt), each time under another name. All give the same
// bits: the instructions of AVX-512 are used where they are, and defined by plain arithmetic where not.
//
//===----------------------------------------------------------------------===//

#include "compiler/approximation/EvaluateBlock.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#if defined(__AVX512DQ__)
#include <immintrin.h>
#endif

using namespace linnet::approximation;

namespace {

constexpr size_t kBlock = Evaluator::kBlock;
using Step = Evaluator::Step;

template <typename R, typename A, typename F> void map(const Step &step, F f) {
  auto *__restrict r = static_cast<R *>(step.result);
  const auto *a = static_cast<const A *>(step.operands[0]);
#pragma clang loop vectorize(assume_safety)
  for (size_t i = 0; i < kBlock; ++i)
    r[i] = f(a[i]);
}

template <typename R, typename A, typename B, typename F> void map(const Step &step, F f) {
  auto *__restrict r = static_cast<R *>(step.result);
  const auto *a = static_cast<const A *>(step.operands[0]);
  const auto *b = static_cast<const B *>(step.operands[1]);
#pragma clang loop vectorize(assume_safety)
  for (size_t i = 0; i < kBlock; ++i)
    r[i] = f(a[i], b[i]);
}

template <typename R, typename A, typename B, typename C, typename F> void map(const Step &step, F f) {
  auto *__restrict r = static_cast<R *>(step.result);
  const auto *a = static_cast<const A *>(step.operands[0]);
  const auto *b = static_cast<const B *>(step.operands[1]);
  const auto *c = static_cast<const C *>(step.operands[2]);
#pragma clang loop vectorize(assume_safety)
  for (size_t i = 0; i < kBlock; ++i)
    r[i] = f(a[i], b[i], c[i]);
}

template <typename F> void mapF(const Step &step, F f) { map<float, float>(step, f); }
template <typename F> void mapFF(const Step &step, F f) { map<float, float, float>(step, f); }
template <typename F> void mapII(const Step &step, F f) { map<uint32_t, uint32_t, uint32_t>(step, f); }
template <typename F> void mapDD(const Step &step, F f) { map<double, double, double>(step, f); }
template <typename F> void mapDDD(const Step &step, F f) { map<double, double, double, double>(step, f); }
template <typename F> void mapLL(const Step &step, F f) { map<uint64_t, uint64_t, uint64_t>(step, f); }

#if defined(__AVX512DQ__)
template <typename F> void mapVectors(const Step &step, F f) {
  for (size_t i = 0; i < kBlock; i += 16)
    _mm512_storeu_ps(static_cast<float *>(step.result) + i, f(static_cast<const float *>(step.operands[0]) + i, i));
}
__m512 loadSecond(const Step &step, size_t i) {
  return _mm512_loadu_ps(static_cast<const float *>(step.operands[1]) + i);
}
#endif

/// a * 2^floor(b), rounded once.
[[maybe_unused]] float scale(float a, float b) {
  if (std::isnan(a) || std::isnan(b))
    return std::numeric_limits<float>::quiet_NaN();
  if (std::isinf(b)) {
    if (b > 0 ? a == 0 : std::isinf(a))
      return std::numeric_limits<float>::quiet_NaN();
    return b > 0 ? std::copysign(std::numeric_limits<float>::infinity(), a) : std::copysign(0.0f, a);
  }
  float n = std::clamp(std::floor(b), -600.0f, 600.0f);
  return static_cast<float>(std::ldexp(static_cast<double>(a), static_cast<int>(n)));
}

/// x + y, rounded once, towards -inf.
float addRoundDown(double x, double y) {
  double sum = x + y, part = sum - x;
  double lost = (x - (sum - part)) + (y - part);
  auto rounded = static_cast<float>(sum);
  auto wide = static_cast<double>(rounded);
  bool isAbove = wide > sum || (wide == sum && lost < 0);
  return isAbove ? std::nextafter(rounded, -std::numeric_limits<float>::infinity()) : rounded;
}

float reduce(float a, uint32_t bits, bool toNearest) {
  if (std::isinf(a))
    return 0.0f;
  double scaled = std::ldexp(static_cast<double>(a), static_cast<int>(bits));
  double whole = toNearest ? std::nearbyint(scaled) : std::floor(scaled);
  double back = -std::ldexp(whole, -static_cast<int>(bits)), wide = static_cast<double>(a);
  if (toNearest)
    return static_cast<float>(wide + back);
  return wide + back == 0 ? -0.0f : addRoundDown(wide, back); // the rounding of the whole part is that of the sum
}

[[maybe_unused]] float getExponent(float a) {
  if (std::isnan(a))
    return a;
  if (std::isinf(a))
    return std::numeric_limits<float>::infinity();
  return a == 0 ? -std::numeric_limits<float>::infinity() : static_cast<float>(std::ilogb(a));
}

[[maybe_unused]] float getSignificand(float a, uint32_t interval) {
  if (std::isnan(a) || a < 0)
    return std::numeric_limits<float>::quiet_NaN();
  if (a == 0 || std::isinf(a))
    return 1.0f;
  int exponent;
  float half = std::frexp(a, &exponent); // in [1/2, 1)
  return interval == 3 && half >= 0.75f ? half : 2 * half;
}

[[maybe_unused]] float smallerMagnitude(float a, float b) {
  float magnitude = std::isnan(a) ? b : std::isnan(b) ? a : std::fmin(std::fabs(a), std::fabs(b));
  return std::copysign(magnitude, a);
}

[[maybe_unused]] float addRoundDown(float a, float b) {
  bool isNegativeZero = a == -b && (std::signbit(a) || std::signbit(b));
  return isNegativeZero ? -0.0f : addRoundDown(static_cast<double>(a), static_cast<double>(b));
}

/// An estimate anywhere within its bound.
float estimate(double exact, double error) { return static_cast<float>(exact * (1 + error * 0x1p-14)); }

float reciprocalEstimate(float a, double error) {
  // Documented so: the estimate of what is that small is an infinity.
  if (std::fabs(a) <= 0x1p-128f)
    return std::copysign(std::numeric_limits<float>::infinity(), a);
  return std::isinf(a) ? std::copysign(0.0f, a) : estimate(1.0 / a, error);
}

float reciprocalRootEstimate(float a, double error) {
  if (a == 0)
    return std::copysign(std::numeric_limits<float>::infinity(), a);
  return std::isinf(a) && a > 0 ? 0.0f : estimate(1.0 / std::sqrt(static_cast<double>(a)), error);
}

void run(const Step &step, const Freedom &freedom) {
  const uint32_t k = step.immediate;
  switch (step.opcode) {
  case Opcode::Add:
    return mapFF(step, [](float a, float b) { return a + b; });
  case Opcode::Sub:
    return mapFF(step, [](float a, float b) { return a - b; });
  case Opcode::Mul:
    return mapFF(step, [](float a, float b) { return a * b; });
  case Opcode::Div:
    return mapFF(step, [](float a, float b) { return a / b; });
  case Opcode::Fma:
    return map<float, float, float, float>(step, [](float a, float b, float c) { return __builtin_fmaf(a, b, c); });
  case Opcode::Fnma:
    return map<float, float, float, float>(step, [](float a, float b, float c) { return __builtin_fmaf(-a, b, c); });
  case Opcode::Min:
    return mapFF(step, [](float a, float b) { return a < b ? a : b; });
  case Opcode::Max:
    return mapFF(step, [](float a, float b) { return a > b ? a : b; });
  case Opcode::Abs:
    return mapF(step, [](float a) { return std::fabs(a); });
  case Opcode::Neg:
    return mapF(step, [](float a) { return -a; });
  case Opcode::CopySign:
    return mapFF(step, [](float a, float b) { return std::copysign(a, b); });
  case Opcode::Sqrt:
    return mapF(step, [](float a) { return __builtin_sqrtf(a); });
  case Opcode::Round:
    return mapF(step, [](float a) { return __builtin_nearbyintf(a); });
  case Opcode::Floor:
    return mapF(step, [](float a) { return __builtin_floorf(a); });
  case Opcode::IAdd:
    return mapII(step, [](uint32_t a, uint32_t b) { return a + b; });
  case Opcode::ISub:
    return mapII(step, [](uint32_t a, uint32_t b) { return a - b; });
  case Opcode::IAnd:
    return mapII(step, [](uint32_t a, uint32_t b) { return a & b; });
  case Opcode::IOr:
    return mapII(step, [](uint32_t a, uint32_t b) { return a | b; });
  case Opcode::IXor:
    return mapII(step, [](uint32_t a, uint32_t b) { return a ^ b; });
  case Opcode::IShl:
    return map<uint32_t, uint32_t>(step, [k](uint32_t a) { return a << (k & 31); });
  case Opcode::IShr:
    return map<uint32_t, uint32_t>(step, [k](uint32_t a) { return a >> (k & 31); });
  case Opcode::ISra:
    return map<int32_t, int32_t>(step, [k](int32_t a) { return a >> (k & 31); });
  case Opcode::IToF:
    return map<float, int32_t>(step, [](int32_t a) { return static_cast<float>(a); });
  case Opcode::Lt:
    return map<uint32_t, float, float>(step, [](float a, float b) { return a < b ? ~0u : 0u; });
  case Opcode::Eq:
    return map<uint32_t, float, float>(step, [](float a, float b) { return a == b ? ~0u : 0u; });
  case Opcode::Select:
    return map<uint32_t, uint32_t, uint32_t, uint32_t>(step,
                                                       [](uint32_t m, uint32_t a, uint32_t b) { return m ? a : b; });
  case Opcode::Extend:
    return map<double, float>(step, [](float a) { return static_cast<double>(a); });
  case Opcode::Truncate:
    return map<float, double>(step, [](double a) { return static_cast<float>(a); });
  case Opcode::Add64:
    return mapDD(step, [](double a, double b) { return a + b; });
  case Opcode::Sub64:
    return mapDD(step, [](double a, double b) { return a - b; });
  case Opcode::Mul64:
    return mapDD(step, [](double a, double b) { return a * b; });
  case Opcode::Div64:
    return mapDD(step, [](double a, double b) { return a / b; });
  case Opcode::MulAdd64:
    if (!freedom.fused)
      return mapDDD(step, [](double a, double b, double c) { return a * b + c; });
    [[fallthrough]];
  case Opcode::Fma64:
    return mapDDD(step, [](double a, double b, double c) { return __builtin_fma(a, b, c); });
  case Opcode::NMulAdd64:
    if (!freedom.fused)
      return mapDDD(step, [](double a, double b, double c) { return c - a * b; });
    [[fallthrough]];
  case Opcode::Fnma64:
    return mapDDD(step, [](double a, double b, double c) { return __builtin_fma(-a, b, c); });
  case Opcode::Round64:
    return map<double, double>(step, [](double a) { return __builtin_nearbyint(a); });
  case Opcode::LAdd:
    return mapLL(step, [](uint64_t a, uint64_t b) { return a + b; });
  case Opcode::LSub:
    return mapLL(step, [](uint64_t a, uint64_t b) { return a - b; });
  case Opcode::LXor:
    return mapLL(step, [](uint64_t a, uint64_t b) { return a ^ b; });
  case Opcode::LShl:
    return map<uint64_t, uint64_t>(step, [k](uint64_t a) { return a << (k & 63); });
  case Opcode::LShr:
    return map<uint64_t, uint64_t>(step, [k](uint64_t a) { return a >> (k & 63); });
  case Opcode::LookUp8: {
    const auto *table = static_cast<const float *>(step.operands[1]);
    return map<float, uint32_t>(step, [table](uint32_t a) { return table[a & 7]; });
  }
  case Opcode::LookUp16: {
    const auto *table = static_cast<const float *>(step.operands[1]);
#if defined(__AVX512DQ__)
    __m512 entries = _mm512_loadu_ps(table);
    return mapVectors(step, [&](const float *a, size_t) {
      return _mm512_permutexvar_ps(_mm512_castps_si512(_mm512_loadu_ps(a)), entries);
    });
#else
    return map<float, uint32_t>(step, [table](uint32_t a) { return table[a & 15]; });
#endif
  }
  case Opcode::LookUp32: {
    const auto *table = static_cast<const float *>(step.operands[1]);
#if defined(__AVX512DQ__)
    __m512 low = _mm512_loadu_ps(table), high = _mm512_loadu_ps(table + 16);
    return mapVectors(step, [&](const float *a, size_t) {
      return _mm512_permutex2var_ps(low, _mm512_castps_si512(_mm512_loadu_ps(a)), high);
    });
#else
    return map<float, uint32_t>(step, [table](uint32_t a) { return table[a & 31]; });
#endif
  }
#if defined(__AVX512DQ__)
  case Opcode::Scalef:
    return mapVectors(
        step, [&](const float *a, size_t i) { return _mm512_scalef_ps(_mm512_loadu_ps(a), loadSecond(step, i)); });
  case Opcode::GetExp:
    return mapVectors(step, [](const float *a, size_t) { return _mm512_getexp_ps(_mm512_loadu_ps(a)); });
  case Opcode::GetMant:
    return mapVectors(step, [k](const float *a, size_t) {
      __m512 v = _mm512_loadu_ps(a);
      return k == 3 ? _mm512_getmant_ps(v, _MM_MANT_NORM_p75_1p5, _MM_MANT_SIGN_nan)
                    : _mm512_getmant_ps(v, _MM_MANT_NORM_1_2, _MM_MANT_SIGN_nan);
    });
  case Opcode::MinMagnitude:
    return mapVectors(
        step, [&](const float *a, size_t i) { return _mm512_range_ps(_mm512_loadu_ps(a), loadSecond(step, i), 2); });
  case Opcode::AddRoundDown:
    return mapVectors(step, [&](const float *a, size_t i) {
      return _mm512_add_round_ps(_mm512_loadu_ps(a), loadSecond(step, i), _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC);
    });
#else
  case Opcode::Scalef:
    return mapFF(step, scale);
  case Opcode::GetExp:
    return mapF(step, getExponent);
  case Opcode::GetMant:
    return mapF(step, [k](float a) { return getSignificand(a, k); });
  case Opcode::MinMagnitude:
    return mapFF(step, smallerMagnitude);
  case Opcode::AddRoundDown:
    return mapFF(step, [](float a, float b) { return addRoundDown(a, b); });
#endif
  case Opcode::ReduceFloor:
  case Opcode::ReduceNear: {
    bool toNearest = step.opcode == Opcode::ReduceNear;
#if defined(__AVX512DQ__)
    switch (toNearest ? k : k + 8) {
#define CASE(bits, mode)                                                                                                 \
  case (bits) + ((mode) ? 8 : 0):                                                                                      \
    return mapVectors(step, [](const float *a, size_t) {                                                               \
      return _mm512_reduce_ps(_mm512_loadu_ps(a), ((bits) << 4) | 8 | (mode));                                         \
    });
      CASE(0, 0)
      CASE(1, 0)
      CASE(2, 0)
      CASE(3, 0)
      CASE(4, 0) CASE(5, 0) CASE(6, 0) CASE(0, 1) CASE(1, 1) CASE(2, 1) CASE(3, 1) CASE(4, 1) CASE(5, 1) CASE(6, 1)
#undef CASE
    }
#endif
    return mapF(step, [k, toNearest](float a) { return reduce(a, k, toNearest); });
  }
  case Opcode::Rcp14:
    return mapF(step, [&](float a) { return reciprocalEstimate(a, freedom.estimateError); });
  case Opcode::Rsqrt14:
    return mapF(step, [&](float a) { return reciprocalRootEstimate(a, freedom.estimateError); });
  }
}

} // namespace

void linnet::approximation::LINNET_EVALUATE_BLOCK(llvm::ArrayRef<Step> steps, const Freedom &freedom) {
  for (const Step &step : steps)
    run(step, freedom);
}
