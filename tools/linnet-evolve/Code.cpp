//===- Code.cpp - machine code of a function on arrays --------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Code.h"

#include "compiler/Pipelines.h"
#include "compiler/package/Compile.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"

using namespace mlir;
using namespace linnet;
using namespace linnet::approximation;

static constexpr llvm::StringLiteral kName = "apply";

static MLIRContext &getContext() {
  static MLIRContext &context = []() -> MLIRContext & {
    DialectRegistry registry;
    registerCompilerDialects(registry);
    static MLIRContext context(registry, MLIRContext::Threading::DISABLED);
    context.loadAllAvailableDialects();
    return context;
  }();
  return context;
}

static void emitMark(ImplicitLocOpBuilder &b, llvm::StringRef text) {
  LLVM::InlineAsmOp::create(b, TypeRange(), ValueRange(), text, "", /*has_side_effects=*/true,
                            /*is_align_stack=*/false, LLVM::TailCallKind::None, nullptr, nullptr);
}

/// func @apply(x: pointer, y: pointer, count: i64)
static OwningOpRef<ModuleOp> buildLoop(EmitBody emit, int64_t lanes, bool marks) {
  MLIRContext &context = getContext();
  ImplicitLocOpBuilder b(UnknownLoc::get(&context), &context);
  OwningOpRef<ModuleOp> module = ModuleOp::create(b.getLoc());
  b.setInsertionPointToStart(module->getBody());
  auto pointer = LLVM::LLVMPointerType::get(&context);
  auto type = b.getFunctionType({pointer, pointer, b.getI64Type()}, {});
  auto function = func::FuncOp::create(b, kName, type);
  b.setInsertionPointToStart(function.addEntryBlock());
  auto constant = [&](int64_t value) -> Value { return arith::ConstantOp::create(b, b.getI64IntegerAttr(value)); };
  Value zero = constant(0), step = constant(lanes);
  auto loop = scf::ForOp::create(b, zero, function.getArgument(2), step);
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    auto vector = VectorType::get(lanes, b.getF32Type());
    auto place = [&](unsigned argument) -> Value {
      return LLVM::GEPOp::create(b, pointer, b.getF32Type(), function.getArgument(argument),
                                 ArrayRef<LLVM::GEPArg>{loop.getInductionVar()});
    };
    if (marks)
      emitMark(b, "# LLVM-MCA-BEGIN");
    Value x = LLVM::LoadOp::create(b, vector, place(0), /*alignment=*/64);
    LLVM::StoreOp::create(b, emit(b, b.getLoc(), x), place(1), /*alignment=*/64);
    if (marks)
      emitMark(b, "# LLVM-MCA-END");
  }
  func::ReturnOp::create(b);
  return module;
}

static llvm::Expected<std::unique_ptr<llvm::Module>> lower(ModuleOp module, llvm::LLVMContext &llvmContext,
                                                           llvm::TargetMachine &machine) {
  RewritePatternSet patterns(module.getContext());
  populateMathPolynomialApproximationPatterns(patterns);
  if (failed(applyPatternsGreedily(module, std::move(patterns))))
    return llvm::createStringError("MLIR's polynomials do not converge");
  PassManager pm(module.getContext());
  pm.addPass(createSCFToControlFlowPass());
  pm.addPass(createConvertVectorToLLVMPass());
  pm.addPass(createConvertMathToLLVMPass());
  pm.addPass(createConvertMathToLibmPass());
  pm.addPass(createArithToLLVMConversionPass());
  pm.addPass(createConvertFuncToLLVMPass());
  pm.addPass(createConvertControlFlowToLLVMPass());
  pm.addPass(createReconcileUnrealizedCastsPass());
  if (failed(pm.run(module)))
    return llvm::createStringError("a program cannot be lowered");
  std::unique_ptr<llvm::Module> result = translateModuleToLLVMIR(module, llvmContext);
  if (!result)
    return llvm::createStringError("a program cannot be translated to LLVM IR");
  result->setTargetTriple(machine.getTargetTriple());
  result->setDataLayout(machine.createDataLayout());
  for (llvm::Function &function : *result)
    function.addFnAttr("prefer-vector-width", "512");
  optimize(*result, machine);
  return result;
}

static llvm::Expected<std::string> compile(EmitBody emit, int64_t lanes, const TargetOptions &target,
                                           llvm::CodeGenFileType type) {
  std::string problem;
  std::unique_ptr<llvm::TargetMachine> machine = createTargetMachine(target, problem);
  if (!machine)
    return llvm::createStringError(problem);
  OwningOpRef<ModuleOp> module = buildLoop(emit, lanes, type == llvm::CodeGenFileType::AssemblyFile);
  llvm::LLVMContext context;
  llvm::Expected<std::unique_ptr<llvm::Module>> lowered = lower(*module, context, *machine);
  if (!lowered)
    return lowered.takeError();
  return emitCode(**lowered, *machine, type);
}

llvm::Expected<std::string> linnet::approximation::compileToAssembly(EmitBody emit, int64_t lanes,
                                                                     const TargetOptions &target) {
  return compile(emit, lanes, target, llvm::CodeGenFileType::AssemblyFile);
}

CompiledLoop::CompiledLoop(std::unique_ptr<llvm::orc::LLJIT> jit, Loop *loop) : jit(std::move(jit)), loop(loop) {}
CompiledLoop::CompiledLoop(CompiledLoop &&) = default;
CompiledLoop::~CompiledLoop() = default;

llvm::Expected<CompiledLoop> CompiledLoop::compile(EmitBody emit, int64_t lanes, const TargetOptions &target) {
  llvm::Expected<std::string> object = ::compile(emit, lanes, target, llvm::CodeGenFileType::ObjectFile);
  if (!object)
    return object.takeError();
  llvm::Expected<std::unique_ptr<llvm::orc::LLJIT>> jit = llvm::orc::LLJITBuilder().create();
  if (!jit)
    return jit.takeError();
  if (llvm::Error error = (*jit)->addObjectFile(llvm::MemoryBuffer::getMemBufferCopy(*object)))
    return std::move(error);
  llvm::Expected<llvm::orc::ExecutorAddr> address = (*jit)->lookup(kName);
  if (!address)
    return address.takeError();
  return CompiledLoop(std::move(*jit), address->toPtr<Loop *>());
}
