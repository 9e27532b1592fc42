// --linnet-lower-kernels: plain pointers, NVVM, and the intrinsics of LLVM as they are, where the conversion upstream
// would call NVIDIA's library.

// RUN: linnet-opt %s --pass-pipeline='builtin.module(gpu.module(linnet-lower-kernels))' | FileCheck %s

// CHECK-LABEL: llvm.func @kernel
// CHECK-SAME:    (%[[X:.*]]: !llvm.ptr, %{{.*}}: i64)
// CHECK-SAME:    nvvm.kernel
// CHECK:         nvvm.read.ptx.sreg.tid.x
// CHECK:         llvm.intr.fabs
// CHECK:         llvm.intr.fma
// CHECK:         llvm.intr.sqrt
// CHECK:         nvvm.barrier0
// CHECK-NOT:     __nv_
gpu.module @kernels {
  gpu.func @kernel(%x: memref<64xf32>, %n: i64) kernel {
    %i = gpu.thread_id x
    %0 = memref.load %x[%i] : memref<64xf32>
    %1 = llvm.intr.fabs(%0) : (f32) -> f32
    %2 = llvm.intr.fma(%1, %0, %0) : (f32, f32, f32) -> f32
    %3 = llvm.intr.sqrt(%2) : (f32) -> f32
    gpu.barrier
    memref.store %3, %x[%i] : memref<64xf32>
    gpu.return
  }
}
