//===- PrepareChunk.cpp - what a chunk of linear attention needs of the keys ----===//
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

ChunkBuffers linnet::createBuffers(VectorBuilder &b, const ChunkForm &form, int64_t chunks) {
  int64_t keys = form.countKeys(), tokens = form.getTokens(), group = form.getUnit().getGroup();
  auto empty = [&](ArrayRef<int64_t> shape, Type type) -> Value { return tensor::EmptyOp::create(b, shape, type); };
  Type element = form.getUnit().getElement(), f32 = b.getF32Type();
  ChunkBuffers buffers;
  buffers.keyColumns = empty({chunks, keys / group, tokens * group}, element);
  buffers.keyRows = empty({chunks, tokens / group, keys * group}, element);
  buffers.scores = empty({chunks, tokens, tokens}, element);
  buffers.factors = empty({chunks, form.countSlots()}, f32);
  if (!form.isStaged())
    return buffers;
  int64_t sub = form.getSubTokens();
  buffers.queries = empty({chunks, tokens, keys}, element);
  buffers.stateDecays = empty({chunks, keys}, f32);
  buffers.decayedKeys = empty({tokens, keys}, f32);
  buffers.decays = empty({sub + 1, keys}, f32);
  buffers.subQueries = empty({sub, keys}, element);
  if (form.getOp().getBeta()) {
    buffers.recalls = empty({chunks, tokens, keys}, element);
    buffers.solve = empty({chunks, tokens, tokens}, f32);
    buffers.subRecalls = empty({sub, keys}, element);
  }
  return buffers;
}

/// Sums that are made at once; with a vector for each row they leave room for the factors.
static constexpr int64_t kSums = 16;

Value linnet::keepBefore(VectorBuilder &b, Value x, int64_t vector, int64_t end) {
  int64_t first = vector * b.getLanes();
  if (first + b.getLanes() <= end)
    return x;
  Value mask = b.maskLanes([&](int64_t lane) { return first + lane < end; });
  return arith::SelectOp::create(b, mask, x, b.splat(0.0, x.getType()));
}

SmallVector<SmallVector<Value>>
linnet::dotRows(VectorBuilder &b, const ChunkForm &form, int64_t count, int64_t vectors, Value keyColumns, Value chunk,
                llvm::function_ref<Value(VectorBuilder &, int64_t row, Value key)> query) {
  const DotUnit &unit = form.getUnit();
  int64_t group = unit.getGroup();
  SmallVector<SmallVector<Value>> results(count);
  for (int64_t from = 0; from < vectors; from += kSums / count) {
    int64_t width = std::min(vectors - from, kSums / count);
    SmallVector<Value> sums(count * width, b.splat(0.0, b.getF32Type()));
    auto loop = scf::ForOp::create(
        b, b.index(0), b.index(form.countKeys() / group), b.index(1), sums,
        [&](OpBuilder &builder, Location, Value keyGroup, ValueRange sums) {
          VectorBuilder inner = b.at(builder);
          SmallVector<Value> keys, next;
          for (int64_t vector = from; vector < from + width; ++vector)
            keys.push_back(
                unit.read(inner, keyColumns, {chunk, keyGroup, inner.index(vector * inner.getLanes() * group)}));
          Value key = arith::MulIOp::create(inner, keyGroup, inner.index(group));
          for (int64_t row = 0; row < count; ++row) {
            Value factors = query(inner, row, key);
            for (int64_t vector = 0; vector < width; ++vector)
              next.push_back(unit.dot(inner, factors, keys[vector], sums[next.size()]));
          }
          scf::YieldOp::create(inner, next);
        });
    for (int64_t row = 0; row < count; ++row)
      results[row].append(loop.getResults().begin() + row * width, loop.getResults().begin() + (row + 1) * width);
  }
  return results;
}

namespace {

class ChunkPreparer {
public:
  ChunkPreparer(const ChunkForm &form, const Chunk &chunk)
      : form(form), op(form.getOp()), unit(form.getUnit()), chunk(chunk) {}

  ChunkBuffers run(VectorBuilder &b, ChunkBuffers buffers);

private:
  using Vectors = SmallVector<Value>;

  int64_t tokens() const { return form.getTokens(); }
  int64_t group() const { return unit.getGroup(); }
  /// A vector of `tensor` [1, T, 1, K] at the i-th token.
  SmallVector<Value> placeOf(VectorBuilder &b, Value i, Value key) {
    return {b.index(0), chunk.tokenAt(b, i), b.index(0), key};
  }
  Value add(VectorBuilder &b, Value x, int64_t y) { return arith::AddIOp::create(b, x, b.index(y)); }

  Value turnKeys(VectorBuilder &b, Value keyColumns);
  /// The decay of each token in all lanes; empty without decay.
  Vectors decays(VectorBuilder &b);
  /// The products of decays, token after token: D(j, i) for all j up to i (lanes), and D(-1, i).
  struct Products {
    Vectors between;
    Value since;
  };
  Products advance(VectorBuilder &b, const Products &products, Value decay, int64_t token);
  /// Scores with their decays, and the factors of reads.
  ChunkBuffers score(VectorBuilder &b, ChunkBuffers buffers, Products &products);
  Value joinKeys(VectorBuilder &b, const ChunkBuffers &buffers);

  const ChunkForm &form;
  LinearAttentionOp op;
  const DotUnit &unit;
  const Chunk &chunk;
};

Value ChunkPreparer::turnKeys(VectorBuilder &b, Value keyColumns) {
  int64_t lanes = b.getLanes(), groups = form.countKeys() / group();
  auto loop = scf::ForOp::create(
      b, b.index(0), b.index(groups), b.index(lanes), keyColumns,
      [&](OpBuilder &builder, Location, Value first, ValueRange carried) {
        VectorBuilder inner = b.at(builder);
        Value turned = carried[0], key = arith::MulIOp::create(inner, first, inner.index(group()));
        for (int64_t token = 0; token < tokens(); token += lanes) {
          Vectors rows;
          for (int64_t lane = 0; lane < lanes; ++lane)
            rows.push_back(unit.read(inner, op.getK(), placeOf(inner, inner.index(token + lane), key)));
          for (auto [i, column] : llvm::enumerate(unit.transpose(inner, rows)))
            turned =
                unit.write(inner, column, turned, {chunk.index, add(inner, first, i), inner.index(token * group())});
        }
        scf::YieldOp::create(inner, turned);
      });
  return loop.getResult(0);
}

ChunkPreparer::Vectors ChunkPreparer::decays(VectorBuilder &b) {
  Value log = op.getLogDecay(), zero = b.index(0);
  if (!log)
    return {};
  if (op.hasConstantDecay())
    return Vectors(tokens(), b.exp(b.broadcast(log, zero)));
  Vectors spread;
  for (int64_t first = 0; first < tokens(); first += b.getLanes()) {
    Vectors logs;
    for (int64_t lane = 0; lane < b.getLanes(); ++lane)
      logs.push_back(
          tensor::ExtractOp::create(b, log, ValueRange{zero, chunk.tokenAt(b, b.index(first + lane)), zero}));
    Value decays = b.exp(vector::FromElementsOp::create(b, b.vectorOf(log.getType()), logs));
    for (int64_t lane = 0; lane < b.getLanes(); ++lane)
      spread.push_back(vector::ShuffleOp::create(b, decays, decays, SmallVector<int64_t>(b.getLanes(), lane)));
  }
  return spread;
}

ChunkPreparer::Products ChunkPreparer::advance(VectorBuilder &b, const Products &products, Value decay, int64_t token) {
  Products next = products;
  if (decay)
    next.since = b.mul(next.since, decay);
  for (auto [vector, between] : llvm::enumerate(next.between)) {
    int64_t first = vector * b.getLanes();
    if (first > token)
      break; // nothing but zeros
    if (decay)
      between = b.mul(between, decay);
    if (token < first + b.getLanes())
      between = arith::SelectOp::create(b, b.maskLanes([&](int64_t lane) { return first + lane == token; }),
                                        b.splat(1.0, between.getType()), between);
  }
  return next;
}

ChunkBuffers ChunkPreparer::score(VectorBuilder &b, ChunkBuffers buffers, Products &products) {
  int64_t lanes = b.getLanes();
  Value scale = b.splat(op.getScale().convertToDouble(), b.getF32Type());
  Vectors decay = decays(b), reads(tokens() / lanes, b.splat(0.0, b.getF32Type()));
  auto decayOf = [&](int64_t token) { return decay.empty() ? Value() : decay[token]; };
  // Few rows of many vectors, or many of one: as many sums as there are registers for.
  for (int64_t first = 0, count; first < tokens(); first += count) {
    count = first < lanes ? lanes : ChunkForm::kRows;
    if (!form.hasReaders()) {
      for (int64_t token = first; token < first + count; ++token)
        products = advance(b, products, decayOf(token), token);
      continue;
    }
    int64_t vectors = llvm::divideCeil(first + count, lanes);
    auto query = [&](VectorBuilder &b, int64_t row, Value key) {
      return unit.broadcast(b, op.getQ(), placeOf(b, b.index(first + row), key));
    };
    SmallVector<Vectors> sums = dotRows(b, form, count, vectors, buffers.keyColumns, chunk.index, query);
    for (int64_t row = 0; row < count; ++row) {
      int64_t token = first + row;
      if (!op.getPreUpdate())
        products = advance(b, products, decayOf(token), token);
      for (int64_t vector = 0; vector < vectors; ++vector) {
        Value score = b.mul(b.mul(sums[row][vector], scale), products.between[vector]);
        score = unit.narrow(b, keepBefore(b, score, vector, op.getPreUpdate() ? token : token + 1));
        buffers.scores = vector::TransferWriteOp::create(
                             b, score, buffers.scores, ValueRange{chunk.index, b.index(token), b.index(vector * lanes)},
                             ArrayRef{true})
                             .getResult();
      }
      Value mask = b.maskLanes([&](int64_t lane) { return lane == token % lanes; });
      Value &read = reads[token / lanes];
      read = arith::SelectOp::create(b, mask, b.mul(products.since, scale), read);
      if (op.getPreUpdate())
        products = advance(b, products, decayOf(token), token);
    }
  }
  auto write = [&](Value vector, int64_t slot) {
    buffers.factors = b.write(vector, buffers.factors, {chunk.index, b.index(slot)});
  };
  for (int64_t vector = 0; vector < tokens() / lanes; ++vector) {
    write(reads[vector], form.getReadSlot() + vector * lanes);
    write(products.between[vector], form.getWriteSlot() + vector * lanes);
  }
  write(products.since, form.getStateSlot());
  return buffers;
}

Value ChunkPreparer::joinKeys(VectorBuilder &b, const ChunkBuffers &buffers) {
  int64_t lanes = b.getLanes();
  auto loop = scf::ForOp::create(
      b, b.index(0), b.index(tokens() / group()), b.index(1), buffers.keyRows,
      [&](OpBuilder &builder, Location, Value tokenGroup, ValueRange carried) {
        VectorBuilder inner = b.at(builder);
        Value rows = carried[0], first = arith::MulIOp::create(inner, tokenGroup, inner.index(group()));
        if (!op.getLogDecay()) {
          for (int64_t key = 0; key < form.countKeys(); key += lanes * group()) {
            Vectors parts;
            for (int64_t i = 0; i < group(); ++i)
              parts.push_back(unit.read(inner, op.getK(), placeOf(inner, add(inner, first, i), inner.index(key))));
            for (auto [i, joined] : llvm::enumerate(unit.joinRows(inner, parts)))
              rows =
                  unit.write(inner, joined, rows, {chunk.index, tokenGroup, inner.index((key + i * lanes) * group())});
          }
          scf::YieldOp::create(inner, rows);
          return;
        }
        for (int64_t key = 0; key < form.countKeys(); key += lanes) {
          Vectors parts;
          for (int64_t i = 0; i < group(); ++i) {
            Value token = add(inner, first, i);
            Value part = unit.widen(inner, inner.read(op.getK(), placeOf(inner, token, inner.index(key))));
            Value factor = inner.broadcast(buffers.factors, {chunk.index, add(inner, token, form.getWriteSlot())});
            parts.push_back(inner.mul(part, factor));
          }
          rows =
              unit.write(inner, unit.join(inner, parts), rows, {chunk.index, tokenGroup, inner.index(key * group())});
        }
        scf::YieldOp::create(inner, rows);
      });
  return loop.getResult(0);
}

ChunkBuffers ChunkPreparer::run(VectorBuilder &b, ChunkBuffers buffers) {
  if (form.hasReaders())
    buffers.keyColumns = turnKeys(b, buffers.keyColumns);
  Products products = {Vectors(tokens() / b.getLanes(), b.splat(0.0, b.getF32Type())), b.splat(1.0, b.getF32Type())};
  buffers = score(b, buffers, products);
  buffers.keyRows = joinKeys(b, buffers);
  return buffers;
}

} // namespace

ChunkBuffers linnet::prepareChunk(VectorBuilder &b, const ChunkForm &form, const Chunk &chunk, ChunkBuffers buffers) {
  if (form.isStaged())
    return prepareStagedChunk(b, form, chunk, buffers);
  return ChunkPreparer(form, chunk).run(b, buffers);
}

Value linnet::areValuesFinite(VectorBuilder &b, const ChunkForm &form, Value count,
                              llvm::function_ref<Value(VectorBuilder &, Value i)> tokenAt) {
  LinearAttentionOp op = form.getOp();
  Type element = form.getUnit().getElement();
  bool isF32 = element.isF32();
  // As integers, without the sign: what is not finite has all bits of the exponent.
  Type integer = isF32 ? b.getI32Type() : b.getI16Type();
  int64_t infinity = isF32 ? 0x7f800000 : 0x7f80, width = b.getLanes() * form.getUnit().getGroup();
  int64_t columns = cast<RankedTensorType>(op.getV().getType()).getDimSize(3);
  auto type = VectorType::get(width, integer);
  auto splat = [&](int64_t value) -> Value {
    return arith::ConstantOp::create(b, DenseElementsAttr::get(type, b.getIntegerAttr(integer, value).getValue()));
  };
  Value magnitude = splat(infinity | (infinity - 1)), zero = splat(0);
  auto loop = scf::ForOp::create(
      b, b.index(0), count, b.index(1), zero, [&](OpBuilder &builder, Location, Value i, ValueRange carried) {
        VectorBuilder inner = b.at(builder);
        Value greatest = carried[0], token = tokenAt(inner, i);
        Value padding = arith::ConstantOp::create(inner, inner.getFloatAttr(element, 0.0));
        for (int64_t column = 0; column < columns; column += width) {
          Value values =
              vector::TransferReadOp::create(inner, VectorType::get(width, element), op.getV(),
                                             ValueRange{inner.index(0), token, inner.index(0), inner.index(column)},
                                             padding, ArrayRef{column + width <= columns});
          Value bits = arith::AndIOp::create(inner, vector::BitCastOp::create(inner, type, values), magnitude);
          greatest = arith::MaxUIOp::create(inner, greatest, bits);
        }
        scf::YieldOp::create(inner, greatest);
      });
  Value greatest = vector::ReductionOp::create(b, vector::CombiningKind::MAXUI, loop.getResult(0));
  return arith::CmpIOp::create(b, arith::CmpIPredicate::ult, greatest,
                               arith::ConstantOp::create(b, b.getIntegerAttr(integer, infinity)));
}
