//===- Report.h - what the simt device has seen ---------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_RUNTIME_SIMT_REPORT_H
#define LINNET_RUNTIME_SIMT_REPORT_H

#include "linnet/model.h"

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <tuple>
#include <vector>

namespace linnet::runtime::simt {

/// Counters of one instruction: transactions of all warps, and as few as would have moved the same bytes.
struct Traffic {
  uint64_t requests = 0; // of warps
  uint64_t wavefronts = 0, idealWavefronts = 0;
  uint64_t sectors = 0, idealSectors = 0;
  uint64_t tensorFlops = 0;

  void add(const Traffic &other);
};

/// Findings and counters of all launches. Safe to use from several threads.
class Report {
public:
  explicit Report(const linnet_gpu &gpu) : gpu(gpu) {}

  /// `site` and `other` are places in the kernels, or kNone. Findings of one kind at one pair of places are one.
  void find(const char *what, uint32_t site, uint32_t other, const std::string &details);
  void count(const std::map<uint32_t, Traffic> &traffic);

  bool isClean() const;
  /// A line for each finding, in the order of the places.
  std::string describeFindings() const;
  /// A line for each place that moves data, and the sums.
  std::string describeTraffic() const;

  static constexpr uint32_t kNone = ~0u;

private:
  const linnet_gpu &gpu;
  mutable std::mutex mutex;
  struct Finding {
    std::string details; // of the first
    uint64_t count = 0;
  };
  std::map<std::tuple<uint32_t, std::string, uint32_t>, Finding> findings;
  std::map<uint32_t, Traffic> bySite;
};

} // namespace linnet::runtime::simt

#endif // LINNET_RUNTIME_SIMT_REPORT_H
