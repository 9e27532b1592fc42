//===- Run.h - what linnet-run can do with a model ------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_TOOLS_LINNETRUN_RUN_H
#define LINNET_TOOLS_LINNETRUN_RUN_H

#include "linnet/linnet.h"

#include "llvm/ADT/Twine.h"
#include "llvm/Support/Error.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace linnet {

struct Deleter {
  void operator()(linnet_model *model) const { linnet_model_close(model); }
  void operator()(linnet_weights *weights) const { linnet_weights_free(weights); }
  void operator()(linnet_session *session) const { linnet_session_free(session); }
};
template <typename Handle> using Owned = std::unique_ptr<Handle, Deleter>;

inline llvm::Error makeError(const llvm::Twine &message) { return llvm::createStringError(message); }

/// The runtime's message, when a call of it failed.
inline llvm::Error checkStatus(linnet_status status) {
  return status ? makeError(linnet_last_error()) : llvm::Error::success();
}

class Stopwatch {
public:
  double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(); }

private:
  std::chrono::steady_clock::time_point begin = std::chrono::steady_clock::now();
};

/// A model ready to make sessions of.
struct LoadedModel {
  linnet_model *model;
  linnet_weights *weights; // null when it has none

  const linnet_model_info &info() const { return *linnet_model_get_info(model); }
  llvm::Expected<Owned<linnet_session>> makeSession(int64_t batch) const;
  /// An error unless tokens are bytes; `option` is what asks for it.
  llvm::Error expectBytes(const char *option) const;
};

struct GenerateOptions {
  std::optional<std::string> prompt; // one of these two
  std::string tokensFile;
  int64_t maxNew = 0;
  double temperature = 0;
  int64_t topK = 0;
  uint64_t seed = 0;
  std::string outFile;
  std::string loadState;
  std::string saveState;
};

/// Reads a prompt, writes what follows to stdout and the speed to stderr.
llvm::Error generate(const LoadedModel &loaded, const GenerateOptions &options);

struct CallOptions {
  std::string function;
  std::vector<std::string> inputs, outputs; // NAME=FILE.npy
  std::string outFile;                      // of the only output
};

/// Calls one function of a library on arrays in files.
llvm::Error callFunction(const LoadedModel &loaded, const CallOptions &options);

/// Prints the bits per byte of a text.
llvm::Error score(const LoadedModel &loaded, const std::string &path);

/// Prints what is in a model.
void describe(const linnet_model *model);

/// Prints the time of each op to stderr.
llvm::Error printProfile(const linnet_model *model);

} // namespace linnet

#endif // LINNET_TOOLS_LINNETRUN_RUN_H
