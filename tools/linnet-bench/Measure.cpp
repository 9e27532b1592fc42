//===- Measure.cpp - times a workload beside the loops -----------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Measure.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <thread>

using namespace linnet;

const std::pair<std::string, Timing> *Result::bestLoop() const {
  auto best = std::min_element(loops.begin(), loops.end(),
                               [](const auto &a, const auto &b) { return a.second.minimum < b.second.minimum; });
  return best == loops.end() ? nullptr : &*best;
}

static llvm::Error compare(const Case &subject, const Loop &loop) {
  double largest = 0, worst = 0;
  int64_t where = 0;
  for (int64_t i = 0; i < subject.resultCount; ++i) {
    double distance = std::fabs(static_cast<double>(subject.result[i]) - loop.result[i]);
    largest = std::max<double>(largest, std::fabs(loop.result[i]));
    if (distance > worst || std::isnan(distance)) {
      worst = distance;
      where = i;
      if (std::isnan(distance))
        break;
    }
  }
  if (worst <= subject.tolerance * largest)
    return llvm::Error::success();
  return llvm::createStringError("the results differ: element " + llvm::Twine(where) + " is " +
                                 std::to_string(subject.result[where]) + ", and " + std::to_string(loop.result[where]) +
                                 " by the loop '" + loop.name + "'");
}

llvm::Error linnet::checkCase(const Case &subject) {
  if (subject.check)
    if (llvm::Error error = subject.check())
      return error;
  if (subject.loops.empty())
    return llvm::Error::success();
  if (llvm::Error error = subject.linnet(1))
    return error;
  if (subject.widenResult)
    subject.widenResult();
  for (const Loop &loop : subject.loops) {
    loop.body(0, loop.blocks);
    if (llvm::Error error = compare(subject, loop))
      return error;
  }
  return llvm::Error::success();
}

/// A slow workload ends after these.
static constexpr int kFewRuns = 5;
static constexpr double kManySeconds = 6;

static Timing summarize(std::vector<double> times) {
  std::sort(times.begin(), times.end());
  return {times.front(), times[times.size() / 2]};
}

llvm::Expected<Result> linnet::measure(const Case &subject, Team &team, int runs, LimitMeter &meter, Limits &limits) {
  Result result;
  std::vector<double> linnetTimes;
  std::vector<std::vector<double>> loopTimes(subject.loops.size());
  // A side runs once untimed before each timed run: its arrays are where they were, and its threads awake. Those of the
  // other side, which spin for a while after their work, are given time to fall asleep before that.
  auto time = [&](llvm::function_ref<llvm::Error()> side) -> llvm::Expected<double> {
    if (team.size() > 1)
      std::this_thread::sleep_for(std::chrono::milliseconds(30));
    if (llvm::Error error = side())
      return std::move(error);
    Stopwatch watch;
    if (llvm::Error error = side())
      return std::move(error);
    return watch.seconds();
  };
  BusyMeter busy;
  Stopwatch total;
  for (int run = -1; run < runs && (run < kFewRuns || total.seconds() < kManySeconds); ++run) { // the first warms up
    meter.measureAgain(subject.bound, team, limits);
    llvm::Expected<double> seconds = time([&] { return subject.linnet(team.size()); });
    if (!seconds)
      return seconds.takeError();
    if (run >= 0)
      linnetTimes.push_back(*seconds);
    for (auto [loop, times] : llvm::zip(subject.loops, loopTimes)) {
      llvm::Expected<double> seconds = time([&team, loop = &loop] {
        team.run(loop->blocks, loop->body);
        return llvm::Error::success();
      });
      if (!seconds)
        return seconds.takeError();
      if (run >= 0)
        times.push_back(*seconds);
    }
    if (run < 0) // now both have their threads
      team.placeOtherThreads();
  }
  result.busy = busy.read();
  result.threads = team.size();
  result.linnet = summarize(linnetTimes);
  for (auto [loop, times] : llvm::zip(subject.loops, loopTimes))
    result.loops.emplace_back(loop.name, summarize(times));
  result.bound = subject.bound;
  result.goal = subject.goal;
  result.items = subject.items;
  result.unit = subject.unit;
  return std::move(result);
}
