//===- SafetensorsTest.cpp - malformed .safetensors files -----------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestSupport.h"

#include <ostream>

using namespace linnet::test;

namespace {

struct BadFile {
  const char *name;
  std::string bytes;
  std::vector<std::string> message;
};

/// A header of one tensor "a" with these members.
std::string one(const std::string &members) { return "{\"a\":{" + members + "}}"; }
/// A file of two F32 tensors of four elements at these offsets.
std::string two(const std::string &first, const std::string &second, size_t dataBytes) {
  return makeSafetensors("{\"a\":{\"dtype\":\"F32\",\"shape\":[4],"
                         "\"data_offsets\":" +
                             first +
                             "},\"b\":{\"dtype\":\"F32\",\"shape\":[4],"
                             "\"data_offsets\":" +
                             second + "}}",
                         std::string(dataBytes, '\0'));
}
std::string eight(8, '\0');

/// Otherwise a failure, and the name in ctest, would show bytes and addresses.
void PrintTo(const BadFile &bad, std::ostream *os) { *os << bad.name; }

class BadFileTest : public ::testing::TestWithParam<BadFile> {};

const BadFile badFiles[] = {
    {"Empty", "", {"at least 8 bytes, got 0"}},
    {"Short", "1234567", {"at least 8 bytes, got 7"}},
    {"OnlyLength", eight, {"invalid JSON"}},
    {"HeaderBeyondFile", std::string("\x40\0\0\0\0\0\0\0{}", 10), {"header length", "2 bytes that follow", "got 64"}},
    {"HeaderHuge", std::string("\xff\xff\xff\xff\xff\xff\xff\xff", 8), {"header length", "got 18446744073709551615"}},
    {"HeaderAboveLimit", std::string("\x01\xe1\xf5\x05\0\0\0\0", 8), {"at most 100000000, got 100000001"}},
    {"NotJson", makeSafetensors("hello", ""), {"invalid JSON at byte 1"}},
    {"CutJson", makeSafetensors("{\"a\":{", ""), {"invalid JSON"}},
    {"TrailingJson", makeSafetensors("{} {}", ""), {"invalid JSON"}},
    {"BadUtf8", makeSafetensors("{\"\xff\":{}}", ""), {"invalid JSON"}},
    {"List", makeSafetensors("[]", ""), {"expected an object, got an array"}},
    {"Number", makeSafetensors("1", ""), {"expected an object"}},
    {"Null", makeSafetensors("null", ""), {"expected an object, got null"}},
    {"DeepNesting", makeSafetensors(std::string(100000, '['), ""), {"expected an object, got an array"}},
    {"TensorNumber", makeSafetensors("{\"a\":1}", ""), {"tensor 'a'", "expected an object, got the number 1"}},
    {"TensorList", makeSafetensors("{\"a\":[]}", ""), {"tensor 'a'"}},
    {"MetadataList", makeSafetensors("{\"__metadata__\":[]}", ""), {"__metadata__", "expected an object"}},
    {"MetadataNumber", makeSafetensors("{\"__metadata__\":{\"k\":1}}", ""), {"__metadata__: 'k'", "expected a string"}},
    {"MetadataNested", makeSafetensors("{\"__metadata__\":{\"k\":{}}}", ""), {"expected a string, got an object"}},
    {"MetadataTwiceKey",
     makeSafetensors(R"({"__metadata__":{"k":"1","k":"2"}})", ""),
     {"__metadata__", "'k' occurs twice"}},
    {"MetadataTwice", makeSafetensors(R"({"__metadata__":{},"__metadata__":{}})", ""), {"'__metadata__' occurs twice"}},
    {"NoDtype",
     makeSafetensors(one(R"("shape":[],"data_offsets":[0,4])"), "1234"),
     {"tensor 'a'", "'dtype', got none"}},
    {"NoShape",
     makeSafetensors(one(R"("dtype":"F32","data_offsets":[0,4])"), "1234"),
     {"tensor 'a'", "'shape', got none"}},
    {"NoOffsets",
     makeSafetensors(one(R"("dtype":"F32","shape":[])"), "1234"),
     {"tensor 'a'", "'data_offsets', got none"}},
    {"DtypeNumber",
     makeSafetensors(one(R"("dtype":5)"), ""),
     {"tensor 'a': dtype", "expected a string, got the number 5"}},
    {"DtypeUnknown",
     makeSafetensors(one(R"("dtype":"Q4","shape":[],"data_offsets":[0,4])"), "1234"),
     {"tensor 'a'", "unknown dtype 'Q4'"}},
    {"UnknownMember", makeSafetensors(one(R"("colour":"red")"), ""), {"tensor 'a'", "unknown member 'colour'"}},
    {"MemberTwice", makeSafetensors(one(R"("dtype":"F32","dtype":"F32")"), ""), {"tensor 'a'", "'dtype' occurs twice"}},
    {"NegativeSize", makeSafetensors(one(R"("dtype":"F32","shape":[-1])"), ""), {"tensor 'a': shape", "-1"}},
    {"FractionalSize", makeSafetensors(one(R"("dtype":"F32","shape":[1.5])"), ""), {"tensor 'a': shape", "1.5"}},
    {"SizeBeyond64Bits",
     makeSafetensors(one(R"("dtype":"F32","shape":[99999999999999999999])"), ""),
     {"tensor 'a': shape"}},
    {"SizeBeyond63Bits",
     makeSafetensors(one(R"("dtype":"F32","shape":[9223372036854775808])"), ""),
     {"tensor 'a': shape", "out of range"}},
    {"ShapeString",
     makeSafetensors(one(R"("dtype":"F32","shape":"4")"), ""),
     {"tensor 'a': shape", "expected an array"}},
    {"ShapeNested", makeSafetensors(one(R"("dtype":"F32","shape":[[4]])"), ""), {"tensor 'a': shape", "got an array"}},
    {"TooManySizes",
     makeSafetensors(one("\"dtype\":\"F32\",\"shape\":[" +
                         [] {
                           std::string sizes = "1";
                           for (int i = 0; i < 64; ++i)
                             sizes += ",1";
                           return sizes;
                         }() +
                         "]"),
                     ""),
     {"tensor 'a': shape", "at most 64"}},
    {"ProductOverflow",
     makeSafetensors(one(R"("dtype":"F32","shape":[4294967296,4294967296,4294967296],)"
                         R"("data_offsets":[0,4])"),
                     "1234"),
     {"tensor 'a'", "too large"}},
    {"ProductWraps",
     makeSafetensors(one(R"("dtype":"F32","shape":[4611686018427387905],)"
                         R"("data_offsets":[0,4])"),
                     "1234"),
     {"tensor 'a'", "too large"}},
    {"ProductOfManySizes",
     makeSafetensors(one("\"dtype\":\"F64\",\"shape\":[2147483648,2147483648,2],\"data_offsets\":[0,8]"), eight),
     {"tensor 'a': expected less than 2^63 bits, got that F64 [2147483648, 2147483648, 2] is too large"}},
    {"OneOffset",
     makeSafetensors(one(R"("dtype":"F32","shape":[1],"data_offsets":[0])"), "1234"),
     {"tensor 'a'", "expected 2 numbers, got 1"}},
    {"ThreeOffsets",
     makeSafetensors(one(R"("dtype":"F32","shape":[1],"data_offsets":[0,4,8])"), "1234"),
     {"tensor 'a'", "at most 2"}},
    {"OffsetsReversed",
     makeSafetensors(one(R"("dtype":"F32","shape":[1],"data_offsets":[4,0])"), "1234"),
     {"tensor 'a'", "data_offsets [4, 0]"}},
    {"OffsetsBeyondFile",
     makeSafetensors(one(R"("dtype":"F32","shape":[2],"data_offsets":[0,8])"), "1234"),
     {"tensor 'a'", "data_offsets [0, 8]", "the 4 bytes of data"}},
    {"OffsetsHuge",
     makeSafetensors(one(R"("dtype":"F32","shape":[1],"data_offsets":)"
                         R"([9223372036854775803,9223372036854775807])"),
                     "1234"),
     {"tensor 'a'", "at most the 4 bytes"}},
    {"SizeMismatch",
     makeSafetensors(one(R"("dtype":"F32","shape":[3],"data_offsets":[0,4])"), "1234"),
     {"tensor 'a'", "expected 12 bytes for F32 [3], got 4"}},
    {"BitsLeft",
     makeSafetensors(one(R"("dtype":"F4","shape":[3],"data_offsets":[0,1])"), "1"),
     {"tensor 'a'", "whole number of bytes, got 12 bits"}},
    {"Overlap", two("[0,16]", "[12,28]", 28), {"'a' and 'b' overlap at byte 12"}},
    {"SameBytes", two("[0,16]", "[0,16]", 16), {"overlap"}},
    {"Gap", two("[0,16]", "[20,36]", 36), {"bytes 16 to 20 of the data belong to no tensor"}},
    {"Trailing", two("[0,16]", "[16,32]", 40), {"bytes 32 to 40 of the data belong to no tensor"}},
    {"TensorTwice",
     makeSafetensors(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
                     R"("a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})",
                     "12"),
     {"tensor 'a' occurs twice"}},
    {"ControlCharactersInName", makeSafetensors(R"({"a\u0007\n":1})", ""), {"tensor 'a\\x07\\x0a'"}},
};

TEST_P(BadFileTest, IsRefused) {
  TemporaryDirectory directory;
  std::string path = directory.file("bad.safetensors");
  writeFile(path, GetParam().bytes);
  Owned<linnet_model> model = openFakeModel();
  linnet_weights *weights = nullptr;
  std::vector<std::string> message = GetParam().message;
  message.push_back("bad.safetensors");
  EXPECT_TRUE(failedWith(linnet_weights_load(model.get(), path.c_str(), nullptr, &weights), LINNET_MALFORMED, message));
  EXPECT_EQ(weights, nullptr);
}

INSTANTIATE_TEST_SUITE_P(SafetensorsTest, BadFileTest, ::testing::ValuesIn(badFiles),
                         [](const auto &info) { return info.param.name; });

} // namespace

TEST(SafetensorsTest, EveryCutAndFlipIsAnError) {
  // Cuts at each length, and each byte of the header changed in turn: whatever
  // the reader says, it must not crash.
  TemporaryDirectory directory;
  std::string whole = FakeWeights().file();
  std::string path = directory.file("damaged.safetensors");
  Owned<linnet_model> model = openFakeModel();
  size_t headerEnd = whole.find("}}") + 10;
  for (size_t size = 0; size < headerEnd; ++size) {
    linnet_weights *weights = nullptr;
    writeFile(path, whole.substr(0, size));
    EXPECT_EQ(linnet_weights_load(model.get(), path.c_str(), nullptr, &weights), LINNET_MALFORMED) << size;
  }
  for (size_t at = 0; at < headerEnd; ++at)
    for (unsigned char mask : {0x01, 0x10, 0x80}) {
      std::string damaged = whole;
      damaged[at] = static_cast<char>(damaged[at] ^ mask);
      linnet_weights *weights = nullptr;
      writeFile(path, damaged);
      linnet_weights_load(model.get(), path.c_str(), nullptr, &weights);
      linnet_weights_free(weights);
    }
}

TEST(SafetensorsTest, EmptyTensorsAndForeignTypesAreRead) {
  TemporaryDirectory directory;
  FakeWeights values;
  std::string path = directory.file("model.safetensors");
  std::string header = R"({"__metadata__":{"format":"pt"},)"
                       R"("nothing":{"dtype":"F32","shape":[0,7],"data_offsets":[0,0]},)"
                       R"("vast nothing":{"dtype":"F32","shape":[4294967296,4294967296,0],"data_offsets":[0,0]},)"
                       R"("embedding.weight":{"dtype":"F32","shape":[256,4],)"
                       R"("data_offsets":[0,4096]},)"
                       R"("also nothing":{"dtype":"I64","shape":[0],"data_offsets":[4096,4096]},)"
                       R"("bias":{"dtype":"F32","shape":[256],"data_offsets":[4096,5120]},)"
                       R"("scalar":{"dtype":"F64","shape":[],"data_offsets":[5120,5128]},)"
                       R"("packed":{"dtype":"F4","shape":[4],"data_offsets":[5128,5130]}})";
  writeFile(path, makeSafetensors(header, bytesOf(values.embedding) + bytesOf(values.bias) + std::string(10, 'x')));
  Owned<linnet_model> model = openFakeModel();
  linnet_weights *weights = nullptr;
  EXPECT_OK(linnet_weights_load(model.get(), path.c_str(), nullptr, &weights));
  linnet_weights_free(weights);
}
