//===- CheckInput.cpp - what the compiler does not support, in one go -----------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Passes.h"
#include "compiler/graph/CheckModel.h"
#include "dialects/check/Check.h"
#include "dialects/linnet/Linnet.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Complex/IR/Complex.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/MapVector.h"

using namespace mlir;

namespace linnet {
#define GEN_PASS_DEF_LINNETCHECKINPUT
#include "compiler/Passes.h.inc"

namespace {

/// Why `op` cannot be compiled and what to do about it, or an empty string.
std::string explainUnsupported(Operation *op) {
  if (!op->isRegistered())
    return "the op is not registered; import the model with a frontend of Linnet or lower its dialect first";
  Dialect *dialect = op->getDialect();
  if (isa<math::MathDialect>(dialect)) {
    // What linnet-approximate-math or an LLVM intrinsic covers; a call of a math library would be left of the others.
    if (isa<math::ExpOp, math::Exp2Op, math::Log1pOp, math::SinOp, math::CosOp, math::RsqrtOp, math::SqrtOp,
            math::FmaOp, math::AbsFOp, math::FloorOp, math::CeilOp, math::RoundEvenOp, math::TruncOp, math::CopySignOp,
            math::LogOp, math::Log2Op, math::ExpM1Op, math::TanhOp, math::ErfOp, math::AtanOp, math::AsinOp,
            math::AcosOp>(op))
      return "";
    // Of f64 all functions are those of the C library.
    if (isa<math::PowFOp>(op) && op->getResult(0).getType().isF64())
      return "";
    return "no approximation of this function yet; write it with exp, exp2, expm1, log, log2, log1p, tanh, erf, sin, "
           "cos, "
           "sqrt or rsqrt";
  }
  // What a loop carries is written into the buffer that it came in.
  if (isa<bufferization::AllocTensorOp, bufferization::MaterializeInDestinationOp>(op))
    return "";
  if (isa<func::CallOp>(op))
    return "calls are not compiled; run --inline first";
  if (isa<LinnetDialect, check::CheckDialect, affine::AffineDialect, arith::ArithDialect, complex::ComplexDialect,
          linalg::LinalgDialect, scf::SCFDialect, tensor::TensorDialect, func::FuncDialect, BuiltinDialect>(dialect))
    return "";
  return ("the " + dialect->getNamespace() +
          " dialect is not part of stage input; lower it to linalg, tensor, arith, math and linnet first")
      .str();
}

struct LinnetCheckInput : impl::LinnetCheckInputBase<LinnetCheckInput> {
  void runOnOperation() override {
    struct Fault {
      Operation *first;
      std::string reason;
      int64_t count = 0;
    };
    llvm::MapVector<StringRef, Fault> faults;
    getOperation().walk([&](Operation *op) {
      std::string reason = explainUnsupported(op);
      if (reason.empty())
        return;
      Fault &fault = faults.try_emplace(op->getName().getStringRef(), Fault{op, reason, 0}).first->second;
      ++fault.count;
    });
    for (auto &[name, fault] : faults)
      fault.first->emitError() << "unsupported op " << name << " (" << fault.count
                               << (fault.count == 1 ? " use" : " uses") << "): " << fault.reason;
    if (failed(checkModel(getOperation())) || !faults.empty())
      signalPassFailure();
  }
};
} // namespace
} // namespace linnet
