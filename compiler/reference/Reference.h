//===- Reference.h - reference lowerings by family ------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_COMPILER_REFERENCE_REFERENCE_H
#define LINNET_COMPILER_REFERENCE_REFERENCE_H

#include "mlir/IR/PatternMatch.h"

namespace linnet {
/// Marks an op that linnet-select-path sends to the reference path.
inline constexpr llvm::StringLiteral kPathAttrName = "linnet.path";

/// Patterns that lower an op to sequential loops over elements; those of scan also lower recurrence.
void populateAffineScanReferencePatterns(mlir::RewritePatternSet &patterns);
void populateAttentionReferencePatterns(mlir::RewritePatternSet &patterns);
void populateAttentionMergeReferencePatterns(mlir::RewritePatternSet &patterns);
void populateBlockLocalAttentionReferencePatterns(mlir::RewritePatternSet &patterns);
void populateCausalConv1dReferencePatterns(mlir::RewritePatternSet &patterns);
void populateHadamardReferencePatterns(mlir::RewritePatternSet &patterns);
void populateKroneckerAttentionReferencePatterns(mlir::RewritePatternSet &patterns);
void populateLMulReferencePatterns(mlir::RewritePatternSet &patterns);
void populateMxReferencePatterns(mlir::RewritePatternSet &patterns);
void populateLinearAttentionReferencePatterns(mlir::RewritePatternSet &patterns);
void populateLshOrderReferencePatterns(mlir::RewritePatternSet &patterns);
void populateRoutingReferencePatterns(mlir::RewritePatternSet &patterns);
void populateScanReferencePatterns(mlir::RewritePatternSet &patterns);
void populateSelectiveScanReferencePatterns(mlir::RewritePatternSet &patterns);
void populateTopkMaskReferencePatterns(mlir::RewritePatternSet &patterns);

/// Ops that take the reference lowering on every path and are not marked for it: integer work on few numbers, which no
/// vector code would speed up (docs/rationale/reference.md).
bool hasReferenceLoweringOnly(mlir::Operation *op);
} // namespace linnet

#endif // LINNET_COMPILER_REFERENCE_REFERENCE_H
