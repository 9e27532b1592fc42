//===- ScanOps.cpp - the Scan family: verifiers, shapes, interfaces -------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/linnet/Linnet.h"
#include "dialects/linnet/Shapes.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace linnet;

// The shapes of the results as far as the inputs tell them, in the order of the inits.
static SmallVector<SmallVector<int64_t>> inferShapes(AffineScanOp op);
static SmallVector<SmallVector<int64_t>> inferShapes(CausalConv1dOp op);
static SmallVector<SmallVector<int64_t>> inferShapes(SelectiveScanOp op);

namespace {
/// Shape inference: makes the types of the inits, and so of the results, as static as the inputs allow.
template <typename OpTy>
struct RefineInitShapes : OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;

  LogicalResult matchAndRewrite(OpTy op, PatternRewriter &rewriter) const override {
    return refineInits(op, inferShapes(op), rewriter);
  }
};
} // namespace

//===----------------------------------------------------------------------===//
// affine_scan
//===----------------------------------------------------------------------===//

static SmallVector<SmallVector<int64_t>> inferShapes(AffineScanOp op) {
  SmallVector<int64_t> shape = joinShapes(shapedType(op.getA()).getShape(), shapedType(op.getB()).getShape());
  SmallVector<int64_t> state = shape;
  state.erase(state.begin() + op.getDimension());
  return {shape, state};
}

/// A last dimension of 2 for the parts of complex numbers.
static LogicalResult verifyPairs(Operation *op, StringRef name, Value value, StringRef constraint) {
  auto type = shapedType(value);
  if (type.getRank() >= 1 && type.getShape().back() == 2)
    return success();
  return op->emitOpError() << "expected " << name << " to have a last dimension of 2, as it is complex, got " << type << " ["
                           << constraint << "]";
}

LogicalResult AffineScanOp::verify() {
  auto type = shapedType(getA());
  if (!type.getElementType().isF32() && !type.getElementType().isF64())
    return emitOpError() << "expected a to have elements of type f32 or f64, got " << type.getElementType()
                         << " [affine-scan C1]";
  if (getComplex() && failed(verifyPairs(*this, "a", getA(), "affine-scan C6")))
    return failure();
  int64_t dimension = getDimension(), rank = type.getRank() - getComplex();
  if (dimension < 0 || dimension >= rank)
    return emitOpError() << "expected dimension to be in [0, " << rank << "), got " << dimension << " [affine-scan C2]";
  for (auto [name, value] : {std::pair("b", getB()), std::pair("h", getHInit()), std::pair("state", getStateInit())})
    if (failed(verifyElementType(*this, name, value, type.getElementType(), "affine-scan C3")))
      return failure();
  if (failed(verifyShape(*this, "b", getB(), type.getShape(), getA(), "affine-scan C4")) ||
      failed(verifyShape(*this, "h", getHInit(), type.getShape(), getA(), "affine-scan C4")))
    return failure();
  SmallVector<int64_t> stateShape(type.getShape());
  stateShape.erase(stateShape.begin() + dimension);
  return verifyShape(*this, "state", getStateInit(), stateShape, getA(), "affine-scan C5");
}

LogicalResult AffineScanOp::reifyResultShapes(OpBuilder &builder, ReifiedRankedShapedTypeDims &shapes) {
  return reifyInits(*this, builder, shapes);
}

void AffineScanOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *context) {
  patterns.add<RefineInitShapes<AffineScanOp>>(context);
}

std::optional<int64_t> AffineScanOp::getOperandTimeDim(OpOperand &operand) {
  if (operand.get() == getStateInit() && operand.getOperandNumber() == 3)
    return std::nullopt;
  return getDimension();
}

std::optional<int64_t> AffineScanOp::getResultTimeDim(unsigned index) {
  return index == 0 ? std::optional<int64_t>(getDimension()) : std::nullopt;
}

bool AffineScanOp::isCausal() { return !getReverse(); }

int64_t AffineScanOp::getFlops(int64_t dynamicSize) {
  // Pairs count twice as elements: 8 operations a complex number.
  return (getComplex() ? 4 : 2) * countElements(shapedType(getA()).getShape(), dynamicSize);
}

//===----------------------------------------------------------------------===//
// causal_conv1d
//===----------------------------------------------------------------------===//

/// [batch, time, channel] of a shape in `layout`.
static std::array<int64_t, 3> splitShape(ArrayRef<int64_t> shape, Layout layout) {
  return layout == Layout::BTD ? std::array{shape[0], shape[1], shape[2]} : std::array{shape[0], shape[2], shape[1]};
}

static SmallVector<SmallVector<int64_t>> inferShapes(CausalConv1dOp op) {
  ArrayRef<int64_t> x = shapedType(op.getX()).getShape();
  ArrayRef<int64_t> weight = shapedType(op.getWeight()).getShape();
  auto [batch, time, channel] = splitShape(x, op.getLayout());
  int64_t context = ShapedType::isDynamic(weight[1]) ? weight[1] : weight[1] - 1;
  if (ShapedType::isDynamic(channel))
    channel = weight[0];
  if (op.getLayout() == Layout::BTD)
    return {{batch, time, channel}, {batch, context, channel}};
  return {{batch, channel, time}, {batch, channel, context}};
}

LogicalResult CausalConv1dOp::verify() {
  auto x = shapedType(getX());
  if (x.getRank() != 3)
    return emitOpError() << "expected x to have rank 3, got " << x << " [causal-conv1d C1]";
  if (!isa<FloatType>(x.getElementType()))
    return emitOpError() << "expected x to have floating-point elements, got " << x.getElementType()
                         << " [causal-conv1d C2]";
  auto weight = shapedType(getWeight());
  if (weight.getRank() != 2)
    return emitOpError() << "expected weight to have rank 2, got " << weight << " [causal-conv1d C3]";
  auto [batch, time, channel] = splitShape(x.getShape(), getLayout());
  int64_t width = weight.getDimSize(1);
  if (width == 0)
    return emitOpError("expected a width of at least 1, got 0 [causal-conv1d C4]");
  if (failed(verifyShape(*this, "weight", getWeight(), {channel, width}, getX(), "causal-conv1d C5")))
    return failure();
  for (auto [name, value] : {std::pair("weight", Value(getWeight())), std::pair("bias", Value(getBias())),
                             std::pair("y", Value(getYInit())), std::pair("state", Value(getStateInit()))})
    if (value && failed(verifyElementType(*this, name, value, x.getElementType(), "causal-conv1d C6")))
      return failure();
  if (getBias() && failed(verifyShape(*this, "bias", getBias(), {channel}, getX(), "causal-conv1d C7")))
    return failure();
  if (failed(verifyShape(*this, "y", getYInit(), x.getShape(), getX(), "causal-conv1d C8")))
    return failure();
  int64_t context = ShapedType::isDynamic(width) ? width : width - 1;
  SmallVector<int64_t> state = {batch, context, channel};
  if (getLayout() == Layout::BDT)
    std::swap(state[1], state[2]);
  return verifyShape(*this, "state", getStateInit(), state, getX(), "causal-conv1d C9");
}

LogicalResult CausalConv1dOp::reifyResultShapes(OpBuilder &builder, ReifiedRankedShapedTypeDims &shapes) {
  return reifyInits(*this, builder, shapes);
}

void CausalConv1dOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *context) {
  patterns.add<RefineInitShapes<CausalConv1dOp>>(context);
}

std::optional<int64_t> CausalConv1dOp::getOperandTimeDim(OpOperand &operand) {
  unsigned index = operand.getOperandNumber();
  if (index != 0 && index != getYInitMutable().getOperandNumber())
    return std::nullopt;
  return getLayout() == Layout::BTD ? 1 : 2;
}

std::optional<int64_t> CausalConv1dOp::getResultTimeDim(unsigned index) {
  return index == 0 ? std::optional<int64_t>(getLayout() == Layout::BTD ? 1 : 2) : std::nullopt;
}

bool CausalConv1dOp::isCausal() { return true; }

int64_t CausalConv1dOp::getFlops(int64_t dynamicSize) {
  int64_t width = shapedType(getWeight()).getDimSize(1);
  int64_t perElement = 2 * (ShapedType::isDynamic(width) ? dynamicSize : width) + (getBias() ? 1 : 0) +
                       (getActivation() == Activation::Silu ? 4 : 0);
  return perElement * countElements(shapedType(getX()).getShape(), dynamicSize);
}

//===----------------------------------------------------------------------===//
// selective_scan
//===----------------------------------------------------------------------===//

bool SelectiveScanOp::isConstantInTime(Value coefficients) {
  return shapedType(coefficients).getRank() == 2 + getComplex();
}

std::optional<int64_t> SelectiveScanOp::getGroupDim(Value coefficients) {
  if (shapedType(coefficients).getRank() != 4 + getComplex())
    return std::nullopt;
  return getLayout() == Layout::BTD ? 2 : 1;
}

/// A shape of numbers, which pairs have with a 2 more.
static SmallVector<int64_t> asNumbers(SelectiveScanOp op, SmallVector<int64_t> shape) {
  if (op.getComplex())
    shape.push_back(2);
  return shape;
}

static SmallVector<SmallVector<int64_t>> inferShapes(SelectiveScanOp op) {
  SmallVector<int64_t> u = joinShapes(shapedType(op.getU()).getShape(), shapedType(op.getDelta()).getShape());
  ArrayRef<int64_t> a = shapedType(op.getA()).getShape();
  if (ShapedType::isDynamic(u[op.getChannelDim()]))
    u[op.getChannelDim()] = a[0];
  auto [batch, time, channel] = splitShape(u, op.getLayout());
  return {u, asNumbers(op, {batch, channel, a[1]})};
}

/// B or C: [D, N], or [batch, time, (groups,) N] in the order of the layout.
static LogicalResult verifyCoefficients(SelectiveScanOp op, StringRef name, Value value, int64_t batch, int64_t time,
                                        int64_t channel, int64_t states) {
  auto type = shapedType(value);
  if (op.getComplex() && failed(verifyPairs(op, name, value, "selective-scan C11")))
    return failure();
  SmallVector<int64_t> expected;
  switch (type.getRank() - op.getComplex()) {
  case 2:
    expected = {channel, states};
    break;
  case 3:
    expected = {batch, time, states};
    break;
  case 4:
    expected = {batch, time, type.getDimSize(*op.getGroupDim(value)), states};
    break;
  default:
    return op.emitOpError() << "expected " << name << " to have rank 2, 3 or 4" << (op.getComplex() ? ", and one more" : "")
                            << ", got " << type << " [selective-scan C4]";
  }
  if (expected.size() >= 3 && op.getLayout() == Layout::BDT) // time last: [B, N, T], [B, G, N, T]
    std::rotate(expected.begin() + 1, expected.begin() + 2, expected.end());
  if (failed(verifyShape(op, name, value, asNumbers(op, expected), op.getU(), "selective-scan C5")))
    return failure();
  if (std::optional<int64_t> groupDim = op.getGroupDim(value)) {
    int64_t groups = type.getDimSize(*groupDim);
    if (!ShapedType::isDynamic(groups) && !ShapedType::isDynamic(channel) && (groups == 0 || channel % groups != 0))
      return op.emitOpError() << "expected the number of groups of " << name << " to divide the " << channel
                              << " channels, got " << groups << " [selective-scan C6]";
  }
  return success();
}

LogicalResult SelectiveScanOp::verify() {
  auto u = shapedType(getU());
  if (u.getRank() != 3)
    return emitOpError() << "expected u to have rank 3, got " << u << " [selective-scan C1]";
  for (auto [name, value] : {std::pair("delta", Value(getDelta())), std::pair("z", Value(getZ())),
                             std::pair("y", Value(getYInit()))})
    if (value && failed(verifyShape(*this, name, value, u.getShape(), getU(), "selective-scan C2")))
      return failure();
  auto a = shapedType(getA());
  auto [batch, time, channel] = splitShape(u.getShape(), getLayout());
  if (a.getRank() != 2 + getComplex())
    return emitOpError() << "expected A to have rank " << 2 + getComplex() << ", got " << a << " [selective-scan C3]";
  int64_t states = a.getDimSize(1);
  if (failed(verifyShape(*this, "A", getA(), asNumbers(*this, {channel, states}), getU(), "selective-scan C3")) ||
      failed(verifyCoefficients(*this, "B", getB(), batch, time, channel, states)) ||
      failed(verifyCoefficients(*this, "C", getC(), batch, time, channel, states)))
    return failure();
  for (auto [name, value] : {std::pair("D", Value(getD())), std::pair("delta_bias", Value(getDeltaBias()))})
    if (value && failed(verifyShape(*this, name, value, {channel}, getU(), "selective-scan C7")))
      return failure();
  if (failed(verifyShape(*this, "state", getStateInit(), asNumbers(*this, {batch, channel, states}), getU(),
                         "selective-scan C8")))
    return failure();
  Type element = u.getElementType();
  if (!element.isF32() && !element.isF64())
    return emitOpError() << "expected u to have elements of type f32 or f64, got " << element << " [selective-scan C9]";
  for (auto [name, value] :
       {std::pair("delta", Value(getDelta())), std::pair("A", Value(getA())), std::pair("B", Value(getB())),
        std::pair("C", Value(getC())), std::pair("D", Value(getD())), std::pair("z", Value(getZ())),
        std::pair("delta_bias", Value(getDeltaBias())), std::pair("y", Value(getYInit())),
        std::pair("state", Value(getStateInit()))})
    if (value && failed(verifyElementType(*this, name, value, element, "selective-scan C10")))
      return failure();
  return success();
}

LogicalResult SelectiveScanOp::reifyResultShapes(OpBuilder &builder, ReifiedRankedShapedTypeDims &shapes) {
  return reifyInits(*this, builder, shapes);
}

void SelectiveScanOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *context) {
  patterns.add<RefineInitShapes<SelectiveScanOp>>(context);
}

std::optional<int64_t> SelectiveScanOp::getOperandTimeDim(OpOperand &operand) {
  unsigned index = operand.getOperandNumber();
  auto is = [&](OpOperand &other) { return other.getOperandNumber() == index; };
  if (is(getUMutable()) || is(getDeltaMutable()) || is(getYInitMutable()) ||
      (getZ() && is(*getZMutable().begin())))
    return getTimeDim();
  if ((is(getBMutable()) || is(getCMutable())) && !isConstantInTime(operand.get()))
    return getLayout() == Layout::BTD ? 1 : shapedType(operand.get()).getRank() - 1 - getComplex();
  return std::nullopt;
}

std::optional<int64_t> SelectiveScanOp::getResultTimeDim(unsigned index) {
  return index == 0 ? std::optional<int64_t>(getTimeDim()) : std::nullopt;
}

bool SelectiveScanOp::isCausal() { return true; }

int64_t SelectiveScanOp::getFlops(int64_t dynamicSize) {
  int64_t tokens = countElements(shapedType(getU()).getShape(), dynamicSize);
  int64_t states = shapedType(getA()).getDimSize(1);
  states = ShapedType::isDynamic(states) ? dynamicSize : states;
  // A state step: d * A, exp, h * a + x, x = B * du, y += C * h; twice the products and four times the fused ones when complex.
  int64_t perState = getComplex() ? 20 : 7;
  int64_t perToken = 1 + (getDeltaBias() ? 1 : 0) + (getDeltaSoftplus() ? 4 : 0) + (getD() ? 2 : 0) + (getZ() ? 5 : 0);
  return tokens * (states * perState + perToken);
}
