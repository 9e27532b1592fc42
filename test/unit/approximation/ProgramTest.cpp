//===- ProgramTest.cpp - programs as text ---------------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/approximation/Program.h"

#include <gtest/gtest.h>

using namespace linnet::approximation;

static Program parse(std::vector<std::string> lines, std::vector<Table> tables = {}) {
  llvm::Expected<Program> program = Program::parse(lines, std::move(tables));
  EXPECT_TRUE(static_cast<bool>(program)) << llvm::toString(program.takeError());
  return std::move(*program);
}

static std::string explain(std::vector<std::string> lines, std::vector<Table> tables = {}) {
  llvm::Expected<Program> program = Program::parse(lines, std::move(tables));
  return program ? "" : llvm::toString(program.takeError());
}

TEST(Program, IsPrintedAsItWasRead) {
  const std::vector<std::string> lines = {"s = fma x ~0x1.8p+1 0x1p+0", "k = ishl s 23", "m = lt x 0x0p+0",
                                          "y = select m s k"};
  EXPECT_EQ(parse(lines).print(), lines);
}

TEST(Program, NeedsWhatItsInstructionsNeed) {
  EXPECT_EQ(parse({"y = add x 1"}).getTarget(), Target::Generic);
  EXPECT_EQ(parse({"y = fma x x x"}).getTarget(), Target::FMA);
  EXPECT_EQ(parse({"a = fma x x x", "y = scalef a x"}).getTarget(), Target::AVX512);
}

TEST(Program, SimplifyDropsDeadAndEqualInstructions) {
  Program program = parse({"a = mul x 2", "dead = add x 1", "b = mul x 2", "c = add a b", "y = iadd c 2"});
  program.simplify();
  const std::vector<std::string> lines = {"a = mul x 0x1p+1", "c = add a a", "y = iadd c 2"};
  EXPECT_EQ(program.print(), lines);
  // 2 as a float is no 2 as an integer; two free constants are two.
  EXPECT_EQ(program.constants.size(), 2u);
  Program free = parse({"a = mul x ~2", "y = mul a ~2"});
  free.simplify();
  EXPECT_EQ(free.constants.size(), 2u);
}

TEST(Program, ErrorsNameTheLine) {
  EXPECT_EQ(explain({"y add x 1"}), "line 1: expected 'name = opcode operands', got 'y add x 1'");
  EXPECT_EQ(explain({"y = plus x 1"}), "line 1: unknown opcode 'plus'");
  EXPECT_EQ(explain({"y = add x"}), "line 1: expected 2 operands of add, got 1");
  EXPECT_EQ(explain({"y = add x z"}), "line 1: unknown value 'z'");
  EXPECT_EQ(explain({"y = add x 0.1"}), "line 1: expected a float32, got '0.1'");
  EXPECT_EQ(explain({"y = iadd x 0.5"}), "line 1: expected an integer, got '0.5'");
  EXPECT_EQ(explain({"y = ishl x 64"}), "line 1: expected a number from 0 to 63, got '64'");
  EXPECT_EQ(explain({"d = extend x", "y = add d 1"}),
            "line 2: expected an operand of type f of add, got 'd' of type d");
  EXPECT_EQ(explain({"y = lookup16 x @t"}), "line 1: unknown table '@t'");
  EXPECT_EQ(explain({"y = lookup16 x @t"}, {{"t", {1.0f}, false}}),
            "line 1: expected a table of 16 floats, got 1 in '@t'");
  EXPECT_EQ(explain({"x = add x 1"}), "line 1: expected a name of its own, got 'x' again");
  EXPECT_EQ(explain({"y = lt x 1"}), "expected a program whose last line is a float32");
  EXPECT_EQ(explain({}), "expected a program whose last line is a float32");
}
