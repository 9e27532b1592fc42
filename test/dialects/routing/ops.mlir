// Every form of the Routing ops is printed as it was read: as text, in the generic form and as bytecode.

// RUN: linnet-opt %s | linnet-opt | FileCheck %s
// RUN: linnet-opt %s --mlir-print-op-generic | linnet-opt | FileCheck %s
// RUN: linnet-opt %s --emit-bytecode | linnet-opt | FileCheck %s

// CHECK-LABEL: func @route_topk(
// CHECK-SAME:    %[[S:.*]]: tensor<2x?x4xf32>, %[[W:.*]]: tensor<2x?x2xf32>, %[[I:.*]]: tensor<2x?x2xi32>
// CHECK:         %{{.*}}, %{{.*}} = linnet.route_topk ins(%[[S]] : tensor<2x?x4xf32>)
// CHECK-SAME:      outs(%[[W]], %[[I]] : tensor<2x?x2xf32>, tensor<2x?x2xi32>){{$}}
func.func @route_topk(%scores: tensor<2x?x4xf32>, %weights: tensor<2x?x2xf32>, %indices: tensor<2x?x2xi32>)
    -> (tensor<2x?x2xf32>, tensor<2x?x2xi32>) {
  %0:2 = linnet.route_topk ins(%scores : tensor<2x?x4xf32>)
      outs(%weights, %indices : tensor<2x?x2xf32>, tensor<2x?x2xi32>)
  return %0#0, %0#1 : tensor<2x?x2xf32>, tensor<2x?x2xi32>
}

// All experts of f64, and indices of which the types say nothing.
// CHECK-LABEL: func @route_topk_sizes(
// CHECK:         linnet.route_topk ins(%{{.*}} : tensor<?x0x4xf64>) outs(%{{.*}}, %{{.*}} : tensor<?x0x4xf64>, tensor<?x?x?xi32>)
func.func @route_topk_sizes(%scores: tensor<?x0x4xf64>, %indices: tensor<?x?x?xi32>) -> tensor<?x?x?xi32> {
  %0:2 = linnet.route_topk ins(%scores : tensor<?x0x4xf64>)
      outs(%scores, %indices : tensor<?x0x4xf64>, tensor<?x?x?xi32>)
  return %0#1 : tensor<?x?x?xi32>
}

// CHECK-LABEL: func @token_permute(
// CHECK-SAME:    %[[I:.*]]: tensor<2x5x3xi32>, %[[S:.*]]: tensor<30xi32>, %[[C:.*]]: tensor<9xi32>
// CHECK:         %{{.*}}, %{{.*}}, %{{.*}} = linnet.token_permute ins(%[[I]] : tensor<2x5x3xi32>)
// CHECK-SAME:      outs(%[[S]], %[[I]], %[[C]] : tensor<30xi32>, tensor<2x5x3xi32>, tensor<9xi32>) {experts = 4 : i64}
func.func @token_permute(%indices: tensor<2x5x3xi32>, %source: tensor<30xi32>, %offsets: tensor<9xi32>)
    -> (tensor<30xi32>, tensor<2x5x3xi32>, tensor<9xi32>) {
  %0:3 = linnet.token_permute ins(%indices : tensor<2x5x3xi32>)
      outs(%source, %indices, %offsets : tensor<30xi32>, tensor<2x5x3xi32>, tensor<9xi32>) {experts = 4 : i64}
  return %0#0, %0#1, %0#2 : tensor<30xi32>, tensor<2x5x3xi32>, tensor<9xi32>
}

// Products of unknown sizes are unknown, but for 0.
// CHECK-LABEL: func @token_permute_sizes(
// CHECK:         outs(%{{.*}} : tensor<?xi32>, tensor<?x?x?xi32>, tensor<?xi32>) {experts = 1 : i64}
// CHECK:         outs(%{{.*}} : tensor<7xi32>, tensor<?x?x?xi32>, tensor<3xi32>) {experts = 2 : i64}
// CHECK:         outs(%{{.*}} : tensor<0xi32>, tensor<?x?x0xi32>, tensor<?xi32>) {experts = 2147483647 : i64}
// CHECK:         outs(%{{.*}} : tensor<0xi32>, tensor<0x?x?xi32>, tensor<1xi32>) {experts = 3 : i64}
func.func @token_permute_sizes(%any: tensor<?x?x?xi32>, %source: tensor<?xi32>, %seven: tensor<7xi32>,
                               %three: tensor<3xi32>, %no_slot: tensor<?x?x0xi32>, %no_batch: tensor<0x?x?xi32>,
                               %zero: tensor<0xi32>, %one: tensor<1xi32>)
    -> (tensor<?xi32>, tensor<7xi32>, tensor<0xi32>, tensor<1xi32>) {
  %0:3 = linnet.token_permute ins(%any : tensor<?x?x?xi32>)
      outs(%source, %any, %source : tensor<?xi32>, tensor<?x?x?xi32>, tensor<?xi32>) {experts = 1 : i64}
  %1:3 = linnet.token_permute ins(%any : tensor<?x?x?xi32>)
      outs(%seven, %any, %three : tensor<7xi32>, tensor<?x?x?xi32>, tensor<3xi32>) {experts = 2 : i64}
  %2:3 = linnet.token_permute ins(%no_slot : tensor<?x?x0xi32>)
      outs(%zero, %no_slot, %source : tensor<0xi32>, tensor<?x?x0xi32>, tensor<?xi32>) {experts = 2147483647 : i64}
  %3:3 = linnet.token_permute ins(%no_batch : tensor<0x?x?xi32>)
      outs(%zero, %no_batch, %one : tensor<0xi32>, tensor<0x?x?xi32>, tensor<1xi32>) {experts = 3 : i64}
  return %0#0, %1#0, %2#0, %3#2 : tensor<?xi32>, tensor<7xi32>, tensor<0xi32>, tensor<1xi32>
}

// Rows of any rank, one number included.
// CHECK-LABEL: func @token_unpermute(
// CHECK-SAME:    %[[X:.*]]: tensor<?x2x8xf32>, %[[P:.*]]: tensor<2x?x3xi32>, %[[W:.*]]: tensor<2x?x3xf32>, %[[Y:.*]]: tensor<2x?x2x8xf32>, %[[ONE:.*]]: tensor<7xf64>, %[[W64:.*]]: tensor<2x?x3xf64>, %[[Y64:.*]]: tensor<2x?xf64>
// CHECK:         %{{.*}} = linnet.token_unpermute ins(%[[X]], %[[P]], %[[W]] : tensor<?x2x8xf32>, tensor<2x?x3xi32>, tensor<2x?x3xf32>) outs(%[[Y]] : tensor<2x?x2x8xf32>){{$}}
// CHECK:         %{{.*}} = linnet.token_unpermute ins(%[[ONE]], %[[P]], %[[W64]] : tensor<7xf64>, tensor<2x?x3xi32>, tensor<2x?x3xf64>) outs(%[[Y64]] : tensor<2x?xf64>){{$}}
func.func @token_unpermute(%x: tensor<?x2x8xf32>, %place: tensor<2x?x3xi32>, %weights: tensor<2x?x3xf32>,
                           %y: tensor<2x?x2x8xf32>, %one: tensor<7xf64>, %wide: tensor<2x?x3xf64>, %z: tensor<2x?xf64>)
    -> (tensor<2x?x2x8xf32>, tensor<2x?xf64>) {
  %0 = linnet.token_unpermute ins(%x, %place, %weights : tensor<?x2x8xf32>, tensor<2x?x3xi32>, tensor<2x?x3xf32>)
      outs(%y : tensor<2x?x2x8xf32>)
  %1 = linnet.token_unpermute ins(%one, %place, %wide : tensor<7xf64>, tensor<2x?x3xi32>, tensor<2x?x3xf64>)
      outs(%z : tensor<2x?xf64>)
  return %0, %1 : tensor<2x?x2x8xf32>, tensor<2x?xf64>
}
