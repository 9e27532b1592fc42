//===- File.cpp - mapped files and atomic replacement ---------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "File.h"

#include "Error.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

using namespace linnet::runtime;

MappedFile::MappedFile(MappedFile &&other) noexcept
    : start(std::exchange(other.start, nullptr)), identity_(std::exchange(other.identity_, {})) {}

MappedFile &MappedFile::operator=(MappedFile &&other) noexcept {
  std::swap(start, other.start);
  std::swap(identity_, other.identity_);
  return *this;
}

MappedFile::~MappedFile() {
  if (start)
    munmap(start, size());
}

linnet_status MappedFile::open(const std::string &path) {
  // Nonblocking: opening a pipe that nobody writes would wait for ever.
  int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0)
    return fail(errno == ENOENT || errno == ENOTDIR ? LINNET_NOT_FOUND : LINNET_IO_ERROR, "cannot open ", quote(path),
                ": ", systemMessage(errno));
  struct stat status;
  if (fstat(descriptor, &status)) {
    int code = errno;
    close(descriptor);
    return fail(LINNET_IO_ERROR, "cannot read ", quote(path), ": ", systemMessage(code));
  }
  if (!S_ISREG(status.st_mode)) {
    close(descriptor);
    return fail(LINNET_IO_ERROR, "cannot read ", quote(path), ": expected a regular file, got ",
                S_ISDIR(status.st_mode) ? "a directory" : "something else");
  }
  FileIdentity identity;
  identity.device = status.st_dev;
  identity.node = status.st_ino;
  identity.bytes = status.st_size;
  identity.seconds = status.st_mtim.tv_sec;
  identity.nanoseconds = status.st_mtim.tv_nsec;

  void *mapped = nullptr;
  if (identity.bytes > 0) {
    mapped = mmap(nullptr, static_cast<size_t>(identity.bytes), PROT_READ, MAP_PRIVATE, descriptor, 0);
    if (mapped == MAP_FAILED) {
      int code = errno;
      close(descriptor);
      return fail(LINNET_IO_ERROR, "cannot map ", quote(path), ": ", systemMessage(code));
    }
  }
  close(descriptor);
  MappedFile replaced;
  replaced.start = static_cast<unsigned char *>(mapped);
  replaced.identity_ = identity;
  std::swap(*this, replaced);
  return LINNET_OK;
}

AtomicFile::~AtomicFile() {
  if (descriptor >= 0)
    close(descriptor);
  if (!temporary.empty())
    unlink(temporary.c_str());
}

linnet_status AtomicFile::failSystem(const char *what) {
  return fail(LINNET_IO_ERROR, "cannot ", what, " ", quote(path), ": ", systemMessage(errno));
}

linnet_status AtomicFile::open() {
  // A device would be replaced by the file.
  struct stat status;
  if (!stat(path.c_str(), &status) && !S_ISREG(status.st_mode))
    return fail(LINNET_IO_ERROR, "cannot write ", quote(path), ": expected a regular file or none, got ",
                S_ISDIR(status.st_mode) ? "a directory" : "something else");
  // Created here rather than by mkstemp, whose files only their owner reads.
  // A number per process keeps apart writers in several threads; a name that a
  // dead process with this id has left is passed over.
  static std::atomic<unsigned> counter{0};
  for (int attempt = 0; attempt < 1000; ++attempt) {
    std::string candidate = path + ".tmp." + std::to_string(getpid()) + "." + std::to_string(counter.fetch_add(1));
    descriptor = ::open(candidate.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor >= 0) {
      temporary = std::move(candidate);
      return LINNET_OK;
    }
    if (errno != EEXIST)
      break;
  }
  return failSystem("write");
}

linnet_status AtomicFile::write(const void *data, size_t bytes) {
  const char *at = static_cast<const char *>(data);
  while (bytes) {
    ssize_t done = ::write(descriptor, at, bytes);
    if (done < 0) {
      if (errno == EINTR)
        continue;
      return failSystem("write");
    }
    at += done;
    bytes -= static_cast<size_t>(done);
    written += done;
  }
  return LINNET_OK;
}

linnet_status AtomicFile::padTo(int64_t offset) {
  static constexpr char zeros[4096] = {};
  while (written < offset)
    LINNET_TRY(write(zeros, static_cast<size_t>(std::min<int64_t>(offset - written, sizeof(zeros)))));
  return LINNET_OK;
}

linnet_status AtomicFile::commit() {
  int closed = close(std::exchange(descriptor, -1));
  if (closed)
    return failSystem("write");
  if (std::rename(temporary.c_str(), path.c_str()))
    return failSystem("replace");
  temporary.clear();
  return LINNET_OK;
}

bool linnet::runtime::isDirectory(const std::string &path) {
  struct stat status;
  return stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

bool linnet::runtime::exists(const std::string &path) {
  struct stat status;
  return stat(path.c_str(), &status) == 0;
}
