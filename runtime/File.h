//===- File.h - mapped files and atomic replacement -----------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_RUNTIME_FILE_H
#define LINNET_RUNTIME_FILE_H

#include "linnet/linnet.h"

#include <string>

namespace linnet::runtime {

/// What tells one state of a file from another.
struct FileIdentity {
  uint64_t device = 0;
  uint64_t node = 0;
  int64_t bytes = 0;
  int64_t seconds = 0; // of the last change
  int64_t nanoseconds = 0;
};

/// A regular file, mapped for reading.
class MappedFile {
public:
  MappedFile() = default;
  MappedFile(MappedFile &&other) noexcept;
  MappedFile &operator=(MappedFile &&other) noexcept;
  ~MappedFile();

  linnet_status open(const std::string &path);

  const unsigned char *data() const { return start; }
  size_t size() const { return static_cast<size_t>(identity_.bytes); }
  const FileIdentity &identity() const { return identity_; }

private:
  unsigned char *start = nullptr;
  FileIdentity identity_;
};

/// Writes a file next to `path` and puts it in the place of `path` only when it
/// is complete, so that a reader sees the old file or the new one. Without
/// commit nothing is left behind.
class AtomicFile {
public:
  explicit AtomicFile(std::string path) : path(std::move(path)) {}
  AtomicFile(const AtomicFile &) = delete;
  AtomicFile &operator=(const AtomicFile &) = delete;
  ~AtomicFile();

  linnet_status open();
  linnet_status write(const void *data, size_t bytes);
  /// Writes zeros up to `offset` from the start of the file.
  linnet_status padTo(int64_t offset);
  linnet_status commit();

private:
  linnet_status failSystem(const char *what);

  std::string path;
  std::string temporary;
  int descriptor = -1;
  int64_t written = 0;
};

/// Whether `path` leads to a directory, or to anything at all.
bool isDirectory(const std::string &path);
bool exists(const std::string &path);

} // namespace linnet::runtime

#endif // LINNET_RUNTIME_FILE_H
