//===- Retarget.cpp - kernels as code of this machine ---------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/gpu/Retarget.h"

#include "runtime/include/linnet/simt.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/DebugInfo.h"
#include "llvm/IR/DebugInfoMetadata.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/ReplaceConstant.h"
#include "llvm/IR/Verifier.h"
#include "llvm/Support/SHA256.h"

using namespace linnet;
using namespace llvm;

static Align getAlignmentOf(Instruction &instruction) {
  if (auto *atomic = dyn_cast<AtomicRMWInst>(&instruction))
    return atomic->getAlign();
  return getLoadStoreAlignment(&instruction);
}

static constexpr unsigned kSharedAddressSpace = 3;
/// Bytes behind a shared buffer that belong to none.
static constexpr uint64_t kRedZone = 64;
static constexpr StringLiteral kPrefix = "llvm.nvvm.";

static const StringMap<uint32_t> &getIntrinsics() {
  static const StringMap<uint32_t> numbers = [] {
    StringMap<uint32_t> numbers;
#define LINNET_SIMT_INTRINSIC(name) numbers.try_emplace(#name, numbers.size());
#include "runtime/include/linnet/simt_intrinsics.def"
#undef LINNET_SIMT_INTRINSIC
    return numbers;
  }();
  return numbers;
}

std::string linnet::hashModule(const Module &module) {
  std::string text;
  raw_string_ostream stream(text);
  module.print(stream, nullptr);
  SHA256 hash;
  hash.update(text);
  return toHex(hash.final(), /*LowerCase=*/true).substr(0, 16);
}

namespace {
class Retargeter {
public:
  Retargeter(Module &module) : module(module), context(module.getContext()), builder(context) {}

  Expected<RetargetedModule> run(const TargetMachine &machine);

private:
  PointerType *pointer(unsigned space = 0) { return PointerType::get(context, space); }
  /// Calls field number `field` of the device's table.
  Value *callDevice(unsigned field, FunctionType *type, ArrayRef<Value *> arguments);
  uint32_t addSite(Instruction &instruction, const Twine &what);
  void placeShared(Function &kernel, RetargetedKernel &description);
  Error rewrite(ArrayRef<Instruction *> instructions);
  Error rewriteCall(CallBase &call);
  void announce(Instruction &instruction);
  void buildThread(Function &kernel, RetargetedKernel &description);

  Module &module;
  LLVMContext &context;
  IRBuilder<> builder;
  GlobalVariable *table = nullptr;
  RetargetedModule result;
};
} // namespace

Value *Retargeter::callDevice(unsigned field, FunctionType *type, ArrayRef<Value *> arguments) {
  Value *fields = builder.CreateLoad(pointer(), table);
  Value *place = builder.CreateConstInBoundsGEP1_32(pointer(), fields, field);
  return builder.CreateCall(type, builder.CreateLoad(pointer(), place), arguments);
}

uint32_t Retargeter::addSite(Instruction &instruction, const Twine &what) {
  std::string where = instruction.getFunction()->getName().str();
  if (const DILocation *location = instruction.getDebugLoc().get(); location && !location->getFilename().empty())
    where +=
        (" (" + location->getFilename() + ":" + Twine(location->getLine()) + ":" + Twine(location->getColumn()) + ")")
            .str();
  result.sites.push_back({what.str(), where});
  return result.sites.size() - 1;
}

/// Every shared buffer a kernel uses gets a place in the memory of a block: aligned exactly as it promises, and no
/// better, so that a promise that is too weak shows.
void Retargeter::placeShared(Function &kernel, RetargetedKernel &description) {
  const DataLayout &layout = module.getDataLayout();
  Value *base = nullptr;
  for (GlobalVariable &global : module.globals()) {
    if (global.getAddressSpace() != kSharedAddressSpace)
      continue;
    SmallVector<Use *> uses;
    for (Use &use : global.uses())
      if (auto *instruction = dyn_cast<Instruction>(use.getUser());
          instruction && instruction->getFunction() == &kernel)
        uses.push_back(&use);
    if (uses.empty())
      continue;
    builder.SetInsertPoint(&*kernel.getEntryBlock().getFirstInsertionPt());
    if (!base)
      base = callDevice(2, FunctionType::get(pointer(), false), {});
    else
      builder.SetInsertPoint(cast<Instruction>(base)->getNextNode());
    uint64_t alignment = std::max<uint64_t>(global.getAlign().valueOrOne().value(),
                                            layout.getABITypeAlign(global.getValueType()).value());
    uint64_t bytes = layout.getTypeAllocSize(global.getValueType());
    uint64_t offset = alignTo(description.sharedBytes, 2 * alignment) + alignment;
    description.sharedBytes = offset + bytes + kRedZone;
    description.shared.push_back({int64_t(offset), int64_t(bytes)});
    Value *place = builder.CreateConstInBoundsGEP1_64(builder.getInt8Ty(), base, offset);
    place = builder.CreateAddrSpaceCast(place, pointer(kSharedAddressSpace), global.getName());
    for (Use *use : uses)
      use->set(place);
  }
}

Error Retargeter::rewriteCall(CallBase &call) {
  if (call.isInlineAsm())
    return createStringError("kernel " + call.getFunction()->getName() + " has inline PTX, which only a GPU can run");
  Function *callee = call.getCalledFunction();
  if (!callee || !callee->getName().starts_with(kPrefix))
    return Error::success();
  std::string name = callee->getName().drop_front(kPrefix.size()).str();
  llvm::replace(name, '.', '_');
  auto found = getIntrinsics().find(name);
  if (found == getIntrinsics().end())
    return createStringError("kernel " + call.getFunction()->getName() + " uses " + callee->getName() +
                             ", which the simt device does not know (runtime/include/linnet/simt_intrinsics.def)");
  IRBuilder<> entry(&*call.getFunction()->getEntryBlock().getFirstInsertionPt());
  SmallVector<Type *> types;
  for (Value *argument : call.args())
    types.push_back(argument->getType());
  builder.SetInsertPoint(&call);
  Value *operands = ConstantPointerNull::get(pointer()), *place = operands;
  if (!types.empty()) {
    auto *type = StructType::get(context, types);
    operands = entry.CreateAlloca(type);
    for (auto [i, argument] : enumerate(call.args()))
      builder.CreateStore(argument, builder.CreateStructGEP(type, operands, i));
  }
  if (!call.getType()->isVoidTy())
    place = entry.CreateAlloca(call.getType());
  auto *type =
      FunctionType::get(builder.getVoidTy(), {builder.getInt32Ty(), pointer(), pointer(), builder.getInt32Ty()}, false);
  uint32_t site = addSite(call, callee->getName().drop_front(kPrefix.size()));
  callDevice(1, type, {builder.getInt32(found->second), operands, place, builder.getInt32(site)});
  if (!call.getType()->isVoidTy())
    call.replaceAllUsesWith(builder.CreateLoad(call.getType(), place));
  call.eraseFromParent();
  return Error::success();
}

void Retargeter::announce(Instruction &instruction) {
  Value *address = nullptr;
  Type *type = nullptr;
  uint32_t kind = LINNET_SIMT_LOAD;
  const char *what = "load";
  if (auto *load = dyn_cast<LoadInst>(&instruction)) {
    address = load->getPointerOperand(), type = load->getType();
  } else if (auto *store = dyn_cast<StoreInst>(&instruction)) {
    address = store->getPointerOperand(), type = store->getValueOperand()->getType();
    kind = LINNET_SIMT_STORE, what = "store";
  } else if (auto *atomic = dyn_cast<AtomicRMWInst>(&instruction)) {
    address = atomic->getPointerOperand(), type = atomic->getType();
    kind = LINNET_SIMT_ATOMIC, what = "atomic operation";
  }
  if (!address || isa<AllocaInst>(getUnderlyingObject(address)))
    return;
  // PTX moves no more at once than the alignment allows; that is what must hold.
  uint64_t bytes = module.getDataLayout().getTypeStoreSize(type);
  uint64_t alignment = std::min<uint64_t>(getAlignmentOf(instruction).value(), llvm::bit_floor(bytes));
  builder.SetInsertPoint(&instruction);
  builder.SetCurrentDebugLocation(DebugLoc());
  if (address->getType() != pointer())
    address = builder.CreateAddrSpaceCast(address, pointer());
  auto *callee = FunctionType::get(
      builder.getVoidTy(), {pointer(), builder.getInt32Ty(), builder.getInt32Ty(), builder.getInt32Ty()}, false);
  uint32_t site = addSite(instruction, Twine(what) + " of " + Twine(bytes) + " bytes");
  callDevice(0, callee,
             {address, builder.getInt32(bytes), builder.getInt32(kind | alignment << 8), builder.getInt32(site)});
}

Error Retargeter::rewrite(ArrayRef<Instruction *> instructions) {
  for (Instruction *instruction : instructions) {
    if (auto *call = dyn_cast<CallBase>(instruction)) {
      if (Error error = rewriteCall(*call))
        return error;
    } else {
      announce(*instruction);
    }
  }
  return Error::success();
}

/// simt.NAME(parameters): loads the parameters and runs the kernel.
void Retargeter::buildThread(Function &kernel, RetargetedKernel &description) {
  auto *type = FunctionType::get(builder.getVoidTy(), {pointer()}, false);
  description.function = "simt." + description.name;
  auto *thread = Function::Create(type, GlobalValue::ExternalLinkage, description.function, module);
  builder.SetInsertPoint(BasicBlock::Create(context, "", thread));
  builder.SetCurrentDebugLocation(DebugLoc());
  SmallVector<Value *> arguments;
  for (Argument &argument : kernel.args()) {
    Value *place = builder.CreateConstInBoundsGEP1_32(pointer(), thread->getArg(0), argument.getArgNo());
    arguments.push_back(builder.CreateLoad(argument.getType(), builder.CreateLoad(pointer(), place)));
    description.parameterBytes.push_back(module.getDataLayout().getTypeStoreSize(argument.getType()));
  }
  builder.CreateCall(&kernel, arguments);
  builder.CreateRetVoid();
}

Expected<RetargetedModule> Retargeter::run(const TargetMachine &machine) {
  module.setTargetTriple(machine.getTargetTriple());
  module.setDataLayout(machine.createDataLayout());
  SmallVector<Constant *> shared;
  for (GlobalVariable &global : module.globals())
    if (global.getAddressSpace() == kSharedAddressSpace)
      shared.push_back(&global);
  convertUsersOfConstantsToInstructions(shared);
  table = new GlobalVariable(module, pointer(), /*isConstant=*/false, GlobalValue::ExternalLinkage,
                             ConstantPointerNull::get(pointer()), "linnet.simt");
  result.table = table->getName().str();
  SmallVector<Function *> functions;
  for (Function &function : module)
    if (!function.isDeclaration())
      functions.push_back(&function);
  for (Function *function : functions) {
    bool isKernel = function->getCallingConv() == CallingConv::PTX_Kernel;
    function->setCallingConv(CallingConv::C);
    // Of a GPU, or no longer true: a barrier now is a call that changes memory.
    for (StringRef attribute : {"target-cpu", "target-features"})
      function->removeFnAttr(attribute);
    for (Attribute::AttrKind kind : {Attribute::Memory, Attribute::NoSync, Attribute::Convergent})
      function->removeFnAttr(kind);
    for (Argument &argument : function->args())
      for (Attribute::AttrKind kind :
           {Attribute::ReadOnly, Attribute::WriteOnly, Attribute::ReadNone, Attribute::Captures, Attribute::NoAlias})
        argument.removeAttr(kind);
    SmallVector<Instruction *> instructions;
    for (BasicBlock &block : *function)
      for (Instruction &instruction : block)
        instructions.push_back(&instruction);
    // First, or what is built upon a shared buffer would be a constant of its own.
    RetargetedKernel description;
    placeShared(*function, description);
    if (Error error = rewrite(instructions))
      return std::move(error);
    if (!isKernel)
      continue;
    description.name = function->getName().str();
    StringRef threads = function->getFnAttribute("nvvm.maxntid").getValueAsString();
    threads.split(',').first.getAsInteger(10, description.threads);
    buildThread(*function, description);
    function->setLinkage(GlobalValue::InternalLinkage);
    function->setName("kernel." + description.name);
    result.kernels.push_back(std::move(description));
  }
  for (Constant *global : shared)
    cast<GlobalVariable>(global)->eraseFromParent();
  StripDebugInfo(module);
  module.setModuleInlineAsm("");
  std::string problem;
  raw_string_ostream stream(problem);
  if (verifyModule(module, &stream))
    return createStringError("the kernels cannot run on this machine: " + problem);
  return std::move(result);
}

Expected<RetargetedModule> linnet::retargetKernels(Module &module, const TargetMachine &machine) {
  return Retargeter(module).run(machine);
}
