//===- states.cpp - the runtime's reader of saved states ------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "MemoryFile.h"

#include "linnet/linnet.h"

#include <cstdint>
#include <cstring>
#include <vector>

using namespace linnet::fuzz;

/// Of test/unit/runtime/fake_model.c, which is linked in.
extern "C" const linnet_model_info *linnet_model_entry(uint32_t version);

namespace {

/// A session of a model with the states sum, f32 [1, 4], and count, i64 [1].
struct Fixture {
  Fixture() {
    require(!linnet_model_from_info(linnet_model_entry(LINNET_ABI_VERSION), &model), "a model");
    const int64_t matrix[] = {256, 4}, vector[] = {256};
    std::vector<float> zeros(256 * 4);
    const linnet_tensor tensors[] = {{"embedding.weight", LINNET_F32, 2, matrix, zeros.data()},
                                     {"bias", LINNET_F32, 1, vector, zeros.data()}};
    require(!linnet_weights_from_tensors(model, tensors, 2, &weights), "weights");
    require(!linnet_session_create(model, weights, 1, &session), "a session");
  }
  ~Fixture() {
    linnet_session_free(session);
    linnet_weights_free(weights);
    linnet_model_close(model);
  }

  linnet_model *model = nullptr;
  linnet_weights *weights = nullptr;
  linnet_session *session = nullptr;
  MemoryFile file;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static Fixture fixture;
  const float sum[] = {1, 2, 3, 4};
  const int64_t count = 7;
  require(!linnet_session_set_state(fixture.session, "sum", sum, sizeof(sum)) &&
              !linnet_session_set_state(fixture.session, "count", &count, sizeof(count)),
          "states that can be set");
  fixture.file.set(data, size);
  if (!linnet_session_restore(fixture.session, fixture.file.path().c_str()))
    return 0;
  requireMessage(linnet_last_error());
  float sumAfter[4];
  int64_t countAfter;
  require(!linnet_session_get_state(fixture.session, "sum", sumAfter, sizeof(sumAfter)) &&
              !linnet_session_get_state(fixture.session, "count", &countAfter, sizeof(countAfter)),
          "states that can be read");
  require(!std::memcmp(sum, sumAfter, sizeof(sum)) && count == countAfter, "states as before the call that failed");
  return 0;
}
