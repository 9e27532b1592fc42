//===- Sampler.cpp - the choice of the next token -------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Sampler.h"

#include <algorithm>
#include <cmath>
#include <numeric>

using namespace linnet;

/// The first of the largest logits; not-a-numbers are passed over.
static int32_t likeliest(const float *logits, int64_t count) {
  int64_t best = -1;
  for (int64_t i = 0; i < count; ++i)
    if (!std::isnan(logits[i]) && (best < 0 || logits[i] > logits[best]))
      best = i;
  return static_cast<int32_t>(best);
}

double Sampler::uniform() {
  // SplitMix64: a counter, multiplied and mixed.
  uint64_t bits = seed + ++drawn * 0x9e3779b97f4a7c15u;
  bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9u;
  bits = (bits ^ (bits >> 27)) * 0x94d049bb133111ebu;
  bits ^= bits >> 31;
  return static_cast<double>(bits >> 11) * 0x1p-53;
}

int32_t Sampler::next(const float *logits, int64_t count) {
  int32_t best = likeliest(logits, count);
  if (best < 0 || temperature == 0)
    return best;
  candidates.resize(static_cast<size_t>(count));
  std::iota(candidates.begin(), candidates.end(), 0);
  candidates.erase(
      std::remove_if(candidates.begin(), candidates.end(), [&](int32_t token) { return std::isnan(logits[token]); }),
      candidates.end());
  if (topK > 0 && static_cast<size_t>(topK) < candidates.size()) {
    // Ties go to the lower token, so that the set is one and the same.
    std::nth_element(candidates.begin(), candidates.begin() + topK, candidates.end(),
                     [&](int32_t a, int32_t b) { return logits[a] != logits[b] ? logits[a] > logits[b] : a < b; });
    candidates.resize(static_cast<size_t>(topK));
    // nth_element leaves an order of the library's own.
    std::sort(candidates.begin(), candidates.end());
  }

  double total = 0;
  weights.clear();
  for (int32_t token : candidates) {
    // Two infinities of one sign are equally likely; their difference is none.
    double below = logits[token] == logits[best] ? 0.0 : static_cast<double>(logits[token]) - logits[best];
    total += std::exp(below / temperature);
    weights.push_back(total);
  }
  double target = uniform() * total;
  auto chosen = std::upper_bound(weights.begin(), weights.end(), target);
  // Rounding may lift the target to the very end.
  if (chosen == weights.end())
    return best;
  return candidates[static_cast<size_t>(chosen - weights.begin())];
}
