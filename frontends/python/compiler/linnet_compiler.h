/*===- linnet_compiler.h - the compiler as a library ------------------------===*
 *
 * Part of the Linnet project, under the Apache License v2.0 with LLVM
 * Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===----------------------------------------------------------------------===*
 *
 * Compiles MLIR text in the process that needs the code. Programs open
 * liblinnet_compiler.so with dlopen when they first compile something, because
 * with it comes all of MLIR and LLVM; running what it made takes only the
 * runtime (linnet/linnet.h).
 *
 * All functions may be called from several threads at once. They neither print
 * nor throw nor end the process: what the compiler has to say is in the result.
 *
 *===----------------------------------------------------------------------===*/

#ifndef LINNET_COMPILER_H
#define LINNET_COMPILER_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define LINNET_COMPILER_API __attribute__((visibility("default")))
#else
#define LINNET_COMPILER_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Members that are NULL have the value in brackets. */
typedef struct linnet_compiler_options {
  const char *path;     /* [auto], fast (no falling back) or reference */
  const char *target;   /* target triple [of this machine] */
  const char *cpu;      /* e.g. x86-64-v3 [native] */
  const char *features; /* e.g. +avx2,-fma [none added or dropped] */
  /* Asked now and then while compiling, with `data`, in the thread of the call:
     not 0 makes it give up with an error [never asked] */
  int32_t (*is_cancelled)(void *data);
  void *data;
} linnet_compiler_options;

/* What a call gives. Every text ends with a zero byte and none is NULL; free
   them with linnet_compiler_free. */
typedef struct linnet_compiler_result {
  char *output;  /* the text asked for, "" where it is a file */
  char *errors;  /* "name:line:column: error: ...", with notes; "" if it worked */
  char *remarks; /* remarks and warnings in the same form */
} linnet_compiler_result;

/* Compiles the module `text` of stage `input` and writes a shared library to
   the file `output_path`. `name` stands for the file in diagnostics. Returns 0,
   or 1 when result->errors says why not; the result is filled either way. */
LINNET_COMPILER_API int32_t linnet_compiler_compile(const char *name, const char *text, size_t text_bytes,
                                                    const linnet_compiler_options *options, const char *output_path,
                                                    linnet_compiler_result *result);

/* Runs the stages up to and with `stage` (input, graph, tiled, vector or llvm)
   and stores the IR in result->output. */
LINNET_COMPILER_API int32_t linnet_compiler_print(const char *name, const char *text, size_t text_bytes,
                                                  const linnet_compiler_options *options, const char *stage,
                                                  linnet_compiler_result *result);

/* Counts the work of the functions of the module. `sizes` gives symbols of the
   module their values, "B=2,T=100" (NULL: none); every size that is not known
   then is `dynamic_size`. result->output gets a line for each function: its
   name, then operations, floating-point operations, bytes of weights, of
   states, and of what operations read and write, separated by tabs; behind it
   a line for each of its operations, which begins with a tab: its name as
   profiles have it, its kind, floating-point operations, bytes. */
LINNET_COMPILER_API int32_t linnet_compiler_count(const char *name, const char *text, size_t text_bytes,
                                                  const char *sizes, int64_t dynamic_size,
                                                  linnet_compiler_result *result);

/* Builds the module of stage `input` of an ONNX model, as text in
   result->output. `folder` is where its files of external data are. Tensors of
   floats above 4 KiB are weights of `main`, by their names in the model. */
LINNET_COMPILER_API int32_t linnet_compiler_import_onnx(const char *name, const char *bytes, size_t byte_count,
                                                        const char *folder, linnet_compiler_result *result);

/* "domain:operator" of the ONNX operators that have a lowering, one a line. */
LINNET_COMPILER_API int32_t linnet_compiler_list_onnx_operators(linnet_compiler_result *result);

LINNET_COMPILER_API void linnet_compiler_free(linnet_compiler_result *result);

/* The version of the compiler, "0.1.0". */
LINNET_COMPILER_API const char *linnet_compiler_version(void);

#ifdef __cplusplus
}
#endif

#endif /* LINNET_COMPILER_H */
