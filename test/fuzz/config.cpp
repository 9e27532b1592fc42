//===- config.cpp - the frontend's reader of config.json ------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Diagnostics.h"

#include "dialects/linnet/Linnet.h"
#include "frontends/checkpoint/Architecture.h"

#include "mlir/IR/Verifier.h"

#include <cstdint>

using namespace linnet::checkpoint;
using namespace linnet::fuzz;

/// The tensors of a model with all sizes 1 but a convolution of 2 taps, and two sizes that follow from them.
static TensorTable makeTable() {
  const std::pair<const char *, llvm::SmallVector<int64_t>> shapes[] = {{"backbone.embedding.weight", {1, 1}},
                                                                        {"backbone.norm_f.weight", {1}},
                                                                        {"norm.weight", {1}},
                                                                        {"mixer.in_proj.weight", {2, 1}},
                                                                        {"mixer.conv1d.weight", {1, 1, 2}},
                                                                        {"mixer.conv1d.bias", {1}},
                                                                        {"mixer.x_proj.weight", {3, 1}},
                                                                        {"mixer.dt_proj.weight", {1, 1}},
                                                                        {"mixer.dt_proj.bias", {1}},
                                                                        {"mixer.A_log", {1, 1}},
                                                                        {"mixer.D", {1}},
                                                                        {"mixer.out_proj.weight", {1, 1}}};
  TensorTable table;
  for (const auto &[name, shape] : shapes) {
    StoredTensor tensor;
    tensor.dtype = "F32";
    tensor.shape = shape;
    tensor.file = "model.safetensors";
    bool isOfLayer = !llvm::StringRef(name).starts_with("backbone.");
    table.emplace((isOfLayer ? "backbone.layers.0." : "") + std::string(name), std::move(tensor));
  }
  return table;
}

static bool build(mlir::MLIRContext &context, const char *text, size_t size, const TensorTable &table) {
  mlir::FailureOr<Config> config = Config::parse(context, "config.json", std::string(text, size));
  const Architecture *architecture = succeeded(config) ? findArchitecture(*config) : nullptr;
  if (!architecture)
    return false;
  Folder folder{"model", std::move(*config), Tensors(context, "model.safetensors", table), /*hasTokenizer=*/false};
  mlir::FailureOr<mlir::OwningOpRef<mlir::ModuleOp>> module = architecture->build(context, folder);
  return succeeded(module) && succeeded(mlir::verify(**module));
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const TensorTable table = makeTable();
  static RenewedContext contexts([](mlir::DialectRegistry &registry) { registry.insert<linnet::LinnetDialect>(); },
                                 1000);
  mlir::MLIRContext &context = contexts.get();
  Diagnostics diagnostics(context, /*allOwn=*/true);
  diagnostics.check(!build(context, reinterpret_cast<const char *>(data), size, table));
  return 0;
}
