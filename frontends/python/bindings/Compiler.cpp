//===- Compiler.cpp - the compiler, loaded when it is needed -------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/python/bindings/Compiler.h"

#include "frontends/python/compiler/linnet_compiler.h"

#include <pybind11/stl.h>

#include <dlfcn.h>

#include <atomic>
#include <chrono>
#include <future>
#include <optional>

namespace py = pybind11;

namespace {

/// Raised with all diagnostics as its message.
struct CompileError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The functions of liblinnet_compiler.so.
class Compiler {
public:
  explicit Compiler(const std::string &path) {
    // Lazily, as most of its symbols are never called; locally, as other modules of the process may carry an LLVM of
    // their own.
    void *library = dlopen(path.c_str(), RTLD_LAZY | RTLD_LOCAL);
    if (!library) {
      const char *why = dlerror();
      throw std::runtime_error("cannot load the compiler: " + std::string(why ? why : path));
    }
    bind(library, "linnet_compiler_compile", compileFunction);
    bind(library, "linnet_compiler_print", printFunction);
    bind(library, "linnet_compiler_count", countFunction);
    bind(library, "linnet_compiler_import_onnx", importOnnxFunction);
    bind(library, "linnet_compiler_list_onnx_operators", listOnnxFunction);
    bind(library, "linnet_compiler_free", freeFunction);
    bind(library, "linnet_compiler_version", versionFunction);
  }

  std::string compile(const std::string &name, const std::string &text, const std::string &output,
                      const std::string &path, const std::string &cpu) const {
    Result result(*this);
    std::atomic<bool> cancelled = false;
    auto isCancelled = [](void *data) -> int32_t { return static_cast<std::atomic<bool> *>(data)->load(); };
    linnet_compiler_options options = {path.c_str(), nullptr, cpu.c_str(), nullptr, isCancelled, &cancelled};
    int32_t failed = interruptible(cancelled, [&] {
      return compileFunction(name.c_str(), text.data(), text.size(), &options, output.c_str(), &result.texts);
    });
    return finish(failed, result, result.texts.remarks);
  }

  std::string print(const std::string &name, const std::string &text, const std::string &stage, const std::string &path,
                    const std::string &cpu) const {
    Result result(*this);
    linnet_compiler_options options = {path.c_str(), nullptr, cpu.c_str(), nullptr, nullptr, nullptr};
    int32_t failed;
    {
      py::gil_scoped_release release;
      failed = printFunction(name.c_str(), text.data(), text.size(), &options, stage.c_str(), &result.texts);
    }
    return finish(failed, result, result.texts.output);
  }

  std::string count(const std::string &name, const std::string &text, int64_t dynamicSize,
                    const std::string &sizes) const {
    Result result(*this);
    int32_t failed = countFunction(name.c_str(), text.data(), text.size(), sizes.c_str(), dynamicSize, &result.texts);
    return finish(failed, result, result.texts.output);
  }

  std::string importOnnx(const std::string &name, const py::bytes &model, const std::string &folder) const {
    Result result(*this);
    char *bytes = nullptr;
    py::ssize_t count = 0;
    if (PyBytes_AsStringAndSize(model.ptr(), &bytes, &count))
      throw py::error_already_set();
    int32_t failed;
    {
      py::gil_scoped_release release;
      failed = importOnnxFunction(name.c_str(), bytes, static_cast<size_t>(count), folder.c_str(), &result.texts);
    }
    return finish(failed, result, result.texts.output);
  }

  std::string listOnnxOperators() const {
    Result result(*this);
    return finish(listOnnxFunction(&result.texts), result, result.texts.output);
  }

  std::string version() const { return versionFunction(); }

private:
  struct Result {
    explicit Result(const Compiler &compiler) : compiler(compiler) {}
    Result(const Result &) = delete;
    Result &operator=(const Result &) = delete;
    ~Result() { compiler.freeFunction(&texts); }

    const Compiler &compiler;
    linnet_compiler_result texts = {nullptr, nullptr, nullptr};
  };

  /// Runs `work` in a thread of its own, while this one looks for signals: a handler that raises, as that of Ctrl-C
  /// does, sets `cancelled`, and its exception is thrown when `work` has come back.
  template <typename Work> static int32_t interruptible(std::atomic<bool> &cancelled, Work work) {
    std::optional<py::error_already_set> raised;
    int32_t result = 1;
    {
      py::gil_scoped_release release;
      std::future<int32_t> done = std::async(std::launch::async, work);
      while (done.wait_for(std::chrono::milliseconds(20)) != std::future_status::ready) {
        py::gil_scoped_acquire acquire;
        if (!raised && PyErr_CheckSignals()) {
          raised.emplace();
          cancelled = true;
        }
      }
      result = done.get();
    }
    if (raised)
      throw *std::move(raised);
    return result;
  }

  static std::string finish(int32_t failed, const Result &result, const char *text) {
    if (failed) {
      std::string errors = result.texts.errors ? result.texts.errors : "out of memory";
      throw CompileError(errors.substr(0, errors.find_last_not_of('\n') + 1));
    }
    return text ? text : "";
  }

  template <typename Function> static void bind(void *library, const char *name, Function *&function) {
    function = reinterpret_cast<Function *>(dlsym(library, name));
    if (!function)
      throw std::runtime_error("the compiler library has no function " + std::string(name) +
                               "; it is of another version of Linnet");
  }

  decltype(linnet_compiler_compile) *compileFunction = nullptr;
  decltype(linnet_compiler_print) *printFunction = nullptr;
  decltype(linnet_compiler_count) *countFunction = nullptr;
  decltype(linnet_compiler_import_onnx) *importOnnxFunction = nullptr;
  decltype(linnet_compiler_list_onnx_operators) *listOnnxFunction = nullptr;
  decltype(linnet_compiler_free) *freeFunction = nullptr;
  decltype(linnet_compiler_version) *versionFunction = nullptr;
};

} // namespace

void linnet::python::bindCompiler(py::module_ &module) {
  py::register_exception<CompileError>(module, "CompileError", PyExc_RuntimeError).doc() =
      "The compiler refused a module. The message has its diagnostics, each with the place.";
  py::class_<Compiler, std::shared_ptr<Compiler>>(module, "Compiler", "The compiler; loading it maps MLIR and LLVM.")
      .def(py::init<const std::string &>(), py::arg("path"))
      .def_property_readonly("version", &Compiler::version)
      .def("compile", &Compiler::compile, py::arg("name"), py::arg("text"), py::arg("output"), py::arg("path") = "auto",
           py::arg("cpu") = "native", "Writes a library to `output`; gives the remarks of the compiler.")
      .def("import_onnx", &Compiler::importOnnx, py::arg("name"), py::arg("model"), py::arg("folder") = "",
           "The module of stage `input` of an ONNX model, as text.")
      .def("list_onnx_operators", &Compiler::listOnnxOperators,
           "domain:operator of the ONNX operators that have a lowering, one a line.")
      .def("print", &Compiler::print, py::arg("name"), py::arg("text"), py::arg("stage"), py::arg("path") = "auto",
           py::arg("cpu") = "native", "The IR after a stage: input, graph, tiled, vector or llvm.")
      .def("count", &Compiler::count, py::arg("name"), py::arg("text"), py::arg("dynamic_size"), py::arg("sizes") = "",
           "The work of each function and operation, in lines separated by tabs (linnet_compiler.h).");
}
