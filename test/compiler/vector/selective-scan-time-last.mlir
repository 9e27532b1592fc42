// A tile of selective_scan in layout bdt: blocks of 64 tokens are turned into buffers, the tokens of a block run with the
// states in vectors, and y is turned back. Numbers: test/integration/selective-scan-time-last.mlir.

// RUN: linnet-opt %s --linnet-vectorize-tiles --canonicalize --cse | FileCheck %s --implicit-check-not=linnet.

// CHECK-LABEL: func @selective_scan(
// CHECK-SAME:    %[[U:.*]]: tensor<1x32x?xf32>, %[[DELTA:.*]]: tensor<1x32x?xf32>, %[[A:.*]]: tensor<32x2xf32>, %[[B:.*]]: tensor<1x1x2x?xf32>, %[[C:.*]]: tensor<1x2x?xf32>, %[[Y:.*]]: tensor<1x32x?xf32>, %[[S:.*]]: tensor<1x32x2xf32>
// CHECK:         scf.for %[[START:.*]] = %c0 to %{{.*}} step %c64 iter_args(%{{.*}} = %[[Y]],
// B and C, once for all channels of the tile: a row per token, whose places from 2 on are not used.
// CHECK:           scf.for {{.*}} step %c16 {{.*}} -> (tensor<1x64x16xf32>)
// CHECK-COUNT-2:     vector.transfer_read %[[B]]
// CHECK:           scf.for {{.*}} step %c16 {{.*}} -> (tensor<1x64x16xf32>)
// CHECK-COUNT-2:     vector.transfer_read %[[C]]
// CHECK:           scf.for
// CHECK:             scf.for {{.*}} -> (tensor<1x64x16xf32>)
// CHECK-COUNT-16:      vector.transfer_read %[[U]]
// CHECK-COUNT-64:      vector.shuffle
// CHECK:             scf.for {{.*}} -> (tensor<1x64x16xf32>)
// CHECK-COUNT-16:      vector.transfer_read %[[DELTA]]
// The tokens: two states in vectors, nothing of the tensors but what the next block will need.
// CHECK:             scf.for {{.*}} -> (tensor<1x64x16xf32>, vector<16xf32>, vector<16xf32>)
// CHECK-NOT:           vector.transfer_{{read|write}} {{.*}}: tensor<1x32x
// CHECK-COUNT-2:       memref.prefetch
// CHECK-NOT:           vector.transfer_{{read|write}} {{.*}}: tensor<1x32x
// CHECK:               scf.yield
// CHECK:             scf.for {{.*}} -> (tensor<1x32x?xf32>)
// CHECK:               scf.if
// CHECK-COUNT-64:        vector.shuffle
// CHECK-COUNT-16:        vector.transfer_write {{.*}} {in_bounds = [true]} : vector<16xf32>, tensor<1x32x?xf32>
// CHECK:               else
// CHECK-COUNT-16:        vector.transfer_write {{.*}} : vector<16xf32>, tensor<1x32x?xf32>
func.func @selective_scan(%u: tensor<1x32x?xf32>, %delta: tensor<1x32x?xf32>, %a: tensor<32x2xf32>,
                          %b: tensor<1x1x2x?xf32>, %c: tensor<1x2x?xf32>, %y: tensor<1x32x?xf32>, %s: tensor<1x32x2xf32>)
    -> (tensor<1x32x?xf32>, tensor<1x32x2xf32>) {
  %0:2 = linnet.selective_scan
      ins(%u, %delta, %a, %b, %c
          : tensor<1x32x?xf32>, tensor<1x32x?xf32>, tensor<32x2xf32>, tensor<1x1x2x?xf32>, tensor<1x2x?xf32>)
      outs(%y, %s : tensor<1x32x?xf32>, tensor<1x32x2xf32>) {layout = #linnet.layout<bdt>}
  return %0#0, %0#1 : tensor<1x32x?xf32>, tensor<1x32x2xf32>
}
