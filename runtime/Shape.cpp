//===- Shape.cpp - element types, sizes and how messages show them --------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Shape.h"

#include "Error.h"

#include <algorithm>
#include <iterator>

using namespace linnet::runtime;

namespace {

struct Dtype {
  const char *name;
  size_t bytes;
};

/// Indexed by the values of model.h.
constexpr Dtype dtypes[] = {{"f32", 4}, {"f16", 2},  {"bf16", 2}, {"f64", 8}, {"i8", 1},  {"u8", 1}, {"i32", 4},
                            {"i64", 8}, {"bool", 1}, {"i16", 2},  {"u16", 2}, {"u32", 4}, {"u64", 8}};

const Dtype *findDtype(int32_t dtype) {
  if (dtype < 0 || static_cast<size_t>(dtype) >= std::size(dtypes))
    return nullptr;
  return &dtypes[dtype];
}

/// No tensor is larger; leaves room to add alignment without overflow.
constexpr int64_t mostBytes = int64_t(1) << 56;

bool multiplySize(int64_t &bytes, int64_t size) { return size >= 0 && !__builtin_mul_overflow(bytes, size, &bytes); }

} // namespace

extern "C" const char *linnet_dtype_name(int32_t dtype) {
  const Dtype *found = findDtype(dtype);
  return found ? found->name : nullptr;
}

extern "C" size_t linnet_dtype_bytes(int32_t dtype) {
  const Dtype *found = findDtype(dtype);
  return found ? found->bytes : 0;
}

static int64_t resolveSize(int64_t size, const int64_t *symbols) { return size >= 0 ? size : symbols[-1 - size]; }

std::vector<int64_t> linnet::runtime::resolveShape(const linnet_argument &argument, const int64_t *symbols) {
  std::vector<int64_t> shape(argument.rank);
  for (int32_t i = 0; i < argument.rank; ++i)
    shape[i] = resolveSize(argument.shape[i], symbols);
  return shape;
}

bool linnet::runtime::tensorBytes(int32_t dtype, const int64_t *shape, int32_t rank, int64_t &bytes) {
  bytes = static_cast<int64_t>(linnet_dtype_bytes(dtype));
  for (int32_t i = 0; i < rank; ++i)
    if (!multiplySize(bytes, shape[i]))
      return false;
  return bytes <= mostBytes;
}

bool linnet::runtime::tensorBytes(const linnet_argument &argument, const int64_t *symbols, int64_t &bytes) {
  bytes = static_cast<int64_t>(linnet_dtype_bytes(argument.dtype));
  for (int32_t i = 0; i < argument.rank; ++i)
    if (!multiplySize(bytes, resolveSize(argument.shape[i], symbols)))
      return false;
  return bytes <= mostBytes;
}

std::string linnet::runtime::showTensor(const char *dtype, const int64_t *shape, int32_t rank) {
  std::string text = dtype ? dtype : "unknown";
  text += " [";
  for (int32_t i = 0; i < rank; ++i) {
    if (i)
      text += ", ";
    text += std::to_string(shape[i]);
  }
  return text += "]";
}

std::string linnet::runtime::showTensor(int32_t dtype, const std::vector<int64_t> &shape) {
  return showTensor(linnet_dtype_name(dtype), shape.data(), static_cast<int32_t>(shape.size()));
}

std::string linnet::runtime::showArgument(const linnet_argument &argument, const linnet_model_info &info) {
  std::string text = linnet_dtype_name(argument.dtype);
  text += " [";
  for (int32_t i = 0; i < argument.rank; ++i) {
    if (i)
      text += ", ";
    int64_t size = argument.shape[i];
    text += size >= 0 ? std::to_string(size) : escape(info.symbols[-1 - size]);
  }
  return text += "]";
}

bool linnet::runtime::sameTensor(const linnet_argument &a, const linnet_argument &b) {
  return a.dtype == b.dtype && a.rank == b.rank && std::equal(a.shape, a.shape + a.rank, b.shape);
}
