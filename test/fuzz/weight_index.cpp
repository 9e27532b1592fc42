//===- weight_index.cpp - the runtime's reader of the index of shards -----===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Require.h"

#include "runtime/WeightFiles.h"

#include <cstdint>

using namespace linnet::fuzz;
using namespace linnet::runtime;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  std::map<std::string, std::string> files;
  if (readWeightIndex("input", {reinterpret_cast<const char *>(data), size}, files)) {
    requireMessage(linnet_last_error());
    return 0;
  }
  for (const auto &[name, file] : files)
    require(!file.empty() && file.find('/') == std::string::npos && file.find('\0') == std::string::npos,
            "files beside the index");
  return 0;
}
