//===- AlongTimeScan.h - scans whose order may be regrouped ---------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_COMPILER_VECTOR_SCAN_ALONGTIMESCAN_H
#define LINNET_COMPILER_VECTOR_SCAN_ALONGTIMESCAN_H

#include "compiler/vector/ElementRegion.h"
#include "dialects/linnet/Linnet.h"

#include <functional>

namespace linnet {

/// What differs between affine_scan and scan. An element is one vector per component; lanes are neighbours in time.
struct AlongTimeScan {
  mlir::ValueRange inputs, outputs;      // [1, T] each
  llvm::SmallVector<mlir::Value> states; // [1] each
  mlir::Value segments;                  // [1, T] or none
  bool exclusive = false, unseeded = false;
  /// combine(earlier, later), associative.
  std::function<Components(VectorBuilder &, const Components &, const Components &)> combine;
  /// The identity, of a scan with segments.
  std::function<mlir::Value(VectorBuilder &, mlir::Type)> identity;
  /// The results, one per output, from what came before and a combination of the elements since.
  std::function<Components(VectorBuilder &, const Components &carry, const Components &prefix)> apply;
};

/// What is to be known of an affine_scan or a scan of scalars to run it by log-steps along time.
AlongTimeScan describeAlongTime(mlir::Operation *op);

} // namespace linnet

#endif // LINNET_COMPILER_VECTOR_SCAN_ALONGTIMESCAN_H
