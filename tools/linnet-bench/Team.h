//===- Team.h - threads for the hand-written loops ---------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_TOOLS_LINNETBENCH_TEAM_H
#define LINNET_TOOLS_LINNETBENCH_TEAM_H

#include "llvm/ADT/STLFunctionalExtras.h"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <sched.h>
#include <thread>
#include <vector>

namespace linnet {

/// Runs a loop on a fixed number of threads, the caller's among them; each has one range of it. An idle thread spins
/// for some milliseconds, as that of OpenMP does, and then sleeps.
///
/// As long as the team lives, each thread stays on a CPU of its own, the caller on the first: where other work is
/// about, the scheduler may leave two that wait for each other on one CPU for longer than a loop takes.
class Team {
public:
  explicit Team(int threads);
  ~Team();
  Team(const Team &) = delete;
  Team &operator=(const Team &) = delete;

  int size() const { return static_cast<int>(workers.size()) + 1; }
  void run(int64_t count, llvm::function_ref<void(int64_t begin, int64_t end)> body);

  /// Does the same with the threads that the process has besides, which are those of Linnet's pool.
  void placeOtherThreads() const;

private:
  void work(int index);
  void runPart(int index) const;

  cpu_set_t processors; // of the process
  std::vector<std::thread> workers;
  std::vector<pid_t> own; // of the workers, once they have run
  llvm::function_ref<void(int64_t, int64_t)> body;
  int64_t count = 0;
  std::mutex mutex;
  std::condition_variable wakeUp;
  std::atomic<uint64_t> generation = 0; // changes under the mutex
  std::atomic<int> running = 0;
  bool ends = false;
};

} // namespace linnet

#endif // LINNET_TOOLS_LINNETBENCH_TEAM_H
