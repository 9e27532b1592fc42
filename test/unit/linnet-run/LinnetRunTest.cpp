//===- LinnetRunTest.cpp - the program as its users start it --------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestSupport.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <sys/wait.h>

using namespace linnet::test;

namespace {

struct Result {
  int code;
  std::string out;
  std::string err;
};

class LinnetRunTest : public ::testing::Test {
protected:
  void SetUp() override { writeFile(directory.file("model.safetensors"), values.file()); }
  /// Runs with the fake model, its weights and these arguments.
  Result run(const std::string &arguments, bool withWeights = true) {
    std::string out = directory.file("stdout"), err = directory.file("stderr");
    std::string command = std::string("\"") + LINNET_RUN + "\" \"" + LINNET_FAKE_MODEL + "\" ";
    if (withWeights)
      command += "--weights \"" + directory.path + "\" ";
    command += arguments + " > \"" + out + "\" 2> \"" + err + "\"";
    int status = std::system(command.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, readFile(out), readFile(err)};
  }
  std::string quotedFile(const char *name) { return "\"" + directory.file(name) + "\""; }

  TemporaryDirectory directory;
  FakeWeights values;
};

bool has(const std::string &text, const std::string &part) { return text.find(part) != std::string::npos; }

} // namespace

TEST_F(LinnetRunTest, Generates) {
  Result result = run("--prompt abc --max-new 6");
  EXPECT_EQ(result.code, 0) << result.err;
  std::string expected = FakeReference(values).generate("abc", 6);
  EXPECT_EQ(result.out, expected + "\n");
  EXPECT_TRUE(has(result.err, "load: ")) << result.err;
  EXPECT_TRUE(has(result.err, "prefill: 3 tokens")) << result.err;
  EXPECT_TRUE(has(result.err, "decode: 5 tokens")) << result.err;
}

TEST_F(LinnetRunTest, SamplingIsReproducible) {
  std::string options = "--prompt abc --temperature 0.8 --top-k 20 --max-new 40";
  Result one = run(options + " --seed 5"), two = run(options + " --seed 5"),
         other = run(options + " --seed 6 --threads 2");
  EXPECT_EQ(one.code, 0) << one.err;
  EXPECT_EQ(one.out.size(), 41u);
  EXPECT_EQ(one.out, two.out);
  EXPECT_NE(one.out, other.out);
}

TEST_F(LinnetRunTest, StatesContinueAText) {
  Result whole = run("--prompt abcdef --max-new 5");
  Result first = run("--prompt abc --max-new 0 --save-state " + quotedFile("states"));
  EXPECT_EQ(first.code, 0) << first.err;
  EXPECT_EQ(first.out, "");
  Result second = run("--prompt def --max-new 5 --load-state " + quotedFile("states"));
  EXPECT_EQ(second.out, whole.out) << second.err;
  // The saved states have read what was generated.
  Result all = run("--prompt abc --max-new 3");
  ASSERT_EQ(all.out.size(), 4u);
  run("--prompt abc --max-new 3 --save-state " + quotedFile("states"));
  writeFile(directory.file("prompt.npy"), "");
  Result more = run("--prompt z --max-new 5 --load-state " + quotedFile("states"));
  FakeReference reference(values);
  for (char c : "abc" + all.out.substr(0, 3))
    reference.read(static_cast<unsigned char>(c));
  std::vector<float> logits = reference.read('z');
  int best = 0;
  for (int v = 1; v < 256; ++v)
    if (logits[v] > logits[best])
      best = v;
  EXPECT_EQ(more.out[0], static_cast<char>(best));
}

TEST_F(LinnetRunTest, TokensAndLogits) {
  std::string header = "{'descr': '<i4', 'fortran_order': False, "
                       "'shape': (2, 3), }\n";
  const int32_t tokens[] = {97, 98, 99, 1, 2, 3};
  writeFile(directory.file("in.npy"), std::string("\x93NUMPY\1\0", 8) + static_cast<char>(header.size()) + '\0' +
                                          header + std::string(reinterpret_cast<const char *>(tokens), sizeof(tokens)));
  Result result = run("--tokens " + quotedFile("in.npy") + " --out " + quotedFile("out.npy"));
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(result.out, "");
  std::string bytes = readFile(directory.file("out.npy"));
  ASSERT_EQ(bytes.size(), 128 + 2 * 3 * 256 * sizeof(float));
  EXPECT_TRUE(has(bytes, "'shape': (2, 3, 256)"));
  std::vector<float> logits(2 * 3 * 256);
  std::memcpy(logits.data(), bytes.data() + 128, bytes.size() - 128);
  for (int b = 0; b < 2; ++b) {
    FakeReference reference(values);
    for (int t = 0; t < 3; ++t) {
      std::vector<float> expected = reference.read(tokens[b * 3 + t]);
      for (int v = 0; v < 256; ++v)
        ASSERT_EQ(logits[(b * 3 + t) * 256 + v], expected[v]);
    }
  }
  // Ids, one line a sequence.
  result = run("--tokens " + quotedFile("in.npy") + " --max-new 2");
  EXPECT_EQ(std::count(result.out.begin(), result.out.end(), '\n'), 2);
  EXPECT_EQ(std::count(result.out.begin(), result.out.end(), ' '), 2);
}

TEST_F(LinnetRunTest, Score) {
  // Longer than one block.
  std::string text;
  for (int32_t token : someTokens(2500))
    text += static_cast<char>(token);
  writeFile(directory.file("text"), text);
  FakeReference reference(values);
  double bits = 0;
  for (size_t i = 0; i + 1 < text.size(); ++i) {
    std::vector<float> logits = reference.read(static_cast<unsigned char>(text[i]));
    double sum = 0;
    for (float logit : logits)
      sum += std::exp(static_cast<double>(logit));
    bits += std::log2(sum) - logits[static_cast<unsigned char>(text[i + 1])] / std::log(2.0);
  }
  char expected[100];
  std::snprintf(expected, sizeof(expected), "bits per byte: %.4f (2500 bytes)\n", bits / 2499);
  Result result = run("--score " + quotedFile("text"));
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(result.out, expected);
  writeFile(directory.file("text"), "x");
  result = run("--score " + quotedFile("text"));
  EXPECT_EQ(result.code, 1);
  EXPECT_TRUE(has(result.err, "at least 2 bytes")) << result.err;
}

TEST_F(LinnetRunTest, SidecarAndProfile) {
  std::string options = "--prompt abc --max-new 3 --profile --sidecar " + quotedFile("side");
  Result first = run(options), second = run(options);
  EXPECT_TRUE(has(first.err, "sidecar written")) << first.err;
  EXPECT_FALSE(has(second.err, "sidecar")) << second.err;
  EXPECT_EQ(first.out, second.out);
  for (const char *part : {"name", "share", "layers.0.scan", "linalg.matmul", "other", "total", "100.0%"})
    EXPECT_TRUE(has(second.err, part)) << part << second.err;
  writeFile(directory.file("side"), "precious");
  Result third = run(options);
  EXPECT_EQ(third.code, 0);
  EXPECT_TRUE(has(third.err, "warning: no sidecar")) << third.err;
}

TEST_F(LinnetRunTest, Describe) {
  Result result = run("--describe", /*withWeights=*/false);
  EXPECT_EQ(result.code, 0) << result.err;
  for (const char *part :
       {"model: fake", "symbols: B T N", "ops: 3", "function forward_last", "  input tokens: i32 [B, T]",
        "  state out sum: f32 [B, 4]", "states: 2", "weights: 3", "prepared: 3", "vocab_size"})
    EXPECT_TRUE(has(result.out, part)) << part;
}

TEST_F(LinnetRunTest, Help) {
  Result result = run("--help", /*withWeights=*/false);
  EXPECT_EQ(result.code, 0);
  EXPECT_TRUE(has(result.out, "--max-new=<n>")) << result.out;
  EXPECT_TRUE(has(result.out, "EXAMPLES")) << result.out;
}

TEST_F(LinnetRunTest, Errors) {
  struct Case {
    std::string arguments;
    const char *message;
  };
  writeFile(directory.file("bad.npy"), "no array");
  for (const Case &c : {
           Case{"", "expected one of --prompt"},
           Case{"--prompt ''", "at least one byte"},
           Case{"--prompt a --tokens b", "exclude each other"},
           Case{"--prompt a --score b", "--score excludes"},
           Case{"--prompt a --max-new -1", "--max-new"},
           Case{"--prompt a --temperature -1", "--temperature"},
           Case{"--prompt a --temperature nan", "--temperature"},
           Case{"--prompt a --top-k -1", "--top-k"},
           Case{"--prompt a --threads -1", "--threads"},
           Case{"--prompt a --threads 100000", "'count'"},
           Case{"--score a --out b", "--out"},
           Case{"--score absent", "absent"},
           Case{"--tokens absent", "absent"},
           Case{"--tokens " + quotedFile("bad.npy"), "not a .npy file"},
           Case{"--prompt a --load-state absent", "absent"},
           Case{"--prompt a --out /no/such/place/x.npy", "/no/such/place"},
       }) {
    Result result = run(c.arguments);
    EXPECT_EQ(result.code, 1) << c.arguments;
    EXPECT_TRUE(has(result.err, "linnet-run: error: ")) << result.err;
    EXPECT_TRUE(has(result.err, c.message)) << result.err;
  }
  Result result = run("--prompt a", /*withWeights=*/false);
  EXPECT_EQ(result.code, 1);
  EXPECT_TRUE(has(result.err, "expected --weights")) << result.err;
}
