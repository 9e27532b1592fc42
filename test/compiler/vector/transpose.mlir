// A transpose that exchanges the innermost dimension goes by blocks of 16 by 16 that are turned in registers. Numbers:
// test/integration/transpose.mlir.

// RUN: linnet-opt %s --linnet-vectorize-tiles --canonicalize --cse | FileCheck %s

// Whole blocks need no masks; of the others, rows and columns that are not there are left out.
// CHECK-LABEL: func @dynamic(
// CHECK-SAME:    %[[X:.*]]: tensor<1x?x?xf32>, %[[Y:.*]]: tensor<1x?x?xf32>
// CHECK:         scf.for %[[I:.*]] = %c0 to %{{.*}} step %c16
// CHECK:           scf.for %[[J:.*]] = %c0 to %{{.*}} step %c16
// CHECK:             scf.if
// CHECK:               vector.transfer_read %[[X]][%c0, %[[J]], %[[I]]], %{{.*}} {in_bounds = [true]}
// CHECK-COUNT-64:      vector.shuffle
// CHECK:               vector.transfer_write %{{.*}}[%c0, %[[I]], %[[J]]] {in_bounds = [true]} : vector<16xf32>, tensor<1x?x?xf32>
// CHECK:             else
// CHECK-COUNT-64:      vector.shuffle
// CHECK:               %[[MASK:.*]] = vector.create_mask
// CHECK:               vector.transfer_write %{{.*}}, %[[MASK]] {in_bounds = [true]}
// CHECK-NOT:     linalg.transpose
func.func @dynamic(%x: tensor<1x?x?xf32>, %y: tensor<1x?x?xf32>) -> tensor<1x?x?xf32> {
  %0 = linalg.transpose ins(%x : tensor<1x?x?xf32>) outs(%y : tensor<1x?x?xf32>) permutation = [0, 2, 1]
  return %0 : tensor<1x?x?xf32>
}

// The outer loops go over what is innermost on neither side.
// CHECK-LABEL: func @outer(
// CHECK:         scf.for %{{.*}} = %c0 to %c3 step %c1
// CHECK:           scf.for %{{.*}} = %c0 to %c32 step %c16
// CHECK:             scf.for %{{.*}} = %c0 to %c64 step %c16
func.func @outer(%x: tensor<64x3x32xf32>, %y: tensor<3x32x64xf32>) -> tensor<3x32x64xf32> {
  %0 = linalg.transpose ins(%x : tensor<64x3x32xf32>) outs(%y : tensor<3x32x64xf32>) permutation = [1, 2, 0]
  return %0 : tensor<3x32x64xf32>
}

// Loops do for rows that stay rows, and where a block would be nearly empty.
// CHECK-LABEL: func @left_alone(
// CHECK-COUNT-2: linalg.transpose
func.func @left_alone(%x: tensor<4x9x16xf32>, %y: tensor<9x4x16xf32>, %u: tensor<?x3xf32>, %v: tensor<3x?xf32>)
    -> (tensor<9x4x16xf32>, tensor<3x?xf32>) {
  %0 = linalg.transpose ins(%x : tensor<4x9x16xf32>) outs(%y : tensor<9x4x16xf32>) permutation = [1, 0, 2]
  %1 = linalg.transpose ins(%u : tensor<?x3xf32>) outs(%v : tensor<3x?xf32>) permutation = [1, 0]
  return %0, %1 : tensor<9x4x16xf32>, tensor<3x?xf32>
}
