//===- Report.cpp - what was measured, for people and programs ---------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Report.h"

#include "llvm/Support/Format.h"

#include <algorithm>
#include <set>

using namespace linnet;

static std::string number(double value, int digits) {
  if (!(value > 0))
    return "-";
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format("%.*f", digits, value);
  return text;
}

static std::string milliseconds(double seconds) {
  double ms = seconds * 1e3;
  return number(ms, ms < 1 ? 4 : ms < 100 ? 3 : 1);
}

static std::string share(double limit, double seconds) {
  std::string percent = number(limit / seconds * 100, 0);
  return percent == "-" ? percent : percent + " %";
}

/// What a run achieves, in the unit that readers of such a workload think in.
static std::string rate(const Result &result) {
  double seconds = result.linnet.minimum;
  if (result.unit == "bytes")
    return number(result.items / seconds * 1e-9, 1) + " GB/s";
  if (result.unit == "state steps")
    return number(seconds * 1e9 / result.items * result.threads, 3) + " ns a state step and thread";
  return number(result.items / seconds, 0) + " " + result.unit + "/s";
}

/// What a workload is meant to reach, and whether it does.
static std::string verdict(const Goal &goal, double overLoop, double overLimit) {
  std::string text;
  llvm::raw_string_ostream os(text);
  bool met = true;
  auto add = [&](double most, double value, const char *what) {
    if (!(most > 0) || !(value > 0))
      return;
    os << (text.empty() ? "" : ", ") << llvm::format("%.2f x ", most) << what;
    met &= value <= most;
  };
  add(goal.overLoop, overLoop, "C++");
  add(goal.overLimit, overLimit, "limit");
  return text.empty() ? "-" : text + (met ? ": yes" : ": no");
}

/// The first and the last column to the left, the others to the right.
static void printTable(const std::vector<std::vector<std::string>> &rows, llvm::raw_ostream &os) {
  std::vector<size_t> widths(rows.front().size());
  for (const std::vector<std::string> &row : rows)
    for (size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], row[i].size());
  for (const std::vector<std::string> &row : rows) {
    for (size_t i = 0; i < row.size(); ++i) {
      os << (i ? "  " : "");
      unsigned width = static_cast<unsigned>(widths[i]);
      if (i + 1 == row.size())
        os << row[i];
      else
        os << (i ? llvm::right_justify(row[i], width) : llvm::left_justify(row[i], width));
    }
    os << "\n";
  }
}

void Report::print(llvm::raw_ostream &os) const {
  os << "machine: " << cpu << "; priority " << priority << "; "
     << llvm::format("%.2f cores busy with this, %.2f with other work\n", busy.own, busy.others);
  os << "loops: " << LINNET_LOOP_COMPILER << " " << LINNET_LOOP_FLAGS << "\n\n";

  os << "limits, measured in this run\n";
  std::vector<std::vector<std::string>> rows = {
      {"threads", "FMA GFLOP/s", "exp2 G/s", "read GB/s", "copy", "2 in 1 out", "8 MiB: read", "copy", "2 in 1 out"}};
  for (const auto &[threads, limit] : limits)
    rows.push_back({std::to_string(threads), number(limit.flops * 1e-9, 1), number(limit.exponentials * 1e-9, 2),
                    number(limit.memory.read * 1e-9, 1), number(limit.memory.copy * 1e-9, 1),
                    number(limit.memory.add * 1e-9, 1), number(limit.cache.read * 1e-9, 1),
                    number(limit.cache.copy * 1e-9, 1), number(limit.cache.add * 1e-9, 1)});
  printTable(rows, os);

  os << "\ntimes in ms: the least of up to " << runs << " runs, and the median\n";
  std::set<std::string> peers;
  for (const Result &result : results)
    for (const auto &[peer, seconds] : result.peers)
      peers.insert(peer);
  rows = {{"workload", "threads", "Linnet", "median", "C++", "median", "Linnet/C++", "limit", "Linnet of limit",
           "C++ of limit", "goal"}};
  for (const std::string &peer : peers) {
    rows[0].push_back(peer);
    rows[0].push_back(peer + "/Linnet");
  }
  rows[0].insert(rows[0].end(), {"others busy", "Linnet's rate"});
  for (const Result &result : results) {
    const auto *loop = result.bestLoop();
    double limit = result.bound.seconds(limits.at(result.threads)), time = result.linnet.minimum;
    std::vector<std::string> row = {
        result.workload,
        std::to_string(result.threads),
        milliseconds(time),
        milliseconds(result.linnet.median),
        loop ? milliseconds(loop->second.minimum) : "-",
        loop ? milliseconds(loop->second.median) : "-",
        loop ? number(time / loop->second.minimum, 2) : "-",
        milliseconds(limit),
        share(limit, time),
        loop ? share(limit, loop->second.minimum) : "-",
        verdict(result.goal, loop ? time / loop->second.minimum : 0, limit > 0 ? time / limit : 0),
    };
    for (const std::string &peer : peers) {
      auto found = result.peers.find(peer);
      double seconds = found == result.peers.end() ? 0 : found->second;
      row.push_back(milliseconds(seconds));
      row.push_back(number(seconds / time, 1));
    }
    std::string others;
    llvm::raw_string_ostream(others) << llvm::format("%.2f", result.busy.others);
    row.insert(row.end(), {others, rate(result)});
    rows.push_back(row);
  }
  printTable(rows, os);
  for (const std::string &failure : failures)
    os << "failed: " << failure << "\n";
}

static llvm::json::Object toJson(const Timing &timing) {
  return llvm::json::Object{{"min", timing.minimum}, {"median", timing.median}};
}

static llvm::json::Object toJson(const Streams &streams) {
  return llvm::json::Object{{"read", streams.read}, {"copy", streams.copy}, {"add", streams.add}};
}

static llvm::json::Object toJson(const BusyMeter::Cores &cores) {
  return llvm::json::Object{{"own", cores.own}, {"others", cores.others}};
}

llvm::json::Value Report::toJson() const {
  llvm::json::Array limitRows, resultRows, failureRows;
  for (const auto &[threads, limit] : limits)
    limitRows.push_back(llvm::json::Object{{"threads", threads},
                                           {"flops", limit.flops},
                                           {"exponentials", limit.exponentials},
                                           {"memory", ::toJson(limit.memory)},
                                           {"cache", ::toJson(limit.cache)}});
  for (const Result &result : results) {
    llvm::json::Object loops, peerTimes;
    for (const auto &[name, timing] : result.loops)
      loops[name] = ::toJson(timing);
    for (const auto &[peer, seconds] : result.peers)
      peerTimes[peer] = seconds;
    const auto *loop = result.bestLoop();
    double limit = result.bound.seconds(limits.at(result.threads));
    resultRows.push_back(
        llvm::json::Object{{"workload", result.workload},
                           {"threads", result.threads},
                           {"linnet", ::toJson(result.linnet)},
                           {"loops", std::move(loops)},
                           {"peers", std::move(peerTimes)},
                           {"limit", limit > 0 ? llvm::json::Value(limit) : llvm::json::Value(nullptr)},
                           {"linnet_over_loop", loop ? llvm::json::Value(result.linnet.minimum / loop->second.minimum)
                                                     : llvm::json::Value(nullptr)},
                           {"items", result.items},
                           {"unit", result.unit},
                           {"busy", ::toJson(result.busy)}});
  }
  for (const std::string &failure : failures)
    failureRows.push_back(failure);
  return llvm::json::Object{{"date", date},
                            {"cpu", cpu},
                            {"priority", priority},
                            {"loop_compiler", LINNET_LOOP_COMPILER " " LINNET_LOOP_FLAGS},
                            {"runs", runs},
                            {"quick", quick},
                            {"busy", ::toJson(busy)},
                            {"limits", std::move(limitRows)},
                            {"results", std::move(resultRows)},
                            {"failures", std::move(failureRows)}};
}
