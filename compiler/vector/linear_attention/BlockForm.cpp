//===- BlockForm.cpp - linear attention in blocks of a few tokens ---------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/vector/linear_attention/BlockForm.h"

using namespace mlir;
using namespace linnet;

BlockForm::BlockForm(LinearAttentionOp op, int64_t tokens, bool keepsScale) : op(op), tokens(tokens) {
  bool isF32 = getElementTypeOrSelf(op.getQ().getType()).isF32();
  staged = op.hasKeyDecay() || op.getQkL2norm() || op.getErase() || !isF32;
  scaled = keepsScale && !staged && op.getLogDecay();
  reads = {ReadRow::Query};
  if (op.getBeta() || op.getErase())
    reads.push_back(ReadRow::Recall);
  writes = {WriteRow::Key};
  if (op.getErase())
    writes.push_back(WriteRow::Write);
  for (ReadRow read : reads) {
    // With `bidirectional` what a token reads is all in the state.
    if (read == ReadRow::Query && (op.getBidirectional() || !hasReaders()))
      continue;
    for (int64_t i = 0; i < tokens; ++i)
      for (WriteRow write : writes) {
        // Recall is of what was written before the token; so is a read before the update, but for its bonus.
        bool readsOwn = read == ReadRow::Query && (!op.getPreUpdate() || (op.getBonus() && write == WriteRow::Key));
        for (int64_t j = 0; j < i; ++j)
          dots.push_back({read, write, i, j, j, getLastDecay(read, i)});
        if (readsOwn)
          dots.push_back({read, write, i, i, i, i});
      }
  }
}

Value BlockForm::getOperand(ReadRow row) const {
  if (row == ReadRow::Query)
    return op.getQ();
  return op.getErase() ? op.getErase() : op.getK();
}

Value BlockForm::getOperand(WriteRow row) const { return row == WriteRow::Key ? op.getK() : op.getWrite(); }

int64_t BlockForm::getLastDecay(ReadRow row, int64_t i) const {
  bool readsBefore = row == ReadRow::Query ? op.getPreUpdate() : static_cast<bool>(op.getErase());
  return readsBefore ? i - 1 : i;
}

int64_t BlockForm::getDotSlot(ReadRow read, WriteRow write, int64_t i, int64_t j) const {
  const Dot *found = llvm::find_if(
      dots, [&](const Dot &dot) { return dot.read == read && dot.write == write && dot.i == i && dot.j == j; });
  return found == dots.end() ? -1 : found - dots.begin();
}

int64_t BlockForm::getReadSlot(ReadRow row, int64_t i) const {
  return dots.size() + (row == ReadRow::Query ? 0 : tokens) + i;
}

double BlockForm::countOperations(int64_t lanes) const {
  auto vectors = [&](int64_t size) { return static_cast<double>(llvm::divideCeil(size, lanes)); };
  double keys = cast<RankedTensorType>(op.getQ().getType()).getDimSize(3), keyVectors = vectors(keys);
  double columns = vectors(cast<RankedTensorType>(op.getV().getType()).getDimSize(3) + op.getNormalize());
  double perToken = 1.0 / tokens, passes = hasRecall() ? 2 : 1;
  // Multiply-adds of a row of the state, and its decay; beside them it is loaded in each pass and stored once, which
  // takes a port twice as long. What takes longer counts; then what the tokens of a block see of one another.
  double arithmetic =
      keys * columns * (reads.size() - !hasReaders() + writes.size() + (hasDecay() && !scaled ? perToken : 0));
  double memory = keys * columns * (passes + 2) * perToken;
  double inside = dots.size() * (columns + keyVectors + 3); // 3: the sum over the lanes of a dot
  double staging = countRows() * 2 * keyVectors;
  return std::max(arithmetic, memory) + (inside + staging) * perToken;
}
