// What becomes a kernel, and how its work is shared.

// RUN: linnet-opt %s --linnet-map-kernels | FileCheck %s --check-prefix=MAP
// RUN: linnet-opt %s --linnet-map-kernels --linnet-distribute-blocks --cse | FileCheck %s --check-prefix=DISTRIBUTE
// RUN: linnet-opt %s --linnet-map-kernels --linnet-distribute-blocks --linnet-outline-kernels | FileCheck %s --check-prefix=OUTLINE

#row = affine_map<(i, j) -> (i, j)>
#sum = affine_map<(i, j) -> (i)>

// A loop of the host stays; what touches memory in it does not.
// MAP-LABEL: func @loop
// MAP:         scf.for
// MAP:           gpu.launch blocks
// MAP-SAME:        threads({{.*}}) in (%{{.*}} = %c256{{[_0-9]*}}, %
// MAP:             scf.for
// MAP:               memref.store
// MAP:           } {linnet.distributed, linnet.kernel = "loop_0_linalg_copy"}
// DISTRIBUTE-LABEL: func @loop
// OUTLINE-LABEL: func @loop
// OUTLINE:       gpu.launch_func @kernels::@loop_0_linalg_copy
// OUTLINE-SAME:    args(%{{.*}} : memref<f32>
func.func @loop(%x: memref<?x8xf32> {linnet.name = "x", linnet.role = "input"},
                %y: memref<?x8xf32> {linnet.name = "y", linnet.role = "output"}, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %i = %c0 to %n step %c1 {
    linalg.copy ins(%x : memref<?x8xf32>) outs(%y : memref<?x8xf32>)
  }
  return
}

// Loads and stores without a parallel form are one kernel of one thread.
// MAP-LABEL: func @serial
// MAP:         gpu.launch blocks
// MAP-SAME:      threads({{.*}}) in (%{{.*}} = %c1{{[_0-9]*}}, %
// MAP:           memref.load
// MAP-NEXT:      arith.addf
// MAP-NEXT:      memref.store
// MAP:         } {linnet.kernel = "serial_0_serial"}
// DISTRIBUTE-LABEL: func @serial
// OUTLINE-LABEL: func @serial
func.func @serial(%x: memref<8xf32> {linnet.name = "x", linnet.role = "input"},
                  %y: memref<8xf32> {linnet.name = "y", linnet.role = "output"}) {
  %c0 = arith.constant 0 : index
  %0 = memref.load %x[%c0] : memref<8xf32>
  %1 = arith.addf %0, %0 : f32
  memref.store %1, %y[%c0] : memref<8xf32>
  return
}

// One block for each tile. The sum of a row is that of a warp, by shuffles, and a barrier stands before others read it;
// none stands between two ops that give an element to the same thread.
// MAP-LABEL: func @tiles
// MAP:         gpu.launch blocks
// MAP:           linalg.generic
// MAP:           linalg.generic
// MAP:         } {linnet.kernel = "tiles_0_scf_forall"}
// DISTRIBUTE-LABEL: func @tiles
// DISTRIBUTE:     gpu.thread_id
// DISTRIBUTE-NOT: gpu.barrier
// DISTRIBUTE:     scf.for
// DISTRIBUTE:       memref.store
// DISTRIBUTE:     gpu.barrier
// DISTRIBUTE:     scf.for
// DISTRIBUTE:       gpu.shuffle xor
// DISTRIBUTE:       scf.if
// DISTRIBUTE:     gpu.barrier
// DISTRIBUTE:     scf.for
// DISTRIBUTE-NOT: gpu.barrier
// DISTRIBUTE:     gpu.terminator
// OUTLINE-LABEL: func @tiles
// OUTLINE:       gpu.module @kernels
// OUTLINE:         gpu.func @tiles_0_scf_forall(%{{.*}}: memref<f32>
// OUTLINE-SAME:      kernel attributes {nvvm.maxntid = array<i32: 256>}
func.func @tiles(%x: memref<64x72xf32> {linnet.name = "x", linnet.role = "input"},
                 %s: memref<64xf32> {linnet.name = "s", linnet.role = "output"},
                 %y: memref<64x72xf32> {linnet.name = "y", linnet.role = "output"}) {
  %zero = arith.constant 0.0 : f32
  scf.forall (%i) = (0) to (64) step (32) {
    %xi = memref.subview %x[%i, 0] [32, 72] [1, 1] : memref<64x72xf32> to memref<32x72xf32, strided<[72, 1], offset: ?>>
    %si = memref.subview %s[%i] [32] [1] : memref<64xf32> to memref<32xf32, strided<[1], offset: ?>>
    %yi = memref.subview %y[%i, 0] [32, 72] [1, 1] : memref<64x72xf32> to memref<32x72xf32, strided<[72, 1], offset: ?>>
    linalg.fill ins(%zero : f32) outs(%si : memref<32xf32, strided<[1], offset: ?>>)
    linalg.generic {indexing_maps = [#row, #sum], iterator_types = ["parallel", "reduction"]}
        ins(%xi : memref<32x72xf32, strided<[72, 1], offset: ?>>) outs(%si : memref<32xf32, strided<[1], offset: ?>>) {
      ^bb0(%a: f32, %b: f32):
        %0 = arith.addf %b, %a fastmath<reassoc> : f32
        linalg.yield %0 : f32
    }
    linalg.generic {indexing_maps = [#row, #sum, #row], iterator_types = ["parallel", "parallel"]}
        ins(%xi, %si : memref<32x72xf32, strided<[72, 1], offset: ?>>, memref<32xf32, strided<[1], offset: ?>>)
        outs(%yi : memref<32x72xf32, strided<[72, 1], offset: ?>>) {
      ^bb0(%a: f32, %b: f32, %c: f32):
        %0 = arith.divf %a, %b : f32
        linalg.yield %0 : f32
    }
  }
  return
}
