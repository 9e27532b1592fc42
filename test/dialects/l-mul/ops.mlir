// Every form of the L-Mul ops is printed as it was read: as text, in the generic form and as bytecode.

// RUN: linnet-opt %s | linnet-opt | FileCheck %s
// RUN: linnet-opt %s --mlir-print-op-generic | linnet-opt | FileCheck %s
// RUN: linnet-opt %s --emit-bytecode | linnet-opt | FileCheck %s

// CHECK-LABEL: func @lmul(
// CHECK-SAME:    %[[X:.*]]: tensor<?x4xf32>
// CHECK:         linnet.lmul ins(%[[X]], %[[X]] : tensor<?x4xf32>) outs(%[[X]]) {multiply = #linnet.lmul<>}
func.func @lmul(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = linnet.lmul ins(%x, %x : tensor<?x4xf32>) outs(%x) {multiply = #linnet.lmul<>}
  return %0 : tensor<?x4xf32>
}

// CHECK-LABEL: func @types(
// CHECK:         linnet.lmul ins({{.*}} : tensor<bf16>) outs({{.*}}) {multiply = #linnet.lmul<mantissa = 7>}
// CHECK:         linnet.lmul ins({{.*}} : tensor<0xf16>) outs({{.*}}) {multiply = #linnet.lmul<variant = formula>}
// CHECK:         linnet.lmul ins({{.*}} : tensor<1x2x3xf8E4M3FN>) outs({{.*}}) {multiply = #linnet.lmul<mantissa = 3, variant = formula>}
// CHECK:         linnet.lmul ins({{.*}} : tensor<5xf8E5M2>)
func.func @types(%a: tensor<bf16>, %b: tensor<0xf16>, %c: tensor<1x2x3xf8E4M3FN>, %d: tensor<5xf8E5M2>) {
  %0 = linnet.lmul ins(%a, %a : tensor<bf16>) outs(%a) {multiply = #linnet.lmul<mantissa = 7, variant = bits>}
  %1 = linnet.lmul ins(%b, %b : tensor<0xf16>) outs(%b) {multiply = #linnet.lmul<variant = formula>}
  %2 = linnet.lmul ins(%c, %c : tensor<1x2x3xf8E4M3FN>) outs(%c) {multiply = #linnet.lmul<mantissa = 3, variant = formula>}
  %3 = linnet.lmul ins(%d, %d : tensor<5xf8E5M2>) outs(%d) {multiply = #linnet.lmul<>}
  return
}

// CHECK-LABEL: func @lmul_contract(
// CHECK:         linnet.lmul_contract ins(%{{.*}}, %{{.*}} : tensor<2x?x4xf32>, tensor<4x6xf32>) outs(%{{.*}} : tensor<2x?x6xf32>) {multiply = #linnet.lmul<mantissa = 4>}
// CHECK:         linnet.lmul_contract ins(%{{.*}}, %{{.*}} : tensor<2x?x4xbf16>, tensor<2x6x4xbf16>) outs(%{{.*}} : tensor<2x?x6xf32>) {multiply = #linnet.lmul<>, transpose_b}
func.func @lmul_contract(%a: tensor<2x?x4xf32>, %b: tensor<4x6xf32>, %n: tensor<2x?x4xbf16>, %t: tensor<2x6x4xbf16>, %c: tensor<2x?x6xf32>) {
  %0 = linnet.lmul_contract ins(%a, %b : tensor<2x?x4xf32>, tensor<4x6xf32>) outs(%c : tensor<2x?x6xf32>)
      {multiply = #linnet.lmul<mantissa = 4>}
  %1 = linnet.lmul_contract ins(%n, %t : tensor<2x?x4xbf16>, tensor<2x6x4xbf16>) outs(%c : tensor<2x?x6xf32>)
      {multiply = #linnet.lmul<>, transpose_b}
  return
}
