// The reference path spells kronecker_attention as loops over pairs. Numbers are tested in test/integration and
// test/python.

// RUN: linnet-opt %s --linnet-reference --canonicalize | FileCheck %s --implicit-check-not=linnet. --implicit-check-not=fastmath
// RUN: linnet-opt %s --linnet-reference=marked-only | FileCheck %s --check-prefix=MARKED

// Three passes over the pairs that a query attends to: the greatest score, the sum of the weights, and, for each
// column, the sum of weights and values, which is divided once.
// CHECK-LABEL: func @causal(
// CHECK:         scf.for
// CHECK:           scf.for
// CHECK:             scf.for %[[I:.*]] = %c0 to
// CHECK:               %[[END:.*]] = arith.addi %[[I]], %c1
// CHECK:               %[[FIRST:.*]] = arith.minsi %{{.*}}, %
// CHECK:               %[[SECOND:.*]] = arith.minsi %{{.*}}, %
// CHECK:               scf.for %{{.*}} = %c0 to %[[FIRST]]
// CHECK:                 scf.for %{{.*}} = %c0 to %[[SECOND]]
// CHECK:                   arith.maximumf
// CHECK:               math.exp
// CHECK:               scf.for %{{.*}} = %c0 to %c6
// CHECK:                 math.exp
// CHECK:                 arith.divf
// CHECK:               math.log
// MARKED:        linnet.kronecker_attention
func.func @causal(%q: tensor<2x4x?x8xf32>, %v: tensor<2x4x?x6xf32>, %l: tensor<2x4x?xf32>) -> (tensor<2x4x?x6xf32>, tensor<2x4x?xf32>) {
  %0:2 = linnet.kronecker_attention
      ins(%q, %q, %q, %v, %v : tensor<2x4x?x8xf32>, tensor<2x4x?x8xf32>, tensor<2x4x?x8xf32>, tensor<2x4x?x6xf32>, tensor<2x4x?x6xf32>)
      outs(%v, %l : tensor<2x4x?x6xf32>, tensor<2x4x?xf32>) {scale = 1.0 : f64, causal}
  return %0#0, %0#1 : tensor<2x4x?x6xf32>, tensor<2x4x?xf32>
}
