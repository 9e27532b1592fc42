//===- WriteFile.cpp - files that are there in full or not at all ---------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/package/WriteFile.h"

#include "llvm/Support/FileSystem.h"

using namespace llvm;

static Error cannotWrite(StringRef path, std::error_code code) {
  return createStringError("cannot write " + path + ": " + code.message());
}

/// Flushes `os`. A stream that ends with an error that nobody has looked at would end the program.
static std::error_code finish(raw_fd_ostream &os) {
  os.flush();
  std::error_code code = os.error();
  os.clear_error();
  return code;
}

Error linnet::flushStandardOutput() {
  if (std::error_code code = finish(outs()))
    return cannotWrite("standard output", code);
  return Error::success();
}

Error linnet::writeFile(StringRef path, function_ref<void(raw_ostream &)> write) {
  if (path == "-") {
    write(outs());
    return flushStandardOutput();
  }
  sys::fs::file_status status;
  if (!sys::fs::status(path, status) && !sys::fs::is_regular_file(status)) {
    std::error_code code;
    raw_fd_ostream os(path, code, sys::fs::OF_None);
    if (!code) {
      write(os);
      code = finish(os);
    }
    return code ? cannotWrite(path, code) : Error::success();
  }
  Expected<sys::fs::TempFile> temporary =
      sys::fs::TempFile::create(path + ".tmp-%%%%%%%%", sys::fs::all_read | sys::fs::all_write);
  if (!temporary)
    return cannotWrite(path, errorToErrorCode(temporary.takeError()));
  raw_fd_ostream os(temporary->FD, /*shouldClose=*/false);
  write(os);
  if (std::error_code code = finish(os)) {
    consumeError(temporary->discard());
    return cannotWrite(path, code);
  }
  if (Error error = temporary->keep(path)) {
    std::error_code code = errorToErrorCode(std::move(error));
    consumeError(temporary->discard());
    return cannotWrite(path, code);
  }
  return Error::success();
}
