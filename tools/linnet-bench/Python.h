//===- Python.h - programs in Python that help -------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_TOOLS_LINNETBENCH_PYTHON_H
#define LINNET_TOOLS_LINNETBENCH_PYTHON_H

#include "Measure.h"

namespace linnet {

/// Times jax and torch on the workloads of `results` and adds the best of each. What they say goes to stderr.
llvm::Error addPeers(llvm::StringRef python, const std::vector<Workload> &workloads, int runs,
                     std::vector<Result> &results);

/// Draws a report that was written as JSON.
llvm::Error plot(llvm::StringRef python, llvm::StringRef json, llvm::StringRef png);

} // namespace linnet

#endif // LINNET_TOOLS_LINNETBENCH_PYTHON_H
