//===- Kernel.h - functions on numpy arrays ------------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_FRONTENDS_PYTHON_BINDINGS_KERNEL_H
#define LINNET_FRONTENDS_PYTHON_BINDINGS_KERNEL_H

#include "frontends/python/bindings/Weights.h"

#include <optional>

namespace linnet::python {

/// What makes a call cheap whose arrays have the shapes of an earlier one: the symbols that those gave, and the shapes
/// of the results. Arrays are then taken for their elements, whatever shape they say.
struct KnownShapes {
  std::vector<int64_t> symbols;
  std::vector<std::vector<pybind11::ssize_t>> results;
};

/// One function of a library, called with the parameters of a Python function in order. Each parameter is an argument
/// of the compiled function, by name, or None. A carried state that is None is zero. Where weights
/// are given, arguments that are weights, or prepared from them, are no parameters.
class Kernel {
public:
  Kernel(std::shared_ptr<Library> library, const std::string &function, std::vector<std::string> parameters,
         std::shared_ptr<Weights> weights);

  /// The outputs in order, or None when an array is not exactly what the function takes: then `mismatch`, where given,
  /// says which and why. `sizes` has the symbols that no array tells, by name.
  pybind11::object call(const pybind11::tuple &arrays, std::string *mismatch, const pybind11::dict *sizes = nullptr,
                        const KnownShapes *known = nullptr) const;

  /// The symbols that the arrays of a call would give, if they are what the function takes.
  std::optional<std::vector<int64_t>> match(const pybind11::tuple &arrays) const;

  size_t countResults() const;
  const std::vector<std::string> &getParameters() const { return parameters; }

private:
  struct Call;
  Call makeCall() const;
  bool bindInput(Call &call, pybind11::handle array, size_t parameter, std::string *mismatch) const;
  void bindOutputs(Call &call) const;

  std::shared_ptr<Library> library;
  int32_t function;
  std::vector<std::string> parameters;
  std::shared_ptr<Weights> weights;
  std::vector<std::pair<int32_t, const void *>> bound; // weights, by argument
  std::vector<int32_t> argumentOf;                     // of each parameter, -1: must be None
  std::vector<pybind11::dtype> types;                  // of each argument
};

/// The kernels of one Python function that differ in their types and static sizes. Finding the one for a call costs
/// less than making a key of its arrays.
class KernelTable {
public:
  void add(std::shared_ptr<Kernel> kernel) { kernels.insert(kernels.begin(), std::move(kernel)); }
  size_t size() const { return kernels.size(); }
  pybind11::object call(const pybind11::args &arrays) const;
  /// The kernel for these arrays and what is known of such calls, or None.
  pybind11::object plan(const pybind11::tuple &arrays, std::vector<std::vector<pybind11::ssize_t>> results) const;

private:
  std::vector<std::shared_ptr<Kernel>> kernels;
};

/// A kernel for arrays of known shapes.
struct Plan {
  std::shared_ptr<Kernel> kernel;
  KnownShapes known;
};

void bindKernel(pybind11::module_ &module);

} // namespace linnet::python

#endif // LINNET_FRONTENDS_PYTHON_BINDINGS_KERNEL_H
