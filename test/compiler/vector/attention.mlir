// A tile of attention: queries in lanes, keys in tiles, the state of the softmax in registers.

// RUN: linnet-opt %s --linnet-vectorize-tiles --canonicalize --cse | FileCheck %s --implicit-check-not=linnet.

// CHECK-LABEL: func @causal(
// CHECK-DAG:     %[[TURNED:.*]] = tensor.empty() : tensor<64x32xf32>
// CHECK-DAG:     %[[SUMS:.*]] = tensor.empty() : tensor<32x32xf32>
// CHECK:         scf.for {{.*}} step %c32
// The keys up to the last one that a query of the group keeps; the greatest scores and the sums of weights go from tile
// to tile in vectors.
// CHECK:           %[[END:.*]] = arith.minsi
// CHECK:           scf.for {{.*}} step %c64 iter_args(%{{[^)]*}}) -> (vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<16xf32>, tensor<32x32xf32>, tensor<64x32xf32>)
// CHECK:             scf.if
// Whole tiles without a mask: 16 sums of products in registers.
// CHECK:               scf.for %{{.*}} = %c0 to %c64 step %c8
// CHECK:                 %{{.*}}:16 = scf.for
// CHECK-NOT:               vector.transfer_write
// CHECK:                   scf.yield
// CHECK-NOT:             arith.select {{.*}} vector<16xi1>, vector<16xf32>
// CHECK:                 arith.cmpf ogt
// CHECK:               scf.for %{{.*}} = %c0 to %c64 step %c4
// CHECK:                 math.exp
// CHECK:               %{{.*}} = scf.for %{{.*}} = %c0 to %c32 step %c8
// CHECK:                 %{{.*}}:16 = scf.for
// CHECK-NOT:               arith.select
// CHECK:                   scf.yield
// The others with one: a score that is not kept is -inf, and its value is left out.
// CHECK:             else
// CHECK:               arith.cmpi sle, %{{.*}} : vector<16xi32>
// CHECK:               arith.select %{{.*}} : vector<16xi1>, vector<16xf32>
// CHECK:               %{{.*}}:16 = scf.for
// CHECK-COUNT-16:        arith.select
// CHECK:           math.log
func.func @causal(%q: tensor<1x1x?x64xf32>, %k: tensor<1x1x?x64xf32>, %v: tensor<1x1x?x32xf32>, %o: tensor<1x1x?x32xf32>,
                  %l: tensor<1x1x?xf32>, %p: index) -> (tensor<1x1x?x32xf32>, tensor<1x1x?xf32>) {
  %0:2 = linnet.attention ins(%q, %k, %v : tensor<1x1x?x64xf32>, tensor<1x1x?x64xf32>, tensor<1x1x?x32xf32>) position(%p)
      outs(%o, %l : tensor<1x1x?x32xf32>, tensor<1x1x?xf32>) {scale = 1.0, mask = #linnet.causal}
  return %0#0, %0#1 : tensor<1x1x?x32xf32>, tensor<1x1x?xf32>
}

// Of blocks only those of the row are visited.
// CHECK-LABEL: func @blocks(
// CHECK-SAME:    %[[S:[^:]*]]: tensor<1x1x2xi32>, %[[C:[^:]*]]: tensor<?xi32>
// CHECK:         %[[FIRST:.*]] = tensor.extract %[[S]][%c0, %c0, %c0]
// CHECK:         %[[NEXT:.*]] = tensor.extract %[[S]][%c0, %c0, %c1]
// CHECK:         scf.for %[[T:.*]] = %{{.*}} to %{{.*}} step %c1
// CHECK:           tensor.extract %[[C]][%[[T]]]
func.func @blocks(%s: tensor<1x1x2xi32>, %c: tensor<?xi32>, %q: tensor<1x1x?x16xf32>, %l: tensor<1x1x?xf32>, %p: index)
    -> (tensor<1x1x?x16xf32>, tensor<1x1x?xf32>) {
  %0:2 = linnet.attention ins(%q, %q, %q : tensor<1x1x?x16xf32>, tensor<1x1x?x16xf32>, tensor<1x1x?x16xf32>) position(%p)
      blocks(%s, %c : tensor<1x1x2xi32>, tensor<?xi32>)
      outs(%q, %l : tensor<1x1x?x16xf32>, tensor<1x1x?xf32>) {scale = 1.0, block_size = array<i64: 64, 64>}
  return %0#0, %0#1 : tensor<1x1x?x16xf32>, tensor<1x1x?xf32>
}

// A list of keys for each query: lanes are 16 of them.
// CHECK-LABEL: func @lists(
// CHECK:         scf.for {{.*}} step %c1
// CHECK:           scf.for {{.*}} step %c16 iter_args(%{{[^)]*}}) -> (vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<16xf32>)
// CHECK:             vector.create_mask
// CHECK:             math.exp
func.func @lists(%s: tensor<1x1x?xi32>, %c: tensor<?xi32>, %q: tensor<1x1x?x32xf32>, %l: tensor<1x1x?xf32>, %p: index)
    -> (tensor<1x1x?x32xf32>, tensor<1x1x?xf32>) {
  %0:2 = linnet.attention ins(%q, %q, %q : tensor<1x1x?x32xf32>, tensor<1x1x?x32xf32>, tensor<1x1x?x32xf32>) position(%p)
      blocks(%s, %c : tensor<1x1x?xi32>, tensor<?xi32>)
      outs(%q, %l : tensor<1x1x?x32xf32>, tensor<1x1x?xf32>) {scale = 1.0, block_size = array<i64: 1, 1>}
  return %0#0, %0#1 : tensor<1x1x?x32xf32>, tensor<1x1x?xf32>
}
