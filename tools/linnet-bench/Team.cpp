//===- Team.cpp - threads for the hand-written loops -------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Team.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <unistd.h>

using namespace linnet;

static constexpr int kSpins = 200000; // up to some 10 ms

static void relax() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#endif
}

/// Keeps a thread on the CPU with this index among `all`.
static void stayOn(pid_t thread, const cpu_set_t &all, int index) {
  int left = index % CPU_COUNT(&all);
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu)
    if (CPU_ISSET(cpu, &all) && left-- == 0) {
      cpu_set_t one;
      CPU_ZERO(&one);
      CPU_SET(cpu, &one);
      sched_setaffinity(thread, sizeof(one), &one);
      return;
    }
}

Team::Team(int threads) {
  CPU_ZERO(&processors);
  if (threads == 1)
    return;
  if (sched_getaffinity(0, sizeof(processors), &processors))
    CPU_SET(0, &processors);
  stayOn(0, processors, 0);
  own.resize(threads - 1);
  for (int i = 1; i < threads; ++i)
    workers.emplace_back([this, i] { work(i); });
}

void Team::placeOtherThreads() const {
  if (workers.empty())
    return;
  std::error_code error;
  std::vector<pid_t> others;
  for (llvm::sys::fs::directory_iterator task("/proc/self/task", error), end; task != end && !error;
       task.increment(error)) {
    pid_t thread;
    if (!llvm::sys::path::filename(task->path()).getAsInteger(10, thread) && thread != getpid() &&
        !llvm::is_contained(own, thread))
      others.push_back(thread);
  }
  llvm::sort(others);
  for (auto [index, thread] : llvm::enumerate(others))
    stayOn(thread, processors, static_cast<int>(index) + 1);
}

Team::~Team() {
  {
    std::lock_guard<std::mutex> lock(mutex);
    ends = true;
    ++generation;
  }
  wakeUp.notify_all();
  for (std::thread &worker : workers)
    worker.join();
  if (!workers.empty())
    sched_setaffinity(0, sizeof(processors), &processors);
}

void Team::runPart(int index) const {
  int64_t begin = count * index / size(), end = count * (index + 1) / size();
  if (begin < end)
    body(begin, end);
}

void Team::run(int64_t count, llvm::function_ref<void(int64_t begin, int64_t end)> body) {
  if (workers.empty() || count == 1)
    return body(0, count);
  {
    std::lock_guard<std::mutex> lock(mutex);
    this->body = body;
    this->count = count;
    running = static_cast<int>(workers.size());
    ++generation;
  }
  wakeUp.notify_all();
  runPart(0);
  for (int i = 0; running.load(std::memory_order_acquire) > 0; ++i)
    i < kSpins ? relax() : std::this_thread::yield();
}

void Team::work(int index) {
  stayOn(0, processors, index);
  own[index - 1] = gettid();
  uint64_t seen = 0;
  while (true) {
    for (int i = 0; i < kSpins && generation.load(std::memory_order_relaxed) == seen; ++i)
      relax();
    {
      std::unique_lock<std::mutex> lock(mutex);
      wakeUp.wait(lock, [&] { return generation != seen; });
      seen = generation;
      if (ends)
        return;
    }
    runPart(index);
    running.fetch_sub(1, std::memory_order_release);
  }
}
