//===- Status.h - errors of the runtime as exceptions --------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_FRONTENDS_PYTHON_BINDINGS_STATUS_H
#define LINNET_FRONTENDS_PYTHON_BINDINGS_STATUS_H

#include "linnet/linnet.h"

namespace linnet::python {

/// Throws the Python exception that stands for `status`, with the runtime's message, unless it is LINNET_OK. Must
/// follow the call on the same thread, whose last message it takes, and hold the GIL.
void check(linnet_status status);

} // namespace linnet::python

#endif // LINNET_FRONTENDS_PYTHON_BINDINGS_STATUS_H
