//===- SafetensorsHeader.cpp - what a .safetensors file says it holds -----------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A file is 8 bytes of little-endian length, a JSON header of that length, and
// the data. The header maps names to {"dtype", "shape", "data_offsets"}.
//
//===----------------------------------------------------------------------===//

#include "frontends/checkpoint/SafetensorsHeader.h"

#include "frontends/checkpoint/Json.h"

#include "mlir/IR/Diagnostics.h"

#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/CheckedArithmetic.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

#include <set>

using namespace mlir;
using namespace linnet::checkpoint;

/// As in the reference implementation of the format.
static constexpr uint64_t mostHeaderBytes = 100'000'000;

/// Bits of an element, 0 for a dtype that the format does not have.
static int64_t elementBits(StringRef dtype) {
  return llvm::StringSwitch<int64_t>(dtype)
      .Cases({"F64", "I64", "U64", "C64"}, 64)
      .Cases({"F32", "I32", "U32"}, 32)
      .Cases({"F16", "BF16", "I16", "U16"}, 16)
      .Cases({"I8", "U8", "BOOL", "F8_E4M3", "F8_E5M2", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ"}, 8)
      .Cases({"F6_E2M3", "F6_E3M2"}, 6)
      .Case("F4", 4)
      .Default(0);
}

namespace {
/// Reads one entry of a header; `problem` says what is wrong with it.
struct EntryReader {
  uint64_t dataBytes;
  std::string problem;
  /// Where the data of the last entry lies.
  SmallVector<int64_t> offsets;

  bool read(const llvm::json::Value &value, StoredTensor &tensor);

private:
  bool fail(const Twine &text) {
    problem = text.str();
    return false;
  }
  bool readSizes(const llvm::json::Object &entry, StringRef key, SmallVectorImpl<int64_t> &sizes);
};
} // namespace

bool EntryReader::readSizes(const llvm::json::Object &entry, StringRef key, SmallVectorImpl<int64_t> &sizes) {
  const llvm::json::Value *value = entry.get(key);
  const llvm::json::Array *array = value ? value->getAsArray() : nullptr;
  if (!array)
    return fail("expected " + key + " to be a list, got " + (value ? printJson(*value) : "none"));
  constexpr size_t mostDimensions = 64;
  if (array->size() > mostDimensions)
    return fail("expected " + key + " to have at most 64 entries, got " + Twine(array->size()));
  for (const llvm::json::Value &element : *array) {
    std::optional<int64_t> size = element.getAsInteger();
    if (!size || *size < 0)
      return fail("expected " + key + " to hold sizes, got " + printJson(element));
    sizes.push_back(*size);
  }
  return true;
}

bool EntryReader::read(const llvm::json::Value &value, StoredTensor &tensor) {
  const llvm::json::Object *entry = value.getAsObject();
  if (!entry)
    return fail("expected an object, got " + printJson(value));
  const llvm::json::Value *stored = entry->get("dtype");
  std::optional<StringRef> dtype = stored ? stored->getAsString() : std::nullopt;
  if (!dtype)
    return fail("expected dtype to be a string, got " + (stored ? printJson(*stored) : "none"));
  tensor.dtype = dtype->str();
  int64_t bits = elementBits(*dtype);
  if (bits == 0)
    return fail("expected a dtype of the format, got " + printJson(*dtype));
  if (!readSizes(*entry, "shape", tensor.shape) || !readSizes(*entry, "data_offsets", offsets))
    return false;

  std::optional<int64_t> size = bits;
  if (llvm::is_contained(tensor.shape, 0))
    size = 0; // whatever the others would multiply to
  else
    for (int64_t dim : tensor.shape)
      if (!(size = llvm::checkedMul(*size, dim)))
        return fail("expected a shape of less than 2^63 bits, got a larger one");
  if (*size % 8 != 0)
    return fail("expected a whole number of bytes, got " + Twine(*size) + " bits");
  if (offsets.size() != 2 || offsets[0] > offsets[1])
    return fail("expected data_offsets to be a begin and an end, got " + printJson(*entry->get("data_offsets")));
  if (static_cast<uint64_t>(offsets[1]) > dataBytes)
    return fail("expected data_offsets within the " + Twine(dataBytes) + " bytes of data, got an end of " +
                Twine(offsets[1]));
  if (offsets[1] - offsets[0] != *size / 8)
    return fail("expected " + Twine(*size / 8) + " bytes for the dtype and the shape, got " +
                Twine(offsets[1] - offsets[0]));
  return true;
}

namespace {
struct Extent {
  int64_t begin, end;
  StringRef name;
};
} // namespace

/// No two tensors share bytes, and none are left over: the format has no gaps, so both mean that offsets are wrong.
static LogicalResult checkLayout(MLIRContext &context, StringRef path, SmallVectorImpl<Extent> &extents,
                                 int64_t dataBytes) {
  llvm::sort(extents, [](const Extent &a, const Extent &b) {
    return std::tie(a.begin, a.end, a.name) < std::tie(b.begin, b.end, b.name);
  });
  auto error = [&] { return emitError(fileLocation(context, path)); };
  int64_t end = 0;
  StringRef before;
  for (const Extent &extent : extents) {
    if (extent.begin < end)
      return error() << "expected tensors that do not overlap, got " << printJson(before) << " until byte " << end
                     << " of the data and " << printJson(extent.name) << " from byte " << extent.begin;
    if (extent.begin > end)
      break;
    end = extent.end;
    before = extent.name;
  }
  if (end == dataBytes)
    return success();
  return error() << "expected tensors for all " << dataBytes << " bytes of the data, got none from byte " << end;
}

/// The text of the header and the number of bytes behind it.
static FailureOr<std::pair<std::string, uint64_t>> readHeaderText(MLIRContext &context, StringRef path) {
  auto error = [&] { return emitError(fileLocation(context, path)); };
  llvm::sys::fs::file_status status;
  if (std::error_code code = llvm::sys::fs::status(path, status))
    return error() << "expected a file, got an error: " << code.message();
  if (!llvm::sys::fs::is_regular_file(status))
    return error() << "expected a regular file, got something else";
  uint64_t fileBytes = status.getSize();
  if (fileBytes < 8)
    return error() << "expected a safetensors file of at least 8 bytes, got " << fileBytes;
  auto prefix = llvm::MemoryBuffer::getFileSlice(path, 8, 0, /*IsVolatile=*/true);
  if (!prefix)
    return error() << "expected a readable file, got an error: " << prefix.getError().message();
  uint64_t headerBytes = llvm::support::endian::read64le((*prefix)->getBufferStart());
  uint64_t most = std::min(fileBytes - 8, mostHeaderBytes);
  if (headerBytes > most)
    return error() << "expected a header of at most " << most << " bytes, got a length of " << headerBytes;
  if (headerBytes == 0)
    return error() << "expected a header, got a length of 0";
  auto header = llvm::MemoryBuffer::getFileSlice(path, headerBytes, 8, /*IsVolatile=*/true);
  if (!header)
    return error() << "expected a readable file, got an error: " << header.getError().message();
  if ((*header)->getBufferSize() != headerBytes)
    return error() << "expected a header of " << headerBytes << " bytes, got " << (*header)->getBufferSize();
  return std::pair((*header)->getBuffer().str(), fileBytes - 8 - headerBytes);
}

LogicalResult linnet::checkpoint::readSafetensorsHeader(MLIRContext &context, StringRef path, TensorTable &tensors) {
  auto header = readHeaderText(context, path);
  if (failed(header))
    return failure();
  const auto &[text, dataBytes] = *header;
  FailureOr<llvm::json::Object> entries = parseJsonObject(context, text, path, /*isWholeFile=*/false);
  if (failed(entries))
    return failure();

  TensorTable table;
  SmallVector<Extent> extents;
  std::map<std::string, std::string> problems;
  for (const auto &[key, value] : *entries) {
    if (key == "__metadata__")
      continue;
    StoredTensor tensor;
    tensor.file = path.str();
    EntryReader reader{dataBytes, {}, {}};
    if (reader.read(value, tensor)) {
      auto added = table.emplace(key.str(), std::move(tensor)).first;
      extents.push_back({reader.offsets[0], reader.offsets[1], added->first});
    } else {
      problems.emplace(key.str(), std::move(reader.problem));
    }
  }
  constexpr size_t mostReported = 10;
  size_t reported = 0;
  for (const auto &[name, problem] : problems) {
    if (++reported > mostReported)
      break;
    emitError(fileLocation(context, path)) << "tensor " << printJson(name) << ": " << problem;
  }
  if (problems.size() > mostReported)
    emitError(fileLocation(context, path)) << "and " << problems.size() - mostReported << " more entries like these";
  if (!problems.empty() || failed(checkLayout(context, path, extents, static_cast<int64_t>(dataBytes))))
    return failure();
  tensors.merge(table);
  return success();
}

LogicalResult linnet::checkpoint::readShardedHeaders(MLIRContext &context, StringRef path, TensorTable &tensors) {
  FailureOr<std::string> text = readTextFile(context, path, mostHeaderBytes);
  if (failed(text))
    return failure();
  FailureOr<llvm::json::Object> index = parseJsonObject(context, *text, path);
  if (failed(index))
    return failure();
  Location loc = fileLocation(context, path);
  const llvm::json::Object *map = index->getObject("weight_map");
  if (!map)
    return emitError(loc) << "expected weight_map to be an object, got "
                          << (index->get("weight_map") ? "something else" : "none");

  std::map<std::string, std::string> fileOf;
  std::set<std::string> files;
  for (const auto &[name, value] : *map) {
    std::optional<StringRef> file = value.getAsString();
    // A checkpoint is one folder: what is read does not depend on what an index says of others.
    if (!file || file->empty() || *file == "." || *file == ".." || file->find_first_of("/\\") != StringRef::npos ||
        file->contains('\0'))
      return emitError(loc) << "expected weight_map to name files of this folder, got " << printJson(value);
    fileOf.emplace(name.str(), file->str());
    files.insert(file->str());
  }

  std::map<std::string, TensorTable> tableOf;
  for (const std::string &file : files) {
    SmallString<256> shard(llvm::sys::path::parent_path(path));
    llvm::sys::path::append(shard, file);
    if (failed(readSafetensorsHeader(context, shard, tableOf[file])))
      return failure();
  }
  for (const auto &[name, file] : fileOf) {
    TensorTable &table = tableOf[file];
    auto tensor = table.find(name);
    if (tensor == table.end())
      return emitError(loc) << "expected tensor " << printJson(name) << " in " << printJson(file)
                            << " as weight_map says, got none";
    tensors.emplace(name, tensor->second);
  }
  return success();
}
