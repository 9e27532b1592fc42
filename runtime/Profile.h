//===- Profile.h - time per operation -------------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_RUNTIME_PROFILE_H
#define LINNET_RUNTIME_PROFILE_H

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>

namespace linnet::runtime {

/// Whether times are taken at all; all that an unprofiled run looks at.
inline std::atomic<bool> profiling{false};

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

/// The counters of one model.
class Profile {
public:
  explicit Profile(int32_t opCount) : opCount(opCount), ops(new ProfileCounter[opCount + size_t(1)]) {}

  /// `op` as in linnet_host::parallel_for; whatever names no op shares one
  /// counter, that of -1.
  ProfileCounter &op(int32_t op) { return ops[op >= 0 && op < opCount ? op + 1 : 0]; }
  ProfileCounter &total() { return total_; }

private:
  int32_t opCount;
  std::unique_ptr<ProfileCounter[]> ops;
  ProfileCounter total_;
};

/// Adds the time of its own life to a counter, or does nothing with none.
class ProfileTimer {
public:
  explicit ProfileTimer(ProfileCounter *counter) : counter(counter) {
    if (counter)
      begin = std::chrono::steady_clock::now();
  }
  ProfileTimer(const ProfileTimer &) = delete;
  ProfileTimer &operator=(const ProfileTimer &) = delete;
  ~ProfileTimer() {
    if (counter)
      counter->add(
          std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now() - begin).count());
  }

private:
  ProfileCounter *counter;
  std::chrono::steady_clock::time_point begin;
};

} // namespace linnet::runtime

#endif // LINNET_RUNTIME_PROFILE_H
