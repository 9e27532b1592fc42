//===- LinearAttention.cpp - linear attention by hand ------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/benchmark/Loops.h"

#include <algorithm>
#include <cmath>
#ifdef __AVX512F__
#include <immintrin.h>
#endif

using namespace linnet::benchmark;

#ifdef __AVX512F__

/// Token by token: three operations for a vector of the state, which lies in the cache; accumulators in registers.
template <int Size> static void recurrent(const LinearAttention &a, int64_t head) {
  constexpr int kVectors = Size / 16;
  alignas(64) static thread_local float state[Size][Size];
  std::fill_n(&state[0][0], Size * Size, 0.0f);
  for (int64_t t = 0; t < a.length; ++t) {
    int64_t at = (t * a.heads + head) * Size;
    __m512 decay = _mm512_set1_ps(std::exp(a.logDecay[t * a.heads + head]));
    __m512 v[kVectors], o[kVectors];
    for (int j = 0; j < kVectors; ++j) {
      v[j] = _mm512_load_ps(a.v + at + 16 * j);
      o[j] = _mm512_setzero_ps();
    }
    for (int i = 0; i < Size; ++i) {
      __m512 k = _mm512_set1_ps(a.k[at + i]), q = _mm512_set1_ps(a.q[at + i]);
#pragma GCC unroll 8
      for (int j = 0; j < kVectors; ++j) {
        __m512 s = _mm512_fmadd_ps(k, v[j], _mm512_mul_ps(decay, _mm512_load_ps(&state[i][16 * j])));
        _mm512_store_ps(&state[i][16 * j], s);
        o[j] = _mm512_fmadd_ps(q, s, o[j]);
      }
    }
    for (int j = 0; j < kVectors; ++j)
      _mm512_store_ps(a.o + at + 16 * j, _mm512_mul_ps(_mm512_set1_ps(a.scale), o[j]));
  }
}

#else

/// The same, for the compiler to vectorise.
template <int Size> static void recurrent(const LinearAttention &a, int64_t head) {
  alignas(64) static thread_local float state[Size][Size];
  std::fill_n(&state[0][0], Size * Size, 0.0f);
  for (int64_t t = 0; t < a.length; ++t) {
    int64_t at = (t * a.heads + head) * Size;
    const float *q = a.q + at, *k = a.k + at, *v = a.v + at;
    float decay = std::exp(a.logDecay[t * a.heads + head]);
    alignas(64) float o[Size] = {};
    for (int i = 0; i < Size; ++i) {
#pragma GCC unroll 8
      for (int j = 0; j < Size; ++j) {
        state[i][j] = decay * state[i][j] + k[i] * v[j];
        o[j] += q[i] * state[i][j];
      }
    }
    for (int j = 0; j < Size; ++j)
      a.o[at + j] = a.scale * o[j];
  }
}

#endif

void linnet::benchmark::linearAttention(const LinearAttention &a, int64_t begin, int64_t end) {
  for (int64_t head = begin; head < end; ++head)
    a.size == 64 ? recurrent<64>(a, head) : recurrent<128>(a, head);
}
