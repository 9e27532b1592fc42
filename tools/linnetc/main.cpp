//===- main.cpp - linnetc: models ahead of time ---------------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Passes.h"
#include "compiler/Pipelines.h"
#include "compiler/gpu/Chip.h"
#include "compiler/gpu/Passes.h"
#include "compiler/package/Compile.h"
#include "compiler/package/Manifest.h"
#include "compiler/package/ParseModule.h"
#include "compiler/package/Statistics.h"
#include "compiler/package/WriteFile.h"
#include "dialects/linnet/Linnet.h"
#include "frontends/checkpoint/Checkpoint.h"
#if LINNET_HAS_ONNX
#include "frontends/onnx/Onnx.h"
#endif

#include "mlir/IR/AsmState.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Support/FileUtilities.h"
#include "mlir/Support/Timing.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/SourceMgr.h"

#include <csignal>
#include <cstdlib>

using namespace mlir;
using namespace linnet;
namespace cl = llvm::cl;

static cl::OptionCategory category("linnetc options");

static cl::opt<std::string> input(cl::Positional, cl::desc("MODEL_DIR|FILE.onnx|FILE.mlir"), cl::Required,
                                  cl::cat(category));
static cl::opt<std::string> output("o", cl::desc("Where the result goes; - is standard output"), cl::value_desc("file"),
                                   cl::cat(category));
static cl::opt<Artifact> emit("emit", cl::desc("What to write:"),
                              cl::values(clEnumValN(Artifact::SharedLibrary, "so", "a shared library and a C header"),
                                         clEnumValN(Artifact::Object, "obj", "an object file and a C header"),
                                         clEnumValN(Artifact::LLVMIR, "llvm", "optimized LLVM IR"),
                                         clEnumValN(Artifact::Assembly, "asm", "assembly"),
                                         clEnumValN(Artifact::Ptx, "ptx", "the kernels as PTX (--target=nvptx64)"),
                                         clEnumValN(Artifact::Cubin, "cubin", "the kernels as ptxas assembles them"),
                                         clEnumValN(Artifact::Fatbin, "fatbin", "both in one file")),
                              cl::init(Artifact::SharedLibrary), cl::cat(category));
static cl::opt<std::string> compileTo("compile-to", cl::value_desc("stage"),
                                      cl::desc("Stop after a stage and write its IR: input, graph, tiled, vector "
                                               "(for a GPU: gpu), llvm or object"),
                                      cl::init("object"), cl::cat(category));
static cl::opt<std::string> compileFrom("compile-from", cl::value_desc("stage"), cl::cat(category),
                                        cl::desc("FILE.mlir is what --compile-to=STAGE wrote: go on behind it"));
static cl::opt<std::string> targetTriple("target", cl::desc("Target triple (default: this machine)"),
                                         cl::value_desc("triple"), cl::cat(category));
static cl::opt<std::string> targetCpu("target-cpu", cl::init("native"), cl::value_desc("cpu"), cl::cat(category),
                                      cl::desc("CPU to make code for, e.g. x86-64-v4 (default: native)"));
static cl::opt<std::string> targetFeatures("target-features", cl::desc("Features to add or drop, e.g. +avx2,-fma"),
                                           cl::value_desc("list"), cl::cat(category));
static cl::opt<std::string> gpuChip("gpu-chip", cl::init("sm_80"), cl::value_desc("chip"), cl::cat(category),
                                    cl::desc("With --target=nvptx64: the GPU to make kernels for (default: sm_80)"));
static cl::opt<std::string> path("path", cl::value_desc("auto|fast|reference"), cl::cat(category),
                                 cl::desc("Lowering of linnet ops; fast makes falling back to the reference lowering "
                                          "an error (default: $LINNET_PATH, else auto)"));
static cl::opt<std::string> accuracy("accuracy", cl::value_desc("bounds"), cl::cat(category),
                                     cl::desc("How exact elementary functions must be where the model does not say: "
                                              "e.g. ulps=4 or rel=1e-3,flush_subnormals (default ulps=1)"));
static cl::opt<std::string> multiply("multiply", cl::value_desc("lmul[:M[:formula]]"), cl::cat(category),
                                     cl::desc("Make products by L-Mul with M bits of fraction, to evaluate a model for "
                                              "hardware that has it (docs/spec/l-mul.md)"));
static cl::opt<std::string> multiplyIn("multiply-in", cl::value_desc("matmul"), cl::init("matmul"), cl::cat(category),
                                       cl::desc("Which products --multiply makes: matmul, those with weights"));
static cl::opt<int64_t> timeBlock("time-block", cl::desc("Tokens that a model computes at a time (default 256)"),
                                  cl::init(256), cl::cat(category));
static cl::opt<int64_t>
    parallelTiles("parallel-tiles",
                  cl::desc("Tiles of linear attention below which time is cut into parallel chunks: "
                           "up to the number of CPUs (default 2)"),
                  cl::init(2), cl::cat(category));
static cl::opt<bool> printStats("print-stats", cl::desc("Print flops, bytes, and the time of every stage"),
                                cl::cat(category));

static int fail(const llvm::Twine &message) {
  llvm::errs() << "linnetc: error: " << message << "\n";
  return 1;
}

static std::string defaultOutput() {
  StringRef stem = llvm::sys::path::stem(StringRef(input).rtrim('/'));
  switch (emit) {
  case Artifact::SharedLibrary:
    return (stem + ".so").str();
  case Artifact::Object:
    return (stem + ".o").str();
  default:
    return "-";
  }
}

/// A model, and what is written beside the library.
struct Loaded {
  OwningOpRef<ModuleOp> module;
  /// Writes the weights that the source has among other things; empty where they are in a file of their own.
  std::function<void(llvm::raw_ostream &)> writeWeights;
};

static Loaded loadOnnx(MLIRContext &context) {
#if LINNET_HAS_ONNX
  auto bytes = llvm::MemoryBuffer::getFile(input, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!bytes) {
    fail("cannot read " + input + ": " + bytes.getError().message());
    return {};
  }
  OnnxSource source{llvm::sys::path::filename(input).str(), (*bytes)->getBuffer(),
                    llvm::sys::path::parent_path(input).str()};
  FailureOr<OnnxModel> model = importOnnx(context, source);
  if (failed(model))
    return {};
  Loaded loaded{std::move(model->module), nullptr};
  if (!model->weights.empty())
    loaded.writeWeights = [shared = std::make_shared<OnnxModel>(std::move(*model))](llvm::raw_ostream &os) {
      writeWeights(*shared, os);
    };
  return loaded;
#else
  fail("this linnetc was built without the ONNX frontend, which needs protobuf and the Python package onnx; run "
       "tools/setup and build again");
  return {};
#endif
}

static Loaded load(MLIRContext &context, llvm::SourceMgr &sources) {
  if (StringRef(input).ends_with(".onnx"))
    return loadOnnx(context);
  if (llvm::sys::fs::is_directory(input)) {
    FailureOr<OwningOpRef<ModuleOp>> module = importCheckpoint(context, input);
    return {succeeded(module) ? std::move(*module) : OwningOpRef<ModuleOp>(), nullptr};
  }
  std::string problem;
  std::unique_ptr<llvm::MemoryBuffer> file = openInputFile(input, &problem);
  if (!file) {
    fail(problem);
    return {};
  }
  sources.AddNewSourceBuffer(std::move(file), llvm::SMLoc());
  ParsedModule parsed = parseModule(sources, context);
  // Not even ended in order.
  if (parsed.crashed)
    std::_Exit(1);
  return {std::move(parsed.module), nullptr};
}

int main(int argc, char **argv) {
  llvm::InitLLVM initLLVM(argc, argv);
  std::signal(SIGXFSZ, SIG_IGN); // a file beyond the limit is an error of the write, not the end
  cl::HideUnrelatedOptions(category);
  registerAsmPrinterCLOptions();
  registerMLIRContextCLOptions();
  registerLinnetCompilerPasses();
  registerLinnetGpuPasses(); // names for --mlir-print-ir-after
  registerPassManagerCLOptions();
  registerDefaultTimingManagerCLOptions();
  for (auto &[name, option] : cl::getRegisteredOptions()) // MLIR's: --help-hidden shows them
    if (llvm::is_contained(option->Categories, &cl::getGeneralCategory()) &&
        option->getOptionHiddenFlag() == cl::NotHidden)
      option->setHiddenFlag(cl::Hidden);
  cl::ParseCommandLineOptions(
      argc, argv,
      "Linnet compiler: a model into a native library\n\n"
      "  linnetc MODEL_DIR -o model.so          a Hugging Face folder: config.json and safetensors\n"
      "  linnetc FILE.onnx -o model.so          an ONNX model; its weights go to model.safetensors\n"
      "  linnetc FILE.mlir --compile-to=tiled   one stage of the compiler, as text\n");
  if (path.empty()) {
    const char *environment = std::getenv("LINNET_PATH");
    path = environment ? environment : "auto";
  }
  if (path != "auto" && path != "fast" && path != "reference")
    return fail("expected the path (--path or LINNET_PATH) to be auto, fast or reference, got '" + path + "'");
  bool forGpu = StringRef(targetTriple).starts_with("nvptx64");
  if (compileTo != "object" &&
      llvm::none_of(getStages(forGpu), [](const Stage &stage) { return stage.name == compileTo; }))
    return fail(llvm::Twine("expected a stage (--compile-to) of input, graph, tiled, ") + (forGpu ? "gpu" : "vector") +
                ", llvm or object, got '" + compileTo + "'");
  if (!compileFrom.empty() &&
      llvm::none_of(getStages(forGpu), [](const Stage &stage) { return stage.name == compileFrom; }))
    return fail(llvm::Twine("expected a stage (--compile-from) of input, graph, tiled, ") +
                (forGpu ? "gpu" : "vector") + " or llvm, got '" + compileFrom + "'");
  if (forGpu && !findChip(gpuChip))
    return fail("unknown chip (--gpu-chip) '" + gpuChip + "', expected one of " + listChips());
  if (!forGpu && gpuChip.getNumOccurrences())
    return fail("--gpu-chip: expected --target=nvptx64 with it");
  if (!forGpu && isOfKernels(emit))
    return fail("--emit=ptx, cubin and fatbin: expected --target=nvptx64 with it");
  if (forGpu && emit == Artifact::Assembly)
    return fail("--emit=asm: a GPU's assembly is --emit=ptx");
  if (timeBlock < 1)
    return fail("expected a time block (--time-block) of at least 1, got " + llvm::Twine(timeBlock.getValue()));
  if (parallelTiles < 1)
    return fail("expected --parallel-tiles of at least 1, got " + llvm::Twine(parallelTiles.getValue()));
  if (!llvm::sys::fs::exists(input))
    return fail("no such file or directory: " + input);
  // The host of a GPU is this machine.
  TargetOptions target = {forGpu ? std::string() : targetTriple, targetCpu, targetFeatures};
  std::string targetError;
  if (!createTargetMachine(target, targetError))
    return fail(targetError);

  DialectRegistry registry;
  registerCompilerDialects(registry);
  MLIRContext context(registry);
  context.loadAllAvailableDialects();
  llvm::SourceMgr sources;
  SourceMgrDiagnosticHandler handler(sources, &context, llvm::errs());
  // A note with the whole operation after every error would bury the error.
  context.printOpOnDiagnostic(false);

  CompileOptions options;
  options.target = target;
  if (forGpu)
    options.chip = gpuChip;
  options.from = compileFrom;
  options.path = path;
  options.timeBlock = timeBlock;
  options.parallelTiles = parallelTiles;
  double total = 0;
  const bool printsStats = printStats; // the linker, a library here, resets the options of the program
  if (printsStats)
    options.onStage = [&](StringRef stage, double seconds) {
      llvm::errs() << llvm::format("  %-10s %8.3f s\n", stage.str().c_str(), seconds);
      total += seconds;
    };

  Loaded loaded = load(context, sources);
  OwningOpRef<ModuleOp> &module = loaded.module;
  if (!module)
    return 1;
  if (printsStats) {
    printStatistics(*module, llvm::errs());
    llvm::errs() << "time of the stages:\n";
  }
  if (multiplyIn != "matmul")
    return fail("--multiply-in: expected matmul, got '" + multiplyIn +
                "'; no attention of these models takes L-Mul yet");
  if (!multiply.empty()) {
    llvm::Expected<LMulAttr> parsed = LMulAttr::parseText(&context, multiply);
    if (!parsed)
      return fail("--multiply: " + llvm::toString(parsed.takeError()));
    (*module)->setAttr(kMultiplyAttrName, *parsed);
  }
  if (!accuracy.empty()) {
    llvm::Expected<AccuracyAttr> parsed = AccuracyAttr::parseText(&context, accuracy);
    if (!parsed)
      return fail("--accuracy: " + llvm::toString(parsed.takeError()));
    (*module)->setAttr(kAccuracyAttrName, *parsed);
  }
  std::string destination = output.empty() ? (compileTo == "object" ? defaultOutput() : "-") : std::string(output);
  if (compileTo != "object") {
    if (failed(runStages(*module, compileTo, options)))
      return 1;
    auto print = [&](llvm::raw_ostream &os) {
      module->print(os);
      os << "\n";
    };
    if (llvm::Error error = writeFile(destination, print))
      return fail(llvm::toString(std::move(error)));
    return 0;
  }
  if (destination == "-" && (emit == Artifact::SharedLibrary || emit == Artifact::Object || emit == Artifact::Cubin ||
                             emit == Artifact::Fatbin))
    return fail("a binary needs a file: give it with -o");
  if (failed(compileModule(*module, emit, destination, options)))
    return 1;
  if (printsStats) {
    llvm::errs() << llvm::format("  %-10s %8.3f s\n", "all", total);
    printApproximations(*module, llvm::errs());
  }
  if ((emit != Artifact::SharedLibrary && emit != Artifact::Object) || !llvm::sys::fs::is_regular_file(destination))
    return 0;
  auto writeBeside = [&](StringRef extension, llvm::function_ref<void(llvm::raw_ostream &)> print) {
    llvm::SmallString<128> path(destination);
    llvm::sys::path::replace_extension(path, extension);
    llvm::Error error = writeFile(path, print);
    if (!error)
      return 0;
    // Half of what was asked for is nothing.
    llvm::sys::fs::remove(destination);
    return fail(llvm::toString(std::move(error)));
  };
  if (loaded.writeWeights && writeBeside("safetensors", loaded.writeWeights))
    return 1;
  return writeBeside("h", [&](llvm::raw_ostream &os) { os << printHeader(*module); });
}
