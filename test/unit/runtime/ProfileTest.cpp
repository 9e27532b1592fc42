//===- ProfileTest.cpp - time per operation -------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestSupport.h"

using namespace linnet::test;

namespace {
class ProfileTest : public FakeModelTest {
protected:
  void TearDown() override { linnet_profile_enable(0); }

  std::vector<linnet_profile_row> report(linnet_profile_row &total) {
    size_t count = 0;
    EXPECT_OK(linnet_profile_report(model.get(), nullptr, 0, &count, nullptr));
    std::vector<linnet_profile_row> rows(count);
    EXPECT_OK(linnet_profile_report(model.get(), rows.data(), rows.size(), &count, &total));
    return rows;
  }
  void run() {
    Owned<linnet_session> session = makeSession();
    std::vector<int32_t> tokens = someTokens(50);
    ASSERT_OK(linnet_session_forward(session.get(), tokens.data(), 1, 50, LINNET_LOGITS_ALL, nullptr, nullptr));
    ASSERT_OK(linnet_session_step(session.get(), tokens.data(), nullptr, nullptr));
  }
};
} // namespace

TEST_F(ProfileTest, OffIsEmpty) {
  run();
  linnet_profile_row total;
  EXPECT_TRUE(report(total).empty());
  EXPECT_EQ(total.calls, 0);
}

TEST_F(ProfileTest, CountsCallsAndTime) {
  linnet_profile_enable(1);
  run();
  linnet_profile_enable(0);
  run();
  linnet_profile_row total;
  std::vector<linnet_profile_row> rows = report(total);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_STREQ(rows[0].name, "layers.0.scan");
  EXPECT_STREQ(rows[0].kind, "linnet.scan");
  EXPECT_STREQ(rows[1].name, "head");
  EXPECT_EQ(rows[0].calls, 2);
  EXPECT_EQ(rows[1].calls, 2);
  EXPECT_EQ(total.calls, 2);
  EXPECT_GT(rows[1].nanoseconds, 0);
  EXPECT_LE(rows[0].nanoseconds + rows[1].nanoseconds, total.nanoseconds);
  ASSERT_OK(linnet_profile_reset(model.get()));
  EXPECT_TRUE(report(total).empty());
}

TEST_F(ProfileTest, LoopsOfNoOpAndLoopsInLoops) {
  int32_t twice, nested;
  ASSERT_OK(linnet_model_find_function(model.get(), "twice", &twice));
  ASSERT_OK(linnet_model_find_function(model.get(), "twice_nested", &nested));
  std::vector<float> x(80, 1.0f), y(80);
  void *buffers[] = {x.data(), y.data()};
  int64_t symbols[] = {1, 1, 80};
  linnet_profile_enable(1);
  ASSERT_OK(linnet_call(model.get(), twice, 0, buffers, symbols));
  ASSERT_OK(linnet_call(model.get(), nested, 0, buffers, symbols));
  linnet_profile_row total;
  std::vector<linnet_profile_row> rows = report(total);
  ASSERT_EQ(rows.size(), 2u);
  // The ten inner loops are part of the outer one.
  EXPECT_STREQ(rows[0].name, "rows");
  EXPECT_EQ(rows[0].calls, 1);
  EXPECT_STREQ(rows[1].name, "");
  EXPECT_EQ(rows[1].calls, 1);
}

TEST_F(ProfileTest, EventsOfCallsAndLoops) {
  linnet_profile_enable(LINNET_PROFILE_TIMES);
  run();
  size_t count = 1;
  ASSERT_OK(linnet_profile_events(model.get(), nullptr, 0, &count));
  EXPECT_EQ(count, 0u); // times are not events
  linnet_profile_enable(LINNET_PROFILE_EVENTS);
  run();
  ASSERT_OK(linnet_profile_events(model.get(), nullptr, 0, &count));
  ASSERT_EQ(count, 6u); // two calls with two loops each
  std::vector<linnet_profile_event> events(count);
  ASSERT_OK(linnet_profile_events(model.get(), events.data(), count, &count));
  const linnet_model_info &info = *linnet_model_get_info(model.get());
  for (int call : {2, 5}) {
    const linnet_profile_event &whole = events[call];
    ASSERT_GE(whole.function, 0);
    EXPECT_STREQ(info.functions[whole.function].name, call == 2 ? "forward" : "step");
    ASSERT_NE(whole.symbols, nullptr);
    EXPECT_EQ(whole.symbols[0], 1); // B
    for (int loop : {call - 2, call - 1}) {
      EXPECT_EQ(events[loop].function, -1);
      EXPECT_STREQ(info.ops[events[loop].op].name, loop == call - 2 ? "layers.0.scan" : "head");
      EXPECT_EQ(events[loop].thread, whole.thread);
      EXPECT_GE(events[loop].begin, whole.begin);
      EXPECT_LE(events[loop].begin + events[loop].nanoseconds, whole.begin + whole.nanoseconds);
    }
  }
  EXPECT_FAILURE(linnet_profile_events(model.get(), nullptr, 1, &count), LINNET_INVALID_ARGUMENT, "'events'");
  EXPECT_FAILURE(linnet_profile_events(nullptr, nullptr, 0, &count), LINNET_INVALID_ARGUMENT, "'model'");
  ASSERT_OK(linnet_profile_reset(model.get()));
  ASSERT_OK(linnet_profile_events(model.get(), nullptr, 0, &count));
  EXPECT_EQ(count, 0u);
}

TEST_F(ProfileTest, FewerRowsThanThereAre) {
  linnet_profile_enable(1);
  run();
  linnet_profile_row row;
  size_t count = 0;
  ASSERT_OK(linnet_profile_report(model.get(), &row, 1, &count, nullptr));
  EXPECT_EQ(count, 2u);
  EXPECT_STREQ(row.name, "layers.0.scan");
  EXPECT_FAILURE(linnet_profile_report(model.get(), nullptr, 1, &count, nullptr), LINNET_INVALID_ARGUMENT, "'rows'");
  EXPECT_FAILURE(linnet_profile_report(nullptr, &row, 1, &count, nullptr), LINNET_INVALID_ARGUMENT, "'model'");
}
