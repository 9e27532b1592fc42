//===- mlir.cpp - modules of users: parser, verifiers, stages input and graph ---===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Diagnostics.h"

#include "compiler/Pipelines.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"

#include <cstdint>

using namespace linnet::fuzz;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static RenewedContext contexts(linnet::registerCompilerDialects, 300);
  mlir::MLIRContext &context = contexts.get();
  Diagnostics diagnostics(context, /*allOwn=*/false);
  mlir::OwningOpRef<mlir::ModuleOp> module =
      mlir::parseSourceString<mlir::ModuleOp>({reinterpret_cast<const char *>(data), size}, &context);
  if (!module) {
    diagnostics.check(true);
    return 0;
  }
  mlir::PassManager pm(&context);
  linnet::buildStageInput(pm, linnet::StageOptions());
  linnet::buildStageGraph(pm, linnet::StageOptions());
  diagnostics.check(failed(pm.run(*module)));
  return 0;
}
