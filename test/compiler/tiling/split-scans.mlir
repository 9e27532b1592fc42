// --linnet-split-scans cuts a scan of few lanes along time. The chunks of a group are lanes of a scan with time last: what
// each chunk does to a carry, in parallel; the carries, by a scan of those; every chunk from its carry, in parallel; and
// what is no whole group along time. Numbers: @one_lane of test/integration/affine-scan.mlir, test/python/test_scan.py.

// RUN: linnet-opt %s --linnet-split-scans="chunk=64 lanes=16" --canonicalize --cse | FileCheck %s

// CHECK-DAG:   #[[$GROUPS:.*]] = affine_map<()[s0] -> (s0 floordiv 1024)>
// CHECK-DAG:   #[[$CHUNKS:.*]] = affine_map<()[s0] -> ((s0 floordiv 1024) * 16)>
// CHECK-DAG:   #[[$REST:.*]] = affine_map<()[s0] -> (s0 mod 1024)>
// CHECK-LABEL: func @few_lanes(
// CHECK-SAME:    %[[A:.*]]: tensor<2x?xf32>, %[[B:.*]]: tensor<2x?xf32>, %[[H:.*]]: tensor<2x?xf32>, %[[S:.*]]: tensor<2xf32>
// CHECK:         %[[T:.*]] = tensor.dim %[[A]], %c1
// CHECK-DAG:     %[[CHUNKS:.*]] = affine.apply #[[$CHUNKS]]()[%[[T]]]
// CHECK-DAG:     %[[REST:.*]] = affine.apply #[[$REST]]()[%[[T]]]
// CHECK-DAG:     %[[GROUPS:.*]] = affine.apply #[[$GROUPS]]()[%[[T]]]
// The product of a and the state from 0, as a scan of pairs that nobody reads but for its totals.
// CHECK:         %[[TOTALS:.*]]:2 = scf.forall (%{{.*}}, %{{.*}}) in (2, %[[GROUPS]])
// CHECK:           tensor.expand_shape {{.*}} : tensor<1024xf32> into tensor<16x64xf32>
// CHECK:           linnet.scan custom {{.*}} states(%{{.*}}, %{{.*}} : tensor<16xf32>, tensor<16xf32>) {dimension = 1 : i64}
// CHECK:         linnet.affine_scan ins(%[[TOTALS]]#0, %[[TOTALS]]#1 : {{.*}}) outs(%{{.*}}, %[[S]] :
// CHECK:         %[[WHOLE:.*]] = scf.forall (%{{.*}}, %{{.*}}) in (2, %[[GROUPS]]) shared_outs(%{{.*}} = %[[H]])
// CHECK:           linnet.affine_scan {{.*}} : tensor<16x64xf32>, tensor<16xf32>) {dimension = 1 : i64}
// CHECK:         %{{.*}}, %[[LAST:.*]] = linnet.affine_scan {{.*}} : tensor<2x?xf32>, tensor<2xf32>) {dimension = 1 : i64}
// CHECK:         %[[ALL:.*]] = tensor.insert_slice {{.*}} into %[[WHOLE]]{{.*}} [2, %[[REST]]]
// CHECK:         return %[[ALL]], %[[LAST]]
func.func @few_lanes(%a: tensor<2x?xf32>, %b: tensor<2x?xf32>, %h: tensor<2x?xf32>, %s: tensor<2xf32>)
    -> (tensor<2x?xf32>, tensor<2xf32>) {
  %0:2 = linnet.affine_scan ins(%a, %b : tensor<2x?xf32>, tensor<2x?xf32>)
                            outs(%h, %s : tensor<2x?xf32>, tensor<2xf32>) {dimension = 1 : i64}
  return %0#0, %0#1 : tensor<2x?xf32>, tensor<2xf32>
}

// Whole groups: nothing is left, and the last carry is the final state.
// CHECK-LABEL: func @whole_groups(
// CHECK:         scf.forall (%{{.*}}) in (2)
// CHECK:           linnet.scan add {{.*}} : tensor<16xf32>)
// CHECK:         linnet.scan add {{.*}} outs(%{{.*}} : tensor<1x32xf32>)
// CHECK:         %[[Y:.*]] = scf.forall (%{{.*}}) in (2)
// CHECK:           linnet.scan add {{.*}} : tensor<16xf32>)
// CHECK-NOT:     linnet.scan
// CHECK:         %[[LAST:.*]] = tensor.extract_slice %{{.*}}[0, 32] [1, 1]
// CHECK:         return %[[Y]], %[[LAST]]
func.func @whole_groups(%x: tensor<1x2048xf32>, %s: tensor<1xf32>) -> (tensor<1x2048xf32>, tensor<1xf32>) {
  %0:2 = linnet.scan add ins(%x : tensor<1x2048xf32>) outs(%x : tensor<1x2048xf32>) states(%s : tensor<1xf32>)
                     {dimension = 1 : i64}
  return %0#0, %0#1 : tensor<1x2048xf32>, tensor<1xf32>
}

// Enough lanes, a length below two groups, and the reference path: one scan.
// CHECK-LABEL: func @whole(
// CHECK-NOT:     scf.forall
// CHECK-COUNT-3: linnet.affine_scan
// CHECK-NOT:     linnet.affine_scan
func.func @whole(%a: tensor<8x?xf32>, %s: tensor<8xf32>, %b: tensor<2x2047xf32>, %r: tensor<2xf32>, %c: tensor<2x?xf32>)
    -> (tensor<8xf32>, tensor<2xf32>, tensor<2xf32>) {
  %0:2 = linnet.affine_scan ins(%a, %a : tensor<8x?xf32>, tensor<8x?xf32>)
                            outs(%a, %s : tensor<8x?xf32>, tensor<8xf32>) {dimension = 1 : i64}
  %1:2 = linnet.affine_scan ins(%b, %b : tensor<2x2047xf32>, tensor<2x2047xf32>)
                            outs(%b, %r : tensor<2x2047xf32>, tensor<2xf32>) {dimension = 1 : i64}
  %2:2 = linnet.affine_scan ins(%c, %c : tensor<2x?xf32>, tensor<2x?xf32>)
                            outs(%c, %r : tensor<2x?xf32>, tensor<2xf32>) {dimension = 1 : i64, linnet.path = "reference"}
  return %0#1, %1#1, %2#1 : tensor<8xf32>, tensor<2xf32>, tensor<2xf32>
}
