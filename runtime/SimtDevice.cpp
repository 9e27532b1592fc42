//===- SimtDevice.cpp - kernels on this machine ---------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Device.h"

#include "Error.h"
#include "Shape.h"
#include "simt/Block.h"

#include <cstring>
#include <thread>

using namespace linnet::runtime;
using namespace linnet::runtime::simt;

namespace {

class SimtDevice final : public Device {
public:
  SimtDevice(const linnet_gpu &gpu, const linnet_device_options &options)
      : gpu(gpu), collected(gpu), workers(std::max(1u, std::thread::hardware_concurrency())) {
    settings.check = options.check;
    settings.statistics = options.statistics;
    settings.seed = options.seed;
    *gpu.simt = &getTable();
  }

  linnet_status run(const linnet_function &function, void *const *buffers, const int64_t *symbols, void *workspace,
                    int64_t workspaceBytes, int32_t &code) override;
  std::string report() const override {
    return settings.statistics ? collected.describeFindings() + collected.describeTraffic()
                               : collected.describeFindings();
  }

private:
  static void launchKernel(const linnet_host *host, int32_t kernel, int64_t blocks, const void *const *parameters) {
    static_cast<SimtDevice *>(host->implementation)->launch(gpuOf(host).kernels[kernel], blocks, parameters);
  }
  static const linnet_gpu &gpuOf(const linnet_host *host) {
    return static_cast<SimtDevice *>(host->implementation)->gpu;
  }
  void launch(const linnet_kernel &kernel, int64_t blocks, const void *const *parameters);

  const linnet_gpu &gpu;
  Options settings;
  Report collected;
  Memory *memory = nullptr; // of the call that runs
  uint32_t launches = 0;
  bool hasFailed = false;
  std::vector<Block> workers;
};

} // namespace

void SimtDevice::launch(const linnet_kernel &kernel, int64_t blocks, const void *const *parameters) {
  if (hasFailed)
    return;
  Launch launch = {kernel, parameters, ++launches, blocks, *memory, collected, settings};
  std::atomic<int64_t> next{0};
  std::atomic<bool> failed{false};
  auto work = [&](Block &block) {
    for (int64_t i; !failed && (i = next.fetch_add(1)) < blocks;)
      if (!block.run(launch, i))
        failed = true;
  };
  size_t count = std::min<size_t>(workers.size(), static_cast<size_t>(std::max<int64_t>(blocks, 1)));
  std::vector<std::thread> others;
  for (size_t i = 1; i < count; ++i)
    others.emplace_back([&, i] { work(workers[i]); });
  work(workers[0]);
  for (std::thread &other : others)
    other.join();
  hasFailed = failed;
}

linnet_status SimtDevice::run(const linnet_function &function, void *const *buffers, const int64_t *symbols,
                              void *workspace, int64_t workspaceBytes, int32_t &code) {
  Memory all;
  for (int32_t i = 0; i < function.argument_count; ++i) {
    const linnet_argument &argument = function.arguments[i];
    int64_t bytes;
    tensorBytes(argument, symbols, bytes);
    bool isWritten = argument.role == LINNET_OUTPUT || argument.role == LINNET_STATE_OUT ||
                     (argument.role == LINNET_PREPARED && std::strcmp(function.name, "prepare") == 0);
    if (isWritten && settings.check)
      std::memset(buffers[i], 0xff, static_cast<size_t>(bytes));
    all.add(argument.name, buffers[i], static_cast<uint64_t>(bytes), isWritten, !isWritten);
  }
  if (settings.check)
    std::memset(workspace, 0xff, static_cast<size_t>(workspaceBytes));
  all.add("workspace", workspace, static_cast<uint64_t>(workspaceBytes), /*isWritable=*/true, /*isInitialised=*/false);
  all.sort();
  memory = &all;
  hasFailed = false;
  launches = 0;
  linnet_host host = {LINNET_ABI_VERSION, 0, nullptr, this, launchKernel};
  code = function.run(&host, buffers, symbols, workspace);
  memory = nullptr;
  if (!collected.isClean())
    return fail(LINNET_RUN_FAILED, "function ", quote(function.name), " under simt:\n", collected.describeFindings());
  return LINNET_OK;
}

std::unique_ptr<Device> linnet::runtime::makeSimtDevice(const linnet_gpu &gpu, const linnet_device_options &options) {
  return std::make_unique<SimtDevice>(gpu, options);
}
