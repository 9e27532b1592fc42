//===- Loops.h - what an expert would write by hand --------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The loops that linnet-bench runs beside Linnet, and those that find the limits of the machine. Each works on a range
// of independent blocks, so that the caller spreads them over threads. Arrays are aligned to 64 bytes.
//
// Only these files are compiled with -ffast-math and for this very machine: what is inline here would leak that.
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_BENCHMARK_LOOPS_H
#define LINNET_BENCHMARK_LOOPS_H

#include <cstdint>

namespace linnet::benchmark {

/// Whether the loops with vector registers are there. Without AVX-512 only the plain ones are.
bool hasVectorLoops();

/// The selective scan of docs/spec/scan.md with 16 states, a skip and a gate; the state starts from 0.
struct SelectiveScan {
  static constexpr int64_t kStates = 16;
  static constexpr int64_t kBlock = 64; // channels of one block

  int64_t length, channels;   // channels: a multiple of kBlock; length: of 16
  const float *u, *delta, *z; // [length, channels], or [channels, length]
  const float *a;             // [kStates, channels]
  const float *b, *c;         // [length, kStates], or [kStates, length]
  const float *d;             // [channels]
  float *y;                   // as u
};
void selectiveScanTimeFirst(const SelectiveScan &, int64_t begin, int64_t end);
void selectiveScanTimeLast(const SelectiveScan &, int64_t begin, int64_t end);

/// h[t] = a[t] h[t-1] + b[t], or the running sum of b where `a` is null; h[-1] = 0.
struct Recurrence {
  static constexpr int64_t kColumns = 128; // of one block where time is first
  static constexpr int64_t kRows = 16;     // of one block where time is last

  int64_t rows, columns; // multiples of 16; columns of kColumns where time is first
  const float *a, *b;    // [rows, columns]
  float *y;              // the same
};
/// Time is the first dimension. Streaming writes past the caches, Plain does not.
void recurrenceFirstStreaming(const Recurrence &, int64_t begin, int64_t end);
void recurrenceFirstPlain(const Recurrence &, int64_t begin, int64_t end);
/// Time is the last dimension: 16 rows turned in registers, or row by row.
void recurrenceLastTurned(const Recurrence &, int64_t begin, int64_t end);
void recurrenceLastPlain(const Recurrence &, int64_t begin, int64_t end);
/// One lane of rows * columns elements. It has one block.
void recurrenceSerial(const Recurrence &, int64_t begin, int64_t end);

/// Linear attention with a decay per head and token; keys and values of one size; the state starts from 0. A block is a
/// head.
struct LinearAttention {
  int64_t length, heads, size; // size: 64 or 128
  const float *q, *k, *v;      // [length, heads, size]
  const float *logDecay;       // [length, heads]
  float scale;
  float *o; // as v
};
void linearAttention(const LinearAttention &, int64_t begin, int64_t end);

/// Softmax attention of 64 elements to a range of keys. A block is a head.
struct Attention {
  enum class Kind { Causal, Window, Blocks };

  int64_t length, heads;
  const float *q, *k, *v; // [heads, length, 64]
  float scale;
  Kind kind;
  int64_t width; // keys of a window or a block
  float *o;      // as v

  /// The first key of query i, and the one behind its last.
  int64_t first(int64_t i) const {
    if (kind == Kind::Causal)
      return 0;
    return kind == Kind::Blocks ? i / width * width : i < width ? 0 : i - width + 1;
  }
  int64_t end(int64_t i) const {
    int64_t last = kind == Kind::Blocks ? (i / width + 1) * width : i + 1;
    return last < length ? last : length;
  }
};
void attention(const Attention &, int64_t begin, int64_t end);

/// 12 independent chains of 512-bit (256-bit without AVX-512) fused multiply-adds; returns the operations done, 0 where
/// the machine is another.
double fusedMultiplyAdds(int64_t iterations);

/// Streams; `count` is a multiple of 128.
float readStream(const float *a, int64_t count, bool prefetches);
void copyStream(const float *a, float *y, int64_t count, bool pastCaches);
void addStream(const float *a, const float *b, float *y, int64_t count, bool pastCaches);

} // namespace linnet::benchmark

#endif // LINNET_BENCHMARK_LOOPS_H
