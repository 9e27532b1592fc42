// Tiles of the Low Precision ops: a block in whole vectors, its codes without branches.

// RUN: linnet-opt %s --linnet-vectorize-tiles --canonicalize --cse | FileCheck %s --implicit-check-not=linnet.

// One reduction for the block; two vectors of codes. Rounding is an addition and a subtraction.
// CHECK-LABEL: func @quantize(
// CHECK:         scf.for
// CHECK-COUNT-2:   vector.transfer_read %{{.*}} {in_bounds = [true]} : tensor<?x64xf32>, vector<16xf32>
// CHECK:           vector.reduction <maxui>
// CHECK-NOT:       scf.if
// CHECK-COUNT-2:   vector.transfer_write %{{.*}} {in_bounds = [true]} : vector<16xi8>
// CHECK:           tensor.insert
func.func @quantize(%x: tensor<?x64xf32>, %codes: tensor<?x64xi8>, %scales: tensor<?x2xi8>) -> (tensor<?x64xi8>, tensor<?x2xi8>) {
  %0:2 = linnet.mx_quantize ins(%x : tensor<?x64xf32>) outs(%codes, %scales : tensor<?x64xi8>, tensor<?x2xi8>)
      {format = #linnet.small_float<e2m1>, block = 32 : i64}
  return %0#0, %0#1 : tensor<?x64xi8>, tensor<?x2xi8>
}

// Two codes in a byte.
// CHECK-LABEL: func @packed(
// CHECK:         vector.transfer_read %{{.*}} : tensor<?x32xi8>, vector<8xi8>
// CHECK:         vector.interleave %{{.*}} : vector<8xi32> -> vector<16xi32>
func.func @packed(%codes: tensor<?x32xi8>, %scales: tensor<?x2xi8>, %x: tensor<?x64xf32>) -> tensor<?x64xf32> {
  %0 = linnet.mx_dequantize ins(%codes, %scales : tensor<?x32xi8>, tensor<?x2xi8>) outs(%x : tensor<?x64xf32>)
      {format = #linnet.small_float<e2m1>, block = 32 : i64, packed}
  return %0 : tensor<?x64xf32>
}

// 32 numbers: four stages inside each of two vectors, one between them.
// CHECK-LABEL: func @hadamard(
// CHECK-COUNT-8:   vector.shuffle
// CHECK-NOT:       vector.shuffle
// CHECK:           arith.subf
// CHECK-COUNT-2:   vector.transfer_write
// CHECK-NOT:       vector.transfer_write
func.func @hadamard(%x: tensor<?x64xf32>, %y: tensor<?x64xf32>) -> tensor<?x64xf32> {
  %0 = linnet.hadamard ins(%x : tensor<?x64xf32>) outs(%y : tensor<?x64xf32>) {block = 32 : i64, scale = 1.0 : f64}
  return %0 : tensor<?x64xf32>
}
