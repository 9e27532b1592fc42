// --linnet-distribute-tiles: a thread for each channel, row or number of a tile.

// RUN: linnet-opt %s --split-input-file --verify-diagnostics --linnet-distribute-tiles | FileCheck %s

// Across channels: the state is a value of the loop over time, and no thread asks for rows ahead.
// CHECK-LABEL: func @channels
// CHECK:         scf.forall (%{{.*}}) in (32)
// CHECK:           vector.transfer_read {{.*}} : tensor<1xf32>, vector<1xf32>
// CHECK:           scf.for {{.*}} -> (tensor<?x1xf32>, vector<1xf32>)
// CHECK-NOT:         memref.prefetch
// CHECK:             arith.mulf
// CHECK-NEXT:        arith.addf
// CHECK:         } {mapping = [#gpu.thread<linear_dim_0>]}
func.func @channels(%a: tensor<?x32xf32>, %b: tensor<?x32xf32>, %init: tensor<?x32xf32>, %s: tensor<32xf32>)
    -> (tensor<?x32xf32>, tensor<32xf32>) {
  %y, %last = linnet.affine_scan ins(%a, %b : tensor<?x32xf32>, tensor<?x32xf32>)
      outs(%init, %s : tensor<?x32xf32>, tensor<32xf32>) {dimension = 0 : i64}
  return %y, %last : tensor<?x32xf32>, tensor<32xf32>
}

// -----

// Along time, innermost in memory: it waits for its buffers and becomes the code of a block.
// CHECK-LABEL: func @rows
// CHECK-NEXT:    linnet.affine_scan
// CHECK-NEXT:    return
func.func @rows(%a: tensor<4x?xf32>, %b: tensor<4x?xf32>, %init: tensor<4x?xf32>, %s: tensor<4xf32>)
    -> (tensor<4x?xf32>, tensor<4xf32>) {
  %y, %last = linnet.affine_scan ins(%a, %b : tensor<4x?xf32>, tensor<4x?xf32>)
      outs(%init, %s : tensor<4x?xf32>, tensor<4xf32>) {dimension = 1 : i64}
  return %y, %last : tensor<4x?xf32>, tensor<4xf32>
}

// -----

// The definition of the op, for one number in each thread.
// CHECK-LABEL: func @products
// CHECK:         scf.forall (%{{.*}}) in (64)
// CHECK-NOT:       linnet.lmul
// CHECK:         } {mapping = [#gpu.thread<linear_dim_0>]}
func.func @products(%x: tensor<64xf32>, %y: tensor<64xf32>, %init: tensor<64xf32>) -> tensor<64xf32> {
  %0 = linnet.lmul ins(%x, %y : tensor<64xf32>) outs(%init) {multiply = #linnet.lmul<>}
  return %0 : tensor<64xf32>
}

// -----

// What has the reference path stays for it.
// CHECK-LABEL: func @reference
// CHECK-NEXT:    linnet.affine_scan
func.func @reference(%a: tensor<?x32xf32>, %init: tensor<?x32xf32>, %s: tensor<32xf32>) -> tensor<?x32xf32> {
  %y, %last = linnet.affine_scan ins(%a, %a : tensor<?x32xf32>, tensor<?x32xf32>)
      outs(%init, %s : tensor<?x32xf32>, tensor<32xf32>) {dimension = 0 : i64, linnet.path = "reference"}
  return %y : tensor<?x32xf32>
}
