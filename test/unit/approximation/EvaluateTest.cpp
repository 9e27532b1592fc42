//===- EvaluateTest.cpp - the definition of the instructions --------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/approximation/EvaluateBlock.h"

#include "llvm/ADT/StringExtras.h"

#include <cmath>
#include <cstring>
#include <gtest/gtest.h>
#include <limits>
#include <random>

using namespace linnet::approximation;

static constexpr size_t kBlock = Evaluator::kBlock;

static float run(std::vector<std::string> lines, float x, Freedom freedom = {}) {
  llvm::Expected<Program> program = Program::parse(lines, {});
  EXPECT_TRUE(static_cast<bool>(program)) << llvm::toString(program.takeError());
  alignas(64) float in[kBlock], out[kBlock];
  std::fill(in, in + kBlock, x);
  Evaluator(*program, freedom).run(in, out);
  return out[kBlock / 2];
}

TEST(Evaluate, InstructionsAsDocumented) {
  const float inf = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(run({"y = min x 2"}, 3), 2);
  EXPECT_TRUE(std::isnan(run({"y = min 2 x"}, nan)));
  EXPECT_EQ(run({"y = max x 2"}, nan), 2);
  EXPECT_EQ(run({"y = copysign x -1"}, 3), -3);
  EXPECT_EQ(run({"y = round x"}, 2.5f), 2);
  EXPECT_EQ(run({"y = scalef x 3.5"}, 3), 24);
  EXPECT_EQ(run({"y = scalef x 1000"}, 1), inf);
  EXPECT_EQ(run({"y = reducefloor x 0"}, -0.25f), 0.75f);
  EXPECT_EQ(run({"y = reducenear x 1"}, 0.8f), 0.8f - 1.0f);
  EXPECT_EQ(run({"y = reducefloor x 2"}, inf), 0);
  EXPECT_EQ(run({"y = getexp x"}, 0x1p-149f), -149);
  EXPECT_EQ(run({"y = getexp x"}, 0), -inf);
  EXPECT_EQ(run({"y = getmant x 0"}, 6), 1.5f);
  EXPECT_EQ(run({"y = getmant x 3"}, 6), 0.75f);
  EXPECT_TRUE(std::isnan(run({"y = getmant x 0"}, -1)));
  EXPECT_EQ(run({"y = minmagnitude x 2"}, -3), -2);
  EXPECT_EQ(std::fabs(run({"y = minmagnitude x 2"}, nan)), 2);
  EXPECT_EQ(run({"y = addrounddown x 0x1p+24"}, 0.5f), 0x1p24f);
  EXPECT_EQ(run({"y = addrounddown x 0x1p+24"}, -0.5f), 0x1.fffffep23f);
}

TEST(Evaluate, EstimatesTakeTheirWholeBound) {
  for (double error : {-1.0, 0.0, 1.0}) {
    EXPECT_EQ(run({"y = rcp14 x"}, 3, {true, error}), static_cast<float>((1 + error * 0x1p-14) / 3));
    EXPECT_EQ(run({"y = rsqrt14 x"}, 4, {true, error}), static_cast<float>((1 + error * 0x1p-14) / 2));
  }
}

TEST(Evaluate, DoublesMayRoundOnceOrTwice) {
  const std::vector<std::string> lines = {"a = extend x", "b = add64 a 0x1p-30", "c = muladd64 b b -1",
                                          "d = sub64 c 0x1p-29", "y = truncate d"};
  EXPECT_EQ(run(lines, 1, {true, 0}), 0x1p-60f);
  EXPECT_EQ(run(lines, 1, {false, 0}), 0);
}

/// One random instruction after the other, on each level of vector instructions that this machine has.
TEST(Evaluate, AllLevelsGiveTheSameBits) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  std::vector<EvaluateBlock *> levels;
  if (__builtin_cpu_supports("x86-64-v3"))
    levels.push_back(evaluateBlockV3);
  if (__builtin_cpu_supports("x86-64-v4"))
    levels.push_back(evaluateBlockV4);
  std::mt19937 random(1);
  alignas(64) static uint32_t operands[3][2 * kBlock], expected[2 * kBlock], got[2 * kBlock];
  alignas(64) static float table[32];
  for (float &entry : table)
    entry = static_cast<float>(random());
  for (int round = 0; round < 40; ++round)
    for (size_t i = 0; i < getOpcodes().size(); ++i) {
      const OpcodeInfo &info = getOpcodes()[i];
      Evaluator::Step step{static_cast<Opcode>(i), 0, expected, {operands[0], operands[1], operands[2]}};
      for (size_t k = 0; k < info.operands.size(); ++k) {
        for (uint32_t &bits : operands[k])
          bits = info.operands[k] == 'm' ? (random() & 1 ? ~0u : 0u) : static_cast<uint32_t>(random());
        // Numbers of ordinary size too, and what is special.
        if (round % 2 && (info.operands[k] == 'f' || info.operands[k] == 'd'))
          for (size_t lane = 0; lane < kBlock; ++lane) {
            double number = std::ldexp(static_cast<double>(random()), static_cast<int>(random() % 40) - 50);
            auto single = static_cast<float>(number);
            if (info.operands[k] == 'd')
              std::memcpy(&operands[k][2 * lane], &number, sizeof number);
            else
              std::memcpy(&operands[k][lane], &single, sizeof single);
          }
        // Signaling NaN are none that a program meets.
        if (info.operands[k] == 'f')
          for (uint32_t &bits : operands[k])
            if ((bits & 0x7F800000) == 0x7F800000 && (bits & 0x7FFFFF))
              bits |= 0x400000;
        if (getTableSize(info.operands[k]))
          step.operands[k] = table;
        if (info.operands[k] == 'k')
          step.immediate = info.name == "getmant" ? 3 * (random() & 1) : random() % 6;
      }
      bool wide = info.result == 'd' || info.result == 'l';
      evaluateBlock(step, {});
      for (EvaluateBlock *level : levels) {
        step.result = got;
        level(step, {});
        step.result = expected;
        for (size_t lane = 0; lane < kBlock; ++lane) {
          bool same = std::memcmp(&expected[wide ? 2 * lane : lane], &got[wide ? 2 * lane : lane], wide ? 8 : 4) == 0;
          if (!same && info.result == 'f') {
            float a, b;
            std::memcpy(&a, &expected[lane], sizeof a);
            std::memcpy(&b, &got[lane], sizeof b);
            same = std::isnan(a) && std::isnan(b);
          } else if (!same && info.result == 'd') {
            double a, b;
            std::memcpy(&a, &expected[2 * lane], sizeof a);
            std::memcpy(&b, &got[2 * lane], sizeof b);
            same = std::isnan(a) && std::isnan(b);
          }
          ASSERT_TRUE(same) << info.name.str() << " of " << llvm::utohexstr(operands[0][wide ? 2 * lane : lane]);
        }
      }
    }
#else
  GTEST_SKIP() << "there is one level only on this machine";
#endif
}
