// Every form of kronecker_attention is printed as it was read: as text, in the generic form and as bytecode; its inits
// become as static as the inputs allow.

// RUN: linnet-opt %s | linnet-opt | FileCheck %s
// RUN: linnet-opt %s --mlir-print-op-generic | linnet-opt | FileCheck %s
// RUN: linnet-opt %s --emit-bytecode | linnet-opt | FileCheck %s
// RUN: linnet-opt %s --canonicalize | FileCheck %s --check-prefix=CANONICAL

// CHECK-LABEL: func @attention(
// CHECK:         linnet.kronecker_attention ins(%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} : tensor<2x4x?x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x?x8xf32>, tensor<2x2x5x3xf32>, tensor<2x2x?x3xf32>) outs(%{{.*}}, %{{.*}} : tensor<?x?x?x?xf32>, tensor<?x?x?xf32>) {scale = 5.000000e-01 : f64}
// CHECK:         linnet.kronecker_attention {{.*}} positions(%{{.*}} : tensor<?xi32>) outs(%{{.*}}) {causal, scale = 1.000000e+00 : f64}
// CANONICAL-COUNT-2: outs(%{{.*}}, %{{.*}} : tensor<2x4x?x3xf32>, tensor<2x4x?xf32>)
func.func @attention(%q: tensor<2x4x?x8xf32>, %k1: tensor<2x2x5x8xf32>, %k2: tensor<2x2x?x8xf32>, %v1: tensor<2x2x5x3xf32>,
                     %v2: tensor<2x2x?x3xf32>, %o: tensor<?x?x?x?xf32>, %l: tensor<?x?x?xf32>, %p: tensor<?xi32>)
    -> (tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>) {
  %0:2 = linnet.kronecker_attention
      ins(%q, %k1, %k2, %v1, %v2 : tensor<2x4x?x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x?x8xf32>, tensor<2x2x5x3xf32>, tensor<2x2x?x3xf32>)
      outs(%o, %l : tensor<?x?x?x?xf32>, tensor<?x?x?xf32>) {scale = 0.5 : f64}
  %1:2 = linnet.kronecker_attention
      ins(%q, %k1, %k2, %v1, %v2 : tensor<2x4x?x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x?x8xf32>, tensor<2x2x5x3xf32>, tensor<2x2x?x3xf32>)
      positions(%p : tensor<?xi32>) outs(%o, %l : tensor<?x?x?x?xf32>, tensor<?x?x?xf32>) {scale = 1.0 : f64, causal}
  return %0#0, %1#0 : tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>
}
