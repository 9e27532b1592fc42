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

#include <cmath>

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

/// What the target offers.
struct Target {
  bool avx512, fma;

  /// Programs of AVX-512 instructions are for whole registers.
  bool isNative(Type type) const {
    auto vector = dyn_cast<VectorType>(type);
    return avx512 && vector && vector.getRank() == 1 && vector.getDimSize(0) == 16;
  }
};

/// AVX-512 instructions on vector<16xf32>.
struct NativeBuilder : FloatBuilder {
  using FloatBuilder::FloatBuilder;

  Value call(StringRef name, ValueRange operands) {
    return LLVM::CallIntrinsicOp::create(*this, type, getStringAttr(("llvm.x86.avx512." + name).str()), operands)
        .getResult(0);
  }
  Value i32(int32_t value) { return arith::ConstantOp::create(*this, getI32IntegerAttr(value)); }
  Value allLanes() { return arith::ConstantOp::create(*this, getI16IntegerAttr(-1)); }
  static constexpr int32_t kCurrentRounding = 4, kRoundDown = 9;

  /// x * 2^floor(n), with all special cases and one rounding.
  Value scalef(Value x, Value n) { return call("mask.scalef.ps.512", {x, n, x, allLanes(), i32(kCurrentRounding)}); }
  /// x - floor(16 x) / 16
  Value reduceToSixteenth(Value x) {
    return call("mask.reduce.ps.512", {x, i32(0x49), x, allLanes(), i32(kCurrentRounding)});
  }
  /// The one of smaller magnitude, with the sign of x.
  Value smallerMagnitude(Value x, Value y) {
    return call("mask.range.ps.512", {x, y, i32(2), x, allLanes(), i32(kCurrentRounding)});
  }
  Value addRoundDown(Value x, Value y) { return call("add.ps.512", {x, y, i32(kRoundDown)}); }
  /// The entry of 2^(k/16), k = 0..15, that the low four bits of `index` name.
  Value lookUpPower(Value index) {
    SmallVector<float> powers;
    for (int k = 0; k < 16; ++k)
      powers.push_back(static_cast<float>(std::exp2(k / 16.0)));
    Value table =
        arith::ConstantOp::create(*this, DenseElementsAttr::get(cast<VectorType>(type), ArrayRef<float>(powers)));
    return call("permvar.sf.512", {table, floatToBits(index)});
  }
};

/// p * 2^n as two products by powers of two, so that a subnormal result is rounded once. The low bits of `shifted`,
/// which is n + 1.5 * 2^23, are n.
Value scaleByPower(FloatBuilder &b, Value p, Value shifted) {
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

/// A function on f32 that has two programs: one of the instructions the target has for it, one of plain arithmetic.
template <typename Op> struct ExpandF32 : OpRewritePattern<Op> {
  ExpandF32(MLIRContext *context, Target target) : OpRewritePattern<Op>(context), target(target) {}

  LogicalResult matchAndRewrite(Op op, PatternRewriter &rewriter) const override {
    if (!getElementTypeOrSelf(op.getType()).isF32())
      return rewriter.notifyMatchFailure(op, "only f32 has a program");
    if (target.isNative(op.getType())) {
      NativeBuilder b(op.getLoc(), rewriter, op.getType());
      rewriter.replaceOp(op, expandNative(b, op.getOperand()));
    } else {
      FloatBuilder b(op.getLoc(), rewriter, op.getType());
      rewriter.replaceOp(op, expand(b, op.getOperand()));
    }
    return success();
  }

  virtual Value expandNative(NativeBuilder &b, Value x) const = 0;
  virtual Value expand(FloatBuilder &b, Value x) const = 0;

  Target target;
};

/// exp on f32, within 1 ULP for all inputs, subnormal results and special values included (tools/verify-math;
/// docs/spec/math.md).
struct ExpandExp : ExpandF32<math::ExpOp> {
  using ExpandF32::ExpandF32;

  /// x = n ln 2 + r with n a multiple of 1/16; exp(x) = 2^n (1 + r + r^2 q(r)), 2^n from a table and an exponent.
  Value expandNative(NativeBuilder &b, Value x) const override {
    Value magic = b.f(0x1.8p19f);
    Value shifted = b.mulAdd(x, b.f(0x1.715476p0f), magic);
    Value n = b.sub(shifted, magic);
    Value r = b.sub(x, b.mul(n, b.f(0x1.62e430p-1f)));
    r = b.sub(r, b.mul(n, b.f(-0x1.05c610p-29f)));
    // Infinite and huge x, whose r is no number: any r will do, and a NaN is in n as well.
    r = b.smallerMagnitude(r, b.f(1.0f));
    Value power = b.lookUpPower(shifted);
    Value q = b.mulAdd(b.mulAdd(b.f(0x1.555636p-3f), r, b.f(0x1.00022p-1f)), b.mul(r, r), r);
    return b.scalef(b.mulAdd(power, q, power), n);
  }

  /// x = n ln 2 + r, |r| <= ln 2 / 2; exp(x) = 2^n p(r) with p a minimax polynomial of degree 6.
  Value expand(FloatBuilder &b, Value x) const override {
    // Beyond these the result is 0 or infinity; the bounds keep n within what two scale factors can hold.
    x = b.atMost(b.atLeast(x, -104.0f), 89.0f);
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
    if (target.fma) {
      p = b.mulAdd(b.mulAdd(p, r, b.f(1.0f)), r, b.f(1.0f));
    } else {
      // Without fused operations every product rounds: 1 + (r + (e + r^2 p)), with e what the rounding of r lost.
      Value lost = b.sub(b.sub(high, r), low);
      p = b.add(b.add(b.add(b.mul(b.mul(r, r), p), lost), r), b.f(1.0f));
    }
    return scaleByPower(b, p, shifted);
  }
};

/// exp2 on f32, within 1 ULP for all inputs, as exp.
struct ExpandExp2 : ExpandF32<math::Exp2Op> {
  using ExpandF32::ExpandF32;

  /// x = floor(16 x) / 16 + f; the first part from a table and an exponent, 2^f as 1 + f q(f).
  Value expandNative(NativeBuilder &b, Value x) const override {
    Value f = b.reduceToSixteenth(x);
    Value power = b.lookUpPower(b.addRoundDown(x, b.f(0x1.8p19f)));
    Value q = b.mulAdd(b.mulAdd(b.f(0x1.d033ap-5f), f, b.f(0x1.ebe5c6p-3f)), f, b.f(0x1.62e44p-1f));
    return b.scalef(b.mulAdd(b.mul(power, f), q, power), x);
  }

  /// x = n + f, |f| <= 1/2; 2^n p(f) with p a minimax polynomial of degree 6.
  Value expand(FloatBuilder &b, Value x) const override {
    x = b.atMost(b.atLeast(x, -151.0f), 129.0f);
    Value magic = b.f(0x1.8p23f), shifted = b.add(x, magic), f = b.sub(x, b.sub(shifted, magic));
    Value p = b.f(0x1.416b5ep-13f);
    for (float c : {0x1.5f082ep-10f, 0x1.3b2dep-7f, 0x1.c6af7cp-5f, 0x1.ebfbdcp-3f})
      p = b.mulAdd(p, f, b.f(c));
    if (target.fma) {
      p = b.mulAdd(b.mulAdd(p, f, b.f(0x1.62e43p-1f)), f, b.f(1.0f));
    } else {
      // Without fused operations the product by the coefficient of f would round at the size of the result. It is taken
      // apart: 12 bits of f times 13 bits of the coefficient are exact, and what is left is small.
      Value cut = b.f(0x1.8p11f), high = b.sub(b.add(f, cut), cut), low = b.sub(f, high);
      Value rest = b.add(b.mul(low, b.f(0x1.62ep-1f)), b.add(b.mul(f, b.f(0x1.0cp-15f)), b.mul(b.mul(f, f), p)));
      p = b.add(b.add(b.mul(high, b.f(0x1.62ep-1f)), rest), b.f(1.0f));
    }
    return scaleByPower(b, p, shifted);
  }
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
    patterns.add<ExpandExp, ExpandExp2>(&getContext(), Target{avx512, fma});
    if (!fma)
      patterns.add<ExpandFma>(&getContext());
    populateMathPolynomialApproximationPatterns(patterns, [](StringRef name) {
      return llvm::is_contained(
          {math::Log1pOp::getOperationName(), math::SinOp::getOperationName(), math::CosOp::getOperationName(),
           math::LogOp::getOperationName(), math::Log2Op::getOperationName(), math::ExpM1Op::getOperationName(),
           math::TanhOp::getOperationName(), math::ErfOp::getOperationName(), math::AtanOp::getOperationName(),
           math::AsinOp::getOperationName(), math::AcosOp::getOperationName()},
          name);
    });
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
} // namespace linnet
