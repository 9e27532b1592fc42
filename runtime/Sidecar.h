//===- Sidecar.h - prepared weights kept in a file ------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The file is a header, then the prepared tensors in the model's order. Where
// each lies follows from their sizes, so the file has no table that could be
// wrong: an identity in the header covers names, types and shapes.
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_RUNTIME_SIDECAR_H
#define LINNET_RUNTIME_SIDECAR_H

#include "Model.h"
#include "WeightFiles.h"

namespace linnet::runtime {

class Sidecar {
public:
  /// The sidecar that belongs to this model and these files.
  Sidecar(std::string path, const Model &model, const WeightFiles &files);

  enum class State {
    Valid,  // mapped
    Stale,  // absent, or a sidecar of something else, or damaged
    Foreign // not a sidecar, and therefore not ours to replace
  };
  /// Maps the file if it is this sidecar, intact; else `reason` says why not.
  State map(MappedFile &file, std::string &reason) const;

  /// Tensor `index` of a mapped file.
  const void *tensor(const MappedFile &file, size_t index) const { return file.data() + offsets[index]; }

  /// Replaces the file by one with these tensors.
  linnet_status write(const std::vector<Buffer> &tensors) const;

private:
  uint64_t checksum(const std::vector<const void *> &tensors) const;

  std::string path;
  uint64_t identity = 0;
  std::vector<int64_t> sizes;
  std::vector<int64_t> offsets;
  int64_t fileBytes = 0;
};

} // namespace linnet::runtime

#endif // LINNET_RUNTIME_SIDECAR_H
