//===- BlockForm.h - linear attention in blocks of a few tokens -----------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A block of C tokens i = 0, ..., C-1 with the state S before it, the decays d and D(j, i) = d[j+1] ... d[i] becomes
// (spec-linear 7.2, 7.5, 7.6 with products of decays in place of exponents of differences)
//
//   o[i] = D(-1, r) q[i] S + sum of D(j, r) (q[i] . w[j]) x[j]        over the writes (w, x) with j <= r
//   S    = D(-1, C-1) S + sum of D(j, C-1) w[j] x[j]^T
//
// where r is i, or i - 1 for a read before the update. Every exponent is of a product of decays, at most 1, so nothing
// overflows, whatever the decays. A plain update writes (k, v). The delta rule writes (k, e), and the low-rank
// transition writes (k, v) and (write, u), where
//
//   e[i] = beta[i] (v[i] - recall[i]),  u[i] = recall[i],
//   recall[i] = D(-1, r) c[i] S + sum of D(j, r) (c[i] . w[j]) x[j]   over the writes with j < i
//
// and c is k, or erase.
//
// With one decay for all keys the state is kept as S / c, where c is the running product of the decays: then a block
// does not multiply the state at all, but reads with c and writes with 1 / c, which are numbers per token. When c
// leaves a range around 1 the state is multiplied by it once, and c is 1 again; so it is when a decay is 0 or not a
// number.
//
// What depends on keys only, dots and products of decays, is computed once for all columns.
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_COMPILER_VECTOR_LINEAR_ATTENTION_BLOCKFORM_H
#define LINNET_COMPILER_VECTOR_LINEAR_ATTENTION_BLOCKFORM_H

#include "compiler/vector/VectorBuilder.h"
#include "dialects/linnet/Linnet.h"

namespace linnet {

/// The rows of keys that a block reads the state with, and those that it writes with.
enum class ReadRow { Query, Recall };
enum class WriteRow { Key, Write };

/// What is known of a block when it is compiled.
class BlockForm {
public:
  BlockForm(LinearAttentionOp op, int64_t tokens, bool keepsScale);

  LinearAttentionOp getOp() const { return op; }
  int64_t getTokens() const { return tokens; }
  llvm::ArrayRef<ReadRow> getReads() const { return reads; }
  llvm::ArrayRef<WriteRow> getWrites() const { return writes; }
  bool hasRecall() const { return reads.size() > 1; }
  /// Whether somebody wants what the tokens read; else all there is to do is the state.
  bool hasReaders() const { return !op.getO().use_empty(); }
  bool hasDecay() const { return static_cast<bool>(op.getLogDecay()); }

  /// Whether rows are prepared in a buffer, with all their factors. Otherwise the state is multiplied by the rows of
  /// the operands themselves, and the factors, which are then one number per token, by the results.
  bool isStaged() const { return staged; }

  /// Whether the state is kept without its decays, next to their product.
  bool keepsScale() const { return scaled; }

  mlir::Value getOperand(ReadRow row) const;
  mlir::Value getOperand(WriteRow row) const;
  /// Whether the rows of that operand, q or k, are divided by their length.
  bool isNormalized(ReadRow row) const { return op.getQkL2norm() && (row == ReadRow::Query || !op.getErase()); }
  bool isNormalized(WriteRow row) const { return op.getQkL2norm() && row == WriteRow::Key; }
  /// The last token whose decay is in what token i reads with `row`; i - 1 where it reads before it.
  int64_t getLastDecay(ReadRow row, int64_t i) const;

  /// One dot product of a read row and a write row, with the decays of the tokens `after` < s <= `last`.
  struct Dot {
    ReadRow read;
    WriteRow write;
    int64_t i, j, after, last;
  };
  llvm::ArrayRef<Dot> getDots() const { return dots; }
  /// Where in the buffer of factors the dot of i and j is.
  int64_t getDotSlot(ReadRow read, WriteRow write, int64_t i, int64_t j) const;

  /// Where the factors of results are that are not staged.
  int64_t getReadSlot(ReadRow row, int64_t i) const;
  int64_t getWriteSlot(int64_t j) const { return dots.size() + reads.size() * tokens + j; }
  int64_t getStateSlot() const { return dots.size() + (reads.size() + 1) * tokens; }
  int64_t countSlots() const { return staged ? dots.size() : getStateSlot() + 1; }

  /// The rows of a block in the buffer of staged rows: reads, writes, and the decay of the state where it is per key.
  int64_t getRow(ReadRow row, int64_t i) const { return (row == ReadRow::Query ? 0 : tokens) + i; }
  int64_t getRow(WriteRow row, int64_t j) const { return (reads.size() + (row == WriteRow::Key ? 0 : 1)) * tokens + j; }
  int64_t getStateRow() const { return (reads.size() + writes.size()) * tokens; }
  int64_t countRows() const { return staged ? getStateRow() + (hasDecay() ? 1 : 0) : 0; }

  /// Operations on vectors for one token and head.
  double countOperations(int64_t lanes) const;

private:
  mutable LinearAttentionOp op;
  int64_t tokens;
  bool staged, scaled;
  llvm::SmallVector<ReadRow> reads;
  llvm::SmallVector<WriteRow> writes;
  llvm::SmallVector<Dot> dots;
};

/// The buffers of a stretch of blocks: factors [block, slot] and staged rows [block, row, key]; and the scale of the
/// state (f64) behind the blocks so far, where it is kept.
struct BlockBuffers {
  mlir::Value factors, rows, scale;
};
BlockBuffers createBuffers(VectorBuilder &b, const BlockForm &form, int64_t blocks);

/// Computes what the block of the given tokens needs of the keys, into place `block` of the buffers.
BlockBuffers prepareBlock(VectorBuilder &b, const BlockForm &form, llvm::ArrayRef<mlir::Value> tokens,
                          mlir::Value block, BlockBuffers buffers);

/// What a block does with the state.
enum class BlockAction { UpdateAndRead, Update, Read };

/// Columns of the state that are processed together: `vectors` of them from column `column` on.
struct Columns {
  int64_t vectors;
  mlir::Value index; ///< which one of all
  mlir::Value column;
  bool isWhole;  ///< all of the last vector is there
  bool isPacked; ///< the state is [index, key, lane]; else it is where the op has it
};

/// Asks for what one of `tiles` tiles of columns has to read ahead of the rows of a token, and of its place in o.
void prefetchToken(VectorBuilder &b, LinearAttentionOp op, mlir::Value token, mlir::Value o, const Columns &columns,
                   int64_t tiles);

struct BlockResults {
  mlir::Value o, state;
  llvm::SmallVector<mlir::Value> read; ///< per token its vectors, as written to o
};

/// The block of the given tokens on some columns, which is written to the given rows of `o`. The state before it is
/// read from `before`, the one after it written to `state`; the two may be the same.
BlockResults runBlock(VectorBuilder &b, const BlockForm &form, BlockAction action, llvm::ArrayRef<mlir::Value> tokens,
                      mlir::Value block, BlockBuffers buffers, const Columns &columns, llvm::ArrayRef<mlir::Value> rows,
                      mlir::Value o, mlir::Value before, mlir::Value state);

} // namespace linnet

#endif // LINNET_COMPILER_VECTOR_LINEAR_ATTENTION_BLOCKFORM_H
