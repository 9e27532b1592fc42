//===- CountScans.cpp - how many scans a function has, and what they carry ------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CountScans.h"

#include "dialects/linnet/Linnet.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Pass/PassRegistry.h"

using namespace mlir;

namespace {

struct CountScans : PassWrapper<CountScans, OperationPass<func::FuncOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(CountScans)

  StringRef getArgument() const final { return "example-count-scans"; }
  StringRef getDescription() const final { return "Remark on the scans of a function and the states that they carry"; }

  void runOnOperation() override {
    int64_t scans = 0;
    SmallVector<Type> states;
    getOperation().walk([&](linnet::TimeOpInterface op) {
      ++scans;
      // What says nothing about time is what is left after it.
      for (OpResult result : op->getResults())
        if (!op.getResultTimeDim(result.getResultNumber()))
          states.push_back(result.getType());
    });
    if (scans == 0)
      return;
    getOperation().emitRemark() << scans << " scans with " << states.size() << " states: " << states;
    markAllAnalysesPreserved();
  }
};

} // namespace

void example::registerCountScans() { PassRegistration<CountScans>(); }
