//===- Contraction.cpp - vector code of packed contractions ---------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/tiling/Tiling.h"
#include "compiler/vector/VectorBuilder.h"
#include "compiler/vector/Vectorize.h"

#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace linnet;

/// Tiles [..1.., rows, panels, width]: the accumulators are vectors in registers, in the form that spec/kernels found
/// to reach the peak of the machine (docs/rationale/vector.md): one loop over k, per step one broadcast per row and one
/// load per vector of a panel.
LogicalResult linnet::vectorizeContractionTile(RewriterBase &rewriter, linalg::GenericOp op, int64_t lanes) {
  if (!isPackedContraction(op))
    return failure();
  Value x = op.getDpsInputs()[0], weight = op.getDpsInputs()[1], out = op.getDpsInits()[0];
  auto outType = cast<RankedTensorType>(out.getType());
  int64_t rank = outType.getRank();
  ArrayRef<int64_t> tile = outType.getShape().take_back(3);
  if (llvm::any_of(tile, ShapedType::isDynamic) || tile[2] % lanes != 0 || !outType.getElementType().isF32() ||
      llvm::any_of(outType.getShape().drop_back(3), [](int64_t size) { return size != 1; }))
    return failure();
  int64_t rows = tile[0], panels = tile[1], vectors = tile[2] / lanes;

  rewriter.setInsertionPoint(op);
  VectorBuilder b(op.getLoc(), rewriter, lanes);
  Value zero = b.index(0);
  auto outAt = [&](VectorBuilder &b, int64_t row, int64_t panel, int64_t vector) {
    SmallVector<Value> at(rank - 3, zero);
    at.append({b.index(row), b.index(panel), b.index(vector * lanes)});
    return at;
  };
  SmallVector<Value> accumulators;
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t panel = 0; panel < panels; ++panel)
      for (int64_t vector = 0; vector < vectors; ++vector)
        accumulators.push_back(b.read(out, outAt(b, row, panel, vector)));

  auto loop = scf::ForOp::create(b, zero, b.dim(weight, 1), b.index(1), accumulators,
                                 [&](OpBuilder &builder, Location loc, Value k, ValueRange args) {
                                   VectorBuilder b(loc, builder, lanes);
                                   SmallVector<Value> columns, next;
                                   for (int64_t panel = 0; panel < panels; ++panel)
                                     for (int64_t vector = 0; vector < vectors; ++vector)
                                       columns.push_back(b.read(weight, {b.index(panel), k, b.index(vector * lanes)}));
                                   for (int64_t row = 0; row < rows; ++row) {
                                     SmallVector<Value> at(rank - 3, zero);
                                     at.append({b.index(row), k});
                                     Value factor = b.broadcast(x, at);
                                     for (Value column : columns)
                                       next.push_back(b.mulAdd(factor, column, args[next.size()]));
                                   }
                                   scf::YieldOp::create(b, next);
                                 });

  Value result = out;
  for (int64_t row = 0, i = 0; row < rows; ++row)
    for (int64_t panel = 0; panel < panels; ++panel)
      for (int64_t vector = 0; vector < vectors; ++vector)
        result = b.write(loop.getResult(i++), result, outAt(b, row, panel, vector));
  rewriter.replaceOp(op, result);
  return success();
}
