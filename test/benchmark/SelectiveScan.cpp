//===- SelectiveScan.cpp - selective scans by hand ---------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/benchmark/Loops.h"

#include "test/benchmark/Vector.h"

#include <algorithm>
#include <cmath>

using namespace linnet::benchmark;

static constexpr int64_t kStates = SelectiveScan::kStates;
static constexpr int64_t kBlock = SelectiveScan::kBlock;

bool linnet::benchmark::hasVectorLoops() {
#ifdef __AVX512F__
  return true;
#else
  return false;
#endif
}

#ifdef __AVX512F__

static constexpr int64_t kTimeBlock = 64;

namespace {
/// Some tokens of 16 channels: `u`, `delta`, `z` and `y` have a row of `stride` elements for each.
struct Tile {
  int64_t tokens, stride;
  const float *u, *delta, *z;
  const float *b, *c; // [tokens, kStates]
  float *y;
};
} // namespace

/// The 16 x 16 states stay in registers for all tokens of the tile.
static inline void scanTile(const Tile &tile, const float *a, int64_t aStride, __m512 d, float *state) {
  __m512 h[kStates];
#pragma GCC unroll 16
  for (int n = 0; n < kStates; ++n)
    h[n] = _mm512_load_ps(state + 16 * n);
  for (int64_t t = 0; t < tile.tokens; ++t) {
    __m512 u = _mm512_load_ps(tile.u + t * tile.stride), delta = _mm512_load_ps(tile.delta + t * tile.stride);
    __m512 z = _mm512_load_ps(tile.z + t * tile.stride), step = _mm512_mul_ps(delta, u);
    const float *b = tile.b + t * kStates, *c = tile.c + t * kStates;
    __m512 even = _mm512_mul_ps(d, u), odd = _mm512_setzero_ps();
#pragma GCC unroll 16
    for (int n = 0; n < kStates; ++n) {
      __m512 decay = exponential(_mm512_mul_ps(delta, _mm512_load_ps(a + n * aStride)));
      h[n] = _mm512_fmadd_ps(decay, h[n], _mm512_mul_ps(_mm512_set1_ps(b[n]), step));
      __m512 &sum = n & 1 ? even : odd;
      sum = _mm512_fmadd_ps(_mm512_set1_ps(c[n]), h[n], sum);
    }
    __m512 one = _mm512_set1_ps(1), sigmoid = _mm512_add_ps(one, exponential(_mm512_sub_ps(_mm512_setzero_ps(), z)));
    __m512 y = _mm512_mul_ps(_mm512_add_ps(even, odd), _mm512_div_ps(z, sigmoid));
    _mm512_store_ps(tile.y + t * tile.stride, y);
  }
#pragma GCC unroll 16
  for (int n = 0; n < kStates; ++n)
    _mm512_store_ps(state + 16 * n, h[n]);
}

void linnet::benchmark::selectiveScanTimeFirst(const SelectiveScan &s, int64_t begin, int64_t end) {
  for (int64_t first = begin * kBlock; first < end * kBlock; first += kBlock) {
    alignas(64) float state[kBlock / 16][kStates * 16] = {};
    for (int64_t t = 0; t < s.length; t += kTimeBlock)
      for (int64_t g = 0; g < kBlock / 16; ++g) {
        int64_t channel = first + 16 * g, at = t * s.channels + channel;
        Tile tile = {std::min(kTimeBlock, s.length - t),
                     s.channels,
                     s.u + at,
                     s.delta + at,
                     s.z + at,
                     s.b + t * kStates,
                     s.c + t * kStates,
                     s.y + at};
        scanTile(tile, s.a + channel, s.channels, _mm512_load_ps(s.d + channel), state[g]);
      }
  }
}

void linnet::benchmark::selectiveScanTimeLast(const SelectiveScan &s, int64_t begin, int64_t end) {
  for (int64_t first = begin * kBlock; first < end * kBlock; first += kBlock) {
    alignas(64) float state[kBlock / 16][kStates * 16] = {};
    alignas(64) float u[kTimeBlock * 16], delta[kTimeBlock * 16], z[kTimeBlock * 16], y[kTimeBlock * 16];
    alignas(64) float b[kTimeBlock * kStates], c[kTimeBlock * kStates];
    for (int64_t t = 0; t < s.length; t += kTimeBlock) {
      int64_t tokens = std::min(kTimeBlock, s.length - t);
      for (int64_t i = 0; i < tokens; i += 16) {
        turn(s.b + t + i, s.length, b + i * kStates, kStates);
        turn(s.c + t + i, s.length, c + i * kStates, kStates);
      }
      for (int64_t g = 0; g < kBlock / 16; ++g) {
        int64_t channel = first + 16 * g, at = channel * s.length + t;
        for (int64_t i = 0; i < tokens; i += 16) {
          turn(s.u + at + i, s.length, u + 16 * i, 16);
          turn(s.delta + at + i, s.length, delta + 16 * i, 16);
          turn(s.z + at + i, s.length, z + 16 * i, 16);
        }
        Tile tile = {tokens, 16, u, delta, z, b, c, y};
        scanTile(tile, s.a + channel, s.channels, _mm512_load_ps(s.d + channel), state[g]);
        for (int64_t i = 0; i < tokens; i += 16)
          turn(y + 16 * i, 16, s.y + at + i, s.length);
      }
    }
  }
}

#else // no AVX-512

static void scanPlain(const SelectiveScan &s, int64_t begin, int64_t end, int64_t channelStride, int64_t tokenStride,
                      int64_t stateStride, int64_t stateTokenStride) {
  for (int64_t channel = begin * kBlock; channel < end * kBlock; ++channel) {
    float h[kStates] = {};
    for (int64_t t = 0; t < s.length; ++t) {
      int64_t at = channel * channelStride + t * tokenStride;
      float u = s.u[at], delta = s.delta[at], z = s.z[at], sum = s.d[channel] * u;
      for (int64_t n = 0; n < kStates; ++n) {
        int64_t i = n * stateStride + t * stateTokenStride;
        h[n] = std::exp(delta * s.a[n * s.channels + channel]) * h[n] + s.b[i] * delta * u;
        sum += s.c[i] * h[n];
      }
      s.y[at] = sum * z / (1 + std::exp(-z));
    }
  }
}

void linnet::benchmark::selectiveScanTimeFirst(const SelectiveScan &s, int64_t begin, int64_t end) {
  scanPlain(s, begin, end, 1, s.channels, 1, kStates);
}

void linnet::benchmark::selectiveScanTimeLast(const SelectiveScan &s, int64_t begin, int64_t end) {
  scanPlain(s, begin, end, s.length, 1, s.length, 1);
}

#endif
