//===- ErrorAnalysis.cpp - values with a bound on their error -------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/approximation/ErrorAnalysis.h"

#include "llvm/Support/ErrorHandling.h"

#include <algorithm>
#include <cmath>

namespace linnet::approximation {
namespace {

constexpr double kRounding = 0x1p-24, kLeastNormal = 0x1p-126, kLargest = 0x1.fffffep127;
/// More than the roundings of the few operations in double, and of the functions of the C library, between two uses.
constexpr double kSlack = 1e-13;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

double up(double bound) { return bound * (1 + kSlack); }

/// Widens the interval by the slack, and makes each of the two errors as small as the other allows.
Bounded settle(Bounded x) {
  x.low -= std::fabs(x.low) * kSlack;
  x.high += std::fabs(x.high) * kSlack;
  x.absolute = up(x.absolute);
  x.relative = up(x.relative);
  // 0 times infinity: an exact 0, or nothing known of either.
  double byRelative = x.relative * x.magnitude();
  if (byRelative < x.absolute)
    x.absolute = up(byRelative);
  if (x.absolute == 0)
    x.relative = 0;
  else if (x.leastMagnitude() > 0)
    x.relative = std::min(x.relative, up(x.absolute / x.leastMagnitude()));
  return x;
}

/// One rounding of a value that is known before it. `mayUnderflow`: sums are exact where they are subnormal.
Bounded round(Bounded x, bool mayUnderflow, double unit = kRounding, double leastNormal = kLeastNormal) {
  double reached = x.magnitude() + x.absolute;
  bool isNormal = x.leastMagnitude() * (1 - std::min(1.0, x.relative)) >= leastNormal || x.magnitude() == 0;
  x.absolute += unit * reached + (mayUnderflow && !isNormal ? unit * leastNormal : 0);
  x.relative = mayUnderflow && !isNormal ? kInfinity : x.relative + unit * (1 + x.relative);
  return settle(x);
}

/// n roundings one after the other, in units.
double accumulate(double count) { return count * kRounding / (1 - count * kRounding); }

} // namespace

double Bounded::magnitude() const { return std::max(std::fabs(low), std::fabs(high)); }
double Bounded::leastMagnitude() const { return low > 0 ? low : high < 0 ? -high : 0; }
bool Bounded::isFinite() const { return magnitude() + absolute <= kLargest; }

Bounded add(const Bounded &a, const Bounded &b) {
  Bounded sum{a.low + b.low, a.high + b.high, a.absolute + b.absolute, kInfinity};
  if (a.low * b.low >= 0 && a.high * b.high >= 0 && a.low * a.high >= 0 && b.low * b.high >= 0)
    sum.relative = std::max(a.relative, b.relative); // both of one sign
  return round(sum, /*mayUnderflow=*/false);
}

Bounded subtract(const Bounded &a, const Bounded &b) { return add(a, negate(b)); }

Bounded multiply(const Bounded &a, const Bounded &b) {
  double products[] = {a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high};
  Bounded product{*std::min_element(products, products + 4), *std::max_element(products, products + 4),
                  a.absolute * b.magnitude() + b.absolute * a.magnitude() + a.absolute * b.absolute,
                  a.relative + b.relative + a.relative * b.relative};
  return round(product, /*mayUnderflow=*/true);
}

std::optional<Bounded> divide(const Bounded &a, const Bounded &b) {
  // The computed divisor is not 0 either.
  double least = b.leastMagnitude() - std::min(b.absolute, b.relative * b.leastMagnitude());
  if (!(least > 0) || !(b.leastMagnitude() > 0))
    return std::nullopt;
  double quotients[] = {a.low / b.low, a.low / b.high, a.high / b.low, a.high / b.high};
  Bounded quotient{*std::min_element(quotients, quotients + 4), *std::max_element(quotients, quotients + 4), 0, 0};
  // a'/b' - a/b = ((a' - a) - (a/b)(b' - b)) / b'
  quotient.absolute = (a.absolute + quotient.magnitude() * b.absolute) / least;
  quotient.relative = b.relative < 1 ? (a.relative + b.relative) / (1 - b.relative) : kInfinity;
  return round(quotient, /*mayUnderflow=*/true);
}

Bounded negate(const Bounded &a) { return {-a.high, -a.low, a.absolute, a.relative}; }

Bounded absolute(const Bounded &a) { return {a.leastMagnitude(), a.magnitude(), a.absolute, a.relative}; }

Bounded maximum(const Bounded &a, const Bounded &b) {
  return settle(
      {std::max(a.low, b.low), std::max(a.high, b.high), std::max(a.absolute, b.absolute),
       a.low * b.low > 0 && a.high * a.low > 0 && b.high * b.low > 0 ? std::max(a.relative, b.relative) : kInfinity});
}

Bounded minimum(const Bounded &a, const Bounded &b) { return negate(maximum(negate(a), negate(b))); }

Bounded either(const Bounded &a, const Bounded &b) {
  return settle({std::min(a.low, b.low), std::max(a.high, b.high), std::max(a.absolute, b.absolute),
                 std::max(a.relative, b.relative)});
}

std::optional<Bounded> squareRoot(const Bounded &a) {
  // The computed argument must not be negative.
  if (a.low < 0 || (a.low - a.absolute < 0 && a.relative > 1))
    return std::nullopt;
  Bounded root{std::sqrt(a.low), std::sqrt(a.high), std::sqrt(a.absolute), 0};
  root.relative = a.relative < 1 ? a.relative / (1 + std::sqrt(1 - a.relative)) : kInfinity;
  return round(root, /*mayUnderflow=*/false);
}

Bounded roundTo(const Bounded &a, int digits, int leastExponent) {
  return round(a, /*mayUnderflow=*/true, std::ldexp(1.0, -digits), std::ldexp(1.0, leastExponent));
}

Bounded sum(const Bounded &start, const Bounded &term, double count) {
  double roundings = accumulate(count);
  double terms = start.magnitude() + start.absolute + count * (term.magnitude() + term.absolute);
  Bounded total{start.low + count * term.low, start.high + count * term.high,
                start.absolute + count * term.absolute + roundings * terms, kInfinity};
  // No cancellation.
  if ((start.low >= 0 && term.low >= 0) || (start.high <= 0 && term.high <= 0)) {
    double worst = std::max(start.relative, term.relative);
    total.relative = worst + roundings * (1 + worst);
  }
  return settle(total);
}

namespace {

/// Where a function of an interval lies, and what it makes of an error of its argument: as an absolute and as a
/// relative error.
struct Response {
  double low, high, absolute, relative;
};

double logistic(double x) { return x < 0 ? std::exp(x) / (1 + std::exp(x)) : 1 / (1 + std::exp(-x)); }
double softplus(double x) { return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x)); }

/// The least value of x sigmoid(x) and of gelu, where they turn; between them and 0 they are not monotonic.
constexpr double kLeastSilu = -0.27846454276107380, kSiluTurns = -1.2784645427610738;
constexpr double kLeastGelu = -0.16997120747990369, kGeluTurns = -0.75179152740430130;

double silu(double x) { return x * logistic(x); }
double gelu(double x) { return 0.5 * x * std::erfc(-x * std::sqrt(0.5)); }

std::optional<Response> respond(Function function, const Bounded &x) {
  const double error = x.absolute, low = x.low, high = x.high;
  // Where the computed argument can lie.
  const double reachedLow = low - error, reachedHigh = high + error;
  auto lipschitz = [&](double atLow, double atHigh, double slope) {
    return Response{atLow, atHigh, slope * error, kInfinity};
  };
  switch (function) {
  case Function::Exp:
    return Response{std::exp(low), std::exp(high), kInfinity, std::expm1(error)};
  case Function::Exp2:
    return Response{std::exp2(low), std::exp2(high), kInfinity, std::expm1(M_LN2 * error)};
  case Function::Log:
  case Function::Log2: {
    if (low <= 0 || (x.relative >= 1 && reachedLow <= 0))
      return std::nullopt;
    double unit = function == Function::Log ? 1 : M_LOG2E;
    double change = x.relative < 1 ? -std::log1p(-x.relative) : std::log(low / reachedLow);
    return Response{unit * std::log(low), unit * std::log(high), unit * change, kInfinity};
  }
  case Function::Log1p:
    if (reachedLow <= -1)
      return std::nullopt;
    return lipschitz(std::log1p(low), std::log1p(high), 1 / (1 + reachedLow));
  case Function::Expm1:
    return lipschitz(std::expm1(low), std::expm1(high), std::exp(reachedHigh));
  case Function::Tanh:
    return lipschitz(std::tanh(low), std::tanh(high), 1);
  case Function::Sigmoid: // (log sigmoid)' is within [0, 1]
    return Response{logistic(low), logistic(high), error / 4, std::expm1(error)};
  case Function::Silu: // the largest slope is 1.09984
    return lipschitz(low < kSiluTurns && high > kSiluTurns ? kLeastSilu : std::min(silu(low), silu(high)),
                     std::max(silu(low), silu(high)), 1.09985);
  case Function::Erf:
    return lipschitz(std::erf(low), std::erf(high), M_2_SQRTPI);
  case Function::Gelu: // the largest slope is 1.12890
    return lipschitz(low < kGeluTurns && high > kGeluTurns ? kLeastGelu : std::min(gelu(low), gelu(high)),
                     std::max(gelu(low), gelu(high)), 1.12891);
  case Function::Softplus: // (log softplus)' is within [0, 1]
    return Response{softplus(low), softplus(high), error, std::expm1(error)};
  case Function::Sin:
  case Function::Cos:
    return lipschitz(-1, 1, 1);
  case Function::Rsqrt:
    if (low <= 0 || x.relative >= 1)
      return std::nullopt;
    return Response{1 / std::sqrt(high), 1 / std::sqrt(low), kInfinity, 1 / std::sqrt(1 - x.relative) - 1};
  case Function::Reciprocal:
    if (x.leastMagnitude() == 0 || x.relative >= 1)
      return std::nullopt;
    return Response{1 / high, 1 / low, kInfinity, x.relative / (1 - x.relative)};
  }
  llvm_unreachable("all functions are above");
}

} // namespace

std::optional<Bounded> apply(Function function, const Bounded &x, const Requirement &requirement) {
  std::optional<Response> response = respond(function, x);
  if (!response)
    return std::nullopt;
  Bounded result = settle({response->low, response->high, response->absolute, response->relative});
  // What the program adds, of the function's value at the computed argument.
  double relative = kInfinity, absolute = kInfinity, tiny = 0;
  if (requirement.ulps) {
    relative = *requirement.ulps * 0x1p-23;
    tiny = *requirement.ulps * 0x1p-149;
  } else if (requirement.relative) {
    tiny = kLeastNormal; // nothing is said of results below it: they may be 0
  }
  if (requirement.relative)
    relative = std::min(relative, *requirement.relative);
  if (requirement.absolute)
    absolute = *requirement.absolute;
  if (requirement.mayFlush)
    tiny = std::max(tiny, kLeastNormal);
  double reached = result.magnitude() + result.absolute;
  double byRelative = std::isinf(relative) ? kInfinity : relative * reached + tiny;
  result.absolute += std::min(byRelative, absolute);
  bool isNormal = result.leastMagnitude() * (1 - std::min(1.0, result.relative)) >= kLeastNormal;
  result.relative = isNormal ? result.relative + relative * (1 + result.relative) : kInfinity;
  return settle(result);
}

std::optional<SoftmaxBound> softmax(const Bounded &logit, double count, const Requirement &requirement) {
  // The largest logit is subtracted: a shift, which changes no weight, and one rounding of what is up to the width.
  double width = logit.high - logit.low;
  double change = up(logit.absolute + kRounding * (width + 2 * logit.absolute));
  Bounded shifted = Bounded::exact(-(width + 2 * logit.absolute) * (1 + 2 * kRounding), 0);
  std::optional<Bounded> power = apply(Function::Exp, shifted, requirement);
  if (!power || !(power->relative < 1))
    return std::nullopt;
  // The sum and the divisions.
  double roundings = accumulate(count + 2);
  SoftmaxBound bound;
  bound.moved = up(change + 2 * power->relative / (1 - power->relative));
  bound.scaled = up(roundings / (1 - roundings));
  // |softmax(x) - softmax(y)| <= |x - y| / 2 for each weight.
  double each = change / 2 + power->relative / (1 - power->relative) + bound.scaled + kRounding * kLeastNormal;
  double ratio = std::exp(2 * change) * (1 + power->relative) / (1 - power->relative) * (1 + bound.scaled) - 1;
  double least = 1 / (1 + (count - 1) * std::exp(width));
  double most = count == 1 ? 1 : 1 / (1 + (count - 1) * std::exp(-width));
  bound.weight = settle({least, most, each, ratio});
  return bound;
}

Bounded average(const SoftmaxBound &weights, const Bounded &value, double count) {
  double reached = value.magnitude() + value.absolute;
  // Mass that moves finds another value: half of the l1 error times the width of the values.
  double moved = weights.moved / 2 * (value.high - value.low + 2 * value.absolute);
  double total = (1 + weights.scaled) * (1 + weights.moved);
  return settle({value.low, value.high,
                 value.absolute + moved + weights.scaled * reached + accumulate(count) * total * reached, kInfinity});
}

} // namespace linnet::approximation
