// check.expect_close is printed as it was read.

// RUN: linnet-opt %s | linnet-opt | FileCheck %s
// RUN: linnet-opt %s --mlir-print-op-generic | linnet-opt | FileCheck %s

// CHECK-LABEL: func @bounds(
// CHECK-SAME:    %[[A:.*]]: tensor<2x?xf32>, %[[B:.*]]: tensor<2x?xf32>
// CHECK:         check.expect_close %[[A]], %[[B]] : tensor<2x?xf32>
// CHECK:         check.expect_close %[[A]], %[[B]] {max_ulp = 4 : i64} : tensor<2x?xf32>
// CHECK:         check.expect_close %[[A]], %[[B]] {atol = 1.000000e-03 : f64, rtol = 1.000000e-05 : f64} : tensor<2x?xf32>
func.func @bounds(%a: tensor<2x?xf32>, %b: tensor<2x?xf32>) {
  check.expect_close %a, %b : tensor<2x?xf32>
  check.expect_close %a, %b {max_ulp = 4 : i64} : tensor<2x?xf32>
  check.expect_close %a, %b {rtol = 1.0e-5 : f64, atol = 1.0e-3 : f64} : tensor<2x?xf32>
  return
}

// CHECK-LABEL: func @types
// CHECK:         check.expect_close %{{.*}}, %{{.*}} : tensor<f64>
// CHECK:         check.expect_close %{{.*}}, %{{.*}} : tensor<0xf32>
func.func @types(%a: tensor<f64>, %b: tensor<0xf32>) {
  check.expect_close %a, %a : tensor<f64>
  check.expect_close %b, %b : tensor<0xf32>
  return
}
