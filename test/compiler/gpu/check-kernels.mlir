// Shared memory beyond what a block may have, and functions that LLVM has no instruction for.

// RUN: linnet-opt %s --split-input-file --verify-diagnostics --pass-pipeline='builtin.module(gpu.module(linnet-check-kernels{chip=sm_90}))'

module attributes {gpu.container_module} {
  gpu.module @kernels {
    // expected-error@+1 {{kernel large needs 65536 bytes of shared memory, and a block of sm_90 has 49152}}
    gpu.func @large() workgroup(%buffer : memref<16384xf32, #gpu.address_space<workgroup>>) kernel {
      gpu.return
    }
  }
}

// -----

module attributes {gpu.container_module} {
  gpu.module @kernels {
    gpu.func @double(%x: memref<f64>) kernel {
      %0 = memref.load %x[] : memref<f64>
      // expected-error@+1 {{has no lowering for a GPU on 'f64'; compute it in f32}}
      %1 = math.exp %0 : f64
      memref.store %1, %x[] : memref<f64>
      gpu.return
    }
  }
}
