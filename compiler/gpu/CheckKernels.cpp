//===- CheckKernels.cpp - what a chip cannot run --------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/gpu/Chip.h"
#include "compiler/gpu/Passes.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;

namespace linnet {
#define GEN_PASS_DEF_LINNETCHECKKERNELS
#include "compiler/gpu/Passes.h.inc"

namespace {
struct LinnetCheckKernels : impl::LinnetCheckKernelsBase<LinnetCheckKernels> {
  using LinnetCheckKernelsBase::LinnetCheckKernelsBase;

  void runOnOperation() override {
    const Chip *known = findChip(chip);
    if (!known) {
      getOperation().emitError() << "unknown chip '" << chip << "', expected one of " << listChips();
      return signalPassFailure();
    }
    bool isWrong = false;
    getOperation().walk([&](gpu::GPUFuncOp kernel) {
      int64_t bytes = 0;
      for (BlockArgument buffer : kernel.getWorkgroupAttributions()) {
        auto type = cast<MemRefType>(buffer.getType());
        bytes += llvm::alignTo(llvm::divideCeil(type.getNumElements() * type.getElementTypeBitWidth(), 8), 16);
      }
      if (bytes <= known->blockSharedBytes)
        return;
      isWrong = true;
      kernel.emitError() << "kernel " << kernel.getName() << " needs " << bytes
                         << " bytes of shared memory, and a block of " << known->name.str() << " has "
                         << known->blockSharedBytes;
    });
    getOperation().walk([&](Operation *op) {
      if (!isa_and_nonnull<math::MathDialect>(op->getDialect()))
        return;
      isWrong = true;
      op->emitError() << "has no lowering for a GPU on " << op->getResult(0).getType()
                      << "; compute it in f32, which the library of elementary functions has (docs/spec/math.md)";
    });
    if (isWrong)
      signalPassFailure();
  }
};
} // namespace
} // namespace linnet
