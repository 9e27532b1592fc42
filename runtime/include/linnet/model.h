/*===- model.h - what a compiled model and its runtime agree on ------------===*
 *
 * Part of the Linnet project, under the Apache License v2.0 with LLVM
 * Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===----------------------------------------------------------------------===*
 *
 * A compiled model is a shared library that exports one function,
 * `linnet_model_entry`. Everything it needs of the runtime arrives through the
 * `linnet_host` given to each call, so the library has no undefined compute
 * symbol. This header is plain C; the compiler (compiler/package) builds the
 * same structures as constants: change both together, and the version.
 *
 *===----------------------------------------------------------------------===*/

#ifndef LINNET_MODEL_H
#define LINNET_MODEL_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LINNET_ABI_VERSION 2u

/* Element types. The values are part of the ABI. */
enum {
  LINNET_F32 = 0,
  LINNET_F16 = 1,
  LINNET_BF16 = 2,
  LINNET_F64 = 3,
  LINNET_I8 = 4,
  LINNET_U8 = 5,
  LINNET_I32 = 6,
  LINNET_I64 = 7,
  LINNET_BOOL = 8, /* one byte, 0 or 1 */
  LINNET_I16 = 9,
  LINNET_U16 = 10,
  LINNET_U32 = 11,
  LINNET_U64 = 12
};

/* What an argument of a function is. The values are part of the ABI. */
enum {
  LINNET_INPUT = 0,    /* given by the caller, read */
  LINNET_WEIGHT = 1,   /* bound by name from the weights, read */
  LINNET_STATE_IN = 2, /* carried state before the call, read, never written */
  LINNET_PREPARED = 3, /* made once from the weights by `prepare`, then read */
  LINNET_OUTPUT = 4,   /* written */
  LINNET_STATE_OUT = 5 /* carried state after the call, written; the same name
                          and shape as one STATE_IN argument, another buffer */
};

/* One argument: a dense row-major tensor. In `prepare`, PREPARED arguments are
   the outputs; elsewhere they are inputs. */
typedef struct linnet_argument {
  const char *name;
  int32_t role;
  int32_t dtype;
  int32_t rank;
  int32_t reserved;
  const int64_t *shape; /* rank entries; d >= 0: a size; d < 0: symbol -1 - d */
} linnet_argument;

typedef struct linnet_host linnet_host;

/* The body of a parallel loop, for the iterations begin <= i < end. */
typedef void (*linnet_body)(void *environment, int64_t begin, int64_t end);

/* What a compiled function may ask of the runtime. */
struct linnet_host {
  uint32_t abi_version;
  uint32_t reserved;
  /* Runs body over 0 <= i < count, in any number of threads, and returns when
     all of it is done. `op` indexes linnet_model_info.ops (-1: none), `cost`
     estimates the nanoseconds of one iteration. Results do not depend on how
     the range is cut. */
  void (*parallel_for)(const linnet_host *host, int32_t op, int64_t count, int64_t cost, linnet_body body,
                       void *environment);
  void *implementation; /* the runtime's own */
  /* Runs kernel number `kernel` of linnet_model_info.gpu on so many blocks, as
     if after all that were launched before; parameters[i] is where parameter i
     is. What fails is reported when `run` has returned. */
  void (*launch)(const linnet_host *host, int32_t kernel, int64_t blocks, const void *const *parameters);
};

typedef struct linnet_function {
  const char *name;
  int32_t argument_count;
  int32_t reserved;
  const linnet_argument *arguments;
  /* Bytes of scratch memory that `run` needs, 64-byte aligned. */
  int64_t (*workspace_bytes)(const int64_t *symbols);
  /* buffers[i] is the data of arguments[i]; symbols[k] the value of symbol k.
     Returns 0, or a nonzero code when arguments are refused: the place of one
     among them, counted from 1, or any other. */
  int32_t (*run)(const linnet_host *host, void *const *buffers, const int64_t *symbols, void *workspace);
} linnet_function;

/* One operation of the source graph, for profiles. */
typedef struct linnet_op {
  const char *name; /* e.g. "layers.0.mixer.scan" */
  const char *kind; /* e.g. "linnet.selective_scan" */
} linnet_op;

/* A buffer in the shared memory of a block. */
typedef struct linnet_shared {
  int32_t offset; /* under simt */
  int32_t bytes;
} linnet_shared;

typedef struct linnet_kernel {
  const char *name;
  int32_t threads; /* of a block, in one dimension */
  int32_t parameter_count;
  int32_t shared_bytes; /* of all shared buffers under simt, with gaps between */
  int32_t shared_count;
  const linnet_shared *shared;
  const int32_t *parameter_bytes; /* parameter_count sizes */
  /* One thread of the kernel, as code of this machine: runtime/include/linnet/
     simt.h. */
  void (*simt)(const void *const *parameters);
} linnet_kernel;

/* An instruction of a kernel that the simt device watches. */
typedef struct linnet_site {
  const char *what;  /* e.g. "load of 4 bytes" */
  const char *where; /* e.g. "forward_3_linnet_affine_scan (model.mlir:7:3)" */
} linnet_site;

struct linnet_simt;

/* The kernels of a model that is compiled for a GPU. */
typedef struct linnet_gpu {
  const char *chip; /* e.g. "sm_80" */
  const char *hash; /* of the LLVM module that both codes are made from */
  const char *ptx;  /* ends with a zero */
  int32_t kernel_count;
  int32_t site_count;
  const linnet_kernel *kernels;
  const linnet_site *sites;
  const struct linnet_simt **simt; /* set before a kernel runs under simt */
} linnet_gpu;

/* A model that generates text has the functions
     prepare       weights -> prepared
     forward       tokens [B, T], states -> logits [B, T, V], states
     forward_last  tokens [B, T], states -> logits [B, V], states
     step          tokens [B], states -> logits [B, V], states
   A library of kernels has functions of any name. All of them share the
   symbols and, by name, the states, weights and prepared tensors. */
typedef struct linnet_model_info {
  uint32_t abi_version;
  uint32_t struct_bytes; /* sizeof(linnet_model_info) */
  const char *name;
  const char *producer; /* "linnet 0.1.0" */
  const char *target;   /* "triple cpu" */
  const char *metadata; /* JSON: architecture, vocabulary, ... */
  int32_t symbol_count;
  int32_t function_count;
  int32_t op_count;
  int32_t reserved;
  const char *const *symbols; /* e.g. "B", "T" */
  const linnet_function *functions;
  const linnet_op *ops;
  const linnet_gpu *gpu; /* NULL: made for a CPU */
} linnet_model_info;

/* The one exported symbol. Returns NULL when the version is not supported. */
typedef const linnet_model_info *(*linnet_model_entry_fn)(uint32_t abi_version);
#define LINNET_MODEL_ENTRY "linnet_model_entry"

#ifdef __cplusplus
}
#endif

#endif /* LINNET_MODEL_H */
