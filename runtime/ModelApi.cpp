//===- ModelApi.cpp - opening and describing models -----------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Error.h"
#include "File.h"
#include "Library.h"
#include "Model.h"

#include <utility>

using namespace linnet::runtime;

extern "C" linnet_status linnet_model_open(const char *path, linnet_model **model) {
  return guarded([&] {
    LINNET_TRY(checkNotNull(path, "path"));
    LINNET_TRY(checkNotNull(model, "model"));
    auto handle = std::make_unique<linnet_model>();
    Library library;
    LINNET_TRY(library.open(path));
    LINNET_TRY(Model::create(library.info(), library.handle(), library.identity(), quote(path) + ": ", handle->shared));
    library.release();
    *model = handle.release();
    return LINNET_OK;
  });
}

extern "C" linnet_status linnet_model_from_info(const linnet_model_info *info, linnet_model **model) {
  return guarded([&] {
    LINNET_TRY(checkNotNull(info, "info"));
    LINNET_TRY(checkNotNull(model, "model"));
    auto handle = std::make_unique<linnet_model>();
    LINNET_TRY(Model::create(info, nullptr, Hash(), /*origin=*/"", handle->shared));
    *model = handle.release();
    return LINNET_OK;
  });
}

extern "C" void linnet_model_close(linnet_model *model) { delete model; }

extern "C" const linnet_model_info *linnet_model_get_info(const linnet_model *model) {
  return model ? &model->shared->info() : nullptr;
}

extern "C" linnet_status linnet_model_set_device(const linnet_model *model, const char *device,
                                                 const linnet_device_options *options) {
  return guarded([&] {
    LINNET_TRY(checkNotNull(model, "model"));
    LINNET_TRY(checkNotNull(device, "device"));
    return model->shared->setDevice(device, options);
  });
}

extern "C" const char *linnet_model_device_report(const linnet_model *model) {
  static thread_local std::string text;
  text = model ? model->shared->deviceReport() : "";
  return text.c_str();
}

extern "C" linnet_status linnet_model_find_function(const linnet_model *model, const char *name, int32_t *function) {
  return guarded([&] {
    LINNET_TRY(checkNotNull(model, "model"));
    LINNET_TRY(checkNotNull(name, "name"));
    LINNET_TRY(checkNotNull(function, "function"));
    int32_t found = model->shared->findFunction(name);
    if (found < 0)
      return fail(LINNET_NOT_FOUND, "model ", quote(model->shared->info().name), " has no function ", quote(name));
    *function = found;
    return LINNET_OK;
  });
}

using ListOf = const ArgumentList &(Model::*)() const;

static int32_t countOf(const linnet_model *model, ListOf list) { return model ? (*model->shared.*list)().size() : 0; }

static const linnet_argument *argumentOf(const linnet_model *model, ListOf list, int32_t index) {
  if (index < 0 || index >= countOf(model, list))
    return nullptr;
  return &(*model->shared.*list)()[index];
}

extern "C" int32_t linnet_model_weight_count(const linnet_model *model) { return countOf(model, &Model::weights); }

extern "C" const linnet_argument *linnet_model_weight(const linnet_model *model, int32_t index) {
  return argumentOf(model, &Model::weights, index);
}

extern "C" int32_t linnet_model_prepared_count(const linnet_model *model) { return countOf(model, &Model::prepared); }

extern "C" const linnet_argument *linnet_model_prepared(const linnet_model *model, int32_t index) {
  return argumentOf(model, &Model::prepared, index);
}

extern "C" int32_t linnet_model_state_count(const linnet_model *model) { return countOf(model, &Model::states); }

extern "C" const linnet_argument *linnet_model_state(const linnet_model *model, int32_t index) {
  return argumentOf(model, &Model::states, index);
}

/// Says why `key` is not in the map of the wanted type.
static linnet_status failMetadata(const Model &model, const char *key, const char *type) {
  if (model.hasMetadata(key))
    return fail(LINNET_MISMATCH, "metadata of model ", quote(model.info().name), ": ", quote(key), ": expected ", type,
                ", got a value of another type");
  return fail(LINNET_NOT_FOUND, "metadata of model ", quote(model.info().name), " has no ", quote(key));
}

extern "C" linnet_status linnet_model_metadata_integer(const linnet_model *model, const char *key, int64_t *value) {
  return guarded([&] {
    LINNET_TRY(checkNotNull(model, "model"));
    LINNET_TRY(checkNotNull(key, "key"));
    LINNET_TRY(checkNotNull(value, "value"));
    auto found = model->shared->integers().find(key);
    if (found == model->shared->integers().end())
      return failMetadata(*model->shared, key, "an integer");
    *value = found->second;
    return LINNET_OK;
  });
}

extern "C" linnet_status linnet_model_metadata_string(const linnet_model *model, const char *key, const char **value) {
  return guarded([&] {
    LINNET_TRY(checkNotNull(model, "model"));
    LINNET_TRY(checkNotNull(key, "key"));
    LINNET_TRY(checkNotNull(value, "value"));
    auto found = model->shared->strings().find(key);
    if (found == model->shared->strings().end())
      return failMetadata(*model->shared, key, "a string");
    *value = found->second.c_str();
    return LINNET_OK;
  });
}
