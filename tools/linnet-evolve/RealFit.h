//===- RealFit.h - programs in real numbers -------------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_TOOLS_LINNETEVOLVE_REALFIT_H
#define LINNET_TOOLS_LINNETEVOLVE_REALFIT_H

#include "compiler/approximation/Program.h"

namespace linnet::approximation {

/// The largest relative error of a program of add, sub, mul, div and neg to 2^x on [0, 1], computed in long double as
/// if nothing were rounded; infinity where a value is none.
double measureReal(const Program &program);

/// Moves all constants to those of least largest error, by least squares whose weights grow, and returns that error.
/// Keeps what it was where no step makes it less.
double fitReal(Program &program, unsigned iterations);

} // namespace linnet::approximation

#endif // LINNET_TOOLS_LINNETEVOLVE_REALFIT_H
