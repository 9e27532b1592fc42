//===- Block.cpp - the threads of one block -------------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Block.h"

#include <algorithm>
#include <cstring>

using namespace linnet::runtime::simt;

static thread_local Block *runningBlock = nullptr;

Block &Block::current() { return *runningBlock; }

static constexpr uint64_t kArenaAlignment = 128;

void Block::prepare(const Launch &launch) {
  const linnet_kernel &kernel = launch.kernel;
  count = static_cast<uint32_t>(kernel.threads);
  while (threads.size() < count)
    threads.push_back(std::make_unique<Thread>());
  if (preparedFor == &kernel)
    return;
  preparedFor = &kernel;
  arenaBytes = static_cast<uint64_t>(kernel.shared_bytes);
  storage.reset(new char[arenaBytes + kArenaAlignment]);
  uintptr_t address = reinterpret_cast<uintptr_t>(storage.get());
  arena = storage.get() + (kArenaAlignment - address % kArenaAlignment) % kArenaAlignment;
  isBuffer.assign(arenaBytes, 0);
  for (int32_t i = 0; i < kernel.shared_count; ++i)
    std::fill_n(isBuffer.begin() + kernel.shared[i].offset, kernel.shared[i].bytes, 1);
  shadow = std::make_unique<Shadow>(arenaBytes);
}

static void runThread(void *) {
  const Launch &launch = Block::current().launch();
  launch.kernel.simt(launch.parameters);
}

bool Block::run(const Launch &launch, int64_t index) {
  prepare(launch);
  launch_ = &launch;
  index_ = index;
  epoch = 0;
  isAbandoned = false;
  runningBlock = this;
  std::memset(arena, 0xff, arenaBytes); // no number
  shadow->clear();
  for (uint32_t i = 0; i < count; ++i) {
    Thread &thread = *threads[i];
    thread.state = State::Ready;
    thread.groups.clear();
    thread.open.clear();
    thread.occurrences.clear();
    thread.fiber.start(runThread, nullptr);
  }
  uint32_t warps = (count + kWarpSize - 1) / kWarpSize;
  std::vector<uint32_t> order(warps);
  for (uint32_t i = 0; i < warps; ++i)
    order[i] = i;
  std::mt19937_64 random(launch.options.seed * 0x9e3779b97f4a7c15u + static_cast<uint64_t>(index));
  while (!isAbandoned) {
    if (launch.options.seed)
      std::shuffle(order.begin(), order.end(), random);
    for (uint32_t warp : order)
      if (!isAbandoned)
        runWarp(warp);
    if (isAbandoned)
      break;
    uint32_t ended = 0, stuck = count;
    for (uint32_t i = 0; i < count; ++i) {
      ended += threads[i]->state == State::Ended;
      if (threads[i]->state == State::AtWarp && stuck == count)
        stuck = i;
    }
    if (ended == count)
      break;
    if (stuck != count) {
      running = stuck;
      find("threads of a warp wait for one another at different places", threads[stuck]->site, Report::kNone,
           describeThread());
      isAbandoned = true;
      break;
    }
    // All that are left wait at a barrier.
    uint32_t first = count;
    for (uint32_t i = 0; i < count; ++i) {
      if (threads[i]->state != State::AtBarrier)
        continue;
      running = i;
      if (first == count)
        first = i;
      if (threads[i]->site != threads[first]->site) {
        find("threads of a block wait at different barriers", threads[first]->site, threads[i]->site, describeThread());
        isAbandoned = true;
        break;
      }
    }
    if (ended && !isAbandoned) {
      find("barrier for all threads after some have ended", threads[first]->site, Report::kNone, describeThread());
      isAbandoned = true;
    }
    for (uint32_t i = 0; i < count; ++i)
      if (threads[i]->state == State::AtBarrier)
        threads[i]->state = State::Ready;
    ++epoch;
  }
  flush();
  return !isAbandoned;
}

void Block::runWarp(uint32_t warp) {
  uint32_t begin = warp * kWarpSize, end = std::min(count, begin + kWarpSize);
  do {
    for (uint32_t i = begin; i < end && !isAbandoned; ++i)
      if (threads[i]->state == State::Ready) {
        running = i;
        if (threads[i]->fiber.resume())
          threads[i]->state = State::Ended;
      }
  } while (!isAbandoned && resolveWarp(warp));
}

/// Runs what enough lanes wait for; false where there is nothing.
bool Block::resolveWarp(uint32_t warp) {
  uint32_t begin = warp * kWarpSize, end = std::min(count, begin + kWarpSize);
  for (uint32_t i = begin; i < end; ++i) {
    Thread &first = *threads[i];
    if (first.state != State::AtWarp)
      continue;
    WarpOperands operands = {};
    for (uint32_t j = begin; j < end; ++j) {
      Thread &thread = *threads[j];
      if (thread.state != State::AtWarp || thread.site != first.site || thread.mask != first.mask)
        continue;
      operands.mask |= 1u << (j - begin);
      operands.in[j - begin] = thread.in;
      operands.out[j - begin] = thread.out;
    }
    uint32_t wanted = end - begin == kWarpSize ? first.mask : first.mask & ((1u << (end - begin)) - 1);
    if ((operands.mask & wanted) != wanted)
      continue;
    running = i;
    warpSite = first.site;
    isInWarp = true;
    first.function(*this, operands);
    isInWarp = false;
    for (uint32_t j = begin; j < end; ++j)
      if (operands.mask >> (j - begin) & 1)
        threads[j]->state = State::Ready;
    return true;
  }
  return false;
}

void Block::suspend() { threads[running]->fiber.suspend(); }

void Block::abandon() {
  isAbandoned = true;
  while (!isInWarp)
    suspend(); // never resumed
}

void Block::barrier(uint32_t site) {
  threads[running]->site = site;
  threads[running]->state = State::AtBarrier;
  suspend();
}

void Block::warp(WarpFunction function, uint32_t mask, const void *in, void *out, uint32_t site) {
  Thread &thread = *threads[running];
  thread.function = function;
  thread.mask = mask;
  thread.in = in;
  thread.out = out;
  thread.site = site;
  thread.state = State::AtWarp;
  if (!(mask >> running % kWarpSize & 1))
    find("a lane takes part in an operation of a warp whose mask leaves it out", site, Report::kNone, describeThread());
  suspend();
}

Moment Block::now() const { return {launch_->number, static_cast<uint32_t>(index_), running, epoch}; }

std::string Block::describeThread() const {
  return "block " + std::to_string(index_) + ", thread " + std::to_string(running);
}

void Block::find(const char *what, uint32_t site, uint32_t other, const std::string &details) {
  launch_->report.find(what, site, other, details);
}

void Block::access(const void *pointer, uint32_t bytes, uint32_t kind, uint32_t alignment, uint32_t site) {
  const Options &options = launch_->options;
  auto *at = static_cast<const char *>(pointer);
  bool isShared = at >= arena && at < arena + arenaBytes;
  // At most 16 bytes of a lane move at once.
  constexpr uint32_t widest = 16;
  if (options.statistics)
    for (uint32_t done = 0; done < bytes; done += widest)
      record(at + done, std::min(bytes - done, widest), isShared, site);
  if (!options.check)
    return;
  if (reinterpret_cast<uintptr_t>(pointer) % alignment)
    find("address is not aligned", site, Report::kNone,
         describeThread() + ", expected a multiple of " + std::to_string(alignment));
  bool isWrite = kind != LINNET_SIMT_LOAD;
  uint32_t other = Report::kNone;
  if (isShared) {
    uint64_t offset = static_cast<uint64_t>(at - arena);
    if (offset + bytes > arenaBytes ||
        !std::all_of(isBuffer.begin() + static_cast<int64_t>(offset),
                     isBuffer.begin() + static_cast<int64_t>(offset + bytes), [](uint8_t is) { return is; })) {
      find("outside of every shared buffer", site, Report::kNone, describeThread());
      return abandon();
    }
    if (kind != LINNET_SIMT_STORE && !shadow->isWritten(offset, bytes))
      find("shared memory is read before it is written, or before a copy has landed", site, Report::kNone,
           describeThread());
    // Blocks do not share it: the launch alone tells them apart.
    if (shadow->race(offset, bytes, isWrite, kind == LINNET_SIMT_ATOMIC, now(), site, other))
      find("race in shared memory", site, other, describeThread());
    return;
  }
  Region *region = launch_->memory.find(pointer, bytes);
  if (!region) {
    find("outside of every buffer", site, Report::kNone, describeThread() + ", " + launch_->memory.describe(pointer));
    return abandon();
  }
  if (!region->isWritable) {
    if (isWrite)
      find("a buffer that is only read is written", site, Report::kNone, describeThread() + ", '" + region->name + "'");
    return;
  }
  uint64_t offset = static_cast<uint64_t>(at - region->begin);
  if (kind != LINNET_SIMT_STORE && !region->isInitialised && !region->shadow->isWritten(offset, bytes))
    find("memory is read before it is written", site, Report::kNone, describeThread() + ", '" + region->name + "'");
  if (region->shadow->race(offset, bytes, isWrite, kind == LINNET_SIMT_ATOMIC, now(), site, other))
    find("race in memory", site, other, describeThread() + ", '" + region->name + "'");
}

void Block::accessRows(const WarpOperands &operands, uint32_t rows) {
  constexpr uint32_t rowBytes = 16;
  uint32_t warp = running / kWarpSize, before = running;
  for (uint32_t row = 0; row < rows; ++row) {
    running = warp * kWarpSize + row;
    access(*static_cast<const void *const *>(operands.in[row]), rowBytes, LINNET_SIMT_LOAD, rowBytes, warpSite);
  }
  running = before;
}

void Block::copyAsync(void *to, const void *from, uint32_t bytes, uint32_t read, uint32_t site) {
  Thread &thread = *threads[running];
  thread.open.push_back({static_cast<char *>(to), static_cast<const char *>(from), bytes, read, site});
  if (read)
    access(from, read, LINNET_SIMT_LOAD, read == bytes ? bytes : 4, site);
  access(to, bytes, LINNET_SIMT_STORE, bytes, site);
  std::memset(to, 0xff, bytes);
  shadow->forget(static_cast<uint64_t>(static_cast<char *>(to) - arena), bytes);
}

void Block::land(std::vector<Copy> &group) {
  Options quiet = launch_->options;
  for (const Copy &copy : group) {
    std::memcpy(copy.to, copy.from, copy.read);
    std::memset(copy.to + copy.read, 0, copy.bytes - copy.read);
    uint32_t other = Report::kNone;
    if (quiet.check &&
        shadow->race(static_cast<uint64_t>(copy.to - arena), copy.bytes, true, false, now(), copy.site, other))
      find("race in shared memory", copy.site, other, describeThread());
  }
  group.clear();
}

void Block::commitCopies() {
  Thread &thread = *threads[running];
  thread.groups.push_back(std::move(thread.open));
  thread.open.clear();
}

void Block::waitCopies(uint32_t kept, bool andOpen) {
  Thread &thread = *threads[running];
  while (thread.groups.size() > kept) {
    land(thread.groups.front());
    thread.groups.erase(thread.groups.begin());
  }
  if (andOpen)
    land(thread.open);
}

/// The n-th run of an instruction by each lane of a warp is one request.
void Block::record(const void *pointer, uint32_t bytes, bool isShared, uint32_t site) {
  uint32_t occurrence = threads[running]->occurrences[site]++;
  Request &request = requests[{site, occurrence, running / kWarpSize}];
  request.bytes = bytes;
  request.isShared = isShared;
  if (request.lanes < kWarpSize)
    request.addresses[request.lanes++] = isShared ? static_cast<uint64_t>(static_cast<const char *>(pointer) - arena)
                                                  : reinterpret_cast<uintptr_t>(pointer);
}

void Block::flush() {
  constexpr uint64_t bankBytes = 4, banks = 32, sectorBytes = 32;
  std::vector<uint64_t> units;
  auto makeUnique = [&] {
    std::sort(units.begin(), units.end());
    units.erase(std::unique(units.begin(), units.end()), units.end());
  };
  for (const auto &[key, request] : requests) {
    Traffic &counters = traffic[std::get<0>(key)];
    ++counters.requests;
    if (request.isShared) {
      // 128 bytes pass at a time: of wide accesses, those of a part of the lanes.
      uint32_t part = std::clamp<uint32_t>(128 / std::max<uint32_t>(request.bytes, 4), 1, kWarpSize);
      for (uint32_t lane = 0; lane < request.lanes; lane += part) {
        units.clear();
        for (uint32_t i = lane; i < std::min(request.lanes, lane + part); ++i)
          for (uint64_t at = request.addresses[i] / bankBytes; at * bankBytes < request.addresses[i] + request.bytes;
               ++at)
            units.push_back(at);
        makeUnique();
        std::array<uint32_t, banks> perBank = {};
        for (uint64_t unit : units)
          ++perBank[unit % banks];
        counters.wavefronts += *std::max_element(perBank.begin(), perBank.end());
        counters.idealWavefronts += (units.size() + banks - 1) / banks;
      }
      continue;
    }
    units.clear();
    for (uint32_t i = 0; i < request.lanes; ++i)
      for (uint64_t at = request.addresses[i]; at < request.addresses[i] + request.bytes; ++at)
        units.push_back(at);
    makeUnique();
    counters.idealSectors += (units.size() + sectorBytes - 1) / sectorBytes;
    for (uint64_t &unit : units)
      unit /= sectorBytes;
    makeUnique();
    counters.sectors += units.size();
  }
  requests.clear();
  if (launch_->options.statistics)
    launch_->report.count(traffic);
  traffic.clear();
}

static void announceAccess(const void *pointer, uint32_t bytes, uint32_t kind, uint32_t site) {
  // The alignment that the instruction relies on is above the kind.
  Block::current().access(pointer, bytes, kind & 0xff, std::max<uint32_t>(kind >> 8, 1), site);
}
static void announceIntrinsic(uint32_t number, const void *operands, void *result, uint32_t site) {
  runIntrinsic(Block::current(), number, operands, result, site);
}
static void *giveShared() { return Block::current().sharedMemory(); }

const linnet_simt &linnet::runtime::simt::getTable() {
  static const linnet_simt table = {announceAccess, announceIntrinsic, giveShared};
  return table;
}
