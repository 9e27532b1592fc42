// linnet.attention gives the same right numbers on the reference path and on the path that `auto` takes.

// DEFINE: %{path} = reference
// DEFINE: %{llvm} =
// DEFINE: %{run} = linnet-opt %s --inline --linnet-stage-input --linnet-stage-graph=path=%{path} \
// DEFINE:     --linnet-stage-tiled=path=%{path} --linnet-stage-vector --linnet-stage-llvm%{llvm} \
// DEFINE:   | mlir-runner -e main -entry-point-result=void -shared-libs=%shlibdir/liblinnet_check_runtime.so \
// DEFINE:   | FileCheck %s
// RUN: %{run}
// REDEFINE: %{path} = fast
// RUN: %{run}
// REDEFINE: %{llvm} ==avx512=true
// RUN: %if host-avx512 %{ %{run} %}

// CHECK-COUNT-10: elements agree
// CHECK-NOT:     {{agree|differ}}

// Keys of 0: every query gets the mean of what it keeps; the logarithm of the sum is that of their number.
func.func private @means() {
  %q = arith.constant dense<0.0> : tensor<1x1x5x2xf32>
  %v = arith.constant dense<[[[[1.0], [3.0], [11.0], [21.0], [7.0]]]]> : tensor<1x1x5x1xf32>
  %o = tensor.empty() : tensor<1x1x5x1xf32>
  %l = tensor.empty() : tensor<1x1x5xf32>
  %0:2 = linnet.attention ins(%q, %q, %v : tensor<1x1x5x2xf32>, tensor<1x1x5x2xf32>, tensor<1x1x5x1xf32>)
      outs(%o, %l : tensor<1x1x5x1xf32>, tensor<1x1x5xf32>)
      {scale = 1.0 : f64, mask = #linnet.all_of<#linnet.causal, #linnet.window<left = 1, right = -1>>}
  %e0 = arith.constant dense<[[[[1.0], [2.0], [7.0], [16.0], [14.0]]]]> : tensor<1x1x5x1xf32>
  check.expect_close %0#0, %e0 {rtol = 1.0e-6 : f64, atol = 0.0 : f64} : tensor<1x1x5x1xf32>
  %e1 = arith.constant dense<[[[0.0, 0.6931472, 0.6931472, 0.6931472, 0.6931472]]]> : tensor<1x1x5xf32>
  check.expect_close %0#1, %e1 {rtol = 1.0e-6 : f64, atol = 1.0e-7 : f64} : tensor<1x1x5xf32>
  return
}

// Scores of log 3 and 0 weigh 3 to 1; a query with no key gets 0 and -inf.
func.func private @softmax() {
  %q = arith.constant dense<1.0> : tensor<1x1x2x1xf32>
  %k = arith.constant dense<[[[[1.0986123], [0.0]]]]> : tensor<1x1x2x1xf32>
  %v = arith.constant dense<[[[[4.0], [8.0]]]]> : tensor<1x1x2x1xf32>
  %o = tensor.empty() : tensor<1x1x2x1xf32>
  %l = tensor.empty() : tensor<1x1x2xf32>
  %0:2 = linnet.attention ins(%q, %k, %v : tensor<1x1x2x1xf32>, tensor<1x1x2x1xf32>, tensor<1x1x2x1xf32>)
      outs(%o, %l : tensor<1x1x2x1xf32>, tensor<1x1x2xf32>) {scale = 1.0 : f64, mask = #linnet.query_prefix<1>}
  %e0 = arith.constant dense<[[[[5.0], [0.0]]]]> : tensor<1x1x2x1xf32>
  check.expect_close %0#0, %e0 {rtol = 1.0e-6 : f64, atol = 0.0 : f64} : tensor<1x1x2x1xf32>
  %e1 = arith.constant dense<[[[1.3862944, 0xFF800000]]]> : tensor<1x1x2xf32>
  check.expect_close %0#1, %e1 {rtol = 1.0e-6 : f64, atol = 0.0 : f64} : tensor<1x1x2xf32>
  return
}

// Rows in another order, ids that differ, and two blocks of one key each.
func.func private @operands() {
  %q = arith.constant dense<0.0> : tensor<1x1x3x1xf32>
  %v = arith.constant dense<[[[[1.0], [10.0], [100.0]]]]> : tensor<1x1x3x1xf32>
  %o = tensor.empty() : tensor<1x1x3x1xf32>
  %l = tensor.empty() : tensor<1x1x3xf32>
  %rows = arith.constant dense<[[[2, 0, 1]]]> : tensor<1x1x3xi32>
  %p = arith.constant 0 : index
  %0:2 = linnet.attention ins(%q, %q, %v : tensor<1x1x3x1xf32>, tensor<1x1x3x1xf32>, tensor<1x1x3x1xf32>)
      position(%p) key_rows(%rows : tensor<1x1x3xi32>)
      outs(%o, %l : tensor<1x1x3x1xf32>, tensor<1x1x3xf32>) {scale = 1.0 : f64, mask = #linnet.causal}
  %e0 = arith.constant dense<[[[[100.0], [50.5], [37.0]]]]> : tensor<1x1x3x1xf32>
  check.expect_close %0#0, %e0 {rtol = 1.0e-6 : f64, atol = 0.0 : f64} : tensor<1x1x3x1xf32>
  %ids = arith.constant dense<[[[4, 7, 4]]]> : tensor<1x1x3xi32>
  %1:2 = linnet.attention ins(%q, %q, %v : tensor<1x1x3x1xf32>, tensor<1x1x3x1xf32>, tensor<1x1x3x1xf32>)
      ids(%ids, %ids : tensor<1x1x3xi32>, tensor<1x1x3xi32>)
      outs(%o, %l : tensor<1x1x3x1xf32>, tensor<1x1x3xf32>) {scale = 1.0 : f64, different_ids}
  %e1 = arith.constant dense<[[[[10.0], [50.5], [10.0]]]]> : tensor<1x1x3x1xf32>
  check.expect_close %1#0, %e1 {rtol = 1.0e-6 : f64, atol = 0.0 : f64} : tensor<1x1x3x1xf32>
  %starts = arith.constant dense<[[[0, 2, 2, 3]]]> : tensor<1x1x4xi32>
  %columns = arith.constant dense<[0, 2, 1]> : tensor<3xi32>
  %2:2 = linnet.attention ins(%q, %q, %v : tensor<1x1x3x1xf32>, tensor<1x1x3x1xf32>, tensor<1x1x3x1xf32>)
      blocks(%starts, %columns : tensor<1x1x4xi32>, tensor<3xi32>)
      outs(%o, %l : tensor<1x1x3x1xf32>, tensor<1x1x3xf32>) {scale = 1.0 : f64, block_size = array<i64: 1, 1>}
  %e2 = arith.constant dense<[[[[50.5], [0.0], [10.0]]]]> : tensor<1x1x3x1xf32>
  check.expect_close %2#0, %e2 {rtol = 1.0e-6 : f64, atol = 0.0 : f64} : tensor<1x1x3x1xf32>
  return
}

// One value is several operands, of more queries than a tile has. Rows of the unit matrix find themselves.
func.func private @shared() {
  %0 = arith.constant 0.0 : f32
  %1 = arith.constant 1.0 : f32
  %e0 = tensor.empty() : tensor<1x1x96x96xf32>
  %unit = linalg.generic {indexing_maps = [affine_map<(b, h, n, d) -> (b, h, n, d)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      outs(%e0 : tensor<1x1x96x96xf32>) {
  ^bb0(%e: f32):
    %n = linalg.index 2 : index
    %d = linalg.index 3 : index
    %same = arith.cmpi eq, %n, %d : index
    %x = arith.select %same, %1, %0 : f32
    linalg.yield %x : f32
  } -> tensor<1x1x96x96xf32>
  %e1 = tensor.empty() : tensor<1x1x96xi32>
  %back = linalg.generic {indexing_maps = [affine_map<(b, h, n) -> (b, h, n)>], iterator_types = ["parallel", "parallel", "parallel"]}
      outs(%e1 : tensor<1x1x96xi32>) {
  ^bb0(%e: i32):
    %n = linalg.index 2 : index
    %last = arith.constant 95 : index
    %m = arith.subi %last, %n : index
    %x = arith.index_cast %m : index to i32
    linalg.yield %x : i32
  } -> tensor<1x1x96xi32>
  %e2 = tensor.empty() : tensor<1x1x96x1xf32>
  %backwards = linalg.generic {indexing_maps = [affine_map<(b, h, n, d) -> (b, h, n)>, affine_map<(b, h, n, d) -> (b, h, n, d)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%back : tensor<1x1x96xi32>) outs(%e2 : tensor<1x1x96x1xf32>) {
  ^bb0(%i: i32, %e: f32):
    %x = arith.sitofp %i : i32 to f32
    linalg.yield %x : f32
  } -> tensor<1x1x96x1xf32>
  %l = tensor.empty() : tensor<1x1x96xf32>
  %2:2 = linnet.attention ins(%unit, %unit, %unit : tensor<1x1x96x96xf32>, tensor<1x1x96x96xf32>, tensor<1x1x96x96xf32>)
      outs(%e0, %l : tensor<1x1x96x96xf32>, tensor<1x1x96xf32>) {scale = 100.0 : f64}
  check.expect_close %2#0, %unit {rtol = 0.0 : f64, atol = 1.0e-6 : f64} : tensor<1x1x96x96xf32>
  %3:2 = linnet.attention ins(%unit, %unit, %backwards : tensor<1x1x96x96xf32>, tensor<1x1x96x96xf32>, tensor<1x1x96x1xf32>)
      query_rows(%back : tensor<1x1x96xi32>) key_rows(%back : tensor<1x1x96xi32>)
      outs(%e2, %l : tensor<1x1x96x1xf32>, tensor<1x1x96xf32>) {scale = 0.0 : f64}
  %mean = arith.constant dense<47.5> : tensor<1x1x96x1xf32>
  check.expect_close %3#0, %mean {rtol = 1.0e-6 : f64, atol = 0.0 : f64} : tensor<1x1x96x1xf32>
  // With ids that are all others a query keeps one key.
  %4:2 = linnet.attention ins(%backwards, %backwards, %backwards : tensor<1x1x96x1xf32>, tensor<1x1x96x1xf32>, tensor<1x1x96x1xf32>)
      ids(%back, %back : tensor<1x1x96xi32>, tensor<1x1x96xi32>)
      outs(%e2, %l : tensor<1x1x96x1xf32>, tensor<1x1x96xf32>) {scale = 1.0 : f64}
  check.expect_close %4#0, %backwards {rtol = 1.0e-6 : f64, atol = 0.0 : f64} : tensor<1x1x96x1xf32>
  return
}

func.func @main() {
  call @means() : () -> ()
  call @softmax() : () -> ()
  call @operands() : () -> ()
  call @shared() : () -> ()
  return
}
