// The Scan family implements TilingInterface: every operand is cut where the iteration space of a tile says, and tiles
// along time hand the state on from one to the next.

// RUN: linnet-opt %s --transform-interpreter --canonicalize --cse --split-input-file --verify-diagnostics | FileCheck %s

// Tiles along time are a carried loop: the state of one tile is the initial state of the next.
// CHECK-DAG:   #[[$TIME:.*]] = affine_map<(d0)[s0] -> (-d0 + s0, 8)>
// CHECK-LABEL: func @affine_scan_along_time(
// CHECK-SAME:    %[[A:.*]]: tensor<2x?x40xf32>, %[[B:.*]]: tensor<2x?x40xf32>, %[[H:.*]]: tensor<2x?x40xf32>, %[[S:.*]]: tensor<2x40xf32>
// CHECK-DAG:     %[[T:.*]] = tensor.dim %[[A]], %c1
// CHECK:         %[[LOOP:.*]]:2 = scf.for %[[START:.*]] = %c0 to %[[T]] step %c8 iter_args(%[[H0:.*]] = %[[H]], %[[S0:.*]] = %[[S]])
// CHECK:           %[[N:.*]] = affine.min #[[$TIME]](%[[START]])[%[[T]]]
// CHECK-DAG:       %[[A1:.*]] = tensor.extract_slice %[[A]][0, %[[START]], 0] [2, %[[N]], 40] [1, 1, 1]
// CHECK-DAG:       %[[B1:.*]] = tensor.extract_slice %[[B]][0, %[[START]], 0] [2, %[[N]], 40] [1, 1, 1]
// CHECK-DAG:       %[[H1:.*]] = tensor.extract_slice %[[H0]][0, %[[START]], 0] [2, %[[N]], 40] [1, 1, 1]
// CHECK:           %[[H2:.*]], %[[S2:.*]] = linnet.affine_scan ins(%[[A1]], %[[B1]] : {{.*}}) outs(%[[H1]], %[[S0]] : {{.*}}) {dimension = 1 : i64}
// CHECK:           %[[H3:.*]] = tensor.insert_slice %[[H2]] into %[[H0]][0, %[[START]], 0] [2, %[[N]], 40] [1, 1, 1]
// CHECK:           scf.yield %[[H3]], %[[S2]]
// CHECK:         return %[[LOOP]]#0, %[[LOOP]]#1
func.func @affine_scan_along_time(%a: tensor<2x?x40xf32>, %b: tensor<2x?x40xf32>, %h: tensor<2x?x40xf32>,
                                  %s: tensor<2x40xf32>) -> (tensor<2x?x40xf32>, tensor<2x40xf32>) {
  %0:2 = linnet.affine_scan ins(%a, %b : tensor<2x?x40xf32>, tensor<2x?x40xf32>)
                            outs(%h, %s : tensor<2x?x40xf32>, tensor<2x40xf32>) {dimension = 1 : i64}
  return %0#0, %0#1 : tensor<2x?x40xf32>, tensor<2x40xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %scan = transform.structured.match ops{["linnet.affine_scan"]} in %root : (!transform.any_op) -> !transform.any_op
    transform.structured.tile_using_for %scan tile_sizes [0, 8] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// All three dimensions at once. 40 channels are two tiles of 16 and one of 8; the state has no dimension of time.
// CHECK-DAG:   #[[$CHANNELS:.*]] = affine_map<(d0) -> (-d0 + 40, 16)>
// CHECK-LABEL: func @affine_scan_all_dimensions(
// CHECK:         scf.for %[[B:.*]] = %c0 to %c2 step %c1
// CHECK:           scf.for %[[T:.*]] = %c0 to %c24 step %c8
// CHECK:             scf.for %[[D:.*]] = %c0 to %c40 step %c16 iter_args(%[[H:.*]] = %{{.*}}, %[[S:.*]] = %{{.*}})
// CHECK:               %[[N:.*]] = affine.min #[[$CHANNELS]](%[[D]])
// CHECK:               tensor.extract_slice %{{.*}}[%[[B]], %[[T]], %[[D]]] [1, 8, %[[N]]] [1, 1, 1]
// CHECK:               %[[S1:.*]] = tensor.extract_slice %[[S]][%[[B]], %[[D]]] [1, %[[N]]] [1, 1]
// CHECK:               %{{.*}}, %[[S2:.*]] = linnet.affine_scan {{.*}} outs(%{{.*}}, %[[S1]] : tensor<1x8x?xf32>, tensor<1x?xf32>)
// CHECK:               tensor.insert_slice %[[S2]] into %[[S]][%[[B]], %[[D]]] [1, %[[N]]] [1, 1]
func.func @affine_scan_all_dimensions(%a: tensor<2x24x40xf32>, %s: tensor<2x40xf32>)
    -> (tensor<2x24x40xf32>, tensor<2x40xf32>) {
  %0:2 = linnet.affine_scan ins(%a, %a : tensor<2x24x40xf32>, tensor<2x24x40xf32>)
                            outs(%a, %s : tensor<2x24x40xf32>, tensor<2x40xf32>) {dimension = 1 : i64}
  return %0#0, %0#1 : tensor<2x24x40xf32>, tensor<2x40xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %scan = transform.structured.match ops{["linnet.affine_scan"]} in %root : (!transform.any_op) -> !transform.any_op
    transform.structured.tile_using_for %scan tile_sizes [1, 8, 16]
        : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// The state, W - 1 inputs, is cut along channels only; the next tile in time takes what the one before left.
// CHECK-LABEL: func @causal_conv1d(
// CHECK-SAME:    %[[X:.*]]: tensor<?x?x40xf32>, %[[W:.*]]: tensor<40x4xf32>, %[[BIAS:.*]]: tensor<40xf32>
// CHECK:         scf.for %[[T:.*]] = %c0 to %{{.*}} step %c8 iter_args
// CHECK:           scf.for %[[D:.*]] = %c0 to %c40 step %c16 iter_args(%[[Y:.*]] = %{{.*}}, %[[S:.*]] = %{{.*}})
// CHECK-DAG:         %[[X1:.*]] = tensor.extract_slice %[[X]][0, %[[T]], %[[D]]] [%{{.*}}, %[[NT:.*]], %[[ND:.*]]] [1, 1, 1]
// CHECK-DAG:         %[[W1:.*]] = tensor.extract_slice %[[W]][%[[D]], 0] [%[[ND]], 4] [1, 1]
// CHECK-DAG:         %[[BIAS1:.*]] = tensor.extract_slice %[[BIAS]][%[[D]]] [%[[ND]]] [1]
// CHECK-DAG:         %[[S1:.*]] = tensor.extract_slice %[[S]][0, 0, %[[D]]] [%{{.*}}, 3, %[[ND]]] [1, 1, 1]
// CHECK:             linnet.causal_conv1d ins(%[[X1]], %[[W1]] : {{.*}}) bias(%[[BIAS1]] : tensor<?xf32>) outs(%{{.*}}, %[[S1]] :
// CHECK-SAME:          {activation = #linnet.activation<silu>}
func.func @causal_conv1d(%x: tensor<?x?x40xf32>, %w: tensor<40x4xf32>, %bias: tensor<40xf32>, %s: tensor<?x3x40xf32>)
    -> (tensor<?x?x40xf32>, tensor<?x3x40xf32>) {
  %0:2 = linnet.causal_conv1d ins(%x, %w : tensor<?x?x40xf32>, tensor<40x4xf32>) bias(%bias : tensor<40xf32>)
                              outs(%x, %s : tensor<?x?x40xf32>, tensor<?x3x40xf32>)
                              {activation = #linnet.activation<silu>}
  return %0#0, %0#1 : tensor<?x?x40xf32>, tensor<?x3x40xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %conv = transform.structured.match ops{["linnet.causal_conv1d"]} in %root : (!transform.any_op) -> !transform.any_op
    transform.structured.tile_using_for %conv tile_sizes [0, 8, 16]
        : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// Layout bdt: the dimensions of a tile are batch, channel and time.
// CHECK-LABEL: func @causal_conv1d_bdt(
// CHECK:         scf.for %[[D:.*]] = %c0 to %c48 step %c16
// CHECK:           scf.for %[[T:.*]] = %c0 to %c24 step %c8
// CHECK:             tensor.extract_slice %{{.*}}[0, %[[D]], %[[T]]] [2, 16, 8] [1, 1, 1]
// CHECK:             tensor.extract_slice %{{.*}}[0, %[[D]], 0] [2, 16, 3] [1, 1, 1]
func.func @causal_conv1d_bdt(%x: tensor<2x48x24xf32>, %w: tensor<48x4xf32>, %s: tensor<2x48x3xf32>)
    -> (tensor<2x48x24xf32>, tensor<2x48x3xf32>) {
  %0:2 = linnet.causal_conv1d ins(%x, %w : tensor<2x48x24xf32>, tensor<48x4xf32>)
                              outs(%x, %s : tensor<2x48x24xf32>, tensor<2x48x3xf32>) {layout = #linnet.layout<bdt>}
  return %0#0, %0#1 : tensor<2x48x24xf32>, tensor<2x48x3xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %conv = transform.structured.match ops{["linnet.causal_conv1d"]} in %root : (!transform.any_op) -> !transform.any_op
    transform.structured.tile_using_for %conv tile_sizes [0, 16, 8]
        : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// B and C of a token belong to all channels: they are cut along time only. A, skip and delta_bias are cut along
// channels, the states of a channel stay together.
// CHECK-LABEL: func @selective_scan(
// CHECK-SAME:    %[[U:.*]]: tensor<2x?x40xf32>, %[[A:.*]]: tensor<40x16xf32>, %[[B:.*]]: tensor<2x?x16xf32>, %[[DS:.*]]: tensor<40xf32>
// CHECK:         scf.for %[[T:.*]] = %c0 to %{{.*}} step %c8
// CHECK:           scf.for %[[D:.*]] = %c0 to %c40 step %c16 iter_args(%[[Y:.*]] = %{{.*}}, %[[S:.*]] = %{{.*}})
// CHECK-DAG:         %[[U1:.*]] = tensor.extract_slice %[[U]][0, %[[T]], %[[D]]] [2, %[[NT:.*]], %[[ND:.*]]] [1, 1, 1]
// CHECK-DAG:         %[[A1:.*]] = tensor.extract_slice %[[A]][%[[D]], 0] [%[[ND]], 16] [1, 1]
// CHECK-DAG:         %[[B1:.*]] = tensor.extract_slice %[[B]][0, %[[T]], 0] [2, %[[NT]], 16] [1, 1, 1]
// CHECK-DAG:         %[[DS1:.*]] = tensor.extract_slice %[[DS]][%[[D]]] [%[[ND]]] [1]
// CHECK-DAG:         %[[S1:.*]] = tensor.extract_slice %[[S]][0, %[[D]], 0] [2, %[[ND]], 16] [1, 1, 1]
// CHECK:             linnet.selective_scan ins(%[[U1]], %[[U1]], %[[A1]], %[[B1]], %[[B1]] :
// CHECK-SAME:          skip(%[[DS1]] : {{.*}}) gate(%[[U1]] : {{.*}}) delta_bias(%[[DS1]] : {{.*}}) outs(%{{.*}}, %[[S1]] :
func.func @selective_scan(%u: tensor<2x?x40xf32>, %a: tensor<40x16xf32>, %b: tensor<2x?x16xf32>, %d: tensor<40xf32>,
                          %s: tensor<2x40x16xf32>) -> (tensor<2x?x40xf32>, tensor<2x40x16xf32>) {
  %0:2 = linnet.selective_scan
      ins(%u, %u, %a, %b, %b
          : tensor<2x?x40xf32>, tensor<2x?x40xf32>, tensor<40x16xf32>, tensor<2x?x16xf32>, tensor<2x?x16xf32>)
      skip(%d : tensor<40xf32>) gate(%u : tensor<2x?x40xf32>) delta_bias(%d : tensor<40xf32>)
      outs(%u, %s : tensor<2x?x40xf32>, tensor<2x40x16xf32>) {delta_softplus}
  return %0#0, %0#1 : tensor<2x?x40xf32>, tensor<2x40x16xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %scan = transform.structured.match ops{["linnet.selective_scan"]} in %root : (!transform.any_op) -> !transform.any_op
    transform.structured.tile_using_for %scan tile_sizes [0, 8, 16]
        : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// A tile of 16 channels lies in group d / 32 of B; a C that is constant in time is cut along channels.
// CHECK-DAG:   #[[$GROUP:.*]] = affine_map<(d0) -> (d0 floordiv 32)>
// CHECK-LABEL: func @selective_scan_groups(
// CHECK-SAME:    %[[U:.*]]: tensor<2x9x64xf32>, %[[A:.*]]: tensor<64x4xf32>, %[[B:.*]]: tensor<2x9x2x4xf32>
// CHECK:         scf.for %[[BATCH:.*]] = %c0 to %c2 step %c1
// CHECK:           scf.for %[[D:.*]] = %c0 to %c64 step %c16
// CHECK:             %[[A1:.*]] = tensor.extract_slice %[[A]][%[[D]], 0] [16, 4] [1, 1]
// CHECK:             %[[G:.*]] = affine.apply #[[$GROUP]](%[[D]])
// CHECK:             %[[B1:.*]] = tensor.extract_slice %[[B]][%[[BATCH]], 0, %[[G]], 0] [1, 9, 1, 4] [1, 1, 1, 1]
// CHECK:             linnet.selective_scan ins(%{{.*}}, %{{.*}}, %[[A1]], %[[B1]], %[[A1]] :
// CHECK-SAME:          tensor<1x9x16xf32>, tensor<1x9x16xf32>, tensor<16x4xf32>, tensor<1x9x1x4xf32>, tensor<16x4xf32>)
func.func @selective_scan_groups(%u: tensor<2x9x64xf32>, %a: tensor<64x4xf32>, %b: tensor<2x9x2x4xf32>,
                                 %s: tensor<2x64x4xf32>) -> tensor<2x9x64xf32> {
  %0:2 = linnet.selective_scan
      ins(%u, %u, %a, %b, %a
          : tensor<2x9x64xf32>, tensor<2x9x64xf32>, tensor<64x4xf32>, tensor<2x9x2x4xf32>, tensor<64x4xf32>)
      outs(%u, %s : tensor<2x9x64xf32>, tensor<2x64x4xf32>)
  return %0#0 : tensor<2x9x64xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %scan = transform.structured.match ops{["linnet.selective_scan"]} in %root : (!transform.any_op) -> !transform.any_op
    transform.structured.tile_using_for %scan tile_sizes [1, 0, 16]
        : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// Tiles that would straddle groups are refused.
func.func @tile_straddles_groups(%u: tensor<2x9x24xf32>, %a: tensor<24x4xf32>, %b: tensor<2x9x3x4xf32>,
                                 %s: tensor<2x24x4xf32>) -> tensor<2x9x24xf32> {
  // expected-error @below {{'linnet.selective_scan' op expected the tile of 12 channels to divide the group of 8}}
  // expected-error @below {{faild to tile operation}}
  // expected-error @below {{failed to generate tiling loops}}
  %0:2 = linnet.selective_scan
      ins(%u, %u, %a, %b, %a
          : tensor<2x9x24xf32>, tensor<2x9x24xf32>, tensor<24x4xf32>, tensor<2x9x3x4xf32>, tensor<24x4xf32>)
      outs(%u, %s : tensor<2x9x24xf32>, tensor<2x24x4xf32>)
  return %0#0 : tensor<2x9x24xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %scan = transform.structured.match ops{["linnet.selective_scan"]} in %root : (!transform.any_op) -> !transform.any_op
    transform.structured.tile_using_for %scan tile_sizes [0, 0, 12]
        : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}
