// linnet.kronecker_attention gives the same right numbers on the reference path and on the path that `auto` takes.

// DEFINE: %{path} = reference
// DEFINE: %{llvm} =
// DEFINE: %{run} = linnet-opt %s --inline --linnet-stage-input --linnet-stage-graph=path=%{path} \
// DEFINE:     --linnet-stage-tiled=path=%{path} --linnet-stage-vector --linnet-stage-llvm%{llvm} \
// DEFINE:   | mlir-runner -e main -entry-point-result=void -shared-libs=%shlibdir/liblinnet_check_runtime.so \
// DEFINE:   | FileCheck %s
// RUN: %{run}
// REDEFINE: %{path} = auto
// RUN: %{run}
// REDEFINE: %{llvm} ==avx512=true
// RUN: %if host-avx512 %{ %{run} %}

// CHECK-COUNT-4: elements agree
// CHECK-NOT:     {{agree|differ}}

// Keys of 0: every query gets the mean of the products of values, which is the product of the means; the sum of the
// weights is the number of pairs. Causal, those up to the query: 1, then 4 pairs; with positions, another order.
func.func private @means() {
  %k = arith.constant dense<0.0> : tensor<1x1x2x3xf32>
  %v1 = arith.constant dense<[[[[1.0], [3.0]]]]> : tensor<1x1x2x1xf32>
  %v2 = arith.constant dense<[[[[10.0], [30.0]]]]> : tensor<1x1x2x1xf32>
  %o = tensor.empty() : tensor<1x1x2x1xf32>
  %l = tensor.empty() : tensor<1x1x2xf32>
  %0:2 = linnet.kronecker_attention
      ins(%k, %k, %k, %v1, %v2 : tensor<1x1x2x3xf32>, tensor<1x1x2x3xf32>, tensor<1x1x2x3xf32>, tensor<1x1x2x1xf32>, tensor<1x1x2x1xf32>)
      outs(%o, %l : tensor<1x1x2x1xf32>, tensor<1x1x2xf32>) {scale = 1.0 : f64}
  %e0 = arith.constant dense<[[[[40.0], [40.0]]]]> : tensor<1x1x2x1xf32>
  check.expect_close %0#0, %e0 {rtol = 1.0e-6 : f64, atol = 0.0 : f64} : tensor<1x1x2x1xf32>
  %1:2 = linnet.kronecker_attention
      ins(%k, %k, %k, %v1, %v2 : tensor<1x1x2x3xf32>, tensor<1x1x2x3xf32>, tensor<1x1x2x3xf32>, tensor<1x1x2x1xf32>, tensor<1x1x2x1xf32>)
      outs(%o, %l : tensor<1x1x2x1xf32>, tensor<1x1x2xf32>) {scale = 1.0 : f64, causal}
  %e1 = arith.constant dense<[[[[10.0], [40.0]]]]> : tensor<1x1x2x1xf32>
  check.expect_close %1#0, %e1 {rtol = 1.0e-6 : f64, atol = 0.0 : f64} : tensor<1x1x2x1xf32>
  %f1 = arith.constant dense<[[[0.0, 1.38629436]]]> : tensor<1x1x2xf32>
  check.expect_close %1#1, %f1 {rtol = 1.0e-6 : f64, atol = 1.0e-6 : f64} : tensor<1x1x2xf32>
  // A query before the first key attends to nothing.
  %p = arith.constant dense<[1, -1]> : tensor<2xi32>
  %2:2 = linnet.kronecker_attention
      ins(%k, %k, %k, %v1, %v2 : tensor<1x1x2x3xf32>, tensor<1x1x2x3xf32>, tensor<1x1x2x3xf32>, tensor<1x1x2x1xf32>, tensor<1x1x2x1xf32>)
      positions(%p : tensor<2xi32>) outs(%o, %l : tensor<1x1x2x1xf32>, tensor<1x1x2xf32>) {scale = 1.0 : f64, causal}
  %e2 = arith.constant dense<[[[[40.0], [0.0]]]]> : tensor<1x1x2x1xf32>
  check.expect_close %2#0, %e2 {rtol = 1.0e-6 : f64, atol = 0.0 : f64} : tensor<1x1x2x1xf32>
  return
}

func.func @main() {
  call @means() : () -> ()
  return
}
