//===- Kernel.h - a workload's function, compiled and loaded -----------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_TOOLS_LINNETBENCH_KERNEL_H
#define LINNET_TOOLS_LINNETBENCH_KERNEL_H

#include "linnet/linnet.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <memory>

namespace linnet {

template <auto Free> struct Freer {
  template <typename Handle> void operator()(Handle *handle) const { Free(handle); }
};
using OwnedModel = std::unique_ptr<linnet_model, Freer<linnet_model_close>>;
using OwnedWeights = std::unique_ptr<linnet_weights, Freer<linnet_weights_free>>;
using OwnedSession = std::unique_ptr<linnet_session, Freer<linnet_session_free>>;

/// The runtime's message, when a call of it failed.
inline llvm::Error checkStatus(linnet_status status) {
  return status ? llvm::createStringError(linnet_last_error()) : llvm::Error::success();
}

/// Compiles a module of stage input, as linnetc would, to a library, and opens that. Diagnostics go to stderr.
llvm::Expected<OwnedModel> compileText(llvm::StringRef text);

/// The same from the folder of a checkpoint.
llvm::Expected<OwnedModel> compileCheckpoint(llvm::StringRef directory);

} // namespace linnet

#endif // LINNET_TOOLS_LINNETBENCH_KERNEL_H
