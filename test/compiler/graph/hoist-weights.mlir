// --linnet-hoist-weights moves what depends on weights only into `prepare`, once for all functions. The results become
// arguments of role `prepared`; weights that no function reads any more leave its arguments.

// RUN: linnet-opt %s --linnet-hoist-weights --split-input-file | FileCheck %s

// Both functions compute exp(w): one result. `forward` reads w2 as it is, so it keeps that weight.
// CHECK-LABEL: func.func @prepare(
// CHECK-SAME:    %[[W:.*]]: tensor<4x8xf32> {linnet.name = "w", linnet.role = "weight"})
// CHECK-SAME:    -> (tensor<4x8xf32> {linnet.name = "prepared.0.w", linnet.role = "prepared"})
// CHECK:         %[[EXP:.*]] = linalg.map { math.exp } ins(%[[W]] :
// CHECK-NOT:     math.exp
// CHECK:         return %[[EXP]] : tensor<4x8xf32>

// CHECK-LABEL: func.func @forward(
// CHECK-SAME:    %[[X:[a-z0-9]+]]: tensor<4x8xf32> {linnet.name = "x", linnet.role = "input"}
// CHECK-SAME:    %[[W2:[a-z0-9]+]]: tensor<4x8xf32> {linnet.name = "w2", linnet.role = "weight"}
// CHECK-SAME:    %[[P:[a-z0-9]+]]: tensor<4x8xf32> {linnet.name = "prepared.0.w", linnet.role = "prepared"})
// CHECK-NOT:     math.exp
// CHECK:         %[[SUM:.*]] = linalg.map { arith.addf } ins(%[[X]], %[[P]] :
// CHECK:         linalg.map { arith.addf } ins(%[[SUM]], %[[W2]] :

// CHECK-LABEL: func.func @step(
// CHECK-SAME:    %[[X:[a-z0-9]+]]: tensor<4x8xf32> {linnet.name = "x", linnet.role = "input"}
// CHECK-NOT:     linnet.role = "weight"
// CHECK-SAME:    %[[P:[a-z0-9]+]]: tensor<4x8xf32> {linnet.name = "prepared.0.w", linnet.role = "prepared"})
// CHECK:         linalg.map { arith.mulf } ins(%[[X]], %[[P]] :
func.func @forward(%x: tensor<4x8xf32> {linnet.name = "x", linnet.role = "input"},
                   %w: tensor<4x8xf32> {linnet.name = "w", linnet.role = "weight"},
                   %w2: tensor<4x8xf32> {linnet.name = "w2", linnet.role = "weight"})
    -> (tensor<4x8xf32> {linnet.name = "y", linnet.role = "output"}) {
  %e = tensor.empty() : tensor<4x8xf32>
  %0 = linalg.map { math.exp } ins(%w : tensor<4x8xf32>) outs(%e : tensor<4x8xf32>)
  %1 = linalg.map { arith.addf } ins(%x, %0 : tensor<4x8xf32>, tensor<4x8xf32>) outs(%e : tensor<4x8xf32>)
  %2 = linalg.map { arith.addf } ins(%1, %w2 : tensor<4x8xf32>, tensor<4x8xf32>) outs(%e : tensor<4x8xf32>)
  return %2 : tensor<4x8xf32>
}
func.func @step(%x: tensor<4x8xf32> {linnet.name = "x", linnet.role = "input"},
                %w: tensor<4x8xf32> {linnet.name = "w", linnet.role = "weight"})
    -> (tensor<4x8xf32> {linnet.name = "y", linnet.role = "output"}) {
  %e = tensor.empty() : tensor<4x8xf32>
  %0 = linalg.map { math.exp } ins(%w : tensor<4x8xf32>) outs(%e : tensor<4x8xf32>)
  %1 = linalg.map { arith.mulf } ins(%x, %0 : tensor<4x8xf32>, tensor<4x8xf32>) outs(%e : tensor<4x8xf32>)
  return %1 : tensor<4x8xf32>
}

// -----

// A result is named after the first weight that it comes from; two of them are numbered.
// CHECK-LABEL: func.func @prepare(
// CHECK-SAME:    linnet.name = "a"
// CHECK-SAME:    linnet.name = "b"
// CHECK-SAME:    linnet.name = "prepared.0.a"
// CHECK-SAME:    linnet.name = "prepared.1.b"
// CHECK-LABEL: func.func @two_results(
// CHECK-NOT:     "weight"
func.func @two_results(%x: tensor<8xf32> {linnet.name = "x", linnet.role = "input"},
                       %a: tensor<8xf32> {linnet.name = "a", linnet.role = "weight"},
                       %b: tensor<8xf32> {linnet.name = "b", linnet.role = "weight"})
    -> (tensor<8xf32> {linnet.name = "y", linnet.role = "output"}) {
  %e = tensor.empty() : tensor<8xf32>
  %0 = linalg.map { arith.addf } ins(%a, %b : tensor<8xf32>, tensor<8xf32>) outs(%e : tensor<8xf32>)
  %1 = linalg.map { math.exp } ins(%b : tensor<8xf32>) outs(%e : tensor<8xf32>)
  %2 = linalg.map { arith.addf } ins(%x, %0 : tensor<8xf32>, tensor<8xf32>) outs(%e : tensor<8xf32>)
  %3 = linalg.map { arith.addf } ins(%2, %1 : tensor<8xf32>, tensor<8xf32>) outs(%e : tensor<8xf32>)
  return %3 : tensor<8xf32>
}

// -----

// Nothing to prepare: constants are no weights, and a function without roles is no model.
// CHECK-NOT:   @prepare
// CHECK-LABEL: func.func @only_constants(
// CHECK:         linalg.fill
// CHECK-LABEL: func.func @no_model(
// CHECK-NEXT:    linalg.map { math.exp }
func.func @only_constants(%x: tensor<8xf32> {linnet.name = "x", linnet.role = "input"},
                          %w: tensor<8xf32> {linnet.name = "w", linnet.role = "weight"}) -> tensor<8xf32> {
  %half = arith.constant 0.5 : f32
  %e = tensor.empty() : tensor<8xf32>
  %0 = linalg.fill ins(%half : f32) outs(%e : tensor<8xf32>) -> tensor<8xf32>
  %1 = linalg.map { arith.mulf } ins(%x, %0 : tensor<8xf32>, tensor<8xf32>) outs(%e : tensor<8xf32>)
  %2 = linalg.map { arith.mulf } ins(%1, %w : tensor<8xf32>, tensor<8xf32>) outs(%e : tensor<8xf32>)
  return %2 : tensor<8xf32>
}
func.func @no_model(%w: tensor<8xf32>) -> tensor<8xf32> {
  %0 = linalg.map { math.exp } ins(%w : tensor<8xf32>) outs(%w : tensor<8xf32>)
  return %0 : tensor<8xf32>
}

// -----

// What a region reads of the constants outside goes along.
// CHECK-LABEL: func.func @prepare(
// CHECK:         %[[ONE:.*]] = arith.constant 1.000000e+00 : f32
// CHECK:         linalg.generic
// CHECK:           linalg.yield %[[ONE]]
// CHECK-LABEL: func.func @region_reads_a_constant(
func.func @region_reads_a_constant(%x: tensor<4xf32> {linnet.name = "x", linnet.role = "input"},
                                   %w: tensor<4xf32> {linnet.name = "w", linnet.role = "weight"})
    -> (tensor<4xf32> {linnet.name = "y", linnet.role = "output"}) {
  %one = arith.constant 1.0 : f32
  %0 = tensor.empty() : tensor<4xf32>
  %1 = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} outs(%0 : tensor<4xf32>) {
  ^bb0(%out: f32):
    linalg.yield %one : f32
  } -> tensor<4xf32>
  %2 = linalg.map { arith.addf } ins(%w, %1 : tensor<4xf32>, tensor<4xf32>) outs(%0 : tensor<4xf32>)
  %3 = linalg.map { arith.addf } ins(%x, %2 : tensor<4xf32>, tensor<4xf32>) outs(%0 : tensor<4xf32>)
  return %3 : tensor<4xf32>
}
