//===- Kernel.cpp - a workload's function, compiled and loaded ---------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Kernel.h"

#include "compiler/Pipelines.h"
#include "compiler/package/Compile.h"
#include "frontends/checkpoint/Checkpoint.h"

#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/Signals.h"
#include "llvm/Support/SourceMgr.h"

#include <cstdlib>

using namespace mlir;
using namespace linnet;

static llvm::Expected<OwnedModel>
compile(llvm::function_ref<OwningOpRef<ModuleOp>(MLIRContext &, llvm::SourceMgr &)> load) {
  registerPassManagerCLOptions(); // the stages ask for them, and fail where there are none
  DialectRegistry registry;
  registerCompilerDialects(registry);
  MLIRContext context(registry);
  context.loadAllAvailableDialects();
  llvm::SourceMgr sources;
  SourceMgrDiagnosticHandler handler(sources, &context, llvm::errs());
  context.printOpOnDiagnostic(false);
  OwningOpRef<ModuleOp> module = load(context, sources);
  if (!module)
    return llvm::createStringError("it cannot be read");

  llvm::SmallString<128> path;
  if (std::error_code error = llvm::sys::fs::createTemporaryFile("linnet-bench", "so", path))
    return llvm::createStringError("cannot make a temporary file: " + error.message());
  llvm::FileRemover remover(path); // what is loaded stays, as long as it is open
  llvm::sys::RemoveFileOnSignal(path);
  CompileOptions options;
  if (const char *environment = std::getenv("LINNET_PATH"))
    options.path = environment;
  LogicalResult compiled = compileModule(*module, Artifact::SharedLibrary, path, options);
  linnet_model *model = nullptr;
  llvm::Error error = failed(compiled) ? llvm::createStringError("it does not compile")
                                       : checkStatus(linnet_model_open(path.c_str(), &model));
  llvm::sys::DontRemoveFileOnSignal(path);
  if (error)
    return std::move(error);
  return OwnedModel(model);
}

llvm::Expected<OwnedModel> linnet::compileText(StringRef text) {
  return compile([&](MLIRContext &context, llvm::SourceMgr &sources) {
    sources.AddNewSourceBuffer(llvm::MemoryBuffer::getMemBufferCopy(text, "workload"), llvm::SMLoc());
    return parseSourceFile<ModuleOp>(sources, &context);
  });
}

llvm::Expected<OwnedModel> linnet::compileCheckpoint(StringRef directory) {
  return compile([&](MLIRContext &context, llvm::SourceMgr &) {
    FailureOr<OwningOpRef<ModuleOp>> module = importCheckpoint(context, directory);
    return succeeded(module) ? std::move(*module) : OwningOpRef<ModuleOp>();
  });
}
