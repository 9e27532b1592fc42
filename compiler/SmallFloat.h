//===- SmallFloat.h - floats of 4 to 8 bits and their scales ----------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_COMPILER_SMALLFLOAT_H
#define LINNET_COMPILER_SMALLFLOAT_H

#include "dialects/linnet/Linnet.h"

#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace linnet {

/// A format of docs/spec/low-precision.md. A code is a sign bit and a magnitude: exponent field and fraction.
struct SmallFloatFormat {
  explicit SmallFloatFormat(SmallFloat format);

  int64_t bits;    ///< of the fraction
  int64_t bias;    ///< of the exponent
  int64_t last;    ///< the magnitude of the largest number
  int64_t signBit; ///< its value in a code

  double valueOf(int64_t magnitude) const;
  double largest() const { return valueOf(last); }
  /// floor(log2(largest)), and the fraction of the largest number as that of an f32.
  int64_t largestExponent() const { return (last >> bits) - bias; }
  int64_t largestFraction() const { return (last & ((1 << bits) - 1)) << (23 - bits); }
};

/// Codes (i32) of the f32 `x`, scalars or vectors: the nearest number, ties to the even code, or with `noise` from [0,
/// 1) the next one up where that is below the part that is left over.
mlir::Value buildEncode(mlir::ImplicitLocOpBuilder &b, mlir::Value x, const SmallFloatFormat &format,
                        mlir::Value noise = {});

/// The numbers (f32) of codes (i32).
mlir::Value buildDecode(mlir::ImplicitLocOpBuilder &b, mlir::Value code, const SmallFloatFormat &format);

/// The E8M0 scale (i32) of a block whose greatest magnitude has the pattern `greatest` (i32); 255 where that is not
/// finite. Not for the rule quest.
mlir::Value buildScale(mlir::ImplicitLocOpBuilder &b, mlir::Value greatest, const SmallFloatFormat &format,
                       ScaleRule rule);
/// The same by the rule quest, from the sums of `count` numbers and of their squares, each of them first multiplied by
/// the inverse of the scale `unit`, that of the greatest magnitude itself: so no square overflows.
mlir::Value buildQuestScale(mlir::ImplicitLocOpBuilder &b, mlir::Value greatest, mlir::Value sum, mlir::Value squares,
                            mlir::Value count, mlir::Value unit);
mlir::Value buildUnitScale(mlir::ImplicitLocOpBuilder &b, mlir::Value greatest);

/// 2^(scale - 127), NaN for 255; and its inverse, of which there is none for 255.
mlir::Value buildScaleValue(mlir::ImplicitLocOpBuilder &b, mlir::Value scale);
mlir::Value buildInverseScale(mlir::ImplicitLocOpBuilder &b, mlir::Value scale);

/// The E4M3 scale (i32) of a block of e2m1 with the greatest magnitude `greatest` (f32), and what its numbers are
/// multiplied with.
std::pair<mlir::Value, mlir::Value> buildTensorScale(mlir::ImplicitLocOpBuilder &b, mlir::Value greatest,
                                                     mlir::Value tensorScale);

/// A number from [0, 1) that depends on the seed of a block and the place in it (i32), scalars or vectors.
mlir::Value buildNoise(mlir::ImplicitLocOpBuilder &b, mlir::Value seed, mlir::Value place);

} // namespace linnet

#endif // LINNET_COMPILER_SMALLFLOAT_H
