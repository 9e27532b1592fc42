// --linnet-split-scans cuts a scan of few lanes along time: what each chunk does to a carry, in parallel; the carries, by
// a scan of those; every chunk from its carry, in parallel. Numbers: @one_lane of test/integration/affine-scan.mlir.

// RUN: linnet-opt %s --linnet-split-scans=chunk=64 --canonicalize --cse | FileCheck %s

// The chunks before the last are reduced: the product of a and the state from 0. The last chunk holds what is left.
// CHECK-DAG:   #[[$BEFORE:.*]] = affine_map<()[s0] -> (s0 floordiv 64)>
// CHECK-DAG:   #[[$CHUNKS:.*]] = affine_map<()[s0] -> (s0 floordiv 64 + 1)>
// CHECK-LABEL: func @few_lanes(
// CHECK-SAME:    %[[A:.*]]: tensor<2x?xf32>, %[[B:.*]]: tensor<2x?xf32>, %[[H:.*]]: tensor<2x?xf32>, %[[S:.*]]: tensor<2xf32>
// CHECK:         %[[T:.*]] = tensor.dim %[[A]], %c1
// CHECK-DAG:     %[[BEFORE:.*]] = affine.apply #[[$BEFORE]]()[%[[T]]]
// CHECK-DAG:     %[[CHUNKS:.*]] = affine.apply #[[$CHUNKS]]()[%[[T]]]
// CHECK:         %[[TOTALS:.*]]:2 = scf.forall (%{{.*}}, %{{.*}}) in (2, %[[BEFORE]])
// CHECK:           linnet.scan mul
// CHECK:           linnet.affine_scan
// CHECK:         linnet.affine_scan ins(%[[TOTALS]]#0, %[[TOTALS]]#1 : {{.*}}) outs(%{{.*}}, %[[S]] :
// CHECK:         scf.forall (%{{.*}}, %{{.*}}) in (2, %[[CHUNKS]])
// CHECK:           linnet.affine_scan
func.func @few_lanes(%a: tensor<2x?xf32>, %b: tensor<2x?xf32>, %h: tensor<2x?xf32>, %s: tensor<2xf32>)
    -> (tensor<2x?xf32>, tensor<2xf32>) {
  %0:2 = linnet.affine_scan ins(%a, %b : tensor<2x?xf32>, tensor<2x?xf32>)
                            outs(%h, %s : tensor<2x?xf32>, tensor<2xf32>) {dimension = 1 : i64}
  return %0#0, %0#1 : tensor<2x?xf32>, tensor<2xf32>
}

// Enough lanes, a length that is one chunk, and the reference path: one scan.
// CHECK-LABEL: func @whole(
// CHECK-NOT:     scf.forall
// CHECK-COUNT-3: linnet.affine_scan
// CHECK-NOT:     linnet.affine_scan
func.func @whole(%a: tensor<8x?xf32>, %s: tensor<8xf32>, %b: tensor<2x64xf32>, %r: tensor<2xf32>, %c: tensor<2x?xf32>)
    -> (tensor<8xf32>, tensor<2xf32>, tensor<2xf32>) {
  %0:2 = linnet.affine_scan ins(%a, %a : tensor<8x?xf32>, tensor<8x?xf32>)
                            outs(%a, %s : tensor<8x?xf32>, tensor<8xf32>) {dimension = 1 : i64}
  %1:2 = linnet.affine_scan ins(%b, %b : tensor<2x64xf32>, tensor<2x64xf32>)
                            outs(%b, %r : tensor<2x64xf32>, tensor<2xf32>) {dimension = 1 : i64}
  %2:2 = linnet.affine_scan ins(%c, %c : tensor<2x?xf32>, tensor<2x?xf32>)
                            outs(%c, %r : tensor<2x?xf32>, tensor<2xf32>) {dimension = 1 : i64, linnet.path = "reference"}
  return %0#1, %1#1, %2#1 : tensor<8xf32>, tensor<2xf32>, tensor<2xf32>
}
