//===- Buffer.cpp - aligned memory for tensors ----------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Buffer.h"

#include "Error.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <sys/mman.h>

using namespace linnet::runtime;

static constexpr size_t lineBytes = 64;
static constexpr size_t pageBytes = 4096;
static constexpr size_t hugePageBytes = size_t(2) << 20;

void Buffer::Free::operator()(void *memory) const { std::free(memory); }

linnet_status Buffer::reserve(int64_t bytes, std::string_view what) {
  if (start && bytes <= size)
    return LINNET_OK;
  size_t wanted = std::max<size_t>(static_cast<size_t>(bytes), lineBytes);
  size_t alignment = lineBytes;
  size_t skew = 0;
  if (wanted >= skewedBytes) {
    // Counting over all buffers of the process also keeps apart those of
    // different sessions.
    static std::atomic<size_t> counter{0};
    skew = skewOf(counter.fetch_add(1, std::memory_order_relaxed));
    alignment = wanted >= 2 * hugePageBytes ? hugePageBytes : pageBytes;
  }

  // The old memory goes first: nobody needs its content.
  memory.reset();
  start = nullptr;
  size = 0;
  void *allocated = nullptr;
  if (posix_memalign(&allocated, alignment, wanted + skew))
    return fail(LINNET_OUT_OF_MEMORY, "out of memory: ", what, " needs ", bytes, " bytes");
  memory.reset(allocated);
  // Only a hint; without huge pages large weights miss the TLB at every row.
  if (alignment == hugePageBytes)
    madvise(allocated, wanted + skew, MADV_HUGEPAGE);
  start = static_cast<char *>(allocated) + skew;
  size = static_cast<int64_t>(wanted);
  return LINNET_OK;
}
