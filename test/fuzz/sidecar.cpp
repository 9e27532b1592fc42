//===- sidecar.cpp - the runtime's reader of prepared weights -------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "MemoryFile.h"

#include "runtime/Error.h"
#include "runtime/Sidecar.h"

#include <cstdint>

using namespace linnet::fuzz;
using namespace linnet::runtime;

namespace {

int64_t noWorkspace(const int64_t *) { return 0; }
int32_t doNothing(const linnet_host *, void *const *, const int64_t *, void *) { return 0; }

/// A model with two prepared tensors, 12 and 8 bytes.
struct Fixture {
  Fixture() {
    require(!Model::create(&info, nullptr, Hash(), "", model), "a model");
    sidecar = std::make_unique<Sidecar>(file.path(), *model, WeightFiles());
  }

  const int64_t three[1] = {3}, one[1] = {1};
  const linnet_argument arguments[2] = {{"a", LINNET_PREPARED, LINNET_F32, 1, 0, three},
                                        {"b", LINNET_PREPARED, LINNET_I64, 1, 0, one}};
  const linnet_function prepare = {"prepare", 2, 0, arguments, noWorkspace, doNothing};
  const linnet_model_info info = {LINNET_ABI_VERSION, sizeof(info), "model", "hand", "any", "{}", 0, 1, 0, 0, nullptr,
                                  &prepare,           nullptr};
  std::shared_ptr<Model> model;
  MemoryFile file;
  std::unique_ptr<Sidecar> sidecar;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static Fixture fixture;
  fixture.file.set(data, size);
  MappedFile mapped;
  std::string reason;
  if (fixture.sidecar->map(mapped, reason) != Sidecar::State::Valid) {
    requireMessage(reason);
    return 0;
  }
  const auto *a = static_cast<const unsigned char *>(fixture.sidecar->tensor(mapped, 0));
  const auto *b = static_cast<const unsigned char *>(fixture.sidecar->tensor(mapped, 1));
  require(a >= mapped.data() && a + 12 <= b && b + 8 <= mapped.data() + mapped.size(), "tensors within the file");
  return 0;
}
