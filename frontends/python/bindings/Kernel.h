//===- Kernel.h - functions on numpy arrays ------------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_FRONTENDS_PYTHON_BINDINGS_KERNEL_H
#define LINNET_FRONTENDS_PYTHON_BINDINGS_KERNEL_H

#include "frontends/python/bindings/Weights.h"

namespace linnet::python {

/// One function of a library, called with the parameters of a Python function in order. Each parameter is an argument
/// of the compiled function, by name, or None. A carried state that is None is zero. Where weights
/// are given, arguments that are weights, or prepared from them, are no parameters.
class Kernel {
public:
  Kernel(std::shared_ptr<Library> library, const std::string &function, std::vector<std::string> parameters,
         std::shared_ptr<Weights> weights);

  /// The outputs in order, or None when an array is not exactly what the function takes: then `mismatch`, where given,
  /// says which and why. `sizes` has the symbols that no array tells, by name.
  pybind11::object call(const pybind11::tuple &arrays, std::string *mismatch,
                        const pybind11::dict *sizes = nullptr) const;

  const std::vector<std::string> &getParameters() const { return parameters; }

private:
  struct Call;
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

private:
  std::vector<std::shared_ptr<Kernel>> kernels;
};

void bindKernel(pybind11::module_ &module);

} // namespace linnet::python

#endif // LINNET_FRONTENDS_PYTHON_BINDINGS_KERNEL_H
