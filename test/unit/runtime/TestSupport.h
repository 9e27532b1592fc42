//===- TestSupport.h - what the runtime's tests share ---------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_TEST_UNIT_RUNTIME_TESTSUPPORT_H
#define LINNET_TEST_UNIT_RUNTIME_TESTSUPPORT_H

#include "linnet/linnet.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <sys/resource.h>
#include <vector>

namespace linnet::test {

struct Deleter {
  void operator()(linnet_model *model) const { linnet_model_close(model); }
  void operator()(linnet_weights *weights) const { linnet_weights_free(weights); }
  void operator()(linnet_session *session) const { linnet_session_free(session); }
};
template <typename Handle> using Owned = std::unique_ptr<Handle, Deleter>;

/// A folder that is removed with all in it.
class TemporaryDirectory {
public:
  TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory &) = delete;
  TemporaryDirectory &operator=(const TemporaryDirectory &) = delete;
  ~TemporaryDirectory();

  std::string file(const std::string &name) const { return path + "/" + name; }

  const std::string path;
};

/// While it lives no file can be made longer than this: writing fails as on a disk that is full.
class FileSizeLimit {
public:
  explicit FileSizeLimit(size_t bytes);
  FileSizeLimit(const FileSizeLimit &) = delete;
  FileSizeLimit &operator=(const FileSizeLimit &) = delete;
  ~FileSizeLimit();

private:
  struct rlimit before;
  void (*handlerBefore)(int);
};

std::string readFile(const std::string &path);
void writeFile(const std::string &path, const std::string &bytes);
std::vector<std::string> listFiles(const std::string &directory);

/// The bytes of a .safetensors file with this header and data.
std::string makeSafetensors(const std::string &header, const std::string &data);

/// Weights of the fake model, made of a fixed sequence of numbers.
struct FakeWeights {
  FakeWeights();
  /// As a .safetensors file; without a head of its own when `tied`.
  std::string file(bool tied = true) const;

  std::vector<float> embedding, bias, head;
};
std::string bytesOf(const std::vector<float> &values);

/// The fake model, opened; how often its `prepare` ran.
Owned<linnet_model> openFakeModel();
int32_t &fakePrepareRuns();

/// What the fake model should compute, the slow way, for one sequence.
class FakeReference {
public:
  explicit FakeReference(const FakeWeights &weights, bool tied = true) : weights(weights), tied(tied) {}
  /// Reads a token; returns the 256 logits.
  std::vector<float> read(int32_t token);
  /// Reads the prompt; returns the `count` bytes that follow, each the likeliest.
  std::string generate(const std::string &prompt, int count);

  float sum[4] = {};

private:
  const FakeWeights &weights;
  bool tied;
};

/// A test with the fake model, its weights on disk, and both loaded.
class FakeModelTest : public ::testing::Test {
protected:
  void SetUp() override;
  Owned<linnet_session> makeSession(int64_t batch = 1);

  TemporaryDirectory directory;
  FakeWeights values;
  std::string weightsPath;
  Owned<linnet_model> model;
  Owned<linnet_weights> weights;
};

/// Some bytes to feed a model.
std::vector<int32_t> someTokens(size_t count, uint32_t seed = 1);

/// Passes if a call failed this way, with a message that has all these parts.
::testing::AssertionResult failedWith(linnet_status got, linnet_status expected, const std::vector<std::string> &parts);

} // namespace linnet::test

#define ASSERT_OK(call) ASSERT_EQ((call), LINNET_OK) << linnet_last_error()
#define EXPECT_OK(call) EXPECT_EQ((call), LINNET_OK) << linnet_last_error()
/// EXPECT_FAILURE(call, status, part...)
#define EXPECT_FAILURE(call, status, ...) EXPECT_TRUE(::linnet::test::failedWith((call), (status), {__VA_ARGS__}))

#endif // LINNET_TEST_UNIT_RUNTIME_TESTSUPPORT_H
