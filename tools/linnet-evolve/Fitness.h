//===- Fitness.h - how good a program is on a set of inputs ---------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_TOOLS_LINNETEVOLVE_FITNESS_H
#define LINNET_TOOLS_LINNETEVOLVE_FITNESS_H

#include "compiler/approximation/Evaluate.h"
#include "compiler/approximation/Library.h"

#include <random>

namespace linnet::approximation {

/// The error of a program over a set of inputs that grows by those at which programs fail.
class Fitness {
public:
  Fitness(Function function, Range range, bool flushes, size_t count, std::mt19937_64 &random);

  /// log2(1 + ULP) of the worst input and of the mean, which has `meanShare` of it: so a program that is wrong nearly
  /// everywhere is worse than one that is wrong in places. Exceptions count as kException.
  double operator()(const Program &program) const;
  static constexpr double kException = 40;
  static constexpr double kLeastMeanShare = 0.05;
  double meanShare = kLeastMeanShare;

  /// Takes inputs into the set, in the place of the oldest that came this way.
  void add(llvm::ArrayRef<float> inputs);

  /// The inputs that came this way, the oldest first, of which there may be none yet.
  std::vector<float> getAdded() const;

  /// Moves the free constants by CMA-ES for `generations`, from steps of `scale` of their values; returns the error.
  double polish(Program &program, double scale, unsigned generations, unsigned seed) const;

  /// Moves the free constants by minimax approximation, where the program is smooth in them; returns the error.
  double fit(Program &program) const;

private:
  double evaluate(const Evaluator &evaluator) const;
  /// What is known of the inputs before any program runs.
  void prepare();

  Function function;
  Range range;
  bool flushes;
  std::vector<float> inputs;
  std::vector<double> exact, inverseSpacing; // 0 where measure() has to look
  std::vector<size_t> special;
  size_t firstAdded, nextAdded, addedCount = 0;
};

} // namespace linnet::approximation

#endif // LINNET_TOOLS_LINNETEVOLVE_FITNESS_H
