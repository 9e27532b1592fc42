//===- ChunkForm.h - linear attention in chunks of many tokens ------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A chunk of C tokens i = 0, ..., C-1 is four matrix products (spec-linear 7.2), with D(j, i) the product of the decays
// of the tokens j < s <= i and S the state before the chunk:
//
//   A[i, j] = D(j, r) (q[i] . k[j])  for j <= r, else 0          scores
//   o[i]    = D(-1, r) (q[i] S) + sum over j of A[i, j] v[j]
//   S       = D(-1, C-1) S + sum over j of (D(j, C-1) k[j]) v[j]^T
//
// where r is i, or i - 1 for a read before the update. The products are sums over groups of factors (DotUnit.h): with
// bf16, q S and A v are made of rounded copies of S and A; S itself, and all sums, are f32.
//
// It costs C/2 dots and as many products with v a token more than what BlockForm.h does, which is less than the pairs
// of bf16 save. Products of a score above the diagonal, which is 0, with a value that is not finite would be NaN before
// its time: the caller sees to it that the values of a chunk are finite.
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_COMPILER_VECTOR_LINEAR_ATTENTION_CHUNKFORM_H
#define LINNET_COMPILER_VECTOR_LINEAR_ATTENTION_CHUNKFORM_H

#include "compiler/vector/DotUnit.h"
#include "compiler/vector/linear_attention/BlockForm.h"

namespace linnet {

/// What is known of a chunk when it is compiled.
class ChunkForm {
public:
  /// `tokens` is a multiple of `lanes`.
  ChunkForm(LinearAttentionOp op, int64_t tokens, int64_t lanes)
      : op(op), tokens(tokens), lanes(lanes), unit(mlir::getElementTypeOrSelf(op.getQ().getType())) {}

  LinearAttentionOp getOp() const { return op; }
  const DotUnit &getUnit() const { return unit; }
  int64_t getTokens() const { return tokens; }
  /// Whether somebody wants what the tokens read.
  bool hasReaders() const { return !op.getO().use_empty(); }
  int64_t countKeys() const { return mlir::cast<mlir::RankedTensorType>(op.getQ().getType()).getDimSize(3); }

  /// Tokens whose sums are in registers together.
  static constexpr int64_t kRows = 8;
  int64_t countRowTiles() const { return tokens / kRows; }

  /// The factors of a chunk: D(-1, r) of each token times the scale, D(j, C-1) of each, D(-1, C-1).
  int64_t getReadSlot() const { return 0; }
  int64_t getWriteSlot() const { return tokens; }
  int64_t getStateSlot() const { return 2 * tokens; }
  int64_t countSlots() const { return 2 * tokens + lanes; }

  /// Operations on vectors for one token and head, as BlockForm::countOperations counts them.
  double countOperations() const;

private:
  mutable LinearAttentionOp op;
  int64_t tokens, lanes;
  DotUnit unit;
};

/// Why there is no chunk form of `op`, or an empty string.
std::string explainUnchunked(LinearAttentionOp op, int64_t lanes, bool avx512Bf16);

/// The place of a chunk: its number in the buffers, and the token that is i-th in it.
struct Chunk {
  mlir::Value index;
  llvm::function_ref<mlir::Value(VectorBuilder &, mlir::Value i)> tokenAt;
};

/// What the columns share: keys as [chunk, group of keys, token] and as [chunk, group of tokens, key] with their
/// factors, scores [chunk, i, j], factors [chunk, slot].
struct ChunkBuffers {
  mlir::Value keyColumns, keyRows, scores, factors;

  llvm::SmallVector<mlir::Value> toValues() const { return {keyColumns, keyRows, scores, factors}; }
  static ChunkBuffers of(mlir::ValueRange values) { return {values[0], values[1], values[2], values[3]}; }
};
ChunkBuffers createBuffers(VectorBuilder &b, const ChunkForm &form, int64_t chunks);

/// Computes what the chunk needs of the keys.
ChunkBuffers prepareChunk(VectorBuilder &b, const ChunkForm &form, const Chunk &chunk, ChunkBuffers buffers);

/// Carried from chunk to chunk: o, the packed state [tile, key, column], and its rounded copy [tile, group of keys,
/// column], which is empty where the state is of the element type.
struct ChunkState {
  mlir::Value o, state, copy;

  llvm::SmallVector<mlir::Value> toValues() const {
    return copy ? llvm::SmallVector<mlir::Value>{o, state, copy} : llvm::SmallVector<mlir::Value>{o, state};
  }
  static ChunkState of(mlir::ValueRange values) {
    return {values[0], values[1], values.size() > 2 ? values[2] : mlir::Value()};
  }
};
/// Room for the copy of a packed state; empty where there is none.
mlir::Value createStateCopy(VectorBuilder &b, const ChunkForm &form, mlir::Value state);
/// Rounds one tile of columns of the state.
mlir::Value copyState(VectorBuilder &b, const ChunkForm &form, const Columns &columns, mlir::Value state,
                      mlir::Value copy);

/// The chunk on some columns. `askAhead` is called for each tile of kRows tokens, to prefetch what comes later.
ChunkState runChunk(VectorBuilder &b, const ChunkForm &form, const Chunk &chunk, const ChunkBuffers &buffers,
                    const Columns &columns, ChunkState carried,
                    llvm::function_ref<void(VectorBuilder &, mlir::Value tile)> askAhead);

/// Whether the values of the tokens i < `count` are finite, all columns of them.
mlir::Value areValuesFinite(VectorBuilder &b, const ChunkForm &form, mlir::Value count,
                            llvm::function_ref<mlir::Value(VectorBuilder &, mlir::Value i)> tokenAt);

} // namespace linnet

#endif // LINNET_COMPILER_VECTOR_LINEAR_ATTENTION_CHUNKFORM_H
