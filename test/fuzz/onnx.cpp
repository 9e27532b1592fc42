//===- onnx.cpp - the frontend for ONNX models ----------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Diagnostics.h"

#include "dialects/linnet/Linnet.h"
#include "frontends/onnx/Onnx.h"

#include "mlir/IR/Verifier.h"

#include <cstdint>

using namespace linnet::fuzz;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static RenewedContext contexts([](mlir::DialectRegistry &registry) { registry.insert<linnet::LinnetDialect>(); },
                                 300);
  mlir::MLIRContext &context = contexts.get();
  Diagnostics diagnostics(context, /*allOwn=*/false);
  linnet::OnnxSource source{"model.onnx", llvm::StringRef(reinterpret_cast<const char *>(data), size), "/nowhere"};
  mlir::FailureOr<linnet::OnnxModel> model = linnet::importOnnx(context, source);
  bool works = succeeded(model) && succeeded(mlir::verify(*model->module));
  diagnostics.check(!works);
  return 0;
}
