//===- Reference.h - the exact value of an elementary function ------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_TOOLS_LINNETEVOLVE_REFERENCE_H
#define LINNET_TOOLS_LINNETEVOLVE_REFERENCE_H

#include "compiler/approximation/Library.h"

#include <cstddef>

namespace linnet::approximation {

/// y[i] = function(x[i]) within a few units of the last place of double, 1e-8 of one of float32; `count` is a multiple
/// of
/// 8. At infinite x the limit.
void computeReference(Function function, const float *x, double *y, size_t count);

/// The same with MPFR: correctly rounded to double.
double computeExactly(Function function, float x);

} // namespace linnet::approximation

#endif // LINNET_TOOLS_LINNETEVOLVE_REFERENCE_H
