//===- LMulContract.cpp - vector code of lmul_contract ----------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A tile is some rows by two vectors of columns. Blocks of k: the numbers of b are brought to one place, in rows of k,
// and those of each few rows of a are taken apart; then a loop over k with the sums in registers.
//
// With A = mag(a) - correction and B the pattern of b, the pattern of the product with |a| is A + B, the sign of b
// included: one addition for a vector. The sum is then a multiply-add with a factor that is exact, 1 or -1 by the sign
// of a. That is so where no product leaves the range of normal numbers, which the least and the greatest magnitudes of
// both sides tell for a block as a whole. A zero in b stays as it is; for a zero in a the factor is 0. Where a product
// may leave the range, or a number is not finite, or the form is the formula, the loop has the whole sequence of
// compiler/LMul.cpp in it.
//
//===----------------------------------------------------------------------===//

#include "compiler/LMul.h"
#include "compiler/vector/RowLoop.h"
#include "compiler/vector/Vectorize.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace linnet;

/// Rows that pass b together, and numbers along k of a block: b stays in the first cache.
static constexpr int64_t kRows = 8, kDepth = 128;
static constexpr int64_t kVectors = 2;

static RankedTensorType typeOf(Value value) { return cast<RankedTensorType>(value.getType()); }

namespace {

class ContractBuilder {
public:
  ContractBuilder(LMulContractOp op, int64_t lanes)
      : op(op), lanes(lanes), rank(typeOf(op.getCInit()).getRank()),
        multiply(LMulAttr::get(op.getContext(), op.getMantissa(), op.getMultiply().getVariant())),
        format(Float32Type::get(op.getContext()), multiply),
        isWhole(typeOf(op.getCInit()).getShape().back() == kVectors * lanes) {}

  Value run(VectorBuilder &b);

private:
  using Values = SmallVector<Value>;
  static Value add(VectorBuilder &b, Value x, Value y) { return arith::AddIOp::create(b, x, y); }
  Value widen(VectorBuilder &b, Value x) {
    bool isF32 = getElementTypeOrSelf(x.getType()).isF32();
    return isF32 ? x : Value(arith::ExtFOp::create(b, b.vectorOf(b.getF32Type()), x));
  }
  Value integers(VectorBuilder &b, int64_t value) {
    auto attr = IntegerAttr::get(b.getI32Type(), llvm::APInt(32, value, false, true));
    return arith::ConstantOp::create(b, DenseElementsAttr::get(b.vectorOf(b.getI32Type()), Attribute(attr)));
  }
  Value patternOf(VectorBuilder &b, Value x) { return arith::BitcastOp::create(b, b.vectorOf(b.getI32Type()), x); }
  Value magnitudeOf(VectorBuilder &b, Value x) {
    return arith::AndIOp::create(b, patternOf(b, x), integers(b, format.kept));
  }
  Value isZero(VectorBuilder &b, Value magnitude) {
    return arith::CmpIOp::create(b, arith::CmpIPredicate::ult, magnitude, integers(b, format.one));
  }
  Values placeOf(VectorBuilder &b, Value tensor, Value row, Value column) {
    Values at(typeOf(tensor).getRank() - 2, b.index(0));
    at.append({row, column});
    return at;
  }

  /// The least and the greatest magnitude of some numbers, those that are 0 left out.
  struct Range {
    Value least, greatest;
  };
  Range emptyRange(VectorBuilder &b) { return {integers(b, 0xffffffff), integers(b, 0)}; }
  Range widen(VectorBuilder &b, Range range, Value magnitude);

  /// Numbers k, ..., k + depth of b, in rows of `block`.
  Value gatherColumns(VectorBuilder &b, Value k, Value depth, Value block);
  /// The same without the bits that are not kept, and their range.
  std::pair<Value, Range> takeColumns(VectorBuilder &b, Value k, Value depth, Value block);
  /// What the rows of a are multiplied with: `terms` [row, k] are added to b, `factors` [row, k] multiply the result.
  struct Rows {
    Value terms, factors;
    Range range;
  };
  Rows takeRows(VectorBuilder &b, Value row, int64_t rows, Value k, Value depth, Rows buffers);
  /// Whether all products are normal numbers.
  Value staysInRange(VectorBuilder &b, Range x, Range y);
  /// The sums of some rows with the products of the block.
  Values addProducts(VectorBuilder &b, Value row, int64_t rows, Value k, Value depth, Value block, Rows buffers,
                     Values sums, bool inRange);
  Values runRows(VectorBuilder &b, Value row, int64_t rows, Value k, Value depth, Value block, Range range,
                 ValueRange carried);

  LMulContractOp op;
  int64_t lanes, rank;
  LMulAttr multiply;
  LMulFormat format;
  bool isWhole;
};

ContractBuilder::Range ContractBuilder::widen(VectorBuilder &b, Range range, Value magnitude) {
  Value all = integers(b, 0xffffffff);
  Value counted = arith::SelectOp::create(b, isZero(b, magnitude), all, magnitude);
  return {arith::MinUIOp::create(b, range.least, counted), arith::MaxUIOp::create(b, range.greatest, magnitude)};
}

Value ContractBuilder::gatherColumns(VectorBuilder &b, Value k, Value depth, Value block) {
  if (!op.getTransposeB())
    return forEachStep(b, b.index(0), depth, 1, block, [&](VectorBuilder &b, Value i, ValueRange carried) {
      Value next = carried[0];
      for (int64_t vector = 0; vector < kVectors; ++vector) {
        Value column = b.index(vector * lanes);
        Value x = b.readPart(op.getB(), placeOf(b, op.getB(), add(b, k, i), column), isWhole);
        next = b.writePart(widen(b, x), next, {i, column}, true);
      }
      return Values{next};
    })[0];
  bool isDeep = typeOf(op.getB()).getShape().back() % lanes == 0;
  return forEachStep(b, b.index(0), depth, lanes, block, [&](VectorBuilder &b, Value i, ValueRange carried) {
    Value next = carried[0];
    for (int64_t vector = 0; vector < kVectors; ++vector) {
      Value column = b.index(vector * lanes);
      Values at = placeOf(b, op.getB(), column, add(b, k, i));
      Values turned = b.readTurned(op.getB(), at, at.size() - 2, isWhole, isDeep);
      for (auto [j, x] : llvm::enumerate(turned))
        next = b.writePart(widen(b, x), next, {add(b, i, b.index(j)), column}, true);
    }
    return Values{next};
  })[0];
}

std::pair<Value, ContractBuilder::Range> ContractBuilder::takeColumns(VectorBuilder &b, Value k, Value depth,
                                                                      Value block) {
  block = gatherColumns(b, k, depth, block);
  Range empty = emptyRange(b);
  Values taken = forEachStep(b, b.index(0), depth, 1, {block, empty.least, empty.greatest},
                             [&](VectorBuilder &b, Value i, ValueRange carried) {
                               Value next = carried[0];
                               Range range = {carried[1], carried[2]};
                               for (int64_t vector = 0; vector < kVectors; ++vector) {
                                 Values at = {i, b.index(vector * lanes)};
                                 Value x = b.readPart(next, at, true), magnitude = magnitudeOf(b, x);
                                 range = widen(b, range, magnitude);
                                 Value sign = arith::AndIOp::create(b, patternOf(b, x), integers(b, format.sign));
                                 Value kept = arith::OrIOp::create(b, sign, magnitude);
                                 kept = arith::SelectOp::create(b, isZero(b, magnitude), sign, kept);
                                 // A NaN stays one.
                                 Value isFinite = arith::CmpIOp::create(b, arith::CmpIPredicate::ule, magnitude,
                                                                        integers(b, format.largest));
                                 kept = arith::SelectOp::create(b, isFinite, kept, patternOf(b, x));
                                 kept = arith::BitcastOp::create(b, x.getType(), kept);
                                 next = b.writePart(kept, next, at, true);
                               }
                               return Values{next, range.least, range.greatest};
                             });
  return {taken[0], {taken[1], taken[2]}};
}

ContractBuilder::Rows ContractBuilder::takeRows(VectorBuilder &b, Value row, int64_t rows, Value k, Value depth,
                                                Rows buffers) {
  bool isDeep = typeOf(op.getA()).getShape().back() % lanes == 0;
  Range empty = emptyRange(b);
  Values taken =
      forEachStep(b, b.index(0), depth, lanes, {buffers.terms, buffers.factors, empty.least, empty.greatest},
                  [&](VectorBuilder &b, Value i, ValueRange carried) {
                    Value terms = carried[0], factors = carried[1];
                    Range range = {carried[2], carried[3]};
                    for (int64_t r = 0; r < rows; ++r) {
                      Values at = placeOf(b, op.getA(), add(b, row, b.index(r)), add(b, k, i));
                      Value x = widen(b, b.readPart(op.getA(), at, isDeep)), magnitude = magnitudeOf(b, x);
                      range = widen(b, range, magnitude);
                      Value zero = isZero(b, magnitude);
                      Value sign = arith::AndIOp::create(b, patternOf(b, x), integers(b, format.sign));
                      Value none = integers(b, 0), one = patternOf(b, b.splat(1.0, b.getF32Type()));
                      Value term = add(b, magnitude, integers(b, -format.correction));
                      Value factor = arith::OrIOp::create(b, sign, arith::SelectOp::create(b, zero, none, one));
                      factor = arith::BitcastOp::create(b, x.getType(), factor);
                      terms = b.writePart(arith::SelectOp::create(b, zero, none, term), terms, {b.index(r), i}, true);
                      factors = b.writePart(factor, factors, {b.index(r), i}, true);
                    }
                    return Values{terms, factors, range.least, range.greatest};
                  });
  return {taken[0], taken[1], {taken[2], taken[3]}};
}

Value ContractBuilder::staysInRange(VectorBuilder &b, Range x, Range y) {
  auto reduce = [&](vector::CombiningKind kind, Value vector) -> Value {
    Value scalar = vector::ReductionOp::create(b, kind, vector);
    return arith::ExtUIOp::create(b, b.getI64Type(), scalar);
  };
  auto compare = [&](arith::CmpIPredicate predicate, Value value, int64_t bound) -> Value {
    return arith::CmpIOp::create(b, predicate, value,
                                 arith::ConstantOp::create(b, b.getI64IntegerAttr(bound)).getResult());
  };
  auto both = [&](Value x, Value y) -> Value { return arith::AndIOp::create(b, x, y); };
  Value least[2], greatest[2];
  const Range ranges[] = {x, y};
  for (auto [i, range] : llvm::enumerate(ranges)) {
    least[i] = reduce(vector::CombiningKind::MINUI, range.least);
    greatest[i] = reduce(vector::CombiningKind::MAXUI, range.greatest);
  }
  Value result = compare(arith::CmpIPredicate::uge, add(b, least[0], least[1]), format.correction + format.one);
  result = both(result, compare(arith::CmpIPredicate::ule, add(b, greatest[0], greatest[1]),
                                format.correction + format.saturated));
  for (Value value : greatest) // what is not finite
    result = both(result, compare(arith::CmpIPredicate::ule, value, format.largest));
  return result;
}

ContractBuilder::Values ContractBuilder::addProducts(VectorBuilder &b, Value row, int64_t rows, Value k, Value depth,
                                                     Value block, Rows buffers, Values sums, bool inRange) {
  return forEachStep(b, b.index(0), depth, 1, sums, [&](VectorBuilder &b, Value i, ValueRange sums) {
    Values columns, next, isNumber;
    for (int64_t vector = 0; vector < kVectors; ++vector) {
      columns.push_back(b.readPart(block, {i, b.index(vector * lanes)}, true));
      if (inRange)
        isNumber.push_back(
            arith::CmpFOp::create(b, arith::CmpFPredicate::UNE, columns.back(), b.splat(0.0, b.getF32Type())));
    }
    for (int64_t r = 0; r < rows; ++r) {
      Value term, factor;
      if (inRange) {
        term = b.broadcast(buffers.terms, {b.index(r), i});
        factor = b.broadcast(buffers.factors, {b.index(r), i});
      } else {
        factor = b.broadcast(op.getA(), placeOf(b, op.getA(), add(b, row, b.index(r)), add(b, k, i)));
        factor = widen(b, factor);
      }
      for (int64_t vector = 0; vector < kVectors; ++vector) {
        Value column = columns[vector], sum = sums[next.size()];
        if (!inRange) {
          next.push_back(arith::AddFOp::create(b, sum, buildLMul(b, factor, column, multiply)));
          continue;
        }
        Value pattern = patternOf(b, column);
        Value product = arith::SelectOp::create(b, isNumber[vector], add(b, term, pattern), pattern);
        next.push_back(b.mulAdd(arith::BitcastOp::create(b, column.getType(), product), factor, sum));
      }
    }
    return next;
  });
}

ContractBuilder::Values ContractBuilder::runRows(VectorBuilder &b, Value row, int64_t rows, Value k, Value depth,
                                                 Value block, Range range, ValueRange carried) {
  Value c = carried[0];
  Rows buffers = {carried[1], carried[2], {}};
  auto at = [&](int64_t r, int64_t vector) { return placeOf(b, c, add(b, row, b.index(r)), b.index(vector * lanes)); };
  Values sums;
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t vector = 0; vector < kVectors; ++vector)
      sums.push_back(b.readPart(c, at(r, vector), isWhole));
  bool isBits = multiply.getVariant() == LMulVariant::Bits;
  if (isBits) {
    buffers = takeRows(b, row, rows, k, depth, buffers);
    auto choose = [&](bool inRange) {
      return [&, inRange](OpBuilder &builder, Location) {
        VectorBuilder inner = b.at(builder);
        scf::YieldOp::create(inner, addProducts(inner, row, rows, k, depth, block, buffers, sums, inRange));
      };
    };
    auto branch = scf::IfOp::create(b, staysInRange(b, range, buffers.range), choose(true), choose(false));
    sums = Values(branch.getResults());
  } else {
    sums = addProducts(b, row, rows, k, depth, block, buffers, sums, /*inRange=*/false);
  }
  for (int64_t r = 0, i = 0; r < rows; ++r)
    for (int64_t vector = 0; vector < kVectors; ++vector)
      c = b.writePart(sums[i++], c, at(r, vector), isWhole);
  return {c, buffers.terms, buffers.factors};
}

Value ContractBuilder::run(VectorBuilder &b) {
  auto empty = [&](ArrayRef<int64_t> shape, Type type) -> Value { return tensor::EmptyOp::create(b, shape, type); };
  Value depth = b.dim(op.getA(), rank - 1), rows = b.dim(op.getCInit(), rank - 2);
  Value whole = arith::SubIOp::create(b, rows, arith::RemUIOp::create(b, rows, b.index(kRows)));
  Values inits = {op.getCInit(), empty({kDepth, kVectors * lanes}, b.getF32Type()),
                  empty({kRows, kDepth}, b.getI32Type()), empty({kRows, kDepth}, b.getF32Type())};
  return forEachStep(b, b.index(0), depth, kDepth, inits, [&](VectorBuilder &b, Value k, ValueRange carried) {
    Value size = arith::MinSIOp::create(b, arith::SubIOp::create(b, depth, k), b.index(kDepth));
    std::pair<Value, Range> taken = takeColumns(b, k, size, carried[1]);
    Values results = {carried[0], carried[2], carried[3]};
    results = forEachStep(b, b.index(0), whole, kRows, results, [&](VectorBuilder &b, Value row, ValueRange carried) {
      return runRows(b, row, kRows, k, size, taken.first, taken.second, carried);
    });
    results = forEachStep(b, whole, rows, 1, results, [&](VectorBuilder &b, Value row, ValueRange carried) {
      return runRows(b, row, 1, k, size, taken.first, taken.second, carried);
    });
    return Values{results[0], taken.first, results[1], results[2]};
  })[0];
}

} // namespace

LogicalResult linnet::vectorizeLMulContractTile(RewriterBase &rewriter, LMulContractOp op, int64_t lanes) {
  ArrayRef<int64_t> c = typeOf(op.getCInit()).getShape();
  bool isNarrow = ShapedType::isDynamic(c.back()) || c.back() <= kVectors * lanes;
  if (!isNarrow || llvm::any_of(c.drop_back(2), [](int64_t size) { return size != 1; }))
    return failure();
  rewriter.setInsertionPoint(op);
  VectorBuilder b(op.getLoc(), rewriter, lanes);
  rewriter.replaceOp(op, ContractBuilder(op, lanes).run(b));
  return success();
}
