// Canonicalisation of attention: the inits become as static as the inputs allow, and what is unused goes.

// RUN: linnet-opt %s --resolve-ranked-shaped-type-result-dims --canonicalize | FileCheck %s

// CHECK-LABEL: func @refines_inits(
// CHECK:         outs(%{{.*}}, %{{.*}} : tensor<2x4x7x5xf32>, tensor<2x4x7xf32>)
func.func @refines_inits(%q: tensor<2x4x7x8xf32>, %k: tensor<2x2x?x8xf32>, %v: tensor<2x2x?x5xf32>, %o: tensor<?x?x?x?xf32>,
                         %l: tensor<?x?x?xf32>) -> (tensor<?x?x?x?xf32>, tensor<?x?x?xf32>) {
  %0:2 = linnet.attention ins(%q, %k, %v : tensor<2x4x7x8xf32>, tensor<2x2x?x8xf32>, tensor<2x2x?x5xf32>)
      outs(%o, %l : tensor<?x?x?x?xf32>, tensor<?x?x?xf32>) {scale = 1.0}
  return %0#0, %0#1 : tensor<?x?x?x?xf32>, tensor<?x?x?xf32>
}

// As many queries as there are rows, not as q has.
// CHECK-LABEL: func @refines_by_rows(
// CHECK:         outs(%{{.*}}, %{{.*}} : tensor<2x4x9x5xf32>, tensor<2x4x9xf32>)
func.func @refines_by_rows(%q: tensor<2x4x7x8xf32>, %k: tensor<2x2x?x8xf32>, %v: tensor<2x2x?x5xf32>,
                           %r: tensor<1x1x9xi32>, %o: tensor<2x4x?x5xf32>, %l: tensor<2x4x?xf32>)
    -> tensor<2x4x?x5xf32> {
  %0:2 = linnet.attention ins(%q, %k, %v : tensor<2x4x7x8xf32>, tensor<2x2x?x8xf32>, tensor<2x2x?x5xf32>)
      query_rows(%r : tensor<1x1x9xi32>) outs(%o, %l : tensor<2x4x?x5xf32>, tensor<2x4x?xf32>) {scale = 1.0}
  return %0#0 : tensor<2x4x?x5xf32>
}

// CHECK-LABEL: func @unused(
// CHECK-NOT:     linnet.attention
func.func @unused(%q: tensor<2x4x7x8xf32>, %o: tensor<2x4x7x8xf32>, %l: tensor<2x4x7xf32>) {
  %0:2 = linnet.attention ins(%q, %q, %q : tensor<2x4x7x8xf32>, tensor<2x4x7x8xf32>, tensor<2x4x7x8xf32>)
      outs(%o, %l : tensor<2x4x7x8xf32>, tensor<2x4x7xf32>) {scale = 1.0}
  return
}

// CHECK-LABEL: func @sizes(
// CHECK-SAME:    %{{.*}}: tensor<1x1x?x8xf32>, %[[L:.*]]: tensor<1x1x?xf32>
// CHECK:         %[[N:.*]] = tensor.dim %[[L]], %c2
// CHECK:         return %[[N]]
func.func @sizes(%q: tensor<1x1x?x8xf32>, %l: tensor<1x1x?xf32>) -> index {
  %0:2 = linnet.attention ins(%q, %q, %q : tensor<1x1x?x8xf32>, tensor<1x1x?x8xf32>, tensor<1x1x?x8xf32>)
      outs(%q, %l : tensor<1x1x?x8xf32>, tensor<1x1x?xf32>) {scale = 1.0}
  %c2 = arith.constant 2 : index
  %n = tensor.dim %0#1, %c2 : tensor<1x1x?xf32>
  return %n : index
}
