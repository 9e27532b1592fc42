//===- Status.cpp - errors of the runtime as exceptions ------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/python/bindings/Status.h"

#include <pybind11/pybind11.h>

namespace py = pybind11;

void linnet::python::check(linnet_status status) {
  if (status == LINNET_OK)
    return;
  const char *message = linnet_last_error();
  switch (status) {
  case LINNET_INVALID_ARGUMENT:
  case LINNET_NOT_FOUND:
  case LINNET_MALFORMED:
  case LINNET_MISMATCH:
  case LINNET_UNSUPPORTED:
    throw py::value_error(message);
  case LINNET_OUT_OF_MEMORY:
    PyErr_SetString(PyExc_MemoryError, message);
    break;
  case LINNET_IO_ERROR:
    PyErr_SetString(PyExc_OSError, message);
    break;
  default:
    PyErr_SetString(PyExc_RuntimeError, message);
  }
  throw py::error_already_set();
}
