//===- Shape.h - element types, sizes and how messages show them ----------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_RUNTIME_SHAPE_H
#define LINNET_RUNTIME_SHAPE_H

#include "linnet/linnet.h"

#include <string>
#include <vector>

namespace linnet::runtime {

/// The sizes of a shape; `symbols` may be null when the shape has none.
std::vector<int64_t> resolveShape(const linnet_argument &argument, const int64_t *symbols);

/// Stores the bytes of a tensor. False when a size is negative or the product
/// is beyond what memory can hold.
bool tensorBytes(int32_t dtype, const int64_t *shape, int32_t rank, int64_t &bytes);
bool tensorBytes(const linnet_argument &argument, const int64_t *symbols, int64_t &bytes);

/// "f32 [2, 3]".
std::string showTensor(const char *dtype, const int64_t *shape, int32_t rank);
std::string showTensor(int32_t dtype, const std::vector<int64_t> &shape);

/// "f32 [B, 3]", with the names of the symbols.
std::string showArgument(const linnet_argument &argument, const linnet_model_info &info);

/// Whether both have this type, rank and shape, symbols by index.
bool sameTensor(const linnet_argument &a, const linnet_argument &b);

} // namespace linnet::runtime

#endif // LINNET_RUNTIME_SHAPE_H
