//===- WriteFile.h - files that are there in full or not at all -----------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_COMPILER_PACKAGE_WRITEFILE_H
#define LINNET_COMPILER_PACKAGE_WRITEFILE_H

#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"

namespace linnet {

/// Writes a file beside `path` and moves it in place when it is complete: a reader sees the old file or the new one,
/// and an error leaves nothing behind. What is there and is no regular file, such as a pipe or a device, is written to
/// as it is, and so is standard output, "-".
llvm::Error writeFile(llvm::StringRef path, llvm::function_ref<void(llvm::raw_ostream &)> write);

/// What went wrong on standard output, if anything did.
llvm::Error flushStandardOutput();

} // namespace linnet

#endif // LINNET_COMPILER_PACKAGE_WRITEFILE_H
