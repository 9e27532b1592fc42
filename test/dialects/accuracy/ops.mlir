// #linnet.accuracy: printed as it is read, whole numbers too; on ops of any dialect, functions and modules.
// RUN: linnet-opt %s | linnet-opt | FileCheck %s

// CHECK: module attributes {linnet.accuracy = #linnet.accuracy<ulps = 4.000000e+00>}
module attributes {linnet.accuracy = #linnet.accuracy<ulps = 4>} {
// CHECK: func.func @f({{.*}} attributes {linnet.accuracy = #linnet.accuracy<rel = 1.000000e-03, low = -1.000000e+01, high = 1.000000e+01, flush_subnormals>}
func.func @f(%x: f32) -> f32
    attributes {linnet.accuracy = #linnet.accuracy<flush_subnormals, high = 10.0, low = -10, rel = 0.001>} {
  // CHECK: math.exp %{{.*}} {linnet.accuracy = #linnet.accuracy<ulps = 1.000000e+00, abs = 5.000000e-01>}
  %0 = math.exp %x {linnet.accuracy = #linnet.accuracy<ulps = 1, abs = 0.5>} : f32
  return %0 : f32
}
}
