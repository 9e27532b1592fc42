//===- LMul.cpp - vector code of lmul ---------------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/LMul.h"
#include "compiler/vector/RowLoop.h"
#include "compiler/vector/Vectorize.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

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
  Value size = b.dim(op.getX(), type.getRank() - 1);
  Value whole = arith::SubIOp::create(b, size, arith::RemUIOp::create(b, size, b.index(lanes)));
  SmallVector<Value> z = forEachRow(b, op.getX(), op.getZInit(), [&](VectorBuilder &b, ValueRange row, ValueRange z) {
    auto along = [&](Value from, Value to, bool isWhole, ValueRange z) {
      return forEachStep(b, from, to, lanes, z, [&](VectorBuilder &b, Value column, ValueRange z) {
        SmallVector<Value> at(row);
        at.push_back(column);
        Value x = b.readPart(op.getX(), at, isWhole), y = b.readPart(op.getY(), at, isWhole);
        return SmallVector<Value>{b.writePart(buildLMul(b, x, y, op.getMultiply()), z[0], at, isWhole)};
      });
    };
    return along(whole, size, /*isWhole=*/false, along(b.index(0), whole, /*isWhole=*/true, z));
  });
  rewriter.replaceOp(op, z);
  return success();
}
