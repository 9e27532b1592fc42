// Everything unsupported is reported at once: each kind of op at its first place, with its count and a remedy.

// RUN: linnet-opt %s --linnet-check-input --allow-unregistered-dialect --split-input-file --verify-diagnostics
// RUN: linnet-opt %s --linnet-stage-input --allow-unregistered-dialect --split-input-file --verify-diagnostics

func.func @several_faults(%a: tensor<4xf32>, %b: tensor<8xf32>) -> tensor<4xf32> {
  // expected-error @below {{unsupported op math.tan (2 uses): no approximation of this function yet; write it with exp,}}
  %0 = math.tan %a : tensor<4xf32>
  // expected-error @below {{unsupported op torch.aten.relu (1 use): the op is not registered; import the model with a frontend of Linnet or lower its dialect first}}
  %1 = "torch.aten.relu"(%0) : (tensor<4xf32>) -> tensor<4xf32>
  // expected-error @below {{unsupported op tosa.add (1 use): the tosa dialect is not part of stage input; lower it to linalg, tensor, arith, math and linnet first}}
  %2 = tosa.add %1, %1 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  // expected-error @below {{unsupported op func.call (1 use): calls are not compiled; run --inline first}}
  %3 = call @callee(%b) : (tensor<8xf32>) -> tensor<8xf32>
  return %2 : tensor<4xf32>
}

// The second use of math.tan is counted above.
func.func @callee(%a: tensor<8xf32>) -> tensor<8xf32> {
  %0 = math.tan %a : tensor<8xf32>
  return %0 : tensor<8xf32>
}

// -----

// Inside regions too.
func.func @inside_a_region(%a: tensor<4xf32>) -> tensor<4xf32> {
  %0 = linalg.map ins(%a : tensor<4xf32>) outs(%a : tensor<4xf32>) (%in: f32, %out: f32) {
    // expected-error @below {{unsupported op math.powf (1 use)}}
    %1 = math.powf %in, %in : f32
    linalg.yield %1 : f32
  }
  return %0 : tensor<4xf32>
}

// -----

// What the stages lower passes.
func.func @supported(%a: tensor<5x8xf32>, %s: tensor<8xf32>, %i: index) -> (tensor<5x8xf32>, tensor<8xf32>) {
  %c0 = arith.constant 0 : index
  %0:2 = linnet.affine_scan ins(%a, %a : tensor<5x8xf32>, tensor<5x8xf32>) outs(%a, %s : tensor<5x8xf32>, tensor<8xf32>)
                            {dimension = 0 : i64}
  %1 = linalg.map ins(%0#0 : tensor<5x8xf32>) outs(%a : tensor<5x8xf32>) (%in: f32, %out: f32) {
    %2 = math.exp %in : f32
    %3 = math.rsqrt %2 : f32
    %4 = math.tanh %3 : f32
    linalg.yield %4 : f32
  }
  check.expect_close %1, %a : tensor<5x8xf32>
  return %1, %0#1 : tensor<5x8xf32>, tensor<8xf32>
}

// -----

// A power is the C library's, and that has it for f64; a loop may copy what it carries into its place.
func.func @what_frontends_need(%a: f64, %t: tensor<4xf32>, %u: tensor<4xf32>) -> (f64, tensor<4xf32>) {
  %0 = math.powf %a, %a : f64
  %1 = bufferization.alloc_tensor() copy(%t) : tensor<4xf32>
  %2 = bufferization.materialize_in_destination %1 in %u : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return %0, %2 : f64, tensor<4xf32>
}
