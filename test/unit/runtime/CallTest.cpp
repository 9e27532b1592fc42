//===- CallTest.cpp - kernels on the caller's buffers ---------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestSupport.h"

#include <atomic>
#include <thread>

using namespace linnet::test;

namespace {
class CallTest : public ::testing::Test {
protected:
  void SetUp() override { ASSERT_OK(linnet_model_find_function(model.get(), "twice", &twice)); }
  linnet_status call(std::vector<float> &x, std::vector<float> &y, int64_t n, int32_t threads = 0) {
    void *buffers[] = {x.data(), y.data()};
    int64_t symbols[] = {1, 1, n};
    return linnet_call(model.get(), twice, threads, buffers, symbols);
  }

  Owned<linnet_model> model = openFakeModel();
  int32_t twice = -1;
};
} // namespace

TEST_F(CallTest, Runs) {
  for (int64_t n : {1, 7, 1000, 50000, 3}) {
    std::vector<float> x(n, 1.5f), y(n);
    ASSERT_OK(call(x, y, n));
    EXPECT_EQ(y, std::vector<float>(n, 3.0f));
  }
}

TEST_F(CallTest, EmptyTensorsNeedNoBuffer) {
  void *buffers[] = {nullptr, nullptr};
  int64_t symbols[] = {1, 1, 0};
  EXPECT_OK(linnet_call(model.get(), twice, 0, buffers, symbols));
}

TEST_F(CallTest, Errors) {
  std::vector<float> x(20), y(20);
  EXPECT_FAILURE(call(x, y, 13), LINNET_RUN_FAILED, "'twice'", "code 7");
  EXPECT_FAILURE(call(x, y, -2), LINNET_INVALID_ARGUMENT, "'symbols'", "'N'", "got -2");
  EXPECT_FAILURE(call(x, y, int64_t(1) << 62), LINNET_INVALID_ARGUMENT, "'x'", "too large");
  EXPECT_FAILURE(call(x, y, 20, -1), LINNET_INVALID_ARGUMENT, "'threads'");
  int64_t symbols[] = {1, 1, 20};
  void *buffers[] = {x.data(), nullptr};
  EXPECT_FAILURE(linnet_call(model.get(), twice, 0, buffers, symbols), LINNET_INVALID_ARGUMENT, "'twice'",
                 "'y': expected a buffer for f32 [N], got NULL");
  buffers[1] = reinterpret_cast<char *>(y.data()) + 1;
  EXPECT_FAILURE(linnet_call(model.get(), twice, 0, buffers, symbols), LINNET_INVALID_ARGUMENT, "'y'", "aligned to 4");
  EXPECT_FAILURE(linnet_call(model.get(), 99, 0, buffers, symbols), LINNET_INVALID_ARGUMENT, "'function'", "got 99");
  EXPECT_FAILURE(linnet_call(model.get(), -1, 0, buffers, symbols), LINNET_INVALID_ARGUMENT, "'function'");
  EXPECT_FAILURE(linnet_call(model.get(), twice, 0, nullptr, symbols), LINNET_INVALID_ARGUMENT, "'buffers'");
  EXPECT_FAILURE(linnet_call(model.get(), twice, 0, buffers, nullptr), LINNET_INVALID_ARGUMENT, "'symbols'");
}

TEST_F(CallTest, ManyThreadsAtOnce) {
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int id = 0; id < 6; ++id)
    threads.emplace_back([&, id] {
      for (int round = 0; round < 200; ++round) {
        int64_t n = 100 + 37 * id + round;
        std::vector<float> x(n, static_cast<float>(id)), y(n);
        if (call(x, y, n) || y != std::vector<float>(n, 2.0f * id))
          ++wrong;
        // Messages are each thread's own.
        if (call(x, y, 13) != LINNET_RUN_FAILED || std::string(linnet_last_error()).find("code 7") == std::string::npos)
          ++wrong;
      }
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(wrong, 0);
}
