//===- Weights.h - the weights of a library ------------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_FRONTENDS_PYTHON_BINDINGS_WEIGHTS_H
#define LINNET_FRONTENDS_PYTHON_BINDINGS_WEIGHTS_H

#include "frontends/python/bindings/Library.h"

#include <optional>

namespace linnet::python {

/// Weights bound to a library by name, and what its `prepare` made of them.
class Weights {
public:
  /// Maps them from files.
  Weights(std::shared_ptr<Library> library, const std::string &path, const std::optional<std::string> &sidecar);
  /// Takes arrays as they are: they are kept, and must not change.
  Weights(std::shared_ptr<Library> library, const pybind11::dict &arrays);

  linnet_weights *get() const { return weights.get(); }

private:
  struct Free {
    void operator()(linnet_weights *weights) const { linnet_weights_free(weights); }
  };
  std::shared_ptr<Library> library;
  pybind11::object kept;
  std::unique_ptr<linnet_weights, Free> weights;
};

void bindWeights(pybind11::module_ &module);

} // namespace linnet::python

#endif // LINNET_FRONTENDS_PYTHON_BINDINGS_WEIGHTS_H
