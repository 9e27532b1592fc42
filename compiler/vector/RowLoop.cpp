//===- RowLoop.cpp - loops over the rows of a tile --------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/vector/RowLoop.h"

#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace linnet;

SmallVector<Value>
linnet::forEachRow(VectorBuilder &b, Value tensor, ValueRange carried,
                   llvm::function_ref<SmallVector<Value>(VectorBuilder &, ValueRange, ValueRange)> body) {
  SmallVector<Value> bounds;
  for (int64_t i = 0, rank = cast<RankedTensorType>(tensor.getType()).getRank(); i + 1 < rank; ++i)
    bounds.push_back(b.dim(tensor, i));
  SmallVector<Value> zeros(bounds.size(), b.index(0)), ones(bounds.size(), b.index(1));
  scf::LoopNest nest =
      scf::buildLoopNest(b, b.getLoc(), zeros, bounds, ones, carried,
                         [&](OpBuilder &builder, Location, ValueRange at, ValueRange values) -> scf::ValueVector {
                           VectorBuilder inner = b.at(builder);
                           SmallVector<Value> results = body(inner, at, values);
                           return scf::ValueVector(results.begin(), results.end());
                         });
  return SmallVector<Value>(nest.results.begin(), nest.results.end());
}

SmallVector<Value>
linnet::forEachStep(VectorBuilder &b, Value from, Value end, int64_t step, ValueRange carried,
                    llvm::function_ref<SmallVector<Value>(VectorBuilder &, Value, ValueRange)> body) {
  auto loop = scf::ForOp::create(b, from, end, b.index(step), carried,
                                 [&](OpBuilder &builder, Location, Value i, ValueRange values) {
                                   VectorBuilder inner = b.at(builder);
                                   scf::YieldOp::create(inner, body(inner, i, values));
                                 });
  return SmallVector<Value>(loop.getResults());
}
