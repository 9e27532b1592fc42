//===- sidecar_mutator.cpp - mutates prepared weights ---------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Hash.h"

#include <cstdint>

extern "C" size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);

/// Every second time the checksum of the header (runtime/Sidecar.cpp: the last of its 56 bytes) is made right, without
/// which nothing behind it would ever be looked at.
extern "C" size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed) {
  constexpr size_t headerBytes = 56, checkedBytes = 48;
  size = LLVMFuzzerMutate(data, size, most);
  if (size < headerBytes || seed % 2)
    return size;
  linnet::runtime::Hash hash;
  hash.add(data, checkedBytes);
  uint64_t value = hash.value();
  std::memcpy(data + checkedBytes, &value, sizeof(value));
  return size;
}
