//===- Block.h - the threads of one block ---------------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_RUNTIME_SIMT_BLOCK_H
#define LINNET_RUNTIME_SIMT_BLOCK_H

#include "Fiber.h"
#include "Memory.h"
#include "Report.h"

#include "linnet/simt.h"

#include <array>
#include <random>
#include <unordered_map>

namespace linnet::runtime::simt {

constexpr uint32_t kWarpSize = 32;

struct Options {
  bool check = true;
  bool statistics = false;
  uint64_t seed = 0; // of the order of warps; 0: in order
};

/// What all blocks of a launch share.
struct Launch {
  const linnet_kernel &kernel;
  const void *const *parameters;
  uint32_t number;
  int64_t blocks;
  Memory &memory;
  Report &report;
  const Options &options;
};

/// Where the lanes of a warp leave their operands and find their results; `mask` says which take part.
struct WarpOperands {
  uint32_t mask;
  std::array<const void *, kWarpSize> in;
  std::array<void *, kWarpSize> out;
};

/// Runs blocks one after the other on the thread that calls it, each GPU thread as a fiber.
class Block {
public:
  using WarpFunction = void (*)(Block &, const WarpOperands &);

  /// The block whose thread is running.
  static Block &current();

  /// Runs one block; false where its threads cannot go on.
  bool run(const Launch &launch, int64_t index);

  // What intrinsics do, on behalf of the running thread.
  const Launch &launch() const { return *launch_; }
  uint32_t thread() const { return running; }
  int64_t index() const { return index_; }
  void *sharedMemory() { return arena; }
  void access(const void *pointer, uint32_t bytes, uint32_t kind, uint32_t alignment, uint32_t site);
  void barrier(uint32_t site);
  /// Waits for all lanes of `mask`, then lets the last one compute for all.
  void warp(WarpFunction function, uint32_t mask, const void *in, void *out, uint32_t site);
  /// A copy to shared memory that lands as late as it may.
  void copyAsync(void *to, const void *from, uint32_t bytes, uint32_t read, uint32_t site);
  void commitCopies();
  /// Lets all but the youngest `kept` groups land.
  void waitCopies(uint32_t kept, bool andOpen);

  // What functions of warps need.
  /// Checks and counts the rows that the lanes of a matrix load read, 16 bytes each.
  void accessRows(const WarpOperands &operands, uint32_t rows);
  void countTensor(uint64_t flops) { traffic[warpSite].tensorFlops += flops; }
  void find(const char *what, uint32_t site, uint32_t other, const std::string &details);
  uint32_t site() const { return warpSite; }

private:
  enum class State : uint8_t { Ready, AtWarp, AtBarrier, Ended };
  struct Copy {
    char *to;
    const char *from;
    uint32_t bytes, read, site;
  };
  struct Thread {
    Fiber fiber;
    State state = State::Ended;
    uint32_t site = 0, mask = 0;
    const void *in = nullptr;
    void *out = nullptr;
    WarpFunction function = nullptr;
    std::vector<std::vector<Copy>> groups;
    std::vector<Copy> open;
    std::unordered_map<uint32_t, uint32_t> occurrences;
  };
  struct Request {
    std::array<uint64_t, kWarpSize> addresses;
    uint32_t lanes = 0, bytes = 0;
    bool isShared = false;
  };

  void prepare(const Launch &launch);
  void suspend();
  /// Ends the block: the running thread cannot go on. Returns only to what computes for a warp.
  void abandon();
  void runWarp(uint32_t warp);
  bool resolveWarp(uint32_t warp);
  void record(const void *pointer, uint32_t bytes, bool isShared, uint32_t site);
  void land(std::vector<Copy> &group);
  void flush();
  Moment now() const;
  std::string describeThread() const;

  const Launch *launch_ = nullptr;
  int64_t index_ = 0;
  uint32_t count = 0, running = 0, epoch = 0, warpSite = 0;
  bool isAbandoned = false, isInWarp = false;
  std::vector<std::unique_ptr<Thread>> threads;
  std::unique_ptr<char[]> storage;
  char *arena = nullptr;
  uint64_t arenaBytes = 0;
  std::vector<uint8_t> isBuffer; // of the bytes of the arena
  std::unique_ptr<Shadow> shadow;
  const linnet_kernel *preparedFor = nullptr;
  std::map<uint32_t, Traffic> traffic;
  std::map<std::tuple<uint32_t, uint32_t, uint32_t>, Request> requests; // of a warp: site, occurrence, warp
};

/// The table that kernels call.
const linnet_simt &getTable();

/// Runs an intrinsic by its number.
void runIntrinsic(Block &block, uint32_t number, const void *operands, void *result, uint32_t site);

} // namespace linnet::runtime::simt

#endif // LINNET_RUNTIME_SIMT_BLOCK_H
