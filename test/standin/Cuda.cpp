//===- Cuda.cpp - a stand-in for NVIDIA's driver ----------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The functions of libcuda that runtime/CudaDevice.cpp calls, on this machine's memory. A module is loaded by its PTX,
// which must be that of the library in LINNET_STANDIN_MODEL; its kernels then run under the simt executor, checked.
//   LINNET_STANDIN_FAIL=FUNCTION:CODE   that function fails with the code
//   LINNET_STANDIN_DEVICES=N            there are N devices (default: 1)
//
//===----------------------------------------------------------------------===//

#include "runtime/CudaDriver.h"
#include "runtime/simt/Block.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <map>

using namespace linnet::runtime;
using namespace linnet::runtime::simt;

namespace {
enum : CUresult {
  kSuccess = 0,
  kInvalidValue = 1,
  kOutOfMemory = 2,
  kNotInitialised = 3,
  kInvalidPtx = 218,
  kNotFound = 500,
  kIllegalAddress = 700,
  kUnknown = 999
};

struct Driver {
  bool isInitialised = false;
  bool hasContext = false;
  const linnet_gpu *gpu = nullptr;
  std::map<CUdeviceptr, size_t> allocations;
  int streams = 0;
  uint32_t launches = 0;
  CUresult pending = kSuccess; // found when the stream is waited for
};
Driver driver;

CUresult injected(const char *function) {
  const char *fail = std::getenv("LINNET_STANDIN_FAIL");
  size_t length = std::strlen(function);
  if (fail && !std::strncmp(fail, function, length) && fail[length] == ':')
    return std::atoi(fail + length + 1);
  return kSuccess;
}

/// Whether memory of the device holds all of the bytes.
bool isAllocated(CUdeviceptr pointer, size_t bytes) {
  auto next = driver.allocations.upper_bound(pointer);
  if (next == driver.allocations.begin())
    return false;
  --next;
  return pointer + bytes <= next->first + next->second;
}
} // namespace

#define ENTER(name)                                                                                                    \
  if (CUresult code = injected(#name))                                                                                 \
    return code;                                                                                                       \
  if (!driver.isInitialised)                                                                                           \
    return kNotInitialised;

#define EXPORT extern "C" __attribute__((visibility("default"))) CUresult

EXPORT cuInit(unsigned flags) {
  if (CUresult code = injected("cuInit"))
    return code;
  driver.isInitialised = flags == 0;
  return flags ? kInvalidValue : kSuccess;
}

EXPORT cuDeviceGetCount(int *count) {
  ENTER(cuDeviceGetCount)
  const char *devices = std::getenv("LINNET_STANDIN_DEVICES");
  *count = devices ? std::atoi(devices) : 1;
  return kSuccess;
}

EXPORT cuDeviceGet(CUdevice *device, int ordinal) {
  ENTER(cuDeviceGet)
  *device = ordinal;
  return kSuccess;
}

EXPORT cuDevicePrimaryCtxRetain(CUcontext *context, CUdevice) {
  ENTER(cuDevicePrimaryCtxRetain)
  driver.hasContext = true;
  *context = reinterpret_cast<CUcontext>(&driver);
  return kSuccess;
}

EXPORT cuDevicePrimaryCtxRelease_v2(CUdevice) {
  ENTER(cuDevicePrimaryCtxRelease_v2)
  if (driver.streams || !driver.allocations.empty() || driver.gpu)
    std::fprintf(stderr, "standin: a context ends with %d streams, %zu allocations and %d modules\n", driver.streams,
                 driver.allocations.size(), driver.gpu != nullptr);
  driver.hasContext = false;
  return kSuccess;
}

EXPORT cuCtxSetCurrent(CUcontext context) {
  ENTER(cuCtxSetCurrent)
  return context ? kSuccess : kInvalidValue;
}

EXPORT cuModuleLoadData(CUmodule *module, const void *image) {
  ENTER(cuModuleLoadData)
  const char *path = std::getenv("LINNET_STANDIN_MODEL");
  void *library = path ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : nullptr;
  auto entry = library ? reinterpret_cast<linnet_model_entry_fn>(dlsym(library, LINNET_MODEL_ENTRY)) : nullptr;
  const linnet_model_info *info = entry ? entry(LINNET_ABI_VERSION) : nullptr;
  if (!info || !info->gpu || std::strcmp(info->gpu->ptx, static_cast<const char *>(image)))
    return kInvalidPtx;
  driver.gpu = info->gpu;
  *info->gpu->simt = &getTable();
  *module = reinterpret_cast<CUmodule>(const_cast<linnet_gpu *>(info->gpu));
  return kSuccess;
}

EXPORT cuModuleUnload(CUmodule) {
  ENTER(cuModuleUnload)
  driver.gpu = nullptr;
  return kSuccess;
}

EXPORT cuModuleGetFunction(CUfunction *function, CUmodule, const char *name) {
  ENTER(cuModuleGetFunction)
  for (int32_t i = 0; i < driver.gpu->kernel_count; ++i)
    if (!std::strcmp(driver.gpu->kernels[i].name, name)) {
      *function = reinterpret_cast<CUfunction>(const_cast<linnet_kernel *>(&driver.gpu->kernels[i]));
      return kSuccess;
    }
  return kNotFound;
}

EXPORT cuStreamCreate(CUstream *stream, unsigned) {
  ENTER(cuStreamCreate)
  *stream = reinterpret_cast<CUstream>(&driver.streams);
  ++driver.streams;
  return kSuccess;
}

EXPORT cuStreamDestroy_v2(CUstream) {
  ENTER(cuStreamDestroy_v2)
  --driver.streams;
  return kSuccess;
}

EXPORT cuStreamSynchronize(CUstream stream) {
  ENTER(cuStreamSynchronize)
  if (!stream)
    return kInvalidValue;
  CUresult found = driver.pending;
  driver.pending = kSuccess;
  return found;
}

EXPORT cuMemAlloc_v2(CUdeviceptr *pointer, size_t bytes) {
  ENTER(cuMemAlloc_v2)
  if (!bytes)
    return kInvalidValue;
  constexpr size_t alignment = 256;
  void *memory = std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
  if (!memory)
    return kOutOfMemory;
  *pointer = reinterpret_cast<CUdeviceptr>(memory);
  driver.allocations[*pointer] = bytes;
  return kSuccess;
}

EXPORT cuMemFree_v2(CUdeviceptr pointer) {
  ENTER(cuMemFree_v2)
  if (!driver.allocations.erase(pointer))
    return kInvalidValue;
  std::free(reinterpret_cast<void *>(pointer));
  return kSuccess;
}

EXPORT cuMemcpyHtoDAsync_v2(CUdeviceptr to, const void *from, size_t bytes, CUstream stream) {
  ENTER(cuMemcpyHtoDAsync_v2)
  if (!stream || !isAllocated(to, bytes))
    return kInvalidValue;
  std::memcpy(reinterpret_cast<void *>(to), from, bytes);
  return kSuccess;
}

EXPORT cuMemcpyDtoHAsync_v2(void *to, CUdeviceptr from, size_t bytes, CUstream stream) {
  ENTER(cuMemcpyDtoHAsync_v2)
  if (!stream || !isAllocated(from, bytes))
    return kInvalidValue;
  std::memcpy(to, reinterpret_cast<void *>(from), bytes);
  return kSuccess;
}

EXPORT cuLaunchKernel(CUfunction function, unsigned gridX, unsigned gridY, unsigned gridZ, unsigned blockX,
                      unsigned blockY, unsigned blockZ, unsigned sharedBytes, CUstream stream, void **parameters,
                      void **extra) {
  ENTER(cuLaunchKernel)
  const auto &kernel = *reinterpret_cast<const linnet_kernel *>(function);
  if (!gridX || gridY != 1 || gridZ != 1 || blockX != static_cast<unsigned>(kernel.threads) || blockY != 1 ||
      blockZ != 1 || sharedBytes || !stream || extra)
    return kInvalidValue;
  Memory memory;
  for (auto [pointer, bytes] : driver.allocations)
    memory.add("device memory", reinterpret_cast<void *>(pointer), bytes, /*isWritable=*/true, /*isInitialised=*/true);
  memory.sort();
  Report report(*driver.gpu);
  Options options;
  Launch launch = {kernel, parameters, ++driver.launches, gridX, memory, report, options};
  Block block;
  for (unsigned i = 0; i < gridX; ++i)
    if (!block.run(launch, i))
      break;
  if (!report.isClean()) {
    std::fprintf(stderr, "standin: %s", report.describeFindings().c_str());
    driver.pending = kIllegalAddress;
  }
  return kSuccess;
}

EXPORT cuGetErrorName(CUresult error, const char **name) {
  static const std::map<CUresult, const char *> names = {{kInvalidValue, "CUDA_ERROR_INVALID_VALUE"},
                                                         {kOutOfMemory, "CUDA_ERROR_OUT_OF_MEMORY"},
                                                         {kNotInitialised, "CUDA_ERROR_NOT_INITIALIZED"},
                                                         {kInvalidPtx, "CUDA_ERROR_INVALID_PTX"},
                                                         {kNotFound, "CUDA_ERROR_NOT_FOUND"},
                                                         {kIllegalAddress, "CUDA_ERROR_ILLEGAL_ADDRESS"},
                                                         {kUnknown, "CUDA_ERROR_UNKNOWN"}};
  auto found = names.find(error);
  *name = found == names.end() ? nullptr : found->second;
  return found == names.end() ? kInvalidValue : kSuccess;
}

EXPORT cuGetErrorString(CUresult error, const char **text) {
  static const std::map<CUresult, const char *> texts = {{kInvalidValue, "invalid argument"},
                                                         {kOutOfMemory, "out of memory"},
                                                         {kNotInitialised, "initialization error"},
                                                         {kInvalidPtx, "a PTX JIT compilation failed"},
                                                         {kNotFound, "named symbol not found"},
                                                         {kIllegalAddress, "an illegal memory access was encountered"},
                                                         {kUnknown, "unknown error"}};
  auto found = texts.find(error);
  *text = found == texts.end() ? nullptr : found->second;
  return found == texts.end() ? kInvalidValue : kSuccess;
}
