// --linnet-propagate-accuracy: the innermost attribute counts; it stays on the functions of an op through every stage.
// RUN: linnet-opt %s --linnet-propagate-accuracy | FileCheck %s
// RUN: linnet-opt %s --linnet-stage-input --linnet-stage-graph --linnet-stage-tiled --linnet-stage-vector | FileCheck %s --check-prefix=FAST
// RUN: linnet-opt %s --linnet-stage-input --linnet-stage-graph=path=reference --linnet-stage-tiled=path=reference --linnet-stage-vector | FileCheck %s --check-prefix=REFERENCE

#map = affine_map<(d0, d1) -> (d0, d1)>
module attributes {linnet.accuracy = #linnet.accuracy<rel = 0.001>} {

// CHECK-LABEL: func @innermost(
// CHECK:         math.exp %{{.*}} {linnet.accuracy = #linnet.accuracy<ulps = 1.000000e+00>}
// CHECK:         math.tanh %{{.*}} {linnet.accuracy = #linnet.accuracy<ulps = 2.000000e+00>}
// CHECK:         arith.divf %{{.*}} {linnet.accuracy = #linnet.accuracy<ulps = 2.000000e+00>}
// CHECK-NOT:     arith.addf {{.*}}linnet.accuracy
func.func @innermost(%x: f32) -> f32 attributes {linnet.accuracy = #linnet.accuracy<ulps = 2>} {
  %0 = math.exp %x {linnet.accuracy = #linnet.accuracy<ulps = 1>} : f32
  %1 = math.tanh %0 : f32
  %2 = arith.divf %1, %x : f32
  %3 = arith.addf %2, %x : f32
  return %3 : f32
}

// The functions inside a linnet op, in vector code and in the reference lowering.
// CHECK-LABEL: func @selective_scan(
// CHECK:         linnet.selective_scan {{.*}}linnet.accuracy = #linnet.accuracy<rel = 1.000000e-03>
// FAST-LABEL: func @selective_scan(
// FAST:         math.exp2 %{{.*}} {linnet.accuracy = #linnet.accuracy<rel = 1.000000e-03>} : vector<16xf32>
// REFERENCE-LABEL: func @selective_scan(
// REFERENCE:         math.exp %{{.*}} {linnet.accuracy = #linnet.accuracy<rel = 1.000000e-03>} : f32
func.func @selective_scan(%u: tensor<1x?x32xf32>, %a: tensor<32x16xf32>, %b: tensor<1x?x16xf32>, %s: tensor<1x32x16xf32>)
    -> (tensor<1x?x32xf32>, tensor<1x32x16xf32>) {
  %0:2 = linnet.selective_scan
      ins(%u, %u, %a, %b, %b
          : tensor<1x?x32xf32>, tensor<1x?x32xf32>, tensor<32x16xf32>, tensor<1x?x16xf32>, tensor<1x?x16xf32>)
      outs(%u, %s : tensor<1x?x32xf32>, tensor<1x32x16xf32>)
  return %0#0, %0#1 : tensor<1x?x32xf32>, tensor<1x32x16xf32>
}

// An elementwise op that is fused and tiled.
// FAST-LABEL: func @elementwise(
// FAST-COUNT-2: math.exp {{.*}}linnet.accuracy = #linnet.accuracy<rel = 1.000000e-03>
func.func @elementwise(%x: tensor<64x48xf32>) -> tensor<64x48xf32> {
  %init = tensor.empty() : tensor<64x48xf32>
  %0 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<64x48xf32>) outs(%init : tensor<64x48xf32>) {
  ^bb0(%in: f32, %out: f32):
    %1 = math.exp %in : f32
    linalg.yield %1 : f32
  } -> tensor<64x48xf32>
  %2 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel"]}
      ins(%0 : tensor<64x48xf32>) outs(%init : tensor<64x48xf32>) {
  ^bb0(%in: f32, %out: f32):
    %3 = math.exp %in : f32
    linalg.yield %3 : f32
  } -> tensor<64x48xf32>
  return %2 : tensor<64x48xf32>
}
}
