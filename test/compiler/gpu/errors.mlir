// What a GPU cannot run is an error at its place.

// RUN: linnet-opt %s --split-input-file --verify-diagnostics --linnet-map-kernels
// RUN: not linnetc %s --target=nvptx64 --gpu-chip=sm_35 2>&1 | FileCheck %s --check-prefix=CHIP
// CHIP: linnetc: error: unknown chip (--gpu-chip) 'sm_35', expected one of sm_80, sm_86, sm_89, sm_90, sm_90a, sm_100, sm_120
// RUN: not linnetc %s --gpu-chip=sm_80 2>&1 | FileCheck %s --check-prefix=TARGET
// TARGET: linnetc: error: --gpu-chip: expected --target=nvptx64 with it
// RUN: not linnetc %s --emit=ptx 2>&1 | FileCheck %s --check-prefix=EMIT
// EMIT: linnetc: error: --emit=ptx, cubin and fatbin: expected --target=nvptx64 with it
// RUN: not linnetc %s --target=nvptx64 --compile-to=vector 2>&1 | FileCheck %s --check-prefix=STAGE
// STAGE: linnetc: error: expected a stage (--compile-to) of input, graph, tiled, gpu, llvm or object, got 'vector'

func.func @check(%x: memref<4xf32> {linnet.name = "x", linnet.role = "input"}, %ok: i1) {
  // expected-error@+1 {{a check of values is not supported on a GPU: the host would have to read device memory}}
  linnet.require %ok of "x"
  return
}

// -----

func.func @choice(%x: memref<4xf32> {linnet.name = "x", linnet.role = "input"}, %n: memref<index>,
                  %y: memref<4xf32> {linnet.name = "y", linnet.role = "output"}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %end = memref.load %n[] : memref<index>
  // expected-error@+1 {{depends on a value in device memory, which is not supported on a GPU: the host cannot choose what to launch by it}}
  scf.for %i = %c0 to %end step %c1 {
    linalg.copy ins(%x : memref<4xf32>) outs(%y : memref<4xf32>)
  }
  return
}

// -----

func.func @size(%n: memref<index> {linnet.name = "n", linnet.role = "input"},
                %y: memref<4xf32> {linnet.name = "y", linnet.role = "output"}) {
  %zero = arith.constant 0.0 : f32
  // expected-error@+1 {{gives a value that the host needs, which is not supported on a GPU: it is in device memory}}
  %end = memref.load %n[] : memref<index>
  scf.forall (%i) in (%end) {
    memref.store %zero, %y[%i] : memref<4xf32>
  }
  return
}
