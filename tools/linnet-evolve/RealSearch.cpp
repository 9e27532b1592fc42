//===- RealSearch.cpp - 2^x on [0, 1] in real numbers ---------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RealSearch.h"

#include "Genome.h"
#include "Plot.h"
#include "RealFit.h"
#include "Selection.h"

#include "compiler/package/WriteFile.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/Path.h"

#include <cmath>
#include <map>

using namespace llvm;
using namespace linnet::approximation;

namespace {

constexpr unsigned kMostEqual = 2;

struct Individual {
  Program program;
  double error = 0; // log10

  double operations() const { return static_cast<double>(program.instructions.size()); }
};

class RealSearch {
public:
  explicit RealSearch(const RealSearchOptions &options)
      : options(options),
        variation({{Opcode::Add, Opcode::Sub, Opcode::Mul, Opcode::Div}, {}, options.mostOperations}, options.seed) {}

  void run() {
    while (population.size() < options.population)
      population.push_back(evaluate(variation.makeRandom()));
    for (unsigned generation = 1; generation <= options.generations; ++generation) {
      breed();
      select();
      if (generation % 50 == 0)
        report(generation);
    }
  }

  /// The best program of each number of operations that no smaller one equals, with its constants settled.
  std::vector<Individual> getFront() const {
    std::map<size_t, Individual> bySize;
    for (const Individual &one : population) {
      auto [place, added] = bySize.try_emplace(one.program.instructions.size(), one);
      if (!added && one.error < place->second.error)
        place->second = one;
    }
    std::vector<Individual> front;
    for (auto &[size, one] : bySize) {
      one.error = std::log10(fitReal(one.program, 400));
      if (front.empty() || one.error < front.back().error)
        front.push_back(one);
    }
    return front;
  }

  std::string log;

private:
  Individual evaluate(Program program) {
    double error = fitReal(program, 12);
    return {std::move(program), error < 1e30 ? std::log10(std::max(error, 1e-30)) : 30};
  }

  size_t pick(size_t count) { return std::uniform_int_distribution<size_t>(0, count - 1)(variation.random); }

  void breed() {
    // The population is in the order of selection: the earlier of two is the better.
    auto parent = [&]() -> const Program & {
      return population[std::min(pick(options.population), pick(options.population))].program;
    };
    for (size_t i = 0; i < options.population; ++i) {
      Program child = pick(10) < 2 ? variation.cross(parent(), parent()) : variation.mutate(parent());
      population.push_back(evaluate(std::move(child)));
    }
  }

  void select() {
    selectBest<Individual>(
        population, options.population, kMostEqual,
        [](const Individual &one) { return std::pair(one.error, one.operations()); },
        [](const Individual &one) { return std::pair(std::round(one.error * 1e6), one.operations()); });
    while (population.size() < options.population)
      population.push_back(evaluate(variation.makeRandom()));
  }

  void report(unsigned generation) {
    std::map<size_t, double> least;
    for (const Individual &one : population) {
      auto [place, added] = least.try_emplace(one.program.instructions.size(), one.error);
      place->second = std::min(place->second, one.error);
    }
    raw_string_ostream os(log);
    os << "generation " << generation << ", log10 of the error by operations:";
    for (auto [size, error] : least)
      os << " " << size << format(": %.2f", error);
    os << "\n";
  }

  const RealSearchOptions &options;
  Variation variation;
  std::vector<Individual> population;
};

/// Horner's rule of a polynomial in x with these coefficients, from the constant one on; returns the operand that holds
/// it.
Operand addPolynomial(Program &program, ArrayRef<double> coefficients) {
  auto add = [&](Opcode opcode, Operand a, Operand b) {
    program.instructions.push_back({opcode, {a, b}});
    program.names.push_back("v" + std::to_string(program.instructions.size()));
    return Operand{Operand::Kind::Value, static_cast<uint32_t>(program.instructions.size())};
  };
  auto constant = [&](double value) {
    program.constants.push_back({value, true});
    return Operand{Operand::Kind::Constant, static_cast<uint32_t>(program.constants.size() - 1)};
  };
  const Operand x{Operand::Kind::Value, 0};
  // A leading 1 costs no multiplication.
  bool isMonic = coefficients.back() == 1 && coefficients.size() > 1;
  Operand sum = isMonic ? x : constant(coefficients.back());
  for (size_t i = coefficients.size() - 1; i-- > 0;) {
    if (!(isMonic && i == coefficients.size() - 2))
      sum = add(Opcode::Mul, sum, x);
    sum = add(Opcode::Add, sum, constant(coefficients[i]));
  }
  return sum;
}

/// Coefficients of the Padé approximant [m/n] of 2^x around 1/2, as polynomials in x, the denominator's leading one 1.
std::pair<std::vector<double>, std::vector<double>> getPade(unsigned m, unsigned n) {
  auto factorial = [](unsigned k) { return std::tgamma(k + 1.0L); };
  // Of exp(t): the sums of (m+n-k)! m! / ((m+n)! k! (m-k)!) t^k, and likewise with -t.
  auto expand = [&](unsigned degree, unsigned other, long double sign) {
    std::vector<long double> result(degree + 1, 0);
    for (unsigned k = 0; k <= degree; ++k) {
      long double c = factorial(degree + other - k) * factorial(degree) /
                      (factorial(degree + other) * factorial(k) * factorial(degree - k));
      // t = ln 2 (x - 1/2)
      for (unsigned j = 0; j <= k; ++j)
        result[j] += c * std::pow(sign * M_LN2l, static_cast<long double>(k)) * factorial(k) /
                     (factorial(j) * factorial(k - j)) * std::pow(-0.5L, static_cast<long double>(k - j));
    }
    return result;
  };
  std::vector<long double> numerator = expand(m, n, 1), denominator = expand(n, m, -1);
  long double leading = denominator.back();
  std::vector<double> p, q;
  for (long double c : numerator)
    p.push_back(static_cast<double>(c * M_SQRT2l / leading));
  for (long double c : denominator)
    q.push_back(static_cast<double>(c / leading));
  q.back() = 1;
  return {p, q};
}

Program makeRational(ArrayRef<double> p, ArrayRef<double> q) {
  Program program;
  Operand numerator = addPolynomial(program, p), denominator = addPolynomial(program, q);
  program.instructions.push_back({Opcode::Div, {numerator, denominator}});
  program.names.push_back("y");
  return program;
}

/// The best of each number of operations.
struct Baseline {
  std::string name, detail;
  size_t operations;
  double error;
};

std::vector<Baseline> makeBaselines(unsigned mostOperations) {
  std::vector<Baseline> baselines;
  for (unsigned degree = 1; 2 * degree <= mostOperations; ++degree) {
    std::vector<double> taylor;
    for (unsigned k = 0; k <= degree; ++k)
      taylor.push_back(std::pow(M_LN2, k) / std::tgamma(k + 1.0));
    Program program;
    addPolynomial(program, taylor);
    baselines.push_back(
        {"minimax polynomial", "degree " + std::to_string(degree), program.instructions.size(), fitReal(program, 400)});
  }
  for (unsigned m = 0; m <= mostOperations / 2; ++m)
    for (unsigned n = 1; 2 * (m + n) <= mostOperations; ++n) {
      auto [p, q] = getPade(m, n);
      Program program = makeRational(p, q);
      std::string detail = "[" + std::to_string(m) + "/" + std::to_string(n) + "]";
      baselines.push_back({"Pade", detail, program.instructions.size(), measureReal(program)});
      baselines.push_back({"minimax rational", detail, program.instructions.size(), fitReal(program, 400)});
    }
  llvm::sort(baselines, [](const Baseline &a, const Baseline &b) {
    return std::tie(a.name, a.operations, a.error, a.detail) < std::tie(b.name, b.operations, b.error, b.detail);
  });
  baselines.erase(std::unique(baselines.begin(), baselines.end(),
                              [](const Baseline &a, const Baseline &b) {
                                return a.name == b.name && a.operations == b.operations;
                              }),
                  baselines.end());
  return baselines;
}

} // namespace

Error linnet::approximation::searchReal(const RealSearchOptions &options) {
  if (std::error_code error = sys::fs::create_directories(options.directory))
    return createStringError("cannot make " + options.directory + ": " + error.message());
  auto path = [&](StringRef name) {
    SmallString<128> file(options.directory);
    sys::path::append(file, name);
    return file.str().str();
  };
  RealSearch search(options);
  search.run();
  std::vector<Individual> front = search.getFront();
  std::vector<Series> series = {{"evolved", {}}};
  std::string table = "what,program,operations,largest relative error\n", programs;
  raw_string_ostream tableStream(table), programStream(programs);
  for (const Individual &one : front) {
    tableStream << format("evolved,real.txt,%zu,%.4g\n", one.program.instructions.size(), std::pow(10, one.error));
    programStream << format("# %zu operations, error %.4g\n", one.program.instructions.size(), std::pow(10, one.error))
                  << join(one.program.print(), "\n") << "\n\n";
    series.front().points.push_back({"", one.operations(), std::pow(10, one.error)});
  }
  for (const Baseline &baseline : makeBaselines(options.mostOperations)) {
    tableStream << baseline.name << "," << baseline.detail
                << format(",%zu,%.4g\n", baseline.operations, baseline.error);
    if (series.back().name != baseline.name)
      series.push_back({baseline.name, {}});
    series.back().points.push_back({baseline.detail, static_cast<double>(baseline.operations), baseline.error});
  }
  for (auto [name, text] : {std::pair("real.csv", &table), {"real.txt", &programs}, {"log.txt", &search.log}})
    if (Error error = linnet::writeFile(path(name), [&, text = text](raw_ostream &os) { os << *text; }))
      return error;
  return writePlot(path("real.svg"), {"2^x on [0, 1] in real numbers", "operations", "largest relative error", 10},
                   series);
}
