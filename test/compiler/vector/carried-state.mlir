// Behind the stage `vector` no load or store of a state is left inside the loop over time: the states of all
// three ops live in vectors, and the buffers of the caller's states are read only.

// RUN: linnet-opt %s --linnet-stage-graph --linnet-stage-tiled --linnet-stage-vector | FileCheck %s

// CHECK-LABEL: func.func @forward(
// CHECK-SAME:    %[[X:[a-z0-9]+]]: memref<?x?x48xf32> {linnet.name = "x",
// CHECK-SAME:    %[[B:[a-z0-9]+]]: memref<?x?x2xf32> {linnet.name = "b",
// CHECK-SAME:    %[[CONV_IN:[a-z0-9]+]]: memref<?x3x48xf32> {linnet.name = "conv", linnet.role = "state_in",
// CHECK-SAME:    %[[SSM_IN:[a-z0-9]+]]: memref<?x48x2xf32> {linnet.name = "ssm", linnet.role = "state_in",
// CHECK-SAME:    %[[H_IN:[a-z0-9]+]]: memref<?x48xf32> {linnet.name = "h", linnet.role = "state_in",
// The blocks of time carry the states in buffers of the workspace, which start as copies.
// CHECK:         memref.copy %[[CONV_IN]], %[[CONV:.*]] : memref<?x3x48xf32>
// CHECK:         memref.copy %[[SSM_IN]], %[[SSM:.*]] : memref<?x48x2xf32>
// CHECK:         memref.copy %[[H_IN]], %[[H:.*]] : memref<?x48xf32>
// CHECK-NOT:     %[[CONV_IN]]
// CHECK-NOT:     %[[SSM_IN]]

// CHECK:         scf.forall
// CHECK-COUNT-3:   vector.transfer_read %[[CONV]]{{\[}}
// CHECK:           scf.for {{.*}} -> (vector<16xf32>, vector<16xf32>, vector<16xf32>)
// CHECK-NOT:         %[[CONV]]{{\[}}
// CHECK-NOT:         memref.{{alloc|copy}}
// CHECK:             scf.yield
// CHECK-COUNT-3:   vector.transfer_write %{{.*}}, %[[CONV]]{{\[}}

// CHECK:         scf.forall
// CHECK:           vector.transfer_read %[[SSM]]{{\[}}
// CHECK:           scf.for {{.*}} -> (vector<16xf32>, vector<16xf32>)
// CHECK-NOT:         %[[SSM]]{{\[}}
// CHECK-NOT:         memref.{{alloc|copy}}
// CHECK:             scf.yield
// CHECK:           vector.transfer_write %{{.*}}, %[[SSM]]{{\[}}

// CHECK:         scf.forall
// CHECK:           vector.transfer_read %[[H]]{{\[}}
// CHECK:           scf.for {{.*}} -> (vector<16xf32>)
// CHECK-NOT:         %[[H]]{{\[}}
// CHECK-NOT:         memref.{{alloc|copy}}
// CHECK:             scf.yield
// CHECK:           vector.transfer_write %{{.*}}, %[[H]]{{\[}}
// CHECK-NOT:     memref.alloc

module attributes {linnet.symbols = ["B", "T"]} {
  func.func @forward(
      %x: tensor<?x?x48xf32> {linnet.name = "x", linnet.role = "input", linnet.symbols = ["B", "T"]},
      %b: tensor<?x?x2xf32> {linnet.name = "b", linnet.role = "input", linnet.symbols = ["B", "T"]},
      %conv: tensor<?x3x48xf32> {linnet.name = "conv", linnet.role = "state", linnet.symbols = ["B"]},
      %ssm: tensor<?x48x2xf32> {linnet.name = "ssm", linnet.role = "state", linnet.symbols = ["B"]},
      %h: tensor<?x48xf32> {linnet.name = "h", linnet.role = "state", linnet.symbols = ["B"]},
      %w: tensor<48x4xf32> {linnet.name = "w", linnet.role = "weight"},
      %a: tensor<48x2xf32> {linnet.name = "a", linnet.role = "weight"})
      -> (tensor<?x?x48xf32> {linnet.name = "y", linnet.role = "output", linnet.symbols = ["B", "T"]},
          tensor<?x3x48xf32> {linnet.name = "conv", linnet.role = "state", linnet.symbols = ["B"]},
          tensor<?x48x2xf32> {linnet.name = "ssm", linnet.role = "state", linnet.symbols = ["B"]},
          tensor<?x48xf32> {linnet.name = "h", linnet.role = "state", linnet.symbols = ["B"]}) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %batches = tensor.dim %x, %c0 : tensor<?x?x48xf32>
    %times = tensor.dim %x, %c1 : tensor<?x?x48xf32>
    %e = tensor.empty(%batches, %times) : tensor<?x?x48xf32>
    %0:2 = linnet.causal_conv1d ins(%x, %w : tensor<?x?x48xf32>, tensor<48x4xf32>)
                                outs(%e, %conv : tensor<?x?x48xf32>, tensor<?x3x48xf32>)
    %1:2 = linnet.selective_scan
        ins(%0#0, %x, %a, %b, %b
            : tensor<?x?x48xf32>, tensor<?x?x48xf32>, tensor<48x2xf32>, tensor<?x?x2xf32>, tensor<?x?x2xf32>)
        outs(%e, %ssm : tensor<?x?x48xf32>, tensor<?x48x2xf32>)
    %2:2 = linnet.affine_scan ins(%x, %1#0 : tensor<?x?x48xf32>, tensor<?x?x48xf32>)
                              outs(%e, %h : tensor<?x?x48xf32>, tensor<?x48xf32>) {dimension = 1 : i64}
    return %2#0, %0#1, %1#1, %2#1 : tensor<?x?x48xf32>, tensor<?x3x48xf32>, tensor<?x48x2xf32>, tensor<?x48xf32>
  }
}
