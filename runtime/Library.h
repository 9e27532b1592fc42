//===- Library.h - a compiled model's shared library ----------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_RUNTIME_LIBRARY_H
#define LINNET_RUNTIME_LIBRARY_H

#include "Hash.h"

#include "linnet/linnet.h"

#include <string>

namespace linnet::runtime {

/// What is wrong with the bytes of a shared library, or "". dlopen maps what the headers promise and is killed by a
/// file that ends before it, such as one that is still being copied.
std::string checkElf(const unsigned char *data, uint64_t size);

/// An open library; closed again unless released.
class Library {
public:
  Library() = default;
  Library(const Library &) = delete;
  Library &operator=(const Library &) = delete;
  ~Library();

  linnet_status open(std::string path);

  /// The description, as the library gave it.
  const linnet_model_info *info() const { return info_; }
  void *handle() const { return handle_; }
  /// Has hashed the content of the file.
  const Hash &identity() const { return identity_; }
  void release() { handle_ = nullptr; }

private:
  const linnet_model_info *info_ = nullptr;
  void *handle_ = nullptr;
  Hash identity_;
};

} // namespace linnet::runtime

#endif // LINNET_RUNTIME_LIBRARY_H
