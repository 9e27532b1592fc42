//===- Error.cpp - status codes and the last message ----------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Error.h"

#include <cstring>

using namespace linnet::runtime;

namespace {

/// `fixed` is used instead of `text` when there was no memory for a text.
struct LastError {
  std::string text;
  const char *fixed = nullptr;
};

thread_local LastError lastError;

} // namespace

void linnet::runtime::setLastError(std::string &&message) noexcept {
  lastError.text = std::move(message);
  lastError.fixed = nullptr;
}

linnet_status linnet::runtime::failOutOfMemory() noexcept {
  lastError.fixed = "out of memory";
  return LINNET_OUT_OF_MEMORY;
}

linnet_status linnet::runtime::failInternal(const char *what) noexcept {
  try {
    return fail(LINNET_INTERNAL_ERROR, "internal error: ", what);
  } catch (...) {
    return failOutOfMemory();
  }
}

std::string linnet::runtime::escape(std::string_view name) {
  constexpr size_t longest = 200;
  constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (char c : name.substr(0, longest)) {
    unsigned char byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
      text += "\\x";
      text += digits[byte >> 4];
      text += digits[byte & 15];
    } else {
      text += c;
    }
  }
  if (name.size() > longest)
    text += "...";
  return text;
}

std::string linnet::runtime::quote(std::string_view name) { return "'" + escape(name) + "'"; }

std::string linnet::runtime::systemMessage(int code) {
  // strerror is not safe between threads; the GNU strerror_r may ignore the
  // buffer it is given and returns the text.
  char buffer[128];
  return strerror_r(code, buffer, sizeof(buffer));
}

extern "C" const char *linnet_last_error(void) { return lastError.fixed ? lastError.fixed : lastError.text.c_str(); }

extern "C" const char *linnet_status_name(int32_t status) {
  switch (status) {
  case LINNET_OK:
    return "ok";
  case LINNET_INVALID_ARGUMENT:
    return "invalid argument";
  case LINNET_NOT_FOUND:
    return "not found";
  case LINNET_MALFORMED:
    return "malformed";
  case LINNET_MISMATCH:
    return "mismatch";
  case LINNET_UNSUPPORTED:
    return "unsupported";
  case LINNET_IO_ERROR:
    return "input or output error";
  case LINNET_OUT_OF_MEMORY:
    return "out of memory";
  case LINNET_RUN_FAILED:
    return "run failed";
  case LINNET_INTERNAL_ERROR:
    return "internal error";
  default:
    return "unknown status";
  }
}

extern "C" const char *linnet_version(void) { return "0.1.0"; }
