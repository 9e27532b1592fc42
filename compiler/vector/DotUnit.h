//===- DotUnit.h - products of narrow numbers with sums in f32 ------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// AVX512-BF16 multiplies pairs: a lane of the sum is 32 bits and so is a lane of both factors, two neighbours along the
// dimension that is summed. A *group* is what a lane of a factor holds: two bf16, or one f32, which is the ordinary
// fused multiply-add. Code that is written in groups serves both.
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_COMPILER_VECTOR_DOTUNIT_H
#define LINNET_COMPILER_VECTOR_DOTUNIT_H

#include "compiler/vector/VectorBuilder.h"

namespace linnet {

class DotUnit {
public:
  /// For factors of bf16 (the target has AVX512-BF16) or f32.
  explicit DotUnit(mlir::Type element) : element(element), group(element.isBF16() ? 2 : 1) {}

  mlir::Type getElement() const { return element; }
  /// Elements of a group.
  int64_t getGroup() const { return group; }

  /// A vector of groups from `tensor` at `indices`, of which the last counts elements.
  mlir::Value read(VectorBuilder &b, mlir::Value tensor, mlir::ValueRange indices) const;
  mlir::Value write(VectorBuilder &b, mlir::Value groups, mlir::Value tensor, mlir::ValueRange indices) const;
  /// The group of `tensor` at `indices` in all lanes.
  mlir::Value broadcast(VectorBuilder &b, mlir::Value tensor, mlir::ValueRange indices) const;
  /// As many vectors of f32 as a group has elements, rounded: lane l is the group of lane l of each.
  mlir::Value join(VectorBuilder &b, llvm::ArrayRef<mlir::Value> vectors) const;
  /// The same of as many rows, each as wide as a vector of groups: as many vectors, of neighbouring elements.
  llvm::SmallVector<mlir::Value> joinRows(VectorBuilder &b, llvm::ArrayRef<mlir::Value> rows) const;
  /// As many vectors of f32 as a group has elements, rounded, one behind the other: a row of that width.
  mlir::Value concatenate(VectorBuilder &b, llvm::ArrayRef<mlir::Value> vectors) const;
  /// As many vectors of groups as there are lanes, turned: vector i of the result has group i of each.
  llvm::SmallVector<mlir::Value> transpose(VectorBuilder &b, llvm::ArrayRef<mlir::Value> rows) const;
  /// In each lane the sum of the products of two groups, added to `sum` (f32).
  mlir::Value dot(VectorBuilder &b, mlir::Value x, mlir::Value y, mlir::Value sum) const;
  /// Elements as f32, and back.
  mlir::Value widen(VectorBuilder &b, mlir::Value x) const;
  mlir::Value narrow(VectorBuilder &b, mlir::Value x) const;

private:
  mlir::VectorType groupsOf(VectorBuilder &b) const { return mlir::VectorType::get(group * b.getLanes(), element); }

  mlir::Type element;
  int64_t group;
};

} // namespace linnet

#endif // LINNET_COMPILER_VECTOR_DOTUNIT_H
