// Canonicalisation of the Low Precision ops: the inits become as static as the inputs allow.

// RUN: linnet-opt %s --canonicalize | FileCheck %s

// CHECK-LABEL: func @refines(
// CHECK:         linnet.mx_quantize {{.*}} outs(%{{.*}}, %{{.*}} : tensor<3x25xi8>, tensor<3x2xi8>)
// CHECK:         linnet.mx_dequantize {{.*}} outs(%{{.*}} : tensor<3x50xf32>)
// CHECK:         linnet.hadamard {{.*}} outs(%{{.*}} : tensor<3x50xf32>)
func.func @refines(%x: tensor<3x50xf32>, %codes: tensor<?x?xi8>, %scales: tensor<?x?xi8>, %c: tensor<3x25xi8>, %s: tensor<3x2xi8>,
                   %y: tensor<?x50xf32>) -> (tensor<?x?xi8>, tensor<?x?xi8>, tensor<?x50xf32>, tensor<?x50xf32>) {
  %0:2 = linnet.mx_quantize ins(%x : tensor<3x50xf32>) outs(%codes, %scales : tensor<?x?xi8>, tensor<?x?xi8>)
      {format = #linnet.small_float<e2m1>, block = 32 : i64, packed}
  %1 = linnet.mx_dequantize ins(%c, %s : tensor<3x25xi8>, tensor<3x2xi8>) outs(%y : tensor<?x50xf32>)
      {format = #linnet.small_float<e2m1>, block = 32 : i64, packed}
  %2 = linnet.hadamard ins(%x : tensor<3x50xf32>) outs(%y : tensor<?x50xf32>) {block = 64 : i64, scale = 1.0 : f64}
  return %0#0, %0#1, %1, %2 : tensor<?x?xi8>, tensor<?x?xi8>, tensor<?x50xf32>, tensor<?x50xf32>
}
