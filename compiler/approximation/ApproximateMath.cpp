//===- ApproximateMath.cpp - elementary functions into arithmetic ---------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;

namespace linnet {
#define GEN_PASS_DEF_LINNETAPPROXIMATEMATH
#include "compiler/Passes.h.inc"

namespace {

/// Arithmetic on f32 scalars or vectors of any shape.
struct FloatBuilder : ImplicitLocOpBuilder {
  FloatBuilder(Location loc, OpBuilder &builder, Type type) : ImplicitLocOpBuilder(loc, builder), type(type) {
    intType = getI32Type();
    if (auto vector = dyn_cast<VectorType>(type))
      intType = vector.clone(getI32Type());
  }

  Value constant(Type ofType, TypedAttr element) {
    if (auto vector = dyn_cast<VectorType>(ofType))
      return arith::ConstantOp::create(*this, DenseElementsAttr::get(vector, Attribute(element)));
    return arith::ConstantOp::create(*this, element);
  }
  Value f(float value) { return constant(type, getF32FloatAttr(value)); }
  Value i(int32_t value) { return constant(intType, getI32IntegerAttr(value)); }

  // Contraction only: the magic number below must not be reassociated away.
  static constexpr arith::FastMathFlags kFlags = arith::FastMathFlags::contract;
  Value add(Value x, Value y) { return arith::AddFOp::create(*this, x, y, kFlags); }
  Value sub(Value x, Value y) { return arith::SubFOp::create(*this, x, y, kFlags); }
  Value mul(Value x, Value y) { return arith::MulFOp::create(*this, x, y, kFlags); }
  Value mulAdd(Value x, Value y, Value z) { return add(mul(x, y), z); }
  /// x where it is in range, the bound where not, NaN where NaN: the form that becomes one instruction.
  Value atLeast(Value x, float bound) { return selectIf(arith::CmpFPredicate::OLT, x, bound); }
  Value atMost(Value x, float bound) { return selectIf(arith::CmpFPredicate::OGT, x, bound); }
  Value bitsToFloat(Value bits) { return arith::BitcastOp::create(*this, type, bits); }
  Value floatToBits(Value x) { return arith::BitcastOp::create(*this, intType, x); }

  Type type, intType;

private:
  Value selectIf(arith::CmpFPredicate predicate, Value x, float bound) {
    Value limit = f(bound);
    return arith::SelectOp::create(*this, arith::CmpFOp::create(*this, predicate, x, limit), limit, x);
  }
};

/// exp on f32: x = n ln 2 + r, |r| <= ln 2 / 2, exp(x) = 2^n p(r) with p a minimax polynomial of degree 6. Within 1 ULP
/// for all inputs, subnormal results and special values included (tools/verify-math; docs/spec/math.md).
struct ExpandExp : OpRewritePattern<math::ExpOp> {
  ExpandExp(MLIRContext *context, bool scalef, bool fma) : OpRewritePattern(context), scalef(scalef), fma(fma) {}

  LogicalResult matchAndRewrite(math::ExpOp op, PatternRewriter &rewriter) const override {
    if (!getElementTypeOrSelf(op.getType()).isF32())
      return rewriter.notifyMatchFailure(op, "only f32 has a program");
    FloatBuilder b(op.getLoc(), rewriter, op.getType());
    // Beyond these the result is 0 or infinity; the bounds keep n within what two scale factors can hold.
    Value x = b.atMost(b.atLeast(op.getOperand(), -104.0f), 89.0f);
    // Adding 1.5 * 2^23 rounds to an integer and leaves it in the low bits.
    Value magic = b.f(0x1.8p23f);
    Value shifted = b.mulAdd(x, b.f(0x1.715476p0f), magic);
    Value n = b.sub(shifted, magic);
    // ln 2 in two parts; n times the first is exact, also without fused operations.
    Value high = b.sub(x, b.mul(n, b.f(0x1.63p-1f))), low = b.mul(n, b.f(-0x1.bd0106p-13f));
    Value r = b.sub(high, low);
    Value p = b.f(0x1.6a524cp-10f);
    for (float c : {0x1.12396ep-7f, 0x1.5558aap-5f, 0x1.555492p-3f, 0x1.fffffcp-2f})
      p = b.mulAdd(p, r, b.f(c));
    if (fma) {
      p = b.mulAdd(b.mulAdd(p, r, b.f(1.0f)), r, b.f(1.0f));
    } else {
      // Without fused operations every product rounds: 1 + (r + (e + r^2 p)), with e what the rounding of r lost.
      Value lost = b.sub(b.sub(high, r), low);
      p = b.add(b.add(b.add(b.mul(b.mul(r, r), p), lost), r), b.f(1.0f));
    }
    rewriter.replaceOp(op, isNativeVector(op.getType()) ? scaleNative(b, p, n) : scale(b, p, shifted));
    return success();
  }

  bool isNativeVector(Type type) const {
    auto vector = dyn_cast<VectorType>(type);
    return scalef && vector && vector.getRank() == 1 && vector.getDimSize(0) == 16;
  }

  /// p * 2^n in one instruction.
  static Value scaleNative(FloatBuilder &b, Value p, Value n) {
    Value mask = arith::ConstantOp::create(b, b.getI16IntegerAttr(-1));
    Value rounding = arith::ConstantOp::create(b, b.getI32IntegerAttr(4)); // the current direction
    return LLVM::CallIntrinsicOp::create(b, p.getType(), b.getStringAttr("llvm.x86.avx512.mask.scalef.ps.512"),
                                         ValueRange{p, n, p, mask, rounding})
        .getResult(0);
  }

  /// p * 2^n as two products by powers of two, so that a subnormal result is rounded once.
  static Value scale(FloatBuilder &b, Value p, Value shifted) {
    Value n = arith::SubIOp::create(b, b.floatToBits(shifted), b.i(0x4B400000));
    Value half = arith::ShRSIOp::create(b, n, b.i(1));
    Value rest = arith::SubIOp::create(b, n, half);
    auto power = [&](Value exponent) {
      Value biased = arith::AddIOp::create(b, exponent, b.i(127));
      return b.bitsToFloat(arith::ShLIOp::create(b, biased, b.i(23)));
    };
    Value scaled = arith::MulFOp::create(b, p, power(half));
    return arith::MulFOp::create(b, scaled, power(rest));
  }

  bool scalef, fma;
};

/// On a target without fused multiply-add it would be a library call per element.
struct ExpandFma : OpRewritePattern<math::FmaOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(math::FmaOp op, PatternRewriter &rewriter) const override {
    Value product = arith::MulFOp::create(rewriter, op.getLoc(), op.getA(), op.getB());
    rewriter.replaceOpWithNewOp<arith::AddFOp>(op, product, op.getC());
    return success();
  }
};

struct LinnetApproximateMath : impl::LinnetApproximateMathBase<LinnetApproximateMath> {
  using LinnetApproximateMathBase::LinnetApproximateMathBase;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<ExpandExp>(&getContext(), scalef, fma);
    if (!fma)
      patterns.add<ExpandFma>(&getContext());
    populateMathPolynomialApproximationPatterns(patterns, [](StringRef name) {
      return llvm::is_contained({math::Log1pOp::getOperationName(), math::SinOp::getOperationName(),
                                 math::CosOp::getOperationName(), math::LogOp::getOperationName(),
                                 math::Log2Op::getOperationName(), math::ExpM1Op::getOperationName(),
                                 math::TanhOp::getOperationName(), math::ErfOp::getOperationName()},
                                name);
    });
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
} // namespace linnet
