//===- Types.h - element types of ONNX ------------------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_FRONTENDS_ONNX_TYPES_H
#define LINNET_FRONTENDS_ONNX_TYPES_H

#include "mlir/IR/BuiltinTypes.h"

namespace linnet::onnx_frontend {

/// An element type, with the number that it has in TensorProto.
enum ElementType : int32_t {
  kUndefined = 0,
  kFloat = 1,
  kUint8 = 2,
  kInt8 = 3,
  kUint16 = 4,
  kInt16 = 5,
  kInt32 = 6,
  kInt64 = 7,
  kString = 8,
  kBool = 9,
  kFloat16 = 10,
  kDouble = 11,
  kUint32 = 12,
  kUint64 = 13,
  kBfloat16 = 16,
};

/// The type of IR, whose integers have no sign; null for what has none here (strings, complex numbers, 4 and 8-bit
/// floats).
mlir::Type getIrType(mlir::MLIRContext *context, int32_t type);
/// "float", "int64", as the documentation of ONNX has them.
std::string getTypeName(int32_t type);

inline bool isFloat(int32_t type) { return type == kFloat || type == kDouble || type == kFloat16 || type == kBfloat16; }
inline bool isUnsigned(int32_t type) {
  return type == kUint8 || type == kUint16 || type == kUint32 || type == kUint64 || type == kBool;
}
inline bool isInteger(int32_t type) {
  return type == kInt8 || type == kInt16 || type == kInt32 || type == kInt64 || (isUnsigned(type) && type != kBool);
}
/// The type in which arithmetic on `type` is done: 16-bit floats are computed in 32 bits.
inline int32_t getComputeType(int32_t type) { return type == kFloat16 || type == kBfloat16 ? kFloat : type; }

} // namespace linnet::onnx_frontend

#endif // LINNET_FRONTENDS_ONNX_TYPES_H
