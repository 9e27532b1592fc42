//===- safetensors.cpp - the runtime's reader of weights ------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Require.h"

#include "runtime/Safetensors.h"
#include "runtime/SafetensorsHeader.h"

#include <cstdint>

using namespace linnet::fuzz;
using namespace linnet::runtime;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  SafetensorsFile file;
  if (file.read("input", data, size)) {
    requireMessage(linnet_last_error());
    return 0;
  }
  size_t bytes = 0;
  for (const StoredTensor &tensor : file.tensors()) {
    require(file.find(tensor.name) == &tensor, "to find each tensor by its name");
    require(findStoredDtype(tensor.dtypeName), "a known dtype");
    require(tensor.data >= data && tensor.bytes() >= 0 && tensor.data + tensor.bytes() <= data + size,
            "tensors within the file");
    bytes += static_cast<size_t>(tensor.bytes());
  }
  require(bytes <= size, "tensors that do not overlap");
  return 0;
}
