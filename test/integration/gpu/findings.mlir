// A kernel that is wrong: what the simt device says of it names both places. Neighbours in a row read what the other
// writes.

// RUN: linnetc %s --target=nvptx64 --compile-from=gpu -o %t.so
// RUN: %python -c "import numpy as np; np.save('%t.npy', np.zeros(64, np.float32))"
// RUN: not linnet-run %t.so --device=simt --input x=%t.npy --out %t.out.npy 2>&1 | FileCheck %s
// CHECK: linnet-run: error: function 'main' under simt:
// CHECK-DAG: race in memory at load of 4 bytes in wrong (findings.mlir:{{[0-9]+}}:{{[0-9]+}}), with store of 4 bytes in wrong (findings.mlir:{{[0-9]+}}:{{[0-9]+}})
// CHECK-DAG: outside of every buffer at load of 4 bytes in outside (findings.mlir:
// CHECK-DAG: memory is read before it is written at load of 4 bytes in wrong

module @findings attributes {gpu.container_module} {
  func.func @main(%x: memref<64xf32> {linnet.name = "x", linnet.role = "input"},
                  %y: memref<64xf32> {linnet.name = "y", linnet.role = "output"},
                  %workspace: memref<?xi8> {linnet.role = "workspace"}) {
    %c1 = arith.constant 1 : index
    %c64 = arith.constant 64 : index
    %xb, %xo, %xs, %xt = memref.extract_strided_metadata %x : memref<64xf32> -> memref<f32>, index, index, index
    %yb, %yo, %ys, %yt = memref.extract_strided_metadata %y : memref<64xf32> -> memref<f32>, index, index, index
    gpu.launch_func @kernels::@wrong blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1) args(%yb : memref<f32>)
    gpu.launch_func @kernels::@outside blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1) args(%xb : memref<f32>, %yb : memref<f32>)
    return
  }
  gpu.module @kernels {
    gpu.func @wrong(%y: memref<f32>) kernel attributes {nvvm.maxntid = array<i32: 64>} {
      %row = memref.reinterpret_cast %y to offset: [0], sizes: [64], strides: [1] : memref<f32> to memref<64xf32>
      %c1 = arith.constant 1 : index
      %c64 = arith.constant 64 : index
      %i = gpu.thread_id x
      %next = arith.addi %i, %c1 : index
      %j = arith.remui %next, %c64 : index
      %0 = memref.load %row[%j] : memref<64xf32>
      memref.store %0, %row[%i] : memref<64xf32>
      gpu.return
    }
    gpu.func @outside(%x: memref<f32>, %y: memref<f32>) kernel attributes {nvvm.maxntid = array<i32: 64>} {
      %from = memref.reinterpret_cast %x to offset: [0], sizes: [4096], strides: [1] : memref<f32> to memref<4096xf32>
      %to = memref.reinterpret_cast %y to offset: [0], sizes: [64], strides: [1] : memref<f32> to memref<64xf32>
      %c1000 = arith.constant 1000 : index
      %i = gpu.thread_id x
      %j = arith.addi %i, %c1000 : index
      %0 = memref.load %from[%j] : memref<4096xf32>
      memref.store %0, %to[%i] : memref<64xf32>
      gpu.return
    }
  }
}
