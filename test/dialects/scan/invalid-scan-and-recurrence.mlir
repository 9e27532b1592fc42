// One case per fault that the verifiers of scan and recurrence find, in the order of the constraints; docs/spec/scan.md
// explains the numbers in brackets.

// RUN: linnet-opt %s --split-input-file --verify-diagnostics

//===----------------------------------------------------------------------===//
// scan
//===----------------------------------------------------------------------===//

func.func @scan_no_input() {
  // expected-error @below {{'linnet.scan' op expected at least one input, got 0 [scan C1]}}
  "linnet.scan"() <{dimension = 0 : i64, kind = #linnet<scan_kind add>, operandSegmentSizes = array<i32: 0, 0, 0, 0>}>
      : () -> ()
  return
}

// -----

func.func @scan_no_output(%x: tensor<5x8xf32>, %s: tensor<8xf32>) {
  // expected-error @below {{'linnet.scan' op expected one y and one state for each of the 1 inputs, got 0 and 1 [scan C1]}}
  %0 = "linnet.scan"(%x, %s)
      <{dimension = 0 : i64, kind = #linnet<scan_kind add>, operandSegmentSizes = array<i32: 1, 0, 1, 0>}>
      : (tensor<5x8xf32>, tensor<8xf32>) -> tensor<8xf32>
  return
}

// -----

func.func @scan_too_many_states(%x: tensor<5x8xf32>, %y: tensor<5x8xf32>, %s: tensor<8xf32>) {
  // expected-error @below {{'linnet.scan' op expected one y and one state for each of the 1 inputs, got 1 and 2 [scan C1]}}
  %0:3 = linnet.scan add ins(%x : tensor<5x8xf32>) outs(%y : tensor<5x8xf32>)
      states(%s, %s : tensor<8xf32>, tensor<8xf32>) {dimension = 0 : i64}
  return
}

// -----

func.func @scan_number_of_element_ranks(%x: tensor<5x8xf32>, %y: tensor<5x8xf32>, %s: tensor<8xf32>) {
  // expected-error @below {{'linnet.scan' op expected one element rank for each of the 1 inputs, got 2 [scan C2]}}
  %0:2 = linnet.scan add ins(%x : tensor<5x8xf32>) outs(%y : tensor<5x8xf32>)
      states(%s : tensor<8xf32>) {dimension = 0 : i64, element_ranks = array<i64: 0, 0>}
  return
}

// -----

func.func @scan_negative_element_rank(%x: tensor<5x8xf32>, %y: tensor<5x8xf32>, %s: tensor<8xf32>) {
  // expected-error @below {{'linnet.scan' op expected element ranks of at least 0, got -1 [scan C2]}}
  %0:2 = linnet.scan add ins(%x : tensor<5x8xf32>) outs(%y : tensor<5x8xf32>)
      states(%s : tensor<8xf32>) {dimension = 2 : i64, element_ranks = array<i64: -1>}
  return
}

// -----

func.func @scan_dimension_too_large(%x: tensor<5x8xf32>, %y: tensor<5x8xf32>, %s: tensor<8xf32>) {
  // expected-error @below {{'linnet.scan' op expected dimension to be in [0, 2), got 2 [scan C3]}}
  %0:2 = linnet.scan add ins(%x : tensor<5x8xf32>) outs(%y : tensor<5x8xf32>)
      states(%s : tensor<8xf32>) {dimension = 2 : i64}
  return
}

// -----

func.func @scan_dimension_negative(%x: tensor<5x8xf32>, %y: tensor<5x8xf32>, %s: tensor<8xf32>) {
  // expected-error @below {{'linnet.scan' op expected dimension to be in [0, 2), got -1 [scan C3]}}
  %0:2 = linnet.scan add ins(%x : tensor<5x8xf32>) outs(%y : tensor<5x8xf32>)
      states(%s : tensor<8xf32>) {dimension = -1 : i64}
  return
}

// -----

func.func @scan_dimension_of_elements(%x: tensor<5x8xf32>, %y: tensor<5x8xf32>, %s: tensor<8xf32>) {
  // expected-error @below {{'linnet.scan' op expected dimension to be in [0, 1), got 1 [scan C3]}}
  %0:2 = linnet.scan custom ins(%x : tensor<5x8xf32>) outs(%y : tensor<5x8xf32>)
      states(%s : tensor<8xf32>) {dimension = 1 : i64, element_ranks = array<i64: 1>} combine {
  ^bb0(%a: f32, %b: f32):
    %sum = arith.addf %a, %b : f32
    linnet.yield %sum : f32
  }
  return
}

// -----

func.func @scan_nothing_but_elements(%x: tensor<5x8xf32>, %y: tensor<5x8xf32>, %s: tensor<8xf32>) {
  // expected-error @below {{'linnet.scan' op expected dimension to be in [0, 0), got 0 [scan C3]}}
  %0:2 = linnet.scan custom ins(%x : tensor<5x8xf32>) outs(%y : tensor<5x8xf32>)
      states(%s : tensor<8xf32>) {dimension = 0 : i64, element_ranks = array<i64: 2>} combine {
  ^bb0(%a: f32, %b: f32):
    %sum = arith.addf %a, %b : f32
    linnet.yield %sum : f32
  }
  return
}

// -----

func.func @scan_rank_of_second_input(
    %x: tensor<5x8xf32>, %v: tensor<5x8x2xf32>, %y: tensor<5x8xf32>, %w: tensor<5x8x2xf32>, %s: tensor<8xf32>,
    %r: tensor<8x2xf32>) {
  // expected-error @below {{'linnet.scan' op expected input 1 to have 2 dimensions and 0 of an element, got 'tensor<5x8x2xf32>' [scan C4]}}
  %0:4 = linnet.scan custom ins(%x, %v : tensor<5x8xf32>, tensor<5x8x2xf32>)
      outs(%y, %w : tensor<5x8xf32>, tensor<5x8x2xf32>)
      states(%s, %r : tensor<8xf32>, tensor<8x2xf32>) {dimension = 0 : i64} combine {
  ^bb0(%a: f32, %b: f32):
    %sum = arith.addf %a, %b : f32
    linnet.yield %sum : f32
  }
  return
}

// -----

func.func @scan_dynamic_element(%x: tensor<5x8x?xf32>, %y: tensor<5x8x?xf32>, %s: tensor<8x?xf32>) {
  // expected-error @below {{'linnet.scan' op expected the element dimensions of input 0 to be static, got 'tensor<5x8x?xf32>' [scan C4]}}
  %0:2 = linnet.scan custom ins(%x : tensor<5x8x?xf32>) outs(%y : tensor<5x8x?xf32>)
      states(%s : tensor<8x?xf32>) {dimension = 0 : i64, element_ranks = array<i64: 1>} combine {
  ^bb0(%a: f32, %b: f32):
    %sum = arith.addf %a, %b : f32
    linnet.yield %sum : f32
  }
  return
}

// -----

func.func @scan_shape_of_second_input(
    // expected-note @below {{the sizes come from a value of type 'tensor<5x8xf32>'}}
    %x: tensor<5x8xf32>,
    %u: tensor<5x9xf32>,
    %y: tensor<5x8xf32>,
    %s: tensor<8xf32>) {
  // expected-error @below {{'linnet.scan' op expected input 1 to have shape [5, 8], got 'tensor<5x9xf32>' [scan C5]}}
  %0:4 = linnet.scan custom ins(%x, %u : tensor<5x8xf32>, tensor<5x9xf32>)
      outs(%y, %y : tensor<5x8xf32>, tensor<5x8xf32>)
      states(%s, %s : tensor<8xf32>, tensor<8xf32>) {dimension = 0 : i64} combine {
  ^bb0(%a: f32, %b: f32):
    %sum = arith.addf %a, %b : f32
    linnet.yield %sum : f32
  }
  return
}

// -----

func.func @scan_shape_of_y(
    // expected-note @below {{the sizes come from a value of type 'tensor<5x8xf32>'}}
    %x: tensor<5x8xf32>,
    %y: tensor<6x8xf32>,
    %s: tensor<8xf32>) {
  // expected-error @below {{'linnet.scan' op expected y 0 to have shape [5, 8], got 'tensor<6x8xf32>' [scan C5]}}
  %0:2 = linnet.scan add ins(%x : tensor<5x8xf32>) outs(%y : tensor<6x8xf32>)
      states(%s : tensor<8xf32>) {dimension = 0 : i64}
  return
}

// -----

func.func @scan_element_of_y(
    // expected-note @below {{the sizes come from a value of type 'tensor<5x8x2xf32>'}}
    %x: tensor<5x8x2xf32>,
    %y: tensor<5x8x3xf32>,
    %s: tensor<8x2xf32>) {
  // expected-error @below {{'linnet.scan' op expected y 0 to have shape [5, 8, 2], got 'tensor<5x8x3xf32>' [scan C5]}}
  %0:2 = linnet.scan custom ins(%x : tensor<5x8x2xf32>) outs(%y : tensor<5x8x3xf32>)
      states(%s : tensor<8x2xf32>) {dimension = 0 : i64, element_ranks = array<i64: 1>} combine {
  ^bb0(%a: f32, %b: f32):
    %sum = arith.addf %a, %b : f32
    linnet.yield %sum : f32
  }
  return
}

// -----

func.func @scan_shape_of_state(
    // expected-note @below {{the sizes come from a value of type 'tensor<5x8xf32>'}}
    %x: tensor<5x8xf32>,
    %y: tensor<5x8xf32>,
    %s: tensor<5xf32>) {
  // expected-error @below {{'linnet.scan' op expected state 0 to have shape [8], got 'tensor<5xf32>' [scan C5]}}
  %0:2 = linnet.scan add ins(%x : tensor<5x8xf32>) outs(%y : tensor<5x8xf32>)
      states(%s : tensor<5xf32>) {dimension = 0 : i64}
  return
}

// -----

func.func @scan_element_type_of_y(%x: tensor<5x8xf32>, %y: tensor<5x8xf64>, %s: tensor<8xf32>) {
  // expected-error @below {{'linnet.scan' op expected y 0 to have elements of type 'f32', got 'f64' [scan C6]}}
  %0:2 = linnet.scan add ins(%x : tensor<5x8xf32>) outs(%y : tensor<5x8xf64>)
      states(%s : tensor<8xf32>) {dimension = 0 : i64}
  return
}

// -----

func.func @scan_element_type_of_state(%x: tensor<5x8xf32>, %y: tensor<5x8xf32>, %s: tensor<8xi32>) {
  // expected-error @below {{'linnet.scan' op expected state 0 to have elements of type 'f32', got 'i32' [scan C6]}}
  %0:2 = linnet.scan add ins(%x : tensor<5x8xf32>) outs(%y : tensor<5x8xf32>)
      states(%s : tensor<8xi32>) {dimension = 0 : i64}
  return
}

// -----

func.func @scan_shape_of_segments(
    // expected-note @below {{the sizes come from a value of type 'tensor<5x8xf32>'}}
    %x: tensor<5x8xf32>,
    %y: tensor<5x8xf32>,
    %s: tensor<8xf32>,
    %g: tensor<5xi32>) {
  // expected-error @below {{'linnet.scan' op expected segments to have shape [5, 8], got 'tensor<5xi32>' [scan C7]}}
  %0:2 = linnet.scan add ins(%x : tensor<5x8xf32>) outs(%y : tensor<5x8xf32>)
      states(%s : tensor<8xf32>) segments(%g : tensor<5xi32>) {dimension = 0 : i64}
  return
}

// -----

func.func @scan_element_type_of_segments(
    %x: tensor<5x8xf32>, %y: tensor<5x8xf32>, %s: tensor<8xf32>, %g: tensor<5x8xf32>) {
  // expected-error @below {{'linnet.scan' op expected segments to have integer elements of 8 bits or more, got 'f32' [scan C7]}}
  %0:2 = linnet.scan add ins(%x : tensor<5x8xf32>) outs(%y : tensor<5x8xf32>)
      states(%s : tensor<8xf32>) segments(%g : tensor<5x8xf32>) {dimension = 0 : i64}
  return
}

// -----

func.func @scan_segments_of_bits(%x: tensor<5x8xf32>, %y: tensor<5x8xf32>, %s: tensor<8xf32>, %g: tensor<5x8xi1>) {
  // expected-error @below {{'linnet.scan' op expected segments to have integer elements of 8 bits or more, got 'i1' [scan C7]}}
  %0:2 = linnet.scan add ins(%x : tensor<5x8xf32>) outs(%y : tensor<5x8xf32>)
      states(%s : tensor<8xf32>) segments(%g : tensor<5x8xi1>) {dimension = 0 : i64}
  return
}

// -----

func.func @scan_exclusive_unseeded(%x: tensor<5x8xf32>, %y: tensor<5x8xf32>, %s: tensor<8xf32>) {
  // expected-error @below {{'linnet.scan' op expected an exclusive scan to have an initial value, got unseeded [scan C8]}}
  %0:2 = linnet.scan add ins(%x : tensor<5x8xf32>) outs(%y : tensor<5x8xf32>)
      states(%s : tensor<8xf32>) {dimension = 0 : i64, exclusive, unseeded}
  return
}

// -----

func.func @scan_custom_without_region(%x: tensor<5x8xf32>, %y: tensor<5x8xf32>, %s: tensor<8xf32>) {
  // expected-error @below {{'linnet.scan' op expected one region for kind custom, got none [scan C9]}}
  %0:2 = linnet.scan custom ins(%x : tensor<5x8xf32>) outs(%y : tensor<5x8xf32>)
      states(%s : tensor<8xf32>) {dimension = 0 : i64}
  return
}

// -----

func.func @scan_region_of_another_kind(%x: tensor<5x8xf32>, %y: tensor<5x8xf32>, %s: tensor<8xf32>) {
  // expected-error @below {{'linnet.scan' op expected no region for kind add, got one [scan C9]}}
  %0:2 = linnet.scan add ins(%x : tensor<5x8xf32>) outs(%y : tensor<5x8xf32>)
      states(%s : tensor<8xf32>) {dimension = 0 : i64} combine {
  ^bb0(%a: f32, %b: f32):
    %sum = arith.addf %a, %b : f32
    linnet.yield %sum : f32
  }
  return
}

// -----

func.func @scan_arguments_of_region(%x: tensor<5x8xf32>, %y: tensor<5x8xf32>, %s: tensor<8xf32>) {
  // expected-error @below {{'linnet.scan' op expected a region with arguments of types (f32, f32), got (f32) [scan C10]}}
  %0:2 = linnet.scan custom ins(%x : tensor<5x8xf32>) outs(%y : tensor<5x8xf32>)
      states(%s : tensor<8xf32>) {dimension = 0 : i64} combine {
  ^bb0(%a: f32):
    linnet.yield %a : f32
  }
  return
}

// -----

func.func @scan_arguments_of_region_on_elements(%x: tensor<5x8x2xf32>, %y: tensor<5x8x2xf32>, %s: tensor<8x2xf32>) {
  // expected-error @below {{'linnet.scan' op expected a region with arguments of types (tensor<2xf32>, tensor<2xf32>), got (f32, f32) [scan C10]}}
  %0:2 = linnet.scan custom ins(%x : tensor<5x8x2xf32>) outs(%y : tensor<5x8x2xf32>)
      states(%s : tensor<8x2xf32>) {dimension = 0 : i64, element_ranks = array<i64: 1>} combine {
  ^bb0(%a: f32, %b: f32):
    %sum = arith.addf %a, %b : f32
    linnet.yield %sum : f32
  }
  return
}

// -----

func.func @scan_end_of_region(%x: tensor<5x8xf32>, %y: tensor<5x8xf32>, %s: tensor<8xf32>) {
  // expected-error @below {{'linnet.scan' op expected the region to end with linnet.yield, got llvm.unreachable [scan C10]}}
  %0:2 = linnet.scan custom ins(%x : tensor<5x8xf32>) outs(%y : tensor<5x8xf32>)
      states(%s : tensor<8xf32>) {dimension = 0 : i64} combine {
  ^bb0(%a: f32, %b: f32):
    llvm.unreachable
  }
  return
}

// -----

func.func @scan_empty_region(%x: tensor<5x8xf32>, %y: tensor<5x8xf32>, %s: tensor<8xf32>) {
  // expected-error @below {{'linnet.scan' op expected the region to end with linnet.yield, got nothing [scan C10]}}
  %0:2 = linnet.scan custom ins(%x : tensor<5x8xf32>) outs(%y : tensor<5x8xf32>)
      states(%s : tensor<8xf32>) {dimension = 0 : i64} combine {
  ^bb0(%a: f32, %b: f32):
  }
  return
}

// -----

func.func @scan_yielded_number(%x: tensor<5x8xf32>, %y: tensor<5x8xf32>, %s: tensor<8xf32>) {
  // expected-error @below {{'linnet.scan' op expected the region to yield values of types (f32), got (f32, f32) [scan C10]}}
  %0:2 = linnet.scan custom ins(%x : tensor<5x8xf32>) outs(%y : tensor<5x8xf32>)
      states(%s : tensor<8xf32>) {dimension = 0 : i64} combine {
  ^bb0(%a: f32, %b: f32):
    linnet.yield %a, %b : f32, f32
  }
  return
}

// -----

func.func @scan_yielded_type(%x: tensor<5x8xf32>, %y: tensor<5x8xf32>, %s: tensor<8xf32>) {
  // expected-error @below {{'linnet.scan' op expected the region to yield values of types (f32), got (f64) [scan C10]}}
  %0:2 = linnet.scan custom ins(%x : tensor<5x8xf32>) outs(%y : tensor<5x8xf32>)
      states(%s : tensor<8xf32>) {dimension = 0 : i64} combine {
  ^bb0(%a: f32, %b: f32):
    %wide = arith.extf %a : f32 to f64
    linnet.yield %wide : f64
  }
  return
}

// -----

func.func @scan_two_inputs(%x: tensor<5x8xf32>, %y: tensor<5x8xf32>, %s: tensor<8xf32>) {
  // expected-error @below {{'linnet.scan' op expected one input with scalar elements of type f32, f64 or integer for kind mul, got (f32, f32) [scan C11]}}
  %0:4 = linnet.scan mul ins(%x, %x : tensor<5x8xf32>, tensor<5x8xf32>) outs(%y, %y : tensor<5x8xf32>, tensor<5x8xf32>)
      states(%s, %s : tensor<8xf32>, tensor<8xf32>) {dimension = 0 : i64}
  return
}

// -----

func.func @scan_element_of_kind(%x: tensor<5x8xf32>, %y: tensor<5x8xf32>, %s: tensor<8xf32>) {
  // expected-error @below {{'linnet.scan' op expected one input with scalar elements of type f32, f64 or integer for kind max, got (tensor<8xf32>) [scan C11]}}
  %0:2 = linnet.scan max ins(%x : tensor<5x8xf32>) outs(%y : tensor<5x8xf32>)
      states(%s : tensor<8xf32>) {dimension = 0 : i64, element_ranks = array<i64: 1>}
  return
}

// -----

func.func @scan_element_type(%x: tensor<5x8xbf16>, %y: tensor<5x8xbf16>, %s: tensor<8xbf16>) {
  // expected-error @below {{'linnet.scan' op expected one input with scalar elements of type f32, f64 or integer for kind add, got (bf16) [scan C11]}}
  %0:2 = linnet.scan add ins(%x : tensor<5x8xbf16>) outs(%y : tensor<5x8xbf16>)
      states(%s : tensor<8xbf16>) {dimension = 0 : i64}
  return
}

// -----

func.func @scan_logaddexp_of_integers(%x: tensor<5x8xi32>, %y: tensor<5x8xi32>, %s: tensor<8xi32>) {
  // expected-error @below {{'linnet.scan' op expected one input with scalar elements of type f32, f64 for kind logaddexp, got (i32) [scan C11]}}
  %0:2 = linnet.scan logaddexp ins(%x : tensor<5x8xi32>) outs(%y : tensor<5x8xi32>)
      states(%s : tensor<8xi32>) {dimension = 0 : i64}
  return
}

// -----

func.func @scan_custom_exclusive_segments(
    %x: tensor<5x8xf32>, %y: tensor<5x8xf32>, %s: tensor<8xf32>, %g: tensor<5x8xi32>) {
  // expected-error @below {{'linnet.scan' op expected no segments where a custom scan is exclusive, as it has no identity [scan C12]}}
  %0:2 = linnet.scan custom ins(%x : tensor<5x8xf32>) outs(%y : tensor<5x8xf32>)
      states(%s : tensor<8xf32>) segments(%g : tensor<5x8xi32>) {dimension = 0 : i64, exclusive} combine {
  ^bb0(%a: f32, %b: f32):
    %sum = arith.addf %a, %b : f32
    linnet.yield %sum : f32
  }
  return
}

// -----

func.func @scan_sizes_of_y_and_state(%x: tensor<5x?xf32>,
    // expected-note @below {{the sizes come from a value of type 'tensor<5x8xf32>'}}
    %y: tensor<5x8xf32>,
    %s: tensor<7xf32>) {
  // expected-error @below {{'linnet.scan' op expected state 0 to have shape [8], got 'tensor<7xf32>' [scan C5]}}
  %0:2 = linnet.scan add ins(%x : tensor<5x?xf32>) outs(%y : tensor<5x8xf32>)
      states(%s : tensor<7xf32>) {dimension = 0 : i64}
  return
}

// -----

//===----------------------------------------------------------------------===//
// recurrence
//===----------------------------------------------------------------------===//

func.func @recurrence_no_input(%s: tensor<8xf32>) {
  // expected-error @below {{'linnet.recurrence' op expected at least one input and one state, got 0 and 1 [recurrence C1]}}
  %0 = "linnet.recurrence"(%s) <{dimension = 0 : i64, operandSegmentSizes = array<i32: 0, 0, 1>}> ({
  ^bb0(%c: f32):
    linnet.yield %c : f32
  }) : (tensor<8xf32>) -> tensor<8xf32>
  return
}

// -----

func.func @recurrence_no_state(%x: tensor<5x8xf32>) {
  // expected-error @below {{'linnet.recurrence' op expected at least one input and one state, got 1 and 0 [recurrence C1]}}
  %0 = "linnet.recurrence"(%x, %x) <{dimension = 0 : i64, operandSegmentSizes = array<i32: 1, 1, 0>}> ({
  ^bb0(%v: f32):
    linnet.yield %v : f32
  }) : (tensor<5x8xf32>, tensor<5x8xf32>) -> tensor<5x8xf32>
  return
}

// -----

func.func @recurrence_number_of_ranks(%x: tensor<5x8xf32>, %y: tensor<5x8xf32>, %s: tensor<8xf32>) {
  // expected-error @below {{'linnet.recurrence' op expected one rank for each of the 3 inputs, outputs and states, got 1 [recurrence C2]}}
  %0:2 = linnet.recurrence ins(%x : tensor<5x8xf32>) outs(%y : tensor<5x8xf32>)
      states(%s : tensor<8xf32>) {dimension = 0 : i64, ranks = array<i64: 0>} step {
  ^bb0(%c: f32, %v: f32):
    linnet.yield %c, %v : f32, f32
  }
  return
}

// -----

func.func @recurrence_negative_rank(%x: tensor<5x8xf32>, %y: tensor<5x8xf32>, %s: tensor<5x8xf32>) {
  // expected-error @below {{'linnet.recurrence' op expected ranks of at least 0, got -1 [recurrence C2]}}
  %0:2 = linnet.recurrence ins(%x : tensor<5x8xf32>) outs(%y : tensor<5x8xf32>)
      states(%s : tensor<5x8xf32>) {dimension = 2 : i64, ranks = array<i64: -1, 0, 0>} step {
  ^bb0(%c: f32, %v: f32):
    linnet.yield %c, %v : f32, f32
  }
  return
}

// -----

func.func @recurrence_dimension_too_large(%x: tensor<5x8xf32>, %y: tensor<5x8xf32>, %s: tensor<8xf32>) {
  // expected-error @below {{'linnet.recurrence' op expected dimension to be in [0, 2), got 2 [recurrence C3]}}
  %0:2 = linnet.recurrence ins(%x : tensor<5x8xf32>) outs(%y : tensor<5x8xf32>)
      states(%s : tensor<8xf32>) {dimension = 2 : i64} step {
  ^bb0(%c: f32, %v: f32):
    linnet.yield %c, %v : f32, f32
  }
  return
}

// -----

func.func @recurrence_dimension_negative(%x: tensor<5x8xf32>, %y: tensor<5x8xf32>, %s: tensor<8xf32>) {
  // expected-error @below {{'linnet.recurrence' op expected dimension to be in [0, 2), got -1 [recurrence C3]}}
  %0:2 = linnet.recurrence ins(%x : tensor<5x8xf32>) outs(%y : tensor<5x8xf32>)
      states(%s : tensor<8xf32>) {dimension = -1 : i64} step {
  ^bb0(%c: f32, %v: f32):
    linnet.yield %c, %v : f32, f32
  }
  return
}

// -----

func.func @recurrence_dimension_of_elements(%x: tensor<5x8xf32>, %y: tensor<5x8xf32>, %s: tensor<8xf32>) {
  // expected-error @below {{'linnet.recurrence' op expected dimension to be in [0, 1), got 1 [recurrence C3]}}
  %0:2 = linnet.recurrence ins(%x : tensor<5x8xf32>) outs(%y : tensor<5x8xf32>)
      states(%s : tensor<8xf32>) {dimension = 1 : i64, ranks = array<i64: 1, 1, 1>} step {
  ^bb0(%c: f32, %v: f32):
    linnet.yield %c, %v : f32, f32
  }
  return
}

// -----

func.func @recurrence_rank_of_state(%x: tensor<5x8xf32>, %y: tensor<5x8xf32>, %s: tensor<5x8xf32>) {
  // expected-error @below {{'linnet.recurrence' op expected state 0 to have 1 dimensions and 0 of an element, got 'tensor<5x8xf32>' [recurrence C4]}}
  %0:2 = linnet.recurrence ins(%x : tensor<5x8xf32>) outs(%y : tensor<5x8xf32>)
      states(%s : tensor<5x8xf32>) {dimension = 0 : i64} step {
  ^bb0(%c: f32, %v: f32):
    linnet.yield %c, %v : f32, f32
  }
  return
}

// -----

func.func @recurrence_rank_of_input(%x: tensor<5x8xf32>, %u: tensor<5xf32>, %y: tensor<5x8xf32>, %s: tensor<8xf32>) {
  // expected-error @below {{'linnet.recurrence' op expected input 1 to have 2 dimensions and 0 of an element, got 'tensor<5xf32>' [recurrence C4]}}
  %0:2 = linnet.recurrence ins(%x, %u : tensor<5x8xf32>, tensor<5xf32>) outs(%y : tensor<5x8xf32>)
      states(%s : tensor<8xf32>) {dimension = 0 : i64} step {
  ^bb0(%c: f32, %v: f32):
    linnet.yield %c, %v : f32, f32
  }
  return
}

// -----

func.func @recurrence_rank_of_y(%x: tensor<5x8xf32>, %y: tensor<5x8xf32>, %s: tensor<8xf32>) {
  // expected-error @below {{'linnet.recurrence' op expected y 0 to have 2 dimensions and 1 of an element, got 'tensor<5x8xf32>' [recurrence C4]}}
  %0:2 = linnet.recurrence ins(%x : tensor<5x8xf32>) outs(%y : tensor<5x8xf32>)
      states(%s : tensor<8xf32>) {dimension = 0 : i64, ranks = array<i64: 0, 1, 0>} step {
  ^bb0(%c: f32, %v: f32):
    linnet.yield %c, %v : f32, f32
  }
  return
}

// -----

func.func @recurrence_dynamic_element(%x: tensor<5x8xf32>, %y: tensor<5x8xf32>, %s: tensor<8x?xf32>) {
  // expected-error @below {{'linnet.recurrence' op expected the element dimensions of state 0 to be static, got 'tensor<8x?xf32>' [recurrence C4]}}
  %0:2 = linnet.recurrence ins(%x : tensor<5x8xf32>) outs(%y : tensor<5x8xf32>)
      states(%s : tensor<8x?xf32>) {dimension = 0 : i64, ranks = array<i64: 0, 0, 1>} step {
  ^bb0(%c: f32, %v: f32):
    linnet.yield %c, %v : f32, f32
  }
  return
}

// -----

func.func @recurrence_shape_of_state(
    // expected-note @below {{the sizes come from a value of type 'tensor<5x8xf32>'}}
    %x: tensor<5x8xf32>,
    %y: tensor<5x8xf32>,
    %s: tensor<5xf32>) {
  // expected-error @below {{'linnet.recurrence' op expected state 0 to have shape [8], got 'tensor<5xf32>' [recurrence C5]}}
  %0:2 = linnet.recurrence ins(%x : tensor<5x8xf32>) outs(%y : tensor<5x8xf32>)
      states(%s : tensor<5xf32>) {dimension = 0 : i64} step {
  ^bb0(%c: f32, %v: f32):
    linnet.yield %c, %v : f32, f32
  }
  return
}

// -----

func.func @recurrence_shape_of_input(
    // expected-note @below {{the sizes come from a value of type 'tensor<5x8xf32>'}}
    %x: tensor<5x8xf32>,
    %u: tensor<6x8xf32>,
    %y: tensor<5x8xf32>,
    %s: tensor<8xf32>) {
  // expected-error @below {{'linnet.recurrence' op expected input 1 to have shape [5, 8], got 'tensor<6x8xf32>' [recurrence C5]}}
  %0:2 = linnet.recurrence ins(%x, %u : tensor<5x8xf32>, tensor<6x8xf32>) outs(%y : tensor<5x8xf32>)
      states(%s : tensor<8xf32>) {dimension = 0 : i64} step {
  ^bb0(%c: f32, %v: f32):
    linnet.yield %c, %v : f32, f32
  }
  return
}

// -----

func.func @recurrence_shape_of_y(
    // expected-note @below {{the sizes come from a value of type 'tensor<5x8xf32>'}}
    %x: tensor<5x8xf32>,
    %y: tensor<5x7xf32>,
    %s: tensor<8xf32>) {
  // expected-error @below {{'linnet.recurrence' op expected y 0 to have shape [5, 8], got 'tensor<5x7xf32>' [recurrence C5]}}
  %0:2 = linnet.recurrence ins(%x : tensor<5x8xf32>) outs(%y : tensor<5x7xf32>)
      states(%s : tensor<8xf32>) {dimension = 0 : i64} step {
  ^bb0(%c: f32, %v: f32):
    linnet.yield %c, %v : f32, f32
  }
  return
}

// -----

func.func @recurrence_arguments_of_region(%x: tensor<5x8xf32>, %y: tensor<5x8xf32>, %s: tensor<8xf32>) {
  // expected-error @below {{'linnet.recurrence' op expected a region with arguments of types (f32, f32), got (f32, f64) [recurrence C6]}}
  %0:2 = linnet.recurrence ins(%x : tensor<5x8xf32>) outs(%y : tensor<5x8xf32>)
      states(%s : tensor<8xf32>) {dimension = 0 : i64} step {
  ^bb0(%c: f32, %v: f64):
    linnet.yield %c, %c : f32, f32
  }
  return
}

// -----

func.func @recurrence_end_of_region(%x: tensor<5x8xf32>, %y: tensor<5x8xf32>, %s: tensor<8xf32>) {
  // expected-error @below {{'linnet.recurrence' op expected the region to end with linnet.yield, got llvm.unreachable [recurrence C6]}}
  %0:2 = linnet.recurrence ins(%x : tensor<5x8xf32>) outs(%y : tensor<5x8xf32>)
      states(%s : tensor<8xf32>) {dimension = 0 : i64} step {
  ^bb0(%c: f32, %v: f32):
    llvm.unreachable
  }
  return
}

// -----

func.func @recurrence_empty_region(%x: tensor<5x8xf32>, %y: tensor<5x8xf32>, %s: tensor<8xf32>) {
  // expected-error @below {{'linnet.recurrence' op expected the region to end with linnet.yield, got nothing [recurrence C6]}}
  %0:2 = linnet.recurrence ins(%x : tensor<5x8xf32>) outs(%y : tensor<5x8xf32>)
      states(%s : tensor<8xf32>) {dimension = 0 : i64} step {
  ^bb0(%c: f32, %v: f32):
  }
  return
}

// -----

func.func @recurrence_yielded(%x: tensor<5x8xf32>, %y: tensor<5x8xf32>, %s: tensor<8xf32>) {
  // expected-error @below {{'linnet.recurrence' op expected the region to yield values of types (f32, f32), got (f32) [recurrence C6]}}
  %0:2 = linnet.recurrence ins(%x : tensor<5x8xf32>) outs(%y : tensor<5x8xf32>)
      states(%s : tensor<8xf32>) {dimension = 0 : i64} step {
  ^bb0(%c: f32, %v: f32):
    linnet.yield %c : f32
  }
  return
}

// -----

func.func @recurrence_sizes_of_state_and_input(%x: tensor<5x?xf32>,
    %u: tensor<5x7xf32>,
    %y: tensor<5x?xf32>,
    // expected-note @below {{the sizes come from a value of type 'tensor<8xf32>'}}
    %s: tensor<8xf32>) {
  // expected-error @below {{'linnet.recurrence' op expected input 1 to have shape [5, 8], got 'tensor<5x7xf32>' [recurrence C5]}}
  %0:2 = linnet.recurrence ins(%x, %u : tensor<5x?xf32>, tensor<5x7xf32>) outs(%y : tensor<5x?xf32>)
      states(%s : tensor<8xf32>) {dimension = 0 : i64} step {
  ^bb0(%c: f32, %v: f32, %w: f32):
    linnet.yield %c, %v : f32, f32
  }
  return
}

// -----

//===----------------------------------------------------------------------===//
// what ODS checks
//===----------------------------------------------------------------------===//

func.func @no_step(%x: tensor<5x8xf32>, %s: tensor<8xf32>) {
  // expected-error @below {{'linnet.recurrence' op region #0 ('step') failed to verify constraint: region with 1 blocks}}
  %0:2 = linnet.recurrence ins(%x : tensor<5x8xf32>) outs(%x : tensor<5x8xf32>)
      states(%s : tensor<8xf32>) {dimension = 0 : i64} step {}
  return
}

// -----

func.func @result_types(%x: tensor<5x8xf32>, %s: tensor<8xf32>) {
  // expected-error @below {{'linnet.scan' op expected type of operand #2 ('tensor<8xf32>') to match type of corresponding result ('tensor<5xf32>')}}
  %0:2 = "linnet.scan"(%x, %x, %s)
      <{dimension = 0 : i64, kind = #linnet<scan_kind add>, operandSegmentSizes = array<i32: 1, 1, 1, 0>}>
      : (tensor<5x8xf32>, tensor<5x8xf32>, tensor<8xf32>) -> (tensor<5x8xf32>, tensor<5xf32>)
  return
}

// -----

func.func @yield_alone(%x: f32) {
  // expected-error @below {{'linnet.yield' op expects parent op to be one of 'linnet.scan, linnet.recurrence'}}
  linnet.yield %x : f32
}

// -----

// expected-error @below {{expected ::linnet::ScanKind to be one of: add, mul, min, max, logaddexp, custom}}
// expected-error @below {{failed to parse Linnet_ScanKind parameter 'value'}}
#kind = #linnet<scan_kind mean>
