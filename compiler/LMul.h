//===- LMul.h - L-Mul on numbers and vectors --------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_COMPILER_LMUL_H
#define LINNET_COMPILER_LMUL_H

#include "dialects/linnet/Linnet.h"

#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace linnet {

/// What L-Mul needs to know of a type of numbers and of the bits that it keeps (docs/spec/l-mul.md).
struct LMulFormat {
  LMulFormat(mlir::FloatType type, LMulAttr multiply);

  unsigned width, bits;    ///< of a pattern, and of its fraction
  int64_t bias;            ///< of the exponent
  int64_t sign, magnitude; ///< masks of the pattern
  int64_t kept;            ///< mask of the bits of the magnitude that a factor keeps
  int64_t one;             ///< the smallest normal number: 1 in the exponent
  int64_t offset;          ///< 2^-l in units of the fraction
  int64_t correction;      ///< bias - offset: what the sum of two magnitudes has too much
  int64_t largest;         ///< finite number
  int64_t saturated;       ///< the largest with the bits that are kept
  int64_t infinity, notANumber;
  bool hasInfinity;
};

/// The product of two scalars or vectors of floats by L-Mul, without branches.
mlir::Value buildLMul(mlir::ImplicitLocOpBuilder &b, mlir::Value x, mlir::Value y, LMulAttr multiply);

} // namespace linnet

#endif // LINNET_COMPILER_LMUL_H
