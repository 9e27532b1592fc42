//===- NameChip.cpp - which GPU a module is for ---------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/gpu/Chip.h"
#include "compiler/gpu/Passes.h"

using namespace mlir;

namespace linnet {
#define GEN_PASS_DEF_LINNETNAMECHIP
#include "compiler/gpu/Passes.h.inc"

namespace {
struct LinnetNameChip : impl::LinnetNameChipBase<LinnetNameChip> {
  using LinnetNameChipBase::LinnetNameChipBase;

  void runOnOperation() override {
    if (!findChip(chip)) {
      getOperation().emitError() << "unknown chip '" << chip << "', expected one of " << listChips();
      return signalPassFailure();
    }
    getOperation()->setAttr(kChipAttrName, StringAttr::get(&getContext(), chip));
  }
};
} // namespace
} // namespace linnet
