// A tile of block_local_attention: blocks of tokens, rows four at a time, with 16 sums in registers.

// RUN: linnet-opt %s --linnet-vectorize-tiles --canonicalize --cse | FileCheck %s --implicit-check-not=linnet.

// CHECK-LABEL: func @softmax(
// CHECK-DAG:     %[[KEYS:.*]] = tensor.empty() : tensor<32x64xf32>
// CHECK-DAG:     %[[SCORES:.*]] = tensor.empty() : tensor<4x64xf32>
// CHECK:         scf.for {{.*}} step %c64
// Keys are turned once for the block.
// CHECK:           scf.for {{.*}} to %c32 step %c16
// Scores: four rows by four vectors of tokens.
// CHECK:             %{{.*}}:16 = scf.for {{.*}} to %c32 step %c1
// CHECK-NOT:           vector.transfer_write
// CHECK:               scf.yield
// Weights of what a row attends to.
// CHECK:             vector.create_mask
// CHECK:             vector.reduction <maximumf>
// CHECK:             math.exp
// CHECK:             vector.reduction <add>
// The tokens that all four rows attend to, then those that only later ones do: left out, not multiplied by 0.
// CHECK:             %{{.*}}:4 = scf.for
// CHECK-NOT:           arith.select
// CHECK:               scf.yield
// CHECK:             %{{.*}}:4 = scf.for
// CHECK-COUNT-4:       arith.select
// CHECK:             arith.divf
func.func @softmax(%q: tensor<1x?x1x32xf32>, %v: tensor<1x?x1x16xf32>) -> tensor<1x?x1x16xf32> {
  %0 = linnet.block_local_attention ins(%q, %q, %v : tensor<1x?x1x32xf32>, tensor<1x?x1x32xf32>, tensor<1x?x1x16xf32>)
      outs(%v : tensor<1x?x1x16xf32>) {block_size = 64 : i64, scale = 1.0 : f64, causal}
  return %0 : tensor<1x?x1x16xf32>
}

// CHECK-LABEL: func @relu_bf16(
// CHECK:         arith.extf %{{.*}} : vector<16xbf16> to vector<16xf32>
// CHECK-NOT:     math.exp
// CHECK:         arith.truncf %{{.*}} : vector<16xf32> to vector<16xbf16>
func.func @relu_bf16(%q: tensor<1x?x1x32xbf16>, %v: tensor<1x?x1x16xbf16>) -> tensor<1x?x1x16xbf16> {
  %0 = linnet.block_local_attention ins(%q, %q, %v : tensor<1x?x1x32xbf16>, tensor<1x?x1x32xbf16>, tensor<1x?x1x16xbf16>)
      outs(%v : tensor<1x?x1x16xbf16>) {block_size = 64 : i64, scale = 1.0 : f64, weights = #linnet.score_weights<relu>}
  return %0 : tensor<1x?x1x16xbf16>
}
