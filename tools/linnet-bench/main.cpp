//===- main.cpp - linnet-bench: Linnet beside others, and the limit ----------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Python.h"
#include "Report.h"

#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Regex.h"

#include <algorithm>
#include <ctime>

using namespace linnet;
namespace cl = llvm::cl;

static cl::OptionCategory category("linnet-bench options");

namespace {
/// Made in main(): a library that the linker comes with has an option `threads` too, which must go first.
struct Options {
  cl::opt<std::string> filter{"filter", cl::value_desc("regex"), cl::cat(category),
                              cl::desc("Only workloads in whose name it is found; --list shows the names")};
  cl::list<int> threads{"threads", cl::value_desc("n,..."), cl::CommaSeparated, cl::cat(category),
                        cl::desc("Numbers of threads to measure with (default: 1,2)")};
  cl::opt<int> runs{"runs", cl::value_desc("n"), cl::init(20), cl::cat(category),
                    cl::desc("Runs of each side, fewer of slow workloads (default 20)")};
  cl::opt<std::string> json{"json", cl::value_desc("file"), cl::cat(category),
                            cl::desc("Write everything that was measured, in seconds; - is standard output, "
                                     "in place of the table")};
  cl::opt<std::string> png{"png", cl::value_desc("file"), cl::cat(category),
                           cl::desc("Draw it; needs matplotlib in the Python")};
  cl::opt<bool> peers{"peers", cl::cat(category), cl::desc("Measure jax and torch too, as far as the Python has them")};
  cl::opt<std::string> python{"python", cl::value_desc("program"), cl::init(LINNET_PYTHON), cl::cat(category),
                              cl::desc("For --peers and --png (default: that of tools/setup)")};
  cl::opt<std::string> lock{"lock", cl::value_desc("file"), cl::cat(category),
                            cl::desc("Held while measuring, so that two benches do not disturb each other "
                                     "(default: linnet-bench.lock in the folder of temporary files)")};
  cl::opt<bool> quick{"quick", cl::cat(category),
                      cl::desc("Tiny sizes, without lock and priority: tries the program out, the numbers mean "
                               "nothing")};
  cl::opt<bool> list{"list", cl::cat(category), cl::desc("Show the workloads and end")};
};
} // namespace

static int fail(const llvm::Twine &message) {
  llvm::errs() << "linnet-bench: error: " << message << "\n";
  return 1;
}

namespace {
/// The options, read before anything is compiled: the linker, a library here, resets those of the program.
struct Settings {
  std::string filter, json, png, python, lock;
  std::vector<int> threads;
  int runs;
  bool peers, quick, list;
};
} // namespace

static Settings readOptions(const Options &options) {
  Settings settings;
  settings.filter = options.filter;
  settings.json = options.json;
  settings.png = options.png;
  settings.python = options.python;
  settings.lock = options.lock;
  settings.threads.assign(options.threads.begin(), options.threads.end());
  settings.runs = options.runs;
  settings.peers = options.peers;
  settings.quick = options.quick;
  settings.list = options.list;
  if (settings.threads.empty())
    settings.threads = {1, 2};
  if (settings.lock.empty()) {
    llvm::SmallString<128> path;
    llvm::sys::path::system_temp_directory(/*ErasedOnReboot=*/true, path);
    llvm::sys::path::append(path, "linnet-bench.lock");
    settings.lock = path.str().str();
  }
  return settings;
}

static std::string now() {
  std::time_t time = std::time(nullptr);
  char text[32];
  std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", std::gmtime(&time));
  return text;
}

/// Measures one workload on every number of threads.
static llvm::Error run(const Workload &workload, const Settings &settings, LimitMeter &meter, Report &report) {
  llvm::Expected<Case> prepared = workload.prepare();
  if (!prepared)
    return prepared.takeError();
  if (llvm::Error error = checkCase(*prepared))
    return error;
  for (int threads : settings.threads) {
    Team team(threads);
    llvm::Expected<Result> result = measure(*prepared, team, settings.runs, meter, report.limits[threads]);
    if (!result)
      return result.takeError();
    result->workload = workload.name;
    report.results.push_back(std::move(*result));
  }
  return llvm::Error::success();
}

static llvm::Error writeJson(const Report &report, llvm::StringRef path) {
  return llvm::writeToOutput(path, [&](llvm::raw_ostream &os) {
    os << llvm::formatv("{0:2}\n", report.toJson());
    return llvm::Error::success();
  });
}

static llvm::Error writePlot(const Report &report, const Settings &settings) {
  llvm::SmallString<128> path;
  if (std::error_code error = llvm::sys::fs::createTemporaryFile("linnet-bench", "json", path))
    return llvm::createStringError("cannot make a temporary file: " + error.message());
  llvm::FileRemover remover(path);
  if (llvm::Error error = writeJson(report, path))
    return error;
  return plot(settings.python, path, settings.png);
}

int main(int argc, char **argv) {
  llvm::InitLLVM initLLVM(argc, argv);
  auto &registered = cl::getRegisteredOptions();
  if (auto other = registered.find("threads"); other != registered.end())
    other->second->removeArgument();
  Options options;
  cl::HideUnrelatedOptions(category);
  cl::ParseCommandLineOptions(
      argc, argv,
      "Linnet benchmark: workloads beside hand-written C++ loops, other frameworks, and what the "
      "machine can do\n\n"
      "  linnet-bench                                    everything, about three minutes\n"
      "  linnet-bench --filter 'selective.*btd' --threads 1\n"
      "  linnet-bench --peers --json r.json --png r.png\n\n"
      "  docs/benchmarks.md explains the columns.\n");
  Settings settings = readOptions(options);
  if (settings.runs < 1)
    return fail("expected at least 1 run (--runs), got " + llvm::Twine(settings.runs));
  for (int threads : settings.threads)
    if (threads < 1 || threads > 1024)
      return fail("expected numbers of threads (--threads) from 1 to 1024, got " + llvm::Twine(threads));
  std::sort(settings.threads.begin(), settings.threads.end());
  settings.threads.erase(std::unique(settings.threads.begin(), settings.threads.end()), settings.threads.end());
  llvm::Regex filter(settings.filter.empty() ? "." : settings.filter);
  std::string problem;
  if (!filter.isValid(problem))
    return fail("expected a regular expression (--filter), got '" + settings.filter + "': " + problem);
  std::vector<Workload> workloads = allWorkloads(settings.quick);
  llvm::erase_if(workloads, [&](const Workload &workload) { return !filter.match(workload.name); });
  if (workloads.empty())
    return fail("no workload has '" + settings.filter + "' (--filter) in its name; --list shows the names");
  if (settings.list) {
    for (const Workload &workload : workloads)
      llvm::outs() << workload.name << "\n";
    return 0;
  }

  Report report;
  report.priority = "not raised: --quick";
  if (!settings.quick) {
    report.priority = raisePriority();
    if (std::string error = takeLock(settings.lock); !error.empty())
      llvm::errs() << "linnet-bench: warning: cannot lock " << settings.lock << ": " << error << "\n";
  }
  report.cpu = cpuName();
  report.date = now();
  report.runs = settings.runs;
  report.quick = settings.quick;
  if (linnet_set_num_threads(settings.threads.back()))
    return fail(linnet_last_error());

  BusyMeter busy;
  LimitMeter meter(settings.quick ? 1 << 20 : 256 << 20, settings.quick ? 1 << 19 : 8 << 20);
  // Before and after: the machine is not the same all the time, and the best counts.
  auto measureLimits = [&] {
    for (int threads : settings.threads) {
      Team team(threads);
      Limits &limits = report.limits[threads];
      for (int i = 0; i < 20; ++i)
        meter.measureFlops(team, limits);
      meter.measureStreams(team, limits);
    }
  };
  llvm::errs() << "limits of the machine\n";
  measureLimits();
  if (llvm::Error error = meter.measureExponentials(report.limits[settings.threads.front()]))
    llvm::errs() << "linnet-bench: warning: exp2 was not measured: " << llvm::toString(std::move(error)) << "\n";
  for (int threads : settings.threads) // of one thread each
    report.limits[threads].exponentials = report.limits[settings.threads.front()].exponentials;
  for (const Workload &workload : workloads) {
    llvm::errs() << workload.name << "\n";
    if (llvm::Error error = run(workload, settings, meter, report)) {
      report.failures.push_back(workload.name + ": " + llvm::toString(std::move(error)));
      llvm::errs() << "linnet-bench: error: " << report.failures.back() << "\n";
    }
  }
  measureLimits();
  report.busy = busy.read();
  int code = report.failures.empty() ? 0 : 1;
  auto note = [&](llvm::Error error) {
    if (error)
      code = fail(llvm::toString(std::move(error)));
  };
  if (settings.peers)
    note(addPeers(settings.python, workloads, settings.runs, report.results));
  if (settings.json != "-")
    report.print(llvm::outs());
  if (!settings.json.empty())
    note(writeJson(report, settings.json));
  if (!settings.png.empty())
    note(writePlot(report, settings));
  return code;
}
