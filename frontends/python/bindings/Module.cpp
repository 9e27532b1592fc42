//===- Module.cpp - the extension module _linnet -------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/python/bindings/Compiler.h"
#include "frontends/python/bindings/Kernel.h"
#include "frontends/python/bindings/Library.h"
#include "frontends/python/bindings/Profile.h"
#include "frontends/python/bindings/Session.h"
#include "frontends/python/bindings/Status.h"
#include "frontends/python/bindings/Weights.h"

namespace py = pybind11;
using namespace linnet::python;

PYBIND11_MODULE(_linnet, module) {
  module.doc() = "Bindings of the Linnet runtime. Users import linnet, which is made of these.";
  module.attr("__version__") = linnet_version();
  bindLibrary(module);
  bindWeights(module);
  bindKernel(module);
  bindSession(module);
  bindCompiler(module);
  bindProfile(module);
  module.def(
      "set_num_threads",
      [](int32_t count) {
        linnet_status status;
        {
          py::gil_scoped_release release; // it waits for loops that run
          status = linnet_set_num_threads(count);
        }
        check(status);
      },
      py::arg("count"));
  module.def("num_threads", [] { return linnet_num_threads(); });
}
