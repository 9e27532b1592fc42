//===- Fit.h - constants of a program by minimax approximation ------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_TOOLS_LINNETEVOLVE_FIT_H
#define LINNET_TOOLS_LINNETEVOLVE_FIT_H

#include "compiler/approximation/Library.h"

namespace linnet::approximation {

/// What an error is counted in.
enum class ErrorMeasure { Ulps, Relative, Absolute };

/// Moves the free constants and tables of `program` to those of least largest error on the points, as if what depends
/// on them were computed without rounding; then rounds one after the other to the precision it has, and moves the ones
/// that are left. Takes `iterations` steps, and a third as many after each rounding. Returns the largest error, without
/// rounding, or why there is none.
llvm::Expected<double> fitConstants(Program &program, Function function, llvm::ArrayRef<float> points,
                                    ErrorMeasure measure, unsigned iterations = 40);

/// Makes those constants and tables no longer free on which the result depends by steps, as by a rounding: fitConstants
/// moves the others then.
void fixSteps(Program &program);

} // namespace linnet::approximation

#endif // LINNET_TOOLS_LINNETEVOLVE_FIT_H
