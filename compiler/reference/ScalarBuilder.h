//===- ScalarBuilder.h - scalar code of reference lowerings ---------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_COMPILER_REFERENCE_SCALARBUILDER_H
#define LINNET_COMPILER_REFERENCE_SCALARBUILDER_H

#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace linnet {

/// A number on the way through a reference body: real, or a pair of parts.
struct Number {
  mlir::Value re, im;
  bool isComplex() const { return static_cast<bool>(im); }
};

/// Builds scalar code at one place. Elementary functions are left to linnet-approximate-math.
class ScalarBuilder : public mlir::ImplicitLocOpBuilder {
public:
  using ImplicitLocOpBuilder::ImplicitLocOpBuilder;

  mlir::Value constant(mlir::Type type, double value);
  mlir::Value index(int64_t value);
  mlir::Value dim(mlir::Value tensor, int64_t i);

  mlir::Value add(mlir::Value x, mlir::Value y);
  mlir::Value sub(mlir::Value x, mlir::Value y);
  mlir::Value mul(mlir::Value x, mlir::Value y);
  Number add(Number x, Number y);
  Number mul(Number x, Number y);
  Number scale(mlir::Value factor, Number x);
  Number exp(Number x);
  /// x / (1 + exp(-x)) (spec-linear 3)
  mlir::Value silu(mlir::Value x);
  /// x for x > 20, else log1p(exp(x)) (spec-linear 3)
  mlir::Value softplus(mlir::Value x);

  /// A number; the parts of a complex one are along a last dimension of 2.
  Number load(mlir::Value tensor, mlir::ValueRange indices, bool isComplex = false);
  mlir::Value store(Number x, mlir::Value tensor, mlir::ValueRange indices);

  /// An element of `rank` trailing dimensions: a scalar, or a static tensor.
  mlir::Value loadElement(mlir::Value tensor, mlir::ValueRange indices, int64_t rank);
  mlir::Value storeElement(mlir::Value element, mlir::Value tensor, mlir::ValueRange indices, int64_t rank);

  /// Loops 0 <= i < bound over `bounds`, outermost first, around `body`, which maps the carried values to new ones.
  llvm::SmallVector<mlir::Value>
  loops(mlir::ValueRange bounds, mlir::ValueRange carried,
        llvm::function_ref<llvm::SmallVector<mlir::Value>(ScalarBuilder &, mlir::ValueRange, mlir::ValueRange)> body);

  /// A choice between two ways to go on from `carried`: what `body` makes of it, or itself.
  llvm::SmallVector<mlir::Value> when(mlir::Value condition, mlir::ValueRange carried,
                                      llvm::function_ref<llvm::SmallVector<mlir::Value>(ScalarBuilder &)> body);
  /// `tensor` with `value` everywhere.
  mlir::Value fill(mlir::Value tensor, mlir::Value value);

  mlir::Value toI32(mlir::Value index);
  mlir::Value toIndex(mlir::Value integer);

  /// A copy of the body of a region of one block on `arguments`; returns what it yields.
  llvm::SmallVector<mlir::Value> inlineRegion(mlir::Region &region, mlir::ValueRange arguments);
};

} // namespace linnet

#endif // LINNET_COMPILER_REFERENCE_SCALARBUILDER_H
