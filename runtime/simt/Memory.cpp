//===- Memory.cpp - who has touched which byte ----------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Memory.h"

#include <algorithm>

using namespace linnet::runtime::simt;

// A mark, from the lowest bit: bytes 4, many 1, atomic 1, thread 10, epoch 16, launch 16, block 16. Blocks that share
// the low bits pass as one: a race between them may be missed, none is made up.
namespace {
constexpr uint64_t kBytes = 0xf, kMany = 1 << 4, kAtomic = 1 << 5;
constexpr int kThread = 6, kEpoch = 16, kLaunch = 32, kBlock = 48;

uint64_t markOf(const Moment &now) {
  return uint64_t(now.thread & 0x3ff) << kThread | uint64_t(now.epoch & 0xffff) << kEpoch |
         uint64_t(now.launch & 0xffff) << kLaunch | uint64_t(now.block & 0xffff) << kBlock;
}

/// Whether what a mark says happened in this launch and is not ordered before `now` by a barrier.
bool isUnordered(uint64_t mark, uint64_t now) {
  uint64_t differing = mark ^ now;
  if (differing >> kLaunch & 0xffff)
    return false;
  if (differing >> kBlock)
    return true;
  return !(differing >> kEpoch & 0xffff);
}

bool isSameThread(uint64_t mark, uint64_t now) {
  return !((mark ^ now) >> kBlock) && !((mark ^ now) >> kThread & 0x3ff);
}
} // namespace

Shadow::Shadow(uint64_t bytes) : words((bytes + 3) / 4), cells(new Cell[words]) {}

bool Shadow::race(uint64_t offset, uint32_t bytes, bool isWrite, bool isAtomic, const Moment &now, uint32_t site,
                  uint32_t &other) {
  bool found = false;
  uint64_t own = markOf(now), end = offset + bytes;
  for (uint64_t word = offset / 4; word * 4 < end; ++word) {
    uint64_t mask = 0;
    for (uint64_t byte = 0; byte < 4; ++byte)
      if (uint64_t at = word * 4 + byte; at >= offset && at < end)
        mask |= uint64_t(1) << byte;
    Cell &cell = cells[word];
    uint64_t written = cell.write.load(std::memory_order_relaxed);
    if (written && (written & mask) && isUnordered(written, own) && !isSameThread(written, own) &&
        !(isAtomic && (written & kAtomic))) {
      found = true;
      other = cell.writeSite.load(std::memory_order_relaxed);
    }
    uint64_t read = cell.read.load(std::memory_order_relaxed);
    if (isWrite) {
      if (read && (read & mask) && isUnordered(read, own) && (!isSameThread(read, own) || (read & kMany))) {
        found = true;
        other = cell.readSite.load(std::memory_order_relaxed);
      }
      // Bytes that this very thread wrote before stay marked.
      uint64_t kept = written && isUnordered(written, own) && isSameThread(written, own) ? written & kBytes : 0;
      cell.write.store(own | mask | kept | (isAtomic ? kAtomic : 0), std::memory_order_relaxed);
      cell.writeSite.store(site, std::memory_order_relaxed);
      cell.written.fetch_or(static_cast<uint8_t>(mask), std::memory_order_relaxed);
    } else {
      bool isRecent = read && isUnordered(read, own);
      uint64_t many = isRecent && (!isSameThread(read, own) || (read & kMany)) ? kMany : 0;
      uint64_t kept = isRecent ? read & kBytes : 0;
      cell.read.store(own | mask | kept | many, std::memory_order_relaxed);
      cell.readSite.store(site, std::memory_order_relaxed);
    }
  }
  return found;
}

bool Shadow::isWritten(uint64_t offset, uint32_t bytes) const {
  for (uint64_t at = offset; at < offset + bytes; ++at)
    if (!(cells[at / 4].written.load(std::memory_order_relaxed) >> at % 4 & 1))
      return false;
  return true;
}

void Shadow::clear() {
  for (uint64_t word = 0; word < words; ++word) {
    cells[word].write.store(0, std::memory_order_relaxed);
    cells[word].read.store(0, std::memory_order_relaxed);
    cells[word].written.store(0, std::memory_order_relaxed);
  }
}

void Shadow::forget(uint64_t offset, uint32_t bytes) {
  for (uint64_t at = offset; at < offset + bytes; ++at)
    cells[at / 4].written.fetch_and(static_cast<uint8_t>(~(1u << at % 4)), std::memory_order_relaxed);
}

void Memory::add(std::string name, const void *begin, uint64_t bytes, bool isWritable, bool isInitialised) {
  if (!bytes)
    return;
  regions.push_back({std::move(name), static_cast<const char *>(begin), bytes, isWritable, isInitialised,
                     isWritable ? std::make_unique<Shadow>(bytes) : nullptr});
}

void Memory::sort() {
  std::sort(regions.begin(), regions.end(), [](const Region &x, const Region &y) { return x.begin < y.begin; });
}

Region *Memory::find(const void *pointer, uint32_t bytes) {
  auto *at = static_cast<const char *>(pointer);
  auto next = std::upper_bound(regions.begin(), regions.end(), at,
                               [](const char *at, const Region &region) { return at < region.begin; });
  if (next == regions.begin())
    return nullptr;
  Region &region = *std::prev(next);
  return at + bytes <= region.begin + region.bytes ? &region : nullptr;
}

std::string Memory::describe(const void *pointer) const {
  auto *at = static_cast<const char *>(pointer);
  const Region *nearest = nullptr;
  for (const Region &region : regions)
    if (region.begin <= at)
      nearest = &region;
  if (!nearest)
    return "before every buffer";
  return "byte " + std::to_string(at - nearest->begin) + " of '" + nearest->name + "', which has " +
         std::to_string(nearest->bytes);
}
