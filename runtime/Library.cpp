//===- Library.cpp - a compiled model's shared library --------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Library.h"

#include "Error.h"
#include "File.h"

#include <cstring>
#include <dlfcn.h>
#include <elf.h>

using namespace linnet::runtime;

/// Checks the segments and the section table, which is last in the file.
std::string linnet::runtime::checkElf(const unsigned char *data, uint64_t size) {
  if (size < SELFMAG || std::memcmp(data, ELFMAG, SELFMAG))
    return "not a shared library";
  if (size < EI_NIDENT || data[EI_CLASS] != ELFCLASS64)
    return ""; // of another machine; dlopen says so
  auto ends = [&](uint64_t offset, uint64_t count, uint64_t bytes) {
    uint64_t product, end;
    return !__builtin_mul_overflow(count, bytes, &product) && !__builtin_add_overflow(offset, product, &end) &&
           end <= size;
  };
  const char *truncated = "the file is shorter than its headers say";
  Elf64_Ehdr header;
  if (size < sizeof(header))
    return truncated;
  std::memcpy(&header, data, sizeof(header));
  if (header.e_shnum && !ends(header.e_shoff, header.e_shnum, header.e_shentsize))
    return truncated;
  if (header.e_phnum && header.e_phentsize != sizeof(Elf64_Phdr))
    return "malformed program headers";
  if (!ends(header.e_phoff, header.e_phnum, sizeof(Elf64_Phdr)))
    return truncated;
  for (unsigned i = 0; i < header.e_phnum; ++i) {
    Elf64_Phdr segment;
    std::memcpy(&segment, data + header.e_phoff + i * sizeof(segment), sizeof(segment));
    if (segment.p_type == PT_LOAD && !ends(segment.p_offset, 1, segment.p_filesz))
      return truncated;
  }
  return "";
}

Library::~Library() {
  if (handle_)
    dlclose(handle_);
}

linnet_status Library::open(std::string path) {
  // Without a slash dlopen would look elsewhere than in this directory.
  if (path.find('/') == std::string::npos)
    path.insert(0, "./");
  {
    MappedFile file;
    LINNET_TRY(file.open(path));
    std::string problem = checkElf(file.data(), file.size());
    if (!problem.empty())
      return fail(LINNET_MALFORMED, quote(path), ": ", problem);
    identity_.add(file.data(), file.size());
  }
  // Bound at once, as a call must not fail halfway; local, as models have the
  // same names.
  handle_ = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle_) {
    const char *why = dlerror();
    return fail(LINNET_UNSUPPORTED, "cannot load ", quote(path), ": ", why ? why : "unknown reason");
  }
  auto entry = reinterpret_cast<linnet_model_entry_fn>(dlsym(handle_, LINNET_MODEL_ENTRY));
  if (!entry)
    return fail(LINNET_UNSUPPORTED, quote(path), " is not a compiled model: it has no function '", LINNET_MODEL_ENTRY,
                "'");
  info_ = entry(LINNET_ABI_VERSION);
  if (info_)
    return LINNET_OK;
  // Only for the message: which version it is, where that is one of the next.
  constexpr uint32_t mostProbed = LINNET_ABI_VERSION + 100;
  uint32_t version = LINNET_ABI_VERSION + 1;
  while (version <= mostProbed && !entry(version))
    ++version;
  return fail(LINNET_UNSUPPORTED, quote(path), ": expected a library of ABI version ", LINNET_ABI_VERSION, ", got ",
              version <= mostProbed ? "version " + std::to_string(version) : "another");
}
