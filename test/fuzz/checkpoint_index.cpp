//===- checkpoint_index.cpp - the frontend's reader of the index of shards ---===//
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
  // The shards of an index lie beside it, here as /proc/self/fd/NUMBER: an input can name this one, and the index.
  static MemoryFile index, shard;
  static RenewedContext contexts([](mlir::DialectRegistry &) {}, 10000);
  mlir::MLIRContext &context = contexts.get();
  Diagnostics diagnostics(context, /*allOwn=*/true);
  constexpr char header[] =
      "\x3a\0\0\0\0\0\0\0{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}    data";
  static_assert(sizeof(header) - 1 == 8 + 0x3a + 4, "the length at the start is that of the header");
  shard.set(header, sizeof(header) - 1);
  index.set(data, size);
  TensorTable table;
  diagnostics.check(failed(readShardedHeaders(context, index.path(), table)));
  return 0;
}
