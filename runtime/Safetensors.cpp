//===- Safetensors.cpp - reader and writer of .safetensors files ----------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Safetensors.h"

#include "Error.h"
#include "SafetensorsHeader.h"
#include "Shape.h"

#include <algorithm>
#include <nlohmann/json.hpp>

using namespace linnet::runtime;

/// The limit of the format's reference implementation.
static constexpr uint64_t mostHeaderBytes = 100'000'000;
static constexpr size_t lengthBytes = 8;

/// The length at the start of the file is little-endian on every machine.
static uint64_t readLength(const unsigned char *at) {
  uint64_t length = 0;
  for (size_t i = lengthBytes; i-- > 0;)
    length = length << 8 | at[i];
  return length;
}

/// Checks one tensor's numbers by themselves. Returns what is wrong, or "".
static std::string checkTensor(StoredTensor &tensor, int64_t dataBytes) {
  const StoredDtype *type = findStoredDtype(tensor.dtypeName);
  if (!type)
    return "expected a dtype of the format, got the unknown dtype " + quote(tensor.dtypeName);
  tensor.dtype = type->dtype;
  std::string offsets = "data_offsets [" + std::to_string(tensor.begin) + ", " + std::to_string(tensor.end) + "]";
  if (tensor.begin > tensor.end)
    return offsets + ": expected the first not above the second";
  if (tensor.end > dataBytes)
    return offsets + ": expected at most the " + std::to_string(dataBytes) + " bytes of data in the file";
  std::string shown = showTensor(type->name, tensor.shape.data(), static_cast<int32_t>(tensor.shape.size()));
  int64_t bits = type->bits;
  // A size of 0 makes it empty, whatever the others would multiply to.
  if (std::count(tensor.shape.begin(), tensor.shape.end(), 0))
    bits = 0;
  for (int64_t size : tensor.shape)
    if (__builtin_mul_overflow(bits, size, &bits))
      return "expected less than 2^63 bits, got that " + shown + " is too large";
  if (bits % 8)
    return shown + ": expected a whole number of bytes, got " + std::to_string(bits) + " bits";
  if (bits / 8 != tensor.bytes())
    return offsets + ": expected " + std::to_string(bits / 8) + " bytes for " + shown + ", got " +
           std::to_string(tensor.bytes());
  return "";
}

/// No two tensors may share bytes, and none may be left over: the format has
/// no gaps, so both mean that offsets are wrong.
linnet_status SafetensorsFile::checkLayout(int64_t dataBytes) {
  std::vector<const StoredTensor *> order;
  for (const StoredTensor &tensor : stored)
    order.push_back(&tensor);
  std::sort(order.begin(), order.end(), [](const StoredTensor *a, const StoredTensor *b) {
    return std::pair(a->begin, a->end) < std::pair(b->begin, b->end);
  });
  int64_t end = 0;
  const StoredTensor *before = nullptr;
  auto failGap = [&](int64_t until) {
    return fail(LINNET_MALFORMED, quote(path_), ": expected tensors for all of the data, got that bytes ", end, " to ",
                until, " of the data belong to no tensor");
  };
  for (const StoredTensor *tensor : order) {
    if (tensor->begin < end)
      return fail(LINNET_MALFORMED, quote(path_), ": expected tensors apart, got that ", quote(before->name), " and ",
                  quote(tensor->name), " overlap at byte ", tensor->begin, " of the data");
    if (tensor->begin > end)
      return failGap(tensor->begin);
    end = tensor->end;
    before = tensor;
  }
  if (end != dataBytes)
    return failGap(dataBytes);
  return LINNET_OK;
}

linnet_status SafetensorsFile::open(const std::string &path) {
  LINNET_TRY(file.open(path));
  return read(path, file.data(), file.size());
}

linnet_status SafetensorsFile::read(const std::string &path, const unsigned char *bytes, size_t size) {
  path_ = path;
  auto malformed = [&](const auto &...parts) { return fail(LINNET_MALFORMED, quote(path), ": ", parts...); };
  if (size < lengthBytes)
    return malformed("expected at least 8 bytes, got ", size);
  uint64_t headerBytes = readLength(bytes);
  if (headerBytes > mostHeaderBytes)
    return malformed("header length: expected at most ", mostHeaderBytes, ", got ", headerBytes);
  if (headerBytes > size - lengthBytes)
    return malformed("header length: expected at most the ", size - lengthBytes, " bytes that follow in the file, got ",
                     headerBytes);

  std::string_view text(reinterpret_cast<const char *>(bytes + lengthBytes), headerBytes);
  SafetensorsHeader header;
  std::string problem;
  if (!parseSafetensorsHeader(text, header, problem))
    return malformed(problem);
  stored = std::move(header.tensors);
  entries = std::move(header.metadata);

  const unsigned char *data = bytes + lengthBytes + headerBytes;
  int64_t dataBytes = static_cast<int64_t>(size - lengthBytes - headerBytes);
  for (StoredTensor &tensor : stored) {
    problem = checkTensor(tensor, dataBytes);
    if (!problem.empty())
      return malformed("tensor ", quote(tensor.name), ": ", problem);
    tensor.data = data + tensor.begin;
  }
  LINNET_TRY(checkLayout(dataBytes));
  for (size_t i = 0; i < stored.size(); ++i)
    index.emplace(stored[i].name, i);
  return LINNET_OK;
}

const StoredTensor *SafetensorsFile::find(std::string_view name) const {
  auto found = index.find(name);
  return found == index.end() ? nullptr : &stored[found->second];
}

const std::string *SafetensorsFile::metadata(const std::string &key) const {
  auto found = entries.find(key);
  return found == entries.end() ? nullptr : &found->second;
}

linnet_status linnet::runtime::writeSafetensors(const std::string &path, const std::vector<linnet_tensor> &tensors,
                                                const std::map<std::string, std::string> &metadata) {
  // Larger elements first keeps every tensor aligned to its element without
  // gaps.
  std::vector<const linnet_tensor *> order;
  for (size_t elementBytes : {8, 4, 2, 1})
    for (const linnet_tensor &tensor : tensors)
      if (linnet_dtype_bytes(tensor.dtype) == elementBytes)
        order.push_back(&tensor);

  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  header["__metadata__"] = metadata;
  std::vector<int64_t> sizes;
  int64_t offset = 0;
  for (const linnet_tensor *tensor : order) {
    int64_t bytes = 0;
    if (!tensorBytes(tensor->dtype, tensor->shape, tensor->rank, bytes))
      return fail(LINNET_INVALID_ARGUMENT, "tensor ", quote(tensor->name), ": is too large");
    header[tensor->name] = {{"dtype", findStoredDtype(tensor->dtype)->name},
                            {"shape", std::vector<int64_t>(tensor->shape, tensor->shape + tensor->rank)},
                            {"data_offsets", {offset, offset + bytes}}};
    sizes.push_back(bytes);
    offset += bytes;
  }

  std::string text = header.dump();
  // Spaces after the header are allowed; the data then starts at a cache line.
  text.append((64 - (lengthBytes + text.size()) % 64) % 64, ' ');
  unsigned char length[lengthBytes];
  for (size_t i = 0; i < lengthBytes; ++i)
    length[i] = static_cast<unsigned char>(text.size() >> (8 * i));

  AtomicFile file(path);
  LINNET_TRY(file.open());
  LINNET_TRY(file.write(length, sizeof(length)));
  LINNET_TRY(file.write(text.data(), text.size()));
  for (size_t i = 0; i < order.size(); ++i)
    LINNET_TRY(file.write(order[i]->data, static_cast<size_t>(sizes[i])));
  return file.commit();
}
