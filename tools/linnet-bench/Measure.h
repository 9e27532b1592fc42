//===- Measure.h - times a workload beside the loops -------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_TOOLS_LINNETBENCH_MEASURE_H
#define LINNET_TOOLS_LINNETBENCH_MEASURE_H

#include "Machine.h"
#include "Workload.h"

#include <map>

namespace linnet {

struct Timing {
  double minimum = 0, median = 0; // seconds
};

/// A workload on a number of threads.
struct Result {
  std::string workload;
  int threads = 1;
  Timing linnet;
  std::vector<std::pair<std::string, Timing>> loops;
  Bound bound;
  Goal goal;
  double items = 0;
  std::string unit;
  BusyMeter::Cores busy;
  std::map<std::string, double> peers; // seconds

  /// The fastest hand-written loop; null where there is none.
  const std::pair<std::string, Timing> *bestLoop() const;
};

/// Runs all sides once and compares what they give.
llvm::Error checkCase(const Case &subject);

/// Times all sides in turns, up to `runs` times each; what bounds the workload is measured in between.
llvm::Expected<Result> measure(const Case &subject, Team &team, int runs, LimitMeter &meter, Limits &limits);

} // namespace linnet

#endif // LINNET_TOOLS_LINNETBENCH_MEASURE_H
