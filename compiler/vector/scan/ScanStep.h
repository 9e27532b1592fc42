//===- ScanStep.h - one step of linnet.scan on vectors --------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_COMPILER_VECTOR_SCAN_SCANSTEP_H
#define LINNET_COMPILER_VECTOR_SCAN_SCANSTEP_H

#include "compiler/vector/ElementRegion.h"
#include "dialects/linnet/Linnet.h"

namespace linnet {

/// What a step shows as output and carries on as state: one element per input.
struct ScanStep {
  llvm::SmallVector<Components> shown, carried;
};

/// Combines what came `before` with the elements `later` on all lanes. `isStart` says in which lanes a segment begins,
/// `isFirst` whether the step is the first of an unseeded scan; either may be no value.
ScanStep buildScanStep(VectorBuilder &b, ScanOp op, llvm::SmallVector<Components> before,
                       llvm::ArrayRef<Components> later, mlir::Value isStart, mlir::Value isFirst);

} // namespace linnet

#endif // LINNET_COMPILER_VECTOR_SCAN_SCANSTEP_H
