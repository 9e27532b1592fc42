//===- Profile.h - times of what runs ------------------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_FRONTENDS_PYTHON_BINDINGS_PROFILE_H
#define LINNET_FRONTENDS_PYTHON_BINDINGS_PROFILE_H

#include "frontends/python/bindings/Library.h"

namespace linnet::python {

void bindProfile(pybind11::module_ &module);

} // namespace linnet::python

#endif // LINNET_FRONTENDS_PYTHON_BINDINGS_PROFILE_H
