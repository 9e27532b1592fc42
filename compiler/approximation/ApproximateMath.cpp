//===- ApproximateMath.cpp - elementary functions into arithmetic ---------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Passes.h"
#include "compiler/approximation/Accuracy.h"
#include "compiler/approximation/EmitProgram.h"
#include "compiler/approximation/RecognizeFunctions.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "llvm/ADT/MapVector.h"

using namespace mlir;
using namespace linnet::approximation;

namespace linnet {
#define GEN_PASS_DEF_LINNETAPPROXIMATEMATH
#include "compiler/Passes.h.inc"

namespace {

/// Cycles of an addition and a division of 16 lanes. The division has a unit of its own; what counts is how long the
/// others wait for it.
constexpr double kQuotientCost = 8;

struct LinnetApproximateMath : impl::LinnetApproximateMathBase<LinnetApproximateMath> {
  using LinnetApproximateMathBase::LinnetApproximateMathBase;

  void runOnOperation() override {
    if (mlir::failed(expandInverses()))
      return signalPassFailure();
    // The last op of a form that is written out comes behind its parts: from the end, so that the parts are dead when
    // they are met.
    SmallVector<Operation *> ops;
    getOperation()->walk([&](Operation *op) {
      if (recognizeFunction(op) || (!fma && isa<math::FmaOp>(op)))
        ops.push_back(op);
    });
    IRRewriter rewriter(&getContext());
    llvm::MapVector<const Entry *, int64_t> uses;
    bool failed = false;
    for (Operation *op : llvm::reverse(ops)) {
      rewriter.setInsertionPoint(op);
      if (isOpTriviallyDead(op))
        rewriter.eraseOp(op);
      else if (auto fused = dyn_cast<math::FmaOp>(op))
        expandFma(rewriter, fused);
      else if (std::optional<Application> application = recognizeFunction(op);
               application && !isCheaperAsWritten(*application))
        failed |= mlir::failed(approximate(rewriter, op, *application, uses));
    }
    if (failed)
      return signalPassFailure();
    recordUses(uses);
  }

private:
  Target getTarget() const {
    return avx512 ? Target::AVX512 : avx2 && fma ? Target::AVX2 : fma ? Target::FMA : Target::Generic;
  }

  /// Functions that the library has no programs for come from MLIR's polynomials.
  LogicalResult expandInverses() {
    RewritePatternSet patterns(&getContext());
    populateMathPolynomialApproximationPatterns(patterns, [](StringRef name) {
      return llvm::is_contained(
          {math::AtanOp::getOperationName(), math::AsinOp::getOperationName(), math::AcosOp::getOperationName()}, name);
    });
    return applyPatternsGreedily(getOperation(), std::move(patterns));
  }

  /// On a target without fused multiply-add it would be a library call per element.
  static void expandFma(RewriterBase &rewriter, math::FmaOp op) {
    Value product = arith::MulFOp::create(rewriter, op.getLoc(), op.getA(), op.getB());
    rewriter.replaceOpWithNewOp<arith::AddFOp>(op, product, op.getC());
  }

  /// Whether x / (1 + exp(-y)) of two numbers costs less with the program for exp: its other operations are rounded
  /// once each, which is what any accuracy of theirs allows. The sigmoid and silu of one number are functions of the
  /// library, with the bound of their whole.
  bool isCheaperAsWritten(const Application &application) const {
    auto exp = dyn_cast<math::ExpOp>(application.source);
    if (!application.factor || !exp)
      return false;
    Type type = application.argument.getType();
    Requirement requirement = getRequirement(exp);
    const Entry *whole = select(Function::Sigmoid, getTarget(), getLanes(type), requirement);
    const Entry *part = select(Function::Exp, getTarget(), getLanes(type), requirement);
    return whole && part && part->cost + kQuotientCost < whole->cost;
  }

  LogicalResult approximate(RewriterBase &rewriter, Operation *op, const Application &application,
                            llvm::MapVector<const Entry *, int64_t> &uses) {
    Value x = application.argument;
    Requirement requirement = getRequirement(application.source);
    Choice choice = choose(getLibrary(), application.function, getTarget(), getLanes(x.getType()), requirement);
    if (!choice.usual)
      return explainMiss(op, application.function, x.getType(), requirement);
    Location loc = op->getLoc();
    Value y = emitChoice(rewriter, loc, choice, x, fma);
    if (application.factor)
      y = arith::MulFOp::create(rewriter, loc, application.factor, y);
    for (const Entry *entry : {choice.usual, choice.outside}) {
      if (!entry)
        continue;
      ++uses[entry];
      remark::passed(loc, remark::RemarkOpts::name("approximation").category("linnet"))
          << llvm::formatv("{0} by {1}: {2:g4} ulp, {3:e2} relative", approximation::getName(entry->function),
                           entry->name, entry->bound->ulps, entry->bound->relative)
                 .str();
    }
    rewriter.replaceOp(op, y);
    return success();
  }

  LogicalResult explainMiss(Operation *op, Function function, Type type, const Requirement &requirement) const {
    InFlightDiagnostic error = op->emitError() << "expected a program for " << approximation::getName(function)
                                               << " on target " << approximation::getName(getTarget()) << " within";
    StringRef separator = " ";
    auto name = [&](const std::optional<double> &bound, StringRef what) {
      if (bound) {
        error << separator << *bound << what;
        separator = " and ";
      }
    };
    name(requirement.ulps, " ULP");
    name(requirement.relative, " relative");
    name(requirement.absolute, " absolute");
    Requirement any;
    any.range = requirement.range;
    any.mayFlush = true;
    const Entry *closest = nullptr;
    for (const Entry &entry : getLibrary())
      if (entry.serves(function, getTarget(), getLanes(type)) && entry.meets(any) &&
          (!closest || entry.bound->ulps < closest->bound->ulps))
        closest = &entry;
    error << ", got none";
    if (closest)
      error << "; the closest is " << closest->name << " with "
            << llvm::formatv("{0} ULP, {1:e2} relative and {2:e2} absolute", closest->bound->ulps,
                             closest->bound->relative, closest->bound->absolute)
                   .str();
    return failure();
  }

  /// For --print-stats.
  void recordUses(const llvm::MapVector<const Entry *, int64_t> &uses) {
    SmallVector<NamedAttribute> counts;
    Builder builder(&getContext());
    for (auto [entry, count] : uses)
      counts.push_back(builder.getNamedAttr(entry->name, builder.getI64IntegerAttr(count)));
    if (!counts.empty())
      getOperation()->setAttr(kApproximationsAttrName, builder.getDictionaryAttr(counts));
  }
};
} // namespace
} // namespace linnet
