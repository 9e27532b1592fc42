//===- mlir.cpp - modules of users: parser, verifiers, stages input and graph ---===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Diagnostics.h"

#include "compiler/Pipelines.h"
#include "compiler/package/ParseModule.h"

#include "mlir/Pass/PassManager.h"
#include "llvm/Support/SourceMgr.h"

#include <cstdint>

using namespace linnet::fuzz;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static RenewedContext contexts(linnet::registerCompilerDialects, 300);
  mlir::MLIRContext &context = contexts.get();
  Diagnostics diagnostics(context, /*allOwn=*/false);
  llvm::SourceMgr sources;
  // The parser wants a zero behind the text, as there is behind a file.
  sources.AddNewSourceBuffer(llvm::MemoryBuffer::getMemBufferCopy({reinterpret_cast<const char *>(data), size}),
                             llvm::SMLoc());
  linnet::ParsedModule parsed = linnet::parseModule(sources, context);
  if (!parsed.module) {
    diagnostics.check(true);
    if (parsed.crashed)
      contexts.abandon();
    return 0;
  }
  mlir::PassManager pm(&context);
  linnet::buildStageInput(pm, linnet::StageOptions());
  linnet::buildStageGraph(pm, linnet::StageOptions());
  diagnostics.check(failed(pm.run(*parsed.module)));
  return 0;
}
