// linnet.scan gives the same right numbers on the reference path and on the fast path. Expected values are those of a
// loop over time in numpy that does what docs/spec/scan.md says, mostly on whole numbers, which are exact in any order.

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

// CHECK-COUNT-191: elements agree
// CHECK-NOT:      {{agree|differ}}

// For comparing integers, which check.expect_close does not.
func.func private @to_float_1_i32(%x: tensor<1xi32>) -> tensor<1xf32> {
  %e = tensor.empty() : tensor<1xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>],
                       iterator_types = ["parallel"]}
      ins(%x : tensor<1xi32>) outs(%e : tensor<1xf32>) {
  ^bb0(%in: i32, %out: f32):
    %f = arith.sitofp %in : i32 to f32
    linalg.yield %f : f32
  } -> tensor<1xf32>
  return %0 : tensor<1xf32>
}

func.func private @to_float_1x20_i32(%x: tensor<1x20xi32>) -> tensor<1x20xf32> {
  %e = tensor.empty() : tensor<1x20xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>],
                       iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<1x20xi32>) outs(%e : tensor<1x20xf32>) {
  ^bb0(%in: i32, %out: f32):
    %f = arith.sitofp %in : i32 to f32
    linalg.yield %f : f32
  } -> tensor<1x20xf32>
  return %0 : tensor<1x20xf32>
}

func.func private @to_float_3x2_i8(%x: tensor<3x2xi8>) -> tensor<3x2xf32> {
  %e = tensor.empty() : tensor<3x2xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>],
                       iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<3x2xi8>) outs(%e : tensor<3x2xf32>) {
  ^bb0(%in: i8, %out: f32):
    %f = arith.sitofp %in : i8 to f32
    linalg.yield %f : f32
  } -> tensor<3x2xf32>
  return %0 : tensor<3x2xf32>
}

func.func private @to_float_3x9_i32(%x: tensor<3x9xi32>) -> tensor<3x9xf32> {
  %e = tensor.empty() : tensor<3x9xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>],
                       iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<3x9xi32>) outs(%e : tensor<3x9xf32>) {
  ^bb0(%in: i32, %out: f32):
    %f = arith.sitofp %in : i32 to f32
    linalg.yield %f : f32
  } -> tensor<3x9xf32>
  return %0 : tensor<3x9xf32>
}

func.func private @to_float_4x9_i32(%x: tensor<4x9xi32>) -> tensor<4x9xf32> {
  %e = tensor.empty() : tensor<4x9xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>],
                       iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<4x9xi32>) outs(%e : tensor<4x9xf32>) {
  ^bb0(%in: i32, %out: f32):
    %f = arith.sitofp %in : i32 to f32
    linalg.yield %f : f32
  } -> tensor<4x9xf32>
  return %0 : tensor<4x9xf32>
}

func.func private @to_float_9_i32(%x: tensor<9xi32>) -> tensor<9xf32> {
  %e = tensor.empty() : tensor<9xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>],
                       iterator_types = ["parallel"]}
      ins(%x : tensor<9xi32>) outs(%e : tensor<9xf32>) {
  ^bb0(%in: i32, %out: f32):
    %f = arith.sitofp %in : i32 to f32
    linalg.yield %f : f32
  } -> tensor<9xf32>
  return %0 : tensor<9xf32>
}

// Every kind on floats and integers, from an initial state. 9 lanes: across them.
func.func private @kinds_across_lanes() {
  %x_f32 = arith.constant dense<
      [[3.0, 1.0, 0.0, -2.0, -2.0, -4.0, -4.0, -4.0, -3.0], [3.0, 1.0, 4.0, 0.0, 1.0, 4.0, 2.0,
      1.0, 0.0], [1.0, 4.0, -2.0, 3.0, 2.0, -4.0, -1.0, 3.0, 0.0]]> : tensor<3x9xf32>
  %m_f32 = arith.constant dense<
      [[2.0, -1.0, 2.0, 2.0, -1.0, -1.0, -1.0, -1.0, 2.0], [2.0, 2.0, -1.0, 2.0, 2.0, 2.0, 2.0,
      2.0, -1.0], [-1.0, 2.0, 2.0, -1.0, -1.0, 2.0, 2.0, -1.0, 2.0]]> : tensor<3x9xf32>
  %s_f32 = arith.constant dense<[-2.0, -1.0, -1.0, 1.0, 3.0, 3.0, -1.0, 1.0, -1.0]> : tensor<9xf32>
  %y_f32 = tensor.empty() : tensor<3x9xf32>
  %r0:2 = linnet.scan add ins(%x_f32 : tensor<3x9xf32>) outs(%y_f32 : tensor<3x9xf32>)
      states(%s_f32 : tensor<9xf32>) {dimension = 0 : i64}
  %e1 = arith.constant dense<
      [[1.0, 0.0, -1.0, -1.0, 1.0, -1.0, -5.0, -3.0, -4.0], [4.0, 1.0, 3.0, -1.0, 2.0, 3.0, -3.0,
      -2.0, -4.0], [5.0, 5.0, 1.0, 2.0, 4.0, -1.0, -4.0, 1.0, -4.0]]> : tensor<3x9xf32>
  check.expect_close %r0#0, %e1 {max_ulp = 0 : i64} : tensor<3x9xf32>
  %e2 = arith.constant dense<[5.0, 5.0, 1.0, 2.0, 4.0, -1.0, -4.0, 1.0, -4.0]> : tensor<9xf32>
  check.expect_close %r0#1, %e2 {max_ulp = 0 : i64} : tensor<9xf32>
  %r1:2 = linnet.scan mul ins(%m_f32 : tensor<3x9xf32>) outs(%y_f32 : tensor<3x9xf32>)
      states(%s_f32 : tensor<9xf32>) {dimension = 0 : i64}
  %e3 = arith.constant dense<
      [[-4.0, 1.0, -2.0, 2.0, -3.0, -3.0, 1.0, -1.0, -2.0], [-8.0, 2.0, 2.0, 4.0, -6.0, -6.0, 2.0,
      -2.0, 2.0], [8.0, 4.0, 4.0, -4.0, 6.0, -12.0, 4.0, 2.0, 4.0]]> : tensor<3x9xf32>
  check.expect_close %r1#0, %e3 {max_ulp = 0 : i64} : tensor<3x9xf32>
  %e4 = arith.constant dense<[8.0, 4.0, 4.0, -4.0, 6.0, -12.0, 4.0, 2.0, 4.0]> : tensor<9xf32>
  check.expect_close %r1#1, %e4 {max_ulp = 0 : i64} : tensor<9xf32>
  %r2:2 = linnet.scan min ins(%x_f32 : tensor<3x9xf32>) outs(%y_f32 : tensor<3x9xf32>)
      states(%s_f32 : tensor<9xf32>) {dimension = 0 : i64}
  %e5 = arith.constant dense<
      [[-2.0, -1.0, -1.0, -2.0, -2.0, -4.0, -4.0, -4.0, -3.0], [-2.0, -1.0, -1.0, -2.0, -2.0,
      -4.0, -4.0, -4.0, -3.0], [-2.0, -1.0, -2.0, -2.0, -2.0, -4.0, -4.0, -4.0, -3.0]]> : tensor<3x9xf32>
  check.expect_close %r2#0, %e5 {max_ulp = 0 : i64} : tensor<3x9xf32>
  %e6 = arith.constant dense<[-2.0, -1.0, -2.0, -2.0, -2.0, -4.0, -4.0, -4.0, -3.0]> : tensor<9xf32>
  check.expect_close %r2#1, %e6 {max_ulp = 0 : i64} : tensor<9xf32>
  %r3:2 = linnet.scan max ins(%x_f32 : tensor<3x9xf32>) outs(%y_f32 : tensor<3x9xf32>)
      states(%s_f32 : tensor<9xf32>) {dimension = 0 : i64}
  %e7 = arith.constant dense<
      [[3.0, 1.0, 0.0, 1.0, 3.0, 3.0, -1.0, 1.0, -1.0], [3.0, 1.0, 4.0, 1.0, 3.0, 4.0, 2.0, 1.0,
      0.0], [3.0, 4.0, 4.0, 3.0, 3.0, 4.0, 2.0, 3.0, 0.0]]> : tensor<3x9xf32>
  check.expect_close %r3#0, %e7 {max_ulp = 0 : i64} : tensor<3x9xf32>
  %e8 = arith.constant dense<[3.0, 4.0, 4.0, 3.0, 3.0, 4.0, 2.0, 3.0, 0.0]> : tensor<9xf32>
  check.expect_close %r3#1, %e8 {max_ulp = 0 : i64} : tensor<9xf32>
  %x_i32 = arith.constant dense<
      [[-2, 4, -2, -2, 2, 1, -4, -4, -1], [3, -1, 3, -2, -2, 3, 3, -4, -4], [2, -1, 1, -3, 3, 0,
      4, 3, 2]]> : tensor<3x9xi32>
  %m_i32 = arith.constant dense<
      [[-1, -1, -1, -1, 2, -1, 2, -1, 2], [-1, -1, 2, 2, -1, 2, -1, -1, 2], [2, 2, -1, 2, -1, 2,
      2, -1, 2]]> : tensor<3x9xi32>
  %s_i32 = arith.constant dense<[-1, 1, 1, 2, 2, -2, -2, -2, 1]> : tensor<9xi32>
  %y_i32 = tensor.empty() : tensor<3x9xi32>
  %r4:2 = linnet.scan add ins(%x_i32 : tensor<3x9xi32>) outs(%y_i32 : tensor<3x9xi32>)
      states(%s_i32 : tensor<9xi32>) {dimension = 0 : i64}
  %v9 = call @to_float_3x9_i32(%r4#0) : (tensor<3x9xi32>) -> tensor<3x9xf32>
  %e9 = arith.constant dense<
      [[-3.0, 5.0, -1.0, 0.0, 4.0, -1.0, -6.0, -6.0, 0.0], [0.0, 4.0, 2.0, -2.0, 2.0, 2.0, -3.0,
      -10.0, -4.0], [2.0, 3.0, 3.0, -5.0, 5.0, 2.0, 1.0, -7.0, -2.0]]> : tensor<3x9xf32>
  check.expect_close %v9, %e9 {max_ulp = 0 : i64} : tensor<3x9xf32>
  %v10 = call @to_float_9_i32(%r4#1) : (tensor<9xi32>) -> tensor<9xf32>
  %e10 = arith.constant dense<[2.0, 3.0, 3.0, -5.0, 5.0, 2.0, 1.0, -7.0, -2.0]> : tensor<9xf32>
  check.expect_close %v10, %e10 {max_ulp = 0 : i64} : tensor<9xf32>
  %r5:2 = linnet.scan mul ins(%m_i32 : tensor<3x9xi32>) outs(%y_i32 : tensor<3x9xi32>)
      states(%s_i32 : tensor<9xi32>) {dimension = 0 : i64}
  %v11 = call @to_float_3x9_i32(%r5#0) : (tensor<3x9xi32>) -> tensor<3x9xf32>
  %e11 = arith.constant dense<
      [[1.0, -1.0, -1.0, -2.0, 4.0, 2.0, -4.0, 2.0, 2.0], [-1.0, 1.0, -2.0, -4.0, -4.0, 4.0, 4.0,
      -2.0, 4.0], [-2.0, 2.0, 2.0, -8.0, 4.0, 8.0, 8.0, 2.0, 8.0]]> : tensor<3x9xf32>
  check.expect_close %v11, %e11 {max_ulp = 0 : i64} : tensor<3x9xf32>
  %v12 = call @to_float_9_i32(%r5#1) : (tensor<9xi32>) -> tensor<9xf32>
  %e12 = arith.constant dense<[-2.0, 2.0, 2.0, -8.0, 4.0, 8.0, 8.0, 2.0, 8.0]> : tensor<9xf32>
  check.expect_close %v12, %e12 {max_ulp = 0 : i64} : tensor<9xf32>
  %r6:2 = linnet.scan min ins(%x_i32 : tensor<3x9xi32>) outs(%y_i32 : tensor<3x9xi32>)
      states(%s_i32 : tensor<9xi32>) {dimension = 0 : i64}
  %v13 = call @to_float_3x9_i32(%r6#0) : (tensor<3x9xi32>) -> tensor<3x9xf32>
  %e13 = arith.constant dense<
      [[-2.0, 1.0, -2.0, -2.0, 2.0, -2.0, -4.0, -4.0, -1.0], [-2.0, -1.0, -2.0, -2.0, -2.0, -2.0,
      -4.0, -4.0, -4.0], [-2.0, -1.0, -2.0, -3.0, -2.0, -2.0, -4.0, -4.0, -4.0]]> : tensor<3x9xf32>
  check.expect_close %v13, %e13 {max_ulp = 0 : i64} : tensor<3x9xf32>
  %v14 = call @to_float_9_i32(%r6#1) : (tensor<9xi32>) -> tensor<9xf32>
  %e14 = arith.constant dense<[-2.0, -1.0, -2.0, -3.0, -2.0, -2.0, -4.0, -4.0, -4.0]> : tensor<9xf32>
  check.expect_close %v14, %e14 {max_ulp = 0 : i64} : tensor<9xf32>
  %r7:2 = linnet.scan max ins(%x_i32 : tensor<3x9xi32>) outs(%y_i32 : tensor<3x9xi32>)
      states(%s_i32 : tensor<9xi32>) {dimension = 0 : i64}
  %v15 = call @to_float_3x9_i32(%r7#0) : (tensor<3x9xi32>) -> tensor<3x9xf32>
  %e15 = arith.constant dense<
      [[-1.0, 4.0, 1.0, 2.0, 2.0, 1.0, -2.0, -2.0, 1.0], [3.0, 4.0, 3.0, 2.0, 2.0, 3.0, 3.0, -2.0,
      1.0], [3.0, 4.0, 3.0, 2.0, 3.0, 3.0, 4.0, 3.0, 2.0]]> : tensor<3x9xf32>
  check.expect_close %v15, %e15 {max_ulp = 0 : i64} : tensor<3x9xf32>
  %v16 = call @to_float_9_i32(%r7#1) : (tensor<9xi32>) -> tensor<9xf32>
  %e16 = arith.constant dense<[3.0, 4.0, 3.0, 2.0, 3.0, 3.0, 4.0, 3.0, 2.0]> : tensor<9xf32>
  check.expect_close %v16, %e16 {max_ulp = 0 : i64} : tensor<9xf32>
  return
}

// One lane: along time inside a vector, one whole and three elements more.
func.func private @kinds_along_time() {
  %x_f32 = arith.constant dense<
      [[4.0, 4.0, 2.0, 4.0, 3.0, -4.0, -3.0, 3.0, -4.0, 4.0, 3.0, 4.0, -1.0, -3.0, 0.0, 4.0, -1.0,
      4.0, -1.0]]> : tensor<1x19xf32>
  %m_f32 = arith.constant dense<
      [[-1.0, -1.0, 2.0, 2.0, -1.0, -1.0, -1.0, 2.0, -1.0, 2.0, 2.0, -1.0, 2.0, -1.0, 2.0, -1.0,
      2.0, -1.0, 2.0]]> : tensor<1x19xf32>
  %s_f32 = arith.constant dense<[2.0]> : tensor<1xf32>
  %y_f32 = tensor.empty() : tensor<1x19xf32>
  %r0:2 = linnet.scan add ins(%x_f32 : tensor<1x19xf32>) outs(%y_f32 : tensor<1x19xf32>)
      states(%s_f32 : tensor<1xf32>) {dimension = 1 : i64}
  %e17 = arith.constant dense<
      [[6.0, 10.0, 12.0, 16.0, 19.0, 15.0, 12.0, 15.0, 11.0, 15.0, 18.0, 22.0, 21.0, 18.0, 18.0,
      22.0, 21.0, 25.0, 24.0]]> : tensor<1x19xf32>
  check.expect_close %r0#0, %e17 {max_ulp = 0 : i64} : tensor<1x19xf32>
  %e18 = arith.constant dense<[24.0]> : tensor<1xf32>
  check.expect_close %r0#1, %e18 {max_ulp = 0 : i64} : tensor<1xf32>
  %r1:2 = linnet.scan mul ins(%m_f32 : tensor<1x19xf32>) outs(%y_f32 : tensor<1x19xf32>)
      states(%s_f32 : tensor<1xf32>) {dimension = 1 : i64}
  %e19 = arith.constant dense<
      [[-2.0, 2.0, 4.0, 8.0, -8.0, 8.0, -8.0, -16.0, 16.0, 32.0, 64.0, -64.0, -128.0, 128.0,
      256.0, -256.0, -512.0, 512.0, 1024.0]]> : tensor<1x19xf32>
  check.expect_close %r1#0, %e19 {max_ulp = 0 : i64} : tensor<1x19xf32>
  %e20 = arith.constant dense<[1024.0]> : tensor<1xf32>
  check.expect_close %r1#1, %e20 {max_ulp = 0 : i64} : tensor<1xf32>
  %r2:2 = linnet.scan min ins(%x_f32 : tensor<1x19xf32>) outs(%y_f32 : tensor<1x19xf32>)
      states(%s_f32 : tensor<1xf32>) {dimension = 1 : i64}
  %e21 = arith.constant dense<
      [[2.0, 2.0, 2.0, 2.0, 2.0, -4.0, -4.0, -4.0, -4.0, -4.0, -4.0, -4.0, -4.0, -4.0, -4.0, -4.0,
      -4.0, -4.0, -4.0]]> : tensor<1x19xf32>
  check.expect_close %r2#0, %e21 {max_ulp = 0 : i64} : tensor<1x19xf32>
  %e22 = arith.constant dense<[-4.0]> : tensor<1xf32>
  check.expect_close %r2#1, %e22 {max_ulp = 0 : i64} : tensor<1xf32>
  %r3:2 = linnet.scan max ins(%x_f32 : tensor<1x19xf32>) outs(%y_f32 : tensor<1x19xf32>)
      states(%s_f32 : tensor<1xf32>) {dimension = 1 : i64}
  %e23 = arith.constant dense<4.0> : tensor<1x19xf32>
  check.expect_close %r3#0, %e23 {max_ulp = 0 : i64} : tensor<1x19xf32>
  %e24 = arith.constant dense<[4.0]> : tensor<1xf32>
  check.expect_close %r3#1, %e24 {max_ulp = 0 : i64} : tensor<1xf32>
  return
}

// log(t + 1) from zeros, in both forms; equal infinities; log(e + e^-1 + ...) as numpy.logaddexp.accumulate gives it.
func.func private @logaddexp() {
  %x_lanes = arith.constant dense<0.0> : tensor<5x8xf32>
  %s_lanes = arith.constant dense<0xFF800000> : tensor<8xf32>
  %y_lanes = tensor.empty() : tensor<5x8xf32>
  %r0:2 = linnet.scan logaddexp ins(%x_lanes : tensor<5x8xf32>) outs(%y_lanes : tensor<5x8xf32>)
      states(%s_lanes : tensor<8xf32>) {dimension = 0 : i64}
  %e25 = arith.constant dense<
      [[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], [0.6931471824645996, 0.6931471824645996,
      0.6931471824645996, 0.6931471824645996, 0.6931471824645996, 0.6931471824645996,
      0.6931471824645996, 0.6931471824645996], [1.0986123085021973, 1.0986123085021973,
      1.0986123085021973, 1.0986123085021973, 1.0986123085021973, 1.0986123085021973,
      1.0986123085021973, 1.0986123085021973], [1.3862943649291992, 1.3862943649291992,
      1.3862943649291992, 1.3862943649291992, 1.3862943649291992, 1.3862943649291992,
      1.3862943649291992, 1.3862943649291992], [1.6094379425048828, 1.6094379425048828,
      1.6094379425048828, 1.6094379425048828, 1.6094379425048828, 1.6094379425048828,
      1.6094379425048828, 1.6094379425048828]]> : tensor<5x8xf32>
  check.expect_close %r0#0, %e25 {max_ulp = 8 : i64, atol = 1.0e-6 : f64} : tensor<5x8xf32>
  %e26 = arith.constant dense<1.6094379425048828> : tensor<8xf32>
  check.expect_close %r0#1, %e26 {max_ulp = 8 : i64} : tensor<8xf32>
  %x_time = arith.constant dense<0.0> : tensor<2x18xf32>
  %s_time = arith.constant dense<0xFF800000> : tensor<2xf32>
  %y_time = tensor.empty() : tensor<2x18xf32>
  %r1:2 = linnet.scan logaddexp ins(%x_time : tensor<2x18xf32>) outs(%y_time : tensor<2x18xf32>)
      states(%s_time : tensor<2xf32>) {dimension = 1 : i64}
  %e27 = arith.constant dense<
      [[0.0, 0.6931471824645996, 1.0986123085021973, 1.3862943649291992, 1.6094379425048828,
      1.7917594909667969, 1.945910096168518, 2.079441547393799, 2.1972246170043945,
      2.3025851249694824, 2.397895336151123, 2.4849066734313965, 2.5649492740631104,
      2.6390573978424072, 2.70805025100708, 2.7725887298583984, 2.8332133293151855,
      2.890371799468994], [0.0, 0.6931471824645996, 1.0986123085021973, 1.3862943649291992,
      1.6094379425048828, 1.7917594909667969, 1.945910096168518, 2.079441547393799,
      2.1972246170043945, 2.3025851249694824, 2.397895336151123, 2.4849066734313965,
      2.5649492740631104, 2.6390573978424072, 2.70805025100708, 2.7725887298583984,
      2.8332133293151855, 2.890371799468994]]> : tensor<2x18xf32>
  check.expect_close %r1#0, %e27 {max_ulp = 8 : i64, atol = 1.0e-6 : f64} : tensor<2x18xf32>
  %e28 = arith.constant dense<2.890371799468994> : tensor<2xf32>
  check.expect_close %r1#1, %e28 {max_ulp = 8 : i64} : tensor<2xf32>
  %s = arith.constant dense<[0.0]> : tensor<1xf32>
  %x = arith.constant dense<[[1.0, -1.0, 0x7F800000, 3.0, 0x7FC00000, 0xFF800000]]> : tensor<1x6xf32>
  %y = tensor.empty() : tensor<1x6xf32>
  %r2:2 = linnet.scan logaddexp ins(%x : tensor<1x6xf32>) outs(%y : tensor<1x6xf32>)
      states(%s : tensor<1xf32>) {dimension = 1 : i64}
  %e29 = arith.constant dense<
      [[1.31326162815094, 1.4076060056686401, 0x7F800000, 0x7F800000, 0x7FC00000, 0x7FC00000]]> : tensor<1x6xf32>
  check.expect_close %r2#0, %e29 {max_ulp = 4 : i64} : tensor<1x6xf32>
  return
}

// Exclusive, reverse, unseeded and segments, alone and together, on small whole numbers.
func.func private @options_across_lanes() {
  %x = arith.constant dense<
      [[4.0, 1.0, 4.0, 2.0, 2.0, 3.0, 5.0, 5.0], [1.0, 3.0, 4.0, 2.0, 2.0, 2.0, 2.0, 5.0], [2.0,
      2.0, 1.0, 1.0, 4.0, 2.0, 5.0, 3.0], [5.0, 3.0, 4.0, 5.0, 1.0, 3.0, 3.0, 2.0]]> : tensor<4x8xf32>
  %s = arith.constant dense<[15.0, 18.0, 16.0, 18.0, 11.0, 15.0, 16.0, 13.0]> : tensor<8xf32>
  %y = tensor.empty() : tensor<4x8xf32>
  %g = arith.constant dense<
      [[1, 0, 0, 0, 0, 0, 0, 0], [1, 0, 0, 1, 0, 0, 0, 1], [0, 1, 0, 1, 0, 0, 1, 0], [1, 0, 0, 0,
      0, 0, 0, 1]]> : tensor<4x8xi32>
  %r0:2 = linnet.scan add ins(%x : tensor<4x8xf32>) outs(%y : tensor<4x8xf32>)
      states(%s : tensor<8xf32>) {dimension = 0 : i64, exclusive}
  %e30 = arith.constant dense<
      [[15.0, 18.0, 16.0, 18.0, 11.0, 15.0, 16.0, 13.0], [19.0, 19.0, 20.0, 20.0, 13.0, 18.0,
      21.0, 18.0], [20.0, 22.0, 24.0, 22.0, 15.0, 20.0, 23.0, 23.0], [22.0, 24.0, 25.0, 23.0,
      19.0, 22.0, 28.0, 26.0]]> : tensor<4x8xf32>
  check.expect_close %r0#0, %e30 {max_ulp = 0 : i64} : tensor<4x8xf32>
  %e31 = arith.constant dense<[27.0, 27.0, 29.0, 28.0, 20.0, 25.0, 31.0, 28.0]> : tensor<8xf32>
  check.expect_close %r0#1, %e31 {max_ulp = 0 : i64} : tensor<8xf32>
  %r1:2 = linnet.scan add ins(%x : tensor<4x8xf32>) outs(%y : tensor<4x8xf32>)
      states(%s : tensor<8xf32>) {dimension = 0 : i64, reverse}
  %e32 = arith.constant dense<
      [[27.0, 27.0, 29.0, 28.0, 20.0, 25.0, 31.0, 28.0], [23.0, 26.0, 25.0, 26.0, 18.0, 22.0,
      26.0, 23.0], [22.0, 23.0, 21.0, 24.0, 16.0, 20.0, 24.0, 18.0], [20.0, 21.0, 20.0, 23.0,
      12.0, 18.0, 19.0, 15.0]]> : tensor<4x8xf32>
  check.expect_close %r1#0, %e32 {max_ulp = 0 : i64} : tensor<4x8xf32>
  %e33 = arith.constant dense<[27.0, 27.0, 29.0, 28.0, 20.0, 25.0, 31.0, 28.0]> : tensor<8xf32>
  check.expect_close %r1#1, %e33 {max_ulp = 0 : i64} : tensor<8xf32>
  %r2:2 = linnet.scan add ins(%x : tensor<4x8xf32>) outs(%y : tensor<4x8xf32>)
      states(%s : tensor<8xf32>) {dimension = 0 : i64, exclusive, reverse}
  %e34 = arith.constant dense<
      [[23.0, 26.0, 25.0, 26.0, 18.0, 22.0, 26.0, 23.0], [22.0, 23.0, 21.0, 24.0, 16.0, 20.0,
      24.0, 18.0], [20.0, 21.0, 20.0, 23.0, 12.0, 18.0, 19.0, 15.0], [15.0, 18.0, 16.0, 18.0,
      11.0, 15.0, 16.0, 13.0]]> : tensor<4x8xf32>
  check.expect_close %r2#0, %e34 {max_ulp = 0 : i64} : tensor<4x8xf32>
  %e35 = arith.constant dense<[27.0, 27.0, 29.0, 28.0, 20.0, 25.0, 31.0, 28.0]> : tensor<8xf32>
  check.expect_close %r2#1, %e35 {max_ulp = 0 : i64} : tensor<8xf32>
  %r3:2 = linnet.scan add ins(%x : tensor<4x8xf32>) outs(%y : tensor<4x8xf32>)
      states(%s : tensor<8xf32>) {dimension = 0 : i64, unseeded}
  %e36 = arith.constant dense<
      [[4.0, 1.0, 4.0, 2.0, 2.0, 3.0, 5.0, 5.0], [5.0, 4.0, 8.0, 4.0, 4.0, 5.0, 7.0, 10.0], [7.0,
      6.0, 9.0, 5.0, 8.0, 7.0, 12.0, 13.0], [12.0, 9.0, 13.0, 10.0, 9.0, 10.0, 15.0, 15.0]]> : tensor<4x8xf32>
  check.expect_close %r3#0, %e36 {max_ulp = 0 : i64} : tensor<4x8xf32>
  %e37 = arith.constant dense<[12.0, 9.0, 13.0, 10.0, 9.0, 10.0, 15.0, 15.0]> : tensor<8xf32>
  check.expect_close %r3#1, %e37 {max_ulp = 0 : i64} : tensor<8xf32>
  %r4:2 = linnet.scan add ins(%x : tensor<4x8xf32>) outs(%y : tensor<4x8xf32>)
      states(%s : tensor<8xf32>) {dimension = 0 : i64, reverse, unseeded}
  %e38 = arith.constant dense<
      [[12.0, 9.0, 13.0, 10.0, 9.0, 10.0, 15.0, 15.0], [8.0, 8.0, 9.0, 8.0, 7.0, 7.0, 10.0, 10.0],
      [7.0, 5.0, 5.0, 6.0, 5.0, 5.0, 8.0, 5.0], [5.0, 3.0, 4.0, 5.0, 1.0, 3.0, 3.0, 2.0]]> : tensor<4x8xf32>
  check.expect_close %r4#0, %e38 {max_ulp = 0 : i64} : tensor<4x8xf32>
  %e39 = arith.constant dense<[12.0, 9.0, 13.0, 10.0, 9.0, 10.0, 15.0, 15.0]> : tensor<8xf32>
  check.expect_close %r4#1, %e39 {max_ulp = 0 : i64} : tensor<8xf32>
  %r5:2 = linnet.scan add ins(%x : tensor<4x8xf32>) outs(%y : tensor<4x8xf32>)
      states(%s : tensor<8xf32>) segments(%g : tensor<4x8xi32>) {dimension = 0 : i64}
  %e40 = arith.constant dense<
      [[4.0, 19.0, 20.0, 20.0, 13.0, 18.0, 21.0, 18.0], [1.0, 22.0, 24.0, 2.0, 15.0, 20.0, 23.0,
      5.0], [3.0, 2.0, 25.0, 1.0, 19.0, 22.0, 5.0, 8.0], [5.0, 5.0, 29.0, 6.0, 20.0, 25.0, 8.0,
      2.0]]> : tensor<4x8xf32>
  check.expect_close %r5#0, %e40 {max_ulp = 0 : i64} : tensor<4x8xf32>
  %e41 = arith.constant dense<[5.0, 5.0, 29.0, 6.0, 20.0, 25.0, 8.0, 2.0]> : tensor<8xf32>
  check.expect_close %r5#1, %e41 {max_ulp = 0 : i64} : tensor<8xf32>
  %r6:2 = linnet.scan add ins(%x : tensor<4x8xf32>) outs(%y : tensor<4x8xf32>)
      states(%s : tensor<8xf32>) segments(%g : tensor<4x8xi32>) {dimension = 0 : i64, exclusive}
  %e42 = arith.constant dense<
      [[0.0, 18.0, 16.0, 18.0, 11.0, 15.0, 16.0, 13.0], [0.0, 19.0, 20.0, 0.0, 13.0, 18.0, 21.0,
      0.0], [1.0, 0.0, 24.0, 0.0, 15.0, 20.0, 0.0, 5.0], [0.0, 2.0, 25.0, 1.0, 19.0, 22.0, 5.0,
      0.0]]> : tensor<4x8xf32>
  check.expect_close %r6#0, %e42 {max_ulp = 0 : i64} : tensor<4x8xf32>
  %e43 = arith.constant dense<[5.0, 5.0, 29.0, 6.0, 20.0, 25.0, 8.0, 2.0]> : tensor<8xf32>
  check.expect_close %r6#1, %e43 {max_ulp = 0 : i64} : tensor<8xf32>
  %r7:2 = linnet.scan add ins(%x : tensor<4x8xf32>) outs(%y : tensor<4x8xf32>)
      states(%s : tensor<8xf32>) segments(%g : tensor<4x8xi32>) {dimension = 0 : i64, reverse}
  %e44 = arith.constant dense<
      [[4.0, 6.0, 29.0, 4.0, 20.0, 25.0, 12.0, 10.0], [1.0, 5.0, 25.0, 2.0, 18.0, 22.0, 7.0, 5.0],
      [7.0, 2.0, 21.0, 1.0, 16.0, 20.0, 5.0, 5.0], [5.0, 21.0, 20.0, 23.0, 12.0, 18.0, 19.0, 2.0]]> : tensor<4x8xf32>
  check.expect_close %r7#0, %e44 {max_ulp = 0 : i64} : tensor<4x8xf32>
  %e45 = arith.constant dense<[4.0, 6.0, 29.0, 4.0, 20.0, 25.0, 12.0, 10.0]> : tensor<8xf32>
  check.expect_close %r7#1, %e45 {max_ulp = 0 : i64} : tensor<8xf32>
  %r8:2 = linnet.scan add ins(%x : tensor<4x8xf32>) outs(%y : tensor<4x8xf32>)
      states(%s : tensor<8xf32>) segments(%g : tensor<4x8xi32>) {dimension = 0 : i64, exclusive, reverse}
  %e46 = arith.constant dense<
      [[0.0, 5.0, 25.0, 2.0, 18.0, 22.0, 7.0, 5.0], [0.0, 2.0, 21.0, 0.0, 16.0, 20.0, 5.0, 0.0],
      [5.0, 0.0, 20.0, 0.0, 12.0, 18.0, 0.0, 2.0], [0.0, 18.0, 16.0, 18.0, 11.0, 15.0, 16.0, 0.0]]> : tensor<4x8xf32>
  check.expect_close %r8#0, %e46 {max_ulp = 0 : i64} : tensor<4x8xf32>
  %e47 = arith.constant dense<[4.0, 6.0, 29.0, 4.0, 20.0, 25.0, 12.0, 10.0]> : tensor<8xf32>
  check.expect_close %r8#1, %e47 {max_ulp = 0 : i64} : tensor<8xf32>
  %r9:2 = linnet.scan add ins(%x : tensor<4x8xf32>) outs(%y : tensor<4x8xf32>)
      states(%s : tensor<8xf32>) segments(%g : tensor<4x8xi32>) {dimension = 0 : i64, unseeded}
  %e48 = arith.constant dense<
      [[4.0, 1.0, 4.0, 2.0, 2.0, 3.0, 5.0, 5.0], [1.0, 4.0, 8.0, 2.0, 4.0, 5.0, 7.0, 5.0], [3.0,
      2.0, 9.0, 1.0, 8.0, 7.0, 5.0, 8.0], [5.0, 5.0, 13.0, 6.0, 9.0, 10.0, 8.0, 2.0]]> : tensor<4x8xf32>
  check.expect_close %r9#0, %e48 {max_ulp = 0 : i64} : tensor<4x8xf32>
  %e49 = arith.constant dense<[5.0, 5.0, 13.0, 6.0, 9.0, 10.0, 8.0, 2.0]> : tensor<8xf32>
  check.expect_close %r9#1, %e49 {max_ulp = 0 : i64} : tensor<8xf32>
  return
}

// The same with few lanes.
func.func private @options_along_time() {
  %x = arith.constant dense<
      [[3.0, 5.0, 4.0, 2.0, 1.0, 1.0, 2.0, 5.0, 2.0, 5.0, 2.0, 4.0, 3.0, 5.0, 3.0, 5.0, 5.0, 4.0]]> : tensor<1x18xf32>
  %s = arith.constant dense<[17.0]> : tensor<1xf32>
  %y = tensor.empty() : tensor<1x18xf32>
  %g = arith.constant dense<[[1, 1, 1, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0]]> : tensor<1x18xi32>
  %r0:2 = linnet.scan add ins(%x : tensor<1x18xf32>) outs(%y : tensor<1x18xf32>)
      states(%s : tensor<1xf32>) {dimension = 1 : i64, exclusive}
  %e50 = arith.constant dense<
      [[17.0, 20.0, 25.0, 29.0, 31.0, 32.0, 33.0, 35.0, 40.0, 42.0, 47.0, 49.0, 53.0, 56.0, 61.0,
      64.0, 69.0, 74.0]]> : tensor<1x18xf32>
  check.expect_close %r0#0, %e50 {max_ulp = 0 : i64} : tensor<1x18xf32>
  %e51 = arith.constant dense<[78.0]> : tensor<1xf32>
  check.expect_close %r0#1, %e51 {max_ulp = 0 : i64} : tensor<1xf32>
  %r1:2 = linnet.scan add ins(%x : tensor<1x18xf32>) outs(%y : tensor<1x18xf32>)
      states(%s : tensor<1xf32>) {dimension = 1 : i64, reverse}
  %e52 = arith.constant dense<
      [[78.0, 75.0, 70.0, 66.0, 64.0, 63.0, 62.0, 60.0, 55.0, 53.0, 48.0, 46.0, 42.0, 39.0, 34.0,
      31.0, 26.0, 21.0]]> : tensor<1x18xf32>
  check.expect_close %r1#0, %e52 {max_ulp = 0 : i64} : tensor<1x18xf32>
  %e53 = arith.constant dense<[78.0]> : tensor<1xf32>
  check.expect_close %r1#1, %e53 {max_ulp = 0 : i64} : tensor<1xf32>
  %r2:2 = linnet.scan add ins(%x : tensor<1x18xf32>) outs(%y : tensor<1x18xf32>)
      states(%s : tensor<1xf32>) {dimension = 1 : i64, exclusive, reverse}
  %e54 = arith.constant dense<
      [[75.0, 70.0, 66.0, 64.0, 63.0, 62.0, 60.0, 55.0, 53.0, 48.0, 46.0, 42.0, 39.0, 34.0, 31.0,
      26.0, 21.0, 17.0]]> : tensor<1x18xf32>
  check.expect_close %r2#0, %e54 {max_ulp = 0 : i64} : tensor<1x18xf32>
  %e55 = arith.constant dense<[78.0]> : tensor<1xf32>
  check.expect_close %r2#1, %e55 {max_ulp = 0 : i64} : tensor<1xf32>
  %r3:2 = linnet.scan add ins(%x : tensor<1x18xf32>) outs(%y : tensor<1x18xf32>)
      states(%s : tensor<1xf32>) {dimension = 1 : i64, unseeded}
  %e56 = arith.constant dense<
      [[3.0, 8.0, 12.0, 14.0, 15.0, 16.0, 18.0, 23.0, 25.0, 30.0, 32.0, 36.0, 39.0, 44.0, 47.0,
      52.0, 57.0, 61.0]]> : tensor<1x18xf32>
  check.expect_close %r3#0, %e56 {max_ulp = 0 : i64} : tensor<1x18xf32>
  %e57 = arith.constant dense<[61.0]> : tensor<1xf32>
  check.expect_close %r3#1, %e57 {max_ulp = 0 : i64} : tensor<1xf32>
  %r4:2 = linnet.scan add ins(%x : tensor<1x18xf32>) outs(%y : tensor<1x18xf32>)
      states(%s : tensor<1xf32>) {dimension = 1 : i64, reverse, unseeded}
  %e58 = arith.constant dense<
      [[61.0, 58.0, 53.0, 49.0, 47.0, 46.0, 45.0, 43.0, 38.0, 36.0, 31.0, 29.0, 25.0, 22.0, 17.0,
      14.0, 9.0, 4.0]]> : tensor<1x18xf32>
  check.expect_close %r4#0, %e58 {max_ulp = 0 : i64} : tensor<1x18xf32>
  %e59 = arith.constant dense<[61.0]> : tensor<1xf32>
  check.expect_close %r4#1, %e59 {max_ulp = 0 : i64} : tensor<1xf32>
  %r5:2 = linnet.scan add ins(%x : tensor<1x18xf32>) outs(%y : tensor<1x18xf32>)
      states(%s : tensor<1xf32>) segments(%g : tensor<1x18xi32>) {dimension = 1 : i64}
  %e60 = arith.constant dense<
      [[3.0, 5.0, 4.0, 6.0, 7.0, 1.0, 3.0, 8.0, 10.0, 15.0, 2.0, 6.0, 9.0, 5.0, 8.0, 13.0, 5.0,
      9.0]]> : tensor<1x18xf32>
  check.expect_close %r5#0, %e60 {max_ulp = 0 : i64} : tensor<1x18xf32>
  %e61 = arith.constant dense<[9.0]> : tensor<1xf32>
  check.expect_close %r5#1, %e61 {max_ulp = 0 : i64} : tensor<1xf32>
  %r6:2 = linnet.scan add ins(%x : tensor<1x18xf32>) outs(%y : tensor<1x18xf32>)
      states(%s : tensor<1xf32>) segments(%g : tensor<1x18xi32>) {dimension = 1 : i64, exclusive}
  %e62 = arith.constant dense<
      [[0.0, 0.0, 0.0, 4.0, 6.0, 0.0, 1.0, 3.0, 8.0, 10.0, 0.0, 2.0, 6.0, 0.0, 5.0, 8.0, 0.0,
      5.0]]> : tensor<1x18xf32>
  check.expect_close %r6#0, %e62 {max_ulp = 0 : i64} : tensor<1x18xf32>
  %e63 = arith.constant dense<[9.0]> : tensor<1xf32>
  check.expect_close %r6#1, %e63 {max_ulp = 0 : i64} : tensor<1xf32>
  %r7:2 = linnet.scan add ins(%x : tensor<1x18xf32>) outs(%y : tensor<1x18xf32>)
      states(%s : tensor<1xf32>) segments(%g : tensor<1x18xi32>) {dimension = 1 : i64, reverse}
  %e64 = arith.constant dense<
      [[3.0, 5.0, 4.0, 4.0, 2.0, 1.0, 16.0, 14.0, 9.0, 7.0, 2.0, 12.0, 8.0, 5.0, 13.0, 10.0, 5.0,
      21.0]]> : tensor<1x18xf32>
  check.expect_close %r7#0, %e64 {max_ulp = 0 : i64} : tensor<1x18xf32>
  %e65 = arith.constant dense<[3.0]> : tensor<1xf32>
  check.expect_close %r7#1, %e65 {max_ulp = 0 : i64} : tensor<1xf32>
  %r8:2 = linnet.scan add ins(%x : tensor<1x18xf32>) outs(%y : tensor<1x18xf32>)
      states(%s : tensor<1xf32>) segments(%g : tensor<1x18xi32>) {dimension = 1 : i64, exclusive, reverse}
  %e66 = arith.constant dense<
      [[0.0, 0.0, 0.0, 2.0, 1.0, 0.0, 14.0, 9.0, 7.0, 2.0, 0.0, 8.0, 5.0, 0.0, 10.0, 5.0, 0.0,
      17.0]]> : tensor<1x18xf32>
  check.expect_close %r8#0, %e66 {max_ulp = 0 : i64} : tensor<1x18xf32>
  %e67 = arith.constant dense<[3.0]> : tensor<1xf32>
  check.expect_close %r8#1, %e67 {max_ulp = 0 : i64} : tensor<1xf32>
  %r9:2 = linnet.scan add ins(%x : tensor<1x18xf32>) outs(%y : tensor<1x18xf32>)
      states(%s : tensor<1xf32>) segments(%g : tensor<1x18xi32>) {dimension = 1 : i64, unseeded}
  %e68 = arith.constant dense<
      [[3.0, 5.0, 4.0, 6.0, 7.0, 1.0, 3.0, 8.0, 10.0, 15.0, 2.0, 6.0, 9.0, 5.0, 8.0, 13.0, 5.0,
      9.0]]> : tensor<1x18xf32>
  check.expect_close %r9#0, %e68 {max_ulp = 0 : i64} : tensor<1x18xf32>
  %e69 = arith.constant dense<[9.0]> : tensor<1xf32>
  check.expect_close %r9#1, %e69 {max_ulp = 0 : i64} : tensor<1xf32>
  return
}

// 2x2 matrices, the product later * earlier: it does not commute. Forwards, in reverse, exclusive, with time before and
// after the lanes.
func.func private @matrices() {
  %x = arith.constant dense<
      [[[[2.0, 0.0], [0.0, 2.0]], [[-1.0, 1.0], [-2.0, -1.0]], [[1.0, 0.0], [-2.0, 1.0]]], [[[0.0,
      2.0], [1.0, 2.0]], [[2.0, -2.0], [-2.0, 0.0]], [[0.0, 0.0], [1.0, -1.0]]], [[[-2.0, 1.0],
      [-1.0, 2.0]], [[-2.0, 1.0], [1.0, -1.0]], [[-2.0, -1.0], [-1.0, 2.0]]], [[[2.0, -1.0], [0.0,
      0.0]], [[2.0, -2.0], [1.0, 2.0]], [[2.0, -1.0], [-2.0, 0.0]]], [[[-2.0, -2.0], [-2.0,
      -1.0]], [[2.0, 1.0], [1.0, 2.0]], [[0.0, -2.0], [-2.0, -1.0]]]]> : tensor<5x3x2x2xf32>
  %s = arith.constant dense<
      [[[1.0, -1.0], [-1.0, -2.0]], [[1.0, -2.0], [0.0, 1.0]], [[0.0, 1.0], [1.0, -1.0]]]> : tensor<3x2x2xf32>
  %y = tensor.empty() : tensor<5x3x2x2xf32>
  %r0:2 = linnet.scan custom ins(%x : tensor<5x3x2x2xf32>) outs(%y : tensor<5x3x2x2xf32>)
      states(%s : tensor<3x2x2xf32>)
      {dimension = 0 : i64, element_ranks = array<i64: 2>, reverse} combine {
  ^bb0(%a: tensor<2x2xf32>, %b: tensor<2x2xf32>):
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %a00 = tensor.extract %a[%c0, %c0] : tensor<2x2xf32>
    %a01 = tensor.extract %a[%c0, %c1] : tensor<2x2xf32>
    %a10 = tensor.extract %a[%c1, %c0] : tensor<2x2xf32>
    %a11 = tensor.extract %a[%c1, %c1] : tensor<2x2xf32>
    %b00 = tensor.extract %b[%c0, %c0] : tensor<2x2xf32>
    %b01 = tensor.extract %b[%c0, %c1] : tensor<2x2xf32>
    %b10 = tensor.extract %b[%c1, %c0] : tensor<2x2xf32>
    %b11 = tensor.extract %b[%c1, %c1] : tensor<2x2xf32>
    %p00 = arith.mulf %b00, %a00 : f32
    %q00 = arith.mulf %b01, %a10 : f32
    %m00 = arith.addf %p00, %q00 : f32
    %p01 = arith.mulf %b00, %a01 : f32
    %q01 = arith.mulf %b01, %a11 : f32
    %m01 = arith.addf %p01, %q01 : f32
    %p10 = arith.mulf %b10, %a00 : f32
    %q10 = arith.mulf %b11, %a10 : f32
    %m10 = arith.addf %p10, %q10 : f32
    %p11 = arith.mulf %b10, %a01 : f32
    %q11 = arith.mulf %b11, %a11 : f32
    %m11 = arith.addf %p11, %q11 : f32
    %m = tensor.from_elements %m00, %m01, %m10, %m11 : tensor<2x2xf32>
    linnet.yield %m : tensor<2x2xf32>
  }
  %e70 = arith.constant dense<
      [[[[-4.0, -32.0], [-8.0, -64.0]], [[-4.0, -42.0], [-8.0, -30.0]], [[0.0, 0.0], [-9.0,
      7.0]]], [[[-2.0, -16.0], [-4.0, -32.0]], [[4.0, 24.0], [0.0, -18.0]], [[0.0, 0.0], [-9.0,
      7.0]]], [[[-2.0, -16.0], [-1.0, -8.0]], [[0.0, 9.0], [-2.0, -3.0]], [[2.0, -6.0], [11.0,
      -13.0]]], [[[1.0, 8.0], [0.0, 0.0]], [[2.0, -6.0], [4.0, -3.0]], [[-3.0, 5.0], [4.0,
      -4.0]]], [[[0.0, 6.0], [-1.0, 4.0]], [[2.0, -3.0], [1.0, 0.0]], [[-2.0, 2.0], [-1.0,
      -1.0]]]]> : tensor<5x3x2x2xf32>
  check.expect_close %r0#0, %e70 {max_ulp = 0 : i64} : tensor<5x3x2x2xf32>
  %e71 = arith.constant dense<
      [[[-4.0, -32.0], [-8.0, -64.0]], [[-4.0, -42.0], [-8.0, -30.0]], [[0.0, 0.0], [-9.0, 7.0]]]> : tensor<3x2x2xf32>
  check.expect_close %r0#1, %e71 {max_ulp = 0 : i64} : tensor<3x2x2xf32>
  %r1:2 = linnet.scan custom ins(%x : tensor<5x3x2x2xf32>) outs(%y : tensor<5x3x2x2xf32>)
      states(%s : tensor<3x2x2xf32>)
      {dimension = 0 : i64, element_ranks = array<i64: 2>, exclusive} combine {
  ^bb0(%a: tensor<2x2xf32>, %b: tensor<2x2xf32>):
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %a00 = tensor.extract %a[%c0, %c0] : tensor<2x2xf32>
    %a01 = tensor.extract %a[%c0, %c1] : tensor<2x2xf32>
    %a10 = tensor.extract %a[%c1, %c0] : tensor<2x2xf32>
    %a11 = tensor.extract %a[%c1, %c1] : tensor<2x2xf32>
    %b00 = tensor.extract %b[%c0, %c0] : tensor<2x2xf32>
    %b01 = tensor.extract %b[%c0, %c1] : tensor<2x2xf32>
    %b10 = tensor.extract %b[%c1, %c0] : tensor<2x2xf32>
    %b11 = tensor.extract %b[%c1, %c1] : tensor<2x2xf32>
    %p00 = arith.mulf %b00, %a00 : f32
    %q00 = arith.mulf %b01, %a10 : f32
    %m00 = arith.addf %p00, %q00 : f32
    %p01 = arith.mulf %b00, %a01 : f32
    %q01 = arith.mulf %b01, %a11 : f32
    %m01 = arith.addf %p01, %q01 : f32
    %p10 = arith.mulf %b10, %a00 : f32
    %q10 = arith.mulf %b11, %a10 : f32
    %m10 = arith.addf %p10, %q10 : f32
    %p11 = arith.mulf %b10, %a01 : f32
    %q11 = arith.mulf %b11, %a11 : f32
    %m11 = arith.addf %p11, %q11 : f32
    %m = tensor.from_elements %m00, %m01, %m10, %m11 : tensor<2x2xf32>
    linnet.yield %m : tensor<2x2xf32>
  }
  %e72 = arith.constant dense<
      [[[[1.0, -1.0], [-1.0, -2.0]], [[1.0, -2.0], [0.0, 1.0]], [[0.0, 1.0], [1.0, -1.0]]],
      [[[2.0, -2.0], [-2.0, -4.0]], [[-1.0, 3.0], [-2.0, 3.0]], [[0.0, 1.0], [1.0, -3.0]]],
      [[[-4.0, -8.0], [-2.0, -10.0]], [[2.0, 0.0], [2.0, -6.0]], [[0.0, 0.0], [-1.0, 4.0]]],
      [[[6.0, 6.0], [0.0, -12.0]], [[-2.0, -6.0], [0.0, 6.0]], [[1.0, -4.0], [-2.0, 8.0]]],
      [[[12.0, 24.0], [0.0, 0.0]], [[-4.0, -24.0], [-2.0, 6.0]], [[4.0, -16.0], [-2.0, 8.0]]]]> : tensor<5x3x2x2xf32>
  check.expect_close %r1#0, %e72 {max_ulp = 0 : i64} : tensor<5x3x2x2xf32>
  %e73 = arith.constant dense<
      [[[-24.0, -48.0], [-24.0, -48.0]], [[-10.0, -42.0], [-8.0, -12.0]], [[4.0, -16.0], [-6.0,
      24.0]]]> : tensor<3x2x2xf32>
  check.expect_close %r1#1, %e73 {max_ulp = 0 : i64} : tensor<3x2x2xf32>
  %r2:2 = linnet.scan custom ins(%x : tensor<5x3x2x2xf32>) outs(%y : tensor<5x3x2x2xf32>)
      states(%s : tensor<3x2x2xf32>)
      {dimension = 0 : i64, element_ranks = array<i64: 2>} combine {
  ^bb0(%a: tensor<2x2xf32>, %b: tensor<2x2xf32>):
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %a00 = tensor.extract %a[%c0, %c0] : tensor<2x2xf32>
    %a01 = tensor.extract %a[%c0, %c1] : tensor<2x2xf32>
    %a10 = tensor.extract %a[%c1, %c0] : tensor<2x2xf32>
    %a11 = tensor.extract %a[%c1, %c1] : tensor<2x2xf32>
    %b00 = tensor.extract %b[%c0, %c0] : tensor<2x2xf32>
    %b01 = tensor.extract %b[%c0, %c1] : tensor<2x2xf32>
    %b10 = tensor.extract %b[%c1, %c0] : tensor<2x2xf32>
    %b11 = tensor.extract %b[%c1, %c1] : tensor<2x2xf32>
    %p00 = arith.mulf %b00, %a00 : f32
    %q00 = arith.mulf %b01, %a10 : f32
    %m00 = arith.addf %p00, %q00 : f32
    %p01 = arith.mulf %b00, %a01 : f32
    %q01 = arith.mulf %b01, %a11 : f32
    %m01 = arith.addf %p01, %q01 : f32
    %p10 = arith.mulf %b10, %a00 : f32
    %q10 = arith.mulf %b11, %a10 : f32
    %m10 = arith.addf %p10, %q10 : f32
    %p11 = arith.mulf %b10, %a01 : f32
    %q11 = arith.mulf %b11, %a11 : f32
    %m11 = arith.addf %p11, %q11 : f32
    %m = tensor.from_elements %m00, %m01, %m10, %m11 : tensor<2x2xf32>
    linnet.yield %m : tensor<2x2xf32>
  }
  %e74 = arith.constant dense<
      [[[[2.0, -2.0], [-2.0, -4.0]], [[-1.0, 3.0], [-2.0, 3.0]], [[0.0, 1.0], [1.0, -3.0]]],
      [[[-4.0, -8.0], [-2.0, -10.0]], [[2.0, 0.0], [2.0, -6.0]], [[0.0, 0.0], [-1.0, 4.0]]],
      [[[6.0, 6.0], [0.0, -12.0]], [[-2.0, -6.0], [0.0, 6.0]], [[1.0, -4.0], [-2.0, 8.0]]],
      [[[12.0, 24.0], [0.0, 0.0]], [[-4.0, -24.0], [-2.0, 6.0]], [[4.0, -16.0], [-2.0, 8.0]]],
      [[[-24.0, -48.0], [-24.0, -48.0]], [[-10.0, -42.0], [-8.0, -12.0]], [[4.0, -16.0], [-6.0,
      24.0]]]]> : tensor<5x3x2x2xf32>
  check.expect_close %r2#0, %e74 {max_ulp = 0 : i64} : tensor<5x3x2x2xf32>
  %e75 = arith.constant dense<
      [[[-24.0, -48.0], [-24.0, -48.0]], [[-10.0, -42.0], [-8.0, -12.0]], [[4.0, -16.0], [-6.0,
      24.0]]]> : tensor<3x2x2xf32>
  check.expect_close %r2#1, %e75 {max_ulp = 0 : i64} : tensor<3x2x2xf32>
  return
}

func.func private @matrices_time_last() {
  %x = arith.constant dense<
      [[[[-2.0, -2.0], [0.0, -1.0]], [[-2.0, 1.0], [2.0, 2.0]], [[0.0, 0.0], [2.0, 0.0]], [[-2.0,
      -1.0], [2.0, -2.0]]], [[[2.0, 1.0], [0.0, 2.0]], [[2.0, 0.0], [1.0, 1.0]], [[1.0, 0.0],
      [2.0, 2.0]], [[-2.0, 0.0], [2.0, -2.0]]]]> : tensor<2x4x2x2xf32>
  %s = arith.constant dense<[[[-1.0, 0.0], [-1.0, 1.0]], [[2.0, -1.0], [1.0, -2.0]]]> : tensor<2x2x2xf32>
  %y = tensor.empty() : tensor<2x4x2x2xf32>
  %r0:2 = linnet.scan custom ins(%x : tensor<2x4x2x2xf32>) outs(%y : tensor<2x4x2x2xf32>)
      states(%s : tensor<2x2x2xf32>)
      {dimension = 1 : i64, element_ranks = array<i64: 2>, reverse} combine {
  ^bb0(%a: tensor<2x2xf32>, %b: tensor<2x2xf32>):
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %a00 = tensor.extract %a[%c0, %c0] : tensor<2x2xf32>
    %a01 = tensor.extract %a[%c0, %c1] : tensor<2x2xf32>
    %a10 = tensor.extract %a[%c1, %c0] : tensor<2x2xf32>
    %a11 = tensor.extract %a[%c1, %c1] : tensor<2x2xf32>
    %b00 = tensor.extract %b[%c0, %c0] : tensor<2x2xf32>
    %b01 = tensor.extract %b[%c0, %c1] : tensor<2x2xf32>
    %b10 = tensor.extract %b[%c1, %c0] : tensor<2x2xf32>
    %b11 = tensor.extract %b[%c1, %c1] : tensor<2x2xf32>
    %p00 = arith.mulf %b00, %a00 : f32
    %q00 = arith.mulf %b01, %a10 : f32
    %m00 = arith.addf %p00, %q00 : f32
    %p01 = arith.mulf %b00, %a01 : f32
    %q01 = arith.mulf %b01, %a11 : f32
    %m01 = arith.addf %p01, %q01 : f32
    %p10 = arith.mulf %b10, %a00 : f32
    %q10 = arith.mulf %b11, %a10 : f32
    %m10 = arith.addf %p10, %q10 : f32
    %p11 = arith.mulf %b10, %a01 : f32
    %q11 = arith.mulf %b11, %a11 : f32
    %m11 = arith.addf %p11, %q11 : f32
    %m = tensor.from_elements %m00, %m01, %m10, %m11 : tensor<2x2xf32>
    linnet.yield %m : tensor<2x2xf32>
  }
  %e76 = arith.constant dense<
      [[[[-36.0, 12.0], [-12.0, 4.0]], [[6.0, -2.0], [12.0, -4.0]], [[0.0, 0.0], [6.0, -2.0]],
      [[3.0, -1.0], [0.0, -2.0]]], [[[-24.0, 18.0], [-16.0, 20.0]], [[-8.0, 4.0], [-8.0, 10.0]],
      [[-4.0, 2.0], [-4.0, 8.0]], [[-4.0, 2.0], [2.0, 2.0]]]]> : tensor<2x4x2x2xf32>
  check.expect_close %r0#0, %e76 {max_ulp = 0 : i64} : tensor<2x4x2x2xf32>
  %e77 = arith.constant dense<[[[-36.0, 12.0], [-12.0, 4.0]], [[-24.0, 18.0], [-16.0, 20.0]]]> : tensor<2x2x2xf32>
  check.expect_close %r0#1, %e77 {max_ulp = 0 : i64} : tensor<2x2x2xf32>
  %r1:2 = linnet.scan custom ins(%x : tensor<2x4x2x2xf32>) outs(%y : tensor<2x4x2x2xf32>)
      states(%s : tensor<2x2x2xf32>)
      {dimension = 1 : i64, element_ranks = array<i64: 2>} combine {
  ^bb0(%a: tensor<2x2xf32>, %b: tensor<2x2xf32>):
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %a00 = tensor.extract %a[%c0, %c0] : tensor<2x2xf32>
    %a01 = tensor.extract %a[%c0, %c1] : tensor<2x2xf32>
    %a10 = tensor.extract %a[%c1, %c0] : tensor<2x2xf32>
    %a11 = tensor.extract %a[%c1, %c1] : tensor<2x2xf32>
    %b00 = tensor.extract %b[%c0, %c0] : tensor<2x2xf32>
    %b01 = tensor.extract %b[%c0, %c1] : tensor<2x2xf32>
    %b10 = tensor.extract %b[%c1, %c0] : tensor<2x2xf32>
    %b11 = tensor.extract %b[%c1, %c1] : tensor<2x2xf32>
    %p00 = arith.mulf %b00, %a00 : f32
    %q00 = arith.mulf %b01, %a10 : f32
    %m00 = arith.addf %p00, %q00 : f32
    %p01 = arith.mulf %b00, %a01 : f32
    %q01 = arith.mulf %b01, %a11 : f32
    %m01 = arith.addf %p01, %q01 : f32
    %p10 = arith.mulf %b10, %a00 : f32
    %q10 = arith.mulf %b11, %a10 : f32
    %m10 = arith.addf %p10, %q10 : f32
    %p11 = arith.mulf %b10, %a01 : f32
    %q11 = arith.mulf %b11, %a11 : f32
    %m11 = arith.addf %p11, %q11 : f32
    %m = tensor.from_elements %m00, %m01, %m10, %m11 : tensor<2x2xf32>
    linnet.yield %m : tensor<2x2xf32>
  }
  %e78 = arith.constant dense<
      [[[[4.0, -2.0], [1.0, -1.0]], [[-7.0, 3.0], [10.0, -6.0]], [[0.0, 0.0], [-14.0, 6.0]],
      [[14.0, -6.0], [28.0, -12.0]]], [[[5.0, -4.0], [2.0, -4.0]], [[10.0, -8.0], [7.0, -8.0]],
      [[10.0, -8.0], [34.0, -32.0]], [[-20.0, 16.0], [-48.0, 48.0]]]]> : tensor<2x4x2x2xf32>
  check.expect_close %r1#0, %e78 {max_ulp = 0 : i64} : tensor<2x4x2x2xf32>
  %e79 = arith.constant dense<[[[14.0, -6.0], [28.0, -12.0]], [[-20.0, 16.0], [-48.0, 48.0]]]> : tensor<2x2x2xf32>
  check.expect_close %r1#1, %e79 {max_ulp = 0 : i64} : tensor<2x2x2xf32>
  return
}

// Elementwise operations on element tensors, with a scalar and a constant among their operands: a carry of 3 numbers
// that restarts where the first of the later element is negative.
func.func private @vectors() {
  %x = arith.constant dense<
      [[[1.0, -3.0, 1.0], [-3.0, 5.0, 6.0]], [[-3.0, 5.0, 4.0], [0.0, 4.0, 6.0]], [[4.0, 3.0,
      0.0], [3.0, 4.0, 4.0]], [[-1.0, 1.0, 0.0], [3.0, 1.0, 1.0]]]> : tensor<4x2x3xf32>
  %s = arith.constant dense<[[1.0, 1.0, 0.0], [2.0, 1.0, 0.0]]> : tensor<2x3xf32>
  %y = tensor.empty() : tensor<4x2x3xf32>
  %r0:2 = linnet.scan custom ins(%x : tensor<4x2x3xf32>) outs(%y : tensor<4x2x3xf32>)
      states(%s : tensor<2x3xf32>)
      {dimension = 0 : i64, element_ranks = array<i64: 1>} combine {
  ^bb0(%a: tensor<3xf32>, %b: tensor<3xf32>):
    %c0 = arith.constant 0 : index
    %zero = arith.constant 0.0 : f32
    %one = arith.constant dense<1.0> : tensor<3xf32>
    %first = tensor.extract %b[%c0] : tensor<3xf32>
    %negative = arith.cmpf olt, %first, %zero : f32
    %sum = arith.addf %a, %b : tensor<3xf32>
    %product = arith.mulf %sum, %one : tensor<3xf32>
    %next = arith.select %negative, %b, %product : tensor<3xf32>
    linnet.yield %next : tensor<3xf32>
  }
  %e80 = arith.constant dense<
      [[[2.0, -2.0, 1.0], [-3.0, 5.0, 6.0]], [[-3.0, 5.0, 4.0], [-3.0, 9.0, 12.0]], [[1.0, 8.0,
      4.0], [0.0, 13.0, 16.0]], [[-1.0, 1.0, 0.0], [3.0, 14.0, 17.0]]]> : tensor<4x2x3xf32>
  check.expect_close %r0#0, %e80 {max_ulp = 0 : i64} : tensor<4x2x3xf32>
  %e81 = arith.constant dense<[[-1.0, 1.0, 0.0], [3.0, 14.0, 17.0]]> : tensor<2x3xf32>
  check.expect_close %r0#1, %e81 {max_ulp = 0 : i64} : tensor<2x3xf32>
  return
}

// A tuple of two types: the running maximum and where it is first reached. Segments begin anew with the element.
func.func private @tuples() {
  %x_lanes = arith.constant dense<
      [[0.0, 3.0, 6.0, 2.0, 7.0, 1.0, 1.0, 3.0, 6.0], [2.0, 7.0, 0.0, 8.0, 0.0, 7.0, 0.0, 3.0,
      2.0], [8.0, 5.0, 8.0, 3.0, 4.0, 4.0, 6.0, 4.0, 8.0], [1.0, 4.0, 2.0, 7.0, 1.0, 6.0, 8.0,
      2.0, 2.0]]> : tensor<4x9xf32>
  %i_lanes = arith.constant dense<
      [[0, 0, 0, 0, 0, 0, 0, 0, 0], [1, 1, 1, 1, 1, 1, 1, 1, 1], [2, 2, 2, 2, 2, 2, 2, 2, 2], [3,
      3, 3, 3, 3, 3, 3, 3, 3]]> : tensor<4x9xi32>
  %s_lanes = arith.constant dense<2.0> : tensor<9xf32>
  %j_lanes = arith.constant dense<-1> : tensor<9xi32>
  %g_lanes = arith.constant dense<
      [[0, 1, 0, 1, 0, 0, 0, 0, 1], [0, 0, 0, 0, 0, 1, 0, 0, 0], [0, 0, 0, 0, 1, 0, 0, 0, 0], [1,
      0, 0, 1, 0, 0, 0, 0, 1]]> : tensor<4x9xi8>
  %y_lanes = tensor.empty() : tensor<4x9xf32>
  %k_lanes = tensor.empty() : tensor<4x9xi32>
  %r0:4 = linnet.scan custom ins(%x_lanes, %i_lanes : tensor<4x9xf32>, tensor<4x9xi32>)
      outs(%y_lanes, %k_lanes : tensor<4x9xf32>, tensor<4x9xi32>)
      states(%s_lanes, %j_lanes : tensor<9xf32>, tensor<9xi32>)
      {dimension = 0 : i64, reverse} combine {
  ^bb0(%a: f32, %i: i32, %b: f32, %j: i32):
    %greater = arith.cmpf ogt, %b, %a : f32
    %max = arith.select %greater, %b, %a : f32
    %place = arith.select %greater, %j, %i : i32
    linnet.yield %max, %place : f32, i32
  }
  %e82 = arith.constant dense<
      [[8.0, 7.0, 8.0, 8.0, 7.0, 7.0, 8.0, 4.0, 8.0], [8.0, 7.0, 8.0, 8.0, 4.0, 7.0, 8.0, 4.0,
      8.0], [8.0, 5.0, 8.0, 7.0, 4.0, 6.0, 8.0, 4.0, 8.0], [2.0, 4.0, 2.0, 7.0, 2.0, 6.0, 8.0,
      2.0, 2.0]]> : tensor<4x9xf32>
  check.expect_close %r0#0, %e82 {max_ulp = 0 : i64} : tensor<4x9xf32>
  %v83 = call @to_float_4x9_i32(%r0#1) : (tensor<4x9xi32>) -> tensor<4x9xf32>
  %e83 = arith.constant dense<
      [[2.0, 1.0, 2.0, 1.0, 0.0, 1.0, 3.0, 2.0, 2.0], [2.0, 1.0, 2.0, 1.0, 2.0, 1.0, 3.0, 2.0,
      2.0], [2.0, 2.0, 2.0, 3.0, 2.0, 3.0, 3.0, 2.0, 2.0], [-1.0, 3.0, -1.0, 3.0, -1.0, 3.0, 3.0,
      -1.0, -1.0]]> : tensor<4x9xf32>
  check.expect_close %v83, %e83 {max_ulp = 0 : i64} : tensor<4x9xf32>
  %e84 = arith.constant dense<[8.0, 7.0, 8.0, 8.0, 7.0, 7.0, 8.0, 4.0, 8.0]> : tensor<9xf32>
  check.expect_close %r0#2, %e84 {max_ulp = 0 : i64} : tensor<9xf32>
  %v85 = call @to_float_9_i32(%r0#3) : (tensor<9xi32>) -> tensor<9xf32>
  %e85 = arith.constant dense<[2.0, 1.0, 2.0, 1.0, 0.0, 1.0, 3.0, 2.0, 2.0]> : tensor<9xf32>
  check.expect_close %v85, %e85 {max_ulp = 0 : i64} : tensor<9xf32>
  %r1:4 = linnet.scan custom ins(%x_lanes, %i_lanes : tensor<4x9xf32>, tensor<4x9xi32>)
      outs(%y_lanes, %k_lanes : tensor<4x9xf32>, tensor<4x9xi32>)
      states(%s_lanes, %j_lanes : tensor<9xf32>, tensor<9xi32>) segments(%g_lanes : tensor<4x9xi8>)
      {dimension = 0 : i64} combine {
  ^bb0(%a: f32, %i: i32, %b: f32, %j: i32):
    %greater = arith.cmpf ogt, %b, %a : f32
    %max = arith.select %greater, %b, %a : f32
    %place = arith.select %greater, %j, %i : i32
    linnet.yield %max, %place : f32, i32
  }
  %e86 = arith.constant dense<
      [[2.0, 3.0, 6.0, 2.0, 7.0, 2.0, 2.0, 3.0, 6.0], [2.0, 7.0, 6.0, 8.0, 7.0, 7.0, 2.0, 3.0,
      6.0], [8.0, 7.0, 8.0, 8.0, 4.0, 7.0, 6.0, 4.0, 8.0], [1.0, 7.0, 8.0, 7.0, 4.0, 7.0, 8.0,
      4.0, 2.0]]> : tensor<4x9xf32>
  check.expect_close %r1#0, %e86 {max_ulp = 0 : i64} : tensor<4x9xf32>
  %v87 = call @to_float_4x9_i32(%r1#1) : (tensor<4x9xi32>) -> tensor<4x9xf32>
  %e87 = arith.constant dense<
      [[-1.0, 0.0, 0.0, 0.0, 0.0, -1.0, -1.0, 0.0, 0.0], [-1.0, 1.0, 0.0, 1.0, 0.0, 1.0, -1.0,
      0.0, 0.0], [2.0, 1.0, 2.0, 1.0, 2.0, 1.0, 2.0, 2.0, 2.0], [3.0, 1.0, 2.0, 3.0, 2.0, 1.0,
      3.0, 2.0, 3.0]]> : tensor<4x9xf32>
  check.expect_close %v87, %e87 {max_ulp = 0 : i64} : tensor<4x9xf32>
  %e88 = arith.constant dense<[1.0, 7.0, 8.0, 7.0, 4.0, 7.0, 8.0, 4.0, 2.0]> : tensor<9xf32>
  check.expect_close %r1#2, %e88 {max_ulp = 0 : i64} : tensor<9xf32>
  %v89 = call @to_float_9_i32(%r1#3) : (tensor<9xi32>) -> tensor<9xf32>
  %e89 = arith.constant dense<[3.0, 1.0, 2.0, 3.0, 2.0, 1.0, 3.0, 2.0, 3.0]> : tensor<9xf32>
  check.expect_close %v89, %e89 {max_ulp = 0 : i64} : tensor<9xf32>
  %x_time = arith.constant dense<
      [[6.0, 1.0, 6.0, 1.0, 2.0, 5.0, 1.0, 8.0, 6.0, 2.0, 3.0, 5.0, 2.0, 5.0, 8.0, 3.0, 1.0, 2.0,
      4.0, 5.0]]> : tensor<1x20xf32>
  %i_time = arith.constant dense<
      [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19]]> : tensor<1x20xi32>
  %s_time = arith.constant dense<[2.0]> : tensor<1xf32>
  %j_time = arith.constant dense<[-1]> : tensor<1xi32>
  %g_time = arith.constant dense<[[1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 1, 0, 0]]> : tensor<1x20xi8>
  %y_time = tensor.empty() : tensor<1x20xf32>
  %k_time = tensor.empty() : tensor<1x20xi32>
  %r2:4 = linnet.scan custom ins(%x_time, %i_time : tensor<1x20xf32>, tensor<1x20xi32>)
      outs(%y_time, %k_time : tensor<1x20xf32>, tensor<1x20xi32>)
      states(%s_time, %j_time : tensor<1xf32>, tensor<1xi32>)
      {dimension = 1 : i64, reverse} combine {
  ^bb0(%a: f32, %i: i32, %b: f32, %j: i32):
    %greater = arith.cmpf ogt, %b, %a : f32
    %max = arith.select %greater, %b, %a : f32
    %place = arith.select %greater, %j, %i : i32
    linnet.yield %max, %place : f32, i32
  }
  %e90 = arith.constant dense<
      [[8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 5.0, 5.0, 5.0,
      5.0, 5.0]]> : tensor<1x20xf32>
  check.expect_close %r2#0, %e90 {max_ulp = 0 : i64} : tensor<1x20xf32>
  %v91 = call @to_float_1x20_i32(%r2#1) : (tensor<1x20xi32>) -> tensor<1x20xf32>
  %e91 = arith.constant dense<
      [[14.0, 14.0, 14.0, 14.0, 14.0, 14.0, 14.0, 14.0, 14.0, 14.0, 14.0, 14.0, 14.0, 14.0, 14.0,
      19.0, 19.0, 19.0, 19.0, 19.0]]> : tensor<1x20xf32>
  check.expect_close %v91, %e91 {max_ulp = 0 : i64} : tensor<1x20xf32>
  %e92 = arith.constant dense<[8.0]> : tensor<1xf32>
  check.expect_close %r2#2, %e92 {max_ulp = 0 : i64} : tensor<1xf32>
  %v93 = call @to_float_1_i32(%r2#3) : (tensor<1xi32>) -> tensor<1xf32>
  %e93 = arith.constant dense<[14.0]> : tensor<1xf32>
  check.expect_close %v93, %e93 {max_ulp = 0 : i64} : tensor<1xf32>
  %r3:4 = linnet.scan custom ins(%x_time, %i_time : tensor<1x20xf32>, tensor<1x20xi32>)
      outs(%y_time, %k_time : tensor<1x20xf32>, tensor<1x20xi32>)
      states(%s_time, %j_time : tensor<1xf32>, tensor<1xi32>) segments(%g_time : tensor<1x20xi8>)
      {dimension = 1 : i64} combine {
  ^bb0(%a: f32, %i: i32, %b: f32, %j: i32):
    %greater = arith.cmpf ogt, %b, %a : f32
    %max = arith.select %greater, %b, %a : f32
    %place = arith.select %greater, %j, %i : i32
    linnet.yield %max, %place : f32, i32
  }
  %e94 = arith.constant dense<
      [[6.0, 6.0, 6.0, 6.0, 2.0, 5.0, 1.0, 8.0, 8.0, 8.0, 8.0, 5.0, 2.0, 5.0, 8.0, 8.0, 8.0, 2.0,
      4.0, 5.0]]> : tensor<1x20xf32>
  check.expect_close %r3#0, %e94 {max_ulp = 0 : i64} : tensor<1x20xf32>
  %v95 = call @to_float_1x20_i32(%r3#1) : (tensor<1x20xi32>) -> tensor<1x20xf32>
  %e95 = arith.constant dense<
      [[0.0, 0.0, 0.0, 0.0, 4.0, 5.0, 6.0, 7.0, 7.0, 7.0, 7.0, 11.0, 12.0, 13.0, 14.0, 14.0, 14.0,
      17.0, 18.0, 19.0]]> : tensor<1x20xf32>
  check.expect_close %v95, %e95 {max_ulp = 0 : i64} : tensor<1x20xf32>
  %e96 = arith.constant dense<[5.0]> : tensor<1xf32>
  check.expect_close %r3#2, %e96 {max_ulp = 0 : i64} : tensor<1xf32>
  %v97 = call @to_float_1_i32(%r3#3) : (tensor<1xi32>) -> tensor<1xf32>
  %e97 = arith.constant dense<[19.0]> : tensor<1xf32>
  check.expect_close %v97, %e97 {max_ulp = 0 : i64} : tensor<1xf32>
  return
}

// NaN goes through min and max and stops at a segment, -0 is less than +0, -0 + -0 is -0.
func.func private @special_values() {
  %x = arith.constant dense<[[1.0, 0x7FC00000, 2.0, 0xFF800000, 3.0, 4.0, 0.0, -0.0]]> : tensor<1x8xf32>
  %g = arith.constant dense<[[0, 0, 0, 1, 0, 1, 0, 0]]> : tensor<1x8xi32>
  %y = tensor.empty() : tensor<1x8xf32>
  %s = arith.constant dense<[5.0]> : tensor<1xf32>
  %r0:2 = linnet.scan min ins(%x : tensor<1x8xf32>) outs(%y : tensor<1x8xf32>)
      states(%s : tensor<1xf32>) segments(%g : tensor<1x8xi32>) {dimension = 1 : i64}
  %e98 = arith.constant dense<
      [[1.0, 0x7FC00000, 0x7FC00000, 0xFF800000, 0xFF800000, 4.0, 0.0, -0.0]]> : tensor<1x8xf32>
  check.expect_close %r0#0, %e98 {max_ulp = 0 : i64} : tensor<1x8xf32>
  %r1:2 = linnet.scan max ins(%x : tensor<1x8xf32>) outs(%y : tensor<1x8xf32>)
      states(%s : tensor<1xf32>) segments(%g : tensor<1x8xi32>) {dimension = 1 : i64}
  %e99 = arith.constant dense<[[5.0, 0x7FC00000, 0x7FC00000, 0xFF800000, 3.0, 4.0, 4.0, 4.0]]> : tensor<1x8xf32>
  check.expect_close %r1#0, %e99 {max_ulp = 0 : i64} : tensor<1x8xf32>
  %r2:2 = linnet.scan add ins(%x : tensor<1x8xf32>) outs(%y : tensor<1x8xf32>)
      states(%s : tensor<1xf32>) segments(%g : tensor<1x8xi32>) {dimension = 1 : i64}
  %e100 = arith.constant dense<
      [[6.0, 0x7FC00000, 0x7FC00000, 0xFF800000, 0xFF800000, 4.0, 4.0, 4.0]]> : tensor<1x8xf32>
  check.expect_close %r2#0, %e100 {max_ulp = 0 : i64} : tensor<1x8xf32>
  %z = arith.constant dense<[[-0.0, -0.0, 0.0, -0.0]]> : tensor<1x4xf32>
  %zs = arith.constant dense<[-0.0]> : tensor<1xf32>
  %zy = tensor.empty() : tensor<1x4xf32>
  %r3:2 = linnet.scan add ins(%z : tensor<1x4xf32>) outs(%zy : tensor<1x4xf32>)
      states(%zs : tensor<1xf32>) {dimension = 1 : i64}
  %e101 = arith.constant dense<[[-0.0, -0.0, 0.0, 0.0]]> : tensor<1x4xf32>
  check.expect_close %r3#0, %e101 {max_ulp = 0 : i64} : tensor<1x4xf32>
  %r4:2 = linnet.scan max ins(%z : tensor<1x4xf32>) outs(%zy : tensor<1x4xf32>)
      states(%zs : tensor<1xf32>) {dimension = 1 : i64}
  %e102 = arith.constant dense<[[-0.0, -0.0, 0.0, 0.0]]> : tensor<1x4xf32>
  check.expect_close %r4#0, %e102 {max_ulp = 0 : i64} : tensor<1x4xf32>
  return
}

// Sums and products of integers wrap: 100 + 100 = -56, 16 * 16 = 0 in 8 bits.
func.func private @integers_wrap() {
  %x = arith.constant dense<100> : tensor<3x2xi8>
  %y = tensor.empty() : tensor<3x2xi8>
  %s = arith.constant dense<[0, 1]> : tensor<2xi8>
  %r0:2 = linnet.scan add ins(%x : tensor<3x2xi8>) outs(%y : tensor<3x2xi8>)
      states(%s : tensor<2xi8>) {dimension = 0 : i64}
  %v103 = call @to_float_3x2_i8(%r0#0) : (tensor<3x2xi8>) -> tensor<3x2xf32>
  %e103 = arith.constant dense<[[100.0, 101.0], [-56.0, -55.0], [44.0, 45.0]]> : tensor<3x2xf32>
  check.expect_close %v103, %e103 {max_ulp = 0 : i64} : tensor<3x2xf32>
  %m = arith.constant dense<16> : tensor<3x2xi8>
  %r1:2 = linnet.scan mul ins(%m : tensor<3x2xi8>) outs(%y : tensor<3x2xi8>)
      states(%s : tensor<2xi8>) {dimension = 0 : i64}
  %v104 = call @to_float_3x2_i8(%r1#0) : (tensor<3x2xi8>) -> tensor<3x2xf32>
  %e104 = arith.constant dense<[[0.0, 16.0], [0.0, 0.0], [0.0, 0.0]]> : tensor<3x2xf32>
  check.expect_close %v104, %e104 {max_ulp = 0 : i64} : tensor<3x2xf32>
  return
}

// n elements, then T - n from the state that they leave, are T, for every n from 0 to T: lengths 0 and 1 among them.
// The lengths are dynamic; sums of whole numbers are exact.
func.func private @split_across_lanes() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %cT = arith.constant 7 : index
  %end = arith.constant 8 : index
  %e = tensor.empty() : tensor<7x17xf32>
  %x = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
      outs(%e : tensor<7x17xf32>) {
  ^bb0(%out: f32):
    %i = linalg.index 0 : index
    %j = linalg.index 1 : index
    %n = affine.apply affine_map<(i, j) -> ((i * 7 + j * 5) mod 11 - 5)>(%i, %j)
    %k = arith.index_cast %n : index to i32
    %v = arith.sitofp %k : i32 to f32
    linalg.yield %v : f32
  } -> tensor<7x17xf32>
  %s = arith.constant dense<2.0> : tensor<17xf32>
  %whole:2 = linnet.scan add ins(%x : tensor<7x17xf32>) outs(%e : tensor<7x17xf32>) states(%s : tensor<17xf32>)
                             {dimension = 0 : i64}
  scf.for %n1 = %c0 to %end step %c1 {
    %n2 = arith.subi %cT, %n1 : index
    %x1 = tensor.extract_slice %x[0, 0] [%n1, 17] [1, 1] : tensor<7x17xf32> to tensor<?x17xf32>
    %x2 = tensor.extract_slice %x[%n1, 0] [%n2, 17] [1, 1] : tensor<7x17xf32> to tensor<?x17xf32>
    %e1 = tensor.empty(%n1) : tensor<?x17xf32>
    %e2 = tensor.empty(%n2) : tensor<?x17xf32>
    %first:2 = linnet.scan add ins(%x1 : tensor<?x17xf32>) outs(%e1 : tensor<?x17xf32>) states(%s : tensor<17xf32>)
                               {dimension = 0 : i64}
    %second:2 = linnet.scan add ins(%x2 : tensor<?x17xf32>) outs(%e2 : tensor<?x17xf32>)
                                states(%first#1 : tensor<17xf32>)
                                {dimension = 0 : i64}
    %w1 = tensor.extract_slice %whole#0[0, 0] [%n1, 17] [1, 1] : tensor<7x17xf32> to tensor<?x17xf32>
    %w2 = tensor.extract_slice %whole#0[%n1, 0] [%n2, 17] [1, 1] : tensor<7x17xf32> to tensor<?x17xf32>
    check.expect_close %first#0, %w1 {max_ulp = 0 : i64} : tensor<?x17xf32>
    check.expect_close %second#0, %w2 {max_ulp = 0 : i64} : tensor<?x17xf32>
    check.expect_close %second#1, %whole#1 {max_ulp = 0 : i64} : tensor<17xf32>
  }
  return
}

// The same along time.
func.func private @split_along_time() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %cT = arith.constant 18 : index
  %end = arith.constant 19 : index
  %e = tensor.empty() : tensor<2x18xf32>
  %x = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
      outs(%e : tensor<2x18xf32>) {
  ^bb0(%out: f32):
    %i = linalg.index 0 : index
    %j = linalg.index 1 : index
    %n = affine.apply affine_map<(i, j) -> ((i * 7 + j * 5) mod 11 - 5)>(%i, %j)
    %k = arith.index_cast %n : index to i32
    %v = arith.sitofp %k : i32 to f32
    linalg.yield %v : f32
  } -> tensor<2x18xf32>
  %s = arith.constant dense<2.0> : tensor<2xf32>
  %whole:2 = linnet.scan add ins(%x : tensor<2x18xf32>) outs(%e : tensor<2x18xf32>) states(%s : tensor<2xf32>)
                             {dimension = 1 : i64}
  scf.for %n1 = %c0 to %end step %c1 {
    %n2 = arith.subi %cT, %n1 : index
    %x1 = tensor.extract_slice %x[0, 0] [2, %n1] [1, 1] : tensor<2x18xf32> to tensor<2x?xf32>
    %x2 = tensor.extract_slice %x[0, %n1] [2, %n2] [1, 1] : tensor<2x18xf32> to tensor<2x?xf32>
    %e1 = tensor.empty(%n1) : tensor<2x?xf32>
    %e2 = tensor.empty(%n2) : tensor<2x?xf32>
    %first:2 = linnet.scan add ins(%x1 : tensor<2x?xf32>) outs(%e1 : tensor<2x?xf32>) states(%s : tensor<2xf32>)
                               {dimension = 1 : i64}
    %second:2 = linnet.scan add ins(%x2 : tensor<2x?xf32>) outs(%e2 : tensor<2x?xf32>) states(%first#1 : tensor<2xf32>)
                                {dimension = 1 : i64}
    %w1 = tensor.extract_slice %whole#0[0, 0] [2, %n1] [1, 1] : tensor<2x18xf32> to tensor<2x?xf32>
    %w2 = tensor.extract_slice %whole#0[0, %n1] [2, %n2] [1, 1] : tensor<2x18xf32> to tensor<2x?xf32>
    check.expect_close %first#0, %w1 {max_ulp = 0 : i64} : tensor<2x?xf32>
    check.expect_close %second#0, %w2 {max_ulp = 0 : i64} : tensor<2x?xf32>
    check.expect_close %second#1, %whole#1 {max_ulp = 0 : i64} : tensor<2xf32>
  }
  return
}

// One lane of 40000 whole numbers, so that the fast path cuts time: t + 1 from ones; the maximum of t is t; the same in
// reverse.
func.func private @one_lane() {
  %one = arith.constant dense<1.0> : tensor<40000x1xf32>
  %s = arith.constant dense<0.0> : tensor<1xf32>
  %last = arith.constant dense<40000.0> : tensor<1xf32>
  %e = tensor.empty() : tensor<40000x1xf32>
  %up = linalg.generic {indexing_maps = [affine_map<(t, d) -> (t, d)>], iterator_types = ["parallel", "parallel"]}
      outs(%e : tensor<40000x1xf32>) {
  ^bb0(%out: f32):
    %t = linalg.index 0 : index
    %n = affine.apply affine_map<(t) -> (t + 1)>(%t)
    %i = arith.index_cast %n : index to i32
    %x = arith.sitofp %i : i32 to f32
    linalg.yield %x : f32
  } -> tensor<40000x1xf32>
  %r0:2 = linnet.scan add ins(%one : tensor<40000x1xf32>) outs(%e : tensor<40000x1xf32>) states(%s : tensor<1xf32>)
                          {dimension = 0 : i64}
  check.expect_close %r0#0, %up {max_ulp = 0 : i64} : tensor<40000x1xf32>
  %r1:2 = linnet.scan max ins(%up : tensor<40000x1xf32>) outs(%e : tensor<40000x1xf32>) states(%s : tensor<1xf32>)
                          {dimension = 0 : i64}
  check.expect_close %r1#0, %up {max_ulp = 0 : i64} : tensor<40000x1xf32>
  %r2:2 = linnet.scan min ins(%up : tensor<40000x1xf32>) outs(%e : tensor<40000x1xf32>) states(%last : tensor<1xf32>)
                          {dimension = 0 : i64, reverse}
  check.expect_close %r2#0, %up {max_ulp = 0 : i64} : tensor<40000x1xf32>
  %first = arith.constant dense<1.0> : tensor<1xf32>
  check.expect_close %r0#1, %last {max_ulp = 0 : i64} : tensor<1xf32>
  check.expect_close %r1#1, %last {max_ulp = 0 : i64} : tensor<1xf32>
  check.expect_close %r2#1, %first {max_ulp = 0 : i64} : tensor<1xf32>
  return
}

func.func @main() {
  call @kinds_across_lanes() : () -> ()
  call @kinds_along_time() : () -> ()
  call @logaddexp() : () -> ()
  call @options_across_lanes() : () -> ()
  call @options_along_time() : () -> ()
  call @matrices() : () -> ()
  call @matrices_time_last() : () -> ()
  call @vectors() : () -> ()
  call @tuples() : () -> ()
  call @special_values() : () -> ()
  call @integers_wrap() : () -> ()
  call @split_across_lanes() : () -> ()
  call @split_along_time() : () -> ()
  call @one_lane() : () -> ()
  return
}
