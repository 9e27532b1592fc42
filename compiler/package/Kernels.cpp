//===- Kernels.cpp - the kernels of a module as files ---------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/package/Kernels.h"

#include "compiler/gpu/Chip.h"
#include "compiler/gpu/Kernels.h"
#include "compiler/package/Compile.h"
#include "compiler/package/Target.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/Transforms/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/IR/DebugInfo.h"
#include "llvm/Linker/Linker.h"
#include "llvm/Support/CrashRecoveryContext.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/Program.h"
#include "llvm/Transforms/Utils/Cloning.h"

using namespace mlir;
using namespace linnet;

static std::unique_ptr<llvm::TargetMachine> createChipMachine(StringRef name, std::string &error) {
  const Chip *chip = findChip(name);
  if (!chip) {
    error = "unknown chip '" + name.str() + "', expected one of " + listChips();
    return nullptr;
  }
  return createTargetMachine({"nvptx64-nvidia-cuda", name.str(), "+" + chip->ptx.str()}, error);
}

/// A place in a file for every op: the name of the op in the source, where that is all there is.
static Location locate(Location location) {
  if (location->findInstanceOf<FileLineColLoc>())
    return location;
  if (auto name = location->findInstanceOf<NameLoc>())
    return FileLineColLoc::get(name.getName(), 0, 0);
  return location;
}

std::unique_ptr<llvm::Module> linnet::translateKernels(ModuleOp module, StringRef chip, llvm::LLVMContext &context) {
  auto kernels = module.lookupSymbol<gpu::GPUModuleOp>(kKernelModuleName);
  if (!kernels) {
    module.emitError("expected at least one kernel, got none: no function of the module has arguments of a role "
                     "(linnet.role); docs/spec/model-functions.md says how they are described");
    return nullptr;
  }
  std::string error;
  std::unique_ptr<llvm::TargetMachine> machine = createChipMachine(chip, error);
  if (!machine) {
    module.emitError() << error;
    return nullptr;
  }
  // The pass that gives functions a scope for their locations wants a plain module.
  OwningOpRef<ModuleOp> plain = ModuleOp::create(kernels.getLoc());
  plain->getBody()->getOperations().splice(plain->getBody()->end(), kernels.getBody()->getOperations());
  kernels.erase();
  plain->walk([](Operation *op) { op->setLoc(locate(op->getLoc())); });
  PassManager pm(module.getContext());
  // For the reports of the simt device; the PTX has no line tables.
  pm.addPass(LLVM::createDIScopeForLLVMFuncOpPass({LLVM::DIEmissionKind::None}));
  if (failed(pm.run(*plain)))
    return nullptr;
  std::unique_ptr<llvm::Module> translated = translateModuleToLLVMIR(*plain, context);
  if (!translated)
    return nullptr;
  translated->setModuleIdentifier(kKernelModuleName);
  translated->setTargetTriple(machine->getTargetTriple());
  translated->setDataLayout(machine->createDataLayout());
  optimize(*translated, *machine);
  return translated;
}

llvm::Expected<std::string> linnet::emitPtx(llvm::Module &kernels, StringRef chip) {
  std::string error;
  std::unique_ptr<llvm::TargetMachine> machine = createChipMachine(chip, error);
  if (!machine)
    return llvm::createStringError(error);
  std::string hash = hashModule(kernels);
  std::unique_ptr<llvm::Module> copy = llvm::CloneModule(kernels);
  // Code generation ends the program where it has no instruction for something.
  llvm::Expected<std::string> ptx = std::string();
  llvm::consumeError(ptx.takeError());
  std::string fatal;
  llvm::CrashRecoveryContext recovery;
  llvm::CrashRecoveryContext::Enable();
  llvm::install_fatal_error_handler(
      [](void *place, const char *reason, bool) {
        *static_cast<std::string *>(place) = reason;
        if (llvm::CrashRecoveryContext *current = llvm::CrashRecoveryContext::GetCurrent())
          current->HandleExit(1);
      },
      &fatal);
  std::string text, problem;
  bool finished = recovery.RunSafely([&] {
    llvm::Expected<std::string> code = emitCode(*copy, *machine, llvm::CodeGenFileType::AssemblyFile);
    if (code)
      text = std::move(*code);
    else
      problem = llvm::toString(code.takeError());
  });
  llvm::remove_fatal_error_handler();
  llvm::CrashRecoveryContext::Disable();
  if (!finished)
    return llvm::createStringError("LLVM has no code for " + chip + ": " + fatal);
  if (!problem.empty())
    return llvm::createStringError(problem);
  return "// linnet: LLVM module " + hash + "\n" + text;
}

namespace {
/// A file that is gone when the object is.
class TemporaryFile {
public:
  explicit TemporaryFile(StringRef suffix) {
    int descriptor;
    code = llvm::sys::fs::createTemporaryFile("linnet", suffix, descriptor, path);
    if (!code)
      llvm::sys::Process::SafelyCloseFileDescriptor(descriptor);
  }
  ~TemporaryFile() { llvm::sys::fs::remove(path); }

  llvm::SmallString<128> path;
  std::error_code code;
};
} // namespace

static llvm::Error runProgram(StringRef name, ArrayRef<StringRef> arguments, std::string *output) {
  llvm::ErrorOr<std::string> program = llvm::sys::findProgramByName(name);
  if (!program)
    return llvm::createStringError(
        "cannot find " + name +
        " on PATH; it is a part of the CUDA toolkit, and tools/setup installs it into .venv/bin");
  TemporaryFile log("log");
  if (log.code)
    return llvm::errorCodeToError(log.code);
  SmallVector<StringRef> line = {*program};
  llvm::append_range(line, arguments);
  std::optional<StringRef> redirects[] = {StringRef(""), StringRef(log.path), StringRef(log.path)};
  std::string error;
  int code = llvm::sys::ExecuteAndWait(*program, line, std::nullopt, redirects, 0, 0, &error);
  auto text = llvm::MemoryBuffer::getFile(log.path);
  std::string said = text ? (*text)->getBuffer().str() : std::string();
  if (code)
    return llvm::createStringError(name + " failed: " + (error.empty() ? StringRef(said).rtrim() : StringRef(error)));
  if (output)
    *output = said;
  return llvm::Error::success();
}

llvm::Expected<std::string> linnet::assemblePtx(StringRef ptx, StringRef chip, bool asFatbin, std::string *report) {
  TemporaryFile source("ptx"), cubin("cubin"), fatbin("fatbin");
  for (const TemporaryFile *file : {&source, &cubin, &fatbin})
    if (file->code)
      return llvm::errorCodeToError(file->code);
  {
    std::error_code code;
    llvm::raw_fd_ostream os(source.path, code);
    if (code)
      return llvm::errorCodeToError(code);
    os << ptx;
  }
  std::string arch = ("-arch=" + chip).str();
  if (llvm::Error error = runProgram("ptxas", {arch, "-O3", "-v", source.path, "-o", cubin.path}, report))
    return std::move(error);
  StringRef result = cubin.path;
  if (asFatbin) {
    StringRef number = chip.drop_front(3);
    std::string code = ("--image3=kind=elf,sm=" + number + ",file=" + cubin.path).str();
    std::string text = ("--image3=kind=ptx,sm=" + number + ",file=" + source.path).str();
    if (llvm::Error error = runProgram("fatbinary", {"-64", "--create", fatbin.path, code, text}, nullptr))
      return std::move(error);
    result = fatbin.path;
  }
  auto bytes = llvm::MemoryBuffer::getFile(result, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!bytes)
    return llvm::errorCodeToError(bytes.getError());
  return (*bytes)->getBuffer().str();
}

llvm::Expected<KernelImage> linnet::embedKernels(std::unique_ptr<llvm::Module> kernels, StringRef chip,
                                                 llvm::Module &host, const llvm::TargetMachine &machine) {
  KernelImage image;
  image.chip = chip.str();
  llvm::Expected<std::string> ptx = emitPtx(*kernels, chip);
  if (!ptx)
    return ptx.takeError();
  image.ptx = std::move(*ptx);
  image.hash = hashModule(*kernels);
  llvm::Expected<RetargetedModule> retargeted = retargetKernels(*kernels, machine);
  if (!retargeted)
    return retargeted.takeError();
  image.retargeted = std::move(*retargeted);
  if (llvm::Linker::linkModules(host, std::move(kernels)))
    return llvm::createStringError("cannot add the kernels to the library");
  return std::move(image);
}
