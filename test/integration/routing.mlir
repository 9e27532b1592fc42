// The Routing ops give the same right numbers on the reference path and on the path that `auto` takes, which is the same
// for them; what is around them differs.

// DEFINE: %{path} = reference
// DEFINE: %{run} = linnet-opt %s --inline --linnet-stage-input --linnet-stage-graph=path=%{path} \
// DEFINE:     --linnet-stage-tiled=path=%{path} --linnet-stage-vector --linnet-stage-llvm \
// DEFINE:   | mlir-runner -e main -entry-point-result=void -shared-libs=%shlibdir/liblinnet_check_runtime.so \
// DEFINE:   | FileCheck %s
// RUN: %{run}
// REDEFINE: %{path} = auto
// RUN: %{run}
// REDEFINE: %{path} = fast
// RUN: %{run}

// CHECK-COUNT-25: elements agree
// CHECK-NOT:      {{agree|differ}}

func.func private @to_float_1x4x2(%x: tensor<1x4x2xi32>) -> tensor<1x4x2xf32> {
  %e = tensor.empty() : tensor<1x4x2xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(a, b, c) -> (a, b, c)>, affine_map<(a, b, c) -> (a, b, c)>],
                       iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%x : tensor<1x4x2xi32>) outs(%e : tensor<1x4x2xf32>) {
  ^bb0(%in: i32, %out: f32):
    %f = arith.sitofp %in : i32 to f32
    linalg.yield %f : f32
  } -> tensor<1x4x2xf32>
  return %0 : tensor<1x4x2xf32>
}

func.func private @to_float_1x6x2(%x: tensor<1x6x2xi32>) -> tensor<1x6x2xf32> {
  %e = tensor.empty() : tensor<1x6x2xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(a, b, c) -> (a, b, c)>, affine_map<(a, b, c) -> (a, b, c)>],
                       iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%x : tensor<1x6x2xi32>) outs(%e : tensor<1x6x2xf32>) {
  ^bb0(%in: i32, %out: f32):
    %f = arith.sitofp %in : i32 to f32
    linalg.yield %f : f32
  } -> tensor<1x6x2xf32>
  return %0 : tensor<1x6x2xf32>
}

func.func private @to_float_2x1x3(%x: tensor<2x1x3xi32>) -> tensor<2x1x3xf32> {
  %e = tensor.empty() : tensor<2x1x3xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(a, b, c) -> (a, b, c)>, affine_map<(a, b, c) -> (a, b, c)>],
                       iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%x : tensor<2x1x3xi32>) outs(%e : tensor<2x1x3xf32>) {
  ^bb0(%in: i32, %out: f32):
    %f = arith.sitofp %in : i32 to f32
    linalg.yield %f : f32
  } -> tensor<2x1x3xf32>
  return %0 : tensor<2x1x3xf32>
}

func.func private @to_float_1x2x1(%x: tensor<1x2x1xi32>) -> tensor<1x2x1xf32> {
  %e = tensor.empty() : tensor<1x2x1xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(a, b, c) -> (a, b, c)>, affine_map<(a, b, c) -> (a, b, c)>],
                       iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%x : tensor<1x2x1xi32>) outs(%e : tensor<1x2x1xf32>) {
  ^bb0(%in: i32, %out: f32):
    %f = arith.sitofp %in : i32 to f32
    linalg.yield %f : f32
  } -> tensor<1x2x1xf32>
  return %0 : tensor<1x2x1xf32>
}

func.func private @to_float_16(%x: tensor<16xi32>) -> tensor<16xf32> {
  %e = tensor.empty() : tensor<16xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(a) -> (a)>, affine_map<(a) -> (a)>],
                       iterator_types = ["parallel"]}
      ins(%x : tensor<16xi32>) outs(%e : tensor<16xf32>) {
  ^bb0(%in: i32, %out: f32):
    %f = arith.sitofp %in : i32 to f32
    linalg.yield %f : f32
  } -> tensor<16xf32>
  return %0 : tensor<16xf32>
}

func.func private @to_float_2x4x2(%x: tensor<2x4x2xi32>) -> tensor<2x4x2xf32> {
  %e = tensor.empty() : tensor<2x4x2xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(a, b, c) -> (a, b, c)>, affine_map<(a, b, c) -> (a, b, c)>],
                       iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%x : tensor<2x4x2xi32>) outs(%e : tensor<2x4x2xf32>) {
  ^bb0(%in: i32, %out: f32):
    %f = arith.sitofp %in : i32 to f32
    linalg.yield %f : f32
  } -> tensor<2x4x2xf32>
  return %0 : tensor<2x4x2xf32>
}

func.func private @to_float_7(%x: tensor<7xi32>) -> tensor<7xf32> {
  %e = tensor.empty() : tensor<7xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(a) -> (a)>, affine_map<(a) -> (a)>],
                       iterator_types = ["parallel"]}
      ins(%x : tensor<7xi32>) outs(%e : tensor<7xf32>) {
  ^bb0(%in: i32, %out: f32):
    %f = arith.sitofp %in : i32 to f32
    linalg.yield %f : f32
  } -> tensor<7xf32>
  return %0 : tensor<7xf32>
}

func.func private @to_float_8(%x: tensor<8xi32>) -> tensor<8xf32> {
  %e = tensor.empty() : tensor<8xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(a) -> (a)>, affine_map<(a) -> (a)>],
                       iterator_types = ["parallel"]}
      ins(%x : tensor<8xi32>) outs(%e : tensor<8xf32>) {
  ^bb0(%in: i32, %out: f32):
    %f = arith.sitofp %in : i32 to f32
    linalg.yield %f : f32
  } -> tensor<8xf32>
  return %0 : tensor<8xf32>
}

func.func private @to_float_2x2x2(%x: tensor<2x2x2xi32>) -> tensor<2x2x2xf32> {
  %e = tensor.empty() : tensor<2x2x2xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(a, b, c) -> (a, b, c)>, affine_map<(a, b, c) -> (a, b, c)>],
                       iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%x : tensor<2x2x2xi32>) outs(%e : tensor<2x2x2xf32>) {
  ^bb0(%in: i32, %out: f32):
    %f = arith.sitofp %in : i32 to f32
    linalg.yield %f : f32
  } -> tensor<2x2x2xf32>
  return %0 : tensor<2x2x2xf32>
}

func.func private @to_float_5(%x: tensor<5xi32>) -> tensor<5xf32> {
  %e = tensor.empty() : tensor<5xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(a) -> (a)>, affine_map<(a) -> (a)>],
                       iterator_types = ["parallel"]}
      ins(%x : tensor<5xi32>) outs(%e : tensor<5xf32>) {
  ^bb0(%in: i32, %out: f32):
    %f = arith.sitofp %in : i32 to f32
    linalg.yield %f : f32
  } -> tensor<5xf32>
  return %0 : tensor<5xf32>
}

func.func private @to_float_4(%x: tensor<4xi32>) -> tensor<4xf32> {
  %e = tensor.empty() : tensor<4xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(a) -> (a)>, affine_map<(a) -> (a)>],
                       iterator_types = ["parallel"]}
      ins(%x : tensor<4xi32>) outs(%e : tensor<4xf32>) {
  ^bb0(%in: i32, %out: f32):
    %f = arith.sitofp %in : i32 to f32
    linalg.yield %f : f32
  } -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

func.func private @to_float_1x2x2(%x: tensor<1x2x2xi32>) -> tensor<1x2x2xf32> {
  %e = tensor.empty() : tensor<1x2x2xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(a, b, c) -> (a, b, c)>, affine_map<(a, b, c) -> (a, b, c)>],
                       iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%x : tensor<1x2x2xi32>) outs(%e : tensor<1x2x2xf32>) {
  ^bb0(%in: i32, %out: f32):
    %f = arith.sitofp %in : i32 to f32
    linalg.yield %f : f32
  } -> tensor<1x2x2xf32>
  return %0 : tensor<1x2x2xf32>
}

func.func private @to_float_3(%x: tensor<3xi32>) -> tensor<3xf32> {
  %e = tensor.empty() : tensor<3xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(a) -> (a)>, affine_map<(a) -> (a)>],
                       iterator_types = ["parallel"]}
      ins(%x : tensor<3xi32>) outs(%e : tensor<3xf32>) {
  ^bb0(%in: i32, %out: f32):
    %f = arith.sitofp %in : i32 to f32
    linalg.yield %f : f32
  } -> tensor<3xf32>
  return %0 : tensor<3xf32>
}

func.func private @to_float_1(%x: tensor<1xi32>) -> tensor<1xf32> {
  %e = tensor.empty() : tensor<1xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(a) -> (a)>, affine_map<(a) -> (a)>],
                       iterator_types = ["parallel"]}
      ins(%x : tensor<1xi32>) outs(%e : tensor<1xf32>) {
  ^bb0(%in: i32, %out: f32):
    %f = arith.sitofp %in : i32 to f32
    linalg.yield %f : f32
  } -> tensor<1xf32>
  return %0 : tensor<1xf32>
}

// Exponentials of 1, 3, 1, 2: the weights are 3 and 2 of 5. Of equal scores the first comes first. Of scores that
// differ by less than their exponentials can show, the greater does.
func.func private @topk() {
  %scores = arith.constant dense<[[[0.0, 1.0986123, 0.0, 0.6931472], [1.0, 2.0, 2.0, 1.0], [7.0, 7.0, 7.0, 7.0], [-30.0, -30.000002, 30.0, -30.0]]]> : tensor<1x4x4xf32>
  %w0 = tensor.empty() : tensor<1x4x2xf32>
  %i0 = tensor.empty() : tensor<1x4x2xi32>
  %route:2 = linnet.route_topk ins(%scores : tensor<1x4x4xf32>) outs(%w0, %i0 : tensor<1x4x2xf32>, tensor<1x4x2xi32>)
  %f1 = call @to_float_1x4x2(%route#1) : (tensor<1x4x2xi32>) -> tensor<1x4x2xf32>
  %e1 = arith.constant dense<[[[1.0, 3.0], [1.0, 2.0], [0.0, 1.0], [2.0, 0.0]]]> : tensor<1x4x2xf32>
  check.expect_close %f1, %e1 {max_ulp = 0 : i64} : tensor<1x4x2xf32>
  %e2 = arith.constant dense<[[[0.6, 0.4], [0.5, 0.5], [0.5, 0.5], [1.0, 0.0]]]> : tensor<1x4x2xf32>
  check.expect_close %route#0, %e2 {rtol = 1.0e-6 : f64, atol = 1.0e-7 : f64} : tensor<1x4x2xf32>
  return
}

// Great differences, infinities and NaN: the indices are different ones whatever happens.
func.func private @special_scores() {
  %scores = arith.constant dense<[[[1000.0, 1001.0, -1000.0, 0.0], [0xFF800000, 5.0, 0xFF800000, 0xFF800000], [0.0, 0x7FC00000, 3.0, 1.0], [0x7FC00000, 1.0, 2.0, 3.0], [0x7FC00000, 0x7FC00000, 0x7FC00000, 0x7FC00000], [0xFF800000, 0xFF800000, 0xFF800000, 0xFF800000]]]> : tensor<1x6x4xf32>
  %w0 = tensor.empty() : tensor<1x6x2xf32>
  %i0 = tensor.empty() : tensor<1x6x2xi32>
  %route:2 = linnet.route_topk ins(%scores : tensor<1x6x4xf32>) outs(%w0, %i0 : tensor<1x6x2xf32>, tensor<1x6x2xi32>)
  %f1 = call @to_float_1x6x2(%route#1) : (tensor<1x6x2xi32>) -> tensor<1x6x2xf32>
  %e1 = arith.constant dense<[[[1.0, 0.0], [1.0, 0.0], [2.0, 3.0], [0.0, 3.0], [0.0, 1.0], [0.0, 1.0]]]> : tensor<1x6x2xf32>
  check.expect_close %f1, %e1 {max_ulp = 0 : i64} : tensor<1x6x2xf32>
  %e2 = arith.constant dense<[[[0.7310585786300049, 0.2689414213699951], [1.0, 0.0], [0x7FC00000, 0x7FC00000], [0x7FC00000, 0x7FC00000], [0x7FC00000, 0x7FC00000], [0x7FC00000, 0x7FC00000]]]> : tensor<1x6x2xf32>
  check.expect_close %route#0, %e2 {rtol = 1.0e-6 : f64, atol = 1.0e-7 : f64} : tensor<1x6x2xf32>
  return
}

// k = E sorts; the weights are the softmax. f64.
func.func private @all_experts() {
  %scores = arith.constant dense<[[[0.0, 1.0, 0.5]], [[-1.0, -2.0, -3.0]]]> : tensor<2x1x3xf64>
  %w0 = tensor.empty() : tensor<2x1x3xf64>
  %i0 = tensor.empty() : tensor<2x1x3xi32>
  %route:2 = linnet.route_topk ins(%scores : tensor<2x1x3xf64>) outs(%w0, %i0 : tensor<2x1x3xf64>, tensor<2x1x3xi32>)
  %f1 = call @to_float_2x1x3(%route#1) : (tensor<2x1x3xi32>) -> tensor<2x1x3xf32>
  %e1 = arith.constant dense<[[[1.0, 2.0, 0.0]], [[0.0, 1.0, 2.0]]]> : tensor<2x1x3xf32>
  check.expect_close %f1, %e1 {max_ulp = 0 : i64} : tensor<2x1x3xf32>
  %e2 = arith.constant dense<[[[0.506480391055654, 0.3071958857184984, 0.18632372322584756]], [[0.6652409557748219, 0.24472847105479767, 0.09003057317038046]]]> : tensor<2x1x3xf64>
  check.expect_close %route#0, %e2 {rtol = 1.0e-14 : f64} : tensor<2x1x3xf64>
  return
}

// One of one: the weight is 1, exactly.
func.func private @one_expert() {
  %scores = arith.constant dense<[[[-3.5], [1.0e+30]]]> : tensor<1x2x1xf32>
  %w0 = tensor.empty() : tensor<1x2x1xf32>
  %i0 = tensor.empty() : tensor<1x2x1xi32>
  %route:2 = linnet.route_topk ins(%scores : tensor<1x2x1xf32>) outs(%w0, %i0 : tensor<1x2x1xf32>, tensor<1x2x1xi32>)
  %f1 = call @to_float_1x2x1(%route#1) : (tensor<1x2x1xi32>) -> tensor<1x2x1xf32>
  %e1 = arith.constant dense<[[[0.0], [0.0]]]> : tensor<1x2x1xf32>
  check.expect_close %f1, %e1 {max_ulp = 0 : i64} : tensor<1x2x1xf32>
  %e2 = arith.constant dense<[[[1.0], [1.0]]]> : tensor<1x2x1xf32>
  check.expect_close %route#0, %e2 {max_ulp = 0 : i64} : tensor<1x2x1xf32>
  return
}

// No token at all.
func.func private @no_scores() {
  %scores = arith.constant dense<0.0> : tensor<2x0x3xf32>
  %w0 = tensor.empty() : tensor<2x0x2xf32>
  %i0 = tensor.empty() : tensor<2x0x2xi32>
  %route:2 = linnet.route_topk ins(%scores : tensor<2x0x3xf32>) outs(%w0, %i0 : tensor<2x0x2xf32>, tensor<2x0x2xi32>)
  %e1 = arith.constant dense<0.0> : tensor<2x0x2xf32>
  check.expect_close %route#0, %e1 {rtol = 1.0e-6 : f64, atol = 1.0e-7 : f64} : tensor<2x0x2xf32>
  return
}

// Batch 0: expert 0 has the tokens 0 to 3 in order, expert 1 none, expert 2 again 0 to 3. Batch 1: 5 and 6; 4 to 7; 4
// and 7.
func.func private @permute() {
  %indices = arith.constant dense<[[[0, 2], [2, 0], [0, 2], [2, 0]], [[1, 2], [0, 1], [1, 0], [2, 1]]]> : tensor<2x4x2xi32>
  %s0 = tensor.empty() : tensor<16xi32>
  %p0 = tensor.empty() : tensor<2x4x2xi32>
  %c0 = tensor.empty() : tensor<7xi32>
  %packed:3 = linnet.token_permute ins(%indices : tensor<2x4x2xi32>)
      outs(%s0, %p0, %c0 : tensor<16xi32>, tensor<2x4x2xi32>, tensor<7xi32>) {experts = 3 : i64}
  %f1 = call @to_float_16(%packed#0) : (tensor<16xi32>) -> tensor<16xf32>
  %e1 = arith.constant dense<[0.0, 1.0, 2.0, 3.0, 0.0, 1.0, 2.0, 3.0, 5.0, 6.0, 4.0, 5.0, 6.0, 7.0, 4.0, 7.0]> : tensor<16xf32>
  check.expect_close %f1, %e1 {max_ulp = 0 : i64} : tensor<16xf32>
  %f2 = call @to_float_2x4x2(%packed#1) : (tensor<2x4x2xi32>) -> tensor<2x4x2xf32>
  %e2 = arith.constant dense<[[[0.0, 4.0], [5.0, 1.0], [2.0, 6.0], [7.0, 3.0]], [[10.0, 14.0], [8.0, 11.0], [12.0, 9.0], [15.0, 13.0]]]> : tensor<2x4x2xf32>
  check.expect_close %f2, %e2 {max_ulp = 0 : i64} : tensor<2x4x2xf32>
  %f3 = call @to_float_7(%packed#2) : (tensor<7xi32>) -> tensor<7xf32>
  %e3 = arith.constant dense<[0.0, 4.0, 4.0, 8.0, 10.0, 14.0, 16.0]> : tensor<7xf32>
  check.expect_close %f3, %e3 {max_ulp = 0 : i64} : tensor<7xf32>
  return
}

// Indices that are no expert have no row; the rows that are left over are of token 0.
func.func private @no_expert() {
  %indices = arith.constant dense<[[[1, -1], [2, 1]], [[-2147483648, 0], [2147483647, 1]]]> : tensor<2x2x2xi32>
  %s0 = tensor.empty() : tensor<8xi32>
  %p0 = tensor.empty() : tensor<2x2x2xi32>
  %c0 = tensor.empty() : tensor<5xi32>
  %packed:3 = linnet.token_permute ins(%indices : tensor<2x2x2xi32>)
      outs(%s0, %p0, %c0 : tensor<8xi32>, tensor<2x2x2xi32>, tensor<5xi32>) {experts = 2 : i64}
  %f1 = call @to_float_8(%packed#0) : (tensor<8xi32>) -> tensor<8xf32>
  %e1 = arith.constant dense<[0.0, 1.0, 2.0, 3.0, 0.0, 0.0, 0.0, 0.0]> : tensor<8xf32>
  check.expect_close %f1, %e1 {max_ulp = 0 : i64} : tensor<8xf32>
  %f2 = call @to_float_2x2x2(%packed#1) : (tensor<2x2x2xi32>) -> tensor<2x2x2xf32>
  %e2 = arith.constant dense<[[[0.0, -1.0], [-1.0, 1.0]], [[-1.0, 2.0], [-1.0, 3.0]]]> : tensor<2x2x2xf32>
  check.expect_close %f2, %e2 {max_ulp = 0 : i64} : tensor<2x2x2xf32>
  %f3 = call @to_float_5(%packed#2) : (tensor<5xi32>) -> tensor<5xf32>
  %e3 = arith.constant dense<[0.0, 0.0, 2.0, 3.0, 4.0]> : tensor<5xf32>
  check.expect_close %f3, %e3 {max_ulp = 0 : i64} : tensor<5xf32>
  return
}

// Nothing says that the slots of a token differ: they then keep their order.
func.func private @same_expert_twice() {
  %indices = arith.constant dense<[[[1, 1], [1, 1]]]> : tensor<1x2x2xi32>
  %s0 = tensor.empty() : tensor<4xi32>
  %p0 = tensor.empty() : tensor<1x2x2xi32>
  %c0 = tensor.empty() : tensor<3xi32>
  %packed:3 = linnet.token_permute ins(%indices : tensor<1x2x2xi32>)
      outs(%s0, %p0, %c0 : tensor<4xi32>, tensor<1x2x2xi32>, tensor<3xi32>) {experts = 2 : i64}
  %f1 = call @to_float_4(%packed#0) : (tensor<4xi32>) -> tensor<4xf32>
  %e1 = arith.constant dense<[0.0, 0.0, 1.0, 1.0]> : tensor<4xf32>
  check.expect_close %f1, %e1 {max_ulp = 0 : i64} : tensor<4xf32>
  %f2 = call @to_float_1x2x2(%packed#1) : (tensor<1x2x2xi32>) -> tensor<1x2x2xf32>
  %e2 = arith.constant dense<[[[0.0, 1.0], [2.0, 3.0]]]> : tensor<1x2x2xf32>
  check.expect_close %f2, %e2 {max_ulp = 0 : i64} : tensor<1x2x2xf32>
  %f3 = call @to_float_3(%packed#2) : (tensor<3xi32>) -> tensor<3xf32>
  %e3 = arith.constant dense<[0.0, 0.0, 4.0]> : tensor<3xf32>
  check.expect_close %f3, %e3 {max_ulp = 0 : i64} : tensor<3xf32>
  return
}

// No token, and no slot: all groups are empty.
func.func private @no_tokens() {
  %indices = arith.constant dense<0> : tensor<2x0x2xi32>
  %s0 = tensor.empty() : tensor<0xi32>
  %p0 = tensor.empty() : tensor<2x0x2xi32>
  %c0 = tensor.empty() : tensor<5xi32>
  %packed:3 = linnet.token_permute ins(%indices : tensor<2x0x2xi32>)
      outs(%s0, %p0, %c0 : tensor<0xi32>, tensor<2x0x2xi32>, tensor<5xi32>) {experts = 2 : i64}
  %f1 = call @to_float_5(%packed#2) : (tensor<5xi32>) -> tensor<5xf32>
  %e1 = arith.constant dense<[0.0, 0.0, 0.0, 0.0, 0.0]> : tensor<5xf32>
  check.expect_close %f1, %e1 {max_ulp = 0 : i64} : tensor<5xf32>
  return
}

// Not even a group: one offset.
func.func private @no_batch() {
  %indices = arith.constant dense<0> : tensor<0x3x2xi32>
  %s0 = tensor.empty() : tensor<0xi32>
  %p0 = tensor.empty() : tensor<0x3x2xi32>
  %c0 = tensor.empty() : tensor<1xi32>
  %packed:3 = linnet.token_permute ins(%indices : tensor<0x3x2xi32>)
      outs(%s0, %p0, %c0 : tensor<0xi32>, tensor<0x3x2xi32>, tensor<1xi32>) {experts = 2 : i64}
  %f1 = call @to_float_1(%packed#2) : (tensor<1xi32>) -> tensor<1xf32>
  %e1 = arith.constant dense<[0.0]> : tensor<1xf32>
  check.expect_close %f1, %e1 {max_ulp = 0 : i64} : tensor<1xf32>
  return
}

// Places twice, never and outside of x; rows of two numbers.
func.func private @unpermute() {
  %x = arith.constant dense<[[1.0, 10.0], [2.0, 20.0], [3.0, 30.0]]> : tensor<3x2xf32>
  %place = arith.constant dense<[[[2, 0], [0, 0]], [[-1, 1], [3, -2147483648]]]> : tensor<2x2x2xi32>
  %weights = arith.constant dense<[[[1.0, 0.5], [0.25, 0.25]], [[0x7FC00000, 2.0], [0x7FC00000, 0x7FC00000]]]> : tensor<2x2x2xf32>
  %y0 = tensor.empty() : tensor<2x2x2xf32>
  %y = linnet.token_unpermute ins(%x, %place, %weights : tensor<3x2xf32>, tensor<2x2x2xi32>, tensor<2x2x2xf32>)
      outs(%y0 : tensor<2x2x2xf32>)
  %e1 = arith.constant dense<[[[3.5, 35.0], [0.5, 5.0]], [[4.0, 40.0], [0.0, 0.0]]]> : tensor<2x2x2xf32>
  check.expect_close %y, %e1 {max_ulp = 0 : i64} : tensor<2x2x2xf32>
  return
}

// Rows of one number, of f64.
func.func private @unpermute_numbers() {
  %x = arith.constant dense<[1.0, 2.0, 4.0]> : tensor<3xf64>
  %place = arith.constant dense<[[[2, 1], [0, 2]]]> : tensor<1x2x2xi32>
  %weights = arith.constant dense<[[[1.0, -1.0], [0.5, 0.5]]]> : tensor<1x2x2xf64>
  %y0 = tensor.empty() : tensor<1x2xf64>
  %y = linnet.token_unpermute ins(%x, %place, %weights : tensor<3xf64>, tensor<1x2x2xi32>, tensor<1x2x2xf64>)
      outs(%y0 : tensor<1x2xf64>)
  %e1 = arith.constant dense<[[2.0, 2.5]]> : tensor<1x2xf64>
  check.expect_close %y, %e1 {max_ulp = 0 : i64} : tensor<1x2xf64>
  return
}

// No row: 0. No slot: 0.
func.func private @unpermute_nothing() {
  %x = arith.constant dense<0.0> : tensor<0x2xf32>
  %place = arith.constant dense<[[[0], [1]]]> : tensor<1x2x1xi32>
  %weights = arith.constant dense<[[[1.0], [1.0]]]> : tensor<1x2x1xf32>
  %y0 = tensor.empty() : tensor<1x2x2xf32>
  %y = linnet.token_unpermute ins(%x, %place, %weights : tensor<0x2xf32>, tensor<1x2x1xi32>, tensor<1x2x1xf32>)
      outs(%y0 : tensor<1x2x2xf32>)
  %e1 = arith.constant dense<[[[0.0, 0.0], [0.0, 0.0]]]> : tensor<1x2x2xf32>
  check.expect_close %y, %e1 {max_ulp = 0 : i64} : tensor<1x2x2xf32>
  return
}

// A whole layer: every memory adds up the tokens that came to it (q = k = 1, v = x), so a token gets the sums of its two
// memories up to it, half of each. Rows are gathered by `source`.
func.func private @memories() {
  %scores = arith.constant dense<[[[1.0, 1.0, 0.0], [0.0, 1.0, 1.0], [1.0, 0.0, 1.0], [1.0, 1.0, 0.0]], [[0.0, 2.0, 2.0], [2.0, 2.0, 0.0], [0.0, 3.0, 3.0], [1.0, 1.0, 0.0]]]> : tensor<2x4x3xf32>
  %w0 = tensor.empty() : tensor<2x4x2xf32>
  %i0 = tensor.empty() : tensor<2x4x2xi32>
  %route:2 = linnet.route_topk ins(%scores : tensor<2x4x3xf32>) outs(%w0, %i0 : tensor<2x4x2xf32>, tensor<2x4x2xi32>)
  %s0 = tensor.empty() : tensor<16xi32>
  %p0 = tensor.empty() : tensor<2x4x2xi32>
  %c0 = tensor.empty() : tensor<7xi32>
  %packed:3 = linnet.token_permute ins(%route#1 : tensor<2x4x2xi32>)
      outs(%s0, %p0, %c0 : tensor<16xi32>, tensor<2x4x2xi32>, tensor<7xi32>) {experts = 3 : i64}
  %x = arith.constant dense<[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0]> : tensor<8xf32>
  %one = arith.constant dense<[[[[1.0]], [[1.0]], [[1.0]], [[1.0]], [[1.0]], [[1.0]], [[1.0]], [[1.0]], [[1.0]], [[1.0]], [[1.0]], [[1.0]], [[1.0]], [[1.0]], [[1.0]], [[1.0]]]]> : tensor<1x16x1x1xf32>
  %v0 = tensor.empty() : tensor<1x16x1x1xf32>
  %v = linalg.generic {indexing_maps = [affine_map<(a, b, c, d) -> (b)>, affine_map<(a, b, c, d) -> (a, b, c, d)>],
                       iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%packed#0 : tensor<16xi32>) outs(%v0 : tensor<1x16x1x1xf32>) {
  ^bb0(%token: i32, %old: f32):
    %row = arith.index_cast %token : i32 to index
    %value = tensor.extract %x[%row] : tensor<8xf32>
    linalg.yield %value : f32
  } -> tensor<1x16x1x1xf32>
  %state = arith.constant dense<0.0> : tensor<6x1x1x1xf32>
  %o0 = tensor.empty() : tensor<1x16x1x1xf32>
  %o:2 = linnet.linear_attention
      ins(%one, %one, %v : tensor<1x16x1x1xf32>, tensor<1x16x1x1xf32>, tensor<1x16x1x1xf32>)
      cu_seqlens(%packed#2 : tensor<7xi32>) outs(%o0, %state : tensor<1x16x1x1xf32>, tensor<6x1x1x1xf32>) {scale = 1.0 : f64}
  %rows = tensor.collapse_shape %o#0 [[0, 1], [2, 3]] : tensor<1x16x1x1xf32> into tensor<16x1xf32>
  %y0 = tensor.empty() : tensor<2x4x1xf32>
  %y = linnet.token_unpermute ins(%rows, %packed#1, %route#0 : tensor<16x1xf32>, tensor<2x4x2xi32>, tensor<2x4x2xf32>)
      outs(%y0 : tensor<2x4x1xf32>)
  %e1 = arith.constant dense<[[[1.0], [2.5], [5.5], [12.0]], [[16.0], [40.0], [96.0], [200.0]]]> : tensor<2x4x1xf32>
  check.expect_close %y, %e1 {rtol = 1.0e-6 : f64, atol = 1.0e-7 : f64} : tensor<2x4x1xf32>
  %e2 = arith.constant dense<[[[[13.0]]], [[[11.0]]], [[[6.0]]], [[[160.0]]], [[[240.0]]], [[[80.0]]]]> : tensor<6x1x1x1xf32>
  check.expect_close %o#1, %e2 {max_ulp = 0 : i64} : tensor<6x1x1x1xf32>
  return
}

func.func @main() {
  call @topk() : () -> ()
  call @special_scores() : () -> ()
  call @all_experts() : () -> ()
  call @one_expert() : () -> ()
  call @no_scores() : () -> ()
  call @permute() : () -> ()
  call @no_expert() : () -> ()
  call @same_expert_twice() : () -> ()
  call @no_tokens() : () -> ()
  call @no_batch() : () -> ()
  call @unpermute() : () -> ()
  call @unpermute_numbers() : () -> ()
  call @unpermute_nothing() : () -> ()
  call @memories() : () -> ()
  return
}
