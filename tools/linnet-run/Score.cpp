//===- Score.cpp - the bits per byte of a text ----------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Run.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

#include <algorithm>
#include <cmath>
#include <vector>

using namespace linnet;

/// Bytes read at once: the logits of a block are all that grows with it.
static constexpr int64_t blockBytes = 1024;

/// -log2 of the probability that the logits give to `token`.
static double surprise(const float *logits, int64_t count, int32_t token) {
  float largest = *std::max_element(logits, logits + count);
  double sum = 0;
  for (int64_t i = 0; i < count; ++i)
    sum += std::exp(static_cast<double>(logits[i]) - largest);
  return (std::log(sum) + largest - logits[token]) / std::log(2.0);
}

llvm::Error linnet::score(const LoadedModel &loaded, const std::string &path) {
  if (llvm::Error error = loaded.expectBytes("--score"))
    return error;
  auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                            /*RequiresNullTerminator=*/false);
  if (!buffer)
    return makeError("cannot read '" + path + "': " + buffer.getError().message());
  llvm::StringRef text = (*buffer)->getBuffer();
  if (text.size() < 2)
    return makeError("'" + path + "': expected at least 2 bytes, got " + llvm::Twine(text.size()));
  llvm::Expected<Owned<linnet_session>> session = loaded.makeSession(1);
  if (!session)
    return session.takeError();

  Stopwatch watch;
  int64_t vocabulary = linnet_session_vocabulary(session->get());
  int64_t bytes = static_cast<int64_t>(text.size());
  double bits = 0;
  std::vector<int32_t> tokens;
  // The last byte is only ever the answer.
  for (int64_t begin = 0; begin + 1 < bytes; begin += blockBytes) {
    int64_t length = std::min(blockBytes, bytes - 1 - begin);
    tokens.clear();
    for (int64_t i = 0; i < length; ++i)
      tokens.push_back(static_cast<unsigned char>(text[begin + i]));
    const float *logits;
    if (llvm::Error error = checkStatus(
            linnet_session_forward(session->get(), tokens.data(), 1, length, LINNET_LOGITS_ALL, nullptr, &logits)))
      return error;
    for (int64_t i = 0; i < length; ++i) {
      int32_t answer = static_cast<unsigned char>(text[begin + i + 1]);
      if (answer >= vocabulary)
        return makeError("'" + path + "': byte " + llvm::Twine(begin + i + 1) + " is " + llvm::Twine(answer) +
                         ", expected below " + llvm::Twine(vocabulary));
      bits += surprise(logits + i * vocabulary, vocabulary, answer);
    }
  }
  llvm::outs() << llvm::format("bits per byte: %.4f (%lld bytes)\n", bits / static_cast<double>(bytes - 1),
                               static_cast<long long>(bytes));
  llvm::errs() << llvm::format("score: %.1f bytes/s\n", static_cast<double>(bytes) / watch.seconds());
  return llvm::Error::success();
}
