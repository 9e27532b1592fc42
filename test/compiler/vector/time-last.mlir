// A tile of a scan with time last: blocks of 16 by 16 are turned in registers on the way in and out, and the state stays
// in a vector. Numbers: test/integration/scan-time-last.mlir.

// RUN: linnet-opt %s --linnet-vectorize-tiles --canonicalize --cse | FileCheck %s --implicit-check-not=linnet.

// CHECK-LABEL: func @affine_scan(
// CHECK-SAME:    %[[A:.*]]: tensor<16x?xf32>, %[[B:.*]]: tensor<16x?xf32>, %[[H:.*]]: tensor<16x?xf32>, %[[S:.*]]: tensor<16xf32>
// CHECK:         %[[S0:.*]] = vector.transfer_read %[[S]][%c0], %{{.*}} {in_bounds = [true]} : tensor<16xf32>, vector<16xf32>
// CHECK:         %[[LOOP:.*]]:2 = scf.for %[[T:.*]] = %c0 to %{{.*}} step %c16 iter_args(%{{.*}} = %[[H]], %{{.*}} = %[[S0]]) -> (tensor<16x?xf32>, vector<16xf32>)
// CHECK-NOT:       %[[S]]{{\[}}
// CHECK-COUNT-32:  memref.prefetch
// CHECK-COUNT-16:  vector.transfer_read %[[A]]{{.*}} {in_bounds = [true]} : tensor<16x?xf32>, vector<16xf32>
// CHECK-COUNT-64:  vector.shuffle
// CHECK-COUNT-16:  vector.transfer_read %[[B]]{{.*}} {in_bounds = [true]} : tensor<16x?xf32>, vector<16xf32>
// CHECK-COUNT-64:  vector.shuffle
// CHECK-COUNT-16:  arith.mulf
// CHECK-COUNT-64:  vector.shuffle
// CHECK-COUNT-16:  vector.transfer_write {{.*}} {in_bounds = [true]} : vector<16xf32>, tensor<16x?xf32>
// CHECK:           scf.yield
// Where a block is not whole, the state stops at its last time, and reads and writes are masked.
// CHECK:         scf.for {{.*}} step %c16 {{.*}} -> (tensor<16x?xf32>, vector<16xf32>)
// CHECK:           vector.transfer_read %[[A]]{{.*}} : tensor<16x?xf32>, vector<16xf32>
// CHECK-COUNT-15:  arith.select
// CHECK:           vector.transfer_write {{.*}} : vector<16xf32>, tensor<16x?xf32>
// CHECK:         vector.transfer_write %{{.*}}, %[[S]][%c0]
func.func @affine_scan(%a: tensor<16x?xf32>, %b: tensor<16x?xf32>, %h: tensor<16x?xf32>, %s: tensor<16xf32>)
    -> (tensor<16x?xf32>, tensor<16xf32>) {
  %0:2 = linnet.affine_scan ins(%a, %b : tensor<16x?xf32>, tensor<16x?xf32>)
                            outs(%h, %s : tensor<16x?xf32>, tensor<16xf32>) {dimension = 1 : i64}
  return %0#0, %0#1 : tensor<16x?xf32>, tensor<16xf32>
}

// Backwards the part that is not whole comes first.
// CHECK-LABEL: func @reverse(
// CHECK:         %[[REST:.*]]:2 = scf.for %{{.*}} = %[[WHOLE:.*]] to %{{.*}} step %c16
// CHECK:         scf.for %{{.*}} = %c0 to %[[WHOLE]] step %c16 iter_args(%{{.*}} = %[[REST]]#0, %{{.*}} = %[[REST]]#1)
func.func @reverse(%x: tensor<1x16x?xf32>, %s: tensor<1x16xf32>) -> tensor<1x16x?xf32> {
  %0:2 = linnet.scan add ins(%x : tensor<1x16x?xf32>) outs(%x : tensor<1x16x?xf32>) states(%s : tensor<1x16xf32>)
                     {dimension = 2 : i64, reverse}
  return %0#0 : tensor<1x16x?xf32>
}

// Fewer lanes than a vector has: rows beyond the tensor repeat the last one and are not written.
// CHECK-LABEL: func @narrow(
// CHECK:         arith.minsi
// CHECK:         vector.transfer_read %{{.*}} {in_bounds = [true]} : tensor<?x32xf32>, vector<16xf32>
// CHECK:         %[[COUNT:.*]] = arith.select %{{.*}}, %c16, %c0
// CHECK:         %[[MASK:.*]] = vector.create_mask %[[COUNT]]
// CHECK:         vector.transfer_write %{{.*}}, %[[MASK]] {in_bounds = [true]} : vector<16xf32>, tensor<?x32xf32>
func.func @narrow(%x: tensor<?x32xf32>, %s: tensor<?xf32>) -> tensor<?x32xf32> {
  %0:2 = linnet.scan max ins(%x : tensor<?x32xf32>) outs(%x : tensor<?x32xf32>) states(%s : tensor<?xf32>)
                     {dimension = 1 : i64}
  return %0#0 : tensor<?x32xf32>
}

// A reduction: nobody needs the running values.
// CHECK-LABEL: func @total(
// CHECK-NOT:     vector.transfer_write {{.*}} tensor<16x32xf32>
// CHECK:         vector.transfer_write {{.*}} tensor<16xf32>
func.func @total(%x: tensor<16x32xf32>, %s: tensor<16xf32>) -> tensor<16xf32> {
  %0:2 = linnet.scan mul ins(%x : tensor<16x32xf32>) outs(%x : tensor<16x32xf32>) states(%s : tensor<16xf32>)
                     {dimension = 1 : i64}
  return %0#1 : tensor<16xf32>
}
