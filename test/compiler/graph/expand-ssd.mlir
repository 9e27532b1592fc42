// ssd becomes linear attention with q = C, k = B, v = d x and the decay d A, between elementwise operations.

// RUN: linnet-opt %s --linnet-expand-ssd | FileCheck %s --implicit-check-not=linnet.ssd

// CHECK-LABEL: func @full(
// CHECK-SAME:    %[[X:[^:]*]]: tensor<2x?x4x8xf32>, %[[DT:[^:]*]]: tensor<2x?x4xf32>, %[[A:[^:]*]]: tensor<4xf32>, %[[B:[^:]*]]: tensor<2x?x2x16xf32>, %[[C:[^:]*]]: tensor<2x?x2x16xf32>, %[[Y:[^:]*]]: tensor<2x?x4x8xf32>, %[[S:[^:]*]]: tensor<2x4x8x16xf32>
// CHECK:         %[[D:.*]] = linalg.generic {{.*}} ins(%[[DT]], %[[A]] :
// CHECK:           arith.addf
// CHECK:           math.log1p
// CHECK:           arith.maximumf
// CHECK:           arith.minimumf
// CHECK:         %[[G:.*]] = linalg.generic {{.*}} ins(%[[D]], %[[A]] :
// CHECK:           arith.mulf
// CHECK:         %[[V:.*]] = linalg.generic {{.*}} ins(%[[D]], %[[X]] :
// CHECK:           arith.mulf
// CHECK:         %[[O:.*]], %[[S1:.*]] = linnet.linear_attention ins(%[[C]], %[[B]], %[[V]] : {{.*}}) log_decay(%[[G]] : tensor<2x?x4xf32>)
// CHECK-SAME:      outs(%{{.*}}, %[[S]] : tensor<2x?x4x8xf32>, tensor<2x4x8x16xf32>) {chunk_size = 64 : i64, scale = 1.000000e+00 : f64, state_layout = #linnet.state_layout<vk>}
// CHECK:         %[[Y1:.*]] = linalg.generic {{.*}} ins(%[[O]], %[[X]], %[[A]], %[[X]] : {{.*}}) outs(%[[Y]] :
// CHECK:           math.exp
// CHECK:           arith.divf
// CHECK:         return %[[Y1]], %[[S1]]
func.func @full(%x: tensor<2x?x4x8xf32>, %dt: tensor<2x?x4xf32>, %a: tensor<4xf32>, %b: tensor<2x?x2x16xf32>,
                %c: tensor<2x?x2x16xf32>, %y: tensor<2x?x4x8xf32>, %s: tensor<2x4x8x16xf32>)
    -> (tensor<2x?x4x8xf32>, tensor<2x4x8x16xf32>) {
  %0:2 = linnet.ssd
      ins(%x, %dt, %a, %b, %c : tensor<2x?x4x8xf32>, tensor<2x?x4xf32>, tensor<4xf32>, tensor<2x?x2x16xf32>, tensor<2x?x2x16xf32>)
      skip(%a : tensor<4xf32>) gate(%x : tensor<2x?x4x8xf32>) dt_bias(%a : tensor<4xf32>)
      outs(%y, %s : tensor<2x?x4x8xf32>, tensor<2x4x8x16xf32>)
      {dt_softplus, dt_min = 0.001 : f64, dt_max = 0.1 : f64, chunk_size = 64 : i64}
  return %0#0, %0#1 : tensor<2x?x4x8xf32>, tensor<2x4x8x16xf32>
}

// Without a skip and a gate the recurrence writes the result itself; dt is taken as it is.
// CHECK-LABEL: func @plain(
// CHECK-SAME:    %[[X:[^:]*]]: tensor<2x?x4x8xf32>, %[[DT:[^:]*]]: tensor<2x?x4xf32>, %{{.*}}, %[[Y:[^:]*]]: tensor<2x?x4x8xf32>, %[[S:[^:]*]]: tensor<2x4x8x16xf32>
// CHECK-COUNT-2: linalg.generic
// CHECK-NOT:     linalg.generic
// CHECK:         %[[O:.*]], %[[S1:.*]] = linnet.linear_attention {{.*}} outs(%[[Y]], %[[S]] :
// CHECK:         return %[[O]], %[[S1]]
func.func @plain(%x: tensor<2x?x4x8xf32>, %dt: tensor<2x?x4xf32>, %a: tensor<4xf32>, %b: tensor<2x?x2x16xf32>,
                 %y: tensor<2x?x4x8xf32>, %s: tensor<2x4x8x16xf32>) -> (tensor<2x?x4x8xf32>, tensor<2x4x8x16xf32>) {
  %0:2 = linnet.ssd
      ins(%x, %dt, %a, %b, %b : tensor<2x?x4x8xf32>, tensor<2x?x4xf32>, tensor<4xf32>, tensor<2x?x2x16xf32>, tensor<2x?x2x16xf32>)
      outs(%y, %s : tensor<2x?x4x8xf32>, tensor<2x4x8x16xf32>)
  return %0#0, %0#1 : tensor<2x?x4x8xf32>, tensor<2x4x8x16xf32>
}
