//===- npy.cpp - linnet-run's reader of arrays ----------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Require.h"

#include "tools/linnet-run/Npy.h"

#include <cstdint>

using namespace linnet;
using namespace linnet::fuzz;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  NpyArray array;
  std::string arrayProblem;
  if (parseNpyArray({reinterpret_cast<const char *>(data), size}, array, arrayProblem))
    require(array.data.size() <= size, "data of the file");
  else
    requireMessage(arrayProblem);
  NpyTokens tokens;
  std::string problem;
  if (!parseNpyTokens({reinterpret_cast<const char *>(data), size}, tokens, problem)) {
    requireMessage(problem);
    return 0;
  }
  require(tokens.rows >= 0 && tokens.columns >= 0, "sizes");
  require(!tokens.rows ||
              tokens.values.size() / static_cast<size_t>(tokens.rows) == static_cast<size_t>(tokens.columns),
          "as many tokens as the shape says");
  for (int32_t token : tokens.values)
    require(token >= 0, "token ids");
  return 0;
}
