//===- Fitness.cpp - how good a program is on a set of inputs -------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Fitness.h"

#include "Exhaustive.h"
#include "Fit.h"
#include "Points.h"
#include "Reference.h"

#include "llvm/ADT/STLExtras.h"

#include <pagmo/algorithm.hpp>
#include <pagmo/algorithms/cmaes.hpp>
#include <pagmo/population.hpp>
#include <pagmo/problem.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

using namespace linnet::approximation;

static constexpr size_t kBlock = Evaluator::kBlock;

Fitness::Fitness(Function function, Range range, bool flushes, size_t count, std::mt19937_64 &random)
    : function(function), range(range), flushes(flushes) {
  count = (count + kBlock - 1) / kBlock * kBlock;
  const float infinity = std::numeric_limits<float>::infinity();
  for (float special :
       {0.0f, -0.0f, infinity, -infinity, 1.0f, -1.0f, 0x1p-149f, -0x1p-149f, 0x1p-126f, 0x1.fffffep127f,
        -0x1.fffffep127f, 88.72283f, 88.7229f, -87.34f, -104.0f, 128.0f, -126.0f, -150.0f})
    if (special >= range.low && special <= range.high)
      inputs.push_back(special);
  inputs.push_back(std::numeric_limits<float>::quiet_NaN());
  // A quarter is left for what the search finds.
  firstAdded = nextAdded = count - count / 4;
  std::vector<float> sampled = samplePoints(function, range, count - inputs.size(), random);
  inputs.insert(inputs.end(), sampled.begin(), sampled.end());
  std::shuffle(inputs.begin() + 20, inputs.end(), random);
  exact.resize(inputs.size());
  prepare();
}

void Fitness::add(llvm::ArrayRef<float> found) {
  for (float x : found) {
    inputs[nextAdded] = x;
    if (++nextAdded == inputs.size())
      nextAdded = firstAdded;
    ++addedCount;
  }
  prepare();
}

std::vector<float> Fitness::getAdded() const {
  const size_t places = inputs.size() - firstAdded, count = std::min(addedCount, places);
  std::vector<float> added;
  for (size_t i = 0; i < count; ++i)
    added.push_back(inputs[firstAdded + (nextAdded - firstAdded + places - count + i) % places]);
  return added;
}

void Fitness::prepare() {
  computeReference(function, inputs.data(), exact.data(), inputs.size());
  inverseSpacing.resize(inputs.size());
  special.clear();
  for (size_t i = 0; i < inputs.size(); ++i) {
    double magnitude = std::fabs(exact[i]);
    bool isPlain = magnitude >= 0x1p-126 && magnitude < 0x1.fffffep127 && !std::isnan(inputs[i]);
    inverseSpacing[i] = isPlain ? 1 / getSpacing(exact[i]) : 0;
    if (!isPlain)
      special.push_back(i);
  }
}

/// log2 of a number above 0 within 0.09: its exponent, and linear between.
static inline double estimateLog2(double x) {
  uint64_t bits;
  std::memcpy(&bits, &x, sizeof bits);
  return static_cast<double>(static_cast<int64_t>(bits - 0x3FF0000000000000u)) * 0x1p-52;
}

/// Errors of a block as log2(1 + ulps). From a factor of 2 on it is the factor that counts, in the same way above and
/// below the exact value, so that a search sees which of two wrong sizes is nearer: 24, and up to 16 for 2^256 or a
/// wrong sign. An infinity, a NaN and a zero where none belongs have that size too. Adds up and finds the largest.
#if defined(__x86_64__)
__attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#endif
static void addErrors(const float *got, const double *exact, const double *inverseSpacing, double &most, double &sum) {
#pragma clang fp reassociate(on)
  double blockMost = 0, blockSum = 0;
#pragma clang loop vectorize(enable)
  for (size_t i = 0; i < kBlock; ++i) {
    auto value = static_cast<double>(got[i]);
    double near = estimateLog2(1 + std::fabs(value - exact[i]) * inverseSpacing[i]);
    double factor = std::fabs(estimateLog2(std::fabs(value)) - estimateLog2(std::fabs(exact[i])));
    factor = factor < 256 && value * exact[i] > 0 ? factor : 256;
    double logarithm = factor > 1 ? 24 + factor / 16 : near;
    logarithm = inverseSpacing[i] > 0 ? logarithm : 0;
    blockMost = blockMost > logarithm ? blockMost : logarithm;
    blockSum += logarithm;
  }
  most = std::max(most, blockMost);
  sum += blockSum;
}

double Fitness::evaluate(const Evaluator &evaluator) const {
  alignas(64) float y[kBlock];
  double most = 0, sum = 0;
  auto next = special.begin();
  for (size_t start = 0; start < inputs.size(); start += kBlock) {
    evaluator.run(inputs.data() + start, y);
    addErrors(y, exact.data() + start, inverseSpacing.data() + start, most, sum);
    for (; next != special.end() && *next < start + kBlock; ++next) {
      PointError error = measure(inputs[*next], y[*next - start], exact[*next], flushes);
      double logarithm = error.isException ? kException : std::min(kException, std::log2(1 + error.ulps));
      most = std::max(most, logarithm);
      sum += logarithm;
    }
  }
  return (1 - meanShare) * most + meanShare * sum / static_cast<double>(inputs.size());
}

double Fitness::operator()(const Program &program) const { return evaluate(Evaluator(program)); }

namespace {

/// The free numbers of a program.
std::vector<double> getNumbers(const Program &program) {
  std::vector<double> numbers;
  for (const Constant &constant : program.constants)
    if (constant.isFree)
      numbers.push_back(constant.value);
  for (const Table &table : program.tables)
    if (table.isFree)
      numbers.insert(numbers.end(), table.entries.begin(), table.entries.end());
  return numbers;
}

void setNumbers(Program &program, const std::vector<double> &numbers) {
  size_t i = 0;
  for (Constant &constant : program.constants)
    if (constant.isFree)
      constant.value = static_cast<double>(static_cast<float>(numbers[i++]));
  for (Table &table : program.tables)
    if (table.isFree)
      for (float &entry : table.entries)
        entry = static_cast<float>(numbers[i++]);
}

/// Steps of the free numbers, in units of `scale` of each, as pagmo wants a problem.
struct Steps {
  const Fitness *objective = nullptr;
  Program program;
  std::vector<double> start;
  double scale = 0;

  std::vector<double> apply(const pagmo::vector_double &steps) const {
    std::vector<double> numbers = start;
    for (size_t i = 0; i < numbers.size(); ++i)
      numbers[i] += steps[i] * scale * std::max(std::fabs(numbers[i]), 1e-3);
    return numbers;
  }
  pagmo::vector_double fitness(const pagmo::vector_double &steps) const {
    Program moved = program;
    setNumbers(moved, apply(steps));
    return {(*objective)(moved)};
  }
  std::pair<pagmo::vector_double, pagmo::vector_double> get_bounds() const {
    return {pagmo::vector_double(start.size(), -8.0), pagmo::vector_double(start.size(), 8.0)};
  }
};

} // namespace

double Fitness::polish(Program &program, double scale, unsigned generations, unsigned seed) const {
  std::vector<double> numbers = getNumbers(program);
  double before = (*this)(program);
  // CMA-ES learns nothing of as many numbers as a table has in so few generations.
  if (numbers.empty() || numbers.size() > 40)
    return before;
  Steps problem{this, program, numbers, scale};
  unsigned count = std::max(5u, 4 + static_cast<unsigned>(3 * std::log(static_cast<double>(numbers.size()))));
  pagmo::population population{pagmo::problem{problem}, 0, seed};
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  population.push_back(pagmo::vector_double(numbers.size(), 0.0), {before});
  for (unsigned i = 1; i < count; ++i) {
    pagmo::vector_double steps(numbers.size());
    for (double &step : steps)
      step = std::clamp(normal(random), -7.9, 7.9);
    population.push_back(steps);
  }
  pagmo::algorithm algorithm{pagmo::cmaes(generations, -1, -1, -1, -1, 0.5, 1e-9, 1e-9, false, true, seed)};
  population = algorithm.evolve(population);
  double after = population.champion_f()[0];
  if (after < before) {
    setNumbers(program, problem.apply(population.champion_x()));
    return after;
  }
  return before;
}

double Fitness::fit(Program &program) const {
  double before = (*this)(program);
  constexpr size_t most = 192;
  std::vector<float> points;
  for (size_t i = 0; i < inputs.size(); i += std::max<size_t>(1, inputs.size() / most))
    if (inverseSpacing[i] > 0)
      points.push_back(inputs[i]);
  Program moved = program;
  fixSteps(moved);
  llvm::Expected<double> error = fitConstants(moved, function, points, ErrorMeasure::Ulps, /*iterations=*/9);
  if (!error) {
    llvm::consumeError(error.takeError());
    return before;
  }
  double after = (*this)(moved);
  if (after >= before)
    return before;
  // All stay as free as they were.
  for (auto [mine, found] : llvm::zip_equal(program.constants, moved.constants))
    mine.value = found.value;
  for (auto [mine, found] : llvm::zip_equal(program.tables, moved.tables))
    mine.entries = found.entries;
  return after;
}
