//===- RunBlock.cpp - a block of linear attention on some columns ---------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/vector/linear_attention/BlockForm.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace linnet;

namespace {

class BlockRunner {
public:
  BlockRunner(const BlockForm &form, BlockAction action, ArrayRef<Value> tokens, Value block, BlockBuffers buffers,
              const Columns &columns)
      : form(form), op(form.getOp()), action(action), tokens(tokens), block(block), buffers(buffers), columns(columns) {
  }

  BlockResults run(VectorBuilder &b, ArrayRef<Value> rows, Value o, Value before, Value state);

private:
  /// The vectors of one token.
  using Token = SmallVector<Value>;
  /// One for each token of the block.
  using Tokens = SmallVector<Token>;

  bool updates() const { return action != BlockAction::Read; }
  bool reads() const { return action != BlockAction::Update; }
  int64_t count() const { return form.getTokens(); }

  Value columnOf(VectorBuilder &b, int64_t vector) {
    return arith::AddIOp::create(b, columns.column, b.index(vector * b.getLanes()));
  }
  bool isInBounds(int64_t vector) const { return columns.isWhole || vector + 1 < columns.vectors; }

  Token readState(VectorBuilder &b, Value state, Value key);
  Value writeState(VectorBuilder &b, const Token &rows, Value state, Value key);
  Tokens readValues(VectorBuilder &b);
  Value writeOutput(VectorBuilder &b, ArrayRef<Value> vectors, Value row, Value o);

  /// A number of a row, in all lanes.
  Value element(VectorBuilder &b, Value operand, int64_t row, int64_t token, Value key) {
    if (form.isStaged())
      return b.broadcast(buffers.rows, {block, b.index(row), key});
    return b.broadcast(operand, {b.index(0), tokens[token], b.index(0), key});
  }
  Value factor(VectorBuilder &b, int64_t slot) { return b.broadcast(buffers.factors, {block, b.index(slot)}); }

  /// One row of the state after the block; without decay where there is no factor and no staged row of them.
  Token updateRow(VectorBuilder &b, const Token &row, Value key, ArrayRef<Tokens> written, Value stateFactor);
  /// `pass` with the decay of the block: where the scale is kept most blocks have none.
  SmallVector<Value> withDecay(VectorBuilder &b,
                               llvm::function_ref<SmallVector<Value>(VectorBuilder &, Value stateFactor)> pass);
  /// What is written where no row of the state has to be read first; with the decays after each token.
  SmallVector<Tokens> withWriteFactors(VectorBuilder &b, ArrayRef<Tokens> written);
  /// The sums of the dots of one read row of token i with what has been written.
  void addDots(VectorBuilder &b, ReadRow read, int64_t i, ArrayRef<Tokens> written, Token &sums);

  const BlockForm &form;
  LinearAttentionOp op;
  BlockAction action;
  ArrayRef<Value> tokens;
  Value block;
  BlockBuffers buffers;
  Columns columns;
  /// The values of the tokens where what is written is something else.
  Tokens given;
};

BlockRunner::Token BlockRunner::readState(VectorBuilder &b, Value state, Value key) {
  Token rows;
  for (int64_t vector = 0; vector < columns.vectors; ++vector) {
    if (columns.isPacked) {
      rows.push_back(b.read(state, {columns.index, key, b.index(vector * b.getLanes())}));
      continue;
    }
    Value zero = arith::ConstantOp::create(b, b.getF32FloatAttr(0.0));
    rows.push_back(vector::TransferReadOp::create(b, b.vectorOf(b.getF32Type()), state,
                                                  ValueRange{b.index(0), b.index(0), key, columnOf(b, vector)}, zero,
                                                  ArrayRef{isInBounds(vector)}));
  }
  return rows;
}

Value BlockRunner::writeState(VectorBuilder &b, const Token &rows, Value state, Value key) {
  for (auto [vector, row] : llvm::enumerate(rows)) {
    if (columns.isPacked) {
      state = b.write(row, state, {columns.index, key, b.index(vector * b.getLanes())});
      continue;
    }
    state = vector::TransferWriteOp::create(b, row, state, ValueRange{b.index(0), b.index(0), key, columnOf(b, vector)},
                                            ArrayRef{isInBounds(vector)})
                .getResult();
  }
  return state;
}

/// v; behind its last column ones, which sum the keys where the op normalizes.
BlockRunner::Tokens BlockRunner::readValues(VectorBuilder &b) {
  Type elementType = getElementTypeOrSelf(op.getV().getType());
  Value padding = arith::ConstantOp::create(b, b.getFloatAttr(elementType, op.getNormalize() ? 1.0 : 0.0));
  Tokens values;
  for (Value token : tokens) {
    Token &row = values.emplace_back();
    for (int64_t vector = 0; vector < columns.vectors; ++vector) {
      Value part = vector::TransferReadOp::create(b, b.vectorOf(elementType), op.getV(),
                                                  ValueRange{b.index(0), token, b.index(0), columnOf(b, vector)},
                                                  padding, ArrayRef{isInBounds(vector)});
      row.push_back(elementType.isF32() ? part : Value(arith::ExtFOp::create(b, b.vectorOf(b.getF32Type()), part)));
    }
  }
  return values;
}

Value BlockRunner::writeOutput(VectorBuilder &b, ArrayRef<Value> vectors, Value row, Value o) {
  Type elementType = getElementTypeOrSelf(o.getType());
  for (auto [vector, computed] : llvm::enumerate(vectors)) {
    Value value = computed;
    if (!elementType.isF32())
      value = arith::TruncFOp::create(b, b.vectorOf(elementType), value);
    o = vector::TransferWriteOp::create(b, value, o, ValueRange{b.index(0), row, b.index(0), columnOf(b, vector)},
                                        ArrayRef{isInBounds(vector)})
            .getResult();
  }
  return o;
}

BlockRunner::Token BlockRunner::updateRow(VectorBuilder &b, const Token &row, Value key, ArrayRef<Tokens> written,
                                          Value stateFactor) {
  Token next = row;
  Value decay = form.isStaged() && form.hasDecay() ? element(b, {}, form.getStateRow(), 0, key) : stateFactor;
  if (decay)
    for (Value &vector : next)
      vector = b.mul(decay, vector);
  for (auto [write, values] : llvm::zip_equal(form.getWrites(), written))
    for (int64_t j = 0; j < count(); ++j) {
      Value number = element(b, form.getOperand(write), form.getRow(write, j), j, key);
      for (auto [vector, value] : llvm::zip_equal(next, values[j]))
        vector = b.mulAdd(number, value, vector);
    }
  return next;
}

SmallVector<Value>
BlockRunner::withDecay(VectorBuilder &b,
                       llvm::function_ref<SmallVector<Value>(VectorBuilder &, Value stateFactor)> pass) {
  if (!form.hasDecay() || form.isStaged())
    return pass(b, {});
  Value stateFactor = factor(b, form.getStateSlot());
  if (!form.keepsScale())
    return pass(b, stateFactor);
  Value scalar = vector::ExtractOp::create(b, stateFactor, 0);
  Value one = arith::ConstantOp::create(b, b.getF32FloatAttr(1.0));
  Value decays = arith::CmpFOp::create(b, arith::CmpFPredicate::UNE, scalar, one);
  auto branch = [&](Value factor) {
    return [&, factor](OpBuilder &builder, Location) {
      VectorBuilder inner = b.at(builder);
      scf::YieldOp::create(inner, pass(inner, factor));
    };
  };
  return SmallVector<Value>(scf::IfOp::create(b, decays, branch(stateFactor), branch({})).getResults());
}

SmallVector<BlockRunner::Tokens> BlockRunner::withWriteFactors(VectorBuilder &b, ArrayRef<Tokens> written) {
  SmallVector<Tokens> scaled(written);
  if (form.isStaged() || !form.hasDecay())
    return scaled;
  for (Tokens &values : scaled)
    // After the last token there is no decay, but there may be a scale.
    for (int64_t j = 0; j < count() - !form.keepsScale(); ++j)
      for (Value &value : values[j])
        value = b.mul(factor(b, form.getWriteSlot(j)), value);
  return scaled;
}

void BlockRunner::addDots(VectorBuilder &b, ReadRow read, int64_t i, ArrayRef<Tokens> written, Token &sums) {
  for (auto [write, values] : llvm::zip(form.getWrites(), written))
    for (int64_t j = 0; j <= i; ++j) {
      int64_t slot = form.getDotSlot(read, write, i, j);
      if (slot < 0)
        continue;
      Value dot = factor(b, slot);
      // A bonus is of the value itself, not of what the delta rule makes of it.
      bool isBonusOfValue = op.getBonus() && op.getBeta() && j == i;
      for (auto [sum, value] : llvm::zip_equal(sums, isBonusOfValue ? given[i] : values[j]))
        sum = b.mulAdd(dot, value, sum);
    }
}

BlockResults BlockRunner::run(VectorBuilder &b, ArrayRef<Value> rows, Value o, Value before, Value state) {
  Value zero = b.splat(0.0, b.getF32Type());
  Value keys = b.index(cast<RankedTensorType>(op.getQ().getType()).getDimSize(3));
  ArrayRef<ReadRow> readRows = reads() ? form.getReads() : ArrayRef<ReadRow>();
  bool updatesAtOnce = updates() && !form.hasRecall();
  SmallVector<Tokens> written; // per write row
  if (updatesAtOnce)
    written = {readValues(b)};
  SmallVector<Tokens> scaled = updatesAtOnce ? withWriteFactors(b, written) : SmallVector<Tokens>();

  // The products of the read rows with the state, and the update where nothing has to be known of them first.
  SmallVector<Value> carried(readRows.size() * count() * columns.vectors, zero);
  if (updatesAtOnce)
    carried.push_back(state);
  auto pass = [&](VectorBuilder &b, Value stateFactor) {
    auto loop = scf::ForOp::create(
        b, b.index(0), keys, b.index(1), carried, [&](OpBuilder &builder, Location, Value key, ValueRange values) {
          VectorBuilder inner = b.at(builder);
          // Where both are one, a row is read before it is written, in the tensor that the loop carries.
          bool isInPlace = updatesAtOnce && before == state;
          Token row = readState(inner, isInPlace ? values.back() : before, key);
          SmallVector<Value> next;
          for (ReadRow read : readRows)
            for (int64_t i = 0; i < count(); ++i) {
              Value number = element(inner, form.getOperand(read), form.getRow(read, i), i, key);
              for (Value vector : row)
                next.push_back(inner.mulAdd(number, vector, values[next.size()]));
            }
          if (updatesAtOnce)
            next.push_back(writeState(inner, updateRow(inner, row, key, scaled, stateFactor), values.back(), key));
          scf::YieldOp::create(inner, next);
        });
    return SmallVector<Value>(loop.getResults());
  };
  SmallVector<Value> products = updatesAtOnce ? withDecay(b, pass) : pass(b, {});
  if (updatesAtOnce)
    state = products.pop_back_val();
  auto productOf = [&](ReadRow read, int64_t i) {
    int64_t first = ((read == ReadRow::Query ? 0 : count()) + i) * columns.vectors;
    Token product(ArrayRef<Value>(products).slice(first, columns.vectors));
    if (!form.isStaged() && (form.hasDecay() || read == ReadRow::Query))
      for (Value &vector : product)
        vector = b.mul(factor(b, form.getReadSlot(read, i)), vector);
    return product;
  };

  if (form.hasRecall()) {
    // The triangular solve, token by token: what a token writes depends on what those before it wrote.
    Tokens values = readValues(b);
    given = values;
    if (op.getErase())
      written = {values, {}};
    else
      written = {{}};
    for (int64_t i = 0; i < count(); ++i) {
      Token recall = productOf(ReadRow::Recall, i);
      addDots(b, ReadRow::Recall, i, written, recall);
      if (op.getBeta()) {
        Value beta = tensor::ExtractOp::create(b, op.getBeta(), ValueRange{b.index(0), tokens[i], b.index(0)});
        if (!beta.getType().isF32())
          beta = arith::ExtFOp::create(b, b.getF32Type(), beta);
        Value spread = vector::BroadcastOp::create(b, b.vectorOf(b.getF32Type()), beta);
        for (auto [seen, value] : llvm::zip_equal(recall, values[i]))
          seen = b.mul(spread, arith::SubFOp::create(b, value, seen));
      }
      written.back().push_back(recall);
    }
    scaled = withWriteFactors(b, written);
    auto update = [&](VectorBuilder &b, Value stateFactor) {
      auto loop = scf::ForOp::create(b, b.index(0), keys, b.index(1), state,
                                     [&](OpBuilder &builder, Location, Value key, ValueRange values) {
                                       VectorBuilder inner = b.at(builder);
                                       Token row = readState(inner, before == state ? values[0] : before, key);
                                       row = updateRow(inner, row, key, scaled, stateFactor);
                                       scf::YieldOp::create(inner, writeState(inner, row, values[0], key));
                                     });
      return SmallVector<Value>(loop.getResults());
    };
    state = withDecay(b, update)[0];
  }

  BlockResults results = {o, state, {}};
  if (!reads())
    return results;
  for (int64_t i = 0; i < count(); ++i) {
    Token output = productOf(ReadRow::Query, i);
    addDots(b, ReadRow::Query, i, written, output);
    results.o = writeOutput(b, output, rows[i], results.o);
    results.read.append(output);
  }
  return results;
}

} // namespace

BlockResults linnet::runBlock(VectorBuilder &b, const BlockForm &form, BlockAction action, ArrayRef<Value> tokens,
                              Value block, BlockBuffers buffers, const Columns &columns, ArrayRef<Value> rows, Value o,
                              Value before, Value state) {
  return BlockRunner(form, action, tokens, block, buffers, columns).run(b, rows, o, before, state);
}
