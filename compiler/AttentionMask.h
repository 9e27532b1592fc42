//===- AttentionMask.h - code of attention masks --------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A mask is known when the code of an attention is made. What is known of a pair of a query and a key is a predicate of
// their positions; of a tile of both, whether it keeps nothing or everything; of some queries, between which keys all
// that they keep lies. Positions are numbers of type index or i32, or vectors of i32.
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_COMPILER_ATTENTIONMASK_H
#define LINNET_COMPILER_ATTENTIONMASK_H

#include "dialects/linnet/Linnet.h"

#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace linnet {

/// Positions from the first to the last one, both included.
struct PositionRange {
  mlir::Value first, last;
};

/// Whether a mask keeps the pair of `query` and `key`, positions of one type.
mlir::Value buildKeeps(mlir::ImplicitLocOpBuilder &b, mlir::Attribute mask, mlir::Value query, mlir::Value key);

/// Of a tile: `any` is false only where no pair is kept, `all` true only where every pair is.
struct TileKeeps {
  mlir::Value any, all;
};
TileKeeps buildTileKeeps(mlir::ImplicitLocOpBuilder &b, mlir::Attribute mask, PositionRange queries,
                         PositionRange keys);

/// The first key and the one behind the last, of `keys` in all, between which all lies that the queries keep.
std::pair<mlir::Value, mlir::Value> buildKeyBounds(mlir::ImplicitLocOpBuilder &b, mlir::Attribute mask,
                                                   PositionRange queries, mlir::Value keys);

/// Whether between these bounds there may be tiles that keep nothing.
bool mayHaveGaps(mlir::Attribute mask);

} // namespace linnet

#endif // LINNET_COMPILER_ATTENTIONMASK_H
