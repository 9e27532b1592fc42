//===- Library.h - a compiled library ------------------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_FRONTENDS_PYTHON_BINDINGS_LIBRARY_H
#define LINNET_FRONTENDS_PYTHON_BINDINGS_LIBRARY_H

#include "linnet/linnet.h"

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <memory>
#include <string>
#include <vector>

namespace linnet::python {

/// A model or a set of kernels that linnetc or the JIT made, opened by the runtime.
class Library {
public:
  explicit Library(const std::string &path);

  linnet_model *get() const { return model.get(); }
  const std::string &getPath() const { return path; }
  const linnet_model_info &info() const { return *linnet_model_get_info(model.get()); }
  int32_t findFunction(const std::string &name) const;

private:
  struct Close {
    void operator()(linnet_model *model) const { linnet_model_close(model); }
  };
  std::string path;
  std::unique_ptr<linnet_model, Close> model;
};

/// The numpy dtype of an element type of the runtime. numpy has none for bf16: its bits, as uint16.
pybind11::dtype toNumpyType(int32_t dtype);

/// A shape as a tuple: sizes, and names of symbols.
pybind11::tuple describeShape(const linnet_argument &argument, const linnet_model_info &info);

/// Opens a library, and makes it part of the profile that is being taken.
std::shared_ptr<Library> openLibrary(const std::string &path);

void bindLibrary(pybind11::module_ &module);

} // namespace linnet::python

#endif // LINNET_FRONTENDS_PYTHON_BINDINGS_LIBRARY_H
