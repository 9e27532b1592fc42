// L-Mul is tiled into rows, or stretches of a single dimension; products into blocks of rows and columns of two vectors.

// RUN: linnet-opt %s --linnet-tile-ops --canonicalize --cse | FileCheck %s

// CHECK-LABEL: func @along_one_dimension(
// CHECK:         scf.forall (%[[I:.*]]) = (0) to (%{{.*}}) step (16384)
// CHECK:           linnet.lmul ins({{.*}} : tensor<?xf32>)
func.func @along_one_dimension(%x: tensor<?xf32>) -> tensor<?xf32> {
  %0 = linnet.lmul ins(%x, %x : tensor<?xf32>) outs(%x) {multiply = #linnet.lmul<>}
  return %0 : tensor<?xf32>
}

// CHECK-LABEL: func @rows(
// CHECK:         scf.forall (%[[B:.*]], %[[I:.*]]) = (0, 0) to (2, 64) step (1, 32)
// CHECK:           linnet.lmul ins({{.*}} : tensor<1x32x5xf32>)
func.func @rows(%x: tensor<2x64x5xf32>) -> tensor<2x64x5xf32> {
  %0 = linnet.lmul ins(%x, %x : tensor<2x64x5xf32>) outs(%x) {multiply = #linnet.lmul<>}
  return %0 : tensor<2x64x5xf32>
}

// CHECK-LABEL: func @product(
// CHECK-SAME:    %[[A:[^:]*]]: tensor<2x512x40xf32>, %[[W:[^:]*]]: tensor<64x40xf32>, %[[C:[^:]*]]: tensor<2x512x64xf32>
// CHECK:         scf.forall (%[[BATCH:.*]], %[[I:.*]], %[[J:.*]]) = (0, 0, 0) to (2, 512, 64) step (1, 256, 32)
// CHECK-DAG:       tensor.extract_slice %[[A]][%[[BATCH]], %[[I]], 0] [1, 256, 40]
// CHECK-DAG:       tensor.extract_slice %[[W]][%[[J]], 0] [32, 40]
// CHECK:           linnet.lmul_contract {{.*}} outs(%{{.*}} : tensor<1x256x32xf32>) {multiply = #linnet.lmul<mantissa = 4>, transpose_b}
func.func @product(%a: tensor<2x512x40xf32>, %w: tensor<64x40xf32>, %c: tensor<2x512x64xf32>) -> tensor<2x512x64xf32> {
  %0 = linnet.lmul_contract ins(%a, %w : tensor<2x512x40xf32>, tensor<64x40xf32>) outs(%c : tensor<2x512x64xf32>)
      {multiply = #linnet.lmul<mantissa = 4>, transpose_b}
  return %0 : tensor<2x512x64xf32>
}
