//===- Search.h - evolution of programs -----------------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_TOOLS_LINNETEVOLVE_SEARCH_H
#define LINNET_TOOLS_LINNETEVOLVE_SEARCH_H

#include "compiler/approximation/Library.h"

namespace linnet::approximation {

struct SearchOptions {
  Function function = Function::Exp;
  Target target = Target::AVX512;
  Range range;
  bool flushes = false;
  uint64_t seed = 1;
  unsigned population = 200, generations = 1000, mostInstructions = 20;
  size_t points = 1024;
  /// Every so many generations the front is run on inputs that it has not seen, and its worst ones are added.
  unsigned refresh = 50;
  /// Generations over which the worst input comes to decide. At first it is nearly the mean that does: what is right
  /// for a half of the inputs leads on to what is right for all.
  unsigned easing = 600;
  /// Programs to start from besides random ones.
  std::vector<Program> starts;
  /// Where front.csv, front.svg, front.json and state.json go.
  std::string directory;
  /// Every how many inputs the front is measured at the end; unless it is all of them, its programs have no bound.
  uint32_t stride = 1;
  /// Goes on from state.json of the directory.
  bool resume = false;
};

/// Searches with NSGA-II for programs of little error and little cost, and writes the front. The front's programs are
/// measured on all inputs at the end; those that are none, because an input fails, are left out.
llvm::Error search(const SearchOptions &options);

} // namespace linnet::approximation

#endif // LINNET_TOOLS_LINNETEVOLVE_SEARCH_H
