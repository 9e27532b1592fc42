//===- LeastSquares.h - the steps of a fit to the largest error -----------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Lawson's method: least squares whose weights grow where the error is large.
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_TOOLS_LINNETEVOLVE_LEASTSQUARES_H
#define LINNET_TOOLS_LINNETEVOLVE_LEASTSQUARES_H

#include <Eigen/Dense>

namespace linnet::approximation {

/// The change of the constants that makes the weighted squares of the errors least (Gauss and Newton).
inline Eigen::VectorXd solveWeighted(const Eigen::MatrixXd &jacobian, const Eigen::VectorXd &errors,
                                     const Eigen::VectorXd &weights) {
  Eigen::VectorXd root = weights.cwiseSqrt();
  return (root.asDiagonal() * jacobian).colPivHouseholderQr().solve(-(root.asDiagonal() * errors));
}

/// More weight for errors near the largest; a little stays everywhere.
inline void growWeights(Eigen::VectorXd &weights, const Eigen::VectorXd &errors, double largest) {
  weights = weights.cwiseProduct(errors.cwiseAbs() / largest + Eigen::VectorXd::Constant(weights.size(), 1e-3));
  weights /= weights.sum();
}

} // namespace linnet::approximation

#endif // LINNET_TOOLS_LINNETEVOLVE_LEASTSQUARES_H
