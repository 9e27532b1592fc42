//===- RealFit.cpp - programs in real numbers -----------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RealFit.h"

#include "LeastSquares.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/ErrorHandling.h"

#include <cmath>

using namespace llvm;
using namespace linnet::approximation;

namespace {

/// Points of [0, 1] that lie closer at its ends, as the extrema of the error of a polynomial do.
constexpr int kPoints = 60, kMeasured = 1000;

struct Point {
  long double x, exact;
};

std::vector<Point> makePoints(int count) {
  std::vector<Point> points;
  for (int i = 0; i < count; ++i) {
    long double x = (1 - std::cos(M_PIl * i / (count - 1))) / 2;
    points.push_back({x, std::exp2(x)});
  }
  return points;
}

long double evaluate(const Program &program, ArrayRef<long double> constants, long double x) {
  SmallVector<long double, 32> values = {x};
  for (const Instruction &instruction : program.instructions) {
    auto get = [&](size_t k) {
      const Operand &operand = instruction.operands[k];
      return operand.kind == Operand::Kind::Value ? values[operand.index] : constants[operand.index];
    };
    switch (instruction.opcode) {
    case Opcode::Add:
      values.push_back(get(0) + get(1));
      break;
    case Opcode::Sub:
      values.push_back(get(0) - get(1));
      break;
    case Opcode::Mul:
      values.push_back(get(0) * get(1));
      break;
    case Opcode::Div:
      values.push_back(get(0) / get(1));
      break;
    case Opcode::Neg:
      values.push_back(-get(0));
      break;
    default:
      llvm_unreachable("a program in real numbers has other instructions");
    }
  }
  return values.back();
}

std::vector<long double> getConstants(const Program &program) {
  std::vector<long double> constants;
  for (const Constant &constant : program.constants)
    constants.push_back(constant.value);
  return constants;
}

double findLargest(const Program &program, ArrayRef<long double> constants, ArrayRef<Point> points,
                   Eigen::VectorXd *errors = nullptr) {
  double most = 0;
  for (auto [i, point] : enumerate(points)) {
    auto error = static_cast<double>((evaluate(program, constants, point.x) - point.exact) / point.exact);
    if (!std::isfinite(error))
      return HUGE_VAL;
    most = std::max(most, std::fabs(error));
    if (errors)
      (*errors)[static_cast<Eigen::Index>(i)] = error;
  }
  return most;
}

} // namespace

double linnet::approximation::measureReal(const Program &program) {
  static const std::vector<Point> points = makePoints(kMeasured);
  return findLargest(program, getConstants(program), points);
}

double linnet::approximation::fitReal(Program &program, unsigned iterations) {
  static const std::vector<Point> points = makePoints(kPoints);
  std::vector<long double> constants = getConstants(program), best = constants;
  const auto columns = static_cast<Eigen::Index>(constants.size());
  Eigen::VectorXd residual(kPoints), weights = Eigen::VectorXd::Constant(kPoints, 1.0 / kPoints);
  double least = findLargest(program, constants, points);
  if (!std::isfinite(least))
    return least;
  Eigen::MatrixXd jacobian(kPoints, columns);
  for (unsigned iteration = 0; iteration <= iterations && columns > 0; ++iteration) {
    double most = findLargest(program, constants, points, &residual);
    if (most < least) {
      least = most;
      best = constants;
    }
    if (iteration == iterations || !std::isfinite(most))
      break;
    for (Eigen::Index k = 0; k < columns; ++k) {
      std::vector<long double> moved = constants;
      long double step = std::max(std::fabs(moved[k]), 1e-3L) * 1e-8L;
      moved[k] += step;
      for (Eigen::Index i = 0; i < kPoints; ++i) {
        long double value = (evaluate(program, moved, points[i].x) - points[i].exact) / points[i].exact;
        jacobian(i, k) = static_cast<double>((value - static_cast<long double>(residual[i])) / step);
      }
    }
    Eigen::VectorXd change = solveWeighted(jacobian, residual, weights);
    for (Eigen::Index k = 0; k < columns; ++k)
      if (std::isfinite(change[k]))
        constants[k] += change[k];
    // The first steps go to where the squares are least; from there on the large errors weigh more.
    if (iteration < 2)
      continue;
    growWeights(weights, residual, most);
  }
  for (auto [constant, value] : zip_equal(program.constants, best))
    constant.value = static_cast<double>(value);
  return measureReal(program);
}
