// Tiles of L-Mul: straight-line code on vectors, as many lanes as a register has of the type, and no multiplication.

// RUN: linnet-opt %s --linnet-vectorize-tiles --canonicalize --cse | FileCheck %s --implicit-check-not=linnet.

// CHECK-LABEL: func @lmul(
// CHECK:         scf.for {{.*}} step %c64
// CHECK-NOT:       scf.if
// CHECK-NOT:       arith.mulf
// CHECK:           arith.minui %{{.*}} : vector<64xi8>
// CHECK:           vector.transfer_write %{{.*}} {in_bounds = [true]} : vector<64xf8E4M3FN>
// The end of the row, behind a mask.
// CHECK:         scf.for {{.*}} step %c64
// CHECK:           vector.transfer_write %{{.*}} : vector<64xf8E4M3FN>
func.func @lmul(%x: tensor<?xf8E4M3FN>) -> tensor<?xf8E4M3FN> {
  %0 = linnet.lmul ins(%x, %x : tensor<?xf8E4M3FN>) outs(%x) {multiply = #linnet.lmul<>}
  return %0 : tensor<?xf8E4M3FN>
}

// Blocks of 128 along k. Where a block stays in the range of normal numbers, a product is one addition of integers:
// 16 for eight rows of two vectors; the multiplication is with 1 or -1.
// CHECK-LABEL: func @product(
// CHECK:         scf.for {{.*}} step %c128
// CHECK:           scf.for {{.*}} step %c8
// CHECK:             %{{.*}}:16 = scf.if
// CHECK:               %{{.*}}:16 = scf.for {{.*}} step %c1
// CHECK-NOT:             vector.transfer_write
// CHECK-COUNT-16:        arith.addi %{{.*}} : vector<16xi32>
// CHECK-NOT:             arith.addi %{{.*}} : vector<16xi32>
// CHECK:                 scf.yield
// CHECK:             } else {
// CHECK:               %{{.*}}:16 = scf.for {{.*}} step %c1
// CHECK-NOT:             vector.transfer_write
// CHECK-NOT:             arith.mulf
// CHECK:                 scf.yield
func.func @product(%a: tensor<256x?xf32>, %b: tensor<?x32xf32>, %c: tensor<256x32xf32>) -> tensor<256x32xf32> {
  %0 = linnet.lmul_contract ins(%a, %b : tensor<256x?xf32>, tensor<?x32xf32>) outs(%c : tensor<256x32xf32>) {multiply = #linnet.lmul<>}
  return %0 : tensor<256x32xf32>
}
