/*===- other_abi.c - a compiled model of another version of the ABI ---------===*
 *
 * Part of the Linnet project, under the Apache License v2.0 with LLVM
 * Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===----------------------------------------------------------------------===*/

#include "linnet/model.h"

#include <stddef.h>

#define OTHER_VERSION (LINNET_ABI_VERSION + 1)

/* Only the first field is there in every version. */
static const uint32_t info[] = {OTHER_VERSION};

const linnet_model_info *linnet_model_entry(uint32_t version) {
  return version == OTHER_VERSION ? (const linnet_model_info *)info : NULL;
}
