//===- ReferenceVectors.cpp - the exact value, eight at a time ------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ReferenceFormulas.h"

#include <immintrin.h>

using namespace linnet::approximation;

// glibc's, within 4 units of the last place.
#define FUNCTION(name) extern "C" __m512d _ZGVeN8v_##name(__m512d);
FUNCTION(exp)
FUNCTION(exp2)
FUNCTION(log)
FUNCTION(log2)
FUNCTION(log1p)
FUNCTION(expm1)
FUNCTION(tanh)
FUNCTION(erf) FUNCTION(erfc) FUNCTION(sin) FUNCTION(cos)
#undef FUNCTION

    namespace {

  struct Vector {
    using Number = __m512d;
    static Number abs(Number x) { return _mm512_abs_pd(x); }
    static Number max(Number x, Number y) { return _mm512_max_pd(y, x); } // NaN of x
    static Number sqrt(Number x) { return _mm512_sqrt_pd(x); }
    // Beyond `limit` the result is far beyond float32, and the library would turn to scalar code.
    static Number bound(Number x, double limit) {
      return _mm512_min_pd(_mm512_set1_pd(limit), _mm512_max_pd(_mm512_set1_pd(-limit), x)); // NaN of x
    }
#define FUNCTION(name, limit)                                                                                          \
  static Number name(Number x) { return _ZGVeN8v_##name(bound(x, limit)); }
    FUNCTION(exp, 600)
    FUNCTION(exp2, 900)
    FUNCTION(expm1, 600)
    FUNCTION(tanh, 30)
    FUNCTION(erf, 20)
    FUNCTION(erfc, 20)
#undef FUNCTION
#define FUNCTION(name)                                                                                                 \
  static Number name(Number x) { return _ZGVeN8v_##name(x); }
    FUNCTION(log) FUNCTION(log2) FUNCTION(log1p) FUNCTION(sin) FUNCTION(cos)
#undef FUNCTION
  };

  template <Function function> struct ComputeVectors {
    static void run(const float *x, double *y, size_t count) {
      for (size_t i = 0; i < count; i += 8)
        _mm512_storeu_pd(y + i, compute<Vector, function>(_mm512_cvtps_pd(_mm256_loadu_ps(x + i))));
    }
  };

} // namespace

ComputeReference *linnet::approximation::getVectorReference(Function function) {
  return chooseReference<ComputeVectors>(function);
}
