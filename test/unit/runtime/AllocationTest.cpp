//===- AllocationTest.cpp - nothing is allocated after warm-up ------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The C library's allocator is replaced by one that counts, for the whole
// process: the runtime, the thread pool and the model.
//
//===----------------------------------------------------------------------===//

#include "TestSupport.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define LINNET_OTHER_ALLOCATOR 1
#endif
#endif

#if defined(__GLIBC__) && !defined(LINNET_OTHER_ALLOCATOR)

#include <atomic>
#include <cerrno>
#include <cstdlib>

static std::atomic<bool> counting{false};
static std::atomic<int64_t> allocations{0};

static void count() {
  if (counting.load(std::memory_order_relaxed))
    allocations.fetch_add(1, std::memory_order_relaxed);
}

extern "C" {
void *__libc_malloc(size_t bytes);
void *__libc_calloc(size_t count, size_t bytes);
void *__libc_realloc(void *memory, size_t bytes);
void *__libc_memalign(size_t alignment, size_t bytes);

void *malloc(size_t bytes) {
  count();
  return __libc_malloc(bytes);
}
void *calloc(size_t elements, size_t bytes) {
  count();
  return __libc_calloc(elements, bytes);
}
void *realloc(void *memory, size_t bytes) {
  count();
  return __libc_realloc(memory, bytes);
}
void *memalign(size_t alignment, size_t bytes) {
  count();
  return __libc_memalign(alignment, bytes);
}
void *aligned_alloc(size_t alignment, size_t bytes) {
  count();
  return __libc_memalign(alignment, bytes);
}
int posix_memalign(void **memory, size_t alignment, size_t bytes) {
  count();
  *memory = __libc_memalign(alignment, bytes);
  return *memory ? 0 : ENOMEM;
}
}

using namespace linnet::test;

namespace {
class AllocationTest : public FakeModelTest {
protected:
  template <typename Work> int64_t allocationsOf(Work &&work) {
    allocations = 0;
    counting = true;
    work();
    counting = false;
    return allocations;
  }
  void forward(linnet_session *session, int64_t B, int64_t T, linnet_logits_mode mode) {
    status |= linnet_session_forward(session, tokens.data(), B, T, mode, nullptr, nullptr);
  }
  void step(linnet_session *session) { status |= linnet_session_step(session, tokens.data(), nullptr, nullptr); }

  std::vector<int32_t> tokens = someTokens(2 * 300);
  int status = 0;
};
} // namespace

TEST_F(AllocationTest, TheCounterWorks) {
  EXPECT_GT(allocationsOf([] { std::string(1000, 'x'); }), 0);
  // Also what the runtime's library allocates, aligned memory in particular.
  Owned<linnet_session> session = makeSession(1);
  EXPECT_EQ(allocationsOf([&] { linnet_session_reserve(session.get(), 100, LINNET_LOGITS_ALL); }), 2);
}

TEST_F(AllocationTest, AfterWarmUp) {
  for (int32_t threads : {1, 2, 4}) {
    ASSERT_OK(linnet_set_num_threads(threads));
    Owned<linnet_session> session = makeSession(2);
    forward(session.get(), 2, 300, LINNET_LOGITS_ALL);
    EXPECT_EQ(allocationsOf([&] {
                forward(session.get(), 2, 300, LINNET_LOGITS_ALL);
                forward(session.get(), 2, 299, LINNET_LOGITS_ALL);
                forward(session.get(), 2, 1, LINNET_LOGITS_LAST);
                forward(session.get(), 2, 300, LINNET_LOGITS_LAST);
                for (int i = 0; i < 10; ++i)
                  step(session.get());
                linnet_session_reset(session.get(), 1);
                forward(session.get(), 1, 300, LINNET_LOGITS_ALL);
                step(session.get());
                linnet_session_reset(session.get(), 2);
                step(session.get());
              }),
              0)
        << threads;
    EXPECT_EQ(status, 0) << linnet_last_error();
  }
}

TEST_F(AllocationTest, StepsFromTheFirst) {
  ASSERT_OK(linnet_set_num_threads(1));
  Owned<linnet_session> session = makeSession(2);
  EXPECT_EQ(allocationsOf([&] { step(session.get()); }), 0);
  EXPECT_EQ(status, 0) << linnet_last_error();
}

TEST_F(AllocationTest, ReservedForward) {
  ASSERT_OK(linnet_set_num_threads(1));
  Owned<linnet_session> session = makeSession(2);
  ASSERT_OK(linnet_session_reserve(session.get(), 300, LINNET_LOGITS_ALL));
  EXPECT_EQ(allocationsOf([&] { forward(session.get(), 2, 300, LINNET_LOGITS_ALL); }), 0);
  EXPECT_EQ(status, 0) << linnet_last_error();
}

TEST_F(AllocationTest, Kernels) {
  int32_t twice;
  ASSERT_OK(linnet_model_find_function(model.get(), "twice", &twice));
  std::vector<float> x(1000), y(1000);
  void *buffers[] = {x.data(), y.data()};
  int64_t symbols[] = {1, 1, 1000};
  auto call = [&] { status |= linnet_call(model.get(), twice, 0, buffers, symbols); };
  call();
  EXPECT_EQ(allocationsOf([&] {
              call();
              symbols[2] = 500;
              call();
            }),
            0);
  EXPECT_EQ(status, 0) << linnet_last_error();
}

TEST_F(AllocationTest, WithProfiling) {
  Owned<linnet_session> session = makeSession(2);
  forward(session.get(), 2, 300, LINNET_LOGITS_LAST);
  linnet_profile_enable(1);
  EXPECT_EQ(allocationsOf([&] {
              forward(session.get(), 2, 300, LINNET_LOGITS_LAST);
              step(session.get());
            }),
            0);
  linnet_profile_enable(0);
  EXPECT_EQ(status, 0) << linnet_last_error();
}

#endif
