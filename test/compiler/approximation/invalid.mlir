// What the library has no program for is an error, never a silent downgrade.
// RUN: linnet-opt %s --linnet-approximate-math --verify-diagnostics

func.func @too_exact(%x: f32) -> f32 {
  // expected-error@+1 {{expected a program for tanh on target fma within 1.000000e-01 ULP, got none; the closest is tanh-f64 with}}
  %0 = math.tanh %x {linnet.accuracy = #linnet.accuracy<ulps = 0.1>} : f32
  return %0 : f32
}

func.func @two_bounds(%x: f32) -> f32 {
  // expected-error@+1 {{expected a program for exp on target fma within 1.000000e-09 relative and 1.000000e-09 absolute, got none; the closest is exp-f64 with}}
  %0 = math.exp %x {linnet.accuracy = #linnet.accuracy<rel = 1.0e-9, abs = 1.0e-9>} : f32
  return %0 : f32
}
