//===- InitialState.h - initial states that are only read -----------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_COMPILER_VECTOR_INITIALSTATE_H
#define LINNET_COMPILER_VECTOR_INITIALSTATE_H

#include "mlir/IR/PatternMatch.h"

namespace linnet {

/// The initial state of a tile, and a place for its final state. Destination passing has them in one tensor, so an
/// initial state that may not be written would be copied. Where the code of the tile writes every element of the final
/// state, it reads the initial state where it is, and the place begins without values.
struct TileState {
  mlir::Value initial, place;
};
TileState separateState(mlir::RewriterBase &rewriter, mlir::Value state);

} // namespace linnet

#endif // LINNET_COMPILER_VECTOR_INITIALSTATE_H
