/*===- generate.c - continues a text with a byte-level model ----------------===*
 *
 * Part of the Linnet project, under the Apache License v2.0 with LLVM
 * Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===----------------------------------------------------------------------===*
 *
 *   cc -std=c99 generate.c -llinnet_runtime -o generate
 *   ./generate model.so model_dir "In the beginning" 200
 *
 *===----------------------------------------------------------------------===*/

#include "linnet/linnet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Says what went wrong; the runtime knows the details. */
static int failed(const char *what) {
  fprintf(stderr, "generate: error: %s: %s\n", what, linnet_last_error());
  return 1;
}

static int32_t likeliest(const float *logits, int64_t count) {
  int64_t best = 0;
  for (int64_t i = 1; i < count; ++i)
    if (logits[i] > logits[best])
      best = i;
  return (int32_t)best;
}

/* Reads the prompt at once, then writes one byte after the other. */
static int generate(linnet_session *session, const char *prompt, long count) {
  size_t length = strlen(prompt);
  int64_t vocabulary = linnet_session_vocabulary(session);
  const float *logits;
  int32_t *tokens = malloc(length * sizeof(*tokens));
  if (!tokens) {
    fprintf(stderr, "generate: error: out of memory\n");
    return 1;
  }
  for (size_t i = 0; i < length; ++i)
    tokens[i] = (unsigned char)prompt[i];
  linnet_status status = linnet_session_forward(session, tokens, 1, (int64_t)length, LINNET_LOGITS_LAST, NULL, &logits);
  free(tokens);
  if (status)
    return failed("prompt");

  for (long i = 0; i < count; ++i) {
    int32_t next = likeliest(logits, vocabulary);
    putchar(next);
    fflush(stdout);
    if (linnet_session_step(session, &next, NULL, &logits))
      return failed("step");
  }
  putchar('\n');
  return 0;
}

static int load(const char *library, const char *directory, const char *prompt, long count) {
  linnet_model *model = NULL;
  linnet_weights *weights = NULL;
  linnet_session *session = NULL;
  const char *tokenizer;
  int code = 1;
  if (linnet_model_open(library, &model))
    failed("model");
  else if (linnet_model_metadata_string(model, "tokenizer", &tokenizer))
    failed("tokenizer");
  else if (strcmp(tokenizer, "bytes"))
    fprintf(stderr, "generate: error: expected a byte-level model, got '%s'\n", tokenizer);
  else if (linnet_weights_load(model, directory, NULL, &weights))
    failed("weights");
  else if (linnet_session_create(model, weights, 1, &session))
    failed("session");
  else
    code = generate(session, prompt, count);
  linnet_session_free(session);
  linnet_weights_free(weights);
  linnet_model_close(model);
  return code;
}

int main(int argc, char **argv) {
  if (argc != 4 && argc != 5) {
    fprintf(stderr, "usage: generate MODEL.so WEIGHTS PROMPT [COUNT]\n");
    return 2;
  }
  return load(argv[1], argv[2], argv[3], argc == 5 ? strtol(argv[4], NULL, 10) : 100);
}
