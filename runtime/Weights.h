//===- Weights.h - weights bound to a model -------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LINNET_RUNTIME_WEIGHTS_H
#define LINNET_RUNTIME_WEIGHTS_H

#include "Model.h"
#include "WeightFiles.h"

#include <functional>

namespace linnet::runtime {

/// A tensor that is offered for a weight.
struct WeightCandidate {
  const char *dtypeName = nullptr; // for messages
  linnet_tensor tensor = {};
};

/// Finds a tensor by name.
using WeightLookup = std::function<bool(std::string_view name, WeightCandidate &candidate)>;

/// The data of a model's weights and of what `prepare` made of them.
class Weights {
public:
  explicit Weights(std::shared_ptr<const Model> model) : model_(std::move(model)) {}
  Weights(const Weights &) = delete;
  Weights &operator=(const Weights &) = delete;
  ~Weights();

  linnet_status load(const std::string &path, const char *sidecar);
  linnet_status fromTensors(const linnet_tensor *tensors, int32_t count);

  const Model &model() const { return *model_; }
  /// The data of an argument of role WEIGHT or PREPARED.
  const void *data(const linnet_argument &argument) const;
  linnet_sidecar_use sidecarUse() const { return use; }
  const std::string &sidecarReason() const { return reason; }

private:
  linnet_status bind(const std::string &source, const WeightLookup &lookup);
  linnet_status prepareWith(const char *sidecarPath);
  linnet_status prepare();

  std::shared_ptr<const Model> model_;
  WeightFiles files;
  /// Of weights whose bytes in the file are not aligned.
  std::vector<Buffer> copies;
  std::vector<Buffer> made;
  MappedFile mapped;
  /// In the order of Model::weights and Model::prepared.
  std::vector<const void *> weightData, preparedData;
  linnet_sidecar_use use = LINNET_SIDECAR_NONE;
  std::string reason;
};

} // namespace linnet::runtime

struct linnet_weights {
  std::shared_ptr<const linnet::runtime::Weights> shared;
};

#endif // LINNET_RUNTIME_WEIGHTS_H
