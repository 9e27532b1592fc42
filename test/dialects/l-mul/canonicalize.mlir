// Canonicalisation of the L-Mul ops: the result of a product becomes as static as the factors, casts fold into the op.

// RUN: linnet-opt %s --canonicalize | FileCheck %s

// CHECK-LABEL: func @refines_lmul_contract(
// CHECK:         linnet.lmul_contract
// CHECK-SAME:      outs(%{{.*}} : tensor<2x?x6xf32>)
// CHECK:         linnet.lmul_contract
// CHECK-SAME:      outs(%{{.*}} : tensor<2x3x5xf32>)
func.func @refines_lmul_contract(%a: tensor<2x?x4xf32>, %b: tensor<4x6xf32>, %c: tensor<?x?x?xf32>, %d: tensor<2x3x4xf32>,
                                 %t: tensor<2x5x4xf32>) -> (tensor<?x?x?xf32>, tensor<?x?x?xf32>) {
  %0 = linnet.lmul_contract ins(%a, %b : tensor<2x?x4xf32>, tensor<4x6xf32>) outs(%c : tensor<?x?x?xf32>) {multiply = #linnet.lmul<>}
  %1 = linnet.lmul_contract ins(%d, %t : tensor<2x3x4xf32>, tensor<2x5x4xf32>) outs(%c : tensor<?x?x?xf32>) {multiply = #linnet.lmul<>, transpose_b}
  return %0, %1 : tensor<?x?x?xf32>, tensor<?x?x?xf32>
}

// What is unused goes.
// CHECK-LABEL: func @unused(
// CHECK-NEXT:    return
func.func @unused(%x: tensor<4xf32>) {
  %0 = linnet.lmul ins(%x, %x : tensor<4xf32>) outs(%x) {multiply = #linnet.lmul<>}
  return
}
