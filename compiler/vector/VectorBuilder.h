//===- VectorBuilder.h - vector code on tensors ---------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_COMPILER_VECTOR_VECTORBUILDER_H
#define LINNET_COMPILER_VECTOR_VECTORBUILDER_H

#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace linnet {

/// Builds straight-line vector code of one number of lanes over tensors. Reads and writes go along the last dimension
/// and are masked only where the tensor may be narrower than a vector.
class VectorBuilder : public mlir::ImplicitLocOpBuilder {
public:
  VectorBuilder(mlir::Location loc, mlir::OpBuilder &builder, int64_t lanes)
      : ImplicitLocOpBuilder(loc, builder), lanes(lanes) {}
  /// The same width at another place.
  VectorBuilder at(mlir::OpBuilder &builder) const { return VectorBuilder(getLoc(), builder, lanes); }

  int64_t getLanes() const { return lanes; }
  /// The vectors of a tile of `size` channels: several whole ones, or one that may not be full.
  int64_t countVectors(int64_t size) const {
    return mlir::ShapedType::isDynamic(size) || size <= lanes ? 1 : size / lanes;
  }
  /// A vector of elements, or of the elements of a tensor.
  mlir::VectorType vectorOf(mlir::Type type) const {
    return mlir::VectorType::get(lanes, mlir::getElementTypeOrSelf(type));
  }

  mlir::Value index(int64_t value);
  mlir::Value dim(mlir::Value tensor, int64_t i);
  /// A vector with the elements of `type`, all of them `value`.
  mlir::Value splat(double value, mlir::Type type);
  /// A constant mask: the lanes that `takes` names.
  mlir::Value maskLanes(llvm::function_ref<bool(int64_t lane)> takes);

  /// One vector from `tensor` at `indices` along its last dimension.
  mlir::Value read(mlir::Value tensor, mlir::ValueRange indices);
  /// The new tensor.
  mlir::Value write(mlir::Value vector, mlir::Value tensor, mlir::ValueRange indices);
  /// The same where the caller knows whether the whole vector lies in the tensor; lanes beyond it read 0.
  mlir::Value readPart(mlir::Value tensor, mlir::ValueRange indices, bool isWhole);
  mlir::Value writePart(mlir::Value vector, mlir::Value tensor, mlir::ValueRange indices, bool isWhole);
  /// All lanes hold the element of `tensor` at `indices`.
  mlir::Value broadcast(mlir::Value tensor, mlir::ValueRange indices);

  /// Asks the machine for the cache line of `tensor` at `indices`, which may lie beyond the tensor.
  void prefetch(mlir::Value tensor, mlir::ValueRange indices, bool isWrite = false);

  /// The columns of a row-major matrix whose rows belong to lanes: its last two dimensions are [lane, column], `prefix`
  /// indexes the others. One vector per column.
  llvm::SmallVector<mlir::Value> readColumns(mlir::Value tensor, mlir::ValueRange prefix);
  mlir::Value writeColumns(mlir::ValueRange columns, mlir::Value tensor, mlir::ValueRange prefix);

  /// The components of the elements (the last `rank` dimensions, static) of `lanes` neighbours along the dimension
  /// before, at `indices`: one vector per component, in row-major order.
  llvm::SmallVector<mlir::Value> readElements(mlir::Value tensor, mlir::ValueRange indices, int64_t rank);
  mlir::Value writeElements(mlir::ValueRange components, mlir::Value tensor, mlir::ValueRange indices, int64_t rank);

  /// A square block of `tensor` from `indices` on, turned in registers: its rows lie along `laneDim` and belong to
  /// lanes, its columns along the last dimension. One vector per column. Unless `allRows` promises that all are there,
  /// rows beyond the tensor repeat its last one; unless `allColumns` does, columns beyond it are open.
  llvm::SmallVector<mlir::Value> readTurned(mlir::Value tensor, mlir::ValueRange indices, int64_t laneDim, bool allRows,
                                            bool allColumns);
  mlir::Value writeTurned(mlir::ValueRange columns, mlir::Value tensor, mlir::ValueRange indices, int64_t laneDim,
                          bool allRows, bool allColumns);
  /// Writes vectors as rows of `tensor`, at `indices` and the places after it along `rowDim`.
  mlir::Value writeRows(mlir::ValueRange rows, mlir::Value tensor, mlir::ValueRange indices, int64_t rowDim,
                        bool allRows, bool allColumns);
  /// Whether dimension `dim` is known to have a vector's elements.
  bool isWide(mlir::Value tensor, int64_t dim) const;

  mlir::Value add(mlir::Value x, mlir::Value y);
  mlir::Value mul(mlir::Value x, mlir::Value y);
  /// x * y + z, fused where the target can.
  mlir::Value mulAdd(mlir::Value x, mlir::Value y, mlir::Value z) { return add(mul(x, y), z); }
  /// The product of two numbers: one part each, or a real and an imaginary part.
  llvm::SmallVector<mlir::Value> mulNumbers(llvm::ArrayRef<mlir::Value> x, llvm::ArrayRef<mlir::Value> y);
  mlir::Value exp(mlir::Value x);
  mlir::Value silu(mlir::Value x);
  /// y silu(x).
  mlir::Value timesSilu(mlir::Value y, mlir::Value x);
  mlir::Value softplus(mlir::Value x);

  /// All lanes hold `scalar`.
  mlir::Value spread(mlir::Value scalar);
  /// A loop from `first` up to `end` around `body`, which maps the carried values to new ones; the last ones.
  llvm::SmallVector<mlir::Value>
  loop(mlir::Value first, mlir::Value end, int64_t step, mlir::ValueRange carried,
       llvm::function_ref<llvm::SmallVector<mlir::Value>(VectorBuilder &, mlir::Value, mlir::ValueRange)> body);
  /// What one of two branches gives.
  llvm::SmallVector<mlir::Value> choose(mlir::Value condition,
                                        llvm::function_ref<llvm::SmallVector<mlir::Value>(VectorBuilder &)> whenTrue,
                                        llvm::function_ref<llvm::SmallVector<mlir::Value>(VectorBuilder &)> whenFalse);

  /// The sums over all lanes of any number of vectors, as the lanes of as few vectors as hold them.
  llvm::SmallVector<mlir::Value> sumLanes(llvm::ArrayRef<mlir::Value> vectors);

  /// As many rows as there are lanes, in registers; the number of lanes is a power of two. Written as shuffles because
  /// rows gathered in one two-dimensional vector are taken apart element by element when the IR is canonicalised.
  llvm::SmallVector<mlir::Value> transpose(llvm::ArrayRef<mlir::Value> rows);

private:
  mlir::Value padding(mlir::Value tensor);

  int64_t lanes;
};

} // namespace linnet

#endif // LINNET_COMPILER_VECTOR_VECTORBUILDER_H
