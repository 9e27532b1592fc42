//===- Device.h - where the kernels of a model run ------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_RUNTIME_DEVICE_H
#define LINNET_RUNTIME_DEVICE_H

#include "linnet/linnet.h"

#include <memory>
#include <string>

namespace linnet::runtime {

class Model;

/// Runs the functions of a model that is compiled for a GPU.
class Device {
public:
  virtual ~Device() = default;

  /// Calls a function with buffers of this machine; all arguments are right. One call at a time.
  virtual linnet_status run(const linnet_function &function, void *const *buffers, const int64_t *symbols,
                            void *workspace, int64_t workspaceBytes, int32_t &code) = 0;
  /// Memory of weights that is no longer valid.
  virtual void forget(const void *) {}
  /// What there is to say of all calls so far.
  virtual std::string report() const { return ""; }
};

/// The simt device: kernels as code of this machine, checked.
std::unique_ptr<Device> makeSimtDevice(const linnet_gpu &gpu, const linnet_device_options &options);

/// A GPU, through the driver that is opened now.
linnet_status makeCudaDevice(const linnet_gpu &gpu, std::unique_ptr<Device> &device);

} // namespace linnet::runtime

#endif // LINNET_RUNTIME_DEVICE_H
