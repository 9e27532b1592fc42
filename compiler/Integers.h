//===- Integers.h - integer operations on scalars or vectors ----------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_COMPILER_INTEGERS_H
#define LINNET_COMPILER_INTEGERS_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace linnet {

/// Builds integer operations of one type, a scalar or a vector: what patterns of numbers are taken apart with.
struct Integers {
  mlir::ImplicitLocOpBuilder &b;
  mlir::Type type;

  /// Integers as wide as the floats of `other`, and as many.
  static Integers like(mlir::ImplicitLocOpBuilder &b, mlir::Type other) {
    mlir::Type element = b.getIntegerType(mlir::getElementTypeOrSelf(other).getIntOrFloatBitWidth());
    auto vector = mlir::dyn_cast<mlir::VectorType>(other);
    return {b, vector ? mlir::Type(vector.clone(element)) : element};
  }
  /// The type of floats of the same width and number.
  mlir::Type withElement(mlir::Type element) {
    auto vector = mlir::dyn_cast<mlir::VectorType>(type);
    return vector ? mlir::Type(vector.clone(element)) : element;
  }

  mlir::Value constant(int64_t value) {
    unsigned width = mlir::getElementTypeOrSelf(type).getIntOrFloatBitWidth();
    // Patterns are unsigned; the attribute takes them as signed numbers.
    auto attr = mlir::IntegerAttr::get(mlir::getElementTypeOrSelf(type), llvm::APInt(width, value, false, true));
    if (auto vector = mlir::dyn_cast<mlir::VectorType>(type))
      return mlir::arith::ConstantOp::create(b, mlir::DenseElementsAttr::get(vector, mlir::Attribute(attr)));
    return mlir::arith::ConstantOp::create(b, attr);
  }
  mlir::Value pattern(mlir::Value x) { return mlir::arith::BitcastOp::create(b, type, x); }
  mlir::Value asFloat(mlir::Value x, mlir::Type element) {
    return mlir::arith::BitcastOp::create(b, withElement(element), x);
  }
  mlir::Value mask(mlir::Value x, int64_t bits) { return mlir::arith::AndIOp::create(b, x, constant(bits)); }
  mlir::Value unite(mlir::Value x, mlir::Value y) { return mlir::arith::OrIOp::create(b, x, y); }
  mlir::Value add(mlir::Value x, mlir::Value y) { return mlir::arith::AddIOp::create(b, x, y); }
  mlir::Value add(mlir::Value x, int64_t y) { return add(x, constant(y)); }
  mlir::Value subtract(mlir::Value x, mlir::Value y) { return mlir::arith::SubIOp::create(b, x, y); }
  mlir::Value shiftLeft(mlir::Value x, int64_t by) { return mlir::arith::ShLIOp::create(b, x, constant(by)); }
  mlir::Value shiftRight(mlir::Value x, int64_t by) { return mlir::arith::ShRUIOp::create(b, x, constant(by)); }
  mlir::Value least(mlir::Value x, mlir::Value y) { return mlir::arith::MinUIOp::create(b, x, y); }
  mlir::Value most(mlir::Value x, mlir::Value y) { return mlir::arith::MaxUIOp::create(b, x, y); }
  mlir::Value compare(mlir::arith::CmpIPredicate predicate, mlir::Value x, int64_t y) {
    return mlir::arith::CmpIOp::create(b, predicate, x, constant(y));
  }
  mlir::Value isBelow(mlir::Value x, int64_t y) { return compare(mlir::arith::CmpIPredicate::ult, x, y); }
  mlir::Value select(mlir::Value condition, mlir::Value x, mlir::Value y) {
    return mlir::arith::SelectOp::create(b, condition, x, y);
  }
};

} // namespace linnet

#endif // LINNET_COMPILER_INTEGERS_H
