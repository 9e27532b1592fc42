// The Low Precision ops give the same right numbers on the reference path and on the path that `auto` takes.

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

// There and back: the block of the specification, packed, has the scale 1, and ties go to the even code.
func.func private @round_trip() {
  %x = arith.constant dense<[[7.0, -5.1, 0.3, 2.5, 1.25, -0.74, 0.25, 0.2501, 0.75, 3.5, -1.75, 5.0, 0.0, 1.0, 2.0, 6.0]]> : tensor<1x16xf32>
  %e = arith.constant dense<[[6.0, -6.0, 0.5, 2.0, 1.0, -0.5, 0.0, 0.5, 1.0, 4.0, -2.0, 4.0, 0.0, 1.0, 2.0, 6.0]]> : tensor<1x16xf32>
  %codes = tensor.empty() : tensor<1x8xi8>
  %scales = tensor.empty() : tensor<1x1xi8>
  %init = tensor.empty() : tensor<1x16xf32>
  %0:2 = linnet.mx_quantize ins(%x : tensor<1x16xf32>) outs(%codes, %scales : tensor<1x8xi8>, tensor<1x1xi8>)
      {format = #linnet.small_float<e2m1>, block = 16 : i64, packed}
  %1 = linnet.mx_dequantize ins(%0#0, %0#1 : tensor<1x8xi8>, tensor<1x1xi8>) outs(%init : tensor<1x16xf32>)
      {format = #linnet.small_float<e2m1>, block = 16 : i64, packed}
  check.expect_close %1, %e {rtol = 0.0 : f64, atol = 0.0 : f64} : tensor<1x16xf32>
  return
}

// A block of three in a row of five: no whole vectors, so always the reference path. Scales of 4 and 2^-2.
func.func private @short_blocks() {
  %x = arith.constant dense<[[24.0, -8.0, 3.0, 0.75, -1.5]]> : tensor<1x5xf32>
  %codes = tensor.empty() : tensor<1x5xi8>
  %scales = tensor.empty() : tensor<1x2xi8>
  %init = tensor.empty() : tensor<1x5xf32>
  %e = arith.constant dense<[[24.0, -8.0, 4.0, 0.75, -1.5]]> : tensor<1x5xf32>
  %0:2 = linnet.mx_quantize ins(%x : tensor<1x5xf32>) outs(%codes, %scales : tensor<1x5xi8>, tensor<1x2xi8>)
      {format = #linnet.small_float<e2m1>, block = 3 : i64}
  %1 = linnet.mx_dequantize ins(%0#0, %0#1 : tensor<1x5xi8>, tensor<1x2xi8>) outs(%init : tensor<1x5xf32>)
      {format = #linnet.small_float<e2m1>, block = 3 : i64}
  check.expect_close %1, %e {rtol = 0.0 : f64, atol = 0.0 : f64} : tensor<1x5xf32>
  return
}

// A row of five in blocks of four, with signs: the missing numbers are 0.
func.func private @hadamard() {
  %x = arith.constant dense<[[1.0, 2.0, 3.0, 4.0, 5.0]]> : tensor<1x5xf32>
  %signs = arith.constant dense<[1.0, -1.0, 1.0, 1.0, -1.0]> : tensor<5xf32>
  %init = tensor.empty() : tensor<1x5xf32>
  %e0 = arith.constant dense<[[3.0, 1.0, -4.0, 2.0, -2.5]]> : tensor<1x5xf32>
  %0 = linnet.hadamard ins(%x : tensor<1x5xf32>) signs(%signs : tensor<5xf32>) outs(%init : tensor<1x5xf32>) {block = 4 : i64, scale = 0.5 : f64}
  check.expect_close %0, %e0 {rtol = 0.0 : f64, atol = 0.0 : f64} : tensor<1x5xf32>
  %e1 = arith.constant dense<[[15.0, 3.0, 1.0, 5.0, 5.0]]> : tensor<1x5xf32>
  %1 = linnet.hadamard ins(%x : tensor<1x5xf32>) outs(%init : tensor<1x5xf32>) {block = 8 : i64, scale = 1.0 : f64}
  check.expect_close %1, %e1 {rtol = 0.0 : f64, atol = 0.0 : f64} : tensor<1x5xf32>
  return
}

func.func @main() {
  call @round_trip() : () -> ()
  call @short_blocks() : () -> ()
  call @hadamard() : () -> ()
  return
}
