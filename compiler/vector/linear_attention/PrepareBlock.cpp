//===- PrepareBlock.cpp - what a block of linear attention needs of the keys ----===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/vector/linear_attention/BlockForm.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

#include <map>

using namespace mlir;
using namespace linnet;

static int64_t roundUp(int64_t size, int64_t lanes) { return llvm::divideCeil(size, lanes) * lanes; }

static int64_t countKeys(LinearAttentionOp op) { return cast<RankedTensorType>(op.getQ().getType()).getDimSize(3); }

BlockBuffers linnet::createBuffers(VectorBuilder &b, const BlockForm &form, int64_t blocks) {
  int64_t lanes = b.getLanes();
  SmallVector<int64_t> factors = {blocks, roundUp(std::max<int64_t>(form.countSlots(), 1), lanes)};
  SmallVector<int64_t> rows = {blocks, form.countRows(), roundUp(countKeys(form.getOp()), lanes)};
  BlockBuffers buffers;
  buffers.factors = tensor::EmptyOp::create(b, factors, b.getF32Type());
  if (form.isStaged())
    buffers.rows = tensor::EmptyOp::create(b, rows, b.getF32Type());
  return buffers;
}

namespace {

class BlockPreparer {
public:
  BlockPreparer(const BlockForm &form, ArrayRef<Value> tokens, Value block)
      : form(form), op(form.getOp()), tokens(tokens), block(block) {}

  BlockBuffers run(VectorBuilder &b, BlockBuffers buffers);

private:
  using Rows = SmallVector<Value>;

  /// A vector of `tensor` at `indices`; 0 behind the last key.
  Value readPart(VectorBuilder &b, Value tensor, ValueRange indices, bool whole);
  /// Part of row `token` of `tensor` [1, T, 1, K] from `key` on, and of the bonus [1, K].
  Value readRow(VectorBuilder &b, Value tensor, Value token, Value key, bool whole) {
    return readPart(b, tensor, {b.index(0), token, b.index(0), key}, whole);
  }
  Value readBonus(VectorBuilder &b, Value key, bool whole) {
    return readPart(b, op.getBonus(), {b.index(0), key}, whole);
  }
  /// Calls `body` for the keys one vector after the other, with carried vectors.
  Rows overKeys(VectorBuilder &b, ValueRange carried,
                llvm::function_ref<Rows(VectorBuilder &, Value key, bool whole, ValueRange)> body);

  /// All lanes are lane `lane` of one of `vectors`.
  Value broadcastLane(VectorBuilder &b, ArrayRef<Value> vectors, int64_t lane);
  /// The decay of each token, in all lanes; empty without a decay that is the same for all keys.
  Rows headDecays(VectorBuilder &b);
  /// 1 / length of the rows of `tensor`, in all lanes.
  Rows inverseLengths(VectorBuilder &b, Value tensor);

  /// Lanes are slots: a constant times the decays `after` < s <= `last` of each.
  struct Factor {
    double constant = 1.0;
    int64_t after = 0, last = 0;
  };
  Rows products(VectorBuilder &b, ArrayRef<Factor> factors, ArrayRef<Value> decays);
  Rows factorsOfRows(VectorBuilder &b);
  /// Brings the scale of the state into the factors; returns the scale behind the block.
  Value applyScale(VectorBuilder &b, Rows &factors, Value scale);
  std::pair<Rows, Value> stageRows(VectorBuilder &b, Value rows);

  Value writeFactors(VectorBuilder &b, ArrayRef<Value> vectors, Value factors) {
    for (auto [i, vector] : llvm::enumerate(vectors))
      factors = b.write(vector, factors, {block, b.index(i * b.getLanes())});
    return factors;
  }
  double scale() { return op.getScale().convertToDouble(); }

  const BlockForm &form;
  LinearAttentionOp op;
  ArrayRef<Value> tokens;
  Value block;
};

Value BlockPreparer::readPart(VectorBuilder &b, Value tensor, ValueRange indices, bool whole) {
  Type element = getElementTypeOrSelf(tensor.getType());
  Value zero = arith::ConstantOp::create(b, b.getFloatAttr(element, 0.0));
  Value part = vector::TransferReadOp::create(b, b.vectorOf(element), tensor, indices, zero, ArrayRef{whole});
  return element.isF32() ? part : Value(arith::ExtFOp::create(b, b.vectorOf(b.getF32Type()), part));
}

BlockPreparer::Rows
BlockPreparer::overKeys(VectorBuilder &b, ValueRange carried,
                        llvm::function_ref<Rows(VectorBuilder &, Value key, bool whole, ValueRange)> body) {
  int64_t keys = countKeys(op), lanes = b.getLanes(), whole = keys / lanes * lanes;
  Rows results(carried);
  if (whole > 0) {
    auto loop = scf::ForOp::create(b, b.index(0), b.index(whole), b.index(lanes), carried,
                                   [&](OpBuilder &builder, Location, Value key, ValueRange values) {
                                     VectorBuilder inner = b.at(builder);
                                     scf::YieldOp::create(inner, body(inner, key, true, values));
                                   });
    results = Rows(loop.getResults());
  }
  if (whole < keys)
    results = body(b, b.index(whole), false, results);
  return results;
}

Value BlockPreparer::broadcastLane(VectorBuilder &b, ArrayRef<Value> vectors, int64_t lane) {
  Value vector = vectors[lane / b.getLanes()];
  SmallVector<int64_t> mask(b.getLanes(), lane % b.getLanes());
  return vector::ShuffleOp::create(b, vector, vector, mask);
}

BlockPreparer::Rows BlockPreparer::headDecays(VectorBuilder &b) {
  if (!form.hasDecay() || op.hasKeyDecay())
    return {};
  Value log = op.getLogDecay(), zero = b.index(0);
  if (op.hasConstantDecay())
    return Rows(tokens.size(), b.exp(b.broadcast(log, zero)));
  // All in one vector, for one exponential.
  SmallVector<Value> logs;
  for (Value token : tokens)
    logs.push_back(tensor::ExtractOp::create(b, log, ValueRange{zero, token, zero}));
  logs.resize(b.getLanes(), logs[0]);
  Value decays = b.exp(vector::FromElementsOp::create(b, b.vectorOf(log.getType()), logs));
  Rows spread;
  for (size_t i = 0; i < tokens.size(); ++i)
    spread.push_back(broadcastLane(b, decays, i));
  return spread;
}

BlockPreparer::Rows BlockPreparer::inverseLengths(VectorBuilder &b, Value tensor) {
  Rows sums = overKeys(b, Rows(tokens.size(), b.splat(0.0, b.getF32Type())),
                       [&](VectorBuilder &b, Value key, bool whole, ValueRange carried) {
                         Rows next;
                         for (auto [token, sum] : llvm::zip_equal(tokens, carried)) {
                           Value row = readRow(b, tensor, token, key, whole);
                           next.push_back(b.mulAdd(row, row, sum));
                         }
                         return next;
                       });
  Rows inverse;
  for (Value squares : b.sumLanes(sums)) {
    Value padded = b.add(squares, b.splat(op.getL2normEps().convertToDouble(), squares.getType()));
    inverse.push_back(
        arith::DivFOp::create(b, b.splat(1.0, squares.getType()), math::SqrtOp::create(b, padded)).getResult());
  }
  Rows spread;
  for (size_t i = 0; i < tokens.size(); ++i)
    spread.push_back(broadcastLane(b, inverse, i));
  return spread;
}

BlockPreparer::Rows BlockPreparer::products(VectorBuilder &b, ArrayRef<Factor> factors, ArrayRef<Value> decays) {
  int64_t lanes = b.getLanes();
  VectorType type = b.vectorOf(b.getF32Type());
  Rows vectors;
  for (size_t first = 0; first < factors.size(); first += lanes) {
    ArrayRef<Factor> part = factors.slice(first, std::min<size_t>(lanes, factors.size() - first));
    SmallVector<float> constants(lanes, 0.0f);
    for (auto [lane, factor] : llvm::enumerate(part))
      constants[lane] = factor.constant;
    Value product = arith::ConstantOp::create(b, DenseElementsAttr::get(type, ArrayRef<float>(constants)));
    for (auto [s, decay] : llvm::enumerate(decays)) {
      int64_t token = s;
      Value mask = b.maskLanes([&](int64_t lane) {
        return lane < static_cast<int64_t>(part.size()) && part[lane].after < token && token <= part[lane].last;
      });
      product = arith::SelectOp::create(b, mask, b.mul(product, decay), product);
    }
    vectors.push_back(product);
  }
  return vectors;
}

/// Dots and factors where the state is multiplied by rows of the operands.
BlockPreparer::Rows BlockPreparer::factorsOfRows(VectorBuilder &b) {
  ArrayRef<BlockForm::Dot> dots = form.getDots();
  int64_t count = form.getTokens();
  Rows sums;
  if (!dots.empty())
    sums = overKeys(b, Rows(dots.size(), b.splat(0.0, b.getF32Type())),
                    [&](VectorBuilder &b, Value key, bool whole, ValueRange carried) {
                      std::map<std::pair<void *, int64_t>, Value> loaded;
                      auto row = [&](Value tensor, int64_t i) {
                        Value &value = loaded[{tensor.getAsOpaquePointer(), i}];
                        if (!value)
                          value = readRow(b, tensor, tokens[i], key, whole);
                        return value;
                      };
                      Rows next;
                      for (auto [dot, sum] : llvm::zip_equal(dots, carried)) {
                        Value read = row(form.getOperand(dot.read), dot.i);
                        if (op.getBonus() && dot.i == dot.j)
                          read = b.mul(read, readBonus(b, key, whole));
                        next.push_back(b.mulAdd(read, row(form.getOperand(dot.write), dot.j), sum));
                      }
                      return next;
                    });
  SmallVector<Factor> factors;
  auto constant = [&](ReadRow row) { return row == ReadRow::Query ? scale() : 1.0; };
  for (const BlockForm::Dot &dot : dots)
    factors.push_back({constant(dot.read), dot.after, dot.last});
  for (ReadRow row : form.getReads())
    for (int64_t i = 0; i < count; ++i)
      factors.push_back({constant(row), -1, form.getLastDecay(row, i)});
  for (int64_t j = 0; j < count; ++j)
    factors.push_back({1.0, j, count - 1});
  factors.push_back({1.0, -1, count - 1});
  Rows vectors = products(b, factors, headDecays(b));
  if (dots.empty())
    return vectors;
  // The lanes behind the dots are multiplied by 1.
  Rows dotVectors = b.sumLanes(sums);
  int64_t lanes = b.getLanes();
  for (auto [i, vector] : llvm::enumerate(dotVectors)) {
    int64_t first = i * lanes;
    Value mask = b.maskLanes([&](int64_t lane) { return first + lane < static_cast<int64_t>(dots.size()); });
    vectors[i] = arith::SelectOp::create(b, mask, b.mul(vectors[i], vector), vectors[i]);
  }
  return vectors;
}

/// Rows with all their factors, and their dots.
std::pair<BlockPreparer::Rows, Value> BlockPreparer::stageRows(VectorBuilder &b, Value rows) {
  ArrayRef<BlockForm::Dot> dots = form.getDots();
  int64_t count = form.getTokens();
  Rows qInverse, kInverse;
  if (op.getQkL2norm()) {
    qInverse = inverseLengths(b, op.getQ());
    kInverse = inverseLengths(b, op.getK());
  }
  Rows decays = headDecays(b);
  Rows carried(dots.size(), b.splat(0.0, b.getF32Type()));
  carried.push_back(rows);
  Rows results = overKeys(b, carried, [&](VectorBuilder &b, Value key, bool whole, ValueRange values) {
    // By tensor, whether it is divided by its length, and token: one value may be several operands.
    std::map<std::tuple<void *, bool, int64_t>, Value> loaded;
    auto row = [&](auto kind, int64_t i) {
      Value tensor = form.getOperand(kind);
      bool isNormalized = form.isNormalized(kind);
      Value &value = loaded[{tensor.getAsOpaquePointer(), isNormalized, i}];
      if (value)
        return value;
      value = readRow(b, tensor, tokens[i], key, whole);
      if (isNormalized)
        value = b.mul(value, tensor == op.getQ() ? qInverse[i] : kInverse[i]);
      return value;
    };
    Rows keyDecays(count);
    auto decay = [&](int64_t s) -> Value {
      if (!op.hasKeyDecay())
        return decays[s];
      if (!keyDecays[s])
        keyDecays[s] = b.exp(readRow(b, op.getLogDecay(), tokens[s], key, whole));
      return keyDecays[s];
    };
    // `value` with the decays after < s <= last, one after the other; kept, as the next range only adds one.
    std::map<std::tuple<void *, int64_t, int64_t>, Value> decayed;
    std::function<Value(Value, int64_t, int64_t)> withDecays = [&](Value value, int64_t after, int64_t last) -> Value {
      if (!form.hasDecay() || last <= after)
        return value;
      Value &result = decayed[{value.getAsOpaquePointer(), after, last}];
      if (!result)
        result = b.mul(withDecays(value, after, last - 1), decay(last));
      return result;
    };
    auto queryScale = b.splat(scale(), b.getF32Type());
    auto readOf = [&](ReadRow read, int64_t i) {
      Value value = row(read, i);
      if (read != ReadRow::Query)
        return value;
      Value &scaled = loaded[{nullptr, false, i}];
      if (!scaled)
        scaled = b.mul(value, queryScale);
      return scaled;
    };
    Rows next;
    for (auto [dot, sum] : llvm::zip_equal(dots, values.drop_back())) {
      Value read = readOf(dot.read, dot.i);
      if (op.getBonus() && dot.i == dot.j)
        read = b.mul(read, readBonus(b, key, whole));
      next.push_back(b.mulAdd(read, withDecays(row(dot.write, dot.j), dot.after, dot.last), sum));
    }
    Value staged = values.back();
    auto write = [&](Value vector, int64_t place) { staged = b.write(vector, staged, {block, b.index(place), key}); };
    for (ReadRow read : form.getReads())
      for (int64_t i = 0; i < count && (read != ReadRow::Query || form.hasReaders()); ++i)
        write(withDecays(readOf(read, i), -1, form.getLastDecay(read, i)), form.getRow(read, i));
    for (WriteRow written : form.getWrites())
      for (int64_t j = 0; j < count; ++j)
        write(withDecays(row(written, j), j, count - 1), form.getRow(written, j));
    if (form.hasDecay()) {
      Value all = decay(0);
      for (int64_t s = 1; s < count; ++s)
        all = b.mul(all, decay(s));
      write(all, form.getStateRow());
    }
    next.push_back(staged);
    return next;
  });
  Value staged = results.pop_back_val();
  return {dots.empty() ? Rows() : b.sumLanes(results), staged};
}

/// Scales within which it is kept: far from where f32 ends, and wide enough that it is seldom left.
static constexpr double kGreatestScale = 1 << 16;

Value BlockPreparer::applyScale(VectorBuilder &b, Rows &factors, Value scale) {
  int64_t lanes = b.getLanes();
  Type f32 = b.getF32Type(), f64 = b.getF64Type();
  auto constant = [&](Type type, double value) -> Value {
    return arith::ConstantOp::create(b, b.getFloatAttr(type, value));
  };
  int64_t slot = form.getStateSlot();
  Value decay = vector::ExtractOp::create(b, factors[slot / lanes], slot % lanes);
  Value next = arith::MulFOp::create(b, scale, arith::ExtFOp::create(b, f64, decay));
  Value isKept = arith::AndIOp::create(
      b, arith::CmpFOp::create(b, arith::CmpFPredicate::OGE, next, constant(f64, 1 / kGreatestScale)),
      arith::CmpFOp::create(b, arith::CmpFPredicate::OLE, next, constant(f64, kGreatestScale)));
  Value inverse = arith::TruncFOp::create(b, f32, arith::DivFOp::create(b, constant(f64, 1.0), next));
  Value readScale = arith::TruncFOp::create(b, f32, scale);
  Value writeScale = arith::SelectOp::create(b, isKept, inverse, constant(f32, 1.0));
  Value stateScale = arith::SelectOp::create(b, isKept, constant(f32, 1.0), arith::TruncFOp::create(b, f32, next));
  int64_t firstRead = form.getReadSlot(ReadRow::Query, 0), firstWrite = form.getWriteSlot(0);
  // The slots from `first` up to `end` of all vectors.
  auto change = [&](int64_t first, int64_t end, llvm::function_ref<Value(Value)> map) {
    for (int64_t i = first / lanes; i * lanes < end; ++i) {
      Value mask = b.maskLanes([&](int64_t lane) { return first <= i * lanes + lane && i * lanes + lane < end; });
      factors[i] = arith::SelectOp::create(b, mask, map(factors[i]), factors[i]);
    }
  };
  auto spread = [&](Value scalar) { return vector::BroadcastOp::create(b, b.vectorOf(f32), scalar).getResult(); };
  change(firstRead, firstWrite, [&](Value factor) { return b.mul(factor, spread(readScale)); });
  change(firstWrite, slot, [&](Value factor) { return b.mul(factor, spread(writeScale)); });
  change(slot, slot + 1, [&](Value) { return spread(stateScale); });
  return arith::SelectOp::create(b, isKept, next, constant(f64, 1.0));
}

BlockBuffers BlockPreparer::run(VectorBuilder &b, BlockBuffers buffers) {
  if (!form.isStaged()) {
    Rows factors = factorsOfRows(b);
    Value scale = form.keepsScale() ? applyScale(b, factors, buffers.scale) : Value();
    return {writeFactors(b, factors, buffers.factors), Value(), scale};
  }
  auto [dots, rows] = stageRows(b, buffers.rows);
  return {writeFactors(b, dots, buffers.factors), rows, Value()};
}

} // namespace

BlockBuffers linnet::prepareBlock(VectorBuilder &b, const BlockForm &form, ArrayRef<Value> tokens, Value block,
                                  BlockBuffers buffers) {
  return BlockPreparer(form, tokens, block).run(b, buffers);
}

void linnet::prefetchToken(VectorBuilder &b, LinearAttentionOp op, Value token, Value o, const Columns &columns,
                           int64_t tiles) {
  constexpr int64_t kLineBytes = 64;
  SmallVector<Value> rows = {op.getK(), op.getV()};
  if (!op.getO().use_empty())
    rows.append({op.getQ(), o});
  if (op.hasKeyDecay())
    rows.push_back(op.getLogDecay());
  if (op.getErase())
    rows.append({op.getErase(), op.getWrite()});
  for (Value tensor : rows) {
    auto type = cast<RankedTensorType>(tensor.getType());
    int64_t line = kLineBytes * 8 / type.getElementTypeBitWidth();
    int64_t share = llvm::divideCeil(llvm::divideCeil(type.getDimSize(3), line), tiles);
    Value start = arith::MulIOp::create(b, columns.index, b.index(share * line));
    for (int64_t i = 0; i < share; ++i) {
      Value column = arith::AddIOp::create(b, start, b.index(i * line));
      column = arith::MinSIOp::create(b, column, b.index(type.getDimSize(3) - 1));
      b.prefetch(tensor, {b.index(0), token, b.index(0), column}, /*isWrite=*/tensor == o);
    }
  }
}
