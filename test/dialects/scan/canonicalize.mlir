// Canonicalisation of the Scan family: the inits become as static as the inputs allow, casts of operands fold into the
// op, what is unused goes, and sizes of results are those of the inits.

// RUN: linnet-opt %s --canonicalize --split-input-file | FileCheck %s

// Sizes come from both inputs.
// CHECK-LABEL: func @affine_scan_refines_inits(
// CHECK-SAME:    %[[A:.*]]: tensor<2x?x8xf32>, %[[B:.*]]: tensor<?x5x?xf32>, %[[H:.*]]: tensor<?x?x?xf32>, %[[S:.*]]: tensor<?x?xf32>
// CHECK-DAG:     %[[H0:.*]] = tensor.cast %[[H]] : tensor<?x?x?xf32> to tensor<2x5x8xf32>
// CHECK-DAG:     %[[S0:.*]] = tensor.cast %[[S]] : tensor<?x?xf32> to tensor<2x8xf32>
// CHECK:         %[[H1:.*]], %[[S1:.*]] = linnet.affine_scan ins(%[[A]], %[[B]]
// CHECK-SAME:      outs(%[[H0]], %[[S0]] : tensor<2x5x8xf32>, tensor<2x8xf32>) {dimension = 1 : i64, reverse}
// CHECK-DAG:     %[[H2:.*]] = tensor.cast %[[H1]] : tensor<2x5x8xf32> to tensor<?x?x?xf32>
// CHECK-DAG:     %[[S2:.*]] = tensor.cast %[[S1]] : tensor<2x8xf32> to tensor<?x?xf32>
// CHECK:         return %[[H2]], %[[S2]]
func.func @affine_scan_refines_inits(%a: tensor<2x?x8xf32>, %b: tensor<?x5x?xf32>, %h: tensor<?x?x?xf32>,
                                     %s: tensor<?x?xf32>) -> (tensor<?x?x?xf32>, tensor<?x?xf32>) {
  %0:2 = linnet.affine_scan ins(%a, %b : tensor<2x?x8xf32>, tensor<?x5x?xf32>)
                            outs(%h, %s : tensor<?x?x?xf32>, tensor<?x?xf32>) {dimension = 1 : i64, reverse}
  return %0#0, %0#1 : tensor<?x?x?xf32>, tensor<?x?xf32>
}

// -----

// The width gives the length of the state, the weight the channels; what the init knew already stays.
// CHECK-LABEL: func @causal_conv1d_refines_inits
// CHECK:         linnet.causal_conv1d
// CHECK-SAME:      outs(%{{.*}}, %{{.*}} : tensor<3x?x16xf32>, tensor<?x3x16xf32>)
// CHECK:         return %{{.*}}, %{{.*}} : tensor<3x?x?xf32>, tensor<?x?x?xf32>
func.func @causal_conv1d_refines_inits(%x: tensor<?x?x?xf32>, %w: tensor<16x4xf32>, %y: tensor<3x?x?xf32>,
                                       %s: tensor<?x?x?xf32>) -> (tensor<3x?x?xf32>, tensor<?x?x?xf32>) {
  %0:2 = linnet.causal_conv1d ins(%x, %w : tensor<?x?x?xf32>, tensor<16x4xf32>)
                              outs(%y, %s : tensor<3x?x?xf32>, tensor<?x?x?xf32>)
  return %0#0, %0#1 : tensor<3x?x?xf32>, tensor<?x?x?xf32>
}

// CHECK-LABEL: func @causal_conv1d_refines_inits_bdt
// CHECK:         linnet.causal_conv1d
// CHECK-SAME:      outs(%{{.*}}, %{{.*}} : tensor<2x16x?xf32>, tensor<2x16x3xf32>) {layout = #linnet.layout<bdt>}
func.func @causal_conv1d_refines_inits_bdt(%x: tensor<2x?x?xf32>, %w: tensor<16x4xf32>, %y: tensor<?x?x?xf32>)
    -> (tensor<?x?x?xf32>, tensor<?x?x?xf32>) {
  %0:2 = linnet.causal_conv1d ins(%x, %w : tensor<2x?x?xf32>, tensor<16x4xf32>)
                              outs(%y, %y : tensor<?x?x?xf32>, tensor<?x?x?xf32>) {layout = #linnet.layout<bdt>}
  return %0#0, %0#1 : tensor<?x?x?xf32>, tensor<?x?x?xf32>
}

// An unknown width leaves the length of the state unknown.
// CHECK-LABEL: func @causal_conv1d_unknown_width
// CHECK:         outs(%{{.*}}, %{{.*}} : tensor<2x7x16xf32>, tensor<2x?x16xf32>)
func.func @causal_conv1d_unknown_width(%x: tensor<2x7x16xf32>, %w: tensor<16x?xf32>, %y: tensor<?x?x?xf32>)
    -> (tensor<?x?x?xf32>, tensor<?x?x?xf32>) {
  %0:2 = linnet.causal_conv1d ins(%x, %w : tensor<2x7x16xf32>, tensor<16x?xf32>)
                              outs(%y, %y : tensor<?x?x?xf32>, tensor<?x?x?xf32>)
  return %0#0, %0#1 : tensor<?x?x?xf32>, tensor<?x?x?xf32>
}

// -----

// Batch from delta, channels and states from A. The optional operands stay with their keywords.
// CHECK-LABEL: func @selective_scan_refines_inits
// CHECK:         linnet.selective_scan
// CHECK-SAME:      gate(%{{.*}} : tensor<?x?x?xf32>) outs(%{{.*}}, %{{.*}} : tensor<2x?x32xf32>, tensor<2x32x16xf32>) {delta_softplus}
func.func @selective_scan_refines_inits(%u: tensor<?x?x?xf32>, %delta: tensor<2x?x?xf32>, %a: tensor<32x16xf32>)
    -> (tensor<?x?x?xf32>, tensor<?x?x?xf32>) {
  %0:2 = linnet.selective_scan
      ins(%u, %delta, %a, %u, %u
          : tensor<?x?x?xf32>, tensor<2x?x?xf32>, tensor<32x16xf32>, tensor<?x?x?xf32>, tensor<?x?x?xf32>)
      gate(%u : tensor<?x?x?xf32>) outs(%u, %u : tensor<?x?x?xf32>, tensor<?x?x?xf32>) {delta_softplus}
  return %0#0, %0#1 : tensor<?x?x?xf32>, tensor<?x?x?xf32>
}

// CHECK-LABEL: func @selective_scan_refines_inits_bdt
// CHECK:         outs(%{{.*}}, %{{.*}} : tensor<?x32x9xf32>, tensor<?x32x16xf32>) {layout = #linnet.layout<bdt>}
func.func @selective_scan_refines_inits_bdt(%u: tensor<?x?x9xf32>, %a: tensor<32x16xf32>, %b: tensor<?x?x?xf32>)
    -> (tensor<?x?x?xf32>, tensor<?x?x?xf32>) {
  %0:2 = linnet.selective_scan
      ins(%u, %u, %a, %b, %b
          : tensor<?x?x9xf32>, tensor<?x?x9xf32>, tensor<32x16xf32>, tensor<?x?x?xf32>, tensor<?x?x?xf32>)
      outs(%b, %b : tensor<?x?x?xf32>, tensor<?x?x?xf32>) {layout = #linnet.layout<bdt>}
  return %0#0, %0#1 : tensor<?x?x?xf32>, tensor<?x?x?xf32>
}

// Pairs have a 2 more.
// CHECK-LABEL: func @complex_scans_refine_inits
// CHECK:         linnet.selective_scan {{.*}} outs(%{{.*}}, %{{.*}} : tensor<1x?x32xf32>, tensor<1x32x16x2xf32>) {complex}
// CHECK:         linnet.affine_scan {{.*}} outs(%{{.*}}, %{{.*}} : tensor<?x32x2xf32>, tensor<32x2xf32>)
func.func @complex_scans_refine_inits(%u: tensor<1x?x?xf32>, %a: tensor<32x16x2xf32>, %b: tensor<?x32x2xf32>,
                                      %y: tensor<?x?x?xf32>, %s: tensor<?x?x?x?xf32>, %r: tensor<?x?xf32>)
    -> (tensor<?x?x?x?xf32>, tensor<?x?xf32>) {
  %0:2 = linnet.selective_scan
      ins(%u, %u, %a, %a, %a
          : tensor<1x?x?xf32>, tensor<1x?x?xf32>, tensor<32x16x2xf32>, tensor<32x16x2xf32>, tensor<32x16x2xf32>)
      outs(%y, %s : tensor<?x?x?xf32>, tensor<?x?x?x?xf32>) {complex}
  %1:2 = linnet.affine_scan ins(%b, %b : tensor<?x32x2xf32>, tensor<?x32x2xf32>)
                            outs(%y, %r : tensor<?x?x?xf32>, tensor<?x?xf32>) {dimension = 0 : i64, complex}
  return %0#1, %1#1 : tensor<?x?x?x?xf32>, tensor<?x?xf32>
}

// -----

// CHECK-LABEL: func @folds_casts(
// CHECK-SAME:    %[[X:.*]]: tensor<1x7x16xf32>, %[[W:.*]]: tensor<16x4xf32>, %[[Y:.*]]: tensor<1x7x16xf32>, %[[S:.*]]: tensor<1x3x16xf32>
// CHECK-NEXT:    %[[Y1:.*]], %[[S1:.*]] = linnet.causal_conv1d ins(%[[X]], %[[W]] : tensor<1x7x16xf32>, tensor<16x4xf32>)
// CHECK-SAME:      outs(%[[Y]], %[[S]] : tensor<1x7x16xf32>, tensor<1x3x16xf32>)
// CHECK-NEXT:    return %[[Y1]], %[[S1]]
func.func @folds_casts(%x: tensor<1x7x16xf32>, %w: tensor<16x4xf32>, %y: tensor<1x7x16xf32>, %s: tensor<1x3x16xf32>)
    -> (tensor<1x7x16xf32>, tensor<1x3x16xf32>) {
  %x0 = tensor.cast %x : tensor<1x7x16xf32> to tensor<?x?x?xf32>
  %w0 = tensor.cast %w : tensor<16x4xf32> to tensor<?x?xf32>
  %y0 = tensor.cast %y : tensor<1x7x16xf32> to tensor<?x?x?xf32>
  %s0 = tensor.cast %s : tensor<1x3x16xf32> to tensor<?x?x?xf32>
  %0:2 = linnet.causal_conv1d ins(%x0, %w0 : tensor<?x?x?xf32>, tensor<?x?xf32>)
                              outs(%y0, %s0 : tensor<?x?x?xf32>, tensor<?x?x?xf32>)
  %1 = tensor.cast %0#0 : tensor<?x?x?xf32> to tensor<1x7x16xf32>
  %2 = tensor.cast %0#1 : tensor<?x?x?xf32> to tensor<1x3x16xf32>
  return %1, %2 : tensor<1x7x16xf32>, tensor<1x3x16xf32>
}

// -----

// What a first op learns reaches the next one through its results.
// CHECK-LABEL: func @shapes_flow_through
// CHECK-NOT:     tensor.cast
// CHECK:         linnet.affine_scan {{.*}} outs({{.*}} : tensor<5x8xf32>, tensor<8xf32>)
// CHECK:         linnet.affine_scan {{.*}} outs({{.*}} : tensor<5x8xf32>, tensor<8xf32>)
func.func @shapes_flow_through(%a: tensor<5x8xf32>, %s: tensor<8xf32>) -> tensor<5x8xf32> {
  %a0 = tensor.cast %a : tensor<5x8xf32> to tensor<?x?xf32>
  %s0 = tensor.cast %s : tensor<8xf32> to tensor<?xf32>
  %0:2 = linnet.affine_scan ins(%a0, %a0 : tensor<?x?xf32>, tensor<?x?xf32>)
                            outs(%a0, %s0 : tensor<?x?xf32>, tensor<?xf32>) {dimension = 0 : i64}
  %1:2 = linnet.affine_scan ins(%0#0, %0#0 : tensor<?x?xf32>, tensor<?x?xf32>)
                            outs(%0#0, %0#1 : tensor<?x?xf32>, tensor<?xf32>) {dimension = 0 : i64}
  %2 = tensor.cast %1#0 : tensor<?x?xf32> to tensor<5x8xf32>
  return %2 : tensor<5x8xf32>
}

// -----

// CHECK-LABEL: func @unused_scan
// CHECK-NEXT:    return
func.func @unused_scan(%a: tensor<5x8xf32>, %s: tensor<8xf32>) {
  %0:2 = linnet.affine_scan ins(%a, %a : tensor<5x8xf32>, tensor<5x8xf32>)
                            outs(%a, %s : tensor<5x8xf32>, tensor<8xf32>) {dimension = 0 : i64}
  return
}

// -----

// CHECK-LABEL: func @sizes_of_results(
// CHECK-SAME:    %{{.*}}: tensor<?x?x16xf32>, %{{.*}}: tensor<16x4xf32>, %[[Y:.*]]: tensor<?x?x16xf32>, %[[S:.*]]: tensor<?x3x16xf32>
// CHECK-NOT:     linnet
// CHECK-DAG:     %[[T:.*]] = tensor.dim %[[Y]], %c1
// CHECK-DAG:     %[[B:.*]] = tensor.dim %[[S]], %c0
// CHECK:         return %[[T]], %[[B]]
func.func @sizes_of_results(%x: tensor<?x?x16xf32>, %w: tensor<16x4xf32>, %y: tensor<?x?x16xf32>, %s: tensor<?x3x16xf32>)
    -> (index, index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %0:2 = linnet.causal_conv1d ins(%x, %w : tensor<?x?x16xf32>, tensor<16x4xf32>)
                              outs(%y, %s : tensor<?x?x16xf32>, tensor<?x3x16xf32>)
  %1 = tensor.dim %0#0, %c1 : tensor<?x?x16xf32>
  %2 = tensor.dim %0#1, %c0 : tensor<?x3x16xf32>
  return %1, %2 : index, index
}

// -----

// The scan dimensions come from all inputs and the segments together, the element dimensions from each input.
// CHECK-LABEL: func @scan_refines_inits(
// CHECK:         %[[ALL:.*]]:4 = linnet.scan custom ins(%{{.*}} : tensor<?x?x7xf32>, tensor<?x5x?x2xf32>)
// CHECK-SAME:      outs(%{{.*}} : tensor<3x5x7xf32>, tensor<3x5x7x2xf32>)
// CHECK-SAME:      states(%{{.*}} : tensor<3x7xf32>, tensor<3x7x2xf32>) segments(%{{.*}} : tensor<3x?x?xi32>)
// CHECK-SAME:      {dimension = 1 : i64, element_ranks = array<i64: 0, 1>, reverse} combine {
// CHECK:           linnet.yield
// CHECK-DAG:     tensor.cast %[[ALL]]#0 : tensor<3x5x7xf32> to tensor<?x?x?xf32>
// CHECK-DAG:     tensor.cast %[[ALL]]#3 : tensor<3x7x2xf32> to tensor<?x?x2xf32>
func.func @scan_refines_inits(%x: tensor<?x?x7xf32>, %v: tensor<?x5x?x2xf32>, %y: tensor<?x?x?xf32>,
                              %w: tensor<?x?x?x2xf32>, %s: tensor<?x?xf32>, %r: tensor<?x?x2xf32>,
                              %g: tensor<3x?x?xi32>) -> (tensor<?x?x?xf32>, tensor<?x?x2xf32>) {
  %0:4 = linnet.scan custom ins(%x, %v : tensor<?x?x7xf32>, tensor<?x5x?x2xf32>)
                            outs(%y, %w : tensor<?x?x?xf32>, tensor<?x?x?x2xf32>)
                            states(%s, %r : tensor<?x?xf32>, tensor<?x?x2xf32>) segments(%g : tensor<3x?x?xi32>)
                            {dimension = 1 : i64, element_ranks = array<i64: 0, 1>, reverse} combine {
  ^bb0(%a: f32, %b: tensor<2xf32>, %c: f32, %d: tensor<2xf32>):
    %0 = arith.addf %a, %c : f32
    %1 = arith.addf %b, %d : tensor<2xf32>
    linnet.yield %0, %1 : f32, tensor<2xf32>
  }
  return %0#0, %0#3 : tensor<?x?x?xf32>, tensor<?x?x2xf32>
}

// Outputs and states keep the element dimensions of their own, and what the init alone knows.
// CHECK-LABEL: func @recurrence_refines_inits(
// CHECK:         linnet.recurrence ins(%{{.*}} : tensor<4x?x2xf32>, tensor<?x?xf32>) outs(%{{.*}} : tensor<4x9xf32>)
// CHECK-SAME:      states(%{{.*}} : tensor<4x3xf32>) {dimension = 1 : i64, ranks = array<i64: 1, 0, 0, 1>} step {
// CHECK:         return %{{.*}}, %{{.*}} : tensor<?x9xf32>, tensor<?x3xf32>
func.func @recurrence_refines_inits(%x: tensor<4x?x2xf32>, %u: tensor<?x?xf32>, %y: tensor<?x9xf32>, %s: tensor<?x3xf32>)
    -> (tensor<?x9xf32>, tensor<?x3xf32>) {
  %0:2 = linnet.recurrence ins(%x, %u : tensor<4x?x2xf32>, tensor<?x?xf32>) outs(%y : tensor<?x9xf32>)
                           states(%s : tensor<?x3xf32>) {dimension = 1 : i64, ranks = array<i64: 1, 0, 0, 1>} step {
  ^bb0(%c: tensor<3xf32>, %v: tensor<2xf32>, %i: f32):
    linnet.yield %c, %i : tensor<3xf32>, f32
  }
  return %0#0, %0#1 : tensor<?x9xf32>, tensor<?x3xf32>
}

// -----

// CHECK-LABEL: func @element_scans_fold_casts(
// CHECK-NOT:     tensor.cast
// CHECK:         linnet.scan add {{.*}} states(%{{.*}} : tensor<8xf32>)
// CHECK-NOT:     tensor.cast
// CHECK:         linnet.recurrence {{.*}} states(%{{.*}} : tensor<8xf32>)
// CHECK-NOT:     tensor.cast
// CHECK:         return
func.func @element_scans_fold_casts(%x: tensor<5x8xf32>, %s: tensor<8xf32>) -> tensor<8xf32> {
  %x0 = tensor.cast %x : tensor<5x8xf32> to tensor<?x?xf32>
  %s0 = tensor.cast %s : tensor<8xf32> to tensor<?xf32>
  %0:2 = linnet.scan add ins(%x0 : tensor<?x?xf32>) outs(%x0 : tensor<?x?xf32>) states(%s0 : tensor<?xf32>)
                         {dimension = 0 : i64}
  %1:2 = linnet.recurrence ins(%0#0 : tensor<?x?xf32>) outs(%x0 : tensor<?x?xf32>) states(%0#1 : tensor<?xf32>)
                           {dimension = 0 : i64} step {
  ^bb0(%c: f32, %v: f32):
    %sum = arith.addf %c, %v : f32
    linnet.yield %sum, %sum : f32, f32
  }
  %2 = tensor.cast %1#1 : tensor<?xf32> to tensor<8xf32>
  return %2 : tensor<8xf32>
}

// CHECK-LABEL: func @unused_element_scans
// CHECK-NEXT:    return
func.func @unused_element_scans(%x: tensor<5x8xf32>, %s: tensor<8xf32>) {
  %0:2 = linnet.scan add ins(%x : tensor<5x8xf32>) outs(%x : tensor<5x8xf32>) states(%s : tensor<8xf32>)
                         {dimension = 0 : i64}
  %1:2 = linnet.recurrence ins(%x : tensor<5x8xf32>) outs(%x : tensor<5x8xf32>) states(%s : tensor<8xf32>)
                           {dimension = 0 : i64} step {
  ^bb0(%c: f32, %v: f32):
    linnet.yield %c, %v : f32, f32
  }
  return
}
