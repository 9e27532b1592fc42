// Linear attention is tiled into heads of sequences, and into columns of v where those are few.

// RUN: linnet-opt %s --linnet-tile-ops --canonicalize --cse | FileCheck %s

// A head of v reads the head of q that its group shares, and the head of k of its own group.
// CHECK-DAG:   #[[$OF4:.*]] = affine_map<(d0) -> (d0 floordiv 4)>
// CHECK-DAG:   #[[$OF2:.*]] = affine_map<(d0) -> (d0 floordiv 2)>
// CHECK-LABEL: func @grouped_heads(
// CHECK-SAME:    %[[Q:[^:]*]]: tensor<2x?x2x16xf32>, %[[K:[^:]*]]: tensor<2x?x4x16xf32>, %[[V:[^:]*]]: tensor<2x?x8x64xf32>, %[[G:[^:]*]]: tensor<8xf32>, %[[S:[^:]*]]: tensor<2x8x16x64xf32>
// CHECK:         scf.forall (%[[B:.*]], %[[H:.*]]) in (2, 8) shared_outs(%[[O:.*]] = %[[V]], %[[SO:.*]] = %[[S]])
// CHECK-DAG:       %[[HQ:.*]] = affine.apply #[[$OF4]](%[[H]])
// CHECK-DAG:       %[[HK:.*]] = affine.apply #[[$OF2]](%[[H]])
// CHECK-DAG:       tensor.extract_slice %[[Q]][%[[B]], 0, %[[HQ]], 0] [1, %{{.*}}, 1, 16]
// CHECK-DAG:       tensor.extract_slice %[[K]][%[[B]], 0, %[[HK]], 0] [1, %{{.*}}, 1, 16]
// CHECK-DAG:       tensor.extract_slice %[[V]][%[[B]], 0, %[[H]], 0] [1, %{{.*}}, 1, 64]
// CHECK-DAG:       tensor.extract_slice %[[SO]][%[[B]], %[[H]], 0, 0] [1, 1, 16, 64]
// CHECK-DAG:       tensor.extract_slice %[[G]][%[[H]]] [1]
// CHECK:           linnet.linear_attention {{.*}} log_decay(%{{.*}} : tensor<1xf32>) outs(%{{.*}}, %{{.*}} : tensor<1x?x1x64xf32>, tensor<1x1x16x64xf32>)
func.func @grouped_heads(%q: tensor<2x?x2x16xf32>, %k: tensor<2x?x4x16xf32>, %v: tensor<2x?x8x64xf32>,
                         %g: tensor<8xf32>, %s: tensor<2x8x16x64xf32>) -> (tensor<2x?x8x64xf32>, tensor<2x8x16x64xf32>) {
  %0:2 = linnet.linear_attention ins(%q, %k, %v : tensor<2x?x2x16xf32>, tensor<2x?x4x16xf32>, tensor<2x?x8x64xf32>)
      log_decay(%g : tensor<8xf32>) outs(%v, %s : tensor<2x?x8x64xf32>, tensor<2x8x16x64xf32>) {scale = 1.0 : f64}
  return %0#0, %0#1 : tensor<2x?x8x64xf32>, tensor<2x8x16x64xf32>
}

// Packed: a tile has the two offsets of its sequence, all of the tokens, and one state.
// CHECK-LABEL: func @packed(
// CHECK-SAME:    %[[V:[^:]*]]: tensor<1x?x4x16xf32>, %[[CU:[^:]*]]: tensor<?xi32>, %[[S:[^:]*]]: tensor<?x4x16x16xf32>
// CHECK:         %[[N:.*]] = tensor.dim %[[S]], %c0
// CHECK:         scf.forall (%[[I:.*]], %[[H:.*]]) in (%[[N]], 4) shared_outs(%{{.*}} = %[[V]], %[[SO:.*]] = %[[S]])
// CHECK-DAG:       tensor.extract_slice %[[V]][0, 0, %[[H]], 0] [1, %{{.*}}, 1, 16]
// CHECK-DAG:       tensor.extract_slice %[[SO]][%[[I]], %[[H]], 0, 0] [1, 1, 16, 16]
// CHECK-DAG:       tensor.extract_slice %[[CU]][%[[I]]] [2] [1]
// CHECK:           linnet.linear_attention {{.*}} cu_seqlens(%{{.*}} : tensor<2xi32>)
func.func @packed(%v: tensor<1x?x4x16xf32>, %cu: tensor<?xi32>, %s: tensor<?x4x16x16xf32>)
    -> (tensor<1x?x4x16xf32>, tensor<?x4x16x16xf32>) {
  %0:2 = linnet.linear_attention ins(%v, %v, %v : tensor<1x?x4x16xf32>, tensor<1x?x4x16xf32>, tensor<1x?x4x16xf32>)
      cu_seqlens(%cu : tensor<?xi32>) outs(%v, %s : tensor<1x?x4x16xf32>, tensor<?x4x16x16xf32>) {scale = 1.0 : f64}
  return %0#0, %0#1 : tensor<1x?x4x16xf32>, tensor<?x4x16x16xf32>
}

// One head of 128 columns is four tiles of 32 of them, for four threads.
// CHECK-LABEL: func @few_heads(
// CHECK:         scf.forall (%[[C:.*]]) = (0) to (128) step (32)
// CHECK:           tensor.extract_slice %{{.*}}[0, 0, 0, %[[C]]] [1, %{{.*}}, 1, 32]
// CHECK:           tensor.extract_slice %{{.*}}[0, 0, 0, %[[C]]] [1, 1, 16, 32]
func.func @few_heads(%q: tensor<1x?x1x16xf32>, %v: tensor<1x?x1x128xf32>, %s: tensor<1x1x16x128xf32>)
    -> (tensor<1x?x1x128xf32>, tensor<1x1x16x128xf32>) {
  %0:2 = linnet.linear_attention ins(%q, %q, %v : tensor<1x?x1x16xf32>, tensor<1x?x1x16xf32>, tensor<1x?x1x128xf32>)
      outs(%v, %s : tensor<1x?x1x128xf32>, tensor<1x1x16x128xf32>) {scale = 1.0 : f64}
  return %0#0, %0#1 : tensor<1x?x1x128xf32>, tensor<1x1x16x128xf32>
}

// With the sums of keys behind the columns of v, the columns stay together.
// CHECK-LABEL: func @normalized(
// CHECK-NOT:     scf.forall
// CHECK:         linnet.linear_attention {{.*}} : tensor<1x?x1x128xf32>, tensor<1x1x16x129xf32>) {normalize
func.func @normalized(%q: tensor<1x?x1x16xf32>, %v: tensor<1x?x1x128xf32>, %s: tensor<1x1x16x129xf32>)
    -> (tensor<1x?x1x128xf32>, tensor<1x1x16x129xf32>) {
  %0:2 = linnet.linear_attention ins(%q, %q, %v : tensor<1x?x1x16xf32>, tensor<1x?x1x16xf32>, tensor<1x?x1x128xf32>)
      outs(%v, %s : tensor<1x?x1x128xf32>, tensor<1x1x16x129xf32>) {scale = 1.0 : f64, normalize}
  return %0#0, %0#1 : tensor<1x?x1x128xf32>, tensor<1x1x16x129xf32>
}

// The packed state of a tile is at most 64 KiB: 64 of 512 columns with 256 keys.
// CHECK-LABEL: func @large_state(
// CHECK:         scf.forall (%[[H:.*]], %[[C:.*]]) = (0, 0) to (8, 512) step (1, 64)
// CHECK:           tensor.extract_slice %{{.*}}[0, %[[H]], 0, %[[C]]] [1, 1, 256, 64]
func.func @large_state(%q: tensor<1x?x8x256xf32>, %v: tensor<1x?x8x512xf32>, %s: tensor<1x8x256x512xf32>)
    -> (tensor<1x?x8x512xf32>, tensor<1x8x256x512xf32>) {
  %0:2 = linnet.linear_attention ins(%q, %q, %v : tensor<1x?x8x256xf32>, tensor<1x?x8x256xf32>, tensor<1x?x8x512xf32>)
      outs(%v, %s : tensor<1x?x8x512xf32>, tensor<1x8x256x512xf32>) {scale = 1.0 : f64}
  return %0#0, %0#1 : tensor<1x?x8x512xf32>, tensor<1x8x256x512xf32>
}

// No heads at all.
// CHECK-LABEL: func @no_heads(
func.func @no_heads(%v: tensor<1x?x0x4xf32>, %s: tensor<1x0x4x4xf32>) -> tensor<1x?x0x4xf32> {
  %0:2 = linnet.linear_attention ins(%v, %v, %v : tensor<1x?x0x4xf32>, tensor<1x?x0x4xf32>, tensor<1x?x0x4xf32>)
      outs(%v, %s : tensor<1x?x0x4xf32>, tensor<1x0x4x4xf32>) {scale = 1.0 : f64}
  return %0#0 : tensor<1x?x0x4xf32>
}
