//===- Transpose.cpp - vector code of transposes --------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/vector/Vectorize.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace linnet;

/// Below this size of a dimension most of a block would be empty.
static constexpr int64_t kMinSize = 8;

namespace {

/// Square blocks of the two dimensions that are innermost on one side are turned in registers; loops go over the rest.
class TransposeBuilder {
public:
  TransposeBuilder(linalg::TransposeOp op) : op(op), permutation(op.getPermutation()) {
    int64_t rank = permutation.size();
    sourceInner = llvm::find(permutation, rank - 1) - permutation.begin();
    order = llvm::to_vector(
        llvm::make_filter_range(llvm::seq<int64_t>(rank - 1), [&](int64_t dim) { return dim != sourceInner; }));
    order.append({sourceInner, rank - 1});
  }

  Value run(VectorBuilder &b) {
    SmallVector<Value> at(permutation.size());
    return buildLoops(b, order, at, op.getInit());
  }

private:
  /// Loops over the dimensions `dims` of the result.
  Value buildLoops(VectorBuilder &b, ArrayRef<int64_t> dims, SmallVector<Value> &at, Value result) {
    if (dims.empty())
      return buildBlock(b, at, result);
    int64_t dim = dims.front(), step = dims.size() <= 2 ? b.getLanes() : 1;
    auto loop = scf::ForOp::create(b, b.index(0), b.dim(op.getInit(), dim), b.index(step), result,
                                   [&](OpBuilder &builder, Location, Value position, ValueRange args) {
                                     VectorBuilder inner = b.at(builder);
                                     at[dim] = position;
                                     Value next = buildLoops(inner, dims.drop_front(), at, args[0]);
                                     scf::YieldOp::create(inner, next);
                                   });
    return loop.getResult(0);
  }

  Value buildBlock(VectorBuilder &b, ArrayRef<Value> at, Value result) {
    int64_t inner = permutation.size() - 1;
    Value isWhole;
    for (int64_t dim : {sourceInner, inner}) {
      Value end = arith::AddIOp::create(b, at[dim], b.index(b.getLanes()));
      Value fits = arith::CmpIOp::create(b, arith::CmpIPredicate::sle, end, b.dim(op.getInit(), dim));
      isWhole = isWhole ? arith::AndIOp::create(b, isWhole, fits).getResult() : fits;
    }
    auto move = [&](bool isWhole) {
      return [&, isWhole](OpBuilder &builder, Location) {
        VectorBuilder branch = b.at(builder);
        scf::YieldOp::create(branch, moveBlock(branch, at, result, isWhole));
      };
    };
    return scf::IfOp::create(b, isWhole, move(true), move(false)).getResult(0);
  }

  Value moveBlock(VectorBuilder &b, ArrayRef<Value> at, Value result, bool isWhole) {
    int64_t inner = permutation.size() - 1;
    SmallVector<Value> source(at.size());
    for (auto [dim, sourceDim] : llvm::enumerate(permutation))
      source[sourceDim] = at[dim];
    SmallVector<Value> rows = b.readTurned(op.getInput(), source, permutation[inner], isWhole, isWhole);
    return b.writeRows(rows, result, at, sourceInner, isWhole, isWhole);
  }

  linalg::TransposeOp op;
  ArrayRef<int64_t> permutation; // dimension i of the result is dimension permutation[i] of the source
  int64_t sourceInner;           // the dimension of the result that is innermost in the source
  SmallVector<int64_t> order;    // the dimensions of the result, from the outermost loop to the innermost
};

} // namespace

bool linnet::turnsTranspose(linalg::TransposeOp op) {
  auto type = dyn_cast<RankedTensorType>(op.getInit().getType());
  ArrayRef<int64_t> permutation = op.getPermutation();
  int64_t rank = permutation.size();
  if (!type || rank < 2 || permutation.back() == rank - 1 || !type.getElementType().isIntOrFloat() ||
      type.getElementTypeBitWidth() % 8 != 0)
    return false;
  int64_t sourceInner = llvm::find(permutation, rank - 1) - permutation.begin();
  return llvm::all_of(ArrayRef{type.getDimSize(rank - 1), type.getDimSize(sourceInner)},
                      [](int64_t size) { return ShapedType::isDynamic(size) || size >= kMinSize; });
}

LogicalResult linnet::vectorizeTranspose(RewriterBase &rewriter, linalg::TransposeOp op, int64_t lanes) {
  if (!turnsTranspose(op))
    return failure();
  rewriter.setInsertionPoint(op);
  VectorBuilder b(op.getLoc(), rewriter, lanes);
  rewriter.replaceOp(op, TransposeBuilder(op).run(b));
  return success();
}
