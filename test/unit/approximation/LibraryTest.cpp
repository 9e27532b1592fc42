//===- LibraryTest.cpp - the entries that the compiler has ----------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/approximation/Library.h"

#include "llvm/ADT/StringSet.h"
#include "llvm/Support/FormatVariadic.h"

#include <gtest/gtest.h>

using namespace linnet::approximation;

TEST(Library, EveryEntryIsVerifiedAndPriced) {
  llvm::StringSet<> names;
  for (const Entry &entry : getLibrary()) {
    EXPECT_TRUE(names.insert(entry.name).second) << entry.name;
    EXPECT_TRUE(entry.bound.has_value()) << entry.name;
    EXPECT_GT(entry.cost, 0) << entry.name;
    EXPECT_FALSE(entry.origin.empty()) << entry.name;
    EXPECT_FALSE(entry.date.empty()) << entry.name;
  }
}

TEST(Library, EveryFunctionIsWithinOneUlpOnEveryTarget) {
  Requirement oneUlp;
  oneUlp.ulps = 1.0;
  for (unsigned i = 0; i < kFunctionCount; ++i)
    for (Target target : {Target::Generic, Target::FMA, Target::AVX2, Target::AVX512}) {
      const Entry *entry = select(static_cast<Function>(i), target, 16, oneUlp);
      ASSERT_NE(entry, nullptr) << getName(static_cast<Function>(i)).str() << " on " << getName(target).str();
      EXPECT_LE(entry->bound->ulps, 1.0);
      EXPECT_FALSE(entry->flushes);
      EXPECT_TRUE(entry->range.isWhole());
    }
}

TEST(Library, LessAccuracyNeverCostsMore) {
  for (unsigned i = 0; i < kFunctionCount; ++i)
    for (Target target : {Target::Generic, Target::FMA, Target::AVX2, Target::AVX512}) {
      double cost = 1e9;
      for (double ulps : {1.0, 4.0, 1e4, 1e6}) {
        Requirement requirement;
        requirement.ulps = ulps;
        const Entry *entry = select(static_cast<Function>(i), target, 16, requirement);
        ASSERT_NE(entry, nullptr);
        EXPECT_LE(entry->cost, cost);
        cost = entry->cost;
      }
    }
}

TEST(Library, SelectionHeedsTheRequirement) {
  Requirement relative;
  relative.relative = 1e-3;
  // Its cheapest entries flush.
  EXPECT_FALSE(select(Function::Sigmoid, Target::AVX512, 16, relative)->flushes);
  relative.mayFlush = true;
  EXPECT_TRUE(select(Function::Sigmoid, Target::AVX512, 16, relative)->flushes);
  // Programs of AVX-512 are for registers of 16 lanes.
  EXPECT_LT(select(Function::Exp, Target::AVX512, 4, relative)->program.getTarget(), Target::AVX512);
  Requirement tooMuch;
  tooMuch.ulps = 0.1;
  EXPECT_EQ(select(Function::Exp, Target::AVX512, 16, tooMuch), nullptr);
  Requirement narrow;
  narrow.ulps = 1.0;
  narrow.range = {-100.0f, 100.0f};
  Requirement wide = narrow;
  wide.range = {};
  EXPECT_LT(select(Function::Sin, Target::FMA, 16, narrow)->cost, select(Function::Sin, Target::FMA, 16, wide)->cost);
}

TEST(Library, EntriesAreWrittenAsTheyAreRead) {
  for (const Entry &entry : getLibrary()) {
    llvm::Expected<Entry> again = parseEntry(entry.toJson(), entry.function);
    ASSERT_TRUE(static_cast<bool>(again)) << llvm::toString(again.takeError());
    EXPECT_EQ(entry.toJson(), again->toJson()) << entry.name;
  }
}

static std::string explain(llvm::StringRef text) {
  auto entries = parseEntries(text);
  return entries ? "" : llvm::toString(entries.takeError());
}

TEST(Library, ErrorsNameTheEntry) {
  EXPECT_EQ(explain("{}"), "expected an object with the name of a function and its entries");
  EXPECT_EQ(explain(R"({"function": "exp", "entries": [{"name": "a", "program": ["y = add x"]}]})"),
            "entry 'a' of exp: line 1: expected 2 operands of add, got 1");
  EXPECT_EQ(explain(R"({"function": "exp", "entries": [{"name": "a", "program": ["y = add x 1"], "range": [1]}]})"),
            "entry 'a' of exp: expected a range of two numbers");
  EXPECT_EQ(explain(R"({"function": "exp", "entries": [{"name": "a", "program": ["y = add x 1"], "range": [0, 1]}]})"),
            "entry 'a' of exp: expected a range that is as far below 0 as above");
  EXPECT_EQ(explain(R"({"function": "exp", "entries": [{"name": "a", "program": ["y = add x 1"], "verified": {}}]})"),
            "entry 'a' of exp: expected 'verified' to have ulps, relative and absolute, each with its input");
}
