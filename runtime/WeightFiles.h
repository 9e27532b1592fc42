//===- WeightFiles.h - the files a model's weights are in -----------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_RUNTIME_WEIGHTFILES_H
#define LINNET_RUNTIME_WEIGHTFILES_H

#include "Safetensors.h"

namespace linnet::runtime {

/// Reads the text of a model.safetensors.index.json, `path` in messages: the file of each tensor, which lies beside the
/// index.
linnet_status readWeightIndex(const std::string &path, std::string_view text,
                              std::map<std::string, std::string> &files);

/// One .safetensors file, or the shards that an index names.
class WeightFiles {
public:
  linnet_status open(const std::string &path);

  const StoredTensor *find(std::string_view name) const;
  const std::vector<SafetensorsFile> &files() const { return files_; }

private:
  linnet_status openDirectory(const std::string &path);
  linnet_status openFile(const std::string &path);
  linnet_status openIndex(const std::string &path);

  std::vector<SafetensorsFile> files_;
  std::unordered_map<std::string_view, const StoredTensor *> tensors;
};

} // namespace linnet::runtime

#endif // LINNET_RUNTIME_WEIGHTFILES_H
