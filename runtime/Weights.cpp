//===- Weights.cpp - weights bound to a model -----------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Weights.h"

#include "Error.h"
#include "Shape.h"
#include "Sidecar.h"

#include <algorithm>
#include <cstring>

using namespace linnet::runtime;

/// Calls `lookup` for each of the names in "a|b" until one is found.
static bool findAlternative(std::string_view names, const WeightLookup &lookup, WeightCandidate &candidate) {
  while (true) {
    size_t bar = names.find('|');
    if (lookup(names.substr(0, bar), candidate))
      return true;
    if (bar == std::string_view::npos)
      return false;
    names.remove_prefix(bar + 1);
  }
}

static bool matches(const linnet_argument &argument, const linnet_tensor &tensor) {
  return argument.dtype == tensor.dtype && argument.rank == tensor.rank &&
         std::equal(argument.shape, argument.shape + argument.rank, tensor.shape);
}

/// Binds all weights. What is wrong with any of them is in one message, so
/// that it takes one run to see it all.
linnet_status Weights::bind(const std::string &source, const WeightLookup &lookup) {
  std::string missing, mismatched;
  for (int32_t i = 0; i < model_->weights().size(); ++i) {
    const linnet_argument *argument = &model_->weights()[i];
    WeightCandidate candidate;
    if (!findAlternative(argument->name, lookup, candidate)) {
      missing += missing.empty() ? "" : ", ";
      missing += quote(argument->name);
      continue;
    }
    const linnet_tensor &tensor = candidate.tensor;
    if (!matches(*argument, tensor)) {
      mismatched += mismatched.empty() ? "" : "; ";
      mismatched += quote(tensor.name) + ": expected " + showArgument(*argument, model_->info()) + ", got " +
                    showTensor(candidate.dtypeName, tensor.shape, tensor.rank);
      continue;
    }
    const void *data = tensor.data;
    if (reinterpret_cast<uintptr_t>(data) % linnet_dtype_bytes(tensor.dtype)) {
      int64_t bytes;
      tensorBytes(*argument, nullptr, bytes);
      LINNET_TRY(copies.emplace_back().reserve(bytes, tensor.name));
      data = std::memcpy(copies.back().data(), data, static_cast<size_t>(bytes));
    }
    weightData.push_back(data);
  }
  if (missing.empty() && mismatched.empty())
    return LINNET_OK;
  std::string message = source + ": ";
  if (!missing.empty())
    message += "missing weights: " + missing;
  if (!mismatched.empty())
    message += (missing.empty() ? "" : "; ") + mismatched;
  return fail(mismatched.empty() ? LINNET_NOT_FOUND : LINNET_MISMATCH, message);
}

linnet_status Weights::load(const std::string &path, const char *sidecar) {
  LINNET_TRY(files.open(path));
  LINNET_TRY(bind("weights " + quote(path), [&](std::string_view name, WeightCandidate &candidate) {
    const StoredTensor *stored = files.find(name);
    if (!stored)
      return false;
    candidate.dtypeName = stored->dtype >= 0 ? linnet_dtype_name(stored->dtype) : stored->dtypeName.c_str();
    candidate.tensor = {stored->name.c_str(), stored->dtype, static_cast<int32_t>(stored->shape.size()),
                        stored->shape.data(), stored->data};
    return true;
  }));
  return prepareWith(sidecar);
}

linnet_status Weights::fromTensors(const linnet_tensor *tensors, int32_t count) {
  std::unordered_map<std::string_view, const linnet_tensor *> byName;
  for (int32_t i = 0; i < count; ++i) {
    const linnet_tensor &tensor = tensors[i];
    auto wrong = [&](const auto &...parts) {
      return fail(LINNET_INVALID_ARGUMENT, "argument 'tensors' [", i, "]: ", parts...);
    };
    if (!tensor.name)
      return wrong("expected a name, got NULL");
    if (!linnet_dtype_name(tensor.dtype))
      return wrong(quote(tensor.name), ": unknown dtype ", tensor.dtype);
    if (tensor.rank < 0 || (tensor.rank && !tensor.shape))
      return wrong(quote(tensor.name), ": expected a shape");
    int64_t bytes;
    if (!tensorBytes(tensor.dtype, tensor.shape, tensor.rank, bytes))
      return wrong(quote(tensor.name), ": a size is negative or too large");
    if (bytes && !tensor.data)
      return wrong(quote(tensor.name), ": expected data, got NULL");
    if (!byName.emplace(tensor.name, &tensor).second)
      return wrong(quote(tensor.name), " occurs twice");
  }
  LINNET_TRY(bind("weights", [&](std::string_view name, WeightCandidate &candidate) {
    auto found = byName.find(name);
    if (found == byName.end())
      return false;
    candidate.tensor = *found->second;
    candidate.dtypeName = linnet_dtype_name(candidate.tensor.dtype);
    return true;
  }));
  return prepareWith(nullptr);
}

linnet_status Weights::prepareWith(const char *sidecarPath) {
  if (!model_->prepared().size())
    return LINNET_OK;
  if (!sidecarPath)
    return prepare();
  Sidecar sidecar(sidecarPath, *model_, files);
  Sidecar::State state = sidecar.map(mapped, reason);
  if (state == Sidecar::State::Valid) {
    use = LINNET_SIDECAR_MAPPED;
    for (int32_t i = 0; i < model_->prepared().size(); ++i)
      preparedData.push_back(sidecar.tensor(mapped, i));
    return LINNET_OK;
  }
  LINNET_TRY(prepare());
  use = LINNET_SIDECAR_FAILED;
  if (state == Sidecar::State::Foreign)
    return LINNET_OK;
  if (sidecar.write(made))
    reason = linnet_last_error();
  else
    use = LINNET_SIDECAR_WRITTEN;
  return LINNET_OK;
}

linnet_status Weights::prepare() {
  for (int32_t i = 0; i < model_->prepared().size(); ++i) {
    const linnet_argument &argument = model_->prepared()[i];
    int64_t bytes;
    tensorBytes(argument, nullptr, bytes);
    LINNET_TRY(made.emplace_back().reserve(bytes, argument.name));
    // A tensor may be padded beyond what `prepare` writes; what is kept in a
    // file must not be what the memory held before.
    std::memset(made.back().data(), 0, static_cast<size_t>(bytes));
    preparedData.push_back(made.back().data());
  }
  int32_t index = model_->findFunction("prepare");
  const linnet_function &function = model_->info().functions[index];
  std::vector<void *> buffers;
  for (int32_t i = 0; i < function.argument_count; ++i)
    buffers.push_back(const_cast<void *>(data(function.arguments[i])));
  // No size of a weight depends on a symbol.
  std::vector<int64_t> symbols(model_->info().symbol_count, 1);
  int64_t bytes;
  LINNET_TRY(model_->workspaceBytes(index, symbols.data(), bytes));
  Buffer workspace;
  LINNET_TRY(workspace.reserve(bytes, "workspace"));
  return model_->run(index, 0, buffers.data(), symbols.data(), workspace.data());
}

Weights::~Weights() {
  for (const std::vector<const void *> *all : {&weightData, &preparedData})
    for (const void *data : *all)
      model_->forget(data);
}

const void *Weights::data(const linnet_argument &argument) const {
  if (argument.role == LINNET_WEIGHT)
    return weightData[model_->weights().indexOf(argument.name)];
  return preparedData[model_->prepared().indexOf(argument.name)];
}

/// What both ways of making weights do around the making.
template <typename Fill>
static linnet_status makeWeights(const linnet_model *model, linnet_weights **weights, Fill &&fill) {
  LINNET_TRY(checkNotNull(model, "model"));
  LINNET_TRY(checkNotNull(weights, "weights"));
  auto made = std::make_shared<Weights>(model->shared);
  LINNET_TRY(fill(*made));
  *weights = new linnet_weights{std::move(made)};
  return LINNET_OK;
}

extern "C" linnet_status linnet_weights_load(const linnet_model *model, const char *path, const char *sidecar,
                                             linnet_weights **weights) {
  return guarded([&] {
    LINNET_TRY(checkNotNull(path, "path"));
    return makeWeights(model, weights, [&](Weights &made) { return made.load(path, sidecar); });
  });
}

extern "C" linnet_status linnet_weights_from_tensors(const linnet_model *model, const linnet_tensor *tensors,
                                                     int32_t count, linnet_weights **weights) {
  return guarded([&] {
    if (count < 0)
      return fail(LINNET_INVALID_ARGUMENT, "argument 'count': expected 0 or more, got ", count);
    if (count)
      LINNET_TRY(checkNotNull(tensors, "tensors"));
    return makeWeights(model, weights, [&](Weights &made) { return made.fromTensors(tensors, count); });
  });
}

extern "C" void linnet_weights_free(linnet_weights *weights) { delete weights; }

extern "C" linnet_sidecar_use linnet_weights_sidecar_use(const linnet_weights *weights, const char **reason) {
  if (reason)
    *reason = weights ? weights->shared->sidecarReason().c_str() : "";
  return weights ? weights->shared->sidecarUse() : LINNET_SIDECAR_NONE;
}

extern "C" linnet_status linnet_weights_get(const linnet_weights *weights, const char *name, linnet_tensor *tensor) {
  return guarded([&] {
    LINNET_TRY(checkNotNull(weights, "weights"));
    LINNET_TRY(checkNotNull(name, "name"));
    LINNET_TRY(checkNotNull(tensor, "tensor"));
    const Model &model = weights->shared->model();
    for (const ArgumentList *list : {&model.weights(), &model.prepared()}) {
      int32_t index = list->indexOf(name);
      if (index < 0)
        continue;
      const linnet_argument &argument = (*list)[index];
      *tensor = {argument.name, argument.dtype, argument.rank, argument.shape, weights->shared->data(argument)};
      return LINNET_OK;
    }
    return fail(LINNET_NOT_FOUND, "model ", quote(model.info().name), " has no weight or prepared tensor ",
                quote(name));
  });
}
