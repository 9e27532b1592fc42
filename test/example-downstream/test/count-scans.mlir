// The project's own pass, alone and in front of a stage of Linnet.

// DEFINE: %{opt} = example-opt %s --mlir-print-op-on-diagnostic=false
// RUN: %{opt} --example-count-scans 2>&1 | FileCheck %s --check-prefixes=REMARK,WHOLE
// RUN: %{opt} --example-count-scans --linnet-stage-graph 2>&1 | FileCheck %s --check-prefixes=REMARK,GRAPH
// RUN: %{opt} --example-count-scans --linnet-stage-graph=path=reference 2>&1 | FileCheck %s --check-prefixes=REMARK,WHOLE

// REMARK: count-scans.mlir:[[# @LINE + 7]]:1: remark: 2 scans with 3 states: 'tensor<4x2xf32>', 'tensor<4x2xf32>', 'tensor<4x2xi32>'
// WHOLE-LABEL: func.func @two_scans(
// WHOLE:         linnet.affine_scan {{.*}} {dimension = 2 : i64
// Stage graph makes one dimension of the lanes.
// GRAPH-LABEL: func.func @two_scans(
// GRAPH:         tensor.collapse_shape
// GRAPH:         linnet.affine_scan {{.*}} {dimension = 1 : i64}
func.func @two_scans(%a: tensor<4x2x?xf32>, %s: tensor<4x2xf32>, %n: tensor<4x2xi32>) -> (tensor<4x2x?xf32>, tensor<4x2xi32>) {
  %0:2 = linnet.affine_scan ins(%a, %a : tensor<4x2x?xf32>, tensor<4x2x?xf32>)
                            outs(%a, %s : tensor<4x2x?xf32>, tensor<4x2xf32>) {dimension = 2 : i64}
  %1:2 = linnet.recurrence ins(%0#0 : tensor<4x2x?xf32>) states(%s, %n : tensor<4x2xf32>, tensor<4x2xi32>)
                           {dimension = 2 : i64} step {
  ^bb0(%c: f32, %i: i32, %x: f32):
    %one = arith.constant 1 : i32
    %more = arith.addi %i, %one : i32
    linnet.yield %x, %more : f32, i32
  }
  return %0#0, %1#1 : tensor<4x2x?xf32>, tensor<4x2xi32>
}

// No remark where there is none to count.
// WHOLE:       func.func @no_scan(
func.func @no_scan(%x: tensor<4xf32>) -> tensor<4xf32> {
  return %x : tensor<4xf32>
}
