//===- Recurrence.cpp - recurrences and running sums by hand -----------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/benchmark/Loops.h"

#include "test/benchmark/Vector.h"

#include <algorithm>

using namespace linnet::benchmark;

static constexpr int64_t kColumns = Recurrence::kColumns;

template <bool IsSum> static inline float next(const Recurrence &r, int64_t at, float h) {
  return IsSum ? h + r.b[at] : r.a[at] * h + r.b[at];
}

template <bool IsSum> static void firstPlain(const Recurrence &r, int64_t begin, int64_t end) {
  // All columns of the range at once: whole rows are read and written in order.
  int64_t width = (end - begin) * kColumns;
  constexpr int64_t kMost = 4096;
  float h[kMost];
  for (int64_t first = begin * kColumns; width > 0; first += kMost, width -= kMost) {
    int64_t columns = std::min(width, kMost);
    std::fill_n(h, columns, 0.0f);
    for (int64_t t = 0; t < r.rows; ++t) {
      int64_t at = t * r.columns + first;
      float *__restrict y = r.y + at;
      for (int64_t i = 0; i < columns; ++i)
        y[i] = h[i] = next<IsSum>(r, at + i, h[i]);
    }
  }
}

template <bool IsSum> static void lastPlain(const Recurrence &r, int64_t begin, int64_t end) {
  for (int64_t row = begin * Recurrence::kRows; row < end * Recurrence::kRows; ++row) {
    float h = 0;
    for (int64_t t = 0; t < r.columns; ++t)
      r.y[row * r.columns + t] = h = next<IsSum>(r, row * r.columns + t, h);
  }
}

#ifdef __AVX512F__

template <bool IsSum> static inline __m512 next(__m512 a, __m512 b, __m512 h) {
  return IsSum ? _mm512_add_ps(h, b) : _mm512_fmadd_ps(a, h, b);
}

template <bool IsSum> static void firstStreaming(const Recurrence &r, int64_t begin, int64_t end) {
  for (int64_t first = begin * kColumns; first < end * kColumns; first += kColumns) {
    __m512 h[kColumns / 16];
    for (__m512 &v : h)
      v = _mm512_setzero_ps();
    for (int64_t t = 0; t < r.rows; ++t) {
      int64_t at = t * r.columns + first;
#pragma GCC unroll 8
      for (int j = 0; j < kColumns / 16; ++j) {
        __m512 a = IsSum ? _mm512_setzero_ps() : _mm512_load_ps(r.a + at + 16 * j);
        h[j] = next<IsSum>(a, _mm512_load_ps(r.b + at + 16 * j), h[j]);
        _mm512_stream_ps(r.y + at + 16 * j, h[j]);
      }
    }
  }
}

template <bool IsSum> static void lastTurned(const Recurrence &r, int64_t begin, int64_t end) {
  for (int64_t row = begin * Recurrence::kRows; row < end * Recurrence::kRows; row += 16) {
    __m512 h = _mm512_setzero_ps();
    for (int64_t t = 0; t < r.columns; t += 16) {
      int64_t at = row * r.columns + t;
      __m512 a[16], b[16];
#pragma GCC unroll 16
      for (int i = 0; i < 16; ++i) {
        a[i] = IsSum ? _mm512_setzero_ps() : _mm512_load_ps(r.a + at + i * r.columns);
        b[i] = _mm512_load_ps(r.b + at + i * r.columns);
      }
      if (!IsSum)
        turn(a);
      turn(b);
#pragma GCC unroll 16
      for (int i = 0; i < 16; ++i)
        b[i] = h = next<IsSum>(a[i], b[i], h);
      turn(b);
#pragma GCC unroll 16
      for (int i = 0; i < 16; ++i)
        _mm512_stream_ps(r.y + at + i * r.columns, b[i]);
    }
  }
}

#else // no AVX-512: hasVectorLoops() tells that these are not better

template <bool IsSum> static void firstStreaming(const Recurrence &r, int64_t begin, int64_t end) {
  firstPlain<IsSum>(r, begin, end);
}

template <bool IsSum> static void lastTurned(const Recurrence &r, int64_t begin, int64_t end) {
  lastPlain<IsSum>(r, begin, end);
}

#endif

void linnet::benchmark::recurrenceFirstStreaming(const Recurrence &r, int64_t begin, int64_t end) {
  r.a ? firstStreaming<false>(r, begin, end) : firstStreaming<true>(r, begin, end);
}

void linnet::benchmark::recurrenceFirstPlain(const Recurrence &r, int64_t begin, int64_t end) {
  r.a ? firstPlain<false>(r, begin, end) : firstPlain<true>(r, begin, end);
}

void linnet::benchmark::recurrenceLastTurned(const Recurrence &r, int64_t begin, int64_t end) {
  r.a ? lastTurned<false>(r, begin, end) : lastTurned<true>(r, begin, end);
}

void linnet::benchmark::recurrenceLastPlain(const Recurrence &r, int64_t begin, int64_t end) {
  r.a ? lastPlain<false>(r, begin, end) : lastPlain<true>(r, begin, end);
}

void linnet::benchmark::recurrenceSerial(const Recurrence &r, int64_t, int64_t) {
  int64_t count = r.rows * r.columns;
  float h = 0;
  if (r.a)
    for (int64_t t = 0; t < count; ++t)
      r.y[t] = h = r.a[t] * h + r.b[t];
  else
    for (int64_t t = 0; t < count; ++t)
      r.y[t] = h = h + r.b[t];
}
