// linnet.block_local_attention gives the same right numbers on the reference path and on the path that `auto` takes.

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

// Keys of 0: every token gets the mean of its block, causal that of the tokens up to it. Blocks of 2, the last of 1.
func.func private @means() {
  %k = arith.constant dense<0.0> : tensor<1x5x1x2xf32>
  %v = arith.constant dense<[[[[1.0]], [[3.0]], [[10.0]], [[20.0]], [[7.0]]]]> : tensor<1x5x1x1xf32>
  %init = tensor.empty() : tensor<1x5x1x1xf32>
  %0 = linnet.block_local_attention ins(%k, %k, %v : tensor<1x5x1x2xf32>, tensor<1x5x1x2xf32>, tensor<1x5x1x1xf32>)
      outs(%init : tensor<1x5x1x1xf32>) {block_size = 2 : i64, scale = 1.0 : f64}
  %e0 = arith.constant dense<[[[[2.0]], [[2.0]], [[15.0]], [[15.0]], [[7.0]]]]> : tensor<1x5x1x1xf32>
  check.expect_close %0, %e0 {rtol = 1.0e-6 : f64, atol = 0.0 : f64} : tensor<1x5x1x1xf32>
  %1 = linnet.block_local_attention ins(%k, %k, %v : tensor<1x5x1x2xf32>, tensor<1x5x1x2xf32>, tensor<1x5x1x1xf32>)
      outs(%init : tensor<1x5x1x1xf32>) {block_size = 2 : i64, scale = 1.0 : f64, causal}
  %e1 = arith.constant dense<[[[[1.0]], [[2.0]], [[10.0]], [[15.0]], [[7.0]]]]> : tensor<1x5x1x1xf32>
  check.expect_close %1, %e1 {rtol = 1.0e-6 : f64, atol = 0.0 : f64} : tensor<1x5x1x1xf32>
  return
}

// Scores of log 3 and 0 weigh 3 to 1.
func.func private @softmax() {
  %q = arith.constant dense<1.0> : tensor<1x2x1x1xf32>
  %k = arith.constant dense<[[[[1.0986123]], [[0.0]]]]> : tensor<1x2x1x1xf32>
  %v = arith.constant dense<[[[[4.0]], [[8.0]]]]> : tensor<1x2x1x1xf32>
  %init = tensor.empty() : tensor<1x2x1x1xf32>
  %0 = linnet.block_local_attention ins(%q, %k, %v : tensor<1x2x1x1xf32>, tensor<1x2x1x1xf32>, tensor<1x2x1x1xf32>)
      outs(%init : tensor<1x2x1x1xf32>) {block_size = 64 : i64, scale = 1.0 : f64}
  %e = arith.constant dense<5.0> : tensor<1x2x1x1xf32>
  check.expect_close %0, %e {rtol = 1.0e-6 : f64, atol = 0.0 : f64} : tensor<1x2x1x1xf32>
  return
}

// Negative scores count as 0; two heads of v share one of q and k.
func.func private @relu() {
  %q = arith.constant dense<[[[[2.0]], [[-1.0]]]]> : tensor<1x2x1x1xf32>
  %k = arith.constant dense<[[[[3.0]], [[-5.0]]]]> : tensor<1x2x1x1xf32>
  %v = arith.constant dense<[[[[1.0], [10.0]], [[100.0], [1000.0]]]]> : tensor<1x2x2x1xf32>
  %init = tensor.empty() : tensor<1x2x2x1xf32>
  %0 = linnet.block_local_attention ins(%q, %k, %v : tensor<1x2x1x1xf32>, tensor<1x2x1x1xf32>, tensor<1x2x2x1xf32>)
      outs(%init : tensor<1x2x2x1xf32>) {block_size = 2 : i64, scale = 0.5 : f64, weights = #linnet.score_weights<relu>}
  %e = arith.constant dense<[[[[3.0], [30.0]], [[250.0], [2500.0]]]]> : tensor<1x2x2x1xf32>
  check.expect_close %0, %e {rtol = 1.0e-6 : f64, atol = 0.0 : f64} : tensor<1x2x2x1xf32>
  return
}

func.func @main() {
  call @means() : () -> ()
  call @softmax() : () -> ()
  call @relu() : () -> ()
  return
}
