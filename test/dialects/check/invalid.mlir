// One case per fault that the verifier of check.expect_close finds.

// RUN: linnet-opt %s --split-input-file --verify-diagnostics

func.func @element_type(%a: tensor<4xf16>) {
  // expected-error @below {{'check.expect_close' op expected elements of type f32 or f64, got 'f16' [expect-close C1]}}
  check.expect_close %a, %a : tensor<4xf16>
  return
}

// -----

func.func @negative_max_ulp(%a: tensor<4xf32>) {
  // expected-error @below {{'check.expect_close' op expected max_ulp to be at least 0, got -1 [expect-close C2]}}
  check.expect_close %a, %a {max_ulp = -1 : i64} : tensor<4xf32>
  return
}

// -----

func.func @negative_rtol(%a: tensor<4xf32>) {
  // expected-error @below {{'check.expect_close' op expected rtol to be at least 0, got -5.000000e-01 [expect-close C3]}}
  check.expect_close %a, %a {rtol = -0.5 : f64} : tensor<4xf32>
  return
}

// -----

func.func @nan_atol(%a: tensor<4xf32>) {
  // expected-error @below {{'check.expect_close' op expected atol to be at least 0, got nan [expect-close C3]}}
  check.expect_close %a, %a {atol = 0x7FF8000000000000 : f64} : tensor<4xf32>
  return
}

// -----

func.func @different_types(%a: tensor<4xf32>, %b: tensor<4xf64>) {
  // expected-error @below {{'check.expect_close' op requires all operands to have the same type}}
  "check.expect_close"(%a, %b) : (tensor<4xf32>, tensor<4xf64>) -> ()
  return
}

// -----

func.func @unranked(%a: tensor<*xf32>) {
  // expected-error @below {{invalid kind of type specified: expected builtin.tensor, but found 'tensor<*xf32>'}}
  check.expect_close %a, %a : tensor<*xf32>
  return
}
