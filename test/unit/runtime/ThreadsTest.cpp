//===- ThreadsTest.cpp - parallel loops -----------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestSupport.h"

#include <atomic>
#include <csignal>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#if defined(__SSE__)
#include <xmmintrin.h>
#endif

using namespace linnet::test;

namespace {
class ThreadsTest : public FakeModelTest {
protected:
  void SetUp() override {
    FakeModelTest::SetUp();
    before = linnet_num_threads();
  }
  void TearDown() override { linnet_set_num_threads(before); }

  /// Logits and last states of a prefill and a few steps.
  std::vector<float> run() {
    Owned<linnet_session> session = makeSession(3);
    std::vector<int32_t> tokens = someTokens(3 * 200);
    std::vector<float> logits(3 * 200 * 256), last(3 * 256);
    EXPECT_OK(linnet_session_forward(session.get(), tokens.data(), 3, 200, LINNET_LOGITS_ALL, logits.data(), nullptr));
    for (int i = 0; i < 5; ++i) {
      EXPECT_OK(linnet_session_step(session.get(), tokens.data() + 3 * i, last.data(), nullptr));
      logits.insert(logits.end(), last.begin(), last.end());
    }
    return logits;
  }

  int32_t before = 1;
};
} // namespace

TEST_F(ThreadsTest, ResultsDoNotDependOnTheNumber) {
  ASSERT_OK(linnet_set_num_threads(1));
  std::vector<float> expected = run();
  for (int32_t count : {2, 3, 4, 8}) {
    ASSERT_OK(linnet_set_num_threads(count));
    EXPECT_EQ(linnet_num_threads(), count);
    for (int round = 0; round < 3; ++round)
      EXPECT_EQ(run(), expected) << count;
  }
}

TEST_F(ThreadsTest, CountErrors) {
  EXPECT_FAILURE(linnet_set_num_threads(0), LINNET_INVALID_ARGUMENT, "'count'", "got 0");
  EXPECT_FAILURE(linnet_set_num_threads(100000), LINNET_INVALID_ARGUMENT, "'count'");
  EXPECT_EQ(linnet_num_threads(), before);
}

TEST_F(ThreadsTest, EachIterationRunsOnce) {
  int32_t twice;
  ASSERT_OK(linnet_model_find_function(model.get(), "twice", &twice));
  ASSERT_OK(linnet_set_num_threads(4));
  for (int32_t limit : {0, 1, 2, 3, 9})
    for (int64_t n : {1, 2, 3, 15, 16, 17, 100, 1001}) {
      std::vector<float> x(n, 1.0f), y(n);
      void *buffers[] = {x.data(), y.data()};
      int64_t symbols[] = {1, 1, n};
      ASSERT_OK(linnet_call(model.get(), twice, limit, buffers, symbols));
      EXPECT_EQ(y, std::vector<float>(n, 2.0f));
    }
}

TEST_F(ThreadsTest, LoopsInLoops) {
  int32_t nested;
  ASSERT_OK(linnet_model_find_function(model.get(), "twice_nested", &nested));
  ASSERT_OK(linnet_set_num_threads(4));
  for (int64_t n : {8, 16, 800}) {
    std::vector<float> x(n, 1.0f), y(n);
    void *buffers[] = {x.data(), y.data()};
    int64_t symbols[] = {1, 1, n};
    ASSERT_OK(linnet_call(model.get(), nested, 0, buffers, symbols));
    EXPECT_EQ(y, std::vector<float>(n, 2.0f));
  }
}

TEST_F(ThreadsTest, CallersInSeveralThreads) {
  ASSERT_OK(linnet_set_num_threads(3));
  std::vector<float> expected = run();
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int id = 0; id < 4; ++id)
    threads.emplace_back([&] {
      for (int round = 0; round < 5; ++round)
        wrong += run() != expected;
    });
  // The number may change at any time.
  for (int round = 0; round < 20; ++round)
    EXPECT_OK(linnet_set_num_threads(1 + round % 4));
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(wrong, 0);
}

#if defined(__SSE__)
TEST_F(ThreadsTest, WorkersRoundAsTheCallerDoes) {
  // Doubling the smallest denormals gives zero where they are flushed.
  int32_t twice;
  ASSERT_OK(linnet_model_find_function(model.get(), "twice", &twice));
  ASSERT_OK(linnet_set_num_threads(4));
  int64_t n = 4000;
  std::vector<float> x(n, 1e-42f), y(n);
  void *buffers[] = {x.data(), y.data()};
  int64_t symbols[] = {1, 1, n};
  unsigned saved = _mm_getcsr();
  _mm_setcsr(saved | 0x8040); // flush results and operands
  linnet_status status = linnet_call(model.get(), twice, 0, buffers, symbols);
  _mm_setcsr(saved);
  ASSERT_OK(status);
  EXPECT_EQ(y, std::vector<float>(n, 0.0f));
  ASSERT_OK(linnet_call(model.get(), twice, 0, buffers, symbols));
  EXPECT_EQ(y, std::vector<float>(n, x[0] + x[0]));
}
#endif

// Sanitizers do not follow a process with threads through a fork.
#if !defined(__SANITIZE_THREAD__) && !__has_feature(thread_sanitizer)
TEST_F(ThreadsTest, AChildProcessHasItsOwnPool) {
  ASSERT_OK(linnet_set_num_threads(3));
  std::vector<float> expected = run();
  pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    alarm(60); // a pool without workers would wait for ever
    _exit(run() == expected ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}
#endif
