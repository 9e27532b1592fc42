// One case per fault that the verifiers of the Low Precision ops find, in the order in which they look;
// docs/spec/low-precision.md explains the numbers in brackets.

// RUN: linnet-opt %s --split-input-file --verify-diagnostics

func.func @rank(%x: tensor<64xf32>, %c: tensor<64xi8>, %s: tensor<2xi8>) {
  // expected-error @below {{'linnet.mx_quantize' op expected x to have rank 2 or more, got 'tensor<64xf32>' [mx-quantize C1]}}
  %0:2 = linnet.mx_quantize ins(%x : tensor<64xf32>) outs(%c, %s : tensor<64xi8>, tensor<2xi8>) {format = #linnet.small_float<e2m1>, block = 32 : i64}
  return
}

// -----

func.func @block(%x: tensor<3x64xf32>, %c: tensor<3x64xi8>, %s: tensor<3x2xi8>) {
  // expected-error @below {{'linnet.mx_quantize' op expected a block of at least 1, got 0 [mx-quantize C2]}}
  %0:2 = linnet.mx_quantize ins(%x : tensor<3x64xf32>) outs(%c, %s : tensor<3x64xi8>, tensor<3x2xi8>) {format = #linnet.small_float<e2m1>, block = 0 : i64}
  return
}

// -----

func.func @packed_format(%x: tensor<3x64xf32>, %c: tensor<3x64xi8>, %s: tensor<3x2xi8>) {
  // expected-error @below {{'linnet.mx_quantize' op expected packed codes to be e2m1, got e4m3 [mx-quantize C3]}}
  %0:2 = linnet.mx_quantize ins(%x : tensor<3x64xf32>) outs(%c, %s : tensor<3x64xi8>, tensor<3x2xi8>) {format = #linnet.small_float<e4m3>, block = 32 : i64, packed}
  return
}

// -----

func.func @packed_odd(%x: tensor<3x63xf32>, %c: tensor<3x64xi8>, %s: tensor<3x2xi8>) {
  // expected-error @below {{'linnet.mx_quantize' op expected packed codes of an even, static number of elements in even blocks, got 'tensor<3x63xf32>' and blocks of 32 [mx-quantize C3]}}
  %0:2 = linnet.mx_quantize ins(%x : tensor<3x63xf32>) outs(%c, %s : tensor<3x64xi8>, tensor<3x2xi8>) {format = #linnet.small_float<e2m1>, block = 32 : i64, packed}
  return
}

// -----

// expected-note @below {{the sizes come from a value of type}}
func.func @codes(%x: tensor<3x64xf32>, %c: tensor<3x64xi8>, %s: tensor<3x2xi8>) {
  // expected-error @below {{'linnet.mx_quantize' op expected codes to have shape [3, 32], got 'tensor<3x64xi8>' [mx-quantize C4]}}
  %0:2 = linnet.mx_quantize ins(%x : tensor<3x64xf32>) outs(%c, %s : tensor<3x64xi8>, tensor<3x2xi8>) {format = #linnet.small_float<e2m1>, block = 32 : i64, packed}
  return
}

// -----

// expected-note @below {{the sizes come from a value of type}}
func.func @scales(%x: tensor<3x64xf32>, %c: tensor<3x64xi8>, %s: tensor<3x3xi8>) {
  // expected-error @below {{'linnet.mx_quantize' op expected scales to have shape [3, 2], got 'tensor<3x3xi8>' [mx-quantize C5]}}
  %0:2 = linnet.mx_quantize ins(%x : tensor<3x64xf32>) outs(%c, %s : tensor<3x64xi8>, tensor<3x3xi8>) {format = #linnet.small_float<e2m1>, block = 32 : i64}
  return
}

// -----

func.func @elements_of_x(%x: tensor<3x64xbf16>, %c: tensor<3x64xi8>, %s: tensor<3x2xi8>) {
  // expected-error @below {{'linnet.mx_quantize' op expected x to have elements of type 'f32', got 'bf16' [mx-quantize C6]}}
  %0:2 = linnet.mx_quantize ins(%x : tensor<3x64xbf16>) outs(%c, %s : tensor<3x64xi8>, tensor<3x2xi8>) {format = #linnet.small_float<e2m1>, block = 32 : i64}
  return
}

// -----

func.func @elements_of_codes(%x: tensor<3x64xf32>, %c: tensor<3x64xi32>, %s: tensor<3x2xi8>) {
  // expected-error @below {{'linnet.mx_quantize' op expected codes to have elements of type 'i8', got 'i32' [mx-quantize C6]}}
  %0:2 = linnet.mx_quantize ins(%x : tensor<3x64xf32>) outs(%c, %s : tensor<3x64xi32>, tensor<3x2xi8>) {format = #linnet.small_float<e2m1>, block = 32 : i64}
  return
}

// -----

func.func @elements_of_scales(%x: tensor<3x64xf32>, %c: tensor<3x64xi8>, %s: tensor<3x2xf32>) {
  // expected-error @below {{'linnet.mx_quantize' op expected scales to have elements of type 'i8', got 'f32' [mx-quantize C6]}}
  %0:2 = linnet.mx_quantize ins(%x : tensor<3x64xf32>) outs(%c, %s : tensor<3x64xi8>, tensor<3x2xf32>) {format = #linnet.small_float<e2m1>, block = 32 : i64}
  return
}

// -----

func.func @tensor_scale_format(%x: tensor<3x64xf32>, %c: tensor<3x64xi8>, %s: tensor<3x2xi8>, %g: tensor<1xf32>) {
  // expected-error @below {{'linnet.mx_quantize' op expected codes with a tensor_scale to be e2m1, got e4m3 [mx-quantize C7]}}
  %0:2 = linnet.mx_quantize ins(%x : tensor<3x64xf32>) tensor_scale(%g : tensor<1xf32>) outs(%c, %s : tensor<3x64xi8>, tensor<3x2xi8>) {format = #linnet.small_float<e4m3>, block = 32 : i64}
  return
}

// -----

// expected-note @below {{the sizes come from a value of type}}
func.func @tensor_scale_shape(%x: tensor<3x64xf32>, %c: tensor<3x64xi8>, %s: tensor<3x2xi8>, %g: tensor<2xf32>) {
  // expected-error @below {{'linnet.mx_quantize' op expected tensor_scale to have shape [1], got 'tensor<2xf32>' [mx-quantize C7]}}
  %0:2 = linnet.mx_quantize ins(%x : tensor<3x64xf32>) tensor_scale(%g : tensor<2xf32>) outs(%c, %s : tensor<3x64xi8>, tensor<3x2xi8>) {format = #linnet.small_float<e2m1>, block = 32 : i64}
  return
}

// -----

func.func @tensor_scale_elements(%x: tensor<3x64xf32>, %c: tensor<3x64xi8>, %s: tensor<3x2xi8>, %g: tensor<1xf64>) {
  // expected-error @below {{'linnet.mx_quantize' op expected tensor_scale to have elements of type 'f32', got 'f64' [mx-quantize C7]}}
  %0:2 = linnet.mx_quantize ins(%x : tensor<3x64xf32>) tensor_scale(%g : tensor<1xf64>) outs(%c, %s : tensor<3x64xi8>, tensor<3x2xi8>) {format = #linnet.small_float<e2m1>, block = 32 : i64}
  return
}

// -----

func.func @quest(%x: tensor<3x64xf32>, %c: tensor<3x64xi8>, %s: tensor<3x2xi8>) {
  // expected-error @below {{'linnet.mx_quantize' op expected the rule quest for e2m1 without a tensor_scale [mx-quantize C8]}}
  %0:2 = linnet.mx_quantize ins(%x : tensor<3x64xf32>) outs(%c, %s : tensor<3x64xi8>, tensor<3x2xi8>) {format = #linnet.small_float<e4m3>, block = 32 : i64, rule = #linnet.scale_rule<quest>}
  return
}

// -----

func.func @quest_with_tensor_scale(%x: tensor<3x64xf32>, %c: tensor<3x64xi8>, %s: tensor<3x2xi8>, %g: tensor<1xf32>) {
  // expected-error @below {{'linnet.mx_quantize' op expected the rule quest for e2m1 without a tensor_scale [mx-quantize C8]}}
  %0:2 = linnet.mx_quantize ins(%x : tensor<3x64xf32>) tensor_scale(%g : tensor<1xf32>) outs(%c, %s : tensor<3x64xi8>, tensor<3x2xi8>) {format = #linnet.small_float<e2m1>, block = 32 : i64, rule = #linnet.scale_rule<quest>}
  return
}

// -----

// expected-note @below {{the sizes come from a value of type}}
func.func @seeds(%x: tensor<3x64xf32>, %c: tensor<3x64xi8>, %s: tensor<3x2xi8>, %g: tensor<3x64xi32>) {
  // expected-error @below {{'linnet.mx_quantize' op expected seeds to have shape [3, 2], got 'tensor<3x64xi32>' [mx-quantize C9]}}
  %0:2 = linnet.mx_quantize ins(%x : tensor<3x64xf32>) seeds(%g : tensor<3x64xi32>) outs(%c, %s : tensor<3x64xi8>, tensor<3x2xi8>) {format = #linnet.small_float<e2m1>, block = 32 : i64}
  return
}

// -----

func.func @seeds_elements(%x: tensor<3x64xf32>, %c: tensor<3x64xi8>, %s: tensor<3x2xi8>, %g: tensor<3x2xi64>) {
  // expected-error @below {{'linnet.mx_quantize' op expected seeds to have elements of type 'i32', got 'i64' [mx-quantize C9]}}
  %0:2 = linnet.mx_quantize ins(%x : tensor<3x64xf32>) seeds(%g : tensor<3x2xi64>) outs(%c, %s : tensor<3x64xi8>, tensor<3x2xi8>) {format = #linnet.small_float<e2m1>, block = 32 : i64}
  return
}

// -----

func.func @dequantize_rank(%x: tensor<64xf32>, %c: tensor<64xi8>, %s: tensor<2xi8>) {
  // expected-error @below {{'linnet.mx_dequantize' op expected x to have rank 2 or more, got 'tensor<64xf32>' [mx-dequantize C1]}}
  %0 = linnet.mx_dequantize ins(%c, %s : tensor<64xi8>, tensor<2xi8>) outs(%x : tensor<64xf32>) {format = #linnet.small_float<e2m1>, block = 32 : i64}
  return
}

// -----

func.func @dequantize_block(%x: tensor<3x64xf32>, %c: tensor<3x64xi8>, %s: tensor<3x2xi8>) {
  // expected-error @below {{'linnet.mx_dequantize' op expected a block of at least 1, got -2 [mx-dequantize C2]}}
  %0 = linnet.mx_dequantize ins(%c, %s : tensor<3x64xi8>, tensor<3x2xi8>) outs(%x : tensor<3x64xf32>) {format = #linnet.small_float<e2m1>, block = -2 : i64}
  return
}

// -----

func.func @dequantize_packed(%x: tensor<3x64xf32>, %c: tensor<3x64xi8>, %s: tensor<3x2xi8>) {
  // expected-error @below {{'linnet.mx_dequantize' op expected packed codes to be e2m1, got e5m2 [mx-dequantize C3]}}
  %0 = linnet.mx_dequantize ins(%c, %s : tensor<3x64xi8>, tensor<3x2xi8>) outs(%x : tensor<3x64xf32>) {format = #linnet.small_float<e5m2>, block = 32 : i64, packed}
  return
}

// -----

// expected-note @below {{the sizes come from a value of type}}
func.func @dequantize_codes(%x: tensor<3x64xf32>, %c: tensor<3x32xi8>, %s: tensor<3x2xi8>) {
  // expected-error @below {{'linnet.mx_dequantize' op expected codes to have shape [3, 64], got 'tensor<3x32xi8>' [mx-dequantize C4]}}
  %0 = linnet.mx_dequantize ins(%c, %s : tensor<3x32xi8>, tensor<3x2xi8>) outs(%x : tensor<3x64xf32>) {format = #linnet.small_float<e2m1>, block = 32 : i64}
  return
}

// -----

// expected-note @below {{the sizes come from a value of type}}
func.func @dequantize_scales(%x: tensor<3x64xf32>, %c: tensor<3x64xi8>, %s: tensor<3x2xi8>) {
  // expected-error @below {{'linnet.mx_dequantize' op expected scales to have shape [3, 4], got 'tensor<3x2xi8>' [mx-dequantize C5]}}
  %0 = linnet.mx_dequantize ins(%c, %s : tensor<3x64xi8>, tensor<3x2xi8>) outs(%x : tensor<3x64xf32>) {format = #linnet.small_float<e2m1>, block = 16 : i64}
  return
}

// -----

func.func @dequantize_elements(%x: tensor<3x64xf64>, %c: tensor<3x64xi8>, %s: tensor<3x2xi8>) {
  // expected-error @below {{'linnet.mx_dequantize' op expected x to have elements of type 'f32', got 'f64' [mx-dequantize C6]}}
  %0 = linnet.mx_dequantize ins(%c, %s : tensor<3x64xi8>, tensor<3x2xi8>) outs(%x : tensor<3x64xf64>) {format = #linnet.small_float<e2m1>, block = 32 : i64}
  return
}

// -----

// expected-note @below {{the sizes come from a value of type}}
func.func @dequantize_tensor_scale(%x: tensor<3x64xf32>, %c: tensor<3x64xi8>, %s: tensor<3x2xi8>, %g: tensor<3xf32>) {
  // expected-error @below {{'linnet.mx_dequantize' op expected tensor_scale to have shape [1], got 'tensor<3xf32>' [mx-dequantize C7]}}
  %0 = linnet.mx_dequantize ins(%c, %s : tensor<3x64xi8>, tensor<3x2xi8>) tensor_scale(%g : tensor<3xf32>) outs(%x : tensor<3x64xf32>) {format = #linnet.small_float<e2m1>, block = 32 : i64}
  return
}

// -----

func.func @hadamard_rank(%x: tensor<64xf32>, %y: tensor<64xf32>) {
  // expected-error @below {{'linnet.hadamard' op expected x to have rank 2 or more, got 'tensor<64xf32>' [hadamard C1]}}
  %0 = linnet.hadamard ins(%x : tensor<64xf32>) outs(%y : tensor<64xf32>) {block = 32 : i64, scale = 1.0 : f64}
  return
}

// -----

func.func @hadamard_block(%x: tensor<3x64xf32>, %y: tensor<3x64xf32>) {
  // expected-error @below {{'linnet.hadamard' op expected block to be a power of two, got 24 [hadamard C2]}}
  %0 = linnet.hadamard ins(%x : tensor<3x64xf32>) outs(%y : tensor<3x64xf32>) {block = 24 : i64, scale = 1.0 : f64}
  return
}

// -----

func.func @hadamard_negative_block(%x: tensor<3x64xf32>, %y: tensor<3x64xf32>) {
  // expected-error @below {{'linnet.hadamard' op expected block to be a power of two, got -4 [hadamard C2]}}
  %0 = linnet.hadamard ins(%x : tensor<3x64xf32>) outs(%y : tensor<3x64xf32>) {block = -4 : i64, scale = 1.0 : f64}
  return
}

// -----

// expected-note @below {{the sizes come from a value of type}}
func.func @hadamard_result(%x: tensor<3x64xf32>, %y: tensor<3x32xf32>) {
  // expected-error @below {{'linnet.hadamard' op expected y to have shape [3, 64], got 'tensor<3x32xf32>' [hadamard C3]}}
  %0 = linnet.hadamard ins(%x : tensor<3x64xf32>) outs(%y : tensor<3x32xf32>) {block = 32 : i64, scale = 1.0 : f64}
  return
}

// -----

// expected-note @below {{the sizes come from a value of type}}
func.func @hadamard_signs(%x: tensor<3x64xf32>, %y: tensor<3x64xf32>, %g: tensor<3xf32>) {
  // expected-error @below {{'linnet.hadamard' op expected signs to have shape [64], got 'tensor<3xf32>' [hadamard C4]}}
  %0 = linnet.hadamard ins(%x : tensor<3x64xf32>) signs(%g : tensor<3xf32>) outs(%y : tensor<3x64xf32>) {block = 32 : i64, scale = 1.0 : f64}
  return
}

// -----

func.func @hadamard_elements(%x: tensor<3x64xf64>, %y: tensor<3x64xf64>) {
  // expected-error @below {{'linnet.hadamard' op expected x to have elements of type f32, got 'f64' [hadamard C5]}}
  %0 = linnet.hadamard ins(%x : tensor<3x64xf64>) outs(%y : tensor<3x64xf64>) {block = 32 : i64, scale = 1.0 : f64}
  return
}

// -----

func.func @hadamard_elements_of_signs(%x: tensor<3x64xf32>, %y: tensor<3x64xf32>, %g: tensor<64xbf16>) {
  // expected-error @below {{'linnet.hadamard' op expected signs to have elements of type 'f32', got 'bf16' [hadamard C5]}}
  %0 = linnet.hadamard ins(%x : tensor<3x64xf32>) signs(%g : tensor<64xbf16>) outs(%y : tensor<3x64xf32>) {block = 32 : i64, scale = 1.0 : f64}
  return
}

// -----

func.func @hadamard_scale(%x: tensor<3x64xf32>, %y: tensor<3x64xf32>) {
  // expected-error @below {{'linnet.hadamard' op expected a finite scale [hadamard C6]}}
  %0 = linnet.hadamard ins(%x : tensor<3x64xf32>) outs(%y : tensor<3x64xf32>) {block = 32 : i64, scale = 0x7FF0000000000000 : f64}
  return
}
