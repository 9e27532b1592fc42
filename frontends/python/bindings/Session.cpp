//===- Session.cpp - sessions of a model ---------------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/python/bindings/Session.h"

#include "frontends/python/bindings/Library.h"
#include "frontends/python/bindings/Status.h"
#include "frontends/python/bindings/Weights.h"

#include <pybind11/stl.h>

#include <mutex>

namespace py = pybind11;
using namespace linnet::python;

namespace {

using Tokens = py::array_t<int32_t, py::array::c_style>;

/// A session of the runtime. Python threads may share it: its calls wait for one another.
class Session {
public:
  Session(std::shared_ptr<Library> opened, const Weights *weights, int64_t batch) : library(std::move(opened)) {
    linnet_session *created = nullptr;
    check(linnet_session_create(library->get(), weights ? weights->get() : nullptr, batch, &created));
    session.reset(created);
  }

  void reset(int64_t batch) {
    locked([&] { return linnet_session_reset(session.get(), batch); });
  }

  py::array_t<float> forward(const Tokens &tokens, bool last) {
    if (tokens.ndim() != 2)
      throw py::value_error("argument tokens: expected shape [B, T], got " +
                            std::string(py::str(tokens.attr("shape"))));
    int64_t batch = tokens.shape(0), times = tokens.shape(1), vocabulary = linnet_session_vocabulary(session.get());
    py::array_t<float> logits =
        last ? py::array_t<float>({batch, vocabulary}) : py::array_t<float>({batch, times, vocabulary});
    const int32_t *data = tokens.data();
    float *result = logits.mutable_data();
    locked([&] {
      return linnet_session_forward(session.get(), data, batch, times, last ? LINNET_LOGITS_LAST : LINNET_LOGITS_ALL,
                                    result, nullptr);
    });
    return logits;
  }

  py::array_t<float> step(const Tokens &tokens) {
    if (tokens.ndim() != 1 || tokens.shape(0) != batch())
      throw py::value_error("argument token: expected shape [" + std::to_string(batch()) + "], got " +
                            std::string(py::str(tokens.attr("shape"))));
    py::array_t<float> logits({batch(), linnet_session_vocabulary(session.get())});
    const int32_t *data = tokens.data();
    float *result = logits.mutable_data();
    locked([&] { return linnet_session_step(session.get(), data, result, nullptr); });
    return logits;
  }

  int64_t batch() const { return linnet_session_batch(session.get()); }

  py::dict getStates() {
    py::dict states;
    for (int32_t i = 0, n = linnet_model_state_count(library->get()); i < n; ++i) {
      const linnet_argument &state = *linnet_model_state(library->get(), i);
      std::vector<py::ssize_t> shape;
      for (int32_t d = 0; d < state.rank; ++d) // the only symbol of a state is the batch
        shape.push_back(state.shape[d] >= 0 ? state.shape[d] : batch());
      py::array values(toNumpyType(state.dtype), std::move(shape));
      void *data = values.mutable_data();
      size_t bytes = static_cast<size_t>(values.nbytes());
      locked([&] { return linnet_session_get_state(session.get(), state.name, data, bytes); });
      states[state.name] = values;
    }
    return states;
  }

  void setState(const std::string &name, const py::array &values) {
    if (!(values.flags() & py::array::c_style))
      throw py::value_error("state " + name + ": expected a dense array, row by row");
    const void *data = values.data();
    size_t bytes = static_cast<size_t>(values.nbytes());
    locked([&] { return linnet_session_set_state(session.get(), name.c_str(), data, bytes); });
  }

  void save(const std::string &path) {
    locked([&] { return linnet_session_save(session.get(), path.c_str()); });
  }
  void restore(const std::string &path) {
    locked([&] { return linnet_session_restore(session.get(), path.c_str()); });
  }

private:
  template <typename Function> void locked(Function &&function) {
    linnet_status status;
    {
      py::gil_scoped_release release;
      std::lock_guard<std::mutex> lock(mutex);
      status = function();
    }
    check(status);
  }

  struct Free {
    void operator()(linnet_session *session) const { linnet_session_free(session); }
  };
  std::shared_ptr<Library> library;
  std::unique_ptr<linnet_session, Free> session;
  std::mutex mutex;
};

} // namespace

void linnet::python::bindSession(py::module_ &module) {
  py::class_<Session, std::shared_ptr<Session>>(module, "Session", "The carried states of some sequences.")
      .def(py::init<std::shared_ptr<Library>, const Weights *, int64_t>(), py::arg("library"),
           py::arg("weights").none(true), py::arg("batch"))
      .def_property_readonly("batch", &Session::batch)
      .def("reset", &Session::reset, py::arg("batch"))
      .def("forward", &Session::forward, py::arg("tokens").noconvert(), py::arg("last"))
      .def("step", &Session::step, py::arg("tokens").noconvert())
      .def("get_states", &Session::getStates)
      .def("set_state", &Session::setState, py::arg("name"), py::arg("values"))
      .def("save", &Session::save, py::arg("path"))
      .def("restore", &Session::restore, py::arg("path"));
}
