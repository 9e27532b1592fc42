//===- PrepareStagedChunk.cpp - chunks of rows with factors of their own --------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/vector/linear_attention/ChunkForm.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace linnet;

namespace {

/// The two levels of ChunkForm.h: sub-chunk after sub-chunk, of tokens `first` to `first` + sub() - 1.
class StagedChunkPreparer {
public:
  StagedChunkPreparer(const ChunkForm &form, const Chunk &chunk, ChunkBuffers buffers)
      : form(form), op(form.getOp()), unit(form.getUnit()), chunk(chunk), buffers(buffers) {}

  ChunkBuffers run(VectorBuilder &b);

private:
  using Vectors = SmallVector<Value>;

  int64_t tokens() const { return form.getTokens(); }
  int64_t sub() const { return form.getSubTokens(); }
  int64_t group() const { return unit.getGroup(); }
  bool solves() { return static_cast<bool>(op.getBeta()); }
  Value add(VectorBuilder &b, Value x, int64_t y) { return arith::AddIOp::create(b, x, b.index(y)); }

  /// A loop that carries those of the buffers which `body` writes. One that is carried and not written would cost
  /// bufferization dearly, as would many loops in a row: its time doubles with each.
  using Buffer = Value ChunkBuffers::*;
  using Body = llvm::function_ref<void(StagedChunkPreparer &, VectorBuilder &, Value i)>;
  void forEach(VectorBuilder &b, Value end, int64_t step, ArrayRef<Buffer> written, Body body);
  void overKeys(VectorBuilder &b, ArrayRef<Buffer> written, Body body) {
    forEach(b, b.index(form.countKeys()), b.getLanes(), written, body);
  }

  Value readF32(VectorBuilder &b, Value tensor, Value i, Value key) {
    Value zero = b.index(0);
    return unit.widen(b, b.read(tensor, {zero, chunk.tokenAt(b, i), zero, key}));
  }
  /// q[i] with the scale, k[i], of unit length where the op says so.
  Value queryRow(VectorBuilder &b, Value i, Value key);
  Value keyRow(VectorBuilder &b, Value i, Value key);
  /// -beta[i] k[i]
  Value recallRow(VectorBuilder &b, Value i, Value keyRow);
  /// The decay of a token of the sub-chunk, which `stageRows` has left.
  Value decayOf(VectorBuilder &b, Value first, int64_t z, Value key);

  void writeInverseLengths(VectorBuilder &b, Value tensor, int64_t slot);
  void writeHeadDecays(VectorBuilder &b);
  /// The rows of a sub-chunk with its decays, and with those before it.
  void stageRows(VectorBuilder &b, Value first);
  /// Scores of the tokens of a sub-chunk with the decayed keys of the tokens before `end`, by a matrix product.
  void scoreByProduct(VectorBuilder &b, Value first, Value end);
  /// Those with one another, pair by pair.
  void scoreByPairs(VectorBuilder &b, Value first);
  /// Leaves what is before the diagonal of the scores of token `z` of a sub-chunk and vector `vector` of it.
  void writeScores(VectorBuilder &b, Value first, int64_t z, int64_t vector, Value query, Value recall);
  /// The decays of the sub-chunk on all keys so far.
  void decayKeys(VectorBuilder &b, Value first);
  void joinKeys(VectorBuilder &b);

  const ChunkForm &form;
  LinearAttentionOp op;
  const DotUnit &unit;
  const Chunk &chunk;
  ChunkBuffers buffers;
};

void StagedChunkPreparer::forEach(VectorBuilder &b, Value end, int64_t step, ArrayRef<Buffer> written, Body body) {
  Vectors inits;
  for (Buffer buffer : written)
    if (buffers.*buffer)
      inits.push_back(buffers.*buffer);
  auto set = [&](ChunkBuffers &buffers, ValueRange values) {
    for (Buffer buffer : written)
      if (buffers.*buffer) {
        buffers.*buffer = values.front();
        values = values.drop_front();
      }
  };
  auto loop = scf::ForOp::create(b, b.index(0), end, b.index(step), inits,
                                 [&](OpBuilder &builder, Location, Value i, ValueRange values) {
                                   VectorBuilder inner = b.at(builder);
                                   StagedChunkPreparer here = *this;
                                   set(here.buffers, values);
                                   body(here, inner, i);
                                   Vectors next;
                                   for (Buffer buffer : written)
                                     if (here.buffers.*buffer)
                                       next.push_back(here.buffers.*buffer);
                                   scf::YieldOp::create(inner, next);
                                 });
  set(buffers, loop.getResults());
}

Value StagedChunkPreparer::queryRow(VectorBuilder &b, Value i, Value key) {
  Value row = b.mul(readF32(b, op.getQ(), i, key), b.splat(op.getScale().convertToDouble(), b.getF32Type()));
  if (op.getQkL2norm())
    row = b.mul(row, b.broadcast(buffers.factors, {chunk.index, add(b, i, form.getReadSlot())}));
  return row;
}

Value StagedChunkPreparer::keyRow(VectorBuilder &b, Value i, Value key) {
  Value row = readF32(b, op.getK(), i, key);
  if (op.getQkL2norm())
    row = b.mul(row, b.broadcast(buffers.factors, {chunk.index, add(b, i, form.getWriteSlot())}));
  return row;
}

Value StagedChunkPreparer::recallRow(VectorBuilder &b, Value i, Value keyRow) {
  Value zero = b.index(0);
  Value beta = tensor::ExtractOp::create(b, op.getBeta(), ValueRange{zero, chunk.tokenAt(b, i), zero});
  if (!beta.getType().isF32())
    beta = arith::ExtFOp::create(b, b.getF32Type(), beta);
  return b.mul(vector::BroadcastOp::create(b, keyRow.getType(), arith::NegFOp::create(b, beta)), keyRow);
}

Value StagedChunkPreparer::decayOf(VectorBuilder &b, Value first, int64_t z, Value key) {
  if (op.hasKeyDecay())
    return b.read(buffers.decays, {b.index(z), key});
  return b.broadcast(buffers.factors, {chunk.index, add(b, first, form.getStateSlot() + z)});
}

void StagedChunkPreparer::writeInverseLengths(VectorBuilder &b, Value tensor, int64_t slot) {
  int64_t lanes = b.getLanes();
  for (int64_t first = 0; first < tokens(); first += lanes) {
    Vectors sums(lanes, b.splat(0.0, b.getF32Type()));
    auto loop = scf::ForOp::create(b, b.index(0), b.index(form.countKeys()), b.index(lanes), sums,
                                   [&](OpBuilder &builder, Location, Value key, ValueRange sums) {
                                     VectorBuilder inner = b.at(builder);
                                     Vectors next;
                                     for (int64_t lane = 0; lane < lanes; ++lane) {
                                       Value row = readF32(inner, tensor, inner.index(first + lane), key);
                                       next.push_back(inner.mulAdd(row, row, sums[lane]));
                                     }
                                     scf::YieldOp::create(inner, next);
                                   });
    Value squares = b.sumLanes(Vectors(loop.getResults()))[0];
    Value padded = b.add(squares, b.splat(op.getL2normEps().convertToDouble(), squares.getType()));
    Value inverse = arith::DivFOp::create(b, b.splat(1.0, squares.getType()), math::SqrtOp::create(b, padded));
    buffers.factors = b.write(inverse, buffers.factors, {chunk.index, b.index(slot + first)});
  }
}

void StagedChunkPreparer::writeHeadDecays(VectorBuilder &b) {
  Value log = op.getLogDecay(), zero = b.index(0);
  for (int64_t first = 0; first < tokens(); first += b.getLanes()) {
    Value logs;
    if (op.hasConstantDecay()) {
      logs = b.broadcast(log, zero);
    } else {
      Vectors each;
      for (int64_t lane = 0; lane < b.getLanes(); ++lane)
        each.push_back(
            tensor::ExtractOp::create(b, log, ValueRange{zero, chunk.tokenAt(b, b.index(first + lane)), zero}));
      logs = vector::FromElementsOp::create(b, b.vectorOf(log.getType()), each);
    }
    buffers.factors = b.write(b.exp(logs), buffers.factors, {chunk.index, b.index(form.getStateSlot() + first)});
  }
}

void StagedChunkPreparer::stageRows(VectorBuilder &b, Value first) {
  SmallVector<Buffer> written = {&ChunkBuffers::decayedKeys};
  if (form.hasReaders())
    written.append({&ChunkBuffers::queries, &ChunkBuffers::subQueries});
  if (solves())
    written.append({&ChunkBuffers::recalls, &ChunkBuffers::subRecalls});
  if (form.hasDecay())
    written.append({&ChunkBuffers::decays, &ChunkBuffers::stateDecays});
  overKeys(b, written, [&](StagedChunkPreparer &at, VectorBuilder &b, Value key) {
    ChunkBuffers &buffers = at.buffers;
    Value since = b.splat(1.0, b.getF32Type());
    Value before = form.hasDecay() ? b.read(buffers.stateDecays, {chunk.index, key}) : since;
    auto write = [&](Value row, int64_t z, Value &rows, Value &subRows) {
      subRows = b.write(unit.narrow(b, row), subRows, {b.index(z), key});
      rows = b.write(unit.narrow(b, b.mul(row, before)), rows, {chunk.index, add(b, first, z), key});
    };
    for (int64_t z = 0; z < sub(); ++z) {
      Value token = add(b, first, z), sinceBefore = since;
      if (op.hasKeyDecay()) {
        Value zero = b.index(0);
        Value decay = b.exp(b.read(op.getLogDecay(), {zero, chunk.tokenAt(b, token), zero, key}));
        buffers.decays = b.write(decay, buffers.decays, {b.index(z), key});
      }
      if (form.hasDecay())
        since = b.mul(since, at.decayOf(b, first, z, key));
      if (form.hasReaders())
        write(b.mul(at.queryRow(b, token, key), op.getPreUpdate() ? sinceBefore : since), z, buffers.queries,
              buffers.subQueries);
      Value row = at.keyRow(b, token, key);
      if (solves())
        write(b.mul(at.recallRow(b, token, row), since), z, buffers.recalls, buffers.subRecalls);
      // Around the diagonal the product of a row that has D with one that has 1 / D, or each pair for itself.
      if (form.hasBoundedDecay())
        row = arith::DivFOp::create(b, row, since);
      buffers.decayedKeys = b.write(row, buffers.decayedKeys, {token, key});
    }
    if (form.hasDecay()) {
      buffers.decays = b.write(since, buffers.decays, {b.index(sub()), key});
      buffers.stateDecays = b.write(b.mul(before, since), buffers.stateDecays, {chunk.index, key});
    }
  });
}

void StagedChunkPreparer::writeScores(VectorBuilder &b, Value first, int64_t z, int64_t vector, Value query,
                                      Value recall) {
  SmallVector<Value> indices = {chunk.index, add(b, first, z), add(b, first, vector * b.getLanes())};
  if (query) {
    query = unit.narrow(b, keepBefore(b, query, vector, op.getPreUpdate() ? z : z + 1));
    buffers.scores = b.write(query, buffers.scores, indices);
  }
  if (recall)
    buffers.solve = b.write(keepBefore(b, recall, vector, z), buffers.solve, indices);
}

void StagedChunkPreparer::scoreByProduct(VectorBuilder &b, Value first, Value end) {
  int64_t lanes = b.getLanes();
  SmallVector<Buffer> written = {&ChunkBuffers::keyColumns};
  if (form.hasReaders())
    written.push_back(&ChunkBuffers::scores);
  if (solves())
    written.push_back(&ChunkBuffers::solve);
  forEach(b, end, lanes, written, [&](StagedChunkPreparer &at, VectorBuilder &b, Value column) {
    at.forEach(b, b.index(form.countKeys() / group()), lanes, &ChunkBuffers::keyColumns,
               [&](StagedChunkPreparer &at, VectorBuilder &b, Value firstGroup) {
                 Value key = arith::MulIOp::create(b, firstGroup, b.index(group()));
                 Vectors rows;
                 for (int64_t lane = 0; lane < lanes; ++lane) {
                   Vectors parts;
                   for (int64_t i = 0; i < group(); ++i)
                     parts.push_back(b.read(at.buffers.decayedKeys, {add(b, column, lane), add(b, key, i * lanes)}));
                   rows.push_back(unit.concatenate(b, parts));
                 }
                 for (auto [i, turned] : llvm::enumerate(unit.transpose(b, rows)))
                   at.buffers.keyColumns =
                       unit.write(b, turned, at.buffers.keyColumns, {chunk.index, add(b, firstGroup, i), b.index(0)});
               });
    auto score = [&](Value rows, Buffer scores, bool narrows) {
      for (int64_t z = 0; z < sub(); z += lanes) {
        SmallVector<Vectors> sums = dotRows(
            b, form, lanes, 1, at.buffers.keyColumns, chunk.index,
            [&](VectorBuilder &b, int64_t row, Value key) { return unit.broadcast(b, rows, {b.index(z + row), key}); });
        for (int64_t row = 0; row < lanes; ++row) {
          Value sum = narrows ? unit.narrow(b, sums[row][0]) : sums[row][0];
          at.buffers.*scores = b.write(sum, at.buffers.*scores, {chunk.index, add(b, first, z + row), column});
        }
      }
    };
    if (form.hasReaders())
      score(buffers.subQueries, &ChunkBuffers::scores, true);
    if (solves())
      score(buffers.subRecalls, &ChunkBuffers::solve, false);
  });
  if (!form.hasBoundedDecay())
    return;
  // The product has made what is above the diagonal, too.
  for (int64_t z = 0; z < sub(); ++z)
    for (int64_t vector = 0; vector < sub() / lanes; ++vector) {
      SmallVector<Value> indices = {chunk.index, add(b, first, z), add(b, first, vector * lanes)};
      Value query = form.hasReaders() ? unit.widen(b, b.read(buffers.scores, indices)) : Value();
      writeScores(b, first, z, vector, query, solves() ? b.read(buffers.solve, indices) : Value());
    }
}

void StagedChunkPreparer::scoreByPairs(VectorBuilder &b, Value first) {
  for (int64_t z = 0; z < sub(); ++z) {
    Value token = add(b, first, z), zero = b.splat(0.0, b.getF32Type());
    int64_t queryCount = !form.hasReaders() ? 0 : op.getPreUpdate() ? z : z + 1, recallCount = solves() ? z : 0;
    if (queryCount + recallCount == 0) {
      for (int64_t vector = 0; vector < sub() / b.getLanes(); ++vector)
        writeScores(b, first, z, vector, form.hasReaders() ? zero : Value(), solves() ? zero : Value());
      continue;
    }
    auto loop = scf::ForOp::create(
        b, b.index(0), b.index(form.countKeys()), b.index(b.getLanes()), Vectors(queryCount + recallCount, zero),
        [&](OpBuilder &builder, Location, Value key, ValueRange sums) {
          VectorBuilder inner = b.at(builder);
          Value query = queryCount ? queryRow(inner, token, key) : Value();
          Value recall = recallCount ? recallRow(inner, token, keyRow(inner, token, key)) : Value();
          Vectors next(sums);
          // Backwards in time: with each token the rows take one decay more.
          for (int64_t j = z; j >= 0; --j) {
            Value row = inner.read(buffers.decayedKeys, {add(inner, first, j), key});
            if (j < queryCount)
              next[j] = inner.mulAdd(query, row, next[j]);
            if (j < recallCount)
              next[queryCount + j] = inner.mulAdd(recall, row, next[queryCount + j]);
            if (!form.hasDecay() || j == 0)
              continue;
            Value decay = decayOf(inner, first, j, key);
            if (query && j < queryCount)
              query = inner.mul(query, decay);
            if (recall)
              recall = inner.mul(recall, decay);
          }
          scf::YieldOp::create(inner, next);
        });
    auto sums = [&](int64_t from, int64_t count) {
      Vectors vectors(loop.getResults().slice(from, count));
      Vectors result = vectors.empty() ? Vectors() : b.sumLanes(vectors);
      result.resize(sub() / b.getLanes(), zero);
      return result;
    };
    Vectors queries = sums(0, queryCount), recalls = sums(queryCount, recallCount);
    for (int64_t vector = 0; vector < sub() / b.getLanes(); ++vector)
      writeScores(b, first, z, vector, form.hasReaders() ? queries[vector] : Value(),
                  solves() ? recalls[vector] : Value());
  }
}

void StagedChunkPreparer::decayKeys(VectorBuilder &b, Value first) {
  if (!form.hasDecay())
    return;
  overKeys(b, &ChunkBuffers::decayedKeys, [&](StagedChunkPreparer &at, VectorBuilder &b, Value key) {
    Value &keys = at.buffers.decayedKeys;
    auto multiply = [&](VectorBuilder &b, Value &keys, Value token, Value decay) {
      keys = b.write(b.mul(b.read(keys, {token, key}), decay), keys, {token, key});
    };
    Value all = b.read(at.buffers.decays, {b.index(sub()), key});
    at.forEach(b, first, 1, &ChunkBuffers::decayedKeys, [&](StagedChunkPreparer &at, VectorBuilder &b, Value token) {
      multiply(b, at.buffers.decayedKeys, token, all);
    });
    Value since = all;
    for (int64_t z = sub() - 1; z >= 0; --z) {
      if (!form.hasBoundedDecay() && z + 1 == sub()) {
        since = at.decayOf(b, first, z, key); // the last key has none yet
        continue;
      }
      multiply(b, keys, add(b, first, z), since);
      if (!form.hasBoundedDecay() && z > 0)
        since = b.mul(since, at.decayOf(b, first, z, key));
    }
  });
}

void StagedChunkPreparer::joinKeys(VectorBuilder &b) {
  forEach(b, b.index(tokens() / group()), 1, &ChunkBuffers::keyRows,
          [&](StagedChunkPreparer &at, VectorBuilder &b, Value tokenGroup) {
            at.overKeys(b, &ChunkBuffers::keyRows, [&](StagedChunkPreparer &at, VectorBuilder &b, Value key) {
              Vectors parts;
              for (int64_t i = 0; i < group(); ++i) {
                Value token = add(b, arith::MulIOp::create(b, tokenGroup, b.index(group())), i);
                parts.push_back(b.read(at.buffers.decayedKeys, {token, key}));
              }
              Value place = arith::MulIOp::create(b, key, b.index(group()));
              at.buffers.keyRows =
                  unit.write(b, unit.join(b, parts), at.buffers.keyRows, {chunk.index, tokenGroup, place});
            });
          });
}

ChunkBuffers StagedChunkPreparer::run(VectorBuilder &b) {
  if (op.getQkL2norm()) {
    writeInverseLengths(b, op.getQ(), form.getReadSlot());
    writeInverseLengths(b, op.getK(), form.getWriteSlot());
  }
  if (form.hasDecay() && !op.hasKeyDecay())
    writeHeadDecays(b);
  if (form.hasDecay())
    overKeys(b, &ChunkBuffers::stateDecays, [&](StagedChunkPreparer &at, VectorBuilder &b, Value key) {
      Value &decays = at.buffers.stateDecays;
      decays = b.write(b.splat(1.0, b.getF32Type()), decays, {chunk.index, key});
    });
  SmallVector<Buffer> written = {&ChunkBuffers::decayedKeys, &ChunkBuffers::keyColumns};
  if (form.hasReaders())
    written.append({&ChunkBuffers::queries, &ChunkBuffers::subQueries, &ChunkBuffers::scores});
  if (solves())
    written.append({&ChunkBuffers::recalls, &ChunkBuffers::subRecalls, &ChunkBuffers::solve});
  if (form.hasDecay())
    written.append({&ChunkBuffers::decays, &ChunkBuffers::stateDecays});
  forEach(b, b.index(tokens()), sub(), written, [&](StagedChunkPreparer &at, VectorBuilder &b, Value first) {
    at.stageRows(b, first);
    at.scoreByProduct(b, first, form.hasBoundedDecay() ? add(b, first, sub()) : first);
    if (!form.hasBoundedDecay())
      at.scoreByPairs(b, first);
    at.decayKeys(b, first);
  });
  joinKeys(b);
  return buffers;
}

} // namespace

ChunkBuffers linnet::prepareStagedChunk(VectorBuilder &b, const ChunkForm &form, const Chunk &chunk,
                                        ChunkBuffers buffers) {
  return StagedChunkPreparer(form, chunk, buffers).run(b);
}
