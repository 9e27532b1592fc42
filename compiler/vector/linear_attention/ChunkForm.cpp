//===- ChunkForm.cpp - linear attention in chunks of many tokens ----------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/vector/linear_attention/ChunkForm.h"

using namespace mlir;
using namespace linnet;

std::string linnet::explainUnchunked(LinearAttentionOp op, int64_t lanes, bool avx512Bf16) {
  Type element = getElementTypeOrSelf(op.getQ().getType());
  auto q = cast<RankedTensorType>(op.getQ().getType()), v = cast<RankedTensorType>(op.getV().getType());
  if (!element.isF32() && !element.isBF16())
    return "elements are neither f32 nor bf16";
  if (element.isBF16() && (!avx512Bf16 || lanes != 16))
    return "the target has no AVX512-BF16";
  if (op.getErase() || op.getBonus())
    return "it has a low-rank transition or a bonus";
  if (op.getNormalize() || op.getBidirectional())
    return "it is normalized or bidirectional";
  if (int64_t size = lanes * DotUnit(element).getGroup(); q.getDimSize(3) % size != 0)
    return "the number of keys is no multiple of " + std::to_string(size);
  if (v.getDimSize(1) == 1 && !op.isPacked())
    return "it is one token";
  return "";
}

int64_t ChunkForm::getSubTokens() const {
  int64_t hint = op.getSubChunkSize().value_or(lanes);
  return std::clamp<int64_t>(llvm::bit_floor<uint64_t>(hint), lanes, tokens);
}

bool ChunkForm::hasBoundedDecay() const {
  // Of the 88 that an exponent of f32 has some are left to the numbers of the rows.
  constexpr double kMostExponent = 64;
  return op.getGateLowerBound() && -op.getGateLowerBound()->convertToDouble() * getSubTokens() <= kMostExponent;
}

SmallVector<Value> ChunkBuffers::toValues() const {
  SmallVector<Value> values;
  for (Value value : {keyColumns, keyRows, scores, factors, queries, stateDecays, recalls, solve, decayedKeys, decays,
                      subQueries, subRecalls})
    if (value)
      values.push_back(value);
  return values;
}

ChunkBuffers ChunkBuffers::with(ValueRange values) const {
  ChunkBuffers other = *this;
  for (Value *value :
       {&other.keyColumns, &other.keyRows, &other.scores, &other.factors, &other.queries, &other.stateDecays,
        &other.recalls, &other.solve, &other.decayedKeys, &other.decays, &other.subQueries, &other.subRecalls})
    if (*value) {
      *value = values.front();
      values = values.drop_front();
    }
  return other;
}

double ChunkForm::countOperations() const {
  double keys = countKeys(), group = unit.getGroup();
  double columns = llvm::divideCeil(cast<RankedTensorType>(op.getV().getType()).getDimSize(3), lanes);
  double perToken = 1.0 / tokens;
  // Scores and products with v are made for tiles of rows up to their last token.
  double before = (tokens + kRows) / 2.0, beforeVectors = (tokens + lanes) / 2.0 / lanes;
  double products = keys * columns;
  if (hasReaders())
    products += keys * columns + before * columns + keys * beforeVectors;
  // The state: its decay, and the rounding of pairs of rows. Loads and stores of a chunk hide behind its products.
  double state = keys * columns * ((op.getLogDecay() ? 1 : 0) + (group > 1 && hasReaders() ? 1.5 : 0)) * perToken;
  // Keys are turned (log2 steps of two shuffles for two vectors), and joined with their factors.
  double keyVectors = keys / lanes;
  double staging = keyVectors * (op.getLogDecay() ? 6 : 2);
  if (hasReaders())
    staging += keyVectors / group * llvm::Log2_64(lanes);
  double decays = op.getLogDecay() ? 2.0 * tokens / lanes : 0;
  if (isStaged()) {
    double sub = getSubTokens(), rows = hasReaders() + (op.getBeta() ? 1 : 0);
    // What is recalled, and the substitution, whose factors are f32.
    if (op.getBeta())
      products += keys * columns + keys * beforeVectors + before * columns * group;
    // Rows are widened, multiplied and rounded; keys are decayed once more by each sub-chunk behind them, and turned.
    staging = keyVectors * (4 + 4 * rows + (tokens / sub) * (1 + llvm::Log2_64(lanes) / (2 * group)));
    // Pair by pair: a decay and a multiply-add a vector of keys, and the sum over lanes.
    decays = hasBoundedDecay() ? 0 : sub / 2 * (keyVectors * (3 + rows) + 3 * rows);
  }
  double operations = products / group + state + staging + decays + 3 * columns;
  // Staged rows go through the cache several times: a quarter more is what chunks of 32 were measured to take.
  return isStaged() ? 1.25 * operations : operations;
}
