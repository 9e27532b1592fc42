//===- Library.h - verified programs for elementary functions -------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The programs are data: library/FUNCTION.json, found by tools/linnet-evolve and part of the compiler's binary.
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_COMPILER_APPROXIMATION_LIBRARY_H
#define LINNET_COMPILER_APPROXIMATION_LIBRARY_H

#include "compiler/approximation/Program.h"

#include "llvm/Support/JSON.h"

#include <limits>
#include <optional>

namespace linnet::approximation {

/// f32 to f32. sigmoid(x) = 1 / (1 + exp(-x)), silu(x) = x sigmoid(x), gelu(x) = x (1 + erf(x / sqrt(2))) / 2,
/// softplus(x) = log(1 + exp(x)), reciprocal(x) = 1 / x.
enum class Function : uint8_t {
  Exp,
  Exp2,
  Log,
  Log2,
  Log1p,
  Expm1,
  Tanh,
  Sigmoid,
  Silu,
  Erf,
  Gelu,
  Softplus,
  Sin,
  Cos,
  Rsqrt,
  Reciprocal
};
inline constexpr unsigned kFunctionCount = 16;
llvm::StringRef getName(Function function);
std::optional<Function> parseFunction(llvm::StringRef name);

/// A number for people: so many digits, rounded up, so that it is a bound too.
double roundUp(double value, int digits);

/// An interval of inputs; NaN belongs to all of them.
struct Range {
  float low = -std::numeric_limits<float>::infinity(), high = std::numeric_limits<float>::infinity();

  bool isWhole() const { return std::isinf(low) && std::isinf(high); }
  bool contains(const Range &other) const { return low <= other.low && other.high <= high; }
};

/// What a caller needs. A bound that is not given is not asked for; all that are given must hold.
struct Requirement {
  std::optional<double> ulps, relative, absolute;
  Range range;
  /// Whether results below 2^-126 may be 0.
  bool mayFlush = false;
};

/// The largest error over all float32 inputs of a range, and the input that has it. NaN, infinities and zeros are right
/// besides.
struct ErrorBound {
  /// In units of the distance of neighbouring float32 around the exact value.
  double ulps = 0;
  /// Relative, where the exact value is not below 2^-126.
  double relative = 0;
  double absolute = 0;
  float ulpsAt = 0, relativeAt = 0, absoluteAt = 0;

  /// The bounds that are asked for.
  bool meets(const Requirement &requirement) const;
};

struct Entry {
  std::string name;
  Function function = Function::Exp;
  Program program;
  Range range;
  /// Results below 2^-126 may be 0; the errors are then those of the others.
  bool flushes = false;
  std::optional<ErrorBound> bound; // verified over all inputs of the range
  /// Cycles for 16 lanes as llvm-mca counts them, of the CPU named, and as measured.
  double cost = 0;
  std::optional<double> cycles;
  std::string costCpu, origin, date, tool;
  std::optional<int64_t> seed;

  /// Whether code for the target can compute the function by it on so many lanes (getLanes): programs of AVX-512 need
  /// 16, those of AVX2 8 or 16.
  bool serves(Function function, Target target, int64_t lanes) const;
  bool meets(const Requirement &requirement) const;
  llvm::json::Value toJson() const;
};

llvm::Expected<Entry> parseEntry(const llvm::json::Value &value, Function function);

/// Entries of one function from the text of a file of the library.
llvm::Expected<std::vector<Entry>> parseEntries(llvm::StringRef text);

/// All entries that the compiler was built with. A defect of them ends the process: a unit test reads them first.
llvm::ArrayRef<Entry> getLibrary();

/// The cheapest of the entries that a target has and that meets the requirement, or null. See Entry::serves for
/// `lanes`.
const Entry *select(llvm::ArrayRef<Entry> entries, Function function, Target target, int64_t lanes,
                    const Requirement &requirement);
/// Of the library.
const Entry *select(Function function, Target target, int64_t lanes, const Requirement &requirement);

/// The entry for most inputs and, where that does not take all that are asked for, the one for the others.
struct Choice {
  const Entry *usual = nullptr, *outside = nullptr;
};
/// What code takes: of the entries for all inputs that are asked for the cheapest, or one for a part of them that is so
/// much cheaper that a test of the inputs pays. Nothing where no entry meets the requirement.
Choice choose(llvm::ArrayRef<Entry> entries, Function function, Target target, int64_t lanes,
              const Requirement &requirement);

} // namespace linnet::approximation

#endif // LINNET_COMPILER_APPROXIMATION_LIBRARY_H
