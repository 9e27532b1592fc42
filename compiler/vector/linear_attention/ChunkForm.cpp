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
  if (op.getBeta() || op.getErase() || op.hasKeyDecay() || op.getBonus())
    return "the rule is not plain, or its decay is one per key";
  if (op.getNormalize() || op.getQkL2norm() || op.getBidirectional())
    return "it is normalized or bidirectional";
  if (int64_t size = lanes * DotUnit(element).getGroup(); q.getDimSize(3) % size != 0)
    return "the number of keys is no multiple of " + std::to_string(size);
  if (v.getDimSize(1) == 1 && !op.isPacked())
    return "it is one token";
  return "";
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
  return products / group + state + staging + decays + 3 * columns;
}
