//===- Retarget.h - kernels as code of this machine -----------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_COMPILER_GPU_RETARGET_H
#define LINNET_COMPILER_GPU_RETARGET_H

#include "llvm/IR/Module.h"
#include "llvm/Support/Error.h"
#include "llvm/Target/TargetMachine.h"

#include <string>
#include <vector>

namespace linnet {

/// What the simt device is told of a kernel (runtime/include/linnet/model.h).
struct RetargetedKernel {
  struct Shared {
    int64_t offset, bytes;
  };
  std::string name;
  int64_t threads = 0, sharedBytes = 0;
  std::vector<Shared> shared;
  std::vector<int64_t> parameterBytes;
  /// The function that runs one thread of it.
  std::string function;
};
struct RetargetedSite {
  std::string what, where;
};
struct RetargetedModule {
  std::vector<RetargetedKernel> kernels;
  std::vector<RetargetedSite> sites;
  /// The variable that points to the table of the simt device.
  std::string table;
};

/// A short hash of a module's text.
std::string hashModule(const llvm::Module &module);

/// Rewrites the module that PTX is made from for `machine`: kernels become functions of this machine, shared memory a
/// place that the simt device gives, every access to memory is announced, and every intrinsic of NVIDIA's becomes a
/// call of the device (runtime/include/linnet/simt.h).
llvm::Expected<RetargetedModule> retargetKernels(llvm::Module &module, const llvm::TargetMachine &machine);

} // namespace linnet

#endif // LINNET_COMPILER_GPU_RETARGET_H
