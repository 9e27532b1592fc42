//===- Measure.cpp - cycles of programs and of their peers ----------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Measure.h"

#include "Code.h"
#include "Exhaustive.h"
#include "Peers.h"
#include "Points.h"
#include "Reference.h"

#include "compiler/approximation/EmitProgram.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "llvm/Support/Format.h"
#include "llvm/TargetParser/Host.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <random>

using namespace llvm;

namespace linnet::approximation {
namespace {

/// Elements of an array: 8 KB, so that two of them lie in any first cache.
constexpr int64_t kCount = 2048;
/// Calls that are timed together, and how often; the shortest time counts.
constexpr int kCalls = 100, kRounds = 40;

using Clock = std::chrono::steady_clock;

double secondsOf(Clock::duration duration) { return std::chrono::duration<double>(duration).count(); }

/// Seconds of one cycle: of an addition that waits for the one before it.
double measureCycle() {
  constexpr uint64_t additions = 1 << 16;
  double least = HUGE_VAL;
  for (int round = 0; round < 20; ++round) {
    Clock::time_point begun = Clock::now();
    uint64_t sum = 0;
    for (uint64_t i = 0; i < additions / 16; ++i) {
#if defined(__x86_64__) // the vectors that are measured are of no other machine
      asm volatile(".rept 16\n add $1, %0\n .endr" : "+r"(sum));
#endif
    }
    least = std::min(least, secondsOf(Clock::now() - begun) / additions);
  }
  return least;
}

/// Something that is measured: an entry or a peer.
struct Candidate {
  std::string name;
  ArrayFunction run;
  Entry *entry = nullptr;
  Function function = Function::Exp;
  ErrorBound bound;
  uint64_t exceptions = 0; // of a peer, on the sample
  double cycles = HUGE_VAL;

  bool meets(const Requirement &requirement) const {
    if (entry)
      return entry->meets(requirement);
    return (exceptions == 0 || requirement.mayFlush) && bound.meets(requirement);
  }
};

/// The function by MLIR's polynomials: what they are made for, and formulas by them.
mlir::Value emitByMLIR(Function function, mlir::OpBuilder &builder, mlir::Location loc, mlir::Value x) {
  mlir::ImplicitLocOpBuilder b(loc, builder);
  auto constant = [&](float value) -> mlir::Value {
    return mlir::arith::ConstantOp::create(b, mlir::DenseElementsAttr::get(cast<mlir::ShapedType>(x.getType()), value));
  };
  auto logistic = [&](mlir::Value numerator) -> mlir::Value {
    mlir::Value power = mlir::math::ExpOp::create(b, mlir::arith::NegFOp::create(b, x));
    return mlir::arith::DivFOp::create(b, numerator, mlir::arith::AddFOp::create(b, constant(1), power));
  };
  switch (function) {
  case Function::Exp:
    return mlir::math::ExpOp::create(b, x);
  case Function::Exp2:
    return mlir::math::Exp2Op::create(b, x);
  case Function::Log:
    return mlir::math::LogOp::create(b, x);
  case Function::Log2:
    return mlir::math::Log2Op::create(b, x);
  case Function::Log1p:
    return mlir::math::Log1pOp::create(b, x);
  case Function::Expm1:
    return mlir::math::ExpM1Op::create(b, x);
  case Function::Tanh:
    return mlir::math::TanhOp::create(b, x);
  case Function::Sigmoid:
    return logistic(constant(1));
  case Function::Silu:
    return logistic(x);
  case Function::Erf:
    return mlir::math::ErfOp::create(b, x);
  case Function::Gelu: {
    mlir::Value scaled = mlir::arith::MulFOp::create(b, x, constant(0x1.6a09e6p-1f));
    mlir::Value sum = mlir::arith::AddFOp::create(b, constant(1), mlir::math::ErfOp::create(b, scaled));
    return mlir::arith::MulFOp::create(b, mlir::arith::MulFOp::create(b, x, constant(0.5f)), sum);
  }
  case Function::Softplus:
    return mlir::math::Log1pOp::create(b, mlir::math::ExpOp::create(b, x));
  case Function::Sin:
    return mlir::math::SinOp::create(b, x);
  case Function::Cos:
    return mlir::math::CosOp::create(b, x);
  case Function::Rsqrt:
    return mlir::arith::DivFOp::create(b, constant(1), mlir::math::SqrtOp::create(b, x));
  case Function::Reciprocal:
    return mlir::arith::DivFOp::create(b, constant(1), x);
  }
  llvm_unreachable("all functions are above");
}

Expected<ArrayFunction> compileBody(EmitBody emit, int64_t lanes) {
  linnet::TargetOptions target;
  if (lanes == 8)
    target.cpu = "x86-64-v3"; // not the instructions of AVX-512 on 8 lanes
  Expected<CompiledLoop> code = CompiledLoop::compile(emit, lanes, target);
  if (!code)
    return code.takeError();
  return [loop = std::make_shared<CompiledLoop>(std::move(*code))](const float *x, float *y, int64_t count) {
    (*loop)(x, y, count);
  };
}

/// The errors of a peer on every so many inputs: no bound, but enough to tell the class.
void sampleErrors(Candidate &peer, uint32_t stride) {
  alignas(64) float x[kCount], y[kCount];
  alignas(64) double exact[kCount];
  for (uint64_t next = 0; next < uint64_t(1) << 32;) {
    for (float &value : x) {
      auto bits = static_cast<uint32_t>(next);
      std::memcpy(&value, &bits, sizeof value);
      next += stride;
    }
    peer.run(x, y, kCount);
    computeReference(peer.function, x, exact, kCount);
    for (int64_t i = 0; i < kCount; ++i) {
      PointError error = measure(x[i], y[i], exact[i], /*flushes=*/false);
      peer.exceptions += error.isException;
      peer.bound.ulps = std::max(peer.bound.ulps, error.ulps);
      peer.bound.relative = std::max(peer.bound.relative, error.relative);
      peer.bound.absolute = std::max(peer.bound.absolute, error.absolute);
    }
  }
}

/// Interleaved, so that what else the machine does meets all alike.
void measureAll(MutableArrayRef<Candidate> candidates, ArrayRef<Function> functions) {
  alignas(64) float x[kCount], y[kCount];
  for (Function function : functions) {
    Range range = getInterestingRange(function);
    std::mt19937 random(1);
    std::uniform_real_distribution<float> draw(range.low, range.high);
    for (float &value : x)
      value = draw(random);
    for (int round = 0; round < kRounds; ++round)
      for (Candidate &candidate : candidates) {
        if (candidate.function != function)
          continue;
        candidate.run(x, y, kCount);
        Clock::time_point begun = Clock::now();
        for (int call = 0; call < kCalls; ++call)
          candidate.run(x, y, kCount);
        candidate.cycles = std::min(candidate.cycles, secondsOf(Clock::now() - begun) * 16 / kCalls / kCount);
      }
  }
}

struct AccuracyClass {
  const char *name;
  Requirement requirement;
};

std::vector<AccuracyClass> getClasses() {
  auto make = [](std::optional<double> ulps, std::optional<double> relative, std::optional<double> absolute) {
    return Requirement{ulps, relative, absolute, {}, !ulps};
  };
  return {{"1 ULP", make(1.0, {}, {})},
          {"4 ULP", make(4.0, {}, {})},
          {"1e-3", make({}, 1e-3, {})},
          {"1e-2", make({}, 1e-2, {})},
          {"1e-3 absolute", make({}, {}, 1e-3)}};
}

/// The one of `least` cycles that `isOne` is true of.
const Candidate *findFastest(ArrayRef<Candidate> candidates, function_ref<bool(const Candidate &)> isOne) {
  const Candidate *fastest = nullptr;
  for (const Candidate &candidate : candidates)
    if (isOne(candidate) && (!fastest || candidate.cycles < fastest->cycles))
      fastest = &candidate;
  return fastest;
}

} // namespace

Error measureCycles(MutableArrayRef<Entry> entries, int64_t lanes, uint32_t stride, raw_ostream &os) {
  const Target target = lanes == 16 ? Target::AVX512 : Target::AVX2;
  std::vector<Candidate> candidates;
  std::vector<Function> functions;
  for (Entry &entry : entries) {
    if (!is_contained(functions, entry.function))
      functions.push_back(entry.function);
    if (!entry.serves(entry.function, target, lanes))
      continue;
    // An entry for a part of the inputs comes with the test that it is one of them.
    Choice choice{&entry};
    if (!entry.range.isWhole() && entry.bound)
      choice.outside = select(entries, entry.function, target, lanes, {entry.bound->ulps, {}, {}, {}, entry.flushes});
    auto run = compileBody([&](mlir::OpBuilder &b, mlir::Location loc,
                               mlir::Value x) { return emitChoice(b, loc, choice, x, /*fused=*/true); },
                           lanes);
    if (!run)
      return createStringError(entry.name + ": " + toString(run.takeError()));
    candidates.push_back({entry.name, std::move(*run), &entry, entry.function, {}});
  }
  for (Function function : functions) {
    std::vector<Peer> peers;
#if defined(LINNET_HAS_VECTOR_REFERENCE)
    if (__builtin_cpu_supports("x86-64-v4"))
      peers = findLibraryPeers(function, lanes);
#endif
    auto run = compileBody(
        [&](mlir::OpBuilder &b, mlir::Location loc, mlir::Value x) { return emitByMLIR(function, b, loc, x); }, lanes);
    if (!run)
      return run.takeError();
    peers.push_back(
        {function == Function::Rsqrt || function == Function::Reciprocal ? "instructions" : "MLIR", std::move(*run)});
    for (Peer &peer : peers) {
      Candidate candidate{peer.name, std::move(peer.run), nullptr, function, {}};
      sampleErrors(candidate, stride);
      candidates.push_back(std::move(candidate));
    }
  }
  double cycle = measureCycle();
  measureAll(candidates, functions);
  cycle = std::min(cycle, measureCycle());
  for (Candidate &candidate : candidates) {
    candidate.cycles /= cycle;
    if (candidate.entry && lanes == 16)
      candidate.entry->cycles = std::round(candidate.cycles * 100) / 100;
  }

  os << "Cycles for 16 elements with vectors of " << lanes << " floats on " << sys::getHostCPUName()
     << format(", %.2f GHz", 1e-9 / cycle) << ", one thread, arrays of " << kCount << " elements:\n\n"
     << "| function | bound | program | cycles | fastest peer of that bound | cycles | times as fast |\n"
     << "|---|---|---|---|---|---|---|\n";
  for (Function function : functions)
    for (const AccuracyClass &one : getClasses()) {
      const Entry *entry = choose(entries, function, target, lanes, one.requirement).usual;
      if (!entry)
        continue;
      const Candidate *mine = findFastest(candidates, [&](const Candidate &c) { return c.entry == entry; });
      const Candidate *peer = findFastest(candidates, [&](const Candidate &c) {
        return !c.entry && c.function == function && c.meets(one.requirement);
      });
      os << "| " << getName(function) << " | " << one.name << " | `" << entry->name << "` | "
         << format("%.1f", mine->cycles) << " | ";
      if (peer)
        os << peer->name << format(" | %.1f | %.2f |\n", peer->cycles, peer->cycles / mine->cycles);
      else
        os << "- | - | - |\n";
    }
  os << "\nThe peers, and their largest errors on every " << stride << "th float32, which are no bounds:\n\n"
     << "| function | peer | cycles | ULP | relative | absolute | wrong special values "
        "|\n|---|---|---|---|---|---|---|\n";
  for (const Candidate &peer : candidates)
    if (!peer.entry)
      os << "| " << getName(peer.function) << " | " << peer.name
         << format(" | %.1f | %.4g | %.2g | %.2g | %llu |\n", peer.cycles, peer.bound.ulps, peer.bound.relative,
                   peer.bound.absolute, static_cast<unsigned long long>(peer.exceptions));
  return Error::success();
}

} // namespace linnet::approximation
