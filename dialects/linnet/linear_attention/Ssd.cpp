//===- Ssd.cpp - ssd: verifier, shapes, interfaces ------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/linnet/Linnet.h"
#include "dialects/linnet/Shapes.h"

using namespace mlir;
using namespace linnet;

static SmallVector<SmallVector<int64_t>> inferShapes(SsdOp op) {
  SmallVector<int64_t> x(shapedType(op.getX()).getShape());
  SmallVector<int64_t> known = joinShapes(ArrayRef<int64_t>(x).take_front(3), shapedType(op.getDt()).getShape());
  llvm::copy(known, x.begin());
  return {x, {x[0], x[2], x[3], shapedType(op.getB()).getDimSize(3)}};
}

LogicalResult SsdOp::verify() {
  auto x = shapedType(getX()), b = shapedType(getB());
  if (x.getRank() != 4)
    return emitOpError() << "expected x to have rank 4, got " << x << " [ssd C1]";
  SmallVector<CommonSize> sizes = getSizes(getX());
  CommonSize &batch = sizes[0], &time = sizes[1], &heads = sizes[2], &values = sizes[3];
  if (failed(verifyShape(*this, "dt", getDt(), {&batch, &time, &heads}, "ssd C2")) ||
      failed(verifyShape(*this, "A", getA(), {&heads}, "ssd C3")))
    return failure();
  if (b.getRank() != 4)
    return emitOpError() << "expected B to have rank 4, got " << b << " [ssd C4]";
  CommonSize groups{b.getDimSize(2), getB()}, states{b.getDimSize(3), getB()};
  for (auto [name, value] : {std::pair("B", Value(getB())), std::pair("C", Value(getC()))})
    if (failed(verifyShape(*this, name, value, {&batch, &time, &groups, &states}, "ssd C4")))
      return failure();
  if (getD()) {
    SmallVector<CommonSize *> expected = {&heads};
    if (shapedType(getD()).getRank() == 2)
      expected.push_back(&values);
    if (failed(verifyShape(*this, "D", getD(), expected, "ssd C6")))
      return failure();
  }
  if (getDtBias() && failed(verifyShape(*this, "dt_bias", getDtBias(), {&heads}, "ssd C7")))
    return failure();
  for (auto [name, value] : {std::pair("z", Value(getZ())), std::pair("y", Value(getYInit()))})
    if (value && failed(verifyShape(*this, name, value, refer(sizes), "ssd C8")))
      return failure();
  if (failed(verifyShape(*this, "state", getStateInit(), {&batch, &heads, &values, &states}, "ssd C9")))
    return failure();
  if (!ShapedType::isDynamic(groups.size) && !ShapedType::isDynamic(heads.size) && groups.size != heads.size &&
      (groups.size == 0 || heads.size % groups.size != 0))
    return emitOpError() << "expected the number of groups to divide the " << heads.size << " heads, got "
                         << groups.size << " [ssd C5]";
  Type element = x.getElementType();
  if (!element.isF32() && !element.isF64())
    return emitOpError() << "expected x to have elements of type f32 or f64, got " << element << " [ssd C10]";
  for (auto [name, value] :
       {std::pair("dt", Value(getDt())), std::pair("A", Value(getA())), std::pair("B", Value(getB())),
        std::pair("C", Value(getC())), std::pair("D", Value(getD())), std::pair("z", Value(getZ())),
        std::pair("dt_bias", Value(getDtBias())), std::pair("y", Value(getYInit())),
        std::pair("state", Value(getStateInit()))})
    if (value && failed(verifyElementType(*this, name, value, element, "ssd C11")))
      return failure();
  if (getChunkSize() && static_cast<int64_t>(*getChunkSize()) < 1)
    return emitOpError() << "expected a chunk_size of at least 1, got " << static_cast<int64_t>(*getChunkSize())
                         << " [ssd C12]";
  return success();
}

LogicalResult SsdOp::reifyResultShapes(OpBuilder &builder, ReifiedRankedShapedTypeDims &shapes) {
  return reifyInits(*this, builder, shapes);
}

LogicalResult SsdOp::canonicalize(SsdOp op, PatternRewriter &rewriter) {
  return refineInits(op, inferShapes(op), rewriter);
}

std::optional<int64_t> SsdOp::getOperandTimeDim(OpOperand &operand) {
  Value value = operand.get();
  bool isTimeless = operand.getOperandNumber() == getStateInitMutable().getOperandNumber() || value == getA() ||
                    value == getD() || value == getDtBias();
  return isTimeless ? std::nullopt : std::optional<int64_t>(1);
}

std::optional<int64_t> SsdOp::getResultTimeDim(unsigned index) {
  return index == 0 ? std::optional<int64_t>(1) : std::nullopt;
}

bool SsdOp::isCausal() { return true; }

int64_t SsdOp::getFlops(int64_t dynamicSize) {
  int64_t tokens = countElements(shapedType(getX()).getShape(), dynamicSize);
  int64_t states = shapedType(getB()).getDimSize(3);
  states = ShapedType::isDynamic(states) ? dynamicSize : states;
  // The decay, update and read of a state entry; d x; the skip and the gate.
  int64_t perToken = 1 + (getD() ? 2 : 0) + (getZ() ? 5 : 0);
  return tokens * (5 * states + perToken);
}
