// Canonicalisation of the Routing ops: the inits become as static as the inputs allow, casts of operands fold into the
// op, what is unused goes, and sizes of results are those of the inits.

// RUN: linnet-opt %s --canonicalize --split-input-file | FileCheck %s

// Batch and time from the scores; how many are chosen is known from the weights only.
// CHECK-LABEL: func @refines_route_topk(
// CHECK:         linnet.route_topk
// CHECK-SAME:      outs(%{{.*}}, %{{.*}} : tensor<2x?x3xf32>, tensor<2x?x3xi32>)
func.func @refines_route_topk(%scores: tensor<2x?x4xf32>, %weights: tensor<?x?x3xf32>, %indices: tensor<?x?x?xi32>)
    -> (tensor<?x?x3xf32>, tensor<?x?x?xi32>) {
  %0:2 = linnet.route_topk ins(%scores : tensor<2x?x4xf32>)
      outs(%weights, %indices : tensor<?x?x3xf32>, tensor<?x?x?xi32>)
  return %0#0, %0#1 : tensor<?x?x3xf32>, tensor<?x?x?xi32>
}

// Products are known where their factors are, from the indices and the places together.
// CHECK-LABEL: func @refines_token_permute(
// CHECK:         outs(%{{.*}} : tensor<30xi32>, tensor<2x5x3xi32>, tensor<9xi32>) {experts = 4 : i64}
// CHECK:         outs(%{{.*}} : tensor<?xi32>, tensor<2x?x3xi32>, tensor<9xi32>) {experts = 4 : i64}
// CHECK:         outs(%{{.*}} : tensor<?xi32>, tensor<?x5x3xi32>, tensor<?xi32>) {experts = 4 : i64}
func.func @refines_token_permute(%a: tensor<2x5x?xi32>, %b: tensor<2x?x3xi32>, %c: tensor<?x5x3xi32>,
                                 %any: tensor<?x?x?xi32>, %source: tensor<?xi32>)
    -> (tensor<?xi32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>) {
  %0:3 = linnet.token_permute ins(%a : tensor<2x5x?xi32>)
      outs(%source, %c, %source : tensor<?xi32>, tensor<?x5x3xi32>, tensor<?xi32>) {experts = 4 : i64}
  %1:3 = linnet.token_permute ins(%b : tensor<2x?x3xi32>)
      outs(%source, %any, %source : tensor<?xi32>, tensor<?x?x?xi32>, tensor<?xi32>) {experts = 4 : i64}
  %2:3 = linnet.token_permute ins(%c : tensor<?x5x3xi32>)
      outs(%source, %any, %source : tensor<?xi32>, tensor<?x?x?xi32>, tensor<?xi32>) {experts = 4 : i64}
  return %0#0, %0#2, %1#0, %1#2, %2#0, %2#2
      : tensor<?xi32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>
}

// Batch and time from the places and the weights, the rest from the rows.
// CHECK-LABEL: func @refines_token_unpermute(
// CHECK:         outs(%{{.*}} : tensor<2x5x4x?xf32>)
func.func @refines_token_unpermute(%x: tensor<?x4x?xf32>, %place: tensor<2x?x?xi32>, %weights: tensor<?x5x?xf32>,
                                   %y: tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32> {
  %0 = linnet.token_unpermute ins(%x, %place, %weights : tensor<?x4x?xf32>, tensor<2x?x?xi32>, tensor<?x5x?xf32>)
      outs(%y : tensor<?x?x?x?xf32>)
  return %0 : tensor<?x?x?x?xf32>
}

// -----

// CHECK-LABEL: func @folds_casts(
// CHECK-SAME:    %[[I:.*]]: tensor<1x5x2xi32>, %[[S:.*]]: tensor<10xi32>, %[[C:.*]]: tensor<5xi32>
// CHECK-NEXT:    %[[S1:.*]], %[[P1:.*]], %[[C1:.*]] = linnet.token_permute ins(%[[I]] : tensor<1x5x2xi32>)
// CHECK-SAME:      outs(%[[S]], %[[I]], %[[C]] : tensor<10xi32>, tensor<1x5x2xi32>, tensor<5xi32>)
// CHECK-NEXT:    return %[[S1]], %[[P1]], %[[C1]]
func.func @folds_casts(%i: tensor<1x5x2xi32>, %s: tensor<10xi32>, %c: tensor<5xi32>)
    -> (tensor<10xi32>, tensor<1x5x2xi32>, tensor<5xi32>) {
  %i0 = tensor.cast %i : tensor<1x5x2xi32> to tensor<?x?x?xi32>
  %s0 = tensor.cast %s : tensor<10xi32> to tensor<?xi32>
  %c0 = tensor.cast %c : tensor<5xi32> to tensor<?xi32>
  %0:3 = linnet.token_permute ins(%i0 : tensor<?x?x?xi32>)
      outs(%s0, %i0, %c0 : tensor<?xi32>, tensor<?x?x?xi32>, tensor<?xi32>) {experts = 4 : i64}
  %1 = tensor.cast %0#0 : tensor<?xi32> to tensor<10xi32>
  %2 = tensor.cast %0#1 : tensor<?x?x?xi32> to tensor<1x5x2xi32>
  %3 = tensor.cast %0#2 : tensor<?xi32> to tensor<5xi32>
  return %1, %2, %3 : tensor<10xi32>, tensor<1x5x2xi32>, tensor<5xi32>
}

// -----

// CHECK-LABEL: func @unused(
// CHECK-NEXT:    return
func.func @unused(%scores: tensor<1x5x4xf32>, %i: tensor<1x5x4xi32>, %s: tensor<20xi32>, %c: tensor<5xi32>,
                  %x: tensor<20x4xf32>) {
  %0:2 = linnet.route_topk ins(%scores : tensor<1x5x4xf32>) outs(%scores, %i : tensor<1x5x4xf32>, tensor<1x5x4xi32>)
  %1:3 = linnet.token_permute ins(%0#1 : tensor<1x5x4xi32>)
      outs(%s, %i, %c : tensor<20xi32>, tensor<1x5x4xi32>, tensor<5xi32>) {experts = 4 : i64}
  %2 = linnet.token_unpermute ins(%x, %1#1, %0#0 : tensor<20x4xf32>, tensor<1x5x4xi32>, tensor<1x5x4xf32>)
      outs(%scores : tensor<1x5x4xf32>)
  return
}

// -----

// CHECK-LABEL: func @sizes_of_results(
// CHECK-SAME:    %[[W:[^:]*]]: tensor<?x?x2xf32>, %[[I:[^:]*]]: tensor<?x?x2xi32>, %[[S:[^:]*]]: tensor<?xi32>, %[[Y:[^:]*]]: tensor<?x?x8xf32>
// CHECK-NOT:     linnet
// CHECK-DAG:     %[[T:.*]] = tensor.dim %[[W]], %c1
// CHECK-DAG:     %[[N:.*]] = tensor.dim %[[S]], %c0
// CHECK-DAG:     %[[B:.*]] = tensor.dim %[[Y]], %c0
// CHECK:         return %[[T]], %[[N]], %[[B]]
func.func @sizes_of_results(%w: tensor<?x?x2xf32>, %i: tensor<?x?x2xi32>, %s: tensor<?xi32>, %y: tensor<?x?x8xf32>,
                            %x: tensor<?x8xf32>, %scores: tensor<?x?x4xf32>) -> (index, index, index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %0:2 = linnet.route_topk ins(%scores : tensor<?x?x4xf32>) outs(%w, %i : tensor<?x?x2xf32>, tensor<?x?x2xi32>)
  %1:3 = linnet.token_permute ins(%i : tensor<?x?x2xi32>)
      outs(%s, %i, %s : tensor<?xi32>, tensor<?x?x2xi32>, tensor<?xi32>) {experts = 4 : i64}
  %2 = linnet.token_unpermute ins(%x, %i, %w : tensor<?x8xf32>, tensor<?x?x2xi32>, tensor<?x?x2xf32>)
      outs(%y : tensor<?x?x8xf32>)
  %3 = tensor.dim %0#0, %c1 : tensor<?x?x2xf32>
  %4 = tensor.dim %1#0, %c0 : tensor<?xi32>
  %5 = tensor.dim %2, %c0 : tensor<?x?x8xf32>
  return %3, %4, %5 : index, index, index
}
