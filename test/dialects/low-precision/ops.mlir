// Every form of the Low Precision ops is printed as it was read: as text, in the generic form and as bytecode.

// RUN: linnet-opt %s | linnet-opt | FileCheck %s
// RUN: linnet-opt %s --mlir-print-op-generic | linnet-opt | FileCheck %s
// RUN: linnet-opt %s --emit-bytecode | linnet-opt | FileCheck %s

// CHECK-LABEL: func @mx(
// CHECK:         %{{.*}}, %{{.*}} = linnet.mx_quantize ins(%{{.*}} : tensor<?x50xf32>) outs(%{{.*}}, %{{.*}} : tensor<?x50xi8>, tensor<?x2xi8>) {block = 32 : i64, format = #linnet.small_float<e4m3>}
// CHECK:         linnet.mx_dequantize ins(%{{.*}}, %{{.*}} : tensor<?x50xi8>, tensor<?x2xi8>) outs(%{{.*}} : tensor<?x50xf32>) {block = 32 : i64, format = #linnet.small_float<e4m3>}
func.func @mx(%x: tensor<?x50xf32>, %codes: tensor<?x50xi8>, %scales: tensor<?x2xi8>) -> tensor<?x50xf32> {
  %0:2 = linnet.mx_quantize ins(%x : tensor<?x50xf32>) outs(%codes, %scales : tensor<?x50xi8>, tensor<?x2xi8>)
      {format = #linnet.small_float<e4m3>, block = 32 : i64, rule = #linnet.scale_rule<floor>}
  %1 = linnet.mx_dequantize ins(%0#0, %0#1 : tensor<?x50xi8>, tensor<?x2xi8>) outs(%x : tensor<?x50xf32>)
      {format = #linnet.small_float<e4m3>, block = 32 : i64}
  return %1 : tensor<?x50xf32>
}

// CHECK-LABEL: func @packed(
// CHECK:         linnet.mx_quantize ins(%{{.*}} : tensor<3x64xf32>) tensor_scale(%{{.*}} : tensor<1xf32>) seeds(%{{.*}} : tensor<3x4xi32>) outs(%{{.*}}, %{{.*}} : tensor<3x32xi8>, tensor<3x4xi8>) {block = 16 : i64, format = #linnet.small_float<e2m1>, packed}
// CHECK:         linnet.mx_dequantize ins({{.*}}) tensor_scale(%{{.*}} : tensor<1xf32>) outs(%{{.*}} : tensor<3x64xf32>) {block = 16 : i64, format = #linnet.small_float<e2m1>, packed}
// CHECK:         linnet.mx_quantize {{.*}} {block = 16 : i64, format = #linnet.small_float<e2m1>, packed, rule = #linnet.scale_rule<quest>}
func.func @packed(%x: tensor<3x64xf32>, %g: tensor<1xf32>, %seeds: tensor<3x4xi32>, %codes: tensor<3x32xi8>, %scales: tensor<3x4xi8>) {
  %0:2 = linnet.mx_quantize ins(%x : tensor<3x64xf32>) tensor_scale(%g : tensor<1xf32>) seeds(%seeds : tensor<3x4xi32>)
      outs(%codes, %scales : tensor<3x32xi8>, tensor<3x4xi8>) {format = #linnet.small_float<e2m1>, block = 16 : i64, packed}
  %1 = linnet.mx_dequantize ins(%0#0, %0#1 : tensor<3x32xi8>, tensor<3x4xi8>) tensor_scale(%g : tensor<1xf32>)
      outs(%x : tensor<3x64xf32>) {format = #linnet.small_float<e2m1>, block = 16 : i64, packed}
  %2:2 = linnet.mx_quantize ins(%x : tensor<3x64xf32>) outs(%codes, %scales : tensor<3x32xi8>, tensor<3x4xi8>)
      {format = #linnet.small_float<e2m1>, block = 16 : i64, packed, rule = #linnet.scale_rule<quest>}
  return
}

// CHECK-LABEL: func @hadamard(
// CHECK:         linnet.hadamard ins(%{{.*}} : tensor<2x?x100xf32>) outs(%{{.*}} : tensor<2x?x100xf32>) {block = 128 : i64, scale = 1.000000e+00 : f64}
// CHECK:         linnet.hadamard ins(%{{.*}} : tensor<2x?x100xf32>) signs(%{{.*}} : tensor<100xf32>) outs(%{{.*}} : tensor<2x?x100xf32>)
func.func @hadamard(%x: tensor<2x?x100xf32>, %signs: tensor<100xf32>) {
  %0 = linnet.hadamard ins(%x : tensor<2x?x100xf32>) outs(%x : tensor<2x?x100xf32>) {block = 128 : i64, scale = 1.0 : f64}
  %1 = linnet.hadamard ins(%x : tensor<2x?x100xf32>) signs(%signs : tensor<100xf32>) outs(%x : tensor<2x?x100xf32>) {block = 1 : i64, scale = 1.0 : f64}
  return
}
