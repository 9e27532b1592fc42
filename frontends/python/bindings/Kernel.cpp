//===- Kernel.cpp - functions on numpy arrays ----------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/python/bindings/Kernel.h"

#include "frontends/python/bindings/Status.h"

#include <pybind11/stl.h>

#include <algorithm>
#include <cstdlib>

namespace py = pybind11;
using namespace linnet::python;

namespace {
struct Free {
  void operator()(void *memory) const { std::free(memory); }
};
} // namespace

/// What one call needs while it runs.
struct Kernel::Call {
  const linnet_model_info &info;
  const linnet_function &function;
  const KnownShapes *known;
  std::vector<void *> buffers;
  std::vector<int64_t> symbols; // -1: not known yet
  std::vector<int32_t> zeroStates;
  std::vector<std::unique_ptr<void, Free>> zeros;
  py::list outputs;
};

/// What `prepare` makes is an output there, and an input of all other functions.
static bool isOutput(const linnet_function &function, const linnet_argument &argument) {
  return argument.role == LINNET_OUTPUT || argument.role == LINNET_STATE_OUT ||
         (argument.role == LINNET_PREPARED && std::string_view(function.name) == "prepare");
}

Kernel::Kernel(std::shared_ptr<Library> opened, const std::string &name, std::vector<std::string> names,
               std::shared_ptr<Weights> weightsOfLibrary)
    : library(std::move(opened)), function(library->findFunction(name)), parameters(std::move(names)),
      weights(std::move(weightsOfLibrary)) {
  const linnet_function &described = library->info().functions[function];
  argumentOf.assign(parameters.size(), -1);
  for (int32_t i = 0; i < described.argument_count; ++i) {
    const linnet_argument &argument = described.arguments[i];
    types.push_back(toNumpyType(argument.dtype));
    if (isOutput(described, argument))
      continue;
    if (weights && (argument.role == LINNET_WEIGHT || argument.role == LINNET_PREPARED)) {
      linnet_tensor tensor;
      check(linnet_weights_get(weights->get(), argument.name, &tensor));
      bound.emplace_back(i, tensor.data);
      continue;
    }
    size_t parameter = 0;
    while (parameter < parameters.size() && parameters[parameter] != argument.name)
      ++parameter;
    if (parameter == parameters.size())
      throw py::value_error("function " + name + " takes an argument '" + argument.name +
                            "', which is none of the parameters");
    argumentOf[parameter] = i;
  }
}

static std::string showShape(const linnet_argument &argument, const linnet_model_info &info) {
  return py::str(describeShape(argument, info));
}

static int64_t resolve(int64_t size, const std::vector<int64_t> &symbols) {
  return size >= 0 ? size : symbols[-1 - size];
}

bool Kernel::bindInput(Call &call, py::handle array, size_t parameter, std::string *mismatch) const {
  auto refuse = [&](auto why) {
    if (mismatch)
      *mismatch = "argument " + parameters[parameter] + ": " + why();
    return false;
  };
  int32_t index = argumentOf[parameter];
  if (index < 0)
    return array.is_none() || refuse([] { return std::string("expected None, this kernel does not take it"); });
  const linnet_argument &argument = call.function.arguments[index];
  if (array.is_none()) {
    if (argument.role != LINNET_STATE_IN)
      return refuse([&] { return "expected an array of shape " + showShape(argument, call.info) + ", got None"; });
    call.zeroStates.push_back(index);
    return true;
  }
  // Exactly: what a subclass adds, such as a mask, would be lost.
  if (Py_TYPE(array.ptr()) != py::detail::npy_api::get().PyArray_Type_)
    return refuse([&] { return "expected a numpy array, got " + std::string(py::str(py::type::of(array))); });
  auto values = py::reinterpret_borrow<py::array>(array);
  py::dtype type = values.dtype();
  if (type.num() != types[index].num() || (type.byteorder() != '=' && type.byteorder() != '|'))
    return refuse([&] {
      return "expected elements of type " + std::string(py::str(types[index])) + ", got " + std::string(py::str(type));
    });
  int64_t elements = 1;
  for (int32_t i = 0; call.known && i < argument.rank; ++i)
    elements *= resolve(argument.shape[i], call.symbols);
  bool fits = call.known ? values.size() == elements : values.ndim() == argument.rank;
  for (int32_t i = 0; !call.known && fits && i < argument.rank; ++i) {
    int64_t size = argument.shape[i];
    if (size < 0) {
      int64_t &symbol = call.symbols[-1 - size];
      if (symbol < 0)
        symbol = values.shape(i);
      size = symbol;
    }
    fits = values.shape(i) == size;
  }
  if (!fits)
    return refuse([&] {
      return "expected shape " + showShape(argument, call.info) + ", got " + std::string(py::str(array.attr("shape")));
    });
  constexpr int wanted = py::detail::npy_api::NPY_ARRAY_C_CONTIGUOUS_ | py::detail::npy_api::NPY_ARRAY_ALIGNED_;
  if ((values.flags() & wanted) != wanted)
    return refuse([] { return std::string("expected a dense array, row by row"); });
  // Inputs are read only, whatever the type says: an array need not be writable.
  call.buffers[index] = const_cast<void *>(values.data());
  return true;
}

/// A new array. A large one begins on a cache line, where numpy's own begin 16 bytes behind one: compiled code writes
/// such results past the caches.
static py::array makeOutput(const py::dtype &type, std::vector<py::ssize_t> shape) {
  constexpr size_t lineBytes = 64, largeBytes = size_t(1) << 20;
  size_t count = 1, elementBytes = static_cast<size_t>(type.itemsize());
  for (py::ssize_t size : shape)
    count *= static_cast<size_t>(size);
  if (count * elementBytes < largeBytes || lineBytes % elementBytes != 0)
    return py::array(type, std::move(shape));
  py::array memory(type, static_cast<py::ssize_t>(count + lineBytes / elementBytes));
  auto address = reinterpret_cast<uintptr_t>(memory.mutable_data());
  char *start = static_cast<char *>(memory.mutable_data()) + (lineBytes - address % lineBytes) % lineBytes;
  return py::array(type, std::move(shape), {}, start, memory);
}

void Kernel::bindOutputs(Call &call) const {
  for (int32_t index : call.zeroStates) {
    const linnet_argument &argument = call.function.arguments[index];
    size_t bytes = linnet_dtype_bytes(argument.dtype);
    for (int32_t i = 0; i < argument.rank; ++i)
      bytes *= static_cast<size_t>(resolve(argument.shape[i], call.symbols));
    call.zeros.emplace_back(std::calloc(bytes ? bytes : 1, 1));
    if (!call.zeros.back())
      throw std::bad_alloc();
    call.buffers[index] = call.zeros.back().get();
  }
  for (int32_t i = 0; i < call.function.argument_count; ++i) {
    const linnet_argument &argument = call.function.arguments[i];
    if (!isOutput(call.function, argument))
      continue;
    std::vector<py::ssize_t> shape;
    if (call.known)
      shape = call.known->results[call.outputs.size()];
    for (int32_t d = 0; !call.known && d < argument.rank; ++d)
      shape.push_back(resolve(argument.shape[d], call.symbols));
    py::array output = makeOutput(types[i], std::move(shape));
    call.buffers[i] = output.mutable_data();
    call.outputs.append(std::move(output));
  }
}

Kernel::Call Kernel::makeCall() const {
  const linnet_model_info &info = library->info();
  Call call{info, info.functions[function], nullptr, {}, {}, {}, {}, py::list()};
  call.buffers.assign(call.function.argument_count, nullptr);
  call.symbols.assign(info.symbol_count, -1);
  return call;
}

size_t Kernel::countResults() const {
  const linnet_function &described = library->info().functions[function];
  return static_cast<size_t>(
      std::count_if(described.arguments, described.arguments + described.argument_count,
                    [&](const linnet_argument &argument) { return isOutput(described, argument); }));
}

std::optional<std::vector<int64_t>> Kernel::match(const py::tuple &arrays) const {
  Call call = makeCall();
  if (arrays.size() != parameters.size())
    return std::nullopt;
  for (size_t i = 0; i < parameters.size(); ++i)
    if (!bindInput(call, arrays[i], i, nullptr))
      return std::nullopt;
  for (int64_t &symbol : call.symbols)
    symbol = std::max<int64_t>(symbol, 0);
  return call.symbols;
}

py::object Kernel::call(const py::tuple &arrays, std::string *mismatch, const py::dict *sizes,
                        const KnownShapes *known) const {
  const linnet_model_info &info = library->info();
  Call call = makeCall();
  if (known) {
    call.known = known;
    call.symbols = known->symbols;
  }
  if (arrays.size() != parameters.size())
    throw py::value_error("expected " + std::to_string(parameters.size()) + " arguments, got " +
                          std::to_string(arrays.size()));
  for (size_t i = 0; i < parameters.size(); ++i)
    if (!bindInput(call, arrays[i], i, mismatch))
      return py::none();
  for (auto [argument, data] : bound)
    call.buffers[argument] = const_cast<void *>(data);
  for (size_t i = 0; sizes && i < call.symbols.size(); ++i)
    if (call.symbols[i] < 0 && sizes->contains(info.symbols[i]))
      call.symbols[i] = py::cast<int64_t>((*sizes)[info.symbols[i]]);
  for (int64_t &symbol : call.symbols)
    symbol = symbol < 0 ? 0 : symbol; // occurs in no argument of this function
  bindOutputs(call);
  linnet_status status;
  std::string message;
  {
    py::gil_scoped_release release;
    status = linnet_call(library->get(), function, 0, call.buffers.data(), call.symbols.data());
  }
  check(status);
  return py::tuple(std::move(call.outputs));
}

py::object KernelTable::call(const py::args &arrays) const {
  // By index, and a copy of the pointer: while a kernel runs without the GIL, another thread may add one.
  for (size_t i = 0; i < kernels.size(); ++i) {
    std::shared_ptr<Kernel> kernel = kernels[i];
    py::object results = kernel->call(arrays, nullptr);
    if (!results.is_none())
      return results;
  }
  return py::none();
}

py::object KernelTable::plan(const py::tuple &arrays, std::vector<std::vector<py::ssize_t>> results) const {
  for (const std::shared_ptr<Kernel> &kernel : kernels)
    if (std::optional<std::vector<int64_t>> symbols = kernel->match(arrays)) {
      if (results.size() != kernel->countResults())
        throw py::value_error("expected the shapes of " + std::to_string(kernel->countResults()) + " results, got " +
                              std::to_string(results.size()));
      return py::cast(Plan{kernel, {std::move(*symbols), std::move(results)}});
    }
  return py::none();
}

void linnet::python::bindKernel(py::module_ &module) {
  py::class_<Kernel, std::shared_ptr<Kernel>>(module, "Kernel",
                                              "A compiled function, called with numpy arrays in order of `parameters`.")
      .def(
          py::init<std::shared_ptr<Library>, const std::string &, std::vector<std::string>, std::shared_ptr<Weights>>(),
          py::arg("library"), py::arg("function"), py::arg("parameters"), py::arg("weights") = py::none())
      .def_property_readonly("parameters", &Kernel::getParameters)
      .def("__call__",
           [](const Kernel &kernel, const py::args &arrays) {
             std::string mismatch;
             py::object results = kernel.call(arrays, &mismatch);
             if (results.is_none())
               throw py::value_error(mismatch);
             return results;
           })
      .def(
          "run",
          [](const Kernel &kernel, const py::tuple &arrays, const py::dict &sizes) {
            std::string mismatch;
            py::object results = kernel.call(arrays, &mismatch, &sizes);
            if (results.is_none())
              throw py::value_error(mismatch);
            return results;
          },
          py::arg("arrays"), py::arg("sizes"), "A call with the sizes of results that no array tells, by symbol.");
  py::class_<KernelTable, std::shared_ptr<KernelTable>>(
      module, "KernelTable", "Kernels of one function; a call runs the one that its arrays fit, or gives None.")
      .def(py::init<>())
      .def("add", &KernelTable::add, py::arg("kernel"))
      .def("plan", &KernelTable::plan, py::arg("arrays"), py::arg("results"),
           "A Plan for calls like that with these arrays, whose results have these shapes; None if no kernel fits.")
      .def("__len__", &KernelTable::size)
      .def("__call__", &KernelTable::call);
  py::class_<Plan>(
      module, "Plan",
      "A kernel for arrays of known shapes: a call looks at their types and at how many elements they have; "
      "None if those do not fit.")
      .def("__call__", [](const Plan &plan, const py::args &arrays) {
        return plan.kernel->call(arrays, nullptr, nullptr, &plan.known);
      });
}
