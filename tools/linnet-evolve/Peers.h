//===- Peers.h - vector functions of other libraries ----------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_TOOLS_LINNETEVOLVE_PEERS_H
#define LINNET_TOOLS_LINNETEVOLVE_PEERS_H

#include "compiler/approximation/Library.h"

#include <functional>

namespace linnet::approximation {

/// y[i] = f(x[i]) for `count` floats, a multiple of 16.
using ArrayFunction = std::function<void(const float *x, float *y, int64_t count)>;

struct Peer {
  std::string name;
  ArrayFunction run;
};

/// What SLEEF, glibc's libmvec, AMD's LibM and Intel's SVML have for a function on vectors of 8 or 16 lanes, of those
/// that are installed. Where they have no function of that name (sigmoid, silu, gelu, softplus), its formula by theirs.
std::vector<Peer> findLibraryPeers(Function function, int64_t lanes);

} // namespace linnet::approximation

#endif // LINNET_TOOLS_LINNETEVOLVE_PEERS_H
