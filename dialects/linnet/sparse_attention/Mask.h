//===- Mask.h - which keys a query attends to -----------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_DIALECTS_LINNET_SPARSE_ATTENTION_MASK_H
#define LINNET_DIALECTS_LINNET_SPARSE_ATTENTION_MASK_H

#include "mlir/IR/Attributes.h"

#include <utility>

namespace linnet {

/// Whether an attribute is one of those of Mask.td.
bool isMask(mlir::Attribute attribute);

/// The first key that a query at position `query` may attend to and the one behind the last, of `keys` keys.
std::pair<int64_t, int64_t> boundKeys(mlir::Attribute mask, int64_t query, int64_t keys);

} // namespace linnet

#endif // LINNET_DIALECTS_LINNET_SPARSE_ATTENTION_MASK_H
