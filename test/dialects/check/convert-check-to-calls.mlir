// --convert-check-to-calls makes one call per assert, with both tensors as unranked buffers that are read only, the
// bounds (0 where not given) and the line of the assert.

// RUN: linnet-opt %s --convert-check-to-calls | FileCheck %s

// CHECK-LABEL: func @f32(
// CHECK-SAME:    %[[A:.*]]: tensor<2x?xf32>, %[[B:.*]]: tensor<2x?xf32>
// CHECK:         %[[A0:.*]] = bufferization.to_buffer %[[A]] read_only : tensor<2x?xf32> to memref<2x?xf32>
// CHECK:         %[[A1:.*]] = memref.cast %[[A0]] : memref<2x?xf32> to memref<*xf32>
// CHECK:         %[[B0:.*]] = bufferization.to_buffer %[[B]] read_only
// CHECK:         %[[B1:.*]] = memref.cast %[[B0]]
// CHECK-DAG:     %[[ULP:.*]] = arith.constant 4 : i64
// CHECK-DAG:     %[[RTOL:.*]] = arith.constant 1.000000e-05 : f64
// CHECK-DAG:     %[[ATOL:.*]] = arith.constant 0.000000e+00 : f64
// CHECK-DAG:     %[[LINE:.*]] = arith.constant [[#@LINE+3]] : i64
// CHECK:         call @linnet_check_expect_close_f32(%[[A1]], %[[B1]], %[[ULP]], %[[RTOL]], %[[ATOL]], %[[LINE]])
func.func @f32(%a: tensor<2x?xf32>, %b: tensor<2x?xf32>) {
  check.expect_close %a, %b {max_ulp = 4 : i64, rtol = 1.0e-5 : f64} : tensor<2x?xf32>
  return
}

// CHECK-LABEL: func @f64
// CHECK-COUNT-2: call @linnet_check_expect_close_f64(%{{.*}}) : (memref<*xf64>, memref<*xf64>, i64, f64, f64, i64) -> ()
// CHECK-NOT:     check.
func.func @f64(%a: tensor<f64>) {
  check.expect_close %a, %a : tensor<f64>
  check.expect_close %a, %a {atol = 1.0 : f64} : tensor<f64>
  return
}

// Declared once per type, in the C interface.
// CHECK:     func.func private @linnet_check_expect_close_f32(memref<*xf32>, memref<*xf32>, i64, f64, f64, i64) attributes {llvm.emit_c_interface}
// CHECK-NOT: linnet_check_expect_close_f32
// CHECK:     func.func private @linnet_check_expect_close_f64
// CHECK-NOT: linnet_check_expect_close_f64
