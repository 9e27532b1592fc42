// One case per fault that the verifiers of the L-Mul ops find, in the order in which they look; docs/spec/l-mul.md
// explains the numbers in brackets.

// RUN: linnet-opt %s --split-input-file --verify-diagnostics

func.func @elements(%x: tensor<4xf64>) {
  // expected-error @below {{'linnet.lmul' op expected x to have elements of type f32, bf16, f16, f8E4M3FN or f8E5M2, got 'f64' [lmul C1]}}
  %0 = linnet.lmul ins(%x, %x : tensor<4xf64>) outs(%x) {multiply = #linnet.lmul<>}
  return
}

// -----

func.func @mantissa(%x: tensor<4xf8E5M2>) {
  // expected-error @below {{'linnet.lmul' op expected a mantissa of 1 to 2 bits for 'f8E5M2', got 3 [lmul C2]}}
  %0 = linnet.lmul ins(%x, %x : tensor<4xf8E5M2>) outs(%x) {multiply = #linnet.lmul<mantissa = 3>}
  return
}

// -----

func.func @negative_mantissa(%x: tensor<4xf32>) {
  // expected-error @below {{'linnet.lmul' op expected a mantissa of 1 to 23 bits for 'f32', got -1 [lmul C2]}}
  %0 = linnet.lmul ins(%x, %x : tensor<4xf32>) outs(%x) {multiply = #linnet.lmul<mantissa = -1>}
  return
}

// -----

func.func @rank_of_a(%a: tensor<4xf32>, %b: tensor<4x6xf32>, %c: tensor<6xf32>) {
  // expected-error @below {{'linnet.lmul_contract' op expected a to have rank 2 or more, got 'tensor<4xf32>' [lmul-contract C1]}}
  %0 = linnet.lmul_contract ins(%a, %b : tensor<4xf32>, tensor<4x6xf32>) outs(%c : tensor<6xf32>) {multiply = #linnet.lmul<>}
  return
}

// -----

func.func @rank_of_b(%a: tensor<1x3x4xf32>, %b: tensor<4xf32>, %c: tensor<1x3x6xf32>) {
  // expected-error @below {{'linnet.lmul_contract' op expected b to have rank 2 or the rank of a, got 'tensor<4xf32>' [lmul-contract C2]}}
  %0 = linnet.lmul_contract ins(%a, %b : tensor<1x3x4xf32>, tensor<4xf32>) outs(%c : tensor<1x3x6xf32>) {multiply = #linnet.lmul<>}
  return
}

// -----

// expected-note @below {{the sizes come from a value of type}}
func.func @depth(%a: tensor<3x4xf32>, %b: tensor<5x6xf32>, %c: tensor<3x6xf32>) {
  // expected-error @below {{'linnet.lmul_contract' op expected b to have shape [4, 6], got 'tensor<5x6xf32>' [lmul-contract C3]}}
  %0 = linnet.lmul_contract ins(%a, %b : tensor<3x4xf32>, tensor<5x6xf32>) outs(%c : tensor<3x6xf32>) {multiply = #linnet.lmul<>}
  return
}

// -----

// expected-note @below {{the sizes come from a value of type}}
func.func @batch(%a: tensor<2x3x4xf32>, %b: tensor<3x6x4xf32>, %c: tensor<2x3x6xf32>) {
  // expected-error @below {{'linnet.lmul_contract' op expected b to have shape [2, 6, 4], got 'tensor<3x6x4xf32>' [lmul-contract C3]}}
  %0 = linnet.lmul_contract ins(%a, %b : tensor<2x3x4xf32>, tensor<3x6x4xf32>) outs(%c : tensor<2x3x6xf32>) {multiply = #linnet.lmul<>, transpose_b}
  return
}

// -----

// expected-note @below {{the sizes come from a value of type}}
func.func @result(%a: tensor<3x4xf32>, %b: tensor<4x6xf32>, %c: tensor<3x5xf32>) {
  // expected-error @below {{'linnet.lmul_contract' op expected c to have shape [3, 6], got 'tensor<3x5xf32>' [lmul-contract C4]}}
  %0 = linnet.lmul_contract ins(%a, %b : tensor<3x4xf32>, tensor<4x6xf32>) outs(%c : tensor<3x5xf32>) {multiply = #linnet.lmul<>}
  return
}

// -----

func.func @elements_of_a(%a: tensor<3x4xf8E5M2>, %b: tensor<4x6xf8E5M2>, %c: tensor<3x6xf32>) {
  // expected-error @below {{'linnet.lmul_contract' op expected a to have elements of type f32, bf16 or f16, got 'f8E5M2' [lmul-contract C5]}}
  %0 = linnet.lmul_contract ins(%a, %b : tensor<3x4xf8E5M2>, tensor<4x6xf8E5M2>) outs(%c : tensor<3x6xf32>) {multiply = #linnet.lmul<>}
  return
}

// -----

func.func @elements_of_b(%a: tensor<3x4xf32>, %b: tensor<4x6xbf16>, %c: tensor<3x6xf32>) {
  // expected-error @below {{'linnet.lmul_contract' op expected b to have elements of type 'f32', got 'bf16' [lmul-contract C6]}}
  %0 = linnet.lmul_contract ins(%a, %b : tensor<3x4xf32>, tensor<4x6xbf16>) outs(%c : tensor<3x6xf32>) {multiply = #linnet.lmul<>}
  return
}

// -----

func.func @elements_of_c(%a: tensor<3x4xbf16>, %b: tensor<4x6xbf16>, %c: tensor<3x6xbf16>) {
  // expected-error @below {{'linnet.lmul_contract' op expected c to have elements of type 'f32', got 'bf16' [lmul-contract C6]}}
  %0 = linnet.lmul_contract ins(%a, %b : tensor<3x4xbf16>, tensor<4x6xbf16>) outs(%c : tensor<3x6xbf16>) {multiply = #linnet.lmul<>}
  return
}

// -----

func.func @contract_mantissa(%a: tensor<3x4xbf16>, %b: tensor<4x6xbf16>, %c: tensor<3x6xf32>) {
  // expected-error @below {{'linnet.lmul_contract' op expected a mantissa of 1 to 7 bits for 'bf16', got 8 [lmul-contract C7]}}
  %0 = linnet.lmul_contract ins(%a, %b : tensor<3x4xbf16>, tensor<4x6xbf16>) outs(%c : tensor<3x6xf32>) {multiply = #linnet.lmul<mantissa = 8>}
  return
}

// -----

// expected-error @below {{'builtin.module' op expected linnet.multiply to be #linnet.lmul on a module, got 4 : i64 [lmul C3]}}
module attributes {linnet.multiply = 4 : i64} {
}
