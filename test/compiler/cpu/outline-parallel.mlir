// --linnet-outline-parallel: the body of a parallel loop of a model function becomes a function over a range of
// iterations, called through the host's parallel_for (field 2 of linnet_host). Equal bodies are one function.

// RUN: linnet-opt %s --linnet-outline-parallel --split-input-file | FileCheck %s
// RUN: linnet-opt %s --linnet-outline-parallel --canonicalize --split-input-file | FileCheck %s --check-prefix=CLEAN

// The module lists what profiles show: where a loop comes from and what it computes.
// CHECK: module attributes {linnet.ops = {{\[\[}}"layers.0.scan", "linnet.selective_scan"]]}

// The body gets the values from outside in one struct; constants are made anew.
// CHECK-LABEL: func.func private @forward_body_0(
// CHECK-SAME:    %[[ENV:.*]]: !llvm.ptr, %[[BEGIN:.*]]: i64, %[[END:.*]]: i64)
// CHECK:         llvm.load %[[ENV]] : !llvm.ptr -> !llvm.struct
// CHECK-DAG:     %[[FIRST:.*]] = arith.index_cast %[[BEGIN]] : i64 to index
// CHECK-DAG:     %[[LAST:.*]] = arith.index_cast %[[END]] : i64 to index
// CHECK:         scf.for %[[LINEAR:.*]] = %[[FIRST]] to %[[LAST]]
// CHECK-DAG:       %[[COLUMN:.*]] = arith.remui %[[LINEAR]], %{{.*}}
// CHECK-DAG:       %[[ROW:.*]] = arith.divui %[[LINEAR]], %{{.*}}
// CHECK:           memref.load
// CHECK:           memref.store

// CHECK-LABEL: func.func @forward(
// CHECK-SAME:    %[[HOST:.*]]: !llvm.ptr, %[[X:.*]]: memref<?x8xf32> {linnet.name = "x", linnet.role = "input"}
// CHECK:         %[[ENV:.*]] = llvm.alloca
// CHECK-NOT:     scf.forall
// CHECK:         llvm.store %{{.*}}, %[[ENV]]
// CHECK:         %[[BODY:.*]] = constant @forward_body_0 : (!llvm.ptr, i64, i64) -> ()
// CHECK:         %[[POINTER:.*]] = builtin.unrealized_conversion_cast %[[BODY]]
// CHECK:         %[[FIELD:.*]] = llvm.getelementptr %[[HOST]][0, 2]
// CHECK:         %[[PARALLEL_FOR:.*]] = llvm.load %[[FIELD]]
// CHECK:         llvm.call %[[PARALLEL_FOR]](%[[HOST]], %{{.*}}, %{{.*}}, %{{.*}}, %[[POINTER]], %[[ENV]])

// T rows of 8 columns in steps of 4 are 2 T iterations.
// CLEAN-LABEL: func.func @forward(
// CLEAN:         %[[T:.*]] = memref.dim
// CLEAN:         %[[COUNT:.*]] = arith.muli %[[T]], %c2
// CLEAN:         %[[N:.*]] = arith.index_cast %[[COUNT]] : index to i64
// CLEAN:         llvm.call %{{.*}}(%{{.*}}, %{{.*}}, %[[N]],
func.func @forward(%x: memref<?x8xf32> {linnet.name = "x", linnet.role = "input"},
                   %y: memref<?x8xf32> {linnet.name = "y", linnet.role = "output"}) {
  %c0 = arith.constant 0 : index
  %t = memref.dim %x, %c0 : memref<?x8xf32>
  scf.forall (%i, %j) = (0, 0) to (%t, 8) step (1, 4) {
    %0 = memref.load %x[%i, %j] : memref<?x8xf32>
    memref.store %0, %y[%i, %j] : memref<?x8xf32>
  } {linnet.kind = "linnet.selective_scan"} loc("layers.0.scan")
  return
}

// -----

// Two functions with the same loop share its body. A loop inside a parallel loop is part of the body, where it runs as
// a loop later on.
// CHECK-LABEL: func.func private @forward_body_0(
// CHECK:         scf.forall
// CHECK-NOT:   func.func private
// CHECK-LABEL: func.func @forward(
// CHECK:         constant @forward_body_0
// CHECK-LABEL: func.func @step(
// CHECK:         constant @forward_body_0
func.func @forward(%x: memref<8x8xf32> {linnet.name = "x", linnet.role = "output"}, %v: f32) {
  scf.forall (%i) in (8) {
    scf.forall (%j) in (8) {
      memref.store %v, %x[%i, %j] : memref<8x8xf32>
    }
  }
  return
}
func.func @step(%x: memref<8x8xf32> {linnet.name = "x", linnet.role = "output"}, %v: f32) {
  scf.forall (%i) in (8) {
    scf.forall (%j) in (8) {
      memref.store %v, %x[%i, %j] : memref<8x8xf32>
    }
  }
  return
}

// -----

// Stack buffers of an iteration are made once for all of them.
// CHECK-LABEL: func.func private @forward_body_0(
// CHECK-NEXT:    memref.alloca
// CHECK:         scf.for
// CHECK-NOT:     memref.alloca
// CHECK:         return
func.func @forward(%x: memref<8xi8> {linnet.name = "x", linnet.role = "output"}) {
  scf.forall (%i) in (8) {
    %0 = memref.alloca() : memref<8xi8>
    %1 = memref.load %0[%i] : memref<8xi8>
    memref.store %1, %x[%i] : memref<8xi8>
  }
  return
}

// -----

// A function of no model has no runtime to call.
// CHECK-LABEL: func.func @no_model(
// CHECK-SAME:    %{{.*}}: memref<8xf32>, %{{.*}}: f32)
// CHECK:         scf.forall
func.func @no_model(%x: memref<8xf32>, %v: f32) {
  scf.forall (%i) in (8) {
    memref.store %v, %x[%i] : memref<8xf32>
  }
  return
}

// -----

// Stores past the caches are waited for once for the whole range, not in every iteration.
// CHECK-LABEL: func.func private @stream_body_0(
// CHECK:         scf.for
// CHECK:           vector.store
// CHECK-NOT:       llvm.fence
// CHECK:         llvm.fence seq_cst
// CHECK-NEXT:    return
func.func @stream(%y: memref<?x16xf32> {linnet.name = "y", linnet.role = "output"}, %large: i1) {
  %c0 = arith.constant 0 : index
  %v = arith.constant dense<0.0> : vector<16xf32>
  %t = memref.dim %y, %c0 : memref<?x16xf32>
  scf.forall (%i) in (%t) {
    scf.if %large {
      vector.store %v, %y[%i, %c0] {alignment = 64 : i64, nontemporal = true} : memref<?x16xf32>, vector<16xf32>
      llvm.fence seq_cst
    }
    scf.if %large {
      llvm.fence seq_cst
    }
  }
  return
}
