//===- Compile.cpp - from a module to a library ---------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/package/Compile.h"

#include "compiler/Pipelines.h"
#include "compiler/package/Kernels.h"
#include "compiler/package/Link.h"
#include "compiler/package/Manifest.h"
#include "compiler/package/WriteFile.h"

#include "mlir/IR/Action.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/PassInstrumentation.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/Passes/PassBuilder.h"

#include <chrono>

using namespace mlir;
using namespace linnet;

namespace {
/// Reports the wall time of a part of the work when it goes out of scope.
struct StageTimer {
  StageTimer(StringRef name, const CompileOptions &options) : name(name), options(options) {}
  ~StageTimer() {
    std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
    if (options.onStage)
      options.onStage(name, elapsed.count());
  }

  StringRef name;
  const CompileOptions &options;
  std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now();
};
} // namespace

static std::unique_ptr<llvm::TargetMachine> createMachine(ModuleOp module, const CompileOptions &options) {
  std::string error;
  std::unique_ptr<llvm::TargetMachine> machine = createTargetMachine(options.target, error);
  if (!machine)
    module.emitError() << error;
  return machine;
}

static LogicalResult checkNotCancelled(ModuleOp module, const CompileOptions &options) {
  if (options.isCancelled && options.isCancelled())
    return module.emitError() << "the compilation was given up, as its caller asked";
  return success();
}

LogicalResult linnet::runStages(ModuleOp module, StringRef lastStage, const CompileOptions &options) {
  std::unique_ptr<llvm::TargetMachine> machine = createMachine(module, options);
  if (!machine)
    return failure();
  StageOptions stageOptions;
  stageOptions.path = options.path;
  stageOptions.timeBlock = options.timeBlock;
  stageOptions.avx2 = hasAVX2(*machine);
  stageOptions.parallelTiles = options.parallelTiles;
  stageOptions.avx512 = hasAVX512(*machine);
  stageOptions.avx512Bf16 = hasAVX512Bf16(*machine);
  stageOptions.fma = hasFMA(*machine);
  // Passes, and the steps of the larger ones, are actions: what is not begun any more ends soon.
  if (options.isCancelled)
    module.getContext()->registerActionHandler([&](llvm::function_ref<void()> run, const tracing::Action &) {
      if (!options.isCancelled())
        run();
    });
  llvm::scope_exit withoutHandler([&] {
    if (options.isCancelled)
      module.getContext()->registerActionHandler(nullptr);
  });
  stageOptions.chip = options.chip;
  bool isDone = !options.from.empty();
  for (const Stage &stage : getStages(!options.chip.empty())) {
    if (isDone) {
      isDone = stage.name != options.from;
      continue;
    }
    StageTimer timer(stage.name, options);
    PassManager pm(module.getContext());
    // Fails, without a message, where a program has not registered the options: then there are none to apply.
    (void)applyPassManagerCLOptions(pm);
    applyDefaultTimingPassManagerCLOptions(pm);
    stage.build(pm, stageOptions);
    // Once a stage and not after each of its passes, which takes a tenth of the time; linnet-opt does the latter.
    pm.enableVerifier(false);
    bool succeeded = mlir::succeeded(pm.run(module));
    if (failed(checkNotCancelled(module, options)) || !succeeded || failed(verify(module)))
      return failure();
    if (stage.name == lastStage)
      return success();
  }
  return module.emitError() << "expected a stage of input, graph, tiled, " << (options.chip.empty() ? "vector" : "gpu")
                            << " or llvm, got " << lastStage;
}

void linnet::optimize(llvm::Module &module, llvm::TargetMachine &machine, const std::function<bool()> &isCancelled) {
  llvm::PassInstrumentationCallbacks callbacks;
  if (isCancelled)
    callbacks.registerShouldRunOptionalPassCallback([&](StringRef, llvm::Any) { return !isCancelled(); });
  llvm::PassBuilder builder(&machine, llvm::PipelineTuningOptions(), std::nullopt, &callbacks);
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager callGraph;
  llvm::ModuleAnalysisManager modules;
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(callGraph);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, callGraph, modules);
  builder.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O3).run(module, modules);
}

static LogicalResult write(ModuleOp module, StringRef path, llvm::function_ref<void(llvm::raw_ostream &)> print) {
  if (llvm::Error error = writeFile(path, print))
    return module.emitError() << llvm::toString(std::move(error));
  return success();
}

llvm::Expected<std::string> linnet::emitCode(llvm::Module &module, llvm::TargetMachine &machine,
                                             llvm::CodeGenFileType type) {
  llvm::SmallVector<char, 0> buffer; // the emitter needs a stream that can seek, and standard output is none
  llvm::raw_svector_ostream stream(buffer);
  llvm::legacy::PassManager pm;
  if (machine.addPassesToEmitFile(pm, stream, nullptr, type))
    return llvm::createStringError("target " + machine.getTargetTriple().str() + " cannot emit this kind of file");
  pm.run(module);
  return std::string(buffer.data(), buffer.size());
}

LogicalResult linnet::compileModule(ModuleOp module, Artifact artifact, StringRef outputPath,
                                    const CompileOptions &options) {
  std::unique_ptr<llvm::TargetMachine> machine = createMachine(module, options);
  if (!machine || failed(runStages(module, "llvm", options)))
    return failure();
  module->setAttr("linnet.cpu", StringAttr::get(module.getContext(), machine->getTargetCPU()));
  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> llvmModule, kernels;
  if (!options.chip.empty()) {
    StageTimer timer("kernels", options);
    kernels = translateKernels(module, options.chip, context);
    if (!kernels)
      return failure();
    if (artifact == Artifact::LLVMIR)
      return write(module, outputPath, [&](llvm::raw_ostream &os) { kernels->print(os, nullptr); });
    if (isOfKernels(artifact)) {
      llvm::Expected<std::string> code = emitPtx(*kernels, options.chip);
      if (code && artifact != Artifact::Ptx)
        code = assemblePtx(*code, options.chip, /*asFatbin=*/artifact == Artifact::Fatbin);
      if (!code)
        return module.emitError() << llvm::toString(code.takeError());
      return write(module, outputPath, [&](llvm::raw_ostream &os) { os << *code; });
    }
  }
  {
    StageTimer timer("translate", options);
    llvmModule = translateModuleToLLVMIR(module, context);
    if (!llvmModule)
      return failure();
    llvmModule->setTargetTriple(machine->getTargetTriple());
    llvmModule->setDataLayout(machine->createDataLayout());
    std::optional<KernelImage> image;
    if (kernels) {
      llvm::Expected<KernelImage> embedded = embedKernels(std::move(kernels), options.chip, *llvmModule, *machine);
      if (!embedded)
        return module.emitError() << llvm::toString(embedded.takeError());
      image = std::move(*embedded);
    }
    if (failed(emitManifest(module, *llvmModule, image ? &*image : nullptr)))
      return failure();
  }
  {
    StageTimer timer("optimize", options);
    optimize(*llvmModule, *machine, options.isCancelled);
  }
  if (failed(checkNotCancelled(module, options)))
    return failure();
  if (artifact == Artifact::LLVMIR)
    return write(module, outputPath, [&](llvm::raw_ostream &os) { llvmModule->print(os, nullptr); });
  StageTimer timer("object", options);
  llvm::Expected<std::string> code = emitCode(*llvmModule, *machine,
                                              artifact == Artifact::Assembly ? llvm::CodeGenFileType::AssemblyFile
                                                                             : llvm::CodeGenFileType::ObjectFile);
  if (!code)
    return module.emitError() << llvm::toString(code.takeError());
  if (artifact == Artifact::SharedLibrary) {
    llvm::Expected<std::string> library = linkSharedLibrary(*code);
    if (!library)
      return module.emitError() << "cannot link " << outputPath << ": " << llvm::toString(library.takeError());
    code = std::move(*library);
  }
  // A process that has the library open keeps the old file.
  return write(module, outputPath, [&](llvm::raw_ostream &os) { os << *code; });
}
