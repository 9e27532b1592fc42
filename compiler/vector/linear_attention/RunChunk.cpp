//===- RunChunk.cpp - a chunk of linear attention on some columns ---------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/vector/linear_attention/ChunkForm.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace linnet;

namespace {

class ChunkRunner {
public:
  ChunkRunner(const ChunkForm &form, const Chunk &chunk, const ChunkBuffers &buffers, const Columns &columns)
      : form(form), op(form.getOp()), unit(form.getUnit()), chunk(chunk), buffers(buffers), columns(columns) {}

  using AskAhead = llvm::function_ref<void(VectorBuilder &, Value tile)>;
  ChunkState run(VectorBuilder &b, ChunkState carried, AskAhead askAhead);

private:
  using Vectors = SmallVector<Value>;
  using Body = llvm::function_ref<Vectors(VectorBuilder &, Value, ValueRange)>;
  static Vectors forEach(VectorBuilder &b, Value end, ValueRange carried, Body body) {
    auto loop = scf::ForOp::create(b, b.index(0), end, b.index(1), carried,
                                   [&](OpBuilder &builder, Location, Value i, ValueRange values) {
                                     VectorBuilder inner = b.at(builder);
                                     scf::YieldOp::create(inner, body(inner, i, values));
                                   });
    return Vectors(loop.getResults());
  }

  int64_t group() const { return unit.getGroup(); }
  Value times(VectorBuilder &b, Value x, int64_t y) { return arith::MulIOp::create(b, x, b.index(y)); }
  Value add(VectorBuilder &b, Value x, int64_t y) { return arith::AddIOp::create(b, x, b.index(y)); }
  SmallVector<Value> placeOf(VectorBuilder &b, Value token, int64_t vector) {
    return {b.index(0), token, b.index(0), add(b, columns.column, vector * b.getLanes())};
  }
  ArrayRef<bool> inBounds(int64_t vector) const {
    static constexpr bool yes[] = {true}, no[] = {false};
    return columns.isWhole || vector + 1 < columns.vectors ? yes : no;
  }

  /// What the tokens write: the values, or what the delta rule makes of them.
  struct Written {
    Value values; ///< [group of tokens, column]
    Value exact;  ///< of the delta rule in f32 [token, column]
  };
  Written joinValues(VectorBuilder &b);
  Written solve(VectorBuilder &b, const ChunkState &carried);
  /// Adds to `sums`, kRows times vectors of columns, the products of groups `i` < `end`: `factor` gives that of a row,
  /// `values` those of the columns.
  Vectors multiply(VectorBuilder &b, const DotUnit &unit, Value end, ValueRange sums,
                   llvm::function_ref<Value(VectorBuilder &, Value i, int64_t row)> factor,
                   llvm::function_ref<Value(VectorBuilder &, Value i, int64_t vector)> values);
  Value readRows(VectorBuilder &b, const ChunkState &carried, const Written &written, AskAhead askAhead);
  /// Adds to `sums` the scores of the tokens from `first` on with what they wrote themselves, and nothing of later
  /// ones.
  void addDiagonal(VectorBuilder &b, Value first, const Written &written, Vectors &sums);
  ChunkState updateState(VectorBuilder &b, ChunkState carried, Value values);

  const ChunkForm &form;
  LinearAttentionOp op;
  const DotUnit &unit;
  const Chunk &chunk;
  const ChunkBuffers &buffers;
  const Columns &columns;
};

ChunkRunner::Written ChunkRunner::joinValues(VectorBuilder &b) {
  int64_t groups = form.getTokens() / group(), lanes = b.getLanes(), width = columns.vectors * lanes * group();
  auto rowType = VectorType::get(lanes * group(), unit.getElement());
  Value room = tensor::EmptyOp::create(b, ArrayRef<int64_t>{groups, width}, unit.getElement());
  Value joined = forEach(b, b.index(groups), room, [&](VectorBuilder &b, Value tokenGroup, ValueRange carried) {
    Value values = carried[0], first = times(b, tokenGroup, group());
    Value zero = arith::ConstantOp::create(b, b.getFloatAttr(unit.getElement(), 0.0));
    for (int64_t vector = 0; vector < columns.vectors; vector += group()) {
      bool isWhole = columns.isWhole && vector + group() <= columns.vectors;
      Vectors rows;
      for (int64_t i = 0; i < group(); ++i)
        rows.push_back(vector::TransferReadOp::create(
            b, rowType, op.getV(), placeOf(b, chunk.tokenAt(b, add(b, first, i)), vector), zero, ArrayRef{isWhole}));
      for (auto [i, joined] : llvm::enumerate(unit.joinRows(b, rows)))
        if (int64_t place = vector + i; place < columns.vectors)
          values = unit.write(b, joined, values, {tokenGroup, b.index(place * lanes * group())});
    }
    return Vectors{values};
  })[0];
  return {joined, Value()};
}

/// Forward substitution, by tiles of rows: what a token writes depends on what all before it wrote.
ChunkRunner::Written ChunkRunner::solve(VectorBuilder &b, const ChunkState &carried) {
  int64_t lanes = b.getLanes(), width = columns.vectors * lanes, tokens = form.getTokens();
  Value read = carried.copy ? carried.copy : carried.state;
  DotUnit exactly(b.getF32Type());
  Value room = tensor::EmptyOp::create(b, ArrayRef<int64_t>{tokens, width}, b.getF32Type());
  Value exact = forEach(b, b.index(form.countRowTiles()), room, [&](VectorBuilder &b, Value tile, ValueRange carried) {
    Value first = times(b, tile, ChunkForm::kRows), before = carried[0];
    Value zero = arith::ConstantOp::create(b, b.getFloatAttr(unit.getElement(), 0.0));
    Vectors sums;
    for (int64_t row = 0; row < ChunkForm::kRows; ++row) {
      Value token = chunk.tokenAt(b, add(b, first, row)), none = b.index(0);
      Value beta = unit.widen(b, b.broadcast(op.getBeta(), {none, token, none}));
      for (int64_t vector = 0; vector < columns.vectors; ++vector)
        sums.push_back(b.mul(
            beta, unit.widen(b, vector::TransferReadOp::create(b, b.vectorOf(unit.getElement()), op.getV(),
                                                               placeOf(b, token, vector), zero, inBounds(vector)))));
    }
    sums = multiply(
        b, unit, b.index(form.countKeys() / group()), sums,
        [&](VectorBuilder &b, Value keyGroup, int64_t row) {
          return unit.broadcast(b, buffers.recalls, {chunk.index, add(b, first, row), times(b, keyGroup, group())});
        },
        [&](VectorBuilder &b, Value keyGroup, int64_t vector) {
          return unit.read(b, read, {columns.index, keyGroup, b.index(vector * lanes * group())});
        });
    auto factor = [&](VectorBuilder &b, Value i, int64_t row) {
      return b.broadcast(buffers.solve, {chunk.index, add(b, first, row), i});
    };
    sums = multiply(b, exactly, first, sums, factor, [&](VectorBuilder &b, Value i, int64_t vector) {
      return b.read(before, {i, b.index(vector * lanes)});
    });
    for (int64_t row = 0; row < ChunkForm::kRows; ++row)
      for (int64_t vector = 0; vector < columns.vectors; ++vector) {
        Value &sum = sums[row * columns.vectors + vector];
        for (int64_t i = 0; i < row; ++i)
          sum = b.mulAdd(factor(b, add(b, first, i), row), sums[i * columns.vectors + vector], sum);
        before = b.write(sum, before, {add(b, first, row), b.index(vector * lanes)});
      }
    return Vectors{before};
  })[0];
  if (group() == 1)
    return {exact, exact};
  room = tensor::EmptyOp::create(b, ArrayRef<int64_t>{tokens / group(), width * group()}, unit.getElement());
  Value joined =
      forEach(b, b.index(tokens / group()), room, [&](VectorBuilder &b, Value tokenGroup, ValueRange carried) {
        Value values = carried[0], first = times(b, tokenGroup, group());
        for (int64_t vector = 0; vector < columns.vectors; ++vector) {
          Vectors parts;
          for (int64_t i = 0; i < group(); ++i)
            parts.push_back(b.read(exact, {add(b, first, i), b.index(vector * lanes)}));
          values = unit.write(b, unit.join(b, parts), values, {tokenGroup, b.index(vector * lanes * group())});
        }
        return Vectors{values};
      })[0];
  return {joined, exact};
}

ChunkRunner::Vectors ChunkRunner::multiply(VectorBuilder &b, const DotUnit &unit, Value end, ValueRange sums,
                                           llvm::function_ref<Value(VectorBuilder &, Value i, int64_t row)> factor,
                                           llvm::function_ref<Value(VectorBuilder &, Value i, int64_t vector)> values) {
  return forEach(b, end, sums, [&](VectorBuilder &b, Value i, ValueRange sums) {
    Vectors right, next;
    for (int64_t vector = 0; vector < columns.vectors; ++vector)
      right.push_back(values(b, i, vector));
    for (int64_t row = 0; row < ChunkForm::kRows; ++row) {
      Value left = factor(b, i, row);
      for (Value value : right)
        next.push_back(unit.dot(b, left, value, sums[next.size()]));
    }
    return next;
  });
}

/// o of the chunk: what the tokens read of the state and of one another.
void ChunkRunner::addDiagonal(VectorBuilder &b, Value first, const Written &written, Vectors &sums) {
  for (int64_t row = 0; row < ChunkForm::kRows; ++row)
    for (int64_t i = 0; i <= row - op.getPreUpdate(); ++i) {
      Value score = unit.widen(b, b.broadcast(buffers.scores, {chunk.index, add(b, first, row), add(b, first, i)}));
      for (int64_t vector = 0; vector < columns.vectors; ++vector) {
        Value &sum = sums[row * columns.vectors + vector];
        sum = b.mulAdd(score, b.read(written.exact, {add(b, first, i), b.index(vector * b.getLanes())}), sum);
      }
    }
}

Value ChunkRunner::readRows(VectorBuilder &b, const ChunkState &carried, const Written &written, AskAhead askAhead) {
  Value read = carried.copy ? carried.copy : carried.state;
  return forEach(b, b.index(form.countRowTiles()), carried.o, [&](VectorBuilder &b, Value tile, ValueRange carriedO) {
    askAhead(b, tile);
    Value first = times(b, tile, ChunkForm::kRows);
    SmallVector<Value> rows, tokens;
    for (int64_t i = 0; i < ChunkForm::kRows; ++i) {
      rows.push_back(add(b, first, i));
      tokens.push_back(chunk.tokenAt(b, rows.back()));
    }
    auto atVector = [&](VectorBuilder &b, int64_t vector) { return b.index(vector * b.getLanes() * group()); };
    Vectors sums(ChunkForm::kRows * columns.vectors, b.splat(0.0, b.getF32Type()));
    sums = multiply(
        b, unit, b.index(form.countKeys() / group()), sums,
        [&](VectorBuilder &b, Value keyGroup, int64_t row) {
          if (form.isStaged())
            return unit.broadcast(b, buffers.queries, {chunk.index, rows[row], times(b, keyGroup, group())});
          return unit.broadcast(b, op.getQ(), {b.index(0), tokens[row], b.index(0), times(b, keyGroup, group())});
        },
        [&](VectorBuilder &b, Value keyGroup, int64_t vector) {
          return unit.read(b, read, {columns.index, keyGroup, atVector(b, vector)});
        });
    for (int64_t row = 0; row < ChunkForm::kRows && !form.isStaged(); ++row) {
      Value factor = b.broadcast(buffers.factors, {chunk.index, add(b, rows[row], form.getReadSlot())});
      for (int64_t vector = 0; vector < columns.vectors; ++vector) {
        Value &sum = sums[row * columns.vectors + vector];
        sum = b.mul(sum, factor);
      }
    }
    Value end = written.exact ? first : add(b, first, ChunkForm::kRows);
    sums = multiply(
        b, unit, arith::DivUIOp::create(b, end, b.index(group())), sums,
        [&](VectorBuilder &b, Value tokenGroup, int64_t row) {
          return unit.broadcast(b, buffers.scores, {chunk.index, rows[row], times(b, tokenGroup, group())});
        },
        [&](VectorBuilder &b, Value tokenGroup, int64_t vector) {
          return unit.read(b, written.values, {tokenGroup, atVector(b, vector)});
        });
    if (written.exact)
      addDiagonal(b, first, written, sums);
    Value o = carriedO[0];
    for (int64_t row = 0; row < ChunkForm::kRows; ++row)
      for (int64_t vector = 0; vector < columns.vectors; ++vector)
        o = vector::TransferWriteOp::create(b, unit.narrow(b, sums[row * columns.vectors + vector]), o,
                                            placeOf(b, tokens[row], vector), inBounds(vector))
                .getResult();
    return Vectors{o};
  })[0];
}

/// Rounds `rows` of the state from `key` on, as [row][vector], to the copy.
static Value writeCopy(VectorBuilder &b, const DotUnit &unit, ArrayRef<Value> rows, Value copy, Value tile, Value key,
                       int64_t vectors) {
  int64_t group = unit.getGroup(), count = rows.size() / vectors;
  Value keyGroup = arith::DivUIOp::create(b, key, b.index(group));
  for (int64_t row = 0; row < count; row += group)
    for (int64_t vector = 0; vector < vectors; ++vector) {
      SmallVector<Value> parts;
      for (int64_t i = 0; i < group; ++i)
        parts.push_back(rows[(row + i) * vectors + vector]);
      Value place = arith::AddIOp::create(b, keyGroup, b.index(row / group));
      copy = unit.write(b, unit.join(b, parts), copy, {tile, place, b.index(vector * b.getLanes() * group)});
    }
  return copy;
}

ChunkState ChunkRunner::updateState(VectorBuilder &b, ChunkState carried, Value values) {
  Vectors inits = {carried.state};
  if (carried.copy)
    inits.push_back(carried.copy);
  bool hasRowDecay = form.isStaged() && form.hasDecay();
  Value decay =
      form.hasDecay() && !hasRowDecay ? b.read(buffers.factors, {chunk.index, b.index(form.getStateSlot())}) : Value();
  Vectors results = forEach(
      b, b.index(form.countKeys() / ChunkForm::kRows), inits, [&](VectorBuilder &b, Value tile, ValueRange now) {
        Value firstKey = times(b, tile, ChunkForm::kRows), state = now[0];
        auto placeOfRow = [&](int64_t row, int64_t vector) {
          return SmallVector<Value>{columns.index, add(b, firstKey, row), b.index(vector * b.getLanes())};
        };
        Vectors sums;
        for (int64_t row = 0; row < ChunkForm::kRows; ++row) {
          Value own = hasRowDecay ? b.broadcast(buffers.stateDecays, {chunk.index, add(b, firstKey, row)}) : decay;
          for (int64_t vector = 0; vector < columns.vectors; ++vector) {
            Value before = b.read(state, placeOfRow(row, vector));
            sums.push_back(own ? b.mul(before, own) : before);
          }
        }
        sums = multiply(
            b, unit, b.index(form.getTokens() / group()), sums,
            [&](VectorBuilder &b, Value tokenGroup, int64_t row) {
              return unit.broadcast(b, buffers.keyRows,
                                    {chunk.index, tokenGroup, times(b, add(b, firstKey, row), group())});
            },
            [&](VectorBuilder &b, Value tokenGroup, int64_t vector) {
              return unit.read(b, values, {tokenGroup, b.index(vector * b.getLanes() * group())});
            });
        for (int64_t row = 0; row < ChunkForm::kRows; ++row)
          for (int64_t vector = 0; vector < columns.vectors; ++vector)
            state = b.write(sums[row * columns.vectors + vector], state, placeOfRow(row, vector));
        Vectors next = {state};
        if (now.size() > 1)
          next.push_back(writeCopy(b, unit, sums, now[1], columns.index, firstKey, columns.vectors));
        return next;
      });
  return {carried.o, results[0], results.size() > 1 ? results[1] : Value()};
}

ChunkState ChunkRunner::run(VectorBuilder &b, ChunkState carried, AskAhead askAhead) {
  Written written = op.getBeta() ? solve(b, carried) : joinValues(b);
  if (form.hasReaders())
    carried.o = readRows(b, carried, written, askAhead);
  else
    forEach(b, b.index(form.countRowTiles()), {}, [&](VectorBuilder &b, Value tile, ValueRange) {
      askAhead(b, tile);
      return Vectors();
    });
  return updateState(b, carried, written.values);
}

} // namespace

Value linnet::createStateCopy(VectorBuilder &b, const ChunkForm &form, Value state) {
  int64_t group = form.getUnit().getGroup();
  if (group == 1 || (!form.hasReaders() && !form.getOp().getBeta()))
    return {};
  ArrayRef<int64_t> packed = cast<RankedTensorType>(state.getType()).getShape();
  return tensor::EmptyOp::create(b, ArrayRef<int64_t>{packed[0], packed[1] / group, packed[2] * group},
                                 form.getUnit().getElement());
}

Value linnet::copyState(VectorBuilder &b, const ChunkForm &form, const Columns &columns, Value state, Value copy) {
  int64_t group = form.getUnit().getGroup();
  auto loop = scf::ForOp::create(
      b, b.index(0), b.index(form.countKeys()), b.index(group), copy,
      [&](OpBuilder &builder, Location, Value key, ValueRange carried) {
        VectorBuilder inner = b.at(builder);
        SmallVector<Value> rows;
        for (int64_t i = 0; i < group; ++i)
          for (int64_t vector = 0; vector < columns.vectors; ++vector)
            rows.push_back(inner.read(state, {columns.index, arith::AddIOp::create(inner, key, inner.index(i)),
                                              inner.index(vector * inner.getLanes())}));
        scf::YieldOp::create(inner,
                             writeCopy(inner, form.getUnit(), rows, carried[0], columns.index, key, columns.vectors));
      });
  return loop.getResult(0);
}

ChunkState linnet::runChunk(VectorBuilder &b, const ChunkForm &form, const Chunk &chunk, const ChunkBuffers &buffers,
                            const Columns &columns, ChunkState carried,
                            llvm::function_ref<void(VectorBuilder &, Value tile)> askAhead) {
  return ChunkRunner(form, chunk, buffers, columns).run(b, carried, askAhead);
}
