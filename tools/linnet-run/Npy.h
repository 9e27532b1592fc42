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

/// An array in the bytes of a file, dense and row by row.
struct NpyArray {
  std::string descr; // "<f4", "|b1", ...
  std::vector<int64_t> shape;
  std::string_view data;
};

/// Reads the bytes of a file with an array whose elements have as many bytes as its type says. False on failure, and
/// `problem` says what is wrong.
bool parseNpyArray(std::string_view bytes, NpyArray &array, std::string &problem);

/// The bytes of a file with a dense array, float32 where nothing else is said, up to its data.
std::string makeNpyHeader(const std::vector<int64_t> &shape, const std::string &descr = "<f4");

} // namespace linnet

#endif // LINNET_TOOLS_LINNETRUN_NPY_H
