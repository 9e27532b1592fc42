//===- Require.h - what must hold for every input -------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_TEST_FUZZ_REQUIRE_H
#define LINNET_TEST_FUZZ_REQUIRE_H

#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace linnet::fuzz {

/// Ends the program, which the fuzzer counts as a crash.
inline void require(bool condition, const char *what) {
  if (condition)
    return;
  std::fprintf(stderr, "expected %s\n", what);
  std::abort();
}

/// Messages go to a line of a terminal or a log, whatever bytes of the input they quote.
inline void requireMessage(std::string_view message) {
  require(!message.empty(), "a message");
  for (unsigned char c : message)
    require(c >= 0x20 && c != 0x7f, "a message of one line without control characters");
}

} // namespace linnet::fuzz

#endif // LINNET_TEST_FUZZ_REQUIRE_H
