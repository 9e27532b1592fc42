//===- StatesTest.cpp - reading, writing and keeping states ---------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestSupport.h"

#include <cstring>

using namespace linnet::test;

namespace {
class StatesTest : public FakeModelTest {
protected:
  void SetUp() override {
    FakeModelTest::SetUp();
    session = makeSession();
    std::vector<int32_t> tokens = someTokens(9);
    ASSERT_OK(linnet_session_forward(session.get(), tokens.data(), 1, 9, LINNET_LOGITS_LAST, nullptr, nullptr));
  }
  /// The logits after one more token.
  static std::vector<float> next(linnet_session *session) {
    int32_t token = 99;
    const float *logits = nullptr;
    EXPECT_OK(linnet_session_step(session, &token, nullptr, &logits));
    return {logits, logits + 256};
  }
  linnet_status restoreBytes(const std::string &bytes) {
    writeFile(path, bytes);
    return linnet_session_restore(session.get(), path.c_str());
  }

  std::string path = directory.file("states");
  Owned<linnet_session> session;
};

std::string stateFile(const std::string &metadata, const std::string &tensors, size_t dataBytes) {
  return makeSafetensors("{\"__metadata__\":{" + metadata + "}" + tensors + "}", std::string(dataBytes, '\1'));
}
const char goodMetadata[] = R"("linnet.format":"states 1","linnet.model":"fake")";
const char goodTensors[] = R"(,"count":{"dtype":"I64","shape":[1],"data_offsets":[0,8]})"
                           R"(,"sum":{"dtype":"F32","shape":[1,4],"data_offsets":[8,24]})";
} // namespace

TEST_F(StatesTest, AreDescribed) {
  linnet_tensor tensor;
  ASSERT_OK(linnet_session_state(session.get(), 0, &tensor));
  EXPECT_STREQ(tensor.name, "sum");
  ASSERT_EQ(tensor.rank, 2);
  EXPECT_EQ(tensor.shape[0], 1);
  EXPECT_EQ(tensor.shape[1], 4);
  ASSERT_OK(linnet_session_state(session.get(), 1, &tensor));
  EXPECT_STREQ(tensor.name, "count");
  EXPECT_EQ(tensor.dtype, LINNET_I64);
  EXPECT_EQ(*static_cast<const int64_t *>(tensor.data), 9);
  EXPECT_FAILURE(linnet_session_state(session.get(), 2, &tensor), LINNET_INVALID_ARGUMENT, "'index'", "got 2");
  EXPECT_FAILURE(linnet_session_state(session.get(), -1, &tensor), LINNET_INVALID_ARGUMENT, "'index'");
}

TEST_F(StatesTest, CopyOutAndIn) {
  float sum[4];
  int64_t count = 0;
  ASSERT_OK(linnet_session_get_state(session.get(), "sum", sum, sizeof(sum)));
  ASSERT_OK(linnet_session_get_state(session.get(), "count", &count, 8));
  EXPECT_EQ(count, 9);
  Owned<linnet_session> other = makeSession();
  ASSERT_OK(linnet_session_set_state(other.get(), "sum", sum, sizeof(sum)));
  ASSERT_OK(linnet_session_set_state(other.get(), "count", &count, 8));
  EXPECT_EQ(next(other.get()), next(session.get()));
  EXPECT_FAILURE(linnet_session_get_state(session.get(), "sum", sum, 8), LINNET_INVALID_ARGUMENT,
                 "'bytes': expected 16", "'sum', got 8");
  EXPECT_FAILURE(linnet_session_set_state(session.get(), "mood", sum, 8), LINNET_NOT_FOUND, "'mood'");
  EXPECT_FAILURE(linnet_session_set_state(session.get(), "sum", nullptr, 16), LINNET_INVALID_ARGUMENT, "'data'");
}

TEST_F(StatesTest, SaveAndRestore) {
  ASSERT_OK(linnet_session_save(session.get(), path.c_str()));
  Owned<linnet_session> other = makeSession();
  ASSERT_OK(linnet_session_restore(other.get(), path.c_str()));
  EXPECT_EQ(next(other.get()), next(session.get()));
  // Saving replaces the file.
  ASSERT_OK(linnet_session_save(session.get(), path.c_str()));
  ASSERT_OK(linnet_session_restore(other.get(), path.c_str()));
  EXPECT_EQ(next(other.get()), next(session.get()));
  EXPECT_EQ(listFiles(directory.path).size(), 2u);
  std::string nowhere = directory.file("no/such/place");
  EXPECT_FAILURE(linnet_session_save(session.get(), nowhere.c_str()), LINNET_IO_ERROR, "no/such/place");
}

TEST_F(StatesTest, FullDisk) {
  ASSERT_OK(linnet_session_save(session.get(), path.c_str()));
  std::string before = readFile(path);
  std::string other = directory.file("other");
  // Within the header, and within the data.
  for (size_t bytes : {size_t(0), size_t(20), before.size() - 1}) {
    FileSizeLimit limit(bytes);
    EXPECT_FAILURE(linnet_session_save(session.get(), path.c_str()), LINNET_IO_ERROR, "cannot write ", "states': ");
    EXPECT_FAILURE(linnet_session_save(session.get(), other.c_str()), LINNET_IO_ERROR, "cannot write ", "other': ");
  }
  // The old file is as it was, and nothing lies beside it.
  EXPECT_EQ(readFile(path), before);
  EXPECT_EQ(listFiles(directory.path).size(), 2u);
}

TEST_F(StatesTest, OnlyFilesAreReplaced) {
  EXPECT_FAILURE(linnet_session_save(session.get(), "/dev/null"), LINNET_IO_ERROR,
                 "cannot write '/dev/null': expected a regular file or none, got something else");
  EXPECT_FAILURE(linnet_session_save(session.get(), directory.path.c_str()), LINNET_IO_ERROR, "got a directory");
  EXPECT_EQ(listFiles(directory.path).size(), 1u);
}

TEST_F(StatesTest, BatchMustFit) {
  ASSERT_OK(linnet_session_save(session.get(), path.c_str()));
  Owned<linnet_session> wide = makeSession(2);
  EXPECT_FAILURE(linnet_session_restore(wide.get(), path.c_str()), LINNET_MISMATCH,
                 "'sum': expected f32 [2, 4], got f32 [1, 4]");
}

TEST_F(StatesTest, WrongFiles) {
  ASSERT_OK(restoreBytes(stateFile(goodMetadata, goodTensors, 24)));
  std::vector<float> before = next(session.get());
  ASSERT_OK(restoreBytes(stateFile(goodMetadata, goodTensors, 24)));

  EXPECT_FAILURE(restoreBytes(""), LINNET_MALFORMED, "states");
  EXPECT_FAILURE(restoreBytes(values.file()), LINNET_MISMATCH, "not a state file", "got none");
  EXPECT_FAILURE(restoreBytes(stateFile(R"("linnet.format":"states 9")", "", 0)), LINNET_MISMATCH,
                 "'states 1', got 'states 9'");
  EXPECT_FAILURE(restoreBytes(stateFile(R"("linnet.format":"states 1")", goodTensors, 24)), LINNET_MISMATCH,
                 "model 'fake', got no name");
  EXPECT_FAILURE(restoreBytes(stateFile(R"("linnet.format":"states 1","linnet.model":"other")", goodTensors, 24)),
                 LINNET_MISMATCH, "model 'fake', got those of 'other'");
  EXPECT_FAILURE(
      restoreBytes(stateFile(goodMetadata, R"(,"sum":{"dtype":"F32","shape":[1,4],"data_offsets":[0,16]})", 16)),
      LINNET_MISMATCH, "'count' is missing");
  EXPECT_FAILURE(
      restoreBytes(stateFile(
          goodMetadata, std::string(goodTensors) + R"(,"mood":{"dtype":"U8","shape":[1],"data_offsets":[24,25]})", 25)),
      LINNET_MISMATCH, "no state 'mood'");
  EXPECT_FAILURE(restoreBytes(stateFile(goodMetadata,
                                        R"(,"count":{"dtype":"U64","shape":[1],"data_offsets":[0,8]})"
                                        R"(,"sum":{"dtype":"F32","shape":[1,4],"data_offsets":[8,24]})",
                                        24)),
                 LINNET_MISMATCH, "'count': expected i64 [1], got u64 [1]");
  EXPECT_FAILURE(linnet_session_restore(session.get(), directory.file("absent").c_str()), LINNET_NOT_FOUND, "absent");
  // None of them changed anything.
  EXPECT_EQ(next(session.get()), before);
}

TEST_F(StatesTest, EveryCutIsAnError) {
  ASSERT_OK(linnet_session_save(session.get(), path.c_str()));
  std::string whole = readFile(path);
  for (size_t size = 0; size < whole.size(); ++size)
    EXPECT_EQ(restoreBytes(whole.substr(0, size)), LINNET_MALFORMED) << size;
  EXPECT_OK(restoreBytes(whole));
}
