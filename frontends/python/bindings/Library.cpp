//===- Library.cpp - a compiled library ----------------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/python/bindings/Library.h"

#include "frontends/python/bindings/Status.h"

namespace py = pybind11;
using namespace linnet::python;

Library::Library(const std::string &file) : path(file) {
  linnet_model *opened = nullptr;
  check(linnet_model_open(path.c_str(), &opened));
  model.reset(opened);
}

int32_t Library::findFunction(const std::string &name) const {
  int32_t index = 0;
  check(linnet_model_find_function(model.get(), name.c_str(), &index));
  return index;
}

py::dtype linnet::python::toNumpyType(int32_t dtype) {
  switch (dtype) {
  case LINNET_F32:
    return py::dtype("float32");
  case LINNET_F16:
    return py::dtype("float16");
  case LINNET_BF16:
    return py::dtype("uint16");
  case LINNET_F64:
    return py::dtype("float64");
  case LINNET_I8:
    return py::dtype("int8");
  case LINNET_U8:
    return py::dtype("uint8");
  case LINNET_I32:
    return py::dtype("int32");
  case LINNET_I64:
    return py::dtype("int64");
  case LINNET_BOOL:
    return py::dtype("bool");
  case LINNET_I16:
    return py::dtype("int16");
  case LINNET_U16:
    return py::dtype("uint16");
  case LINNET_U32:
    return py::dtype("uint32");
  case LINNET_U64:
    return py::dtype("uint64");
  default:
    throw py::value_error("unknown element type " + std::to_string(dtype));
  }
}

py::tuple linnet::python::describeShape(const linnet_argument &argument, const linnet_model_info &info) {
  py::tuple shape(argument.rank);
  for (int32_t i = 0; i < argument.rank; ++i) {
    int64_t size = argument.shape[i];
    shape[i] = size >= 0 ? py::object(py::int_(size)) : py::object(py::str(info.symbols[-1 - size]));
  }
  return shape;
}

static const char *nameRole(int32_t role) {
  static const char *const names[] = {"input", "weight", "state_in", "prepared", "output", "state_out"};
  return names[role]; // the runtime has checked the range
}

static py::tuple describeArgument(const linnet_argument &argument, const linnet_model_info &info) {
  return py::make_tuple(argument.name, nameRole(argument.role), linnet_dtype_name(argument.dtype),
                        describeShape(argument, info));
}

static py::dict describeFunctions(const Library &library) {
  const linnet_model_info &info = library.info();
  py::dict functions;
  for (int32_t f = 0; f < info.function_count; ++f) {
    const linnet_function &function = info.functions[f];
    py::list arguments;
    for (int32_t i = 0; i < function.argument_count; ++i)
      arguments.append(describeArgument(function.arguments[i], info));
    functions[function.name] = arguments;
  }
  return functions;
}

static py::list describeStates(const Library &library) {
  py::list states;
  for (int32_t i = 0, n = linnet_model_state_count(library.get()); i < n; ++i)
    states.append(describeArgument(*linnet_model_state(library.get(), i), library.info()));
  return states;
}

void linnet::python::bindLibrary(py::module_ &module) {
  py::class_<Library, std::shared_ptr<Library>>(module, "Library", "A compiled library.")
      .def(py::init(&openLibrary), py::arg("path"))
      .def_property_readonly("path", &Library::getPath)
      .def_property_readonly("name", [](const Library &library) { return library.info().name; })
      .def_property_readonly("producer", [](const Library &library) { return library.info().producer; })
      .def_property_readonly("target", [](const Library &library) { return library.info().target; })
      .def_property_readonly(
          "metadata", [](const Library &library) { return library.info().metadata; },
          "JSON text, as the frontend wrote it.")
      .def_property_readonly("symbols",
                             [](const Library &library) {
                               py::list symbols;
                               for (int32_t i = 0; i < library.info().symbol_count; ++i)
                                 symbols.append(library.info().symbols[i]);
                               return symbols;
                             })
      .def_property_readonly("functions", describeFunctions,
                             "{name: [(argument, role, dtype, shape)]}; a size is a number or a symbol's name.")
      .def_property_readonly("states", describeStates, "[(name, role, dtype, shape)] of the carried states.");
}
