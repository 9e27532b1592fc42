//===- Hash.h - 64-bit hash for identities and checksums ------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_RUNTIME_HASH_H
#define LINNET_RUNTIME_HASH_H

#include <cstdint>
#include <cstring>
#include <string_view>

namespace linnet::runtime {

/// Detects changes and damage; no defence against someone who wants a
/// collision. Not the same on machines of another byte order.
class Hash {
public:
  /// Four lanes, so that the multiplications overlap and hashing keeps up with
  /// memory.
  void add(const void *data, size_t bytes) {
    const unsigned char *at = static_cast<const unsigned char *>(data);
    uint64_t lanes[4] = {state, state + 1, state + 2, state + 3};
    size_t left = bytes;
    for (; left >= 32; left -= 32, at += 32)
      for (int lane = 0; lane < 4; ++lane)
        lanes[lane] = mix(lanes[lane], load(at + 8 * lane, 8));
    for (; left >= 8; left -= 8, at += 8)
      lanes[0] = mix(lanes[0], load(at, 8));
    lanes[1] = mix(lanes[1], load(at, left));
    for (uint64_t lane : lanes)
      state = mix(state, lane);
    state = mix(state, bytes);
  }
  void add(std::string_view text) { add(text.data(), text.size()); }
  void add(int64_t number) { state = mix(state, static_cast<uint64_t>(number)); }

  uint64_t value() const {
    uint64_t folded = state ^ (state >> 32);
    return folded * multiplier ^ (folded >> 29);
  }

private:
  static constexpr uint64_t multiplier = 0x9e3779b97f4a7c15u;

  static uint64_t load(const unsigned char *at, size_t bytes) {
    uint64_t word = 0;
    if (bytes)
      std::memcpy(&word, at, bytes);
    return word;
  }
  /// One to one in `word`, so a single changed word always shows.
  static uint64_t mix(uint64_t hash, uint64_t word) {
    hash = (hash ^ word) * multiplier;
    return hash ^ (hash >> 31);
  }

  uint64_t state = 0x243f6a8885a308d3u;
};

} // namespace linnet::runtime

#endif // LINNET_RUNTIME_HASH_H
