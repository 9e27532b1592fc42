//===- States.cpp - reading, writing and keeping states -------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Error.h"
#include "Safetensors.h"
#include "Session.h"
#include "Shape.h"

#include <algorithm>
#include <cstring>

using namespace linnet::runtime;

/// Entries of a state file's metadata.
static constexpr char formatKey[] = "linnet.format";
static constexpr char formatValue[] = "states 1";
static constexpr char modelKey[] = "linnet.model";

static linnet_status findState(const Session &session, const char *name, size_t bytes, int32_t &index) {
  const Model &model = session.model();
  index = model.states().indexOf(name);
  if (index < 0)
    return fail(LINNET_NOT_FOUND, "model ", quote(model.info().name), " has no state ", quote(name));
  int64_t expected = session.stateBytes(index);
  if (static_cast<uint64_t>(expected) != bytes)
    return fail(LINNET_INVALID_ARGUMENT, "argument 'bytes': expected ", expected, " for state ", quote(name), ", got ",
                bytes);
  return LINNET_OK;
}

/// Checks a file's tensor against a state; `stored` is null if it has none.
static linnet_status checkStored(const std::string &path, const linnet_tensor &state, const StoredTensor *stored) {
  if (!stored)
    return fail(LINNET_MISMATCH, quote(path), ": state ", quote(state.name), " is missing");
  if (stored->dtype == state.dtype && stored->shape.size() == static_cast<size_t>(state.rank) &&
      std::equal(stored->shape.begin(), stored->shape.end(), state.shape))
    return LINNET_OK;
  const char *dtype = stored->dtype >= 0 ? linnet_dtype_name(stored->dtype) : stored->dtypeName.c_str();
  return fail(LINNET_MISMATCH, quote(path), ": state ", quote(state.name), ": expected ",
              showTensor(linnet_dtype_name(state.dtype), state.shape, state.rank), ", got ",
              showTensor(dtype, stored->shape.data(), static_cast<int32_t>(stored->shape.size())));
}

static linnet_status save(const Session &session, const char *path) {
  std::vector<linnet_tensor> tensors;
  for (int32_t i = 0; i < session.model().states().size(); ++i)
    tensors.push_back(session.state(i));
  return writeSafetensors(path, tensors, {{formatKey, formatValue}, {modelKey, session.model().info().name}});
}

static linnet_status restore(Session &session, const char *path) {
  SafetensorsFile file;
  LINNET_TRY(file.open(path));
  const std::string *format = file.metadata(formatKey);
  if (!format || *format != formatValue)
    return fail(LINNET_MISMATCH, quote(path), " is not a state file: expected metadata '", formatKey, "' to be '",
                formatValue, "', got ", format ? quote(*format) : "none");
  const Model &model = session.model();
  const std::string *owner = file.metadata(modelKey);
  if (!owner || *owner != model.info().name)
    return fail(LINNET_MISMATCH, quote(path), ": expected the states of model ", quote(model.info().name), ", got ",
                owner ? "those of " + quote(*owner) : "no name");
  for (const StoredTensor &stored : file.tensors())
    if (model.states().indexOf(stored.name) < 0)
      return fail(LINNET_MISMATCH, quote(path), ": the model has no state ", quote(stored.name));
  int32_t count = model.states().size();
  for (int32_t i = 0; i < count; ++i) {
    linnet_tensor state = session.state(i);
    LINNET_TRY(checkStored(path, state, file.find(state.name)));
  }
  for (int32_t i = 0; i < count; ++i) {
    const StoredTensor *stored = file.find(model.states()[i].name);
    std::memcpy(session.stateData(i), stored->data, static_cast<size_t>(stored->bytes()));
  }
  return LINNET_OK;
}

extern "C" linnet_status linnet_session_state(const linnet_session *session, int32_t index, linnet_tensor *tensor) {
  return guarded([&] {
    LINNET_TRY(checkNotNull(session, "session"));
    LINNET_TRY(checkNotNull(tensor, "tensor"));
    LINNET_TRY(session->session.checkUsable());
    int32_t count = session->session.model().states().size();
    if (index < 0 || index >= count)
      return fail(LINNET_INVALID_ARGUMENT, "argument 'index': expected 0 <= index < ", count, ", got ", index);
    *tensor = session->session.state(index);
    return LINNET_OK;
  });
}

extern "C" linnet_status linnet_session_get_state(const linnet_session *session, const char *name, void *data,
                                                  size_t bytes) {
  return guarded([&] {
    LINNET_TRY(checkNotNull(session, "session"));
    LINNET_TRY(checkNotNull(name, "name"));
    LINNET_TRY(checkNotNull(data, "data"));
    LINNET_TRY(session->session.checkUsable());
    int32_t index;
    LINNET_TRY(findState(session->session, name, bytes, index));
    std::memcpy(data, session->session.state(index).data, bytes);
    return LINNET_OK;
  });
}

extern "C" linnet_status linnet_session_set_state(linnet_session *session, const char *name, const void *data,
                                                  size_t bytes) {
  return guarded([&] {
    LINNET_TRY(checkNotNull(session, "session"));
    LINNET_TRY(checkNotNull(name, "name"));
    LINNET_TRY(checkNotNull(data, "data"));
    LINNET_TRY(session->session.checkUsable());
    int32_t index;
    LINNET_TRY(findState(session->session, name, bytes, index));
    std::memcpy(session->session.stateData(index), data, bytes);
    return LINNET_OK;
  });
}

extern "C" linnet_status linnet_session_save(const linnet_session *session, const char *path) {
  return guarded([&] {
    LINNET_TRY(checkNotNull(session, "session"));
    LINNET_TRY(checkNotNull(path, "path"));
    LINNET_TRY(session->session.checkUsable());
    return save(session->session, path);
  });
}

extern "C" linnet_status linnet_session_restore(linnet_session *session, const char *path) {
  return guarded([&] {
    LINNET_TRY(checkNotNull(session, "session"));
    LINNET_TRY(checkNotNull(path, "path"));
    LINNET_TRY(session->session.checkUsable());
    return restore(session->session, path);
  });
}
