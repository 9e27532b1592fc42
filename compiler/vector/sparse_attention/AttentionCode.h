//===- AttentionCode.h - what the two forms of attention share --------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_COMPILER_VECTOR_SPARSE_ATTENTION_ATTENTIONCODE_H
#define LINNET_COMPILER_VECTOR_SPARSE_ATTENTION_ATTENTIONCODE_H

#include "compiler/vector/VectorBuilder.h"
#include "dialects/linnet/Linnet.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

#include <limits>

namespace linnet {

using Vectors = llvm::SmallVector<mlir::Value>;

/// A tile of attention, and the vectors that both its forms make: queries in lanes (Attention.cpp), and keys in lanes
/// where a query has a list of its own (KeyLists.cpp).
class AttentionCode {
public:
  AttentionCode(AttentionOp op, int64_t lanes)
      : op(op), lanes(lanes), keys(typeOf(op.getQ()).getDimSize(3)), columns(typeOf(op.getV()).getDimSize(3)) {}

  static mlir::RankedTensorType typeOf(mlir::Value value) {
    return llvm::cast<mlir::RankedTensorType>(value.getType());
  }

protected:
  static mlir::Value add(VectorBuilder &b, mlir::Value x, mlir::Value y) {
    return b.createOrFold<mlir::arith::AddIOp>(x, y);
  }
  static mlir::Value toIndex(VectorBuilder &b, mlir::Value integer) {
    return mlir::arith::IndexCastOp::create(b, b.getIndexType(), integer);
  }
  static mlir::Value toI32(VectorBuilder &b, mlir::Value place) {
    return mlir::arith::IndexCastOp::create(b, b.getI32Type(), place);
  }
  /// first, first + 1, ... in lanes
  static mlir::Value steps(VectorBuilder &b, int64_t first);
  static mlir::Value zero(VectorBuilder &b) { return b.splat(0.0, b.getF32Type()); }
  static mlir::Value lowest(VectorBuilder &b) {
    return b.splat(-std::numeric_limits<double>::infinity(), b.getF32Type());
  }
  static mlir::Value isLowest(VectorBuilder &b, mlir::Value x) {
    return mlir::arith::CmpFOp::create(b, mlir::arith::CmpFPredicate::OEQ, x, lowest(b));
  }
  /// One instruction: where an element is NaN, the weights made of it are NaN in any case.
  static mlir::Value greater(VectorBuilder &b, mlir::Value x, mlir::Value y) {
    mlir::Value isGreater = mlir::arith::CmpFOp::create(b, mlir::arith::CmpFPredicate::OGT, x, y);
    return mlir::arith::SelectOp::create(b, isGreater, x, y);
  }
  /// What scores are counted from: the greatest one, and 0 where there is none, as -inf - -inf is no number.
  static mlir::Value originOf(VectorBuilder &b, mlir::Value greatest) {
    return mlir::arith::SelectOp::create(b, isLowest(b, greatest), zero(b), greatest);
  }
  /// Row `place` of a tensor of rows [1, 1, length], or the place itself where there is none.
  static mlir::Value rowOf(VectorBuilder &b, mlir::Value rows, mlir::Value place);

  /// The factor of a product of a query and a key.
  double getFactor();
  /// Scores from the products with that factor, at positions that are vectors of i32.
  mlir::Value finishScore(VectorBuilder &b, mlir::Value product, mlir::Value query, mlir::Value key);

  AttentionOp op;
  int64_t lanes, keys, columns;
};

/// The tile with keys in lanes; o and lse.
Vectors attendKeyLists(VectorBuilder &b, AttentionOp op);
/// Whether a tile has that form: its blocks have few keys.
bool hasKeyLists(AttentionOp op);
/// Why such an op has no vector code, or an empty string.
std::string explainUncoveredKeyLists(AttentionOp op);

} // namespace linnet

#endif // LINNET_COMPILER_VECTOR_SPARSE_ATTENTION_ATTENTIONCODE_H
