// RUN: linnet-opt %s --split-input-file --verify-diagnostics

// expected-error@+1 {{expected at least one of ulps, rel and abs [accuracy C1]}}
module attributes {linnet.accuracy = #linnet.accuracy<flush_subnormals>} {}

// -----

// expected-error@+1 {{expected rel above 0, got 0.000000e+00 [accuracy C2]}}
module attributes {linnet.accuracy = #linnet.accuracy<rel = 0>} {}

// -----

// expected-error@+1 {{expected low at most high, got 2.000000e+00 and 1.000000e+00 [accuracy C3]}}
module attributes {linnet.accuracy = #linnet.accuracy<ulps = 1, low = 2, high = 1>} {}

// -----

// expected-error@+1 {{expected linnet.accuracy to be #linnet.accuracy, got 4 : i64 [accuracy C4]}}
module attributes {linnet.accuracy = 4} {}

// -----

// expected-error@+1 {{expected ulps, rel, abs, low, high or flush_subnormals, got 'digits'}}
module attributes {linnet.accuracy = #linnet.accuracy<digits = 4>} {}

// -----

// expected-error@+1 {{expected a number for ulps, got "four"}}
module attributes {linnet.accuracy = #linnet.accuracy<ulps = "four">} {}

// -----

// expected-error@+1 {{expected linnet.range of argument 1 to be [low, high], got [2.000000e+00, 1.000000e+00] [accuracy C5]}}
func.func @range(%x: f32 {linnet.range = [0.0, 1.0]}, %y: f32 {linnet.range = [2.0, 1.0]}) {
  return
}

// -----

// expected-error@+1 {{expected linnet.range of argument 0 to be [low, high], got 1.000000e+00 : f64 [accuracy C5]}}
func.func @range_of_one(%x: f32 {linnet.range = 1.0}) {
  return
}
