//===- SamplerTest.cpp - the choice of the next token ---------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Sampler.h"

#include <gtest/gtest.h>

#include <cmath>

using namespace linnet;

TEST(SamplerTest, GreedyTakesTheFirstOfTheLargest) {
  const float logits[] = {1, 3, 2, 3, NAN};
  Sampler sampler(0, 0, 0);
  EXPECT_EQ(sampler.next(logits, 5), 1);
}

TEST(SamplerTest, NoNumbersNoToken) {
  const float logits[] = {NAN, NAN};
  EXPECT_EQ(Sampler(0, 0, 0).next(logits, 2), -1);
  EXPECT_EQ(Sampler(1, 0, 0).next(logits, 2), -1);
}

TEST(SamplerTest, SameSeedSameTokens) {
  const float logits[] = {0.1f, 0.2f, 0.3f, 0.4f};
  Sampler a(1, 0, 7), b(1, 0, 7), c(1, 0, 8);
  int differing = 0;
  for (int i = 0; i < 100; ++i) {
    int32_t token = a.next(logits, 4);
    EXPECT_EQ(token, b.next(logits, 4));
    differing += token != c.next(logits, 4);
  }
  EXPECT_GT(differing, 0);
}

TEST(SamplerTest, FollowsTheProbabilities) {
  const float logits[] = {std::log(0.1f), std::log(0.2f), std::log(0.7f)};
  Sampler sampler(1, 0, 1);
  int counts[3] = {};
  for (int i = 0; i < 20000; ++i)
    ++counts[sampler.next(logits, 3)];
  EXPECT_NEAR(counts[0], 2000, 200);
  EXPECT_NEAR(counts[1], 4000, 250);
  EXPECT_NEAR(counts[2], 14000, 300);
}

TEST(SamplerTest, TopKKeepsOut) {
  const float logits[] = {1, 5, 5, 5, 0, NAN};
  Sampler sampler(10, 2, 1);
  for (int i = 0; i < 200; ++i) {
    int32_t token = sampler.next(logits, 6);
    EXPECT_TRUE(token == 1 || token == 2) << token;
  }
}

TEST(SamplerTest, Infinities) {
  const float minus[] = {-INFINITY, 1, -INFINITY};
  const float plus[] = {0, INFINITY, 3};
  const float none[] = {-INFINITY, -INFINITY};
  Sampler sampler(1, 0, 1);
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(sampler.next(minus, 3), 1);
    EXPECT_EQ(sampler.next(plus, 3), 1);
    EXPECT_GE(sampler.next(none, 2), 0);
  }
}
