//===- Profile.cpp - times of what runs ----------------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/python/bindings/Profile.h"

#include "frontends/python/bindings/Status.h"

#include <pybind11/stl.h>

#include <algorithm>
#include <optional>

namespace py = pybind11;
using namespace linnet::python;

namespace {
/// The libraries of the process. Whoever uses this has the GIL.
struct OpenLibraries {
  std::vector<std::weak_ptr<Library>> all;
  /// While a profile is taken: those that it is about, which must not be closed before they are asked.
  std::optional<std::vector<std::shared_ptr<Library>>> profiled;
};
} // namespace

static OpenLibraries &openLibraries() {
  static auto *libraries = new OpenLibraries; // outlives the interpreter, as libraries may
  return *libraries;
}

std::shared_ptr<Library> linnet::python::openLibrary(const std::string &path) {
  auto library = std::make_shared<Library>(path);
  OpenLibraries &libraries = openLibraries();
  auto closed = [](const std::weak_ptr<Library> &other) { return other.expired(); };
  libraries.all.erase(std::remove_if(libraries.all.begin(), libraries.all.end(), closed), libraries.all.end());
  libraries.all.push_back(library);
  if (libraries.profiled)
    libraries.profiled->push_back(library);
  return library;
}

static void startProfile() {
  OpenLibraries &libraries = openLibraries();
  if (libraries.profiled)
    throw std::runtime_error("a profile is being taken already; profiles cannot be nested");
  std::vector<std::shared_ptr<Library>> profiled;
  for (const std::weak_ptr<Library> &open : libraries.all) {
    if (std::shared_ptr<Library> library = open.lock()) {
      check(linnet_profile_reset(library->get()));
      profiled.push_back(std::move(library));
    }
  }
  libraries.profiled = std::move(profiled);
  linnet_profile_enable(LINNET_PROFILE_EVENTS);
}

static std::vector<std::shared_ptr<Library>> stopProfile() {
  linnet_profile_enable(LINNET_PROFILE_OFF);
  std::optional<std::vector<std::shared_ptr<Library>>> profiled;
  profiled.swap(openLibraries().profiled);
  if (!profiled)
    throw std::runtime_error("no profile is being taken");
  return *profiled;
}

static py::tuple describeRow(const linnet_profile_row &row) {
  return py::make_tuple(row.name, row.kind, row.calls, row.nanoseconds);
}

static py::list getTimes(const Library &library) {
  size_t count = 0;
  check(linnet_profile_report(library.get(), nullptr, 0, &count, nullptr));
  std::vector<linnet_profile_row> rows(count);
  linnet_profile_row total;
  check(linnet_profile_report(library.get(), rows.data(), rows.size(), &count, &total));
  py::list times;
  times.append(describeRow(total));
  for (const linnet_profile_row &row : rows)
    times.append(describeRow(row));
  return times;
}

static py::list getEvents(const Library &library) {
  size_t count = 0;
  check(linnet_profile_events(library.get(), nullptr, 0, &count));
  std::vector<linnet_profile_event> events(count);
  check(linnet_profile_events(library.get(), events.data(), events.size(), &count));
  const linnet_model_info &info = library.info();
  py::list described;
  for (const linnet_profile_event &event : events) {
    py::dict symbols;
    for (int32_t i = 0; event.symbols && i < info.symbol_count; ++i)
      symbols[info.symbols[i]] = event.symbols[i];
    bool isCall = event.function >= 0, hasOp = event.op >= 0 && event.op < info.op_count;
    const char *name = isCall ? info.functions[event.function].name : hasOp ? info.ops[event.op].name : "";
    const char *kind = isCall ? "call" : hasOp ? info.ops[event.op].kind : "";
    described.append(py::make_tuple(name, kind, event.thread, event.begin, event.nanoseconds, symbols));
  }
  return described;
}

void linnet::python::bindProfile(py::module_ &module) {
  module.def("start_profile", &startProfile, "Measures every call from here on.");
  module.def("stop_profile", &stopProfile, "Stops; gives the libraries that may have run.");
  module.def("profile_times", &getTimes, py::arg("library"),
             "[(name, kind, calls, nanoseconds)]: first all calls, then each op that ran.");
  module.def("profile_events", &getEvents, py::arg("library"),
             "[(name, kind, thread, begin, nanoseconds, symbols)] of calls and of loops in them.");
}
