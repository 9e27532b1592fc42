//===- AffineScan.cpp - vector code of affine_scan ------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/vector/TimeLoop.h"
#include "compiler/vector/Vectorize.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace linnet;

SmallVector<Value> linnet::vectorizeAffineScan(VectorBuilder &b, AffineScanOp op) {
  int64_t element = op.getComplex(), rank = cast<RankedTensorType>(op.getA().getType()).getRank() - element, time = op.getDimension();
  if (time == rank - 1)
    return {};
  Value zero = b.index(0), times = b.dim(op.getA(), time);
  SmallVector<Value> stateAt(rank - 1, zero);
  auto [outputs, carried] = buildTimeLoop(
      b, times, op.getHInit(), b.readElements(op.getStateInit(), stateAt, element),
      [&](VectorBuilder &b, Value t, SmallVectorImpl<Value> &outputs, SmallVectorImpl<Value> &carried) {
        if (op.getReverse())
          t = arith::SubIOp::create(b, arith::SubIOp::create(b, times, t), b.index(1));
        SmallVector<Value> at(rank, zero);
        at[time] = t;
        SmallVector<Value> a = b.readElements(op.getA(), at, element), x = b.readElements(op.getB(), at, element);
        SmallVector<Value> h = b.mulNumbers(a, carried);
        for (auto [part, added] : llvm::zip_equal(h, x))
          part = b.add(part, added);
        outputs[0] = b.writeElements(h, outputs[0], at, element);
        carried = h;
      });
  return {outputs[0], b.writeElements(carried, op.getStateInit(), stateAt, element)};
}
