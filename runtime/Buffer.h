//===- Buffer.h - aligned memory for tensors ------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_RUNTIME_BUFFER_H
#define LINNET_RUNTIME_BUFFER_H

#include "linnet/linnet.h"

#include <memory>
#include <string_view>

namespace linnet::runtime {

/// Arrays of this size and more are placed at differing cache sets: those that
/// all start at a page boundary, or at the same address modulo a large power of
/// two, evict each other when a loop walks several of them in step.
constexpr size_t skewedBytes = size_t(64) << 10;

/// How far array number `index` is moved: a whole number of cache lines, odd,
/// so that 1024 arrays in a row all start at different lines of 64 KiB.
constexpr size_t skewOf(size_t index) { return index * (69 * 64) % skewedBytes; }

/// Memory at a multiple of 64 bytes that only grows. Never null once reserved,
/// not even for zero bytes.
class Buffer {
public:
  /// Makes room for `bytes`. When it must grow, what it held is lost. `what`
  /// names the memory in the message of a failure.
  linnet_status reserve(int64_t bytes, std::string_view what);

  void *data() const { return start; }
  int64_t capacity() const { return size; }

private:
  struct Free {
    void operator()(void *memory) const;
  };
  std::unique_ptr<void, Free> memory;
  void *start = nullptr;
  int64_t size = 0;
};

} // namespace linnet::runtime

#endif // LINNET_RUNTIME_BUFFER_H
