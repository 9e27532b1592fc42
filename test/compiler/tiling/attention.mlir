// Attention is tiled into blocks of queries of heads; the keys of a tile are whole, and it knows where its queries stand.

// RUN: linnet-opt %s --linnet-tile-ops --canonicalize --cse | FileCheck %s

// CHECK-DAG:   #[[$OF2:.*]] = affine_map<(d0) -> (d0 floordiv 2)>
// CHECK-DAG:   #[[$OF32:.*]] = affine_map<(d0) -> (d0 floordiv 32)>
// CHECK-DAG:   #[[$SUM:.*]] = affine_map<(d0)[s0] -> (d0 + s0)>
// CHECK-LABEL: func @grouped_heads(
// CHECK-SAME:    %[[Q:[^:]*]]: tensor<2x4x?x8xf32>, %[[K:[^:]*]]: tensor<2x2x?x8xf32>, %[[O:[^:]*]]: tensor<2x4x?x8xf32>, %[[L:[^:]*]]: tensor<2x4x?xf32>
// CHECK-DAG:     %[[M:.*]] = tensor.dim %[[K]], %c2
// CHECK-DAG:     %[[N:.*]] = tensor.dim %[[O]], %c2
// CHECK:         %[[POSITION:.*]] = arith.subi %[[M]], %[[N]]
// CHECK:         scf.forall (%[[B:.*]], %[[H:.*]], %[[I:.*]]) = (0, 0, 0) to (2, 4, %[[N]]) step (1, 1, 64)
// CHECK-DAG:       tensor.extract_slice %[[Q]][%[[B]], %[[H]], %[[I]], 0] [1, 1, %{{.*}}, 8]
// CHECK-DAG:       %[[G:.*]] = affine.apply #[[$OF2]](%[[H]])
// CHECK-DAG:       tensor.extract_slice %[[K]][%[[B]], %[[G]], 0, 0] [1, 1, %[[M]], 8]
// CHECK-DAG:       %[[P:.*]] = affine.apply #[[$SUM]](%[[I]])[%[[POSITION]]]
// CHECK:           linnet.attention {{.*}} position(%[[P]]) outs({{.*}} : tensor<1x1x?x8xf32>, tensor<1x1x?xf32>) {mask = #linnet.causal, scale = 1.000000e+00 : f64}
func.func @grouped_heads(%q: tensor<2x4x?x8xf32>, %k: tensor<2x2x?x8xf32>, %o: tensor<2x4x?x8xf32>, %l: tensor<2x4x?xf32>)
    -> (tensor<2x4x?x8xf32>, tensor<2x4x?xf32>) {
  %0:2 = linnet.attention ins(%q, %k, %k : tensor<2x4x?x8xf32>, tensor<2x2x?x8xf32>, tensor<2x2x?x8xf32>)
      outs(%o, %l : tensor<2x4x?x8xf32>, tensor<2x4x?xf32>) {scale = 1.0, mask = #linnet.causal}
  return %0#0, %0#1 : tensor<2x4x?x8xf32>, tensor<2x4x?xf32>
}

// A tile is a row of blocks, and sees where its columns start; of rows and ids of queries it sees its own.
// CHECK-LABEL: func @blocks(
// CHECK-SAME:    %[[Q:[^:]*]]: tensor<1x2x?x8xf32>, %{{[^:]*}}: tensor<1x2x96x8xf32>, %{{[^:]*}}: tensor<1x2x96xf32>, %[[R:[^:]*]]: tensor<1x1x96xi32>, %[[S:[^:]*]]: tensor<1x2x4xi32>, %[[C:[^:]*]]: tensor<?xi32>
// CHECK:         scf.forall (%[[H:.*]], %[[I:.*]]) = (0, 0) to (2, 96) step (1, 32)
// CHECK-DAG:       tensor.extract_slice %[[Q]][0, %[[H]], 0, 0]
// CHECK-DAG:       tensor.extract_slice %[[R]][0, 0, %[[I]]] [1, 1, 32]
// CHECK-DAG:       %[[ROW:.*]] = affine.apply #[[$OF32]](%[[I]])
// CHECK-DAG:       tensor.extract_slice %[[S]][0, %[[H]], %[[ROW]]] [1, 1, 2]
// CHECK:           linnet.attention {{.*}} blocks(%{{.*}}, %[[C]] : tensor<1x1x2xi32>, tensor<?xi32>)
func.func @blocks(%q: tensor<1x2x?x8xf32>, %o: tensor<1x2x96x8xf32>, %l: tensor<1x2x96xf32>, %r: tensor<1x1x96xi32>,
                  %s: tensor<1x2x4xi32>, %c: tensor<?xi32>) -> (tensor<1x2x96x8xf32>, tensor<1x2x96xf32>) {
  %0:2 = linnet.attention ins(%q, %q, %q : tensor<1x2x?x8xf32>, tensor<1x2x?x8xf32>, tensor<1x2x?x8xf32>)
      query_rows(%r : tensor<1x1x96xi32>) blocks(%s, %c : tensor<1x2x4xi32>, tensor<?xi32>)
      outs(%o, %l : tensor<1x2x96x8xf32>, tensor<1x2x96xf32>) {scale = 1.0, block_size = array<i64: 32, 64>}
  return %0#0, %0#1 : tensor<1x2x96x8xf32>, tensor<1x2x96xf32>
}

// Packed sequences are a loop over attentions of one each.
// CHECK-LABEL: func @packed(
// CHECK:         scf.for
// CHECK:           tensor.extract
// CHECK:           scf.forall
// CHECK:             linnet.attention
// CHECK-NOT:         offsets
// CHECK:           tensor.insert_slice
func.func @packed(%q: tensor<1x2x?x8xf32>, %o: tensor<1x2x?x8xf32>, %l: tensor<1x2x?xf32>, %c: tensor<?xi32>)
    -> (tensor<1x2x?x8xf32>, tensor<1x2x?xf32>) {
  %0:2 = linnet.attention ins(%q, %q, %q : tensor<1x2x?x8xf32>, tensor<1x2x?x8xf32>, tensor<1x2x?x8xf32>)
      offsets(%c, %c : tensor<?xi32>, tensor<?xi32>) outs(%o, %l : tensor<1x2x?x8xf32>, tensor<1x2x?xf32>) {scale = 1.0}
  return %0#0, %0#1 : tensor<1x2x?x8xf32>, tensor<1x2x?xf32>
}

// One value may be several operands: what is of queries is cut, what is of keys is whole.
// CHECK-LABEL: func @shared(
// CHECK-SAME:    %[[X:[^:]*]]: tensor<1x2x96x8xf32>, %[[I:[^:]*]]: tensor<1x2x96xi32>
// CHECK:         scf.forall (%[[H:.*]], %[[I0:.*]]) = (0, 0) to (2, 96) step (1, 64)
// CHECK-DAG:       %[[Q:.*]] = tensor.extract_slice %[[X]][0, %[[H]], %[[I0]], 0] [1, 1, %[[N:.*]], 8]
// CHECK-DAG:       %[[K:.*]] = tensor.extract_slice %[[X]][0, %[[H]], 0, 0] [1, 1, 96, 8]
// CHECK-DAG:       %[[QI:.*]] = tensor.extract_slice %[[I]][0, %[[H]], %[[I0]]] [1, 1, %[[N]]]
// CHECK-DAG:       %[[KI:.*]] = tensor.extract_slice %[[I]][0, %[[H]], 0] [1, 1, 96]
// CHECK:           linnet.attention ins(%[[Q]], %[[K]], %[[K]] :
// CHECK-SAME:        ids(%[[QI]], %[[KI]] :
func.func @shared(%x: tensor<1x2x96x8xf32>, %i: tensor<1x2x96xi32>, %o: tensor<1x2x96x8xf32>, %l: tensor<1x2x96xf32>)
    -> (tensor<1x2x96x8xf32>, tensor<1x2x96xf32>) {
  %0:2 = linnet.attention ins(%x, %x, %x : tensor<1x2x96x8xf32>, tensor<1x2x96x8xf32>, tensor<1x2x96x8xf32>)
      ids(%i, %i : tensor<1x2x96xi32>, tensor<1x2x96xi32>)
      outs(%o, %l : tensor<1x2x96x8xf32>, tensor<1x2x96xf32>) {scale = 1.0}
  return %0#0, %0#1 : tensor<1x2x96x8xf32>, tensor<1x2x96xf32>
}

// No heads at all.
// CHECK-LABEL: func @no_heads(
func.func @no_heads(%x: tensor<1x0x?x8xf32>, %o: tensor<1x0x?x8xf32>, %l: tensor<1x0x?xf32>)
    -> (tensor<1x0x?x8xf32>, tensor<1x0x?xf32>) {
  %0:2 = linnet.attention ins(%x, %x, %x : tensor<1x0x?x8xf32>, tensor<1x0x?x8xf32>, tensor<1x0x?x8xf32>)
      outs(%o, %l : tensor<1x0x?x8xf32>, tensor<1x0x?xf32>) {scale = 1.0}
  return %0#0, %0#1 : tensor<1x0x?x8xf32>, tensor<1x0x?xf32>
}
