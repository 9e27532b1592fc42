//===- ThreadPool.h - parallel loops --------------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_RUNTIME_THREADPOOL_H
#define LINNET_RUNTIME_THREADPOOL_H

#include "linnet/linnet.h"

namespace linnet::runtime {

class Profile;

/// What parallelFor finds behind linnet_host::implementation.
struct HostContext {
  Profile *profile; // of the model that runs
  int32_t threads;  // at most so many threads; 0: all of the pool
};

/// linnet_host::parallel_for of every model.
void parallelFor(const linnet_host *host, int32_t op, int64_t count, int64_t cost, linnet_body body, void *environment);

} // namespace linnet::runtime

#endif // LINNET_RUNTIME_THREADPOOL_H
