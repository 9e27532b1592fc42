//===- SanitizerOptions.cpp - what the fuzz targets ask of the sanitizers ---===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// libMLIR and libLLVM are not instrumented: containers and arenas that both sides use would be reported wrongly. Being
// out of memory is an error that readers must handle.
//
//===----------------------------------------------------------------------===//

extern "C" const char *__asan_default_options() {
  return "detect_container_overflow=0:allow_user_poisoning=0:allocator_may_return_null=1";
}
extern "C" const char *__ubsan_default_options() { return "print_stacktrace=1:halt_on_error=1"; }
