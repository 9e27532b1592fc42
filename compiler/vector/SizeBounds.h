//===- SizeBounds.h - upper bounds of buffer sizes ------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_COMPILER_VECTOR_SIZEBOUNDS_H
#define LINNET_COMPILER_VECTOR_SIZEBOUNDS_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/AffineMap.h"

#include <string>
#include <vector>

namespace linnet {

/// The upper bound of an extent: the sum of symbols floordiv divisor + addend.
struct Factor {
  std::vector<std::string> symbols;
  int64_t divisor = 1, addend = 0;

  bool operator<(const Factor &other) const {
    return std::tie(symbols, divisor, addend) < std::tie(other.symbols, other.divisor, other.addend);
  }
};

/// An upper bound of a size in bytes: a constant times extents that depend on symbols of the model.
struct SizeBound {
  int64_t bytes = 1;
  std::vector<Factor> factors;

  bool operator<(const SizeBound &other) const {
    return std::tie(factors, bytes) < std::tie(other.factors, other.bytes);
  }
};

/// Bounds the extents of buffers of one model function by constants and by the symbols of its arguments.
class SizeBounds {
public:
  explicit SizeBounds(mlir::func::FuncOp function) : function(function) {}

  /// Multiplies `size` by a bound of `extent`; false where none is known.
  bool multiply(SizeBound &size, mlir::Value extent);

private:
  bool multiplyDim(SizeBound &size, mlir::Value buffer, int64_t dim);
  bool multiplyExpression(SizeBound &size, mlir::AffineExpr expression, mlir::AffineMap map, mlir::ValueRange operands);
  bool addExpressions(SizeBound &size, mlir::AffineBinaryOpExpr sum, mlir::AffineMap map, mlir::ValueRange operands);

  mlir::func::FuncOp function;
};

} // namespace linnet

#endif // LINNET_COMPILER_VECTOR_SIZEBOUNDS_H
