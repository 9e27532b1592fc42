//===- Reference.cpp - the exact value of an elementary function ----------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Reference.h"

#include "ReferenceFormulas.h"

#include <cmath>
#include <mpfr.h>

using namespace linnet::approximation;

namespace {

/// The C library's functions on one double.
struct Scalar {
  using Number = double;
  static Number abs(Number x) { return std::fabs(x); }
  static Number max(Number x, Number y) { return x > y ? x : y; }
  static Number sqrt(Number x) { return std::sqrt(x); }
#define FUNCTION(name)                                                                                                 \
  static Number name(Number x) { return std::name(x); }
  FUNCTION(exp)
  FUNCTION(exp2)
  FUNCTION(log)
  FUNCTION(log2) FUNCTION(log1p) FUNCTION(expm1) FUNCTION(tanh) FUNCTION(erf) FUNCTION(erfc) FUNCTION(sin) FUNCTION(cos)
#undef FUNCTION
};

template <Function function> struct ComputeScalars {
  static void run(const float *x, double *y, size_t count) {
    for (size_t i = 0; i < count; ++i)
      y[i] = compute<Scalar, function>(static_cast<double>(x[i]));
  }
};

ComputeReference *choose(Function function) {
#if defined(LINNET_HAS_VECTOR_REFERENCE)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("x86-64-v4"))
    return getVectorReference(function);
#endif
  return chooseReference<ComputeScalars>(function);
}

} // namespace

/// At an infinity, where the vectors and some of the formulas have no limit.
static double computeLimit(Function function, float x) {
  switch (function) {
  case Function::Silu:
  case Function::Gelu:
    return x > 0 ? HUGE_VAL : -0.0;
  case Function::Softplus:
    return x > 0 ? HUGE_VAL : 0.0;
  default:
    double limit;
    chooseReference<ComputeScalars>(function)(&x, &limit, 1);
    return limit;
  }
}

void linnet::approximation::computeReference(Function function, const float *x, double *y, size_t count) {
  ::choose(function)(x, y, count);
  unsigned infinities = 0;
  for (size_t i = 0; i < count; ++i)
    infinities += std::isinf(x[i]);
  if (infinities == 0)
    return;
  for (size_t i = 0; i < count; ++i)
    if (std::isinf(x[i]))
      y[i] = computeLimit(function, x[i]);
}

double linnet::approximation::computeExactly(Function function, float x) {
  if (std::isinf(x) || std::isnan(x) || x == 0) {
    alignas(64) float block[8] = {x, x, x, x, x, x, x, x};
    double result[8];
    computeReference(function, block, result, 8);
    return result[0];
  }
  mpfr_t value, other;
  mpfr_inits2(400, value, other, nullptr);
  mpfr_set_flt(value, x, MPFR_RNDN);
  switch (function) {
  case Function::Exp:
    mpfr_exp(value, value, MPFR_RNDN);
    break;
  case Function::Exp2:
    mpfr_exp2(value, value, MPFR_RNDN);
    break;
  case Function::Log:
    mpfr_log(value, value, MPFR_RNDN);
    break;
  case Function::Log2:
    mpfr_log2(value, value, MPFR_RNDN);
    break;
  case Function::Log1p:
    mpfr_log1p(value, value, MPFR_RNDN);
    break;
  case Function::Expm1:
    mpfr_expm1(value, value, MPFR_RNDN);
    break;
  case Function::Tanh:
    mpfr_tanh(value, value, MPFR_RNDN);
    break;
  case Function::Sigmoid:
  case Function::Silu:
    mpfr_neg(other, value, MPFR_RNDN);
    mpfr_exp(other, other, MPFR_RNDN);
    mpfr_add_ui(other, other, 1, MPFR_RNDN);
    if (function == Function::Sigmoid)
      mpfr_ui_div(value, 1, other, MPFR_RNDN);
    else
      mpfr_div(value, value, other, MPFR_RNDN);
    break;
  case Function::Erf:
    mpfr_erf(value, value, MPFR_RNDN);
    break;
  case Function::Gelu:
    mpfr_set_d(other, 0.5, MPFR_RNDN);
    mpfr_sqrt(other, other, MPFR_RNDN);
    mpfr_mul(other, other, value, MPFR_RNDN);
    mpfr_neg(other, other, MPFR_RNDN);
    mpfr_erfc(other, other, MPFR_RNDN);
    mpfr_mul(value, value, other, MPFR_RNDN);
    mpfr_div_ui(value, value, 2, MPFR_RNDN);
    break;
  case Function::Softplus:
    mpfr_exp(value, value, MPFR_RNDN);
    mpfr_log1p(value, value, MPFR_RNDN);
    break;
  case Function::Sin:
    mpfr_sin(value, value, MPFR_RNDN);
    break;
  case Function::Cos:
    mpfr_cos(value, value, MPFR_RNDN);
    break;
  case Function::Rsqrt:
    mpfr_rec_sqrt(value, value, MPFR_RNDN);
    break;
  case Function::Reciprocal:
    mpfr_ui_div(value, 1, value, MPFR_RNDN);
    break;
  }
  double result = mpfr_get_d(value, MPFR_RNDN);
  mpfr_clears(value, other, nullptr);
  return result;
}
