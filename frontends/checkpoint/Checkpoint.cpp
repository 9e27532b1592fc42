//===- Checkpoint.cpp - imports the folder of a model ---------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/checkpoint/Checkpoint.h"

#include "frontends/checkpoint/Architecture.h"
#include "frontends/checkpoint/Json.h"

#include "mlir/IR/Verifier.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace mlir;
using namespace linnet;
using namespace linnet::checkpoint;

static const Architecture architectures[] = {
    {"mamba", "mamba", "MambaForCausalLM", "Mamba1", buildMamba},
    {"mamba2", "mamba2", "Mamba2ForCausalLM", "Mamba2", buildMamba2},
    {"lightning", "lightning", "LightningForCausalLM", "", buildLightning},
    {"gla", "gla", "GLAForCausalLM", "", buildGla},
    {"retnet", "retnet", "RetNetForCausalLM", "", buildRetNet},
};

/// What the makers of state-spaces write has no model_type; it has ssm_cfg, whose layer is Mamba1 where it is not
/// given.
const Architecture *linnet::checkpoint::findArchitecture(Config &config) {
  StringRef key;
  std::string value;
  const Architecture *found = nullptr;
  auto findBy = [&](StringRef Architecture::*field) {
    found = llvm::find_if(architectures,
                          [&](const Architecture &known) { return !(known.*field).empty() && known.*field == value; });
    if (found == std::end(architectures))
      found = nullptr;
  };

  const llvm::json::Value *classes = config.find("architectures");
  if (config.find("model_type")) {
    key = "model_type";
    std::optional<std::string> type = config.string(key);
    if (!type)
      return nullptr;
    value = *type;
    findBy(&Architecture::modelType);
  } else if (classes) {
    key = "architectures";
    const llvm::json::Array *array = classes->getAsArray();
    std::optional<StringRef> first = array && !array->empty() ? array->front().getAsString() : std::nullopt;
    if (!first) {
      config.error(key) << "expected architectures to be a list of names, got " << printJson(*classes);
      return nullptr;
    }
    value = first->str();
    findBy(&Architecture::className);
  } else if (config.find("ssm_cfg")) {
    key = config.find("ssm_cfg.layer") ? "ssm_cfg.layer" : "ssm_cfg";
    std::optional<std::string> layer = config.string({"ssm_cfg.layer"});
    if (!layer && config.hasErrors())
      return nullptr;
    value = layer.value_or("Mamba1");
    findBy(&Architecture::ssmLayer);
  } else {
    config.error({"model_type"}) << "expected model_type, architectures or ssm_cfg, got none";
    return nullptr;
  }
  if (found)
    return found;

  InFlightDiagnostic diagnostic = config.error(key);
  diagnostic << "expected a known architecture, got " << key << " " << printJson(value);
  for (const Architecture &known : architectures) {
    Diagnostic &note = diagnostic.attachNote();
    note << "known: " << known.name << " (model_type \"" << known.modelType << "\", architectures \"" << known.className
         << "\"";
    if (!known.ssmLayer.empty())
      note << ", ssm_cfg.layer \"" << known.ssmLayer << "\"";
    note << ")";
  }
  return nullptr;
}

/// Reads the header of the weights, in one file or several. Returns the file that lists them.
static FailureOr<std::string> readHeaders(MLIRContext &context, StringRef directory, TensorTable &table) {
  auto in = [&](StringRef file) {
    SmallString<256> path(directory);
    llvm::sys::path::append(path, file);
    return path.str().str();
  };
  std::string single = in("model.safetensors"), index = in("model.safetensors.index.json");
  if (llvm::sys::fs::exists(single)) {
    if (failed(readSafetensorsHeader(context, single, table)))
      return failure();
    return single;
  }
  if (llvm::sys::fs::exists(index)) {
    if (failed(readShardedHeaders(context, index, table)))
      return failure();
    return index;
  }
  InFlightDiagnostic diagnostic = emitError(fileLocation(context, directory))
                                  << "expected model.safetensors or model.safetensors.index.json, got neither";
  if (llvm::sys::fs::exists(in("pytorch_model.bin")))
    diagnostic.attachNote() << "pytorch_model.bin is not read; load it with torch and save the state with "
                               "safetensors.torch.save_file";
  return diagnostic;
}

FailureOr<OwningOpRef<ModuleOp>> linnet::importCheckpoint(MLIRContext &context, StringRef directory) {
  if (!llvm::sys::fs::is_directory(directory))
    return emitError(fileLocation(context, directory)) << "expected the folder of a model, got no folder";
  auto in = [&](StringRef file) {
    SmallString<256> path(directory);
    llvm::sys::path::append(path, file);
    return path.str().str();
  };

  FailureOr<Config> config = Config::read(context, in("config.json"));
  const Architecture *architecture = succeeded(config) ? findArchitecture(*config) : nullptr;
  TensorTable table;
  FailureOr<std::string> listed = readHeaders(context, directory, table);
  if (!architecture || failed(listed))
    return failure();

  // The folder may have been given as "." or with a slash at the end.
  SmallString<256> resolved;
  if (llvm::sys::fs::real_path(directory, resolved))
    resolved = directory;
  std::string name = llvm::sys::path::filename(resolved).str();
  if (name.empty() || name == "/")
    name = "model";

  Folder folder{name, std::move(*config), Tensors(context, *listed, std::move(table)),
                llvm::sys::fs::exists(in("tokenizer.json"))};
  FailureOr<OwningOpRef<ModuleOp>> module = architecture->build(context, folder);
  if (failed(module) || failed(verify(**module)))
    return failure();
  return module;
}
