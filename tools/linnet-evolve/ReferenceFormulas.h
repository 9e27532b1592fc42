//===- ReferenceFormulas.h - functions in terms of those of a library -----------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_TOOLS_LINNETEVOLVE_REFERENCEFORMULAS_H
#define LINNET_TOOLS_LINNETEVOLVE_REFERENCEFORMULAS_H

#include "compiler/approximation/Library.h"

#include <utility>

namespace linnet::approximation {

/// The functions from those of a mathematical library.
template <typename M, Function function> typename M::Number compute(typename M::Number x) {
  if constexpr (function == Function::Exp)
    return M::exp(x);
  if constexpr (function == Function::Exp2)
    return M::exp2(x);
  if constexpr (function == Function::Log)
    return M::log(x);
  if constexpr (function == Function::Log2)
    return M::log2(x);
  if constexpr (function == Function::Log1p)
    return M::log1p(x);
  if constexpr (function == Function::Expm1)
    return M::expm1(x);
  if constexpr (function == Function::Tanh)
    return M::tanh(x);
  if constexpr (function == Function::Sigmoid)
    return 1.0 / (1.0 + M::exp(-x));
  if constexpr (function == Function::Silu)
    return x / (1.0 + M::exp(-x));
  if constexpr (function == Function::Erf)
    return M::erf(x);
  if constexpr (function == Function::Gelu)
    return 0.5 * x * M::erfc(x * -0.70710678118654752440);
  if constexpr (function == Function::Softplus)
    return M::max(x, x - x) + M::log1p(M::exp(-M::abs(x)));
  if constexpr (function == Function::Sin)
    return M::sin(x);
  if constexpr (function == Function::Cos)
    return M::cos(x);
  if constexpr (function == Function::Rsqrt)
    return 1.0 / M::sqrt(x);
  if constexpr (function == Function::Reciprocal)
    return 1.0 / x;
}

/// Fills y with function(x).
using ComputeReference = void(const float *x, double *y, size_t count);

/// One table entry for each function.
template <template <Function> class Compute, size_t... indices>
ComputeReference *chooseReference(Function function, std::index_sequence<indices...>) {
  static constexpr ComputeReference *table[] = {Compute<static_cast<Function>(indices)>::run...};
  return table[static_cast<size_t>(function)];
}
template <template <Function> class Compute> ComputeReference *chooseReference(Function function) {
  return chooseReference<Compute>(function, std::make_index_sequence<kFunctionCount>());
}

/// With glibc's vectors of 8 doubles, for machines of x86-64-v4; exists on x86 only.
ComputeReference *getVectorReference(Function function);

} // namespace linnet::approximation

#endif // LINNET_TOOLS_LINNETEVOLVE_REFERENCEFORMULAS_H
