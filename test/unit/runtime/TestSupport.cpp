//===- TestSupport.cpp - what the runtime's tests share -------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestSupport.h"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <filesystem>
#include <fstream>
#include <iterator>

using namespace linnet::test;

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
// Running out of memory is one of the things that are tested.
extern "C" const char *__asan_default_options() { return "allocator_may_return_null=1"; }
extern "C" const char *__tsan_default_options() { return "allocator_may_return_null=1"; }
#endif
#endif

static std::string makeDirectory() {
  std::string path = (std::filesystem::temp_directory_path() / "linnet-XXXXXX").string();
  if (!mkdtemp(path.data()))
    ADD_FAILURE() << "cannot make a temporary directory";
  return path;
}

TemporaryDirectory::TemporaryDirectory() : path(makeDirectory()) {}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path, ignored);
}

FileSizeLimit::FileSizeLimit(size_t bytes) : handlerBefore(std::signal(SIGXFSZ, SIG_IGN)) {
  EXPECT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  struct rlimit limited = before;
  limited.rlim_cur = bytes;
  EXPECT_EQ(setrlimit(RLIMIT_FSIZE, &limited), 0);
}

FileSizeLimit::~FileSizeLimit() {
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handlerBefore);
}

std::string linnet::test::readFile(const std::string &path) {
  std::ifstream stream(path, std::ios::binary);
  EXPECT_TRUE(stream) << path;
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

void linnet::test::writeFile(const std::string &path, const std::string &bytes) {
  std::ofstream stream(path, std::ios::binary | std::ios::trunc);
  stream << bytes;
  stream.close();
  EXPECT_TRUE(stream) << path;
}

std::vector<std::string> linnet::test::listFiles(const std::string &directory) {
  std::vector<std::string> names;
  for (const auto &entry : std::filesystem::directory_iterator(directory))
    names.push_back(entry.path().filename().string());
  return names;
}

std::string linnet::test::makeSafetensors(const std::string &header, const std::string &data) {
  std::string bytes;
  for (int i = 0; i < 8; ++i)
    bytes += static_cast<char>(header.size() >> (8 * i));
  return bytes + header + data;
}

std::string linnet::test::bytesOf(const std::vector<float> &values) {
  return {reinterpret_cast<const char *>(values.data()), values.size() * sizeof(float)};
}

static std::vector<float> someNumbers(size_t count, uint32_t seed) {
  std::vector<float> numbers;
  for (size_t i = 0; i < count; ++i) {
    seed = seed * 1664525u + 1013904223u;
    numbers.push_back(static_cast<float>(seed >> 8) / 8388608.0f - 1.0f);
  }
  return numbers;
}

FakeWeights::FakeWeights() : embedding(someNumbers(1024, 1)), bias(someNumbers(256, 2)), head(someNumbers(1024, 3)) {}

std::string FakeWeights::file(bool tied) const {
  std::string header = R"({"embedding.weight":{"dtype":"F32","shape":[256,4],)"
                       R"("data_offsets":[0,4096]},)"
                       R"("bias":{"dtype":"F32","shape":[256],"data_offsets":[4096,5120]})";
  if (!tied)
    header += R"(,"head.weight":{"dtype":"F32","shape":[256,4],)"
              R"("data_offsets":[5120,9216]})";
  header += "}";
  while (header.size() % 8)
    header += ' ';
  return makeSafetensors(header, bytesOf(embedding) + bytesOf(bias) + (tied ? "" : bytesOf(head)));
}

Owned<linnet_model> linnet::test::openFakeModel() {
  linnet_model *model = nullptr;
  EXPECT_OK(linnet_model_open(LINNET_FAKE_MODEL, &model));
  return Owned<linnet_model>(model);
}

int32_t &linnet::test::fakePrepareRuns() {
  // Kept open, so that the counter outlives the models.
  static void *library = dlopen(LINNET_FAKE_MODEL, RTLD_NOW | RTLD_LOCAL);
  return *static_cast<int32_t *>(dlsym(library, "fake_prepare_runs"));
}

std::vector<float> FakeReference::read(int32_t token) {
  const std::vector<float> &head = tied ? weights.embedding : weights.head;
  for (int w = 0; w < 4; ++w)
    sum[w] = sum[w] / 2 + weights.embedding[token * 4 + w];
  std::vector<float> logits(256);
  for (int v = 0; v < 256; ++v) {
    logits[v] = weights.bias[v];
    for (int w = 0; w < 4; ++w)
      logits[v] += sum[w] * head[v * 4 + w];
  }
  return logits;
}

std::string FakeReference::generate(const std::string &prompt, int count) {
  std::vector<float> logits;
  for (char c : prompt)
    logits = read(c);
  std::string text;
  for (int i = 0; i < count; ++i) {
    auto best = static_cast<int32_t>(std::max_element(logits.begin(), logits.end()) - logits.begin());
    text += static_cast<char>(best);
    logits = read(best);
  }
  return text;
}

void FakeModelTest::SetUp() {
  weightsPath = directory.file("model.safetensors");
  writeFile(weightsPath, values.file());
  model = openFakeModel();
  ASSERT_TRUE(model);
  linnet_weights *loaded = nullptr;
  ASSERT_OK(linnet_weights_load(model.get(), weightsPath.c_str(), nullptr, &loaded));
  weights.reset(loaded);
}

Owned<linnet_session> FakeModelTest::makeSession(int64_t batch) {
  linnet_session *session = nullptr;
  EXPECT_OK(linnet_session_create(model.get(), weights.get(), batch, &session));
  return Owned<linnet_session>(session);
}

std::vector<int32_t> linnet::test::someTokens(size_t count, uint32_t seed) {
  std::vector<int32_t> tokens;
  for (size_t i = 0; i < count; ++i) {
    seed = seed * 1664525u + 1013904223u;
    tokens.push_back(static_cast<int32_t>(seed >> 24));
  }
  return tokens;
}

::testing::AssertionResult linnet::test::failedWith(linnet_status got, linnet_status expected,
                                                    const std::vector<std::string> &parts) {
  std::string message = linnet_last_error();
  if (got != expected)
    return ::testing::AssertionFailure() << "expected status " << linnet_status_name(expected) << ", got "
                                         << linnet_status_name(got) << " (" << message << ")";
  for (const std::string &part : parts)
    if (message.find(part) == std::string::npos)
      return ::testing::AssertionFailure() << "expected '" << part << "' in the message '" << message << "'";
  return ::testing::AssertionSuccess();
}
