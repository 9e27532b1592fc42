// linnet.linear_attention and linnet.ssd give the same right numbers on the reference path and on the path that `auto` takes.

// DEFINE: %{path} = reference
// DEFINE: %{llvm} =
// DEFINE: %{split} =
// DEFINE: %{run} = linnet-opt %s --inline --linnet-stage-input --linnet-stage-graph=path=%{path} %{split} \
// DEFINE:     --linnet-stage-tiled=path=%{path} --linnet-stage-vector --linnet-stage-llvm%{llvm} \
// DEFINE:   | mlir-runner -e main -entry-point-result=void -shared-libs=%shlibdir/liblinnet_check_runtime.so \
// DEFINE:   | FileCheck %s
// RUN: %{run}
// REDEFINE: %{path} = auto
// RUN: %{run}
// REDEFINE: %{llvm} ==avx512=true
// RUN: %if host-avx512 %{ %{run} %}
// So it does where time is cut into chunks of three tokens.
// REDEFINE: %{split} = --linnet-split-attention="chunk=3 tiles=1000"
// RUN: %if host-avx512 %{ %{run} %}

// CHECK-COUNT-71: elements agree
// CHECK-NOT:      {{agree|differ}}

#same = affine_map<(a, b, c, d) -> (a, b, c, d)>

// K = V = 1, q = k = v = 1 and decays of 1/2: S = S / 2 + 1, from 4. Constant in time,
func.func private @constant_decay() {
  %q = arith.constant dense<1.0> : tensor<1x6x1x1xf32>
  %k = arith.constant dense<1.0> : tensor<1x6x1x1xf32>
  %v = arith.constant dense<1.0> : tensor<1x6x1x1xf32>
  %log_decay = arith.constant dense<-0.6931472> : tensor<1xf32>
  %s = arith.constant dense<4.0> : tensor<1x1x1x1xf32>
  %init = tensor.empty() : tensor<1x6x1x1xf32>
  %0:2 = linnet.linear_attention
      ins(%q, %k, %v : tensor<1x6x1x1xf32>, tensor<1x6x1x1xf32>, tensor<1x6x1x1xf32>)
      log_decay(%log_decay : tensor<1xf32>)
      outs(%init, %s : tensor<1x6x1x1xf32>, tensor<1x1x1x1xf32>)
      {scale = 1.0 : f64}
  %eo = arith.constant dense<[[[[3.0]], [[2.5]], [[2.25]], [[2.125]], [[2.0625]], [[2.03125]]]]> : tensor<1x6x1x1xf32>
  check.expect_close %0#0, %eo {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<1x6x1x1xf32>
  %es = arith.constant dense<2.03125> : tensor<1x1x1x1xf32>
  check.expect_close %0#1, %es {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<1x1x1x1xf32>
  return
}

// one for each token,
func.func private @decay_of_heads() {
  %q = arith.constant dense<1.0> : tensor<1x6x1x1xf32>
  %k = arith.constant dense<1.0> : tensor<1x6x1x1xf32>
  %v = arith.constant dense<1.0> : tensor<1x6x1x1xf32>
  %log_decay = arith.constant dense<-0.6931472> : tensor<1x6x1xf32>
  %s = arith.constant dense<4.0> : tensor<1x1x1x1xf32>
  %init = tensor.empty() : tensor<1x6x1x1xf32>
  %0:2 = linnet.linear_attention
      ins(%q, %k, %v : tensor<1x6x1x1xf32>, tensor<1x6x1x1xf32>, tensor<1x6x1x1xf32>)
      log_decay(%log_decay : tensor<1x6x1xf32>)
      outs(%init, %s : tensor<1x6x1x1xf32>, tensor<1x1x1x1xf32>)
      {scale = 1.0 : f64}
  %eo = arith.constant dense<[[[[3.0]], [[2.5]], [[2.25]], [[2.125]], [[2.0625]], [[2.03125]]]]> : tensor<1x6x1x1xf32>
  check.expect_close %0#0, %eo {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<1x6x1x1xf32>
  %es = arith.constant dense<2.03125> : tensor<1x1x1x1xf32>
  check.expect_close %0#1, %es {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<1x1x1x1xf32>
  return
}

// one for each token and key: the second key does not decay, and counts the tokens.
func.func private @decay_of_keys() {
  %q = arith.constant dense<1.0> : tensor<1x6x1x2xf32>
  %k = arith.constant dense<1.0> : tensor<1x6x1x2xf32>
  %v = arith.constant dense<1.0> : tensor<1x6x1x1xf32>
  %log_decay = arith.constant dense<
      [[[[-0.6931472, 0.0]], [[-0.6931472, 0.0]], [[-0.6931472, 0.0]], [[-0.6931472, 0.0]], [[-0.6931472, 0.0]],
      [[-0.6931472, 0.0]]]]> : tensor<1x6x1x2xf32>
  %s = arith.constant dense<[[[[4.0], [0.0]]]]> : tensor<1x1x2x1xf32>
  %init = tensor.empty() : tensor<1x6x1x1xf32>
  %0:2 = linnet.linear_attention
      ins(%q, %k, %v : tensor<1x6x1x2xf32>, tensor<1x6x1x2xf32>, tensor<1x6x1x1xf32>)
      log_decay(%log_decay : tensor<1x6x1x2xf32>)
      outs(%init, %s : tensor<1x6x1x1xf32>, tensor<1x1x2x1xf32>)
      {scale = 1.0 : f64}
  %eo = arith.constant dense<[[[[4.0]], [[4.5]], [[5.25]], [[6.125]], [[7.0625]], [[8.03125]]]]> : tensor<1x6x1x1xf32>
  check.expect_close %0#0, %eo {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<1x6x1x1xf32>
  %es = arith.constant dense<[[[[2.03125], [6.0]]]]> : tensor<1x1x2x1xf32>
  check.expect_close %0#1, %es {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<1x1x2x1xf32>
  return
}

// f64: 1/2 + 1/4 + ... over 31 tokens, which f32 cannot hold.
func.func private @double_precision() {
  %q = arith.constant dense<1.0> : tensor<1x31x1x1xf64>
  %k = arith.constant dense<0.5> : tensor<1x31x1x1xf64>
  %v = arith.constant dense<1.0> : tensor<1x31x1x1xf64>
  %log_decay = arith.constant dense<-0.6931471805599453> : tensor<1xf64>
  %s = arith.constant dense<0.0> : tensor<1x1x1x1xf64>
  %init = tensor.empty() : tensor<1x31x1x1xf64>
  %0:2 = linnet.linear_attention
      ins(%q, %k, %v : tensor<1x31x1x1xf64>, tensor<1x31x1x1xf64>, tensor<1x31x1x1xf64>)
      log_decay(%log_decay : tensor<1xf64>)
      outs(%init, %s : tensor<1x31x1x1xf64>, tensor<1x1x1x1xf64>)
      {scale = 1.0 : f64}
  %es = arith.constant dense<0.9999999995343387> : tensor<1x1x1x1xf64>
  check.expect_close %0#1, %es {max_ulp = 64 : i64} : tensor<1x1x1x1xf64>
  return
}

// bf16: the state is f32, so it counts on where bf16 would stay at 256; o is rounded, ties to even.
func.func private @bf16() {
  %q = arith.constant dense<1.0> : tensor<1x6x1x1xbf16>
  %k = arith.constant dense<1.0> : tensor<1x6x1x1xbf16>
  %v = arith.constant dense<1.0> : tensor<1x6x1x1xbf16>
  %s = arith.constant dense<254.0> : tensor<1x1x1x1xf32>
  %init = tensor.empty() : tensor<1x6x1x1xbf16>
  %0:2 = linnet.linear_attention
      ins(%q, %k, %v : tensor<1x6x1x1xbf16>, tensor<1x6x1x1xbf16>, tensor<1x6x1x1xbf16>)
      outs(%init, %s : tensor<1x6x1x1xbf16>, tensor<1x1x1x1xf32>)
      {scale = 1.0 : f64}
  %room = tensor.empty() : tensor<1x6x1x1xf32>
  %wide = linalg.generic {indexing_maps = [#same, #same],
                          iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%0#0 : tensor<1x6x1x1xbf16>) outs(%room : tensor<1x6x1x1xf32>) {
  ^bb0(%x: bf16, %y: f32):
    %w = arith.extf %x : bf16 to f32
    linalg.yield %w : f32
  } -> tensor<1x6x1x1xf32>
  %eo = arith.constant dense<
      [[[[255.0]], [[256.0]], [[256.0]], [[258.0]], [[260.0]], [[260.0]]]]> : tensor<1x6x1x1xf32>
  check.expect_close %wide, %eo {max_ulp = 0 : i64} : tensor<1x6x1x1xf32>
  %es = arith.constant dense<260.0> : tensor<1x1x1x1xf32>
  check.expect_close %0#1, %es {max_ulp = 0 : i64} : tensor<1x1x1x1xf32>
  return
}

// No token: the state is the initial one.
func.func private @length_0() {
  %q = arith.constant dense<0.0> : tensor<2x0x1x2xf32>
  %k = arith.constant dense<0.0> : tensor<2x0x1x2xf32>
  %v = arith.constant dense<0.0> : tensor<2x0x1x2xf32>
  %s = arith.constant dense<[[[[0.0, 1.0], [2.0, 3.0]]], [[[4.0, 5.0], [6.0, 7.0]]]]> : tensor<2x1x2x2xf32>
  %init = tensor.empty() : tensor<2x0x1x2xf32>
  %0:2 = linnet.linear_attention
      ins(%q, %k, %v : tensor<2x0x1x2xf32>, tensor<2x0x1x2xf32>, tensor<2x0x1x2xf32>)
      outs(%init, %s : tensor<2x0x1x2xf32>, tensor<2x1x2x2xf32>)
      {scale = 1.0 : f64}
  %es = arith.constant dense<[[[[0.0, 1.0], [2.0, 3.0]]], [[[4.0, 5.0], [6.0, 7.0]]]]> : tensor<2x1x2x2xf32>
  check.expect_close %0#1, %es {max_ulp = 0 : i64} : tensor<2x1x2x2xf32>
  return
}

// One token by hand: S = S / 2 + k v, o = q S / 2. Two keys, three values.
func.func private @length_1() {
  %q = arith.constant dense<[[[[2.0, -4.0]]]]> : tensor<1x1x1x2xf32>
  %k = arith.constant dense<[[[[3.0, 5.0]]]]> : tensor<1x1x1x2xf32>
  %v = arith.constant dense<[[[[1.0, 2.0, -1.0]]]]> : tensor<1x1x1x3xf32>
  %log_decay = arith.constant dense<-0.6931472> : tensor<1xf32>
  %s = arith.constant dense<[[[[2.0, 4.0, 6.0], [8.0, 10.0, 12.0]]]]> : tensor<1x1x2x3xf32>
  %init = tensor.empty() : tensor<1x1x1x3xf32>
  %0:2 = linnet.linear_attention
      ins(%q, %k, %v : tensor<1x1x1x2xf32>, tensor<1x1x1x2xf32>, tensor<1x1x1x3xf32>)
      log_decay(%log_decay : tensor<1xf32>)
      outs(%init, %s : tensor<1x1x1x3xf32>, tensor<1x1x2x3xf32>)
      {scale = 0.5 : f64}
  %eo = arith.constant dense<[[[[-14.0, -22.0, -2.0]]]]> : tensor<1x1x1x3xf32>
  check.expect_close %0#0, %eo {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<1x1x1x3xf32>
  %es = arith.constant dense<[[[[4.0, 8.0, 0.0], [9.0, 15.0, 1.0]]]]> : tensor<1x1x2x3xf32>
  check.expect_close %0#1, %es {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<1x1x2x3xf32>
  return
}

// The same with the state transposed.
func.func private @layout_vk() {
  %q = arith.constant dense<[[[[2.0, -4.0]]]]> : tensor<1x1x1x2xf32>
  %k = arith.constant dense<[[[[3.0, 5.0]]]]> : tensor<1x1x1x2xf32>
  %v = arith.constant dense<[[[[1.0, 2.0, -1.0]]]]> : tensor<1x1x1x3xf32>
  %log_decay = arith.constant dense<-0.6931472> : tensor<1xf32>
  %s = arith.constant dense<[[[[2.0, 8.0], [4.0, 10.0], [6.0, 12.0]]]]> : tensor<1x1x3x2xf32>
  %init = tensor.empty() : tensor<1x1x1x3xf32>
  %0:2 = linnet.linear_attention
      ins(%q, %k, %v : tensor<1x1x1x2xf32>, tensor<1x1x1x2xf32>, tensor<1x1x1x3xf32>)
      log_decay(%log_decay : tensor<1xf32>)
      outs(%init, %s : tensor<1x1x1x3xf32>, tensor<1x1x3x2xf32>)
      {scale = 0.5 : f64, state_layout = #linnet.state_layout<vk>}
  %eo = arith.constant dense<[[[[-14.0, -22.0, -2.0]]]]> : tensor<1x1x1x3xf32>
  check.expect_close %0#0, %eo {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<1x1x1x3xf32>
  %es = arith.constant dense<[[[[4.0, 9.0], [8.0, 15.0], [0.0, 1.0]]]]> : tensor<1x1x3x2xf32>
  check.expect_close %0#1, %es {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<1x1x3x2xf32>
  return
}

// A decay of 0 restarts the sum at tokens 2 and 5, in the middle of what may be a block; -1e4 is as good as -inf.
func.func private @restart() {
  %q = arith.constant dense<1.0> : tensor<1x7x1x1xf32>
  %k = arith.constant dense<1.0> : tensor<1x7x1x1xf32>
  %v = arith.constant dense<[[[[1.0]], [[2.0]], [[3.0]], [[4.0]], [[5.0]], [[6.0]], [[7.0]]]]> : tensor<1x7x1x1xf32>
  %log_decay = arith.constant dense<
      [[[0.0], [0.0], [0xFF800000], [0.0], [0.0], [-10000.0], [0.0]]]> : tensor<1x7x1xf32>
  %s = arith.constant dense<10.0> : tensor<1x1x1x1xf32>
  %init = tensor.empty() : tensor<1x7x1x1xf32>
  %0:2 = linnet.linear_attention
      ins(%q, %k, %v : tensor<1x7x1x1xf32>, tensor<1x7x1x1xf32>, tensor<1x7x1x1xf32>)
      log_decay(%log_decay : tensor<1x7x1xf32>)
      outs(%init, %s : tensor<1x7x1x1xf32>, tensor<1x1x1x1xf32>)
      {scale = 1.0 : f64}
  %eo = arith.constant dense<
      [[[[11.0]], [[13.0]], [[3.0]], [[7.0]], [[12.0]], [[6.0]], [[13.0]]]]> : tensor<1x7x1x1xf32>
  check.expect_close %0#0, %eo {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<1x7x1x1xf32>
  %es = arith.constant dense<13.0> : tensor<1x1x1x1xf32>
  check.expect_close %0#1, %es {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<1x1x1x1xf32>
  return
}

// Each key restarts on its own.
func.func private @restart_of_keys() {
  %q = arith.constant dense<1.0> : tensor<1x5x1x2xf32>
  %k = arith.constant dense<1.0> : tensor<1x5x1x2xf32>
  %v = arith.constant dense<[[[[1.0]], [[2.0]], [[3.0]], [[4.0]], [[5.0]]]]> : tensor<1x5x1x1xf32>
  %log_decay = arith.constant dense<
      [[[[0.0, 0.0]], [[0.0, 0xFF800000]], [[0.0, 0.0]], [[0xFF800000, 0.0]], [[0.0, 0.0]]]]> : tensor<1x5x1x2xf32>
  %s = arith.constant dense<[[[[10.0], [20.0]]]]> : tensor<1x1x2x1xf32>
  %init = tensor.empty() : tensor<1x5x1x1xf32>
  %0:2 = linnet.linear_attention
      ins(%q, %k, %v : tensor<1x5x1x2xf32>, tensor<1x5x1x2xf32>, tensor<1x5x1x1xf32>)
      log_decay(%log_decay : tensor<1x5x1x2xf32>)
      outs(%init, %s : tensor<1x5x1x1xf32>, tensor<1x1x2x1xf32>)
      {scale = 1.0 : f64}
  %eo = arith.constant dense<[[[[32.0]], [[15.0]], [[21.0]], [[13.0]], [[23.0]]]]> : tensor<1x5x1x1xf32>
  check.expect_close %0#0, %eo {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<1x5x1x1xf32>
  %es = arith.constant dense<[[[[9.0], [14.0]]]]> : tensor<1x1x2x1xf32>
  check.expect_close %0#1, %es {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<1x1x2x1xf32>
  return
}

// Decays of 0 everywhere: o = scale (q k) v, whatever the state was.
func.func private @all_forgotten() {
  %q = arith.constant dense<[[[[1.0]], [[2.0]], [[3.0]]]]> : tensor<1x3x1x1xf32>
  %k = arith.constant dense<[[[[4.0]], [[5.0]], [[6.0]]]]> : tensor<1x3x1x1xf32>
  %v = arith.constant dense<[[[[1.0]], [[-1.0]], [[2.0]]]]> : tensor<1x3x1x1xf32>
  %log_decay = arith.constant dense<0xFF800000> : tensor<1xf32>
  %s = arith.constant dense<1.0e+30> : tensor<1x1x1x1xf32>
  %init = tensor.empty() : tensor<1x3x1x1xf32>
  %0:2 = linnet.linear_attention
      ins(%q, %k, %v : tensor<1x3x1x1xf32>, tensor<1x3x1x1xf32>, tensor<1x3x1x1xf32>)
      log_decay(%log_decay : tensor<1xf32>)
      outs(%init, %s : tensor<1x3x1x1xf32>, tensor<1x1x1x1xf32>)
      {scale = 0.5 : f64}
  %eo = arith.constant dense<[[[[2.0]], [[-5.0]], [[18.0]]]]> : tensor<1x3x1x1xf32>
  check.expect_close %0#0, %eo {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<1x3x1x1xf32>
  %es = arith.constant dense<12.0> : tensor<1x1x1x1xf32>
  check.expect_close %0#1, %es {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<1x1x1x1xf32>
  return
}

// Keys of length 1 and beta = 1: writing a key again replaces its value, nothing else, in and across blocks.
// Every token reads the first key.
func.func private @delta_rule() {
  %q = arith.constant dense<
      [[[[1.0, 0.0]], [[1.0, 0.0]], [[1.0, 0.0]], [[1.0, 0.0]], [[1.0, 0.0]], [[1.0, 0.0]]]]> : tensor<1x6x1x2xf32>
  %k = arith.constant dense<
      [[[[1.0, 0.0]], [[0.0, 1.0]], [[1.0, 0.0]], [[1.0, 0.0]], [[0.0, 1.0]], [[1.0, 0.0]]]]> : tensor<1x6x1x2xf32>
  %v = arith.constant dense<
      [[[[1.0, 2.0]], [[3.0, 4.0]], [[5.0, 6.0]], [[7.0, 8.0]], [[5.0, 5.0]], [[1.0, 1.0]]]]> : tensor<1x6x1x2xf32>
  %beta = arith.constant dense<1.0> : tensor<1x6x1xf32>
  %s = arith.constant dense<9.0> : tensor<1x1x2x2xf32>
  %init = tensor.empty() : tensor<1x6x1x2xf32>
  %0:2 = linnet.linear_attention
      ins(%q, %k, %v : tensor<1x6x1x2xf32>, tensor<1x6x1x2xf32>, tensor<1x6x1x2xf32>)
      beta(%beta : tensor<1x6x1xf32>)
      outs(%init, %s : tensor<1x6x1x2xf32>, tensor<1x1x2x2xf32>)
      {scale = 1.0 : f64}
  %eo = arith.constant dense<
      [[[[1.0, 2.0]], [[1.0, 2.0]], [[5.0, 6.0]], [[7.0, 8.0]], [[7.0, 8.0]], [[1.0, 1.0]]]]> : tensor<1x6x1x2xf32>
  check.expect_close %0#0, %eo {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<1x6x1x2xf32>
  %es = arith.constant dense<[[[[1.0, 1.0], [5.0, 5.0]]]]> : tensor<1x1x2x2xf32>
  check.expect_close %0#1, %es {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<1x1x2x2xf32>
  return
}

// erase = -k and write = k are the same rule.
func.func private @low_rank_as_delta_rule() {
  %q = arith.constant dense<
      [[[[1.0, 0.0]], [[1.0, 0.0]], [[1.0, 0.0]], [[1.0, 0.0]], [[1.0, 0.0]], [[1.0, 0.0]]]]> : tensor<1x6x1x2xf32>
  %k = arith.constant dense<
      [[[[1.0, 0.0]], [[0.0, 1.0]], [[1.0, 0.0]], [[1.0, 0.0]], [[0.0, 1.0]], [[1.0, 0.0]]]]> : tensor<1x6x1x2xf32>
  %v = arith.constant dense<
      [[[[1.0, 2.0]], [[3.0, 4.0]], [[5.0, 6.0]], [[7.0, 8.0]], [[5.0, 5.0]], [[1.0, 1.0]]]]> : tensor<1x6x1x2xf32>
  %erase = arith.constant dense<
      [[[[-1.0, -0.0]], [[-0.0, -1.0]], [[-1.0, -0.0]], [[-1.0, -0.0]], [[-0.0, -1.0]], [[-1.0, -0.0]]]]> : tensor<1x6x1x2xf32>
  %write = arith.constant dense<
      [[[[1.0, 0.0]], [[0.0, 1.0]], [[1.0, 0.0]], [[1.0, 0.0]], [[0.0, 1.0]], [[1.0, 0.0]]]]> : tensor<1x6x1x2xf32>
  %s = arith.constant dense<9.0> : tensor<1x1x2x2xf32>
  %init = tensor.empty() : tensor<1x6x1x2xf32>
  %0:2 = linnet.linear_attention
      ins(%q, %k, %v : tensor<1x6x1x2xf32>, tensor<1x6x1x2xf32>, tensor<1x6x1x2xf32>)
      erase(%erase : tensor<1x6x1x2xf32>) write(%write : tensor<1x6x1x2xf32>)
      outs(%init, %s : tensor<1x6x1x2xf32>, tensor<1x1x2x2xf32>)
      {scale = 1.0 : f64}
  %eo = arith.constant dense<
      [[[[1.0, 2.0]], [[1.0, 2.0]], [[5.0, 6.0]], [[7.0, 8.0]], [[7.0, 8.0]], [[1.0, 1.0]]]]> : tensor<1x6x1x2xf32>
  check.expect_close %0#0, %eo {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<1x6x1x2xf32>
  %es = arith.constant dense<[[[[1.0, 1.0], [5.0, 5.0]]]]> : tensor<1x1x2x2xf32>
  check.expect_close %0#1, %es {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<1x1x2x2xf32>
  return
}

// beta = 2 and v = 0 reflect the state at the key: twice is nothing.
func.func private @reflection() {
  %q = arith.constant dense<[[[[1.0, 0.0]], [[1.0, 0.0]]]]> : tensor<1x2x1x2xf32>
  %k = arith.constant dense<[[[[0.6, 0.8]], [[0.6, 0.8]]]]> : tensor<1x2x1x2xf32>
  %v = arith.constant dense<0.0> : tensor<1x2x1x1xf32>
  %beta = arith.constant dense<2.0> : tensor<1x2x1xf32>
  %s = arith.constant dense<[[[[1.0], [0.0]]]]> : tensor<1x1x2x1xf32>
  %init = tensor.empty() : tensor<1x2x1x1xf32>
  %0:2 = linnet.linear_attention
      ins(%q, %k, %v : tensor<1x2x1x2xf32>, tensor<1x2x1x2xf32>, tensor<1x2x1x1xf32>)
      beta(%beta : tensor<1x2x1xf32>)
      outs(%init, %s : tensor<1x2x1x1xf32>, tensor<1x1x2x1xf32>)
      {scale = 1.0 : f64}
  %eo = arith.constant dense<[[[[0.28]], [[1.0]]]]> : tensor<1x2x1x1xf32>
  check.expect_close %0#0, %eo {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<1x2x1x1xf32>
  %es = arith.constant dense<[[[[1.0], [0.0]]]]> : tensor<1x1x2x1xf32>
  check.expect_close %0#1, %es {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<1x1x2x1xf32>
  return
}

// The delta rule reads the decayed state: with decays of 1/2, S = S / 2 + beta (v - S / 2).
func.func private @gated_delta_rule() {
  %q = arith.constant dense<1.0> : tensor<1x3x1x1xf32>
  %k = arith.constant dense<1.0> : tensor<1x3x1x1xf32>
  %v = arith.constant dense<[[[[1.0]], [[2.0]], [[3.0]]]]> : tensor<1x3x1x1xf32>
  %beta = arith.constant dense<[[[0.5], [1.0], [0.5]]]> : tensor<1x3x1xf32>
  %log_decay = arith.constant dense<-0.6931472> : tensor<1xf32>
  %s = arith.constant dense<8.0> : tensor<1x1x1x1xf32>
  %init = tensor.empty() : tensor<1x3x1x1xf32>
  %0:2 = linnet.linear_attention
      ins(%q, %k, %v : tensor<1x3x1x1xf32>, tensor<1x3x1x1xf32>, tensor<1x3x1x1xf32>)
      log_decay(%log_decay : tensor<1xf32>) beta(%beta : tensor<1x3x1xf32>)
      outs(%init, %s : tensor<1x3x1x1xf32>, tensor<1x1x1x1xf32>)
      {scale = 1.0 : f64}
  %eo = arith.constant dense<[[[[2.5]], [[2.0]], [[2.0]]]]> : tensor<1x3x1x1xf32>
  check.expect_close %0#0, %eo {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<1x3x1x1xf32>
  %es = arith.constant dense<2.0> : tensor<1x1x1x1xf32>
  check.expect_close %0#1, %es {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<1x1x1x1xf32>
  return
}

// erase reads the state before the decay: S = S / 2 - S / 4 + v.
func.func private @low_rank_with_decay() {
  %q = arith.constant dense<1.0> : tensor<1x3x1x1xf32>
  %k = arith.constant dense<1.0> : tensor<1x3x1x1xf32>
  %v = arith.constant dense<[[[[1.0]], [[2.0]], [[3.0]]]]> : tensor<1x3x1x1xf32>
  %erase = arith.constant dense<-0.5> : tensor<1x3x1x1xf32>
  %write = arith.constant dense<0.5> : tensor<1x3x1x1xf32>
  %log_decay = arith.constant dense<-0.6931472> : tensor<1xf32>
  %s = arith.constant dense<8.0> : tensor<1x1x1x1xf32>
  %init = tensor.empty() : tensor<1x3x1x1xf32>
  %0:2 = linnet.linear_attention
      ins(%q, %k, %v : tensor<1x3x1x1xf32>, tensor<1x3x1x1xf32>, tensor<1x3x1x1xf32>)
      log_decay(%log_decay : tensor<1xf32>) erase(%erase : tensor<1x3x1x1xf32>) write(%write : tensor<1x3x1x1xf32>)
      outs(%init, %s : tensor<1x3x1x1xf32>, tensor<1x1x1x1xf32>)
      {scale = 1.0 : f64}
  %eo = arith.constant dense<[[[[3.0]], [[2.75]], [[3.6875]]]]> : tensor<1x3x1x1xf32>
  check.expect_close %0#0, %eo {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<1x3x1x1xf32>
  %es = arith.constant dense<3.6875> : tensor<1x1x1x1xf32>
  check.expect_close %0#1, %es {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<1x1x1x1xf32>
  return
}

// One value is the keys, which are divided by their length, the rows to erase, which are not, and the decays.
// S = diag(exp(k)) S + (k / |k|) v^T + w (S^T k)^T.
func.func private @low_rank_of_keys() {
  %q = arith.constant dense<[[[[1.0, 2.0]], [[3.0, -1.0]], [[0.5, 4.0]]]]> : tensor<1x3x1x2xf32>
  %k = arith.constant dense<[[[[-0.2, -0.1]], [[-0.3, -0.1]], [[-0.5, -0.2]]]]> : tensor<1x3x1x2xf32>
  %v = arith.constant dense<[[[[1.0]], [[3.0]], [[2.0]]]]> : tensor<1x3x1x1xf32>
  %write = arith.constant dense<[[[[0.2, 0.1]], [[0.3, 0.1]], [[0.25, -0.2]]]]> : tensor<1x3x1x2xf32>
  %s = arith.constant dense<0.5> : tensor<1x1x2x1xf32>
  %init = tensor.empty() : tensor<1x3x1x1xf32>
  %0:2 = linnet.linear_attention
      ins(%q, %k, %v : tensor<1x3x1x2xf32>, tensor<1x3x1x2xf32>, tensor<1x3x1x1xf32>)
      log_decay(%k : tensor<1x3x1x2xf32>) erase(%k : tensor<1x3x1x2xf32>) write(%write : tensor<1x3x1x2xf32>)
      outs(%init, %s : tensor<1x3x1x1xf32>, tensor<1x1x2x1xf32>)
      {scale = 1.0 : f64, qk_l2norm}
  %eo = arith.constant dense<[[[[-0.2390954]], [[-2.7198292]], [[-2.2698213]]]]> : tensor<1x3x1x1xf32>
  check.expect_close %0#0, %eo {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<1x3x1x1xf32>
  %es = arith.constant dense<[[[[-3.3415747], [-1.8697888]]]]> : tensor<1x1x2x1xf32>
  check.expect_close %0#1, %es {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<1x1x2x1xf32>
  return
}

// Three sequences in one row, of 2, 0 and 5 tokens, each from a state of its own. That of the empty one stays.
func.func private @packed() {
  %q = arith.constant dense<1.0> : tensor<1x7x1x1xf32>
  %k = arith.constant dense<1.0> : tensor<1x7x1x1xf32>
  %v = arith.constant dense<[[[[1.0]], [[2.0]], [[3.0]], [[4.0]], [[5.0]], [[6.0]], [[7.0]]]]> : tensor<1x7x1x1xf32>
  %cu_seqlens = arith.constant dense<[0, 2, 2, 7]> : tensor<4xi32>
  %s = arith.constant dense<[[[[10.0]]], [[[20.0]]], [[[30.0]]]]> : tensor<3x1x1x1xf32>
  %init = tensor.empty() : tensor<1x7x1x1xf32>
  %0:2 = linnet.linear_attention
      ins(%q, %k, %v : tensor<1x7x1x1xf32>, tensor<1x7x1x1xf32>, tensor<1x7x1x1xf32>)
      cu_seqlens(%cu_seqlens : tensor<4xi32>)
      outs(%init, %s : tensor<1x7x1x1xf32>, tensor<3x1x1x1xf32>)
      {scale = 1.0 : f64}
  %eo = arith.constant dense<
      [[[[11.0]], [[13.0]], [[33.0]], [[37.0]], [[42.0]], [[48.0]], [[55.0]]]]> : tensor<1x7x1x1xf32>
  check.expect_close %0#0, %eo {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<1x7x1x1xf32>
  %es = arith.constant dense<[[[[13.0]]], [[[20.0]]], [[[55.0]]]]> : tensor<3x1x1x1xf32>
  check.expect_close %0#1, %es {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<3x1x1x1xf32>
  return
}

// and each from its end.
func.func private @packed_reverse() {
  %q = arith.constant dense<1.0> : tensor<1x7x1x1xf32>
  %k = arith.constant dense<1.0> : tensor<1x7x1x1xf32>
  %v = arith.constant dense<[[[[1.0]], [[2.0]], [[3.0]], [[4.0]], [[5.0]], [[6.0]], [[7.0]]]]> : tensor<1x7x1x1xf32>
  %log_decay = arith.constant dense<0.0> : tensor<1xf32>
  %cu_seqlens = arith.constant dense<[0, 2, 2, 7]> : tensor<4xi32>
  %s = arith.constant dense<[[[[10.0]]], [[[20.0]]], [[[30.0]]]]> : tensor<3x1x1x1xf32>
  %init = tensor.empty() : tensor<1x7x1x1xf32>
  %0:2 = linnet.linear_attention
      ins(%q, %k, %v : tensor<1x7x1x1xf32>, tensor<1x7x1x1xf32>, tensor<1x7x1x1xf32>)
      log_decay(%log_decay : tensor<1xf32>) cu_seqlens(%cu_seqlens : tensor<4xi32>)
      outs(%init, %s : tensor<1x7x1x1xf32>, tensor<3x1x1x1xf32>)
      {scale = 1.0 : f64, reverse}
  %eo = arith.constant dense<
      [[[[13.0]], [[12.0]], [[55.0]], [[52.0]], [[48.0]], [[43.0]], [[37.0]]]]> : tensor<1x7x1x1xf32>
  check.expect_close %0#0, %eo {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<1x7x1x1xf32>
  %es = arith.constant dense<[[[[13.0]]], [[[20.0]]], [[[55.0]]]]> : tensor<3x1x1x1xf32>
  check.expect_close %0#1, %es {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<3x1x1x1xf32>
  return
}

// and each as a whole.
func.func private @packed_bidirectional() {
  %q = arith.constant dense<1.0> : tensor<1x7x1x1xf32>
  %k = arith.constant dense<1.0> : tensor<1x7x1x1xf32>
  %v = arith.constant dense<[[[[1.0]], [[2.0]], [[3.0]], [[4.0]], [[5.0]], [[6.0]], [[7.0]]]]> : tensor<1x7x1x1xf32>
  %cu_seqlens = arith.constant dense<[0, 2, 2, 7]> : tensor<4xi32>
  %s = arith.constant dense<[[[[10.0]]], [[[20.0]]], [[[30.0]]]]> : tensor<3x1x1x1xf32>
  %init = tensor.empty() : tensor<1x7x1x1xf32>
  %0:2 = linnet.linear_attention
      ins(%q, %k, %v : tensor<1x7x1x1xf32>, tensor<1x7x1x1xf32>, tensor<1x7x1x1xf32>)
      cu_seqlens(%cu_seqlens : tensor<4xi32>)
      outs(%init, %s : tensor<1x7x1x1xf32>, tensor<3x1x1x1xf32>)
      {scale = 1.0 : f64, bidirectional}
  %eo = arith.constant dense<
      [[[[13.0]], [[13.0]], [[55.0]], [[55.0]], [[55.0]], [[55.0]], [[55.0]]]]> : tensor<1x7x1x1xf32>
  check.expect_close %0#0, %eo {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<1x7x1x1xf32>
  %es = arith.constant dense<[[[[13.0]]], [[[20.0]]], [[[55.0]]]]> : tensor<3x1x1x1xf32>
  check.expect_close %0#1, %es {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<3x1x1x1xf32>
  return
}

// From the last token to the first.
func.func private @reverse() {
  %q = arith.constant dense<1.0> : tensor<1x6x1x1xf32>
  %k = arith.constant dense<1.0> : tensor<1x6x1x1xf32>
  %v = arith.constant dense<1.0> : tensor<1x6x1x1xf32>
  %log_decay = arith.constant dense<-0.6931472> : tensor<1xf32>
  %s = arith.constant dense<4.0> : tensor<1x1x1x1xf32>
  %init = tensor.empty() : tensor<1x6x1x1xf32>
  %0:2 = linnet.linear_attention
      ins(%q, %k, %v : tensor<1x6x1x1xf32>, tensor<1x6x1x1xf32>, tensor<1x6x1x1xf32>)
      log_decay(%log_decay : tensor<1xf32>)
      outs(%init, %s : tensor<1x6x1x1xf32>, tensor<1x1x1x1xf32>)
      {scale = 1.0 : f64, reverse}
  %eo = arith.constant dense<[[[[2.03125]], [[2.0625]], [[2.125]], [[2.25]], [[2.5]], [[3.0]]]]> : tensor<1x6x1x1xf32>
  check.expect_close %0#0, %eo {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<1x6x1x1xf32>
  %es = arith.constant dense<2.03125> : tensor<1x1x1x1xf32>
  check.expect_close %0#1, %es {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<1x1x1x1xf32>
  return
}

// Every token reads all, with a query of its own.
func.func private @bidirectional() {
  %q = arith.constant dense<[[[[1.0]], [[2.0]], [[3.0]]]]> : tensor<1x3x1x1xf32>
  %k = arith.constant dense<1.0> : tensor<1x3x1x1xf32>
  %v = arith.constant dense<[[[[1.0]], [[2.0]], [[3.0]]]]> : tensor<1x3x1x1xf32>
  %s = arith.constant dense<4.0> : tensor<1x1x1x1xf32>
  %init = tensor.empty() : tensor<1x3x1x1xf32>
  %0:2 = linnet.linear_attention
      ins(%q, %k, %v : tensor<1x3x1x1xf32>, tensor<1x3x1x1xf32>, tensor<1x3x1x1xf32>)
      outs(%init, %s : tensor<1x3x1x1xf32>, tensor<1x1x1x1xf32>)
      {scale = 1.0 : f64, bidirectional}
  %eo = arith.constant dense<[[[[10.0]], [[20.0]], [[30.0]]]]> : tensor<1x3x1x1xf32>
  check.expect_close %0#0, %eo {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<1x3x1x1xf32>
  %es = arith.constant dense<10.0> : tensor<1x1x1x1xf32>
  check.expect_close %0#1, %es {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<1x1x1x1xf32>
  return
}

// Tokens read the state before their own update. Without a bonus they do not see themselves,
func.func private @pre_update() {
  %q = arith.constant dense<1.0> : tensor<1x5x1x1xf32>
  %k = arith.constant dense<1.0> : tensor<1x5x1x1xf32>
  %v = arith.constant dense<[[[[1.0]], [[2.0]], [[3.0]], [[4.0]], [[5.0]]]]> : tensor<1x5x1x1xf32>
  %s = arith.constant dense<10.0> : tensor<1x1x1x1xf32>
  %init = tensor.empty() : tensor<1x5x1x1xf32>
  %0:2 = linnet.linear_attention
      ins(%q, %k, %v : tensor<1x5x1x1xf32>, tensor<1x5x1x1xf32>, tensor<1x5x1x1xf32>)
      outs(%init, %s : tensor<1x5x1x1xf32>, tensor<1x1x1x1xf32>)
      {scale = 1.0 : f64, pre_update}
  %eo = arith.constant dense<[[[[10.0]], [[11.0]], [[13.0]], [[16.0]], [[20.0]]]]> : tensor<1x5x1x1xf32>
  check.expect_close %0#0, %eo {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<1x5x1x1xf32>
  %es = arith.constant dense<25.0> : tensor<1x1x1x1xf32>
  check.expect_close %0#1, %es {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<1x1x1x1xf32>
  return
}

// with one of 10 they see themselves ten times, but only once.
func.func private @bonus() {
  %q = arith.constant dense<1.0> : tensor<1x5x1x1xf32>
  %k = arith.constant dense<1.0> : tensor<1x5x1x1xf32>
  %v = arith.constant dense<[[[[1.0]], [[2.0]], [[3.0]], [[4.0]], [[5.0]]]]> : tensor<1x5x1x1xf32>
  %bonus = arith.constant dense<10.0> : tensor<1x1xf32>
  %s = arith.constant dense<10.0> : tensor<1x1x1x1xf32>
  %init = tensor.empty() : tensor<1x5x1x1xf32>
  %0:2 = linnet.linear_attention
      ins(%q, %k, %v : tensor<1x5x1x1xf32>, tensor<1x5x1x1xf32>, tensor<1x5x1x1xf32>)
      bonus(%bonus : tensor<1x1xf32>)
      outs(%init, %s : tensor<1x5x1x1xf32>, tensor<1x1x1x1xf32>)
      {scale = 1.0 : f64, pre_update}
  %eo = arith.constant dense<[[[[20.0]], [[31.0]], [[43.0]], [[56.0]], [[70.0]]]]> : tensor<1x5x1x1xf32>
  check.expect_close %0#0, %eo {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<1x5x1x1xf32>
  %es = arith.constant dense<25.0> : tensor<1x1x1x1xf32>
  check.expect_close %0#1, %es {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<1x1x1x1xf32>
  return
}

// q = k = 1: the mean of the values so far; the state has their sum and their number, 12 of 3 before the first.
func.func private @normalize() {
  %q = arith.constant dense<1.0> : tensor<1x4x1x1xf32>
  %k = arith.constant dense<1.0> : tensor<1x4x1x1xf32>
  %v = arith.constant dense<[[[[4.0]], [[4.0]], [[0.0]], [[0.0]]]]> : tensor<1x4x1x1xf32>
  %s = arith.constant dense<[[[[12.0, 3.0]]]]> : tensor<1x1x1x2xf32>
  %init = tensor.empty() : tensor<1x4x1x1xf32>
  %0:2 = linnet.linear_attention
      ins(%q, %k, %v : tensor<1x4x1x1xf32>, tensor<1x4x1x1xf32>, tensor<1x4x1x1xf32>)
      outs(%init, %s : tensor<1x4x1x1xf32>, tensor<1x1x1x2xf32>)
      {scale = 0.25 : f64, normalize}
  %eo = arith.constant dense<[[[[4.0]], [[4.0]], [[3.3333333]], [[2.857143]]]]> : tensor<1x4x1x1xf32>
  check.expect_close %0#0, %eo {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<1x4x1x1xf32>
  %es = arith.constant dense<[[[[20.0, 7.0]]]]> : tensor<1x1x1x2xf32>
  check.expect_close %0#1, %es {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<1x1x1x2xf32>
  return
}

// With the state transposed, the sum of keys is its last row: two values, two keys.
func.func private @normalize_vk() {
  %q = arith.constant dense<1.0> : tensor<1x2x1x2xf32>
  %k = arith.constant dense<[[[[1.0, 3.0]], [[2.0, 2.0]]]]> : tensor<1x2x1x2xf32>
  %v = arith.constant dense<[[[[4.0, 8.0]], [[0.0, 0.0]]]]> : tensor<1x2x1x2xf32>
  %s = arith.constant dense<0.0> : tensor<1x1x3x2xf32>
  %init = tensor.empty() : tensor<1x2x1x2xf32>
  %0:2 = linnet.linear_attention
      ins(%q, %k, %v : tensor<1x2x1x2xf32>, tensor<1x2x1x2xf32>, tensor<1x2x1x2xf32>)
      outs(%init, %s : tensor<1x2x1x2xf32>, tensor<1x1x3x2xf32>)
      {scale = 1.0 : f64, normalize, state_layout = #linnet.state_layout<vk>}
  %eo = arith.constant dense<[[[[4.0, 8.0]], [[2.0, 4.0]]]]> : tensor<1x2x1x2xf32>
  check.expect_close %0#0, %eo {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<1x2x1x2xf32>
  %es = arith.constant dense<[[[[4.0, 12.0], [8.0, 24.0], [3.0, 5.0]]]]> : tensor<1x1x3x2xf32>
  check.expect_close %0#1, %es {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<1x1x3x2xf32>
  return
}

// Rows of q and k count with length 1, in the same direction here; one of zeros stays 0.
func.func private @l2norm() {
  %q = arith.constant dense<[[[[3.0, 4.0]], [[30.0, 40.0]], [[3.0, 4.0]]]]> : tensor<1x3x1x2xf32>
  %k = arith.constant dense<[[[[0.3, 0.4]], [[0.0, 0.0]], [[-6.0, -8.0]]]]> : tensor<1x3x1x2xf32>
  %v = arith.constant dense<[[[[5.0]], [[7.0]], [[2.0]]]]> : tensor<1x3x1x1xf32>
  %s = arith.constant dense<0.0> : tensor<1x1x2x1xf32>
  %init = tensor.empty() : tensor<1x3x1x1xf32>
  %0:2 = linnet.linear_attention
      ins(%q, %k, %v : tensor<1x3x1x2xf32>, tensor<1x3x1x2xf32>, tensor<1x3x1x1xf32>)
      outs(%init, %s : tensor<1x3x1x1xf32>, tensor<1x1x2x1xf32>)
      {scale = 1.0 : f64, qk_l2norm, l2norm_eps = 1.0e-12 : f64}
  %eo = arith.constant dense<[[[[5.0]], [[5.0]], [[3.0]]]]> : tensor<1x3x1x1xf32>
  check.expect_close %0#0, %eo {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<1x3x1x1xf32>
  %es = arith.constant dense<[[[[1.8], [2.4]]]]> : tensor<1x1x2x1xf32>
  check.expect_close %0#1, %es {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<1x1x2x1xf32>
  return
}

// Four heads of v, two of q, one of k.
func.func private @heads() {
  %q = arith.constant dense<[[[[1.0], [10.0]], [[1.0], [10.0]], [[1.0], [10.0]]]]> : tensor<1x3x2x1xf32>
  %k = arith.constant dense<[[[[1.0]], [[2.0]], [[3.0]]]]> : tensor<1x3x1x1xf32>
  %v = arith.constant dense<
      [[[[1.0], [2.0], [3.0], [4.0]], [[1.0], [2.0], [3.0], [4.0]], [[1.0], [2.0], [3.0], [4.0]]]]> : tensor<1x3x4x1xf32>
  %s = arith.constant dense<0.0> : tensor<1x4x1x1xf32>
  %init = tensor.empty() : tensor<1x3x4x1xf32>
  %0:2 = linnet.linear_attention
      ins(%q, %k, %v : tensor<1x3x2x1xf32>, tensor<1x3x1x1xf32>, tensor<1x3x4x1xf32>)
      outs(%init, %s : tensor<1x3x4x1xf32>, tensor<1x4x1x1xf32>)
      {scale = 1.0 : f64}
  %eo = arith.constant dense<
      [[[[1.0], [2.0], [30.0], [40.0]], [[3.0], [6.0], [90.0], [120.0]], [[6.0], [12.0], [180.0], [240.0]]]]> : tensor<1x3x4x1xf32>
  check.expect_close %0#0, %eo {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<1x3x4x1xf32>
  %es = arith.constant dense<[[[[6.0]], [[12.0]], [[18.0]], [[24.0]]]]> : tensor<1x4x1x1xf32>
  check.expect_close %0#1, %es {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<1x4x1x1xf32>
  return
}

// Two batches, two heads of k and v, 3 keys, 5 values, 7 tokens, a decay per key: the values here and below are the
// definition in numpy's float64. Inputs are a pattern of eighths.
func.func private @all_of_delta_rule() {
  %q = arith.constant dense<
      [[[[0.0, -0.5, 0.375]], [[-0.125, -0.625, 0.625]], [[0.125, -0.375, 0.5]], [[0.0, -0.125, -0.625]], [[0.25,
      -0.25, 0.625]], [[0.5, 0.0, -0.5]], [[0.375, -0.125, -0.25]]], [[[0.625, 0.125, -0.375]], [[0.5, 0.375,
      -0.125]], [[-0.625, 0.25, -0.25]], [[-0.375, 0.5, 0.0]], [[-0.5, 0.375, 0.25]], [[-0.25, 0.625, 0.125]],
      [[-0.375, -0.5, 0.375]]]]> : tensor<2x7x1x3xf32>
  %k = arith.constant dense<
      [[[[0.625, 0.125, -0.375], [0.5, 0.0, -0.125]], [[-0.625, 0.25, -0.25], [0.625, 0.5, 0.0]], [[-0.5, 0.375,
      -0.125], [-0.25, 0.625, 0.125]], [[-0.375, 0.5, 0.375], [-0.125, -0.625, 0.25]], [[-0.25, -0.375, 0.5], [0.0,
      -0.5, 0.375]], [[0.25, -0.25, 0.625], [0.125, -0.375, -0.5]], [[0.375, -0.125, -0.625], [0.25, 0.125,
      -0.375]]], [[[0.5, 0.0, -0.5], [-0.625, 0.25, -0.25]], [[0.625, 0.125, 0.0], [-0.5, 0.375, -0.125]],
      [[-0.625, 0.625, 0.125], [-0.375, 0.5, 0.0]], [[-0.125, -0.625, 0.25], [-0.25, 0.625, 0.5]], [[0.0, -0.5,
      0.375], [-0.125, -0.25, 0.625]], [[0.125, -0.375, 0.5], [0.375, -0.125, -0.625]], [[0.25, -0.25, -0.375],
      [0.5, 0.0, -0.5]]]]> : tensor<2x7x2x3xf32>
  %v = arith.constant dense<
      [[[[-0.125, -0.625, 0.25, -0.25, 0.625], [0.5, 0.0, -0.5, 0.375, -0.125]], [[-0.25, 0.625, 0.125, -0.375,
      0.5], [0.375, -0.125, -0.625, 0.25, -0.25]], [[-0.375, 0.5, 0.0, -0.5, 0.375], [0.25, -0.25, 0.625, 0.125,
      -0.375]], [[-0.5, 0.375, -0.125, -0.625, 0.25], [0.125, -0.375, 0.5, 0.0, -0.5]], [[-0.625, 0.25, -0.25,
      0.625, 0.125], [0.0, -0.5, 0.375, -0.125, -0.625]], [[0.625, 0.125, -0.375, 0.5, 0.0], [-0.125, -0.625, 0.25,
      -0.25, 0.625]], [[0.5, 0.0, -0.5, 0.375, -0.125], [-0.25, 0.625, 0.125, -0.375, 0.5]]], [[[0.375, -0.125,
      -0.625, 0.25, -0.25], [-0.375, 0.5, 0.0, -0.5, 0.375]], [[0.25, -0.25, 0.625, 0.125, -0.375], [-0.5, 0.375,
      -0.125, -0.625, 0.25]], [[0.125, -0.375, 0.5, 0.0, -0.5], [-0.625, 0.25, -0.25, 0.625, 0.125]], [[0.0, -0.5,
      0.375, -0.125, -0.625], [0.625, 0.125, -0.375, 0.5, 0.0]], [[-0.125, -0.625, 0.25, -0.25, 0.625], [0.5, 0.0,
      -0.5, 0.375, -0.125]], [[-0.25, 0.625, 0.125, -0.375, 0.5], [0.375, -0.125, -0.625, 0.25, -0.25]], [[-0.375,
      0.5, 0.0, -0.5, 0.375], [0.25, -0.25, 0.625, 0.125, -0.375]]]]> : tensor<2x7x2x5xf32>
  %log_decay = arith.constant dense<
      [[[[-0.25, -0.625, -0.125], [-0.375, -0.5, -0.375]], [[-0.125, -0.625, -0.25], [-0.25, -0.375, -0.5]],
      [[-0.0, -0.5, -0.375], [-0.25, -0.25, -0.625]], [[-0.125, -0.375, -0.5], [-0.375, -0.125, -0.625]], [[-0.25,
      -0.125, -0.375], [-0.5, -0.0, -0.5]], [[-0.625, -0.25, -0.25], [-0.625, -0.125, -0.0]], [[-0.5, -0.375,
      -0.125], [-0.625, -0.625, -0.125]]], [[[-0.375, -0.5, -0.0], [-0.125, -0.625, -0.25]], [[-0.25, -0.625,
      -0.5], [-0.0, -0.5, -0.375]], [[-0.125, -0.25, -0.625], [-0.125, -0.375, -0.5]], [[-0.375, -0.125, -0.625],
      [-0.25, -0.25, -0.375]], [[-0.5, -0.0, -0.5], [-0.375, -0.25, -0.25]], [[-0.625, -0.125, -0.375], [-0.5,
      -0.375, -0.125]], [[-0.625, -0.25, -0.125], [-0.375, -0.5, -0.0]]]]> : tensor<2x7x2x3xf32>
  %beta = arith.constant dense<
      [[[1.0, 0.5], [0.0, 0.875], [0.375, 0.25], [1.125, 0.625], [0.125, 1.0], [0.875, 0.375], [1.25, 0.75]],
      [[0.25, 0.125], [1.0, 0.5], [0.0, 0.875], [0.75, 0.25], [1.125, 0.625], [0.125, 0.0], [0.875, 0.375]]]> : tensor<2x7x2xf32>
  %s = arith.constant dense<
      [[[[0.5, 0.0, -0.5, 0.375, -0.125], [-0.25, 0.625, 0.125, -0.375, 0.5], [0.375, -0.125, -0.625, 0.25,
      -0.25]], [[-0.375, 0.5, 0.0, -0.5, 0.375], [0.25, -0.25, 0.625, 0.125, -0.375], [-0.5, 0.375, -0.125, -0.625,
      0.25]]], [[[0.125, -0.375, 0.5, 0.0, -0.5], [-0.625, 0.25, -0.25, 0.625, 0.125], [0.0, -0.5, 0.375, -0.125,
      -0.625]], [[0.625, 0.125, -0.375, 0.5, 0.0], [-0.125, -0.625, 0.25, -0.25, 0.625], [0.5, 0.0, -0.5, 0.375,
      -0.125]]]]> : tensor<2x2x3x5xf32>
  %init = tensor.empty() : tensor<2x7x2x5xf32>
  %0:2 = linnet.linear_attention
      ins(%q, %k, %v : tensor<2x7x1x3xf32>, tensor<2x7x2x3xf32>, tensor<2x7x2x5xf32>)
      log_decay(%log_decay : tensor<2x7x2x3xf32>) beta(%beta : tensor<2x7x2xf32>)
      outs(%init, %s : tensor<2x7x2x5xf32>, tensor<2x2x3x5xf32>)
      {scale = 0.5 : f64}
  %eo = arith.constant dense<
      [[[[0.118614666, -0.032393146, -0.14839683, 0.12452585, -0.1661304], [-0.10920768, 0.0878692, -0.104893535,
      -0.10527464, 0.09180224]], [[0.1148162, 0.021047834, -0.16474372, 0.118778184, -0.17662968], [-0.16366412,
      0.10618403, 0.03301631, -0.1494205, 0.12042764]], [[0.090087205, -0.032813653, -0.09830533, 0.08576096,
      -0.08532659], [-0.068354115, 0.060407758, -0.035524216, -0.0669316, 0.061830275]], [[0.03265541,
      -0.046919283, 0.08211829, 0.06315609, -0.009383766], [0.00013602173, 0.0077547613, -0.014988282,
      0.0131876515, 0.02080639]], [[0.050888635, -0.036444694, -0.06257441, 0.07010016, -0.031585943],
      [-0.0037573169, -0.08727029, 0.059834328, -0.035622593, -0.119135566]], [[0.012784787, -0.07967985,
      0.049888927, 0.012106215, -0.0035537714], [-0.0048941625, 0.020684225, -0.049911372, 0.00080664636,
      0.10695144]], [[0.12637614, -0.013731338, -0.1046719, 0.09956377, -0.02843445], [-0.020745475, 0.03534338,
      0.0009420811, -0.029515276, 0.062729485]]], [[[0.02390741, 0.0073020007, -0.010483237, 0.058848854,
      -0.009880284], [0.09377712, 0.0027300436, -0.016436236, 0.07672214, 0.034728713]], [[0.026671376,
      -0.044676967, 0.11049049, 0.064089015, -0.0809323], [0.11653809, -0.031135608, -0.037929073, 0.092313476,
      0.03474476]], [[-0.07961133, 0.10808498, -0.16454875, 0.006609423, 0.14191017], [-0.25358364, 0.052637834,
      0.028442604, -0.04345742, 0.046623513]], [[-0.05112614, 0.092639275, -0.101267084, 0.03051281, 0.1133481],
      [-0.098745205, 0.03364129, -0.027631417, 0.04289686, 0.03847245]], [[-0.032425087, 0.08192992, -0.073855,
      0.028806565, 0.027127946], [-0.048636295, 0.026133869, -0.044341583, 0.045037348, 0.017529152]],
      [[-0.006576627, 0.12543952, -0.07696791, 0.06654269, -0.03171056], [-0.02573443, 0.013811855, -0.025109561,
      0.04178717, 0.021288004]], [[0.0011050439, -0.12822196, 0.052552633, -0.036046557, 0.045953173],
      [0.020472124, 0.01801087, -0.07826732, 0.0057397746, 0.007485278]]]]> : tensor<2x7x2x5xf32>
  check.expect_close %0#0, %eo {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<2x7x2x5xf32>
  %es = arith.constant dense<
      [[[[0.44145712, -0.036855288, -0.36006463, 0.3270123, -0.040672015], [-0.2980826, 0.035522286, 0.12335448,
      -0.33381742, 0.13657318], [-0.1997821, 0.036806628, 0.23560104, -0.13908301, 0.09818098]], [[-0.0426703,
      0.1105966, -0.013184332, -0.079761885, 0.092815444], [0.01804747, 0.22860171, -0.13651413, 0.04290018,
      0.14236219], [0.092934616, -0.231153, 0.040943913, 0.095029294, -0.43379378]]], [[[-0.0644416, 0.10125478,
      0.043259513, -0.09946868, 0.05816015], [0.09624038, 0.20829262, -0.17294307, 0.28653508, -0.21364886],
      [0.069772474, -0.30487218, 0.092949465, 0.09032981, 0.018378615]], [[0.18105789, -0.07690651, 0.09411245,
      0.0666595, -0.08423968], [-0.044206314, 0.015747033, -0.017703194, 0.0627503, 0.045207508], [0.23130079,
      0.04014751, -0.34691754, 0.18093869, 0.015958482]]]]> : tensor<2x2x3x5xf32>
  check.expect_close %0#1, %es {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<2x2x3x5xf32>
  return
}

// chunk_size changes nothing.
func.func private @all_of_delta_rule_in_chunks() {
  %q = arith.constant dense<
      [[[[0.0, -0.5, 0.375]], [[-0.125, -0.625, 0.625]], [[0.125, -0.375, 0.5]], [[0.0, -0.125, -0.625]], [[0.25,
      -0.25, 0.625]], [[0.5, 0.0, -0.5]], [[0.375, -0.125, -0.25]]], [[[0.625, 0.125, -0.375]], [[0.5, 0.375,
      -0.125]], [[-0.625, 0.25, -0.25]], [[-0.375, 0.5, 0.0]], [[-0.5, 0.375, 0.25]], [[-0.25, 0.625, 0.125]],
      [[-0.375, -0.5, 0.375]]]]> : tensor<2x7x1x3xf32>
  %k = arith.constant dense<
      [[[[0.625, 0.125, -0.375], [0.5, 0.0, -0.125]], [[-0.625, 0.25, -0.25], [0.625, 0.5, 0.0]], [[-0.5, 0.375,
      -0.125], [-0.25, 0.625, 0.125]], [[-0.375, 0.5, 0.375], [-0.125, -0.625, 0.25]], [[-0.25, -0.375, 0.5], [0.0,
      -0.5, 0.375]], [[0.25, -0.25, 0.625], [0.125, -0.375, -0.5]], [[0.375, -0.125, -0.625], [0.25, 0.125,
      -0.375]]], [[[0.5, 0.0, -0.5], [-0.625, 0.25, -0.25]], [[0.625, 0.125, 0.0], [-0.5, 0.375, -0.125]],
      [[-0.625, 0.625, 0.125], [-0.375, 0.5, 0.0]], [[-0.125, -0.625, 0.25], [-0.25, 0.625, 0.5]], [[0.0, -0.5,
      0.375], [-0.125, -0.25, 0.625]], [[0.125, -0.375, 0.5], [0.375, -0.125, -0.625]], [[0.25, -0.25, -0.375],
      [0.5, 0.0, -0.5]]]]> : tensor<2x7x2x3xf32>
  %v = arith.constant dense<
      [[[[-0.125, -0.625, 0.25, -0.25, 0.625], [0.5, 0.0, -0.5, 0.375, -0.125]], [[-0.25, 0.625, 0.125, -0.375,
      0.5], [0.375, -0.125, -0.625, 0.25, -0.25]], [[-0.375, 0.5, 0.0, -0.5, 0.375], [0.25, -0.25, 0.625, 0.125,
      -0.375]], [[-0.5, 0.375, -0.125, -0.625, 0.25], [0.125, -0.375, 0.5, 0.0, -0.5]], [[-0.625, 0.25, -0.25,
      0.625, 0.125], [0.0, -0.5, 0.375, -0.125, -0.625]], [[0.625, 0.125, -0.375, 0.5, 0.0], [-0.125, -0.625, 0.25,
      -0.25, 0.625]], [[0.5, 0.0, -0.5, 0.375, -0.125], [-0.25, 0.625, 0.125, -0.375, 0.5]]], [[[0.375, -0.125,
      -0.625, 0.25, -0.25], [-0.375, 0.5, 0.0, -0.5, 0.375]], [[0.25, -0.25, 0.625, 0.125, -0.375], [-0.5, 0.375,
      -0.125, -0.625, 0.25]], [[0.125, -0.375, 0.5, 0.0, -0.5], [-0.625, 0.25, -0.25, 0.625, 0.125]], [[0.0, -0.5,
      0.375, -0.125, -0.625], [0.625, 0.125, -0.375, 0.5, 0.0]], [[-0.125, -0.625, 0.25, -0.25, 0.625], [0.5, 0.0,
      -0.5, 0.375, -0.125]], [[-0.25, 0.625, 0.125, -0.375, 0.5], [0.375, -0.125, -0.625, 0.25, -0.25]], [[-0.375,
      0.5, 0.0, -0.5, 0.375], [0.25, -0.25, 0.625, 0.125, -0.375]]]]> : tensor<2x7x2x5xf32>
  %log_decay = arith.constant dense<
      [[[[-0.25, -0.625, -0.125], [-0.375, -0.5, -0.375]], [[-0.125, -0.625, -0.25], [-0.25, -0.375, -0.5]],
      [[-0.0, -0.5, -0.375], [-0.25, -0.25, -0.625]], [[-0.125, -0.375, -0.5], [-0.375, -0.125, -0.625]], [[-0.25,
      -0.125, -0.375], [-0.5, -0.0, -0.5]], [[-0.625, -0.25, -0.25], [-0.625, -0.125, -0.0]], [[-0.5, -0.375,
      -0.125], [-0.625, -0.625, -0.125]]], [[[-0.375, -0.5, -0.0], [-0.125, -0.625, -0.25]], [[-0.25, -0.625,
      -0.5], [-0.0, -0.5, -0.375]], [[-0.125, -0.25, -0.625], [-0.125, -0.375, -0.5]], [[-0.375, -0.125, -0.625],
      [-0.25, -0.25, -0.375]], [[-0.5, -0.0, -0.5], [-0.375, -0.25, -0.25]], [[-0.625, -0.125, -0.375], [-0.5,
      -0.375, -0.125]], [[-0.625, -0.25, -0.125], [-0.375, -0.5, -0.0]]]]> : tensor<2x7x2x3xf32>
  %beta = arith.constant dense<
      [[[1.0, 0.5], [0.0, 0.875], [0.375, 0.25], [1.125, 0.625], [0.125, 1.0], [0.875, 0.375], [1.25, 0.75]],
      [[0.25, 0.125], [1.0, 0.5], [0.0, 0.875], [0.75, 0.25], [1.125, 0.625], [0.125, 0.0], [0.875, 0.375]]]> : tensor<2x7x2xf32>
  %s = arith.constant dense<
      [[[[0.5, 0.0, -0.5, 0.375, -0.125], [-0.25, 0.625, 0.125, -0.375, 0.5], [0.375, -0.125, -0.625, 0.25,
      -0.25]], [[-0.375, 0.5, 0.0, -0.5, 0.375], [0.25, -0.25, 0.625, 0.125, -0.375], [-0.5, 0.375, -0.125, -0.625,
      0.25]]], [[[0.125, -0.375, 0.5, 0.0, -0.5], [-0.625, 0.25, -0.25, 0.625, 0.125], [0.0, -0.5, 0.375, -0.125,
      -0.625]], [[0.625, 0.125, -0.375, 0.5, 0.0], [-0.125, -0.625, 0.25, -0.25, 0.625], [0.5, 0.0, -0.5, 0.375,
      -0.125]]]]> : tensor<2x2x3x5xf32>
  %init = tensor.empty() : tensor<2x7x2x5xf32>
  %0:2 = linnet.linear_attention
      ins(%q, %k, %v : tensor<2x7x1x3xf32>, tensor<2x7x2x3xf32>, tensor<2x7x2x5xf32>)
      log_decay(%log_decay : tensor<2x7x2x3xf32>) beta(%beta : tensor<2x7x2xf32>)
      outs(%init, %s : tensor<2x7x2x5xf32>, tensor<2x2x3x5xf32>)
      {scale = 0.5 : f64, chunk_size = 2 : i64}
  %eo = arith.constant dense<
      [[[[0.118614666, -0.032393146, -0.14839683, 0.12452585, -0.1661304], [-0.10920768, 0.0878692, -0.104893535,
      -0.10527464, 0.09180224]], [[0.1148162, 0.021047834, -0.16474372, 0.118778184, -0.17662968], [-0.16366412,
      0.10618403, 0.03301631, -0.1494205, 0.12042764]], [[0.090087205, -0.032813653, -0.09830533, 0.08576096,
      -0.08532659], [-0.068354115, 0.060407758, -0.035524216, -0.0669316, 0.061830275]], [[0.03265541,
      -0.046919283, 0.08211829, 0.06315609, -0.009383766], [0.00013602173, 0.0077547613, -0.014988282,
      0.0131876515, 0.02080639]], [[0.050888635, -0.036444694, -0.06257441, 0.07010016, -0.031585943],
      [-0.0037573169, -0.08727029, 0.059834328, -0.035622593, -0.119135566]], [[0.012784787, -0.07967985,
      0.049888927, 0.012106215, -0.0035537714], [-0.0048941625, 0.020684225, -0.049911372, 0.00080664636,
      0.10695144]], [[0.12637614, -0.013731338, -0.1046719, 0.09956377, -0.02843445], [-0.020745475, 0.03534338,
      0.0009420811, -0.029515276, 0.062729485]]], [[[0.02390741, 0.0073020007, -0.010483237, 0.058848854,
      -0.009880284], [0.09377712, 0.0027300436, -0.016436236, 0.07672214, 0.034728713]], [[0.026671376,
      -0.044676967, 0.11049049, 0.064089015, -0.0809323], [0.11653809, -0.031135608, -0.037929073, 0.092313476,
      0.03474476]], [[-0.07961133, 0.10808498, -0.16454875, 0.006609423, 0.14191017], [-0.25358364, 0.052637834,
      0.028442604, -0.04345742, 0.046623513]], [[-0.05112614, 0.092639275, -0.101267084, 0.03051281, 0.1133481],
      [-0.098745205, 0.03364129, -0.027631417, 0.04289686, 0.03847245]], [[-0.032425087, 0.08192992, -0.073855,
      0.028806565, 0.027127946], [-0.048636295, 0.026133869, -0.044341583, 0.045037348, 0.017529152]],
      [[-0.006576627, 0.12543952, -0.07696791, 0.06654269, -0.03171056], [-0.02573443, 0.013811855, -0.025109561,
      0.04178717, 0.021288004]], [[0.0011050439, -0.12822196, 0.052552633, -0.036046557, 0.045953173],
      [0.020472124, 0.01801087, -0.07826732, 0.0057397746, 0.007485278]]]]> : tensor<2x7x2x5xf32>
  check.expect_close %0#0, %eo {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<2x7x2x5xf32>
  %es = arith.constant dense<
      [[[[0.44145712, -0.036855288, -0.36006463, 0.3270123, -0.040672015], [-0.2980826, 0.035522286, 0.12335448,
      -0.33381742, 0.13657318], [-0.1997821, 0.036806628, 0.23560104, -0.13908301, 0.09818098]], [[-0.0426703,
      0.1105966, -0.013184332, -0.079761885, 0.092815444], [0.01804747, 0.22860171, -0.13651413, 0.04290018,
      0.14236219], [0.092934616, -0.231153, 0.040943913, 0.095029294, -0.43379378]]], [[[-0.0644416, 0.10125478,
      0.043259513, -0.09946868, 0.05816015], [0.09624038, 0.20829262, -0.17294307, 0.28653508, -0.21364886],
      [0.069772474, -0.30487218, 0.092949465, 0.09032981, 0.018378615]], [[0.18105789, -0.07690651, 0.09411245,
      0.0666595, -0.08423968], [-0.044206314, 0.015747033, -0.017703194, 0.0627503, 0.045207508], [0.23130079,
      0.04014751, -0.34691754, 0.18093869, 0.015958482]]]]> : tensor<2x2x3x5xf32>
  check.expect_close %0#1, %es {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<2x2x3x5xf32>
  return
}

// Decay per key, low rank, in reverse.
func.func private @all_of_low_rank() {
  %q = arith.constant dense<
      [[[[0.0, -0.5, 0.375]], [[-0.125, -0.625, 0.625]], [[0.125, -0.375, 0.5]], [[0.0, -0.125, -0.625]], [[0.25,
      -0.25, 0.625]], [[0.5, 0.0, -0.5]], [[0.375, -0.125, -0.25]]], [[[0.625, 0.125, -0.375]], [[0.5, 0.375,
      -0.125]], [[-0.625, 0.25, -0.25]], [[-0.375, 0.5, 0.0]], [[-0.5, 0.375, 0.25]], [[-0.25, 0.625, 0.125]],
      [[-0.375, -0.5, 0.375]]]]> : tensor<2x7x1x3xf32>
  %k = arith.constant dense<
      [[[[0.625, 0.125, -0.375], [0.5, 0.0, -0.125]], [[-0.625, 0.25, -0.25], [0.625, 0.5, 0.0]], [[-0.5, 0.375,
      -0.125], [-0.25, 0.625, 0.125]], [[-0.375, 0.5, 0.375], [-0.125, -0.625, 0.25]], [[-0.25, -0.375, 0.5], [0.0,
      -0.5, 0.375]], [[0.25, -0.25, 0.625], [0.125, -0.375, -0.5]], [[0.375, -0.125, -0.625], [0.25, 0.125,
      -0.375]]], [[[0.5, 0.0, -0.5], [-0.625, 0.25, -0.25]], [[0.625, 0.125, 0.0], [-0.5, 0.375, -0.125]],
      [[-0.625, 0.625, 0.125], [-0.375, 0.5, 0.0]], [[-0.125, -0.625, 0.25], [-0.25, 0.625, 0.5]], [[0.0, -0.5,
      0.375], [-0.125, -0.25, 0.625]], [[0.125, -0.375, 0.5], [0.375, -0.125, -0.625]], [[0.25, -0.25, -0.375],
      [0.5, 0.0, -0.5]]]]> : tensor<2x7x2x3xf32>
  %v = arith.constant dense<
      [[[[-0.125, -0.625, 0.25, -0.25, 0.625], [0.5, 0.0, -0.5, 0.375, -0.125]], [[-0.25, 0.625, 0.125, -0.375,
      0.5], [0.375, -0.125, -0.625, 0.25, -0.25]], [[-0.375, 0.5, 0.0, -0.5, 0.375], [0.25, -0.25, 0.625, 0.125,
      -0.375]], [[-0.5, 0.375, -0.125, -0.625, 0.25], [0.125, -0.375, 0.5, 0.0, -0.5]], [[-0.625, 0.25, -0.25,
      0.625, 0.125], [0.0, -0.5, 0.375, -0.125, -0.625]], [[0.625, 0.125, -0.375, 0.5, 0.0], [-0.125, -0.625, 0.25,
      -0.25, 0.625]], [[0.5, 0.0, -0.5, 0.375, -0.125], [-0.25, 0.625, 0.125, -0.375, 0.5]]], [[[0.375, -0.125,
      -0.625, 0.25, -0.25], [-0.375, 0.5, 0.0, -0.5, 0.375]], [[0.25, -0.25, 0.625, 0.125, -0.375], [-0.5, 0.375,
      -0.125, -0.625, 0.25]], [[0.125, -0.375, 0.5, 0.0, -0.5], [-0.625, 0.25, -0.25, 0.625, 0.125]], [[0.0, -0.5,
      0.375, -0.125, -0.625], [0.625, 0.125, -0.375, 0.5, 0.0]], [[-0.125, -0.625, 0.25, -0.25, 0.625], [0.5, 0.0,
      -0.5, 0.375, -0.125]], [[-0.25, 0.625, 0.125, -0.375, 0.5], [0.375, -0.125, -0.625, 0.25, -0.25]], [[-0.375,
      0.5, 0.0, -0.5, 0.375], [0.25, -0.25, 0.625, 0.125, -0.375]]]]> : tensor<2x7x2x5xf32>
  %log_decay = arith.constant dense<
      [[[[-0.25, -0.625, -0.125], [-0.375, -0.5, -0.375]], [[-0.125, -0.625, -0.25], [-0.25, -0.375, -0.5]],
      [[-0.0, -0.5, -0.375], [-0.25, -0.25, -0.625]], [[-0.125, -0.375, -0.5], [-0.375, -0.125, -0.625]], [[-0.25,
      -0.125, -0.375], [-0.5, -0.0, -0.5]], [[-0.625, -0.25, -0.25], [-0.625, -0.125, -0.0]], [[-0.5, -0.375,
      -0.125], [-0.625, -0.625, -0.125]]], [[[-0.375, -0.5, -0.0], [-0.125, -0.625, -0.25]], [[-0.25, -0.625,
      -0.5], [-0.0, -0.5, -0.375]], [[-0.125, -0.25, -0.625], [-0.125, -0.375, -0.5]], [[-0.375, -0.125, -0.625],
      [-0.25, -0.25, -0.375]], [[-0.5, -0.0, -0.5], [-0.375, -0.25, -0.25]], [[-0.625, -0.125, -0.375], [-0.5,
      -0.375, -0.125]], [[-0.625, -0.25, -0.125], [-0.375, -0.5, -0.0]]]]> : tensor<2x7x2x3xf32>
  %erase = arith.constant dense<
      [[[[-0.375, 0.5, 0.0], [-0.5, 0.375, 0.25]], [[-0.25, 0.625, 0.125], [-0.375, -0.5, 0.375]], [[-0.125,
      -0.625, 0.25], [0.125, -0.375, 0.5]], [[0.0, -0.5, -0.625], [0.25, -0.25, 0.625]], [[0.125, 0.0, -0.5],
      [0.375, -0.125, -0.625]], [[0.625, 0.125, -0.375], [0.5, 0.0, -0.125]], [[-0.625, 0.25, -0.25], [0.625, 0.5,
      0.0]]], [[[-0.5, 0.375, -0.125], [-0.25, 0.625, 0.125]], [[-0.375, 0.5, 0.375], [-0.125, -0.625, 0.25]],
      [[-0.25, -0.375, 0.5], [0.0, -0.5, 0.375]], [[0.25, -0.25, 0.625], [0.125, -0.375, -0.5]], [[0.375, -0.125,
      -0.625], [0.25, 0.125, -0.375]], [[0.5, 0.0, -0.5], [-0.625, 0.25, -0.25]], [[0.625, 0.125, 0.0], [-0.5,
      0.375, -0.125]]]]> : tensor<2x7x2x3xf32>
  %write = arith.constant dense<
      [[[[0.25, -0.25, 0.625], [0.125, -0.375, -0.5]], [[0.375, -0.125, -0.625], [0.25, 0.125, -0.375]], [[0.5,
      0.0, -0.5], [-0.625, 0.25, -0.25]], [[0.625, 0.125, 0.0], [-0.5, 0.375, -0.125]], [[-0.625, 0.625, 0.125],
      [-0.375, 0.5, 0.0]], [[-0.125, -0.625, 0.25], [-0.25, 0.625, 0.5]], [[0.0, -0.5, 0.375], [-0.125, -0.25,
      0.625]]], [[[0.125, -0.375, 0.5], [0.375, -0.125, -0.625]], [[0.25, -0.25, -0.375], [0.5, 0.0, -0.5]],
      [[0.375, 0.25, -0.25], [0.625, 0.125, -0.375]], [[-0.5, 0.375, -0.125], [-0.625, 0.25, 0.125]], [[-0.375,
      0.5, 0.0], [-0.5, -0.625, 0.25]], [[-0.25, 0.625, 0.125], [0.0, -0.5, 0.375]], [[-0.125, -0.625, 0.625],
      [0.125, -0.375, 0.5]]]]> : tensor<2x7x2x3xf32>
  %s = arith.constant dense<
      [[[[0.5, 0.0, -0.5, 0.375, -0.125], [-0.25, 0.625, 0.125, -0.375, 0.5], [0.375, -0.125, -0.625, 0.25,
      -0.25]], [[-0.375, 0.5, 0.0, -0.5, 0.375], [0.25, -0.25, 0.625, 0.125, -0.375], [-0.5, 0.375, -0.125, -0.625,
      0.25]]], [[[0.125, -0.375, 0.5, 0.0, -0.5], [-0.625, 0.25, -0.25, 0.625, 0.125], [0.0, -0.5, 0.375, -0.125,
      -0.625]], [[0.625, 0.125, -0.375, 0.5, 0.0], [-0.125, -0.625, 0.25, -0.25, 0.625], [0.5, 0.0, -0.5, 0.375,
      -0.125]]]]> : tensor<2x2x3x5xf32>
  %init = tensor.empty() : tensor<2x7x2x5xf32>
  %0:2 = linnet.linear_attention
      ins(%q, %k, %v : tensor<2x7x1x3xf32>, tensor<2x7x2x3xf32>, tensor<2x7x2x5xf32>)
      log_decay(%log_decay : tensor<2x7x2x3xf32>) erase(%erase : tensor<2x7x2x3xf32>)
      write(%write : tensor<2x7x2x3xf32>)
      outs(%init, %s : tensor<2x7x2x5xf32>, tensor<2x2x3x5xf32>)
      {scale = 0.5 : f64, reverse}
  %eo = arith.constant dense<
      [[[[0.006268074, 0.054106213, -0.04202023, 0.05660925, -0.074661724], [-0.051979534, 0.002000932,
      0.042866934, -0.038103685, 0.026493086]], [[0.08619085, -0.1291655, -0.065337755, 0.188267, -0.11320857],
      [-0.0935443, 0.0023586592, 0.10625147, -0.07062466, 0.040925603]], [[0.08990227, -0.060864, -0.061031092,
      0.14196974, -0.060905777], [-0.030641623, -0.019773517, -0.028558807, -0.031335898, -0.0042531346]],
      [[0.096725754, -0.088252775, 0.06896479, 0.02921257, -0.048948385], [0.019609444, -0.03205335, -0.031706262,
      0.03671468, 0.06427632]], [[0.06417416, 0.04022519, -0.18720645, 0.24364437, -0.016632719], [-0.11799341,
      0.043391928, 0.029190551, -0.16705473, -0.11959085]], [[0.0034252175, -0.009272278, 0.0076567633,
      0.007657478, -0.005040018], [0.06468818, -0.13003983, 0.030111706, 0.07621367, 0.09632942]], [[0.111683324,
      -0.01598791, -0.079224125, 0.095874265, -0.031796966], [-0.0029279336, 0.054774832, -0.023232916,
      0.003840394, 0.06154316]]], [[[0.119366854, -0.017392596, -0.11216592, 0.106833644, -0.08796268],
      [0.09875497, -0.106118515, 0.0068411534, 0.027098792, -0.05859993]], [[0.024690345, 0.021447202, 0.045654178,
      0.0667208, -0.033042263], [0.07247147, -0.047282297, -0.0027660911, -0.022195088, -0.007981935]],
      [[0.019820271, -0.051220883, 0.06956839, 0.040825915, -0.07290251], [-0.11695445, 0.055222537, 0.012302043,
      0.11139253, 0.00984866]], [[-0.042974155, 0.11922518, -0.13556176, 0.116520405, 0.09105992], [0.0768457,
      0.016140817, -0.011945735, 0.061669476, 0.022459177]], [[-0.040632956, 0.06522408, -0.11757146, 0.11479771,
      0.026417123], [-0.031956773, -0.0049781976, -0.007833122, -0.02521213, 0.078228004]], [[-0.094779655,
      0.04432302, -0.14079264, 0.17719842, 0.05966068], [-0.01381037, -0.035611186, 0.026349304, -0.019260574,
      0.09850271]], [[0.12965025, -0.18142004, 0.14404094, -0.09183403, -0.18621695], [-0.0839265, 0.07683102,
      -0.14412415, -0.043737117, -0.0068797907]]]]> : tensor<2x7x2x5xf32>
  check.expect_close %0#0, %eo {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<2x7x2x5xf32>
  %es = arith.constant dense<
      [[[[0.46627292, -0.84795266, -0.0061365278, 0.297711, 0.007032613], [-0.01749404, -0.029517094, 0.039305087,
      -0.10990642, 0.1165947], [0.01010434, 0.24921034, -0.17170112, 0.15537411, -0.24273627]], [[0.38274378,
      0.06443664, -0.65643305, 0.3102511, 0.002466373], [0.16741222, 0.03802972, -0.20249604, 0.13023397,
      -0.052843086], [-0.0540079, 0.06137793, -0.04137107, -0.02957434, 0.07083901]]], [[[0.24660392, -0.039590783,
      -0.1974235, 0.21478958, -0.18497662], [0.018595107, 0.03361956, 0.036599446, 0.09811703, -0.0403017],
      [-0.21941832, 0.037982397, 0.2813789, -0.1790911, 0.14740601]], [[0.60024184, -0.5392234, 0.007956288,
      0.3042538, -0.31393], [-0.19701025, 0.21631007, -0.07127284, -0.10938487, 0.17655562], [0.4080398,
      -0.2606369, -0.046983287, 0.32610112, -0.15183187]]]]> : tensor<2x2x3x5xf32>
  check.expect_close %0#1, %es {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<2x2x3x5xf32>
  return
}

// Decay per head, before the update, with a bonus.
func.func private @all_of_bonus() {
  %q = arith.constant dense<
      [[[[0.0, -0.5, 0.375]], [[-0.125, -0.625, 0.625]], [[0.125, -0.375, 0.5]], [[0.0, -0.125, -0.625]], [[0.25,
      -0.25, 0.625]], [[0.5, 0.0, -0.5]], [[0.375, -0.125, -0.25]]], [[[0.625, 0.125, -0.375]], [[0.5, 0.375,
      -0.125]], [[-0.625, 0.25, -0.25]], [[-0.375, 0.5, 0.0]], [[-0.5, 0.375, 0.25]], [[-0.25, 0.625, 0.125]],
      [[-0.375, -0.5, 0.375]]]]> : tensor<2x7x1x3xf32>
  %k = arith.constant dense<
      [[[[0.625, 0.125, -0.375], [0.5, 0.0, -0.125]], [[-0.625, 0.25, -0.25], [0.625, 0.5, 0.0]], [[-0.5, 0.375,
      -0.125], [-0.25, 0.625, 0.125]], [[-0.375, 0.5, 0.375], [-0.125, -0.625, 0.25]], [[-0.25, -0.375, 0.5], [0.0,
      -0.5, 0.375]], [[0.25, -0.25, 0.625], [0.125, -0.375, -0.5]], [[0.375, -0.125, -0.625], [0.25, 0.125,
      -0.375]]], [[[0.5, 0.0, -0.5], [-0.625, 0.25, -0.25]], [[0.625, 0.125, 0.0], [-0.5, 0.375, -0.125]],
      [[-0.625, 0.625, 0.125], [-0.375, 0.5, 0.0]], [[-0.125, -0.625, 0.25], [-0.25, 0.625, 0.5]], [[0.0, -0.5,
      0.375], [-0.125, -0.25, 0.625]], [[0.125, -0.375, 0.5], [0.375, -0.125, -0.625]], [[0.25, -0.25, -0.375],
      [0.5, 0.0, -0.5]]]]> : tensor<2x7x2x3xf32>
  %v = arith.constant dense<
      [[[[-0.125, -0.625, 0.25, -0.25, 0.625], [0.5, 0.0, -0.5, 0.375, -0.125]], [[-0.25, 0.625, 0.125, -0.375,
      0.5], [0.375, -0.125, -0.625, 0.25, -0.25]], [[-0.375, 0.5, 0.0, -0.5, 0.375], [0.25, -0.25, 0.625, 0.125,
      -0.375]], [[-0.5, 0.375, -0.125, -0.625, 0.25], [0.125, -0.375, 0.5, 0.0, -0.5]], [[-0.625, 0.25, -0.25,
      0.625, 0.125], [0.0, -0.5, 0.375, -0.125, -0.625]], [[0.625, 0.125, -0.375, 0.5, 0.0], [-0.125, -0.625, 0.25,
      -0.25, 0.625]], [[0.5, 0.0, -0.5, 0.375, -0.125], [-0.25, 0.625, 0.125, -0.375, 0.5]]], [[[0.375, -0.125,
      -0.625, 0.25, -0.25], [-0.375, 0.5, 0.0, -0.5, 0.375]], [[0.25, -0.25, 0.625, 0.125, -0.375], [-0.5, 0.375,
      -0.125, -0.625, 0.25]], [[0.125, -0.375, 0.5, 0.0, -0.5], [-0.625, 0.25, -0.25, 0.625, 0.125]], [[0.0, -0.5,
      0.375, -0.125, -0.625], [0.625, 0.125, -0.375, 0.5, 0.0]], [[-0.125, -0.625, 0.25, -0.25, 0.625], [0.5, 0.0,
      -0.5, 0.375, -0.125]], [[-0.25, 0.625, 0.125, -0.375, 0.5], [0.375, -0.125, -0.625, 0.25, -0.25]], [[-0.375,
      0.5, 0.0, -0.5, 0.375], [0.25, -0.25, 0.625, 0.125, -0.375]]]]> : tensor<2x7x2x5xf32>
  %log_decay = arith.constant dense<
      [[[-0.25, -0.625], [-0.125, -0.375], [-0.5, -0.375], [-0.125, -0.625], [-0.25, -0.25], [-0.375, -0.5], [-0.0,
      -0.5]], [[-0.375, -0.25], [-0.25, -0.625], [-0.125, -0.375], [-0.5, -0.375], [-0.125, -0.625], [-0.25,
      -0.125], [-0.375, -0.5]]]> : tensor<2x7x2xf32>
  %bonus = arith.constant dense<[[-0.5, 0.375, -0.125], [-0.625, 0.25, 0.125]]> : tensor<2x3xf32>
  %s = arith.constant dense<
      [[[[0.5, 0.0, -0.5, 0.375, -0.125], [-0.25, 0.625, 0.125, -0.375, 0.5], [0.375, -0.125, -0.625, 0.25,
      -0.25]], [[-0.375, 0.5, 0.0, -0.5, 0.375], [0.25, -0.25, 0.625, 0.125, -0.375], [-0.5, 0.375, -0.125, -0.625,
      0.25]]], [[[0.125, -0.375, 0.5, 0.0, -0.5], [-0.625, 0.25, -0.25, 0.625, 0.125], [0.0, -0.5, 0.375, -0.125,
      -0.625]], [[0.625, 0.125, -0.375, 0.5, 0.0], [-0.125, -0.625, 0.25, -0.25, 0.625], [0.5, 0.0, -0.5, 0.375,
      -0.125]]]]> : tensor<2x2x3x5xf32>
  %init = tensor.empty() : tensor<2x7x2x5xf32>
  %0:2 = linnet.linear_attention
      ins(%q, %k, %v : tensor<2x7x1x3xf32>, tensor<2x7x2x3xf32>, tensor<2x7x2x5xf32>)
      log_decay(%log_decay : tensor<2x7x2xf32>) bonus(%bonus : tensor<2x3xf32>)
      outs(%init, %s : tensor<2x7x2x5xf32>, tensor<2x2x3x5xf32>)
      {scale = 0.5 : f64, pre_update}
  %eo = arith.constant dense<
      [[[[0.13317871, -0.17785645, -0.14916992, 0.14135742, -0.17370605], [-0.15771484, 0.1328125, -0.17822266,
      -0.14953613, 0.14099121]], [[0.16195169, -0.08487518, -0.21190485, 0.19733295, -0.31804863], [-0.15355612,
      0.08964738, -0.08114038, -0.13875428, 0.10444923]], [[0.16641884, -0.15512024, -0.18076603, 0.18370725,
      -0.2326313], [-0.09626552, 0.073971465, -0.030193042, -0.09322457, 0.07701241]], [[-0.06645684, -0.0039864,
      0.097169995, -0.061292313, 0.08167642], [0.017196056, -0.0034630478, -0.044630416, 0.039191782, 0.01853268]],
      [[0.14259121, -0.14884163, -0.123989895, 0.17648292, -0.16926852], [-0.018431466, -0.030633429, 0.03572767,
      -0.041835114, -0.05403708]], [[0.21426561, -0.20826936, 0.096583314, 0.0010516419, -0.03721227],
      [0.017056346, 0.084164254, -0.1371336, 0.033833325, 0.09557014]], [[0.07851343, -0.11799412, 0.05317722,
      0.026513122, -0.03446053], [-0.004033247, -0.068173684, -0.016487082, -0.01271378, 0.0735364]]],
      [[[-0.033691406, 0.0034179688, 0.12646484, 0.040039062, -0.0087890625], [0.044311523, 0.06591797, -0.0078125,
      0.0043945312, 0.11193848]], [[-0.017804157, -0.012936161, -0.10340508, 0.11630667, -0.056017105],
      [0.065913364, -0.07754831, -0.024253722, 0.029040864, 0.08636377]], [[-0.14332832, 0.1918575, -0.22532685,
      0.009466678, 0.25265443], [-0.23909888, 0.08777448, 0.07499238, -0.33943006, 0.13831507]], [[-0.093821086,
      0.022367436, 0.029415408, 0.057008047, 0.010820566], [-0.24771698, 0.07994419, -0.030547159, -0.03140663,
      0.12618588]], [[-0.062568404, 0.037157282, 0.025507953, 0.017761404, -0.012773909], [-0.021727784,
      0.08681884, -0.10752088, 0.09418748, 0.07630862]], [[-0.025450455, 0.10655012, -0.036837704, 0.102794625,
      -0.056463998], [-0.0046038213, 0.037679374, -0.06341773, 0.061547298, 0.046371646]], [[-0.08936184,
      -0.036667164, 0.12080841, -0.20248547, 0.1270482], [0.052228738, 0.013310218, 0.037191182, 0.025666786,
      -0.02081312]]]]> : tensor<2x7x2x5xf32>
  check.expect_close %0#0, %eo {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<2x7x2x5xf32>
  %es = arith.constant dense<
      [[[[0.7635383, -0.41574976, -0.2945369, 0.50326484, -0.22248352], [-0.32899356, 0.24132995, 0.228698,
      -0.6973993, 0.27076456], [-0.11127195, 0.19966334, -0.18860333, 0.29676536, 0.004818858]], [[-0.05776581,
      0.14303218, -0.05094569, -0.106832445, 0.198213], [0.028215557, 0.33915734, -0.14854649, 0.062982254,
      0.06118165], [0.1214892, -0.1309234, -0.023483621, 0.17396367, -0.49543875]]], [[[-0.04426694, 0.17280304,
      0.003962174, -0.10546891, 0.111601084], [0.13733709, -0.012416659, -0.13438325, 0.41399655, -0.28983545],
      [-0.002820841, -0.2260104, 0.26761287, -0.047839824, 0.0049648006]], [[0.26429632, -0.22180565, 0.23642091,
      0.10544536, -0.279124], [-0.08417638, 0.049300596, 0.030289559, 0.027054595, 0.10272698], [0.033104073,
      0.17489295, -0.32265627, 0.080591775, 0.22238064]]]]> : tensor<2x2x3x5xf32>
  check.expect_close %0#1, %es {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<2x2x3x5xf32>
  return
}

// The delta rule read before the update.
func.func private @all_of_delta_before_update() {
  %q = arith.constant dense<
      [[[[0.0, -0.5, 0.375]], [[-0.125, -0.625, 0.625]], [[0.125, -0.375, 0.5]], [[0.0, -0.125, -0.625]], [[0.25,
      -0.25, 0.625]], [[0.5, 0.0, -0.5]], [[0.375, -0.125, -0.25]]], [[[0.625, 0.125, -0.375]], [[0.5, 0.375,
      -0.125]], [[-0.625, 0.25, -0.25]], [[-0.375, 0.5, 0.0]], [[-0.5, 0.375, 0.25]], [[-0.25, 0.625, 0.125]],
      [[-0.375, -0.5, 0.375]]]]> : tensor<2x7x1x3xf32>
  %k = arith.constant dense<
      [[[[0.625, 0.125, -0.375], [0.5, 0.0, -0.125]], [[-0.625, 0.25, -0.25], [0.625, 0.5, 0.0]], [[-0.5, 0.375,
      -0.125], [-0.25, 0.625, 0.125]], [[-0.375, 0.5, 0.375], [-0.125, -0.625, 0.25]], [[-0.25, -0.375, 0.5], [0.0,
      -0.5, 0.375]], [[0.25, -0.25, 0.625], [0.125, -0.375, -0.5]], [[0.375, -0.125, -0.625], [0.25, 0.125,
      -0.375]]], [[[0.5, 0.0, -0.5], [-0.625, 0.25, -0.25]], [[0.625, 0.125, 0.0], [-0.5, 0.375, -0.125]],
      [[-0.625, 0.625, 0.125], [-0.375, 0.5, 0.0]], [[-0.125, -0.625, 0.25], [-0.25, 0.625, 0.5]], [[0.0, -0.5,
      0.375], [-0.125, -0.25, 0.625]], [[0.125, -0.375, 0.5], [0.375, -0.125, -0.625]], [[0.25, -0.25, -0.375],
      [0.5, 0.0, -0.5]]]]> : tensor<2x7x2x3xf32>
  %v = arith.constant dense<
      [[[[-0.125, -0.625, 0.25, -0.25, 0.625], [0.5, 0.0, -0.5, 0.375, -0.125]], [[-0.25, 0.625, 0.125, -0.375,
      0.5], [0.375, -0.125, -0.625, 0.25, -0.25]], [[-0.375, 0.5, 0.0, -0.5, 0.375], [0.25, -0.25, 0.625, 0.125,
      -0.375]], [[-0.5, 0.375, -0.125, -0.625, 0.25], [0.125, -0.375, 0.5, 0.0, -0.5]], [[-0.625, 0.25, -0.25,
      0.625, 0.125], [0.0, -0.5, 0.375, -0.125, -0.625]], [[0.625, 0.125, -0.375, 0.5, 0.0], [-0.125, -0.625, 0.25,
      -0.25, 0.625]], [[0.5, 0.0, -0.5, 0.375, -0.125], [-0.25, 0.625, 0.125, -0.375, 0.5]]], [[[0.375, -0.125,
      -0.625, 0.25, -0.25], [-0.375, 0.5, 0.0, -0.5, 0.375]], [[0.25, -0.25, 0.625, 0.125, -0.375], [-0.5, 0.375,
      -0.125, -0.625, 0.25]], [[0.125, -0.375, 0.5, 0.0, -0.5], [-0.625, 0.25, -0.25, 0.625, 0.125]], [[0.0, -0.5,
      0.375, -0.125, -0.625], [0.625, 0.125, -0.375, 0.5, 0.0]], [[-0.125, -0.625, 0.25, -0.25, 0.625], [0.5, 0.0,
      -0.5, 0.375, -0.125]], [[-0.25, 0.625, 0.125, -0.375, 0.5], [0.375, -0.125, -0.625, 0.25, -0.25]], [[-0.375,
      0.5, 0.0, -0.5, 0.375], [0.25, -0.25, 0.625, 0.125, -0.375]]]]> : tensor<2x7x2x5xf32>
  %log_decay = arith.constant dense<[-0.25, -0.625]> : tensor<2xf32>
  %beta = arith.constant dense<
      [[[1.0, 0.5], [0.0, 0.875], [0.375, 0.25], [1.125, 0.625], [0.125, 1.0], [0.875, 0.375], [1.25, 0.75]],
      [[0.25, 0.125], [1.0, 0.5], [0.0, 0.875], [0.75, 0.25], [1.125, 0.625], [0.125, 0.0], [0.875, 0.375]]]> : tensor<2x7x2xf32>
  %s = arith.constant dense<
      [[[[0.5, 0.0, -0.5, 0.375, -0.125], [-0.25, 0.625, 0.125, -0.375, 0.5], [0.375, -0.125, -0.625, 0.25,
      -0.25]], [[-0.375, 0.5, 0.0, -0.5, 0.375], [0.25, -0.25, 0.625, 0.125, -0.375], [-0.5, 0.375, -0.125, -0.625,
      0.25]]], [[[0.125, -0.375, 0.5, 0.0, -0.5], [-0.625, 0.25, -0.25, 0.625, 0.125], [0.0, -0.5, 0.375, -0.125,
      -0.625]], [[0.625, 0.125, -0.375, 0.5, 0.0], [-0.125, -0.625, 0.25, -0.25, 0.625], [0.5, 0.0, -0.5, 0.375,
      -0.125]]]]> : tensor<2x2x3x5xf32>
  %init = tensor.empty() : tensor<2x7x2x5xf32>
  %0:2 = linnet.linear_attention
      ins(%q, %k, %v : tensor<2x7x1x3xf32>, tensor<2x7x2x3xf32>, tensor<2x7x2x5xf32>)
      log_decay(%log_decay : tensor<2xf32>) beta(%beta : tensor<2x7x2xf32>)
      outs(%init, %s : tensor<2x7x2x5xf32>, tensor<2x2x3x5xf32>)
      {scale = 0.5 : f64, pre_update}
  %eo = arith.constant dense<
      [[[[0.1328125, -0.1796875, -0.1484375, 0.140625, -0.171875], [-0.15625, 0.1328125, -0.1796875, -0.1484375,
      0.140625]], [[0.17357647, -0.04144743, -0.21652888, 0.19694477, -0.28663382], [-0.13283706, 0.09163869,
      -0.107579745, -0.12514287, 0.09933287]], [[0.118516475, -0.04608136, -0.14611259, 0.11442373, -0.13383435],
      [-0.073133014, 0.057359904, -0.0103710415, -0.073955975, 0.056536943]], [[-0.06483097, -0.046244014,
      0.1075769, -0.049447104, 0.061425317], [0.015453368, -0.0097197145, -0.004853358, 0.025384717,
      0.00021163427]], [[0.08930788, -0.03559319, -0.1029922, 0.08290767, -0.08379158], [-0.001834828, -0.01825413,
      0.024353024, -0.017056745, -0.033476047]], [[0.08177348, -0.09237551, 0.054621443, 0.06435942, 0.010183936],
      [0.0046763797, 0.05513415, -0.06472015, 0.018093852, 0.06855162]], [[0.05126627, -0.06129652, 0.022554612,
      0.052024007, -0.01234118], [-0.0035613396, -0.019456556, -0.0020323712, -0.007697074, 0.032804195]]], [[[0.0,
      -0.0078125, 0.0703125, 0.0625, -0.03125], [0.09375, 0.0, -0.0078125, 0.0703125, 0.0625]], [[-0.054181125,
      -0.018952943, 0.016275236, 0.10521436, -0.060342044], [0.055326696, -0.053328544, -0.005717209, 0.032191206,
      0.06368926]], [[-0.118388474, 0.15199551, -0.21887653, 0.04144209, 0.18884665], [-0.12096444, 0.025530204,
      0.032818597, -0.12676744, 0.05022758]], [[-0.104920454, 0.072984226, -0.09738698, 0.066570535, 0.075122125],
      [-0.13458593, 0.041826922, -0.037438378, 0.07327888, 0.043923255]], [[-0.07590461, 0.05953003, -0.0848409,
      0.025963927, 0.070718735], [-0.022081532, 0.028920727, -0.042310685, 0.063454226, 0.015803674]],
      [[-0.030720739, 0.13734733, -0.08374942, 0.06947368, -0.045472458], [-0.017435702, 0.013431886, -0.016352616,
      0.03301773, 0.013790365]], [[-0.03340253, -0.11107286, 0.041050103, -0.07345588, 0.09301844], [0.034652915,
      0.0008447302, -0.032478668, 0.020391287, -0.012257744]]]]> : tensor<2x7x2x5xf32>
  check.expect_close %0#0, %eo {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<2x7x2x5xf32>
  %es = arith.constant dense<
      [[[[0.49636766, -0.05666343, -0.35611913, 0.37393388, -0.049548928], [-0.3313865, 0.08448609, 0.14770521,
      -0.37552235, 0.17269409], [-0.18464619, 0.023879051, 0.23735306, -0.12310201, 0.082014464]], [[-0.045665454,
      0.10704507, 0.0061744107, -0.074755296, 0.10356016], [-0.013122196, 0.18676354, -0.07617905, 0.0043176874,
      0.09625844], [0.08077983, -0.1657639, -0.021091672, 0.11271053, -0.25848877]]], [[[-0.018588364, 0.050388876,
      0.13745952, -0.094994985, -0.010489496], [0.08490945, 0.13968101, -0.12792227, 0.27045193, -0.24153365],
      [0.063984685, -0.35422203, 0.14178342, 0.08568388, -0.045923933]], [[0.062198948, -0.05784781, 0.12833548,
      0.0111697735, -0.07265399], [-0.026756356, 0.007426442, 0.005821373, 0.011677807, 0.015351898], [0.019839162,
      0.045906827, -0.1750662, 0.024242634, 0.056170817]]]]> : tensor<2x2x3x5xf32>
  check.expect_close %0#1, %es {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<2x2x3x5xf32>
  return
}

// Mamba-2 with P = N = 1 and steps of 2: S = S / 2 + 2 x, from 8; ten times x is added to what is read.
func.func private @ssd() {
  %one = arith.constant dense<1.0> : tensor<1x5x1x1xf32>
  %dt = arith.constant dense<2.0> : tensor<1x5x1xf32>
  %a = arith.constant dense<-0.3465736> : tensor<1xf32>
  %d = arith.constant dense<10.0> : tensor<1xf32>
  %s = arith.constant dense<8.0> : tensor<1x1x1x1xf32>
  %init = tensor.empty() : tensor<1x5x1x1xf32>
  %0:2 = linnet.ssd
      ins(%one, %dt, %a, %one, %one : tensor<1x5x1x1xf32>, tensor<1x5x1xf32>, tensor<1xf32>, tensor<1x5x1x1xf32>, tensor<1x5x1x1xf32>)
      skip(%d : tensor<1xf32>)
      outs(%init, %s : tensor<1x5x1x1xf32>, tensor<1x1x1x1xf32>)
  %ey = arith.constant dense<[[[[16.0]], [[15.0]], [[14.5]], [[14.25]], [[14.125]]]]> : tensor<1x5x1x1xf32>
  check.expect_close %0#0, %ey {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<1x5x1x1xf32>
  %es = arith.constant dense<4.125> : tensor<1x1x1x1xf32>
  check.expect_close %0#1, %es {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<1x1x1x1xf32>
  return
}

// softplus gives steps of about 0, 0.97 and 50; limits make 1, 1 and 2 of them.
func.func private @ssd_limits() {
  %one = arith.constant dense<1.0> : tensor<1x3x1x1xf32>
  %dt = arith.constant dense<[[[-100.0], [0.5], [50.0]]]> : tensor<1x3x1xf32>
  %a = arith.constant dense<-0.6931472> : tensor<1xf32>
  %s = arith.constant dense<8.0> : tensor<1x1x1x1xf32>
  %init = tensor.empty() : tensor<1x3x1x1xf32>
  %0:2 = linnet.ssd
      ins(%one, %dt, %a, %one, %one : tensor<1x3x1x1xf32>, tensor<1x3x1xf32>, tensor<1xf32>, tensor<1x3x1x1xf32>, tensor<1x3x1x1xf32>)
      outs(%init, %s : tensor<1x3x1x1xf32>, tensor<1x1x1x1xf32>) {dt_softplus, dt_min = 1.0 : f64, dt_max = 2.0 : f64}
  %ey = arith.constant dense<[[[[5.0]], [[3.5]], [[2.875]]]]> : tensor<1x3x1x1xf32>
  check.expect_close %0#0, %ey {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<1x3x1x1xf32>
  %es = arith.constant dense<2.875> : tensor<1x1x1x1xf32>
  check.expect_close %0#1, %es {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<1x1x1x1xf32>
  return
}

// One token by hand: two heads of one group, every operand; silu(30) is 30, silu(0) is 0.
func.func private @ssd_length_1() {
  %x = arith.constant dense<[[[[1.0, 2.0], [3.0, -1.0]]]]> : tensor<1x1x2x2xf32>
  %dt = arith.constant dense<[[[1.0, 0.5]]]> : tensor<1x1x2xf32>
  %bias = arith.constant dense<[0.0, 0.5]> : tensor<2xf32>
  %a = arith.constant dense<[-0.6931472, 0.0]> : tensor<2xf32>
  %b = arith.constant dense<[[[[1.0, -1.0]]]]> : tensor<1x1x1x2xf32>
  %c = arith.constant dense<[[[[2.0, 1.0]]]]> : tensor<1x1x1x2xf32>
  %d = arith.constant dense<[[1.0, 0.0], [2.0, -1.0]]> : tensor<2x2xf32>
  %z = arith.constant dense<[[[[30.0, 30.0], [0.0, 30.0]]]]> : tensor<1x1x2x2xf32>
  %s = arith.constant dense<[[[[2.0, 4.0], [6.0, 8.0]], [[1.0, 1.0], [0.0, 2.0]]]]> : tensor<1x2x2x2xf32>
  %init = tensor.empty() : tensor<1x1x2x2xf32>
  %0:2 = linnet.ssd
      ins(%x, %dt, %a, %b, %c : tensor<1x1x2x2xf32>, tensor<1x1x2xf32>, tensor<2xf32>, tensor<1x1x1x2xf32>, tensor<1x1x1x2xf32>)
      skip(%d : tensor<2x2xf32>) gate(%z : tensor<1x1x2x2xf32>) dt_bias(%bias : tensor<2xf32>)
      outs(%init, %s : tensor<1x1x2x2xf32>, tensor<1x2x2x2xf32>)
  %ey = arith.constant dense<[[[[180.0, 360.0], [0.0, 60.0]]]]> : tensor<1x1x2x2xf32>
  check.expect_close %0#0, %ey {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<1x1x2x2xf32>
  %es = arith.constant dense<[[[[2.0, 1.0], [5.0, 2.0]], [[4.0, -2.0], [-1.0, 3.0]]]]> : tensor<1x2x2x2xf32>
  check.expect_close %0#1, %es {rtol = 1.0e-5 : f64, atol = 1.0e-6 : f64} : tensor<1x2x2x2xf32>
  return
}

func.func private @ssd_length_0() {
  %x = arith.constant dense<0.0> : tensor<1x0x1x2xf32>
  %dt = arith.constant dense<0.0> : tensor<1x0x1xf32>
  %a = arith.constant dense<-1.0> : tensor<1xf32>
  %s = arith.constant dense<[[[[1.0, 2.0], [3.0, 4.0]]]]> : tensor<1x1x2x2xf32>
  %init = tensor.empty() : tensor<1x0x1x2xf32>
  %0:2 = linnet.ssd
      ins(%x, %dt, %a, %x, %x : tensor<1x0x1x2xf32>, tensor<1x0x1xf32>, tensor<1xf32>, tensor<1x0x1x2xf32>, tensor<1x0x1x2xf32>)
      skip(%a : tensor<1xf32>) gate(%x : tensor<1x0x1x2xf32>)
      outs(%init, %s : tensor<1x0x1x2xf32>, tensor<1x1x2x2xf32>) {dt_softplus}
  %es = arith.constant dense<[[[[1.0, 2.0], [3.0, 4.0]]]]> : tensor<1x1x2x2xf32>
  check.expect_close %0#1, %es {max_ulp = 0 : i64} : tensor<1x1x2x2xf32>
  return
}

func.func @main() {
  call @constant_decay() : () -> ()
  call @decay_of_heads() : () -> ()
  call @decay_of_keys() : () -> ()
  call @double_precision() : () -> ()
  call @bf16() : () -> ()
  call @length_0() : () -> ()
  call @length_1() : () -> ()
  call @layout_vk() : () -> ()
  call @restart() : () -> ()
  call @restart_of_keys() : () -> ()
  call @all_forgotten() : () -> ()
  call @delta_rule() : () -> ()
  call @low_rank_as_delta_rule() : () -> ()
  call @reflection() : () -> ()
  call @gated_delta_rule() : () -> ()
  call @low_rank_with_decay() : () -> ()
  call @low_rank_of_keys() : () -> ()
  call @packed() : () -> ()
  call @packed_reverse() : () -> ()
  call @packed_bidirectional() : () -> ()
  call @reverse() : () -> ()
  call @bidirectional() : () -> ()
  call @pre_update() : () -> ()
  call @bonus() : () -> ()
  call @normalize() : () -> ()
  call @normalize_vk() : () -> ()
  call @l2norm() : () -> ()
  call @heads() : () -> ()
  call @all_of_delta_rule() : () -> ()
  call @all_of_delta_rule_in_chunks() : () -> ()
  call @all_of_low_rank() : () -> ()
  call @all_of_bonus() : () -> ()
  call @all_of_delta_before_update() : () -> ()
  call @ssd() : () -> ()
  call @ssd_limits() : () -> ()
  call @ssd_length_1() : () -> ()
  call @ssd_length_0() : () -> ()
  return
}
