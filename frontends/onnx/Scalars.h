//===- Scalars.h - arithmetic on single elements --------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_FRONTENDS_ONNX_SCALARS_H
#define LINNET_FRONTENDS_ONNX_SCALARS_H

#include "frontends/onnx/Types.h"

#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace linnet::onnx_frontend {

/// Builds arithmetic on elements of one ONNX type, inside a linalg op or a loop. Operands are of that type where
/// nothing else is said; float functions want floats.
class Scalars : public mlir::ImplicitLocOpBuilder {
public:
  Scalars(mlir::Location loc, mlir::OpBuilder &builder, int32_t type)
      : ImplicitLocOpBuilder(loc, builder), type(type) {}

  using Value = mlir::Value;
  /// The ONNX type of the operands.
  const int32_t type;

  mlir::Type irType() { return getIrType(getContext(), type); }
  /// A number of this type.
  Value number(double value);
  Value index(int64_t value);
  Value boolean(bool value);
  /// The smallest and largest value; of floats the infinities.
  Value lowest();
  Value highest();

  Value add(Value x, Value y);
  Value sub(Value x, Value y);
  Value mul(Value x, Value y);
  /// Of integers towards zero; a divisor of 0 gives 0 instead of a trap.
  Value div(Value x, Value y);
  Value neg(Value x);
  Value abs(Value x);
  /// A NaN wins.
  Value min(Value x, Value y);
  Value max(Value x, Value y);
  /// x mod y with the sign of y, of floats with that of x where `truncates`.
  Value mod(Value x, Value y, bool truncates);

  Value less(Value x, Value y);
  Value lessEqual(Value x, Value y);
  Value equal(Value x, Value y);
  Value greater(Value x, Value y) { return less(y, x); }
  Value greaterEqual(Value x, Value y) { return lessEqual(y, x); }
  Value isNan(Value x);
  Value select(Value condition, Value x, Value y);
  Value logicalAnd(Value x, Value y);
  Value logicalOr(Value x, Value y);
  Value logicalNot(Value x);

  Value exp(Value x);
  Value log(Value x);
  Value log1p(Value x);
  Value expm1(Value x);
  Value sqrt(Value x);
  Value tanh(Value x);
  Value erf(Value x);
  Value sin(Value x);
  Value cos(Value x);
  Value floor(Value x);
  Value ceil(Value x);
  Value roundEven(Value x);
  Value trunc(Value x);
  /// 1 / (1 + exp(-x))
  Value sigmoid(Value x);
  /// log(1 + exp(x))
  Value softplus(Value x);
  Value pow(Value x, Value y);

  /// A conversion as Cast does it: floats to integers are cut off, bool is 0 or 1.
  Value convert(Value x, int32_t from, int32_t to);
  Value toIndex(Value x, int32_t from);
  Value fromIndex(Value x, int32_t to);

  // On indices.
  Value addIndex(Value x, Value y);
  Value subIndex(Value x, Value y);
  Value mulIndex(Value x, Value y);
  Value divIndex(Value x, Value y);
  Value remIndex(Value x, Value y);
  Value minIndex(Value x, Value y);
  Value maxIndex(Value x, Value y);
  enum class Order { Less, LessEqual, Equal };
  Value compareIndex(Order order, Value x, Value y);
  /// x, or x + size where it is negative, as ONNX counts from behind.
  Value wrapIndex(Value x, Value size);

  Value load(Value tensor, mlir::ValueRange indices);
  /// A loop over lower <= i < upper that carries values.
  mlir::SmallVector<Value> loop(Value lower, Value upper, mlir::ValueRange inits,
                                llvm::function_ref<mlir::SmallVector<Value>(Scalars &, Value, mlir::ValueRange)> body);
  /// The values of one of two branches.
  mlir::SmallVector<Value> branch(Value condition, mlir::TypeRange types,
                                  llvm::function_ref<mlir::SmallVector<Value>(Scalars &)> then,
                                  llvm::function_ref<mlir::SmallVector<Value>(Scalars &)> otherwise);
};

} // namespace linnet::onnx_frontend

#endif // LINNET_FRONTENDS_ONNX_SCALARS_H
