//===- Profile.cpp - time per operation -----------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Error.h"
#include "Model.h"

#include <algorithm>
#include <new>
#include <sys/syscall.h>
#include <unistd.h>

using namespace linnet::runtime;

/// Events of one model; the later ones of a longer profile are not kept.
static constexpr size_t mostEvents = size_t(1) << 18;

static int64_t inNanoseconds(Profile::Clock::duration time) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(time).count();
}

void Profile::record(int32_t function, int32_t op, Clock::time_point begin, Clock::time_point end,
                     const int64_t *symbols, int32_t symbolCount) {
  static thread_local const int64_t thread = syscall(SYS_gettid);
  std::lock_guard<std::mutex> guard(lock);
  if (events.size() >= mostEvents)
    return;
  const int64_t *kept = nullptr;
  if (symbolCount)
    kept = symbolsOfCalls.emplace_back(symbols, symbols + symbolCount).data();
  events.push_back({function, op, thread, inNanoseconds(begin.time_since_epoch()), inNanoseconds(end - begin), kept});
}

size_t Profile::copyEvents(linnet_profile_event *copies, size_t capacity) const {
  std::lock_guard<std::mutex> guard(lock);
  std::copy_n(events.begin(), std::min(capacity, events.size()), copies);
  return events.size();
}

void Profile::reset() {
  for (int32_t i = -1; i < opCount; ++i)
    op(i).reset();
  total_.reset();
  std::lock_guard<std::mutex> guard(lock);
  events.clear();
  symbolsOfCalls.clear();
}

ProfileTimer::~ProfileTimer() {
  if (!level)
    return;
  Profile::Clock::time_point end = Profile::Clock::now();
  (function >= 0 ? profile.total() : profile.op(op)).add(inNanoseconds(end - begin));
  if (level < LINNET_PROFILE_EVENTS)
    return;
  try {
    profile.record(function, op, begin, end, symbols, symbolCount);
  } catch (const std::bad_alloc &) {
    // A profile that lacks an event; the run goes on.
  }
}

extern "C" void linnet_profile_enable(int level) {
  profiling.store(std::clamp<int>(level, LINNET_PROFILE_OFF, LINNET_PROFILE_EVENTS), std::memory_order_relaxed);
}

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

extern "C" linnet_status linnet_profile_events(const linnet_model *model, linnet_profile_event *events, size_t capacity,
                                               size_t *count) {
  return guarded([&] {
    LINNET_TRY(checkNotNull(model, "model"));
    LINNET_TRY(checkNotNull(count, "count"));
    if (capacity)
      LINNET_TRY(checkNotNull(events, "events"));
    *count = model->shared->profile().copyEvents(events, capacity);
    return LINNET_OK;
  });
}

extern "C" linnet_status linnet_profile_reset(const linnet_model *model) {
  return guarded([&] {
    LINNET_TRY(checkNotNull(model, "model"));
    model->shared->profile().reset();
    return LINNET_OK;
  });
}
