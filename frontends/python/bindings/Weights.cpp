//===- Weights.cpp - the weights of a library ----------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/python/bindings/Weights.h"

#include "frontends/python/bindings/Status.h"

#include <pybind11/stl.h>

#include <list>

namespace py = pybind11;
using namespace linnet::python;

Weights::Weights(std::shared_ptr<Library> opened, const std::string &path, const std::optional<std::string> &sidecar)
    : library(std::move(opened)) {
  linnet_weights *loaded = nullptr;
  linnet_status status;
  {
    py::gil_scoped_release release;
    status = linnet_weights_load(library->get(), path.c_str(), sidecar ? sidecar->c_str() : nullptr, &loaded);
  }
  check(status);
  weights.reset(loaded);
}

/// The type of an array's elements in the runtime; 16-bit integers without a sign are the bits of bf16.
static int32_t getElementType(const py::array &values) {
  for (int32_t dtype :
       {LINNET_F32, LINNET_BF16, LINNET_F16, LINNET_I64, LINNET_I32, LINNET_BOOL, LINNET_F64, LINNET_I8, LINNET_U8})
    if (values.dtype().num() == toNumpyType(dtype).num())
      return dtype;
  throw py::type_error("expected elements of a type of the runtime, got " + std::string(py::str(values.dtype())));
}

Weights::Weights(std::shared_ptr<Library> opened, const py::dict &arrays) : library(std::move(opened)) {
  std::list<std::string> names; // their text must stay where it is
  std::list<std::vector<int64_t>> shapes;
  std::vector<linnet_tensor> tensors;
  py::list references;
  for (auto [name, array] : arrays) {
    auto values = py::cast<py::array>(array);
    if (!(values.flags() & py::array::c_style))
      throw py::value_error("weight " + std::string(py::str(name)) + ": expected a dense array, row by row");
    names.push_back(py::cast<std::string>(name));
    shapes.emplace_back(values.shape(), values.shape() + values.ndim());
    tensors.push_back({names.back().c_str(), getElementType(values), static_cast<int32_t>(values.ndim()),
                       shapes.back().data(), values.data()});
    references.append(values);
  }
  kept = references;
  linnet_weights *bound = nullptr;
  linnet_status status;
  {
    py::gil_scoped_release release;
    status = linnet_weights_from_tensors(library->get(), tensors.data(), static_cast<int32_t>(tensors.size()), &bound);
  }
  check(status);
  weights.reset(bound);
}

void linnet::python::bindWeights(py::module_ &module) {
  py::class_<Weights, std::shared_ptr<Weights>>(module, "Weights", "The weights of a library, checked and prepared.")
      .def(py::init<std::shared_ptr<Library>, const std::string &, const std::optional<std::string> &>(),
           py::arg("library"), py::arg("path"), py::arg("sidecar") = py::none())
      .def_static(
          "from_arrays",
          [](std::shared_ptr<Library> library, const py::dict &arrays) {
            return std::make_shared<Weights>(std::move(library), arrays);
          },
          py::arg("library"), py::arg("arrays"), "Binds arrays by name; they are kept and must not change.");
}
