//===- checkpoint_safetensors.cpp - the frontend's reader of weights' headers ---===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Diagnostics.h"
#include "MemoryFile.h"

#include "frontends/checkpoint/SafetensorsHeader.h"

#include <cstdint>

using namespace linnet::checkpoint;
using namespace linnet::fuzz;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static MemoryFile file;
  static RenewedContext contexts([](mlir::DialectRegistry &) {}, 10000);
  mlir::MLIRContext &context = contexts.get();
  Diagnostics diagnostics(context, /*allOwn=*/true);
  file.set(data, size);
  TensorTable table;
  diagnostics.check(failed(readSafetensorsHeader(context, file.path(), table)));
  return 0;
}
