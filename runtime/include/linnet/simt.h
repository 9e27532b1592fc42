/*===- simt.h - what kernels ask of the simt device -------------------------===*
 *
 * Part of the Linnet project, under the Apache License v2.0 with LLVM
 * Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===----------------------------------------------------------------------===*
 *
 * The simt device runs the kernels of a GPU on this machine: the LLVM module
 * that PTX is made from, made into code of this machine (compiler/gpu), with a
 * fiber for each thread. What only a GPU has is a call through this table.
 *
 *===----------------------------------------------------------------------===*/

#ifndef LINNET_SIMT_H
#define LINNET_SIMT_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What an access does. */
enum { LINNET_SIMT_LOAD = 0, LINNET_SIMT_STORE = 1, LINNET_SIMT_ATOMIC = 2 };

typedef struct linnet_simt {
  /* Before every access to memory that is not the thread's own stack. `kind`
     has one of the values above in its low byte, and above it the alignment
     that the instruction relies on. `site` indexes linnet_gpu.sites. */
  void (*access)(const void *pointer, uint32_t bytes, uint32_t kind, uint32_t site);
  /* Runs an intrinsic of simt_intrinsics.def by its number. The operands lie at
     `operands` as in a C structure, the result goes to `result`. */
  void (*intrinsic)(uint32_t number, const void *operands, void *result, uint32_t site);
  /* Where the shared memory of the block begins. */
  void *(*shared)(void);
} linnet_simt;

#ifdef __cplusplus
}
#endif

#endif /* LINNET_SIMT_H */
