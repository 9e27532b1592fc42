// linnet.causal_conv1d gives the same right numbers on the reference path and on the fast path.

// DEFINE: %{path} = reference
// DEFINE: %{llvm} =
// DEFINE: %{run} = linnet-opt %s --inline --linnet-stage-input --linnet-stage-graph=path=%{path} \
// DEFINE:     --linnet-stage-tiled=path=%{path} --linnet-stage-vector --linnet-stage-llvm%{llvm} \
// DEFINE:   | mlir-runner -e main -entry-point-result=void -shared-libs=%shlibdir/liblinnet_check_runtime.so \
// DEFINE:   | FileCheck %s
// RUN: %{run}
// REDEFINE: %{path} = auto
// RUN: %{run}
// REDEFINE: %{path} = fast
// RUN: %{run}
// REDEFINE: %{llvm} ==avx512=true
// RUN: %if host-avx512 %{ %{run} %}

// CHECK-COUNT-47: elements agree
// CHECK-NOT:      {{agree|differ}}

// Only the last tap: y = x. The state takes the last three inputs.
func.func private @one_hot_last_tap() {
  %x = arith.constant dense<
      [[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0], [7.0, 8.0], [9.0, 10.0], [11.0, 12.0]]]> : tensor<1x6x2xf32>
  %w = arith.constant dense<[[0.0, 0.0, 0.0, 1.0], [0.0, 0.0, 0.0, 1.0]]> : tensor<2x4xf32>
  %s = arith.constant dense<99.0> : tensor<1x3x2xf32>
  %y = tensor.empty() : tensor<1x6x2xf32>
  %0:2 = linnet.causal_conv1d ins(%x, %w : tensor<1x6x2xf32>, tensor<2x4xf32>)
                              outs(%y, %s : tensor<1x6x2xf32>, tensor<1x3x2xf32>)
  %ey = arith.constant dense<
      [[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0], [7.0, 8.0], [9.0, 10.0], [11.0, 12.0]]]> : tensor<1x6x2xf32>
  check.expect_close %0#0, %ey {max_ulp = 0 : i64} : tensor<1x6x2xf32>
  %es = arith.constant dense<[[[7.0, 8.0], [9.0, 10.0], [11.0, 12.0]]]> : tensor<1x3x2xf32>
  check.expect_close %0#1, %es {max_ulp = 0 : i64} : tensor<1x3x2xf32>
  return
}

// Only the first tap: x delayed by W - 1 = 3 steps, after the state.
func.func private @one_hot_first_tap() {
  %x = arith.constant dense<
      [[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0], [7.0, 8.0], [9.0, 10.0], [11.0, 12.0]]]> : tensor<1x6x2xf32>
  %w = arith.constant dense<[[1.0, 0.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0]]> : tensor<2x4xf32>
  %s = arith.constant dense<[[[-1.0, -4.0], [-2.0, -5.0], [-3.0, -6.0]]]> : tensor<1x3x2xf32>
  %y = tensor.empty() : tensor<1x6x2xf32>
  %0:2 = linnet.causal_conv1d ins(%x, %w : tensor<1x6x2xf32>, tensor<2x4xf32>)
                              outs(%y, %s : tensor<1x6x2xf32>, tensor<1x3x2xf32>)
  %ey = arith.constant dense<
      [[[-1.0, -4.0], [-2.0, -5.0], [-3.0, -6.0], [1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]]> : tensor<1x6x2xf32>
  check.expect_close %0#0, %ey {max_ulp = 0 : i64} : tensor<1x6x2xf32>
  %es = arith.constant dense<[[[7.0, 8.0], [9.0, 10.0], [11.0, 12.0]]]> : tensor<1x3x2xf32>
  check.expect_close %0#1, %es {max_ulp = 0 : i64} : tensor<1x3x2xf32>
  return
}

// By hand: channel 0 at t = 0 is 10 + 1 * 7 + 2 * 1 = 19, at t = 1 it is 10 + 1 * 1 + 2 * 3 = 17.
func.func private @bias() {
  %x = arith.constant dense<[[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]]> : tensor<1x3x2xf32>
  %w = arith.constant dense<[[1.0, 2.0], [-1.0, 0.5]]> : tensor<2x2xf32>
  %bias = arith.constant dense<[10.0, 20.0]> : tensor<2xf32>
  %s = arith.constant dense<[[[7.0, 8.0]]]> : tensor<1x1x2xf32>
  %y = tensor.empty() : tensor<1x3x2xf32>
  %0:2 = linnet.causal_conv1d ins(%x, %w : tensor<1x3x2xf32>, tensor<2x2xf32>) bias(%bias : tensor<2xf32>)
                              outs(%y, %s : tensor<1x3x2xf32>, tensor<1x1x2xf32>)
  %ey = arith.constant dense<[[[19.0, 13.0], [17.0, 20.0], [23.0, 19.0]]]> : tensor<1x3x2xf32>
  check.expect_close %0#0, %ey {max_ulp = 0 : i64} : tensor<1x3x2xf32>
  %es = arith.constant dense<[[[5.0, 6.0]]]> : tensor<1x1x2xf32>
  check.expect_close %0#1, %es {max_ulp = 0 : i64} : tensor<1x1x2xf32>
  return
}

// T = 1 < W - 1 = 3: the state moves on by one, x takes the last place.
func.func private @shorter_than_the_state() {
  %x = arith.constant dense<[[[5.0, 6.0]]]> : tensor<1x1x2xf32>
  %w = arith.constant dense<[[1.0, 2.0, 3.0, 4.0], [4.0, 3.0, 2.0, 1.0]]> : tensor<2x4xf32>
  %s = arith.constant dense<[[[1.0, 10.0], [2.0, 20.0], [3.0, 30.0]]]> : tensor<1x3x2xf32>
  %y = tensor.empty() : tensor<1x1x2xf32>
  %0:2 = linnet.causal_conv1d ins(%x, %w : tensor<1x1x2xf32>, tensor<2x4xf32>)
                              outs(%y, %s : tensor<1x1x2xf32>, tensor<1x3x2xf32>)
  %ey = arith.constant dense<[[[34.0, 166.0]]]> : tensor<1x1x2xf32>
  check.expect_close %0#0, %ey {max_ulp = 0 : i64} : tensor<1x1x2xf32>
  %es = arith.constant dense<[[[2.0, 20.0], [3.0, 30.0], [5.0, 6.0]]]> : tensor<1x3x2xf32>
  check.expect_close %0#1, %es {max_ulp = 0 : i64} : tensor<1x3x2xf32>
  return
}

// T = 2 in layout bdt.
func.func private @shorter_than_the_state_bdt() {
  %x = arith.constant dense<[[[5.0, 7.0], [6.0, 8.0]]]> : tensor<1x2x2xf32>
  %w = arith.constant dense<[[1.0, 2.0, 3.0, 4.0], [4.0, 3.0, 2.0, 1.0]]> : tensor<2x4xf32>
  %s = arith.constant dense<[[[1.0, 2.0, 3.0], [10.0, 20.0, 30.0]]]> : tensor<1x2x3xf32>
  %y = tensor.empty() : tensor<1x2x2xf32>
  %0:2 = linnet.causal_conv1d ins(%x, %w : tensor<1x2x2xf32>, tensor<2x4xf32>)
                              outs(%y, %s : tensor<1x2x2xf32>, tensor<1x2x3xf32>) {layout = #linnet.layout<bdt>}
  %ey = arith.constant dense<[[[34.0, 51.0], [166.0, 190.0]]]> : tensor<1x2x2xf32>
  check.expect_close %0#0, %ey {max_ulp = 0 : i64} : tensor<1x2x2xf32>
  %es = arith.constant dense<[[[3.0, 5.0, 7.0], [30.0, 6.0, 8.0]]]> : tensor<1x2x3xf32>
  check.expect_close %0#1, %es {max_ulp = 0 : i64} : tensor<1x2x3xf32>
  return
}

// 17 channels: a whole tile and one channel. All inputs are whole numbers.
func.func private @two_batches_17_channels() {
  %x = arith.constant dense<
      [[[-5.0, 0.0, 5.0, -1.0, 4.0, -2.0, 3.0, -3.0, 2.0, -4.0, 1.0, -5.0, 0.0, 5.0, -1.0, 4.0, -2.0],
      [-2.0, 3.0, -3.0, 2.0, -4.0, 1.0, -5.0, 0.0, 5.0, -1.0, 4.0, -2.0, 3.0, -3.0, 2.0, -4.0, 1.0],
      [1.0, -5.0, 0.0, 5.0, -1.0, 4.0, -2.0, 3.0, -3.0, 2.0, -4.0, 1.0, -5.0, 0.0, 5.0, -1.0, 4.0],
      [4.0, -2.0, 3.0, -3.0, 2.0, -4.0, 1.0, -5.0, 0.0, 5.0, -1.0, 4.0, -2.0, 3.0, -3.0, 2.0, -4.0]],
      [[2.0, -4.0, 1.0, -5.0, 0.0, 5.0, -1.0, 4.0, -2.0, 3.0, -3.0, 2.0, -4.0, 1.0, -5.0, 0.0, 5.0],
      [5.0, -1.0, 4.0, -2.0, 3.0, -3.0, 2.0, -4.0, 1.0, -5.0, 0.0, 5.0, -1.0, 4.0, -2.0, 3.0, -3.0],
      [-3.0, 2.0, -4.0, 1.0, -5.0, 0.0, 5.0, -1.0, 4.0, -2.0, 3.0, -3.0, 2.0, -4.0, 1.0, -5.0, 0.0],
      [0.0, 5.0, -1.0, 4.0, -2.0, 3.0, -3.0, 2.0, -4.0, 1.0, -5.0, 0.0, 5.0, -1.0, 4.0, -2.0, 3.0]]]> : tensor<2x4x17xf32>
  %w = arith.constant dense<
      [[-1.0, 0.0, 1.0], [0.0, 1.0, -1.0], [1.0, -1.0, 0.0], [-1.0, 0.0, 1.0], [0.0, 1.0, -1.0], [1.0, -1.0, 0.0],
      [-1.0, 0.0, 1.0], [0.0, 1.0, -1.0], [1.0, -1.0, 0.0], [-1.0, 0.0, 1.0], [0.0, 1.0, -1.0], [1.0, -1.0, 0.0],
      [-1.0, 0.0, 1.0], [0.0, 1.0, -1.0], [1.0, -1.0, 0.0], [-1.0, 0.0, 1.0], [0.0, 1.0, -1.0]]> : tensor<17x3xf32>
  %bias = arith.constant dense<[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0, 13.0, 14.0, 15.0,
      16.0]> : tensor<17xf32>
  %s = arith.constant dense<
      [[[-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0, -3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0, -3.0, -2.0, -1.0],
      [-1.0, 0.0, 1.0, 2.0, 3.0, -3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0, -3.0, -2.0, -1.0, 0.0, 1.0]],
      [[2.0, 3.0, -3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0, -3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0, -3.0],
      [-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0, -3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0, -3.0, -2.0, -1.0]]]> : tensor<2x2x17xf32>
  %y = tensor.empty() : tensor<2x4x17xf32>
  %0:2 = linnet.causal_conv1d ins(%x, %w : tensor<2x4x17xf32>, tensor<17x3xf32>) bias(%bias : tensor<17xf32>)
                              outs(%y, %s : tensor<2x4x17xf32>, tensor<2x2x17xf32>)
  %ey = arith.constant dense<
      [[[-2.0, 1.0, 0.0, 2.0, 3.0, 10.0, 6.0, 9.0, 6.0, 6.0, 11.0, 9.0, 10.0, 6.0, 12.0, 21.0, 19.0],
      [-1.0, -2.0, -2.0, 3.0, 12.0, 4.0, 3.0, 4.0, 6.0, 7.0, 7.0, 19.0, 18.0, 21.0, 14.0, 11.0, 13.0],
      [6.0, 9.0, 10.0, 9.0, 1.0, 2.0, 1.0, 4.0, 5.0, 15.0, 18.0, 8.0, 7.0, 10.0, 11.0, 10.0, 13.0],
      [6.0, -2.0, -1.0, -2.0, 1.0, 2.0, 12.0, 15.0, 16.0, 15.0, 7.0, 8.0, 7.0, 10.0, 11.0, 21.0, 24.0]],
      [[0.0, 3.0, 0.0, 0.0, 5.0, 3.0, 4.0, 0.0, 13.0, 15.0, 13.0, 9.0, 8.0, 15.0, 19.0, 12.0, 10.0],
      [8.0, -2.0, 0.0, 1.0, 1.0, 2.0, 5.0, 15.0, 8.0, 5.0, 7.0, 10.0, 9.0, 10.0, 16.0, 20.0, 24.0],
      [-5.0, -2.0, -1.0, 9.0, 12.0, 13.0, 12.0, 4.0, 5.0, 4.0, 7.0, 8.0, 18.0, 21.0, 11.0, 10.0, 13.0],
      [-5.0, -2.0, 10.0, 9.0, 1.0, 2.0, 1.0, 4.0, 5.0, 15.0, 18.0, 19.0, 18.0, 10.0, 11.0, 10.0, 13.0]]]> : tensor<2x4x17xf32>
  check.expect_close %0#0, %ey {max_ulp = 0 : i64} : tensor<2x4x17xf32>
  %es = arith.constant dense<
      [[[1.0, -5.0, 0.0, 5.0, -1.0, 4.0, -2.0, 3.0, -3.0, 2.0, -4.0, 1.0, -5.0, 0.0, 5.0, -1.0, 4.0],
      [4.0, -2.0, 3.0, -3.0, 2.0, -4.0, 1.0, -5.0, 0.0, 5.0, -1.0, 4.0, -2.0, 3.0, -3.0, 2.0, -4.0]],
      [[-3.0, 2.0, -4.0, 1.0, -5.0, 0.0, 5.0, -1.0, 4.0, -2.0, 3.0, -3.0, 2.0, -4.0, 1.0, -5.0, 0.0],
      [0.0, 5.0, -1.0, 4.0, -2.0, 3.0, -3.0, 2.0, -4.0, 1.0, -5.0, 0.0, 5.0, -1.0, 4.0, -2.0, 3.0]]]> : tensor<2x2x17xf32>
  check.expect_close %0#1, %es {max_ulp = 0 : i64} : tensor<2x2x17xf32>
  return
}

// y / (1 + exp(-y)) of the sums -100, -1, 0, 1, 100 with a single tap: exactly 0 and 100 at the ends; between them
// float64 rounded once, and 3 ULP for exp, the sum and the quotient.
func.func private @silu_bdt() {
  %x = arith.constant dense<[[[-100.0, -1.0, 0.0, 1.0, 100.0]]]> : tensor<1x1x5xf32>
  %w = arith.constant dense<[[0.0, 1.0]]> : tensor<1x2xf32>
  %s = arith.constant dense<9.0> : tensor<1x1x1xf32>
  %y = tensor.empty() : tensor<1x1x5xf32>
  %0:2 = linnet.causal_conv1d ins(%x, %w : tensor<1x1x5xf32>, tensor<1x2xf32>)
                              outs(%y, %s : tensor<1x1x5xf32>, tensor<1x1x1xf32>) {activation = #linnet.activation<silu>, layout = #linnet.layout<bdt>}
  %ey = arith.constant dense<[[[-3.72e-42, -0.26894143, 0.0, 0.7310586, 100.0]]]> : tensor<1x1x5xf32>
  check.expect_close %0#0, %ey {max_ulp = 3 : i64, atol = 1.0e-37 : f64} : tensor<1x1x5xf32>
  %es = arith.constant dense<100.0> : tensor<1x1x1xf32>
  check.expect_close %0#1, %es {max_ulp = 0 : i64} : tensor<1x1x1xf32>
  return
}

// NaN and infinity reach the outputs that see them, in their channel; 0 * infinity is NaN.
func.func private @special_values() {
  %x = arith.constant dense<
      [[[1.0, 0x7F800000, 1.0], [0x7FC00000, 1.0, 1.0], [1.0, 1.0, 1.0], [1.0, 1.0, 1.0]]]> : tensor<1x4x3xf32>
  %w = arith.constant dense<[[1.0, 1.0], [1.0, 1.0], [0.0, 1.0]]> : tensor<3x2xf32>
  %s = arith.constant dense<[[[1.0, 1.0, 0xFF800000]]]> : tensor<1x1x3xf32>
  %y = tensor.empty() : tensor<1x4x3xf32>
  %0:2 = linnet.causal_conv1d ins(%x, %w : tensor<1x4x3xf32>, tensor<3x2xf32>)
                              outs(%y, %s : tensor<1x4x3xf32>, tensor<1x1x3xf32>)
  %ey = arith.constant dense<
      [[[2.0, 0x7F800000, 0x7FC00000], [0x7FC00000, 0x7F800000, 1.0], [0x7FC00000, 2.0, 1.0],
      [2.0, 2.0, 1.0]]]> : tensor<1x4x3xf32>
  check.expect_close %0#0, %ey {max_ulp = 0 : i64} : tensor<1x4x3xf32>
  %es = arith.constant dense<1.0> : tensor<1x1x3xf32>
  check.expect_close %0#1, %es {max_ulp = 0 : i64} : tensor<1x1x3xf32>
  return
}

// Inputs without a formula of their own: multiples of 1/8 in [-5/8, 5/8], from the position.
func.func private @pattern_2x9x33(%seed: index) -> tensor<2x9x33xf32> {
  %0 = tensor.empty() : tensor<2x9x33xf32>
  %1 = linalg.generic {indexing_maps = [affine_map<(b, t, d) -> (b, t, d)>],
                       iterator_types = ["parallel", "parallel", "parallel"]} outs(%0 : tensor<2x9x33xf32>) {
  ^bb0(%out: f32):
    %b = linalg.index 0 : index
    %t = linalg.index 1 : index
    %d = linalg.index 2 : index
    %n = affine.apply affine_map<(b, t, d)[s] -> ((b * 7 + t * 3 + d * 5 + s) mod 11 - 5)>(%b, %t, %d)[%seed]
    %i = arith.index_cast %n : index to i32
    %f = arith.sitofp %i : i32 to f32
    %eighth = arith.constant 0.125 : f32
    %x = arith.mulf %f, %eighth : f32
    linalg.yield %x : f32
  } -> tensor<2x9x33xf32>
  return %1 : tensor<2x9x33xf32>
}

func.func private @pattern_1x33x4(%seed: index) -> tensor<1x33x4xf32> {
  %0 = tensor.empty() : tensor<1x33x4xf32>
  %1 = linalg.generic {indexing_maps = [affine_map<(b, t, d) -> (b, t, d)>],
                       iterator_types = ["parallel", "parallel", "parallel"]} outs(%0 : tensor<1x33x4xf32>) {
  ^bb0(%out: f32):
    %b = linalg.index 0 : index
    %t = linalg.index 1 : index
    %d = linalg.index 2 : index
    %n = affine.apply affine_map<(b, t, d)[s] -> ((b * 7 + t * 3 + d * 5 + s) mod 11 - 5)>(%b, %t, %d)[%seed]
    %i = arith.index_cast %n : index to i32
    %f = arith.sitofp %i : i32 to f32
    %eighth = arith.constant 0.125 : f32
    %x = arith.mulf %f, %eighth : f32
    linalg.yield %x : f32
  } -> tensor<1x33x4xf32>
  return %1 : tensor<1x33x4xf32>
}

func.func private @pattern_2x3x33(%seed: index) -> tensor<2x3x33xf32> {
  %0 = tensor.empty() : tensor<2x3x33xf32>
  %1 = linalg.generic {indexing_maps = [affine_map<(b, t, d) -> (b, t, d)>],
                       iterator_types = ["parallel", "parallel", "parallel"]} outs(%0 : tensor<2x3x33xf32>) {
  ^bb0(%out: f32):
    %b = linalg.index 0 : index
    %t = linalg.index 1 : index
    %d = linalg.index 2 : index
    %n = affine.apply affine_map<(b, t, d)[s] -> ((b * 7 + t * 3 + d * 5 + s) mod 11 - 5)>(%b, %t, %d)[%seed]
    %i = arith.index_cast %n : index to i32
    %f = arith.sitofp %i : i32 to f32
    %eighth = arith.constant 0.125 : f32
    %x = arith.mulf %f, %eighth : f32
    linalg.yield %x : f32
  } -> tensor<2x3x33xf32>
  return %1 : tensor<2x3x33xf32>
}

// s steps, then 9 - s from the state that they leave, are 9 steps, for every s from 0 to 9: bit for bit, also where a
// part is shorter than the state. The lengths are dynamic.
func.func private @split() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c9 = arith.constant 9 : index
  %c10 = arith.constant 10 : index
  %x = call @pattern_2x9x33(%c0) : (index) -> tensor<2x9x33xf32>
  %taps = call @pattern_1x33x4(%c4) : (index) -> tensor<1x33x4xf32>
  %w = tensor.collapse_shape %taps [[0, 1], [2]] : tensor<1x33x4xf32> into tensor<33x4xf32>
  %s = call @pattern_2x3x33(%c9) : (index) -> tensor<2x3x33xf32>
  %y = tensor.empty() : tensor<2x9x33xf32>
  %whole:2 = linnet.causal_conv1d ins(%x, %w : tensor<2x9x33xf32>, tensor<33x4xf32>)
                                  outs(%y, %s : tensor<2x9x33xf32>, tensor<2x3x33xf32>)
                                  {activation = #linnet.activation<silu>}
  scf.for %n1 = %c0 to %c10 step %c1 {
    %n2 = arith.subi %c9, %n1 : index
    %x1 = tensor.extract_slice %x[0, 0, 0] [2, %n1, 33] [1, 1, 1] : tensor<2x9x33xf32> to tensor<2x?x33xf32>
    %y1 = tensor.empty(%n1) : tensor<2x?x33xf32>
    %first:2 = linnet.causal_conv1d ins(%x1, %w : tensor<2x?x33xf32>, tensor<33x4xf32>)
                                    outs(%y1, %s : tensor<2x?x33xf32>, tensor<2x3x33xf32>)
                                    {activation = #linnet.activation<silu>}
    %x2 = tensor.extract_slice %x[0, %n1, 0] [2, %n2, 33] [1, 1, 1] : tensor<2x9x33xf32> to tensor<2x?x33xf32>
    %y2 = tensor.empty(%n2) : tensor<2x?x33xf32>
    %second:2 = linnet.causal_conv1d ins(%x2, %w : tensor<2x?x33xf32>, tensor<33x4xf32>)
                                     outs(%y2, %first#1 : tensor<2x?x33xf32>, tensor<2x3x33xf32>)
                                     {activation = #linnet.activation<silu>}
    %w1 = tensor.extract_slice %whole#0[0, 0, 0] [2, %n1, 33] [1, 1, 1] : tensor<2x9x33xf32> to tensor<2x?x33xf32>
    %w2 = tensor.extract_slice %whole#0[0, %n1, 0] [2, %n2, 33] [1, 1, 1] : tensor<2x9x33xf32> to tensor<2x?x33xf32>
    check.expect_close %first#0, %w1 {max_ulp = 0 : i64} : tensor<2x?x33xf32>
    check.expect_close %second#0, %w2 {max_ulp = 0 : i64} : tensor<2x?x33xf32>
    check.expect_close %second#1, %whole#1 {max_ulp = 0 : i64} : tensor<2x3x33xf32>
  }
  // The initial state was not overwritten.
  %s0 = call @pattern_2x3x33(%c9) : (index) -> tensor<2x3x33xf32>
  check.expect_close %s, %s0 {max_ulp = 0 : i64} : tensor<2x3x33xf32>
  return
}

func.func @main() {
  call @one_hot_last_tap() : () -> ()
  call @one_hot_first_tap() : () -> ()
  call @bias() : () -> ()
  call @shorter_than_the_state() : () -> ()
  call @shorter_than_the_state_bdt() : () -> ()
  call @two_batches_17_channels() : () -> ()
  call @silu_bdt() : () -> ()
  call @special_values() : () -> ()
  call @split() : () -> ()
  return
}
