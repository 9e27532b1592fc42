//===- Intrinsics.cpp - what an instruction of a GPU computes -------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// From the PTX ISA: "Parallel Synchronization and Communication Instructions", "Warp Level Matrix Instructions", "Data
// Movement and Conversion Instructions: cp.async". Tensor cores sum in float64 here and round once, which a GPU does
// not: results of both differ in the last bits.
//
//===----------------------------------------------------------------------===//

#include "Block.h"

#include <algorithm>
#include <cmath>
#include <cstring>

using namespace linnet::runtime::simt;

namespace {

enum Number : uint32_t {
#define LINNET_SIMT_INTRINSIC(name) name,
#include "linnet/simt_intrinsics.def"
#undef LINNET_SIMT_INTRINSIC
};

constexpr uint32_t kAll = ~0u;

template <typename T> T take(const void *place) {
  T value;
  std::memcpy(&value, place, sizeof(T));
  return value;
}
template <typename T> void give(void *place, T value) { std::memcpy(place, &value, sizeof(T)); }

template <typename Body> void forLanes(uint32_t mask, Body &&body) {
  for (uint32_t lane = 0; lane < kWarpSize; ++lane)
    if (mask >> lane & 1)
      body(lane);
}

//===----------------------------------------------------------------------===//
// Shuffles, votes, reductions
//===----------------------------------------------------------------------===//

enum class Shuffle { Up, Down, Butterfly, Index };

/// {mask, value, b, c} -> value, or {value, whether the source lies in the segment}. c has the clamp in its low bits
/// and the segment mask from bit 8 on.
template <Shuffle Mode, bool WithPredicate> void shuffle(Block &block, const WarpOperands &operands) {
  struct Operands {
    uint32_t mask, value, b, c;
  };
  struct Result {
    uint32_t value;
    bool isInside;
  } results[kWarpSize];
  forLanes(operands.mask, [&](uint32_t lane) {
    auto own = take<Operands>(operands.in[lane]);
    uint32_t b = own.b & 31, clamp = own.c & 31, segment = own.c >> 8 & 31;
    uint32_t least = lane & segment, most = least | (clamp & ~segment);
    int64_t source = 0;
    bool isInside = false;
    switch (Mode) {
    case Shuffle::Up:
      source = int64_t(lane) - b, isInside = source >= most;
      break;
    case Shuffle::Down:
      source = lane + b, isInside = source <= most;
      break;
    case Shuffle::Butterfly:
      source = lane ^ b, isInside = source <= most;
      break;
    case Shuffle::Index:
      source = least | (b & ~segment), isInside = source <= most;
      break;
    }
    if (!isInside)
      source = lane;
    if (operands.mask >> source & 1)
      results[lane] = {take<Operands>(operands.in[source]).value, isInside};
    else
      block.find("shuffle from a lane that does not take part", block.site(), Report::kNone,
                 "lane " + std::to_string(lane) + " from " + std::to_string(source));
  });
  forLanes(operands.mask, [&](uint32_t lane) {
    give(operands.out[lane], results[lane].value);
    if (WithPredicate)
      give(static_cast<char *>(operands.out[lane]) + sizeof(uint32_t), results[lane].isInside);
  });
}

enum class Vote { Ballot, Any, All, Uniform };

/// {mask, predicate} -> a mask or a predicate.
template <Vote Kind> void vote(Block &, const WarpOperands &operands) {
  uint32_t set = 0;
  forLanes(operands.mask, [&](uint32_t lane) {
    set |= uint32_t(take<bool>(static_cast<const char *>(operands.in[lane]) + sizeof(uint32_t))) << lane;
  });
  forLanes(operands.mask, [&](uint32_t lane) {
    if (Kind == Vote::Ballot)
      give(operands.out[lane], set);
    else
      give(operands.out[lane], Kind == Vote::Any   ? set != 0
                               : Kind == Vote::All ? set == operands.mask
                                                   : set == 0 || set == operands.mask);
  });
}

/// {value, mask} -> value.
template <typename T, typename Combine> void reduce(const WarpOperands &operands, Combine combine) {
  bool isFirst = true;
  T result = 0;
  forLanes(operands.mask, [&](uint32_t lane) {
    T value = take<T>(operands.in[lane]);
    result = isFirst ? value : combine(result, value);
    isFirst = false;
  });
  forLanes(operands.mask, [&](uint32_t lane) { give(operands.out[lane], result); });
}

//===----------------------------------------------------------------------===//
// Tensor cores
//===----------------------------------------------------------------------===//

enum class Element { F16, BF16, TF32 };

template <Element Type> float toFloat(uint32_t bits) {
  if (Type == Element::F16)
    return static_cast<float>(take<_Float16>(&bits));
  // bf16 is the upper half of a float; of a tf32 the tensor core ignores the low 13 bits.
  return take<float>((bits = Type == Element::BF16 ? bits << 16 : bits & 0xffffe000u, &bits));
}

/// D[16,8] = A[16,K] B[K,8] + C of a warp: each lane gives its registers of A, B and C. Group g = lane / 4 and place
/// t = lane % 4 say which elements those are.
template <Element Type, int K> void multiply(Block &block, const WarpOperands &operands) {
  constexpr int M = 16, N = 8, perWord = Type == Element::TF32 ? 1 : 2, half = 4 * perWord;
  constexpr int wordsA = M * K / 32 / perWord, wordsB = N * K / 32 / perWord;
  static thread_local float a[M][K], b[K][N];
  static thread_local double d[M][N];
  forLanes(kAll, [&](uint32_t lane) {
    auto *words = static_cast<const char *>(operands.in[lane]);
    int g = lane / 4, t = lane % 4;
    auto element = [&](int word, int i) {
      uint32_t bits = take<uint32_t>(words + 4 * word);
      return toFloat<Type>(perWord == 1 ? bits : (bits >> 16 * i) & 0xffff);
    };
    for (int word = 0; word < wordsA; ++word)
      for (int i = 0; i < perWord; ++i)
        a[g + 8 * (word % 2)][t * perWord + i + half * (word / 2)] = element(word, i);
    for (int word = 0; word < wordsB; ++word)
      for (int i = 0; i < perWord; ++i)
        b[t * perWord + i + half * word][g] = element(wordsA + word, i);
    for (int i = 0; i < 4; ++i)
      d[g + 8 * (i / 2)][t * 2 + i % 2] = take<float>(words + 4 * (wordsA + wordsB + i));
  });
  for (int i = 0; i < M; ++i)
    for (int j = 0; j < N; ++j)
      for (int k = 0; k < K; ++k)
        d[i][j] += static_cast<double>(a[i][k]) * b[k][j];
  forLanes(kAll, [&](uint32_t lane) {
    for (int i = 0; i < 4; ++i)
      give(static_cast<char *>(operands.out[lane]) + 4 * i,
           static_cast<float>(d[lane / 4 + 8 * (i / 2)][lane % 4 * 2 + i % 2]));
  });
  block.countTensor(uint64_t(2) * M * N * K);
}

/// Loads `Count` matrices of 8 rows of 16 bytes; lane 8 i + r has the address of row r of matrix i.
template <int Count, bool Transposed> void loadMatrices(Block &block, const WarpOperands &operands) {
  uint16_t values[Count][8][8];
  block.accessRows(operands, 8 * Count);
  for (int i = 0; i < Count; ++i)
    for (int row = 0; row < 8; ++row)
      std::memcpy(values[i][row], take<const void *>(operands.in[8 * i + row]), 16);
  forLanes(kAll, [&](uint32_t lane) {
    for (int i = 0; i < Count; ++i)
      for (int e = 0; e < 2; ++e) {
        int outer = lane / 4, inner = lane % 4 * 2 + e;
        give(static_cast<char *>(operands.out[lane]) + 4 * i + 2 * e,
             Transposed ? values[i][inner][outer] : values[i][outer][inner]);
      }
  });
}

} // namespace

void linnet::runtime::simt::runIntrinsic(Block &block, uint32_t number, const void *in, void *out, uint32_t site) {
  auto warp = [&](Block::WarpFunction function, uint32_t mask) { block.warp(function, mask, in, out, site); };
  auto word = [&](int i) { return take<uint32_t>(static_cast<const char *>(in) + 4 * i); };
  auto unary = [&](float (*function)(float)) { give(out, function(take<float>(in))); };
  auto copy = [&](uint32_t bytes, bool isPartial) {
    auto *pointers = static_cast<const char *>(in);
    block.copyAsync(take<void *>(pointers), take<const void *>(pointers + 8), bytes,
                    isPartial ? std::min(take<uint32_t>(pointers + 16), bytes) : bytes, site);
  };
  switch (number) {
  case read_ptx_sreg_tid_x:
    return give(out, block.thread());
  case read_ptx_sreg_ntid_x:
    return give(out, static_cast<uint32_t>(block.launch().kernel.threads));
  case read_ptx_sreg_ctaid_x:
    return give(out, static_cast<uint32_t>(block.index()));
  case read_ptx_sreg_nctaid_x:
    return give(out, static_cast<uint32_t>(block.launch().blocks));
  // Blocks and grids have one dimension.
  case read_ptx_sreg_tid_y:
  case read_ptx_sreg_tid_z:
  case read_ptx_sreg_ctaid_y:
  case read_ptx_sreg_ctaid_z:
    return give(out, uint32_t(0));
  case read_ptx_sreg_ntid_y:
  case read_ptx_sreg_ntid_z:
  case read_ptx_sreg_nctaid_y:
  case read_ptx_sreg_nctaid_z:
    return give(out, uint32_t(1));
  case read_ptx_sreg_laneid:
    return give(out, block.thread() % kWarpSize);
  case read_ptx_sreg_warpsize:
    return give(out, kWarpSize);
  case barrier0:
  case barrier_cta_sync_aligned_all:
    return block.barrier(site);
  case bar_warp_sync:
    // Orders what lanes do, not what they do to memory in the eyes of the race check: it is stricter.
    return warp([](Block &, const WarpOperands &) {}, word(0));
#define SHUFFLE(name, mode)                                                                                            \
  case shfl_sync_##name##_i32:                                                                                         \
  case shfl_sync_##name##_f32:                                                                                         \
    return warp(shuffle<Shuffle::mode, false>, word(0));                                                               \
  case shfl_sync_##name##_i32p:                                                                                        \
  case shfl_sync_##name##_f32p:                                                                                        \
    return warp(shuffle<Shuffle::mode, true>, word(0));
    SHUFFLE(up, Up)
    SHUFFLE(down, Down)
    SHUFFLE(bfly, Butterfly)
    SHUFFLE(idx, Index)
#undef SHUFFLE
  case vote_ballot_sync:
    return warp(vote<Vote::Ballot>, word(0));
  case vote_any_sync:
    return warp(vote<Vote::Any>, word(0));
  case vote_all_sync:
    return warp(vote<Vote::All>, word(0));
  case vote_uni_sync:
    return warp(vote<Vote::Uniform>, word(0));
#define REDUCE(name, type, expression)                                                                                 \
  case redux_sync_##name:                                                                                              \
    return warp(                                                                                                       \
        [](Block &, const WarpOperands &operands) {                                                                    \
          reduce<type>(operands, [](type x, type y) -> type { return expression; });                                   \
        },                                                                                                             \
        word(1));
    REDUCE(add, uint32_t, x + y)
    REDUCE(umin, uint32_t, std::min(x, y))
    REDUCE(umax, uint32_t, std::max(x, y))
    REDUCE(min, int32_t, std::min(x, y))
    REDUCE(max, int32_t, std::max(x, y))
    REDUCE(and, uint32_t, x &y)
    REDUCE(or, uint32_t, x | y)
    REDUCE(xor, uint32_t, x ^ y)
#undef REDUCE
  case mma_m16n8k16_row_col_f32_f32:
    return warp(multiply<Element::F16, 16>, kAll);
  case mma_m16n8k8_row_col_f32_f32:
    return warp(multiply<Element::F16, 8>, kAll);
  case mma_m16n8k16_row_col_bf16:
    return warp(multiply<Element::BF16, 16>, kAll);
  case mma_m16n8k8_row_col_bf16:
    return warp(multiply<Element::BF16, 8>, kAll);
  case mma_m16n8k8_row_col_tf32:
    return warp(multiply<Element::TF32, 8>, kAll);
  case mma_m16n8k4_row_col_tf32:
    return warp(multiply<Element::TF32, 4>, kAll);
  case ldmatrix_sync_aligned_m8n8_x1_b16_p3:
    return warp(loadMatrices<1, false>, kAll);
  case ldmatrix_sync_aligned_m8n8_x2_b16_p3:
    return warp(loadMatrices<2, false>, kAll);
  case ldmatrix_sync_aligned_m8n8_x4_b16_p3:
    return warp(loadMatrices<4, false>, kAll);
  case ldmatrix_sync_aligned_m8n8_x1_trans_b16_p3:
    return warp(loadMatrices<1, true>, kAll);
  case ldmatrix_sync_aligned_m8n8_x2_trans_b16_p3:
    return warp(loadMatrices<2, true>, kAll);
  case ldmatrix_sync_aligned_m8n8_x4_trans_b16_p3:
    return warp(loadMatrices<4, true>, kAll);
  case cp_async_ca_shared_global_4:
    return copy(4, false);
  case cp_async_ca_shared_global_8:
    return copy(8, false);
  case cp_async_ca_shared_global_16:
  case cp_async_cg_shared_global_16:
    return copy(16, false);
  case cp_async_ca_shared_global_4_s:
    return copy(4, true);
  case cp_async_ca_shared_global_8_s:
    return copy(8, true);
  case cp_async_ca_shared_global_16_s:
  case cp_async_cg_shared_global_16_s:
    return copy(16, true);
  case cp_async_commit_group:
    return block.commitCopies();
  case cp_async_wait_group:
    return block.waitCopies(word(0), false);
  case cp_async_wait_all:
    return block.waitCopies(0, true);
  case ex2_approx_f:
  case ex2_approx_ftz_f:
    return unary(std::exp2);
  case lg2_approx_f:
    return unary(std::log2);
  case rcp_approx_ftz_f:
    return unary([](float x) { return 1.0f / x; });
  case rsqrt_approx_f:
    return unary([](float x) { return 1.0f / std::sqrt(x); });
  case sqrt_approx_f:
    return unary(std::sqrt);
  case tanh_approx_f:
    return unary(std::tanh);
  case sin_approx_f:
    return unary(std::sin);
  case cos_approx_f:
    return unary(std::cos);
  }
}
