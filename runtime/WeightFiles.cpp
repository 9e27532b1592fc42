//===- WeightFiles.cpp - the files a model's weights are in ---------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "WeightFiles.h"

#include "Error.h"

#include <nlohmann/json.hpp>

using namespace linnet::runtime;

static bool endsWith(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

linnet_status WeightFiles::open(const std::string &path) {
  if (isDirectory(path))
    return openDirectory(path);
  return endsWith(path, ".json") ? openIndex(path) : openFile(path);
}

linnet_status WeightFiles::openDirectory(const std::string &path) {
  constexpr char single[] = "/model.safetensors";
  constexpr char index[] = "/model.safetensors.index.json";
  if (exists(path + single))
    return openFile(path + single);
  if (exists(path + index))
    return openIndex(path + index);
  return fail(LINNET_NOT_FOUND, "directory ", quote(path),
              " has neither model.safetensors nor "
              "model.safetensors.index.json");
}

linnet_status WeightFiles::openFile(const std::string &path) {
  LINNET_TRY(files_.emplace_back().open(path));
  for (const StoredTensor &tensor : files_.back().tensors())
    tensors.emplace(tensor.name, &tensor);
  return LINNET_OK;
}

linnet_status linnet::runtime::readWeightIndex(const std::string &path, std::string_view text,
                                               std::map<std::string, std::string> &files) {
  auto malformed = [&](const auto &...parts) { return fail(LINNET_MALFORMED, quote(path), ": ", parts...); };
  // That of a header: an index says less of each tensor.
  constexpr size_t mostBytes = 100'000'000;
  if (text.size() > mostBytes)
    return malformed("expected at most ", mostBytes, " bytes, got ", text.size());
  // What is deeper than the entries of weight_map is not kept: the text could ask for much more memory than it has
  // bytes.
  auto isShallow = [](int depth, nlohmann::json::parse_event_t, nlohmann::json &) { return depth <= 2; };
  nlohmann::json parsed = nlohmann::json::parse(text.begin(), text.end(), isShallow, /*allow_exceptions=*/false);
  if (!parsed.is_object())
    return malformed("expected a JSON object, got ", parsed.is_discarded() ? "invalid JSON" : parsed.type_name());
  auto map = parsed.find("weight_map");
  if (map == parsed.end() || !map->is_object())
    return malformed("expected an object 'weight_map', got ", map == parsed.end() ? "none" : map->type_name());
  for (const auto &[name, file] : map->items()) {
    if (!file.is_string())
      return malformed("weight_map: ", quote(name), ": expected a file name, got ", file.type_name());
    // A shard is beside its index; the index is no way to read other places.
    const std::string &shard = file.get_ref<const std::string &>();
    if (shard.empty() || shard.find('/') != std::string::npos || shard.find('\0') != std::string::npos)
      return malformed("weight_map: ", quote(name), ": expected the name of a file beside the index, got ",
                       quote(shard));
    files.emplace(name, shard);
  }
  return LINNET_OK;
}

linnet_status WeightFiles::openIndex(const std::string &path) {
  MappedFile text;
  LINNET_TRY(text.open(path));
  std::map<std::string, std::string> shardOf;
  LINNET_TRY(readWeightIndex(path, {reinterpret_cast<const char *>(text.data()), text.size()}, shardOf));

  // All files first: the tensors are pointed to, so the list must not move.
  std::map<std::string, size_t> shards;
  for (const auto &[name, shard] : shardOf)
    shards.emplace(shard, 0);
  size_t slash = path.rfind('/');
  std::string directory = slash == std::string::npos ? "" : path.substr(0, slash + 1);
  for (auto &[shard, position] : shards) {
    position = files_.size();
    LINNET_TRY(files_.emplace_back().open(directory + shard));
  }

  for (const auto &[name, file] : shardOf) {
    const SafetensorsFile &shard = files_[shards.at(file)];
    const StoredTensor *tensor = shard.find(name);
    if (!tensor)
      return fail(LINNET_MALFORMED, quote(path), ": weight_map: tensor ", quote(name), " is not in ",
                  quote(shard.path()));
    tensors.emplace(tensor->name, tensor);
  }
  return LINNET_OK;
}

const StoredTensor *WeightFiles::find(std::string_view name) const {
  auto found = tensors.find(name);
  return found == tensors.end() ? nullptr : found->second;
}
