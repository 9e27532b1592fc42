//===- CheckModel.cpp - descriptions of model functions -------------------------===//
//
// Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/graph/CheckModel.h"

#include "compiler/Model.h"

#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace linnet;

namespace {

/// Checks the functions of one module against docs/spec/model-functions.md, and reports every fault.
class ModelChecker {
public:
  explicit ModelChecker(ModuleOp module) : module(module) {}

  LogicalResult run() {
    checkModule();
    for (auto function : module.getOps<func::FuncOp>())
      if (isModelFunction(function))
        checkFunction(function);
    return success(!anyFault);
  }

private:
  InFlightDiagnostic fault(Operation *op) {
    anyFault = true;
    return op->emitError();
  }

  /// Whether an attribute is absent or an array of strings.
  static bool isStringArray(Attribute attribute) {
    auto array = dyn_cast_or_null<ArrayAttr>(attribute);
    return !attribute || (array && llvm::all_of(array, llvm::IsaPred<StringAttr>));
  }

  void checkModule() {
    Attribute attribute = module->getAttr(kSymbolsAttrName);
    if (!isStringArray(attribute)) {
      fault(module) << "expected linnet.symbols of the module to be an array of strings, got " << attribute;
      return;
    }
    if (attribute)
      for (Attribute symbol : cast<ArrayAttr>(attribute))
        if (!symbols.insert(cast<StringAttr>(symbol).getValue()).second)
          fault(module) << "expected each symbol of the module once, got " << symbol << " twice";
    if (Attribute metadata = module->getAttr(kMetadataAttrName); metadata && !isa<StringAttr>(metadata))
      fault(module) << "expected linnet.metadata to be a string, got " << metadata;
  }

  void checkFunction(func::FuncOp function) {
    llvm::StringMap<unsigned> arguments, results;
    for (unsigned i = 0; i < function.getNumArguments(); ++i)
      if (checkValue(function, "argument", i, function.getArgumentTypes()[i], function.getArgAttrDict(i),
                     {kRoleInput, kRoleWeight, kRoleState, kRolePrepared}))
        checkUnique(function, "argument", i, getArgRole(function, i), getArgName(function, i), arguments);
    for (unsigned i = 0; i < function.getNumResults(); ++i) {
      StringRef role = getResultRole(function, i), name = getResultName(function, i);
      if (!checkValue(function, "result", i, function.getResultTypes()[i], function.getResultAttrDict(i),
                      {kRoleOutput, kRoleState, kRolePrepared}) ||
          !checkUnique(function, "result", i, role, name, results) || role != kRoleState)
        continue;
      auto argument = arguments.find((role + " " + name).str());
      if (argument == arguments.end())
        fault(function) << "expected the state " << name << ", result " << i << ", to be an argument too, got none";
      else if (function.getArgumentTypes()[argument->second] != function.getResultTypes()[i])
        fault(function) << "expected the state " << name << " to have one type, got "
                        << function.getArgumentTypes()[argument->second] << " as argument " << argument->second
                        << " and " << function.getResultTypes()[i] << " as result " << i;
    }
  }

  bool checkValue(func::FuncOp function, StringRef kind, unsigned index, Type type, DictionaryAttr attributes,
                  ArrayRef<StringRef> roles) {
    auto start = [&]() -> InFlightDiagnostic {
      InFlightDiagnostic diagnostic = fault(function);
      diagnostic << "expected " << kind << " " << index << " of " << function.getName() << " ";
      return diagnostic;
    };
    auto role = attributes ? attributes.getAs<StringAttr>(kRoleAttrName) : StringAttr();
    if (!role || !llvm::is_contained(roles, role.getValue())) {
      InFlightDiagnostic diagnostic = start() << "to have one of the roles ";
      llvm::interleave(roles, [&](StringRef name) { diagnostic << name; }, [&] { diagnostic << ", "; });
      diagnostic << " (linnet.role, docs/spec/model-functions.md), got ";
      if (role)
        diagnostic << role.getValue();
      else
        diagnostic << "none";
      return false;
    }
    auto name = attributes.getAs<StringAttr>(kNameAttrName);
    if (!name || name.empty()) {
      start() << "to have a name (linnet.name), got none";
      return false;
    }
    auto tensor = dyn_cast<RankedTensorType>(type);
    if (!tensor) {
      start() << "to be a ranked tensor, got " << type;
      return false;
    }
    Attribute symbolsOfValue = attributes.get(kSymbolsAttrName);
    auto array = dyn_cast_or_null<ArrayAttr>(symbolsOfValue);
    if (!isStringArray(symbolsOfValue) ||
        tensor.getNumDynamicDims() != static_cast<int64_t>(array ? array.size() : 0)) {
      InFlightDiagnostic diagnostic = start() << "to name its " << tensor.getNumDynamicDims()
                                              << " dynamic dimensions (linnet.symbols), got ";
      if (symbolsOfValue)
        diagnostic << symbolsOfValue;
      else
        diagnostic << "none";
      return false;
    }
    for (Attribute symbol : array ? array.getValue() : ArrayRef<Attribute>())
      if (!symbols.contains(cast<StringAttr>(symbol).getValue())) {
        start() << "to use symbols of the module, got " << symbol;
        return false;
      }
    if (role == kRoleWeight && !tensor.hasStaticShape()) {
      start() << "to have a static shape, as it is a weight, got " << type;
      return false;
    }
    return true;
  }

  bool checkUnique(func::FuncOp function, StringRef kind, unsigned index, StringRef role, StringRef name,
                   llvm::StringMap<unsigned> &known) {
    auto [it, inserted] = known.try_emplace((role + " " + name).str(), index);
    if (!inserted)
      fault(function) << "expected each " << role << " of " << function.getName() << " to have a name of its own, got "
                      << name << " for " << kind << "s " << it->second << " and " << index;
    return inserted;
  }

  ModuleOp module;
  llvm::StringSet<> symbols;
  bool anyFault = false;
};

} // namespace

LogicalResult linnet::checkModel(ModuleOp module) { return ModelChecker(module).run(); }
