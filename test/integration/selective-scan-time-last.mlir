// selective_scan in layout bdt: the fast path, which turns blocks of 64 tokens in registers, against the reference path in
// one program, at numbers of channels, states and tokens around its blocks.

// DEFINE: %{llvm} =
// DEFINE: %{run} = linnet-opt %s --inline --linnet-stage-input --linnet-stage-graph --linnet-stage-tiled \
// DEFINE:     --linnet-stage-vector --linnet-stage-llvm%{llvm} \
// DEFINE:   | mlir-runner -e main -entry-point-result=void -shared-libs=%shlibdir/liblinnet_check_runtime.so \
// DEFINE:   | FileCheck %s
// RUN: %{run}
// REDEFINE: %{llvm} ==avx512=true
// RUN: %if host-avx512 %{ %{run} %}

// 10 times of 3 scans with a result and a state each.
// CHECK-COUNT-60: elements agree
// CHECK-NOT:      {{agree|differ}}

// 31 values from low on, by the place of the element.
func.func private @signed3(%d0: index, %d1: index, %d2: index, %salt: index) -> tensor<?x?x?xf32> {
  %e = tensor.empty(%d0, %d1, %d2) : tensor<?x?x?xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, j, k)>],
                       iterator_types = ["parallel", "parallel", "parallel"]} outs(%e : tensor<?x?x?xf32>) {
  ^bb0(%out: f32):
    %c31 = arith.constant 31 : index
    %c7 = arith.constant 7 : index
    %s0 = arith.constant 0 : index
    %i0 = linalg.index 0 : index
    %m0 = arith.muli %s0, %c7 : index
    %n0 = arith.addi %m0, %i0 : index
    %s1 = arith.muli %n0, %salt : index
    %i1 = linalg.index 1 : index
    %m1 = arith.muli %s1, %c7 : index
    %n1 = arith.addi %m1, %i1 : index
    %s2 = arith.muli %n1, %salt : index
    %i2 = linalg.index 2 : index
    %m2 = arith.muli %s2, %c7 : index
    %n2 = arith.addi %m2, %i2 : index
    %s3 = arith.muli %n2, %salt : index
    %r = arith.remui %s3, %c31 : index
    %n = arith.index_cast %r : index to i32
    %f = arith.sitofp %n : i32 to f32
    %scale = arith.constant 0.0625 : f32
    %low = arith.constant -1.0 : f32
    %p = arith.mulf %f, %scale : f32
    %v = arith.addf %p, %low : f32
    linalg.yield %v : f32
  } -> tensor<?x?x?xf32>
  return %0 : tensor<?x?x?xf32>
}

func.func private @positive3(%d0: index, %d1: index, %d2: index, %salt: index) -> tensor<?x?x?xf32> {
  %e = tensor.empty(%d0, %d1, %d2) : tensor<?x?x?xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, j, k)>],
                       iterator_types = ["parallel", "parallel", "parallel"]} outs(%e : tensor<?x?x?xf32>) {
  ^bb0(%out: f32):
    %c31 = arith.constant 31 : index
    %c7 = arith.constant 7 : index
    %s0 = arith.constant 0 : index
    %i0 = linalg.index 0 : index
    %m0 = arith.muli %s0, %c7 : index
    %n0 = arith.addi %m0, %i0 : index
    %s1 = arith.muli %n0, %salt : index
    %i1 = linalg.index 1 : index
    %m1 = arith.muli %s1, %c7 : index
    %n1 = arith.addi %m1, %i1 : index
    %s2 = arith.muli %n1, %salt : index
    %i2 = linalg.index 2 : index
    %m2 = arith.muli %s2, %c7 : index
    %n2 = arith.addi %m2, %i2 : index
    %s3 = arith.muli %n2, %salt : index
    %r = arith.remui %s3, %c31 : index
    %n = arith.index_cast %r : index to i32
    %f = arith.sitofp %n : i32 to f32
    %scale = arith.constant 0.0078125 : f32
    %low = arith.constant 0.0078125 : f32
    %p = arith.mulf %f, %scale : f32
    %v = arith.addf %p, %low : f32
    linalg.yield %v : f32
  } -> tensor<?x?x?xf32>
  return %0 : tensor<?x?x?xf32>
}

func.func private @negative2(%d0: index, %d1: index, %salt: index) -> tensor<?x?xf32> {
  %e = tensor.empty(%d0, %d1) : tensor<?x?xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>],
                       iterator_types = ["parallel", "parallel"]} outs(%e : tensor<?x?xf32>) {
  ^bb0(%out: f32):
    %c31 = arith.constant 31 : index
    %c7 = arith.constant 7 : index
    %s0 = arith.constant 0 : index
    %i0 = linalg.index 0 : index
    %m0 = arith.muli %s0, %c7 : index
    %n0 = arith.addi %m0, %i0 : index
    %s1 = arith.muli %n0, %salt : index
    %i1 = linalg.index 1 : index
    %m1 = arith.muli %s1, %c7 : index
    %n1 = arith.addi %m1, %i1 : index
    %s2 = arith.muli %n1, %salt : index
    %r = arith.remui %s2, %c31 : index
    %n = arith.index_cast %r : index to i32
    %f = arith.sitofp %n : i32 to f32
    %scale = arith.constant 0.25 : f32
    %low = arith.constant -8.0 : f32
    %p = arith.mulf %f, %scale : f32
    %v = arith.addf %p, %low : f32
    linalg.yield %v : f32
  } -> tensor<?x?xf32>
  return %0 : tensor<?x?xf32>
}

func.func private @signed4(%d0: index, %d1: index, %d2: index, %d3: index, %salt: index) -> tensor<?x?x?x?xf32> {
  %e = tensor.empty(%d0, %d1, %d2, %d3) : tensor<?x?x?x?xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(i, j, k, l) -> (i, j, k, l)>],
                       iterator_types = ["parallel", "parallel", "parallel", "parallel"]} outs(%e : tensor<?x?x?x?xf32>) {
  ^bb0(%out: f32):
    %c31 = arith.constant 31 : index
    %c7 = arith.constant 7 : index
    %s0 = arith.constant 0 : index
    %i0 = linalg.index 0 : index
    %m0 = arith.muli %s0, %c7 : index
    %n0 = arith.addi %m0, %i0 : index
    %s1 = arith.muli %n0, %salt : index
    %i1 = linalg.index 1 : index
    %m1 = arith.muli %s1, %c7 : index
    %n1 = arith.addi %m1, %i1 : index
    %s2 = arith.muli %n1, %salt : index
    %i2 = linalg.index 2 : index
    %m2 = arith.muli %s2, %c7 : index
    %n2 = arith.addi %m2, %i2 : index
    %s3 = arith.muli %n2, %salt : index
    %i3 = linalg.index 3 : index
    %m3 = arith.muli %s3, %c7 : index
    %n3 = arith.addi %m3, %i3 : index
    %s4 = arith.muli %n3, %salt : index
    %r = arith.remui %s4, %c31 : index
    %n = arith.index_cast %r : index to i32
    %f = arith.sitofp %n : i32 to f32
    %scale = arith.constant 0.0625 : f32
    %low = arith.constant -1.0 : f32
    %p = arith.mulf %f, %scale : f32
    %v = arith.addf %p, %low : f32
    linalg.yield %v : f32
  } -> tensor<?x?x?x?xf32>
  return %0 : tensor<?x?x?x?xf32>
}

func.func private @compare(%times: index) {
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %c5 = arith.constant 5 : index
  %D0 = arith.constant 16 : index
  %N0 = arith.constant 3 : index
  %u0d = func.call @signed3(%c2, %D0, %times, %c3) : (index, index, index, index) -> tensor<?x?x?xf32>
  %u0 = tensor.cast %u0d : tensor<?x?x?xf32> to tensor<2x16x?xf32>
  %t0d = func.call @positive3(%c2, %D0, %times, %c5) : (index, index, index, index) -> tensor<?x?x?xf32>
  %t0 = tensor.cast %t0d : tensor<?x?x?xf32> to tensor<2x16x?xf32>
  %a0d = func.call @negative2(%D0, %N0, %c3) : (index, index, index) -> tensor<?x?xf32>
  %a0 = tensor.cast %a0d : tensor<?x?xf32> to tensor<16x3xf32>
  %s0d = func.call @signed3(%c2, %D0, %N0, %c3) : (index, index, index, index) -> tensor<?x?x?xf32>
  %s0 = tensor.cast %s0d : tensor<?x?x?xf32> to tensor<2x16x3xf32>
  %b0d = func.call @signed3(%c2, %N0, %times, %c5) : (index, index, index, index) -> tensor<?x?x?xf32>
  %b0 = tensor.cast %b0d : tensor<?x?x?xf32> to tensor<2x3x?xf32>
  %r0d = func.call @signed3(%c2, %N0, %times, %c3) : (index, index, index, index) -> tensor<?x?x?xf32>
  %r0 = tensor.cast %r0d : tensor<?x?x?xf32> to tensor<2x3x?xf32>
  %e0 = tensor.empty(%times) : tensor<2x16x?xf32>
  %f0:2 = linnet.selective_scan
      ins(%u0, %t0, %a0, %b0, %r0 : tensor<2x16x?xf32>, tensor<2x16x?xf32>, tensor<16x3xf32>, tensor<2x3x?xf32>, tensor<2x3x?xf32>)
      outs(%e0, %s0 : tensor<2x16x?xf32>, tensor<2x16x3xf32>) {layout = #linnet.layout<bdt>}
  %x0:2 = linnet.selective_scan
      ins(%u0, %t0, %a0, %b0, %r0 : tensor<2x16x?xf32>, tensor<2x16x?xf32>, tensor<16x3xf32>, tensor<2x3x?xf32>, tensor<2x3x?xf32>)
      outs(%e0, %s0 : tensor<2x16x?xf32>, tensor<2x16x3xf32>) {layout = #linnet.layout<bdt>, linnet.path = "reference"}
  check.expect_close %f0#0, %x0#0 {rtol = 1.0e-5 : f64, atol = 1.0e-5 : f64} : tensor<2x16x?xf32>
  check.expect_close %f0#1, %x0#1 {rtol = 1.0e-5 : f64, atol = 1.0e-5 : f64} : tensor<2x16x3xf32>
  %D1 = arith.constant 64 : index
  %N1 = arith.constant 17 : index
  %u1d = func.call @signed3(%c2, %D1, %times, %c3) : (index, index, index, index) -> tensor<?x?x?xf32>
  %u1 = tensor.cast %u1d : tensor<?x?x?xf32> to tensor<2x64x?xf32>
  %z1d = func.call @signed3(%c2, %D1, %times, %c5) : (index, index, index, index) -> tensor<?x?x?xf32>
  %z1 = tensor.cast %z1d : tensor<?x?x?xf32> to tensor<2x64x?xf32>
  %t1d = func.call @positive3(%c2, %D1, %times, %c5) : (index, index, index, index) -> tensor<?x?x?xf32>
  %t1 = tensor.cast %t1d : tensor<?x?x?xf32> to tensor<2x64x?xf32>
  %a1d = func.call @negative2(%D1, %N1, %c3) : (index, index, index) -> tensor<?x?xf32>
  %a1 = tensor.cast %a1d : tensor<?x?xf32> to tensor<64x17xf32>
  %s1d = func.call @signed3(%c2, %D1, %N1, %c3) : (index, index, index, index) -> tensor<?x?x?xf32>
  %s1 = tensor.cast %s1d : tensor<?x?x?xf32> to tensor<2x64x17xf32>
  %d1 = tensor.extract_slice %a1[0, 0] [64, 1] [1, 1] : tensor<64x17xf32> to tensor<64xf32>
  %b1d = func.call @signed3(%c2, %N1, %times, %c5) : (index, index, index, index) -> tensor<?x?x?xf32>
  %b1 = tensor.cast %b1d : tensor<?x?x?xf32> to tensor<2x17x?xf32>
  %r1d = func.call @signed3(%c2, %N1, %times, %c3) : (index, index, index, index) -> tensor<?x?x?xf32>
  %r1 = tensor.cast %r1d : tensor<?x?x?xf32> to tensor<2x17x?xf32>
  %e1 = tensor.empty(%times) : tensor<2x64x?xf32>
  %f1:2 = linnet.selective_scan
      ins(%u1, %t1, %a1, %b1, %r1 : tensor<2x64x?xf32>, tensor<2x64x?xf32>, tensor<64x17xf32>, tensor<2x17x?xf32>, tensor<2x17x?xf32>)
      skip(%d1 : tensor<64xf32>) gate(%z1 : tensor<2x64x?xf32>) delta_bias(%d1 : tensor<64xf32>)
      outs(%e1, %s1 : tensor<2x64x?xf32>, tensor<2x64x17xf32>) {layout = #linnet.layout<bdt>, delta_softplus}
  %x1:2 = linnet.selective_scan
      ins(%u1, %t1, %a1, %b1, %r1 : tensor<2x64x?xf32>, tensor<2x64x?xf32>, tensor<64x17xf32>, tensor<2x17x?xf32>, tensor<2x17x?xf32>)
      skip(%d1 : tensor<64xf32>) gate(%z1 : tensor<2x64x?xf32>) delta_bias(%d1 : tensor<64xf32>)
      outs(%e1, %s1 : tensor<2x64x?xf32>, tensor<2x64x17xf32>) {layout = #linnet.layout<bdt>, delta_softplus, linnet.path = "reference"}
  check.expect_close %f1#0, %x1#0 {rtol = 1.0e-5 : f64, atol = 1.0e-5 : f64} : tensor<2x64x?xf32>
  check.expect_close %f1#1, %x1#1 {rtol = 1.0e-5 : f64, atol = 1.0e-5 : f64} : tensor<2x64x17xf32>
  %D2 = arith.constant 96 : index
  %N2 = arith.constant 16 : index
  %u2d = func.call @signed3(%c2, %D2, %times, %c3) : (index, index, index, index) -> tensor<?x?x?xf32>
  %u2 = tensor.cast %u2d : tensor<?x?x?xf32> to tensor<2x96x?xf32>
  %z2d = func.call @signed3(%c2, %D2, %times, %c5) : (index, index, index, index) -> tensor<?x?x?xf32>
  %z2 = tensor.cast %z2d : tensor<?x?x?xf32> to tensor<2x96x?xf32>
  %t2d = func.call @positive3(%c2, %D2, %times, %c5) : (index, index, index, index) -> tensor<?x?x?xf32>
  %t2 = tensor.cast %t2d : tensor<?x?x?xf32> to tensor<2x96x?xf32>
  %a2d = func.call @negative2(%D2, %N2, %c3) : (index, index, index) -> tensor<?x?xf32>
  %a2 = tensor.cast %a2d : tensor<?x?xf32> to tensor<96x16xf32>
  %s2d = func.call @signed3(%c2, %D2, %N2, %c3) : (index, index, index, index) -> tensor<?x?x?xf32>
  %s2 = tensor.cast %s2d : tensor<?x?x?xf32> to tensor<2x96x16xf32>
  %G2 = arith.constant 3 : index
  %b2d = func.call @signed4(%c2, %G2, %N2, %times, %c5)
      : (index, index, index, index, index) -> tensor<?x?x?x?xf32>
  %b2 = tensor.cast %b2d : tensor<?x?x?x?xf32> to tensor<2x3x16x?xf32>
  %r2d = func.call @signed4(%c2, %G2, %N2, %times, %c3)
      : (index, index, index, index, index) -> tensor<?x?x?x?xf32>
  %r2 = tensor.cast %r2d : tensor<?x?x?x?xf32> to tensor<2x3x16x?xf32>
  %e2 = tensor.empty(%times) : tensor<2x96x?xf32>
  %f2:2 = linnet.selective_scan
      ins(%u2, %t2, %a2, %b2, %r2 : tensor<2x96x?xf32>, tensor<2x96x?xf32>, tensor<96x16xf32>, tensor<2x3x16x?xf32>, tensor<2x3x16x?xf32>)
      gate(%z2 : tensor<2x96x?xf32>) outs(%e2, %s2 : tensor<2x96x?xf32>, tensor<2x96x16xf32>) {layout = #linnet.layout<bdt>}
  %x2:2 = linnet.selective_scan
      ins(%u2, %t2, %a2, %b2, %r2 : tensor<2x96x?xf32>, tensor<2x96x?xf32>, tensor<96x16xf32>, tensor<2x3x16x?xf32>, tensor<2x3x16x?xf32>)
      gate(%z2 : tensor<2x96x?xf32>) outs(%e2, %s2 : tensor<2x96x?xf32>, tensor<2x96x16xf32>) {layout = #linnet.layout<bdt>, linnet.path = "reference"}
  check.expect_close %f2#0, %x2#0 {rtol = 1.0e-5 : f64, atol = 1.0e-5 : f64} : tensor<2x96x?xf32>
  check.expect_close %f2#1, %x2#1 {rtol = 1.0e-5 : f64, atol = 1.0e-5 : f64} : tensor<2x96x16xf32>
  return
}

func.func @main() {
  %times = arith.constant dense<[0, 1, 2, 15, 16, 17, 63, 64, 65, 131]> : tensor<10xindex>
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c10 = arith.constant 10 : index
  scf.for %j = %c0 to %c10 step %c1 {
    %t = tensor.extract %times[%j] : tensor<10xindex>
    func.call @compare(%t) : (index) -> ()
  }
  return
}
