//===- Generate.cpp - reads a prompt and continues it ---------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Npy.h"
#include "Run.h"
#include "Sampler.h"

#include "compiler/package/WriteFile.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

#include <algorithm>
#include <vector>

using namespace linnet;

static llvm::Expected<NpyTokens> readPrompt(const LoadedModel &loaded, const GenerateOptions &options) {
  NpyTokens tokens;
  if (options.prompt) {
    if (llvm::Error error = loaded.expectBytes("--prompt"))
      return std::move(error);
    for (char c : *options.prompt)
      tokens.values.push_back(static_cast<unsigned char>(c));
    tokens.rows = 1;
    tokens.columns = static_cast<int64_t>(tokens.values.size());
    if (!tokens.columns)
      return makeError("--prompt: expected at least one byte");
    return std::move(tokens);
  }
  const std::string &path = options.tokensFile;
  auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                            /*RequiresNullTerminator=*/false);
  if (!buffer)
    return makeError("cannot read '" + path + "': " + buffer.getError().message());
  std::string problem;
  if (!parseNpyTokens((*buffer)->getBuffer(), tokens, problem))
    return makeError("'" + path + "': " + problem);
  if (!tokens.rows || !tokens.columns)
    return makeError("'" + path + "': expected at least one token, got none");
  return std::move(tokens);
}

static llvm::Error writeLogits(const std::string &path, const float *logits, const std::vector<int64_t> &shape) {
  int64_t count = 1;
  for (int64_t size : shape)
    count *= size;
  return writeFile(path, [&](llvm::raw_ostream &os) {
    os << makeNpyHeader(shape);
    os.write(reinterpret_cast<const char *>(logits), static_cast<size_t>(count) * sizeof(float));
  });
}

namespace {

/// Shows tokens as they come: bytes as they are; ids of one sequence on one
/// line; those of several, a line for each, in the end.
class Output {
public:
  Output(bool asBytes, int64_t rows) : asBytes(asBytes), lines(static_cast<size_t>(rows)) {}

  void add(const std::vector<int32_t> &tokens) {
    for (size_t row = 0; row < lines.size(); ++row) {
      if (asBytes) {
        llvm::outs() << static_cast<char>(tokens[row]);
      } else {
        std::string word = (any ? " " : "") + std::to_string(tokens[row]);
        if (lines.size() == 1)
          llvm::outs() << word;
        else
          lines[row] += word;
      }
    }
    any = true;
    llvm::outs().flush();
  }

  void finish() {
    if (!any)
      return;
    for (const std::string &line : lines)
      llvm::outs() << line << "\n";
    llvm::outs().flush();
  }

private:
  bool asBytes;
  bool any = false;
  std::vector<std::string> lines;
};

/// A running generation; keeps the times of its two phases.
class Generation {
public:
  Generation(linnet_session *session, const NpyTokens &prompt, const GenerateOptions &options)
      : session(session), prompt(prompt), options(options), vocabulary(linnet_session_vocabulary(session)) {}

  llvm::Error readPrompt();
  llvm::Error continuePrompt();
  void printSpeed() const;

private:
  llvm::Error choose(std::vector<int32_t> &next);
  llvm::Error step(const std::vector<int32_t> &next);

  linnet_session *session;
  const NpyTokens &prompt;
  const GenerateOptions &options;
  int64_t vocabulary;
  Sampler sampler{options.temperature, options.topK, options.seed};
  /// Where the logits of the last position of sequence 0 are, and how far
  /// after them those of sequence 1.
  const float *last = nullptr;
  int64_t stride = 0;
  double prefillSeconds = 0, decodeSeconds = 0;
  int64_t steps = 0;
};

llvm::Error Generation::readPrompt() {
  bool all = !options.outFile.empty();
  const float *logits;
  Stopwatch watch;
  linnet_status status = linnet_session_forward(session, prompt.values.data(), prompt.rows, prompt.columns,
                                                all ? LINNET_LOGITS_ALL : LINNET_LOGITS_LAST, nullptr, &logits);
  // The tokens of the call are those of the file.
  if (status == LINNET_INVALID_ARGUMENT && !options.tokensFile.empty())
    return makeError("'" + options.tokensFile + "': " + linnet_last_error());
  if (status)
    return checkStatus(status);
  prefillSeconds = watch.seconds();
  int64_t positions = all ? prompt.columns : 1;
  last = logits + (positions - 1) * vocabulary;
  stride = positions * vocabulary;
  if (!all)
    return llvm::Error::success();
  return writeLogits(options.outFile, logits, {prompt.rows, prompt.columns, vocabulary});
}

llvm::Error Generation::choose(std::vector<int32_t> &next) {
  for (int64_t row = 0; row < prompt.rows; ++row) {
    int32_t token = sampler.next(last + row * stride, vocabulary);
    if (token < 0)
      return makeError("the logits of sequence " + llvm::Twine(row) + " are not numbers");
    next[static_cast<size_t>(row)] = token;
  }
  return llvm::Error::success();
}

llvm::Error Generation::step(const std::vector<int32_t> &next) {
  Stopwatch watch;
  if (llvm::Error error = checkStatus(linnet_session_step(session, next.data(), nullptr, &last)))
    return error;
  stride = vocabulary;
  decodeSeconds += watch.seconds();
  ++steps;
  return llvm::Error::success();
}

llvm::Error Generation::continuePrompt() {
  Output output(options.prompt.has_value(), prompt.rows);
  std::vector<int32_t> next(static_cast<size_t>(prompt.rows));
  for (int64_t i = 0; i < options.maxNew; ++i) {
    if (llvm::Error error = choose(next))
      return error;
    output.add(next);
    // What follows the last token is only wanted by who continues from here.
    if (i + 1 == options.maxNew && options.saveState.empty())
      break;
    if (llvm::Error error = step(next))
      return error;
  }
  output.finish();
  return llvm::Error::success();
}

void Generation::printSpeed() const {
  auto print = [](const char *phase, int64_t tokens, double seconds) {
    llvm::errs() << llvm::format("%s: %lld tokens, %.1f tokens/s\n", phase, static_cast<long long>(tokens),
                                 static_cast<double>(tokens) / seconds);
  };
  print("prefill", prompt.rows * prompt.columns, prefillSeconds);
  if (steps)
    print("decode", prompt.rows * steps, decodeSeconds);
}

} // namespace

llvm::Error linnet::generate(const LoadedModel &loaded, const GenerateOptions &options) {
  llvm::Expected<NpyTokens> prompt = readPrompt(loaded, options);
  if (!prompt)
    return prompt.takeError();
  llvm::Expected<Owned<linnet_session>> session = loaded.makeSession(prompt->rows);
  if (!session)
    return session.takeError();
  if (!options.loadState.empty())
    if (llvm::Error error = checkStatus(linnet_session_restore(session->get(), options.loadState.c_str())))
      return error;
  Generation generation(session->get(), *prompt, options);
  if (llvm::Error error = generation.readPrompt())
    return error;
  if (llvm::Error error = generation.continuePrompt())
    return error;
  generation.printSpeed();
  if (options.saveState.empty())
    return llvm::Error::success();
  return checkStatus(linnet_session_save(session->get(), options.saveState.c_str()));
}
