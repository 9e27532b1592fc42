//===- EntryFile.cpp - files of the library -------------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "EntryFile.h"

#include "compiler/package/WriteFile.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace llvm;
using namespace linnet::approximation;

Expected<EntryFile> EntryFile::read(StringRef path) {
  ErrorOr<std::unique_ptr<MemoryBuffer>> buffer = MemoryBuffer::getFile(path);
  if (!buffer)
    return createStringError("cannot read " + path + ": " + buffer.getError().message());
  Expected<std::vector<Entry>> entries = parseEntries((*buffer)->getBuffer());
  if (!entries)
    return createStringError(path + ": " + toString(entries.takeError()));
  if (entries->empty())
    return createStringError(path + ": expected entries, got none");
  return EntryFile{path.str(), std::move(*entries)};
}

Error EntryFile::write() const {
  json::Array list;
  for (const Entry &entry : entries)
    list.push_back(entry.toJson());
  json::Object file{{"function", getName(entries.front().function)}, {"entries", std::move(list)}};
  return linnet::writeFile(path, [&](raw_ostream &os) { os << formatv("{0:2}\n", json::Value(std::move(file))); });
}
