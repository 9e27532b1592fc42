//===- Link.h - shared libraries, without a linker on the machine ---------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_COMPILER_PACKAGE_LINK_H
#define LINNET_COMPILER_PACKAGE_LINK_H

#include "llvm/ADT/StringRef.h"

#include <string>

namespace linnet {

/// Links one ELF object into a shared library. On failure `message` holds what the linker said.
bool linkSharedLibrary(llvm::StringRef objectPath, llvm::StringRef libraryPath, std::string &message);

} // namespace linnet

#endif // LINNET_COMPILER_PACKAGE_LINK_H
