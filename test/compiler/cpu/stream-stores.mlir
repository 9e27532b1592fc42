// --linnet-stream-stores: a loop that writes whole cache lines of a large result gets a version that writes them past the
// caches, for buffers whose rows begin on cache lines. Numbers: test/python/test_scan.py.

// RUN: linnet-opt %s --linnet-stream-stores=bytes=65536 --canonicalize --cse | FileCheck %s

// Of a dynamic size, the size and the place of the rows are looked at when the function runs.
// CHECK-LABEL: func @streamed(
// CHECK-SAME:    %[[X:.*]]: memref<?x?xf32> {{.*}}, %[[Y:.*]]: memref<?x?xf32>
// CHECK-DAG:     %[[POINTER:.*]] = memref.extract_aligned_pointer_as_index %[[Y]]
// CHECK-DAG:     arith.remui %[[POINTER]], %c64
// CHECK-DAG:     %[[COLUMNS:.*]] = memref.dim %[[Y]], %c1
// CHECK-DAG:     arith.remui %[[COLUMNS]], %c16
// CHECK-DAG:     arith.cmpi uge, %{{.*}}, %c65536
// CHECK:         scf.forall
// CHECK:           %[[SUM:.*]] = scf.if %{{.*}} -> (vector<16xf32>) {
// CHECK:             %[[FAST:.*]] = scf.for
// CHECK:               vector.store %{{.*}}, %[[Y]][{{.*}}] {alignment = 64 : i64, nontemporal = true}
// CHECK:             llvm.fence seq_cst
// CHECK:             scf.yield %[[FAST]]
// CHECK:           } else {
// CHECK:             scf.for
// CHECK:               vector.transfer_write %{{.*}}, %[[Y]]
// CHECK:           vector.transfer_write %[[SUM]], %{{.*}} : vector<16xf32>, memref<?xf32>
func.func @streamed(%x: memref<?x?xf32> {linnet.role = "input", linnet.name = "x"},
                    %y: memref<?x?xf32> {linnet.role = "output", linnet.name = "y"},
                    %z: memref<?xf32> {linnet.role = "state_out", linnet.name = "z"}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c16 = arith.constant 16 : index
  %zero = arith.constant 0.0 : f32
  %none = arith.constant dense<0.0> : vector<16xf32>
  %times = memref.dim %x, %c0 : memref<?x?xf32>
  %lanes = memref.dim %x, %c1 : memref<?x?xf32>
  scf.forall (%i) = (0) to (%lanes) step (32) {
    %at = arith.addi %i, %c16 : index
    %sum = scf.for %t = %c0 to %times step %c1 iter_args(%h = %none) -> (vector<16xf32>) {
      %v = vector.transfer_read %x[%t, %at], %zero {in_bounds = [true]} : memref<?x?xf32>, vector<16xf32>
      %n = arith.addf %h, %v : vector<16xf32>
      vector.transfer_write %n, %y[%t, %at] {in_bounds = [true]} : vector<16xf32>, memref<?x?xf32>
      scf.yield %n : vector<16xf32>
    }
    vector.transfer_write %sum, %z[%at] {in_bounds = [true]} : vector<16xf32>, memref<?xf32>
  }
  return
}

// Not: a small result, rows that are no whole lines, writes that may begin within a line, masked ones, and what is read.
// CHECK-LABEL: func @left_alone(
// CHECK-NOT:     scf.if
// CHECK-NOT:     vector.store
func.func @left_alone(%small: memref<128x64xf32> {linnet.role = "output", linnet.name = "a"},
                      %ragged: memref<4096x24xf32> {linnet.role = "output", linnet.name = "b"},
                      %shifted: memref<4096x64xf32> {linnet.role = "output", linnet.name = "c"},
                      %masked: memref<?x?xf32> {linnet.role = "output", linnet.name = "d"},
                      %read: memref<?x?xf32> {linnet.role = "output", linnet.name = "e"}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c128 = arith.constant 128 : index
  %zero = arith.constant 0.0 : f32
  %v = arith.constant dense<0.0> : vector<16xf32>
  scf.for %t = %c0 to %c128 step %c1 {
    vector.transfer_write %v, %small[%t, %c0] {in_bounds = [true]} : vector<16xf32>, memref<128x64xf32>
    vector.transfer_write %v, %ragged[%t, %c0] {in_bounds = [true]} : vector<16xf32>, memref<4096x24xf32>
    vector.transfer_write %v, %shifted[%c0, %t] {in_bounds = [true]} : vector<16xf32>, memref<4096x64xf32>
    vector.transfer_write %v, %masked[%t, %c0] : vector<16xf32>, memref<?x?xf32>
    %w = vector.transfer_read %read[%c0, %t], %zero {in_bounds = [true]} : memref<?x?xf32>, vector<16xf32>
    vector.transfer_write %w, %read[%t, %c0] {in_bounds = [true]} : vector<16xf32>, memref<?x?xf32>
  }
  return
}
