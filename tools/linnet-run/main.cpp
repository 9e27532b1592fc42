//===- main.cpp - runs compiled models ------------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Run.h"

#include "compiler/package/WriteFile.h"

#include "llvm/Support/CommandLine.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/WithColor.h"
#include "llvm/Support/raw_ostream.h"

#include <cmath>
#include <csignal>
#include <new>

using namespace linnet;
namespace cl = llvm::cl;

namespace {

/// Made in main, not before: libLLVM registers options of its own when it is
/// loaded, some under names that are wanted here, and main drops those first.
struct CommandLine {
  cl::OptionCategory category{"linnet-run options"};
  cl::opt<std::string> modelPath{cl::Positional, cl::desc("<model.so>"), cl::Required, cl::cat(category)};
  cl::opt<std::string> weightsPath{"weights", cl::value_desc("path"),
                                   cl::desc("Directory or .safetensors file with the weights"), cl::cat(category)};
  cl::opt<std::string> sidecarPath{"sidecar", cl::value_desc("file"),
                                   cl::desc("Keep the prepared weights in this file"), cl::cat(category)};
  cl::opt<std::string> promptText{"prompt", cl::value_desc("text"), cl::desc("Continue this text (byte-level models)"),
                                  cl::cat(category)};
  cl::opt<std::string> tokensPath{"tokens", cl::value_desc("file.npy"),
                                  cl::desc("Continue these token ids, int32 or int64, [T] or "
                                           "[B, T]"),
                                  cl::cat(category)};
  cl::opt<int64_t> maxNew{"max-new", cl::value_desc("n"), cl::init(100),
                          cl::desc("Tokens to generate (default: 100, with --out 0)"), cl::cat(category)};
  cl::opt<double> temperature{"temperature", cl::value_desc("x"), cl::init(0),
                              cl::desc("Divide the logits by this and sample (default: 0, "
                                       "always the likeliest token)"),
                              cl::cat(category)};
  cl::opt<int64_t> topK{"top-k", cl::value_desc("k"), cl::init(0),
                        cl::desc("Sample among the k likeliest tokens (default: 0, all)"), cl::cat(category)};
  cl::opt<uint64_t> seed{"seed", cl::value_desc("s"), cl::init(0),
                         cl::desc("Seed of the sampling, and with --device=simt of the order of warps (default: 0)"),
                         cl::cat(category)};
  cl::opt<std::string> outPath{"out", cl::value_desc("file.npy"),
                               cl::desc("Write the logits of the prompt, float32 [B, T, V]"), cl::cat(category)};
  cl::list<std::string> inputs{"input", cl::value_desc("name=file.npy"),
                               cl::desc("Call a function with this array for one of its inputs"), cl::cat(category)};
  cl::list<std::string> outputs{"output", cl::value_desc("name=file.npy"),
                                cl::desc("Write an output of that function; --out writes the only one"),
                                cl::cat(category)};
  cl::opt<std::string> function{"function", cl::value_desc("name"), cl::init("main"),
                                cl::desc("The function to call (default: main)"), cl::cat(category)};
  cl::opt<std::string> scorePath{"score", cl::value_desc("file"), cl::desc("Print the bits per byte of this text"),
                                 cl::cat(category)};
  cl::opt<std::string> loadState{"load-state", cl::value_desc("file"), cl::desc("Start from the states in this file"),
                                 cl::cat(category)};
  cl::opt<std::string> saveState{"save-state", cl::value_desc("file"),
                                 cl::desc("Write the states after the last token"), cl::cat(category)};
  cl::opt<int32_t> threads{"threads", cl::value_desc("n"), cl::init(0),
                           cl::desc("Threads to use (default: LINNET_NUM_THREADS, or all "
                                    "CPUs)"),
                           cl::cat(category)};
  cl::opt<std::string> device{"device", cl::value_desc("cpu|simt|cuda"), cl::cat(category),
                              cl::desc("Where a model for a GPU runs: on this machine, checked, or on a GPU")};
  cl::opt<bool> noCheck{"no-check", cl::desc("With --device=simt: do not look for races, bounds, ..."),
                        cl::cat(category)};
  cl::opt<bool> checked{"check", cl::desc("With --device=simt: look for them (the default)"), cl::cat(category)};
  cl::opt<bool> stats{"stats", cl::desc("With --device=simt: print what every instruction moves"), cl::cat(category)};
  cl::opt<bool> profile{"profile", cl::desc("Print the time that each op took"), cl::cat(category)};
  cl::opt<bool> describeOnly{"describe", cl::desc("Print what is in the model"), cl::cat(category)};

  cl::extrahelp examples{"\nEXAMPLES:\n\n"
                         "  linnet-run model.so --weights model_dir --prompt \"In the "
                         "beginning\"\n"
                         "  linnet-run model.so --weights model_dir --score valid.txt\n"
                         "  linnet-run model.so --weights model_dir --tokens in.npy --out "
                         "out.npy\n"
                         "  linnet-run model.so --input x=x.npy --out y.npy\n"
                         "  linnet-run model.so --describe\n\n"
                         "Generated text goes to stdout; times and errors go to stderr.\n"};

  /// Whether a function is called on arrays instead of text being generated.
  bool callsFunction() const { return !inputs.empty() || !outputs.empty() || function.getNumOccurrences() != 0; }
  llvm::Error check() const;
  GenerateOptions generateOptions() const;
  CallOptions callOptions() const {
    return {function, {inputs.begin(), inputs.end()}, {outputs.begin(), outputs.end()}, outPath};
  }
};

} // namespace

llvm::Expected<Owned<linnet_session>> LoadedModel::makeSession(int64_t batch) const {
  linnet_session *session;
  if (llvm::Error error = checkStatus(linnet_session_create(model, weights, batch, &session)))
    return std::move(error);
  return Owned<linnet_session>(session);
}

llvm::Error LoadedModel::expectBytes(const char *option) const {
  const char *tokenizer = "none";
  if (!linnet_model_metadata_string(model, "tokenizer", &tokenizer) && llvm::StringRef(tokenizer) == "bytes")
    return llvm::Error::success();
  return makeError(llvm::Twine(option) + ": expected a model with tokenizer 'bytes', got '" + tokenizer +
                   "'; use --tokens");
}

llvm::Error CommandLine::check() const {
  bool prompts = promptText.getNumOccurrences() || !tokensPath.empty();
  if (promptText.getNumOccurrences() && !tokensPath.empty())
    return makeError("--prompt and --tokens exclude each other");
  if (prompts && !scorePath.empty())
    return makeError("--score excludes --prompt and --tokens");
  if (callsFunction() && (prompts || !scorePath.empty()))
    return makeError("--input, --output and --function exclude --prompt, --tokens and --score");
  if (!prompts && scorePath.empty() && !describeOnly && !callsFunction())
    return makeError("expected one of --prompt, --tokens, --score, --input and --describe");
  if (!prompts && !callsFunction())
    for (const cl::opt<std::string> *option : {&outPath, &loadState, &saveState})
      if (!option->empty())
        return makeError("--" + option->ArgStr + ": expected --prompt or --tokens with it");
  if (maxNew < 0)
    return makeError("--max-new: expected 0 or more, got " + llvm::Twine(maxNew));
  if (!(temperature >= 0) || std::isinf(temperature))
    return makeError("--temperature: expected a number >= 0, got " + std::to_string(temperature));
  if (topK < 0)
    return makeError("--top-k: expected 0 or more, got " + llvm::Twine(topK));
  if (device != "simt" && (checked || noCheck || stats))
    return makeError("--check, --no-check and --stats: expected --device=simt with them");
  if (checked && noCheck)
    return makeError("--check and --no-check exclude each other");
  if (threads < 0)
    return makeError("--threads: expected 0 or more, got " + llvm::Twine(threads));
  return llvm::Error::success();
}

/// Binds the weights, and says what became of the sidecar.
static llvm::Error loadWeights(const CommandLine &line, const linnet_model *model, Owned<linnet_weights> &weights) {
  if (line.weightsPath.empty()) {
    if (linnet_model_weight_count(model))
      return makeError("the model has weights: expected --weights");
    return llvm::Error::success();
  }
  linnet_weights *loaded;
  if (llvm::Error error = checkStatus(linnet_weights_load(
          model, line.weightsPath.c_str(), line.sidecarPath.empty() ? nullptr : line.sidecarPath.c_str(), &loaded)))
    return error;
  weights.reset(loaded);
  const char *reason;
  switch (linnet_weights_sidecar_use(loaded, &reason)) {
  case LINNET_SIDECAR_NONE:
  case LINNET_SIDECAR_MAPPED:
    break;
  case LINNET_SIDECAR_WRITTEN:
    llvm::errs() << "sidecar written: " << reason << "\n";
    break;
  case LINNET_SIDECAR_FAILED:
    llvm::WithColor::warning(llvm::errs(), "linnet-run") << "no sidecar: " << reason << "\n";
    break;
  }
  return llvm::Error::success();
}

GenerateOptions CommandLine::generateOptions() const {
  GenerateOptions options;
  if (promptText.getNumOccurrences())
    options.prompt = promptText;
  options.tokensFile = tokensPath;
  bool onlyLogits = !outPath.empty() && !maxNew.getNumOccurrences();
  options.maxNew = onlyLogits ? 0 : maxNew;
  options.temperature = temperature;
  options.topK = topK;
  options.seed = seed;
  options.outFile = outPath;
  options.loadState = loadState;
  options.saveState = saveState;
  return options;
}

static llvm::Error run(const CommandLine &line) {
  if (llvm::Error error = line.check())
    return error;
  if (line.threads)
    if (llvm::Error error = checkStatus(linnet_set_num_threads(line.threads)))
      return error;
  Stopwatch watch;
  linnet_model *opened;
  if (llvm::Error error = checkStatus(linnet_model_open(line.modelPath.c_str(), &opened)))
    return error;
  Owned<linnet_model> model(opened);
  if (line.describeOnly) {
    describe(opened);
    return llvm::Error::success();
  }
  if (!line.device.empty()) {
    linnet_device_options options = {!line.noCheck, line.stats, line.seed};
    if (llvm::Error error = checkStatus(linnet_model_set_device(opened, line.device.c_str(), &options)))
      return error;
  }
  Owned<linnet_weights> weights;
  if (llvm::Error error = loadWeights(line, opened, weights))
    return error;
  llvm::errs() << llvm::format("load: %.3f s\n", watch.seconds());

  linnet_profile_enable(line.profile);
  LoadedModel loaded{opened, weights.get()};
  llvm::Error error = line.callsFunction()     ? callFunction(loaded, line.callOptions())
                      : line.scorePath.empty() ? generate(loaded, line.generateOptions())
                                               : score(loaded, line.scorePath);
  if (line.stats)
    llvm::errs() << linnet_model_device_report(opened);
  if (error)
    return error;
  return line.profile ? printProfile(opened) : llvm::Error::success();
}

/// A file may say that it holds more than there is memory for.
static llvm::Error runGuarded(const CommandLine &line) {
  try {
    return run(line);
  } catch (const std::bad_alloc &) {
    return makeError("out of memory");
  }
}

int main(int argc, char **argv) {
  llvm::InitLLVM initialised(argc, argv);
  std::signal(SIGXFSZ, SIG_IGN); // a file beyond the limit is an error of the write, not the end
  cl::ResetCommandLineParser();
  // libLLVM registers its common options at the first use of the parser; the statistics of its passes are not ours.
  if (cl::Option *passStatistics = cl::getRegisteredOptions().lookup("stats"))
    passStatistics->removeArgument();
  CommandLine line;
  cl::HideUnrelatedOptions(line.category);
  cl::SetVersionPrinter([](llvm::raw_ostream &os) { os << "linnet-run " << linnet_version() << "\n"; });
  cl::ParseCommandLineOptions(argc, argv, "Runs compiled Linnet models\n");
  llvm::Error error = runGuarded(line);
  // Before the error, which comes after what was printed.
  if (llvm::Error flushed = flushStandardOutput()) {
    if (error)
      llvm::consumeError(std::move(flushed));
    else
      error = std::move(flushed);
  }
  if (error) {
    llvm::errs() << "linnet-run: error: " << llvm::toString(std::move(error)) << "\n";
    return 1;
  }
  return 0;
}
