// A tile of a scan becomes one loop over time that carries its state as vectors of channels.

// RUN: linnet-opt %s --linnet-vectorize-tiles --canonicalize --cse | FileCheck %s --implicit-check-not=linnet.
// RUN: linnet-opt %s --linnet-vectorize-tiles=lanes=32 --canonicalize --cse | FileCheck %s --check-prefix=LANES32

// The state is read before the loop and written behind it, once. Multiply-adds may be contracted.
// CHECK-LABEL: func @affine_scan(
// CHECK-SAME:    %[[A:.*]]: tensor<1x?x16xf32>, %[[B:.*]]: tensor<1x?x16xf32>, %[[H:.*]]: tensor<1x?x16xf32>, %[[S:.*]]: tensor<1x16xf32>
// CHECK-DAG:     %[[S0:.*]] = vector.transfer_read %[[S]][%c0, %c0], %{{.*}} {in_bounds = [true]} : tensor<1x16xf32>, vector<16xf32>
// CHECK-DAG:     %[[T:.*]] = tensor.dim %[[A]], %c1
// CHECK:         %[[LOOP:.*]]:2 = scf.for %[[I:.*]] = %c0 to %[[T]] step %c1 iter_args(%[[H0:.*]] = %[[H]], %[[STATE:.*]] = %[[S0]]) -> (tensor<1x?x16xf32>, vector<16xf32>)
// CHECK-NOT:       %[[S]]{{\[}}
// CHECK:           %[[AT:.*]] = vector.transfer_read %[[A]][%c0, %[[I]], %c0]
// CHECK:           %[[BT:.*]] = vector.transfer_read %[[B]][%c0, %[[I]], %c0]
// CHECK:           %[[PRODUCT:.*]] = arith.mulf %[[AT]], %[[STATE]] fastmath<contract>
// CHECK:           %[[NEXT:.*]] = arith.addf %[[PRODUCT]], %[[BT]] fastmath<contract>
// CHECK:           %[[H1:.*]] = vector.transfer_write %[[NEXT]], %[[H0]][%c0, %[[I]], %c0]
// CHECK:           scf.yield %[[H1]], %[[NEXT]]
// CHECK:         %[[S1:.*]] = vector.transfer_write %[[LOOP]]#1, %[[S]][%c0, %c0]
// CHECK:         return %[[LOOP]]#0, %[[S1]]
func.func @affine_scan(%a: tensor<1x?x16xf32>, %b: tensor<1x?x16xf32>, %h: tensor<1x?x16xf32>, %s: tensor<1x16xf32>)
    -> (tensor<1x?x16xf32>, tensor<1x16xf32>) {
  %0:2 = linnet.affine_scan ins(%a, %b : tensor<1x?x16xf32>, tensor<1x?x16xf32>)
                            outs(%h, %s : tensor<1x?x16xf32>, tensor<1x16xf32>) {dimension = 1 : i64}
  return %0#0, %0#1 : tensor<1x?x16xf32>, tensor<1x16xf32>
}

// CHECK-LABEL: func @affine_scan_reverse(
// CHECK:         %[[T:.*]] = tensor.dim
// CHECK:         scf.for %[[I:.*]] = %c0 to %[[T]]
// CHECK:           %[[LEFT:.*]] = arith.subi %[[T]], %[[I]]
// CHECK:           %[[TIME:.*]] = arith.subi %[[LEFT]], %c1
// CHECK:           vector.transfer_read %{{.*}}[%[[TIME]], %c0]
func.func @affine_scan_reverse(%a: tensor<?x16xf32>, %s: tensor<16xf32>) -> tensor<?x16xf32> {
  %0:2 = linnet.affine_scan ins(%a, %a : tensor<?x16xf32>, tensor<?x16xf32>)
                            outs(%a, %s : tensor<?x16xf32>, tensor<16xf32>) {dimension = 0 : i64, reverse}
  return %0#0 : tensor<?x16xf32>
}

// A tile narrower than a vector is masked: 5 channels, and as many as the last tile has.
// CHECK-LABEL: func @narrow_tiles(
// CHECK-NOT:     in_bounds = [true]
// CHECK:         vector.transfer_read %{{.*}} : tensor<5xf32>, vector<16xf32>
// CHECK:         vector.transfer_write %{{.*}} : vector<16xf32>, tensor<?x5xf32>
// CHECK:         vector.transfer_read %{{.*}} : tensor<?xf32>, vector<16xf32>
// CHECK:         vector.transfer_write %{{.*}} : vector<16xf32>, tensor<?x?xf32>
// CHECK-NOT:     in_bounds = [true]
// CHECK:         return
func.func @narrow_tiles(%a: tensor<?x5xf32>, %s: tensor<5xf32>, %b: tensor<?x?xf32>, %r: tensor<?xf32>)
    -> (tensor<?x5xf32>, tensor<?x?xf32>) {
  %0:2 = linnet.affine_scan ins(%a, %a : tensor<?x5xf32>, tensor<?x5xf32>) outs(%a, %s : tensor<?x5xf32>, tensor<5xf32>)
                            {dimension = 0 : i64}
  %1:2 = linnet.affine_scan ins(%b, %b : tensor<?x?xf32>, tensor<?x?xf32>) outs(%b, %r : tensor<?x?xf32>, tensor<?xf32>)
                            {dimension = 0 : i64}
  return %0#0, %1#0 : tensor<?x5xf32>, tensor<?x?xf32>
}

// The taps are vectors outside the loop; the loop carries the last two inputs and moves them on by one.
// CHECK-LABEL: func @causal_conv1d(
// CHECK-SAME:    %[[X:.*]]: tensor<1x?x16xf32>, %[[W:.*]]: tensor<16x3xf32>, %[[BIAS:.*]]: tensor<16xf32>, %[[S:.*]]: tensor<1x2x16xf32>
// CHECK:         vector.transfer_read %[[W]]
// CHECK-DAG:     %[[BIAS0:.*]] = vector.transfer_read %[[BIAS]][%c0]
// CHECK-DAG:     %[[OLDER:.*]] = vector.transfer_read %[[S]][%c0, %c0, %c0]
// CHECK-DAG:     %[[OLD:.*]] = vector.transfer_read %[[S]][%c0, %c1, %c0]
// CHECK:         %[[LOOP:.*]]:3 = scf.for %[[T:[a-z0-9_]+]] = {{.*}} iter_args(%{{.*}} = %{{.*}}, %[[X2:.*]] = %[[OLDER]], %[[X1:.*]] = %[[OLD]])
// CHECK-NOT:       %[[W]]{{\[}}
// CHECK-NOT:       %[[S]]{{\[}}
// CHECK:           %[[X0:.*]] = vector.transfer_read %[[X]][%c0, %[[T]], %c0]
// CHECK-COUNT-3:   arith.mulf
// CHECK:           arith.divf
// CHECK:           scf.yield %{{.*}}, %[[X1]], %[[X0]]
// CHECK-DAG:     vector.transfer_write %[[LOOP]]#1, %{{.*}}[%c0, %c0, %c0] {{.*}} tensor<1x2x16xf32>
// CHECK-DAG:     vector.transfer_write %[[LOOP]]#2, %{{.*}}[%c0, %c1, %c0] {{.*}} tensor<1x2x16xf32>
func.func @causal_conv1d(%x: tensor<1x?x16xf32>, %w: tensor<16x3xf32>, %bias: tensor<16xf32>, %s: tensor<1x2x16xf32>)
    -> (tensor<1x?x16xf32>, tensor<1x2x16xf32>) {
  %0:2 = linnet.causal_conv1d ins(%x, %w : tensor<1x?x16xf32>, tensor<16x3xf32>) bias(%bias : tensor<16xf32>)
                              outs(%x, %s : tensor<1x?x16xf32>, tensor<1x2x16xf32>)
                              {activation = #linnet.activation<silu>}
  return %0#0, %0#1 : tensor<1x?x16xf32>, tensor<1x2x16xf32>
}

// One vector of channels per state. B and C of a token are scalars that all channels share.
// CHECK-LABEL: func @selective_scan(
// CHECK-SAME:    %[[U:.*]]: tensor<1x?x16xf32>, %[[A:.*]]: tensor<16x2xf32>, %[[B:.*]]: tensor<1x?x1x2xf32>, %[[C:.*]]: tensor<16x2xf32>, %[[S:.*]]: tensor<1x16x2xf32>
// CHECK-DAG:     vector.transfer_read %[[A]]{{\[}}
// CHECK-DAG:     vector.transfer_read %[[C]]{{\[}}
// CHECK-DAG:     vector.transfer_read %[[S]]{{\[}}
// CHECK:         %[[LOOP:.*]]:3 = scf.for %[[T:[a-z0-9_]+]] = {{.*}} -> (tensor<1x?x16xf32>, vector<16xf32>, vector<16xf32>)
// CHECK-NOT:       vector.{{transpose|shuffle}}
// CHECK-NOT:       %[[S]]{{\[}}
// CHECK-NOT:       %[[A]]{{\[}}
// CHECK-NOT:       %[[C]]{{\[}}
// CHECK:           %[[B0:.*]] = tensor.extract %[[B]][%c0, %[[T]], %c0, %c0]
// CHECK:           vector.broadcast %[[B0]] : f32 to vector<16xf32>
// CHECK:           %[[B1:.*]] = tensor.extract %[[B]][%c0, %[[T]], %c0, %c1]
// CHECK:           vector.broadcast %[[B1]] : f32 to vector<16xf32>
// CHECK:           scf.yield
// CHECK:         vector.transfer_write %{{.*}}, %[[S]]{{\[}}
func.func @selective_scan(%u: tensor<1x?x16xf32>, %a: tensor<16x2xf32>, %b: tensor<1x?x1x2xf32>, %c: tensor<16x2xf32>,
                          %s: tensor<1x16x2xf32>) -> (tensor<1x?x16xf32>, tensor<1x16x2xf32>) {
  %0:2 = linnet.selective_scan
      ins(%u, %u, %a, %b, %c
          : tensor<1x?x16xf32>, tensor<1x?x16xf32>, tensor<16x2xf32>, tensor<1x?x1x2xf32>, tensor<16x2xf32>)
      outs(%u, %s : tensor<1x?x16xf32>, tensor<1x16x2xf32>)
  return %0#0, %0#1 : tensor<1x?x16xf32>, tensor<1x16x2xf32>
}

// With 32 lanes.
// LANES32-LABEL: func @lanes(
// LANES32:         scf.for {{.*}} -> (tensor<?x16xf32>, vector<32xf32>)
func.func @lanes(%a: tensor<?x16xf32>, %s: tensor<16xf32>) -> tensor<?x16xf32> {
  %0:2 = linnet.affine_scan ins(%a, %a : tensor<?x16xf32>, tensor<?x16xf32>) outs(%a, %s : tensor<?x16xf32>, tensor<16xf32>)
                            {dimension = 0 : i64}
  return %0#0 : tensor<?x16xf32>
}
