//===- KernelCase.h - the case of one compiled function ----------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_TOOLS_LINNETBENCH_KERNELCASE_H
#define LINNET_TOOLS_LINNETBENCH_KERNELCASE_H

#include "Workload.h"

namespace linnet {

/// What a case of one compiled function lives on.
struct KernelParts {
  Memory memory;
  OwnedModel model;
  std::vector<void *> buffers; // in the order of the arguments, the results behind them
  std::vector<int64_t> symbols;
};

/// Compiles `text` and makes its function "run" the Linnet side, on the buffers of `parts`.
llvm::Error addLinnet(Case &result, std::shared_ptr<KernelParts> parts, llvm::StringRef text);

} // namespace linnet

#endif // LINNET_TOOLS_LINNETBENCH_KERNELCASE_H
