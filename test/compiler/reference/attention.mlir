// The reference path spells attention as loops over single elements. Numbers are tested in test/integration and test/python.

// RUN: linnet-opt %s --linnet-reference --canonicalize | FileCheck %s --implicit-check-not=linnet. --implicit-check-not=fastmath
// RUN: linnet-opt %s --linnet-reference=marked-only | FileCheck %s --check-prefix=MARKED

// Three passes over the keys that a query keeps: the greatest score, the sum of the weights, the sum of weights and values.
// CHECK-LABEL: func @causal(
// CHECK:         scf.for %[[J:.*]] = %c0 to %{{.*}} step %c1 iter_args(%{{.*}} = %{{.*}}) -> (f32) {
// CHECK:             %[[KEEPS:.*]] = arith.cmpi sle, %[[J]], %{{.*}} : index
// CHECK:             scf.if %[[KEEPS]]
// CHECK:               arith.maximumf
// CHECK:           scf.for
// CHECK:             math.exp
// CHECK:           scf.for
// CHECK:             math.exp
// CHECK:             arith.divf
// CHECK:           math.log
// MARKED:        linnet.attention
func.func @causal(%q: tensor<1x2x?x8xf32>, %l: tensor<1x2x?xf32>) -> (tensor<1x2x?x8xf32>, tensor<1x2x?xf32>) {
  %0:2 = linnet.attention ins(%q, %q, %q : tensor<1x2x?x8xf32>, tensor<1x2x?x8xf32>, tensor<1x2x?x8xf32>)
      outs(%q, %l : tensor<1x2x?x8xf32>, tensor<1x2x?xf32>) {scale = 1.0, mask = #linnet.causal}
  return %0#0, %0#1 : tensor<1x2x?x8xf32>, tensor<1x2x?xf32>
}
