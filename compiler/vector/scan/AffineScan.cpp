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
  auto type = cast<RankedTensorType>(op.getA().getType());
  int64_t element = op.getComplex(), rank = type.getRank() - element, time = op.getDimension(), parts = 1 + element;
  if (time == rank - 1)
    return {};
  int64_t vectors = b.countVectors(type.getDimSize(rank - 1));
  Value zero = b.index(0), times = b.dim(op.getA(), time);
  auto stateAt = [&](VectorBuilder &b, int64_t vector) {
    SmallVector<Value> at(rank - 1, zero);
    at.back() = b.index(vector * b.getLanes());
    return at;
  };
  SmallVector<Value> states;
  for (int64_t vector = 0; vector < vectors; ++vector)
    states.append(b.readElements(op.getStateInit(), stateAt(b, vector), element));
  auto [outputs, carried] =
      buildTimeLoop(b, times, op.getHInit(), states,
                    [&](VectorBuilder &b, Value t, SmallVectorImpl<Value> &outputs, SmallVectorImpl<Value> &carried) {
                      if (op.getReverse())
                        t = arith::SubIOp::create(b, arith::SubIOp::create(b, times, t), b.index(1));
                      SmallVector<Value> next;
                      for (int64_t vector = 0; vector < vectors; ++vector) {
                        SmallVector<Value> at = stateAt(b, vector);
                        at.insert(at.begin() + time, t);
                        if (!element)
                          for (Value input : {op.getA(), op.getB()})
                            prefetchAhead(b, input, at, time, op.getReverse() ? -kStepsAhead : kStepsAhead);
                        SmallVector<Value> a = b.readElements(op.getA(), at, element),
                                           x = b.readElements(op.getB(), at, element);
                        SmallVector<Value> h = b.mulNumbers(a, ArrayRef<Value>(carried).slice(vector * parts, parts));
                        for (auto [part, added] : llvm::zip_equal(h, x))
                          part = b.add(part, added);
                        outputs[0] = b.writeElements(h, outputs[0], at, element);
                        next.append(h);
                      }
                      carried = next;
                    });
  Value state = op.getStateInit();
  for (int64_t vector = 0; vector < vectors; ++vector)
    state = b.writeElements(ArrayRef<Value>(carried).slice(vector * parts, parts), state, stateAt(b, vector), element);
  return {outputs[0], state};
}
