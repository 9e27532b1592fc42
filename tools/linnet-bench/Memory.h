//===- Memory.h - arrays placed so that they do not collide ------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_TOOLS_LINNETBENCH_MEMORY_H
#define LINNET_TOOLS_LINNETBENCH_MEMORY_H

#include "llvm/Support/ErrorHandling.h"

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <sys/mman.h>
#include <vector>

namespace linnet {

/// The arrays of one workload. Each begins at another multiple of 4416 bytes (69 cache lines) after a boundary of 2
/// MiB: arrays that begin at equal places compete for the same lines of the caches, and make any loop slower by up to
/// half.
class Memory {
public:
  /// `count` floats, zero, aligned to 64 bytes.
  float *zeros(int64_t count) {
    constexpr size_t kPage = size_t(2) << 20;
    size_t skew = 4416 * (arrays.size() % 16);
    size_t bytes = (static_cast<size_t>(count) * sizeof(float) + skew + kPage - 1) / kPage * kPage;
    void *array = std::aligned_alloc(kPage, bytes);
    if (!array)
      llvm::report_bad_alloc_error("arrays of a workload");
    arrays.emplace_back(array);
#ifdef MADV_HUGEPAGE
    // As the buffers of the runtime and numpy's large arrays are.
    (void)madvise(array, bytes, MADV_HUGEPAGE);
#endif
    float *begin = reinterpret_cast<float *>(static_cast<char *>(array) + skew);
    for (int64_t i = 0; i < count; ++i)
      begin[i] = 0;
    return begin;
  }

  /// The same with numbers between `low` and `high`, always the same ones.
  float *numbers(int64_t count, float low, float high) {
    float *begin = zeros(count);
    uint32_t seed = 12345 + static_cast<uint32_t>(arrays.size());
    for (int64_t i = 0; i < count; ++i) {
      seed = seed * 1664525u + 1013904223u;
      begin[i] = low + (high - low) * static_cast<float>(seed >> 8) * (1.0f / 16777216.0f);
    }
    return begin;
  }

  /// A copy of `from` [rows, columns] as [columns, rows].
  float *transposed(const float *from, int64_t rows, int64_t columns) {
    float *begin = zeros(rows * columns);
    for (int64_t i = 0; i < rows; ++i)
      for (int64_t j = 0; j < columns; ++j)
        begin[j * rows + i] = from[i * columns + j];
    return begin;
  }

private:
  struct Free {
    void operator()(void *array) const { std::free(array); }
  };
  std::vector<std::unique_ptr<void, Free>> arrays;
};

} // namespace linnet

#endif // LINNET_TOOLS_LINNETBENCH_MEMORY_H
