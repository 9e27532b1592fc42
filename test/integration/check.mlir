// check.expect_close: what agrees, what differs, and that a failed check shows in the exit status of the runner.

// DEFINE: %{name} = agree
// DEFINE: %{lower} = linnet-opt %t/%{name}.mlir --linnet-stage-input --linnet-stage-graph --linnet-stage-tiled \
// DEFINE:     --linnet-stage-vector --linnet-stage-llvm
// DEFINE: %{runner} = mlir-runner -e main -entry-point-result=void -shared-libs=%shlibdir/liblinnet_check_runtime.so
// RUN: split-file %s %t
// RUN: %{lower} | %{runner} | FileCheck %t/agree.mlir
// REDEFINE: %{name} = differ
// RUN: %{lower} -o %t/differ.llvm.mlir
// RUN: not %{runner} %t/differ.llvm.mlir | FileCheck %t/differ.mlir

//--- agree.mlir

// CHECK-COUNT-8: elements agree
// CHECK-NOT:     {{agree|differ}}
func.func @main() {
  // Equal, also without a bound: both zeros, infinities, NaN.
  %0 = arith.constant dense<[1.0, 0.0, 0x7F800000, 0xFF800000, 0x7FC00000]> : tensor<5xf32>
  %1 = arith.constant dense<[1.0, -0.0, 0x7F800000, 0xFF800000, 0xFFC00001]> : tensor<5xf32>
  check.expect_close %0, %1 : tensor<5xf32>

  // The next two floats above 1, and two steps across zero.
  %2 = arith.constant dense<[0x3F800002, 0x00000001]> : tensor<2xf32>
  %3 = arith.constant dense<[0x3F800000, 0x80000001]> : tensor<2xf32>
  check.expect_close %2, %3 {max_ulp = 2 : i64} : tensor<2xf32>

  // rtol is of the expected value, atol is added; one bound that holds is enough.
  %4 = arith.constant dense<[101.0, 1.0]> : tensor<2xf32>
  %5 = arith.constant dense<[100.0, 0.0]> : tensor<2xf32>
  check.expect_close %4, %5 {rtol = 0.01 : f64, atol = 1.0 : f64} : tensor<2xf32>
  check.expect_close %4, %5 {max_ulp = 0 : i64, atol = 1.0 : f64} : tensor<2xf32>

  // Other types and ranks; the order of elements is that of the tensor.
  %6 = arith.constant dense<2.0> : tensor<f64>
  %7 = arith.constant dense<0x4000000000000001> : tensor<f64>
  check.expect_close %7, %6 {max_ulp = 1 : i64} : tensor<f64>
  %8 = arith.constant dense<[[[1.0, 2.0], [3.0, 4.0]]]> : tensor<1x2x2xf32>
  check.expect_close %8, %8 : tensor<1x2x2xf32>
  %9 = tensor.empty() : tensor<0x3xf32>
  check.expect_close %9, %9 : tensor<0x3xf32>

  // Strided buffers.
  %10 = tensor.extract_slice %8[0, 0, 1] [1, 2, 1] [1, 1, 1] : tensor<1x2x2xf32> to tensor<2xf32>
  %11 = arith.constant dense<[2.0, 4.0]> : tensor<2xf32>
  check.expect_close %10, %11 : tensor<2xf32>
  return
}

//--- differ.mlir

func.func @main() {
  %0 = arith.constant dense<[1.0, 0x7F800000, 0x7FC00000, 2.0]> : tensor<4xf32>
  %1 = arith.constant dense<[1.0, 0xFF800000, 0.0, 0x7FC00000]> : tensor<4xf32>
  // CHECK:      check at line [[#@LINE+5]]: element 1 is inf, expected -inf
  // CHECK-NEXT: element 2 is nan, expected 0
  // CHECK-NEXT: element 3 is 2, expected nan
  // CHECK-NEXT: check at line [[#@LINE+2]]: 3 of 4 elements differ
  // No bound makes them agree.
  check.expect_close %0, %1 {max_ulp = 1000 : i64, rtol = 1.0 : f64, atol = 1.0e30 : f64} : tensor<4xf32>

  // CHECK-NEXT: check at line [[#@LINE+4]]: element 0 is 1.00000024, expected 1
  // CHECK-NEXT: 1 of 1 elements differ
  %2 = arith.constant dense<0x3F800002> : tensor<1xf32>
  %3 = arith.constant dense<1.0> : tensor<1xf32>
  check.expect_close %2, %3 {max_ulp = 1 : i64} : tensor<1xf32>

  // rtol is not of the larger of the two.
  // CHECK-NEXT: element 0 is 100, expected 1
  // CHECK-NEXT: 1 of 1 elements differ
  %4 = arith.constant dense<100.0> : tensor<1xf32>
  check.expect_close %4, %3 {rtol = 0.99 : f64} : tensor<1xf32>

  // The first eight are shown. The program goes on.
  // CHECK-COUNT-8: is 1, expected 2
  // CHECK-NEXT:    check at line [[#@LINE+5]]: 20 of 20 elements differ
  // CHECK-NEXT:    check at line [[#@LINE+5]]: 1 elements agree
  // CHECK-NOT:     {{agree|differ}}
  %5 = arith.constant dense<1.0> : tensor<20xf32>
  %6 = arith.constant dense<2.0> : tensor<20xf32>
  check.expect_close %5, %6 : tensor<20xf32>
  check.expect_close %3, %3 : tensor<1xf32>
  return
}
