//===- Session.h - weights and sessions of a model -----------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_FRONTENDS_PYTHON_BINDINGS_SESSION_H
#define LINNET_FRONTENDS_PYTHON_BINDINGS_SESSION_H

#include <pybind11/pybind11.h>

namespace linnet::python {

void bindSession(pybind11::module_ &module);

} // namespace linnet::python

#endif // LINNET_FRONTENDS_PYTHON_BINDINGS_SESSION_H
