//===- elf.cpp - the check of a shared library before it is loaded --------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Require.h"

#include "runtime/Library.h"

#include <cstdint>

using namespace linnet::fuzz;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  std::string problem = linnet::runtime::checkElf(data, size);
  if (!problem.empty())
    requireMessage(problem);
  return 0;
}
