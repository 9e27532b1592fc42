// kronecker_attention is tiled into blocks of 64 queries of a head; a causal one gets the positions of its queries.

// RUN: linnet-opt %s --linnet-tile-ops --canonicalize --cse | FileCheck %s

// CHECK-DAG:   #[[$OF2:.*]] = affine_map<(d0) -> (d0 floordiv 2)>
// CHECK-LABEL: func @causal(
// CHECK-SAME:    %[[Q:[^:]*]]: tensor<2x4x128x8xf32>, %[[K:[^:]*]]: tensor<2x2x128x8xf32>
// CHECK:         %[[P:.*]] = linalg.generic
// CHECK:           linalg.index 0
// CHECK:         scf.forall (%[[B:.*]], %[[H:.*]], %[[I:.*]]) = (0, 0, 0) to (2, 4, 128) step (1, 1, 64)
// CHECK-DAG:       %[[HK:.*]] = affine.apply #[[$OF2]](%[[H]])
// CHECK-DAG:       tensor.extract_slice %[[Q]][%[[B]], %[[H]], %[[I]], 0] [1, 1, 64, 8]
// CHECK-DAG:       tensor.extract_slice %[[K]][%[[B]], %[[HK]], 0, 0] [1, 1, 128, 8]
// CHECK-DAG:       tensor.extract_slice %[[P]][%[[I]]] [64]
// CHECK:           linnet.kronecker_attention {{.*}} positions(%{{.*}} : tensor<64xi32>) outs(%{{.*}}, %{{.*}} : tensor<1x1x64x8xf32>, tensor<1x1x64xf32>) {causal, scale = 1.000000e+00 : f64}
func.func @causal(%q: tensor<2x4x128x8xf32>, %k: tensor<2x2x128x8xf32>, %l: tensor<2x4x128xf32>) -> (tensor<2x4x128x8xf32>, tensor<2x4x128xf32>) {
  %0:2 = linnet.kronecker_attention
      ins(%q, %k, %k, %k, %k : tensor<2x4x128x8xf32>, tensor<2x2x128x8xf32>, tensor<2x2x128x8xf32>, tensor<2x2x128x8xf32>, tensor<2x2x128x8xf32>)
      outs(%q, %l : tensor<2x4x128x8xf32>, tensor<2x4x128xf32>) {scale = 1.0 : f64, causal}
  return %0#0, %0#1 : tensor<2x4x128x8xf32>, tensor<2x4x128xf32>
}
