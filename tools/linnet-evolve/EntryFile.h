//===- EntryFile.h - files of the library ---------------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_TOOLS_LINNETEVOLVE_ENTRYFILE_H
#define LINNET_TOOLS_LINNETEVOLVE_ENTRYFILE_H

#include "compiler/approximation/Library.h"

namespace linnet::approximation {

/// FUNCTION.json: a function and its entries.
struct EntryFile {
  std::string path;
  std::vector<Entry> entries;

  static llvm::Expected<EntryFile> read(llvm::StringRef path);
  llvm::Error write() const;
};

} // namespace linnet::approximation

#endif // LINNET_TOOLS_LINNETEVOLVE_ENTRYFILE_H
