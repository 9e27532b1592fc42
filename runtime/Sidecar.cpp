//===- Sidecar.cpp - prepared weights kept in a file ----------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Sidecar.h"

#include "Error.h"
#include "Shape.h"

#include <algorithm>
#include <cstring>

using namespace linnet::runtime;

namespace {

constexpr char magic[16] = "linnet sidecar\n";

/// Also tells files of machines with another byte order.
constexpr uint32_t formatVersion = 1;

struct Header {
  char magic[16];
  uint32_t version;
  uint32_t reserved;
  uint64_t identity;
  uint64_t fileBytes;
  uint64_t checksum; // of the tensors
  uint64_t headerChecksum;
};
static_assert(sizeof(Header) == 56, "padding would be written unset");

uint64_t headerChecksum(const Header &header) {
  Hash hash;
  hash.add(&header, offsetof(Header, headerChecksum));
  return hash.value();
}

/// The next place for tensor number `large` of the large ones (-1: a small
/// one), at or after `end`. As in Buffer.h, large ones start at different cache
/// sets.
int64_t placeTensor(int64_t end, int64_t large) {
  constexpr int64_t line = 64;
  constexpr int64_t period = static_cast<int64_t>(skewedBytes);
  int64_t start = (end + line - 1) / line * line;
  if (large < 0)
    return start;
  int64_t wanted = static_cast<int64_t>(skewOf(static_cast<size_t>(large)));
  return start + (wanted - start % period + period) % period;
}

} // namespace

Sidecar::Sidecar(std::string path, const Model &model, const WeightFiles &files) : path(std::move(path)) {
  const linnet_model_info &info = model.info();
  Hash hash = model.identity();
  for (const char *text : {info.name, info.producer, info.target})
    hash.add(std::string_view(text));

  int64_t end = sizeof(Header), large = 0;
  for (int32_t i = 0; i < model.prepared().size(); ++i) {
    const linnet_argument &argument = model.prepared()[i];
    hash.add(std::string_view(argument.name));
    hash.add(std::string_view(showArgument(argument, info)));
    int64_t bytes;
    tensorBytes(argument, nullptr, bytes);
    bool isLarge = bytes >= static_cast<int64_t>(skewedBytes);
    int64_t offset = placeTensor(end, isLarge ? large++ : -1);
    sizes.push_back(bytes);
    offsets.push_back(offset);
    end = offset + bytes;
  }
  fileBytes = end;

  for (const SafetensorsFile &file : files.files()) {
    hash.add(std::string_view(file.path()).substr(file.path().rfind('/') + 1));
    hash.add(file.identity().bytes);
    hash.add(file.identity().seconds);
    hash.add(file.identity().nanoseconds);
    for (const StoredTensor &tensor : file.tensors()) {
      hash.add(std::string_view(tensor.name));
      hash.add(std::string_view(tensor.dtypeName));
      hash.add(tensor.begin);
      for (int64_t size : tensor.shape)
        hash.add(size);
    }
  }
  identity = hash.value();
}

uint64_t Sidecar::checksum(const std::vector<const void *> &tensors) const {
  Hash hash;
  for (size_t i = 0; i < tensors.size(); ++i)
    hash.add(tensors[i], static_cast<size_t>(sizes[i]));
  return hash.value();
}

Sidecar::State Sidecar::map(MappedFile &file, std::string &reason) const {
  MappedFile candidate;
  if (linnet_status status = candidate.open(path)) {
    if (status == LINNET_NOT_FOUND) {
      reason = quote(path) + " did not exist";
      return State::Stale;
    }
    reason = linnet_last_error();
    return State::Foreign;
  }
  // A file that holds something else is likelier a mistyped path than a
  // damaged sidecar. One that is cut short within the magic is ours.
  if (candidate.size() && std::memcmp(candidate.data(), magic, std::min(candidate.size(), sizeof(magic)))) {
    reason = quote(path) + " is not a sidecar, left alone";
    return State::Foreign;
  }
  auto stale = [&](const char *why) {
    reason = quote(path) + ": " + why;
    return State::Stale;
  };
  Header header;
  if (candidate.size() < sizeof(header))
    return stale("damaged: the header is cut short");
  std::memcpy(&header, candidate.data(), sizeof(header));
  if (header.headerChecksum != headerChecksum(header))
    return stale("damaged: the header does not match its checksum");
  if (header.version != formatVersion)
    return stale("another version of the format");
  if (header.identity != identity)
    return stale("made from another model or other weights");
  if (header.fileBytes != candidate.size() || static_cast<int64_t>(header.fileBytes) != fileBytes)
    return stale("damaged: not as long as its header says");
  // Reads the whole file, which a first run would do anyway, and is what lets
  // a damaged one be noticed at all.
  std::vector<const void *> tensors;
  for (size_t i = 0; i < sizes.size(); ++i)
    tensors.push_back(tensor(candidate, i));
  if (header.checksum != checksum(tensors))
    return stale("damaged: the data does not match its checksum");
  file = std::move(candidate);
  reason.clear();
  return State::Valid;
}

linnet_status Sidecar::write(const std::vector<Buffer> &tensors) const {
  std::vector<const void *> data;
  for (const Buffer &tensor : tensors)
    data.push_back(tensor.data());
  Header header = {};
  std::memcpy(header.magic, magic, sizeof(magic));
  header.version = formatVersion;
  header.identity = identity;
  header.fileBytes = static_cast<uint64_t>(fileBytes);
  header.checksum = checksum(data);
  header.headerChecksum = headerChecksum(header);

  // Not synchronised to the disk: what a crash of the machine leaves behind
  // fails the checksum and is made again.
  AtomicFile file(path);
  LINNET_TRY(file.open());
  LINNET_TRY(file.write(&header, sizeof(header)));
  for (size_t i = 0; i < data.size(); ++i) {
    LINNET_TRY(file.padTo(offsets[i]));
    LINNET_TRY(file.write(data[i], static_cast<size_t>(sizes[i])));
  }
  return file.commit();
}
