//===- Profile.h - time per operation -------------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_RUNTIME_PROFILE_H
#define LINNET_RUNTIME_PROFILE_H

#include "linnet/linnet.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

namespace linnet::runtime {

/// A linnet_profile_level: what is measured at all; all that an unprofiled run
/// looks at.
inline std::atomic<int> profiling{LINNET_PROFILE_OFF};

struct ProfileCounter {
  std::atomic<int64_t> calls{0};
  std::atomic<int64_t> nanoseconds{0};

  void add(int64_t time) {
    calls.fetch_add(1, std::memory_order_relaxed);
    nanoseconds.fetch_add(time, std::memory_order_relaxed);
  }
  void reset() {
    calls.store(0, std::memory_order_relaxed);
    nanoseconds.store(0, std::memory_order_relaxed);
  }
};

/// The counters and events of one model.
class Profile {
public:
  using Clock = std::chrono::steady_clock;

  explicit Profile(int32_t opCount) : opCount(opCount), ops(new ProfileCounter[opCount + size_t(1)]) {}

  /// `op` as in linnet_host::parallel_for; whatever names no op shares one
  /// counter, that of -1.
  ProfileCounter &op(int32_t op) { return ops[op >= 0 && op < opCount ? op + 1 : 0]; }
  ProfileCounter &total() { return total_; }

  /// Keeps one call of a function, or one loop of an op in it (the other is
  /// -1), until there are too many.
  void record(int32_t function, int32_t op, Clock::time_point begin, Clock::time_point end, const int64_t *symbols,
              int32_t symbolCount);
  /// Stores up to `capacity` events; gives how many there are.
  size_t copyEvents(linnet_profile_event *events, size_t capacity) const;
  void reset();

private:
  int32_t opCount;
  std::unique_ptr<ProfileCounter[]> ops;
  ProfileCounter total_;
  mutable std::mutex lock; // of what follows
  std::vector<linnet_profile_event> events;
  std::deque<std::vector<int64_t>> symbolsOfCalls; // whose elements stay where they are
};

/// Measures its own life as a call of `function`, or as a loop of `op` where
/// `function` is negative; does nothing where nothing is measured.
class ProfileTimer {
public:
  ProfileTimer(Profile &profile, int32_t function, int32_t op, const int64_t *symbols = nullptr,
               int32_t symbolCount = 0)
      : profile(profile), level(profiling.load(std::memory_order_relaxed)), function(function), op(op),
        symbols(symbols), symbolCount(symbolCount) {
    if (level)
      begin = Profile::Clock::now();
  }
  ProfileTimer(const ProfileTimer &) = delete;
  ProfileTimer &operator=(const ProfileTimer &) = delete;
  ~ProfileTimer();

private:
  Profile &profile;
  int level;
  int32_t function, op;
  const int64_t *symbols;
  int32_t symbolCount;
  Profile::Clock::time_point begin;
};

} // namespace linnet::runtime

#endif // LINNET_RUNTIME_PROFILE_H
