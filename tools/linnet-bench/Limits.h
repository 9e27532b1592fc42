//===- Limits.h - what the machine can do ------------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_TOOLS_LINNETBENCH_LIMITS_H
#define LINNET_TOOLS_LINNETBENCH_LIMITS_H

#include "Kernel.h"
#include "Memory.h"
#include "Team.h"

#include <string>

namespace linnet {

/// Rates in operations and bytes a second, the best seen; 0: not measured. Bytes count every stream once.
struct Streams {
  double read = 0;
  double copy = 0; // one read, one written
  double add = 0;  // two read, one written
};
struct Limits {
  double flops = 0; // float32, in fused multiply-adds
  Streams memory;   // over 256 MiB
  Streams cache;    // over 8 MiB, which fit the last cache
  double exponentials = 0;
};

/// What bounds a workload from below.
struct Bound {
  enum class Pattern { None, Read, Copy, Add };

  /// 512-bit operations on the pipes of the FMA unit, and bytes moved. Their times are added.
  double vectorOps = 0;
  double bytes = 0;
  Pattern pattern = Pattern::None;
  bool inCache = false;

  /// 0 where the machine's rate was not measured.
  double seconds(const Limits &limits) const;
};

/// Measures rates, and keeps the best.
class LimitMeter {
public:
  /// `bytes`: how much memory is streamed over.
  LimitMeter(int64_t bytes, int64_t cacheBytes);

  void measureFlops(Team &team, Limits &limits);
  void measureStreams(Team &team, Limits &limits);
  /// Shortly, what `bound` depends on.
  void measureAgain(const Bound &bound, Team &team, Limits &limits);
  /// The program of the compiler for exp2, on data in the first cache, by one thread.
  llvm::Error measureExponentials(Limits &limits);

private:
  void measureStreams(Team &team, int64_t bytes, int rounds, Bound::Pattern pattern, Streams &streams);

  int64_t bytes, cacheBytes;
  Memory memory;
  float *area;
};

} // namespace linnet

#endif // LINNET_TOOLS_LINNETBENCH_LIMITS_H
