//===- Shapes.h - shapes in verifiers and shape inference -----------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_DIALECTS_LINNET_SHAPES_H
#define LINNET_DIALECTS_LINNET_SHAPES_H

#include "dialects/linnet/Linnet.h"

#include "mlir/IR/PatternMatch.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"

#include <array>

namespace linnet {

inline mlir::ShapedType shapedType(mlir::Value value) { return mlir::cast<mlir::ShapedType>(value.getType()); }

/// A size that several operands of an op have in common, as far as the types seen so far tell it, and the operand that
/// told it.
struct CommonSize {
  int64_t size;
  mlir::Value from;
};

/// The sizes of `value`, and references to them in their order, as verifyShape wants them.
llvm::SmallVector<CommonSize> getSizes(mlir::Value value);
llvm::SmallVector<CommonSize *> refer(llvm::MutableArrayRef<CommonSize> sizes);

/// Fails unless the shape of `value` is compatible with `expected`. What was dynamic there and is static in `value` is
/// known from then on. `constraint` is the label of docs/spec, as in "selective-scan C5".
mlir::LogicalResult verifyShape(mlir::Operation *op, llvm::StringRef name, mlir::Value value,
                                llvm::ArrayRef<CommonSize *> expected, llvm::StringRef constraint);

/// Fails unless the elements of `value` have type `expected`.
mlir::LogicalResult verifyElementType(mlir::Operation *op, llvm::StringRef name, mlir::Value value, mlir::Type expected,
                                      llvm::StringRef constraint);

/// Fails unless `value` has a last dimension of 2, for the parts of complex numbers.
mlir::LogicalResult verifyPairs(mlir::Operation *op, llvm::StringRef name, mlir::Value value,
                                llvm::StringRef constraint);

/// Places of [batch, time, channel] in a shape in `layout`.
inline std::array<unsigned, 3> getPlaces(Layout layout) {
  return layout == Layout::BTD ? std::array{0u, 1u, 2u} : std::array{0u, 2u, 1u};
}

/// [batch, time, channel] of a shape in `layout`.
std::array<int64_t, 3> splitShape(llvm::ArrayRef<int64_t> shape, Layout layout);

/// The shape known from both: `shape` where it is static, else `inferred`.
llvm::SmallVector<int64_t> joinShapes(llvm::ArrayRef<int64_t> shape, llvm::ArrayRef<int64_t> inferred);

/// Shape inference: makes the types of the inits, and so of the results, as static as `inferred` (one shape per init).
mlir::LogicalResult refineInits(mlir::DestinationStyleOpInterface op,
                                llvm::ArrayRef<llvm::SmallVector<int64_t>> inferred, mlir::PatternRewriter &rewriter);

/// Sizes of the results: those of the inits.
mlir::LogicalResult reifyInits(mlir::DestinationStyleOpInterface op, mlir::OpBuilder &builder,
                               mlir::ReifiedRankedShapedTypeDims &reifiedReturnShapes);

/// The number of elements, with `dynamicSize` for a dynamic size.
int64_t countElements(llvm::ArrayRef<int64_t> shape, int64_t dynamicSize);

} // namespace linnet

#endif // LINNET_DIALECTS_LINNET_SHAPES_H
