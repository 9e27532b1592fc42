// A tile of kronecker_attention: small matrix products with 16 sums in registers, and no tensor as large as the scores.

// RUN: linnet-opt %s --linnet-vectorize-tiles --canonicalize --cse | FileCheck %s --implicit-check-not=linnet.

// CHECK-LABEL: func @bidirectional(
// The state of 64 queries, one turned block of keys, and scores of eight rows.
// CHECK-DAG:     tensor.empty() : tensor<64x32xf32>
// CHECK-DAG:     tensor.empty() : tensor<64x16xf32>
// CHECK-DAG:     tensor.empty() : tensor<32x64xf32>
// CHECK-DAG:     tensor.empty() : tensor<8x64xf32>
// Blocks of keys of k2, the keys of k1, eight queries.
// CHECK:         scf.for {{.*}} step %c64
// CHECK:           scf.for {{.*}} step %c1
// CHECK:             scf.for {{.*}} step %c8
// Scores: eight rows by two vectors of keys, twice.
// CHECK:               %{{.*}}:16 = scf.for {{.*}} to %c32 step %c1
// CHECK-NOT:             vector.transfer_write
// CHECK:                 scf.yield
// CHECK:               %{{.*}}:16 = scf.for {{.*}} to %c32 step %c1
// CHECK:               vector.reduction <maximumf>
// CHECK:               math.exp
// The sums of values: eight rows by two vectors of columns, over the keys.
// CHECK:               %{{.*}}:16 = scf.for
// CHECK-NOT:             vector.transfer_write
// CHECK:                 scf.yield
// CHECK:         math.log
func.func @bidirectional(%q: tensor<1x1x64x32xf32>, %k: tensor<1x1x?x32xf32>, %l: tensor<1x1x64xf32>) -> (tensor<1x1x64x32xf32>, tensor<1x1x64xf32>) {
  %0:2 = linnet.kronecker_attention
      ins(%q, %k, %k, %k, %k : tensor<1x1x64x32xf32>, tensor<1x1x?x32xf32>, tensor<1x1x?x32xf32>, tensor<1x1x?x32xf32>, tensor<1x1x?x32xf32>)
      outs(%q, %l : tensor<1x1x64x32xf32>, tensor<1x1x64xf32>) {scale = 1.0 : f64}
  return %0#0, %0#1 : tensor<1x1x64x32xf32>, tensor<1x1x64xf32>
}
