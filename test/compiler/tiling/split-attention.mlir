// --linnet-split-attention cuts linear attention of few tiles along time: what each chunk but the last adds to a state, in
// parallel; the states before the chunks, by a scan of that; every chunk from its state, in parallel. Numbers:
// test/integration/linear-attention.mlir; test/python/test_linear_attention_invariances.py.

// RUN: linnet-opt %s --linnet-split-attention="chunk=64" --canonicalize --cse | FileCheck %s
// RUN: linnet-opt %s --linnet-split-attention="chunk=64" --remark-policy=all --remarks-filter=linnet 2>&1 >%t \
// RUN:   | FileCheck %s --check-prefix=REMARK

// REMARK-COUNT-3: remark: {{.*}}attention-split{{.*}}"cut along time into chunks of 64 tokens: heads and columns make 1 tile, fewer than 2"
// REMARK-NOT:     attention-split

// The chunks that another one follows, of sequences of which nobody knows how many there are.
// CHECK-DAG:   #[[$PASSED:.*]] = affine_map<()[s0] -> ((s0 - 1) floordiv 64, 0)>
// CHECK-DAG:   #[[$CHUNKS:.*]] = affine_map<()[s0] -> (s0 + 1)>
// CHECK-DAG:   #[[$FIRST:.*]] = affine_map<(d0) -> (d0 * 64)>
// CHECK-DAG:   #[[$LEFT:.*]] = affine_map<(d0)[s0] -> (d0 * -64 + s0, 64)>
// CHECK-LABEL: func @decay_of_heads(
// CHECK-SAME:    %[[Q:[^:]*]]: tensor<?x?x1x16xf32>, %[[V:[^:]*]]: tensor<?x?x1x32xf32>, %[[G:[^:]*]]: tensor<?x?x1xf32>, %[[S:[^:]*]]: tensor<?x1x16x32xf32>
// CHECK-DAG:     %[[B:.*]] = tensor.dim %[[S]], %c0
// CHECK-DAG:     %[[T:.*]] = tensor.dim %[[V]], %c1
// CHECK-DAG:     %[[PASSED:.*]] = affine.max #[[$PASSED]]()[%[[T]]]
// CHECK-DAG:     %[[CHUNKS:.*]] = affine.apply #[[$CHUNKS]]()[%[[PASSED]]]
// Whole chunks from a state of 0, whose o nobody reads.
// CHECK:         %[[ADDED:.*]] = scf.forall (%[[I:.*]], %[[C:.*]]) in (%[[B]], %[[PASSED]])
// CHECK:           linalg.fill
// CHECK:           %[[FIRST:.*]] = affine.apply #[[$FIRST]](%[[C]])
// CHECK:           tensor.extract_slice %[[V]][%[[I]], %[[FIRST]], 0, 0] [1, 64, 1, 32]
// CHECK:           linnet.linear_attention {{.*}} log_decay(%{{.*}} : tensor<1x64x1xf32>)
// CHECK-NOT:       parallel_insert_slice %o
// CHECK:         } {linnet.kind = "linnet.linear_attention"}
// The sum of the logarithms of a chunk, in f64.
// CHECK:         tensor.expand_shape {{.*}} : tensor<?x?x1xf32> into tensor<?x?x64x1xf32>
// CHECK:         linalg.generic {{.*}}"reduction"
// CHECK:           arith.addf {{.*}} : f64
// CHECK:         math.exp
// CHECK:         %[[BEHIND:.*]], %{{.*}} = linnet.affine_scan ins(%{{.*}}, %[[ADDED]] : {{.*}}) outs(%{{.*}}, %[[S]] : {{.*}}) {dimension = 1 : i64}
// CHECK:         tensor.insert_slice %[[S]] into %{{.*}}[0, 0, 0, 0, 0]
// CHECK:         %[[STATES:.*]] = tensor.insert_slice %[[BEHIND]] into %{{.*}}[0, 1, 0, 0, 0] [%[[B]], %[[PASSED]], 1, 16, 32]
// CHECK:         %[[R:.*]]:2 = scf.forall (%{{.*}}, %[[C:.*]]) in (%[[B]], %[[CHUNKS]]) shared_outs(%{{.*}} = %[[V]], %{{.*}} = %[[STATES]])
// CHECK:           affine.min #[[$LEFT]](%[[C]])[%[[T]]]
// CHECK:           linnet.linear_attention
// CHECK:         %[[LAST:.*]] = tensor.extract_slice %[[R]]#1[0, %[[PASSED]], 0, 0, 0]
// CHECK:         return %[[R]]#0, %[[LAST]]
func.func @decay_of_heads(%q: tensor<?x?x1x16xf32>, %v: tensor<?x?x1x32xf32>, %g: tensor<?x?x1xf32>, %s: tensor<?x1x16x32xf32>)
    -> (tensor<?x?x1x32xf32>, tensor<?x1x16x32xf32>) {
  %0:2 = linnet.linear_attention ins(%q, %q, %v : tensor<?x?x1x16xf32>, tensor<?x?x1x16xf32>, tensor<?x?x1x32xf32>)
      log_decay(%g : tensor<?x?x1xf32>)
      outs(%v, %s : tensor<?x?x1x32xf32>, tensor<?x1x16x32xf32>) {scale = 1.0 : f64}
  return %0#0, %0#1 : tensor<?x?x1x32xf32>, tensor<?x1x16x32xf32>
}

// Constant decays and those per key; the last of static chunks is shorter.
// CHECK-LABEL: func @other_decays(
// CHECK:         arith.mulf %{{.*}}, %cst
// CHECK:         linnet.affine_scan {{.*}} tensor<1x2x1x16x32xf32>
// CHECK:         scf.forall (%{{.*}}) in (3)
// CHECK:         linnet.affine_scan {{.*}} tensor<1x2x1x16x32xf32>
func.func @other_decays(%q: tensor<1x150x1x16xf32>, %v: tensor<1x150x1x32xf32>, %h: tensor<1xf32>, %k: tensor<1x150x1x16xf32>,
                        %s: tensor<1x1x16x32xf32>) -> (tensor<1x150x1x32xf32>, tensor<1x1x16x32xf32>) {
  %0:2 = linnet.linear_attention ins(%q, %q, %v : tensor<1x150x1x16xf32>, tensor<1x150x1x16xf32>, tensor<1x150x1x32xf32>)
      log_decay(%h : tensor<1xf32>)
      outs(%v, %s : tensor<1x150x1x32xf32>, tensor<1x1x16x32xf32>) {scale = 1.0 : f64}
  %1:2 = linnet.linear_attention ins(%q, %q, %0#0 : tensor<1x150x1x16xf32>, tensor<1x150x1x16xf32>, tensor<1x150x1x32xf32>)
      log_decay(%k : tensor<1x150x1x16xf32>)
      outs(%v, %0#1 : tensor<1x150x1x32xf32>, tensor<1x1x16x32xf32>) {scale = 1.0 : f64}
  return %1#0, %1#1 : tensor<1x150x1x32xf32>, tensor<1x1x16x32xf32>
}

// Two heads are two tiles; one chunk is short enough; the delta rule, another order of time, and the reference path.
// CHECK-LABEL: func @whole(
// CHECK-NOT:     scf.forall
// CHECK-COUNT-5: linnet.linear_attention
// CHECK-NOT:     linnet.linear_attention
func.func @whole(%q: tensor<1x?x1x16xf32>, %v: tensor<1x?x1x32xf32>, %s: tensor<1x1x16x32xf32>, %beta: tensor<1x?x1xf32>,
                 %w: tensor<1x?x2x32xf32>, %r: tensor<1x2x16x32xf32>, %p: tensor<1x64x1x16xf32>, %o: tensor<1x64x1x32xf32>)
    -> (tensor<1x2x16x32xf32>, tensor<1x1x16x32xf32>, tensor<1x1x16x32xf32>, tensor<1x1x16x32xf32>, tensor<1x1x16x32xf32>) {
  %0:2 = linnet.linear_attention ins(%q, %q, %w : tensor<1x?x1x16xf32>, tensor<1x?x1x16xf32>, tensor<1x?x2x32xf32>)
      outs(%w, %r : tensor<1x?x2x32xf32>, tensor<1x2x16x32xf32>) {scale = 1.0 : f64}
  %1:2 = linnet.linear_attention ins(%p, %p, %o : tensor<1x64x1x16xf32>, tensor<1x64x1x16xf32>, tensor<1x64x1x32xf32>)
      outs(%o, %s : tensor<1x64x1x32xf32>, tensor<1x1x16x32xf32>) {scale = 1.0 : f64}
  %2:2 = linnet.linear_attention ins(%q, %q, %v : tensor<1x?x1x16xf32>, tensor<1x?x1x16xf32>, tensor<1x?x1x32xf32>)
      beta(%beta : tensor<1x?x1xf32>)
      outs(%v, %s : tensor<1x?x1x32xf32>, tensor<1x1x16x32xf32>) {scale = 1.0 : f64}
  %3:2 = linnet.linear_attention ins(%q, %q, %v : tensor<1x?x1x16xf32>, tensor<1x?x1x16xf32>, tensor<1x?x1x32xf32>)
      outs(%v, %s : tensor<1x?x1x32xf32>, tensor<1x1x16x32xf32>) {reverse, scale = 1.0 : f64}
  %4:2 = linnet.linear_attention ins(%q, %q, %v : tensor<1x?x1x16xf32>, tensor<1x?x1x16xf32>, tensor<1x?x1x32xf32>)
      outs(%v, %s : tensor<1x?x1x32xf32>, tensor<1x1x16x32xf32>) {linnet.path = "reference", scale = 1.0 : f64}
  return %0#1, %1#1, %2#1, %3#1, %4#1 : tensor<1x2x16x32xf32>, tensor<1x1x16x32xf32>, tensor<1x1x16x32xf32>, tensor<1x1x16x32xf32>, tensor<1x1x16x32xf32>
}
