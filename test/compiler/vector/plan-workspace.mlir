// --linnet-plan-workspace: allocations of a model function become views into one workspace. Buffers of equal size share
// a place when their lives do not overlap; NAME_workspace_bytes computes the size from the symbols.

// RUN: linnet-opt %s --linnet-plan-workspace --canonicalize --split-input-file --verify-diagnostics | FileCheck %s

// The first and the third buffer share the place at 0: the third begins behind the last use of the first. The second
// lives beside both. 200 bytes take 256, so that every buffer starts on a cache line.
module attributes {linnet.symbols = ["B", "T"]} {
  // CHECK-LABEL: func.func @static(
  // CHECK-SAME:    %{{.*}}: memref<50xf32> {{{.*}}}, %[[W:.*]]: memref<?xi8> {linnet.role = "workspace"})
  // CHECK-NOT:     memref.alloc
  // CHECK-DAG:     %[[V0:.*]] = memref.view %[[W]][%c0][] : memref<?xi8> to memref<50xf32>
  // CHECK-DAG:     %[[V1:.*]] = memref.view %[[W]][%c256][] : memref<?xi8> to memref<50xf32>
  // CHECK:         memref.copy %{{.*}}, %[[V0]]
  // CHECK:         memref.copy %[[V0]], %[[V1]]
  // CHECK:         %[[V2:.*]] = memref.view %[[W]][%c0][] : memref<?xi8> to memref<50xf32>
  // CHECK:         memref.copy %[[V1]], %[[V2]]
  func.func @static(%x: memref<50xf32> {linnet.name = "x", linnet.role = "input"}) {
    %c0 = arith.constant 0 : index
    %0 = memref.alloc() : memref<50xf32>
    %1 = memref.alloc() : memref<50xf32>
    memref.copy %x, %0 : memref<50xf32> to memref<50xf32>
    memref.copy %0, %1 : memref<50xf32> to memref<50xf32>
    %2 = memref.alloc() : memref<50xf32>
    memref.copy %1, %2 : memref<50xf32> to memref<50xf32>
    memref.copy %2, %x : memref<50xf32> to memref<50xf32>
    %3 = memref.load %2[%c0] : memref<50xf32>
    memref.store %3, %x[%c0] : memref<50xf32>
    return
  }
  // CHECK-LABEL: func.func @static_workspace_bytes(%{{.*}}: index, %{{.*}}: index) -> index
  // CHECK:         %[[SIZE:.*]] = arith.constant 512 : index
  // CHECK:         return %[[SIZE]]
}

// -----

// A use inside a loop lasts until the loop ends: the buffers cannot share.
module attributes {linnet.symbols = []} {
  // CHECK-LABEL: func.func @used_in_a_loop(
  // CHECK-DAG:     memref.view %{{.*}}[%c0][] : memref<?xi8> to memref<16xf32>
  // CHECK-DAG:     memref.view %{{.*}}[%c64][] : memref<?xi8> to memref<16xf32>
  func.func @used_in_a_loop(%x: memref<16xf32> {linnet.name = "x", linnet.role = "input"}, %n: index) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %0 = memref.alloc() : memref<16xf32>
    memref.copy %x, %0 : memref<16xf32> to memref<16xf32>
    scf.for %i = %c0 to %n step %c1 {
      memref.copy %0, %x : memref<16xf32> to memref<16xf32>
      %1 = memref.alloc() : memref<16xf32>
      memref.copy %x, %1 : memref<16xf32> to memref<16xf32>
      memref.copy %1, %x : memref<16xf32> to memref<16xf32>
    }
    return
  }
}

// -----

// Sizes: a dimension of an argument that is a symbol, a bounded one at its bound.
module attributes {linnet.symbols = ["B", "T"]} {
  // CHECK-LABEL: func.func @dynamic(
  // CHECK:         memref.view %{{.*}}[%{{.*}}][%{{.*}}] : memref<?xi8> to memref<?x8xf32>
  // CHECK:         memref.view %{{.*}}[%{{.*}}][%{{.*}}] : memref<?xi8> to memref<?x8xf32>
  func.func @dynamic(%x: memref<?x?x8xf32> {linnet.name = "x", linnet.role = "input", linnet.symbols = ["B", "T"]},
                     %y: memref<8xf32> {linnet.name = "y", linnet.role = "output"}, %i: index) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %b = memref.dim %x, %c0 : memref<?x?x8xf32>
    %0 = memref.alloc(%b) : memref<?x8xf32>
    %n = affine.min affine_map<(d0)[s0] -> (100, s0 - d0)>(%i)[%b]
    %1 = memref.alloc(%n) : memref<?x8xf32>
    memref.copy %0, %1 : memref<?x8xf32> to memref<?x8xf32>
    %2 = memref.load %1[%c0, %c0] : memref<?x8xf32>
    memref.store %2, %y[%c0] : memref<8xf32>
    return
  }
  // 100 rows of 32 bytes, and B rows of 32 bytes, rounded up to 64.
  // CHECK-LABEL: func.func @dynamic_workspace_bytes(
  // CHECK-SAME:    %[[B:.*]]: index, %[[T:.*]]: index) -> index
  // CHECK-DAG:     %[[BYTES:.*]] = arith.muli %[[B]], %c32
  // CHECK-DAG:     %[[MORE:.*]] = arith.addi %[[BYTES]], %c63
  // CHECK-DAG:     %[[ALIGNED:.*]] = arith.andi %[[MORE]], %c-64
  // CHECK-DAG:     %[[SUM:.*]] = arith.addi %[[ALIGNED]], %c3200
  // CHECK:         return %[[SUM]]
}

// -----

// 16 chunks of every 100 tokens and one more: at most 16 (T / 100 + 1).
module attributes {linnet.symbols = ["T"]} {
  func.func @chunks(%x: memref<?xf32> {linnet.name = "x", linnet.role = "output", linnet.symbols = ["T"]}) {
    %c0 = arith.constant 0 : index
    %t = memref.dim %x, %c0 : memref<?xf32>
    %n = affine.apply affine_map<()[s0] -> ((s0 floordiv 100) * 16 + 1)>()[%t]
    %0 = memref.alloc(%n) : memref<?xf32>
    %1 = memref.load %0[%c0] : memref<?xf32>
    memref.store %1, %x[%c0] : memref<?xf32>
    return
  }
  // CHECK-LABEL: func.func @chunks_workspace_bytes(
  // CHECK-SAME:    %[[T:.*]]: index) -> index
  // CHECK-DAG:     %[[GROUPS:.*]] = arith.divui %[[T]], %c100
  // CHECK-DAG:     %[[MORE:.*]] = arith.addi %[[GROUPS]], %c1
  // CHECK-DAG:     arith.muli %[[MORE]], %c64
}

// -----

// A constant times a product of sizes: 3 B T numbers.
module attributes {linnet.symbols = ["B", "T"]} {
  func.func @slots(%x: memref<?x?xf32> {linnet.name = "x", linnet.role = "output", linnet.symbols = ["B", "T"]}) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %b = memref.dim %x, %c0 : memref<?x?xf32>
    %t = memref.dim %x, %c1 : memref<?x?xf32>
    %n = affine.apply affine_map<()[s0, s1] -> (s0 * s1 * 3)>()[%b, %t]
    %0 = memref.alloc(%n) : memref<?xf32>
    %1 = memref.load %0[%c0] : memref<?xf32>
    memref.store %1, %x[%c0, %c0] : memref<?x?xf32>
    return
  }
  // CHECK-LABEL: func.func @slots_workspace_bytes(
  // CHECK-SAME:    %[[B:.*]]: index, %[[T:.*]]: index) -> index
  // CHECK-DAG:     %[[ROWS:.*]] = arith.muli %[[B]], %c12
  // CHECK-DAG:     arith.muli %[[ROWS]], %[[T]]
}

// -----

// What an iteration of a parallel loop needs lies on the stack of its thread, at its bound.
module attributes {linnet.symbols = []} {
  // CHECK-LABEL: func.func @in_a_parallel_loop(
  // CHECK:         scf.forall
  // CHECK:           %[[STACK:.*]] = memref.alloca() {alignment = 64 : i64} : memref<128xi8>
  // CHECK:           memref.view %[[STACK]][%c0][%{{.*}}] : memref<128xi8> to memref<?xf32>
  func.func @in_a_parallel_loop(%x: memref<100xf32> {linnet.name = "x", linnet.role = "output"}) {
    %c0 = arith.constant 0 : index
    scf.forall (%i) = (0) to (100) step (32) {
      %n = affine.min affine_map<(d0) -> (32, 100 - d0)>(%i)
      %0 = memref.alloc(%n) : memref<?xf32>
      %1 = memref.load %0[%c0] : memref<?xf32>
      memref.store %1, %x[%i] : memref<100xf32>
    }
    return
  }
}

// -----

module attributes {linnet.symbols = []} {
  func.func @too_much_stack(%x: memref<8xf32> {linnet.name = "x", linnet.role = "output"}) {
    %c0 = arith.constant 0 : index
    scf.forall (%i) in (8) {
      // expected-error @below {{a parallel iteration would need a buffer of 80000 bytes, at most 65536 bytes are possible}}
      %0 = memref.alloc() : memref<20000xf32>
      %1 = memref.load %0[%c0] : memref<20000xf32>
      memref.store %1, %x[%i] : memref<8xf32>
    }
    return
  }
}

// -----

module attributes {linnet.symbols = []} {
  func.func @unbounded(%x: memref<8xf32> {linnet.name = "x", linnet.role = "output"}, %n: index) {
    %c0 = arith.constant 0 : index
    // expected-error @below {{the size of this buffer is bounded neither by a constant nor by a symbol of the model}}
    %0 = memref.alloc(%n) : memref<?xf32>
    %1 = memref.load %0[%c0] : memref<?xf32>
    memref.store %1, %x[%c0] : memref<8xf32>
    return
  }
}

// -----

// A function of no model keeps its allocations.
// CHECK-LABEL: func.func @no_model(
// CHECK:         memref.alloc()
// CHECK-NOT:   workspace
func.func @no_model(%x: memref<8xf32>) {
  %0 = memref.alloc() : memref<8xf32>
  memref.copy %x, %0 : memref<8xf32> to memref<8xf32>
  memref.copy %0, %x : memref<8xf32> to memref<8xf32>
  return
}

// -----

// Sums of symbols are bounded by themselves, a symbol less a number by the symbol: (P + T) * 4 and T * 4 bytes.
module attributes {linnet.symbols = ["P", "T"]} {
  // CHECK-LABEL: func.func @sums(
  // CHECK-LABEL: func.func @sums_workspace_bytes(
  // CHECK-SAME:    %[[P:.*]]: index, %[[T:.*]]: index) -> index
  // CHECK:         %[[SUM:.*]] = arith.addi %[[P]], %[[T]]
  // CHECK:         arith.muli %[[SUM]], %c4
  // CHECK:         arith.muli %[[T]], %c4
  func.func @sums(%p: memref<?xf32> {linnet.name = "p", linnet.role = "input", linnet.symbols = ["P"]},
                  %t: memref<?xf32> {linnet.name = "t", linnet.role = "input", linnet.symbols = ["T"]}) {
    %c0 = arith.constant 0 : index
    %one = arith.constant 1.0 : f32
    %P = memref.dim %p, %c0 : memref<?xf32>
    %T = memref.dim %t, %c0 : memref<?xf32>
    %sum = affine.apply affine_map<()[s0, s1] -> (s0 + s1)>()[%P, %T]
    %less = affine.apply affine_map<()[s0] -> (s0 - 1)>()[%T]
    %0 = memref.alloc(%sum) : memref<?xf32>
    memref.store %one, %0[%c0] : memref<?xf32>
    %1 = memref.alloc(%less) : memref<?xf32>
    memref.store %one, %1[%c0] : memref<?xf32>
    memref.copy %0, %p : memref<?xf32> to memref<?xf32>
    memref.copy %1, %t : memref<?xf32> to memref<?xf32>
    return
  }
}
