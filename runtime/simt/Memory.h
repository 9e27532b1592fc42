//===- Memory.h - who has touched which byte ------------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_RUNTIME_SIMT_MEMORY_H
#define LINNET_RUNTIME_SIMT_MEMORY_H

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace linnet::runtime::simt {

/// A thread at a moment: the accesses of two threads are ordered where they are of one block with a barrier between, or
/// of different launches.
struct Moment {
  uint32_t launch;
  uint32_t block;
  uint32_t thread;
  uint32_t epoch; // barriers that the block has passed
};

/// The last write and read of each word, with a bit for each byte of it.
class Shadow {
public:
  explicit Shadow(uint64_t bytes);

  /// Notes an access of `bytes` bytes from `offset` on. Gives the site of an earlier one that races with it in `other`.
  bool race(uint64_t offset, uint32_t bytes, bool isWrite, bool isAtomic, const Moment &now, uint32_t site,
            uint32_t &other);
  /// Whether every byte has been written since the last clear.
  bool isWritten(uint64_t offset, uint32_t bytes) const;
  void clear();
  /// A copy in flight: what is there is no value until it lands.
  void forget(uint64_t offset, uint32_t bytes);

private:
  struct Cell {
    std::atomic<uint64_t> write{0}, read{0};
    std::atomic<uint32_t> writeSite{0}, readSite{0};
    std::atomic<uint8_t> written{0};
  };
  uint64_t words;
  std::unique_ptr<Cell[]> cells;
};

/// A buffer that kernels may touch.
struct Region {
  std::string name;
  const char *begin;
  uint64_t bytes;
  bool isWritable;
  /// Whether it holds values before anything is written.
  bool isInitialised;
  std::unique_ptr<Shadow> shadow; // of what is written
};

/// The buffers of one call.
class Memory {
public:
  void add(std::string name, const void *begin, uint64_t bytes, bool isWritable, bool isInitialised);
  void sort();
  /// The buffer that has all of the bytes, or null.
  Region *find(const void *pointer, uint32_t bytes);
  /// "0x10 bytes behind 'y'", for messages.
  std::string describe(const void *pointer) const;

private:
  std::vector<Region> regions;
};

} // namespace linnet::runtime::simt

#endif // LINNET_RUNTIME_SIMT_MEMORY_H
