//===- Error.h - status codes and the last message ------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The runtime throws nothing of its own: a function that can fail returns
// `fail(status, parts...)`, and every entry point of the C API is wrapped in
// `guarded`, which turns what the standard library throws into a status.
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_RUNTIME_ERROR_H
#define LINNET_RUNTIME_ERROR_H

#include "linnet/linnet.h"

#include <exception>
#include <new>
#include <string>
#include <string_view>
#include <type_traits>

namespace linnet::runtime {

/// Keeps `message` as this thread's last error. Never throws: without memory
/// for the text a shorter, static one is kept.
void setLastError(std::string &&message) noexcept;
linnet_status failOutOfMemory() noexcept;
linnet_status failInternal(const char *what) noexcept;

template <typename Part> void appendPart(std::string &text, const Part &part) {
  if constexpr (std::is_integral_v<Part>)
    text += std::to_string(part);
  else
    text += std::string_view(part);
}

/// Records the concatenation of `parts` and returns `status`.
template <typename... Parts> linnet_status fail(linnet_status status, const Parts &...parts) {
  std::string message;
  (appendPart(message, parts), ...);
  setLastError(std::move(message));
  return status;
}

/// A name from outside, fit for one line of a message: control characters are
/// escaped, long ones are cut.
std::string escape(std::string_view name);
/// The same in quotes.
std::string quote(std::string_view name);

/// What the system says about `code`, an errno.
std::string systemMessage(int code);

template <typename Function> linnet_status guarded(Function &&function) noexcept {
  try {
    return function();
  } catch (const std::bad_alloc &) {
    return failOutOfMemory();
  } catch (const std::exception &error) {
    return failInternal(error.what());
  } catch (...) {
    return failInternal("unknown exception");
  }
}

} // namespace linnet::runtime

/// Leaves the enclosing function with the status when it is not LINNET_OK.
#define LINNET_TRY(expression)                                                                                         \
  do {                                                                                                                 \
    if (linnet_status tried = (expression))                                                                            \
      return tried;                                                                                                    \
  } while (false)

#endif // LINNET_RUNTIME_ERROR_H
