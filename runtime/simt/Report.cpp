//===- Report.cpp - what the simt device has seen -------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Report.h"

#include <cstdio>

using namespace linnet::runtime::simt;

void Traffic::add(const Traffic &other) {
  requests += other.requests;
  wavefronts += other.wavefronts;
  idealWavefronts += other.idealWavefronts;
  sectors += other.sectors;
  idealSectors += other.idealSectors;
  tensorFlops += other.tensorFlops;
}

void Report::find(const char *what, uint32_t site, uint32_t other, const std::string &details) {
  std::lock_guard<std::mutex> guard(mutex);
  Finding &finding = findings[{site, what, other}];
  if (finding.count++ == 0)
    finding.details = details;
}

void Report::count(const std::map<uint32_t, Traffic> &traffic) {
  std::lock_guard<std::mutex> guard(mutex);
  for (const auto &[site, counters] : traffic)
    bySite[site].add(counters);
}

bool Report::isClean() const {
  std::lock_guard<std::mutex> guard(mutex);
  return findings.empty();
}

std::string Report::describeFindings() const {
  std::lock_guard<std::mutex> guard(mutex);
  std::string text;
  for (const auto &[key, finding] : findings) {
    const auto &[site, what, other] = key;
    text += what;
    for (uint32_t place : {site, other})
      if (place != kNone)
        text +=
            std::string(place == site ? " at " : ", with ") + gpu.sites[place].what + " in " + gpu.sites[place].where;
    text += " (" + finding.details + "; " + std::to_string(finding.count) + " times)\n";
  }
  return text;
}

std::string Report::describeTraffic() const {
  std::lock_guard<std::mutex> guard(mutex);
  std::string text;
  auto line = [&](const char *what, const char *where, const Traffic &t) {
    char buffer[512];
    std::snprintf(buffer, sizeof(buffer), "%10llu %10llu %10llu %10llu %10llu %12llu  %s, %s\n",
                  (unsigned long long)t.requests, (unsigned long long)t.wavefronts,
                  (unsigned long long)t.idealWavefronts, (unsigned long long)t.sectors,
                  (unsigned long long)t.idealSectors, (unsigned long long)t.tensorFlops, what, where);
    text += buffer;
  };
  text += "  requests wavefronts      ideal    sectors      ideal tensor flop  place\n";
  Traffic all;
  for (const auto &[site, traffic] : bySite) {
    line(gpu.sites[site].what, gpu.sites[site].where, traffic);
    all.add(traffic);
  }
  line("all", "all", all);
  return text;
}
