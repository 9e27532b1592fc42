// What the fast path does not cover takes the reference path by itself (path=auto) and gives the right numbers there.

// DEFINE: %{path} = reference
// DEFINE: %{llvm} =
// DEFINE: %{run} = linnet-opt %s --inline --linnet-stage-input --linnet-stage-graph=path=%{path} \
// DEFINE:     --linnet-stage-tiled=path=%{path} --linnet-stage-vector --linnet-stage-llvm%{llvm} \
// DEFINE:   | mlir-runner -e main -entry-point-result=void -shared-libs=%shlibdir/liblinnet_check_runtime.so \
// DEFINE:   | FileCheck %s
// RUN: %{run}
// REDEFINE: %{path} = auto
// RUN: %{run}

// CHECK-COUNT-6: elements agree
// CHECK-NOT:      {{agree|differ}}

// float64: the closed form h_31 = 2 (1 - 2^-31), which float32 cannot hold.
func.func private @double_precision() {
  %a = arith.constant dense<0.5> : tensor<31x2xf64>
  %b = arith.constant dense<1.0> : tensor<31x2xf64>
  %s = arith.constant dense<0.0> : tensor<2xf64>
  %h = tensor.empty() : tensor<31x2xf64>
  %0:2 = linnet.affine_scan ins(%a, %b : tensor<31x2xf64>, tensor<31x2xf64>)
                            outs(%h, %s : tensor<31x2xf64>, tensor<2xf64>) {dimension = 0 : i64}
  %es = arith.constant dense<1.9999999990686774> : tensor<2xf64>
  check.expect_close %0#1, %es {max_ulp = 0 : i64} : tensor<2xf64>
  return
}

// No step: the final state is the initial one.
func.func private @length_0() {
  %a = tensor.empty() : tensor<1x0x3xf32>
  %h = tensor.empty() : tensor<1x0x3xf32>
  %s = arith.constant dense<[[10.0, 20.0, 30.0]]> : tensor<1x3xf32>
  %0:2 = linnet.affine_scan ins(%a, %a : tensor<1x0x3xf32>, tensor<1x0x3xf32>)
                            outs(%h, %s : tensor<1x0x3xf32>, tensor<1x3xf32>) {dimension = 1 : i64}
  %es = arith.constant dense<[[10.0, 20.0, 30.0]]> : tensor<1x3xf32>
  check.expect_close %0#1, %es {max_ulp = 0 : i64} : tensor<1x3xf32>
  return
}

// The same for the convolution.
func.func private @length_0_convolution() {
  %x = tensor.empty() : tensor<1x0x2xf32>
  %y = tensor.empty() : tensor<1x0x2xf32>
  %w = arith.constant dense<1.0> : tensor<2x3xf32>
  %s = arith.constant dense<[[[1.0, 2.0], [3.0, 4.0]]]> : tensor<1x2x2xf32>
  %0:2 = linnet.causal_conv1d ins(%x, %w : tensor<1x0x2xf32>, tensor<2x3xf32>)
                              outs(%y, %s : tensor<1x0x2xf32>, tensor<1x2x2xf32>)
  %es = arith.constant dense<[[[1.0, 2.0], [3.0, 4.0]]]> : tensor<1x2x2xf32>
  check.expect_close %0#1, %es {max_ulp = 0 : i64} : tensor<1x2x2xf32>
  return
}

// W = 1 has no state: y = w x + bias.
func.func private @width_1() {
  %x = arith.constant dense<[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]]> : tensor<1x2x3xf32>
  %w = arith.constant dense<[[2.0], [3.0], [4.0]]> : tensor<3x1xf32>
  %bias = arith.constant dense<1.0> : tensor<3xf32>
  %s = tensor.empty() : tensor<1x0x3xf32>
  %y = tensor.empty() : tensor<1x2x3xf32>
  %0:2 = linnet.causal_conv1d ins(%x, %w : tensor<1x2x3xf32>, tensor<3x1xf32>) bias(%bias : tensor<3xf32>)
                              outs(%y, %s : tensor<1x2x3xf32>, tensor<1x0x3xf32>)
  %ey = arith.constant dense<[[[3.0, 7.0, 13.0], [9.0, 16.0, 25.0]]]> : tensor<1x2x3xf32>
  check.expect_close %0#0, %ey {max_ulp = 0 : i64} : tensor<1x2x3xf32>
  return
}

// A width above 16: only the first tap, a delay by 16 steps.
func.func private @width_17() {
  %x = arith.constant dense<
      [[[1.0], [2.0], [3.0], [4.0], [5.0], [6.0], [7.0], [8.0], [9.0], [10.0], [11.0], [12.0], [13.0], [14.0], [15.0],
      [16.0], [17.0], [18.0]]]> : tensor<1x18x1xf32>
  %w = arith.constant dense<
      [[1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]]> : tensor<1x17xf32>
  %s = arith.constant dense<
      [[[-1.0], [-2.0], [-3.0], [-4.0], [-5.0], [-6.0], [-7.0], [-8.0], [-9.0], [-10.0], [-11.0], [-12.0], [-13.0],
      [-14.0], [-15.0], [-16.0]]]> : tensor<1x16x1xf32>
  %y = tensor.empty() : tensor<1x18x1xf32>
  %0:2 = linnet.causal_conv1d ins(%x, %w : tensor<1x18x1xf32>, tensor<1x17xf32>)
                              outs(%y, %s : tensor<1x18x1xf32>, tensor<1x16x1xf32>)
  %ey = arith.constant dense<
      [[[-1.0], [-2.0], [-3.0], [-4.0], [-5.0], [-6.0], [-7.0], [-8.0], [-9.0], [-10.0], [-11.0], [-12.0], [-13.0],
      [-14.0], [-15.0], [-16.0], [1.0], [2.0]]]> : tensor<1x18x1xf32>
  check.expect_close %0#0, %ey {max_ulp = 0 : i64} : tensor<1x18x1xf32>
  %es = arith.constant dense<
      [[[3.0], [4.0], [5.0], [6.0], [7.0], [8.0], [9.0], [10.0], [11.0], [12.0], [13.0], [14.0], [15.0], [16.0],
      [17.0], [18.0]]]> : tensor<1x16x1xf32>
  check.expect_close %0#1, %es {max_ulp = 0 : i64} : tensor<1x16x1xf32>
  return
}

func.func @main() {
  call @double_precision() : () -> ()
  call @length_0() : () -> ()
  call @length_0_convolution() : () -> ()
  call @width_1() : () -> ()
  call @width_17() : () -> ()
  return
}
