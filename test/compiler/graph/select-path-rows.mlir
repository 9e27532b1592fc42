// --linnet-select-path on the ops that work on rows: what their fast path does not cover.

// RUN: linnet-opt %s --linnet-select-path --verify-diagnostics | FileCheck %s
// RUN: not linnet-opt %s --linnet-select-path=path=fast 2>&1 >/dev/null | FileCheck %s --check-prefix=FAST

// FAST: error: 'linnet.mx_quantize' op is not covered by the fast path: blocks of 24 are no whole vectors; LINNET_PATH=auto would take the reference path
// FAST: error: 'linnet.mx_dequantize' op is not covered by the fast path
// FAST: error: 'linnet.hadamard' op is not covered by the fast path
// FAST: error: 'linnet.lmul' op is not covered by the fast path
// FAST-NOT: is not covered

// CHECK-LABEL: func @covered
// CHECK-NOT:     linnet.path
// CHECK-LABEL: func @low_precision
func.func @covered(%x: tensor<2x?xf32>, %c: tensor<2x?xi8>, %s: tensor<2x?xi8>, %w: tensor<?x4xf32>, %y: tensor<2x4xf32>)
    -> (tensor<2x?xi8>, tensor<2x?xf32>, tensor<2x4xf32>) {
  %0:2 = linnet.mx_quantize ins(%x : tensor<2x?xf32>) outs(%c, %s : tensor<2x?xi8>, tensor<2x?xi8>)
      {format = #linnet.small_float<e2m1>, block = 32 : i64}
  %1 = linnet.hadamard ins(%x : tensor<2x?xf32>) outs(%x : tensor<2x?xf32>) {block = 512 : i64, scale = 1.0 : f64}
  %2 = linnet.lmul_contract ins(%x, %w : tensor<2x?xf32>, tensor<?x4xf32>) outs(%y : tensor<2x4xf32>) {multiply = #linnet.lmul<>}
  return %0#0, %1, %2 : tensor<2x?xi8>, tensor<2x?xf32>, tensor<2x4xf32>
}

// CHECK-COUNT-4: linnet.path = "reference"
func.func @low_precision(%x: tensor<2x?xf32>, %c: tensor<2x?xi8>, %s: tensor<2x?xi8>, %m: tensor<bf16>)
    -> (tensor<2x?xi8>, tensor<2x?xf32>, tensor<2x?xf32>, tensor<bf16>) {
  // expected-remark @below {{linnet.mx_quantize takes the reference path: blocks of 24 are no whole vectors}}
  %0:2 = linnet.mx_quantize ins(%x : tensor<2x?xf32>) outs(%c, %s : tensor<2x?xi8>, tensor<2x?xi8>)
      {format = #linnet.small_float<e2m1>, block = 24 : i64}
  // expected-remark @below {{linnet.mx_dequantize takes the reference path: blocks of 24 are no whole vectors}}
  %1 = linnet.mx_dequantize ins(%0#0, %0#1 : tensor<2x?xi8>, tensor<2x?xi8>) outs(%x : tensor<2x?xf32>)
      {format = #linnet.small_float<e2m1>, block = 24 : i64}
  // expected-remark @below {{linnet.hadamard takes the reference path: a block of 1024 is not known to be whole in a row}}
  %2 = linnet.hadamard ins(%x : tensor<2x?xf32>) outs(%x : tensor<2x?xf32>) {block = 1024 : i64, scale = 1.0 : f64}
  // expected-remark @below {{linnet.lmul takes the reference path: there is no dimension}}
  %3 = linnet.lmul ins(%m, %m : tensor<bf16>) outs(%m) {multiply = #linnet.lmul<>}
  return %0#0, %1, %2, %3 : tensor<2x?xi8>, tensor<2x?xf32>, tensor<2x?xf32>, tensor<bf16>
}
