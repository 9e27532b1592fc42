// linnet.selective_scan gives the same right numbers on the reference path and on the fast path.

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

// CHECK-COUNT-61: elements agree
// CHECK-NOT:      {{agree|differ}}

// A = 0, delta = 2, B = C = 1: every state is the sum of 2 u, and y = N times that. Exact. 5 channels.
func.func private @zero_a() {
  %u = arith.constant dense<
      [[[1.0, 2.0, 3.0, 4.0, 5.0], [1.0, 2.0, 3.0, 4.0, 5.0], [1.0, 2.0, 3.0, 4.0, 5.0],
      [1.0, 2.0, 3.0, 4.0, 5.0]]]> : tensor<1x4x5xf32>
  %delta = arith.constant dense<2.0> : tensor<1x4x5xf32>
  %a = arith.constant dense<0.0> : tensor<5x3xf32>
  %b = arith.constant dense<1.0> : tensor<1x4x3xf32>
  %c = arith.constant dense<1.0> : tensor<1x4x3xf32>
  %s = arith.constant dense<0.5> : tensor<1x5x3xf32>
  %y = tensor.empty() : tensor<1x4x5xf32>
  %0:2 = linnet.selective_scan
      ins(%u, %delta, %a, %b, %c
          : tensor<1x4x5xf32>, tensor<1x4x5xf32>, tensor<5x3xf32>, tensor<1x4x3xf32>, tensor<1x4x3xf32>)
      outs(%y, %s : tensor<1x4x5xf32>, tensor<1x5x3xf32>)
  %ey = arith.constant dense<
      [[[7.5, 13.5, 19.5, 25.5, 31.5], [13.5, 25.5, 37.5, 49.5, 61.5], [19.5, 37.5, 55.5, 73.5, 91.5],
      [25.5, 49.5, 73.5, 97.5, 121.5]]]> : tensor<1x4x5xf32>
  check.expect_close %0#0, %ey {max_ulp = 0 : i64} : tensor<1x4x5xf32>
  %es = arith.constant dense<
      [[[8.5, 8.5, 8.5], [16.5, 16.5, 16.5], [24.5, 24.5, 24.5], [32.5, 32.5, 32.5],
      [40.5, 40.5, 40.5]]]> : tensor<1x5x3xf32>
  check.expect_close %0#1, %es {max_ulp = 0 : i64} : tensor<1x5x3xf32>
  return
}

// N = 1, B = C = 1, delta = 1 and A = log 1/2: h = h / 2 + u, the closed form of affine_scan. 4 ULP: exp and log 1/2
// are rounded.
func.func private @affine_scan() {
  %u = arith.constant dense<1.0> : tensor<1x5x3xf32>
  %delta = arith.constant dense<1.0> : tensor<1x5x3xf32>
  %a = arith.constant dense<-0.6931472> : tensor<3x1xf32>
  %b = arith.constant dense<1.0> : tensor<1x5x1xf32>
  %c = arith.constant dense<1.0> : tensor<1x5x1xf32>
  %s = arith.constant dense<4.0> : tensor<1x3x1xf32>
  %y = tensor.empty() : tensor<1x5x3xf32>
  %0:2 = linnet.selective_scan
      ins(%u, %delta, %a, %b, %c
          : tensor<1x5x3xf32>, tensor<1x5x3xf32>, tensor<3x1xf32>, tensor<1x5x1xf32>, tensor<1x5x1xf32>)
      outs(%y, %s : tensor<1x5x3xf32>, tensor<1x3x1xf32>)
  %ey = arith.constant dense<
      [[[3.0, 3.0, 3.0], [2.5, 2.5, 2.5], [2.25, 2.25, 2.25], [2.125, 2.125, 2.125],
      [2.0625, 2.0625, 2.0625]]]> : tensor<1x5x3xf32>
  check.expect_close %0#0, %ey {max_ulp = 4 : i64} : tensor<1x5x3xf32>
  %es = arith.constant dense<2.0625> : tensor<1x3x1xf32>
  check.expect_close %0#1, %es {max_ulp = 4 : i64} : tensor<1x3x1xf32>
  return
}

// One step by hand: h = 3 + 0.5 * 2 * 4 = 7, y = (5 * 7 + 10 * 4) = 75.
func.func private @length_1() {
  %u = arith.constant dense<4.0> : tensor<1x1x1xf32>
  %delta = arith.constant dense<0.5> : tensor<1x1x1xf32>
  %a = arith.constant dense<0.0> : tensor<1x1xf32>
  %b = arith.constant dense<2.0> : tensor<1x1x1xf32>
  %c = arith.constant dense<5.0> : tensor<1x1x1xf32>
  %s = arith.constant dense<3.0> : tensor<1x1x1xf32>
  %d = arith.constant dense<10.0> : tensor<1xf32>
  %y = tensor.empty() : tensor<1x1x1xf32>
  %0:2 = linnet.selective_scan
      ins(%u, %delta, %a, %b, %c
          : tensor<1x1x1xf32>, tensor<1x1x1xf32>, tensor<1x1xf32>, tensor<1x1x1xf32>, tensor<1x1x1xf32>)
      skip(%d : tensor<1xf32>)
      outs(%y, %s : tensor<1x1x1xf32>, tensor<1x1x1xf32>)
  %ey = arith.constant dense<75.0> : tensor<1x1x1xf32>
  check.expect_close %0#0, %ey {max_ulp = 0 : i64} : tensor<1x1x1xf32>
  %es = arith.constant dense<7.0> : tensor<1x1x1xf32>
  check.expect_close %0#1, %es {max_ulp = 0 : i64} : tensor<1x1x1xf32>
  return
}

// Every option together, two batches and 5 channels. Inputs: pat(b, t, d, k) = ((7 b + 3 t + 5 d + k) mod 11 - 5) /
// 8; the expected values are the definition in numpy's float64, like those of the cases below.
func.func private @all_options() {
  %u = arith.constant dense<
      [[[-0.625, 0.0, 0.625, -0.125, 0.5], [-0.25, 0.375, -0.375, 0.25, -0.5], [0.125, -0.625, 0.0, 0.625, -0.125]],
      [[0.25, -0.5, 0.125, -0.625, 0.0], [0.625, -0.125, 0.5, -0.25, 0.375],
      [-0.375, 0.25, -0.5, 0.125, -0.625]]]> : tensor<2x3x5xf32>
  %delta = arith.constant dense<
      [[[-0.5, 0.125, -0.625, 0.0, 0.625], [-0.125, 0.5, -0.25, 0.375, -0.375], [0.25, -0.5, 0.125, -0.625, 0.0]],
      [[0.375, -0.375, 0.25, -0.5, 0.125], [-0.625, 0.0, 0.625, -0.125, 0.5],
      [-0.25, 0.375, -0.375, 0.25, -0.5]]]> : tensor<2x3x5xf32>
  %a = arith.constant dense<
      [[-0.625, -0.5, -0.75], [-0.25, -0.875, -0.375], [-0.625, -0.625, -0.5], [-0.875, -0.25, -0.875],
      [-0.5, -0.625, -0.625]]> : tensor<5x3xf32>
  %b = arith.constant dense<
      [[[-0.25, 0.375, -0.375], [0.125, -0.625, 0.0], [0.5, -0.25, 0.375]],
      [[0.625, -0.125, 0.5], [-0.375, 0.25, -0.5], [0.0, 0.625, -0.125]]]> : tensor<2x3x3xf32>
  %c = arith.constant dense<
      [[[-0.125, 0.5, -0.25], [0.25, -0.5, 0.125], [0.625, -0.125, 0.5]],
      [[-0.625, 0.0, 0.625], [-0.25, 0.375, -0.375], [0.125, -0.625, 0.0]]]> : tensor<2x3x3xf32>
  %s = arith.constant dense<
      [[[0.0, 0.625, -0.125], [0.375, -0.375, 0.25], [-0.625, 0.0, 0.625], [-0.25, 0.375, -0.375],
      [0.125, -0.625, 0.0]],
      [[-0.5, 0.125, -0.625], [-0.125, 0.5, -0.25], [0.25, -0.5, 0.125], [0.625, -0.125, 0.5],
      [-0.375, 0.25, -0.5]]]> : tensor<2x5x3xf32>
  %d = arith.constant dense<[0.125, -0.625, 0.0, 0.625, -0.125]> : tensor<5xf32>
  %z = arith.constant dense<
      [[[0.25, -0.5, 0.125, -0.625, 0.0], [0.625, -0.125, 0.5, -0.25, 0.375], [-0.375, 0.25, -0.5, 0.125, -0.625]],
      [[-0.25, 0.375, -0.375, 0.25, -0.5], [0.125, -0.625, 0.0, 0.625, -0.125],
      [0.5, -0.25, 0.375, -0.375, 0.25]]]> : tensor<2x3x5xf32>
  %bias = arith.constant dense<[0.375, -0.375, 0.25, -0.5, 0.125]> : tensor<5xf32>
  %y = tensor.empty() : tensor<2x3x5xf32>
  %0:2 = linnet.selective_scan
      ins(%u, %delta, %a, %b, %c
          : tensor<2x3x5xf32>, tensor<2x3x5xf32>, tensor<5x3xf32>, tensor<2x3x3xf32>, tensor<2x3x3xf32>)
      skip(%d : tensor<5xf32>) gate(%z : tensor<2x3x5xf32>) delta_bias(%bias : tensor<5xf32>)
      outs(%y, %s : tensor<2x3x5xf32>, tensor<2x5x3xf32>) {delta_softplus}
  %ey = arith.constant dense<
      [[[0.0063986876, 0.038551662, 0.0025379234, -0.033221085, -0.0],
      [-0.07506632, -0.0004562427, -0.0571793, -0.0043905918, -0.007928303],
      [-0.012281997, 0.076292865, 0.013406847, 0.025320608, 0.027933117]],
      [[0.00042861557, 0.058537442, 0.007104366, -0.061097875, 0.005929455],
      [0.01760732, -0.06357785, 0.0, -0.14674927, -0.013173279],
      [2.1425416e-05, 0.034967944, 0.023216601, -0.019879475, 0.013795318]]]> : tensor<2x3x5xf32>
  check.expect_close %0#0, %ey {rtol = 2.0e-6 : f64, atol = 1.0e-6 : f64} : tensor<2x3x5xf32>
  %es = arith.constant dense<
      [[[0.08302851, 0.16331877, 0.06660578], [0.16993134, -0.16252795, 0.051382273],
      [-0.21547891, 0.13802485, 0.16181085], [0.03575092, 0.11131512, -0.035454437],
      [-0.10860267, 0.09494659, -0.12814097]],
      [[-0.113643296, -0.097838804, -0.11218173], [-0.15230355, 0.23069237, -0.19478561],
      [-0.08799269, -0.18473719, -0.12895495], [0.17074984, -0.049080182, 0.14055061],
      [-0.22686544, -0.077423476, -0.2129741]]]> : tensor<2x5x3xf32>
  check.expect_close %0#1, %es {rtol = 2.0e-6 : f64, atol = 1.0e-6 : f64} : tensor<2x5x3xf32>
  return
}

// The same in layout bdt.
func.func private @all_options_bdt() {
  %u = arith.constant dense<
      [[[-0.625, -0.25, 0.125], [0.0, 0.375, -0.625], [0.625, -0.375, 0.0], [-0.125, 0.25, 0.625],
      [0.5, -0.5, -0.125]],
      [[0.25, 0.625, -0.375], [-0.5, -0.125, 0.25], [0.125, 0.5, -0.5], [-0.625, -0.25, 0.125],
      [0.0, 0.375, -0.625]]]> : tensor<2x5x3xf32>
  %delta = arith.constant dense<
      [[[-0.5, -0.125, 0.25], [0.125, 0.5, -0.5], [-0.625, -0.25, 0.125], [0.0, 0.375, -0.625], [0.625, -0.375, 0.0]],
      [[0.375, -0.625, -0.25], [-0.375, 0.0, 0.375], [0.25, 0.625, -0.375], [-0.5, -0.125, 0.25],
      [0.125, 0.5, -0.5]]]> : tensor<2x5x3xf32>
  %a = arith.constant dense<
      [[-0.625, -0.5, -0.75], [-0.25, -0.875, -0.375], [-0.625, -0.625, -0.5], [-0.875, -0.25, -0.875],
      [-0.5, -0.625, -0.625]]> : tensor<5x3xf32>
  %b = arith.constant dense<
      [[[-0.25, 0.125, 0.5], [0.375, -0.625, -0.25], [-0.375, 0.0, 0.375]],
      [[0.625, -0.375, 0.0], [-0.125, 0.25, 0.625], [0.5, -0.5, -0.125]]]> : tensor<2x3x3xf32>
  %c = arith.constant dense<
      [[[-0.125, 0.25, 0.625], [0.5, -0.5, -0.125], [-0.25, 0.125, 0.5]],
      [[-0.625, -0.25, 0.125], [0.0, 0.375, -0.625], [0.625, -0.375, 0.0]]]> : tensor<2x3x3xf32>
  %s = arith.constant dense<
      [[[0.0, 0.625, -0.125], [0.375, -0.375, 0.25], [-0.625, 0.0, 0.625], [-0.25, 0.375, -0.375],
      [0.125, -0.625, 0.0]],
      [[-0.5, 0.125, -0.625], [-0.125, 0.5, -0.25], [0.25, -0.5, 0.125], [0.625, -0.125, 0.5],
      [-0.375, 0.25, -0.5]]]> : tensor<2x5x3xf32>
  %d = arith.constant dense<[0.125, -0.625, 0.0, 0.625, -0.125]> : tensor<5xf32>
  %z = arith.constant dense<
      [[[0.25, 0.625, -0.375], [-0.5, -0.125, 0.25], [0.125, 0.5, -0.5], [-0.625, -0.25, 0.125],
      [0.0, 0.375, -0.625]],
      [[-0.25, 0.125, 0.5], [0.375, -0.625, -0.25], [-0.375, 0.0, 0.375], [0.25, 0.625, -0.375],
      [-0.5, -0.125, 0.25]]]> : tensor<2x5x3xf32>
  %bias = arith.constant dense<[0.375, -0.375, 0.25, -0.5, 0.125]> : tensor<5xf32>
  %y = tensor.empty() : tensor<2x5x3xf32>
  %0:2 = linnet.selective_scan
      ins(%u, %delta, %a, %b, %c
          : tensor<2x5x3xf32>, tensor<2x5x3xf32>, tensor<5x3xf32>, tensor<2x3x3xf32>, tensor<2x3x3xf32>)
      skip(%d : tensor<5xf32>) gate(%z : tensor<2x5x3xf32>) delta_bias(%bias : tensor<5xf32>)
      outs(%y, %s : tensor<2x5x3xf32>, tensor<2x5x3xf32>) {delta_softplus, layout = #linnet.layout<bdt>}
  %ey = arith.constant dense<
      [[[0.0063986876, -0.07506632, -0.012281997], [0.038551662, -0.0004562427, 0.076292865],
      [0.0025379234, -0.0571793, 0.013406847], [-0.033221085, -0.0043905918, 0.025320608],
      [-0.0, -0.007928303, 0.027933117]],
      [[0.00042861557, 0.01760732, 2.1425416e-05], [0.058537442, -0.06357785, 0.034967944],
      [0.007104366, 0.0, 0.023216601], [-0.061097875, -0.14674927, -0.019879475],
      [0.005929455, -0.013173279, 0.013795318]]]> : tensor<2x5x3xf32>
  check.expect_close %0#0, %ey {rtol = 2.0e-6 : f64, atol = 1.0e-6 : f64} : tensor<2x5x3xf32>
  %es = arith.constant dense<
      [[[0.08302851, 0.16331877, 0.06660578], [0.16993134, -0.16252795, 0.051382273],
      [-0.21547891, 0.13802485, 0.16181085], [0.03575092, 0.11131512, -0.035454437],
      [-0.10860267, 0.09494659, -0.12814097]],
      [[-0.113643296, -0.097838804, -0.11218173], [-0.15230355, 0.23069237, -0.19478561],
      [-0.08799269, -0.18473719, -0.12895495], [0.17074984, -0.049080182, 0.14055061],
      [-0.22686544, -0.077423476, -0.2129741]]]> : tensor<2x5x3xf32>
  check.expect_close %0#1, %es {rtol = 2.0e-6 : f64, atol = 1.0e-6 : f64} : tensor<2x5x3xf32>
  return
}

// B constant in time, C not,
func.func private @constant_b() {
  %u = arith.constant dense<
      [[[-0.625, 0.0, 0.625, -0.125, 0.5], [-0.25, 0.375, -0.375, 0.25, -0.5],
      [0.125, -0.625, 0.0, 0.625, -0.125]]]> : tensor<1x3x5xf32>
  %delta = arith.constant dense<
      [[[0.5, 1.125, 0.375, 1.0, 1.625], [0.875, 1.5, 0.75, 1.375, 0.625],
      [1.25, 0.5, 1.125, 0.375, 1.0]]]> : tensor<1x3x5xf32>
  %a = arith.constant dense<
      [[-0.375, -0.25], [-0.0, -0.625], [-0.375, -0.375], [-0.625, -0.0], [-0.25, -0.375]]> : tensor<5x2xf32>
  %b = arith.constant dense<
      [[-0.25, 0.375], [0.125, -0.625], [0.5, -0.25], [-0.5, 0.125], [-0.125, 0.5]]> : tensor<5x2xf32>
  %c = arith.constant dense<[[[-0.125, 0.5], [0.25, -0.5], [0.625, -0.125]]]> : tensor<1x3x2xf32>
  %s = arith.constant dense<
      [[[0.0, 0.625], [0.375, -0.375], [-0.625, 0.0], [-0.25, 0.375], [0.125, -0.625]]]> : tensor<1x5x2xf32>
  %y = tensor.empty() : tensor<1x3x5xf32>
  %0:2 = linnet.selective_scan
      ins(%u, %delta, %a, %b, %c
          : tensor<1x3x5xf32>, tensor<1x3x5xf32>, tensor<5x2xf32>, tensor<5x2xf32>, tensor<1x3x2xf32>)
      outs(%y, %s : tensor<1x3x5xf32>, tensor<1x5x2xf32>)
  %ey = arith.constant dense<
      [[[0.2074209, -0.13969423, 0.023930864, 0.18860193, 0.035508517],
      [-0.10575895, 0.3234579, -0.12855487, -0.25168982, 0.05769806],
      [-0.0127580445, 0.26829156, -0.19152655, -0.22710475, 0.037883107]]]> : tensor<1x3x5xf32>
  check.expect_close %0#0, %ey {rtol = 2.0e-6 : f64, atol = 1.0e-6 : f64} : tensor<1x3x5xf32>
  %es = arith.constant dense<
      [[[0.03037376, 0.25393316], [0.40625, -0.11508243], [-0.30302125, 0.017106054], [-0.27703947, 0.43164062],
      [0.03386011, -0.1337643]]]> : tensor<1x5x2xf32>
  check.expect_close %0#1, %es {rtol = 2.0e-6 : f64, atol = 1.0e-6 : f64} : tensor<1x5x2xf32>
  return
}

// and the other way round.
func.func private @constant_c() {
  %u = arith.constant dense<
      [[[-0.625, 0.0, 0.625, -0.125, 0.5], [-0.25, 0.375, -0.375, 0.25, -0.5],
      [0.125, -0.625, 0.0, 0.625, -0.125]]]> : tensor<1x3x5xf32>
  %delta = arith.constant dense<
      [[[0.5, 1.125, 0.375, 1.0, 1.625], [0.875, 1.5, 0.75, 1.375, 0.625],
      [1.25, 0.5, 1.125, 0.375, 1.0]]]> : tensor<1x3x5xf32>
  %a = arith.constant dense<
      [[-0.375, -0.25], [-0.0, -0.625], [-0.375, -0.375], [-0.625, -0.0], [-0.25, -0.375]]> : tensor<5x2xf32>
  %b = arith.constant dense<[[[-0.25, 0.375], [0.125, -0.625], [0.5, -0.25]]]> : tensor<1x3x2xf32>
  %c = arith.constant dense<
      [[-0.125, 0.5], [0.25, -0.5], [0.625, -0.125], [-0.375, 0.25], [0.0, 0.625]]> : tensor<5x2xf32>
  %s = arith.constant dense<
      [[[0.0, 0.625], [0.375, -0.375], [-0.625, 0.0], [-0.25, 0.375], [0.125, -0.625]]]> : tensor<1x5x2xf32>
  %y = tensor.empty() : tensor<1x3x5xf32>
  %0:2 = linnet.selective_scan
      ins(%u, %delta, %a, %b, %c
          : tensor<1x3x5xf32>, tensor<1x3x5xf32>, tensor<5x2xf32>, tensor<1x3x2xf32>, tensor<5x2xf32>)
      outs(%y, %s : tensor<1x3x5xf32>, tensor<1x5x2xf32>)
  %ey = arith.constant dense<
      [[[0.2074209, 0.18656923, -0.3869883, 0.120493256, -0.021949442],
      [0.23925771, 0.3234579, -0.33605942, 0.02849287, 0.104706876],
      [0.14613049, 0.1884006, -0.22039314, -0.030136934, 0.091495164]]]> : tensor<1x3x5xf32>
  check.expect_close %0#0, %ey {rtol = 2.0e-6 : f64, atol = 1.0e-6 : f64} : tensor<1x3x5xf32>
  %es = arith.constant dense<
      [[[0.096227415, 0.31631783], [0.2890625, -0.23226993], [-0.3208712, 0.15878917], [0.11682349, 0.0546875],
      [-0.17276391, 0.14639226]]]> : tensor<1x5x2xf32>
  check.expect_close %0#1, %es {rtol = 2.0e-6 : f64, atol = 1.0e-6 : f64} : tensor<1x5x2xf32>
  return
}

// 32 channels in two groups, A = 0, delta = u = 1: states (1, 0) and (0, 2) after the first step, (2, 1) and (3, 2)
// after the second; y = 1 and 20, then 2 + 2 and 3 + 2.
func.func private @groups() {
  %u = arith.constant dense<1.0> : tensor<1x2x32xf32>
  %delta = arith.constant dense<1.0> : tensor<1x2x32xf32>
  %a = arith.constant dense<0.0> : tensor<32x2xf32>
  %b = arith.constant dense<[[[[1.0, 0.0], [0.0, 2.0]], [[1.0, 1.0], [3.0, 0.0]]]]> : tensor<1x2x2x2xf32>
  %c = arith.constant dense<[[[[1.0, 1.0], [1.0, 10.0]], [[1.0, 2.0], [1.0, 1.0]]]]> : tensor<1x2x2x2xf32>
  %s = arith.constant dense<0.0> : tensor<1x32x2xf32>
  %y = tensor.empty() : tensor<1x2x32xf32>
  %0:2 = linnet.selective_scan
      ins(%u, %delta, %a, %b, %c
          : tensor<1x2x32xf32>, tensor<1x2x32xf32>, tensor<32x2xf32>, tensor<1x2x2x2xf32>, tensor<1x2x2x2xf32>)
      outs(%y, %s : tensor<1x2x32xf32>, tensor<1x32x2xf32>)
  %ey = arith.constant dense<[[[1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 20.0,
      20.0, 20.0, 20.0, 20.0, 20.0, 20.0, 20.0, 20.0, 20.0, 20.0, 20.0, 20.0, 20.0, 20.0, 20.0], [4.0, 4.0, 4.0, 4.0,
      4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 5.0, 5.0, 5.0, 5.0, 5.0, 5.0, 5.0, 5.0, 5.0, 5.0,
      5.0, 5.0, 5.0, 5.0, 5.0, 5.0]]]> : tensor<1x2x32xf32>
  check.expect_close %0#0, %ey {max_ulp = 0 : i64} : tensor<1x2x32xf32>
  %es = arith.constant dense<
      [[[2.0, 1.0], [2.0, 1.0], [2.0, 1.0], [2.0, 1.0], [2.0, 1.0], [2.0, 1.0], [2.0, 1.0], [2.0, 1.0], [2.0, 1.0],
      [2.0, 1.0], [2.0, 1.0], [2.0, 1.0], [2.0, 1.0], [2.0, 1.0], [2.0, 1.0], [2.0, 1.0], [3.0, 2.0], [3.0, 2.0],
      [3.0, 2.0], [3.0, 2.0], [3.0, 2.0], [3.0, 2.0], [3.0, 2.0], [3.0, 2.0], [3.0, 2.0], [3.0, 2.0], [3.0, 2.0],
      [3.0, 2.0], [3.0, 2.0], [3.0, 2.0], [3.0, 2.0], [3.0, 2.0]]]> : tensor<1x32x2xf32>
  check.expect_close %0#1, %es {max_ulp = 0 : i64} : tensor<1x32x2xf32>
  return
}

// Groups for C alone, B constant.
func.func private @groups_and_constant() {
  %u = arith.constant dense<1.0> : tensor<1x2x32xf32>
  %delta = arith.constant dense<1.0> : tensor<1x2x32xf32>
  %a = arith.constant dense<0.0> : tensor<32x2xf32>
  %b = arith.constant dense<1.0> : tensor<32x2xf32>
  %c = arith.constant dense<[[[[1.0, 1.0], [1.0, 10.0]], [[1.0, 2.0], [1.0, 1.0]]]]> : tensor<1x2x2x2xf32>
  %s = arith.constant dense<0.0> : tensor<1x32x2xf32>
  %y = tensor.empty() : tensor<1x2x32xf32>
  %0:2 = linnet.selective_scan
      ins(%u, %delta, %a, %b, %c
          : tensor<1x2x32xf32>, tensor<1x2x32xf32>, tensor<32x2xf32>, tensor<32x2xf32>, tensor<1x2x2x2xf32>)
      outs(%y, %s : tensor<1x2x32xf32>, tensor<1x32x2xf32>)
  %ey = arith.constant dense<[[[2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 11.0,
      11.0, 11.0, 11.0, 11.0, 11.0, 11.0, 11.0, 11.0, 11.0, 11.0, 11.0, 11.0, 11.0, 11.0, 11.0], [6.0, 6.0, 6.0, 6.0,
      6.0, 6.0, 6.0, 6.0, 6.0, 6.0, 6.0, 6.0, 6.0, 6.0, 6.0, 6.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0,
      4.0, 4.0, 4.0, 4.0, 4.0, 4.0]]]> : tensor<1x2x32xf32>
  check.expect_close %0#0, %ey {max_ulp = 0 : i64} : tensor<1x2x32xf32>
  %es = arith.constant dense<2.0> : tensor<1x32x2xf32>
  check.expect_close %0#1, %es {max_ulp = 0 : i64} : tensor<1x32x2xf32>
  return
}

// softplus: log 2 at 0, x itself above 20, exp(x) far below 0 (float64, rounded). A = 0, B = u = C = 1, so that y is
// delta.
func.func private @softplus() {
  %u = arith.constant dense<1.0> : tensor<1x1x6xf32>
  %delta = arith.constant dense<[[[0.0, 1.0, -1.0, 20.5, 1.0e+10, -80.0]]]> : tensor<1x1x6xf32>
  %a = arith.constant dense<0.0> : tensor<6x1xf32>
  %b = arith.constant dense<1.0> : tensor<1x1x1xf32>
  %c = arith.constant dense<1.0> : tensor<1x1x1xf32>
  %s = arith.constant dense<0.0> : tensor<1x6x1xf32>
  %y = tensor.empty() : tensor<1x1x6xf32>
  %0:2 = linnet.selective_scan
      ins(%u, %delta, %a, %b, %c
          : tensor<1x1x6xf32>, tensor<1x1x6xf32>, tensor<6x1xf32>, tensor<1x1x1xf32>, tensor<1x1x1xf32>)
      outs(%y, %s : tensor<1x1x6xf32>, tensor<1x6x1xf32>) {delta_softplus}
  %ey = arith.constant dense<[[[0.6931472, 1.3132616, 0.3132617, 20.5, 1.0e+10, 1.8048513e-35]]]> : tensor<1x1x6xf32>
  check.expect_close %0#0, %ey {max_ulp = 3 : i64} : tensor<1x1x6xf32>
  %es = arith.constant dense<
      [[[0.6931472], [1.3132616], [0.3132617], [20.5], [1.0e+10], [1.8048513e-35]]]> : tensor<1x6x1xf32>
  check.expect_close %0#1, %es {max_ulp = 3 : i64} : tensor<1x6x1xf32>
  return
}

// A = -infinity forgets the state; delta = 0 keeps it, 0 * -infinity is NaN; NaN and infinity of an input stay in
// their channel.
func.func private @special_values() {
  %u = arith.constant dense<
      [[[1.0, 1.0, 1.0, 0x7FC00000, 0x7F800000], [1.0, 1.0, 1.0, 1.0, 1.0]]]> : tensor<1x2x5xf32>
  %delta = arith.constant dense<[[[1.0, 0.0, 0.0, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0, 1.0]]]> : tensor<1x2x5xf32>
  %a = arith.constant dense<[[0xFF800000], [-1.0], [0xFF800000], [0.0], [0.0]]> : tensor<5x1xf32>
  %b = arith.constant dense<1.0> : tensor<1x2x1xf32>
  %c = arith.constant dense<1.0> : tensor<1x2x1xf32>
  %s = arith.constant dense<5.0> : tensor<1x5x1xf32>
  %y = tensor.empty() : tensor<1x2x5xf32>
  %0:2 = linnet.selective_scan
      ins(%u, %delta, %a, %b, %c
          : tensor<1x2x5xf32>, tensor<1x2x5xf32>, tensor<5x1xf32>, tensor<1x2x1xf32>, tensor<1x2x1xf32>)
      outs(%y, %s : tensor<1x2x5xf32>, tensor<1x5x1xf32>)
  %ey = arith.constant dense<
      [[[1.0, 5.0, 0x7FC00000, 0x7FC00000, 0x7F800000],
      [1.0, 2.8393972, 0x7FC00000, 0x7FC00000, 0x7F800000]]]> : tensor<1x2x5xf32>
  check.expect_close %0#0, %ey {max_ulp = 2 : i64} : tensor<1x2x5xf32>
  %es = arith.constant dense<[[[1.0], [2.8393972], [0x7FC00000], [0x7FC00000], [0x7F800000]]]> : tensor<1x5x1xf32>
  check.expect_close %0#1, %es {max_ulp = 2 : i64} : tensor<1x5x1xf32>
  return
}

// exp(delta A) with products down to -200: to 0 without a trap, through subnormals; a state of 2^100 keeps them
// visible. The relative error grows with the product: both paths may round its factors first.
func.func private @far_decay() {
  %u = arith.constant dense<0.0> : tensor<1x1x6xf32>
  %delta = arith.constant dense<[[[10.0, 50.0, 80.0, 90.0, 100.0, 200.0]]]> : tensor<1x1x6xf32>
  %a = arith.constant dense<-1.0> : tensor<6x1xf32>
  %b = arith.constant dense<1.0> : tensor<1x1x1xf32>
  %c = arith.constant dense<1.0> : tensor<1x1x1xf32>
  %s = arith.constant dense<1.2676506e+30> : tensor<1x6x1xf32>
  %y = tensor.empty() : tensor<1x1x6xf32>
  %0:2 = linnet.selective_scan
      ins(%u, %delta, %a, %b, %c
          : tensor<1x1x6xf32>, tensor<1x1x6xf32>, tensor<6x1xf32>, tensor<1x1x1xf32>, tensor<1x1x1xf32>)
      outs(%y, %s : tensor<1x1x6xf32>, tensor<1x6x1xf32>)
  %ey = arith.constant dense<
      [[[5.755125e+25, 2.444981e+08, 2.2879209e-05, 1.0387144e-09, 4.7157567e-14, 0.0]]]> : tensor<1x1x6xf32>
  check.expect_close %0#0, %ey {rtol = 1.5e-5 : f64, atol = 2.0e-15 : f64} : tensor<1x1x6xf32>
  %es = arith.constant dense<
      [[[5.755125e+25], [2.444981e+08], [2.2879209e-05], [1.0387144e-09], [4.7157567e-14],
      [0.0]]]> : tensor<1x6x1xf32>
  check.expect_close %0#1, %es {rtol = 1.5e-5 : f64, atol = 2.0e-15 : f64} : tensor<1x6x1xf32>
  return
}

// Complex A, B, C and state: y is twice the real part. numpy's complex128, as for selective-scan.mlir.
func.func private @complex_selective_scan() {
  %u = arith.constant dense<[[[-0.625, 0.0, 0.625], [-0.25, 0.375, -0.375]]]> : tensor<1x2x3xf32>
  %delta = arith.constant dense<[[[0.875, 1.5, 0.75], [1.25, 0.5, 1.125]]]> : tensor<1x2x3xf32>
  %a = arith.constant dense<
      [[[-0.5, 1.0], [-0.25, -2.0]],
      [[-1.0, 0.0], [0.0, 3.0]],
      [[-0.125, 0.5], [-2.0, -1.0]]]> : tensor<3x2x2xf32>
  %b = arith.constant dense<[[[[1.0, 1.0], [0.5, -0.25]], [[2.0, -1.0], [0.0, 1.0]]]]> : tensor<1x2x2x2xf32>
  %c = arith.constant dense<[[[[1.0, -1.0], [0.5, 0.5]], [[0.25, 0.0], [-1.0, 2.0]]]]> : tensor<1x2x2x2xf32>
  %s = arith.constant dense<
      [[[[1.0, 1.0], [0.0, 0.0]],
      [[0.0, 0.0], [0.0, 1.0]],
      [[-1.0, 0.0], [2.0, -1.0]]]]> : tensor<1x3x2x2xf32>
  %d = arith.constant dense<[1.0, 2.0, 3.0]> : tensor<3xf32>
  %y = tensor.empty() : tensor<1x2x3xf32>
  %0:2 = linnet.selective_scan
      ins(%u, %delta, %a, %b, %c
          : tensor<1x2x3xf32>, tensor<1x2x3xf32>, tensor<3x2x2xf32>, tensor<1x2x2x2xf32>, tensor<1x2x2x2xf32>)
      skip(%d : tensor<3xf32>)
      outs(%y, %s : tensor<1x2x3xf32>, tensor<1x3x2x2xf32>) {complex}
  %ey = arith.constant dense<
      [[[-1.5672215, 1.1883259, 2.3819788], [-0.05624976, -4.2120123, 0.30602834]]]> : tensor<1x2x3xf32>
  check.expect_close %0#0, %ey {rtol = 2.0e-6 : f64, atol = 1.0e-6 : f64} : tensor<1x2x3xf32>
  %es = arith.constant dense<
      [[[[-0.9152491, 0.054400556], [0.22013222, -0.27290982]],
      [[0.375, -0.1875], [0.2794155, 1.1476703]],
      [[-1.1845889, 0.34591237], [-0.037019655, -0.48732087]]]]> : tensor<1x3x2x2xf32>
  check.expect_close %0#1, %es {rtol = 2.0e-6 : f64, atol = 1.0e-6 : f64} : tensor<1x3x2x2xf32>
  return
}

// Constant complex B, in layout bdt.
func.func private @complex_constant_bdt() {
  %u = arith.constant dense<[[[-0.5, -0.125], [0.125, 0.5], [-0.625, -0.25]]]> : tensor<1x3x2xf32>
  %delta = arith.constant dense<[[[1.0, 1.375], [1.625, 0.625], [0.875, 1.25]]]> : tensor<1x3x2xf32>
  %a = arith.constant dense<
      [[[-0.5, 1.0], [-0.25, -2.0]],
      [[-1.0, 0.0], [0.0, 3.0]],
      [[-0.125, 0.5], [-2.0, -1.0]]]> : tensor<3x2x2xf32>
  %b = arith.constant dense<
      [[[-0.5, 1.0], [-0.25, -2.0]],
      [[-1.0, 0.0], [0.0, 3.0]],
      [[-0.125, 0.5], [-2.0, -1.0]]]> : tensor<3x2x2xf32>
  %c = arith.constant dense<[[[[1.0, -1.0], [0.25, 0.0]], [[0.5, 0.5], [-1.0, 2.0]]]]> : tensor<1x2x2x2xf32>
  %s = arith.constant dense<0.0> : tensor<1x3x2x2xf32>
  %y = tensor.empty() : tensor<1x3x2xf32>
  %0:2 = linnet.selective_scan
      ins(%u, %delta, %a, %b, %c
          : tensor<1x3x2xf32>, tensor<1x3x2xf32>, tensor<3x2x2xf32>, tensor<3x2x2xf32>, tensor<1x2x2x2xf32>)
      outs(%y, %s : tensor<1x3x2xf32>, tensor<1x3x2x2xf32>) {complex, layout = #linnet.layout<bdt>}
  %ey = arith.constant dense<
      [[[-1.375, 1.0971793], [-1.015625, -2.0677075], [0.13671875, -2.245976]]]> : tensor<1x3x2xf32>
  check.expect_close %0#0, %ey {rtol = 2.0e-6 : f64, atol = 1.0e-6 : f64} : tensor<1x3x2xf32>
  %es = arith.constant dense<
      [[[[0.3570057, -0.09748136], [0.23167835, -0.3455083]],
      [[-0.42122498, 0.0], [-0.58139604, 0.75497174]],
      [[0.2233248, -0.31170973], [0.6959099, 0.24145462]]]]> : tensor<1x3x2x2xf32>
  check.expect_close %0#1, %es {rtol = 2.0e-6 : f64, atol = 1.0e-6 : f64} : tensor<1x3x2x2xf32>
  return
}

// 6 channels in three groups, no whole vectors; A = 0, B = C = 1, 2, 3 by group: y = g^2.
func.func private @narrow_groups() {
  %u = arith.constant dense<1.0> : tensor<1x1x6xf32>
  %delta = arith.constant dense<1.0> : tensor<1x1x6xf32>
  %a = arith.constant dense<0.0> : tensor<6x1xf32>
  %b = arith.constant dense<[[[[1.0], [2.0], [3.0]]]]> : tensor<1x1x3x1xf32>
  %c = arith.constant dense<[[[[1.0], [2.0], [3.0]]]]> : tensor<1x1x3x1xf32>
  %s = arith.constant dense<0.0> : tensor<1x6x1xf32>
  %y = tensor.empty() : tensor<1x1x6xf32>
  %0:2 = linnet.selective_scan
      ins(%u, %delta, %a, %b, %c
          : tensor<1x1x6xf32>, tensor<1x1x6xf32>, tensor<6x1xf32>, tensor<1x1x3x1xf32>, tensor<1x1x3x1xf32>)
      outs(%y, %s : tensor<1x1x6xf32>, tensor<1x6x1xf32>)
  %ey = arith.constant dense<[[[1.0, 1.0, 4.0, 4.0, 9.0, 9.0]]]> : tensor<1x1x6xf32>
  check.expect_close %0#0, %ey {max_ulp = 0 : i64} : tensor<1x1x6xf32>
  %es = arith.constant dense<[[[1.0], [1.0], [2.0], [2.0], [3.0], [3.0]]]> : tensor<1x6x1xf32>
  check.expect_close %0#1, %es {max_ulp = 0 : i64} : tensor<1x6x1xf32>
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

func.func private @pattern_2x9x3(%seed: index) -> tensor<2x9x3xf32> {
  %0 = tensor.empty() : tensor<2x9x3xf32>
  %1 = linalg.generic {indexing_maps = [affine_map<(b, t, d) -> (b, t, d)>],
                       iterator_types = ["parallel", "parallel", "parallel"]} outs(%0 : tensor<2x9x3xf32>) {
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
  } -> tensor<2x9x3xf32>
  return %1 : tensor<2x9x3xf32>
}

// s steps, then 9 - s from the state that they leave, are 9 steps, for every s from 0 to 9: bit for bit, as no step is
// computed differently. The lengths are dynamic; 33 channels are two tiles and one channel.
func.func private @split() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c4 = arith.constant 4 : index
  %c9 = arith.constant 9 : index
  %c10 = arith.constant 10 : index
  %u = call @pattern_2x9x33(%c0) : (index) -> tensor<2x9x33xf32>
  %delta = call @pattern_2x9x33(%c4) : (index) -> tensor<2x9x33xf32>
  %b = call @pattern_2x9x3(%c1) : (index) -> tensor<2x9x3xf32>
  %c = call @pattern_2x9x3(%c2) : (index) -> tensor<2x9x3xf32>
  %a = arith.constant dense<-0.75> : tensor<33x3xf32>
  %s = arith.constant dense<0.5> : tensor<2x33x3xf32>
  %y = tensor.empty() : tensor<2x9x33xf32>
  %whole:2 = linnet.selective_scan
      ins(%u, %delta, %a, %b, %c
          : tensor<2x9x33xf32>, tensor<2x9x33xf32>, tensor<33x3xf32>, tensor<2x9x3xf32>, tensor<2x9x3xf32>)
      gate(%delta : tensor<2x9x33xf32>) outs(%y, %s : tensor<2x9x33xf32>, tensor<2x33x3xf32>) {delta_softplus}
  scf.for %n1 = %c0 to %c10 step %c1 {
    %n2 = arith.subi %c9, %n1 : index
    %u1 = tensor.extract_slice %u[0, 0, 0] [2, %n1, 33] [1, 1, 1] : tensor<2x9x33xf32> to tensor<2x?x33xf32>
    %d1 = tensor.extract_slice %delta[0, 0, 0] [2, %n1, 33] [1, 1, 1] : tensor<2x9x33xf32> to tensor<2x?x33xf32>
    %b1 = tensor.extract_slice %b[0, 0, 0] [2, %n1, 3] [1, 1, 1] : tensor<2x9x3xf32> to tensor<2x?x3xf32>
    %c1s = tensor.extract_slice %c[0, 0, 0] [2, %n1, 3] [1, 1, 1] : tensor<2x9x3xf32> to tensor<2x?x3xf32>
    %y1 = tensor.empty(%n1) : tensor<2x?x33xf32>
    %first:2 = linnet.selective_scan
        ins(%u1, %d1, %a, %b1, %c1s
            : tensor<2x?x33xf32>, tensor<2x?x33xf32>, tensor<33x3xf32>, tensor<2x?x3xf32>, tensor<2x?x3xf32>)
        gate(%d1 : tensor<2x?x33xf32>) outs(%y1, %s : tensor<2x?x33xf32>, tensor<2x33x3xf32>) {delta_softplus}
    %u2 = tensor.extract_slice %u[0, %n1, 0] [2, %n2, 33] [1, 1, 1] : tensor<2x9x33xf32> to tensor<2x?x33xf32>
    %d2 = tensor.extract_slice %delta[0, %n1, 0] [2, %n2, 33] [1, 1, 1] : tensor<2x9x33xf32> to tensor<2x?x33xf32>
    %b2 = tensor.extract_slice %b[0, %n1, 0] [2, %n2, 3] [1, 1, 1] : tensor<2x9x3xf32> to tensor<2x?x3xf32>
    %c2s = tensor.extract_slice %c[0, %n1, 0] [2, %n2, 3] [1, 1, 1] : tensor<2x9x3xf32> to tensor<2x?x3xf32>
    %y2 = tensor.empty(%n2) : tensor<2x?x33xf32>
    %second:2 = linnet.selective_scan
        ins(%u2, %d2, %a, %b2, %c2s
            : tensor<2x?x33xf32>, tensor<2x?x33xf32>, tensor<33x3xf32>, tensor<2x?x3xf32>, tensor<2x?x3xf32>)
        gate(%d2 : tensor<2x?x33xf32>) outs(%y2, %first#1 : tensor<2x?x33xf32>, tensor<2x33x3xf32>) {delta_softplus}
    %w1 = tensor.extract_slice %whole#0[0, 0, 0] [2, %n1, 33] [1, 1, 1] : tensor<2x9x33xf32> to tensor<2x?x33xf32>
    %w2 = tensor.extract_slice %whole#0[0, %n1, 0] [2, %n2, 33] [1, 1, 1] : tensor<2x9x33xf32> to tensor<2x?x33xf32>
    check.expect_close %first#0, %w1 {max_ulp = 0 : i64} : tensor<2x?x33xf32>
    check.expect_close %second#0, %w2 {max_ulp = 0 : i64} : tensor<2x?x33xf32>
    check.expect_close %second#1, %whole#1 {max_ulp = 0 : i64} : tensor<2x33x3xf32>
  }
  // The initial state was not overwritten.
  %s0 = arith.constant dense<0.5> : tensor<2x33x3xf32>
  check.expect_close %s, %s0 {max_ulp = 0 : i64} : tensor<2x33x3xf32>
  return
}

func.func @main() {
  call @zero_a() : () -> ()
  call @affine_scan() : () -> ()
  call @length_1() : () -> ()
  call @all_options() : () -> ()
  call @all_options_bdt() : () -> ()
  call @constant_b() : () -> ()
  call @constant_c() : () -> ()
  call @groups() : () -> ()
  call @groups_and_constant() : () -> ()
  call @softplus() : () -> ()
  call @special_values() : () -> ()
  call @far_decay() : () -> ()
  call @complex_selective_scan() : () -> ()
  call @complex_constant_bdt() : () -> ()
  call @narrow_groups() : () -> ()
  call @split() : () -> ()
  return
}
