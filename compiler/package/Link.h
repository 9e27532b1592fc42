//===- Link.h - shared libraries, without a linker on the machine ---------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_COMPILER_PACKAGE_LINK_H
#define LINNET_COMPILER_PACKAGE_LINK_H

#include "llvm/Support/Error.h"

#include <string>

namespace linnet {

/// Links the bytes of one ELF object into those of a shared library.
llvm::Expected<std::string> linkSharedLibrary(llvm::StringRef object);

} // namespace linnet

#endif // LINNET_COMPILER_PACKAGE_LINK_H
