//===- LinearAttention.cpp - linear_attention as sequential loops ---------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/reference/Reference.h"
#include "compiler/reference/ScalarBuilder.h"
#include "dialects/linnet/Linnet.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace linnet;

namespace {

/// The recurrence of one token, by the formulas of spec-linear 7.1. Sums are in the type of the state.
class TokenStep {
public:
  TokenStep(LinearAttentionOp op) : op(op), sum(getElementTypeOrSelf(op.getStateInit().getType())) {}

  /// Where a token lies, and its state.
  struct Place {
    Value batch, time, head, sequence;
  };

  /// S = S' + ...: the new state.
  Value update(ScalarBuilder &b, const Place &at, Value state);
  /// The new output, read from `state`.
  Value read(ScalarBuilder &b, const Place &at, Value state, Value o);

private:
  Value loadRow(ScalarBuilder &b, Value tensor, const Place &at, Value key);
  /// q or k: the row of the head that `at` reads, divided by its length where the op says so.
  Value loadKeySide(ScalarBuilder &b, Value tensor, const Place &at, Value key, Value factor);
  Value inverseLength(ScalarBuilder &b, Value tensor, const Place &at);
  Value decay(ScalarBuilder &b, const Place &at, Value key);
  Value loadValue(ScalarBuilder &b, const Place &at, Value column);
  SmallVector<Value> stateAt(const Place &at, Value key, Value column) {
    return op.getStateLayout() == StateLayout::KV ? SmallVector<Value>{at.sequence, at.head, key, column}
                                                  : SmallVector<Value>{at.sequence, at.head, column, key};
  }
  Value toSum(ScalarBuilder &b, Value x) { return x.getType() == sum ? x : Value(arith::ExtFOp::create(b, sum, x)); }
  /// The sum of `term` over all keys.
  Value sumOverKeys(ScalarBuilder &b, llvm::function_ref<Value(ScalarBuilder &, Value key)> term) {
    return b.loops({b.dim(op.getQ(), 3)}, {b.constant(sum, 0.0)},
                   [&](ScalarBuilder &b, ValueRange key, ValueRange carried) -> SmallVector<Value> {
                     return {b.add(carried[0], term(b, key[0]))};
                   })[0];
  }

  LinearAttentionOp op;
  Type sum;
};

Value TokenStep::loadRow(ScalarBuilder &b, Value tensor, const Place &at, Value key) {
  return toSum(b, b.load(tensor, {at.batch, at.time, at.head, key}).re);
}

Value TokenStep::loadKeySide(ScalarBuilder &b, Value tensor, const Place &at, Value key, Value factor) {
  Value groupSize = arith::DivUIOp::create(b, b.dim(op.getV(), 2), b.dim(tensor, 2));
  Place own = at;
  own.head = arith::DivUIOp::create(b, at.head, groupSize);
  Value x = loadRow(b, tensor, own, key);
  return factor ? b.mul(x, factor) : x;
}

Value TokenStep::inverseLength(ScalarBuilder &b, Value tensor, const Place &at) {
  if (!op.getQkL2norm())
    return {};
  Value squares = sumOverKeys(b, [&](ScalarBuilder &b, Value key) {
    Value x = loadKeySide(b, tensor, at, key, {});
    return b.mul(x, x);
  });
  Value length = math::SqrtOp::create(b, b.add(squares, b.constant(sum, op.getL2normEps().convertToDouble())));
  return arith::DivFOp::create(b, b.constant(sum, 1.0), length);
}

Value TokenStep::decay(ScalarBuilder &b, const Place &at, Value key) {
  Value log = op.hasConstantDecay() ? b.load(op.getLogDecay(), at.head).re
              : op.hasKeyDecay()    ? b.load(op.getLogDecay(), {at.batch, at.time, at.head, key}).re
                                    : b.load(op.getLogDecay(), {at.batch, at.time, at.head}).re;
  return math::ExpOp::create(b, log);
}

/// v, with a column of ones behind it where the state also sums the keys.
Value TokenStep::loadValue(ScalarBuilder &b, const Place &at, Value column) {
  if (!op.getNormalize())
    return loadRow(b, op.getV(), at, column);
  Value isOnes = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, column, b.dim(op.getV(), 3));
  return scf::IfOp::create(
             b, isOnes,
             [&](OpBuilder &builder, Location loc) {
               ScalarBuilder b(loc, builder);
               scf::YieldOp::create(b, b.constant(sum, 1.0));
             },
             [&](OpBuilder &builder, Location loc) {
               ScalarBuilder b(loc, builder);
               scf::YieldOp::create(b, loadRow(b, op.getV(), at, column));
             })
      .getResult(0);
}

Value TokenStep::update(ScalarBuilder &b, const Place &at, Value state) {
  Value keys = b.dim(op.getQ(), 3), columns = b.dim(op.getStateInit(), op.getStateValueDim());
  Value kFactor = inverseLength(b, op.getK(), at);
  Value headDecay = op.getLogDecay() && !op.hasKeyDecay() ? decay(b, at, {}) : Value();
  auto decayed = [&](ScalarBuilder &b, Value state, Value key, Value column) {
    Value s = b.load(state, stateAt(at, key, column)).re;
    if (op.getLogDecay())
      s = b.mul(headDecay ? headDecay : decay(b, at, key), s);
    return s;
  };
  // A column depends on its own entries only.
  return b.loops({columns}, {state}, [&](ScalarBuilder &b, ValueRange iv, ValueRange outer) -> SmallVector<Value> {
    Value column = iv[0], value = loadValue(b, at, column), erased;
    if (op.getBeta()) {
      Value seen = sumOverKeys(b, [&](ScalarBuilder &b, Value key) {
        return b.mul(loadKeySide(b, op.getK(), at, key, kFactor), decayed(b, outer[0], key, column));
      });
      Value beta = toSum(b, b.load(op.getBeta(), {at.batch, at.time, at.head}).re);
      value = b.mul(beta, b.sub(value, seen));
    }
    if (op.getErase())
      erased = sumOverKeys(b, [&](ScalarBuilder &b, Value key) {
        return b.mul(loadRow(b, op.getErase(), at, key), b.load(outer[0], stateAt(at, key, column)).re);
      });
    return b.loops({keys}, outer, [&](ScalarBuilder &b, ValueRange iv, ValueRange carried) -> SmallVector<Value> {
      Value key = iv[0];
      Value s = b.add(decayed(b, carried[0], key, column), b.mul(loadKeySide(b, op.getK(), at, key, kFactor), value));
      if (erased)
        s = b.add(s, b.mul(loadRow(b, op.getWrite(), at, key), erased));
      return {b.store({s, {}}, carried[0], stateAt(at, key, column))};
    });
  })[0];
}

Value TokenStep::read(ScalarBuilder &b, const Place &at, Value state, Value o) {
  Value qFactor = inverseLength(b, op.getQ(), at);
  Value kFactor = op.getBonus() ? inverseLength(b, op.getK(), at) : Value();
  Value scale = b.constant(sum, op.getScale().convertToDouble());
  auto readColumn = [&](ScalarBuilder &b, Value column) {
    Value total = sumOverKeys(b, [&](ScalarBuilder &b, Value key) {
      Value s = b.load(state, stateAt(at, key, column)).re;
      if (op.getBonus()) {
        Value bonus = toSum(b, b.load(op.getBonus(), {at.head, key}).re);
        Value product = b.mul(loadKeySide(b, op.getK(), at, key, kFactor), loadValue(b, at, column));
        s = b.add(s, b.mul(bonus, product));
      }
      return b.mul(loadKeySide(b, op.getQ(), at, key, qFactor), s);
    });
    return b.mul(scale, total);
  };
  Value values = b.dim(op.getV(), 3), denominator;
  if (op.getNormalize())
    denominator = b.add(readColumn(b, values), b.constant(sum, 1e-10)); // (spec-linear 7.9)
  return b.loops({values}, {o}, [&](ScalarBuilder &b, ValueRange iv, ValueRange carried) -> SmallVector<Value> {
    Value y = readColumn(b, iv[0]);
    if (denominator)
      y = arith::DivFOp::create(b, y, denominator);
    Type element = getElementTypeOrSelf(o.getType());
    if (element != sum)
      y = arith::TruncFOp::create(b, element, y);
    return {b.store({y, {}}, carried[0], {at.batch, at.time, at.head, iv[0]})};
  })[0];
}

/// (spec-linear 7.1)
struct LowerLinearAttention : OpRewritePattern<LinearAttentionOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(LinearAttentionOp op, PatternRewriter &rewriter) const override {
    ScalarBuilder b(op.getLoc(), rewriter);
    TokenStep step(op);
    Value sequences = b.dim(op.getStateInit(), 0), heads = b.dim(op.getV(), 2);
    using Body = llvm::function_ref<SmallVector<Value>(ScalarBuilder &, const TokenStep::Place &, ValueRange)>;
    // The tokens of one sequence and head, from the first that the recurrence sees to the last.
    auto overTokens = [&](ScalarBuilder &b, Value sequence, Value head, ValueRange carried, Body body) {
      Value begin = b.index(0), end = b.dim(op.getV(), 1);
      if (Value offsets = op.getCuSeqlens()) {
        auto offset = [&](Value i) -> Value {
          return arith::IndexCastOp::create(b, b.getIndexType(), b.load(offsets, i).re);
        };
        begin = offset(sequence);
        end = offset(arith::AddIOp::create(b, sequence, b.index(1)));
      }
      Value count = arith::SubIOp::create(b, end, begin);
      return b.loops({count}, carried, [&](ScalarBuilder &b, ValueRange iv, ValueRange args) {
        Value i = iv[0];
        if (op.getReverse())
          i = arith::SubIOp::create(b, arith::SubIOp::create(b, count, i), b.index(1));
        TokenStep::Place at = {op.isPacked() ? b.index(0) : sequence, arith::AddIOp::create(b, begin, i), head,
                               sequence};
        return body(b, at, args);
      });
    };
    SmallVector<Value> results =
        b.loops({sequences, heads}, {op.getOInit(), op.getStateInit()},
                [&](ScalarBuilder &b, ValueRange iv, ValueRange outer) -> SmallVector<Value> {
                  auto update = [&](ScalarBuilder &b, const TokenStep::Place &at, ValueRange args) {
                    Value state = step.update(b, at, args[1]);
                    return SmallVector<Value>{args[0], state};
                  };
                  auto read = [&](ScalarBuilder &b, const TokenStep::Place &at, ValueRange args) {
                    return SmallVector<Value>{step.read(b, at, args[1], args[0]), args[1]};
                  };
                  auto both = [&](ScalarBuilder &b, const TokenStep::Place &at, ValueRange args) {
                    if (op.getPreUpdate()) { // reads first, so that one state is enough
                      Value o = step.read(b, at, args[1], args[0]);
                      return SmallVector<Value>{o, step.update(b, at, args[1])};
                    }
                    Value state = step.update(b, at, args[1]);
                    return SmallVector<Value>{step.read(b, at, state, args[0]), state};
                  };
                  if (!op.getBidirectional())
                    return overTokens(b, iv[0], iv[1], outer, both);
                  return overTokens(b, iv[0], iv[1], overTokens(b, iv[0], iv[1], outer, update), read);
                });
    rewriter.replaceOp(op, results);
    return success();
  }
};

} // namespace

void linnet::populateLinearAttentionReferencePatterns(RewritePatternSet &patterns) {
  patterns.add<LowerLinearAttention>(patterns.getContext());
}
