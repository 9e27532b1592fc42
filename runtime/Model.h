//===- Model.h - an opened model ------------------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_RUNTIME_MODEL_H
#define LINNET_RUNTIME_MODEL_H

#include "Buffer.h"
#include "Device.h"
#include "Hash.h"
#include "Profile.h"

#include "linnet/linnet.h"

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace linnet::runtime {

/// Scratch memory of linnet_call: as many buffers as there ever were calls at
/// once, each as large as the largest it served.
class WorkspacePool {
public:
  struct Slot {
    Buffer buffer;
    Slot *next = nullptr;
  };

  /// Takes a buffer out of the pool until it is released.
  Slot &acquire();
  void release(Slot &slot);

private:
  std::mutex lock;
  Slot *available = nullptr;
  std::vector<std::unique_ptr<Slot>> slots;
};

/// Checks all of a description that later code relies on, so that a wrong one
/// is an error here and not a crash there. Messages start with `origin`.
linnet_status checkModelInfo(const linnet_model_info *info, const std::string &origin);

/// Arguments by name: each once, in order of first use over all functions.
class ArgumentList {
public:
  void add(const linnet_argument &argument) {
    if (index.emplace(argument.name, size()).second)
      list.push_back(&argument);
  }
  /// The place of a name, or -1.
  int32_t indexOf(std::string_view name) const {
    auto found = index.find(name);
    return found == index.end() ? -1 : found->second;
  }
  int32_t size() const { return static_cast<int32_t>(list.size()); }
  const linnet_argument &operator[](int32_t i) const { return *list[i]; }

private:
  std::vector<const linnet_argument *> list;
  std::unordered_map<std::string_view, int32_t> index;
};

/// A checked description, with what the runtime keeps beside it. Shared by the
/// handles made from it.
class Model {
public:
  /// `library` is a handle of dlopen to close in the end, or null. `identity`
  /// has hashed what tells this model from another of the same name. Messages
  /// start with `origin`: the file, where there is one.
  static linnet_status create(const linnet_model_info *info, void *library, const Hash &identity,
                              const std::string &origin, std::shared_ptr<Model> &model);
  Model(const Model &) = delete;
  Model &operator=(const Model &) = delete;
  ~Model();

  const linnet_model_info &info() const { return *info_; }
  /// The index of a function, or -1.
  int32_t findFunction(std::string_view name) const;

  const ArgumentList &weights() const { return weights_; }
  const ArgumentList &prepared() const { return prepared_; }
  const ArgumentList &states() const { return states_; }

  const std::map<std::string, int64_t> &integers() const { return integers_; }
  const std::map<std::string, std::string> &strings() const { return strings_; }
  bool hasMetadata(const std::string &key) const;

  const Hash &identity() const { return identity_; }
  Profile &profile() const { return profile_; }
  WorkspacePool &workspaces() const { return workspaces_; }

  /// The scratch memory a function asks for, checked.
  linnet_status workspaceBytes(int32_t function, const int64_t *symbols, int64_t &bytes) const;
  /// Chooses where kernels run. Not while a function does.
  linnet_status setDevice(const char *name, const linnet_device_options *options) const;
  std::string deviceReport() const { return device_ ? device_->report() : ""; }
  /// Weights at this place are no more.
  void forget(const void *weights) const;

  /// Calls a function; all arguments are right.
  linnet_status run(int32_t function, int32_t threads, void *const *buffers, const int64_t *symbols,
                    void *workspace) const;

private:
  Model(const linnet_model_info *info, const Hash &identity);
  linnet_status readMetadata(const std::string &origin);
  linnet_status gatherArguments(const std::string &origin);

  const linnet_model_info *info_;
  void *library = nullptr;
  Hash identity_;
  ArgumentList weights_, prepared_, states_;
  std::map<std::string, int64_t> integers_;
  std::map<std::string, std::string> strings_;
  std::vector<std::string> otherMetadata;
  // Counters and scratch memory, safe to use from several threads.
  mutable Profile profile_;
  mutable WorkspacePool workspaces_;
  mutable std::mutex deviceLock;
  mutable std::unique_ptr<Device> device_;
};

/// What every entry point says of a null pointer.
linnet_status checkNotNull(const void *pointer, const char *argument);

} // namespace linnet::runtime

struct linnet_model {
  std::shared_ptr<linnet::runtime::Model> shared;
};

#endif // LINNET_RUNTIME_MODEL_H
