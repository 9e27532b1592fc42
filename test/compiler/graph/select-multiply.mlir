// --linnet-select-multiply makes products of matrices by L-Mul where the module asks for it.

// RUN: linnet-opt %s --linnet-select-multiply --split-input-file --verify-diagnostics | FileCheck %s

#x = affine_map<(b, t, n, k) -> (b, t, k)>
#w = affine_map<(b, t, n, k) -> (n, k)>
#y = affine_map<(b, t, n, k) -> (b, t, n)>
// CHECK-NOT: linnet.multiply
// CHECK-LABEL: func @product(
// CHECK-SAME:    %[[X:.*]]: tensor<1x?x4xf32>, %[[W:.*]]: tensor<6x4xf32>, %[[Y:.*]]: tensor<1x?x6xf32>
// CHECK-NEXT:    linnet.lmul_contract ins(%[[X]], %[[W]] : {{.*}}) outs(%[[Y]] : tensor<1x?x6xf32>) {multiply = #linnet.lmul<mantissa = 4>, transpose_b}
module attributes {linnet.multiply = #linnet.lmul<mantissa = 4>} {
  func.func @product(%x: tensor<1x?x4xf32>, %w: tensor<6x4xf32>, %y: tensor<1x?x6xf32>) -> tensor<1x?x6xf32> {
    %0 = linalg.contract indexing_maps = [#x, #w, #y] ins(%x, %w : tensor<1x?x4xf32>, tensor<6x4xf32>) outs(%y : tensor<1x?x6xf32>) -> tensor<1x?x6xf32>
    return %0 : tensor<1x?x6xf32>
  }
}

// -----

// expected-error @below {{there is no product of matrices that L-Mul could make; leave --multiply away}}
module attributes {linnet.multiply = #linnet.lmul<>} {
  func.func @none(%x: tensor<1x?x4xf32>) -> tensor<1x?x4xf32> {
    return %x : tensor<1x?x4xf32>
  }
}
