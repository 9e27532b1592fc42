//===- Python.cpp - programs in Python that help -----------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Python.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"

#include <algorithm>
#include <set>

using namespace linnet;

/// Runs a script of test/benchmark.
static llvm::Error runScript(llvm::StringRef python, llvm::StringRef script,
                             llvm::ArrayRef<llvm::StringRef> arguments) {
  llvm::ErrorOr<std::string> program = llvm::sys::findProgramByName(python);
  if (!program)
    return llvm::createStringError("cannot run '" + python + "': " + program.getError().message());
  std::string path = (llvm::Twine(LINNET_SOURCE_DIR "/test/benchmark/") + script).str();
  llvm::SmallVector<llvm::StringRef> command = {python, path};
  command.append(arguments.begin(), arguments.end());
  std::string message;
  if (int code = llvm::sys::ExecuteAndWait(*program, command, std::nullopt, {}, 0, 0, &message))
    return llvm::createStringError(script + " failed with code " + llvm::Twine(code) +
                                   (message.empty() ? "" : ": " + message));
  return llvm::Error::success();
}

llvm::Error linnet::addPeers(llvm::StringRef python, const std::vector<Workload> &workloads, int runs,
                             std::vector<Result> &results) {
  llvm::json::Array rows;
  std::set<int> threads;
  for (const Result &result : results) {
    auto workload = std::find_if(workloads.begin(), workloads.end(),
                                 [&](const Workload &workload) { return workload.name == result.workload; });
    if (workload == workloads.end() || workload->peer.empty())
      continue;
    llvm::json::Object row{{"workload", workload->name}, {"peer", workload->peer}};
    for (const auto &[name, size] : workload->sizes)
      row[name] = size;
    row["threads"] = result.threads;
    rows.push_back(std::move(row));
    threads.insert(result.threads);
  }
  for (int count : threads) {
    llvm::SmallString<128> input, output;
    if (std::error_code error = llvm::sys::fs::createTemporaryFile("linnet-bench", "json", input))
      return llvm::createStringError("cannot make a temporary file: " + error.message());
    llvm::FileRemover removeInput(input);
    if (std::error_code error = llvm::sys::fs::createTemporaryFile("linnet-bench", "json", output))
      return llvm::createStringError("cannot make a temporary file: " + error.message());
    llvm::FileRemover removeOutput(output);
    {
      std::error_code error;
      llvm::raw_fd_ostream os(input, error);
      if (error)
        return llvm::createStringError("cannot write " + input + ": " + error.message());
      os << llvm::json::Value(llvm::json::Array(rows));
    }
    // A process for each number of threads: the libraries read it when they start.
    if (llvm::Error error = runScript(python, "peers.py", {input, output, std::to_string(count), std::to_string(runs)}))
      return error;
    auto buffer = llvm::MemoryBuffer::getFile(output);
    if (!buffer)
      return llvm::createStringError("cannot read " + output + ": " + buffer.getError().message());
    llvm::Expected<llvm::json::Value> value = llvm::json::parse((*buffer)->getBuffer());
    if (!value)
      return value.takeError();
    if (const llvm::json::Array *times = value->getAsArray())
      for (const llvm::json::Value &entry : *times) {
        const llvm::json::Object *time = entry.getAsObject();
        if (!time)
          continue;
        std::optional<llvm::StringRef> workload = time->getString("workload"), peer = time->getString("peer");
        std::optional<double> seconds = time->getNumber("min");
        for (Result &result : results)
          if (workload && peer && seconds && result.workload == *workload && result.threads == count) {
            auto [place, isNew] = result.peers.emplace(peer->str(), *seconds);
            place->second = std::min(place->second, *seconds);
          }
      }
  }
  return llvm::Error::success();
}

llvm::Error linnet::plot(llvm::StringRef python, llvm::StringRef json, llvm::StringRef png) {
  return runScript(python, "plot.py", {json, png});
}
