// The L-Mul ops give the same right numbers on the reference path and on the path that `auto` takes.

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

// CHECK-COUNT-5: elements agree
// CHECK-NOT:     {{agree|differ}}

// 1 x 1, 2 x 3 and 1.5 x 1.5 are 17/16, 25/4 and 17/8; a carry doubles s, the formula adds it to 1.
func.func private @numbers() {
  %x = arith.constant dense<[1.0, 2.0, 1.5, -1.75, 0.0, -3.0e38]> : tensor<6xf32>
  %y = arith.constant dense<[1.0, 3.0, 1.5, 1.75, 5.0, 3.0e38]> : tensor<6xf32>
  %init = tensor.empty() : tensor<6xf32>
  %0 = linnet.lmul ins(%x, %y : tensor<6xf32>) outs(%init) {multiply = #linnet.lmul<>}
  %e0 = arith.constant dense<[1.0625, 6.25, 2.125, -3.125, -0.0, -3.40282347E+38]> : tensor<6xf32>
  check.expect_close %0, %e0 {rtol = 0.0 : f64, atol = 0.0 : f64} : tensor<6xf32>
  %1 = linnet.lmul ins(%x, %y : tensor<6xf32>) outs(%init) {multiply = #linnet.lmul<variant = formula>}
  %e1 = arith.constant dense<[1.0625, 6.25, 2.0625, -2.5625, -0.0, -3.40282347E+38]> : tensor<6xf32>
  check.expect_close %1, %e1 {rtol = 0.0 : f64, atol = 0.0 : f64} : tensor<6xf32>
  return
}

// Two bits of 1.75 are 1.5: the constant is 1/4.
func.func private @mantissa() {
  %x = arith.constant dense<[1.75, 1.875]> : tensor<2xf32>
  %y = arith.constant dense<[1.0, 1.25]> : tensor<2xf32>
  %init = tensor.empty() : tensor<2xf32>
  %0 = linnet.lmul ins(%x, %y : tensor<2xf32>) outs(%init) {multiply = #linnet.lmul<mantissa = 1>}
  %e = arith.constant dense<[2.0, 2.0]> : tensor<2xf32>
  check.expect_close %0, %e {rtol = 0.0 : f64, atol = 0.0 : f64} : tensor<2xf32>
  return
}

// Powers of two multiply to 17/16 of their product; 3 rows, 2 columns, and what the result has before.
func.func private @product() {
  %a = arith.constant dense<[[1.0, 2.0], [0.0, -4.0], [0.5, 0.0]]> : tensor<3x2xf32>
  %b = arith.constant dense<[[1.0, 8.0], [16.0, 0.0]]> : tensor<2x2xf32>
  %t = arith.constant dense<[[1.0, 16.0], [8.0, 0.0]]> : tensor<2x2xf32>
  %c = arith.constant dense<100.0> : tensor<3x2xf32>
  %e = arith.constant dense<[[135.0625, 108.5], [32.0, 100.0], [100.53125, 104.25]]> : tensor<3x2xf32>
  %0 = linnet.lmul_contract ins(%a, %b : tensor<3x2xf32>, tensor<2x2xf32>) outs(%c : tensor<3x2xf32>) {multiply = #linnet.lmul<>}
  check.expect_close %0, %e {rtol = 0.0 : f64, atol = 0.0 : f64} : tensor<3x2xf32>
  %1 = linnet.lmul_contract ins(%a, %t : tensor<3x2xf32>, tensor<2x2xf32>) outs(%c : tensor<3x2xf32>) {multiply = #linnet.lmul<>, transpose_b}
  check.expect_close %1, %e {rtol = 0.0 : f64, atol = 0.0 : f64} : tensor<3x2xf32>
  return
}

func.func @main() {
  call @numbers() : () -> ()
  call @mantissa() : () -> ()
  call @product() : () -> ()
  return
}
