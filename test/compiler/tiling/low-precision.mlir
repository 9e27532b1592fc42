// The Low Precision ops are tiled into rows, as many as make a task worth while; the last dimension stays whole.

// RUN: linnet-opt %s --linnet-tile-ops --canonicalize --cse | FileCheck %s

// CHECK-LABEL: func @quantize(
// CHECK:         scf.forall (%[[R:.*]]) = (0) to (%{{.*}}) step (512)
// CHECK-DAG:       tensor.extract_slice %{{.*}}[%[[R]], 0] [%{{.*}}, 32]
// CHECK-DAG:       tensor.extract_slice %{{.*}}[%[[R]], 0] [%{{.*}}, 1]
// CHECK:           linnet.mx_quantize {{.*}} seeds(%{{.*}} : tensor<?x1xi32>) outs(%{{.*}}, %{{.*}} : tensor<?x32xi8>, tensor<?x1xi8>)
func.func @quantize(%x: tensor<?x32xf32>, %s: tensor<?x1xi32>, %codes: tensor<?x32xi8>, %scales: tensor<?x1xi8>) -> (tensor<?x32xi8>, tensor<?x1xi8>) {
  %0:2 = linnet.mx_quantize ins(%x : tensor<?x32xf32>) seeds(%s : tensor<?x1xi32>) outs(%codes, %scales : tensor<?x32xi8>, tensor<?x1xi8>)
      {format = #linnet.small_float<e2m1>, block = 32 : i64}
  return %0#0, %0#1 : tensor<?x32xi8>, tensor<?x1xi8>
}

// CHECK-LABEL: func @hadamard(
// CHECK:         scf.forall (%[[B:.*]], %[[R:.*]]) in (2, 7)
// CHECK:           linnet.hadamard ins(%{{.*}} : tensor<1x1x32768xf32>) signs(%{{.*}} : tensor<32768xf32>)
func.func @hadamard(%x: tensor<2x7x32768xf32>, %s: tensor<32768xf32>, %y: tensor<2x7x32768xf32>) -> tensor<2x7x32768xf32> {
  %0 = linnet.hadamard ins(%x : tensor<2x7x32768xf32>) signs(%s : tensor<32768xf32>) outs(%y : tensor<2x7x32768xf32>) {block = 64 : i64, scale = 1.0 : f64}
  return %0 : tensor<2x7x32768xf32>
}
