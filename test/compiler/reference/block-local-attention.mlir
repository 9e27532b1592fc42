// The reference path spells block_local_attention as loops over single elements. Numbers are tested in test/integration.

// RUN: linnet-opt %s --linnet-reference --canonicalize | FileCheck %s --implicit-check-not=linnet. --implicit-check-not=fastmath
// RUN: linnet-opt %s --linnet-reference=marked-only | FileCheck %s --check-prefix=MARKED

// The block of a token begins at a multiple of its size. Three passes over the tokens before the end of what it attends
// to: the greatest score, the sum of the weights, and the sum of weights and values, which is divided once.
// CHECK-LABEL: func @softmax(
// CHECK:         scf.for %{{.*}} = %c0 to %c2
// CHECK:           scf.for %[[T:.*]] = %c0 to
// CHECK:             scf.for %{{.*}} = %c0 to %c4
// CHECK:               %[[PLACE:.*]] = arith.remui %[[T]], %c16
// CHECK:               %[[FIRST:.*]] = arith.subi %[[T]], %[[PLACE]]
// CHECK:               arith.maximumf
// CHECK:               math.exp
// CHECK:               scf.for %{{.*}} = %c0 to %c6
// CHECK:                 math.exp
// CHECK:                 arith.divf
// MARKED:        linnet.block_local_attention
func.func @softmax(%q: tensor<2x?x4x8xf32>, %v: tensor<2x?x4x6xf32>) -> tensor<2x?x4x6xf32> {
  %0 = linnet.block_local_attention ins(%q, %q, %v : tensor<2x?x4x8xf32>, tensor<2x?x4x8xf32>, tensor<2x?x4x6xf32>)
      outs(%v : tensor<2x?x4x6xf32>) {block_size = 16 : i64, scale = 1.0 : f64, causal}
  return %0 : tensor<2x?x4x6xf32>
}

// CHECK-LABEL: func @relu(
// CHECK-NOT:     math.exp
// CHECK:         arith.maximumf
// CHECK-NOT:     arith.divf
// CHECK:         return
func.func @relu(%q: tensor<2x?x4x8xf32>, %v: tensor<2x?x4x6xf32>) -> tensor<2x?x4x6xf32> {
  %0 = linnet.block_local_attention ins(%q, %q, %v : tensor<2x?x4x8xf32>, tensor<2x?x4x8xf32>, tensor<2x?x4x6xf32>)
      outs(%v : tensor<2x?x4x6xf32>) {block_size = 16 : i64, scale = 1.0 : f64, weights = #linnet.score_weights<relu>}
  return %0 : tensor<2x?x4x6xf32>
}
