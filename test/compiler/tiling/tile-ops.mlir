// --linnet-tile-ops: scans over batch and blocks of 16 channels, with time whole; products over batch and panels around
// a loop over rows; other linalg ops by rows, with their producers fused. Loops carry the name of what they compute.

// RUN: linnet-opt %s --linnet-tile-ops --canonicalize --cse | FileCheck %s
// RUN: linnet-opt %s --linnet-tile-ops="lanes=8 rows=4" --canonicalize --cse | FileCheck %s --check-prefix=OPTIONS

#x = affine_map<(b, t, n, k, i) -> (b, t, k)>
#w = affine_map<(b, t, n, k, i) -> (n, k, i)>
#y = affine_map<(b, t, n, k, i) -> (b, t, n, i)>
#id = affine_map<(b, t, d) -> (b, t, d)>

// The last tile of 40 channels is narrower.
// CHECK-DAG:     #[[$TAIL:.*]] = affine_map<(d0) -> (-d0 + 40, 16)>
// CHECK-DAG:     #[[$GROUP:.*]] = affine_map<(d0) -> (d0 floordiv 32)>
// CHECK-DAG:     #[[$WHOLE_ROWS:.*]] = affine_map<()[s0] -> ((s0 floordiv 8) * 8)>
// CHECK-LABEL: func @selective_scan(
// CHECK-SAME:    %[[U:.*]]: tensor<?x?x40xf32>, %[[A:.*]]: tensor<40x16xf32>, %[[B:.*]]: tensor<?x?x16xf32>
// CHECK-DAG:     %[[BATCHES:.*]] = tensor.dim %[[U]], %c0
// CHECK-DAG:     %[[T:.*]] = tensor.dim %[[U]], %c1
// CHECK:         scf.forall (%[[BATCH:.*]], %[[D:.*]]) = (0, 0) to (%[[BATCHES]], 40) step (1, 16) shared_outs(%[[Y:.*]] = %{{.*}}, %[[S:.*]] = %{{.*}})
// CHECK:           %[[N:.*]] = affine.min #[[$TAIL]](%[[D]])
// CHECK:           tensor.extract_slice %[[U]][%[[BATCH]], 0, %[[D]]] [1, %[[T]], %[[N]]] [1, 1, 1]
// CHECK:           linnet.selective_scan {{.*}} outs(%{{.*}}, %{{.*}} : tensor<1x?x?xf32>, tensor<1x?x16xf32>)
// CHECK:           scf.forall.in_parallel {
// CHECK:             tensor.parallel_insert_slice %{{.*}} into %[[Y]][%[[BATCH]], 0, %[[D]]] [1, %[[T]], %[[N]]]
// CHECK:             tensor.parallel_insert_slice %{{.*}} into %[[S]][%[[BATCH]], %[[D]], 0] [1, %[[N]], 16]
// CHECK:         } {linnet.kind = "linnet.selective_scan"}

// OPTIONS-LABEL: func @selective_scan(
// OPTIONS:         scf.forall {{.*}} step (1, 8)
func.func @selective_scan(%u: tensor<?x?x40xf32>, %a: tensor<40x16xf32>, %b: tensor<?x?x16xf32>, %s: tensor<?x40x16xf32>)
    -> (tensor<?x?x40xf32>, tensor<?x40x16xf32>) {
  %0:2 = linnet.selective_scan
      ins(%u, %u, %a, %b, %b
          : tensor<?x?x40xf32>, tensor<?x?x40xf32>, tensor<40x16xf32>, tensor<?x?x16xf32>, tensor<?x?x16xf32>)
      outs(%u, %s : tensor<?x?x40xf32>, tensor<?x40x16xf32>)
  return %0#0, %0#1 : tensor<?x?x40xf32>, tensor<?x40x16xf32>
}

// Several vectors of channels, as long as their states fit the stack of a thread.
// CHECK-LABEL: func @many_states(
// CHECK:         scf.forall {{.*}} to (2, 2048) step (1, 128)
func.func @many_states(%u: tensor<2x9x2048xf32>, %a: tensor<2048x100xf32>, %b: tensor<2x9x100xf32>,
                       %s: tensor<2x2048x100xf32>) -> tensor<2x9x2048xf32> {
  %0:2 = linnet.selective_scan
      ins(%u, %u, %a, %b, %b
          : tensor<2x9x2048xf32>, tensor<2x9x2048xf32>, tensor<2048x100xf32>, tensor<2x9x100xf32>, tensor<2x9x100xf32>)
      outs(%u, %s : tensor<2x9x2048xf32>, tensor<2x2048x100xf32>)
  return %0#0 : tensor<2x9x2048xf32>
}

// A transpose goes by blocks that are wide on both sides.
// CHECK-LABEL: func @transpose(
// CHECK:         scf.forall {{.*}} to (2, 500, 1024) step (1, 64, 256)
// CHECK:           linalg.transpose
func.func @transpose(%x: tensor<2x1024x500xf32>, %y: tensor<2x500x1024xf32>) -> tensor<2x500x1024xf32> {
  %0 = linalg.transpose ins(%x : tensor<2x1024x500xf32>) outs(%y : tensor<2x500x1024xf32>) permutation = [0, 2, 1]
  return %0 : tensor<2x500x1024xf32>
}

// Each tile reads its group of B.
// CHECK-LABEL: func @selective_scan_groups(
// CHECK-SAME:    %{{.*}}: tensor<2x9x64xf32>, %{{.*}}: tensor<64x4xf32>, %[[B:.*]]: tensor<2x9x2x4xf32>
// CHECK:         scf.forall (%[[BATCH:.*]], %[[D:.*]]) = (0, 0) to (2, 64) step (1, 16)
// CHECK:           %[[G:.*]] = affine.apply #[[$GROUP]](%[[D]])
// CHECK:           tensor.extract_slice %[[B]][%[[BATCH]], 0, %[[G]], 0] [1, 9, 1, 4] [1, 1, 1, 1]
func.func @selective_scan_groups(%u: tensor<2x9x64xf32>, %a: tensor<64x4xf32>, %b: tensor<2x9x2x4xf32>,
                                 %s: tensor<2x64x4xf32>) -> tensor<2x9x64xf32> {
  %0:2 = linnet.selective_scan
      ins(%u, %u, %a, %b, %a
          : tensor<2x9x64xf32>, tensor<2x9x64xf32>, tensor<64x4xf32>, tensor<2x9x2x4xf32>, tensor<64x4xf32>)
      outs(%u, %s : tensor<2x9x64xf32>, tensor<2x64x4xf32>)
  return %0#0 : tensor<2x9x64xf32>
}

// CHECK-LABEL: func @causal_conv1d(
// CHECK:         scf.forall (%{{.*}}, %{{.*}}) = (0, 0) to (2, 33) step (1, 16)
// CHECK:           linnet.causal_conv1d
// CHECK:         } {linnet.kind = "linnet.causal_conv1d"}
func.func @causal_conv1d(%x: tensor<2x?x33xf32>, %w: tensor<33x4xf32>, %s: tensor<2x3x33xf32>) -> tensor<2x?x33xf32> {
  %0:2 = linnet.causal_conv1d ins(%x, %w : tensor<2x?x33xf32>, tensor<33x4xf32>)
                              outs(%x, %s : tensor<2x?x33xf32>, tensor<2x3x33xf32>)
  return %0#0 : tensor<2x?x33xf32>
}

// Every dimension but time is parallel; the last of them is cut into lanes.
// CHECK-LABEL: func @affine_scan(
// CHECK:         scf.forall (%{{.*}}, %{{.*}}, %{{.*}}) = (0, 0, 0) to (3, 4, 40) step (1, 1, 16)
// CHECK:           linnet.affine_scan {{.*}} {dimension = 0 : i64, reverse}
func.func @affine_scan(%a: tensor<?x3x4x40xf32>, %s: tensor<3x4x40xf32>) -> tensor<?x3x4x40xf32> {
  %0:2 = linnet.affine_scan ins(%a, %a : tensor<?x3x4x40xf32>, tensor<?x3x4x40xf32>)
                            outs(%a, %s : tensor<?x3x4x40xf32>, tensor<3x4x40xf32>) {dimension = 0 : i64, reverse}
  return %0#0 : tensor<?x3x4x40xf32>
}

// A panel stays while the rows pass: whole tiles of 8 rows, then the rest one by one, all of static shape. What fills
// the result is made tile by tile.
// CHECK-LABEL: func @contraction(
// CHECK:         %[[T:.*]] = tensor.dim %{{.*}}, %c1
// CHECK:         scf.forall (%[[B:.*]], %[[PANEL:.*]]) in (%{{.*}}, 6)
// CHECK:           linalg.fill {{.*}} outs(%{{.*}} : tensor<1x?x1x32xf32>)
// CHECK:           %[[WHOLE:.*]] = affine.apply #[[$WHOLE_ROWS]]()[%[[T]]]
// CHECK:           scf.for %{{.*}} = %c0 to %[[WHOLE]] step %c8
// CHECK:             linalg.generic {{.*}} ins(%{{.*}}, %{{.*}} : tensor<1x8x48xf32>, tensor<1x48x32xf32>) outs(%{{.*}} : tensor<1x8x1x32xf32>)
// CHECK:           scf.for %{{.*}} = %[[WHOLE]] to %[[T]]
// CHECK:             linalg.generic {{.*}} outs(%{{.*}} : tensor<1x1x1x32xf32>)
// CHECK:         } {linnet.kind = "linalg.contract"}

// OPTIONS-LABEL: func @contraction(
// OPTIONS:         linalg.generic {{.*}} outs(%{{.*}} : tensor<1x4x1x32xf32>)
func.func @contraction(%x: tensor<?x?x48xf32>, %w: tensor<6x48x32xf32>, %e: tensor<?x?x6x32xf32>) -> tensor<?x?x6x32xf32> {
  %zero = arith.constant 0.0 : f32
  %0 = linalg.fill ins(%zero : f32) outs(%e : tensor<?x?x6x32xf32>) -> tensor<?x?x6x32xf32>
  %1 = linalg.generic {indexing_maps = [#x, #w, #y],
                       iterator_types = ["parallel", "parallel", "parallel", "reduction", "parallel"]}
      ins(%x, %w : tensor<?x?x48xf32>, tensor<6x48x32xf32>) outs(%0 : tensor<?x?x6x32xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %2 = arith.mulf %a, %b : f32
    %3 = arith.addf %o, %2 : f32
    linalg.yield %3 : f32
  } -> tensor<?x?x6x32xf32>
  return %1 : tensor<?x?x6x32xf32>
}

// A single row takes several panels at once, as many as divide them.
// CHECK-LABEL: func @contraction_of_one_row(
// CHECK:         scf.forall (%{{.*}}, %{{.*}}) = (0, 0) to (%{{.*}}, 6) step (1, 3)
// CHECK-NOT:       scf.for
// CHECK:           linalg.generic {{.*}} outs(%{{.*}} : tensor<1x1x3x32xf32>)
func.func @contraction_of_one_row(%x: tensor<?x1x48xf32>, %w: tensor<6x48x32xf32>, %e: tensor<?x1x6x32xf32>)
    -> tensor<?x1x6x32xf32> {
  %0 = linalg.generic {indexing_maps = [#x, #w, #y],
                       iterator_types = ["parallel", "parallel", "parallel", "reduction", "parallel"]}
      ins(%x, %w : tensor<?x1x48xf32>, tensor<6x48x32xf32>) outs(%e : tensor<?x1x6x32xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %1 = arith.mulf %a, %b : f32
    %2 = arith.addf %o, %1 : f32
    linalg.yield %2 : f32
  } -> tensor<?x1x6x32xf32>
  return %0 : tensor<?x1x6x32xf32>
}

// One loop for both ops.
// CHECK-LABEL: func @elementwise(
// CHECK:         scf.forall (%{{.*}}, %{{.*}}) = (0, 0) to (%{{.*}}, %{{.*}}) step (1, 32)
// CHECK:           linalg.generic
// CHECK:             math.exp
// CHECK:           linalg.generic
// CHECK:             arith.addf
// CHECK:         } {linnet.kind = "linalg.generic"}
// CHECK-NOT:     scf.forall
func.func @elementwise(%x: tensor<?x?x40xf32>, %e: tensor<?x?x40xf32>) -> tensor<?x?x40xf32> {
  %0 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%x : tensor<?x?x40xf32>) outs(%e : tensor<?x?x40xf32>) {
  ^bb0(%in: f32, %out: f32):
    %2 = math.exp %in : f32
    linalg.yield %2 : f32
  } -> tensor<?x?x40xf32>
  %1 = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%0, %x : tensor<?x?x40xf32>, tensor<?x?x40xf32>) outs(%e : tensor<?x?x40xf32>) {
  ^bb0(%in: f32, %in2: f32, %out: f32):
    %2 = arith.addf %in, %in2 : f32
    linalg.yield %2 : f32
  } -> tensor<?x?x40xf32>
  return %1 : tensor<?x?x40xf32>
}

// Left alone: what takes the reference path, and work of fewer than two dimensions.
// CHECK-LABEL: func @untiled(
// CHECK-NOT:     scf.forall
// CHECK:         linnet.affine_scan
// CHECK:         linalg.map
func.func @untiled(%a: tensor<5x8xf32>, %s: tensor<8xf32>) -> tensor<8xf32> {
  %0:2 = linnet.affine_scan ins(%a, %a : tensor<5x8xf32>, tensor<5x8xf32>) outs(%a, %s : tensor<5x8xf32>, tensor<8xf32>)
                            {dimension = 0 : i64, linnet.path = "reference"}
  %1 = linalg.map { math.exp } ins(%0#1 : tensor<8xf32>) outs(%s : tensor<8xf32>)
  return %1 : tensor<8xf32>
}
