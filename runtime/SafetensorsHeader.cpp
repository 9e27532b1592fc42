//===- SafetensorsHeader.cpp - the JSON header of a .safetensors file -----===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The header is read event by event into the one structure it may have. A
// document tree would hide duplicate keys and would have to be walked again.
//
//===----------------------------------------------------------------------===//

#include "SafetensorsHeader.h"

#include "Error.h"

#include <limits>
#include <nlohmann/json.hpp>
#include <unordered_set>

using namespace linnet::runtime;

namespace {

constexpr StoredDtype storedDtypes[] = {{"F32", LINNET_F32, 32}, {"F16", LINNET_F16, 16}, {"BF16", LINNET_BF16, 16},
                                        {"F64", LINNET_F64, 64}, {"I8", LINNET_I8, 8},    {"U8", LINNET_U8, 8},
                                        {"I32", LINNET_I32, 32}, {"I64", LINNET_I64, 64}, {"BOOL", LINNET_BOOL, 8},
                                        {"I16", LINNET_I16, 16}, {"U16", LINNET_U16, 16}, {"U32", LINNET_U32, 32},
                                        {"U64", LINNET_U64, 64}, {"F8_E4M3", -1, 8},      {"F8_E5M2", -1, 8},
                                        {"F8_E4M3FNUZ", -1, 8},  {"F8_E5M2FNUZ", -1, 8},  {"F8_E8M0", -1, 8},
                                        {"F6_E2M3", -1, 6},      {"F6_E3M2", -1, 6},      {"F4", -1, 4},
                                        {"C64", -1, 64}};

constexpr size_t mostDimensions = 64;

class HeaderReader {
public:
  explicit HeaderReader(SafetensorsHeader &header) : header(header) {}

  std::string problem;

  // The events, named as nlohmann::json::sax_parse calls them; false stops it.
  bool null() { return unexpected("null"); }
  bool boolean(bool) { return unexpected("a truth value"); }
  bool number_integer(int64_t value) { return unexpected("the negative number " + std::to_string(value)); }
  bool number_float(double, const std::string &text) { return unexpected("the number " + text); }
  bool binary(std::vector<uint8_t> &) { return unexpected("binary data"); }
  bool number_unsigned(uint64_t value);
  bool string(std::string &value);
  bool start_object(size_t);
  bool key(std::string &name);
  bool end_object();
  bool start_array(size_t);
  bool end_array();
  bool parse_error(size_t position, const std::string &, const nlohmann::detail::exception &) {
    return stop("expected a header of JSON, got invalid JSON at byte " + std::to_string(position));
  }

private:
  /// Where the next value belongs.
  enum class Place {
    Start,
    Top,
    Metadata,
    MetadataValue,
    TensorValue,
    Tensor,
    Dtype,
    ShapeValue,
    Shape,
    OffsetsValue,
    Offsets,
    End
  };

  bool stop(std::string message) {
    problem = std::move(message);
    return false;
  }
  bool unexpected(const std::string &got) { return stop(where() + ": expected " + expected() + ", got " + got); }
  std::string where() const;
  const char *expected() const;
  bool duplicate(const std::string &name) { return stop(where() + ": " + quote(name) + " occurs twice"); }

  SafetensorsHeader &header;
  Place place = Place::Start;
  std::string metadataKey;
  StoredTensor tensor;
  std::vector<int64_t> offsets;
  bool sawMetadata = false;
  bool sawDtype = false, sawShape = false, sawOffsets = false;
};

std::string HeaderReader::where() const {
  switch (place) {
  case Place::Start:
  case Place::Top:
  case Place::End:
    return "header";
  case Place::Metadata:
    return "__metadata__";
  case Place::MetadataValue:
    return "__metadata__: " + quote(metadataKey);
  case Place::TensorValue:
  case Place::Tensor:
    return "tensor " + quote(tensor.name);
  case Place::Dtype:
    return "tensor " + quote(tensor.name) + ": dtype";
  case Place::ShapeValue:
  case Place::Shape:
    return "tensor " + quote(tensor.name) + ": shape";
  case Place::OffsetsValue:
  case Place::Offsets:
    return "tensor " + quote(tensor.name) + ": data_offsets";
  }
  return "header";
}

const char *HeaderReader::expected() const {
  switch (place) {
  case Place::Start:
  case Place::TensorValue:
    return "an object";
  case Place::MetadataValue:
  case Place::Dtype:
    return "a string";
  case Place::ShapeValue:
  case Place::OffsetsValue:
    return "an array";
  case Place::Shape:
  case Place::Offsets:
    return "a nonnegative integer";
  default:
    return "the end";
  }
}

bool HeaderReader::number_unsigned(uint64_t value) {
  if (place != Place::Shape && place != Place::Offsets)
    return unexpected("the number " + std::to_string(value));
  if (value > static_cast<uint64_t>(std::numeric_limits<int64_t>::max()))
    return stop(where() + ": expected less than 2^63, got that " + std::to_string(value) + " is out of range");
  std::vector<int64_t> &list = place == Place::Shape ? tensor.shape : offsets;
  size_t most = place == Place::Shape ? mostDimensions : 2;
  if (list.size() == most)
    return stop(where() + ": expected at most " + std::to_string(most) + " numbers, got more");
  list.push_back(static_cast<int64_t>(value));
  return true;
}

bool HeaderReader::string(std::string &value) {
  if (place == Place::MetadataValue) {
    header.metadata[metadataKey] = std::move(value);
    place = Place::Metadata;
    return true;
  }
  if (place != Place::Dtype)
    return unexpected("the string " + quote(value));
  tensor.dtypeName = std::move(value);
  place = Place::Tensor;
  return true;
}

bool HeaderReader::start_object(size_t) {
  if (place == Place::Start) {
    place = Place::Top;
    return true;
  }
  if (place != Place::TensorValue)
    return unexpected("an object");
  // The name was put there by key().
  if (tensor.name == "__metadata__") {
    place = Place::Metadata;
    return true;
  }
  place = Place::Tensor;
  return true;
}

bool HeaderReader::key(std::string &name) {
  switch (place) {
  case Place::Top:
    if (name == "__metadata__" && std::exchange(sawMetadata, true))
      return duplicate(name);
    tensor = StoredTensor();
    tensor.name = std::move(name);
    offsets.clear();
    sawDtype = sawShape = sawOffsets = false;
    place = Place::TensorValue;
    return true;
  case Place::Metadata:
    if (header.metadata.count(name))
      return duplicate(name);
    metadataKey = std::move(name);
    place = Place::MetadataValue;
    return true;
  default:
    break;
  }
  bool *seen = name == "dtype"          ? &sawDtype
               : name == "shape"        ? &sawShape
               : name == "data_offsets" ? &sawOffsets
                                        : nullptr;
  if (!seen)
    return stop(where() + ": expected dtype, shape and data_offsets, got the unknown member " + quote(name));
  if (*seen)
    return duplicate(name);
  *seen = true;
  place = seen == &sawDtype ? Place::Dtype : seen == &sawShape ? Place::ShapeValue : Place::OffsetsValue;
  return true;
}

bool HeaderReader::end_object() {
  if (place == Place::Metadata) {
    place = Place::Top;
    return true;
  }
  if (place == Place::Top) {
    place = Place::End;
    return true;
  }
  const char *missing = !sawDtype ? "dtype" : !sawShape ? "shape" : !sawOffsets ? "data_offsets" : nullptr;
  if (missing)
    return stop(where() + ": expected a member '" + missing + "', got none");
  if (offsets.size() != 2)
    return stop(where() + ": data_offsets: expected 2 numbers, got " + std::to_string(offsets.size()));
  tensor.begin = offsets[0];
  tensor.end = offsets[1];
  header.tensors.push_back(std::move(tensor));
  place = Place::Top;
  return true;
}

bool HeaderReader::start_array(size_t) {
  if (place == Place::ShapeValue)
    place = Place::Shape;
  else if (place == Place::OffsetsValue)
    place = Place::Offsets;
  else
    return unexpected("an array");
  return true;
}

bool HeaderReader::end_array() {
  place = Place::Tensor;
  return true;
}

} // namespace

bool linnet::runtime::parseSafetensorsHeader(std::string_view text, SafetensorsHeader &header, std::string &problem) {
  HeaderReader reader(header);
  if (!nlohmann::json::sax_parse(text.begin(), text.end(), &reader)) {
    problem = std::move(reader.problem);
    return false;
  }
  std::unordered_set<std::string_view> names;
  for (const StoredTensor &tensor : header.tensors)
    if (!names.insert(tensor.name).second) {
      problem = "tensor " + quote(tensor.name) + " occurs twice";
      return false;
    }
  return true;
}

const StoredDtype *linnet::runtime::findStoredDtype(std::string_view name) {
  for (const StoredDtype &type : storedDtypes)
    if (name == type.name)
      return &type;
  return nullptr;
}

const StoredDtype *linnet::runtime::findStoredDtype(int32_t dtype) {
  for (const StoredDtype &type : storedDtypes)
    if (dtype >= 0 && dtype == type.dtype)
      return &type;
  return nullptr;
}
