// --linnet-vectorize-tiles on contraction tiles: one vector per accumulator register, carried by the loop over k. What
// is no tile of static shape stays for loops; a scan that is no tile is an error. Scans: scan.mlir.

// RUN: linnet-opt %s --linnet-vectorize-tiles --canonicalize --cse --split-input-file --verify-diagnostics | FileCheck %s

#x = affine_map<(t, n, k, i) -> (t, k)>
#w = affine_map<(t, n, k, i) -> (n, k, i)>
#y = affine_map<(t, n, k, i) -> (t, n, i)>

// 2 rows of one panel of 32: four accumulators. A step loads the panel's two vectors and one scalar per row.
// CHECK-LABEL: func @contraction(
// CHECK-SAME:    %[[X:.*]]: tensor<2x48xf32>, %[[W:.*]]: tensor<1x48x32xf32>, %[[Y:.*]]: tensor<2x1x32xf32>
// CHECK-COUNT-4: vector.transfer_read %[[Y]]
// CHECK:         %[[LOOP:.*]]:4 = scf.for %[[K:.*]] = %c0 to %c48 step %c1 iter_args({{.*}}) -> (vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<16xf32>)
// CHECK-NOT:       %[[Y]]
// CHECK:           vector.transfer_read %[[W]][%c0, %[[K]], %c0]
// CHECK:           vector.transfer_read %[[W]][%c0, %[[K]], %c16]
// CHECK:           tensor.extract %[[X]][%c0, %[[K]]]
// CHECK-COUNT-2:   arith.addf {{.*}} fastmath<contract> : vector<16xf32>
// CHECK:           tensor.extract %[[X]][%c1, %[[K]]]
// CHECK-COUNT-2:   arith.addf {{.*}} fastmath<contract> : vector<16xf32>
// CHECK:           scf.yield
// CHECK-DAG:     vector.transfer_write %[[LOOP]]#0, %{{.*}}[%c0, %c0, %c0]
// CHECK-DAG:     vector.transfer_write %[[LOOP]]#1, %{{.*}}[%c0, %c0, %c16]
// CHECK-DAG:     vector.transfer_write %[[LOOP]]#2, %{{.*}}[%c1, %c0, %c0]
// CHECK-DAG:     vector.transfer_write %[[LOOP]]#3, %{{.*}}[%c1, %c0, %c16]
func.func @contraction(%x: tensor<2x48xf32>, %w: tensor<1x48x32xf32>, %y: tensor<2x1x32xf32>) -> tensor<2x1x32xf32> {
  %0 = linalg.generic {indexing_maps = [#x, #w, #y], iterator_types = ["parallel", "parallel", "reduction", "parallel"]}
      ins(%x, %w : tensor<2x48xf32>, tensor<1x48x32xf32>) outs(%y : tensor<2x1x32xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %1 = arith.mulf %a, %b : f32
    %2 = arith.addf %o, %1 : f32
    linalg.yield %2 : f32
  } -> tensor<2x1x32xf32>
  return %0 : tensor<2x1x32xf32>
}

// -----

#x = affine_map<(t, n, k, i) -> (t, k)>
#w = affine_map<(t, n, k, i) -> (n, k, i)>
#y = affine_map<(t, n, k, i) -> (t, n, i)>

// CHECK-LABEL: func @dynamic_rows(
// CHECK:         linalg.generic
func.func @dynamic_rows(%x: tensor<?x48xf32>, %w: tensor<1x48x32xf32>, %y: tensor<?x1x32xf32>) -> tensor<?x1x32xf32> {
  %0 = linalg.generic {indexing_maps = [#x, #w, #y], iterator_types = ["parallel", "parallel", "reduction", "parallel"]}
      ins(%x, %w : tensor<?x48xf32>, tensor<1x48x32xf32>) outs(%y : tensor<?x1x32xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %1 = arith.mulf %a, %b : f32
    %2 = arith.addf %o, %1 : f32
    linalg.yield %2 : f32
  } -> tensor<?x1x32xf32>
  return %0 : tensor<?x1x32xf32>
}

// -----

func.func @two_batches(%a: tensor<2x?x16xf32>, %s: tensor<2x16xf32>) -> tensor<2x16xf32> {
  // expected-error @below {{run linnet-select-path and linnet-tile-ops first}}
  %0:2 = linnet.affine_scan ins(%a, %a : tensor<2x?x16xf32>, tensor<2x?x16xf32>)
                            outs(%a, %s : tensor<2x?x16xf32>, tensor<2x16xf32>) {dimension = 1 : i64}
  return %0#1 : tensor<2x16xf32>
}

// -----

func.func @too_many_channels(%a: tensor<?x17xf32>, %s: tensor<17xf32>) -> tensor<17xf32> {
  // expected-error @below {{expected a tile of one batch}}
  %0:2 = linnet.affine_scan ins(%a, %a : tensor<?x17xf32>, tensor<?x17xf32>)
                            outs(%a, %s : tensor<?x17xf32>, tensor<17xf32>) {dimension = 0 : i64}
  return %0#1 : tensor<17xf32>
}

// -----

func.func @layout_bdt(%x: tensor<1x16x?xf32>, %w: tensor<16x4xf32>, %s: tensor<1x16x3xf32>) -> tensor<1x16x3xf32> {
  // expected-error @below {{expected a tile of one batch}}
  %0:2 = linnet.causal_conv1d ins(%x, %w : tensor<1x16x?xf32>, tensor<16x4xf32>)
                              outs(%x, %s : tensor<1x16x?xf32>, tensor<1x16x3xf32>) {layout = #linnet.layout<bdt>}
  return %0#1 : tensor<1x16x3xf32>
}
