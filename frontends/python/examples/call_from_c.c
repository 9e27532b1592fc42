/*===- call_from_c.c - runs a library that linnet.jit saved -------------------===*
 *
 * Part of the Linnet project, under the Apache License v2.0 with LLVM
 * Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===----------------------------------------------------------------------===*
 *
 * The layer of new_layer.py, compiled ahead of time, in a program without
 * Python:
 *
 *   python new_layer.py layer.so
 *   cc -std=c99 call_from_c.c $(python -m linnet config) -lm -o call_from_c
 *   ./call_from_c layer.so
 *
 * It runs the layer on a sequence of any length and compares the result with
 * loops in C.
 *
 *===----------------------------------------------------------------------===*/

#include "linnet/linnet.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { width = 64 };

/* Numbers between -1 and 1, always the same. */
static void fill(float *values, size_t count, unsigned seed) {
  for (size_t i = 0; i < count; ++i) {
    seed = seed * 1664525u + 1013904223u;
    values[i] = (float)(seed >> 8) / (float)(1u << 23) - 1.0f;
  }
}

/* h[t] = exp(decay) gate[t] h[t-1] + (1 - gate[t]) x[t], and what new_layer.py
   does before and behind that. */
static void layer_in_c(const float *x, const float *gate_weight, const float *decay, const float *output_weight,
                       float *y, int64_t times) {
  double h[width] = {0}, gated[width];
  for (int64_t t = 0; t < times; ++t, x += width, y += width) {
    for (int i = 0; i < width; ++i) {
      double sum = 0;
      for (int k = 0; k < width; ++k)
        sum += (double)x[k] * gate_weight[k * width + i];
      double gate = 1 / (1 + exp(-sum));
      h[i] = exp(decay[i]) * gate * h[i] + (1 - gate) * x[i];
      gated[i] = h[i] * gate;
    }
    for (int i = 0; i < width; ++i) {
      double sum = 0;
      for (int k = 0; k < width; ++k)
        sum += gated[k] * output_weight[k * width + i];
      y[i] = (float)sum;
    }
  }
}

/* The place of a name among the arguments of a function, or -1. */
static int32_t find(const linnet_function *function, const char *name) {
  for (int32_t i = 0; i < function->argument_count; ++i)
    if (!strcmp(function->arguments[i].name, name))
      return i;
  return -1;
}

/* Runs the function `layer` of an open library. */
static int run(const linnet_model *model, int64_t times) {
  const linnet_model_info *info = linnet_model_get_info(model);
  int32_t index;
  if (linnet_model_find_function(model, "layer", &index)) {
    fprintf(stderr, "call_from_c: error: %s\n", linnet_last_error());
    return 1;
  }
  const linnet_function *function = &info->functions[index];

  size_t count = (size_t)times * width;
  float gate_weight[width * width], output_weight[width * width], decay[width];
  float *x = malloc(count * sizeof(float)), *y = malloc(count * sizeof(float)),
        *expected = malloc(count * sizeof(float));
  void **buffers = calloc((size_t)function->argument_count, sizeof(void *));
  int64_t *symbols = calloc((size_t)info->symbol_count, sizeof(int64_t));
  int status = 1;
  if (!x || !y || !expected || !buffers || !symbols) {
    fprintf(stderr, "call_from_c: error: out of memory\n");
    goto done;
  }
  fill(x, count, 1);
  fill(gate_weight, width * width, 2);
  fill(output_weight, width * width, 3);
  for (int i = 0; i < width; ++i)
    decay[i] = -0.01f * (float)i;

  /* Arguments by name: those of the Python function, and its result. */
  const char *names[] = {"x", "gate_weight", "decay", "output_weight", "result0"};
  void *data[] = {x, gate_weight, decay, output_weight, y};
  for (int i = 0; i < 5; ++i) {
    int32_t place = find(function, names[i]);
    if (place < 0) {
      fprintf(stderr, "call_from_c: error: the function has no argument %s\n", names[i]);
      goto done;
    }
    buffers[place] = data[i];
  }
  /* Sizes that may change: one sequence of this length. */
  for (int32_t i = 0; i < info->symbol_count; ++i)
    symbols[i] = strcmp(info->symbols[i], "T") ? 1 : times;

  if (linnet_call(model, index, 0, buffers, symbols)) {
    fprintf(stderr, "call_from_c: error: %s\n", linnet_last_error());
    goto done;
  }
  layer_in_c(x, gate_weight, decay, output_weight, expected, times);
  double largest = 0, difference = 0;
  for (size_t i = 0; i < count; ++i) {
    largest = fmax(largest, fabs(expected[i]));
    difference = fmax(difference, fabs((double)y[i] - expected[i]));
  }
  printf("%lld steps of %s (%s): largest value %.4f, differs from C by %.1e of it\n", (long long)times, function->name,
         info->producer, largest, difference / largest);
  status = difference > 1e-5 * largest;

done:
  free(x);
  free(y);
  free(expected);
  free(buffers);
  free(symbols);
  return status;
}

int main(int argc, char **argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: call_from_c LIBRARY\n");
    return 2;
  }
  linnet_model *model;
  if (linnet_model_open(argv[1], &model)) {
    fprintf(stderr, "call_from_c: error: %s\n", linnet_last_error());
    return 1;
  }
  int status = 0;
  for (int64_t times = 1; times <= 1000 && !status; times *= 10)
    status = run(model, times);
  linnet_model_close(model);
  return status;
}
