//===- Session.cpp - a model's running state ------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Session.h"

#include "Error.h"
#include "Shape.h"

#include <cstring>
#include <limits>
#include <utility>

using namespace linnet::runtime;

Session::Session(std::shared_ptr<const Model> model, std::shared_ptr<const Weights> weights)
    : model_(std::move(model)), weights(std::move(weights)), states(model_->states().size()),
      // Symbols that nothing here gives a value can only be of functions that
      // a session does not call.
      symbols(model_->info().symbol_count, 1) {}

linnet_status Session::initialise() {
  bool any = false;
  for (Entry *entry : {&forwardAll, &forwardLast, &oneStep}) {
    entry->function = model_->findFunction(entry->name);
    if (entry->function < 0)
      continue;
    LINNET_TRY(bindEntry(*entry));
    any = true;
  }
  if (!any)
    return fail(LINNET_UNSUPPORTED, "model ", quote(model_->info().name),
                " has none of the functions 'forward', 'forward_last', 'step'");
  LINNET_TRY(checkStateShapes());
  return readTokenLimit();
}

linnet_status Session::bindEntry(Entry &entry) {
  int32_t count = functionOf(entry).argument_count;
  entry.buffers.resize(count);
  for (int32_t i = 0; i < count; ++i)
    LINNET_TRY(bindArgument(entry, i));
  return checkTokensAndLogits(entry);
}

linnet_status Session::bindArgument(Entry &entry, int32_t index) {
  const linnet_argument &argument = functionOf(entry).arguments[index];
  auto takeOnly = [&](int32_t &place, const char *what) {
    if (place >= 0)
      return fail(LINNET_UNSUPPORTED, "function ", quote(entry.name), ": expected one ", what, ", got also ",
                  quote(argument.name));
    place = index;
    return LINNET_OK;
  };
  switch (argument.role) {
  case LINNET_INPUT:
    return takeOnly(entry.tokens, "input, the tokens");
  case LINNET_OUTPUT:
    return takeOnly(entry.logits, "output, the logits");
  case LINNET_STATE_IN:
    entry.read.push_back({index, model_->states().indexOf(argument.name)});
    return LINNET_OK;
  case LINNET_STATE_OUT:
    entry.written.push_back({index, model_->states().indexOf(argument.name)});
    return LINNET_OK;
  default:
    if (!weights)
      return fail(LINNET_INVALID_ARGUMENT, "argument 'weights': expected the weights of model ",
                  quote(model_->info().name), ", got NULL");
    // Only read, but the ABI has one type for all buffers.
    entry.buffers[index] = const_cast<void *>(weights->data(argument));
    return LINNET_OK;
  }
}

linnet_status Session::checkTokensAndLogits(const Entry &entry) {
  const linnet_function &function = functionOf(entry);
  auto wrong = [&](const auto &...parts) {
    return fail(LINNET_UNSUPPORTED, "function ", quote(entry.name), ": ", parts...);
  };
  if (entry.tokens < 0 || entry.logits < 0)
    return wrong("expected an input, the tokens, and an output, the logits");
  const linnet_model_info &info = model_->info();
  const linnet_argument &tokens = function.arguments[entry.tokens];
  if (tokens.dtype != LINNET_I32 || tokens.rank != entry.rank)
    return wrong(quote(tokens.name), ": expected i32 ", entry.rank == 2 ? "[B, T]" : "[B]", ", got ",
                 showArgument(tokens, info));
  const linnet_argument &logits = function.arguments[entry.logits];
  int32_t positions = entry.everyPosition ? 2 : 1;
  bool fits = logits.dtype == LINNET_F32 && logits.rank == positions + 1 && logits.shape[positions] > 0;
  for (int32_t i = 0; fits && i < positions; ++i)
    fits = logits.shape[i] == tokens.shape[i];
  if (!fits)
    return wrong(quote(logits.name), ": expected f32 ", entry.everyPosition ? "[B, T, V]" : "[B, V]", ", got ",
                 showArgument(logits, info));
  // All functions must mean the same by B and V.
  if (!vocabulary_) {
    batchSize = tokens.shape[0];
    vocabulary_ = logits.shape[positions];
  } else if (batchSize != tokens.shape[0] || vocabulary_ != logits.shape[positions]) {
    return wrong("expected tokens and logits of the same sizes as in the "
                 "model's other functions");
  }
  if (entry.rank == 2 && tokens.shape[1] < 0 && tokens.shape[1] == batchSize)
    return wrong("expected two symbols for B and T, got one");
  return LINNET_OK;
}

linnet_status Session::checkStateShapes() {
  for (int32_t i = 0; i < model_->states().size(); ++i) {
    const linnet_argument &state = model_->states()[i];
    for (int32_t d = 0; d < state.rank; ++d)
      if (state.shape[d] < 0 && state.shape[d] != batchSize)
        return fail(LINNET_UNSUPPORTED, "state ", quote(state.name), ": expected no size but the batch to vary, got ",
                    showArgument(state, model_->info()));
  }
  return LINNET_OK;
}

linnet_status Session::readTokenLimit() {
  tokenLimit = vocabulary_;
  if (!model_->hasMetadata("vocab_size"))
    return LINNET_OK;
  auto found = model_->integers().find("vocab_size");
  constexpr int64_t most = std::numeric_limits<int32_t>::max();
  if (found == model_->integers().end() || found->second < 1 || found->second > most)
    return fail(LINNET_UNSUPPORTED, "metadata of model ", quote(model_->info().name),
                ": 'vocab_size': expected an integer from 1 to ", most);
  tokenLimit = found->second;
  return LINNET_OK;
}

linnet_status Session::reset(int64_t batch) {
  if (batch < 1)
    return fail(LINNET_INVALID_ARGUMENT, "argument 'batch': expected 1 or more, got ", batch);
  if (batchSize >= 0 && batch != batchSize)
    return fail(LINNET_INVALID_ARGUMENT, "argument 'batch': expected ", batchSize,
                ", the size the model was compiled for, got ", batch);
  if (batchSize < 0)
    symbols[-1 - batchSize] = batch;
  // Of all sizes first, so that the usual mistake leaves the session as it is.
  for (int32_t i = 0; i < model_->states().size(); ++i) {
    int64_t bytes;
    if (!tensorBytes(model_->states()[i], symbols.data(), bytes))
      return fail(LINNET_INVALID_ARGUMENT, "argument 'batch': state ", quote(model_->states()[i].name),
                  " is too large for ", batch, " sequences");
  }
  // Until there is memory for all states no call may run.
  batch_ = 0;
  for (int32_t i = 0; i < model_->states().size(); ++i) {
    const linnet_argument &argument = model_->states()[i];
    State &state = states[i];
    tensorBytes(argument, symbols.data(), state.bytes);
    LINNET_TRY(state.now.reserve(state.bytes, argument.name));
    LINNET_TRY(state.next.reserve(state.bytes, argument.name));
    std::memset(state.now.data(), 0, static_cast<size_t>(state.bytes));
    state.shape.resize(argument.rank);
    for (int32_t d = 0; d < argument.rank; ++d)
      state.shape[d] = argument.shape[d] >= 0 ? argument.shape[d] : batch;
  }
  batch_ = batch;
  // So that no step ever allocates.
  return oneStep.function < 0 ? LINNET_OK : makeRoom(oneStep, 1, true);
}

linnet_status Session::makeRoom(const Entry &entry, int64_t T, bool needLogits) {
  const linnet_function &function = functionOf(entry);
  const linnet_argument &tokens = function.arguments[entry.tokens];
  if (batchSize < 0)
    symbols[-1 - batchSize] = batch_;
  if (entry.rank == 2) {
    int64_t size = tokens.shape[1];
    if (size >= 0 && size != T)
      return fail(LINNET_INVALID_ARGUMENT, "argument 'T': expected ", size,
                  ", the size the model was compiled for, got ", T);
    if (size < 0)
      symbols[-1 - size] = T;
  }
  int64_t tokenBytes, logitsBytes, workspaceBytes;
  if (!tensorBytes(tokens, symbols.data(), tokenBytes) ||
      !tensorBytes(function.arguments[entry.logits], symbols.data(), logitsBytes))
    return fail(LINNET_INVALID_ARGUMENT, "argument 'T': tokens and logits are too large for ", batch_, " x ", T,
                " tokens");
  LINNET_TRY(model_->workspaceBytes(entry.function, symbols.data(), workspaceBytes));
  LINNET_TRY(workspace.reserve(workspaceBytes, "workspace"));
  return needLogits ? ownLogits.reserve(logitsBytes, "logits") : LINNET_OK;
}

linnet_status Session::findEntry(int32_t mode, Entry *&entry) {
  if (mode != LINNET_LOGITS_ALL && mode != LINNET_LOGITS_LAST)
    return fail(LINNET_INVALID_ARGUMENT,
                "argument 'mode': expected LINNET_LOGITS_ALL or "
                "LINNET_LOGITS_LAST, got ",
                mode);
  entry = mode == LINNET_LOGITS_ALL ? &forwardAll : &forwardLast;
  if (entry->function < 0)
    return fail(LINNET_NOT_FOUND, "model ", quote(model_->info().name), " has no function ", quote(entry->name));
  return LINNET_OK;
}

static linnet_status checkLength(int64_t T) {
  if (T >= 1)
    return LINNET_OK;
  return fail(LINNET_INVALID_ARGUMENT, "argument 'T': expected 1 or more, got ", T);
}

linnet_status Session::reserve(int64_t T, int32_t mode) {
  LINNET_TRY(checkUsable());
  LINNET_TRY(checkLength(T));
  Entry *entry;
  LINNET_TRY(findEntry(mode, entry));
  return makeRoom(*entry, T, true);
}

linnet_status Session::checkTokens(const int32_t *tokens, int64_t T) const {
  for (int64_t b = 0; b < batch_; ++b)
    for (int64_t t = 0; t < T; ++t) {
      int64_t token = tokens[b * T + t];
      if (token < 0 || token >= tokenLimit)
        return fail(LINNET_INVALID_ARGUMENT, "argument 'tokens' [", b, ", ", t, "]: expected 0 <= token < ", tokenLimit,
                    ", got ", token);
    }
  return LINNET_OK;
}

linnet_status Session::run(Entry &entry, const int32_t *tokens, int64_t T, float *logits, const float **result) {
  LINNET_TRY(makeRoom(entry, T, !logits));
  LINNET_TRY(checkTokens(tokens, T));
  if (!logits)
    logits = static_cast<float *>(ownLogits.data());
  entry.buffers[entry.tokens] = const_cast<int32_t *>(tokens);
  entry.buffers[entry.logits] = logits;
  for (const Entry::StateUse &use : entry.read)
    entry.buffers[use.argument] = states[use.state].now.data();
  for (const Entry::StateUse &use : entry.written)
    entry.buffers[use.argument] = states[use.state].next.data();
  LINNET_TRY(model_->run(entry.function, 0, entry.buffers.data(), symbols.data(), workspace.data()));
  for (const Entry::StateUse &use : entry.written)
    std::swap(states[use.state].now, states[use.state].next);
  if (result)
    *result = logits;
  return LINNET_OK;
}

linnet_status Session::forward(const int32_t *tokens, int64_t B, int64_t T, int32_t mode, float *logits,
                               const float **result) {
  LINNET_TRY(checkUsable());
  if (B != batch_)
    return fail(LINNET_INVALID_ARGUMENT, "argument 'B': expected ", batch_, ", the batch of the session, got ", B);
  LINNET_TRY(checkLength(T));
  Entry *entry;
  LINNET_TRY(findEntry(mode, entry));
  return run(*entry, tokens, T, logits, result);
}

linnet_status Session::checkUsable() const {
  if (batch_)
    return LINNET_OK;
  return fail(LINNET_INVALID_ARGUMENT, "argument 'session': its last reset failed");
}

linnet_status Session::step(const int32_t *tokens, float *logits, const float **result) {
  LINNET_TRY(checkUsable());
  if (oneStep.function < 0)
    return fail(LINNET_NOT_FOUND, "model ", quote(model_->info().name), " has no function 'step'");
  return run(oneStep, tokens, 1, logits, result);
}

linnet_tensor Session::state(int32_t index) const {
  const linnet_argument &argument = model_->states()[index];
  return {argument.name, argument.dtype, argument.rank, states[index].shape.data(), states[index].now.data()};
}

extern "C" linnet_status linnet_session_create(const linnet_model *model, const linnet_weights *weights, int64_t batch,
                                               linnet_session **session) {
  return guarded([&] {
    LINNET_TRY(checkNotNull(model, "model"));
    LINNET_TRY(checkNotNull(session, "session"));
    std::shared_ptr<const Weights> bound;
    if (weights)
      bound = weights->shared;
    if (bound && &bound->model() != model->shared.get())
      return fail(LINNET_MISMATCH, "argument 'weights': bound to another model, ", quote(bound->model().info().name));
    std::unique_ptr<linnet_session> made(new linnet_session{{model->shared, std::move(bound)}});
    LINNET_TRY(made->session.initialise());
    LINNET_TRY(made->session.reset(batch));
    *session = made.release();
    return LINNET_OK;
  });
}

extern "C" void linnet_session_free(linnet_session *session) { delete session; }

extern "C" linnet_status linnet_session_reset(linnet_session *session, int64_t batch) {
  return guarded([&] {
    LINNET_TRY(checkNotNull(session, "session"));
    return session->session.reset(batch);
  });
}

extern "C" linnet_status linnet_session_reserve(linnet_session *session, int64_t T, int32_t mode) {
  return guarded([&] {
    LINNET_TRY(checkNotNull(session, "session"));
    return session->session.reserve(T, mode);
  });
}

extern "C" int64_t linnet_session_batch(const linnet_session *session) {
  return session ? session->session.batch() : 0;
}

extern "C" int64_t linnet_session_vocabulary(const linnet_session *session) {
  return session ? session->session.vocabulary() : 0;
}

extern "C" linnet_status linnet_session_forward(linnet_session *session, const int32_t *tokens, int64_t B, int64_t T,
                                                int32_t mode, float *logits, const float **result) {
  return guarded([&] {
    LINNET_TRY(checkNotNull(session, "session"));
    LINNET_TRY(checkNotNull(tokens, "tokens"));
    return session->session.forward(tokens, B, T, mode, logits, result);
  });
}

extern "C" linnet_status linnet_session_step(linnet_session *session, const int32_t *tokens, float *logits,
                                             const float **result) {
  return guarded([&] {
    LINNET_TRY(checkNotNull(session, "session"));
    LINNET_TRY(checkNotNull(tokens, "tokens"));
    return session->session.step(tokens, logits, result);
  });
}
