//===- Safetensors.h - reader and writer of .safetensors files ------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_RUNTIME_SAFETENSORS_H
#define LINNET_RUNTIME_SAFETENSORS_H

#include "File.h"

#include "linnet/linnet.h"

#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace linnet::runtime {

/// One entry of a file's header. Types that no model of ours has (complex
/// numbers, 8-bit floats, ...) are read too: the file may hold tensors that
/// nobody asks for.
struct StoredTensor {
  std::string name;
  std::string dtypeName; // as the file spells it
  int32_t dtype = -1;    // of model.h, or -1
  std::vector<int64_t> shape;
  int64_t begin = 0; // offsets in the data section
  int64_t end = 0;
  const unsigned char *data = nullptr;

  int64_t bytes() const { return end - begin; }
};

/// A mapped file whose header was checked in full: every tensor's bytes lie in
/// the file, match its type and shape, and overlap no other's.
class SafetensorsFile {
public:
  linnet_status open(const std::string &path);
  /// Reads a file that is in memory already and stays there; `path` is its name in messages.
  linnet_status read(const std::string &path, const unsigned char *bytes, size_t size);

  const StoredTensor *find(std::string_view name) const;
  const std::vector<StoredTensor> &tensors() const { return stored; }
  /// The value of a `__metadata__` entry, or null.
  const std::string *metadata(const std::string &key) const;
  const std::string &path() const { return path_; }
  const FileIdentity &identity() const { return file.identity(); }

private:
  linnet_status checkLayout(int64_t dataBytes);

  std::string path_;
  MappedFile file;
  std::vector<StoredTensor> stored;
  std::unordered_map<std::string_view, size_t> index;
  std::map<std::string, std::string> entries;
};

/// Writes `tensors` to `path`, atomically.
linnet_status writeSafetensors(const std::string &path, const std::vector<linnet_tensor> &tensors,
                               const std::map<std::string, std::string> &metadata);

} // namespace linnet::runtime

#endif // LINNET_RUNTIME_SAFETENSORS_H
