/*===- c_header.c - the public header is C99 --------------------------------===*
 *
 * Part of the Linnet project, under the Apache License v2.0 with LLVM
 * Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===----------------------------------------------------------------------===*/

#include "linnet/linnet.h"

/* A translation unit of ISO C must not be empty. */
extern int linnet_c_header_is_c99;
int linnet_c_header_is_c99 = 1;
