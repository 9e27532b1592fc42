//===- KernelCase.cpp - the case of one compiled function --------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "KernelCase.h"

using namespace linnet;

llvm::Error linnet::addLinnet(Case &result, std::shared_ptr<KernelParts> parts, llvm::StringRef text) {
  llvm::Expected<OwnedModel> model = compileText(text);
  if (!model)
    return model.takeError();
  parts->model = std::move(*model);
  int32_t function;
  if (llvm::Error error = checkStatus(linnet_model_find_function(parts->model.get(), "run", &function)))
    return error;
  result.linnet = [parts = parts.get(), function](int threads) {
    return checkStatus(
        linnet_call(parts->model.get(), function, threads, parts->buffers.data(), parts->symbols.data()));
  };
  result.keep = std::move(parts);
  return llvm::Error::success();
}
