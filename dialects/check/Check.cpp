//===- Check.cpp - numeric asserts for tests ------------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/check/Check.h"

#include "mlir/Transforms/InliningUtils.h"

using namespace mlir;

#include "dialects/check/CheckDialect.cpp.inc"
#define GET_OP_CLASSES
#include "dialects/check/CheckOps.cpp.inc"

namespace {
struct CheckInlinerInterface : DialectInlinerInterface {
  using DialectInlinerInterface::DialectInlinerInterface;
  bool isLegalToInline(Operation *, Region *, bool, IRMapping &) const final { return true; }
};
} // namespace

void linnet::check::CheckDialect::initialize() {
  addInterfaces<CheckInlinerInterface>();
  addOperations<
#define GET_OP_LIST
#include "dialects/check/CheckOps.cpp.inc"
      >();
}

LogicalResult linnet::check::ExpectCloseOp::verify() {
  Type element = cast<RankedTensorType>(getActual().getType()).getElementType();
  if (!element.isF32() && !element.isF64())
    return emitOpError() << "expected elements of type f32 or f64, got " << element << " [expect-close C1]";
  if (getMaxUlp() && static_cast<int64_t>(*getMaxUlp()) < 0)
    return emitOpError() << "expected max_ulp to be at least 0, got " << static_cast<int64_t>(*getMaxUlp())
                         << " [expect-close C2]";
  for (auto [name, bound] : {std::pair("rtol", getRtol()), std::pair("atol", getAtol())})
    if (bound && !(bound->convertToDouble() >= 0))
      return emitOpError() << "expected " << name << " to be at least 0, got " << bound->convertToDouble()
                           << " [expect-close C3]";
  return success();
}
