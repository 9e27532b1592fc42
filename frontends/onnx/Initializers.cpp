//===- Initializers.cpp - tensors stored in a model -----------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/onnx/Initializers.h"

#include "onnx.pb.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

#include <cstring>

using namespace llvm;
using namespace linnet::onnx_frontend;

/// Bytes of an element, 0 for types that are not kept.
static int64_t getElementBytes(int32_t type) {
  switch (type) {
  case kDouble:
  case kInt64:
  case kUint64:
    return 8;
  case kFloat:
  case kInt32:
  case kUint32:
    return 4;
  case kFloat16:
  case kBfloat16:
  case kInt16:
  case kUint16:
    return 2;
  case kInt8:
  case kUint8:
  case kBool:
    return 1;
  default:
    return 0;
  }
}

/// Appends the low bytes of numbers, as fields of wider types store narrow ones.
template <typename Values> static void append(std::string &data, const Values &values, int64_t bytes) {
  data.reserve(static_cast<size_t>(values.size() * bytes));
  for (auto value : values) {
    char raw[sizeof(value)];
    std::memcpy(raw, &value, sizeof(value));
    data.append(raw, static_cast<size_t>(bytes));
  }
}

static Expected<std::string> readExternal(const onnx::TensorProto &proto, StringRef folder, int64_t bytes) {
  std::string file;
  uint64_t offset = 0, length = static_cast<uint64_t>(bytes);
  for (const onnx::StringStringEntryProto &entry : proto.external_data()) {
    if (entry.key() == "location")
      file = entry.value();
    else if (entry.key() == "offset" && StringRef(entry.value()).getAsInteger(10, offset))
      return createStringError("expected the offset of external data to be a number, got '" + entry.value() + "'");
    else if (entry.key() == "length" && StringRef(entry.value()).getAsInteger(10, length))
      return createStringError("expected the length of external data to be a number, got '" + entry.value() + "'");
  }
  // As the format wants it: a model must not reach for other files of the machine.
  bool leaves = sys::path::is_absolute(file) || any_of(make_range(sys::path::begin(file), sys::path::end(file)),
                                                       [](StringRef part) { return part == ".."; });
  if (file.empty() || leaves)
    return createStringError("expected external data in a file beside the model, got '" + file + "'");
  if (length != static_cast<uint64_t>(bytes))
    return createStringError("expected " + Twine(bytes) + " bytes of external data, got a length of " + Twine(length));
  SmallString<256> path(folder);
  sys::path::append(path, file);
  uint64_t size;
  if (std::error_code code = sys::fs::file_size(path, size))
    return createStringError("cannot read external data: " + path + ": " + code.message());
  if (offset > size || length > size - offset)
    return createStringError("expected " + Twine(length) + " bytes of external data from " + Twine(offset) + " in " +
                             path + ", which has " + Twine(size));
  ErrorOr<std::unique_ptr<MemoryBuffer>> buffer =
      MemoryBuffer::getFileSlice(path, length, offset, /*IsVolatile=*/false);
  if (!buffer)
    return createStringError("cannot read external data: " + path + ": " + buffer.getError().message());
  return (*buffer)->getBuffer().str();
}

Expected<StoredTensor> linnet::onnx_frontend::readTensor(const onnx::TensorProto &proto, StringRef folder) {
  StoredTensor tensor;
  tensor.type = proto.data_type();
  int64_t bytes = getElementBytes(tensor.type);
  if (!bytes)
    return createStringError("tensor '" + proto.name() + "' has elements of type " + getTypeName(tensor.type) +
                             ", which are not supported; cast it to float, int64 or bool before");
  int64_t count = 1;
  for (int64_t size : proto.dims()) {
    tensor.shape.push_back(size);
    if (size < 0 || MulOverflow(count, size, count) || count > int64_t(1) << 40)
      return createStringError("tensor '" + proto.name() + "': expected sizes of 0 or more that a file can hold, got " +
                               Twine(size));
  }
  int64_t total = count * bytes;
  if (proto.data_location() == onnx::TensorProto::EXTERNAL) {
    Expected<std::string> data = readExternal(proto, folder, total);
    if (!data)
      return createStringError("tensor '" + proto.name() + "': " + toString(data.takeError()));
    tensor.data = std::move(*data);
  } else if (proto.has_raw_data()) {
    tensor.data = proto.raw_data();
  } else if (tensor.type == kFloat) {
    append(tensor.data, proto.float_data(), 4);
  } else if (tensor.type == kDouble) {
    append(tensor.data, proto.double_data(), 8);
  } else if (tensor.type == kInt64) {
    append(tensor.data, proto.int64_data(), 8);
  } else if (tensor.type == kUint64 || tensor.type == kUint32) {
    append(tensor.data, proto.uint64_data(), bytes);
  } else {
    append(tensor.data, proto.int32_data(), bytes);
  }
  if (static_cast<int64_t>(tensor.data.size()) != total)
    return createStringError("tensor '" + proto.name() + "': expected " + Twine(total) + " bytes, got " +
                             Twine(tensor.data.size()));
  return tensor;
}
