//===- CudaDevice.cpp - kernels on a GPU of NVIDIA's ----------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Through the driver's interface alone: the library carries PTX, which the driver compiles for the GPU it finds.
// Weights are copied to the GPU once, what a call reads and writes with the call.
//
//===----------------------------------------------------------------------===//

#include "CudaDriver.h"
#include "Device.h"
#include "Error.h"
#include "Shape.h"

#include <cstring>
#include <dlfcn.h>
#include <unordered_map>
#include <vector>

using namespace linnet::runtime;

namespace {

/// Memory of the GPU that is given back.
class DeviceBuffer {
public:
  explicit DeviceBuffer(const CudaDriver &driver) : driver(&driver) {}
  DeviceBuffer(DeviceBuffer &&other) noexcept : driver(other.driver), pointer(other.pointer), bytes(other.bytes) {
    other.pointer = 0;
  }
  DeviceBuffer &operator=(DeviceBuffer &&) = delete;
  ~DeviceBuffer() {
    if (pointer)
      driver->cuMemFree_v2(pointer);
  }

  CUresult reserve(size_t wanted) {
    if (pointer && wanted <= bytes)
      return 0;
    if (pointer)
      driver->cuMemFree_v2(pointer);
    pointer = 0;
    bytes = std::max<size_t>(wanted, 1);
    return driver->cuMemAlloc_v2(&pointer, bytes);
  }
  CUdeviceptr get() const { return pointer; }

private:
  const CudaDriver *driver;
  CUdeviceptr pointer = 0;
  size_t bytes = 0;
};

class CudaDevice final : public Device {
public:
  explicit CudaDevice(const linnet_gpu &gpu) : gpu(gpu) {}
  ~CudaDevice() override;

  linnet_status open();
  linnet_status run(const linnet_function &function, void *const *buffers, const int64_t *symbols, void *workspace,
                    int64_t workspaceBytes, int32_t &code) override;
  void forget(const void *weights) override { constants.erase(weights); }

private:
  linnet_status check(CUresult result, const char *call) const;
  linnet_status place(const linnet_argument &argument, bool isWritten, void *data, size_t bytes, size_t slot,
                      CUdeviceptr &pointer);
  static void launchKernel(const linnet_host *host, int32_t kernel, int64_t blocks, const void *const *parameters) {
    static_cast<CudaDevice *>(host->implementation)->launch(kernel, blocks, parameters);
  }
  void launch(int32_t kernel, int64_t blocks, const void *const *parameters);

  const linnet_gpu &gpu;
  CudaDriver driver;
  CUdevice device = 0;
  CUcontext context = nullptr;
  CUmodule module = nullptr;
  CUstream stream = nullptr;
  std::vector<CUfunction> functions;
  std::unordered_map<const void *, DeviceBuffer> constants; // of weights and what is prepared from them
  std::vector<DeviceBuffer> slots;                          // of the other arguments, and the workspace
  CUresult launchResult = 0;
};

} // namespace

linnet_status CudaDevice::check(CUresult result, const char *call) const {
  if (!result)
    return LINNET_OK;
  const char *name = nullptr, *text = nullptr;
  driver.cuGetErrorName(result, &name);
  driver.cuGetErrorString(result, &text);
  return fail(LINNET_RUN_FAILED, "device cuda: ", call, " failed: ", name ? name : "an unknown error", ": ",
              text ? text : std::to_string(result).c_str());
}

#define LINNET_CUDA(call, ...) LINNET_TRY(check(driver.call(__VA_ARGS__), #call))

linnet_status CudaDevice::open() {
  // Never closed: the driver's threads may still run its code.
  void *library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
  if (!library)
    return fail(LINNET_UNSUPPORTED, "device cuda: there is no NVIDIA driver on this machine (", dlerror(),
                "); device simt runs the same kernels without a GPU");
#define LINNET_CUDA_FIND(name, arguments)                                                                              \
  driver.name = reinterpret_cast<decltype(driver.name)>(dlsym(library, #name));                                        \
  if (!driver.name)                                                                                                    \
    return fail(LINNET_UNSUPPORTED, "device cuda: the NVIDIA driver has no function " #name "; it is too old");
  LINNET_CUDA_FUNCTIONS(LINNET_CUDA_FIND)
#undef LINNET_CUDA_FIND
  LINNET_CUDA(cuInit, 0);
  int count = 0;
  LINNET_CUDA(cuDeviceGetCount, &count);
  if (!count)
    return fail(LINNET_UNSUPPORTED, "device cuda: there is no GPU on this machine");
  LINNET_CUDA(cuDeviceGet, &device, 0);
  LINNET_CUDA(cuDevicePrimaryCtxRetain, &context, device);
  LINNET_CUDA(cuCtxSetCurrent, context);
  LINNET_CUDA(cuModuleLoadData, &module, gpu.ptx);
  functions.resize(static_cast<size_t>(gpu.kernel_count));
  for (int32_t i = 0; i < gpu.kernel_count; ++i)
    LINNET_CUDA(cuModuleGetFunction, &functions[i], module, gpu.kernels[i].name);
  LINNET_CUDA(cuStreamCreate, &stream, 1 /* not ordered with the default stream */);
  return LINNET_OK;
}

CudaDevice::~CudaDevice() {
  slots.clear();
  constants.clear();
  if (stream)
    driver.cuStreamDestroy_v2(stream);
  if (module)
    driver.cuModuleUnload(module);
  if (context)
    driver.cuDevicePrimaryCtxRelease_v2(device);
}

linnet_status CudaDevice::place(const linnet_argument &argument, bool isWritten, void *data, size_t bytes, size_t slot,
                                CUdeviceptr &pointer) {
  bool isConstant = !isWritten && (argument.role == LINNET_WEIGHT || argument.role == LINNET_PREPARED);
  if (isConstant) {
    auto [found, isNew] = constants.try_emplace(data, driver);
    if (isNew) {
      LINNET_TRY(check(found->second.reserve(bytes), "cuMemAlloc"));
      LINNET_CUDA(cuMemcpyHtoDAsync_v2, found->second.get(), data, bytes, stream);
    }
    pointer = found->second.get();
    return LINNET_OK;
  }
  LINNET_TRY(check(slots[slot].reserve(bytes), "cuMemAlloc"));
  pointer = slots[slot].get();
  if (!isWritten && bytes)
    LINNET_CUDA(cuMemcpyHtoDAsync_v2, pointer, data, bytes, stream);
  return LINNET_OK;
}

void CudaDevice::launch(int32_t kernel, int64_t blocks, const void *const *parameters) {
  // A grid of nothing is an error of the driver's.
  if (launchResult || blocks <= 0)
    return;
  launchResult = driver.cuLaunchKernel(functions[kernel], static_cast<unsigned>(blocks), 1, 1,
                                       static_cast<unsigned>(gpu.kernels[kernel].threads), 1, 1, 0, stream,
                                       const_cast<void **>(parameters), nullptr);
}

linnet_status CudaDevice::run(const linnet_function &function, void *const *buffers, const int64_t *symbols, void *,
                              int64_t workspaceBytes, int32_t &code) {
  LINNET_CUDA(cuCtxSetCurrent, context);
  size_t count = static_cast<size_t>(function.argument_count);
  while (slots.size() <= count)
    slots.emplace_back(driver);
  bool prepares = std::strcmp(function.name, "prepare") == 0;
  struct Result {
    void *data;
    CUdeviceptr pointer;
    size_t bytes;
  };
  std::vector<Result> results;
  std::vector<void *> pointers(count);
  for (size_t i = 0; i < count; ++i) {
    const linnet_argument &argument = function.arguments[i];
    int64_t bytes;
    tensorBytes(argument, symbols, bytes);
    bool isWritten = argument.role == LINNET_OUTPUT || argument.role == LINNET_STATE_OUT ||
                     (prepares && argument.role == LINNET_PREPARED);
    CUdeviceptr pointer;
    LINNET_TRY(place(argument, isWritten, buffers[i], static_cast<size_t>(bytes), i, pointer));
    pointers[i] = reinterpret_cast<void *>(pointer);
    if (isWritten && bytes)
      results.push_back({buffers[i], pointer, static_cast<size_t>(bytes)});
  }
  LINNET_TRY(check(slots[count].reserve(static_cast<size_t>(workspaceBytes)), "cuMemAlloc"));
  launchResult = 0;
  linnet_host host = {LINNET_ABI_VERSION, 0, nullptr, this, launchKernel};
  code = function.run(&host, pointers.data(), symbols, reinterpret_cast<void *>(slots[count].get()));
  LINNET_TRY(check(launchResult, "cuLaunchKernel"));
  for (const Result &result : results)
    LINNET_CUDA(cuMemcpyDtoHAsync_v2, result.data, result.pointer, result.bytes, stream);
  LINNET_CUDA(cuStreamSynchronize, stream);
  return LINNET_OK;
}

linnet_status linnet::runtime::makeCudaDevice(const linnet_gpu &gpu, std::unique_ptr<Device> &device) {
  auto made = std::make_unique<CudaDevice>(gpu);
  LINNET_TRY(made->open());
  device = std::move(made);
  return LINNET_OK;
}
