//===- Npy.h - NumPy's .npy files -----------------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_TOOLS_LINNETRUN_NPY_H
#define LINNET_TOOLS_LINNETRUN_NPY_H

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace linnet {

/// Token ids of one sequence, or of several of the same length.
struct NpyTokens {
  int64_t rows = 0;
  int64_t columns = 0;
  std::vector<int32_t> values;
};

/// Reads the bytes of a file with an int32 or int64 array of one or two
/// dimensions. False on failure, and `problem` says what is wrong.
bool parseNpyTokens(std::string_view bytes, NpyTokens &tokens, std::string &problem);

/// The bytes of a file with a dense float32 array, up to its data.
std::string makeNpyHeader(const std::vector<int64_t> &shape);

} // namespace linnet

#endif // LINNET_TOOLS_LINNETRUN_NPY_H
