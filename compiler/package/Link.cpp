//===- Link.cpp - shared libraries, without a linker on the machine -------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/package/Link.h"

#include "lld/Common/Driver.h"
#include "llvm/Support/Errno.h"
#include "llvm/Support/raw_ostream.h"

#include <cerrno>
#include <fcntl.h>
#include <mutex>
#include <sys/mman.h>
#include <thread>
#include <unistd.h>

LLD_HAS_DRIVER(elf)

using namespace llvm;

// lld reads and writes files only. It maps those that it writes, and is killed by the first page for which a disk has
// no room. So it gets files that are on no disk: one in memory for the object, and a pipe, which cannot be mapped, for
// the library.

namespace {
class Descriptor {
public:
  explicit Descriptor(int number = -1) : number(number) {}
  Descriptor(const Descriptor &) = delete;
  Descriptor &operator=(const Descriptor &) = delete;
  ~Descriptor() { reset(-1); }

  void reset(int other) {
    if (number >= 0)
      close(number);
    number = other;
  }
  int get() const { return number; }
  std::string path() const { return "/proc/self/fd/" + std::to_string(number); }

private:
  int number;
};
} // namespace

static Error write(int descriptor, StringRef bytes) {
  raw_fd_ostream os(descriptor, /*shouldClose=*/false);
  os << bytes;
  os.flush();
  std::error_code code = os.error();
  os.clear_error();
  return errorCodeToError(code);
}

Expected<std::string> linnet::linkSharedLibrary(StringRef object) {
  Descriptor input(memfd_create("object", MFD_CLOEXEC)), readEnd, writeEnd;
  int ends[2];
  if (input.get() < 0 || pipe2(ends, O_CLOEXEC))
    return errorCodeToError(std::error_code(errno, std::generic_category()));
  readEnd.reset(ends[0]);
  writeEnd.reset(ends[1]);
  if (Error error = write(input.get(), object))
    return std::move(error);

  std::string inputPath = input.path(), outputPath = writeEnd.path();
  // One thread: there is one object, and the linker's pool of threads would outlive the call. A child process of one
  // that has linked would wait for it forever.
  std::vector<const char *> arguments = {
      "ld.lld",           "-shared",         "-o", outputPath.c_str(), inputPath.c_str(),
      "--hash-style=gnu", "--build-id=none", "-s", "--gc-sections",    "--threads=1"};
  std::string message;
  raw_string_ostream errors(message);
  static std::mutex mutex; // the linker keeps its state in globals
  std::lock_guard<std::mutex> lock(mutex);

  std::string library;
  std::thread reader([&] {
    SmallVector<char, 0> bytes(1 << 16);
    for (ssize_t count; (count = sys::RetryAfterSignal(-1, ::read, readEnd.get(), bytes.data(), bytes.size())) > 0;)
      library.append(bytes.data(), static_cast<size_t>(count));
  });
  lld::Result result = lld::lldMain(arguments, nulls(), errors, {{lld::Gnu, &lld::elf::link}});
  writeEnd.reset(-1); // ends the reader
  reader.join();
  if (result.retCode != 0)
    return createStringError(StringRef(message).rtrim());
  return library;
}
