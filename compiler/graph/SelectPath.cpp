//===- SelectPath.cpp - fast path or reference path -----------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Passes.h"
#include "compiler/reference/Reference.h"
#include "compiler/vector/Vectorize.h"
#include "dialects/linnet/Linnet.h"

using namespace mlir;

namespace linnet {
#define GEN_PASS_DEF_LINNETSELECTPATH
#include "compiler/Passes.h.inc"

namespace {
struct LinnetSelectPath : impl::LinnetSelectPathBase<LinnetSelectPath> {
  using LinnetSelectPathBase::LinnetSelectPathBase;

  void runOnOperation() override {
    if (path != "auto" && path != "fast" && path != "reference") {
      getOperation().emitError() << "expected path to be auto, fast or reference, got " << path;
      return signalPassFailure();
    }
    getOperation().walk([&](Operation *op) {
      if (!isa<TimeOpInterface>(op))
        return;
      std::string reason = path == "reference" ? "" : explainUncoveredScan(op);
      if (path != "reference" && reason.empty())
        return;
      if (path == "fast") {
        op->emitOpError() << "is not covered by the fast path: " << reason << "; LINNET_PATH=auto would take the "
                          << "reference path";
        return signalPassFailure(); // once more for every other op
      }
      if (!reason.empty())
        op->emitRemark() << op->getName() << " takes the reference path: " << reason;
      op->setAttr(kPathAttrName, StringAttr::get(&getContext(), "reference"));
    });
  }
};
} // namespace
} // namespace linnet
