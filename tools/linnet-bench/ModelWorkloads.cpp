//===- ModelWorkloads.cpp - models that read and write text ------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Workload.h"

#include <algorithm>
#include <cmath>

using namespace linnet;

namespace {
struct Parts {
  OwnedModel model;
  OwnedWeights weights;
  OwnedSession session;
  std::vector<int32_t> tokens;
};
} // namespace

static llvm::Error step(Parts &parts, const float *&logits) {
  for (int32_t token : parts.tokens)
    if (llvm::Error error = checkStatus(linnet_session_step(parts.session.get(), &token, nullptr, &logits)))
      return error;
  return llvm::Error::success();
}

static llvm::Error forward(Parts &parts, const float *&logits) {
  return checkStatus(linnet_session_forward(parts.session.get(), parts.tokens.data(), 1,
                                            static_cast<int64_t>(parts.tokens.size()), LINNET_LOGITS_LAST, nullptr,
                                            &logits));
}

/// Reading all tokens at once and one after the other must lead to the same logits.
static llvm::Error checkBothWays(Parts &parts) {
  size_t vocabulary = static_cast<size_t>(linnet_session_vocabulary(parts.session.get()));
  const float *logits;
  if (llvm::Error error = forward(parts, logits))
    return error;
  std::vector<float> atOnce(logits, logits + vocabulary);
  if (llvm::Error error = checkStatus(linnet_session_reset(parts.session.get(), 1)))
    return error;
  if (llvm::Error error = step(parts, logits))
    return error;
  for (size_t i = 0; i < vocabulary; ++i)
    if (!(std::fabs(atOnce[i] - logits[i]) <= 1e-3))
      return llvm::createStringError("logit " + llvm::Twine(i) + " is " + std::to_string(atOnce[i]) +
                                     " for all tokens at once, " + std::to_string(logits[i]) + " for one by one");
  return checkStatus(linnet_session_reset(parts.session.get(), 1));
}

static double elements(const linnet_argument &argument) {
  double count = 1;
  for (int32_t i = 0; i < argument.rank; ++i)
    count *= static_cast<double>(std::max<int64_t>(argument.shape[i], 1)); // of one sequence
  return count;
}

llvm::Expected<Case> linnet::makeModel(const std::string &directory, int64_t tokens, bool atOnce) {
  llvm::Expected<OwnedModel> model = compileCheckpoint(directory);
  if (!model)
    return model.takeError();
  auto parts = std::make_shared<Parts>();
  parts->model = std::move(*model);
  linnet_weights *weights = nullptr;
  if (llvm::Error error = checkStatus(linnet_weights_load(parts->model.get(), directory.c_str(), nullptr, &weights)))
    return std::move(error);
  parts->weights.reset(weights);
  linnet_session *session = nullptr;
  if (llvm::Error error = checkStatus(linnet_session_create(parts->model.get(), weights, 1, &session)))
    return std::move(error);
  parts->session.reset(session);
  for (int64_t i = 0; i < tokens; ++i)
    parts->tokens.push_back(static_cast<int32_t>('a' + i * 7 % 26));

  Case result;
  result.linnet = [parts = parts.get(), atOnce](int threads) -> llvm::Error {
    const float *logits;
    if (linnet_num_threads() != threads)
      if (llvm::Error error = checkStatus(linnet_set_num_threads(threads)))
        return error;
    return atOnce ? forward(*parts, logits) : step(*parts, logits);
  };
  result.check = [parts = parts.get()] { return checkBothWays(*parts); };

  // Every weight is multiplied once for a token; each token makes a step of every state that is summed. A token alone
  // reads all weights, from the last cache where they fit there.
  double weightCount = 0, stepOps = 0;
  for (int32_t i = 0; i < linnet_model_weight_count(parts->model.get()); ++i)
    weightCount += elements(*linnet_model_weight(parts->model.get(), i));
  for (int32_t i = 0; i < linnet_model_state_count(parts->model.get()); ++i) {
    const linnet_argument &state = *linnet_model_state(parts->model.get(), i);
    if (state.rank == 4) // [B, H, K, V] of linear attention: k v^T is added and q read, one FMA each
      stepOps += 2.0 / 16 * elements(state);
    else if (state.shape[state.rank - 1] == 16) // [B, D, N] of the selective scan
      stepOps += 136.0 / 256 * elements(state);
  }
  result.items = static_cast<double>(tokens);
  result.unit = "tokens";
  if (atOnce) {
    result.bound.vectorOps = result.items * (stepOps + weightCount / 16);
  } else {
    result.bound.vectorOps = result.items * stepOps;
    result.bound.bytes = result.items * 4 * weightCount;
    result.bound.pattern = Bound::Pattern::Read;
    result.bound.inCache = 4 * weightCount < 16e6;
  }
  result.keep = std::move(parts);
  return std::move(result);
}
