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

/// Patterns that lower the ops of a family to sequential loops over elements.
void populateScanReferencePatterns(mlir::RewritePatternSet &patterns);
void populateElementScanReferencePatterns(mlir::RewritePatternSet &patterns);
} // namespace linnet

#endif // LINNET_COMPILER_REFERENCE_REFERENCE_H
