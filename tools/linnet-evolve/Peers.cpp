//===- Peers.cpp - vector functions of other libraries --------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The libraries are opened when they are asked for, so that nothing depends on them. Compiled for x86-64-v4: only
// called where the machine is one.
//
//===----------------------------------------------------------------------===//

#include "Peers.h"

#include <dlfcn.h>

using namespace linnet::approximation;

namespace {

template <int lanes> struct Vector {
  using Type __attribute__((vector_size(4 * lanes))) = float;
};
template <int lanes> using VectorOf = typename Vector<lanes>::Type;
template <int lanes> using VectorFunction = VectorOf<lanes>(VectorOf<lanes>);

/// A loop over arrays; `f` is inlined, what it calls is not.
template <int lanes, typename F> ArrayFunction makeLoop(F f) {
  return [f](const float *x, float *y, int64_t count) {
    for (int64_t i = 0; i < count; i += lanes) {
      VectorOf<lanes> v;
      __builtin_memcpy(&v, x + i, sizeof v);
      v = f(v);
      __builtin_memcpy(y + i, &v, sizeof v);
    }
  };
}

/// A library, and how it names its functions.
struct Source {
  const char *name, *file;
  /// The symbol for a C function without its f: exp, log1p.
  std::string (*getSymbol)(const std::string &function, int64_t lanes);
};

std::string nameOfSleef(const std::string &function, const char *bound, int64_t lanes) {
  return "Sleef_" + function + (lanes == 16 ? "f16_u" : "f8_u") + bound + (lanes == 16 ? "avx512f" : "avx2");
}

std::string nameOfSVML(const std::string &function, const char *accuracy, int64_t lanes) {
  return "__svml_" + function + "f" + std::to_string(lanes) + accuracy;
}

const Source kSources[] = {
    {"SLEEF u10", "libsleef.so.3", [](const std::string &f, int64_t lanes) { return nameOfSleef(f, "10", lanes); }},
    {"SLEEF u35", "libsleef.so.3", [](const std::string &f, int64_t lanes) { return nameOfSleef(f, "35", lanes); }},
    {"libmvec", "libmvec.so.1",
     [](const std::string &f, int64_t lanes) { return (lanes == 16 ? "_ZGVeN16v_" : "_ZGVdN8v_") + f + "f"; }},
    {"AOCL-LibM", "libalm.so",
     [](const std::string &f, int64_t lanes) { return (lanes == 16 ? "amd_vrs16_" : "amd_vrs8_") + f + "f"; }},
    {"SVML ha", "libsvml.so", [](const std::string &f, int64_t lanes) { return nameOfSVML(f, "_ha", lanes); }},
    {"SVML la", "libsvml.so", [](const std::string &f, int64_t lanes) { return nameOfSVML(f, "", lanes); }},
    {"SVML ep", "libsvml.so", [](const std::string &f, int64_t lanes) { return nameOfSVML(f, "_ep", lanes); }},
};

template <int lanes> VectorFunction<lanes> *find(const Source &source, const std::string &function) {
  void *library = dlopen(source.file, RTLD_NOW | RTLD_LOCAL);
  if (!library)
    return nullptr;
  return reinterpret_cast<VectorFunction<lanes> *>(dlsym(library, source.getSymbol(function, lanes).c_str()));
}

template <int lanes> ArrayFunction build(const Source &source, Function function) {
  using V = VectorOf<lanes>;
  switch (function) {
  case Function::Sigmoid:
    if (auto *exp = find<lanes>(source, "exp"))
      return makeLoop<lanes>([exp](V x) { return 1 / (1 + exp(-x)); });
    return nullptr;
  case Function::Silu:
    if (auto *exp = find<lanes>(source, "exp"))
      return makeLoop<lanes>([exp](V x) { return x / (1 + exp(-x)); });
    return nullptr;
  case Function::Gelu:
    if (auto *erf = find<lanes>(source, "erf"))
      return makeLoop<lanes>([erf](V x) { return 0.5f * x * (1 + erf(x * 0x1.6a09e6p-1f)); });
    return nullptr;
  case Function::Softplus: {
    auto *exp = find<lanes>(source, "exp"), *log1p = find<lanes>(source, "log1p");
    if (exp && log1p)
      return makeLoop<lanes>([exp, log1p](V x) { return log1p(exp(x)); });
    return nullptr;
  }
  default:
    if (auto *plain = find<lanes>(source, getName(function).str()))
      return makeLoop<lanes>([plain](V x) { return plain(x); });
    return nullptr;
  }
}

} // namespace

std::vector<Peer> linnet::approximation::findLibraryPeers(Function function, int64_t lanes) {
  std::vector<Peer> peers;
  for (const Source &source : kSources)
    if (ArrayFunction run = lanes == 16 ? build<16>(source, function) : build<8>(source, function))
      peers.push_back({source.name, std::move(run)});
  return peers;
}
