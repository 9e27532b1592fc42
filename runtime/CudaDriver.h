//===- CudaDriver.h - the part of the CUDA driver's interface in use ------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_RUNTIME_CUDADRIVER_H
#define LINNET_RUNTIME_CUDADRIVER_H

#include <cstddef>

namespace linnet::runtime {

using CUresult = int; // 0: success
using CUdevice = int;
using CUdeviceptr = unsigned long long;
using CUcontext = struct CUctx_st *;
using CUmodule = struct CUmod_st *;
using CUfunction = struct CUfunc_st *;
using CUstream = struct CUstream_st *;

/// The functions of libcuda that are called, with the names that it exports.
#define LINNET_CUDA_FUNCTIONS(X)                                                                                       \
  X(cuInit, (unsigned flags))                                                                                          \
  X(cuDeviceGetCount, (int *count))                                                                                    \
  X(cuDeviceGet, (CUdevice * device, int ordinal))                                                                     \
  X(cuDevicePrimaryCtxRetain, (CUcontext * context, CUdevice device))                                                  \
  X(cuDevicePrimaryCtxRelease_v2, (CUdevice device))                                                                   \
  X(cuCtxSetCurrent, (CUcontext context))                                                                              \
  X(cuModuleLoadData, (CUmodule * module, const void *image))                                                          \
  X(cuModuleUnload, (CUmodule module))                                                                                 \
  X(cuModuleGetFunction, (CUfunction * function, CUmodule module, const char *name))                                   \
  X(cuStreamCreate, (CUstream * stream, unsigned flags))                                                               \
  X(cuStreamDestroy_v2, (CUstream stream))                                                                             \
  X(cuStreamSynchronize, (CUstream stream))                                                                            \
  X(cuMemAlloc_v2, (CUdeviceptr * pointer, size_t bytes))                                                              \
  X(cuMemFree_v2, (CUdeviceptr pointer))                                                                               \
  X(cuMemcpyHtoDAsync_v2, (CUdeviceptr to, const void *from, size_t bytes, CUstream stream))                           \
  X(cuMemcpyDtoHAsync_v2, (void *to, CUdeviceptr from, size_t bytes, CUstream stream))                                 \
  X(cuLaunchKernel,                                                                                                    \
    (CUfunction function, unsigned gridX, unsigned gridY, unsigned gridZ, unsigned blockX, unsigned blockY,            \
     unsigned blockZ, unsigned sharedBytes, CUstream stream, void **parameters, void **extra))                         \
  X(cuGetErrorName, (CUresult error, const char **name))                                                               \
  X(cuGetErrorString, (CUresult error, const char **text))

struct CudaDriver {
#define LINNET_CUDA_FUNCTION(name, arguments) CUresult(*name) arguments = nullptr;
  LINNET_CUDA_FUNCTIONS(LINNET_CUDA_FUNCTION)
#undef LINNET_CUDA_FUNCTION
};

} // namespace linnet::runtime

#endif // LINNET_RUNTIME_CUDADRIVER_H
