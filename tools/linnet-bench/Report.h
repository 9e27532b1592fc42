//===- Report.h - what was measured, for people and programs -----------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_TOOLS_LINNETBENCH_REPORT_H
#define LINNET_TOOLS_LINNETBENCH_REPORT_H

#include "Measure.h"

#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

namespace linnet {

struct Report {
  std::string cpu, priority, date;
  int runs = 0;
  bool quick = false;
  std::map<int, Limits> limits; // by number of threads
  std::vector<Result> results;
  std::vector<std::string> failures; // "WORKLOAD: why"
  BusyMeter::Cores busy;             // of the whole run

  void print(llvm::raw_ostream &os) const;
  llvm::json::Value toJson() const;
};

} // namespace linnet

#endif // LINNET_TOOLS_LINNETBENCH_REPORT_H
