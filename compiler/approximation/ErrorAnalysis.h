//===- ErrorAnalysis.h - values with a bound on their error ---------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What is known of a value that float32 arithmetic computes: where the exact value lies, and how far the computed one
// is from it. The exact value is what real numbers give for the same inputs. All of it is rounded outwards, so that it
// is a bound (docs/spec/math.md, "The error of a result").
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_COMPILER_APPROXIMATION_ERRORANALYSIS_H
#define LINNET_COMPILER_APPROXIMATION_ERRORANALYSIS_H

#include "compiler/approximation/Library.h"

namespace linnet::approximation {

/// An exact value within [low, high], and a computed one within `absolute` of it and within `relative` times its
/// magnitude.
struct Bounded {
  double low = 0, high = 0, absolute = 0, relative = 0;

  static Bounded exact(double low, double high) { return {low, high, 0, 0}; }
  double magnitude() const;
  double leastMagnitude() const;
  bool isExact() const { return absolute == 0; }
  /// Whether neither the exact nor the computed value can be beyond float32.
  bool isFinite() const;
};

// float32 arithmetic, each operation rounded once. A product that is fused into a sum is rounded less often than these
// count.
Bounded add(const Bounded &a, const Bounded &b);
Bounded subtract(const Bounded &a, const Bounded &b);
Bounded multiply(const Bounded &a, const Bounded &b);
/// Nothing where the divisor may be 0.
std::optional<Bounded> divide(const Bounded &a, const Bounded &b);
Bounded negate(const Bounded &a);
Bounded absolute(const Bounded &a);
Bounded maximum(const Bounded &a, const Bounded &b);
Bounded minimum(const Bounded &a, const Bounded &b);
/// One of the two, by a condition that is decided as for exact values.
Bounded either(const Bounded &a, const Bounded &b);
std::optional<Bounded> squareRoot(const Bounded &a);
/// One rounding to `digits` bits and exponents from `leastExponent`, as of bf16 (8, -126) and f16 (11, -14).
Bounded roundTo(const Bounded &a, int digits, int leastExponent);
/// The sum of `count` values like `term` and of `start`, in any order.
Bounded sum(const Bounded &start, const Bounded &term, double count);

/// An elementary function of a computed value, by a program that meets `requirement`. Nothing where the argument may
/// leave the function's domain.
std::optional<Bounded> apply(Function function, const Bounded &x, const Requirement &requirement);

/// Softmax over `count` logits: subtraction of the largest, exponentials that meet `requirement`, their sum, divisions.
struct SoftmaxBound {
  Bounded weight;
  /// Of the computed weights p' against the exact p: the sum of |p' - p| that moves mass from one to another, and the
  /// largest |p' - p| / p that does not.
  double moved = 0, scaled = 0;
};
std::optional<SoftmaxBound> softmax(const Bounded &logit, double count, const Requirement &requirement);
/// The sum over weights times values, in any order.
Bounded average(const SoftmaxBound &weights, const Bounded &value, double count);

} // namespace linnet::approximation

#endif // LINNET_COMPILER_APPROXIMATION_ERRORANALYSIS_H
