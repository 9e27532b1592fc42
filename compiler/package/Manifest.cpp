//===- Manifest.cpp - what a compiled library says of itself --------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/package/Manifest.h"

#include "compiler/Model.h"
#include "compiler/package/Kernels.h"
#include "runtime/include/linnet/model.h"

#include "mlir/IR/Builders.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/Target/TargetMachine.h"

using namespace mlir;
using namespace linnet;

namespace {

std::optional<int32_t> getRole(StringRef role) {
  return llvm::StringSwitch<std::optional<int32_t>>(role)
      .Case(kRoleInput, LINNET_INPUT)
      .Case(kRoleWeight, LINNET_WEIGHT)
      .Case(kRoleStateIn, LINNET_STATE_IN)
      .Case(kRolePrepared, LINNET_PREPARED)
      .Case(kRoleOutput, LINNET_OUTPUT)
      .Case(kRoleStateOut, LINNET_STATE_OUT)
      .Default(std::nullopt);
}

std::optional<int32_t> getElementType(Type type) {
  if (type.isF32())
    return LINNET_F32;
  if (type.isF16())
    return LINNET_F16;
  if (type.isBF16())
    return LINNET_BF16;
  if (type.isF64())
    return LINNET_F64;
  if (isa<Float8E4M3FNType, Float8E5M2Type>(type))
    return LINNET_U8; // their patterns
  if (type.isInteger(8))
    return type.isUnsignedInteger() ? LINNET_U8 : LINNET_I8;
  if (type.isInteger(16))
    return type.isUnsignedInteger() ? LINNET_U16 : LINNET_I16;
  if (type.isInteger(32))
    return type.isUnsignedInteger() ? LINNET_U32 : LINNET_I32;
  if (type.isInteger(64))
    return type.isUnsignedInteger() ? LINNET_U64 : LINNET_I64;
  if (type.isInteger(1))
    return LINNET_BOOL;
  return std::nullopt;
}

/// Builds the nested constants. Field orders are those of model.h.
class ManifestBuilder {
public:
  ManifestBuilder(ModuleOp module, llvm::Module &llvmModule, const KernelImage *kernels)
      : module(module), llvmModule(llvmModule), kernels(kernels), context(llvmModule.getContext()) {}

  LogicalResult run();

private:
  llvm::Constant *i32(int64_t value) { return llvm::ConstantInt::getSigned(llvm::Type::getInt32Ty(context), value); }
  llvm::Constant *string(StringRef text) {
    llvm::Constant *&known = strings[text];
    if (!known)
      known = global(llvm::ConstantDataArray::getString(context, text), "linnet.string");
    return known;
  }
  llvm::Constant *global(llvm::Constant *value, const llvm::Twine &name) {
    auto *variable = new llvm::GlobalVariable(llvmModule, value->getType(), /*isConstant=*/true,
                                              llvm::GlobalValue::PrivateLinkage, value, name);
    variable->setUnnamedAddr(llvm::GlobalValue::UnnamedAddr::Global);
    return variable;
  }
  /// A constant array of structures, or a null pointer where it has no element.
  llvm::Constant *array(ArrayRef<llvm::Constant *> elements, const llvm::Twine &name) {
    if (elements.empty())
      return llvm::ConstantPointerNull::get(llvm::PointerType::get(context, 0));
    auto *type = llvm::ArrayType::get(elements.front()->getType(), elements.size());
    return global(llvm::ConstantArray::get(type, elements), name);
  }
  llvm::Constant *structure(ArrayRef<llvm::Constant *> fields) {
    return llvm::ConstantStruct::getAnon(context, fields);
  }

  FailureOr<llvm::Constant *> buildArgument(DictionaryAttr argument);
  FailureOr<llvm::Constant *> buildFunction(DictionaryAttr function);
  llvm::Constant *buildKernel(const RetargetedKernel &kernel);
  llvm::Constant *buildGpu();

  ModuleOp module;
  llvm::Module &llvmModule;
  const KernelImage *kernels;
  llvm::LLVMContext &context;
  llvm::StringMap<llvm::Constant *> strings;
};

FailureOr<llvm::Constant *> ManifestBuilder::buildArgument(DictionaryAttr argument) {
  StringRef name = argument.getAs<StringAttr>("name").getValue(), role = argument.getAs<StringAttr>("role").getValue();
  Type type = argument.getAs<TypeAttr>("type").getValue();
  ArrayRef<int64_t> shape = argument.getAs<DenseI64ArrayAttr>("shape").asArrayRef();
  std::optional<int32_t> roleValue = getRole(role), typeValue = getElementType(type);
  if (!roleValue)
    return module.emitError() << "expected the role of argument " << name
                              << " to be one of docs/spec/model-functions.md, got " << role;
  if (!typeValue)
    return module.emitError() << "argument " << name << " has elements of type " << type
                              << ", which the runtime does not know; see runtime/include/linnet/model.h";
  llvm::Constant *sizes =
      shape.empty() ? static_cast<llvm::Constant *>(llvm::ConstantPointerNull::get(llvm::PointerType::get(context, 0)))
                    : global(llvm::ConstantDataArray::get(
                                 context, llvm::ArrayRef<uint64_t>(reinterpret_cast<const uint64_t *>(shape.data()),
                                                                   shape.size())),
                             "linnet.shape");
  return structure({string(name), i32(*roleValue), i32(*typeValue), i32(shape.size()), i32(0), sizes});
}

FailureOr<llvm::Constant *> ManifestBuilder::buildFunction(DictionaryAttr function) {
  std::string name = function.getAs<StringAttr>("name").str();
  SmallVector<llvm::Constant *> arguments;
  for (Attribute argument : function.getAs<ArrayAttr>("arguments")) {
    FailureOr<llvm::Constant *> built = buildArgument(cast<DictionaryAttr>(argument));
    if (failed(built))
      return failure();
    arguments.push_back(*built);
  }
  return structure({string(name), i32(arguments.size()), i32(0), array(arguments, "linnet.arguments." + name),
                    llvmModule.getFunction("linnet_workspace_" + name), llvmModule.getFunction("linnet_run_" + name)});
}

llvm::Constant *ManifestBuilder::buildKernel(const RetargetedKernel &kernel) {
  SmallVector<llvm::Constant *> shared, bytes;
  for (const RetargetedKernel::Shared &buffer : kernel.shared)
    shared.push_back(structure({i32(buffer.offset), i32(buffer.bytes)}));
  for (int64_t size : kernel.parameterBytes)
    bytes.push_back(i32(size));
  return structure({string(kernel.name), i32(kernel.threads), i32(bytes.size()), i32(kernel.sharedBytes),
                    i32(shared.size()), array(shared, "linnet.shared"), array(bytes, "linnet.parameters"),
                    llvmModule.getFunction(kernel.function)});
}

llvm::Constant *ManifestBuilder::buildGpu() {
  if (!kernels)
    return llvm::ConstantPointerNull::get(llvm::PointerType::get(context, 0));
  SmallVector<llvm::Constant *> functions, sites;
  for (const RetargetedKernel &kernel : kernels->retargeted.kernels)
    functions.push_back(buildKernel(kernel));
  for (const RetargetedSite &site : kernels->retargeted.sites)
    sites.push_back(structure({string(site.what), string(site.where)}));
  llvm::GlobalVariable *table = llvmModule.getNamedGlobal(kernels->retargeted.table);
  table->setLinkage(llvm::GlobalValue::InternalLinkage);
  return global(structure({string(kernels->chip), string(kernels->hash), string(kernels->ptx), i32(functions.size()),
                           i32(sites.size()), array(functions, "linnet.kernels"), array(sites, "linnet.sites"), table}),
                "linnet.gpu");
}

LogicalResult ManifestBuilder::run() {
  for (llvm::Function &function : llvmModule)
    if (!function.isDeclaration())
      function.setLinkage(llvm::GlobalValue::InternalLinkage);
  SmallVector<llvm::Constant *> symbols, functions, ops;
  if (auto names = module->getAttrOfType<ArrayAttr>(kSymbolsAttrName))
    for (Attribute name : names)
      symbols.push_back(string(cast<StringAttr>(name).getValue()));
  if (auto descriptions = module->getAttrOfType<ArrayAttr>(kFunctionsAttrName))
    for (Attribute description : descriptions) {
      FailureOr<llvm::Constant *> built = buildFunction(cast<DictionaryAttr>(description));
      if (failed(built))
        return failure();
      functions.push_back(*built);
    }
  if (functions.empty())
    return module.emitError("expected at least one function with arguments of a role (linnet.role), got none; "
                            "docs/spec/model-functions.md says how they are described");
  if (auto names = module->getAttrOfType<ArrayAttr>(kOpsAttrName))
    for (Attribute op : names) {
      auto pair = cast<ArrayAttr>(op);
      ops.push_back(
          structure({string(cast<StringAttr>(pair[0]).getValue()), string(cast<StringAttr>(pair[1]).getValue())}));
    }
  auto metadata = module->getAttrOfType<StringAttr>(kMetadataAttrName);
  std::string target = llvmModule.getTargetTriple().str();
  if (auto cpu = module->getAttrOfType<StringAttr>("linnet.cpu"))
    target += " " + cpu.str();
  uint64_t bytes = sizeof(linnet_model_info);
  llvm::Constant *info =
      structure({i32(LINNET_ABI_VERSION), i32(bytes), string(module.getName().value_or("model")),
                 string("linnet " LINNET_VERSION), string(target), string(metadata ? metadata.getValue() : "{}"),
                 i32(symbols.size()), i32(functions.size()), i32(ops.size()), i32(0), array(symbols, "linnet.symbols"),
                 array(functions, "linnet.functions"), array(ops, "linnet.ops"), buildGpu()});
  llvm::Constant *infoAddress = global(info, "linnet.model");

  llvm::IRBuilder<> builder(context);
  auto *type = llvm::FunctionType::get(builder.getPtrTy(), {builder.getInt32Ty()}, false);
  auto *entry = llvm::Function::Create(type, llvm::GlobalValue::ExternalLinkage, LINNET_MODEL_ENTRY, llvmModule);
  builder.SetInsertPoint(llvm::BasicBlock::Create(context, "", entry));
  llvm::Value *supported = builder.CreateICmpEQ(entry->getArg(0), builder.getInt32(LINNET_ABI_VERSION));
  builder.CreateRet(builder.CreateSelect(supported, infoAddress, llvm::ConstantPointerNull::get(builder.getPtrTy())));
  return success();
}

/// A name as a C identifier in capitals.
std::string toMacro(StringRef name) {
  std::string macro;
  for (char c : name)
    macro += llvm::isAlnum(c) ? llvm::toUpper(c) : '_';
  return macro;
}

} // namespace

LogicalResult linnet::emitManifest(ModuleOp module, llvm::Module &llvmModule, const KernelImage *kernels) {
  return ManifestBuilder(module, llvmModule, kernels).run();
}

std::string linnet::printHeader(ModuleOp module) {
  std::string text;
  llvm::raw_string_ostream os(text);
  StringRef name = module.getName().value_or("model");
  std::string prefix = toMacro(name);
  auto symbols = module->getAttrOfType<ArrayAttr>(kSymbolsAttrName);
  os << "/* " << name << ": made by linnet " << LINNET_VERSION << ".\n"
     << " *\n"
     << " * Programs usually open the library with linnet_model_open() of <linnet/linnet.h>,\n"
     << " * which binds arguments by name. This header is for those that call it directly:\n"
     << " * linnet_model_entry(LINNET_ABI_VERSION) describes it, and the enums below are the\n"
     << " * places of the arguments in `buffers`.\n"
     << " */\n\n"
     << "#ifndef " << prefix << "_H\n#define " << prefix << "_H\n\n#include <linnet/model.h>\n\n"
     << "#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n"
     << "const linnet_model_info *linnet_model_entry(uint32_t abi_version);\n";
  if (symbols && !symbols.empty()) {
    os << "\n/* places in `symbols` */\nenum {\n";
    for (auto [i, symbol] : llvm::enumerate(symbols))
      os << "  " << prefix << "_SYMBOL_" << toMacro(cast<StringAttr>(symbol).getValue()) << " = " << i << ",\n";
    os << "};\n";
  }
  auto functions = module->getAttrOfType<ArrayAttr>(kFunctionsAttrName);
  for (auto [f, attribute] : llvm::enumerate(functions ? functions.getValue() : ArrayRef<Attribute>())) {
    auto function = cast<DictionaryAttr>(attribute);
    std::string functionMacro = prefix + "_" + toMacro(function.getAs<StringAttr>("name").getValue());
    os << "\n/* functions[" << f << "]: " << function.getAs<StringAttr>("name").getValue() << " */\nenum {\n"
       << "  " << functionMacro << "_INDEX = " << f << ",\n";
    for (auto [i, argumentAttribute] : llvm::enumerate(function.getAs<ArrayAttr>("arguments"))) {
      auto argument = cast<DictionaryAttr>(argumentAttribute);
      StringRef role = argument.getAs<StringAttr>("role").getValue();
      os << "  " << functionMacro << "_" << toMacro(role) << "_"
         << toMacro(argument.getAs<StringAttr>("name").getValue()) << " = " << i << ", /* "
         << argument.getAs<TypeAttr>("type").getValue() << " [";
      llvm::interleaveComma(argument.getAs<DenseI64ArrayAttr>("shape").asArrayRef(), os, [&](int64_t size) {
        if (size >= 0)
          os << size;
        else
          os << cast<StringAttr>(symbols[-1 - size]).getValue();
      });
      os << "] */\n";
    }
    os << "};\n";
  }
  os << "\n#ifdef __cplusplus\n}\n#endif\n\n#endif /* " << prefix << "_H */\n";
  return text;
}
