//===- Limits.cpp - what the machine can do ----------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Limits.h"

#include "Machine.h"
#include "test/benchmark/Loops.h"

#include "llvm/Support/raw_ostream.h"

#include <algorithm>
#include <atomic>

using namespace linnet;

double Bound::seconds(const Limits &limits) const {
  double time = 0;
  if (vectorOps > 0) {
    if (limits.flops <= 0)
      return 0;
    time += vectorOps * 32 / limits.flops; // 16 lanes, two operations each
  }
  if (bytes > 0) {
    const Streams &streams = inCache ? limits.cache : limits.memory;
    double rate = pattern == Pattern::Read ? streams.read : pattern == Pattern::Copy ? streams.copy : streams.add;
    if (rate <= 0)
      return 0;
    time += bytes / rate;
  }
  return time;
}

LimitMeter::LimitMeter(int64_t bytes, int64_t cacheBytes)
    : bytes(bytes), cacheBytes(cacheBytes), area(memory.zeros(bytes / 4)) {}

void LimitMeter::measureFlops(Team &team, Limits &limits) {
  constexpr int64_t kIterations = 150000; // half a millisecond
  std::atomic<double> done = 0;
  Stopwatch watch;
  team.run(team.size(), [&](int64_t, int64_t) { done = benchmark::fusedMultiplyAdds(kIterations); });
  limits.flops = std::max(limits.flops, done * team.size() / watch.seconds());
}

void LimitMeter::measureStreams(Team &team, int64_t bytes, int rounds, Bound::Pattern pattern, Streams &streams) {
  // Parts of the area, each a whole number of blocks, at places that do not collide.
  constexpr int64_t kBlock = 4096;
  auto measure = [&](int64_t arrays, double &rate, auto body) {
    int64_t count = bytes / 4 / arrays / kBlock * kBlock - kBlock;
    auto part = [&](int64_t i) { return area + i * (count + 1104); };
    Stopwatch watch;
    team.run(count / kBlock, [&](int64_t begin, int64_t end) { body(part, begin * kBlock, (end - begin) * kBlock); });
    rate = std::max(rate, static_cast<double>(4 * arrays * count) / watch.seconds());
  };
  std::atomic<float> sink = 0;
  auto wants = [&](Bound::Pattern one) { return pattern == Bound::Pattern::None || pattern == one; };
  for (int round = 0; round < rounds; ++round)
    for (bool variant : {false, true}) {
      if (wants(Bound::Pattern::Read))
        measure(1, streams.read, [&](auto part, int64_t at, int64_t count) {
          sink = benchmark::readStream(part(0) + at, count, /*prefetches=*/variant);
        });
      if (wants(Bound::Pattern::Copy))
        measure(2, streams.copy, [&](auto part, int64_t at, int64_t count) {
          benchmark::copyStream(part(0) + at, part(1) + at, count, /*pastCaches=*/variant);
        });
      if (wants(Bound::Pattern::Add))
        measure(3, streams.add, [&](auto part, int64_t at, int64_t count) {
          benchmark::addStream(part(0) + at, part(1) + at, part(2) + at, count, /*pastCaches=*/variant);
        });
    }
}

void LimitMeter::measureStreams(Team &team, Limits &limits) {
  measureStreams(team, bytes, 4, Bound::Pattern::None, limits.memory);
  measureStreams(team, cacheBytes, 40, Bound::Pattern::None, limits.cache);
}

void LimitMeter::measureAgain(const Bound &bound, Team &team, Limits &limits) {
  if (bound.vectorOps > 0)
    measureFlops(team, limits);
  if (bound.pattern == Bound::Pattern::None)
    return;
  if (bound.inCache)
    measureStreams(team, cacheBytes, 4, bound.pattern, limits.cache);
  else
    measureStreams(team, bytes, 1, bound.pattern, limits.memory);
}

/// A scan of 128 tokens of 16 channels, whose step adds `terms` exponentials: only there a vector of exp2 is made.
static std::string exponentialKernel(int terms) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << R"(module @exp2 {
  func.func @run(%x: tensor<128x16xf32> {linnet.role = "input", linnet.name = "x"})
      -> (tensor<128x16xf32> {linnet.role = "output", linnet.name = "y"}) {
    %zero = arith.constant 0.0 : f32
    %e = tensor.empty() : tensor<128x16xf32>
    %f = tensor.empty() : tensor<16xf32>
    %s = linalg.fill ins(%zero : f32) outs(%f : tensor<16xf32>) -> tensor<16xf32>
    %y, %last = linnet.scan custom ins(%x : tensor<128x16xf32>) outs(%e : tensor<128x16xf32>)
        states(%s : tensor<16xf32>) {dimension = 0 : i64} combine {
    ^bb0(%sum0: f32, %v: f32):
)";
  for (int i = 0; i < terms; ++i)
    os << "      %c" << i << " = arith.constant -" << 1 + i / 64.0 << " : f32\n"
       << "      %m" << i << " = arith.mulf %v, %c" << i << " : f32\n"
       << "      %e" << i << " = math.exp2 %m" << i << " : f32\n"
       << "      %sum" << i + 1 << " = arith.addf %sum" << i << ", %e" << i << " : f32\n";
  os << "      linnet.yield %sum" << terms << R"( : f32
    }
    return %y : tensor<128x16xf32>
  }
}
)";
  return text;
}

llvm::Error LimitMeter::measureExponentials(Limits &limits) {
  constexpr int kFew = 4, kMany = 20, kRounds = 400;
  Memory arrays;
  void *buffers[] = {arrays.numbers(2048, 0, 1), arrays.zeros(2048)};
  double best[2] = {1e9, 1e9};
  for (int which : {0, 1}) {
    llvm::Expected<OwnedModel> model = compileText(exponentialKernel(which ? kMany : kFew));
    if (!model)
      return model.takeError();
    for (int round = 0; round < kRounds; ++round) {
      Stopwatch watch;
      if (llvm::Error error = checkStatus(linnet_call(model->get(), 0, 1, buffers, nullptr)))
        return error;
      best[which] = std::min(best[which], watch.seconds());
    }
  }
  // The difference: without the call, the loads and the stores.
  if (best[1] > best[0])
    limits.exponentials = 2048 * (kMany - kFew) / (best[1] - best[0]);
  return llvm::Error::success();
}
