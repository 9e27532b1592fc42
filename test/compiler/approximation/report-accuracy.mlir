// --linnet-report-accuracy: a bound on the error of each result, or where there is none. That the bounds hold is checked
// against measured errors in test/python/test_report_accuracy.py.

// RUN: linnet-opt %s --split-input-file --linnet-report-accuracy --verify-diagnostics -o /dev/null

// One rounding of exact inputs.
// expected-remark@+1 {{result 0 of @sum: within [0.0000e+00, 3.0001e+00], error at most 1.79e-07 absolute, 5.97e-08 relative}}
func.func @sum(%x: f32 {linnet.range = [0.0, 1.0]}, %y: f32 {linnet.range = [0.0, 2.0]}) -> f32 {
  %0 = arith.addf %x, %y : f32
  return %0 : f32
}

// -----

// Cancellation leaves the absolute error.
// expected-remark@+1 {{result 0 of @difference: within [-2.0001e+00, 1.0001e+00], error at most 2.99e-07 absolute}}
func.func @difference(%x: f32 {linnet.range = [0.0, 1.0]}, %y: f32 {linnet.range = [0.0, 2.0]}) -> f32 {
  %half = arith.constant 0.5 : f32
  %0 = arith.addf %x, %half : f32
  %1 = arith.subf %0, %y : f32
  %2 = arith.subf %1, %half : f32
  return %2 : f32
}

// -----

// The bound of the accuracy, on the op, on the function and none: 1 ULP is 2^-23.
// expected-remark@+1 {{result 0 of @exp: within [3.6787e-01, 2.7183e+00], error at most 2.72e-03 absolute, 1.01e-03 relative}}
func.func @exp(%x: vector<16xf32> {linnet.range = [-1.0, 1.0]}) -> vector<16xf32> {
  %0 = math.exp %x {linnet.accuracy = #linnet.accuracy<rel = 0.001>} : vector<16xf32>
  return %0 : vector<16xf32>
}
// expected-remark@+1 {{result 0 of @exp_in_function: within [3.6787e-01, 2.7183e+00], error at most 2.72e-03 absolute, 1.01e-03 relative}}
func.func @exp_in_function(%x: f32 {linnet.range = [-1.0, 1.0]}) -> f32 attributes {linnet.accuracy = #linnet.accuracy<rel = 0.001>} {
  %0 = math.exp %x : f32
  return %0 : f32
}
// expected-remark@+1 {{result 0 of @exp_by_default: within [3.6787e-01, 2.7183e+00], error at most 3.25e-07 absolute, 1.20e-07 relative}}
func.func @exp_by_default(%x: f32 {linnet.range = [-1.0, 1.0]}) -> f32 {
  %0 = math.exp %x : f32
  return %0 : f32
}

// -----

// exp turns the absolute error of its argument into a relative one.
// expected-remark@+1 {{result 0 of @composed: within [3.6787e-01, 2.7183e+00], error at most 2.72e-03 absolute, 1.01e-03 relative}}
func.func @composed(%x: f32 {linnet.range = [-10.0, 10.0]}) -> f32 {
  %0 = math.tanh %x {linnet.accuracy = #linnet.accuracy<abs = 0.001>} : f32
  %1 = math.exp %0 : f32
  return %1 : f32
}

// -----

// A sigmoid that is written out is one function, however large the exponential in it.
// expected-remark@+1 {{result 0 of @sigmoid: within [0.0000e+00, 1.0001e+00], error at most 1.20e-07 absolute}}
func.func @sigmoid(%x: tensor<8xf32>) -> tensor<8xf32> {
  %empty = tensor.empty() : tensor<8xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
      ins(%x : tensor<8xf32>) outs(%empty : tensor<8xf32>) {
  ^bb0(%a: f32, %b: f32):
    %one = arith.constant 1.0 : f32
    %n = arith.negf %a : f32
    %e = math.exp %n : f32
    %d = arith.addf %one, %e : f32
    %q = arith.divf %one, %d : f32
    linalg.yield %q : f32
  } -> tensor<8xf32>
  return %0 : tensor<8xf32>
}

// -----

// Contractions: as many roundings as terms.
// expected-remark@+1 {{result 0 of @matmul: within [-6.4001e+01, 6.4001e+01], error at most}}
func.func @matmul(%a: tensor<4x64xf32> {linnet.range = [-1.0, 1.0]}, %b: tensor<64x8xf32> {linnet.range = [-1.0, 1.0]}) -> tensor<4x8xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<4x8xf32>
  %start = linalg.fill ins(%zero : f32) outs(%empty : tensor<4x8xf32>) -> tensor<4x8xf32>
  %0 = linalg.matmul ins(%a, %b : tensor<4x64xf32>, tensor<64x8xf32>) outs(%start : tensor<4x8xf32>) -> tensor<4x8xf32>
  return %0 : tensor<4x8xf32>
}

// -----

// Softmax: an average of values stays within them, and its error is that of the logits times half of their width, and
// that of the exponentials times the width: here about 1e-3 * 2.
// expected-remark@+1 {{result 0 of @attend: within [-1.0001e+00, 1.0001e+00], error at most 2.02e-03 absolute}}
func.func @attend(%logits: tensor<4x64xf32> {linnet.range = [-5.0, 5.0]}, %v: tensor<64x8xf32> {linnet.range = [-1.0, 1.0]}) -> tensor<4x8xf32> {
  %zero = arith.constant 0.0 : f32
  %rows = tensor.empty() : tensor<4x64xf32>
  %p = linalg.softmax {linnet.accuracy = #linnet.accuracy<rel = 0.001>} dimension(1) ins(%logits : tensor<4x64xf32>) outs(%rows : tensor<4x64xf32>) -> tensor<4x64xf32>
  %empty = tensor.empty() : tensor<4x8xf32>
  %start = linalg.fill ins(%zero : f32) outs(%empty : tensor<4x8xf32>) -> tensor<4x8xf32>
  %0 = linalg.matmul ins(%p, %v : tensor<4x64xf32>, tensor<64x8xf32>) outs(%start : tensor<4x8xf32>) -> tensor<4x8xf32>
  return %0 : tensor<4x8xf32>
}

// -----

// Where there is no bound.

// expected-remark@+1 {{result 0 of @zero_divisor: no bound}}
func.func @zero_divisor(%x: f32 {linnet.range = [-1.0, 1.0]}, %y: f32) -> f32 {
  // expected-note@+1 {{its divisor may be 0}}
  %0 = arith.divf %y, %x : f32
  return %0 : f32
}
// expected-remark@+1 {{result 0 of @overflow: no bound}}
func.func @overflow(%x: f32 {linnet.range = [-1.0, 100.0]}) -> f32 {
  // expected-note@+1 {{its value may be beyond the largest float32}}
  %0 = math.exp %x : f32
  return %0 : f32
}
// expected-remark@+1 {{result 0 of @domain: no bound}}
func.func @domain(%x: f32 {linnet.range = [0.0, 1.0]}) -> f32 {
  // expected-note@+1 {{its argument may be where the function is not smooth, or not defined}}
  %0 = math.log %x : f32
  return %0 : f32
}
// expected-remark@+1 {{result 0 of @branch: no bound}}
func.func @branch(%x: f32 {linnet.range = [-1.0, 1.0]}) -> f32 {
  %zero = arith.constant 0.0 : f32
  %0 = math.tanh %x : f32
  // expected-note@+1 {{what it compares is inexact, and either side may be taken}}
  %1 = arith.cmpf ogt, %0, %zero : f32
  %2 = arith.select %1, %x, %zero : f32
  return %2 : f32
}
// What depends on such a comparison is no more exact, through other operations and tensors of truth values.
// expected-remark@+1 {{result 0 of @both: no bound}}
func.func @both(%x: f32 {linnet.range = [-1.0, 1.0]}) -> f32 {
  %zero = arith.constant 0.0 : f32
  %0 = math.tanh %x : f32
  // expected-note@+1 {{what it compares is inexact, and either side may be taken}}
  %1 = arith.cmpf ogt, %0, %zero : f32
  %2 = arith.cmpf olt, %x, %zero : f32
  %3 = arith.andi %2, %1 : i1
  %4 = arith.select %3, %x, %zero : f32
  return %4 : f32
}
// expected-remark@+1 {{result 0 of @mask: no bound}}
func.func @mask(%x: tensor<8xf32> {linnet.range = [-1.0, 1.0]}) -> tensor<8xf32> {
  %zero = arith.constant 0.0 : f32
  %bits = tensor.empty() : tensor<8xi1>
  %0 = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
      ins(%x : tensor<8xf32>) outs(%bits : tensor<8xi1>) {
    ^bb0(%a: f32, %b: i1):
      %tanh = math.tanh %a : f32
      // expected-note@+1 {{what it compares is inexact, and either side may be taken}}
      %c = arith.cmpf ogt, %tanh, %zero : f32
      linalg.yield %c : i1
  } -> tensor<8xi1>
  %empty = tensor.empty() : tensor<8xf32>
  %1 = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
      ins(%0, %x : tensor<8xi1>, tensor<8xf32>) outs(%empty : tensor<8xf32>) {
    ^bb0(%c: i1, %a: f32, %b: f32):
      %chosen = arith.select %c, %a, %zero : f32
      linalg.yield %chosen : f32
  } -> tensor<8xf32>
  return %1 : tensor<8xf32>
}
// A term that depends on the sum so far is another one in every step.
// expected-remark@+1 {{result 0 of @horner: no bound}}
func.func @horner(%x: tensor<8xf32> {linnet.range = [-1.0, 1.0]}) -> tensor<f32> {
  %one = arith.constant dense<1.0> : tensor<f32>
  %0 = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> ()>], iterator_types = ["reduction"]}
      ins(%x : tensor<8xf32>) outs(%one : tensor<f32>) {
    ^bb0(%a: f32, %sum: f32):
      %product = arith.mulf %sum, %a : f32
      %next = arith.addf %sum, %product : f32
      linalg.yield %next : f32
  } -> tensor<f32>
  return %0 : tensor<f32>
}
// expected-remark@+1 {{result 0 of @dynamic: no bound}}
func.func @dynamic(%x: tensor<?xf32> {linnet.range = [-1.0, 1.0]}) -> tensor<f32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<f32>
  %start = linalg.fill ins(%zero : f32) outs(%empty : tensor<f32>) -> tensor<f32>
  // expected-note@+1 {{it sums over a dynamic dimension}}
  %0 = linalg.reduce {arith.addf} ins(%x : tensor<?xf32>) outs(%start : tensor<f32>) dimensions = [0]
  return %0 : tensor<f32>
}
// expected-remark@+1 {{result 0 of @range: no bound}}
func.func @range(%x: f32 {linnet.range = [-100.0, 1.0]}) -> f32 {
  // expected-note@+1 {{its accuracy holds from -5}}
  %0 = math.exp %x {linnet.accuracy = #linnet.accuracy<rel = 0.001, low = -50.0, high = 50.0>} : f32
  return %0 : f32
}
// expected-remark@+1 {{result 0 of @scan: no bound}}
func.func @scan(%a: tensor<2x8x4xf32>, %b: tensor<2x8x4xf32>, %o: tensor<2x8x4xf32>, %s: tensor<2x4xf32>) -> tensor<2x8x4xf32> {
  // expected-note@+1 {{there is no rule for linnet.affine_scan}}
  %h, %last = linnet.affine_scan ins(%a, %b : tensor<2x8x4xf32>, tensor<2x8x4xf32>) outs(%o, %s : tensor<2x8x4xf32>, tensor<2x4xf32>) {dimension = 1 : i64}
  return %h : tensor<2x8x4xf32>
}
