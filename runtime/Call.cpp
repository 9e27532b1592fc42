//===- Call.cpp - one call of one function --------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Error.h"
#include "Model.h"
#include "Shape.h"

using namespace linnet::runtime;

/// Takes a workspace for one call.
namespace {
class WorkspaceScope {
public:
  explicit WorkspaceScope(WorkspacePool &pool) : pool(pool), slot(pool.acquire()) {}
  WorkspaceScope(const WorkspaceScope &) = delete;
  WorkspaceScope &operator=(const WorkspaceScope &) = delete;
  ~WorkspaceScope() { pool.release(slot); }

  Buffer &buffer() { return slot.buffer; }

private:
  WorkspacePool &pool;
  WorkspacePool::Slot &slot;
};
} // namespace

static linnet_status checkBuffers(const linnet_model_info &info, const linnet_function &function, void *const *buffers,
                                  const int64_t *symbols) {
  for (int32_t i = 0; i < function.argument_count; ++i) {
    const linnet_argument &argument = function.arguments[i];
    auto wrong = [&](const auto &...parts) {
      return fail(LINNET_INVALID_ARGUMENT, "function ", quote(function.name), ": argument ", quote(argument.name), ": ",
                  parts...);
    };
    int64_t bytes;
    if (!tensorBytes(argument, symbols, bytes))
      return wrong(showTensor(argument.dtype, resolveShape(argument, symbols)), " is too large");
    if (!buffers[i] && bytes)
      return wrong("expected a buffer for ", showArgument(argument, info), ", got NULL");
    if (reinterpret_cast<uintptr_t>(buffers[i]) % linnet_dtype_bytes(argument.dtype))
      return wrong("expected a buffer aligned to ", linnet_dtype_bytes(argument.dtype), " bytes");
  }
  return LINNET_OK;
}

extern "C" linnet_status linnet_call(const linnet_model *model, int32_t function, int32_t threads, void *const *buffers,
                                     const int64_t *symbols) {
  return guarded([&] {
    LINNET_TRY(checkNotNull(model, "model"));
    const linnet_model_info &info = model->shared->info();
    if (function < 0 || function >= info.function_count)
      return fail(LINNET_INVALID_ARGUMENT, "argument 'function': expected 0 <= function < ", info.function_count,
                  ", got ", function);
    if (threads < 0)
      return fail(LINNET_INVALID_ARGUMENT, "argument 'threads': expected 0 or more, got ", threads);
    if (info.functions[function].argument_count)
      LINNET_TRY(checkNotNull(buffers, "buffers"));
    if (info.symbol_count)
      LINNET_TRY(checkNotNull(symbols, "symbols"));
    for (int32_t i = 0; i < info.symbol_count; ++i)
      if (symbols[i] < 0)
        return fail(LINNET_INVALID_ARGUMENT, "argument 'symbols': ", quote(info.symbols[i]),
                    ": expected 0 or more, got ", symbols[i]);
    LINNET_TRY(checkBuffers(info, info.functions[function], buffers, symbols));

    int64_t bytes;
    LINNET_TRY(model->shared->workspaceBytes(function, symbols, bytes));
    WorkspaceScope workspace(model->shared->workspaces());
    LINNET_TRY(workspace.buffer().reserve(bytes, "workspace"));
    return model->shared->run(function, threads, buffers, symbols, workspace.buffer().data());
  });
}
