//===- Selection.h - who of a population goes on --------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_TOOLS_LINNETEVOLVE_SELECTION_H
#define LINNET_TOOLS_LINNETEVOLVE_SELECTION_H

#include "llvm/ADT/STLFunctionalExtras.h"

#include <pagmo/utils/multi_objective.hpp>

#include <map>
#include <utility>
#include <vector>

namespace linnet::approximation {

using Objectives = std::pair<double, double>;

/// NSGA-II: keeps `count` individuals, the best fronts, and of the last one those that stand apart. Of those with the
/// same key at most `mostEqual` are kept; fewer than `count` may be left.
template <typename Individual>
void selectBest(std::vector<Individual> &population, size_t count, unsigned mostEqual,
                llvm::function_ref<Objectives(const Individual &)> objectivesOf,
                llvm::function_ref<Objectives(const Individual &)> keyOf) {
  std::vector<Individual> distinct;
  std::map<Objectives, unsigned> seen;
  for (Individual &one : population)
    if (seen[keyOf(one)]++ < mostEqual)
      distinct.push_back(std::move(one));
  if (distinct.size() <= 2) { // too few for pagmo
    population = std::move(distinct);
    return;
  }
  std::vector<pagmo::vector_double> objectives;
  for (const Individual &one : distinct) {
    auto [first, second] = objectivesOf(one);
    objectives.push_back({first, second});
  }
  population.clear();
  for (size_t i : pagmo::select_best_N_mo(objectives, std::min(count, distinct.size())))
    population.push_back(std::move(distinct[i]));
}

} // namespace linnet::approximation

#endif // LINNET_TOOLS_LINNETEVOLVE_SELECTION_H
