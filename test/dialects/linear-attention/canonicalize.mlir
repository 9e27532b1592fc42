// Canonicalisation of linear_attention and ssd: the inits become as static as the inputs allow, casts of operands fold into the
// op, what is unused goes, and sizes of results are those of the inits.

// RUN: linnet-opt %s --canonicalize --split-input-file | FileCheck %s

// Batch and time from q, k and v together, heads and values from v, keys from q.
// CHECK-LABEL: func @refines_inits(
// CHECK-SAME:    %[[Q:.*]]: tensor<2x?x?x8xf32>, %[[K:.*]]: tensor<?x5x?x?xf32>, %[[V:.*]]: tensor<?x?x4x6xf32>, %[[X:.*]]: tensor<?x?x?x?xf32>
// CHECK-DAG:     %[[O0:.*]] = tensor.cast %[[X]] : tensor<?x?x?x?xf32> to tensor<2x5x4x6xf32>
// CHECK-DAG:     %[[S0:.*]] = tensor.cast %[[X]] : tensor<?x?x?x?xf32> to tensor<2x4x8x6xf32>
// CHECK:         %[[O1:.*]], %[[S1:.*]] = linnet.linear_attention
// CHECK-SAME:      outs(%[[O0]], %[[S0]] : tensor<2x5x4x6xf32>, tensor<2x4x8x6xf32>) {reverse, scale = 1.000000e+00 : f64}
// CHECK-DAG:     %[[O2:.*]] = tensor.cast %[[O1]] : tensor<2x5x4x6xf32> to tensor<?x?x?x?xf32>
// CHECK-DAG:     %[[S2:.*]] = tensor.cast %[[S1]] : tensor<2x4x8x6xf32> to tensor<?x?x?x?xf32>
// CHECK:         return %[[O2]], %[[S2]]
func.func @refines_inits(%q: tensor<2x?x?x8xf32>, %k: tensor<?x5x?x?xf32>, %v: tensor<?x?x4x6xf32>, %x: tensor<?x?x?x?xf32>)
    -> (tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>) {
  %0:2 = linnet.linear_attention
      ins(%q, %k, %v : tensor<2x?x?x8xf32>, tensor<?x5x?x?xf32>, tensor<?x?x4x6xf32>)
      outs(%x, %x : tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>) {scale = 1.0, reverse}
  return %0#0, %0#1 : tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>
}

// All of k where neither v nor q knows it; the sum of keys is one more value, and the
// optional operands stay with their keywords.
// CHECK-LABEL: func @refines_normalized_inits(
// CHECK:         ins({{.*}}) log_decay(%{{.*}} : tensor<?xf32>)
// CHECK-SAME:      outs(%{{.*}}, %{{.*}} : tensor<2x5x4x6xf32>, tensor<2x4x7x8xf32>) {normalize, scale = 1.000000e+00 : f64, state_layout = #linnet.state_layout<vk>}
func.func @refines_normalized_inits(%k: tensor<2x5x?x8xf32>, %v: tensor<?x?x4x6xf32>, %g: tensor<?xf32>,
                                    %x: tensor<?x?x?x?xf32>) -> (tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>) {
  %0:2 = linnet.linear_attention
      ins(%x, %k, %v : tensor<?x?x?x?xf32>, tensor<2x5x?x8xf32>, tensor<?x?x4x6xf32>) log_decay(%g : tensor<?xf32>)
      outs(%x, %x : tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>)
      {scale = 1.0, normalize, state_layout = #linnet.state_layout<vk>}
  return %0#0, %0#1 : tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>
}

// The number of states comes from the offsets, not from the batch of 1; unknown offsets leave it unknown.
// CHECK-LABEL: func @refines_packed_inits(
// CHECK:         outs(%{{.*}}, %{{.*}} : tensor<1x?x4x6xf32>, tensor<3x4x8x6xf32>)
// CHECK:         outs(%{{.*}}, %{{.*}} : tensor<1x?x4x6xf32>, tensor<?x4x8x6xf32>)
func.func @refines_packed_inits(%q: tensor<1x?x4x8xf32>, %v: tensor<1x?x4x6xf32>, %three: tensor<4xi32>,
                                %some: tensor<?xi32>, %x: tensor<?x?x?x?xf32>)
    -> (tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>) {
  %0:2 = linnet.linear_attention
      ins(%q, %q, %v : tensor<1x?x4x8xf32>, tensor<1x?x4x8xf32>, tensor<1x?x4x6xf32>) cu_seqlens(%three : tensor<4xi32>)
      outs(%x, %x : tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>) {scale = 1.0}
  %1:2 = linnet.linear_attention
      ins(%q, %q, %v : tensor<1x?x4x8xf32>, tensor<1x?x4x8xf32>, tensor<1x?x4x6xf32>) cu_seqlens(%some : tensor<?xi32>)
      outs(%x, %x : tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>) {scale = 1.0}
  return %0#1, %1#1 : tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>
}

// An unknown number of values leaves that of the columns unknown.
// CHECK-LABEL: func @unknown_values(
// CHECK:         outs(%{{.*}}, %{{.*}} : tensor<2x?x4x?xf32>, tensor<2x4x8x?xf32>)
func.func @unknown_values(%q: tensor<2x?x4x8xf32>, %v: tensor<2x?x4x?xf32>, %x: tensor<?x?x?x?xf32>)
    -> (tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>) {
  %0:2 = linnet.linear_attention
      ins(%q, %q, %v : tensor<2x?x4x8xf32>, tensor<2x?x4x8xf32>, tensor<2x?x4x?xf32>)
      outs(%x, %x : tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>) {scale = 1.0, normalize}
  return %0#0, %0#1 : tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>
}

// -----

// CHECK-LABEL: func @folds_casts(
// CHECK-SAME:    %[[Q:.*]]: tensor<1x7x4x8xf32>, %[[V:.*]]: tensor<1x7x4x6xf32>, %[[BETA:.*]]: tensor<1x7x4xf32>, %[[OFFSETS:.*]]: tensor<3xi32>, %[[S:.*]]: tensor<2x4x8x6xf32>
// CHECK-NEXT:    %[[O1:.*]], %[[S1:.*]] = linnet.linear_attention ins(%[[Q]], %[[Q]], %[[V]]
// CHECK-SAME:      beta(%[[BETA]] : tensor<1x7x4xf32>) cu_seqlens(%[[OFFSETS]] : tensor<3xi32>)
// CHECK-SAME:      outs(%[[V]], %[[S]] : tensor<1x7x4x6xf32>, tensor<2x4x8x6xf32>)
// CHECK-NEXT:    return %[[O1]], %[[S1]]
func.func @folds_casts(%q: tensor<1x7x4x8xf32>, %v: tensor<1x7x4x6xf32>, %beta: tensor<1x7x4xf32>, %offsets: tensor<3xi32>,
                       %s: tensor<2x4x8x6xf32>) -> (tensor<1x7x4x6xf32>, tensor<2x4x8x6xf32>) {
  %q0 = tensor.cast %q : tensor<1x7x4x8xf32> to tensor<?x?x?x?xf32>
  %v0 = tensor.cast %v : tensor<1x7x4x6xf32> to tensor<?x?x?x?xf32>
  %beta0 = tensor.cast %beta : tensor<1x7x4xf32> to tensor<?x?x?xf32>
  %offsets0 = tensor.cast %offsets : tensor<3xi32> to tensor<?xi32>
  %s0 = tensor.cast %s : tensor<2x4x8x6xf32> to tensor<?x?x?x?xf32>
  %0:2 = linnet.linear_attention
      ins(%q0, %q0, %v0 : tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>)
      beta(%beta0 : tensor<?x?x?xf32>) cu_seqlens(%offsets0 : tensor<?xi32>)
      outs(%v0, %s0 : tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>) {scale = 1.0}
  %1 = tensor.cast %0#0 : tensor<?x?x?x?xf32> to tensor<1x7x4x6xf32>
  %2 = tensor.cast %0#1 : tensor<?x?x?x?xf32> to tensor<2x4x8x6xf32>
  return %1, %2 : tensor<1x7x4x6xf32>, tensor<2x4x8x6xf32>
}

// -----

// CHECK-LABEL: func @unused(
// CHECK-NEXT:    return
func.func @unused(%x: tensor<1x7x4x8xf32>, %s: tensor<1x4x8x8xf32>) {
  %0:2 = linnet.linear_attention
      ins(%x, %x, %x : tensor<1x7x4x8xf32>, tensor<1x7x4x8xf32>, tensor<1x7x4x8xf32>)
      outs(%x, %s : tensor<1x7x4x8xf32>, tensor<1x4x8x8xf32>) {scale = 1.0}
  return
}

// -----

// CHECK-LABEL: func @sizes_of_results(
// CHECK-SAME:    %[[X:.*]]: tensor<?x?x4x8xf32>, %[[S:.*]]: tensor<?x4x8x8xf32>
// CHECK-NOT:     linnet
// CHECK-DAG:     %[[T:.*]] = tensor.dim %[[X]], %c1
// CHECK-DAG:     %[[B:.*]] = tensor.dim %[[S]], %c0
// CHECK:         return %[[T]], %[[B]]
func.func @sizes_of_results(%x: tensor<?x?x4x8xf32>, %s: tensor<?x4x8x8xf32>) -> (index, index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %0:2 = linnet.linear_attention
      ins(%x, %x, %x : tensor<?x?x4x8xf32>, tensor<?x?x4x8xf32>, tensor<?x?x4x8xf32>)
      outs(%x, %s : tensor<?x?x4x8xf32>, tensor<?x4x8x8xf32>) {scale = 1.0}
  %1 = tensor.dim %0#0, %c1 : tensor<?x?x4x8xf32>
  %2 = tensor.dim %0#1, %c0 : tensor<?x4x8x8xf32>
  return %1, %2 : index, index
}

// -----

// Batch, time, heads and values from x and dt together, states from B.
// CHECK-LABEL: func @refines_ssd_inits(
// CHECK:         linnet.ssd
// CHECK-SAME:      outs(%{{.*}}, %{{.*}} : tensor<2x5x4x8xf32>, tensor<2x4x8x16xf32>) {dt_softplus}
// CHECK:         linnet.ssd
// CHECK-SAME:      gate(%{{.*}} : tensor<?x?x?x?xf32>) outs(%{{.*}}, %{{.*}} : tensor<?x5x4x8xf32>, tensor<?x4x8x?xf32>)
func.func @refines_ssd_inits(%x: tensor<?x5x4x8xf32>, %dt: tensor<2x?x4xf32>, %any: tensor<?x?x?xf32>, %a: tensor<4xf32>,
                             %b: tensor<?x?x2x16xf32>, %y: tensor<?x?x?x?xf32>)
    -> (tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>) {
  %0:2 = linnet.ssd
      ins(%x, %dt, %a, %b, %b : tensor<?x5x4x8xf32>, tensor<2x?x4xf32>, tensor<4xf32>, tensor<?x?x2x16xf32>, tensor<?x?x2x16xf32>)
      outs(%y, %y : tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>) {dt_softplus}
  %1:2 = linnet.ssd
      ins(%x, %any, %a, %y, %y : tensor<?x5x4x8xf32>, tensor<?x?x?xf32>, tensor<4xf32>, tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>)
      gate(%y : tensor<?x?x?x?xf32>)
      outs(%y, %y : tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>)
  return %0#0, %0#1, %1#0, %1#1 : tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>
}

// CHECK-LABEL: func @sizes_of_ssd_results(
// CHECK-SAME:    %[[X:[^:]*]]: tensor<?x?x4x8xf32>
// CHECK-NOT:     linnet
// CHECK:         %[[T:.*]] = tensor.dim %[[X]], %c1
// CHECK:         return %[[T]]
func.func @sizes_of_ssd_results(%x: tensor<?x?x4x8xf32>, %dt: tensor<?x?x4xf32>, %a: tensor<4xf32>,
                                %b: tensor<?x?x2x16xf32>, %s: tensor<?x4x8x16xf32>) -> index {
  %c1 = arith.constant 1 : index
  %0:2 = linnet.ssd
      ins(%x, %dt, %a, %b, %b : tensor<?x?x4x8xf32>, tensor<?x?x4xf32>, tensor<4xf32>, tensor<?x?x2x16xf32>, tensor<?x?x2x16xf32>)
      outs(%x, %s : tensor<?x?x4x8xf32>, tensor<?x4x8x16xf32>)
  %1 = tensor.dim %0#0, %c1 : tensor<?x?x4x8xf32>
  return %1 : index
}

// -----

// CHECK-LABEL: func @block_local(
// CHECK:         linnet.block_local_attention {{.*}} outs(%{{.*}} : tensor<2x5x4x6xf32>)
// CHECK:         tensor.cast %{{.*}} : tensor<2x5x4x6xf32> to tensor<?x?x?x?xf32>
func.func @block_local(%q: tensor<2x?x?x8xf32>, %k: tensor<?x5x?x?xf32>, %v: tensor<?x?x4x6xf32>, %x: tensor<?x?x?x?xf32>)
    -> tensor<?x?x?x?xf32> {
  %0 = linnet.block_local_attention
      ins(%q, %k, %v : tensor<2x?x?x8xf32>, tensor<?x5x?x?xf32>, tensor<?x?x4x6xf32>)
      outs(%x : tensor<?x?x?x?xf32>) {block_size = 4 : i64, scale = 1.0}
  return %0 : tensor<?x?x?x?xf32>
}
