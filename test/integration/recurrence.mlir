// linnet.recurrence gives the same right numbers on the reference path and on the fast path. Expected values are those
// of a loop over time in numpy that does what docs/spec/scan.md says, mostly on whole numbers, which are exact in any
// order.

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

// CHECK-COUNT-44: elements agree
// CHECK-NOT:      {{agree|differ}}

// c = relu(c / 2 + x) and y = the state before, with time first, last and in the middle, few lanes and many, both ways.
// In multiples of 1/64 nothing is rounded.
func.func private @relu() {
  %half = arith.constant 0.5 : f32
  %zero = arith.constant 0.0 : f32
  %x_first = arith.constant dense<
      [[0.0, 0.0, 4.0, 8.0, -8.0, -6.0, 5.0, 8.0, -4.0, -3.0, 6.0, -1.0, -4.0, 6.0, -4.0, -2.0,
      2.0], [1.0, -7.0, -8.0, 6.0, 4.0, 6.0, 1.0, 5.0, -3.0, -1.0, 5.0, -6.0, -3.0, -6.0, -1.0,
      8.0, -6.0], [-2.0, -2.0, 7.0, -5.0, 0.0, -4.0, -8.0, 4.0, -7.0, -4.0, 0.0, 0.0, -7.0, 8.0,
      4.0, 8.0, -7.0], [4.0, -4.0, 1.0, 7.0, -4.0, 4.0, -6.0, -3.0, 8.0, -1.0, 0.0, -4.0, -7.0,
      -1.0, 2.0, -1.0, 5.0]]> : tensor<4x17xf32>
  %s_first = arith.constant dense<
      [3.0, 5.0, 6.0, 8.0, 3.0, 0.0, 6.0, 4.0, 7.0, 4.0, 3.0, 0.0, 4.0, 5.0, 6.0, 7.0, 1.0]> : tensor<17xf32>
  %y_first = tensor.empty() : tensor<4x17xf32>
  %r0:2 = linnet.recurrence ins(%x_first : tensor<4x17xf32>) outs(%y_first : tensor<4x17xf32>)
      states(%s_first : tensor<17xf32>) {dimension = 0 : i64} step {
  ^bb0(%c: f32, %v: f32):
    %p = arith.mulf %half, %c : f32
    %q = arith.addf %p, %v : f32
    %next = arith.maximumf %q, %zero : f32
    linnet.yield %next, %c : f32, f32
  }
  %e1 = arith.constant dense<
      [[3.0, 5.0, 6.0, 8.0, 3.0, 0.0, 6.0, 4.0, 7.0, 4.0, 3.0, 0.0, 4.0, 5.0, 6.0, 7.0, 1.0],
      [1.5, 2.5, 7.0, 12.0, 0.0, 0.0, 8.0, 10.0, 0.0, 0.0, 7.5, 0.0, 0.0, 8.5, 0.0, 1.5, 2.5],
      [1.75, 0.0, 0.0, 12.0, 4.0, 6.0, 5.0, 10.0, 0.0, 0.0, 8.75, 0.0, 0.0, 0.0, 0.0, 8.75, 0.0],
      [0.0, 0.0, 7.0, 1.0, 2.0, 0.0, 0.0, 9.0, 0.0, 0.0, 4.375, 0.0, 0.0, 8.0, 4.0, 12.375, 0.0]]> : tensor<4x17xf32>
  check.expect_close %r0#0, %e1 {max_ulp = 0 : i64} : tensor<4x17xf32>
  %e2 = arith.constant dense<
      [4.0, 0.0, 4.5, 7.5, 0.0, 4.0, 0.0, 1.5, 8.0, 0.0, 2.1875, 0.0, 0.0, 3.0, 4.0, 5.1875, 5.0]> : tensor<17xf32>
  check.expect_close %r0#1, %e2 {max_ulp = 0 : i64} : tensor<17xf32>
  %r1:2 = linnet.recurrence ins(%x_first : tensor<4x17xf32>) outs(%y_first : tensor<4x17xf32>)
      states(%s_first : tensor<17xf32>) {dimension = 0 : i64, reverse} step {
  ^bb0(%c: f32, %v: f32):
    %p = arith.mulf %half, %c : f32
    %q = arith.addf %p, %v : f32
    %next = arith.maximumf %q, %zero : f32
    linnet.yield %next, %c : f32, f32
  }
  %e3 = arith.constant dense<
      [[1.375, 0.0, 0.0, 6.25, 4.0, 6.0, 1.0, 7.0, 0.0, 0.0, 5.375, 0.0, 0.0, 0.0, 2.25, 12.625,
      0.0], [0.75, 0.0, 9.0, 0.5, 0.0, 0.0, 0.0, 4.0, 0.0, 0.0, 0.75, 0.0, 0.0, 8.75, 6.5, 9.25,
      0.0], [5.5, 0.0, 4.0, 11.0, 0.0, 4.0, 0.0, 0.0, 11.5, 1.0, 1.5, 0.0, 0.0, 1.5, 5.0, 2.5,
      5.5], [3.0, 5.0, 6.0, 8.0, 3.0, 0.0, 6.0, 4.0, 7.0, 4.0, 3.0, 0.0, 4.0, 5.0, 6.0, 7.0, 1.0]]> : tensor<4x17xf32>
  check.expect_close %r1#0, %e3 {max_ulp = 0 : i64} : tensor<4x17xf32>
  %e4 = arith.constant dense<
      [0.6875, 0.0, 4.0, 11.125, 0.0, 0.0, 5.5, 11.5, 0.0, 0.0, 8.6875, 0.0, 0.0, 6.0, 0.0,
      4.3125, 2.0]> : tensor<17xf32>
  check.expect_close %r1#1, %e4 {max_ulp = 0 : i64} : tensor<17xf32>
  %x_last = arith.constant dense<
      [[2.0, 5.0, -4.0, -3.0, 6.0, 1.0], [0.0, 3.0, 0.0, 8.0, 4.0, -8.0]]> : tensor<2x6xf32>
  %s_last = arith.constant dense<[1.0, 4.0]> : tensor<2xf32>
  %y_last = tensor.empty() : tensor<2x6xf32>
  %r2:2 = linnet.recurrence ins(%x_last : tensor<2x6xf32>) outs(%y_last : tensor<2x6xf32>)
      states(%s_last : tensor<2xf32>) {dimension = 1 : i64} step {
  ^bb0(%c: f32, %v: f32):
    %p = arith.mulf %half, %c : f32
    %q = arith.addf %p, %v : f32
    %next = arith.maximumf %q, %zero : f32
    linnet.yield %next, %c : f32, f32
  }
  %e5 = arith.constant dense<[[1.0, 2.5, 6.25, 0.0, 0.0, 6.0], [4.0, 2.0, 4.0, 2.0, 9.0, 8.5]]> : tensor<2x6xf32>
  check.expect_close %r2#0, %e5 {max_ulp = 0 : i64} : tensor<2x6xf32>
  %e6 = arith.constant dense<[4.0, 0.0]> : tensor<2xf32>
  check.expect_close %r2#1, %e6 {max_ulp = 0 : i64} : tensor<2xf32>
  %r3:2 = linnet.recurrence ins(%x_last : tensor<2x6xf32>) outs(%y_last : tensor<2x6xf32>)
      states(%s_last : tensor<2xf32>) {dimension = 1 : i64, reverse} step {
  ^bb0(%c: f32, %v: f32):
    %p = arith.mulf %half, %c : f32
    %q = arith.addf %p, %v : f32
    %next = arith.maximumf %q, %zero : f32
    linnet.yield %next, %c : f32, f32
  }
  %e7 = arith.constant dense<[[5.0, 0.0, 0.375, 6.75, 1.5, 1.0], [5.5, 5.0, 10.0, 4.0, 0.0, 4.0]]> : tensor<2x6xf32>
  check.expect_close %r3#0, %e7 {max_ulp = 0 : i64} : tensor<2x6xf32>
  %e8 = arith.constant dense<[4.5, 2.75]> : tensor<2xf32>
  check.expect_close %r3#1, %e8 {max_ulp = 0 : i64} : tensor<2xf32>
  %x_middle = arith.constant dense<
      [[[5.0, -7.0], [3.0, 4.0], [5.0, 6.0]], [[-5.0, 1.0], [5.0, -2.0], [-5.0, 0.0]]]> : tensor<2x3x2xf32>
  %s_middle = arith.constant dense<[[0.0, 1.0], [7.0, 6.0]]> : tensor<2x2xf32>
  %y_middle = tensor.empty() : tensor<2x3x2xf32>
  %r4:2 = linnet.recurrence ins(%x_middle : tensor<2x3x2xf32>) outs(%y_middle : tensor<2x3x2xf32>)
      states(%s_middle : tensor<2x2xf32>) {dimension = 1 : i64} step {
  ^bb0(%c: f32, %v: f32):
    %p = arith.mulf %half, %c : f32
    %q = arith.addf %p, %v : f32
    %next = arith.maximumf %q, %zero : f32
    linnet.yield %next, %c : f32, f32
  }
  %e9 = arith.constant dense<
      [[[0.0, 1.0], [5.0, 0.0], [5.5, 4.0]], [[7.0, 6.0], [0.0, 4.0], [5.0, 0.0]]]> : tensor<2x3x2xf32>
  check.expect_close %r4#0, %e9 {max_ulp = 0 : i64} : tensor<2x3x2xf32>
  %e10 = arith.constant dense<[[7.75, 8.0], [0.0, 0.0]]> : tensor<2x2xf32>
  check.expect_close %r4#1, %e10 {max_ulp = 0 : i64} : tensor<2x2xf32>
  %r5:2 = linnet.recurrence ins(%x_middle : tensor<2x3x2xf32>) outs(%y_middle : tensor<2x3x2xf32>)
      states(%s_middle : tensor<2x2xf32>) {dimension = 1 : i64, reverse} step {
  ^bb0(%c: f32, %v: f32):
    %p = arith.mulf %half, %c : f32
    %q = arith.addf %p, %v : f32
    %next = arith.maximumf %q, %zero : f32
    linnet.yield %next, %c : f32, f32
  }
  %e11 = arith.constant dense<
      [[[5.5, 7.25], [5.0, 6.5], [0.0, 1.0]], [[5.0, 0.0], [0.0, 3.0], [7.0, 6.0]]]> : tensor<2x3x2xf32>
  check.expect_close %r5#0, %e11 {max_ulp = 0 : i64} : tensor<2x3x2xf32>
  %e12 = arith.constant dense<[[7.75, 0.0], [0.0, 1.0]]> : tensor<2x2xf32>
  check.expect_close %r5#1, %e12 {max_ulp = 0 : i64} : tensor<2x2xf32>
  %x_only = arith.constant dense<[6.0, 6.0, 6.0, -3.0, 0.0]> : tensor<5xf32>
  %s_only = arith.constant dense<5.0> : tensor<f32>
  %y_only = tensor.empty() : tensor<5xf32>
  %r6:2 = linnet.recurrence ins(%x_only : tensor<5xf32>) outs(%y_only : tensor<5xf32>)
      states(%s_only : tensor<f32>) {dimension = 0 : i64} step {
  ^bb0(%c: f32, %v: f32):
    %p = arith.mulf %half, %c : f32
    %q = arith.addf %p, %v : f32
    %next = arith.maximumf %q, %zero : f32
    linnet.yield %next, %c : f32, f32
  }
  %e13 = arith.constant dense<[5.0, 8.5, 10.25, 11.125, 2.5625]> : tensor<5xf32>
  check.expect_close %r6#0, %e13 {max_ulp = 0 : i64} : tensor<5xf32>
  %e14 = arith.constant dense<1.28125> : tensor<f32>
  check.expect_close %r6#1, %e14 {max_ulp = 0 : i64} : tensor<f32>
  %r7:2 = linnet.recurrence ins(%x_only : tensor<5xf32>) outs(%y_only : tensor<5xf32>)
      states(%s_only : tensor<f32>) {dimension = 0 : i64, reverse} step {
  ^bb0(%c: f32, %v: f32):
    %p = arith.mulf %half, %c : f32
    %q = arith.addf %p, %v : f32
    %next = arith.maximumf %q, %zero : f32
    linnet.yield %next, %c : f32, f32
  }
  %e15 = arith.constant dense<[9.0, 6.0, 0.0, 2.5, 5.0]> : tensor<5xf32>
  check.expect_close %r7#0, %e15 {max_ulp = 0 : i64} : tensor<5xf32>
  %e16 = arith.constant dense<10.5> : tensor<f32>
  check.expect_close %r7#1, %e16 {max_ulp = 0 : i64} : tensor<f32>
  return
}

// Two inputs, two states of different types and no output: sum of products where the second is positive, and how many.
func.func private @states_only() {
  %a = arith.constant dense<
      [[-2.0, 4.0, -4.0, 3.0, 1.0, -2.0, 2.0, -1.0, 3.0], [4.0, -2.0, 0.0, -3.0, 2.0, 1.0, 3.0,
      3.0, 4.0], [4.0, 4.0, -3.0, -4.0, 0.0, -1.0, 4.0, 3.0, -1.0], [1.0, 1.0, 4.0, -4.0, 0.0,
      2.0, 0.0, 4.0, 4.0], [3.0, 0.0, 3.0, -4.0, 1.0, -2.0, -2.0, 2.0, 2.0], [3.0, -3.0, 3.0, 3.0,
      -2.0, -4.0, 2.0, 3.0, 0.0]]> : tensor<6x9xf32>
  %b = arith.constant dense<
      [[-3.0, -3.0, -1.0, 2.0, -2.0, -4.0, 2.0, 2.0, -3.0], [1.0, -1.0, 0.0, -4.0, 1.0, -2.0, 0.0,
      -1.0, 1.0], [-4.0, -1.0, 1.0, 2.0, -1.0, -4.0, 2.0, 0.0, 1.0], [-3.0, -1.0, 3.0, 3.0, -2.0,
      1.0, -4.0, 3.0, -2.0], [-1.0, 4.0, 0.0, 3.0, -3.0, 2.0, 4.0, -4.0, -2.0], [-3.0, -2.0, -2.0,
      -4.0, 4.0, -2.0, 4.0, 2.0, -3.0]]> : tensor<6x9xf64>
  %s = arith.constant dense<0.5> : tensor<9xf64>
  %n = arith.constant dense<10.0> : tensor<9xf32>
  %r0:2 = linnet.recurrence ins(%a, %b : tensor<6x9xf32>, tensor<6x9xf64>)
      states(%s, %n : tensor<9xf64>, tensor<9xf32>) {dimension = 0 : i64} step {
  ^bb0(%s0: f64, %n0: f32, %u: f32, %v: f64):
    %zero = arith.constant 0.0 : f64
    %one = arith.constant 1.0 : f32
    %positive = arith.cmpf ogt, %v, %zero : f64
    %wide = arith.extf %u : f32 to f64
    %product = arith.mulf %wide, %v : f64
    %sum = arith.addf %s0, %product : f64
    %more = arith.addf %n0, %one : f32
    %s1 = arith.select %positive, %sum, %s0 : f64
    %n1 = arith.select %positive, %more, %n0 : f32
    linnet.yield %s1, %n1 : f64, f32
  }
  %e17 = arith.constant dense<[4.5, 0.5, 9.5, -25.5, -5.5, -1.5, 12.5, 16.5, 3.5]> : tensor<9xf64>
  check.expect_close %r0#0, %e17 {max_ulp = 0 : i64} : tensor<9xf64>
  %e18 = arith.constant dense<[11.0, 11.0, 12.0, 14.0, 12.0, 12.0, 14.0, 13.0, 12.0]> : tensor<9xf32>
  check.expect_close %r0#1, %e18 {max_ulp = 0 : i64} : tensor<9xf32>
  return
}

// The almost-linear RNN: z = A z + W phi(z) + h, with phi the identity on the first 2 entries and relu on the last 2.
// The state is a vector, A and W come from outside, h is the input. Three sequences; from numpy in float64, step by
// step:
//   z = A * z + W @ np.where(np.arange(4) < 2, z, np.maximum(z, 0)) + h[b, t]
func.func private @almost_linear_rnn() {
  %A = arith.constant dense<[0.296875, 0.46875, 0.5, 0.671875]> : tensor<4xf32>
  %W = arith.constant dense<
      [[-0.09375, 0.171875, 0.671875, 0.453125], [-0.265625, -0.109375, -0.265625, -0.78125],
      [-0.59375, -0.4375, -0.375, -0.375], [0.15625, 0.9375, 0.546875, 0.578125]]> : tensor<4x4xf32>
  %h = arith.constant dense<
      [[[0.5, 0.25, 0.875, 0.375], [0.0, -0.875, -0.0, -0.625], [-0.75, 0.0, 0.625, -0.375], [0.5,
      0.0, -0.75, 0.875], [-0.25, -0.375, 0.75, -0.75], [0.5, -0.625, -0.25, -0.5]], [[0.625,
      -0.25, 1.0, 0.25], [0.375, 0.0, -0.375, -0.25], [0.875, -0.625, 1.0, 0.5], [-0.25, 0.25,
      -0.25, -0.25], [0.0, -1.0, -0.0, 1.0], [-0.375, 0.5, -0.125, -0.625]], [[0.75, -1.0, -0.375,
      1.0], [-0.5, 0.75, 0.25, 0.625], [0.25, -0.25, 0.5, -1.0], [-0.125, -0.25, -0.0, -0.75],
      [-0.5, 0.125, -0.25, 0.625], [0.25, 0.75, 0.5, 0.25]]]> : tensor<3x6x4xf32>
  %z0 = arith.constant dense<
      [[-0.375, 0.625, -0.5, -0.875], [0.875, 0.125, 0.5, 0.0], [0.25, -0.875, -0.625, 0.375]]> : tensor<3x4xf32>
  %y = tensor.empty() : tensor<3x6x4xf32>
  %r0:2 = linnet.recurrence ins(%h : tensor<3x6x4xf32>) outs(%y : tensor<3x6x4xf32>)
      states(%z0 : tensor<3x4xf32>) {dimension = 1 : i64, ranks = array<i64: 1, 1, 1>} step {
  ^bb0(%z: tensor<4xf32>, %bias: tensor<4xf32>):
    %phi = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>],
                            iterator_types = ["parallel"]}
        ins(%z : tensor<4xf32>) outs(%z : tensor<4xf32>) {
    ^bb0(%in: f32, %out: f32):
      %i = linalg.index 0 : index
      %first = arith.constant 2 : index
      %zero = arith.constant 0.0 : f32
      %linear = arith.cmpi ult, %i, %first : index
      %relu = arith.maximumf %in, %zero : f32
      %x = arith.select %linear, %in, %relu : f32
      linalg.yield %x : f32
    } -> tensor<4xf32>
    %az = arith.mulf %A, %z : tensor<4xf32>
    %sum = arith.addf %az, %bias : tensor<4xf32>
    %next = linalg.matvec ins(%W, %phi : tensor<4x4xf32>, tensor<4xf32>) outs(%sum : tensor<4xf32>) -> tensor<4xf32>
    linnet.yield %next, %next : tensor<4xf32>, tensor<4xf32>
  }
  %e19 = arith.constant dense<
      [[[0.53125, 0.57421875, 0.57421875, 0.314453125], [0.734893798828125, -1.20794677734375,
      -0.61279296875, 0.70343017578125], [-0.48959875106811523, -1.1788668632507324,
      0.14695072174072266, -0.5133352279663086], [0.2966650128364563, -0.3326393961906433,
      0.07482235133647919, -0.5712209343910217], [-0.19664104282855988, -0.5932186245918274,
      0.7287376523017883, -1.3583661317825317], [0.8477184772491455, -0.9795261025428772,
      0.21738097071647644, -1.6009914875030518]], [[1.16015625, -0.5703125, 0.48828125,
      0.77734375], [1.19293212890625, -1.2501220703125, -1.0447998046875, 0.63531494140625],
      [1.1903266906738281, -1.8874750137329102, 0.07798194885253906, 0.3085498809814453],
      [-0.1404188722372055, -1.0062603950500488, -0.23694461584091187, -1.405185580253601],
      [-0.20147359371185303, -1.3243260383605957, 0.40514034032821655, -0.9094186425209045],
      [-0.37133920192718506, -0.030028657987713814, 0.6246601343154907, -2.2874903678894043]],
      [[0.8203125, -1.673828125, -0.59375, 0.6875], [-0.309539794921875, -0.606536865234375,
      -0.0594482421875, 0.0433349609375], [0.10251235961914062, -0.41960811614990234,
      0.9031744003295898, -1.5628252029418945], [0.43052297830581665, -0.6679322123527527,
      0.23560863733291626, -1.683464765548706], [-0.3690513074398041, -0.2919793426990509,
      -0.18395160138607025, -0.93614661693573], [0.1248525008559227, 0.7430991530418396,
      0.7548893690109253, -0.7103684544563293]]]> : tensor<3x6x4xf32>
  check.expect_close %r0#0, %e19 {rtol = 1.0e-5 : f64, atol = 1.0e-5 : f64} : tensor<3x6x4xf32>
  %e20 = arith.constant dense<
      [[0.8477184772491455, -0.9795261025428772, 0.21738097071647644, -1.6009914875030518],
      [-0.37133920192718506, -0.030028657987713814, 0.6246601343154907, -2.2874903678894043],
      [0.1248525008559227, 0.7430991530418396, 0.7548893690109253, -0.7103684544563293]]> : tensor<3x4xf32>
  check.expect_close %r0#1, %e20 {rtol = 1.0e-5 : f64, atol = 1.0e-5 : f64} : tensor<3x4xf32>
  return
}

// Without relu the system is linear: z[T] = F^T z[0] + sum over i < T of F^i h with F = diag(A) + W. Here F is
// [[1, 1], [0, 1]], F^i = [[1, i], [0, 1]], h = (0, 1) and z[0] = (2, 0), so that z[t] = (2 + t (t - 1) / 2, t).
// Nothing but time, both ways.
func.func private @linear_rnn() {
  %A = arith.constant dense<1.0> : tensor<2xf32>
  %W = arith.constant dense<[[0.0, 1.0], [0.0, 0.0]]> : tensor<2x2xf32>
  %h = arith.constant dense<[[0.0, 1.0], [0.0, 1.0], [0.0, 1.0], [0.0, 1.0], [0.0, 1.0]]> : tensor<5x2xf32>
  %z0 = arith.constant dense<[2.0, 0.0]> : tensor<2xf32>
  %y = tensor.empty() : tensor<5x2xf32>
  %r0:2 = linnet.recurrence ins(%h : tensor<5x2xf32>) outs(%y : tensor<5x2xf32>)
      states(%z0 : tensor<2xf32>) {dimension = 0 : i64, ranks = array<i64: 1, 1, 1>} step {
  ^bb0(%z: tensor<2xf32>, %bias: tensor<2xf32>):
    %az = arith.mulf %A, %z : tensor<2xf32>
    %sum = arith.addf %az, %bias : tensor<2xf32>
    %next = linalg.matvec ins(%W, %z : tensor<2x2xf32>, tensor<2xf32>) outs(%sum : tensor<2xf32>) -> tensor<2xf32>
    linnet.yield %next, %next : tensor<2xf32>, tensor<2xf32>
  }
  %e21 = arith.constant dense<[[2.0, 1.0], [3.0, 2.0], [5.0, 3.0], [8.0, 4.0], [12.0, 5.0]]> : tensor<5x2xf32>
  check.expect_close %r0#0, %e21 {max_ulp = 0 : i64} : tensor<5x2xf32>
  %e22 = arith.constant dense<[12.0, 5.0]> : tensor<2xf32>
  check.expect_close %r0#1, %e22 {max_ulp = 0 : i64} : tensor<2xf32>
  %r1:2 = linnet.recurrence ins(%h : tensor<5x2xf32>) outs(%y : tensor<5x2xf32>)
      states(%z0 : tensor<2xf32>) {dimension = 0 : i64, ranks = array<i64: 1, 1, 1>, reverse} step {
  ^bb0(%z: tensor<2xf32>, %bias: tensor<2xf32>):
    %az = arith.mulf %A, %z : tensor<2xf32>
    %sum = arith.addf %az, %bias : tensor<2xf32>
    %next = linalg.matvec ins(%W, %z : tensor<2x2xf32>, tensor<2xf32>) outs(%sum : tensor<2xf32>) -> tensor<2xf32>
    linnet.yield %next, %next : tensor<2xf32>, tensor<2xf32>
  }
  %e23 = arith.constant dense<[[12.0, 5.0], [8.0, 4.0], [5.0, 3.0], [3.0, 2.0], [2.0, 1.0]]> : tensor<5x2xf32>
  check.expect_close %r1#0, %e23 {max_ulp = 0 : i64} : tensor<5x2xf32>
  %e24 = arith.constant dense<[12.0, 5.0]> : tensor<2xf32>
  check.expect_close %r1#1, %e24 {max_ulp = 0 : i64} : tensor<2xf32>
  return
}

// Elements of three ranks: M = x M of matrices with the trace as output, for 9 lanes.
func.func private @element_output() {
  %x = arith.constant dense<
      [[[[1.0, 0.0], [0.0, 0.0]], [[-2.0, -2.0], [2.0, 2.0]], [[-2.0, 1.0], [0.0, 1.0]], [[-2.0,
      1.0], [1.0, 2.0]], [[-1.0, 0.0], [-2.0, -2.0]], [[-2.0, 0.0], [-2.0, 1.0]], [[-2.0, 1.0],
      [0.0, -1.0]], [[0.0, 2.0], [2.0, -1.0]], [[2.0, -1.0], [1.0, -1.0]]], [[[1.0, 1.0], [2.0,
      -1.0]], [[2.0, 2.0], [-2.0, -2.0]], [[-2.0, 1.0], [-1.0, -2.0]], [[-2.0, 2.0], [0.0, -2.0]],
      [[-1.0, 1.0], [-1.0, 1.0]], [[-1.0, 1.0], [-2.0, 2.0]], [[1.0, 0.0], [1.0, -2.0]], [[1.0,
      0.0], [-2.0, -2.0]], [[0.0, 1.0], [1.0, -2.0]]], [[[-2.0, -1.0], [-1.0, -2.0]], [[-2.0,
      -1.0], [-2.0, -2.0]], [[-1.0, -1.0], [0.0, -2.0]], [[0.0, 2.0], [2.0, -2.0]], [[-1.0, 1.0],
      [-2.0, 0.0]], [[2.0, 1.0], [-2.0, -1.0]], [[-2.0, 0.0], [2.0, 1.0]], [[1.0, 1.0], [-1.0,
      2.0]], [[-2.0, -2.0], [-1.0, 0.0]]]]> : tensor<3x9x2x2xf32>
  %s = arith.constant dense<
      [[[-1.0, 0.0], [2.0, 0.0]], [[0.0, 1.0], [-2.0, 2.0]], [[2.0, -2.0], [1.0, 2.0]], [[-2.0,
      -2.0], [-2.0, 2.0]], [[0.0, 2.0], [-2.0, 1.0]], [[1.0, 0.0], [1.0, -2.0]], [[-2.0, 1.0],
      [2.0, 2.0]], [[1.0, 0.0], [2.0, -2.0]], [[1.0, 0.0], [1.0, 2.0]]]> : tensor<9x2x2xf32>
  %y = tensor.empty() : tensor<3x9xf32>
  %r0:2 = linnet.recurrence ins(%x : tensor<3x9x2x2xf32>) outs(%y : tensor<3x9xf32>)
      states(%s : tensor<9x2x2xf32>) {dimension = 0 : i64, ranks = array<i64: 2, 0, 2>} step {
  ^bb0(%m: tensor<2x2xf32>, %v: tensor<2x2xf32>):
    %zero = arith.constant dense<0.0> : tensor<2x2xf32>
    %next = linalg.matmul ins(%v, %m : tensor<2x2xf32>, tensor<2x2xf32>)
        outs(%zero : tensor<2x2xf32>) -> tensor<2x2xf32>
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %n0 = tensor.extract %next[%c0, %c0] : tensor<2x2xf32>
    %n1 = tensor.extract %next[%c1, %c1] : tensor<2x2xf32>
    %trace = arith.addf %n0, %n1 : f32
    linnet.yield %next, %trace : tensor<2x2xf32>, f32
  }
  %e25 = arith.constant dense<
      [[-1.0, 10.0, -1.0, 4.0, -6.0, -4.0, 4.0, 6.0, -1.0], [-1.0, 0.0, -3.0, -20.0, 0.0, -3.0,
      10.0, 8.0, 2.0], [4.0, 0.0, 12.0, 16.0, 8.0, 12.0, -8.0, 8.0, 0.0]]> : tensor<3x9xf32>
  check.expect_close %r0#0, %e25 {max_ulp = 0 : i64} : tensor<3x9xf32>
  %e26 = arith.constant dense<
      [[[4.0, 0.0], [5.0, 0.0]], [[0.0, 0.0], [0.0, 0.0]], [[-8.0, 20.0], [-2.0, 20.0]], [[24.0,
      -8.0], [-56.0, -8.0]], [[0.0, 0.0], [-8.0, 8.0]], [[4.0, -8.0], [-4.0, 8.0]], [[-12.0, 0.0],
      [22.0, 4.0]], [[-4.0, 0.0], [-20.0, 12.0]], [[-2.0, 0.0], [0.0, 2.0]]]> : tensor<9x2x2xf32>
  check.expect_close %r0#1, %e26 {max_ulp = 0 : i64} : tensor<9x2x2xf32>
  return
}

// n steps, then 5 - n from the state that they leave, are 5, for every n from 0 to 5.
func.func private @split() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c5 = arith.constant 5 : index
  %c6 = arith.constant 6 : index
  %half = arith.constant 0.5 : f32
  %zero = arith.constant 0.0 : f32
  %x = arith.constant dense<[[1.0, -4.0], [-3.0, 2.0], [5.0, 7.0], [-8.0, 1.0], [6.0, -1.0]]> : tensor<5x2xf32>
  %s = arith.constant dense<[2.0, 6.0]> : tensor<2xf32>
  %e = tensor.empty() : tensor<5x2xf32>
  %whole:2 = linnet.recurrence ins(%x : tensor<5x2xf32>) outs(%e : tensor<5x2xf32>)
      states(%s : tensor<2xf32>) {dimension = 0 : i64} step {
  ^bb0(%c: f32, %v: f32):
    %p = arith.mulf %half, %c : f32
    %q = arith.addf %p, %v : f32
    %next = arith.maximumf %q, %zero : f32
    linnet.yield %next, %c : f32, f32
  }
  scf.for %n1 = %c0 to %c6 step %c1 {
    %n2 = arith.subi %c5, %n1 : index
    %x1 = tensor.extract_slice %x[0, 0] [%n1, 2] [1, 1] : tensor<5x2xf32> to tensor<?x2xf32>
    %x2 = tensor.extract_slice %x[%n1, 0] [%n2, 2] [1, 1] : tensor<5x2xf32> to tensor<?x2xf32>
    %e1 = tensor.empty(%n1) : tensor<?x2xf32>
    %e2 = tensor.empty(%n2) : tensor<?x2xf32>
    %first:2 = linnet.recurrence ins(%x1 : tensor<?x2xf32>) outs(%e1 : tensor<?x2xf32>)
        states(%s : tensor<2xf32>) {dimension = 0 : i64} step {
    ^bb0(%c: f32, %v: f32):
      %p = arith.mulf %half, %c : f32
      %q = arith.addf %p, %v : f32
      %next = arith.maximumf %q, %zero : f32
      linnet.yield %next, %c : f32, f32
    }
    %second:2 = linnet.recurrence ins(%x2 : tensor<?x2xf32>) outs(%e2 : tensor<?x2xf32>)
        states(%first#1 : tensor<2xf32>) {dimension = 0 : i64} step {
    ^bb0(%c: f32, %v: f32):
      %p = arith.mulf %half, %c : f32
      %q = arith.addf %p, %v : f32
      %next = arith.maximumf %q, %zero : f32
      linnet.yield %next, %c : f32, f32
    }
    %w1 = tensor.extract_slice %whole#0[0, 0] [%n1, 2] [1, 1] : tensor<5x2xf32> to tensor<?x2xf32>
    %w2 = tensor.extract_slice %whole#0[%n1, 0] [%n2, 2] [1, 1] : tensor<5x2xf32> to tensor<?x2xf32>
    check.expect_close %first#0, %w1 {max_ulp = 0 : i64} : tensor<?x2xf32>
    check.expect_close %second#0, %w2 {max_ulp = 0 : i64} : tensor<?x2xf32>
    check.expect_close %second#1, %whole#1 {max_ulp = 0 : i64} : tensor<2xf32>
  }
  return
}

func.func @main() {
  call @relu() : () -> ()
  call @states_only() : () -> ()
  call @almost_linear_rnn() : () -> ()
  call @linear_rnn() : () -> ()
  call @element_output() : () -> ()
  call @split() : () -> ()
  return
}
