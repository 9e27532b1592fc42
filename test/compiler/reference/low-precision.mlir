// The reference path spells the Low Precision ops as loops over single elements. Numbers are tested in test/integration
// and test/python.

// RUN: linnet-opt %s --linnet-reference --canonicalize | FileCheck %s --implicit-check-not=linnet. --implicit-check-not=fastmath
// RUN: linnet-opt %s --linnet-reference=marked-only | FileCheck %s --check-prefix=MARKED

// Of a block: its greatest magnitude, its scale, then for each number how many middles of neighbours it passes.
// CHECK-LABEL: func @quantize(
// CHECK-DAG:     %[[NUMBERS:.*]] = arith.constant dense<[0.000000e+00, 5.000000e-01, 1.000000e+00, 1.500000e+00, 2.000000e+00, 3.000000e+00, 4.000000e+00, 6.000000e+00]>
// CHECK:         scf.for
// CHECK:           scf.for %{{.*}} = %c0 to %c2
// CHECK:             scf.for
// CHECK:               arith.maximumf
// CHECK:             scf.for
// CHECK:               scf.for %{{.*}} = %c0 to %c7
// CHECK:                 tensor.extract %[[NUMBERS]]
// CHECK:               tensor.insert
// CHECK:             tensor.insert
// MARKED:        linnet.mx_quantize
func.func @quantize(%x: tensor<?x50xf32>, %codes: tensor<?x50xi8>, %scales: tensor<?x2xi8>) -> (tensor<?x50xi8>, tensor<?x2xi8>) {
  %0:2 = linnet.mx_quantize ins(%x : tensor<?x50xf32>) outs(%codes, %scales : tensor<?x50xi8>, tensor<?x2xi8>)
      {format = #linnet.small_float<e2m1>, block = 32 : i64}
  return %0#0, %0#1 : tensor<?x50xi8>, tensor<?x2xi8>
}

// CHECK-LABEL: func @dequantize(
// CHECK:         scf.for
// CHECK:           scf.for %[[I:.*]] = %c0 to %c64
// CHECK:             arith.divui %[[I]], %c32
// CHECK:             arith.remui %[[I]], %c2
// CHECK:             tensor.insert
func.func @dequantize(%codes: tensor<?x32xi8>, %scales: tensor<?x2xi8>, %x: tensor<?x64xf32>) -> tensor<?x64xf32> {
  %0 = linnet.mx_dequantize ins(%codes, %scales : tensor<?x32xi8>, tensor<?x2xi8>) outs(%x : tensor<?x64xf32>)
      {format = #linnet.small_float<e2m1>, block = 32 : i64, packed}
  return %0 : tensor<?x64xf32>
}

// Three stages of a block of eight: pairs 1, 2 and 4 apart.
// CHECK-LABEL: func @hadamard(
// CHECK:         tensor.empty() : tensor<8xf32>
// CHECK:         scf.for %{{.*}} = %c0 to %c4
// CHECK:           arith.subf
// CHECK:         scf.for %{{.*}} = %c0 to %c2
// CHECK:           arith.subf
// CHECK:         scf.for %{{.*}} = %c0 to %c4
// CHECK:           arith.subf
func.func @hadamard(%x: tensor<?x8xf32>, %y: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %0 = linnet.hadamard ins(%x : tensor<?x8xf32>) outs(%y : tensor<?x8xf32>) {block = 8 : i64, scale = 1.0 : f64}
  return %0 : tensor<?x8xf32>
}
