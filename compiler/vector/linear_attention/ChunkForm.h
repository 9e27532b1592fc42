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
// A decay per key, keys and queries that are divided by their length, and the delta rule change the rows before they
// are multiplied. Those rows are staged with all their factors, and the decays between two tokens are taken in two
// levels (spec-linear 7.3): the chunk is cut into sub-chunks of Z tokens. For a sub-chunk I that begins at token f,
//
//   A[i, j] = (q[i] D(f-1, r)) . (k[j] D(j, f-1))            for j < f: a matrix product
//   A[i, j] = sum over keys of q[i] k[j] D(j, r)             inside of it, pair by pair
//
// where D is a row of numbers, one per key. With a bound of the decays that keeps 1 / D(f-1, j) far from overflowing
// the inside is a matrix product as well. The delta rule writes e in place of v (BlockForm.h), by forward substitution
// in f32 (spec-linear 7.5):
//
//   e[i] = beta[i] v[i] - (beta[i] k[i] D(-1, i)) S - sum over j < i of (beta[i] k[i] . k[j] D(j, i)) e[j]
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

  /// Whether rows are staged with their factors.
  bool isStaged() const { return op.hasKeyDecay() || op.getQkL2norm() || op.getBeta(); }
  bool hasDecay() const { return static_cast<bool>(op.getLogDecay()); }
  /// Tokens of a sub-chunk: the hint of the op, in whole vectors.
  int64_t getSubTokens() const;
  /// Whether 1 / D stays in the range of f32 within a sub-chunk.
  bool hasBoundedDecay() const;

  /// The factors of a chunk: D(-1, r) of each token times the scale, D(j, C-1) of each, D(-1, C-1). Where rows are
  /// staged: the inverse lengths of queries and keys, and the decay of each token where it is no row.
  int64_t getReadSlot() const { return 0; }
  int64_t getWriteSlot() const { return tokens; }
  int64_t getStateSlot() const { return 2 * tokens; }
  int64_t countSlots() const { return isStaged() ? 3 * tokens : 2 * tokens + lanes; }

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
  /// Where rows are staged: queries [chunk, token, key] with the scale and all decays, and the product of all decays
  /// [chunk, key]. Of the delta rule what a token recalls, times -beta, and the f32 matrix [chunk, i, j] of what it
  /// recalls of what the others wrote.
  mlir::Value queries, stateDecays, recalls, solve;
  /// Of the chunk that is being prepared: keys [token, key] with their decays so far (f32), the decays [token, key] of
  /// a sub-chunk with their product behind them, and the rows of its queries and recalls with its decays only.
  mlir::Value decayedKeys, decays, subQueries, subRecalls;

  /// Those that there are, in order, and the same buffers with other values.
  llvm::SmallVector<mlir::Value> toValues() const;
  ChunkBuffers with(mlir::ValueRange values) const;
};
ChunkBuffers createBuffers(VectorBuilder &b, const ChunkForm &form, int64_t chunks);

/// Dots of `count` rows with the first `vectors` vectors of turned keys [group of keys, token] at `chunk`, as
/// [row][vector]; `query` gives a group of a row in all lanes.
llvm::SmallVector<llvm::SmallVector<mlir::Value>>
dotRows(VectorBuilder &b, const ChunkForm &form, int64_t count, int64_t vectors, mlir::Value keyColumns,
        mlir::Value chunk, llvm::function_ref<mlir::Value(VectorBuilder &, int64_t row, mlir::Value key)> query);
/// `x` where the lane, counted over vectors from `vector` on, is before `end`; else 0.
mlir::Value keepBefore(VectorBuilder &b, mlir::Value x, int64_t vector, int64_t end);

/// prepareChunk where rows are staged.
ChunkBuffers prepareStagedChunk(VectorBuilder &b, const ChunkForm &form, const Chunk &chunk, ChunkBuffers buffers);
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
