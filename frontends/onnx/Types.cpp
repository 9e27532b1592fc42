//===- Types.cpp - element types of ONNX ----------------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/onnx/Types.h"

#include "mlir/IR/Builders.h"

using namespace mlir;

Type linnet::onnx_frontend::getIrType(MLIRContext *context, int32_t type) {
  Builder builder(context);
  switch (type) {
  case kFloat:
    return builder.getF32Type();
  case kDouble:
    return builder.getF64Type();
  case kFloat16:
    return builder.getF16Type();
  case kBfloat16:
    return builder.getBF16Type();
  case kUint8:
  case kInt8:
    return builder.getI8Type();
  case kUint16:
  case kInt16:
    return builder.getI16Type();
  case kUint32:
  case kInt32:
    return builder.getI32Type();
  case kUint64:
  case kInt64:
    return builder.getI64Type();
  case kBool:
    return builder.getI1Type();
  default:
    return Type();
  }
}

std::string linnet::onnx_frontend::getTypeName(int32_t type) {
  static const char *const names[] = {
      "undefined", "float",      "uint8",      "int8",         "uint16",         "int16",      "int32",
      "int64",     "string",     "bool",       "float16",      "double",         "uint32",     "uint64",
      "complex64", "complex128", "bfloat16",   "float8e4m3fn", "float8e4m3fnuz", "float8e5m2", "float8e5m2fnuz",
      "uint4",     "int4",       "float4e2m1", "float8e8m0",   "uint2",          "int2"};
  if (type >= 0 && type < static_cast<int32_t>(std::size(names)))
    return names[type];
  return "type " + std::to_string(type);
}
