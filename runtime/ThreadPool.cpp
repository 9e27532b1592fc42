//===- ThreadPool.cpp - parallel loops ------------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One pthreadpool for the process. A loop that finds it taken, by another
// thread or by the loop it is nested in, runs inline: that is always right, as
// no result depends on how a range is cut, and nobody waits for anybody.
//
//===----------------------------------------------------------------------===//

#include "ThreadPool.h"

#include "Error.h"
#include "Profile.h"

#include <algorithm>
#include <cstdlib>
#include <mutex>
#include <pthread.h>
#include <pthreadpool.h>
#include <sched.h>

#if defined(__SSE__)
#include <xmmintrin.h>
#endif

// The thread sanitizer does not see the pool's own synchronisation, as the pool
// is not built with it; so it is told what a loop guarantees.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#include <sanitizer/tsan_interface.h>
#define LINNET_HAPPENS_BEFORE(address) __tsan_release(address)
#define LINNET_HAPPENS_AFTER(address) __tsan_acquire(address)
#endif
#endif
#ifndef LINNET_HAPPENS_BEFORE
#define LINNET_HAPPENS_BEFORE(address)
#define LINNET_HAPPENS_AFTER(address)
#endif

using namespace linnet::runtime;

namespace {

constexpr int32_t mostThreads = 1024;

/// Waking the workers takes some microseconds; below this a loop is not worth
/// it.
constexpr int64_t leastLoopNanoseconds = 20'000;
/// Chunks shorter than this would spend their time on handing them out.
constexpr int64_t leastChunkNanoseconds = 5'000;
constexpr int64_t chunksPerThread = 4;

/// How the processor rounds and treats denormals. It is a thread's own, so
/// workers take it over from the caller: otherwise a program that flushes
/// denormals would get results that depend on who computed them.
#if defined(__SSE__)
using FloatControl = unsigned;
// The low six bits are the sticky exception flags, which are no setting.
FloatControl readFloatControl() { return _mm_getcsr() & ~0x3fu; }
void writeFloatControl(FloatControl control) { _mm_setcsr(control); }
#elif defined(__aarch64__)
using FloatControl = uint64_t;
FloatControl readFloatControl() {
  FloatControl control;
  __asm__ volatile("mrs %0, fpcr" : "=r"(control));
  return control;
}
void writeFloatControl(FloatControl control) { __asm__ volatile("msr fpcr, %0" : : "r"(control)); }
#else
using FloatControl = int;
FloatControl readFloatControl() { return 0; }
void writeFloatControl(FloatControl) {}
#endif

/// Whether this thread is in a chunk of a pooled loop.
thread_local bool insideChunk = false;
/// Whether this thread is in a loop that is being timed; those nested in it are
/// part of it.
thread_local bool insideTimedLoop = false;

class FlagScope {
public:
  explicit FlagScope(bool &flag) : flag(flag), before(flag) { flag = true; }
  FlagScope(const FlagScope &) = delete;
  FlagScope &operator=(const FlagScope &) = delete;
  ~FlagScope() { flag = before; }

private:
  bool &flag;
  bool before;
};

int32_t allowedProcessors() {
  // The mask may be wider than the fixed cpu_set_t holds; that call then fails.
  for (int processors = CPU_SETSIZE; processors <= (1 << 20); processors *= 2) {
    cpu_set_t *mask = CPU_ALLOC(processors);
    if (!mask)
      break;
    size_t bytes = CPU_ALLOC_SIZE(processors);
    int found = sched_getaffinity(0, bytes, mask) ? 0 : CPU_COUNT_S(bytes, mask);
    CPU_FREE(mask);
    if (found > 0)
      return std::min(found, mostThreads);
  }
  return 1;
}

int32_t defaultThreads() {
  if (const char *text = std::getenv("LINNET_NUM_THREADS")) {
    char *end = nullptr;
    long count = std::strtol(text, &end, 10);
    if (end != text && !*end && count >= 1 && count <= mostThreads)
      return static_cast<int32_t>(count);
  }
  return allowedProcessors();
}

/// A loop while it runs on the pool, cut into `chunks` nearly equal parts.
struct PooledLoop {
  linnet_body body;
  void *environment;
  int64_t chunkSize;
  int64_t remainder; // so many of the first chunks have one iteration more
  FloatControl floatControl;
};

void runChunk(void *argument, size_t chunkIndex) {
  LINNET_HAPPENS_AFTER(argument);
  const PooledLoop &loop = *static_cast<const PooledLoop *>(argument);
  int64_t chunk = static_cast<int64_t>(chunkIndex);
  int64_t begin = chunk * loop.chunkSize + std::min(chunk, loop.remainder);
  int64_t end = begin + loop.chunkSize + (chunk < loop.remainder);
  FlagScope scope(insideChunk);
  if (readFloatControl() != loop.floatControl)
    writeFloatControl(loop.floatControl);
  loop.body(loop.environment, begin, end);
  LINNET_HAPPENS_BEFORE(argument);
}

class ThreadPool {
public:
  static ThreadPool &instance();

  int32_t threads() const { return count.load(std::memory_order_relaxed); }
  void setThreads(int32_t threads);

  /// Runs the loop in `chunks` parts; false when the pool is taken.
  bool run(PooledLoop &loop, int64_t iterations, int64_t chunks);

private:
  ThreadPool() : count(defaultThreads()), processors(allowedProcessors()) {}
  static void afterForkInChild();

  std::mutex use;
  pthreadpool_t pool = nullptr; // made at first use
  std::atomic<int32_t> count;
  int32_t processors;
};

ThreadPool &ThreadPool::instance() {
  // Never destroyed: at exit other threads may still be in a loop. Not on the
  // heap: this is called by compiled code, which can handle no exception.
  alignas(ThreadPool) static char memory[sizeof(ThreadPool)];
  static ThreadPool *pool = [] {
    ThreadPool *made = new (memory) ThreadPool;
    pthread_atfork(nullptr, nullptr, afterForkInChild);
    return made;
  }();
  return *pool;
}

void ThreadPool::afterForkInChild() {
  // The workers stayed in the parent, and what they held is in an unknown
  // state, so this memory is left alone for good.
  ThreadPool &pool = instance();
  new (&pool.use) std::mutex;
  pool.pool = nullptr;
}

void ThreadPool::setThreads(int32_t threads) {
  std::lock_guard<std::mutex> lock(use);
  if (threads == count.load(std::memory_order_relaxed))
    return;
  if (pool)
    pthreadpool_destroy(pool);
  pool = nullptr;
  count.store(threads, std::memory_order_relaxed);
}

bool ThreadPool::run(PooledLoop &loop, int64_t iterations, int64_t chunks) {
  std::unique_lock<std::mutex> lock(use, std::try_to_lock);
  if (!lock.owns_lock())
    return false;
  int32_t threads = count.load(std::memory_order_relaxed);
  if (!pool)
    pool = pthreadpool_create(static_cast<size_t>(threads));
  if (!pool)
    return false;
  loop.chunkSize = iterations / chunks;
  loop.remainder = iterations % chunks;
  // Idle workers spin for a while, which makes the next loop start sooner, but
  // not where they would keep a busy thread off its processor.
  uint32_t flags = threads > processors ? PTHREADPOOL_FLAG_YIELD_WORKERS : 0;
  LINNET_HAPPENS_BEFORE(&loop);
  pthreadpool_parallelize_1d(pool, runChunk, &loop, static_cast<size_t>(chunks), flags);
  LINNET_HAPPENS_AFTER(&loop);
  return true;
}

/// How many parts to cut a loop into; 1: run it inline.
int64_t countChunks(int64_t count, int64_t cost, int32_t limit) {
  if (count == 1 || limit == 1 || insideChunk)
    return 1;
  int64_t threads = ThreadPool::instance().threads();
  if (threads == 1)
    return 1;
  int64_t chunks = std::min(count, threads * chunksPerThread);
  // Not more chunks than threads allowed keeps the other threads out.
  if (limit > 0 && limit < threads)
    chunks = std::min<int64_t>(chunks, limit);
  // A cost below 1 says that nothing is known.
  int64_t total;
  if (cost >= 1 && !__builtin_mul_overflow(count, cost, &total)) {
    if (total < leastLoopNanoseconds)
      return 1;
    chunks = std::min(chunks, total / leastChunkNanoseconds);
  }
  return chunks;
}

void runLoop(int64_t count, int64_t cost, int32_t limit, linnet_body body, void *environment) {
  int64_t chunks = countChunks(count, cost, limit);
  if (chunks > 1) {
    PooledLoop loop = {body, environment, 0, 0, readFloatControl()};
    if (ThreadPool::instance().run(loop, count, chunks))
      return;
  }
  body(environment, 0, count);
}

} // namespace

void linnet::runtime::parallelFor(const linnet_host *host, int32_t op, int64_t count, int64_t cost, linnet_body body,
                                  void *environment) {
  if (count <= 0)
    return;
  const HostContext &context = *static_cast<const HostContext *>(host->implementation);
  if (!profiling.load(std::memory_order_relaxed) || insideTimedLoop || insideChunk) {
    runLoop(count, cost, context.threads, body, environment);
    return;
  }
  FlagScope scope(insideTimedLoop);
  ProfileTimer timer(*context.profile, /*function=*/-1, op);
  runLoop(count, cost, context.threads, body, environment);
}

extern "C" linnet_status linnet_set_num_threads(int32_t count) {
  return guarded([&] {
    if (count < 1 || count > mostThreads)
      return fail(LINNET_INVALID_ARGUMENT, "argument 'count': expected 1 to ", mostThreads, ", got ", count);
    // The loop this would wait for is the one it is called from.
    if (insideChunk)
      return fail(LINNET_INVALID_ARGUMENT, "linnet_set_num_threads: called from a parallel loop");
    ThreadPool::instance().setThreads(count);
    return LINNET_OK;
  });
}

extern "C" int32_t linnet_num_threads(void) {
  int32_t count = 1;
  guarded([&] {
    count = ThreadPool::instance().threads();
    return LINNET_OK;
  });
  return count;
}
