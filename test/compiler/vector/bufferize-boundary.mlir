// --linnet-bufferize-boundary: arguments of a model function become dense buffers that are only read, results become
// buffers that are written, and a state splits into state_in and state_out.

// RUN: linnet-opt %s --linnet-bufferize-boundary | FileCheck %s

// CHECK-LABEL: func.func @forward(
// CHECK-SAME:    %[[X:[a-z0-9]+]]: memref<?x8xf32> {linnet.name = "x", linnet.role = "input", linnet.symbols = ["T"]}
// CHECK-SAME:    %[[W:[a-z0-9]+]]: memref<8xf32> {linnet.name = "w", linnet.role = "weight"}
// CHECK-SAME:    %[[S:[a-z0-9]+]]: memref<8xf32> {linnet.name = "s", linnet.role = "state_in"}
// CHECK-SAME:    %[[N:[a-z0-9]+]]: index
// CHECK-SAME:    %[[Y:[a-z0-9]+]]: memref<?x8xf32> {linnet.name = "y", linnet.role = "output", linnet.symbols = ["T"]}
// CHECK-SAME:    %[[S_OUT:[a-z0-9]+]]: memref<8xf32> {linnet.name = "s", linnet.role = "state_out"}) {
// Neither is `writable`: an initial state is never overwritten.
// CHECK-DAG:     %[[X0:.*]] = bufferization.to_tensor %[[X]] restrict : memref<?x8xf32>
// CHECK-DAG:     %[[S0:.*]] = bufferization.to_tensor %[[S]] restrict : memref<8xf32>
// CHECK:         %[[H:.*]], %[[S1:.*]] = linnet.affine_scan ins(%[[X0]], %[[X0]] : {{.*}}) outs(%{{.*}}, %[[S0]] :
// CHECK:         bufferization.materialize_in_destination %[[H]] in restrict writable %[[Y]]
// CHECK:         bufferization.materialize_in_destination %[[S1]] in restrict writable %[[S_OUT]]
// CHECK-NEXT:    return{{$}}
func.func @forward(%x: tensor<?x8xf32> {linnet.name = "x", linnet.role = "input", linnet.symbols = ["T"]},
                   %w: tensor<8xf32> {linnet.name = "w", linnet.role = "weight"},
                   %s: tensor<8xf32> {linnet.name = "s", linnet.role = "state"}, %n: index)
    -> (tensor<?x8xf32> {linnet.name = "y", linnet.role = "output", linnet.symbols = ["T"]},
        tensor<8xf32> {linnet.name = "s", linnet.role = "state"}) {
  %e = tensor.empty(%n) : tensor<?x8xf32>
  %0:2 = linnet.affine_scan ins(%x, %x : tensor<?x8xf32>, tensor<?x8xf32>)
                            outs(%e, %s : tensor<?x8xf32>, tensor<8xf32>) {dimension = 0 : i64}
  return %0#0, %0#1 : tensor<?x8xf32>, tensor<8xf32>
}

// CHECK-LABEL: func.func @no_model(
// CHECK-SAME:    %{{.*}}: tensor<8xf32>) -> tensor<8xf32>
func.func @no_model(%x: tensor<8xf32>) -> tensor<8xf32> {
  return %x : tensor<8xf32>
}
