//===- Sampler.h - the choice of the next token ---------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_TOOLS_LINNETRUN_SAMPLER_H
#define LINNET_TOOLS_LINNETRUN_SAMPLER_H

#include <cstdint>
#include <vector>

namespace linnet {

/// Chooses tokens by their logits. The same seed and the same logits in the
/// same order give the same tokens, everywhere.
class Sampler {
public:
  /// `temperature` 0: always the likeliest. `topK` 0: among all tokens.
  Sampler(double temperature, int64_t topK, uint64_t seed) : temperature(temperature), topK(topK), seed(seed) {}

  /// A token, or -1 when the logits are no numbers.
  int32_t next(const float *logits, int64_t count);

private:
  /// A number in [0, 1), depending on the seed and how many came before.
  double uniform();

  double temperature;
  int64_t topK;
  uint64_t seed;
  uint64_t drawn = 0;
  std::vector<int32_t> candidates;
  std::vector<double> weights;
};

} // namespace linnet

#endif // LINNET_TOOLS_LINNETRUN_SAMPLER_H
