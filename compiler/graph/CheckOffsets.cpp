//===- CheckOffsets.cpp - offsets of packed sequences ---------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Model.h"
#include "compiler/Passes.h"
#include "dialects/linnet/Linnet.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/Interfaces/ValueBoundsOpInterface.h"

using namespace mlir;

namespace linnet {
#define GEN_PASS_DEF_LINNETCHECKOFFSETS
#include "compiler/Passes.h.inc"

namespace {

/// Whether `yes` holds, and `keeps` at all places of a tensor; where `butLast`, without the last one of each row.
Value buildForAll(ImplicitLocOpBuilder &b, Value tensor, bool butLast, Value yes,
                  llvm::function_ref<Value(ImplicitLocOpBuilder &, ValueRange at)> keeps) {
  int64_t rank = cast<RankedTensorType>(tensor.getType()).getRank();
  Value zero = arith::ConstantIndexOp::create(b, 0), one = arith::ConstantIndexOp::create(b, 1);
  SmallVector<Value> ends;
  for (int64_t dim = 0; dim < rank; ++dim)
    ends.push_back(tensor::DimOp::create(b, tensor, dim));
  if (butLast)
    ends.back() = arith::SubIOp::create(b, ends.back(), one);
  scf::LoopNest nest =
      scf::buildLoopNest(b, b.getLoc(), SmallVector<Value>(rank, zero), ends, SmallVector<Value>(rank, one), yes,
                         [&](OpBuilder &builder, Location loc, ValueRange at, ValueRange carried) -> scf::ValueVector {
                           ImplicitLocOpBuilder inner(loc, builder);
                           return {arith::AndIOp::create(inner, carried[0], keeps(inner, at))};
                         });
  return nest.results[0];
}

/// Whether all numbers of a tensor are below `limit`.
Value buildBelow(ImplicitLocOpBuilder &b, Value tensor, Value limit, arith::CmpIPredicate predicate) {
  Value yes = arith::ConstantOp::create(b, b.getBoolAttr(true));
  return buildForAll(b, tensor, /*butLast=*/false, yes, [&](ImplicitLocOpBuilder &b, ValueRange at) -> Value {
    Value number = tensor::ExtractOp::create(b, tensor, at);
    return arith::CmpIOp::create(b, predicate, arith::IndexCastOp::create(b, b.getIndexType(), number), limit);
  });
}

/// Whether they are also at least 0: unsigned, a negative number is beyond every limit.
Value buildInside(ImplicitLocOpBuilder &b, Value tensor, Value limit) {
  return buildBelow(b, tensor, limit, arith::CmpIPredicate::ult);
}

/// Whether `yes` holds, and no number of a tensor is below the one before it in its row.
Value buildAscends(ImplicitLocOpBuilder &b, Value tensor, Value yes) {
  return buildForAll(b, tensor, /*butLast=*/true, yes, [&](ImplicitLocOpBuilder &b, ValueRange at) -> Value {
    SmallVector<Value> next(at);
    next.back() = arith::AddIOp::create(b, at.back(), arith::ConstantIndexOp::create(b, 1));
    return arith::CmpIOp::create(b, arith::CmpIPredicate::sle, tensor::ExtractOp::create(b, tensor, at),
                                 tensor::ExtractOp::create(b, tensor, next));
  });
}

/// Whether the offsets begin at 0, never fall, and end at `times`.
Value buildCheck(ImplicitLocOpBuilder &b, Value offsets, Value times) {
  auto index = [&](int64_t value) -> Value { return arith::ConstantIndexOp::create(b, value); };
  auto load = [&](Value i) -> Value {
    return arith::IndexCastOp::create(b, b.getIndexType(), tensor::ExtractOp::create(b, offsets, i));
  };
  Value last = arith::SubIOp::create(b, tensor::DimOp::create(b, offsets, index(0)), index(1));
  Value begins = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, load(index(0)), index(0));
  Value ends = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, load(last), times);
  return buildAscends(b, offsets, arith::AndIOp::create(b, begins, ends));
}

Value skipCasts(Value value) {
  while (auto cast = value.getDefiningOp<tensor::CastOp>())
    value = cast.getSource();
  return value;
}

struct LinnetCheckOffsets : impl::LinnetCheckOffsetsBase<LinnetCheckOffsets> {
  void runOnOperation() override {
    if (!isModelFunction(getOperation()))
      return;
    WalkResult result = getOperation().walk([&](LinearAttentionOp op) {
      Value offsets = op.getCuSeqlens();
      return offsets && failed(check(op, offsets)) ? WalkResult::interrupt() : WalkResult::advance();
    });
    if (result.wasInterrupted())
      return signalPassFailure();
    getOperation().walk([&](AttentionOp op) { checkAttention(op); });
  }

  /// What an argument is checked for: the same rule is another one with another limit.
  struct Rule {
    StringRef name;
    SmallVector<std::pair<Value, int64_t>> sizes; ///< what the limit is made of: dimensions of values
    int64_t block = 1;                            ///< and what one of them is divided by
  };

  static bool areSame(const Rule &x, const Rule &y) {
    return x.name == y.name && x.block == y.block && x.sizes.size() == y.sizes.size() &&
           llvm::all_of(llvm::zip(x.sizes, y.sizes), [](auto pair) {
             auto [a, b] = pair;
             FailureOr<bool> isEqual = ValueBoundsConstraintSet::areEqual({a.first, a.second}, {b.first, b.second});
             return a == b || (succeeded(isEqual) && *isEqual);
           });
  }

  /// The argument of the function that `value` is, but for its type; null where it is none.
  BlockArgument findArgument(Value value) {
    auto argument = dyn_cast<BlockArgument>(skipCasts(value));
    return argument && argument.getOwner() == &getOperation().getBody().front() ? argument : BlockArgument();
  }

  /// Requires `condition` of an argument, unless the same is required already.
  void require(ImplicitLocOpBuilder &b, BlockArgument argument, const Rule &rule,
               llvm::function_ref<Value()> condition) {
    SmallVector<Rule> &rules = checked[argument];
    if (llvm::any_of(rules, [&](const Rule &other) { return areSame(rule, other); }))
      return;
    rules.push_back(rule);
    RequireOp::create(b, condition(), getArgName(getOperation(), argument.getArgNumber()), {});
  }

  /// At the top of the function, where a return can be: beside the op, as sizes may be computed.
  ImplicitLocOpBuilder getBuilder(Operation *op) {
    return ImplicitLocOpBuilder(op->getLoc(), getOperation().getBody().front().findAncestorOpInBlock(*op));
  }

  /// What arguments say about rows and blocks; what the function itself computes comes from ops that keep the rules.
  void checkAttention(AttentionOp op) {
    ImplicitLocOpBuilder b = getBuilder(op);
    auto size = [&](Value tensor, int64_t dim) -> Value { return tensor::DimOp::create(b, tensor, dim); };
    auto requireOf = [&](Value value, const Rule &rule, llvm::function_ref<Value()> condition) {
      if (BlockArgument argument = value ? findArgument(value) : BlockArgument())
        require(b, argument, rule, condition);
    };
    for (auto [value, tensor] :
         {std::pair(op.getQueryOffsets(), Value(op.getQ())), std::pair(op.getKeyOffsets(), Value(op.getK()))})
      requireOf(value, {"offsets", {{tensor, 2}}},
                [&, value = value, tensor = tensor] { return buildCheck(b, value, size(tensor, 2)); });
    for (auto [value, tensor] :
         {std::pair(op.getQueryRows(), Value(op.getQ())), std::pair(op.getKeyRows(), Value(op.getK()))})
      requireOf(value, {"rows", {{tensor, 2}}},
                [&, value = value, tensor = tensor] { return buildInside(b, value, size(tensor, 2)); });
    if (!op.getBlockStarts())
      return;
    Value one = arith::ConstantIndexOp::create(b, 1);
    Value starts = op.getBlockStarts(), columns = op.getBlockColumns();
    requireOf(starts, {"starts", {{columns, 0}, {op.getOInit(), 2}}, op.getBlockQueries()}, [&]() -> Value {
      Value end = arith::AddIOp::create(b, size(columns, 0), one);
      // As many as there are rows of blocks.
      Value rows = arith::CeilDivUIOp::create(b, size(op.getOInit(), 2),
                                              arith::ConstantIndexOp::create(b, op.getBlockQueries()));
      Value isLong =
          arith::CmpIOp::create(b, arith::CmpIPredicate::eq, size(starts, 2), arith::AddIOp::create(b, rows, one));
      return arith::AndIOp::create(b, isLong, buildAscends(b, starts, buildInside(b, starts, end)));
    });
    auto [keys, dim] = op.getKeyCount();
    requireOf(columns, {"columns", {{keys, dim}}, op.getBlockKeys()}, [&, keys = keys, dim = dim] {
      Value blocks =
          arith::CeilDivUIOp::create(b, size(keys, dim), arith::ConstantIndexOp::create(b, op.getBlockKeys()));
      return buildInside(b, columns, blocks);
    });
    // Those below 0 are of whole blocks.
    Value partial = op.getPartial(), bits = op.getPartialBits();
    requireOf(partial, {"partial", {{bits, 0}}},
              [&] { return buildBelow(b, partial, size(bits, 0), arith::CmpIPredicate::slt); });
  }

  LogicalResult check(LinearAttentionOp op, Value offsets) {
    // They ascend from 0 to no more than the number of rows, whatever the indices are.
    if (auto permute = skipCasts(offsets).getDefiningOp<TokenPermuteOp>())
      return checkRows(op, permute);
    BlockArgument argument = findArgument(offsets);
    if (!argument)
      return op->emitOpError("expected cu_seqlens to be an argument of the function or a result of token_permute: "
                             "others cannot be checked when it "
                             "is called");
    ImplicitLocOpBuilder b = getBuilder(op);
    require(b, argument, {"offsets", {{op.getV(), 1}}},
            [&] { return buildCheck(b, offsets, tensor::DimOp::create(b, op.getV(), 1)); });
    return success();
  }

  static LogicalResult checkRows(LinearAttentionOp op, TokenPermuteOp permute) {
    int64_t rows = cast<ShapedType>(permute.getSource().getType()).getDimSize(0);
    int64_t times = cast<ShapedType>(op.getV().getType()).getDimSize(1);
    if (ShapedType::isDynamic(rows) || ShapedType::isDynamic(times) || rows <= times)
      return success();
    InFlightDiagnostic diagnostic = op->emitOpError()
                                    << "expected a v of at least the " << rows << " rows of cu_seqlens, got " << times;
    diagnostic.attachNote(permute.getLoc()) << "cu_seqlens comes from here";
    return diagnostic;
  }

  llvm::DenseMap<BlockArgument, SmallVector<Rule>> checked;
};
} // namespace
} // namespace linnet
