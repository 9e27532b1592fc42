//===- ScanForm.h - elementwise scans across lanes or along time ----------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_COMPILER_SCANFORM_H
#define LINNET_COMPILER_SCANFORM_H

#include "dialects/linnet/Linnet.h"

namespace linnet {

/// Lanes from which an elementwise scan runs across them; with fewer it runs along time inside a vector. An unknown
/// number counts as many. See docs/rationale/graph.md.
inline constexpr int64_t kMinLanes = 8;

inline bool fillsLanes(int64_t lanes) { return mlir::ShapedType::isDynamic(lanes) || lanes >= kMinLanes; }

/// Whether a scan that linnet-arrange-scans has seen runs along time: [lanes, T], of few lanes.
inline bool runsAlongTime(mlir::Operation *op) {
  if (!llvm::isa<AffineScanOp, ScanOp>(op))
    return false;
  auto type = llvm::cast<mlir::RankedTensorType>(op->getOperand(0).getType());
  return type.getRank() == 2 && llvm::cast<TimeOpInterface>(op).getResultTimeDim(0) == 1 &&
         !fillsLanes(type.getDimSize(0));
}

/// Whether an affine_scan or scan of scalars has time as its innermost dimension: neighbours in time are neighbours in
/// memory.
inline bool scansInnermost(mlir::Operation *op) {
  auto scan = llvm::dyn_cast<ScanOp>(op);
  auto affine = llvm::dyn_cast<AffineScanOp>(op);
  if ((!scan && !affine) || (affine && affine.getComplex()))
    return false;
  int64_t rank = llvm::cast<mlir::RankedTensorType>(op->getOperand(0).getType()).getRank();
  if (scan)
    for (unsigned i = 0; i < scan.getInputs().size(); ++i)
      if (scan.getElementRank(i) != 0)
        return false;
  return llvm::cast<TimeOpInterface>(op).getResultTimeDim(0) == rank - 1;
}

} // namespace linnet

#endif // LINNET_COMPILER_SCANFORM_H
