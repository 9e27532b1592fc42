//===- SafetensorsHeader.h - the JSON header of a .safetensors file -------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_RUNTIME_SAFETENSORSHEADER_H
#define LINNET_RUNTIME_SAFETENSORSHEADER_H

#include "Safetensors.h"

namespace linnet::runtime {

/// What a header says, its form checked, its numbers not yet.
struct SafetensorsHeader {
  std::vector<StoredTensor> tensors;
  std::map<std::string, std::string> metadata;
};

/// Parses the header's text. On failure `problem` says what is wrong and where.
bool parseSafetensorsHeader(std::string_view text, SafetensorsHeader &header, std::string &problem);

/// One element type of the format.
struct StoredDtype {
  const char *name;
  int32_t dtype; // of model.h, or -1
  int bits;
};

/// Null when the format has no such type.
const StoredDtype *findStoredDtype(std::string_view name);
const StoredDtype *findStoredDtype(int32_t dtype);

} // namespace linnet::runtime

#endif // LINNET_RUNTIME_SAFETENSORSHEADER_H
