// A chip that nobody knows, to linnet-opt.

// RUN: linnet-opt %s --verify-diagnostics --pass-pipeline='builtin.module(gpu.module(linnet-check-kernels{chip=sm_1}))'

module attributes {gpu.container_module} {
  // expected-error@+1 {{unknown chip 'sm_1', expected one of sm_80}}
  gpu.module @kernels {
  }
}
