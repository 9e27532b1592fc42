//===- NpyTest.cpp - NumPy's .npy files -----------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Npy.h"

#include <gtest/gtest.h>

#include <ostream>

using namespace linnet;

namespace {

std::string makeNpy(const std::string &header, const std::string &data, char version = 1) {
  std::string bytes = "\x93NUMPY";
  bytes += version;
  bytes += '\0';
  for (int i = 0; i < (version == 1 ? 2 : 4); ++i)
    bytes += static_cast<char>(header.size() >> (8 * i));
  return bytes + header + data;
}

std::string makeHeader(const std::string &descr, const std::string &shape, const std::string &order = "False") {
  return "{'descr': '" + descr + "', 'fortran_order': " + order + ", 'shape': " + shape + ", }      \n";
}

template <typename Element> std::string makeData(const std::vector<Element> &values) {
  return {reinterpret_cast<const char *>(values.data()), values.size() * sizeof(Element)};
}

} // namespace

TEST(NpyTest, ReadsOneAndTwoDimensions) {
  NpyTokens tokens;
  std::string problem;
  ASSERT_TRUE(parseNpyTokens(makeNpy(makeHeader("<i4", "(3,)"), makeData<int32_t>({5, 6, 7})), tokens, problem))
      << problem;
  EXPECT_EQ(tokens.rows, 1);
  EXPECT_EQ(tokens.columns, 3);
  EXPECT_EQ(tokens.values, (std::vector<int32_t>{5, 6, 7}));
  ASSERT_TRUE(parseNpyTokens(makeNpy(makeHeader("<i8", "(2, 2)"), makeData<int64_t>({1, 2, 3, 2147483647}), 2), tokens,
                             problem))
      << problem;
  EXPECT_EQ(tokens.rows, 2);
  EXPECT_EQ(tokens.columns, 2);
  EXPECT_EQ(tokens.values, (std::vector<int32_t>{1, 2, 3, 2147483647}));
  // An array of one dimension is in both orders.
  EXPECT_TRUE(parseNpyTokens(makeNpy(makeHeader("<i4", "(0,)", "True"), "", 3), tokens, problem));
  EXPECT_EQ(tokens.columns, 0);
  // Members in another order, other quotes, no commas at the ends.
  EXPECT_TRUE(parseNpyTokens(
      makeNpy("{\"shape\":(1),\"descr\":\"<i4\",\"fortran_order\":False}", makeData<int32_t>({9})), tokens, problem))
      << problem;
}

namespace {
struct BadNpy {
  const char *name;
  std::string bytes;
  const char *problem;
};
/// Otherwise a failure, and the name in ctest, would show bytes and addresses.
void PrintTo(const BadNpy &bad, std::ostream *os) { *os << bad.name; }

class BadNpyTest : public ::testing::TestWithParam<BadNpy> {};

const std::string four(4, '\0');
const BadNpy badFiles[] = {
    {"Empty", "", "not a .npy file"},
    {"Magic", "NUMPY\x93 and more", "not a .npy file"},
    {"OnlyMagic", "\x93NUMPY", "cut short"},
    {"NoLength", std::string("\x93NUMPY\1\0\7", 9), "cut short"},
    {"Version", std::string("\x93NUMPY\7\0\7\0", 10), "version"},
    {"HeaderBeyondFile", std::string("\x93NUMPY\1\0\xff\xff", 10), "header length: expected at most 0, got 65535"},
    {"HeaderHuge", std::string("\x93NUMPY\2\0\xff\xff\xff\xff", 12), "got 4294967295"},
    {"NoDictionary", makeNpy("[]", ""), "'{'"},
    {"EmptyDictionary", makeNpy("{}", ""), "'descr'"},
    {"CutDictionary", makeNpy("{'descr': '<i4'", ""), "',' or '}'"},
    {"CutString", makeNpy("{'descr", ""), "end of a string"},
    {"NoColon", makeNpy("{'descr' '<i4'}", ""), "':'"},
    {"UnknownKey", makeNpy("{'colour': 'red'}", ""), "once"},
    {"KeyTwice", makeNpy("{'descr': '<i4', 'descr': '<i4'}", ""), "once"},
    {"AfterDictionary", makeNpy(makeHeader("<i4", "(1,)") + "x", four), "nothing after"},
    {"Order", makeNpy(makeHeader("<i4", "(1,)", "Maybe"), four), "True or False"},
    {"ShapeNumber", makeNpy(makeHeader("<i4", "1"), four), "tuple"},
    {"ShapeNegative", makeNpy(makeHeader("<i4", "(-1,)"), four), "a size"},
    {"ShapeCut", makeNpy("{'shape': (1", four), "',' or ')'"},
    {"ShapeOverflow", makeNpy(makeHeader("<i4", "(99999999999999999999,)"), four), "smaller size"},
    {"ProductOverflow", makeNpy(makeHeader("<i4", "(4294967296, 4294967296)"), four), "does not fit"},
    {"ScalarShape", makeNpy(makeHeader("<i4", "()"), four), "1 or 2 dimensions"},
    {"ThreeDimensions", makeNpy(makeHeader("<i4", "(1, 1, 1)"), four), "1 or 2 dimensions, got (1, 1, 1)"},
    {"Fortran", makeNpy(makeHeader("<i4", "(1, 1)", "True"), four), "C order"},
    {"Float", makeNpy(makeHeader("<f4", "(1,)"), four), "got '<f4'"},
    {"DtypeOfManyLines", makeNpy(makeHeader("<i4\n\x01" + std::string(100, 'x'), "(1,)"), four),
     "got '<i4??xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...'"},
    {"BigEndian", makeNpy(makeHeader(">i4", "(1,)"), four), "got '>i4'"},
    {"DataShort", makeNpy(makeHeader("<i4", "(2,)"), four), "does not fit the 4 bytes"},
    {"DataLong", makeNpy(makeHeader("<i4", "(1,)"), four + "x"), "does not fit the 5 bytes"},
    {"NegativeToken", makeNpy(makeHeader("<i4", "(2,)"), makeData<int32_t>({1, -1})),
     "element 1: expected a token id, got -1"},
    {"TokenBeyond32Bits", makeNpy(makeHeader("<i8", "(1,)"), makeData<int64_t>({4294967297})), "got 4294967297"},
};

TEST_P(BadNpyTest, IsRefused) {
  NpyTokens tokens;
  std::string problem;
  EXPECT_FALSE(parseNpyTokens(GetParam().bytes, tokens, problem));
  EXPECT_NE(problem.find(GetParam().problem), std::string::npos) << problem;
}

INSTANTIATE_TEST_SUITE_P(NpyTest, BadNpyTest, ::testing::ValuesIn(badFiles),
                         [](const auto &info) { return info.param.name; });
} // namespace

TEST(NpyTest, CutsAndFlipsDoNotCrash) {
  std::string whole = makeNpy(makeHeader("<i8", "(2, 3)"), makeData<int64_t>({1, 2, 3, 4, 5, 6}));
  NpyTokens tokens;
  std::string problem;
  for (size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(parseNpyTokens(whole.substr(0, size), tokens, problem));
  for (size_t at = 0; at < whole.size(); ++at)
    for (int mask = 1; mask < 256; mask <<= 1) {
      std::string damaged = whole;
      damaged[at] = static_cast<char>(damaged[at] ^ mask);
      parseNpyTokens(damaged, tokens, problem);
    }
}

TEST(NpyTest, WritesAlignedHeaders) {
  for (const std::vector<int64_t> &shape : {std::vector<int64_t>{5}, {1, 2, 3}, {100000, 200000, 50280}}) {
    std::string header = makeNpyHeader(shape);
    EXPECT_EQ(header.size() % 64, 0u);
    EXPECT_EQ(header.back(), '\n');
    EXPECT_EQ(static_cast<unsigned char>(header[8]) + 256 * static_cast<unsigned char>(header[9]),
              static_cast<int>(header.size()) - 10);
  }
  EXPECT_NE(makeNpyHeader({5}).find("'shape': (5,)"), std::string::npos);
  EXPECT_NE(makeNpyHeader({1, 2}).find("'shape': (1, 2)"), std::string::npos);
}
