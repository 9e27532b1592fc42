//===- MemoryFile.h - an input as a file ----------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_TEST_FUZZ_MEMORYFILE_H
#define LINNET_TEST_FUZZ_MEMORYFILE_H

#include "Require.h"

#include <string>
#include <sys/mman.h>
#include <unistd.h>

namespace linnet::fuzz {

/// For readers that want a path: a regular file without a disk.
class MemoryFile {
public:
  MemoryFile() : descriptor(memfd_create("input", MFD_CLOEXEC)) { require(descriptor >= 0, "a file in memory"); }
  MemoryFile(const MemoryFile &) = delete;
  MemoryFile &operator=(const MemoryFile &) = delete;
  ~MemoryFile() { close(descriptor); }

  std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor); }
  /// Makes it hold these bytes only.
  void set(const void *data, size_t size) {
    require(!ftruncate(descriptor, static_cast<off_t>(size)) &&
                pwrite(descriptor, data, size, 0) == static_cast<ssize_t>(size),
            "room for the input");
  }

private:
  int descriptor;
};

} // namespace linnet::fuzz

#endif // LINNET_TEST_FUZZ_MEMORYFILE_H
