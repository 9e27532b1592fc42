//===- Model.cpp - an opened model ----------------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Model.h"

#include "Error.h"
#include "Shape.h"
#include "ThreadPool.h"

#include <algorithm>
#include <dlfcn.h>
#include <nlohmann/json.hpp>

using namespace linnet::runtime;

Model::Model(const linnet_model_info *info, const Hash &identity)
    : info_(info), identity_(identity), profile_(info->op_count) {}

Model::~Model() {
  if (library)
    dlclose(library);
}

linnet_status Model::create(const linnet_model_info *info, void *library, const Hash &identity,
                            const std::string &origin, std::shared_ptr<Model> &model) {
  LINNET_TRY(checkModelInfo(info, origin));
  std::shared_ptr<Model> made(new Model(info, identity));
  LINNET_TRY(made->readMetadata(origin));
  LINNET_TRY(made->gatherArguments(origin));
  // Only now: until here the caller closes it.
  made->library = library;
  model = std::move(made);
  return LINNET_OK;
}

linnet_status Model::readMetadata(const std::string &origin) {
  if (!*info_->metadata)
    return LINNET_OK;
  nlohmann::json parsed = nlohmann::json::parse(info_->metadata, nullptr,
                                                /*allow_exceptions=*/false);
  if (!parsed.is_object())
    return fail(LINNET_UNSUPPORTED, origin, "model ", quote(info_->name), ": metadata: expected a JSON object, got ",
                parsed.is_discarded() ? "invalid JSON" : parsed.type_name());
  for (const auto &[key, value] : parsed.items()) {
    if (value.is_string())
      strings_[key] = value.get<std::string>();
    else if (value.is_number_integer() && !(value.is_number_unsigned() && value.get<uint64_t>() > uint64_t(INT64_MAX)))
      integers_[key] = value.get<int64_t>();
    else
      otherMetadata.push_back(key);
  }
  return LINNET_OK;
}

bool Model::hasMetadata(const std::string &key) const {
  return integers_.count(key) || strings_.count(key) || std::count(otherMetadata.begin(), otherMetadata.end(), key);
}

linnet_status Model::gatherArguments(const std::string &origin) {
  int32_t prepare = findFunction("prepare");
  ArgumentList made;
  for (int32_t i = 0; i < info_->function_count; ++i) {
    const linnet_function &function = info_->functions[i];
    for (int32_t k = 0; k < function.argument_count; ++k) {
      const linnet_argument &argument = function.arguments[k];
      if (argument.role == LINNET_WEIGHT)
        weights_.add(argument);
      else if (argument.role == LINNET_STATE_IN)
        states_.add(argument);
      else if (argument.role == LINNET_PREPARED)
        (i == prepare ? made : prepared_).add(argument);
    }
  }
  for (int32_t i = 0; i < prepared_.size(); ++i)
    if (made.indexOf(prepared_[i].name) < 0)
      return fail(LINNET_UNSUPPORTED, origin, "model ", quote(info_->name), ": prepared tensor ",
                  quote(prepared_[i].name), " is not made by a function 'prepare'");
  // What no function reads is still written by `prepare` and needs a place.
  for (int32_t i = 0; i < made.size(); ++i)
    prepared_.add(made[i]);
  return LINNET_OK;
}

int32_t Model::findFunction(std::string_view name) const {
  for (int32_t i = 0; i < info_->function_count; ++i)
    if (name == info_->functions[i].name)
      return i;
  return -1;
}

linnet_status Model::workspaceBytes(int32_t function, const int64_t *symbols, int64_t &bytes) const {
  constexpr int64_t mostBytes = int64_t(1) << 56;
  bytes = info_->functions[function].workspace_bytes(symbols);
  if (bytes < 0 || bytes > mostBytes)
    return fail(LINNET_RUN_FAILED, "function ", quote(info_->functions[function].name), ": workspace: expected 0 to ",
                mostBytes, " bytes, got ", bytes);
  return LINNET_OK;
}

linnet_status Model::run(int32_t function, int32_t threads, void *const *buffers, const int64_t *symbols,
                         void *workspace) const {
  HostContext context = {&profile_, threads};
  linnet_host host = {LINNET_ABI_VERSION, 0, parallelFor, &context, nullptr};
  ProfileTimer timer(profile_, function, /*op=*/-1, symbols, info_->symbol_count);
  const linnet_function &called = info_->functions[function];
  int32_t code = 0;
  if (!info_->gpu) {
    code = called.run(&host, buffers, symbols, workspace);
  } else {
    std::lock_guard<std::mutex> guard(deviceLock);
    if (!device_)
      return fail(LINNET_UNSUPPORTED, "model ", quote(info_->name), " is compiled for a GPU (", info_->gpu->chip,
                  "): expected a device, simt or cuda, got none");
    int64_t bytes;
    LINNET_TRY(workspaceBytes(function, symbols, bytes));
    LINNET_TRY(device_->run(called, buffers, symbols, workspace, bytes, code));
  }
  if (code > 0 && code <= called.argument_count) // what our compiler makes: the place of an argument
    return fail(LINNET_RUN_FAILED, "argument ", quote(called.arguments[code - 1].name), ": function ",
                quote(called.name), " refused its values");
  if (code)
    return fail(LINNET_RUN_FAILED, "function ", quote(called.name), " refused its arguments with code ", code);
  return LINNET_OK;
}

linnet_status Model::setDevice(const char *name, const linnet_device_options *options) const {
  std::string_view device = name;
  if (device != "cpu" && device != "simt" && device != "cuda")
    return fail(LINNET_INVALID_ARGUMENT, "argument 'device': expected cpu, simt or cuda, got ", quote(name));
  if ((device != "cpu") != (info_->gpu != nullptr))
    return fail(LINNET_MISMATCH, "argument 'device': expected ", info_->gpu ? "simt or cuda" : "cpu", ", for model ",
                quote(info_->name), " is compiled for a ", info_->gpu ? "GPU" : "CPU", ", got ", quote(name));
  std::lock_guard<std::mutex> guard(deviceLock);
  device_.reset();
  if (device == "simt")
    device_ = makeSimtDevice(*info_->gpu, options ? *options : linnet_device_options{1, 0, 0});
  return device == "cuda" ? makeCudaDevice(*info_->gpu, device_) : LINNET_OK;
}

void Model::forget(const void *weights) const {
  std::lock_guard<std::mutex> guard(deviceLock);
  if (device_)
    device_->forget(weights);
}

WorkspacePool::Slot &WorkspacePool::acquire() {
  std::lock_guard<std::mutex> guard(lock);
  if (Slot *slot = available) {
    available = slot->next;
    return *slot;
  }
  return *slots.emplace_back(std::make_unique<Slot>());
}

void WorkspacePool::release(Slot &slot) {
  std::lock_guard<std::mutex> guard(lock);
  slot.next = available;
  available = &slot;
}

linnet_status linnet::runtime::checkNotNull(const void *pointer, const char *argument) {
  if (pointer)
    return LINNET_OK;
  return fail(LINNET_INVALID_ARGUMENT, "argument '", argument, "': expected a pointer, got NULL");
}
