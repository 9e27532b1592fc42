//===- TimeLoop.cpp - loops over time that carry vectors ------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/vector/TimeLoop.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace linnet;

void linnet::prefetchAhead(VectorBuilder &b, Value tensor, ArrayRef<Value> at, int64_t time, int64_t steps) {
  SmallVector<Value> later(at);
  later[time] = arith::AddIOp::create(b, at[time], b.index(steps));
  b.prefetch(tensor, later);
}

TimeLoopResults linnet::buildTimeLoop(VectorBuilder &b, Value times, ValueRange outputs, ValueRange carried,
                                      TimeLoopBody body) {
  SmallVector<Value> inits(outputs);
  llvm::append_range(inits, carried);
  auto loop = scf::ForOp::create(b, b.index(0), times, b.index(1), inits,
                                 [&](OpBuilder &builder, Location, Value t, ValueRange args) {
                                   VectorBuilder inner = b.at(builder);
                                   SmallVector<Value> tensors(args.take_front(outputs.size()));
                                   SmallVector<Value> vectors(args.drop_front(outputs.size()));
                                   body(inner, t, tensors, vectors);
                                   llvm::append_range(tensors, vectors);
                                   scf::YieldOp::create(inner, tensors);
                                 });
  return {SmallVector<Value>(loop.getResults().take_front(outputs.size())),
          SmallVector<Value>(loop.getResults().drop_front(outputs.size()))};
}
