//===- LMul.cpp - vector code of lmul ---------------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/LMul.h"
#include "compiler/vector/Vectorize.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace linnet;

std::string linnet::explainUncoveredLMul(LMulOp op) {
  return cast<RankedTensorType>(op.getX().getType()).getRank() == 0 ? "there is no dimension" : "";
}

LogicalResult linnet::vectorizeLMulTile(RewriterBase &rewriter, LMulOp op, int64_t lanes) {
  if (!explainUncoveredLMul(op).empty())
    return failure();
  rewriter.setInsertionPoint(op);
  // As many lanes as a register has of this type.
  auto type = cast<RankedTensorType>(op.getX().getType());
  lanes *= 32 / type.getElementTypeBitWidth();
  VectorBuilder b(op.getLoc(), rewriter, lanes);
  SmallVector<Value> bounds;
  for (int64_t i = 0; i + 1 < type.getRank(); ++i)
    bounds.push_back(b.dim(op.getX(), i));
  SmallVector<Value> zeros(bounds.size(), b.index(0)), ones(bounds.size(), b.index(1));
  Value size = b.dim(op.getX(), type.getRank() - 1);
  Value whole = arith::SubIOp::create(b, size, arith::RemUIOp::create(b, size, b.index(lanes)));

  auto row = [&](OpBuilder &builder, Location loc, ValueRange outer, ValueRange carried) -> scf::ValueVector {
    auto along = [&](Value from, Value to, bool isWhole, Value z) {
      VectorBuilder b(loc, builder, lanes);
      return scf::ForOp::create(b, from, to, b.index(lanes), z,
                                [&](OpBuilder &builder, Location loc, Value column, ValueRange carried) {
                                  VectorBuilder b(loc, builder, lanes);
                                  SmallVector<Value> at(outer);
                                  at.push_back(column);
                                  Value x = b.readPart(op.getX(), at, isWhole), y = b.readPart(op.getY(), at, isWhole);
                                  Value product = buildLMul(b, x, y, op.getMultiply());
                                  scf::YieldOp::create(b, b.writePart(product, carried[0], at, isWhole));
                                })
          .getResult(0);
    };
    Value z = along(arith::ConstantIndexOp::create(builder, loc, 0), whole, /*isWhole=*/true, carried[0]);
    return {along(whole, size, /*isWhole=*/false, z)};
  };
  scf::LoopNest nest = scf::buildLoopNest(b, op.getLoc(), zeros, bounds, ones, {op.getZInit()}, row);
  rewriter.replaceOp(op, nest.results);
  return success();
}
