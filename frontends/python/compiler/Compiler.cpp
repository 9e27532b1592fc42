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
#if LINNET_HAS_ONNX
#include "frontends/onnx/Onnx.h"
#endif

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
    emit(diagnostic, isError);
    for (Diagnostic &note : diagnostic.getNotes())
      emit(note, isError);
    (isError ? errors : remarks) += text;
    text.clear();
  }

  /// The modules of kernels have the name of the op where others have a line.
  void emit(Diagnostic &diagnostic, bool withSource) {
    Location location = diagnostic.getLocation();
    auto name = location->findInstanceOf<NameLoc>();
    if (name && !location->findInstanceOf<FileLineColLoc>()) {
      StringRef kind = diagnostic.getSeverity() == DiagnosticSeverity::Error  ? "error"
                       : diagnostic.getSeverity() == DiagnosticSeverity::Note ? "note"
                                                                              : "remark";
      stream << name.getName().strref() << ": " << kind << ": " << diagnostic.str() << '\n';
    } else {
      emitDiagnostic(location, diagnostic.str(), diagnostic.getSeverity(), withSource);
    }
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

/// Runs `work` on `text` in a context of its own, whose diagnostics the result gets; it may write text for the caller.
int32_t withContext(const char *name, StringRef text, linnet_compiler_result *result,
                    llvm::function_ref<LogicalResult(MLIRContext &, llvm::SourceMgr &, llvm::raw_ostream &)> work) {
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
  bool succeeded = mlir::succeeded(work(context, sources, os));
  if (!succeeded && diagnostics.errors.empty())
    diagnostics.errors = std::string(name) + ": error: the compiler failed without a message; please report it\n";
  *result = {copyText(output), copyText(succeeded ? "" : diagnostics.errors), copyText(diagnostics.remarks)};
  return succeeded ? 0 : 1;
}

/// Parses `text` and gives the module to `compile`.
int32_t withModule(const char *name, StringRef text, linnet_compiler_result *result,
                   llvm::function_ref<LogicalResult(ModuleOp, llvm::raw_ostream &)> compile) {
  return withContext(name, text, result,
                     [&](MLIRContext &context, llvm::SourceMgr &sources, llvm::raw_ostream &os) -> LogicalResult {
                       OwningOpRef<ModuleOp> module = parseSourceFile<ModuleOp>(sources, &context);
                       return module ? compile(*module, os) : failure();
                     });
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
  if (options->is_cancelled)
    result.isCancelled = [options] { return options->is_cancelled(options->data) != 0; };
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

/// "B=2,T=100" as values by symbol.
static FailureOr<llvm::StringMap<int64_t>> parseSizes(ModuleOp module, StringRef text) {
  llvm::StringMap<int64_t> values;
  for (StringRef part : llvm::split(text, ',')) {
    auto [symbol, number] = part.rsplit('=');
    if (!part.empty() && number.getAsInteger(10, values[symbol]))
      return module.emitError() << "expected sizes like B=2,T=100, got '" << text << "'";
  }
  return values;
}

int32_t linnet_compiler_count(const char *name, const char *text, size_t text_bytes, const char *sizes,
                              int64_t dynamic_size, linnet_compiler_result *result) {
  return withModule(name, StringRef(text, text_bytes), result, [&](ModuleOp module, llvm::raw_ostream &os) {
    FailureOr<llvm::StringMap<int64_t>> values = parseSizes(module, sizes ? sizes : "");
    if (failed(values) || (!values->empty() && failed(setSymbols(module, *values))))
      return failure();
    for (const FunctionStatistics &f : countStatistics(module, dynamic_size)) {
      os << f.name << '\t' << f.ops << '\t' << f.flops << '\t' << f.weightBytes << '\t' << f.stateBytes << '\t'
         << f.trafficBytes << '\n';
      for (const OpStatistics &op : f.opCounts)
        os << '\t' << op.name << '\t' << op.kind << '\t' << op.flops << '\t' << op.bytes << '\n';
    }
    return success();
  });
}

#if LINNET_HAS_ONNX
int32_t linnet_compiler_import_onnx(const char *name, const char *bytes, size_t byte_count, const char *folder,
                                    linnet_compiler_result *result) {
  // The bytes are no text of which a message could show a line.
  return withContext(name, "", result, [&](MLIRContext &context, llvm::SourceMgr &, llvm::raw_ostream &os) {
    FailureOr<OnnxModel> model = importOnnx(context, {name, StringRef(bytes, byte_count), folder});
    if (failed(model))
      return failure();
    OpPrintingFlags flags;
    flags.enableDebugInfo(/*enable=*/true, /*prettyForm=*/false);
    model->module->print(os, flags);
    os << '\n';
    return success();
  });
}

int32_t linnet_compiler_list_onnx_operators(linnet_compiler_result *result) {
  *result = {copyText(listOnnxOperators()), copyText(""), copyText("")};
  return 0;
}
#else
int32_t linnet_compiler_import_onnx(const char *name, const char *, size_t, const char *,
                                    linnet_compiler_result *result) {
  std::string problem = std::string(name) + ": error: this compiler was built without the ONNX frontend, which needs "
                                            "protobuf and the Python package onnx\n";
  *result = {copyText(""), copyText(problem), copyText("")};
  return 1;
}

int32_t linnet_compiler_list_onnx_operators(linnet_compiler_result *result) {
  *result = {copyText(""), copyText(""), copyText("")};
  return 0;
}
#endif

void linnet_compiler_free(linnet_compiler_result *result) {
  if (!result)
    return;
  for (char **text : {&result->output, &result->errors, &result->remarks}) {
    std::free(*text);
    *text = nullptr;
  }
}

const char *linnet_compiler_version(void) { return LINNET_VERSION; }
