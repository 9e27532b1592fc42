//===- Team.cpp - threads for the hand-written loops -------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Team.h"

using namespace linnet;

static constexpr int kSpins = 2000;

static void relax() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#endif
}

Team::Team(int threads) {
  for (int i = 1; i < threads; ++i)
    workers.emplace_back([this, i] { work(i); });
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
}

void Team::runPart(int index) const {
  int64_t begin = count * index / size(), end = count * (index + 1) / size();
  if (begin < end)
    body(begin, end);
}

void Team::run(int64_t count, llvm::function_ref<void(int64_t begin, int64_t end)> body) {
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
