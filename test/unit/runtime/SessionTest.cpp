//===- SessionTest.cpp - forward and step ---------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestSupport.h"

#include <cstdio>

using namespace linnet::test;

namespace {
class SessionTest : public FakeModelTest {
protected:
  /// A forward that must succeed; returns a copy of the logits.
  std::vector<float> forward(linnet_session *session, const std::vector<int32_t> &tokens, linnet_logits_mode mode) {
    int64_t B = linnet_session_batch(session);
    int64_t T = static_cast<int64_t>(tokens.size()) / B;
    const float *logits = nullptr;
    EXPECT_OK(linnet_session_forward(session, tokens.data(), B, T, mode, nullptr, &logits));
    return {logits, logits + B * (mode == LINNET_LOGITS_ALL ? T : 1) * 256};
  }
};
} // namespace

TEST_F(SessionTest, ForwardMatchesTheReference) {
  Owned<linnet_session> session = makeSession();
  EXPECT_EQ(linnet_session_vocabulary(session.get()), 256);
  std::vector<int32_t> tokens = someTokens(17);
  std::vector<float> logits = forward(session.get(), tokens, LINNET_LOGITS_ALL);
  FakeReference reference(values);
  for (size_t t = 0; t < tokens.size(); ++t) {
    std::vector<float> expected = reference.read(tokens[t]);
    for (int v = 0; v < 256; ++v)
      ASSERT_EQ(logits[t * 256 + v], expected[v]) << t << " " << v;
  }
}

TEST_F(SessionTest, SplitPrefillAndStepsAreTheSame) {
  Owned<linnet_session> whole = makeSession(), parts = makeSession(), steps = makeSession();
  std::vector<int32_t> tokens = someTokens(40);
  std::vector<float> expected = forward(whole.get(), tokens, LINNET_LOGITS_ALL);
  size_t begin = 0;
  for (size_t length : {1, 5, 33, 1}) {
    std::vector<int32_t> part(tokens.begin() + begin, tokens.begin() + begin + length);
    std::vector<float> logits = forward(parts.get(), part, LINNET_LOGITS_ALL);
    for (size_t i = 0; i < logits.size(); ++i)
      ASSERT_EQ(logits[i], expected[begin * 256 + i]);
    begin += length;
  }
  for (size_t t = 0; t < tokens.size(); ++t) {
    const float *logits = nullptr;
    ASSERT_OK(linnet_session_step(steps.get(), &tokens[t], nullptr, &logits));
    for (int v = 0; v < 256; ++v)
      ASSERT_EQ(logits[v], expected[t * 256 + v]);
  }
}

TEST_F(SessionTest, LastIsTheLastOfAll) {
  Owned<linnet_session> one = makeSession(2), other = makeSession(2);
  std::vector<int32_t> tokens = someTokens(14);
  std::vector<float> all = forward(one.get(), tokens, LINNET_LOGITS_ALL);
  std::vector<float> last = forward(other.get(), tokens, LINNET_LOGITS_LAST);
  for (int v = 0; v < 256; ++v) {
    EXPECT_EQ(last[v], all[6 * 256 + v]);
    EXPECT_EQ(last[256 + v], all[13 * 256 + v]);
  }
}

TEST_F(SessionTest, SequencesOfABatchAreIndependent) {
  Owned<linnet_session> batch = makeSession(3);
  std::vector<int32_t> tokens = someTokens(30);
  std::vector<float> logits = forward(batch.get(), tokens, LINNET_LOGITS_LAST);
  for (int b = 0; b < 3; ++b) {
    Owned<linnet_session> single = makeSession();
    std::vector<float> expected =
        forward(single.get(), {tokens.begin() + 10 * b, tokens.begin() + 10 * b + 10}, LINNET_LOGITS_LAST);
    for (int v = 0; v < 256; ++v)
      ASSERT_EQ(logits[b * 256 + v], expected[v]);
  }
}

TEST_F(SessionTest, WritesToTheCallersBuffer) {
  Owned<linnet_session> session = makeSession();
  std::vector<float> mine(3 * 256, -1.0f);
  std::vector<int32_t> tokens = {1, 2, 3};
  const float *result = nullptr;
  ASSERT_OK(linnet_session_forward(session.get(), tokens.data(), 1, 3, LINNET_LOGITS_ALL, mine.data(), &result));
  EXPECT_EQ(result, mine.data());
  FakeReference reference(values);
  EXPECT_EQ(mine[5], reference.read(1)[5]);
  EXPECT_EQ(mine[256 + 5], reference.read(2)[5]);
  EXPECT_EQ(mine[512 + 5], reference.read(3)[5]);
  ASSERT_OK(linnet_session_step(session.get(), tokens.data(), mine.data(), nullptr));
  EXPECT_EQ(mine[5], reference.read(1)[5]);
}

TEST_F(SessionTest, ResetForgetsAndMayChangeTheBatch) {
  Owned<linnet_session> session = makeSession(2);
  std::vector<int32_t> tokens = someTokens(12);
  std::vector<float> first = forward(session.get(), tokens, LINNET_LOGITS_LAST);
  ASSERT_OK(linnet_session_reset(session.get(), 2));
  EXPECT_EQ(forward(session.get(), tokens, LINNET_LOGITS_LAST), first);
  ASSERT_OK(linnet_session_reset(session.get(), 1));
  EXPECT_EQ(linnet_session_batch(session.get()), 1);
  std::vector<float> single = forward(session.get(), {tokens.begin(), tokens.begin() + 6}, LINNET_LOGITS_LAST);
  EXPECT_EQ(single, std::vector<float>(first.begin(), first.begin() + 256));
  ASSERT_OK(linnet_session_reset(session.get(), 12));
  forward(session.get(), tokens, LINNET_LOGITS_LAST);
}

TEST_F(SessionTest, ArgumentErrors) {
  Owned<linnet_session> owned = makeSession(2);
  linnet_session *session = owned.get();
  std::vector<int32_t> tokens = {1, 2, 3, 4};
  const float *logits = nullptr;
  auto call = [&](int64_t B, int64_t T, int32_t mode = LINNET_LOGITS_ALL) {
    return linnet_session_forward(session, tokens.data(), B, T, mode, nullptr, &logits);
  };
  EXPECT_FAILURE(call(3, 1), LINNET_INVALID_ARGUMENT, "'B': expected 2, the batch of the session, got 3");
  EXPECT_FAILURE(call(2, 0), LINNET_INVALID_ARGUMENT, "'T': expected 1 or more, got 0");
  EXPECT_FAILURE(call(2, -7), LINNET_INVALID_ARGUMENT, "got -7");
  EXPECT_FAILURE(call(2, int64_t(1) << 60), LINNET_INVALID_ARGUMENT, "'T'", "too large");
  EXPECT_FAILURE(call(2, 2, 5), LINNET_INVALID_ARGUMENT, "'mode'", "got 5");
  tokens[3] = 256;
  EXPECT_FAILURE(call(2, 2), LINNET_INVALID_ARGUMENT, "'tokens' [1, 1]: expected 0 <= token < 256, got 256");
  tokens[3] = -1;
  EXPECT_FAILURE(linnet_session_step(session, &tokens[2], nullptr, &logits), LINNET_INVALID_ARGUMENT, "'tokens' [1, 0]",
                 "got -1");
  EXPECT_FAILURE(linnet_session_forward(session, nullptr, 2, 1, LINNET_LOGITS_ALL, nullptr, &logits),
                 LINNET_INVALID_ARGUMENT, "'tokens'");
  EXPECT_FAILURE(linnet_session_step(nullptr, tokens.data(), nullptr, &logits), LINNET_INVALID_ARGUMENT, "'session'");
  EXPECT_FAILURE(linnet_session_reset(session, 0), LINNET_INVALID_ARGUMENT, "'batch'", "got 0");
  EXPECT_FAILURE(linnet_session_reset(session, int64_t(1) << 60), LINNET_INVALID_ARGUMENT, "'batch'", "'sum'",
                 "too large");
  // Errors left the states alone.
  tokens = {1, 2, 3, 4};
  ASSERT_OK(call(2, 2));
  FakeReference reference(values);
  EXPECT_EQ(logits[0], reference.read(1)[0]);
}

TEST_F(SessionTest, TooLargeForMemory) {
  Owned<linnet_session> session = makeSession();
  EXPECT_FAILURE(linnet_session_reserve(session.get(), int64_t(1) << 43, LINNET_LOGITS_LAST), LINNET_OUT_OF_MEMORY,
                 "workspace", "bytes");
  // It still works.
  int32_t token = 3;
  EXPECT_OK(linnet_session_step(session.get(), &token, nullptr, nullptr));
}

TEST_F(SessionTest, CreateErrors) {
  linnet_session *session = nullptr;
  EXPECT_FAILURE(linnet_session_create(model.get(), nullptr, 1, &session), LINNET_INVALID_ARGUMENT, "'weights'",
                 "'fake'");
  EXPECT_FAILURE(linnet_session_create(model.get(), weights.get(), 0, &session), LINNET_INVALID_ARGUMENT, "'batch'");
  EXPECT_FAILURE(linnet_session_create(nullptr, weights.get(), 1, &session), LINNET_INVALID_ARGUMENT, "'model'");
  Owned<linnet_model> other = openFakeModel();
  EXPECT_FAILURE(linnet_session_create(other.get(), weights.get(), 1, &session), LINNET_MISMATCH, "'weights'",
                 "another model");
  EXPECT_EQ(session, nullptr);
}

TEST_F(SessionTest, ModelsThatAreNoTextModels) {
  linnet_model_info info = *linnet_model_get_info(model.get());
  std::vector<linnet_function> functions(info.functions, info.functions + info.function_count);
  info.functions = functions.data();
  std::vector<linnet_argument> arguments(functions[1].arguments, functions[1].arguments + functions[1].argument_count);
  functions[1].arguments = arguments.data();
  Owned<linnet_session> session;
  // A session keeps its weights and its model.
  auto create = [&] {
    linnet_model *made = nullptr;
    EXPECT_OK(linnet_model_from_info(&info, &made));
    Owned<linnet_model> ownedModel(made);
    linnet_weights *bound = nullptr;
    EXPECT_OK(linnet_weights_load(made, weightsPath.c_str(), nullptr, &bound));
    Owned<linnet_weights> ownedWeights(bound);
    linnet_session *created = nullptr;
    linnet_status status = linnet_session_create(made, bound, 1, &created);
    session.reset(created);
    return status;
  };
  ASSERT_OK(create());
  const int64_t oneSymbol[] = {-1, -1}, twoSymbols[] = {-1, -2, 256}, timeState[] = {-2, 4},
                oneSymbolLogits[] = {-1, -1, 256};
  const linnet_argument tokens = arguments[0], logits = arguments[8];
  arguments[0].dtype = LINNET_I64;
  EXPECT_FAILURE(create(), LINNET_UNSUPPORTED, "'forward'", "'tokens': expected i32 [B, T], got i64 [B, T]");
  arguments[0] = tokens;
  arguments[0].role = LINNET_OUTPUT;
  EXPECT_FAILURE(create(), LINNET_UNSUPPORTED, "expected one output");
  arguments[0] = tokens;
  arguments[8].dtype = LINNET_F16;
  EXPECT_FAILURE(create(), LINNET_UNSUPPORTED, "'logits': expected f32 [B, T, V], got f16 [B, T, 256]");
  arguments[8] = logits;
  arguments[8].shape = twoSymbols;
  ASSERT_OK(create());
  arguments[0].shape = oneSymbol;
  arguments[8].shape = oneSymbolLogits;
  EXPECT_FAILURE(create(), LINNET_UNSUPPORTED, "two symbols");
  arguments[0] = tokens;
  arguments[8] = logits;

  // A state that grows with T cannot be carried.
  for (size_t f = 1; f <= 3; ++f)
    functions[f].argument_count = 0;
  std::vector<linnet_argument> grows = arguments;
  grows[6].shape = grows[9].shape = timeState;
  functions[1].arguments = grows.data();
  functions[1].argument_count = static_cast<int32_t>(grows.size());
  functions[2].name = "a";
  functions[3].name = "b";
  EXPECT_FAILURE(create(), LINNET_UNSUPPORTED, "'sum'", "f32 [T, 4]");
  functions[1].name = "c";
  EXPECT_FAILURE(create(), LINNET_UNSUPPORTED, "'forward_last'");

  functions[1].name = "forward";
  functions[1].arguments = arguments.data();
  info.metadata = R"({"vocab_size": 200})";
  ASSERT_OK(create());
  int32_t token = 200;
  EXPECT_FAILURE(linnet_session_forward(session.get(), &token, 1, 1, LINNET_LOGITS_ALL, nullptr, nullptr),
                 LINNET_INVALID_ARGUMENT, "token < 200, got 200");
  EXPECT_FAILURE(linnet_session_forward(session.get(), &token, 1, 1, LINNET_LOGITS_LAST, nullptr, nullptr),
                 LINNET_NOT_FOUND, "'forward_last'");
  EXPECT_FAILURE(linnet_session_step(session.get(), &token, nullptr, nullptr), LINNET_NOT_FOUND, "'step'");
  info.metadata = R"({"vocab_size": "many"})";
  EXPECT_FAILURE(create(), LINNET_UNSUPPORTED, "'vocab_size'");
}

TEST_F(SessionTest, TheExampleProgram) {
  // Its text is what greedy decoding gives.
  std::string command = std::string("\"") + LINNET_EXAMPLE_GENERATE + "\" \"" + LINNET_FAKE_MODEL + "\" \"" +
                        directory.path + "\" abc 6 2>&1";
  FILE *pipe = popen(command.c_str(), "r");
  ASSERT_TRUE(pipe);
  char bytes[64];
  std::string text(bytes, fread(bytes, 1, sizeof(bytes), pipe));
  EXPECT_EQ(pclose(pipe), 0) << text;
  std::string expected = FakeReference(values).generate("abc", 6);
  EXPECT_EQ(text, expected + "\n");
}
