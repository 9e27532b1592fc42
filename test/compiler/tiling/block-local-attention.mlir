// Attention inside blocks is tiled into heads of sequences; time stays whole, a tile passes its blocks one by one.

// RUN: linnet-opt %s --linnet-tile-ops --canonicalize --cse | FileCheck %s

// CHECK-DAG:   #[[$OF2:.*]] = affine_map<(d0) -> (d0 floordiv 2)>
// CHECK-LABEL: func @grouped_heads(
// CHECK-SAME:    %[[Q:[^:]*]]: tensor<2x?x2x8xf32>, %[[V:[^:]*]]: tensor<2x?x4x6xf32>
// CHECK:         scf.forall (%[[B:.*]], %[[H:.*]]) in (2, 4) shared_outs(%{{.*}} = %[[V]])
// CHECK-DAG:       %[[HQ:.*]] = affine.apply #[[$OF2]](%[[H]])
// CHECK-DAG:       tensor.extract_slice %[[Q]][%[[B]], 0, %[[HQ]], 0] [1, %{{.*}}, 1, 8]
// CHECK-DAG:       tensor.extract_slice %[[V]][%[[B]], 0, %[[H]], 0] [1, %{{.*}}, 1, 6]
// CHECK:           linnet.block_local_attention {{.*}} outs(%{{.*}} : tensor<1x?x1x6xf32>) {block_size = 32 : i64, causal, scale = 1.000000e+00 : f64}
func.func @grouped_heads(%q: tensor<2x?x2x8xf32>, %v: tensor<2x?x4x6xf32>) -> tensor<2x?x4x6xf32> {
  %0 = linnet.block_local_attention ins(%q, %q, %v : tensor<2x?x2x8xf32>, tensor<2x?x2x8xf32>, tensor<2x?x4x6xf32>)
      outs(%v : tensor<2x?x4x6xf32>) {block_size = 32 : i64, scale = 1.0 : f64, causal}
  return %0 : tensor<2x?x4x6xf32>
}
