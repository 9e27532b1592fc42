//===- Profile.cpp - time per operation -----------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Error.h"
#include "Model.h"

using namespace linnet::runtime;

extern "C" void linnet_profile_enable(int enabled) { profiling.store(enabled != 0, std::memory_order_relaxed); }

static linnet_profile_row makeRow(const char *name, const char *kind, const ProfileCounter &counter) {
  return {name, kind, counter.calls.load(std::memory_order_relaxed),
          counter.nanoseconds.load(std::memory_order_relaxed)};
}

extern "C" linnet_status linnet_profile_report(const linnet_model *model, linnet_profile_row *rows, size_t capacity,
                                               size_t *count, linnet_profile_row *total) {
  return guarded([&] {
    LINNET_TRY(checkNotNull(model, "model"));
    LINNET_TRY(checkNotNull(count, "count"));
    if (capacity)
      LINNET_TRY(checkNotNull(rows, "rows"));
    const linnet_model_info &info = model->shared->info();
    Profile &profile = model->shared->profile();
    size_t found = 0;
    auto add = [&](const linnet_profile_row &row) {
      if (!row.calls)
        return;
      if (found < capacity)
        rows[found] = row;
      ++found;
    };
    for (int32_t op = 0; op < info.op_count; ++op)
      add(makeRow(info.ops[op].name, info.ops[op].kind, profile.op(op)));
    add(makeRow("", "", profile.op(-1)));
    *count = found;
    if (total)
      *total = makeRow("", "", profile.total());
    return LINNET_OK;
  });
}

extern "C" linnet_status linnet_profile_reset(const linnet_model *model) {
  return guarded([&] {
    LINNET_TRY(checkNotNull(model, "model"));
    Profile &profile = model->shared->profile();
    for (int32_t op = -1; op < model->shared->info().op_count; ++op)
      profile.op(op).reset();
    profile.total().reset();
    return LINNET_OK;
  });
}
