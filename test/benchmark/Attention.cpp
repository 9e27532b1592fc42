//===- Attention.cpp - softmax attention to a range of keys, by hand ------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Query by query, for the compiler to vectorise: the scores of the keys that it keeps, their weights, and the sum of
// weights and values with its accumulators in registers.
//
//===----------------------------------------------------------------------===//

#include "Loops.h"

#include "Vector.h"

#include <algorithm>
#include <cmath>
#include <vector>

using namespace linnet::benchmark;

static void weigh(float *scores, int64_t count, float greatest) {
  int64_t j = 0;
#ifdef __AVX512F__
  __m512 origin = _mm512_set1_ps(greatest);
  for (; j + 16 <= count; j += 16)
    _mm512_storeu_ps(scores + j, exponential(_mm512_sub_ps(_mm512_loadu_ps(scores + j), origin)));
#endif
  for (; j < count; ++j)
    scores[j] = std::exp(scores[j] - greatest);
}

template <int Size> static void attend(const Attention &a, int64_t head) {
  static thread_local std::vector<float> room;
  room.resize(a.length);
  float *scores = room.data();
  const float *k = a.k + head * a.length * Size, *v = a.v + head * a.length * Size;
  for (int64_t i = 0; i < a.length; ++i) {
    const float *q = a.q + (head * a.length + i) * Size;
    int64_t first = a.first(i), end = a.end(i);
    float greatest = -INFINITY, total = 0;
    for (int64_t j = first; j < end; ++j) {
      float dot = 0;
      for (int d = 0; d < Size; ++d)
        dot += q[d] * k[j * Size + d];
      scores[j - first] = dot * a.scale;
      greatest = std::max(greatest, scores[j - first]);
    }
    weigh(scores, end - first, greatest);
    float o[Size] = {};
    for (int64_t j = first; j < end; ++j) {
      float weight = scores[j - first];
      total += weight;
      for (int d = 0; d < Size; ++d)
        o[d] += weight * v[j * Size + d];
    }
    for (int d = 0; d < Size; ++d)
      a.o[(head * a.length + i) * Size + d] = o[d] / total;
  }
}

void linnet::benchmark::attention(const Attention &a, int64_t begin, int64_t end) {
  for (int64_t head = begin; head < end; ++head)
    attend<64>(a, head);
}
