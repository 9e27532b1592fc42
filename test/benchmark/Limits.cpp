//===- Limits.cpp - loops that find the limits of the machine ----------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/benchmark/Loops.h"

#include "test/benchmark/Vector.h"

using namespace linnet::benchmark;

// Assembly: a compiler merges equal chains of a loop in C, or sends it through memory when told not to.
double linnet::benchmark::fusedMultiplyAdds([[maybe_unused]] int64_t iterations) {
#if defined(__AVX512F__)
#define REGISTER "%%zmm"
  constexpr double kLanes = 16;
#elif defined(__AVX2__) && defined(__FMA__)
#define REGISTER "%%ymm"
  constexpr double kLanes = 8;
#endif
#ifdef REGISTER
#define CHAIN(i) "vfmadd231ps " REGISTER "0," REGISTER "0," REGISTER #i "\n"
  int64_t left = iterations;
  asm volatile("vxorps %%xmm0,%%xmm0,%%xmm0\n"
               "1:\n" CHAIN(1) CHAIN(2) CHAIN(3) CHAIN(4) CHAIN(5) CHAIN(6) CHAIN(7) CHAIN(8) CHAIN(9) CHAIN(10)
                   CHAIN(11) CHAIN(12) "dec %0\n"
                                       "jnz 1b\n"
               : "+r"(left)
               :
               : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11",
                 "xmm12", "cc");
  return 12 * 2 * kLanes * static_cast<double>(iterations);
#else
  return 0;
#endif
}

#ifdef __AVX512F__

template <bool Prefetches> static float readRows(const float *a, int64_t count) {
  __m512 sum[8];
  for (__m512 &v : sum)
    v = _mm512_setzero_ps();
  for (int64_t i = 0; i < count; i += 128)
#pragma GCC unroll 8
    for (int j = 0; j < 8; ++j) {
      if (Prefetches)
        _mm_prefetch(reinterpret_cast<const char *>(a + i + 16 * j + 1024), _MM_HINT_T0);
      sum[j] = _mm512_add_ps(sum[j], _mm512_loadu_ps(a + i + 16 * j));
    }
  for (int j = 1; j < 8; ++j)
    sum[0] = _mm512_add_ps(sum[0], sum[j]);
  return _mm512_reduce_add_ps(sum[0]);
}

float linnet::benchmark::readStream(const float *a, int64_t count, bool prefetches) {
  return prefetches ? readRows<true>(a, count) : readRows<false>(a, count);
}

void linnet::benchmark::copyStream(const float *a, float *y, int64_t count, bool pastCaches) {
  for (int64_t i = 0; i < count; i += 16)
    pastCaches ? _mm512_stream_ps(y + i, _mm512_load_ps(a + i)) : _mm512_store_ps(y + i, _mm512_load_ps(a + i));
}

void linnet::benchmark::addStream(const float *a, const float *b, float *y, int64_t count, bool pastCaches) {
  for (int64_t i = 0; i < count; i += 16) {
    __m512 sum = _mm512_add_ps(_mm512_load_ps(a + i), _mm512_load_ps(b + i));
    pastCaches ? _mm512_stream_ps(y + i, sum) : _mm512_store_ps(y + i, sum);
  }
}

#else

float linnet::benchmark::readStream(const float *a, int64_t count, bool) {
  float sum = 0;
  for (int64_t i = 0; i < count; ++i)
    sum += a[i];
  return sum;
}

void linnet::benchmark::copyStream(const float *a, float *y, int64_t count, bool) {
  for (int64_t i = 0; i < count; ++i)
    y[i] = a[i];
}

void linnet::benchmark::addStream(const float *a, const float *b, float *y, int64_t count, bool) {
  for (int64_t i = 0; i < count; ++i)
    y[i] = a[i] + b[i];
}

#endif
