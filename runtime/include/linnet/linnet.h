/*===- linnet.h - the public C API of the runtime
 * ---------------------------===*
 *
 * Part of the Linnet project, under the Apache License v2.0 with LLVM
 * Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===----------------------------------------------------------------------===*
 *
 * Opens compiled models, binds their weights and runs them. Link with
 * -llinnet_runtime; examples/generate.c is a complete program.
 *
 *   linnet_model *model;
 *   linnet_weights *weights;
 *   linnet_session *session;
 *   const float *logits;
 *   linnet_model_open("model.so", &model);
 *   linnet_weights_load(model, "model_dir", NULL, &weights);
 *   linnet_session_create(model, weights, 1, &session);
 *   linnet_session_forward(session, tokens, 1, n, LINNET_LOGITS_LAST, NULL,
 *                          &logits);
 *   linnet_session_step(session, &next, NULL, &logits);
 *
 * Errors. A function that can fail returns a linnet_status; a result is stored
 * only when that is LINNET_OK. linnet_last_error() has a message that names
 * the argument, tensor or file at fault. Files are checked before they are
 * used: a damaged one is an error, never a crash. Pointers the caller passes
 * are trusted to be valid for the sizes stated here. A mapped weights file must
 * not be truncated by another process while it is in use.
 *
 * Threads. A model and its weights are immutable and may be used from any
 * number of threads. A session may be used by one thread at a time; different
 * sessions are independent. One pool of threads serves the process: a call
 * that finds it taken by another thread runs on its own thread alone.
 *
 * Fork. A child process gets a pool of its own at its first use. Fork when no
 * other thread is inside this library.
 *
 * Lifetime. Handles may be freed in any order: a session keeps its weights,
 * weights keep their model. A model opened by linnet_model_from_info must stay
 * loaded for as long as any handle made from it.
 *
 *===----------------------------------------------------------------------===*/

#ifndef LINNET_LINNET_H
#define LINNET_LINNET_H

#include "linnet/model.h"

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define LINNET_API __attribute__((visibility("default")))
#else
#define LINNET_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/*===- Errors -------------------------------------------------------------===*/

/* The values are part of the ABI. */
typedef enum linnet_status {
  LINNET_OK = 0,
  LINNET_INVALID_ARGUMENT = 1, /* the call itself is wrong */
  LINNET_NOT_FOUND = 2,        /* no such file, function, state or weight */
  LINNET_MALFORMED = 3,        /* a file is not what it should be */
  LINNET_MISMATCH = 4,         /* valid, but made for something else */
  LINNET_UNSUPPORTED = 5,      /* a model this runtime cannot run */
  LINNET_IO_ERROR = 6,         /* the system could not read, map or write */
  LINNET_OUT_OF_MEMORY = 7,
  LINNET_RUN_FAILED = 8, /* the compiled function refused its arguments */
  LINNET_INTERNAL_ERROR = 9
} linnet_status;

/* The message of the last call on this thread if that failed; unspecified text
   otherwise. Valid until the next call of this API on this thread. */
LINNET_API const char *linnet_last_error(void);

/* "ok", "invalid argument", ...; "unknown status" for any other number. */
LINNET_API const char *linnet_status_name(int32_t status);

/* The version of the runtime, "0.1.0". */
LINNET_API const char *linnet_version(void);

/*===- Element types ------------------------------------------------------===*/

/* "f32", "bf16", ...; NULL when `dtype` is none of model.h. */
LINNET_API const char *linnet_dtype_name(int32_t dtype);

/* Bytes of one element; 0 when `dtype` is none of model.h. */
LINNET_API size_t linnet_dtype_bytes(int32_t dtype);

/* A dense row-major tensor. */
typedef struct linnet_tensor {
  const char *name;
  int32_t dtype;
  int32_t rank;
  const int64_t *shape; /* rank sizes */
  const void *data;
} linnet_tensor;

/*===- Models -------------------------------------------------------------===*/

typedef struct linnet_model linnet_model;

/* Loads a compiled model from a shared library. */
LINNET_API linnet_status linnet_model_open(const char *path, linnet_model **model);

/* Uses a description that is already in memory, e.g. a model linked into the
   program. It is checked as one from a file is. */
LINNET_API linnet_status linnet_model_from_info(const linnet_model_info *info, linnet_model **model);

/* Gives the handle back; NULL is allowed here and in every other close or free
   of this API. */
LINNET_API void linnet_model_close(linnet_model *model);

/* Functions, their arguments, symbols, operations: see model.h. A size d < 0
   in a shape is the symbol info->symbols[-1 - d]. */
LINNET_API const linnet_model_info *linnet_model_get_info(const linnet_model *model);

/* Stores the index of a function in info->functions. */
LINNET_API linnet_status linnet_model_find_function(const linnet_model *model, const char *name, int32_t *function);

/* What the model needs bound and carries, gathered from all functions: each
   name once, in order of first use. Index 0 <= i < count; NULL outside. The
   arguments of weights and prepared tensors have no symbols. */
LINNET_API int32_t linnet_model_weight_count(const linnet_model *model);
LINNET_API const linnet_argument *linnet_model_weight(const linnet_model *model, int32_t index);
LINNET_API int32_t linnet_model_prepared_count(const linnet_model *model);
LINNET_API const linnet_argument *linnet_model_prepared(const linnet_model *model, int32_t index);
LINNET_API int32_t linnet_model_state_count(const linnet_model *model);
LINNET_API const linnet_argument *linnet_model_state(const linnet_model *model, int32_t index);

/* A member of the metadata's top-level object; LINNET_NOT_FOUND when it is
   absent, LINNET_MISMATCH when it is of another type. The string lives as long
   as the model. info->metadata has the whole text. */
LINNET_API linnet_status linnet_model_metadata_integer(const linnet_model *model, const char *key, int64_t *value);
LINNET_API linnet_status linnet_model_metadata_string(const linnet_model *model, const char *key, const char **value);

/*===- Devices ------------------------------------------------------------===*/

/* How the simt device runs kernels. */
typedef struct linnet_device_options {
  int32_t check;      /* races, values that were never written, bounds, ... */
  int32_t statistics; /* count what every instruction moves */
  uint64_t seed;      /* of the order in which warps run; 0: in order */
} linnet_device_options;

/* Chooses where the functions of a model run, before weights and sessions are
   made of it: "cpu" for one that is compiled for a CPU, which needs no call;
   "simt" or "cuda" for one that is compiled for a GPU. "simt" runs the kernels
   on this machine; a finding of its checks makes the call fail. "cuda" needs
   NVIDIA's driver. No `options` (NULL): checked, in order, not counted. */
LINNET_API linnet_status linnet_model_set_device(const linnet_model *model, const char *device,
                                                 const linnet_device_options *options);

/* What the device has to say of all calls so far: findings and counters of
   "simt". Valid until the next call of this function on this thread. */
LINNET_API const char *linnet_model_device_report(const linnet_model *model);

/*===- Weights ------------------------------------------------------------===*/

typedef struct linnet_weights linnet_weights;

/* Maps the weights a model needs from `path`: a .safetensors file, the
   model.safetensors.index.json of a sharded one, or a directory that has
   either (model.safetensors first). Names, types and shapes are checked; every
   missing name and every mismatch is in the one message. A weight whose name in
   the model reads "a|b" is bound to the first of a and b that the files have.
   Tensors that the model does not need are ignored.

   Then `prepare` runs once. With a `sidecar` path (NULL: none) its result is
   kept in that file: mapped when it was made from this very model and these
   very files and is intact, else written anew, atomically. The identity of a
   weights file is its name, size and time of change. A file at that path that
   holds something other than a sidecar is left alone. Trouble with the sidecar
   is no error; see linnet_weights_sidecar_use. */
LINNET_API linnet_status linnet_weights_load(const linnet_model *model, const char *path, const char *sidecar,
                                             linnet_weights **weights);

/* The same from tensors in memory. They are not copied: the caller keeps them,
   unchanged, for as long as the weights or a session on them live. */
LINNET_API linnet_status linnet_weights_from_tensors(const linnet_model *model, const linnet_tensor *tensors,
                                                     int32_t count, linnet_weights **weights);

LINNET_API void linnet_weights_free(linnet_weights *weights);

typedef enum linnet_sidecar_use {
  LINNET_SIDECAR_NONE = 0,    /* no path given, or nothing to prepare */
  LINNET_SIDECAR_MAPPED = 1,  /* valid, `prepare` did not run */
  LINNET_SIDECAR_WRITTEN = 2, /* `prepare` ran, its result was written */
  LINNET_SIDECAR_FAILED = 3   /* `prepare` ran, writing failed */
} linnet_sidecar_use;

/* What became of the sidecar. `reason` (may be NULL) gets why it was not
   mapped, "" when it was; it lives as long as the weights. */
LINNET_API linnet_sidecar_use linnet_weights_sidecar_use(const linnet_weights *weights, const char **reason);

/* The data bound to a weight or prepared tensor, by the argument's full name,
   e.g. for the buffers of linnet_call. */
LINNET_API linnet_status linnet_weights_get(const linnet_weights *weights, const char *name, linnet_tensor *tensor);

/*===- Sessions -----------------------------------------------------------===*/

typedef struct linnet_session linnet_session;

/* Of which positions a forward gives the logits; checked like any argument, so
   functions take it as a plain number. */
typedef enum linnet_logits_mode {
  LINNET_LOGITS_ALL = 0, /* of every position: [B, T, V] */
  LINNET_LOGITS_LAST = 1 /* of the last position: [B, V] */
} linnet_logits_mode;

/* A session owns the carried states of `batch` sequences, zero at first, and
   all memory that running needs. `weights` may be NULL when the model has
   none. After a first forward, another with the same or smaller B and T and
   any step allocate nothing (see linnet_session_reserve). */
LINNET_API linnet_status linnet_session_create(const linnet_model *model, const linnet_weights *weights, int64_t batch,
                                               linnet_session **session);

LINNET_API void linnet_session_free(linnet_session *session);

/* Sets all states to zero, for a new set of `batch` sequences. */
LINNET_API linnet_status linnet_session_reset(linnet_session *session, int64_t batch);

/* Allocates now what a forward of up to T tokens in this mode needs, so that
   not even the first allocates. */
LINNET_API linnet_status linnet_session_reserve(linnet_session *session, int64_t T, int32_t mode);

LINNET_API int64_t linnet_session_batch(const linnet_session *session);

/* V: the logits of one position. Tokens must be >= 0 and below "vocab_size" of
   the metadata, or below V where that is absent. */
LINNET_API int64_t linnet_session_vocabulary(const linnet_session *session);

/* Reads tokens [B, T] and advances the states by T. B must be the session's
   batch, T at least 1. The logits go to `logits` (float32, dense; sized as
   `mode` says) or, when that is NULL, to memory of the session that the next
   call on it overwrites; `result` (may be NULL) gets the place. After an error
   the states are as they were. */
LINNET_API linnet_status linnet_session_forward(linnet_session *session, const int32_t *tokens, int64_t B, int64_t T,
                                                int32_t mode, float *logits, const float **result);

/* Reads one token of each sequence, tokens [B], into logits [B, V]. */
LINNET_API linnet_status linnet_session_step(linnet_session *session, const int32_t *tokens, float *logits,
                                             const float **result);

/* State `index` of linnet_model_state, with sizes for the session's batch. The
   data is read-only and valid until the next call that changes the session. */
LINNET_API linnet_status linnet_session_state(const linnet_session *session, int32_t index, linnet_tensor *tensor);

/* Copies one state out or in; `bytes` must be its size. */
LINNET_API linnet_status linnet_session_get_state(const linnet_session *session, const char *name, void *data,
                                                  size_t bytes);
LINNET_API linnet_status linnet_session_set_state(linnet_session *session, const char *name, const void *data,
                                                  size_t bytes);

/* Saves all states, atomically, as a .safetensors file whose metadata names the
   model; restores them into a session of the same model and batch. All is
   checked before the first state changes. */
LINNET_API linnet_status linnet_session_save(const linnet_session *session, const char *path);
LINNET_API linnet_status linnet_session_restore(linnet_session *session, const char *path);

/*===- Kernels ------------------------------------------------------------===*/

/* Runs one function on the caller's buffers: buffers[i] is the data of
   argument i, aligned to its element size, dense and as large as its shape
   with symbols[k] for symbol k (NULL when the model has no symbols). A buffer
   may be NULL where that size is zero. Outputs may not overlap anything.
   `threads` limits the threads used; 0: no limit of its own. Scratch memory is
   kept by the model and used again. */
LINNET_API linnet_status linnet_call(const linnet_model *model, int32_t function, int32_t threads, void *const *buffers,
                                     const int64_t *symbols);

/*===- Threads ------------------------------------------------------------===*/

/* How many threads the process uses, the caller's included. At first the
   environment variable LINNET_NUM_THREADS, or the number of CPUs this process
   may run on. Setting waits for loops that are running. Results do not depend
   on the number. */
LINNET_API linnet_status linnet_set_num_threads(int32_t count);
LINNET_API int32_t linnet_num_threads(void);

/*===- Profiling ----------------------------------------------------------===*/

/* What is measured of every compiled call and of every parallel loop in it. */
typedef enum linnet_profile_level {
  LINNET_PROFILE_OFF = 0,   /* nothing; as good as free */
  LINNET_PROFILE_TIMES = 1, /* the times, added up per model */
  LINNET_PROFILE_EVENTS = 2 /* each single one besides; takes memory */
} linnet_profile_level;

/* Off at first. Holds for the whole process. */
LINNET_API void linnet_profile_enable(int level);

typedef struct linnet_profile_row {
  const char *name; /* of the op; "" for loops that belong to none */
  const char *kind;
  int64_t calls;
  int64_t nanoseconds;
} linnet_profile_row;

/* Stores up to `capacity` rows, one per op that ran, in the order of
   info->ops; `count` gets how many there are, `total` (may be NULL) the calls
   of and the time in compiled functions. What the rows do not add up to is
   time outside parallel loops. */
LINNET_API linnet_status linnet_profile_report(const linnet_model *model, linnet_profile_row *rows, size_t capacity,
                                               size_t *count, linnet_profile_row *total);

/* A call of a function, or a parallel loop within one. */
typedef struct linnet_profile_event {
  int32_t function;    /* of info->functions; -1: a loop */
  int32_t op;          /* of info->ops, for a loop; -1: of none */
  int64_t thread;      /* its number in the system */
  int64_t begin;       /* in nanoseconds, of CLOCK_MONOTONIC */
  int64_t nanoseconds; /* how long it took */
  /* Of a call, the values of the model's symbols, NULL where it has none; they
     live until the profile is reset. */
  const int64_t *symbols;
} linnet_profile_event;

/* Stores up to `capacity` events, in the order in which they ended; `count`
   gets how many there are. Of one model, the first 262144 are kept. */
LINNET_API linnet_status linnet_profile_events(const linnet_model *model, linnet_profile_event *events, size_t capacity,
                                               size_t *count);

/* Forgets times and events of a model. */
LINNET_API linnet_status linnet_profile_reset(const linnet_model *model);

#ifdef __cplusplus
}
#endif

#endif /* LINNET_LINNET_H */
