//===- Exhaustive.h - the error of a program over every float32 -----------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_TOOLS_LINNETEVOLVE_EXHAUSTIVE_H
#define LINNET_TOOLS_LINNETEVOLVE_EXHAUSTIVE_H

#include "compiler/approximation/Evaluate.h"
#include "compiler/approximation/Library.h"

#include <functional>

namespace linnet::approximation {

/// One result against the exact value.
struct PointError {
  double ulps = 0, relative = 0, absolute = 0;
  /// A NaN, an infinity, a zero or a sign is wrong.
  bool isException = false;
};
PointError measure(float x, float got, double exact, bool flushes);

struct ScanResult {
  ErrorBound bound;
  uint64_t inputs = 0, exceptions = 0;
  float firstException = 0;
  /// The worst inputs of parts of the scan, the worst of all first.
  std::vector<float> worst;
};

struct ScanOptions {
  Range range;
  bool flushes = false;
  /// Every how many bit patterns; 1 is all of them.
  uint32_t stride = 1;
  unsigned threads = 1;
  /// Called with the share that is done, from one thread.
  std::function<void(double)> onProgress;
};

/// Measures a program over the inputs of the range, with each freedom that its instructions have; NaN belongs to a
/// range that is symmetric. The worst inputs are measured once more with MPFR.
ScanResult scan(Function function, const Program &program, const ScanOptions &options);

} // namespace linnet::approximation

#endif // LINNET_TOOLS_LINNETEVOLVE_EXHAUSTIVE_H
