/*===- fake_model.c - a hand-written compiled model for tests ---------------===*
 *
 * Part of the Linnet project, under the Apache License v2.0 with LLVM
 * Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===----------------------------------------------------------------------===*
 *
 * What the compiler would make of a byte-level model whose state halves and
 * takes in the embedding of each token:
 *   sum = sum / 2 + embedding[token]; count = count + 1
 *   logits = sum . head + bias
 * `prepare` transposes the head. Two more functions test kernels.
 *
 *===----------------------------------------------------------------------===*/

#include "linnet/model.h"

#include <stddef.h>
#include <string.h>

#define VOCABULARY 256
#define WIDTH 4
#define TABLE 300 /* rows of a prepared table large enough to be skewed */

enum { SYMBOL_B, SYMBOL_T, SYMBOL_N };
#define DIM(symbol) (-1 - (symbol))

static const int64_t tokensShape[] = {DIM(SYMBOL_B), DIM(SYMBOL_T)};
static const int64_t stepTokensShape[] = {DIM(SYMBOL_B)};
static const int64_t allLogitsShape[] = {DIM(SYMBOL_B), DIM(SYMBOL_T), VOCABULARY};
static const int64_t lastLogitsShape[] = {DIM(SYMBOL_B), VOCABULARY};
static const int64_t embeddingShape[] = {VOCABULARY, WIDTH};
static const int64_t biasShape[] = {VOCABULARY};
static const int64_t headShape[] = {WIDTH, VOCABULARY};
static const int64_t tableShape[] = {TABLE, VOCABULARY};
static const int64_t sumShape[] = {DIM(SYMBOL_B), WIDTH};
static const int64_t countShape[] = {DIM(SYMBOL_B)};
static const int64_t vectorShape[] = {DIM(SYMBOL_N)};

#define HEAD "head.weight|embedding.weight"

static const linnet_argument prepareArguments[] = {{HEAD, LINNET_WEIGHT, LINNET_F32, 2, 0, embeddingShape},
                                                   {"head.packed", LINNET_PREPARED, LINNET_F32, 2, 0, headShape},
                                                   {"table", LINNET_PREPARED, LINNET_F32, 2, 0, tableShape},
                                                   {"mirror", LINNET_PREPARED, LINNET_F32, 2, 0, tableShape}};

#define MODEL_ARGUMENTS(tokens, tokensRank, logits, logitsRank)                                                        \
  {"tokens", LINNET_INPUT, LINNET_I32, tokensRank, 0, tokens},                                                         \
      {"embedding.weight", LINNET_WEIGHT, LINNET_F32, 2, 0, embeddingShape},                                           \
      {"bias", LINNET_WEIGHT, LINNET_F32, 1, 0, biasShape},                                                            \
      {"head.packed", LINNET_PREPARED, LINNET_F32, 2, 0, headShape},                                                   \
      {"table", LINNET_PREPARED, LINNET_F32, 2, 0, tableShape},                                                        \
      {"mirror", LINNET_PREPARED, LINNET_F32, 2, 0, tableShape}, {"sum", LINNET_STATE_IN, LINNET_F32, 2, 0, sumShape}, \
      {"count", LINNET_STATE_IN, LINNET_I64, 1, 0, countShape},                                                        \
      {"logits", LINNET_OUTPUT, LINNET_F32, logitsRank, 0, logits},                                                    \
      {"sum", LINNET_STATE_OUT, LINNET_F32, 2, 0, sumShape}, {                                                         \
    "count", LINNET_STATE_OUT, LINNET_I64, 1, 0, countShape                                                            \
  }

static const linnet_argument forwardArguments[] = {MODEL_ARGUMENTS(tokensShape, 2, allLogitsShape, 3)};
static const linnet_argument forwardLastArguments[] = {MODEL_ARGUMENTS(tokensShape, 2, lastLogitsShape, 2)};
static const linnet_argument stepArguments[] = {MODEL_ARGUMENTS(stepTokensShape, 1, lastLogitsShape, 2)};

static const linnet_argument vectorArguments[] = {{"x", LINNET_INPUT, LINNET_F32, 1, 0, vectorShape},
                                                  {"y", LINNET_OUTPUT, LINNET_F32, 1, 0, vectorShape}};

/*===- prepare ------------------------------------------------------------===*/

/* Tests read how often it ran. */
int32_t fake_prepare_runs;

static int64_t noWorkspace(const int64_t *symbols) {
  (void)symbols;
  return 0;
}

static int32_t prepare(const linnet_host *host, void *const *buffers, const int64_t *symbols, void *workspace) {
  const float *head = buffers[0];
  float *packed = buffers[1], *table = buffers[2], *mirror = buffers[3];
  (void)host, (void)symbols, (void)workspace;
  ++fake_prepare_runs;
  for (int v = 0; v < VOCABULARY; ++v)
    for (int w = 0; w < WIDTH; ++w)
      packed[w * VOCABULARY + v] = head[v * WIDTH + w];
  for (int i = 0; i < TABLE * VOCABULARY; ++i) {
    table[i] = (float)i;
    mirror[i] = (float)-i;
  }
  return 0;
}

/*===- forward, forward_last, step ----------------------------------------===*/

typedef struct Call {
  const int32_t *tokens;
  const float *embedding, *bias, *head, *sumIn;
  const int64_t *countIn;
  float *logits, *sumOut, *hidden; /* hidden: [B, T, WIDTH] */
  int64_t *countOut;
  int64_t T;
  int64_t rowsPerSequence; /* T, or 1 when only the last is wanted */
} Call;

static int64_t hiddenWorkspace(const int64_t *symbols) {
  return symbols[SYMBOL_B] * symbols[SYMBOL_T] * WIDTH * (int64_t)sizeof(float);
}

static int64_t stepWorkspace(const int64_t *symbols) { return symbols[SYMBOL_B] * WIDTH * (int64_t)sizeof(float); }

static void scanSequences(void *environment, int64_t begin, int64_t end) {
  const Call *call = environment;
  for (int64_t b = begin; b < end; ++b) {
    float *sum = call->sumOut + b * WIDTH;
    memcpy(sum, call->sumIn + b * WIDTH, WIDTH * sizeof(float));
    for (int64_t t = 0; t < call->T; ++t)
      for (int w = 0; w < WIDTH; ++w) {
        int32_t token = call->tokens[b * call->T + t];
        sum[w] = sum[w] / 2 + call->embedding[token * WIDTH + w];
        call->hidden[(b * call->T + t) * WIDTH + w] = sum[w];
      }
    call->countOut[b] = call->countIn[b] + call->T;
  }
}

static void projectRows(void *environment, int64_t begin, int64_t end) {
  const Call *call = environment;
  for (int64_t row = begin; row < end; ++row) {
    int64_t b = row / call->rowsPerSequence;
    int64_t t = call->T - call->rowsPerSequence + row % call->rowsPerSequence;
    const float *hidden = call->hidden + (b * call->T + t) * WIDTH;
    for (int v = 0; v < VOCABULARY; ++v) {
      float logit = call->bias[v];
      for (int w = 0; w < WIDTH; ++w)
        logit += hidden[w] * call->head[w * VOCABULARY + v];
      call->logits[row * VOCABULARY + v] = logit;
    }
  }
}

static int32_t runModel(const linnet_host *host, void *const *buffers, int64_t B, int64_t T, int64_t rowsPerSequence,
                        void *workspace) {
  Call call = {buffers[0], buffers[1], buffers[2], buffers[3],  buffers[6], buffers[7],
               buffers[8], buffers[9], workspace,  buffers[10], T,          rowsPerSequence};
  /* The caller's state must be another buffer than the one written. */
  if (call.sumIn == call.sumOut || call.countIn == call.countOut)
    return 1;
  host->parallel_for(host, 0, B, 100 * T, scanSequences, &call);
  host->parallel_for(host, 1, B * rowsPerSequence, 20000, projectRows, &call);
  return 0;
}

static int32_t forward(const linnet_host *host, void *const *buffers, const int64_t *symbols, void *workspace) {
  return runModel(host, buffers, symbols[SYMBOL_B], symbols[SYMBOL_T], symbols[SYMBOL_T], workspace);
}

static int32_t forwardLast(const linnet_host *host, void *const *buffers, const int64_t *symbols, void *workspace) {
  return runModel(host, buffers, symbols[SYMBOL_B], symbols[SYMBOL_T], 1, workspace);
}

static int32_t step(const linnet_host *host, void *const *buffers, const int64_t *symbols, void *workspace) {
  return runModel(host, buffers, symbols[SYMBOL_B], 1, 1, workspace);
}

/*===- kernels ------------------------------------------------------------===*/

/* y = 2 x, by way of the workspace; a vector of 13 is refused. */

typedef struct Vectors {
  const linnet_host *host;
  const float *x;
  float *y;
  float *scratch;
} Vectors;

static int64_t vectorWorkspace(const int64_t *symbols) { return symbols[SYMBOL_N] * (int64_t)sizeof(float); }

static void doubleRange(void *environment, int64_t begin, int64_t end) {
  const Vectors *vectors = environment;
  for (int64_t i = begin; i < end; ++i) {
    vectors->scratch[i] = vectors->x[i];
    vectors->y[i] = 2 * vectors->scratch[i];
  }
}

static int32_t twice(const linnet_host *host, void *const *buffers, const int64_t *symbols, void *workspace) {
  Vectors vectors = {host, buffers[0], buffers[1], workspace};
  if (symbols[SYMBOL_N] == 13)
    return 7;
  host->parallel_for(host, -1, symbols[SYMBOL_N], 1000, doubleRange, &vectors);
  return 0;
}

/* The same in rows of 8, a loop in a loop. */

typedef struct Row {
  const Vectors *vectors;
  int64_t start;
} Row;

static void doubleInRow(void *environment, int64_t begin, int64_t end) {
  const Row *row = environment;
  doubleRange((void *)row->vectors, row->start + begin, row->start + end);
}

static void doubleRows(void *environment, int64_t begin, int64_t end) {
  Vectors *vectors = environment;
  for (int64_t i = begin; i < end; ++i) {
    Row row = {vectors, 8 * i};
    vectors->host->parallel_for(vectors->host, 2, 8, 50000, doubleInRow, &row);
  }
}

static int32_t twiceNested(const linnet_host *host, void *const *buffers, const int64_t *symbols, void *workspace) {
  Vectors vectors = {host, buffers[0], buffers[1], workspace};
  if (symbols[SYMBOL_N] % 8)
    return 8;
  host->parallel_for(host, 2, symbols[SYMBOL_N] / 8, 50000, doubleRows, &vectors);
  return 0;
}

/*===- The description ----------------------------------------------------===*/

#define COUNT(list) ((int32_t)(sizeof(list) / sizeof(list[0])))
#define FUNCTION(name, arguments, workspace, run) {name, COUNT(arguments), 0, arguments, workspace, run}

static const linnet_function functions[] = {
    FUNCTION("prepare", prepareArguments, noWorkspace, prepare),
    FUNCTION("forward", forwardArguments, hiddenWorkspace, forward),
    FUNCTION("forward_last", forwardLastArguments, hiddenWorkspace, forwardLast),
    FUNCTION("step", stepArguments, stepWorkspace, step),
    FUNCTION("twice", vectorArguments, vectorWorkspace, twice),
    FUNCTION("twice_nested", vectorArguments, vectorWorkspace, twiceNested)};

static const linnet_op ops[] = {
    {"layers.0.scan", "linnet.scan"}, {"head", "linalg.matmul"}, {"rows", "linalg.generic"}};

static const char *const symbols[] = {"B", "T", "N"};

static const linnet_model_info info = {LINNET_ABI_VERSION,
                                       sizeof(linnet_model_info),
                                       "fake",
                                       "hand",
                                       "any machine",
                                       "{\"architecture\": \"fake\", \"tokenizer\": \"bytes\", "
                                       "\"vocab_size\": 256, \"layers\": [1, 2]}",
                                       COUNT(symbols),
                                       COUNT(functions),
                                       COUNT(ops),
                                       0,
                                       symbols,
                                       functions,
                                       ops};

const linnet_model_info *linnet_model_entry(uint32_t version) { return version == LINNET_ABI_VERSION ? &info : NULL; }
