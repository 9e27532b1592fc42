//===- Workload.h - one thing that is measured -------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_TOOLS_LINNETBENCH_WORKLOAD_H
#define LINNET_TOOLS_LINNETBENCH_WORKLOAD_H

#include "Limits.h"
#include "Memory.h"

#include "llvm/Support/Error.h"

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace linnet {

/// A hand-written loop over independent blocks, and where it leaves its result.
struct Loop {
  std::string name;
  int64_t blocks;
  std::function<void(int64_t begin, int64_t end)> body;
  const float *result;
};

/// What a workload is meant to reach: the most its time may be, as a multiple of the fastest loop's and of the limit.
/// 0: nothing was set.
struct Goal {
  double overLoop = 0, overLimit = 0;
};

/// A workload, ready to run.
struct Case {
  std::function<llvm::Error(int threads)> linnet;
  std::vector<Loop> loops; // none: Linnet runs alone

  /// Linnet's result, compared element by element with that of every loop: at most `tolerance` times the largest
  /// element may lie between them.
  const float *result = nullptr;
  /// Fills `result` after a run of Linnet whose result is of another type.
  std::function<void()> widenResult;
  int64_t resultCount = 0;
  double tolerance = 0;
  /// A check of another kind, made once.
  std::function<llvm::Error()> check;

  Bound bound;
  Goal goal;
  /// How much a run does, for the rate.
  double items = 0;
  std::string unit;
  std::shared_ptr<void> keep; // what the functions above point into
};

struct Workload {
  std::string name;
  /// What test/benchmark/peers.py knows it as, with its sizes; "" where no peer has it.
  std::string peer;
  std::vector<std::pair<std::string, int64_t>> sizes;
  std::function<llvm::Expected<Case>()> prepare;
};

/// All of them. `quick`: small ones, to try the program out.
std::vector<Workload> allWorkloads(bool quick);

// What Workloads.cpp makes the table of.
llvm::Expected<Case> makeSelectiveScan(int64_t length, int64_t channels, bool timeLast);
/// `sums`: of a running sum, else of h = a h + b. One row of any length is a single lane.
llvm::Expected<Case> makeRecurrence(int64_t rows, int64_t columns, bool timeLast, bool sums);
/// Heads with keys and values of `size`, of f32 or bf16, and a decay per head and token.
llvm::Expected<Case> makeLinearAttention(int64_t length, int64_t heads, int64_t size, bool isBf16);
/// Heads of 64 elements of f32; `width` keys in a window, or in a block.
enum class AttentionMask { Causal, Window, Blocks };
llvm::Expected<Case> makeAttention(int64_t length, int64_t heads, AttentionMask mask, int64_t width);
/// Reads `tokens` tokens at once, or one after the other.
llvm::Expected<Case> makeModel(const std::string &directory, int64_t tokens, bool atOnce);

} // namespace linnet

#endif // LINNET_TOOLS_LINNETBENCH_WORKLOAD_H
