// One case per fault that the verifiers of the Scan family find, in the order of the constraints; docs/spec/scan.md
// explains the numbers in brackets.

// RUN: linnet-opt %s --split-input-file --verify-diagnostics

//===----------------------------------------------------------------------===//
// affine_scan
//===----------------------------------------------------------------------===//

func.func @affine_scan_element_type(%a: tensor<2x5x8xf16>, %b: tensor<2x5x8xf16>, %h: tensor<2x5x8xf16>,
    %s: tensor<2x8xf16>) {
  // expected-error @below {{'linnet.affine_scan' op expected a to have elements of type f32 or f64, got 'f16' [affine-scan C1]}}
  %0:2 = linnet.affine_scan ins(%a, %b : tensor<2x5x8xf16>, tensor<2x5x8xf16>)
                            outs(%h, %s : tensor<2x5x8xf16>, tensor<2x8xf16>) {dimension = 1 : i64}
  return
}

// -----

func.func @affine_scan_dimension_too_large(%a: tensor<2x5x8xf32>, %b: tensor<2x5x8xf32>, %h: tensor<2x5x8xf32>,
    %s: tensor<2x8xf32>) {
  // expected-error @below {{'linnet.affine_scan' op expected dimension to be in [0, 3), got 3 [affine-scan C2]}}
  %0:2 = linnet.affine_scan ins(%a, %b : tensor<2x5x8xf32>, tensor<2x5x8xf32>)
                            outs(%h, %s : tensor<2x5x8xf32>, tensor<2x8xf32>) {dimension = 3 : i64}
  return
}

// -----

func.func @affine_scan_dimension_negative(%a: tensor<2x5x8xf32>, %b: tensor<2x5x8xf32>, %h: tensor<2x5x8xf32>,
    %s: tensor<2x8xf32>) {
  // expected-error @below {{'linnet.affine_scan' op expected dimension to be in [0, 3), got -1 [affine-scan C2]}}
  %0:2 = linnet.affine_scan ins(%a, %b : tensor<2x5x8xf32>, tensor<2x5x8xf32>)
                            outs(%h, %s : tensor<2x5x8xf32>, tensor<2x8xf32>) {dimension = -1 : i64}
  return
}

// -----

func.func @affine_scan_rank_0(%a: tensor<f32>, %b: tensor<f32>, %h: tensor<f32>, %s: tensor<f32>) {
  // expected-error @below {{'linnet.affine_scan' op expected dimension to be in [0, 0), got 0 [affine-scan C2]}}
  %0:2 = linnet.affine_scan ins(%a, %b : tensor<f32>, tensor<f32>)
                            outs(%h, %s : tensor<f32>, tensor<f32>) {dimension = 0 : i64}
  return
}

// -----

func.func @affine_scan_element_type_of_b(%a: tensor<2x5x8xf32>, %b: tensor<2x5x8xf64>, %h: tensor<2x5x8xf32>,
    %s: tensor<2x8xf32>) {
  // expected-error @below {{'linnet.affine_scan' op expected b to have elements of type 'f32', got 'f64' [affine-scan C3]}}
  %0:2 = linnet.affine_scan ins(%a, %b : tensor<2x5x8xf32>, tensor<2x5x8xf64>)
                            outs(%h, %s : tensor<2x5x8xf32>, tensor<2x8xf32>) {dimension = 1 : i64}
  return
}

// -----

func.func @affine_scan_element_type_of_h(%a: tensor<2x5x8xf32>, %b: tensor<2x5x8xf32>, %h: tensor<2x5x8xf64>,
    %s: tensor<2x8xf32>) {
  // expected-error @below {{'linnet.affine_scan' op expected h to have elements of type 'f32', got 'f64' [affine-scan C3]}}
  %0:2 = linnet.affine_scan ins(%a, %b : tensor<2x5x8xf32>, tensor<2x5x8xf32>)
                            outs(%h, %s : tensor<2x5x8xf64>, tensor<2x8xf32>) {dimension = 1 : i64}
  return
}

// -----

func.func @affine_scan_element_type_of_state(%a: tensor<2x5x8xf32>, %b: tensor<2x5x8xf32>, %h: tensor<2x5x8xf32>,
    %s: tensor<2x8xf64>) {
  // expected-error @below {{'linnet.affine_scan' op expected state to have elements of type 'f32', got 'f64' [affine-scan C3]}}
  %0:2 = linnet.affine_scan ins(%a, %b : tensor<2x5x8xf32>, tensor<2x5x8xf32>)
                            outs(%h, %s : tensor<2x5x8xf32>, tensor<2x8xf64>) {dimension = 1 : i64}
  return
}

// -----

func.func @affine_scan_shape_of_b(
    // expected-note @below {{the sizes come from a value of type 'tensor<2x5x8xf32>'}}
    %a: tensor<2x5x8xf32>,
    %b: tensor<2x6x8xf32>, %h: tensor<2x5x8xf32>, %s: tensor<2x8xf32>) {
  // expected-error @below {{'linnet.affine_scan' op expected b to have shape [2, 5, 8], got 'tensor<2x6x8xf32>' [affine-scan C4]}}
  %0:2 = linnet.affine_scan ins(%a, %b : tensor<2x5x8xf32>, tensor<2x6x8xf32>)
                            outs(%h, %s : tensor<2x5x8xf32>, tensor<2x8xf32>) {dimension = 1 : i64}
  return
}

// -----

func.func @affine_scan_rank_of_h(
    // expected-note @below {{the sizes come from a value of type 'tensor<2x?x8xf32>'}}
    %a: tensor<2x?x8xf32>,
    %b: tensor<2x?x8xf32>, %h: tensor<2x8xf32>, %s: tensor<2x8xf32>) {
  // expected-error @below {{'linnet.affine_scan' op expected h to have shape [2, ?, 8], got 'tensor<2x8xf32>' [affine-scan C4]}}
  %0:2 = linnet.affine_scan ins(%a, %b : tensor<2x?x8xf32>, tensor<2x?x8xf32>)
                            outs(%h, %s : tensor<2x8xf32>, tensor<2x8xf32>) {dimension = 1 : i64}
  return
}

// -----

func.func @affine_scan_shape_of_state(
    // expected-note @below {{the sizes come from a value of type 'tensor<2x5x8xf32>'}}
    %a: tensor<2x5x8xf32>,
    %b: tensor<2x5x8xf32>, %h: tensor<2x5x8xf32>, %s: tensor<2x5xf32>) {
  // expected-error @below {{'linnet.affine_scan' op expected state to have shape [2, 8], got 'tensor<2x5xf32>' [affine-scan C5]}}
  %0:2 = linnet.affine_scan ins(%a, %b : tensor<2x5x8xf32>, tensor<2x5x8xf32>)
                            outs(%h, %s : tensor<2x5x8xf32>, tensor<2x5xf32>) {dimension = 1 : i64}
  return
}

// -----

func.func @affine_scan_complex_without_pairs(%a: tensor<2x5x8xf32>, %b: tensor<2x5x8xf32>, %h: tensor<2x5x8xf32>,
    %s: tensor<2x8xf32>) {
  // expected-error @below {{'linnet.affine_scan' op expected a to have a last dimension of 2, as it is complex, got 'tensor<2x5x8xf32>' [affine-scan C6]}}
  %0:2 = linnet.affine_scan ins(%a, %b : tensor<2x5x8xf32>, tensor<2x5x8xf32>)
                            outs(%h, %s : tensor<2x5x8xf32>, tensor<2x8xf32>) {dimension = 1 : i64, complex}
  return
}

// -----

func.func @affine_scan_complex_without_dimensions(%a: tensor<f32>, %b: tensor<f32>, %h: tensor<f32>, %s: tensor<f32>) {
  // expected-error @below {{'linnet.affine_scan' op expected a to have a last dimension of 2, as it is complex, got 'tensor<f32>' [affine-scan C6]}}
  %0:2 = linnet.affine_scan ins(%a, %b : tensor<f32>, tensor<f32>)
                            outs(%h, %s : tensor<f32>, tensor<f32>) {dimension = 0 : i64, complex}
  return
}

// -----

func.func @affine_scan_complex_along_pairs(%a: tensor<5x8x2xf32>, %b: tensor<5x8x2xf32>, %h: tensor<5x8x2xf32>,
    %s: tensor<5x8xf32>) {
  // expected-error @below {{'linnet.affine_scan' op expected dimension to be in [0, 2), got 2 [affine-scan C2]}}
  %0:2 = linnet.affine_scan ins(%a, %b : tensor<5x8x2xf32>, tensor<5x8x2xf32>)
                            outs(%h, %s : tensor<5x8x2xf32>, tensor<5x8xf32>) {dimension = 2 : i64, complex}
  return
}

// -----

func.func @affine_scan_complex_shape_of_state(
    // expected-note @below {{the sizes come from a value of type 'tensor<5x8x2xf32>'}}
    %a: tensor<5x8x2xf32>,
    %b: tensor<5x8x2xf32>, %h: tensor<5x8x2xf32>, %s: tensor<8xf32>) {
  // expected-error @below {{'linnet.affine_scan' op expected state to have shape [8, 2], got 'tensor<8xf32>' [affine-scan C5]}}
  %0:2 = linnet.affine_scan ins(%a, %b : tensor<5x8x2xf32>, tensor<5x8x2xf32>)
                            outs(%h, %s : tensor<5x8x2xf32>, tensor<8xf32>) {dimension = 0 : i64, complex}
  return
}

// -----

// What the first operand leaves open the others must agree on.
func.func @affine_scan_sizes_of_b_and_state(%a: tensor<?x?x?xf32>,
    // expected-note @below {{the sizes come from a value of type 'tensor<2x?x8xf32>'}}
    %b: tensor<2x?x8xf32>,
    %h: tensor<?x?x?xf32>, %s: tensor<2x7xf32>) {
  // expected-error @below {{'linnet.affine_scan' op expected state to have shape [2, 8], got 'tensor<2x7xf32>' [affine-scan C5]}}
  %0:2 = linnet.affine_scan ins(%a, %b : tensor<?x?x?xf32>, tensor<2x?x8xf32>)
                            outs(%h, %s : tensor<?x?x?xf32>, tensor<2x7xf32>) {dimension = 1 : i64}
  return
}

// -----

//===----------------------------------------------------------------------===//
// causal_conv1d
//===----------------------------------------------------------------------===//

func.func @causal_conv1d_rank_of_x(%x: tensor<5x8xf32>, %w: tensor<8x4xf32>, %y: tensor<5x8xf32>,
    %s: tensor<2x3x8xf32>) {
  // expected-error @below {{'linnet.causal_conv1d' op expected x to have rank 3, got 'tensor<5x8xf32>' [causal-conv1d C1]}}
  %0:2 = linnet.causal_conv1d ins(%x, %w : tensor<5x8xf32>, tensor<8x4xf32>)
                              outs(%y, %s : tensor<5x8xf32>, tensor<2x3x8xf32>)
  return
}

// -----

func.func @causal_conv1d_element_type(%x: tensor<2x5x8xi32>, %w: tensor<8x4xf32>, %y: tensor<2x5x8xi32>,
    %s: tensor<2x3x8xf32>) {
  // expected-error @below {{'linnet.causal_conv1d' op expected x to have floating-point elements, got 'i32' [causal-conv1d C2]}}
  %0:2 = linnet.causal_conv1d ins(%x, %w : tensor<2x5x8xi32>, tensor<8x4xf32>)
                              outs(%y, %s : tensor<2x5x8xi32>, tensor<2x3x8xf32>)
  return
}

// -----

func.func @causal_conv1d_rank_of_weight(%x: tensor<2x5x8xf32>, %w: tensor<8x1x4xf32>, %y: tensor<2x5x8xf32>,
    %s: tensor<2x3x8xf32>) {
  // expected-error @below {{'linnet.causal_conv1d' op expected weight to have rank 2, got 'tensor<8x1x4xf32>' [causal-conv1d C3]}}
  %0:2 = linnet.causal_conv1d ins(%x, %w : tensor<2x5x8xf32>, tensor<8x1x4xf32>)
                              outs(%y, %s : tensor<2x5x8xf32>, tensor<2x3x8xf32>)
  return
}

// -----

func.func @causal_conv1d_width_0(%x: tensor<2x5x8xf32>, %w: tensor<8x0xf32>, %y: tensor<2x5x8xf32>,
    %s: tensor<2x3x8xf32>) {
  // expected-error @below {{'linnet.causal_conv1d' op expected a width of at least 1, got 0 [causal-conv1d C4]}}
  %0:2 = linnet.causal_conv1d ins(%x, %w : tensor<2x5x8xf32>, tensor<8x0xf32>)
                              outs(%y, %s : tensor<2x5x8xf32>, tensor<2x3x8xf32>)
  return
}

// -----

func.func @causal_conv1d_shape_of_weight(
    // expected-note @below {{the sizes come from a value of type 'tensor<2x5x8xf32>'}}
    %x: tensor<2x5x8xf32>,
    %w: tensor<5x4xf32>, %y: tensor<2x5x8xf32>, %s: tensor<2x3x8xf32>) {
  // expected-error @below {{'linnet.causal_conv1d' op expected weight to have shape [8, 4], got 'tensor<5x4xf32>' [causal-conv1d C5]}}
  %0:2 = linnet.causal_conv1d ins(%x, %w : tensor<2x5x8xf32>, tensor<5x4xf32>)
                              outs(%y, %s : tensor<2x5x8xf32>, tensor<2x3x8xf32>)
  return
}

// -----

func.func @causal_conv1d_shape_of_weight_bdt(
    // expected-note @below {{the sizes come from a value of type 'tensor<2x5x8xf32>'}}
    %x: tensor<2x5x8xf32>,
    %w: tensor<8x4xf32>, %y: tensor<2x5x8xf32>, %s: tensor<2x3x8xf32>) {
  // expected-error @below {{'linnet.causal_conv1d' op expected weight to have shape [5, 4], got 'tensor<8x4xf32>' [causal-conv1d C5]}}
  %0:2 = linnet.causal_conv1d ins(%x, %w : tensor<2x5x8xf32>, tensor<8x4xf32>)
                              outs(%y, %s : tensor<2x5x8xf32>, tensor<2x3x8xf32>) {layout = #linnet.layout<bdt>}
  return
}

// -----

func.func @causal_conv1d_element_type_of_weight(%x: tensor<2x5x8xf32>, %w: tensor<8x4xf64>, %y: tensor<2x5x8xf32>,
    %s: tensor<2x3x8xf32>) {
  // expected-error @below {{'linnet.causal_conv1d' op expected weight to have elements of type 'f32', got 'f64' [causal-conv1d C6]}}
  %0:2 = linnet.causal_conv1d ins(%x, %w : tensor<2x5x8xf32>, tensor<8x4xf64>)
                              outs(%y, %s : tensor<2x5x8xf32>, tensor<2x3x8xf32>)
  return
}

// -----

func.func @causal_conv1d_element_type_of_bias(%x: tensor<2x5x8xf32>, %w: tensor<8x4xf32>, %bias: tensor<8xbf16>,
    %y: tensor<2x5x8xf32>, %s: tensor<2x3x8xf32>) {
  // expected-error @below {{'linnet.causal_conv1d' op expected bias to have elements of type 'f32', got 'bf16' [causal-conv1d C6]}}
  %0:2 = linnet.causal_conv1d ins(%x, %w : tensor<2x5x8xf32>, tensor<8x4xf32>) bias(%bias : tensor<8xbf16>)
                              outs(%y, %s : tensor<2x5x8xf32>, tensor<2x3x8xf32>)
  return
}

// -----

func.func @causal_conv1d_element_type_of_y(%x: tensor<2x5x8xf32>, %w: tensor<8x4xf32>, %y: tensor<2x5x8xf64>,
    %s: tensor<2x3x8xf32>) {
  // expected-error @below {{'linnet.causal_conv1d' op expected y to have elements of type 'f32', got 'f64' [causal-conv1d C6]}}
  %0:2 = linnet.causal_conv1d ins(%x, %w : tensor<2x5x8xf32>, tensor<8x4xf32>)
                              outs(%y, %s : tensor<2x5x8xf64>, tensor<2x3x8xf32>)
  return
}

// -----

func.func @causal_conv1d_element_type_of_state(%x: tensor<2x5x8xf32>, %w: tensor<8x4xf32>, %y: tensor<2x5x8xf32>,
    %s: tensor<2x3x8xf64>) {
  // expected-error @below {{'linnet.causal_conv1d' op expected state to have elements of type 'f32', got 'f64' [causal-conv1d C6]}}
  %0:2 = linnet.causal_conv1d ins(%x, %w : tensor<2x5x8xf32>, tensor<8x4xf32>)
                              outs(%y, %s : tensor<2x5x8xf32>, tensor<2x3x8xf64>)
  return
}

// -----

func.func @causal_conv1d_shape_of_bias(
    // expected-note @below {{the sizes come from a value of type 'tensor<2x5x8xf32>'}}
    %x: tensor<2x5x8xf32>,
    %w: tensor<8x4xf32>, %bias: tensor<4xf32>, %y: tensor<2x5x8xf32>, %s: tensor<2x3x8xf32>) {
  // expected-error @below {{'linnet.causal_conv1d' op expected bias to have shape [8], got 'tensor<4xf32>' [causal-conv1d C7]}}
  %0:2 = linnet.causal_conv1d ins(%x, %w : tensor<2x5x8xf32>, tensor<8x4xf32>) bias(%bias : tensor<4xf32>)
                              outs(%y, %s : tensor<2x5x8xf32>, tensor<2x3x8xf32>)
  return
}

// -----

func.func @causal_conv1d_shape_of_y(
    // expected-note @below {{the sizes come from a value of type 'tensor<2x5x8xf32>'}}
    %x: tensor<2x5x8xf32>,
    %w: tensor<8x4xf32>, %y: tensor<2x8x5xf32>, %s: tensor<2x3x8xf32>) {
  // expected-error @below {{'linnet.causal_conv1d' op expected y to have shape [2, 5, 8], got 'tensor<2x8x5xf32>' [causal-conv1d C8]}}
  %0:2 = linnet.causal_conv1d ins(%x, %w : tensor<2x5x8xf32>, tensor<8x4xf32>)
                              outs(%y, %s : tensor<2x8x5xf32>, tensor<2x3x8xf32>)
  return
}

// -----

func.func @causal_conv1d_state_as_long_as_width(%x: tensor<2x5x8xf32>,
    // expected-note @below {{the sizes come from a value of type 'tensor<8x4xf32>'}}
    %w: tensor<8x4xf32>,
    %y: tensor<2x5x8xf32>, %s: tensor<2x4x8xf32>) {
  // expected-error @below {{'linnet.causal_conv1d' op expected state to have shape [2, 3, 8], got 'tensor<2x4x8xf32>' [causal-conv1d C9]}}
  %0:2 = linnet.causal_conv1d ins(%x, %w : tensor<2x5x8xf32>, tensor<8x4xf32>)
                              outs(%y, %s : tensor<2x5x8xf32>, tensor<2x4x8xf32>)
  return
}

// -----

func.func @causal_conv1d_state_in_the_other_layout(
    // expected-note @below {{the sizes come from a value of type 'tensor<2x8x5xf32>'}}
    %x: tensor<2x8x5xf32>,
    %w: tensor<8x4xf32>, %y: tensor<2x8x5xf32>, %s: tensor<2x3x8xf32>) {
  // expected-error @below {{'linnet.causal_conv1d' op expected state to have shape [2, 8, 3], got 'tensor<2x3x8xf32>' [causal-conv1d C9]}}
  %0:2 = linnet.causal_conv1d ins(%x, %w : tensor<2x8x5xf32>, tensor<8x4xf32>)
                              outs(%y, %s : tensor<2x8x5xf32>, tensor<2x3x8xf32>) {layout = #linnet.layout<bdt>}
  return
}

// -----

func.func @causal_conv1d_sizes_of_weight_and_bias(%x: tensor<?x?x?xf32>,
    // expected-note @below {{the sizes come from a value of type 'tensor<8x4xf32>'}}
    %w: tensor<8x4xf32>,
    %bias: tensor<6xf32>, %s: tensor<?x3x?xf32>) {
  // expected-error @below {{'linnet.causal_conv1d' op expected bias to have shape [8], got 'tensor<6xf32>' [causal-conv1d C7]}}
  %0:2 = linnet.causal_conv1d ins(%x, %w : tensor<?x?x?xf32>, tensor<8x4xf32>) bias(%bias : tensor<6xf32>)
                              outs(%x, %s : tensor<?x?x?xf32>, tensor<?x3x?xf32>)
  return
}

// -----

func.func @causal_conv1d_sizes_of_y_and_state(%x: tensor<?x?x8xf32>, %w: tensor<8x4xf32>,
    // expected-note @below {{the sizes come from a value of type 'tensor<2x5x8xf32>'}}
    %y: tensor<2x5x8xf32>,
    %s: tensor<3x3x8xf32>) {
  // expected-error @below {{'linnet.causal_conv1d' op expected state to have shape [2, 3, 8], got 'tensor<3x3x8xf32>' [causal-conv1d C9]}}
  %0:2 = linnet.causal_conv1d ins(%x, %w : tensor<?x?x8xf32>, tensor<8x4xf32>)
                              outs(%y, %s : tensor<2x5x8xf32>, tensor<3x3x8xf32>)
  return
}

// -----

//===----------------------------------------------------------------------===//
// selective_scan
//===----------------------------------------------------------------------===//

func.func @selective_scan_rank_of_u(%u: tensor<5x8xf32>, %delta: tensor<5x8xf32>, %a: tensor<8x4xf32>,
    %b: tensor<2x5x4xf32>, %c: tensor<2x5x4xf32>, %y: tensor<5x8xf32>, %s: tensor<2x8x4xf32>) {
  // expected-error @below {{'linnet.selective_scan' op expected u to have rank 3, got 'tensor<5x8xf32>' [selective-scan C1]}}
  %0:2 = linnet.selective_scan
      ins(%u, %delta, %a, %b, %c
          : tensor<5x8xf32>, tensor<5x8xf32>, tensor<8x4xf32>, tensor<2x5x4xf32>, tensor<2x5x4xf32>)
      outs(%y, %s : tensor<5x8xf32>, tensor<2x8x4xf32>)
  return
}

// -----

func.func @selective_scan_shape_of_delta(
    // expected-note @below {{the sizes come from a value of type 'tensor<2x5x8xf32>'}}
    %u: tensor<2x5x8xf32>,
    %delta: tensor<2x5x1xf32>, %a: tensor<8x4xf32>, %b: tensor<2x5x4xf32>, %c: tensor<2x5x4xf32>,
    %y: tensor<2x5x8xf32>, %s: tensor<2x8x4xf32>) {
  // expected-error @below {{'linnet.selective_scan' op expected delta to have shape [2, 5, 8], got 'tensor<2x5x1xf32>' [selective-scan C2]}}
  %0:2 = linnet.selective_scan
      ins(%u, %delta, %a, %b, %c
          : tensor<2x5x8xf32>, tensor<2x5x1xf32>, tensor<8x4xf32>, tensor<2x5x4xf32>, tensor<2x5x4xf32>)
      outs(%y, %s : tensor<2x5x8xf32>, tensor<2x8x4xf32>)
  return
}

// -----

func.func @selective_scan_shape_of_z(
    // expected-note @below {{the sizes come from a value of type 'tensor<2x5x8xf32>'}}
    %u: tensor<2x5x8xf32>,
    %delta: tensor<2x5x8xf32>, %a: tensor<8x4xf32>, %b: tensor<2x5x4xf32>, %c: tensor<2x5x4xf32>,
    %z: tensor<2x4x8xf32>, %y: tensor<2x5x8xf32>, %s: tensor<2x8x4xf32>) {
  // expected-error @below {{'linnet.selective_scan' op expected z to have shape [2, 5, 8], got 'tensor<2x4x8xf32>' [selective-scan C2]}}
  %0:2 = linnet.selective_scan
      ins(%u, %delta, %a, %b, %c
          : tensor<2x5x8xf32>, tensor<2x5x8xf32>, tensor<8x4xf32>, tensor<2x5x4xf32>, tensor<2x5x4xf32>)
      gate(%z : tensor<2x4x8xf32>)
      outs(%y, %s : tensor<2x5x8xf32>, tensor<2x8x4xf32>)
  return
}

// -----

func.func @selective_scan_shape_of_y(
    // expected-note @below {{the sizes come from a value of type 'tensor<2x5x8xf32>'}}
    %u: tensor<2x5x8xf32>,
    %delta: tensor<2x5x8xf32>, %a: tensor<8x4xf32>, %b: tensor<2x5x4xf32>, %c: tensor<2x5x4xf32>,
    %y: tensor<2x8x5xf32>, %s: tensor<2x8x4xf32>) {
  // expected-error @below {{'linnet.selective_scan' op expected y to have shape [2, 5, 8], got 'tensor<2x8x5xf32>' [selective-scan C2]}}
  %0:2 = linnet.selective_scan
      ins(%u, %delta, %a, %b, %c
          : tensor<2x5x8xf32>, tensor<2x5x8xf32>, tensor<8x4xf32>, tensor<2x5x4xf32>, tensor<2x5x4xf32>)
      outs(%y, %s : tensor<2x8x5xf32>, tensor<2x8x4xf32>)
  return
}

// -----

func.func @selective_scan_rank_of_a(%u: tensor<2x5x8xf32>, %delta: tensor<2x5x8xf32>, %a: tensor<8xf32>,
    %b: tensor<2x5x4xf32>, %c: tensor<2x5x4xf32>, %y: tensor<2x5x8xf32>, %s: tensor<2x8x4xf32>) {
  // expected-error @below {{'linnet.selective_scan' op expected A to have rank 2, got 'tensor<8xf32>' [selective-scan C3]}}
  %0:2 = linnet.selective_scan
      ins(%u, %delta, %a, %b, %c
          : tensor<2x5x8xf32>, tensor<2x5x8xf32>, tensor<8xf32>, tensor<2x5x4xf32>, tensor<2x5x4xf32>)
      outs(%y, %s : tensor<2x5x8xf32>, tensor<2x8x4xf32>)
  return
}

// -----

func.func @selective_scan_shape_of_a(
    // expected-note @below {{the sizes come from a value of type 'tensor<2x5x8xf32>'}}
    %u: tensor<2x5x8xf32>,
    %delta: tensor<2x5x8xf32>, %a: tensor<6x4xf32>, %b: tensor<2x5x4xf32>, %c: tensor<2x5x4xf32>,
    %y: tensor<2x5x8xf32>, %s: tensor<2x8x4xf32>) {
  // expected-error @below {{'linnet.selective_scan' op expected A to have shape [8, 4], got 'tensor<6x4xf32>' [selective-scan C3]}}
  %0:2 = linnet.selective_scan
      ins(%u, %delta, %a, %b, %c
          : tensor<2x5x8xf32>, tensor<2x5x8xf32>, tensor<6x4xf32>, tensor<2x5x4xf32>, tensor<2x5x4xf32>)
      outs(%y, %s : tensor<2x5x8xf32>, tensor<2x8x4xf32>)
  return
}

// -----

func.func @selective_scan_rank_of_b(%u: tensor<2x5x8xf32>, %delta: tensor<2x5x8xf32>, %a: tensor<8x4xf32>,
    %b: tensor<4xf32>, %c: tensor<2x5x4xf32>, %y: tensor<2x5x8xf32>, %s: tensor<2x8x4xf32>) {
  // expected-error @below {{'linnet.selective_scan' op expected B to have rank 2, 3 or 4, got 'tensor<4xf32>' [selective-scan C4]}}
  %0:2 = linnet.selective_scan
      ins(%u, %delta, %a, %b, %c
          : tensor<2x5x8xf32>, tensor<2x5x8xf32>, tensor<8x4xf32>, tensor<4xf32>, tensor<2x5x4xf32>)
      outs(%y, %s : tensor<2x5x8xf32>, tensor<2x8x4xf32>)
  return
}

// -----

func.func @selective_scan_rank_of_c(%u: tensor<2x5x8xf32>, %delta: tensor<2x5x8xf32>, %a: tensor<8x4xf32>,
    %b: tensor<2x5x4xf32>, %c: tensor<2x5x2x2x4xf32>, %y: tensor<2x5x8xf32>, %s: tensor<2x8x4xf32>) {
  // expected-error @below {{'linnet.selective_scan' op expected C to have rank 2, 3 or 4, got 'tensor<2x5x2x2x4xf32>' [selective-scan C4]}}
  %0:2 = linnet.selective_scan
      ins(%u, %delta, %a, %b, %c
          : tensor<2x5x8xf32>, tensor<2x5x8xf32>, tensor<8x4xf32>, tensor<2x5x4xf32>, tensor<2x5x2x2x4xf32>)
      outs(%y, %s : tensor<2x5x8xf32>, tensor<2x8x4xf32>)
  return
}

// -----

func.func @selective_scan_shape_of_constant_b(
    // expected-note @below {{the sizes come from a value of type 'tensor<2x5x8xf32>'}}
    %u: tensor<2x5x8xf32>,
    %delta: tensor<2x5x8xf32>, %a: tensor<8x4xf32>, %b: tensor<4x8xf32>, %c: tensor<4x8xf32>, %y: tensor<2x5x8xf32>,
    %s: tensor<2x8x4xf32>) {
  // expected-error @below {{'linnet.selective_scan' op expected B to have shape [8, 4], got 'tensor<4x8xf32>' [selective-scan C5]}}
  %0:2 = linnet.selective_scan
      ins(%u, %delta, %a, %b, %c
          : tensor<2x5x8xf32>, tensor<2x5x8xf32>, tensor<8x4xf32>, tensor<4x8xf32>, tensor<4x8xf32>)
      outs(%y, %s : tensor<2x5x8xf32>, tensor<2x8x4xf32>)
  return
}

// -----

func.func @selective_scan_shape_of_b(%u: tensor<2x5x8xf32>, %delta: tensor<2x5x8xf32>,
    // expected-note @below {{the sizes come from a value of type 'tensor<8x4xf32>'}}
    %a: tensor<8x4xf32>,
    %b: tensor<2x5x3xf32>, %c: tensor<2x5x3xf32>,
    %y: tensor<2x5x8xf32>, %s: tensor<2x8x4xf32>) {
  // expected-error @below {{'linnet.selective_scan' op expected B to have shape [2, 5, 4], got 'tensor<2x5x3xf32>' [selective-scan C5]}}
  %0:2 = linnet.selective_scan
      ins(%u, %delta, %a, %b, %c
          : tensor<2x5x8xf32>, tensor<2x5x8xf32>, tensor<8x4xf32>, tensor<2x5x3xf32>, tensor<2x5x3xf32>)
      outs(%y, %s : tensor<2x5x8xf32>, tensor<2x8x4xf32>)
  return
}

// -----

func.func @selective_scan_shape_of_c_bdt(%u: tensor<2x8x5xf32>, %delta: tensor<2x8x5xf32>,
    // expected-note @below {{the sizes come from a value of type 'tensor<8x4xf32>'}}
    %a: tensor<8x4xf32>,
    %b: tensor<2x4x5xf32>, %c: tensor<2x5x4xf32>,
    %y: tensor<2x8x5xf32>, %s: tensor<2x8x4xf32>) {
  // expected-error @below {{'linnet.selective_scan' op expected C to have shape [2, 4, 5], got 'tensor<2x5x4xf32>' [selective-scan C5]}}
  %0:2 = linnet.selective_scan
      ins(%u, %delta, %a, %b, %c
          : tensor<2x8x5xf32>, tensor<2x8x5xf32>, tensor<8x4xf32>, tensor<2x4x5xf32>, tensor<2x5x4xf32>)
      outs(%y, %s : tensor<2x8x5xf32>, tensor<2x8x4xf32>) {layout = #linnet.layout<bdt>}
  return
}

// -----

func.func @selective_scan_shape_of_grouped_b_bdt(%u: tensor<2x8x5xf32>, %delta: tensor<2x8x5xf32>,
    // expected-note @below {{the sizes come from a value of type 'tensor<8x4xf32>'}}
    %a: tensor<8x4xf32>,
    %b: tensor<2x2x5x4xf32>, %c: tensor<2x2x5x4xf32>,
    %y: tensor<2x8x5xf32>, %s: tensor<2x8x4xf32>) {
  // expected-error @below {{'linnet.selective_scan' op expected B to have shape [2, 2, 4, 5], got 'tensor<2x2x5x4xf32>' [selective-scan C5]}}
  %0:2 = linnet.selective_scan
      ins(%u, %delta, %a, %b, %c
          : tensor<2x8x5xf32>, tensor<2x8x5xf32>, tensor<8x4xf32>, tensor<2x2x5x4xf32>, tensor<2x2x5x4xf32>)
      outs(%y, %s : tensor<2x8x5xf32>, tensor<2x8x4xf32>) {layout = #linnet.layout<bdt>}
  return
}

// -----

func.func @selective_scan_groups_do_not_divide(%u: tensor<2x5x8xf32>, %delta: tensor<2x5x8xf32>, %a: tensor<8x4xf32>,
    %b: tensor<2x5x3x4xf32>, %c: tensor<2x5x3x4xf32>, %y: tensor<2x5x8xf32>, %s: tensor<2x8x4xf32>) {
  // expected-error @below {{'linnet.selective_scan' op expected the number of groups of B to divide the 8 channels, got 3 [selective-scan C6]}}
  %0:2 = linnet.selective_scan
      ins(%u, %delta, %a, %b, %c
          : tensor<2x5x8xf32>, tensor<2x5x8xf32>, tensor<8x4xf32>, tensor<2x5x3x4xf32>, tensor<2x5x3x4xf32>)
      outs(%y, %s : tensor<2x5x8xf32>, tensor<2x8x4xf32>)
  return
}

// -----

func.func @selective_scan_no_groups(%u: tensor<2x5x8xf32>, %delta: tensor<2x5x8xf32>, %a: tensor<8x4xf32>,
    %b: tensor<2x5x4xf32>, %c: tensor<2x5x0x4xf32>, %y: tensor<2x5x8xf32>, %s: tensor<2x8x4xf32>) {
  // expected-error @below {{'linnet.selective_scan' op expected the number of groups of C to divide the 8 channels, got 0 [selective-scan C6]}}
  %0:2 = linnet.selective_scan
      ins(%u, %delta, %a, %b, %c
          : tensor<2x5x8xf32>, tensor<2x5x8xf32>, tensor<8x4xf32>, tensor<2x5x4xf32>, tensor<2x5x0x4xf32>)
      outs(%y, %s : tensor<2x5x8xf32>, tensor<2x8x4xf32>)
  return
}

// -----

func.func @selective_scan_shape_of_d(
    // expected-note @below {{the sizes come from a value of type 'tensor<2x5x8xf32>'}}
    %u: tensor<2x5x8xf32>,
    %delta: tensor<2x5x8xf32>, %a: tensor<8x4xf32>, %b: tensor<2x5x4xf32>, %c: tensor<2x5x4xf32>, %d: tensor<4xf32>,
    %y: tensor<2x5x8xf32>, %s: tensor<2x8x4xf32>) {
  // expected-error @below {{'linnet.selective_scan' op expected D to have shape [8], got 'tensor<4xf32>' [selective-scan C7]}}
  %0:2 = linnet.selective_scan
      ins(%u, %delta, %a, %b, %c
          : tensor<2x5x8xf32>, tensor<2x5x8xf32>, tensor<8x4xf32>, tensor<2x5x4xf32>, tensor<2x5x4xf32>)
      skip(%d : tensor<4xf32>)
      outs(%y, %s : tensor<2x5x8xf32>, tensor<2x8x4xf32>)
  return
}

// -----

func.func @selective_scan_shape_of_delta_bias(
    // expected-note @below {{the sizes come from a value of type 'tensor<2x5x8xf32>'}}
    %u: tensor<2x5x8xf32>,
    %delta: tensor<2x5x8xf32>, %a: tensor<8x4xf32>, %b: tensor<2x5x4xf32>, %c: tensor<2x5x4xf32>,
    %bias: tensor<8x4xf32>, %y: tensor<2x5x8xf32>, %s: tensor<2x8x4xf32>) {
  // expected-error @below {{'linnet.selective_scan' op expected delta_bias to have shape [8], got 'tensor<8x4xf32>' [selective-scan C7]}}
  %0:2 = linnet.selective_scan
      ins(%u, %delta, %a, %b, %c
          : tensor<2x5x8xf32>, tensor<2x5x8xf32>, tensor<8x4xf32>, tensor<2x5x4xf32>, tensor<2x5x4xf32>)
      delta_bias(%bias : tensor<8x4xf32>)
      outs(%y, %s : tensor<2x5x8xf32>, tensor<2x8x4xf32>)
  return
}

// -----

func.func @selective_scan_shape_of_state(
    // expected-note @below {{the sizes come from a value of type 'tensor<2x5x8xf32>'}}
    %u: tensor<2x5x8xf32>,
    %delta: tensor<2x5x8xf32>, %a: tensor<8x4xf32>, %b: tensor<2x5x4xf32>, %c: tensor<2x5x4xf32>,
    %y: tensor<2x5x8xf32>, %s: tensor<2x4x8xf32>) {
  // expected-error @below {{'linnet.selective_scan' op expected state to have shape [2, 8, 4], got 'tensor<2x4x8xf32>' [selective-scan C8]}}
  %0:2 = linnet.selective_scan
      ins(%u, %delta, %a, %b, %c
          : tensor<2x5x8xf32>, tensor<2x5x8xf32>, tensor<8x4xf32>, tensor<2x5x4xf32>, tensor<2x5x4xf32>)
      outs(%y, %s : tensor<2x5x8xf32>, tensor<2x4x8xf32>)
  return
}

// -----

func.func @selective_scan_element_type(%u: tensor<2x5x8xbf16>, %delta: tensor<2x5x8xbf16>, %a: tensor<8x4xf32>,
    %b: tensor<2x5x4xf32>, %c: tensor<2x5x4xf32>, %y: tensor<2x5x8xbf16>, %s: tensor<2x8x4xf32>) {
  // expected-error @below {{'linnet.selective_scan' op expected u to have elements of type f32 or f64, got 'bf16' [selective-scan C9]}}
  %0:2 = linnet.selective_scan
      ins(%u, %delta, %a, %b, %c
          : tensor<2x5x8xbf16>, tensor<2x5x8xbf16>, tensor<8x4xf32>, tensor<2x5x4xf32>, tensor<2x5x4xf32>)
      outs(%y, %s : tensor<2x5x8xbf16>, tensor<2x8x4xf32>)
  return
}

// -----

func.func @selective_scan_element_type_of_delta(%u: tensor<2x5x8xf32>, %delta: tensor<2x5x8xf64>, %a: tensor<8x4xf32>,
    %b: tensor<2x5x4xf32>, %c: tensor<2x5x4xf32>, %y: tensor<2x5x8xf32>, %s: tensor<2x8x4xf32>) {
  // expected-error @below {{'linnet.selective_scan' op expected delta to have elements of type 'f32', got 'f64' [selective-scan C10]}}
  %0:2 = linnet.selective_scan
      ins(%u, %delta, %a, %b, %c
          : tensor<2x5x8xf32>, tensor<2x5x8xf64>, tensor<8x4xf32>, tensor<2x5x4xf32>, tensor<2x5x4xf32>)
      outs(%y, %s : tensor<2x5x8xf32>, tensor<2x8x4xf32>)
  return
}

// -----

func.func @selective_scan_element_type_of_d(%u: tensor<2x5x8xf32>, %delta: tensor<2x5x8xf32>, %a: tensor<8x4xf32>,
    %b: tensor<2x5x4xf32>, %c: tensor<2x5x4xf32>, %d: tensor<8xf64>, %y: tensor<2x5x8xf32>, %s: tensor<2x8x4xf32>) {
  // expected-error @below {{'linnet.selective_scan' op expected D to have elements of type 'f32', got 'f64' [selective-scan C10]}}
  %0:2 = linnet.selective_scan
      ins(%u, %delta, %a, %b, %c
          : tensor<2x5x8xf32>, tensor<2x5x8xf32>, tensor<8x4xf32>, tensor<2x5x4xf32>, tensor<2x5x4xf32>)
      skip(%d : tensor<8xf64>)
      outs(%y, %s : tensor<2x5x8xf32>, tensor<2x8x4xf32>)
  return
}

// -----

func.func @selective_scan_element_type_of_z(%u: tensor<2x5x8xf32>, %delta: tensor<2x5x8xf32>, %a: tensor<8x4xf32>,
    %b: tensor<2x5x4xf32>, %c: tensor<2x5x4xf32>, %z: tensor<2x5x8xf16>, %y: tensor<2x5x8xf32>,
    %s: tensor<2x8x4xf32>) {
  // expected-error @below {{'linnet.selective_scan' op expected z to have elements of type 'f32', got 'f16' [selective-scan C10]}}
  %0:2 = linnet.selective_scan
      ins(%u, %delta, %a, %b, %c
          : tensor<2x5x8xf32>, tensor<2x5x8xf32>, tensor<8x4xf32>, tensor<2x5x4xf32>, tensor<2x5x4xf32>)
      gate(%z : tensor<2x5x8xf16>)
      outs(%y, %s : tensor<2x5x8xf32>, tensor<2x8x4xf32>)
  return
}

// -----

func.func @selective_scan_element_type_of_delta_bias(%u: tensor<2x5x8xf32>, %delta: tensor<2x5x8xf32>,
    %a: tensor<8x4xf32>, %b: tensor<2x5x4xf32>, %c: tensor<2x5x4xf32>, %bias: tensor<8xf64>, %y: tensor<2x5x8xf32>,
    %s: tensor<2x8x4xf32>) {
  // expected-error @below {{'linnet.selective_scan' op expected delta_bias to have elements of type 'f32', got 'f64' [selective-scan C10]}}
  %0:2 = linnet.selective_scan
      ins(%u, %delta, %a, %b, %c
          : tensor<2x5x8xf32>, tensor<2x5x8xf32>, tensor<8x4xf32>, tensor<2x5x4xf32>, tensor<2x5x4xf32>)
      delta_bias(%bias : tensor<8xf64>)
      outs(%y, %s : tensor<2x5x8xf32>, tensor<2x8x4xf32>)
  return
}

// -----

func.func @selective_scan_element_type_of_y(%u: tensor<2x5x8xf32>, %delta: tensor<2x5x8xf32>, %a: tensor<8x4xf32>,
    %b: tensor<2x5x4xf32>, %c: tensor<2x5x4xf32>, %y: tensor<2x5x8xf64>, %s: tensor<2x8x4xf32>) {
  // expected-error @below {{'linnet.selective_scan' op expected y to have elements of type 'f32', got 'f64' [selective-scan C10]}}
  %0:2 = linnet.selective_scan
      ins(%u, %delta, %a, %b, %c
          : tensor<2x5x8xf32>, tensor<2x5x8xf32>, tensor<8x4xf32>, tensor<2x5x4xf32>, tensor<2x5x4xf32>)
      outs(%y, %s : tensor<2x5x8xf64>, tensor<2x8x4xf32>)
  return
}

// -----

func.func @selective_scan_element_type_of_a(%u: tensor<2x5x8xf32>, %delta: tensor<2x5x8xf32>, %a: tensor<8x4xf64>,
    %b: tensor<2x5x4xf32>, %c: tensor<2x5x4xf32>, %y: tensor<2x5x8xf32>, %s: tensor<2x8x4xf32>) {
  // expected-error @below {{'linnet.selective_scan' op expected A to have elements of type 'f32', got 'f64' [selective-scan C10]}}
  %0:2 = linnet.selective_scan
      ins(%u, %delta, %a, %b, %c
          : tensor<2x5x8xf32>, tensor<2x5x8xf32>, tensor<8x4xf64>, tensor<2x5x4xf32>, tensor<2x5x4xf32>)
      outs(%y, %s : tensor<2x5x8xf32>, tensor<2x8x4xf32>)
  return
}

// -----

func.func @selective_scan_element_type_of_b(%u: tensor<2x5x8xf32>, %delta: tensor<2x5x8xf32>, %a: tensor<8x4xf32>,
    %b: tensor<2x5x4xf64>, %c: tensor<2x5x4xf32>, %y: tensor<2x5x8xf32>, %s: tensor<2x8x4xf32>) {
  // expected-error @below {{'linnet.selective_scan' op expected B to have elements of type 'f32', got 'f64' [selective-scan C10]}}
  %0:2 = linnet.selective_scan
      ins(%u, %delta, %a, %b, %c
          : tensor<2x5x8xf32>, tensor<2x5x8xf32>, tensor<8x4xf32>, tensor<2x5x4xf64>, tensor<2x5x4xf32>)
      outs(%y, %s : tensor<2x5x8xf32>, tensor<2x8x4xf32>)
  return
}

// -----

func.func @selective_scan_element_type_of_c(%u: tensor<2x5x8xf32>, %delta: tensor<2x5x8xf32>, %a: tensor<8x4xf32>,
    %b: tensor<2x5x4xf32>, %c: tensor<2x5x4xcomplex<f32>>, %y: tensor<2x5x8xf32>, %s: tensor<2x8x4xf32>) {
  // expected-error @below {{'linnet.selective_scan' op expected C to have elements of type 'f32', got 'complex<f32>' [selective-scan C10]}}
  %0:2 = linnet.selective_scan
      ins(%u, %delta, %a, %b, %c
          : tensor<2x5x8xf32>, tensor<2x5x8xf32>, tensor<8x4xf32>, tensor<2x5x4xf32>, tensor<2x5x4xcomplex<f32>>)
      outs(%y, %s : tensor<2x5x8xf32>, tensor<2x8x4xf32>)
  return
}

// -----

func.func @selective_scan_element_type_of_state(%u: tensor<2x5x8xf32>, %delta: tensor<2x5x8xf32>, %a: tensor<8x4xf32>,
    %b: tensor<2x5x4xf32>, %c: tensor<2x5x4xf32>, %y: tensor<2x5x8xf32>, %s: tensor<2x8x4xf64>) {
  // expected-error @below {{'linnet.selective_scan' op expected state to have elements of type 'f32', got 'f64' [selective-scan C10]}}
  %0:2 = linnet.selective_scan
      ins(%u, %delta, %a, %b, %c
          : tensor<2x5x8xf32>, tensor<2x5x8xf32>, tensor<8x4xf32>, tensor<2x5x4xf32>, tensor<2x5x4xf32>)
      outs(%y, %s : tensor<2x5x8xf32>, tensor<2x8x4xf64>)
  return
}

// -----

func.func @selective_scan_complex_rank_of_a(%u: tensor<2x5x8xf32>, %delta: tensor<2x5x8xf32>, %a: tensor<8x4xf32>,
    %b: tensor<2x5x4xf32>, %c: tensor<2x5x4xf32>, %y: tensor<2x5x8xf32>, %s: tensor<2x8x4xf32>) {
  // expected-error @below {{'linnet.selective_scan' op expected A to have rank 3, got 'tensor<8x4xf32>' [selective-scan C3]}}
  %0:2 = linnet.selective_scan
      ins(%u, %delta, %a, %b, %c
          : tensor<2x5x8xf32>, tensor<2x5x8xf32>, tensor<8x4xf32>, tensor<2x5x4xf32>, tensor<2x5x4xf32>)
      outs(%y, %s : tensor<2x5x8xf32>, tensor<2x8x4xf32>) {complex}
  return
}

// -----

func.func @selective_scan_complex_without_pairs(%u: tensor<2x5x8xf32>, %delta: tensor<2x5x8xf32>,
    %a: tensor<8x4x2xf32>, %b: tensor<2x5x4xf32>, %c: tensor<2x5x4xf32>, %y: tensor<2x5x8xf32>,
    %s: tensor<2x8x4xf32>) {
  // expected-error @below {{'linnet.selective_scan' op expected B to have a last dimension of 2, as it is complex, got 'tensor<2x5x4xf32>' [selective-scan C11]}}
  %0:2 = linnet.selective_scan
      ins(%u, %delta, %a, %b, %c
          : tensor<2x5x8xf32>, tensor<2x5x8xf32>, tensor<8x4x2xf32>, tensor<2x5x4xf32>, tensor<2x5x4xf32>)
      outs(%y, %s : tensor<2x5x8xf32>, tensor<2x8x4xf32>) {complex}
  return
}

// -----

func.func @selective_scan_complex_without_pairs_in_c(%u: tensor<2x5x8xf32>, %delta: tensor<2x5x8xf32>,
    %a: tensor<8x4x2xf32>, %b: tensor<2x5x4x2xf32>, %c: tensor<8x4xf32>, %y: tensor<2x5x8xf32>,
    %s: tensor<2x8x4xf32>) {
  // expected-error @below {{'linnet.selective_scan' op expected C to have a last dimension of 2, as it is complex, got 'tensor<8x4xf32>' [selective-scan C11]}}
  %0:2 = linnet.selective_scan
      ins(%u, %delta, %a, %b, %c
          : tensor<2x5x8xf32>, tensor<2x5x8xf32>, tensor<8x4x2xf32>, tensor<2x5x4x2xf32>, tensor<8x4xf32>)
      outs(%y, %s : tensor<2x5x8xf32>, tensor<2x8x4xf32>) {complex}
  return
}

// -----

func.func @selective_scan_complex_rank_of_b(%u: tensor<2x5x8xf32>, %delta: tensor<2x5x8xf32>, %a: tensor<8x4x2xf32>,
    %b: tensor<4x2xf32>, %c: tensor<4x2xf32>, %y: tensor<2x5x8xf32>, %s: tensor<2x8x4xf32>) {
  // expected-error @below {{'linnet.selective_scan' op expected B to have rank 2, 3 or 4, and one more, got 'tensor<4x2xf32>' [selective-scan C4]}}
  %0:2 = linnet.selective_scan
      ins(%u, %delta, %a, %b, %c
          : tensor<2x5x8xf32>, tensor<2x5x8xf32>, tensor<8x4x2xf32>, tensor<4x2xf32>, tensor<4x2xf32>)
      outs(%y, %s : tensor<2x5x8xf32>, tensor<2x8x4xf32>) {complex}
  return
}

// -----

func.func @selective_scan_complex_shape_of_a(
    // expected-note @below {{the sizes come from a value of type 'tensor<2x5x8xf32>'}}
    %u: tensor<2x5x8xf32>,
    %delta: tensor<2x5x8xf32>, %a: tensor<8x4x1xf32>, %b: tensor<2x5x4xf32>, %c: tensor<2x5x4xf32>,
    %y: tensor<2x5x8xf32>, %s: tensor<2x8x4xf32>) {
  // expected-error @below {{'linnet.selective_scan' op expected A to have shape [8, 4, 2], got 'tensor<8x4x1xf32>' [selective-scan C3]}}
  %0:2 = linnet.selective_scan
      ins(%u, %delta, %a, %b, %c
          : tensor<2x5x8xf32>, tensor<2x5x8xf32>, tensor<8x4x1xf32>, tensor<2x5x4xf32>, tensor<2x5x4xf32>)
      outs(%y, %s : tensor<2x5x8xf32>, tensor<2x8x4xf32>) {complex}
  return
}

// -----

func.func @selective_scan_complex_shape_of_state(
    // expected-note @below {{the sizes come from a value of type 'tensor<2x5x8xf32>'}}
    %u: tensor<2x5x8xf32>,
    %delta: tensor<2x5x8xf32>, %a: tensor<8x4x2xf32>, %b: tensor<2x5x4x2xf32>, %c: tensor<2x5x4x2xf32>,
    %y: tensor<2x5x8xf32>, %s: tensor<2x8x4xf32>) {
  // expected-error @below {{'linnet.selective_scan' op expected state to have shape [2, 8, 4, 2], got 'tensor<2x8x4xf32>' [selective-scan C8]}}
  %0:2 = linnet.selective_scan
      ins(%u, %delta, %a, %b, %c
          : tensor<2x5x8xf32>, tensor<2x5x8xf32>, tensor<8x4x2xf32>, tensor<2x5x4x2xf32>, tensor<2x5x4x2xf32>)
      outs(%y, %s : tensor<2x5x8xf32>, tensor<2x8x4xf32>) {complex}
  return
}

// -----

//===----------------------------------------------------------------------===//
// what ODS checks
//===----------------------------------------------------------------------===//

func.func @result_type_of_affine_scan(%a: tensor<2x?x8xf32>, %s: tensor<2x8xf32>) {
  // expected-error @below {{'linnet.affine_scan' op failed to verify that all of {h_init, h} have same type}}
  %0:2 = "linnet.affine_scan"(%a, %a, %a, %s) {dimension = 1 : i64}
      : (tensor<2x?x8xf32>, tensor<2x?x8xf32>, tensor<2x?x8xf32>, tensor<2x8xf32>) -> (tensor<2x5x8xf32>, tensor<2x8xf32>)
  return
}

// -----

func.func @result_type_of_causal_conv1d(%x: tensor<2x?x8xf32>, %w: tensor<8x1xf32>, %s: tensor<2x0x8xf32>) {
  // expected-error @below {{'linnet.causal_conv1d' op failed to verify that all of {state_init, state} have same type}}
  %0:2 = "linnet.causal_conv1d"(%x, %w, %x, %s)
      : (tensor<2x?x8xf32>, tensor<8x1xf32>, tensor<2x?x8xf32>, tensor<2x0x8xf32>) -> (tensor<2x?x8xf32>, tensor<2x?x8xf32>)
  return
}

// -----

func.func @unranked(%a: tensor<*xf32>, %s: tensor<2x8xf32>) {
  // expected-error @below {{'linnet.affine_scan' op operand #0 must be ranked tensor of any type values, but got 'tensor<*xf32>'}}
  %0:2 = "linnet.affine_scan"(%a, %a, %a, %s) {dimension = 1 : i64}
      : (tensor<*xf32>, tensor<*xf32>, tensor<*xf32>, tensor<2x8xf32>) -> (tensor<*xf32>, tensor<2x8xf32>)
  return
}

// -----

func.func @no_dimension(%a: tensor<2x5x8xf32>, %s: tensor<2x8xf32>) {
  // expected-error @below {{'linnet.affine_scan' op requires attribute 'dimension'}}
  %0:2 = linnet.affine_scan ins(%a, %a : tensor<2x5x8xf32>, tensor<2x5x8xf32>)
                            outs(%a, %s : tensor<2x5x8xf32>, tensor<2x8xf32>)
  return
}

// -----

// expected-error @below {{expected ::linnet::Layout to be one of: btd, bdt}}
// expected-error @below {{failed to parse Linnet_Layout parameter 'value'}}
#layout = #linnet.layout<tbd>

// -----

// expected-error @below {{expected ::linnet::Activation to be one of: none, silu}}
// expected-error @below {{failed to parse Linnet_Activation parameter 'value'}}
#activation = #linnet.activation<gelu>

// -----

func.func @selective_scan_sizes_of_b_and_c(%u: tensor<?x?x?xf32>, %a: tensor<?x?xf32>,
    // expected-note @below {{the sizes come from a value of type 'tensor<?x?x4xf32>'}}
    %b: tensor<?x?x4xf32>,
    %c: tensor<?x?x3xf32>, %s: tensor<?x?x?xf32>) {
  // expected-error @below {{'linnet.selective_scan' op expected C to have shape [?, ?, 4], got 'tensor<?x?x3xf32>' [selective-scan C5]}}
  %0:2 = linnet.selective_scan
      ins(%u, %u, %a, %b, %c : tensor<?x?x?xf32>, tensor<?x?x?xf32>, tensor<?x?xf32>, tensor<?x?x4xf32>, tensor<?x?x3xf32>)
      outs(%u, %s : tensor<?x?x?xf32>, tensor<?x?x?xf32>)
  return
}

// -----

func.func @selective_scan_sizes_of_skip_and_groups(%u: tensor<?x?x?xf32>, %a: tensor<?x4xf32>, %b: tensor<?x?x4x4xf32>,
    %d: tensor<6xf32>, %s: tensor<?x?x4xf32>) {
  // expected-error @below {{'linnet.selective_scan' op expected the number of groups of B to divide the 6 channels, got 4 [selective-scan C6]}}
  %0:2 = linnet.selective_scan
      ins(%u, %u, %a, %b, %b
          : tensor<?x?x?xf32>, tensor<?x?x?xf32>, tensor<?x4xf32>, tensor<?x?x4x4xf32>, tensor<?x?x4x4xf32>)
      skip(%d : tensor<6xf32>) outs(%u, %s : tensor<?x?x?xf32>, tensor<?x?x4xf32>)
  return
}

// -----

func.func @selective_scan_no_groups(%u: tensor<?x?x?xf32>, %a: tensor<?x4xf32>, %b: tensor<?x?x0x4xf32>,
    %s: tensor<?x?x4xf32>) {
  // expected-error @below {{'linnet.selective_scan' op expected the number of groups of B to divide the channels, got 0 [selective-scan C6]}}
  %0:2 = linnet.selective_scan
      ins(%u, %u, %a, %b, %b
          : tensor<?x?x?xf32>, tensor<?x?x?xf32>, tensor<?x4xf32>, tensor<?x?x0x4xf32>, tensor<?x?x0x4xf32>)
      outs(%u, %s : tensor<?x?x?xf32>, tensor<?x?x4xf32>)
  return
}
