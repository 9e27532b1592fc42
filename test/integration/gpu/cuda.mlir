// The code of device cuda against a stand-in for NVIDIA's driver (test/standin), which runs kernels under the simt
// executor: modules, parameters, streams, copies, and errors of every call.

// RUN: rm -rf %t && mkdir %t
// RUN: linnetc %s --target=nvptx64 -o %t/model.so
// RUN: %python -c "import numpy as np; x = np.arange(3 * 300, dtype=np.float32).reshape(3, 300); np.save('%t/x.npy', x); np.save('%t/want.npy', np.cumsum(x, axis=1, dtype=np.float32))"
// DEFINE: %{run} = linnet-run %t/model.so --device=cuda --input x=%t/x.npy --out %t/y.npy
// DEFINE: %{standin} = env LD_LIBRARY_PATH=%standin LINNET_STANDIN_MODEL=%t/model.so
// RUN: %{standin} %{run}
// RUN: %python -c "import numpy as np; np.testing.assert_allclose(np.load('%t/y.npy'), np.load('%t/want.npy'), rtol=1e-6)"

// RUN: %{standin} LINNET_STANDIN_FAIL=cuMemAlloc_v2:2 not %{run} 2>&1 | FileCheck %s --check-prefix=MEMORY
// MEMORY: linnet-run: error: device cuda: cuMemAlloc failed: CUDA_ERROR_OUT_OF_MEMORY: out of memory
// RUN: %{standin} LINNET_STANDIN_FAIL=cuLaunchKernel:999 not %{run} 2>&1 | FileCheck %s --check-prefix=LAUNCH
// LAUNCH: linnet-run: error: device cuda: cuLaunchKernel failed: CUDA_ERROR_UNKNOWN: unknown error
// RUN: %{standin} LINNET_STANDIN_FAIL=cuModuleLoadData:218 not %{run} 2>&1 | FileCheck %s --check-prefix=MODULE
// MODULE: linnet-run: error: device cuda: cuModuleLoadData failed: CUDA_ERROR_INVALID_PTX: a PTX JIT compilation failed
// RUN: %{standin} LINNET_STANDIN_FAIL=cuStreamSynchronize:700 not %{run} 2>&1 | FileCheck %s --check-prefix=SYNC
// SYNC: linnet-run: error: device cuda: cuStreamSynchronize failed: CUDA_ERROR_ILLEGAL_ADDRESS: an illegal memory access was encountered
// RUN: %{standin} LINNET_STANDIN_DEVICES=0 not %{run} 2>&1 | FileCheck %s --check-prefix=DEVICE
// DEVICE: linnet-run: error: device cuda: there is no GPU on this machine

module @cumsum attributes {linnet.symbols = ["B", "T"]} {
  func.func @main(%x: tensor<?x?xf32> {linnet.name = "x", linnet.role = "input", linnet.symbols = ["B", "T"]})
      -> (tensor<?x?xf32> {linnet.name = "y", linnet.role = "output", linnet.symbols = ["B", "T"]}) {
    %zero = arith.constant 0.0 : f32
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %B = tensor.dim %x, %c0 : tensor<?x?xf32>
    %T = tensor.dim %x, %c1 : tensor<?x?xf32>
    %e = tensor.empty(%B, %T) : tensor<?x?xf32>
    %se = tensor.empty(%B) : tensor<?xf32>
    %s = linalg.fill ins(%zero : f32) outs(%se : tensor<?xf32>) -> tensor<?xf32>
    %y, %t = linnet.scan add ins(%x : tensor<?x?xf32>) outs(%e : tensor<?x?xf32>)
        states(%s : tensor<?xf32>) {dimension = 1 : i64}
    return %y : tensor<?x?xf32>
  }
}
