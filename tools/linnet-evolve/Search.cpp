//===- Search.cpp - evolution of programs ---------------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Search.h"

#include "Cost.h"
#include "EntryFile.h"
#include "Exhaustive.h"
#include "Fitness.h"
#include "Front.h"
#include "Genome.h"
#include "Selection.h"

#include "compiler/package/WriteFile.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"

#include <chrono>
#include <cmath>
#include <map>
#include <sstream>

using namespace llvm;
using namespace linnet::approximation;

namespace {

/// The front is written as far as its programs are of any use: up to an error of log2(1 + ULP), 6 %.
constexpr double kMostWritten = 20;
/// Programs of equal error and cost that may stay: some, because one of them may lead on.
constexpr unsigned kMostEqual = 3;

struct Individual {
  Program program;
  double error = 0, cost = 0;
};

class Search {
public:
  Search(const SearchOptions &options, QuickCost cost)
      : options(options), cost(std::move(cost)),
        variation(getAlphabet(options.target, options.mostInstructions), options.seed),
        fitness(options.function, options.range, options.flushes, options.points, variation.random) {}

  Error run() {
    if (options.resume) {
      if (Error error = readState())
        return error;
    } else {
      start();
    }
    auto began = std::chrono::steady_clock::now();
    for (; generation < options.generations; ++generation) {
      // Before the generation that it is the state of.
      if (generation > 0 && generation % 200 == 0)
        if (Error error = writeState())
          return error;
      if (generation % options.refresh == 0) {
        ease();
        refresh();
      }
      breed();
      select();
      if (generation % 20 == 0)
        report(began);
    }
    report(began);
    if (sys::Process::StandardErrIsDisplayed())
      errs() << "\n";
    if (Error error = writeState())
      return error;
    fitness.meanShare = Fitness::kLeastMeanShare;
    for (Individual &individual : population)
      evaluate(individual);
    return writeFront();
  }

private:
  std::string path(StringRef name) const {
    SmallString<128> file(options.directory);
    sys::path::append(file, name);
    return file.str().str();
  }

  void evaluate(Individual &individual) const {
    individual.error = fitness(individual.program);
    individual.cost = cost(individual.program);
  }

  void start() {
    for (const Program &program : options.starts)
      population.push_back({program});
    while (population.size() < options.population)
      population.push_back({options.starts.empty() || population.size() % 2 == 0
                                ? variation.makeRandom()
                                : variation.mutate(options.starts[population.size() % options.starts.size()])});
    for (Individual &individual : population)
      evaluate(individual);
  }

  /// By minimax approximation, by CMA-ES, or not at all: `way` is 0, 1 or more.
  void tune(Individual &child, unsigned way) {
    auto exponent = std::uniform_int_distribution<int>(0, 23);
    if (way == 0)
      child.error = fitness.fit(child.program);
    else if (way == 1)
      child.error = fitness.polish(child.program, std::ldexp(1.0, -exponent(variation.random)), 12,
                                   static_cast<unsigned>(variation.random()));
  }

  /// As many children as there are parents.
  void breed() {
    auto pick = [&](size_t count) { return std::uniform_int_distribution<size_t>(0, count - 1)(variation.random); };
    // The population is in the order of selection: the earlier of two is the better.
    auto parent = [&]() -> const Program & {
      return population[std::min(pick(population.size()), pick(population.size()))].program;
    };
    const size_t parents = population.size();
    std::vector<Individual> children;
    for (size_t i = 0; i < parents; ++i) {
      Individual child;
      child.program = pick(10) < 2 ? variation.cross(parent(), parent()) : variation.mutate(parent());
      evaluate(child);
      // Constants follow a structure that shows promise.
      if (child.error < Fitness::kException)
        tune(child, static_cast<unsigned>(pick(6)));
      children.push_back(std::move(child));
    }
    for (Individual &child : children)
      population.push_back(std::move(child));
  }

  void select() {
    auto objectives = [](const Individual &one) { return std::pair(one.error, one.cost); };
    selectBest<Individual>(population, options.population, kMostEqual, objectives, objectives);
    while (population.size() < options.population) {
      Individual fresh{variation.makeRandom()};
      evaluate(fresh);
      population.push_back(std::move(fresh));
    }
  }

  std::vector<const Individual *> getFront() const {
    std::vector<const Individual *> front;
    for (const Individual &one : population) {
      bool dominated = llvm::any_of(population, [&](const Individual &other) {
        return other.error <= one.error && other.cost <= one.cost && (other.error < one.error || other.cost < one.cost);
      });
      if (!dominated && one.error < Fitness::kException)
        front.push_back(&one);
    }
    llvm::sort(front, [](const Individual *a, const Individual *b) { return a->cost < b->cost; });
    return front;
  }

  ScanResult measure(const Program &program, uint32_t stride) const {
    ScanOptions scanOptions;
    scanOptions.range = options.range;
    scanOptions.flushes = options.flushes;
    scanOptions.stride = stride;
    return scan(options.function, program, scanOptions);
  }

  /// What it is in a generation, since the refresh before it.
  void setMeanShare(unsigned at) {
    double begun = at / options.refresh * options.refresh,
           left = std::max(0.0, 1 - begun / std::max(1u, options.easing));
    fitness.meanShare = Fitness::kLeastMeanShare + (0.9 - Fitness::kLeastMeanShare) * left;
  }

  void ease() {
    setMeanShare(generation);
    for (Individual &individual : population)
      individual.error = fitness(individual.program);
    select();
  }

  /// The worst inputs of the front among those that were not looked at, each time others.
  void refresh() {
    std::vector<float> worst;
    for (const Individual *individual : getFront()) {
      ScanResult result = measure(individual->program, 40009 + 2 * (static_cast<uint32_t>(variation.random()) % 1000));
      for (size_t i = 0; i < std::min<size_t>(6, result.worst.size()); ++i)
        worst.push_back(result.worst[i]);
    }
    if (worst.empty())
      return;
    fitness.add(worst);
    for (Individual &individual : population)
      individual.error = fitness(individual.program);
    select();
  }

  void report(std::chrono::steady_clock::time_point began) {
    double least = 1e9;
    for (const Individual &individual : population)
      least = std::min(least, individual.error);
    std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - began;
    std::string line;
    raw_string_ostream os(line);
    os << format("generation %u of %u, %.0f s, front of %zu, least log2(1 + ulp) %.2f; cycles at 1, 4 ULP, 1e-3, 1e-2:",
                 generation, options.generations, elapsed.count(), getFront().size(), least);
    for (double most : {1.05, 2.4, 13.1, 16.4}) {
      double cheapest = HUGE_VAL;
      for (const Individual &individual : population)
        if (individual.error <= most)
          cheapest = std::min(cheapest, individual.cost);
      if (std::isinf(cheapest))
        os << " -";
      else
        os << format(" %.1f", cheapest);
    }
    if (sys::Process::StandardErrIsDisplayed())
      errs() << "\r\033[K" << line;
    log += line + "\n";
    if (std::error_code error; !options.directory.empty())
      raw_fd_ostream(path("log.txt"), error) << log;
  }

  Error writeState() const {
    json::Array individuals;
    for (const Individual &individual : population) {
      Entry entry;
      entry.program = individual.program;
      individuals.push_back(entry.toJson());
    }
    std::ostringstream random;
    random << variation.random;
    json::Array points;
    for (float x : fitness.getAdded())
      points.push_back(printFloat(static_cast<double>(x)));
    json::Object state{{"function", getName(options.function)},
                       {"generation", static_cast<int64_t>(generation)},
                       {"random", random.str()},
                       {"seed", static_cast<int64_t>(options.seed)},
                       {"points", std::move(points)},
                       {"log", log},
                       {"entries", std::move(individuals)}};
    return linnet::writeFile(path("state.json"), [&](raw_ostream &os) { os << json::Value(std::move(state)) << "\n"; });
  }

  Error readState() {
    ErrorOr<std::unique_ptr<MemoryBuffer>> buffer = MemoryBuffer::getFile(path("state.json"));
    if (!buffer)
      return createStringError("cannot read " + path("state.json") + ": " + buffer.getError().message());
    Expected<json::Value> value = json::parse((*buffer)->getBuffer());
    if (!value)
      return value.takeError();
    Expected<std::vector<Entry>> entries = parseEntries((*buffer)->getBuffer());
    if (!entries)
      return entries.takeError();
    const json::Object &state = *value->getAsObject();
    if (state.getString("function") != StringRef(getName(options.function)))
      return createStringError("expected a state of " + getName(options.function) + " in " + path("state.json"));
    generation = static_cast<unsigned>(state.getInteger("generation").value_or(0));
    log = state.getString("log").value_or("").str();
    std::istringstream random(state.getString("random").value_or("").str());
    random >> variation.random;
    // The inputs that it began with are drawn from the seed.
    std::vector<float> points;
    const json::Array *added = state.getArray("points");
    if (!added || state.getInteger("seed") != static_cast<int64_t>(options.seed))
      return createStringError("expected a state of a search with seed " + Twine(options.seed) + " in " +
                               path("state.json"));
    for (const json::Value &x : *added)
      points.push_back(std::strtof(x.getAsString().value_or("").str().c_str(), nullptr));
    fitness.add(points);
    setMeanShare(generation - 1);
    for (Entry &entry : *entries) {
      // As it was before it was written: constants of one value that are not free are one.
      entry.program.simplify();
      population.push_back({std::move(entry.program)});
    }
    for (Individual &individual : population)
      evaluate(individual);
    return Error::success();
  }

  Error writeFront() {
    EntryFile file{path("front.json"), {}};
    std::vector<FrontPoint> points;
    const Individual *last = nullptr;
    for (const Individual *individual : getFront()) {
      bool isEqual = last && last->error == individual->error && last->cost == individual->cost;
      if (individual->error > kMostWritten || isEqual)
        continue;
      last = individual;
      // Most that fail do so soon.
      if (measure(individual->program, 65537).exceptions)
        continue;
      ScanResult result = measure(individual->program, options.stride);
      if (result.exceptions)
        continue;
      Entry entry;
      entry.function = options.function;
      entry.program = individual->program;
      entry.range = options.range;
      entry.flushes = options.flushes;
      if (options.stride == 1)
        entry.bound = result.bound;
      entry.seed = static_cast<int64_t>(options.seed);
      entry.name = formatv("{0}-{1}-seed{2}-{3}", getName(options.function), getName(options.target), options.seed,
                           file.entries.size() + 1);
      entry.origin = options.starts.empty() ? "evolved from random programs" : "evolved from hand-written programs";
      if (Error error = setCost(entry))
        return error;
      points.push_back(
          {entry.name, result.bound, entry.cost, individual->cost, individual->program.instructions.size()});
      file.entries.push_back(std::move(entry));
    }
    if (file.entries.empty())
      return createStringError("no program of the front is right for all inputs; more generations may find one");
    if (Error error = file.write())
      return error;
    return linnet::approximation::writeFront(path("front.csv"), path("front.svg"), getName(options.function), points);
  }

  const SearchOptions &options;
  QuickCost cost;
  Variation variation;
  Fitness fitness;
  std::vector<Individual> population;
  unsigned generation = 0;
  std::string log;
};

} // namespace

Error linnet::approximation::search(const SearchOptions &options) {
  if (std::error_code error = sys::fs::create_directories(options.directory))
    return createStringError("cannot make " + options.directory + ": " + error.message());
  Expected<QuickCost> cost = QuickCost::create();
  if (!cost)
    return cost.takeError();
  return Search(options, std::move(*cost)).run();
}
