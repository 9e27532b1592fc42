//===- Points.h - the inputs on which programs are compared ---------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_TOOLS_LINNETEVOLVE_POINTS_H
#define LINNET_TOOLS_LINNETEVOLVE_POINTS_H

#include "compiler/approximation/Library.h"

#include <random>

namespace linnet::approximation {

/// Where a function is neither saturated nor its first term: the inputs that decide on an approximation.
Range getInterestingRange(Function function);

/// `count` inputs within the range of an entry: a half of them evenly spaced over the interesting range, a half evenly
/// over the exponents; finite results that are not subnormal only.
std::vector<float> samplePoints(Function function, const Range &range, size_t count, std::mt19937_64 &random);

} // namespace linnet::approximation

#endif // LINNET_TOOLS_LINNETEVOLVE_POINTS_H
