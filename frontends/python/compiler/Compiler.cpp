//===- Compiler.cpp - the compiler as a library ---------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontends/python/compiler/linnet_compiler.h"

#include "compiler/Pipelines.h"
#include "compiler/package/Compile.h"
#include "compiler/package/Statistics.h"

#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/SourceMgr.h"

#include <cstdlib>
#include <cstring>

using namespace mlir;
using namespace linnet;

namespace {

/// Collects diagnostics, errors apart from the rest.
class Diagnostics : public SourceMgrDiagnosticHandler {
public:
  Diagnostics(llvm::SourceMgr &sources, MLIRContext *context)
      : SourceMgrDiagnosticHandler(sources, context, stream), stream(text) {
    setHandler([this](Diagnostic &diagnostic) { collect(diagnostic); });
  }

  std::string errors, remarks;

private:
  void collect(Diagnostic &diagnostic) {
    bool isError = diagnostic.getSeverity() == DiagnosticSeverity::Error;
    // The line of the source helps whoever wrote it. Remarks mostly reach users of kernels, who did not.
    emitDiagnostic(diagnostic.getLocation(), diagnostic.str(), diagnostic.getSeverity(), isError);
    for (Diagnostic &note : diagnostic.getNotes())
      emitDiagnostic(note.getLocation(), note.str(), note.getSeverity(), isError);
    (isError ? errors : remarks) += text;
    text.clear();
  }

  std::string text;
  llvm::raw_string_ostream stream;
};

char *copyText(llvm::StringRef text) {
  auto *copy = static_cast<char *>(std::malloc(text.size() + 1));
  if (!copy)
    return nullptr;
  std::memcpy(copy, text.data(), text.size());
  copy[text.size()] = 0;
  return copy;
}

/// Parses `text` and gives the module to `compile`, which may write text for the caller.
int32_t withModule(const char *name, StringRef text, linnet_compiler_result *result,
                   llvm::function_ref<LogicalResult(ModuleOp, llvm::raw_ostream &)> compile) {
  static const DialectRegistry *registry = [] {
    auto *registry = new DialectRegistry;
    registerCompilerDialects(*registry);
    // The stages apply these options as a tool would have set them, and fail where nobody registered any.
    registerPassManagerCLOptions();
    return registry;
  }();
  // A kernel has one function: a pool of threads would cost more than it gains, and a child process would lack them.
  MLIRContext context(*registry, MLIRContext::Threading::DISABLED);
  context.loadAllAvailableDialects();
  // A note with the whole operation after every error would bury the error.
  context.printOpOnDiagnostic(false);
  llvm::SourceMgr sources;
  sources.AddNewSourceBuffer(llvm::MemoryBuffer::getMemBufferCopy(text, name), llvm::SMLoc());
  Diagnostics diagnostics(sources, &context);
  std::string output;
  llvm::raw_string_ostream os(output);
  OwningOpRef<ModuleOp> module = parseSourceFile<ModuleOp>(sources, &context);
  bool succeeded = module && mlir::succeeded(compile(*module, os));
  if (!succeeded && diagnostics.errors.empty())
    diagnostics.errors = std::string(name) + ": error: the compiler failed without a message; please report it\n";
  *result = {copyText(output), copyText(succeeded ? "" : diagnostics.errors), copyText(diagnostics.remarks)};
  return succeeded ? 0 : 1;
}

CompileOptions getOptions(const linnet_compiler_options *options) {
  CompileOptions result;
  if (!options)
    return result;
  auto set = [](std::string &member, const char *value) {
    if (value)
      member = value;
  };
  set(result.path, options->path);
  set(result.target.triple, options->target);
  set(result.target.cpu, options->cpu);
  set(result.target.features, options->features);
  return result;
}

} // namespace

int32_t linnet_compiler_compile(const char *name, const char *text, size_t text_bytes,
                                const linnet_compiler_options *options, const char *output_path,
                                linnet_compiler_result *result) {
  return withModule(name, StringRef(text, text_bytes), result, [&](ModuleOp module, llvm::raw_ostream &) {
    return compileModule(module, Artifact::SharedLibrary, output_path, getOptions(options));
  });
}

int32_t linnet_compiler_print(const char *name, const char *text, size_t text_bytes,
                              const linnet_compiler_options *options, const char *stage,
                              linnet_compiler_result *result) {
  return withModule(name, StringRef(text, text_bytes), result, [&](ModuleOp module, llvm::raw_ostream &os) {
    if (failed(runStages(module, stage, getOptions(options))))
      return failure();
    module.print(os);
    os << '\n';
    return success();
  });
}

int32_t linnet_compiler_count(const char *name, const char *text, size_t text_bytes, int64_t dynamic_size,
                              linnet_compiler_result *result) {
  return withModule(name, StringRef(text, text_bytes), result, [&](ModuleOp module, llvm::raw_ostream &os) {
    for (const FunctionStatistics &f : countStatistics(module, dynamic_size))
      os << f.name << '\t' << f.ops << '\t' << f.flops << '\t' << f.weightBytes << '\t' << f.stateBytes << '\t'
         << f.trafficBytes << '\n';
    return success();
  });
}

void linnet_compiler_free(linnet_compiler_result *result) {
  if (!result)
    return;
  for (char **text : {&result->output, &result->errors, &result->remarks}) {
    std::free(*text);
    *text = nullptr;
  }
}

const char *linnet_compiler_version(void) { return LINNET_VERSION; }
