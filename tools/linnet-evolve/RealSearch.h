//===- RealSearch.h - 2^x on [0, 1] in real numbers -----------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The experiment of AutoNumerics-Zero (arXiv 2312.08472): how exact can a program of so many additions, multiplications
// and divisions be, if none of them rounds?
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_TOOLS_LINNETEVOLVE_REALSEARCH_H
#define LINNET_TOOLS_LINNETEVOLVE_REALSEARCH_H

#include "llvm/Support/Error.h"

#include <cstdint>
#include <string>

namespace linnet::approximation {

struct RealSearchOptions {
  uint64_t seed = 1;
  unsigned population = 200, generations = 1000, mostOperations = 12;
  /// Where real.csv, real.svg, real.txt (the programs) and log.txt go.
  std::string directory;
};

/// Searches with NSGA-II for programs of little error and few operations, from random ones, and writes their front
/// beside minimax polynomials, minimax rational functions and Padé approximants.
llvm::Error searchReal(const RealSearchOptions &options);

} // namespace linnet::approximation

#endif // LINNET_TOOLS_LINNETEVOLVE_REALSEARCH_H
