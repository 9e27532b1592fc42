//===- Linnet.cpp - the linnet dialect ------------------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/linnet/Linnet.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/InliningUtils.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

#include "dialects/linnet/LinnetDialect.cpp.inc"
#include "dialects/linnet/LinnetEnums.cpp.inc"
#include "dialects/linnet/LinnetInterfaces.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "dialects/linnet/LinnetAttributes.cpp.inc"
#define GET_OP_CLASSES
#include "dialects/linnet/LinnetOps.cpp.inc"

namespace {
/// The ops are pure, and say nothing about the function that they stand in.
struct LinnetInlinerInterface : DialectInlinerInterface {
  using DialectInlinerInterface::DialectInlinerInterface;
  bool isLegalToInline(Operation *, Region *, bool, IRMapping &) const final { return true; }
  bool isLegalToInline(Region *, Region *, bool, IRMapping &) const final { return true; }
};
} // namespace

void linnet::LinnetDialect::initialize() {
  addInterfaces<LinnetInlinerInterface>();
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialects/linnet/LinnetAttributes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialects/linnet/LinnetOps.cpp.inc"
      >();
}

Operation *linnet::LinnetDialect::materializeConstant(OpBuilder &builder, Attribute value, Type type, Location loc) {
  return arith::ConstantOp::materialize(builder, value, type, loc);
}

int64_t linnet::countBytes(Type type, int64_t dynamicSize) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (!tensor)
    return 0;
  Type element = tensor.getElementType();
  int64_t bits = 8;
  if (auto complex = dyn_cast<ComplexType>(element))
    bits = 2 * complex.getElementType().getIntOrFloatBitWidth();
  else if (element.isIntOrFloat())
    bits = element.getIntOrFloatBitWidth();
  int64_t count = 1;
  for (int64_t size : tensor.getShape())
    count *= ShapedType::isDynamic(size) ? dynamicSize : size;
  return count * llvm::divideCeil(bits, 8);
}

int64_t linnet::countBytes(Operation *op, int64_t dynamicSize) {
  int64_t bytes = 0;
  llvm::SmallPtrSet<Value, 8> seen;
  auto dps = dyn_cast<DestinationStyleOpInterface>(op);
  for (OpOperand &operand : op->getOpOperands()) {
    // An init becomes the result: the result counts.
    if ((dps && dps.isDpsInit(&operand)) || !seen.insert(operand.get()).second)
      continue;
    bytes += countBytes(operand.get().getType(), dynamicSize);
  }
  for (Value result : op->getResults())
    bytes += countBytes(result.getType(), dynamicSize);
  return bytes;
}
