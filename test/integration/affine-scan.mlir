// linnet.affine_scan gives the same right numbers on the reference path and on the fast path.

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

// CHECK-COUNT-54: elements agree
// CHECK-NOT:      {{agree|differ}}

// h_t = a^t h_0 + b (1 - a^t) / (1 - a) with a = 1/2, b = 1, h_0 = 4; exact in binary. 5 channels: one narrow tile.
func.func private @constant_coefficients() {
  %a = arith.constant dense<0.5> : tensor<1x5x5xf32>
  %b = arith.constant dense<1.0> : tensor<1x5x5xf32>
  %s = arith.constant dense<4.0> : tensor<1x5xf32>
  %h = tensor.empty() : tensor<1x5x5xf32>
  %0:2 = linnet.affine_scan ins(%a, %b : tensor<1x5x5xf32>, tensor<1x5x5xf32>)
                            outs(%h, %s : tensor<1x5x5xf32>, tensor<1x5xf32>) {dimension = 1 : i64}
  %eh = arith.constant dense<
      [[[3.0, 3.0, 3.0, 3.0, 3.0], [2.5, 2.5, 2.5, 2.5, 2.5], [2.25, 2.25, 2.25, 2.25, 2.25],
      [2.125, 2.125, 2.125, 2.125, 2.125], [2.0625, 2.0625, 2.0625, 2.0625, 2.0625]]]> : tensor<1x5x5xf32>
  check.expect_close %0#0, %eh {max_ulp = 0 : i64} : tensor<1x5x5xf32>
  %es = arith.constant dense<2.0625> : tensor<1x5xf32>
  check.expect_close %0#1, %es {max_ulp = 0 : i64} : tensor<1x5xf32>
  return
}

// a = 1: sums. 17 channels: a whole tile and one channel.
func.func private @cumulative_sum() {
  %a = arith.constant dense<1.0> : tensor<1x4x17xf32>
  %b = arith.constant dense<
      [[[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0, 13.0, 14.0, 15.0, 16.0],
      [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0, 13.0, 14.0, 15.0, 16.0],
      [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0, 13.0, 14.0, 15.0, 16.0],
      [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0, 13.0, 14.0, 15.0, 16.0]]]> : tensor<1x4x17xf32>
  %s = arith.constant dense<0.0> : tensor<1x17xf32>
  %h = tensor.empty() : tensor<1x4x17xf32>
  %0:2 = linnet.affine_scan ins(%a, %b : tensor<1x4x17xf32>, tensor<1x4x17xf32>)
                            outs(%h, %s : tensor<1x4x17xf32>, tensor<1x17xf32>) {dimension = 1 : i64}
  %eh = arith.constant dense<
      [[[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0, 13.0, 14.0, 15.0, 16.0],
      [0.0, 2.0, 4.0, 6.0, 8.0, 10.0, 12.0, 14.0, 16.0, 18.0, 20.0, 22.0, 24.0, 26.0, 28.0, 30.0, 32.0],
      [0.0, 3.0, 6.0, 9.0, 12.0, 15.0, 18.0, 21.0, 24.0, 27.0, 30.0, 33.0, 36.0, 39.0, 42.0, 45.0, 48.0],
      [0.0, 4.0, 8.0, 12.0, 16.0, 20.0, 24.0, 28.0, 32.0, 36.0, 40.0, 44.0, 48.0, 52.0, 56.0, 60.0, 64.0]]]> : tensor<1x4x17xf32>
  check.expect_close %0#0, %eh {max_ulp = 0 : i64} : tensor<1x4x17xf32>
  %es = arith.constant dense<
      [[0.0, 4.0, 8.0, 12.0, 16.0, 20.0, 24.0, 28.0, 32.0, 36.0, 40.0, 44.0, 48.0, 52.0, 56.0, 60.0, 64.0]]> : tensor<1x17xf32>
  check.expect_close %0#1, %es {max_ulp = 0 : i64} : tensor<1x17xf32>
  return
}

// One step: h = 2 s + b.
func.func private @length_1() {
  %a = arith.constant dense<2.0> : tensor<1x1x3xf32>
  %b = arith.constant dense<[[[1.0, 2.0, 3.0]]]> : tensor<1x1x3xf32>
  %s = arith.constant dense<[[10.0, 20.0, 30.0]]> : tensor<1x3xf32>
  %h = tensor.empty() : tensor<1x1x3xf32>
  %0:2 = linnet.affine_scan ins(%a, %b : tensor<1x1x3xf32>, tensor<1x1x3xf32>)
                            outs(%h, %s : tensor<1x1x3xf32>, tensor<1x3xf32>) {dimension = 1 : i64}
  %eh = arith.constant dense<[[[21.0, 42.0, 63.0]]]> : tensor<1x1x3xf32>
  check.expect_close %0#0, %eh {max_ulp = 0 : i64} : tensor<1x1x3xf32>
  %es = arith.constant dense<[[21.0, 42.0, 63.0]]> : tensor<1x3xf32>
  check.expect_close %0#1, %es {max_ulp = 0 : i64} : tensor<1x3xf32>
  return
}

// By hand: batch 0, channel 0 is 1 * 1 + 1 = 2, 3 * 2 + 2 = 8, 5 * 8 + 3 = 43.
func.func private @two_batches() {
  %a = arith.constant dense<
      [[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]],
      [[-1.0, 0.5], [2.0, -2.0], [0.0, 1.0]]]> : tensor<2x3x2xf32>
  %b = arith.constant dense<
      [[[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]],
      [[4.0, 4.0], [5.0, 5.0], [6.0, 6.0]]]> : tensor<2x3x2xf32>
  %s = arith.constant dense<[[1.0, -1.0], [0.0, 2.0]]> : tensor<2x2xf32>
  %h = tensor.empty() : tensor<2x3x2xf32>
  %0:2 = linnet.affine_scan ins(%a, %b : tensor<2x3x2xf32>, tensor<2x3x2xf32>)
                            outs(%h, %s : tensor<2x3x2xf32>, tensor<2x2xf32>) {dimension = 1 : i64}
  %eh = arith.constant dense<
      [[[2.0, -1.0], [8.0, -2.0], [43.0, -9.0]],
      [[4.0, 5.0], [13.0, -5.0], [6.0, 1.0]]]> : tensor<2x3x2xf32>
  check.expect_close %0#0, %eh {max_ulp = 0 : i64} : tensor<2x3x2xf32>
  %es = arith.constant dense<[[43.0, -9.0], [6.0, 1.0]]> : tensor<2x2xf32>
  check.expect_close %0#1, %es {max_ulp = 0 : i64} : tensor<2x2xf32>
  return
}

// From the last step to the first: batch 0, channel 0 is 5 * 1 + 3 = 8, 3 * 8 + 2 = 26, 1 * 26 + 1 = 27.
func.func private @reverse() {
  %a = arith.constant dense<
      [[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]],
      [[-1.0, 0.5], [2.0, -2.0], [0.0, 1.0]]]> : tensor<2x3x2xf32>
  %b = arith.constant dense<
      [[[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]],
      [[4.0, 4.0], [5.0, 5.0], [6.0, 6.0]]]> : tensor<2x3x2xf32>
  %s = arith.constant dense<[[1.0, -1.0], [0.0, 2.0]]> : tensor<2x2xf32>
  %h = tensor.empty() : tensor<2x3x2xf32>
  %0:2 = linnet.affine_scan ins(%a, %b : tensor<2x3x2xf32>, tensor<2x3x2xf32>)
                            outs(%h, %s : tensor<2x3x2xf32>, tensor<2x2xf32>) {dimension = 1 : i64, reverse}
  %eh = arith.constant dense<
      [[[27.0, -19.0], [26.0, -10.0], [8.0, -3.0]],
      [[-13.0, -1.5], [17.0, -11.0], [6.0, 8.0]]]> : tensor<2x3x2xf32>
  check.expect_close %0#0, %eh {max_ulp = 0 : i64} : tensor<2x3x2xf32>
  %es = arith.constant dense<[[27.0, -19.0], [-13.0, -1.5]]> : tensor<2x2xf32>
  check.expect_close %0#1, %es {max_ulp = 0 : i64} : tensor<2x2xf32>
  return
}

// The same numbers with time last,
func.func private @last_dimension() {
  %a = arith.constant dense<
      [[[1.0, 3.0, 5.0], [2.0, 4.0, 6.0]],
      [[-1.0, 2.0, 0.0], [0.5, -2.0, 1.0]]]> : tensor<2x2x3xf32>
  %b = arith.constant dense<
      [[[1.0, 2.0, 3.0], [1.0, 2.0, 3.0]],
      [[4.0, 5.0, 6.0], [4.0, 5.0, 6.0]]]> : tensor<2x2x3xf32>
  %s = arith.constant dense<[[1.0, -1.0], [0.0, 2.0]]> : tensor<2x2xf32>
  %h = tensor.empty() : tensor<2x2x3xf32>
  %0:2 = linnet.affine_scan ins(%a, %b : tensor<2x2x3xf32>, tensor<2x2x3xf32>)
                            outs(%h, %s : tensor<2x2x3xf32>, tensor<2x2xf32>) {dimension = 2 : i64}
  %eh = arith.constant dense<
      [[[2.0, 8.0, 43.0], [-1.0, -2.0, -9.0]],
      [[4.0, 13.0, 6.0], [5.0, -5.0, 1.0]]]> : tensor<2x2x3xf32>
  check.expect_close %0#0, %eh {max_ulp = 0 : i64} : tensor<2x2x3xf32>
  %es = arith.constant dense<[[43.0, -9.0], [6.0, 1.0]]> : tensor<2x2xf32>
  check.expect_close %0#1, %es {max_ulp = 0 : i64} : tensor<2x2xf32>
  return
}

// and with time first, reversed.
func.func private @first_dimension_reverse() {
  %a = arith.constant dense<
      [[[1.0, 2.0], [-1.0, 0.5]],
      [[3.0, 4.0], [2.0, -2.0]],
      [[5.0, 6.0], [0.0, 1.0]]]> : tensor<3x2x2xf32>
  %b = arith.constant dense<
      [[[1.0, 1.0], [4.0, 4.0]],
      [[2.0, 2.0], [5.0, 5.0]],
      [[3.0, 3.0], [6.0, 6.0]]]> : tensor<3x2x2xf32>
  %s = arith.constant dense<[[1.0, -1.0], [0.0, 2.0]]> : tensor<2x2xf32>
  %h = tensor.empty() : tensor<3x2x2xf32>
  %0:2 = linnet.affine_scan ins(%a, %b : tensor<3x2x2xf32>, tensor<3x2x2xf32>)
                            outs(%h, %s : tensor<3x2x2xf32>, tensor<2x2xf32>) {dimension = 0 : i64, reverse}
  %eh = arith.constant dense<
      [[[27.0, -19.0], [-13.0, -1.5]],
      [[26.0, -10.0], [17.0, -11.0]],
      [[8.0, -3.0], [6.0, 8.0]]]> : tensor<3x2x2xf32>
  check.expect_close %0#0, %eh {max_ulp = 0 : i64} : tensor<3x2x2xf32>
  %es = arith.constant dense<[[27.0, -19.0], [-13.0, -1.5]]> : tensor<2x2xf32>
  check.expect_close %0#1, %es {max_ulp = 0 : i64} : tensor<2x2xf32>
  return
}

// a = 0 forgets; NaN and infinity stay in their channel; 0 * infinity and infinity - infinity are NaN.
func.func private @special_values() {
  %a = arith.constant dense<[[0.0, 1.0, 1.0, 0.0, -0.0], [1.0, 1.0, 2.0, 1.0, 1.0]]> : tensor<2x5xf32>
  %b = arith.constant dense<
      [[3.0, 0x7FC00000, 0x7F800000, -0.0, -0.0], [1.0, 0.0, 0xFF800000, 0.0, 1.0]]> : tensor<2x5xf32>
  %s = arith.constant dense<[7.0, 1.0, 1.0, 0x7F800000, 0.0]> : tensor<5xf32>
  %h = tensor.empty() : tensor<2x5xf32>
  %0:2 = linnet.affine_scan ins(%a, %b : tensor<2x5xf32>, tensor<2x5xf32>)
                            outs(%h, %s : tensor<2x5xf32>, tensor<5xf32>) {dimension = 0 : i64}
  %eh = arith.constant dense<
      [[3.0, 0x7FC00000, 0x7F800000, 0x7FC00000, -0.0],
      [4.0, 0x7FC00000, 0x7FC00000, 0x7FC00000, 1.0]]> : tensor<2x5xf32>
  check.expect_close %0#0, %eh {max_ulp = 0 : i64} : tensor<2x5xf32>
  %es = arith.constant dense<[4.0, 0x7FC00000, 0x7FC00000, 0x7FC00000, 1.0]> : tensor<5xf32>
  check.expect_close %0#1, %es {max_ulp = 0 : i64} : tensor<5xf32>
  return
}

// Complex pairs: a = i turns by a quarter: h = i h + 1 from 0 is 1, 1 + i, i, 0 over and over; a = 1 + i by hand: 1,
// 2 + i, 2 + 3 i, 5 i, -4 + 5 i.
func.func private @complex() {
  %a = arith.constant dense<
      [[[0.0, 1.0], [1.0, 1.0]],
      [[0.0, 1.0], [1.0, 1.0]],
      [[0.0, 1.0], [1.0, 1.0]],
      [[0.0, 1.0], [1.0, 1.0]],
      [[0.0, 1.0], [1.0, 1.0]]]> : tensor<5x2x2xf32>
  %b = arith.constant dense<
      [[[1.0, 0.0], [1.0, 0.0]],
      [[1.0, 0.0], [1.0, 0.0]],
      [[1.0, 0.0], [1.0, 0.0]],
      [[1.0, 0.0], [1.0, 0.0]],
      [[1.0, 0.0], [1.0, 0.0]]]> : tensor<5x2x2xf32>
  %s = arith.constant dense<0.0> : tensor<2x2xf32>
  %h = tensor.empty() : tensor<5x2x2xf32>
  %0:2 = linnet.affine_scan ins(%a, %b : tensor<5x2x2xf32>, tensor<5x2x2xf32>)
                            outs(%h, %s : tensor<5x2x2xf32>, tensor<2x2xf32>) {dimension = 0 : i64, complex}
  %eh = arith.constant dense<
      [[[1.0, 0.0], [1.0, 0.0]],
      [[1.0, 1.0], [2.0, 1.0]],
      [[0.0, 1.0], [2.0, 3.0]],
      [[0.0, 0.0], [0.0, 5.0]],
      [[1.0, 0.0], [-4.0, 5.0]]]> : tensor<5x2x2xf32>
  check.expect_close %0#0, %eh {max_ulp = 0 : i64} : tensor<5x2x2xf32>
  %es = arith.constant dense<[[1.0, 0.0], [-4.0, 5.0]]> : tensor<2x2xf32>
  check.expect_close %0#1, %es {max_ulp = 0 : i64} : tensor<2x2xf32>
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

// s steps, then 9 - s from the state that they leave, are 9 steps, for every s from 0 to 9: bit for bit, as no step is
// computed differently. The lengths are dynamic.
func.func private @split() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c9 = arith.constant 9 : index
  %c10 = arith.constant 10 : index
  %a = call @pattern_2x9x33(%c0) : (index) -> tensor<2x9x33xf32>
  %b = call @pattern_2x9x33(%c4) : (index) -> tensor<2x9x33xf32>
  %s = arith.constant dense<0.75> : tensor<2x33xf32>
  %h = tensor.empty() : tensor<2x9x33xf32>
  %whole:2 = linnet.affine_scan ins(%a, %b : tensor<2x9x33xf32>, tensor<2x9x33xf32>)
                                outs(%h, %s : tensor<2x9x33xf32>, tensor<2x33xf32>) {dimension = 1 : i64}
  scf.for %n1 = %c0 to %c10 step %c1 {
    %n2 = arith.subi %c9, %n1 : index
    %a1 = tensor.extract_slice %a[0, 0, 0] [2, %n1, 33] [1, 1, 1] : tensor<2x9x33xf32> to tensor<2x?x33xf32>
    %b1 = tensor.extract_slice %b[0, 0, 0] [2, %n1, 33] [1, 1, 1] : tensor<2x9x33xf32> to tensor<2x?x33xf32>
    %h1 = tensor.empty(%n1) : tensor<2x?x33xf32>
    %first:2 = linnet.affine_scan ins(%a1, %b1 : tensor<2x?x33xf32>, tensor<2x?x33xf32>)
                                  outs(%h1, %s : tensor<2x?x33xf32>, tensor<2x33xf32>) {dimension = 1 : i64}
    %a2 = tensor.extract_slice %a[0, %n1, 0] [2, %n2, 33] [1, 1, 1] : tensor<2x9x33xf32> to tensor<2x?x33xf32>
    %b2 = tensor.extract_slice %b[0, %n1, 0] [2, %n2, 33] [1, 1, 1] : tensor<2x9x33xf32> to tensor<2x?x33xf32>
    %h2 = tensor.empty(%n2) : tensor<2x?x33xf32>
    %second:2 = linnet.affine_scan ins(%a2, %b2 : tensor<2x?x33xf32>, tensor<2x?x33xf32>)
                                   outs(%h2, %first#1 : tensor<2x?x33xf32>, tensor<2x33xf32>) {dimension = 1 : i64}
    %w1 = tensor.extract_slice %whole#0[0, 0, 0] [2, %n1, 33] [1, 1, 1] : tensor<2x9x33xf32> to tensor<2x?x33xf32>
    %w2 = tensor.extract_slice %whole#0[0, %n1, 0] [2, %n2, 33] [1, 1, 1] : tensor<2x9x33xf32> to tensor<2x?x33xf32>
    check.expect_close %first#0, %w1 {max_ulp = 0 : i64} : tensor<2x?x33xf32>
    check.expect_close %second#0, %w2 {max_ulp = 0 : i64} : tensor<2x?x33xf32>
    check.expect_close %second#1, %whole#1 {max_ulp = 0 : i64} : tensor<2x33xf32>
  }
  // The initial state was not overwritten.
  %s0 = arith.constant dense<0.75> : tensor<2x33xf32>
  check.expect_close %s, %s0 {max_ulp = 0 : i64} : tensor<2x33xf32>
  return
}

// One lane and 40000 steps, so that the fast path cuts time: h_t = t + 1 from a = b = 1, 40000 - t reversed, and h = 2
// everywhere from a = 0, b = 2. Sums of whole numbers are exact in any order.
func.func private @one_lane() {
  %one = arith.constant dense<1.0> : tensor<40000x1xf32>
  %zero = arith.constant dense<0.0> : tensor<40000x1xf32>
  %two = arith.constant dense<2.0> : tensor<40000x1xf32>
  %s = arith.constant dense<0.0> : tensor<1xf32>
  %e = tensor.empty() : tensor<40000x1xf32>
  %ascending = linalg.generic {indexing_maps = [affine_map<(t, d) -> (t, d)>], iterator_types = ["parallel", "parallel"]}
      outs(%e : tensor<40000x1xf32>) {
  ^bb0(%out: f32):
    %t = linalg.index 0 : index
    %n = affine.apply affine_map<(t) -> (t + 1)>(%t)
    %i = arith.index_cast %n : index to i32
    %x = arith.sitofp %i : i32 to f32
    linalg.yield %x : f32
  } -> tensor<40000x1xf32>
  %descending = linalg.generic {indexing_maps = [affine_map<(t, d) -> (t, d)>], iterator_types = ["parallel", "parallel"]}
      outs(%e : tensor<40000x1xf32>) {
  ^bb0(%out: f32):
    %t = linalg.index 0 : index
    %n = affine.apply affine_map<(t) -> (40000 - t)>(%t)
    %i = arith.index_cast %n : index to i32
    %x = arith.sitofp %i : i32 to f32
    linalg.yield %x : f32
  } -> tensor<40000x1xf32>
  %0:2 = linnet.affine_scan ins(%one, %one : tensor<40000x1xf32>, tensor<40000x1xf32>)
                            outs(%e, %s : tensor<40000x1xf32>, tensor<1xf32>) {dimension = 0 : i64}
  check.expect_close %0#0, %ascending {max_ulp = 0 : i64} : tensor<40000x1xf32>
  %1:2 = linnet.affine_scan ins(%one, %one : tensor<40000x1xf32>, tensor<40000x1xf32>)
                            outs(%e, %s : tensor<40000x1xf32>, tensor<1xf32>) {dimension = 0 : i64, reverse}
  check.expect_close %1#0, %descending {max_ulp = 0 : i64} : tensor<40000x1xf32>
  %2:2 = linnet.affine_scan ins(%zero, %two : tensor<40000x1xf32>, tensor<40000x1xf32>)
                            outs(%e, %s : tensor<40000x1xf32>, tensor<1xf32>) {dimension = 0 : i64}
  check.expect_close %2#0, %two {max_ulp = 0 : i64} : tensor<40000x1xf32>
  %last = arith.constant dense<40000.0> : tensor<1xf32>
  check.expect_close %0#1, %last {max_ulp = 0 : i64} : tensor<1xf32>
  check.expect_close %1#1, %last {max_ulp = 0 : i64} : tensor<1xf32>
  return
}

func.func @main() {
  call @constant_coefficients() : () -> ()
  call @cumulative_sum() : () -> ()
  call @length_1() : () -> ()
  call @two_batches() : () -> ()
  call @reverse() : () -> ()
  call @last_dimension() : () -> ()
  call @first_dimension_reverse() : () -> ()
  call @special_values() : () -> ()
  call @complex() : () -> ()
  call @split() : () -> ()
  call @one_lane() : () -> ()
  return
}
