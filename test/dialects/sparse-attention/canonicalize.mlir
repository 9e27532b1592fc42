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

// The golden order of 4 by 4 cells, and windows of raster order whose last ones are smaller.
// CHECK-LABEL: func @window_orders(
// CHECK-DAG:     %[[H:.*]] = arith.constant dense<[0, 4, 5, 1, 2, 3, 7, 6, 10, 11, 15, 14, 13, 9, 8, 12]> : tensor<16xi32>
// CHECK-DAG:     %[[R:.*]] = arith.constant dense<[0, 1, 3, 4, 2, 5, 6, 7, 8]> : tensor<9xi32>
// CHECK:         return %[[H]], %[[R]]
func.func @window_orders() -> (tensor<16xi32>, tensor<9xi32>) {
  %0 = linnet.window_order [4, 4] [4, 4] {hilbert} : tensor<16xi32>
  %1 = linnet.window_order [3, 3] [2, 2] : tensor<9xi32>
  return %0, %1 : tensor<16xi32>, tensor<9xi32>
}

// CHECK-LABEL: func @refines_parts(
// CHECK:         linnet.attention_merge {{.*}} outs(%{{.*}}, %{{.*}} : tensor<1x2x7x3xf32>, tensor<1x2x7xf32>)
// CHECK:         linnet.lsh_order {{.*}} outs(%{{.*}}, %{{.*}} : tensor<1x2x5xi32>, tensor<1x2x5xi32>)
// CHECK:         linnet.topk_mask {{.*}} outs(%{{.*}} : tensor<6x8xi8>)
// CHECK:         linnet.mask_interpolate {{.*}} outs(%{{.*}}, %{{.*}} : tensor<2x7xi32>, tensor<?xi32>)
func.func @refines_parts(%o: tensor<1x2x5x3xf32>, %l: tensor<1x2x5xf32>, %r: tensor<1x2x7xi32>, %a: tensor<?x?x?x?xf32>,
                         %b: tensor<?x?x?xf32>, %p: tensor<3x2xf32>, %i: tensor<?x?x?xi32>, %s: tensor<6x8xf32>,
                         %c: tensor<6xi32>, %m: tensor<?x?xi8>, %w: tensor<2x6x8xi8>, %t: tensor<?x?xi32>, %k: tensor<?xi32>)
    -> (tensor<?x?x?x?xf32>, tensor<?x?x?xi32>, tensor<?x?xi8>, tensor<?x?xi32>) {
  %0:2 = linnet.attention_merge ins(%o, %l, %o, %l : tensor<1x2x5x3xf32>, tensor<1x2x5xf32>, tensor<1x2x5x3xf32>, tensor<1x2x5xf32>)
      rows(%r : tensor<1x2x7xi32>) outs(%a, %b : tensor<?x?x?x?xf32>, tensor<?x?x?xf32>)
  %1:2 = linnet.lsh_order ins(%o, %p : tensor<1x2x5x3xf32>, tensor<3x2xf32>) outs(%i, %i : tensor<?x?x?xi32>, tensor<?x?x?xi32>)
  %2 = linnet.topk_mask ins(%s, %c : tensor<6x8xf32>, tensor<6xi32>) outs(%m : tensor<?x?xi8>)
  %3:2 = linnet.mask_interpolate ins(%w, %c : tensor<2x6x8xi8>, tensor<6xi32>) outs(%t, %k : tensor<?x?xi32>, tensor<?xi32>)
  return %0#0, %1#0, %2, %3#0 : tensor<?x?x?x?xf32>, tensor<?x?x?xi32>, tensor<?x?xi8>, tensor<?x?xi32>
}
