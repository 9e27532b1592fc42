//===- Points.cpp - the inputs on which programs are compared -------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Points.h"

#include "Reference.h"

#include <algorithm>
#include <cmath>

using namespace linnet::approximation;

Range linnet::approximation::getInterestingRange(Function function) {
  switch (function) {
  case Function::Exp:
    return {-87.3f, 88.7f};
  case Function::Exp2:
    return {-126.0f, 128.0f};
  case Function::Log:
  case Function::Log2:
    return {0.25f, 4.0f};
  case Function::Log1p:
    return {-0.999f, 4.0f};
  case Function::Expm1:
    return {-18.0f, 88.7f};
  case Function::Tanh:
    return {-9.1f, 9.1f};
  case Function::Sigmoid:
  case Function::Silu:
    return {-87.3f, 18.0f};
  case Function::Erf:
    return {-4.0f, 4.0f};
  case Function::Gelu:
    return {-13.0f, 6.0f};
  case Function::Softplus:
    return {-87.3f, 18.0f};
  case Function::Sin:
  case Function::Cos:
    return {-100.0f, 100.0f};
  case Function::Rsqrt:
  case Function::Reciprocal:
    return {0.25f, 4.0f};
  }
  return {};
}

std::vector<float> linnet::approximation::samplePoints(Function function, const Range &range, size_t count,
                                                       std::mt19937_64 &random) {
  Range interesting = getInterestingRange(function);
  float low = std::max(interesting.low, range.low), high = std::min(interesting.high, range.high);
  std::uniform_real_distribution<double> even(low, high), exponent(-30, 128), significand(1, 2);
  std::bernoulli_distribution coin;
  std::vector<float> points;
  while (points.size() < count) {
    alignas(64) float x[8];
    double exact[8];
    for (float &value : x) {
      value = static_cast<float>(
          points.size() % 2 ? even(random) : std::ldexp(significand(random), int(std::floor(exponent(random)))));
      if (points.size() % 2 == 0 && coin(random))
        value = -value;
    }
    computeReference(function, x, exact, 8);
    for (int i = 0; i < 8; ++i)
      if (x[i] >= range.low && x[i] <= range.high && std::isfinite(static_cast<float>(exact[i])) &&
          std::fabs(exact[i]) >= 0x1p-126)
        points.push_back(x[i]);
  }
  points.resize(count);
  std::sort(points.begin(), points.end());
  return points;
}
