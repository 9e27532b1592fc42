//===- Link.cpp - shared libraries, without a linker on the machine -------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/package/Link.h"

#include "lld/Common/Driver.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/raw_ostream.h"

#include <mutex>

LLD_HAS_DRIVER(elf)

bool linnet::linkSharedLibrary(llvm::StringRef objectPath, llvm::StringRef libraryPath, std::string &message) {
  // A process that has the library open keeps the old file: the new one is linked beside it and moved in place.
  std::string object = objectPath.str(),
              temporary = libraryPath.str() + ".tmp" + std::to_string(llvm::sys::Process::getProcessId());
  // One thread: there is one object, and the linker's pool of threads would outlive the call. A child process of one
  // that has linked would wait for it forever.
  std::vector<const char *> arguments = {"ld.lld",           "-shared",         "-o", temporary.c_str(), object.c_str(),
                                         "--hash-style=gnu", "--build-id=none", "-s", "--gc-sections",   "--threads=1"};
  llvm::raw_string_ostream errors(message);
  static std::mutex mutex; // the linker keeps its state in globals
  std::lock_guard<std::mutex> lock(mutex);
  lld::Result result = lld::lldMain(arguments, llvm::nulls(), errors, {{lld::Gnu, &lld::elf::link}});
  if (result.retCode != 0) {
    llvm::sys::fs::remove(temporary);
    return false;
  }
  if (std::error_code error = llvm::sys::fs::rename(temporary, libraryPath)) {
    message = error.message();
    llvm::sys::fs::remove(temporary);
    return false;
  }
  return true;
}
