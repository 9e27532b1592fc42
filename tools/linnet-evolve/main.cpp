//===- main.cpp - linnet-evolve: programs for elementary functions --------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CheckCode.h"
#include "Cost.h"
#include "EntryFile.h"
#include "Exhaustive.h"
#include "Fit.h"
#include "Measure.h"
#include "Points.h"
#include "RealSearch.h"
#include "Search.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/TargetParser/Host.h"

#include <cmath>
#include <ctime>
#include <thread>

using namespace llvm;
using namespace linnet::approximation;

static cl::SubCommand verifyCommand("verify", "Measure entries on all 2^32 inputs, and hold them to what they state");
static cl::SubCommand fitCommand("fit", "Give the free constants of entries (~) their minimax values");

static cl::SubCommand costCommand("cost", "Count the cycles of entries with llvm-mca");

static cl::SubCommand measureCommand("measure",
                                     "Run entries beside SLEEF, libmvec and MLIR's polynomials, and count the cycles");
static cl::opt<unsigned> lanes("lanes", cl::init(16), cl::desc("Floats of a vector: 16 (default) or 8, as AVX2 has"),
                               cl::sub(measureCommand));

static cl::opt<uint32_t> peerStride("peer-stride", cl::init(4001), cl::value_desc("n"), cl::sub(measureCommand),
                                    cl::desc("Errors of the peers on every n-th input (default 4001)"));

static cl::SubCommand searchCommand("search", "Search for programs of little error and little cost");

static cl::SubCommand realCommand("real", "Search for programs of 2^x on [0, 1] in real numbers, and compare them with "
                                          "minimax and Pade approximants");

static cl::opt<std::string> functionName(cl::Positional, cl::Required, cl::desc("FUNCTION"), cl::sub(searchCommand));
static cl::opt<std::string> directory("o", cl::Required, cl::desc("Where the tables, plots, programs and the log go"),
                                      cl::value_desc("folder"), cl::sub(searchCommand), cl::sub(realCommand));
static cl::opt<std::string> targetName("target", cl::init("avx512"), cl::desc("generic, fma, avx2 or avx512 (default)"),
                                       cl::sub(searchCommand));
static cl::opt<std::string> from("from", cl::desc("Start from the entries of a file instead of from random programs"),
                                 cl::value_desc("FUNCTION.json"), cl::sub(searchCommand));
static cl::opt<uint64_t> seed("seed", cl::init(1), cl::desc("Seed of the random numbers (default 1)"),
                              cl::sub(searchCommand), cl::sub(realCommand));
static cl::opt<unsigned> generations("generations", cl::init(1000), cl::desc("Generations (default 1000)"),
                                     cl::sub(searchCommand), cl::sub(realCommand));
static cl::opt<unsigned> easing("easing", cl::init(600), cl::sub(searchCommand),
                                cl::desc("Generations over which the worst input comes to decide, instead of the mean "
                                         "(default 600)"));
static cl::opt<unsigned> populationSize("population", cl::init(200), cl::desc("Programs of a generation (default 200)"),
                                        cl::sub(searchCommand), cl::sub(realCommand));
static cl::opt<unsigned> mostInstructions("instructions", cl::init(20), cl::desc("Most instructions (default 20)"),
                                          cl::sub(searchCommand), cl::sub(realCommand));
static cl::opt<bool> flush("flush-subnormals", cl::desc("Results below 2^-126 may be 0"), cl::sub(searchCommand));
static cl::opt<bool> resume("resume", cl::desc("Go on from state.json of the folder"), cl::sub(searchCommand));

static cl::list<std::string> files(cl::Positional, cl::OneOrMore, cl::desc("FUNCTION.json ..."), cl::sub(verifyCommand),
                                   cl::sub(fitCommand), cl::sub(costCommand), cl::sub(measureCommand));
static cl::opt<std::string> only("entry", cl::desc("Only entries that have this in their name"), cl::value_desc("text"),
                                 cl::sub(verifyCommand), cl::sub(fitCommand), cl::sub(costCommand));
static cl::opt<bool> record("record", cl::desc("Write what was found into the files"), cl::sub(verifyCommand),
                            cl::sub(fitCommand), cl::sub(costCommand), cl::sub(measureCommand));
static cl::opt<bool> onlyNew("new", cl::desc("Only entries without a verified bound"), cl::sub(verifyCommand));
static cl::opt<uint32_t> stride("stride", cl::init(1), cl::sub(verifyCommand), cl::sub(searchCommand),
                                cl::value_desc("n"), cl::desc("Every n-th input only: faster, and no bound"));
static cl::opt<unsigned> threads("threads", cl::init(0), cl::desc("Threads (default: all cores)"), cl::value_desc("n"),
                                 cl::sub(verifyCommand));
static cl::opt<ErrorMeasure> measureOption("measure", cl::init(ErrorMeasure::Ulps), cl::sub(fitCommand),
                                           cl::desc("What is made least:"),
                                           cl::values(clEnumValN(ErrorMeasure::Ulps, "ulps", "the error in ULP"),
                                                      clEnumValN(ErrorMeasure::Relative, "relative", "relative"),
                                                      clEnumValN(ErrorMeasure::Absolute, "absolute", "absolute")));

static int fail(Error error) {
  errs() << "linnet-evolve: error: " << toString(std::move(error)) << "\n";
  return 1;
}

static std::string today() {
  std::time_t now = std::time(nullptr);
  char text[16];
  std::strftime(text, sizeof text, "%Y-%m-%d", std::gmtime(&now));
  return text;
}

/// Does `work` for the entries of the files that --entry names, of which there must be one, and writes the files where
/// --record says so.
static Error forEachEntry(function_ref<Error(Entry &)> work) {
  unsigned count = 0;
  for (const std::string &path : files) {
    Expected<EntryFile> file = EntryFile::read(path);
    if (!file)
      return file.takeError();
    for (Entry &entry : file->entries) {
      if (!StringRef(entry.name).contains(only))
        continue;
      ++count;
      if (Error error = work(entry))
        return error;
    }
    if (record)
      if (Error error = file->write())
        return error;
  }
  return count ? Error::success() : createStringError("no entry has '" + only + "' in its name");
}

/// Measures one entry; returns whether it holds.
static Expected<bool> verifyEntry(Entry &entry) {
  ScanOptions options;
  options.range = entry.range;
  options.flushes = entry.flushes;
  options.stride = stride;
  options.threads = threads ? unsigned(threads) : std::thread::hardware_concurrency();
  bool isTerminal = sys::Process::StandardErrIsDisplayed();
  options.onProgress = [&](double share) {
    if (isTerminal)
      errs() << format("\r%-28s %3.0f %%", entry.name.c_str(), share * 100);
  };
  ScanResult result = scan(entry.function, entry.program, options);
  if (isTerminal)
    errs() << "\r\033[K";
  const ErrorBound &bound = result.bound;
  outs() << format("%-28s ulps %-10.6g relative %-9.3g absolute %-9.3g exceptions %llu", entry.name.c_str(), bound.ulps,
                   bound.relative, bound.absolute, static_cast<unsigned long long>(result.exceptions));
  if (result.exceptions)
    outs() << format(", the first at %a", static_cast<double>(result.firstException));
  outs() << format(", worst at %a", static_cast<double>(bound.ulpsAt));
  bool holds = result.exceptions == 0;
  if (entry.bound && !record)
    holds &= bound.ulps <= entry.bound->ulps && bound.relative <= entry.bound->relative &&
             bound.absolute <= entry.bound->absolute;
  outs() << (holds ? "" : ": FAILED") << "\n";
  outs().flush();
  if (holds && canCheckCode(entry.program)) {
    Expected<std::optional<float>> mismatch = findCodeMismatch(entry.program, std::max(4001u, unsigned(stride)));
    if (!mismatch)
      return mismatch.takeError();
    if (*mismatch) {
      outs() << format("  FAILED: the code differs from the definition at %a\n", static_cast<double>(**mismatch));
      holds = false;
    }
  }
  if (record && stride == 1 && holds) {
    entry.bound = bound;
    entry.date = today();
    entry.tool = "linnet-evolve " LINNET_VERSION;
  }
  return holds;
}

static int verify() {
  int status = 0;
  Error error = forEachEntry([&](Entry &entry) -> Error {
    if (onlyNew && entry.bound)
      return Error::success();
    Expected<bool> holds = verifyEntry(entry);
    if (!holds)
      return holds.takeError();
    status |= !*holds;
    return Error::success();
  });
  return error ? fail(std::move(error)) : status;
}

static int fit() {
  Error problem = forEachEntry([](Entry &entry) -> Error {
    std::mt19937_64 random(1);
    std::vector<float> points = samplePoints(entry.function, entry.range, 3000, random);
    Expected<double> error = fitConstants(entry.program, entry.function, points, measureOption);
    if (!error)
      return createStringError(entry.name + ": " + toString(error.takeError()));
    outs() << format("%-28s largest error without rounding %.4g\n", entry.name.c_str(), *error);
    return Error::success();
  });
  return problem ? fail(std::move(problem)) : 0;
}

static int cost() {
  Error problem = forEachEntry([](Entry &entry) -> Error {
    if (Error error = setCost(entry))
      return error;
    outs() << format("%-28s %6.2f cycles for 16 lanes on ", entry.name.c_str(), entry.cost) << kCostCpu << "\n";
    return Error::success();
  });
  return problem ? fail(std::move(problem)) : 0;
}

static int runMeasure() {
  if (lanes != 8 && lanes != 16)
    return fail(createStringError("expected 8 or 16 lanes, got " + Twine(lanes)));
  if (!sys::getHostCPUFeatures().lookup(lanes == 16 ? "avx512dq" : "avx2"))
    return fail(createStringError("this machine has no vectors of " + Twine(lanes) + " floats"));
  std::vector<EntryFile> read;
  std::vector<Entry> entries;
  for (const std::string &path : files) {
    Expected<EntryFile> file = EntryFile::read(path);
    if (!file)
      return fail(file.takeError());
    entries.insert(entries.end(), file->entries.begin(), file->entries.end());
    read.push_back(std::move(*file));
  }
  if (Error error = measureCycles(entries, lanes, peerStride, outs()))
    return fail(std::move(error));
  if (!record)
    return 0;
  auto measured = entries.begin();
  for (EntryFile &file : read) {
    for (Entry &entry : file.entries)
      entry.cycles = (measured++)->cycles;
    if (Error error = file.write())
      return fail(std::move(error));
  }
  return 0;
}

static int runSearch() {
  SearchOptions options;
  std::optional<Function> function = parseFunction(functionName);
  if (!function)
    return fail(createStringError("unknown function '" + functionName + "'"));
  std::optional<Target> target = parseTarget(targetName);
  if (!target)
    return fail(createStringError("expected a target of generic, fma, avx2 or avx512, got '" + targetName + "'"));
  options.function = *function;
  options.target = *target;
  options.flushes = flush;
  options.seed = seed;
  options.population = populationSize;
  options.generations = generations;
  options.easing = easing;
  options.mostInstructions = mostInstructions;
  options.directory = directory;
  options.resume = resume;
  options.stride = stride;
  if (!from.empty()) {
    Expected<EntryFile> file = EntryFile::read(from);
    if (!file)
      return fail(file.takeError());
    for (Entry &entry : file->entries)
      if (entry.function == *function && entry.program.getTarget() <= *target &&
          entry.program.instructions.size() <= mostInstructions)
        options.starts.push_back(std::move(entry.program));
    if (options.starts.empty())
      return fail(createStringError("expected entries of " + functionName + " for the target in " + from));
  }
  if (Error error = search(options))
    return fail(std::move(error));
  return 0;
}

static int runReal() {
  RealSearchOptions options;
  options.seed = seed;
  options.population = populationSize;
  options.generations = generations;
  options.mostOperations = mostInstructions;
  options.directory = directory;
  if (Error error = searchReal(options))
    return fail(std::move(error));
  return 0;
}

int main(int argc, char **argv) {
  InitLLVM initLLVM(argc, argv);
  cl::ParseCommandLineOptions(argc, argv,
                              "Programs for elementary functions: search, minimax constants, exhaustive proof\n\n"
                              "  linnet-evolve verify compiler/approximation/library/*.json\n");
  if (verifyCommand)
    return verify();
  if (fitCommand)
    return fit();
  if (measureCommand)
    return runMeasure();
  if (searchCommand)
    return runSearch();
  if (realCommand)
    return runReal();
  if (costCommand)
    return cost();
  cl::PrintHelpMessage();
  return 2;
}
